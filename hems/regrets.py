"""What is allowed in an installation but may be regretted, one sentence each."""

import re
import stat
from collections.abc import Iterator
from pathlib import Path

from hems.config import pins
from hems.model.site import Bus, Config, devices

I2C_PINS = (2, 3)
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
    found += _unused(config)
    least_a = min(config.site.main_fuse_a)
    found += [
        f"charger[{i}].max_a: {charger.max_a:g} A is above the fuse of {least_a:g} A, which holds it lower"
        for i, charger in enumerate(config.chargers)
        if charger.max_a > least_a
    ]
    taken = dict.fromkeys(UART_PINS, "the on-board serial port")
    if config.panel.display != "none" and config.panel.i2c_bus == 1:
        taken |= dict.fromkeys(I2C_PINS, "the display's I2C bus")
    return found + [
        f"{path}: pin {pin} belongs to {taken[pin]}; use another unless that is switched off"
        for path, pin in pins(config).items()
        if pin in taken
    ]


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
