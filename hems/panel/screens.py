"""The screens as rows of data; their order is the order of up and down, home first.

A screen exists once for each of its subjects: a charger, a heat pump, three devices of a serial line. A house
without subjects does not have the screen.
"""

from collections.abc import Callable
from typing import Final

from hems.language.words import marked, t
from hems.model.view import View
from hems.panel import planned, readings
from hems.panel.alarm_screen import ALARM_SCREEN
from hems.panel.appliance_screens import (
    ABOUT_SCREEN,
    MEMORY_SCREEN,
    NETWORK_SCREEN,
    SEARCH_SCREEN,
    VERSION_SCREEN,
)
from hems.panel.browser import COUNTERS_SCREEN
from hems.panel.bus_screen import BUS_SCREEN
from hems.panel.face import Type
from hems.panel.format import UNKNOWN, date, shortened, time_of_day
from hems.panel.house_screens import BATTERY_SCREEN, LINES_SCREEN
from hems.panel.keys import KeyEvent
from hems.panel.layout import COLUMNS, Cell, Look, Spot, label, line
from hems.panel.plan_screen import PLAN_SCREEN
from hems.panel.proofs_screen import PROOFS_SCREEN
from hems.panel.pump_screen import HEAT_PUMP_SCREEN
from hems.panel.screen import Place, Rows, Screen, Taken, everyone

HOME: Final = "home"
SETTINGS: Final = "settings"


def _next_source(look: Look, _: KeyEvent) -> Taken:
    keys = [source.key for source in readings.sources(look.view)]
    return Taken(Spot(cursor=keys[(keys.index(readings.shown(look).key) + 1) % len(keys)]))


LARGE: Final[Rows] = (
    label(0, marked("Home")),
    Cell(0, 9, 12, lambda look: time_of_day(look.now), right=True),
    Cell(2, 0, 16, readings.source_word, Type.WORD),
    Cell(1, 13, 8, readings.grid_age, right=True),
    Cell(2, 15, 6, readings.source_direction, right=True),
    Cell(5, 0, 13, readings.source_figure, Type.FIGURE, right=True),
    Cell(5, 14, 7, readings.source_unit, Type.WORD),
)
"""One value alone, as large as it goes (PNL-84)."""

HOME_SCREEN: Final = Screen(
    HOME,
    everyone,
    (
        label(0, marked("Home")),
        Cell(0, 9, 12, lambda look: time_of_day(look.now), right=True),
        Cell(3, 0, 10, readings.source_figure, Type.FIGURE, right=True),
        Cell(3, 10, 2, readings.source_unit),
        Cell(1, 13, 8, readings.source_word, right=True),
        Cell(2, 13, 8, readings.source_direction, right=True),
        Cell(3, 13, 8, readings.grid_age, right=True),
        Cell(4, 0, 10, readings.small_power(0, 9)),
        Cell(4, 11, 10, readings.small_power(1, 10)),
        Cell(5, 0, 10, readings.small_power(2, 9)),
        Cell(5, 11, 10, readings.tightest_line, right=True),
    ),
    keys=_next_source,
    inside=lambda look: LARGE if look.view.settings.panel.large else None,
)


def _number(look: Look) -> str:
    """Which of all chargers it is."""
    names = tuple(look.view.installed.chargers)
    return f"{names.index(look.subject) + 1}/{len(names)}" if len(names) > 1 else ""


CAR_SCREEN: Final = Screen(
    "car",
    lambda view: view.installed.chargers,
    (
        Cell(0, 0, 13, lambda look: shortened(look.subject, 9 if _number(look) else 13)),
        Cell(0, 10, 3, _number),
        Cell(0, 14, 7, readings.car_mode, right=True),
        Cell(3, 0, 6, readings.set_current(whole=True), Type.FIGURE, right=True),
        Cell(3, 0, 6, readings.set_current(whole=False), Type.NUMBER, right=True),
        label(3, "A", column=7),
        Cell(1, 7, 14, planned.car_goal, right=True),
        Cell(3, 9, 12, readings.car_word, Type.WORD, right=True),
        Cell(4, 0, COLUMNS, planned.car_piece),
        Cell(4, 0, 7, planned.unless_waiting(readings.car_power)),
        Cell(4, 8, 7, planned.unless_waiting(readings.car_today), right=True),
        Cell(4, 16, 5, planned.unless_waiting(readings.car_time), right=True),
        Cell(5, 0, COLUMNS, readings.car_reason),
    ),
)


def _where(there: Callable[[View], bool], value: Callable[[Look], str]) -> Callable[[Look], str]:
    """A value that only some houses have."""
    return lambda look: value(look) if there(look.view) else ""


def _has_pv(view: View) -> bool:
    return view.installed.pv


def _has_cars(view: View) -> bool:
    return bool(view.installed.chargers)


def _solar_share(look: Look) -> str:
    """How much of what the cars had today was the sun's."""
    numbers = [charger.number for charger in look.view.installed.chargers.values()]
    sums_wh = []
    for part in ("solar", "all"):
        parts_wh = [look.view.counters.get(f"ev{number}.energy.{part}.daily") for number in numbers]
        sums_wh.append(None if None in parts_wh else sum(wh for wh in parts_wh if wh is not None))
    solar_wh, all_wh = sums_wh
    return f"{100 * solar_wh / all_wh:.0f} %" if solar_wh is not None and all_wh else UNKNOWN


ENERGY_SCREEN: Final = Screen(
    "energy",
    everyone,
    (
        label(0, marked("Today")),
        Cell(0, 14, 7, lambda look: date(look.now), right=True),
        *line(1, marked("Bought"), readings.today("grid_import")),
        *line(2, marked("Sold"), readings.today("grid_export")),
        Cell(3, 0, 10, _where(_has_pv, lambda _: t("Solar"))),
        Cell(3, 10, 11, _where(_has_pv, readings.today("pv")), right=True),
        Cell(4, 0, 10, _where(_has_cars, lambda _: t("Cars"))),
        Cell(4, 10, 11, _where(_has_cars, readings.cars_today), right=True),
        Cell(5, 0, 15, _where(_has_cars, lambda _: t("  of it solar"))),
        Cell(5, 15, 6, _where(_has_cars, _solar_share), right=True),
    ),
)

SCREENS: Final = (
    HOME_SCREEN,
    CAR_SCREEN,
    PLAN_SCREEN,
    ENERGY_SCREEN,
    HEAT_PUMP_SCREEN,
    COUNTERS_SCREEN,
    LINES_SCREEN,
    ALARM_SCREEN,
    BATTERY_SCREEN,
    BUS_SCREEN,
    SEARCH_SCREEN,
    PROOFS_SCREEN,
    MEMORY_SCREEN,
    NETWORK_SCREEN,
    VERSION_SCREEN,
    ABOUT_SCREEN,
)
"""In the order of up and down."""


def places(view: View) -> tuple[Place, ...]:
    """The screens this house has, in order."""
    return tuple(Place(screen, subject) for screen in SCREENS for subject in screen.subjects(view))


def standing(view: View, name: str) -> Place | None:
    """The place of this name, if the house has it."""
    return next((place for place in places(view) if place.name == name), None)
