"""The screen of a heat pump: its cycles, its power, how often it starts; more of it behind OK (PNL-46)."""

from collections.abc import Callable
from typing import Final

from hems.language import said
from hems.language.words import digits, marked, t
from hems.panel import readings
from hems.panel.format import UNKNOWN, power, shortened
from hems.panel.keys import KeyEvent
from hems.panel.layout import LOOKING, Cell, Look, Spot, label, line
from hems.panel.screen import Rows, Screen, Taken


def _cycle_row(row: int, words: str, kind: str) -> tuple[Cell, ...]:
    return (
        label(row, words),
        Cell(row, 8, 3, readings.cycles(kind, "daily", 3), right=True),
        Cell(row, 12, 2, readings.cycles(kind, "2h", 2), right=True),
        Cell(row, 15, 6, readings.cycles(kind, "total", 6), right=True),
    )


def _name(look: Look) -> str:
    alone = len(look.view.installed.heat_pumps) == 1
    return t("Heat pump") if alone else shortened(look.subject, 10)


def _counter(look: Look, name: str) -> float | None:
    return look.view.counters.get(f"hp{look.view.installed.heat_pumps[look.subject]}.{name}")


def _power(look: Look) -> str:
    reading = look.view.snapshot.heat_pumps.get(look.subject)
    fresh = reading is not None and look.now.mono_s - reading.at_mono_s <= readings.STALE_S
    return power(reading.power_w if reading is not None and fresh else None)


def _starts_per_hour(look: Look) -> str:
    """Today's starts by the hours of the day so far; unknown in its first hour and without a clock."""
    starts = _counter(look, "compressor_start.daily")
    wall = look.now.wall
    hours = wall.hour + wall.minute / 60
    if starts is None or not look.now.trusted or hours < 1:
        return UNKNOWN
    return digits(f"{min(99.9, starts / hours):.1f}")


def _run_time(look: Look) -> str:
    seconds = _counter(look, "run_time_s.daily")
    return UNKNOWN if seconds is None else said.countdown(seconds)


def _cop(look: Look) -> str:
    cop = _counter(look, "cop.all.daily")
    return UNKNOWN if cop is None else digits(f"{min(99.9, cop):.1f}")


def _take(look: Look, _: KeyEvent) -> Taken:
    """OK turns the page there and back."""
    return Taken(LOOKING if look.spot.level else Spot(1))


def _titled(*rows: Cell) -> Rows:
    state: Callable[[Look], str] = readings.heat_pump_state
    return (
        Cell(0, 0, 10, _name),
        Cell(0, 11, 10, state, right=True),
        label(1, marked("today 2h  total"), column=6),
        *rows,
    )


MORE: Final = _titled(
    *_cycle_row(2, marked("Cool"), "cooling"),
    *_cycle_row(3, marked("Starts"), "compressor_start"),
    *line(4, marked("Ran today"), _run_time),
    *line(5, marked("COP today"), _cop),
)

HEAT_PUMP_SCREEN: Final = Screen(
    "heat_pump",
    lambda view: view.installed.heat_pumps,
    _titled(
        *_cycle_row(2, marked("Heat"), "heating"),
        *_cycle_row(3, marked("Water"), "hot_water"),
        *_cycle_row(4, marked("Defrost"), "defrost"),
        Cell(5, 0, 7, _power),
        Cell(5, 8, 8, lambda _: t("starts/h"), right=True),
        Cell(5, 16, 5, _starts_per_hour, right=True),
    ),
    keys=_take,
    inside=lambda look: MORE if look.spot.level else None,
)
