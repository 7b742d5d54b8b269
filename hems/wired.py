"""What refers to what in an installation: names that must exist, wires that have one use, limits that fit."""

from collections.abc import Iterator, Sequence

from hems.model.endpoint import endpoint
from hems.model.site import Charger, Config, Load, Operator, SgReady


def complaints(config: Config) -> Iterator[str]:
    """What cannot be meant, one sentence each with the path of its key and the remedy."""
    for judge in (
        _circuits,
        _circuit_meters,
        _chargers,
        _vehicles,
        _loads,
        _sg_ready,
        _relays,
        _operator,
        _api,
    ):
        yield from judge(config)
    charging = config.charging
    if charging.battery_priority_pct >= charging.battery_buffer_pct:
        yield (
            f"charging.battery_priority_pct: {charging.battery_priority_pct:g} % is not below "
            f"battery_buffer_pct {charging.battery_buffer_pct:g} %; lower it"
        )


def twice(table: str, key: str, values: Sequence[object]) -> Iterator[str]:
    """Values that may stand in one row of a table only."""
    for i, value in enumerate(values):
        if value in values[:i]:
            yield f"{table}[{i}].{key}: {value!r} is also {table}[{values.index(value)}]; choose another"


def relay_users(config: Config) -> Iterator[tuple[str, str]]:
    """Every place that names a relay, with the relay it names."""
    for i, charger in enumerate(config.chargers):
        yield f"charger[{i}].relay", charger.relay
        yield f"charger[{i}].lines_relay", charger.lines_relay
    for i, load in enumerate(config.loads):
        yield f"load[{i}].relay", load.relay
    for i, contacts in enumerate(config.sg_ready):
        yield f"sg_ready[{i}].relays[0]", contacts.relays[0]
        yield f"sg_ready[{i}].relays[1]", contacts.relays[1]


def _circuits(config: Config) -> Iterator[str]:
    parents = {circuit.name: circuit.parent for circuit in config.circuits}
    yield from twice("circuit", "name", [circuit.name for circuit in config.circuits])
    for i, circuit in enumerate(config.circuits):
        yield from _known(f"circuit[{i}].parent", "circuit", circuit.parent, list(parents))
    for i, circuit in enumerate(config.circuits):
        above = [circuit.parent]
        while above[-1] in parents and above[-1] not in above[:-1]:
            above.append(parents[above[-1]])
        if circuit.name in above:
            yield f"circuit[{i}].parent: {circuit.name} hangs on itself; name the circuit that feeds it"


def _circuit_meters(config: Config) -> Iterator[str]:
    names = [circuit.name for circuit in config.circuits]
    measured: dict[str, int] = {}
    for i, meter in enumerate(config.meters):
        path = f"meter[{i}].circuit"
        if meter.role != "circuit":
            if meter.circuit:
                yield f"{path}: only a meter with role 'circuit' names one; remove the key"
            continue
        if not meter.circuit:
            yield f"{path}: missing; name the circuit it measures"
        yield from _known(path, "circuit", meter.circuit, names)
        if meter.circuit in measured:
            yield f"{path}: meter[{measured[meter.circuit]}] measures it already; remove one"
        measured[meter.circuit] = i
        if len(meter.lines) != 3:
            yield f"meter[{i}].lines: the meter of a circuit must measure all three lines; list three"


def _chargers(config: Config) -> Iterator[str]:
    circuits = [circuit.name for circuit in config.circuits]
    for i, charger in enumerate(config.chargers):
        yield from _known(f"charger[{i}].circuit", "circuit", charger.circuit, circuits)
        yield from _switched(f"charger[{i}]", charger)


def _switched(path: str, charger: Charger) -> Iterator[str]:
    if charger.lines_relay and len(charger.lines) != 3:
        yield f"{path}.lines_relay: only a charger on three lines can be switched to one; remove the key"
    if charger.relay_test and not charger.relay:
        yield f"{path}.relay_test: there is no relay to test; name one in {path}.relay"


