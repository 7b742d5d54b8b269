"""Rows of the energy log: mean powers of a slot of time, and the totals at its end. Pure.

Powers and totals are keyed by who they belong to, as counters are: ``site.grid``, ``site.grid_import``,
``ev1``, ``hp1.energy``. A slot is a minute or a quarter of an hour of the wall clock, and a row is stamped
with its end. What was unknown for half of the slot is absent, and a slot without any known power has no row:
missing is missing, never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Raw, ValidationError, convert, json

from hems.journal.change import Fields, encode
from hems.model.instant import Instant
from hems.model.view import View

MINUTE_S: Final = 60
QUARTER_S: Final = 900

HELD_S: Final = 12.0
"""How long the powers of one cycle hold if no other follows: as long as a reading counts as fresh."""

ID_DIGITS_MAX: Final = 8
"""Greater ids lie beyond any calendar."""

TOTAL: Final = ".all.total"


@dataclass(frozen=True, slots=True)
class Row:
    """A slot that ended at `end_s`, seconds since 1970; unknown powers and totals are absent."""

    end_s: int
    mean_w: Mapping[str, int]
    totals_wh: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Means:
    """A row's document without its name and time."""

    mean_w: Mapping[str, int]
    totals_wh: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Slot:
    """An open slot: W·s and seconds of each known power; the last cycle's powers and counters."""

    length_s: int
    end_s: int = 0
    known: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    mono_s: float = 0.0
    powers_w: Mapping[str, float | None] = field(default_factory=dict)
    counters: Mapping[str, int | float | None] = field(default_factory=dict)


def powers_of(view: View) -> dict[str, float | None]:
    """The powers of a page by their owner; ``None`` = unknown."""
    shown, installed = view.balance, view.installed
    return {
        "site.grid": shown.grid_w,
        "site.pv": shown.pv_w,
        "site.battery": shown.battery_w,
        "site.ev": shown.ev_w,
        "site.heat_pump": shown.heat_pump_w,
        "site.home": shown.home_w,
        **{f"ev{row.number}": shown.things_w.get(name) for name, row in installed.chargers.items()},
        **{f"hp{number}": shown.things_w.get(name) for name, number in installed.heat_pumps.items()},
    }


def totals_of(counters: Mapping[str, int | float | None]) -> dict[str, int]:
    """The energy totals among the counters of a page, in Wh."""
    return {
        name.removesuffix(TOTAL): round(value)
        for name, value in counters.items()
        if value is not None and name.endswith(TOTAL)
    }


def fold(
    slot: Slot,
    powers_w: Mapping[str, float | None],
    counters: Mapping[str, int | float | None],
    now: Instant,
) -> tuple[Slot, Row | None]:
    """One cycle more; the row of the slot that has ended with it, if it has one.

    Powers hold from their cycle to the next one. What an untrusted clock saw belongs to no slot.
    """
    if not now.trusted:
        return Slot(slot.length_s), None
    end_s = (int(now.wall.timestamp()) // slot.length_s + 1) * slot.length_s
    slot = _held(slot, now.mono_s)
    row = None
    if end_s != slot.end_s:
        row = _closed(slot)
        slot = Slot(slot.length_s, end_s)
    return replace(slot, mono_s=now.mono_s, powers_w=powers_w, counters=counters), row


def document(row: Row) -> Fields:
    """A row as it lies in the book."""
    name = datetime.fromtimestamp(row.end_s, UTC).isoformat()
    return {"name": encode(name), "mean_w": encode(row.mean_w), "totals_wh": encode(row.totals_wh)}


def row_id(end_s: int) -> str:
    """The id of a quarter of an hour's document."""
    return str(end_s // QUARTER_S)


def end_of(name: str) -> int | None:
    """The end of the quarter of an hour with this id in seconds since 1970, ``None`` for a foreign id."""
    return int(name) * QUARTER_S if name.isdecimal() and len(name) <= ID_DIGITS_MAX else None


def row_of(name: str, fields: Mapping[str, Raw]) -> Row | None:
    """The row that a document holds, ``None`` if it holds none."""
    end_s = end_of(name)
    try:
        means = convert({key: json.decode(value) for key, value in fields.items()}, Means)
    except ValidationError:
        return None
    return None if end_s is None else Row(end_s, means.mean_w, means.totals_wh)


def day_of(end_s: int, now: datetime) -> int:
    """The ordinal of the calendar day in which a slot lies, in the zone of `now`."""
    return (datetime.fromtimestamp(end_s, now.tzinfo) - timedelta(seconds=1)).toordinal()


def _held(slot: Slot, mono_s: float) -> Slot:
    """The slot with the last cycle's powers for the time that has passed since."""
    elapsed_s = min(mono_s - slot.mono_s, HELD_S)
    if elapsed_s <= 0.0 or not slot.powers_w:
        return slot
    known = dict(slot.known)
    for name, power_w in slot.powers_w.items():
        if power_w is not None:
            watt_s, seconds = known.get(name, (0.0, 0.0))
            known[name] = (watt_s + power_w * elapsed_s, seconds + elapsed_s)
    return replace(slot, known=known)


def _closed(slot: Slot) -> Row | None:
    mean_w = {
        name: round(watt_s / seconds)
        for name, (watt_s, seconds) in slot.known.items()
        if 2 * seconds >= slot.length_s
    }
    return Row(slot.end_s, mean_w, totals_of(slot.counters)) if mean_w else None
