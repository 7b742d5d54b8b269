"""``hems.toml`` → one frozen `Config`, or one sentence that names the key and the remedy."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from hems.errors import ConfigError
from hems.explain import explain
from hems.model.site import UNKNOWN_SITE, Config, Device, HeatPump, Meter
from hems.wired import complaints, twice

LARGEST_BYTES = 256 * 1024
TABLES = {
    "meter": "meters",
    "charger": "chargers",
    "heat_pump": "heat_pumps",
    "bus": "buses",
    "relay": "relays",
    "contact": "contacts",
    "circuit": "circuits",
    "vehicle": "vehicles",
    "load": "loads",
    "sg_ready": "sg_ready",
}
"""Tables with several rows, and where the shapes have them."""

PLACE = re.compile(rf"\b({'|'.join(TABLES)})\[(\d+)\](?! \()")
EXAMPLE = "deploy/hems.example.toml"
GRID_LINES = (
    "the grid meter must measure all three lines; list three (in a house with one line take a meter for "
    "three, connect its L1, and give all lines the same fuse)"
)


def load(path: Path) -> Config:
    """Read and check an installation file; every complaint is a `ConfigError` with the key's path."""
    config = _decode(_read(path), f"{path}: ")
    for complaint in _complaints(config):
        raise ConfigError(named(config, complaint))
    return config


def parse(text: bytes) -> Config:
    """Decode and check the text of an installation file."""
    config = _decode(text, "")
    for complaint in _complaints(config):
        raise ConfigError(complaint)
    return config


def named(config: Config, sentence: str) -> str:
    """A sentence in which every ``meter[0]`` also has the name it goes by: ``meter[0] (grid)``."""

    def with_name(found: re.Match[str]) -> str:
        rows = getattr(config, TABLES[found[1]])
        index = int(found[2])
        return f"{found[0]} ({rows[index].name})" if index < len(rows) else found[0]

    return PLACE.sub(with_name, sentence)


def _read(path: Path) -> bytes:
    """The bytes of an installation file."""
    try:
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path}: is no file; name an existing hems.toml")
        with path.open("rb") as file:
            text = file.read(LARGEST_BYTES + 1)
    except PermissionError:
        raise ConfigError(f"{path}: may not be read by this user; give it the right, as with chmod") from None
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"{path}: cannot be read ({words}); name an existing hems.toml") from None
    if len(text) > LARGEST_BYTES:
        raise ConfigError(f"{path}: is larger than {LARGEST_BYTES // 1024} KiB; name an existing hems.toml")
    return text


def _decode(text: bytes, source: str) -> Config:
    """The shapes in a text; `source` begins the complaint about what is no TOML at all."""
    text = text.removeprefix(codecs.BOM_UTF8)
    if not text.strip():
        raise ConfigError(f"{source}is empty; copy {EXAMPLE} and change it")
    try:
        return msgspec.toml.decode(text, type=Config)
    except msgspec.ValidationError as error:
        raise ConfigError(explain(str(error))) from None
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{source}line {line}: not UTF-8; save the file as UTF-8 text") from None
    except RecursionError:
        raise ConfigError(f"{source}not valid TOML: brackets are nested without end; mend the file") from None
    except msgspec.DecodeError as error:
        raise ConfigError(f"{source}not valid TOML: {_plainly(str(error))}; mend that line") from None


def _plainly(words: str) -> str:
    """The two slips of a copied line in words of their own; all others as the decoder has them."""
    words = re.sub(r"Cannot declare \('([^()]*)',\) twice", r"the table \1 is there twice", words)
    return words.replace("Cannot overwrite a value", "a key is there twice")


def _complaints(config: Config) -> Iterator[str]:
    """What needs more than one key to judge; the first is told."""
    for judge in (_site, _buses, _devices, _roles, _charger_currents, _pins, complaints):
        yield from judge(config)


def _site(config: Config) -> Iterator[str]:
    if config.site is UNKNOWN_SITE and list(_placed(config)):
        yield f"site: missing; add it as in {EXAMPLE}"
    zone = config.site.time_zone
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        yield f"site.time_zone: {zone!r} is not known; use a name such as 'Europe/Berlin'"


def _buses(config: Config) -> Iterator[str]:
    yield from twice("bus", "name", [bus.name for bus in config.buses])
    taken: dict[Path, int] = {}
    for i, bus in enumerate(config.buses):
        first = taken.setdefault(Path(bus.port).resolve(), i)
        if first != i:
            same = f"bus[{first}].port {config.buses[first].port!r}"
            yield f"bus[{i}].port: {bus.port!r} is the same device as {same}; name another"


def _placed(config: Config) -> Iterator[tuple[str, Device]]:
    """Every device with its path."""
    yield from ((f"meter[{i}]", device) for i, device in enumerate(config.meters))
    yield from ((f"charger[{i}]", device) for i, device in enumerate(config.chargers))
    yield from ((f"heat_pump[{i}]", device) for i, device in enumerate(config.heat_pumps))