def _vehicles(config: Config) -> Iterator[str]:
    chargers = [charger.name for charger in config.chargers]
    yield from twice("vehicle", "name", [vehicle.name for vehicle in config.vehicles])
    for i, vehicle in enumerate(config.vehicles):
        yield from _known(f"vehicle[{i}].charger", "charger", vehicle.charger, chargers)


def _loads(config: Config) -> Iterator[str]:
    yield from twice("load", "name", [load.name for load in config.loads])
    for i, load in enumerate(config.loads):
        yield from _load(f"load[{i}]", load)


def _load(path: str, load: Load) -> Iterator[str]:
    if not load.relay:
        yield f"{path}.relay: missing; name the relay that switches it"
    if not load.lines or len(set(load.lines)) != len(load.lines):
        yield f"{path}.lines: {list(load.lines)} must be one to three different lines; mend it"


def _sg_ready(config: Config) -> Iterator[str]:
    pumps = [pump.name for pump in config.heat_pumps]
    yield from twice("sg_ready", "name", [contacts.name for contacts in config.sg_ready])
    for i, contacts in enumerate(config.sg_ready):
        path = f"sg_ready[{i}]"
        if contacts.name in pumps:
            pump = f"heat_pump[{pumps.index(contacts.name)}]"
            yield f"{path}.name: {contacts.name!r} is also {pump}; choose another"
        yield from _known(f"{path}.heat_pump", "heat pump", contacts.heat_pump, pumps)
        yield from _told(path, contacts)
    named = [contacts.heat_pump or i for i, contacts in enumerate(config.sg_ready)]
    yield from twice("sg_ready", "heat_pump", named)


def _told(path: str, contacts: SgReady) -> Iterator[str]:
    for n, relay in enumerate(contacts.relays):
        if not relay:
            yield f"{path}.relays[{n}]: missing; name the relay of contact {n + 1}"
    if contacts.forced_w is not None and contacts.forced_w < contacts.recommended_w:
        words = f"{contacts.forced_w:g} W is below recommended_w {contacts.recommended_w:g} W"
        yield f"{path}.forced_w: {words}; raise it"


def _relays(config: Config) -> Iterator[str]:
    names = [relay.name for relay in config.relays]
    users: dict[str, str] = {}
    for path, relay in relay_users(config):
        yield from _known(path, "relay", relay, names)
        if relay in users:
            yield f"{path}: {relay!r} is also {users[relay]}; use another"
        if relay:
            users[relay] = path


def _operator(config: Config) -> Iterator[str]:
    if config.operator is not None:
        yield from _limiting(config, config.operator)


def _limiting(config: Config, operator: Operator) -> Iterator[str]:
    path = "operator.contact"
    if operator.source == "api":
        if operator.contact:
            yield f"{path}: not used by 'api'; remove it, or choose source = 'contact'"
        return
    if not operator.contact:
        yield f"{path}: missing; name the contact that the grid operator opens"
    yield from _known(path, "contact", operator.contact, [contact.name for contact in config.contacts])
    if config.tariff is not None and operator.contact == config.tariff.contact != "":
        yield f"{path}: {operator.contact!r} is also tariff.contact; every wire has one meaning"


def _api(config: Config) -> Iterator[str]:
    api = config.api
    for key, text, usual in (("tcp", api.tcp, "127.0.0.1:2223"), ("tls", api.tls, "[::]:2222")):
        if text and endpoint(text) is None:
            yield f"api.{key}: {text!r} is no address and port; write them as {usual!r}"
    tcp, tls = endpoint(api.tcp), endpoint(api.tls)
    if tcp is not None and not tcp.loopback:
        yield (
            f"api.tcp: {tcp.host} is reached from the network, and nobody logs in there; use 127.0.0.1, or "
            "api.tls"
        )
    if tcp is not None and tls is not None and tcp.port == tls.port:
        yield f"api.tls: port {tls.port} is also api.tcp; choose another"


def _known(path: str, kind: str, name: str, known: Sequence[str]) -> Iterator[str]:
    """A name that was given must be one of these."""
    if name and name not in known:
        yield f"{path}: no {kind} is named {name!r}; known are {', '.join(known) or 'none'}"
