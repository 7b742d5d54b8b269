"""The screens as rows of data; their order is the order of up and down, home first.

A screen exists once for each of its subjects: a charger, a heat pump, four devices of a serial line. A house
without subjects does not have the screen.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from hems.model.view import DeviceHealth, View
from hems.panel import planned, readings
from hems.panel.face import Type
from hems.panel.format import UNKNOWN, age, count, date, shortened, time_of_day
from hems.panel.layout import COLUMNS, Cell, Look, Page, label, line

HOME: Final = "home"
SETTINGS: Final = "settings"
DEVICES_PER_PAGE: Final = 4


@dataclass(frozen=True, slots=True)
class Screen:
    """A kind of screen: who has one, and its cells."""

    key: str
    subjects: Callable[[View], Iterable[str]]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One screen of this house; its name is the key and the subject, fit for a file name."""

    screen: Screen
    subject: str

    @property
    def name(self) -> str:
        """The name of the place."""
        return "-".join((self.screen.key, *filter(None, self.subject.split("#"))))


def _everyone(_: View) -> tuple[str, ...]:
    return ("",)


def _bus_pages(view: View) -> tuple[str, ...]:
    """``name#0``, ``name#1`` …: as many pages as the line's devices need, at least one."""
    return tuple(
        f"{bus}#{page}"
        for bus in view.health.wires.buses
        for page in range(max(1, -(-len(_devices(view, bus)) // DEVICES_PER_PAGE)))
    )


def _devices(view: View, bus: str) -> list[tuple[str, DeviceHealth]]:
    return [(name, device) for name, device in view.health.wires.devices.items() if device.bus == bus]


def _device(place: int) -> Callable[[Look], str]:
    """One row: name, age of its last good value or back-off, errors."""

    def value(look: Look) -> str:
        bus, _, page = look.subject.partition("#")
        devices = _devices(look.view, bus)
        index = int(page) * DEVICES_PER_PAGE + place
        if index >= len(devices):
            return ""
        name, device = devices[index]
        if device.back_off_s > 0:
            return f"{shortened(name, 7):7}{'back in ' + age(device.back_off_s):>14}"
        good_s = device.last_good_mono_s
        since = age(None if good_s is None else look.now.mono_s - good_s)
        return f"{shortened(name, 7):7}{since:>7}{_errors(device):>7}"

    return value


def _errors(device: DeviceHealth) -> str:
    errors = count(sum(device.errors.values()), 3)
    if errors == "0":
        return UNKNOWN if device.last_good_mono_s is None else "ok"
    return errors + (" err" if len(errors) < 3 else "err")


def _bus_name(look: Look) -> str:
    return shortened("Bus " + look.subject.partition("#")[0], 14)


def _bus_load(look: Look) -> str:
    return f"{look.view.health.wires.buses[look.subject.partition('#')[0]].load_pct:.0f} %"


def _bus_stage(look: Look) -> str:
    bus = look.view.health.wires.buses[look.subject.partition("#")[0]]
    return "no port" if bus.stage == "absent" else "in order"


def _bus_early(look: Look) -> str:
    return f"early {count(look.view.health.wires.buses[look.subject.partition('#')[0]].early, 4)}"


def _cycle_row(row: int, words: str, kind: str) -> tuple[Cell, ...]:
    return (
        label(row, words),
        Cell(row, 8, 3, readings.cycles(kind, "daily", 3), right=True),
        Cell(row, 12, 2, readings.cycles(kind, "2h", 2), right=True),
        Cell(row, 15, 6, readings.cycles(kind, "total", 6), right=True),
    )


def _heat_pump_name(look: Look) -> str:
    alone = len(look.view.installed.heat_pumps) == 1
    return "Heat pump" if alone else shortened(look.subject, 10)


def _alarm(place: int) -> Callable[[Look], str]:
    """One alarm of the memory by its name, of more than two how many more there are."""

    def value(look: Look) -> str:
        alarms = [code.replace("_", " ") for code in look.view.health.journal.alarms]
        if place == 0 and not alarms:
            return "no alarms"
        if place == 1 and len(alarms) > 2:
            return f"and {len(alarms) - 1} more"
        return shortened(alarms[place], COLUMNS) if place < len(alarms) else ""

    return value


HOME_SCREEN: Final = Screen(
    HOME,
    _everyone,
    (
        label(0, "Home"),
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
)

CAR_SCREEN: Final = Screen(
    "car",
    lambda view: view.installed.chargers,
    (
        Cell(0, 0, 13, lambda look: shortened(look.subject, 13)),
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

ENERGY_SCREEN: Final = Screen(
    "energy",
    _everyone,
    (
        label(0, "Today"),
        Cell(0, 14, 7, lambda look: date(look.now), right=True),
        *line(1, "Bought", readings.today("grid_import")),
        *line(2, "Sold", readings.today("grid_export")),
        *line(3, "Solar", readings.today("pv")),
        *line(4, "Cars", readings.cars_today),
    ),
)

HEAT_PUMP_SCREEN: Final = Screen(
    "heat_pump",
    lambda view: view.installed.heat_pumps,
    (
        Cell(0, 0, 10, _heat_pump_name),
        Cell(0, 11, 10, readings.heat_pump_state, right=True),
        label(1, "today 2h  total", column=6),
        *_cycle_row(2, "Heat", "heating"),
        *_cycle_row(3, "Water", "hot_water"),
        *_cycle_row(4, "Defrost", "defrost"),
        *_cycle_row(5, "Starts", "compressor_start"),
    ),
)

BUS_SCREEN: Final = Screen(
    "bus",
    _bus_pages,
    (
        Cell(0, 0, 14, _bus_name),
        Cell(0, 15, 6, _bus_load, right=True),
        *(Cell(1 + place, 0, COLUMNS, _device(place)) for place in range(DEVICES_PER_PAGE)),
        Cell(5, 0, 10, _bus_stage),
        Cell(5, 11, 10, _bus_early, right=True),
    ),
)

MEMORY_SCREEN: Final = Screen(
    "memory",
    _everyone,
    (
        label(0, "Memory"),
        Cell(0, 9, 12, lambda look: look.view.health.journal.state, right=True),
        *line(1, "Not yet saved", lambda look: age(look.view.health.journal.unsaved_s)),
        *line(2, "Writes in 24 h", lambda look: count(look.view.health.journal.writes_24h, 5)),
        *line(3, "MB in 24 h", lambda look: f"{look.view.health.journal.bytes_24h / 1e6:.1f}"),
        Cell(4, 0, COLUMNS, _alarm(0)),
        Cell(5, 0, COLUMNS, _alarm(1)),
    ),
)

SCREENS: Final = (HOME_SCREEN, CAR_SCREEN, HEAT_PUMP_SCREEN, ENERGY_SCREEN, BUS_SCREEN, MEMORY_SCREEN)


def places(view: View) -> tuple[Place, ...]:
    """The screens this house has, in order."""
    return tuple(Place(screen, subject) for screen in SCREENS for subject in screen.subjects(view))


def screen_page(place: Place, look: Look) -> Page:
    """One screen now."""
    return Page(place.name, tuple(cell.at(look) for cell in place.screen.cells))