def _devices(config: Config) -> Iterator[str]:
    buses = [bus.name for bus in config.buses]
    names: dict[str, str] = {}
    addresses: dict[tuple[str, int], list[tuple[str, Device]]] = {}
    for path, device in _placed(config):
        if device.bus not in buses:
            yield f"{path}.bus: no bus is named {device.bus!r}; known are {', '.join(buses)}"
        if device.name in names:
            yield f"{path}.name: {device.name!r} is also {names[device.name]}; choose another"
        here = addresses.setdefault((device.bus, device.unit), [])
        for other_path, other in here:
            if not _one_device(device, other):
                where = f"unit {device.unit} on {device.bus} is also {other_path}"
                yield f"{path}.unit: {where}; set one to another"
        names[device.name] = path
        here.append((path, device))


def _one_device(one: Device, two: Device) -> bool:
    """Whether two entries are one device: register blocks of a heat pump, roles of a hybrid inverter."""
    if isinstance(one, HeatPump) and isinstance(two, HeatPump):
        return one.profile == two.profile and one.module != two.module
    if isinstance(one, Meter) and isinstance(two, Meter):
        return one.profile == two.profile and one.role != two.role
    return False


def _roles(config: Config) -> Iterator[str]:
    chargers = [charger.name for charger in config.chargers]
    measured: dict[str, int] = {}
    for i, meter in enumerate(config.meters):
        if meter.role == "charger" and not meter.charger:
            yield f"meter[{i}].charger: missing; name the charger it measures"
        elif meter.role == "charger" and meter.charger not in chargers:
            known = ", ".join(chargers) or "none"
            yield f"meter[{i}].charger: no charger is named {meter.charger!r}; known are {known}"
        elif meter.charger in measured:
            yield f"meter[{i}].charger: meter[{measured[meter.charger]}] measures it already; remove one"
        elif meter.role == "charger":
            measured[meter.charger] = i
        elif meter.charger:
            yield f"meter[{i}].charger: only a meter with role 'charger' names one; remove the key"
        if len(set(meter.lines)) != len(meter.lines) or len(meter.lines) not in (1, 3):
            yield f"meter[{i}].lines: {list(meter.lines)} must be one or three different lines; mend it"
    for role in ("grid", "pv", "battery"):
        found = _with_role(config, role)
        if len(found) > 1:
            yield (
                f"meter[{found[1][0]}].role: meter[{found[0][0]}] is {role} already; give one of them "
                "another role or remove it"
            )
        if role == "grid" and not found and list(_placed(config)):
            yield "meter: no meter has the role 'grid'; the fuse cannot be protected without one, add it"
        if role == "grid" and found and len(found[0][1].lines) != 3:
            yield f"meter[{found[0][0]}].lines: {GRID_LINES}"


def _with_role(config: Config, role: str) -> list[tuple[int, Meter]]:
    return [(i, meter) for i, meter in enumerate(config.meters) if meter.role == role]


def _charger_currents(config: Config) -> Iterator[str]:
    yield from twice("charger", "number", [charger.number for charger in config.chargers])
    yield from twice("heat_pump", "number", [pump.number for pump in config.heat_pumps])
    for i, charger in enumerate(config.chargers):
        path = f"charger[{i}]"
        if charger.min_a > charger.max_a:
            yield f"{path}.min_a: {charger.min_a:g} A is above max_a {charger.max_a:g} A; lower it"
        if len(set(charger.lines)) != len(charger.lines) or not charger.lines:
            yield f"{path}.lines: {list(charger.lines)} must be one to three different lines; mend it"
        if charger.fallback == "on_off" and not charger.relay:
            yield f"{path}.fallback: 'on_off' needs a relay; name one in {path}.relay"
        if charger.fallback_a > charger.max_a:
            yield f"{path}.fallback_a: {charger.fallback_a:g} A is above max_a {charger.max_a:g} A; lower it"


def _pins(config: Config) -> Iterator[str]:
    yield from twice("relay", "name", [relay.name for relay in config.relays])
    yield from twice("contact", "name", [contact.name for contact in config.contacts])
    taken: dict[int, str] = {}
    for path, pin in pins(config).items():
        if pin in taken:
            yield f"{path}: pin {pin} is also {taken[pin]}; every wire needs its own pin"
        taken[pin] = path


def pins(config: Config) -> dict[str, int]:
    """Every GPIO number by the path of its key."""
    found = {f"relay[{i}].pin": relay.pin for i, relay in enumerate(config.relays)}
    found |= {f"contact[{i}].pin": contact.pin for i, contact in enumerate(config.contacts)}
    for table in ("buttons", "lights", "spi"):
        shape = getattr(config.panel, table)
        wired = msgspec.structs.asdict(shape) if shape else {}
        found |= {
            f"panel.{table}.{key}": pin
            for key, pin in wired.items()
            if pin is not None and key not in ("bus", "select")
        }
    return found
