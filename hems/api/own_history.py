"""What has happened, from the lists of the memory: sessions of cars, and events (API-110).

Entries keep their numbers as long as they are kept, so that a client can ask for what came after one.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any, Final

from hems.api.own_view import figure
from hems.api.rows import Params, Result
from hems.model.intents import Refusal
from hems.model.ledger import Event
from hems.model.runs import Session
from hems.model.view import View

USUAL: Final = 50
MOST: Final = 500
EVIDENCE: Final = "evidence"
"""The kind under which the grid operator's limits are listed, with numbers of their own."""

Entry = Mapping[str, Any]
Lists = Mapping[str, Sequence[Entry]]


def span(params: Params, zone: tzinfo | None) -> tuple[datetime | None, datetime | None] | Refusal:
    """From when to when: ISO times, or whole local days."""
    found: list[datetime | None] = []
    for name, days in (("from", 0), ("to", 1)):
        told = params.get(name, "")
        try:
            found.append(_moment(told, zone, days) if told else None)
        except (ValueError, OverflowError):
            return Refusal("bad_value", "{name} is a date as 2026-07-01, or a time", {"name": name})
    return found[0], found[1]


def _moment(told: str, zone: tzinfo | None, days: int) -> datetime:
    """A date is its first instant, or the one after its last; a time without an offset is the site's."""
    if "T" not in told and " " not in told:
        return datetime.combine(date.fromisoformat(told) + timedelta(days=days), time(), zone)
    found = datetime.fromisoformat(told)
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def limit(params: Params) -> int | Refusal:
    """How many entries at most."""
    wanted = int(params.get("limit", USUAL))
    if 1 <= wanted <= MOST:
        return wanted
    return Refusal("bad_value", "limit is 1 to {most}", {"most": MOST})


def sessions(view: View, entries: Sequence[Entry], params: Params) -> list[Result] | Refusal:
    """Sessions, the newest first, the open ones before all others."""
    most, within = limit(params), span(params, view.now.wall.tzinfo)
    if isinstance(most, Refusal):
        return most
    if isinstance(within, Refusal):
        return within
    wanted = params.get("charger", "")
    if wanted and wanted not in view.installed.chargers:
        return Refusal("unknown_name", "there is no charger {value}", {"value": repr(wanted[:32])})
    names = {row.number: name for name, row in view.installed.chargers.items()}
    told = (
        row
        for row in _all_sessions(view, entries, names)
        if wanted in ("", row["charger"]) and _began(row["start"], within)
    )
    return list(islice(told, most))


def _all_sessions(view: View, entries: Sequence[Entry], names: Mapping[int, str]) -> Iterator[Result]:
    still = [session for owner, session in view.sessions.items() if "." not in owner]
    for session in sorted(still, key=_start, reverse=True):
        yield _open(session, names)
    for entry in reversed(entries):
        yield {
            "charger": names.get(_number(entry.get("charger")), f"ev{_number(entry.get('charger'))}"),
            "vehicle": entry.get("vehicle") or None,
            **{name: entry.get(name) for name in ("start", "end", "energy_wh", "solar_wh", "cost_ueur")},
            "power_max_w": figure(entry.get("power_max_w"), 1),
            "mode": entry.get("mode") or None,
            "open": False,
        }


def _open(session: Session, names: Mapping[int, str]) -> Result:
    return {
        "charger": names.get(session.charger, f"ev{session.charger}"),
        "vehicle": session.vehicle or None,
        "start": session.start.isoformat() if session.start else None,
        "end": None,
        "energy_wh": session.energy_wh,
        "solar_wh": session.solar_wh,
        "cost_ueur": session.cost_ueur,
        "power_max_w": figure(session.power_max_w, 1),
        "mode": session.mode or None,
        "open": True,
    }


def _number(told: object) -> int:
    """A charger's number, also from its key ``ev1``."""
    text = str(told).removeprefix("ev")
    return int(text) if text.isdecimal() else 0


def _start(session: Session) -> float:
    return session.start.timestamp() if session.start else 0.0


def _began(start: object, within: tuple[datetime | None, datetime | None]) -> bool:
    """Whether something began within a span; what has no time did so only where none is asked for."""
    begins, ends = within
    if begins is None and ends is None:
        return True
    if not isinstance(start, str):
        return False
    at = datetime.fromisoformat(start)
    return (begins is None or at >= begins) and (ends is None or at < ends)


def events(entries: Sequence[Entry], params: Params) -> list[Result] | Refusal:
    """Events in order: those after a number, else the newest."""
    most = limit(params)
    if isinstance(most, Refusal):
        return most
    kind, after = params.get("kind", ""), params.get("after")
    if after is None:
        found = (entry for entry in reversed(entries) if _is(entry, kind))
        return [recorded(entry) for entry in islice(found, most)][::-1]
    later = (entry for entry in entries if entry["seq"] > after and _is(entry, kind))
    return [recorded(entry) for entry in islice(later, most)]


def _is(entry: Entry, kind: str) -> bool:
    return kind in ("", EVIDENCE, entry.get("kind"))


_FRAME: Final = frozenset({"seq", "time", "from", "kind", "key", "figures", "software"})


def recorded(entry: Entry) -> Result:
    """An entry of the lists as an event; evidence has its figures beside its times."""
    beside = {name: value for name, value in entry.items() if name not in _FRAME}
    return _event(
        seq=entry["seq"],
        time=entry.get("time") or entry.get("from"),
        kind=entry.get("kind", EVIDENCE),
        name=str(entry.get("key", "")),
        figures={**(entry.get("figures") or {}), **beside},
    )


def happened(event: Event) -> Result:
    """An event that has just happened; it has no number before it is in the lists."""
    at = event.at.isoformat() if event.at else None
    return _event(time=at, kind=event.kind, name=event.key, figures=dict(event.figures))


def _event(*, figures: Mapping[str, Any], **frame: Any) -> Result:
    told = {name: figure(value) if isinstance(value, float) else value for name, value in figures.items()}
    words = told.get("words")
    text = words if isinstance(words, str) else f"{frame['kind'].replace('_', ' ')} {frame['name']}".strip()
    return {**frame, "text": text, "figures": told}
