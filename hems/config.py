"""``hems.toml`` → one frozen `Config`, or one sentence that names the key and the remedy."""

import codecs
import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from msgspec import inspect

from hems.errors import ConfigError
from hems.model.site import Bus, Config, Device, HeatPump, Meter

UNKNOWN_KEY = re.compile(r"Object contains unknown field `(?P<key>.*)`")
MISSING_KEY = re.compile(r"Object missing required field `(?P<key>.*)`")
WRONG_WORD = re.compile(r"Invalid enum value (?P<word>.*)")
RANGE = re.compile(r"Expected `\w+` (?P<bound>[<>]=? .*)")
WRONG_TYPE = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>\w+)`")
LENGTH = re.compile(r"Expected `array` of length (?P<wanted>\d+), got (?P<got>\d+)")
MISMATCH = re.compile(r"Expected `str` matching regex '(?P<pattern>.*)'")
TOO_LONG = re.compile(r"Expected `str` of length <= (?P<most>\d+)")
LARGEST_BYTES = 256 * 1024
I2C_PINS = (2, 3)
UART_PINS = (14, 15)
WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text in quotes",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
}


def load(path: Path) -> Config:
    """Read and check an installation file; every complaint is a `ConfigError` with the key's path."""
    try:
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path}: is no file; name an existing hems.toml")
        with path.open("rb") as file:
            text = file.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"{path}: cannot be read ({words}); name an existing hems.toml") from None
    if len(text) > LARGEST_BYTES:
        raise ConfigError(f"{path}: is larger than {LARGEST_BYTES // 1024} KiB; name an existing hems.toml")
    return parse(text)


def parse(text: bytes) -> Config:
    """Decode and check the text of an installation file."""
    try:
        config = msgspec.toml.decode(text.removeprefix(codecs.BOM_UTF8), type=Config)
    except msgspec.ValidationError as error:
        raise ConfigError(_explain(str(error))) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"byte {error.start}: not UTF-8; save the file as UTF-8 text") from None
    except RecursionError:
        raise ConfigError("not valid TOML: brackets are nested without end; mend the file") from None
    except msgspec.DecodeError as error:
        raise ConfigError(f"not valid TOML: {error}; mend that line") from None
    for complaint in _complaints(config):
        raise ConfigError(complaint)
    return config


def warnings(config: Config) -> list[str]:
    """What is allowed but may be regretted, one sentence each."""
    found = [
        f"bus[{i}].port: {bus.port} may change with the next restart; use its /dev/serial/by-path name"
        for i, bus in enumerate(config.buses)
        if re.match(r"^/dev/tty(USB|ACM)\d+$", bus.port)
    ]
    for i, bus in enumerate(config.buses):
        found += [f"bus[{i}].{key}: {words}" for key, words in _on_board(bus)]
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
        for path, pin in _pins(config).items()
        if pin in taken
    ]


def _on_board(bus: Bus) -> Iterator[tuple[str, str]]:
    """What a serial port of the processor itself asks for."""
    if re.match(r"^/dev/ttyS\d+$", bus.port) and bus.adapter == "other":
        yield "port", f"{bus.port} of a Raspberry Pi has no parity and no clock of its own; use a full UART"
    if re.match(r"^/dev/ttyAMA\d+$", bus.port) and bus.adapter == "other":
        yield "adapter", f"{bus.port} hands over its last characters late; set adapter = 'pl011'"


def unplugged(config: Config) -> list[str]:
    """The lines whose adapter is not there now, one sentence each: the service starts without them."""
    return [
        f"bus[{i}].port: {bus.port} is not there now; plug the adapter in, or name the port it has"
        for i, bus in enumerate(config.buses)
        if not Path(bus.port).exists()
    ]


def _explain(message: str) -> str:
    problem, _, place = message.partition(" - at ")
    path = place.strip("`").removeprefix("$").lstrip(".")
    prefix = f"{path}." if path else ""
    if found := UNKNOWN_KEY.match(problem):
        key, known = found["key"], _known_keys(path)
        close = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
        return f"{prefix}{key}: unknown key; {hint}"
    if found := MISSING_KEY.match(problem):
        return f"{prefix}{found['key']}: missing; add it"
    if found := WRONG_WORD.match(problem):
        return f"{path}: {found['word']} is not known; use one of {', '.join(_choices(path))}"
    if found := RANGE.match(problem):
        return f"{path}: out of range; it must be {found['bound']}"
    if found := LENGTH.match(problem):
        return f"{path}: has {found['got']} values; write {found['wanted']}"
    if found := TOO_LONG.match(problem):
        return f"{path}: too long; write at most {found['most']} characters"
    if found := MISMATCH.match(problem):
        if "a-z" in found["pattern"]:
            return f"{path}: not a usable name; use 1 to 16 of a-z, 0-9, _ and -"
        return f"{path}: empty, or with signs that cannot be shown; write plain text"
    if found := WRONG_TYPE.match(problem):
        wanted = " or ".join(WORDS.get(word, word) for word in found["wanted"].split(" | "))
        return f"{path}: is {WORDS.get(found['got'], found['got'])}; write {wanted}"
    return f"{path}: {problem}; correct it"


