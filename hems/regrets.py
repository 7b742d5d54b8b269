"""What is allowed in an installation but may be regretted, one sentence each."""

import re
import stat
from collections.abc import Iterator
from math import inf
from pathlib import Path

from hems.config import pins
from hems.core.dim import pot_w
from hems.core.rules import DimRules
from hems.model.edges import Panel
from hems.model.site import Bus, Charger, Charging, Config, Operator, devices
from hems.model.units import LINES, NOMINAL_V
from hems.wired import relay_users

I2C_PINS = (2, 3)
SPI_PINS = (10, 11)
FIRST_SELECT_PIN = 8
UART_PINS = (14, 15)
TTYS = Path("/sys/class/tty")
PSEUDO_TERMINALS = Path("/dev/pts")


def warnings(config: Config) -> list[str]:
    """What is allowed but may be regretted, one sentence each."""
    found = [
        f"bus[{i}].port: {bus.port} may change with the next restart; use its /dev/serial/by-path name"
        for i, bus in enumerate(config.buses)
        if re.match(r"^/dev/tty(USB|ACM)\d+$", bus.port)
    ]
    for i, bus in enumerate(config.buses):
        found += [f"bus[{i}].{key}: {words}" for key, words in _on_board(bus)]
    found += [*_unused(config), *_never(config), *_shared(config), *_idle(config)]
    found += [*_limited(config), *_dropped(config)]
    least_a = min(config.site.main_fuse_a)
    found += [
        f"charger[{i}].max_a: {charger.max_a:g} A is above the fuse of {least_a:g} A, which holds it lower"
        for i, charger in enumerate(config.chargers)
        if charger.max_a > least_a
    ]
    taken = dict.fromkeys(UART_PINS, "the on-board serial port")
    if config.panel.display != "none":
        taken |= _display_pins(config.panel)
    return found + [
        f"{path}: pin {pin} belongs to {taken[pin]}; use another unless that is switched off"
        for path, pin in pins(config).items()
        if pin in taken
    ]


def _display_pins(panel: Panel) -> dict[int, str]:
    """The pins of the display's own bus."""
    if panel.spi is not None and panel.spi.bus == 0:
        return dict.fromkeys((*SPI_PINS, FIRST_SELECT_PIN - panel.spi.select), "the display's SPI bus")
    if panel.spi is None and panel.i2c_bus == 1:
        return dict.fromkeys(I2C_PINS, "the display's I2C bus")
    return {}


def _on_board(bus: Bus) -> Iterator[tuple[str, str]]:
    """What a serial port of the processor itself asks for."""
    if re.match(r"^/dev/ttyS\d+$", bus.port) and bus.adapter == "other":
        yield "port", f"{bus.port} of a Raspberry Pi has no parity and no clock of its own; use a full UART"
    if re.match(r"^/dev/ttyAMA\d+$", bus.port) and bus.adapter == "other":
        yield "adapter", f"{bus.port} hands over its last characters late; set adapter = 'pl011'"


def _unused(config: Config) -> Iterator[str]:
    used = {device.bus for device in devices(config)}
    for i, bus in enumerate(config.buses):
        if bus.name not in used:
            yield f"bus[{i}]: no device is on {bus.name}; remove it, or name it in a device's bus"
    relays = {relay for _, relay in relay_users(config)}
    for i, relay in enumerate(config.relays):
        if relay.name not in relays:
            yield f"relay[{i}]: nothing uses {relay.name}; remove it, or name it where it belongs"
    if config.operator and not (config.chargers or config.heat_pumps or config.sg_ready):
        yield "operator: there is nothing here that could be limited; remove the table"


def _never(config: Config) -> Iterator[str]:
    """Chargers and cars that could never charge."""
    for i, charger in enumerate(config.chargers):
        least_a, what = min(_ceilings(config, charger))
        if least_a < charger.min_a:
            words = f"{what} leaves {least_a:.3g} A, less than min_a {charger.min_a:g} A"
            yield f"charger[{i}]: can never charge: {words}; raise the one or lower the other"
    least = {charger.name: charger.min_a for charger in config.chargers}
    for i, vehicle in enumerate(config.vehicles):
        if vehicle.max_a < least.get(vehicle.charger, 0.0):
            words = f"{vehicle.max_a:g} A is below min_a of {vehicle.charger}"
            yield f"vehicle[{i}].max_a: {words}; it can never charge there"


