"""Rings: bounded tables of entries, and what of the events becomes an entry. Pure.

An entry rides in the same record as the counters that changed with it. The oldest is dropped when a ring is
full; only evidence that is younger than two years waits until it has been copied out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from msgspec import json

from hems.journal.change import Documents, Fields, encode
from hems.model.ledger import Event


@dataclass(frozen=True, slots=True)
class Ring:
    """How many entries a table keeps: altogether, or for each value of the field `per`."""

    bound: int
    per: str = ""


RINGS: Final[Mapping[str, Ring]] = {
    "sessions": Ring(500),
    "runs": Ring(200, per="pump"),
    "events": Ring(1_000),
    "evidence": Ring(2_048),
}

ENTRY_BYTES_MAX: Final = 4_096
EVIDENCE_KEPT: Final = timedelta(days=731)
EVIDENCE_NEARLY_FULL: Final = 0.9
EVIDENCE_OVER: Final = 64
"""Evidence may exceed its ring by so many entries while they cannot be copied out."""

UNTOLD: Final = frozenset({"counted", "rolled", "glitch", "session_began"})
"""Kinds of events that leave no entry: the counters tell them."""


def entered(
    documents: Documents, events: Iterable[Event], software: str, refused: list[str] | None = None
) -> Documents:
    """The documents with the entries of the events; the same documents if there are none.

    What is too large or not a finite number is left out and named in `refused`.
    """
    for event in events:
        try:
            documents = _ENTER.get(event.kind, _noticed)(documents, event, software)
        except (ValueError, TypeError, OverflowError) as error:
            if refused is not None:
                refused.append(f"{event.kind} of {event.key}: {error}")
    return documents


def beyond(documents: Documents, wall: datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids of evidence beyond its ring, oldest first: those that may go, and those to be copied out first."""
    table = documents.get("evidence", {})
    ids = sorted(table, key=_number)[: max(0, len(table) - RINGS["evidence"].bound)]
    may_go = tuple(row for row in ids if _begun(table[row]) < wall - EVIDENCE_KEPT)
    return may_go, tuple(row for row in ids if row not in may_go)


def without(documents: Documents, table: str, ids: Iterable[str]) -> Documents:
    """The documents without some entries."""
    gone = frozenset(ids)
    rows = {row: fields for row, fields in documents.get(table, {}).items() if row not in gone}
    return {**documents, table: rows}


def nearly_full(documents: Documents) -> bool:
    """Whether the evidence should be copied by a person soon."""
    return len(documents.get("evidence", {})) >= EVIDENCE_NEARLY_FULL * RINGS["evidence"].bound


def open_alarms(documents: Documents) -> frozenset[str]:
    """Keys of alarms that have no clearing time yet."""
    return frozenset(
        str(json.decode(fields["key"]))
        for fields in documents.get("events", {}).values()
        if fields.get("kind") == _RAISED and "cleared" not in fields and "key" in fields
    )


def recording(documents: Documents) -> bool:
    """Whether some evidence has no end yet."""
    return any("to" not in fields for fields in documents.get("evidence", {}).values())


def last_kind(documents: Documents, kinds: frozenset[str]) -> str | None:
    """The kind of the newest event that is one of these."""
    for fields in reversed(documents.get("events", {}).values()):
        kind = str(json.decode(fields.get("kind", b"null")))
        if kind in kinds:
            return kind
    return None


def _nothing(documents: Documents, event: Event, software: str) -> Documents:
    return documents


def _ended(table: str, owner: str) -> "Enter":
    """A whole run or session; an end without figures leaves nothing."""

    def enter(documents: Documents, event: Event, software: str) -> Documents:
        if not event.figures:
            return documents
        return _appended(documents, table, {owner: event.key.partition(".")[0], **event.figures})

    return enter


def _noticed(documents: Documents, event: Event, software: str) -> Documents:
    entry = {
        "seq": int(_next_id(documents.get("events", {}))),
        "time": _time(event.at),
        "kind": event.kind,
        "key": event.key,
        "figures": dict(event.figures),
        "software": software,
    }
    return _appended(documents, "events", entry)


def _alarm_cleared(documents: Documents, event: Event, software: str) -> Documents:
    """The alarm keeps its clearing time; one that was dropped meanwhile leaves an event of its own."""
    wanted = {"kind": _RAISED, "key": encode(event.key)}
    closed = _closed(documents, "events", wanted, {"cleared": _time(event.at)})
    return _noticed(documents, event, software) if closed is None else closed


def _evidence_began(documents: Documents, event: Event, software: str) -> Documents:
    entry = {"key": event.key, "from": _time(event.at), **event.figures}
    return _appended(documents, "evidence", entry)


def _evidence_ended(documents: Documents, event: Event, software: str) -> Documents:
    """The entry gets its end; an end without figures ends only what a former run left open."""
    ending = {"to": _time(event.at), **event.figures}
    closed = _closed(documents, "evidence", {"key": encode(event.key)}, ending)
    if closed is None and event.figures:
        return _appended(documents, "evidence", {"key": event.key, **ending})
    return documents if closed is None else closed


Enter = Callable[[Documents, Event, str], Documents]
_RAISED: Final = encode("alarm_raised")
_ENTER: Final[Mapping[str, Enter]] = {
    **dict.fromkeys(UNTOLD, _nothing),
    "run_ended": _ended("runs", "pump"),
    "session_ended": _ended("sessions", "charger"),
    "alarm_cleared": _alarm_cleared,
    "evidence_began": _evidence_began,
    "evidence_ended": _evidence_ended,
}


def _appended(documents: Documents, table: str, entry: Mapping[str, object]) -> Documents:
    rows = documents.get(table, {})
    fields = _checked({name: encode(value) for name, value in entry.items()})
    rows = {**rows, _next_id(rows): fields}
    ring = RINGS[table]
    alike = [row for row, other in rows.items() if not ring.per or other.get(ring.per) == fields[ring.per]]
    bound = ring.bound + (EVIDENCE_OVER if table == "evidence" else 0)
    for row in sorted(alike, key=_number)[: max(0, len(alike) - bound)]:
        del rows[row]
    return {**documents, table: rows}


def _closed(
    documents: Documents, table: str, wanted: Mapping[str, bytes], ending: Mapping[str, object]
) -> Documents | None:
    """The newest entry with these fields that has no end yet, ended; ``None`` if there is none."""
    rows = documents.get(table, {})
    closing = {name: encode(value) for name, value in ending.items()}
    end = next(iter(closing))
    for row in reversed(rows):
        fields = rows[row]
        if end not in fields and all(fields.get(name) == value for name, value in wanted.items()):
            return {**documents, table: {**rows, row: _checked({**fields, **closing})}}
    return None


def _checked(fields: Fields) -> Fields:
    size = sum(len(name) + len(value) for name, value in fields.items())
    if size > ENTRY_BYTES_MAX:
        raise ValueError(f"{size} bytes are more than an entry may have")
    return fields


def _next_id(rows: Mapping[str, Fields]) -> str:
    return str(max(map(_number, rows), default=0) + 1)


def _number(row: str) -> int:
    return int(row) if row.isdecimal() else 0


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _begun(fields: Fields) -> datetime:
    """When evidence began; one that does not say it is as young as can be."""
    try:
        begun = datetime.fromisoformat(str(json.decode(fields["from"])))
        return begun if begun.tzinfo else _YOUNG
    except (KeyError, ValueError):
        return _YOUNG


_YOUNG: Final = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