def _type_at(path: str) -> inspect.Type:
    """The type that the shapes expect at a path like ``meter[0].role``."""
    found: inspect.Type = inspect.type_info(Config)
    for step in re.findall(r"\w+|\[\d+\]|\[\.\.\.\]", path):
        if isinstance(found, inspect.Metadata):
            found = found.type
        if isinstance(found, inspect.UnionType):
            found = next(kind for kind in found.types if not isinstance(kind, inspect.NoneType))
        if isinstance(found, inspect.StructType):
            found = next(item.type for item in found.fields if item.encode_name == step)
        elif isinstance(found, inspect.VarTupleType):
            found = found.item_type
    return found.type if isinstance(found, inspect.Metadata) else found


def _known_keys(path: str) -> list[str]:
    kind = _type_at(path)
    return [item.encode_name for item in kind.fields] if isinstance(kind, inspect.StructType) else []


def _choices(path: str) -> list[str]:
    kind = _type_at(path)
    return [repr(value) for value in kind.values] if isinstance(kind, inspect.LiteralType) else []


def _complaints(config: Config) -> Iterator[str]:
    """What needs more than one key to judge; the first is told."""
    for judge in (_site, _buses, _devices, _roles, _charger_currents, _relays_and_pins):
        yield from judge(config)


def _site(config: Config) -> Iterator[str]:
    zone = config.site.time_zone
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        yield f"site.time_zone: {zone!r} is not known; use a name such as 'Europe/Berlin'"


def _buses(config: Config) -> Iterator[str]:
    yield from _twice("bus", "name", [bus.name for bus in config.buses])
    ports = [str(Path(bus.port).resolve()) for bus in config.buses]
    yield from _twice("bus", "port", ports)


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
            yield f"meter[{found[1][0]}].role: meter[{found[0][0]}] is {role} already; only one meter may be"
        if role == "grid" and not found:
            yield "meter: no meter has the role 'grid'; the fuse cannot be protected without one, add it"
        if role == "grid" and found and len(found[0][1].lines) != 3:
            yield f"meter[{found[0][0]}].lines: the grid meter must measure all three lines; list three"


def _with_role(config: Config, role: str) -> list[tuple[int, Meter]]:
    return [(i, meter) for i, meter in enumerate(config.meters) if meter.role == role]


def _charger_currents(config: Config) -> Iterator[str]:
    yield from _twice("charger", "number", [charger.number for charger in config.chargers])
    yield from _twice("heat_pump", "number", [pump.number for pump in config.heat_pumps])
    for i, charger in enumerate(config.chargers):
        path = f"charger[{i}]"
        if charger.min_a > charger.max_a:
            yield f"{path}.min_a: {charger.min_a:g} A is above max_a {charger.max_a:g} A; lower it"
        if len(set(charger.lines)) != len(charger.lines) or not charger.lines:
            yield f"{path}.lines: {list(charger.lines)} must be different lines; mend it"
        if charger.fallback == "on_off" and not charger.relay:
            yield f"{path}.fallback: 'on_off' needs a relay; name one in {path}.relay"
        if charger.fallback_a > charger.max_a:
            yield f"{path}.fallback_a: {charger.fallback_a:g} A is above max_a {charger.max_a:g} A; lower it"


def _relays_and_pins(config: Config) -> Iterator[str]:
    names = [relay.name for relay in config.relays]
    yield from _twice("relay", "name", names)
    yield from _twice("contact", "name", [contact.name for contact in config.contacts])
    users: dict[str, str] = {}
    for i, charger in enumerate(config.chargers):
        path = f"charger[{i}].relay"
        if charger.relay and charger.relay not in names:
            yield f"{path}: no relay is named {charger.relay!r}; known are {', '.join(names) or 'none'}"
        if charger.relay in users:
            yield f"{path}: {charger.relay!r} is also {users[charger.relay]}; use another"
        if charger.relay:
            users[charger.relay] = path
    taken: dict[int, str] = {}
    for path, pin in _pins(config).items():
        if pin in taken:
            yield f"{path}: pin {pin} is also {taken[pin]}; every wire needs its own pin"
        taken[pin] = path


def _pins(config: Config) -> dict[str, int]:
    """Every GPIO number by the path of its key."""
    pins = {f"relay[{i}].pin": relay.pin for i, relay in enumerate(config.relays)}
    pins |= {f"contact[{i}].pin": contact.pin for i, contact in enumerate(config.contacts)}
    if config.panel.buttons is None:
        return pins
    buttons = msgspec.structs.asdict(config.panel.buttons)
    return pins | {f"panel.buttons.{key}": pin for key, pin in buttons.items()}


def _twice(table: str, key: str, values: Sequence[object]) -> Iterator[str]:
    for i, value in enumerate(values):
        if value in values[:i]:
            yield f"{table}[{i}].{key}: {value!r} is also {table}[{values.index(value)}]; choose another"