def _ceilings(config: Config, charger: Charger) -> Iterator[tuple[float, str]]:
    """Everything that holds a charger from outside while nothing else runs, in ampere."""
    on = [LINES.index(line) for line in charger.lines]
    yield min(config.site.main_fuse_a[line] for line in on), "site.main_fuse_a"
    circuits = {circuit.name: (i, circuit) for i, circuit in enumerate(config.circuits)}
    above = charger.circuit
    while above:
        i, circuit = circuits[above]
        yield min(circuit.fuse_a[line] or inf for line in on), f"circuit[{i}].fuse_a"
        above = circuit.parent
    lines = 1 if charger.lines_relay else len(on)
    if config.site.power_limit_w is not None:
        yield config.site.power_limit_w / (NOMINAL_V * lines), "site.power_limit_w"
    if config.site.imbalance_a is not None and len(on) < 3:
        yield config.site.imbalance_a, "site.imbalance_a"


def _shared(config: Config) -> Iterator[str]:
    """Things told twice, where once would do."""
    places = [vehicle.charger for vehicle in config.vehicles]
    for i, place in enumerate(places):
        if place and place in places[:i]:
            first = f"vehicle[{places.index(place)}]"
            yield f"vehicle[{i}].charger: {first} is mostly at {place} too and is the one expected there"
    told = {contacts.heat_pump: i for i, contacts in enumerate(config.sg_ready) if contacts.heat_pump}
    for i, pump in enumerate(config.heat_pumps):
        if pump.surplus != "off" and pump.name in told:
            yield f"heat_pump[{i}].surplus: sg_ready[{told[pump.name]}] tells it as well; one of them will do"


def pot(config: Config, operator: Operator) -> tuple[int, float]:
    """How many things the grid operator may limit, and what they may draw together then, in watt."""
    count = len(config.chargers) + len(config.heat_pumps) + _unseen_pumps(config)
    return count, pot_w(DimRules(limit_w=operator.limit_w), count, operator.limit_w)


def _unseen_pumps(config: Config) -> int:
    """Heat pumps that are told by contacts alone: what they draw is not known."""
    pumps = {pump.name for pump in config.heat_pumps}
    return sum(contacts.heat_pump not in pumps for contacts in config.sg_ready)


def _limited(config: Config) -> Iterator[str]:
    """Chargers that cannot charge while the grid operator limits, though nothing else draws (CHG-50)."""
    if config.operator is None:
        return
    _, together_w = pot(config, config.operator)
    left_w = together_w - config.operator.limit_w * _unseen_pumps(config)
    for i, charger in enumerate(config.chargers):
        lines = 1 if charger.lines_relay else len(charger.lines)
        least_w = NOMINAL_V * charger.min_a * lines
        if left_w < least_w:
            yield (
                f"charger[{i}]: a car on {lines} of its lines stands still while the grid operator limits: "
                f"{left_w:.0f} W are left for it, its least is {least_w:.0f} W; "
                "lower min_a, or check operator.limit_w"
            )


def _dropped(config: Config) -> Iterator[str]:
    """Relays of lines that nobody keeps from moving under load when the service ends (CHG-72)."""
    for i, charger in enumerate(config.chargers):
        if charger.lines_relay and not charger.relay:
            yield (
                f"charger[{i}].lines_relay: it drops when the service ends, perhaps under load; "
                f"let a relay enable the charger, and name it in charger[{i}].relay"
            )


def _idle(config: Config) -> Iterator[str]:
    """Figures that nothing here makes use of."""
    charging, fresh = config.charging, Charging()
    if not any(meter.role == "battery" for meter in config.meters):
        for key in ("battery_priority_pct", "battery_buffer_pct", "battery_support_w"):
            if getattr(charging, key) != getattr(fresh, key):
                yield f"charging.{key}: no meter has the role 'battery'; add it, or remove the key"
    if config.tariff and config.tariff.file and not Path(config.tariff.file).is_absolute():
        yield f"tariff.file: {config.tariff.file} is no full path; begin it with /"


def unplugged(config: Config) -> list[str]:
    """The lines whose port is none now, one sentence each: the service starts without them."""
    found = ((i, bus.port, _no_port(Path(bus.port))) for i, bus in enumerate(config.buses))
    return [f"bus[{i}].port: {port} {words}" for i, port, words in found if words]


def _no_port(path: Path) -> str:
    """Why a path is no serial port; empty if it is one. Nothing is opened: that could wake a device."""
    if not path.is_absolute():
        return f"is no full path; write {Path('/dev') / path}, or better its /dev/serial/by-path name"
    try:
        mode, real = path.stat().st_mode, path.resolve()
    except PermissionError:
        return "cannot be looked at; give this user the right to"
    except OSError:
        return (
            "is not there now; plug the adapter in, or name the port it has: "
            "ls /dev/serial/by-path shows what is there"
        )
    known = not TTYS.is_dir() or (TTYS / real.name).exists() or real.parent == PSEUDO_TERMINALS
    if stat.S_ISCHR(mode) and known:
        return ""
    return "is no serial port; ls /dev/serial/by-path shows what is there"
