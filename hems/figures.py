"""`hems counters` and `hems sessions`: what the book holds, for people and for other programs.

The figures are those of the last record, with the windows that were open then; a service that runs keeps the
book at most 15 minutes behind, at a count at most 3.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from hems.core.periods import PERIODS
from hems.journal.change import plain
from hems.journal.documents import Understood, understood
from hems.journal.export import table_csv
from hems.journal.verify import read_documents
from hems.model.ledger import Counter, Ledger

NAME_WIDTH: Final = 32
"""The longest name of a counter without its owner, and a gap."""
Form = Literal["table", "json", "csv"]

TOTAL: Final = "total"
SPANS: Final = (
    TOTAL,
    *(name for period in PERIODS for name in (period.name, period.previous) if name),
)
HANDED_OVER: Final = frozenset(period.previous for period in PERIODS)
UNITS: Final = (
    (("energy", "grid_import", "grid_export", "grid_unpriced", "pv", "battery", "home"), "Wh"),
    (("grid_cost", "cost"), "µEUR"),
)
ENDINGS: Final = {"_s": "s", "_pct": "%"}
COP_PARTS: Final = ("heating", "hot_water", "cooling", "all")


@dataclass(frozen=True, slots=True)
class Line:
    """One counter with all its periods; `figures` by span, offsets applied."""

    name: str
    unit: str
    figures: Mapping[str, int | float | None]
    since: datetime | None = None
    offset: int = 0


def counters(data: Path, form: Form) -> str:
    """All counters of a book in one of the forms; `BookError` in words."""
    documents, _ = read_documents(data)
    known = understood(documents)
    lines = list(all_lines(known))
    match form:
        case "table":
            return "\n".join(_table(known, lines))
        case "json":
            return json.dumps(_json(known, lines), indent=1)
        case "csv":
            return _csv(lines)


def sessions(data: Path, form: Form) -> str:
    """The charging sessions of a book, oldest first."""
    documents, _ = read_documents(data)
    rows = plain({"sessions": documents.get("sessions", {})})["sessions"]
    entries = [rows[row] for row in sorted(rows, key=int)]
    match form:
        case "table":
            return "\n".join(_session_lines(entries))
        case "json":
            return json.dumps(entries, indent=1)
        case "csv":
            return table_csv(documents, "sessions").rstrip()


def all_lines(known: Understood) -> Iterator[Line]:
    """Every counter and every coefficient of performance, by owner and name."""
    offsets = known.settings.offsets if known.settings else {}
    ledger = known.ledger
    for name in sorted(ledger.counters, key=_order):
        counter = ledger.counters[name]
        offset = offsets.get(f"{name}.{TOTAL}", 0)
        figures = {span: _figure(counter, span, offset) for span in SPANS}
        yield Line(name, unit_of(name), figures, counter.since, offset)
        owner, _, rest = name.partition(".")
        kind, _, part = rest.partition(".")
        if kind == "energy_thermal" and part in COP_PARTS:
            yield _cop(owner, part, ledger)


def unit_of(name: str) -> str:
    """The unit of a counter by its name; empty for what is counted in pieces."""
    owner, what = name.split(".")[:2]
    if owner == "relay":
        return ""
    ending = next((unit for end, unit in ENDINGS.items() if what.endswith(end)), None)
    if ending is not None:
        return ending
    return next((unit for starts, unit in UNITS if what.startswith(starts)), "")


def _figure(counter: Counter, span: str, offset: int) -> int:
    if span == TOTAL:
        return counter.total + offset
    if span in HANDED_OVER:
        return counter.previous.get(span, 0)
    return counter.windows.get(span, 0) + counter.limbo


def _cop(owner: str, part: str, ledger: Ledger) -> Line:
    """Heat per electricity, raw, in every period; ``None`` while there is no electricity."""
    heat, power = (
        ledger.counters.get(f"{owner}.{kind}.{part}", Counter())
        for kind in ("energy_thermal", "energy_electrical")
    )
    figures = {
        span: round(_figure(heat, span, 0) / used, 2) if (used := _figure(power, span, 0)) > 0 else None
        for span in SPANS
    }
    return Line(f"{owner}.cop.{part}", "", figures)


def _order(name: str) -> tuple[str, int, str]:
    owner, _, rest = name.partition(".")
    kind = owner.rstrip("0123456789")
    return kind, int(owner[len(kind) :] or 0), rest


def _json(known: Understood, lines: Sequence[Line]) -> dict[str, object]:
    return {
        "as_of": _iso(known.meta.last_trusted),
        "keys": dict(known.ledger.keys),
        "counters": {f"{line.name}.{span}": value for line in lines for span, value in line.figures.items()},
        "attributes": {
            f"{line.name}.{TOTAL}": {
                "unit": line.unit,
                "since": _iso(line.since),
                "applied_offset": line.offset,
            }
            for line in lines
        },
    }


def _csv(lines: Sequence[Line]) -> str:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["counter", "unit", *SPANS, "since", "applied_offset"])
    for line in lines:
        values = (line.figures[span] for span in SPANS)
        table.writerow([line.name, line.unit, *values, _iso(line.since), line.offset])
    return text.getvalue().rstrip()


def _table(known: Understood, lines: Sequence[Line]) -> Iterator[str]:
    yield f"as of {_minute(known.meta.last_trusted)}"
    windows = [f"{name} {known.ledger.keys[name]}" for name in SPANS if name in known.ledger.keys]
    yield "open windows: " + (", ".join(windows) or "none yet")
    owner = ""
    for line in lines:
        of, _, rest = line.name.partition(".")
        if of != owner:
            owner = of
            yield ""
            yield f"{owner:{NAME_WIDTH + 2}}" + "".join(f"{span:>12}" for span in SPANS) + "  unit  since"
        values = "".join(f"{_number(line.figures[span]):>12}" for span in SPANS)
        offset = f" (offset {line.offset:+d})" if line.offset else ""
        since = f"{line.since:%Y-%m-%d}" if line.since else ""
        yield f"  {rest:{NAME_WIDTH}}{values}  {line.unit:4}  {since}{offset}".rstrip()


def _session_lines(entries: Sequence[Mapping[str, object]]) -> Iterator[str]:
    columns = ("start", "end", "charger", "energy_wh", "solar_wh", "cost_ueur", "reason")
    yield "".join(f"{name:>{_width(name)}}" for name in columns)
    for entry in entries:
        yield "".join(f"{_cell(entry.get(name)):>{_width(name)}}" for name in columns)
    yield f"{len(entries)} sessions"


def _width(name: str) -> int:
    return 22 if name in ("start", "end") else 12


def _cell(value: object) -> str:
    if isinstance(value, str) and "T" in value:
        return value[:16].replace("T", " ")
    return "-" if value is None else str(value)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,}"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _minute(at: datetime | None) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M %Z}" if at else "an unknown time: the clock was never set"
