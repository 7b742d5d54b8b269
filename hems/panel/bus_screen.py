"""The screens of the serial lines, and behind OK each of their devices (PNL-49)."""

from collections.abc import Callable
from typing import Final

from hems.language.words import digits, marked, t
from hems.model.view import BusHealth, DeviceHealth, View
from hems.panel.format import UNKNOWN, age, count, shortened
from hems.panel.keys import Key, KeyEvent
from hems.panel.layout import COLUMNS, LOOKING, Cell, Look, Spot, line
from hems.panel.screen import Rows, Screen, Taken, step_of, turned

DEVICES_PER_PAGE: Final = 3
KINDS_SHOWN: Final = 2

KINDS: Final = {
    "silence": marked("silent"),
    "crc": marked("crc"),
    "short": marked("short"),
    "noise": marked("noise"),
    "unit": marked("unit"),
    "shape": marked("shape"),
    "echo": marked("echo"),
    "exception": marked("refused"),
    "late": marked("late"),
    "implausible": marked("odd"),
    "not_taken": marked("not taken"),
    "port": marked("port"),
}
"""Errors on the wire in short words; one that is missing here goes by its own name."""


def _pages(view: View) -> tuple[str, ...]:
    """``name#0``, ``name#1`` …: as many pages as the line's devices need, at least one."""
    return tuple(
        f"{bus}#{page}"
        for bus in view.health.wires.buses
        for page in range(max(1, -(-len(_devices(view, bus)) // DEVICES_PER_PAGE)))
    )


def _devices(view: View, bus: str) -> list[tuple[str, DeviceHealth]]:
    return [(name, device) for name, device in view.health.wires.devices.items() if device.bus == bus]


def _shown(look: Look) -> list[tuple[str, DeviceHealth]]:
    """The devices of this page."""
    bus, _, page = look.subject.partition("#")
    first = int(page) * DEVICES_PER_PAGE
    return _devices(look.view, bus)[first : first + DEVICES_PER_PAGE]


def _bus(look: Look) -> BusHealth:
    return look.view.health.wires.buses[look.subject.partition("#")[0]]


def _row(place: int) -> Callable[[Look], str]:
    """One row: name, age of its last good value or back-off, errors."""

    def value(look: Look) -> str:
        devices = _shown(look)
        if place >= len(devices):
            return ""
        name, device = devices[place]
        if device.back_off_s > 0:
            resting = t("back in {time}").format(time=age(device.back_off_s))
            return f"{shortened(name, 7):7}{resting:>14}"
        return f"{shortened(name, 7):7}{_good(look, device):>7}{_errors(device):>7}"

    return value


def _good(look: Look, device: DeviceHealth) -> str:
    good_s = device.last_good_mono_s
    return age(None if good_s is None else look.now.mono_s - good_s)


def _errors(device: DeviceHealth) -> str:
    errors = count(sum(device.errors.values()), 3)
    if errors == "0":
        return UNKNOWN if device.last_good_mono_s is None else t("ok")
    word = t("err")
    return errors + (" " if len(errors) + 1 + len(word) < 7 else "") + word


def _name(look: Look) -> str:
    return shortened(t("Bus {name}").format(name=look.subject.partition("#")[0]), 14)


def _reaction(look: Look) -> str:
    """How soon a charger here hears of an overload, or why none does."""
    if _bus(look).stage == "absent":
        return ""
    reaction_s = look.view.installed.reaction_s.get(look.subject.partition("#")[0])
    return UNKNOWN if reaction_s is None else digits(f"{reaction_s:.2f} s")


def _take(look: Look, event: KeyEvent) -> Taken:
    """OK goes to the devices of this page, up and down from one to the next."""
    names = tuple(name for name, _ in _shown(look))
    if not names:
        return Taken(LOOKING)
    cursor = look.spot.cursor if look.spot.cursor in names else names[0]
    if look.spot.level == 0 or event.key is Key.OK:
        return Taken(Spot(1, cursor))
    return Taken(Spot(1, turned(names, cursor, step_of(event))))


def _inside(look: Look) -> Rows | None:
    return DEVICE if look.spot.level and _shown(look) else None


def _device(value: Callable[[Look, DeviceHealth], str]) -> Callable[[Look], str]:
    """Words about the device at the cursor."""

    def words(look: Look) -> str:
        devices = dict(_shown(look))
        name = look.spot.cursor if look.spot.cursor in devices else next(iter(devices))
        return value(look, devices[name])

    return words


def _device_name(look: Look) -> str:
    devices = _shown(look)
    return next((name for name, _ in devices if name == look.spot.cursor), devices[0][0])


def _kinds(_: Look, device: DeviceHealth) -> str:
    """The most frequent kinds of errors with their counts."""
    most = sorted(device.errors.items(), key=lambda kind: -kind[1])
    parts = [f"{t(KINDS[kind]) if kind in KINDS else kind[:9]} {count(n, 3)}" for kind, n in most if n]
    return "  ".join(parts[:KINDS_SHOWN])[:COLUMNS] if parts else t("no errors")


def _latency(_: Look, device: DeviceHealth) -> str:
    p95_ms = device.latency_p95_ms
    return UNKNOWN if p95_ms is None else f"{p95_ms:.0f} ms"


def _rest(_: Look, device: DeviceHealth) -> str:
    if device.back_off_s > 0:
        return t("back in {time}").format(time=age(device.back_off_s))
    if device.asleep:
        return t("asleep, no car")
    return t("set up") if device.set_up else t("not set up yet")


DEVICE: Final[Rows] = (
    Cell(0, 0, COLUMNS, lambda look: shortened(_device_name(look), COLUMNS)),
    *line(1, marked("Last good"), _device(_good)),
    *line(2, marked("95 % in"), _device(_latency)),
    *line(3, marked("Requests"), _device(lambda _, device: count(device.requests, 11))),
    Cell(4, 0, COLUMNS, _device(_kinds)),
    Cell(5, 0, COLUMNS, _device(_rest)),
)

BUS_SCREEN: Final = Screen(
    "bus",
    _pages,
    (
        Cell(0, 0, 14, _name),
        Cell(0, 15, 6, lambda look: f"{_bus(look).load_pct:.0f} %", right=True),
        *(Cell(1 + place, 0, COLUMNS, _row(place)) for place in range(DEVICES_PER_PAGE)),
        Cell(4, 0, 12, lambda look: t("no port") if _bus(look).stage == "absent" else t("reaction")),
        Cell(4, 13, 8, _reaction, right=True),
        Cell(5, 0, 11, lambda look: shortened(_bus(look).setting, 11)),
        Cell(5, 11, 10, lambda look: t("early {n}").format(n=count(_bus(look).early, 4)), right=True),
    ),
    keys=_take,
    inside=_inside,
)
