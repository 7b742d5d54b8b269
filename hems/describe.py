"""An installation in words: devices, limits, the plan of each bus, remarks and warnings."""

from collections.abc import Iterator, Mapping, Sequence

from hems.config import named
from hems.field.budget import (
    CHAIN_SPAN,
    REACTION_MAX_S,
    TICK_S,
    LineBudget,
    Pace,
    ReadRow,
    WriteRow,
    dead_s,
    grid_refresh_s,
    poll_plan,
    reactions_s,
)
from hems.field.plan import shapes_clash
from hems.field.profile import FAST, ONCE, Profile
from hems.field.second_look import planned
from hems.field.wire import setting
from hems.model.site import Charger, Circuit, Config, Device, Operator, SgReady, Site, Vehicle, devices
from hems.model.units import LINES, NOMINAL_V, PerLine
from hems.regrets import pot, unplugged, warnings


def describe(
    config: Config, profiles: Mapping[str, Profile], more: Sequence[str] = (), troubles: Sequence[str] = ()
) -> list[str]:
    """What an installation means, line by line.

    `more` is said of display and tariff, `troubles` are warnings of who knows the machine.
    """
    regrets = [*warnings(config), *unplugged(config), *troubles]
    verdict = {0: "no warnings", 1: "one warning"}.get(len(regrets), f"{len(regrets)} warnings")
    return [
        *installed(config),
        *more,
        "",
        *plan(config, profiles),
        *(f"remark: {remark}" for remark in remarks(config, profiles)),
        *(f"warning: {named(config, regret)}" for regret in regrets),
        f"no mistake found, {verdict}",
    ]


def installed(config: Config) -> list[str]:
    """The devices and their limits."""
    rows = [_site(config.site)]
    for meter in config.meters:
        measured = meter.charger or meter.circuit
        what = f"{meter.role} of {measured}" if meter.charger else f"{meter.role} {measured}".rstrip()
        turned = ", reversed" if meter.mounted == "reversed" else ""
        rows.append(_row("meter", meter.name, f"{_on_bus(meter)}: {what}{turned}"))
    rows += [_row("circuit", circuit.name, _circuit(config, circuit)) for circuit in config.circuits]
    rows += [
        _row("charger", charger.name, f"{_on_bus(charger)}: ev{charger.number}, {_charger(charger)}")
        for charger in config.chargers
    ]
    rows += [_row("surplus", charger.name, _surplus(config, charger)) for charger in config.chargers]
    rows += [
        _row("battery", meter.name, _battery(config)) for meter in config.meters if meter.role == "battery"
    ]
    rows += [_row("car", vehicle.name, _vehicle(vehicle)) for vehicle in config.vehicles]
    for pump in config.heat_pumps:
        told = "" if pump.surplus == "off" else f", told its surplus ({pump.surplus})"
        rows.append(_row("pump", pump.name, f"{_on_bus(pump)}: hp{pump.number}{told}"))
    rows += [_row("sg-ready", contacts.name, _sg_ready(contacts)) for contacts in config.sg_ready]
    for place, load in enumerate(config.loads, 1):
        words = f"{load.power_w:g} W on {' '.join(load.lines)}, relay {load.relay}"
        words += f", switched off before cars are, as number {place}"
        rows.append(_row("load", load.name, words))
    if config.operator is not None:
        rows.append(_row("operator", config.operator.source, _operator(config, config.operator)))
    uses = {**dict(_relay_uses(config)), **dict(_contact_uses(config))}
    for what, wires in (("relay", config.relays), ("contact", config.contacts)):
        for wire in wires:
            rows.append(_row(what, wire.name, f"GPIO {wire.pin}, {uses.get((what, wire.name), 'not used')}"))
    return [*rows, f"display  {config.panel.display}"]


def _row(what: str, name: str, words: str) -> str:
    return f"{what:8} {name:10} {words}"


def _on_bus(device: Device) -> str:
    return f"{device.profile} @{device.unit} on {device.bus}"


def _site(site: Site) -> str:
    words = [site.name, site.time_zone, f"main fuse {_fuses(site.main_fuse_a)}"]
    if site.power_limit_w is not None:
        words.append(f"import at most {site.power_limit_w:g} W")
    if site.imbalance_a is not None:
        words.append(f"charging pulls lines at most {site.imbalance_a:g} A apart")
    if site.billing == "per_line":
        words.append("billed line by line")
    return ", ".join(words)


def _fuses(fuse_a: PerLine) -> str:
    limits = zip(LINES, fuse_a, strict=True)
    return ", ".join(f"{line} {fuse:g} A" if fuse else f"{line} no limit" for line, fuse in limits)


def _circuit(config: Config, circuit: Circuit) -> str:
    meters = [meter.name for meter in config.meters if meter.circuit == circuit.name]
    seen = f"measured by {meters[0]}" if meters else "no meter: only its chargers are reckoned with"
    return f"{_fuses(circuit.fuse_a)}, behind {circuit.parent or 'the main fuse'}, {seen}"


def _charger(charger: Charger) -> str:
    words = [f"{charger.min_a:g}..{charger.max_a:g} A on {' '.join(charger.lines)}"]
    silent = {
        "stop": "opens when it does not answer",
        "on_off": f"switches {charger.fallback_a:g} A on and off while it does not answer",
    }
    words += [f"relay {charger.relay} {silent[charger.fallback]}"] if charger.relay else ["no relay"]
    words += ["tested every month"] * charger.relay_test
    words += [f"one line by relay {charger.lines_relay}"] * bool(charger.lines_relay)
    words += [f"circuit {charger.circuit}"] * bool(charger.circuit)
    return ", ".join(words)


def _surplus(config: Config, charger: Charger) -> str:
    """When a car that follows the surplus starts and stops (CHG-13, CHG-16)."""
    rules = config.charging
    lines = 1 if charger.lines_relay else len(charger.lines)
    least_w = (1 - rules.acquisition_tolerance) * NOMINAL_V * lines * charger.min_a + rules.reserve_w
    return (
        f"a car on {'one line' if lines == 1 else f'{lines} lines'} starts with {least_w:.0f} W left over "
        f"for {rules.start_delay_s:g} s, stops after {rules.stop_delay_s:g} s of less "
        f"or {rules.stop_import_wh:g} Wh bought"
    )


def _battery(config: Config) -> str:
    """Who has the surplus first at which level (CHG-12)."""
    rules = config.charging
    words = [f"its charging counts as surplus from {100 * rules.battery_level_consideration:g} %"]
    words += [f"comes first below {rules.battery_priority_pct:g} %"] * (rules.battery_priority_pct > 0)
    cars = f"cars come first above {rules.battery_buffer_pct:g} %"
    cars += f" and may draw {rules.battery_support_w:g} W from it" * (rules.battery_support_w > 0)
    return ", ".join(words + [cars] * (rules.battery_buffer_pct < 100))


def _vehicle(vehicle: Vehicle) -> str:
    lines = "one line" if vehicle.lines == 1 else f"{vehicle.lines} lines"
    place = f", mostly at {vehicle.charger}" if vehicle.charger else ""
    return f"{vehicle.capacity_wh / 1000:g} kWh, up to {vehicle.max_a:g} A on {lines}{place}"


def _sg_ready(contacts: SgReady) -> str:
    forced = f"from {contacts.forced_w:g} W both force" if contacts.forced_w is not None else "never forced"
    pump = f", seen as {contacts.heat_pump}" if contacts.heat_pump else ""
    one, two = contacts.relays
    return f"{one} locks, {two} recommends from {contacts.recommended_w:g} W left over, {forced}{pump}"


def _operator(config: Config, operator: Operator) -> str:
    what = f"{operator.contact} {operator.limited}" if operator.contact else "a message"
    devices, together_w = pot(config, operator)
    words = f"{what} = {operator.limit_w:g} W for one car or heat pump"
    if devices < 2:
        return words
    return f"{words}, {together_w:.0f} W for all {devices} together, own surplus on top"


def _relay_uses(config: Config) -> Iterator[tuple[tuple[str, str], str]]:
    """What it means that a relay is de-energised, by its name."""
    for charger in config.chargers:
        yield ("relay", charger.relay), f"de-energised = {charger.name} does not charge"
        first = charger.lines[0] if charger.lines else "its first line"
        yield ("relay", charger.lines_relay), f"de-energised = {charger.name} on {first} only"
    for load in config.loads:
        yield ("relay", load.relay), f"de-energised = {load.name} off"
    for contacts in config.sg_ready:
        for relay in contacts.relays:
            yield ("relay", relay), f"both de-energised = {contacts.name} normal"


def _contact_uses(config: Config) -> Iterator[tuple[tuple[str, str], str]]:
    """What a contact tells, by its name."""
    if config.operator and config.operator.contact:
        yield (
            ("contact", config.operator.contact),
            f"{config.operator.limited} = limited by the grid operator",
        )
    if config.tariff and config.tariff.contact:
        yield ("contact", config.tariff.contact), "tells the tariff period"


def plan(
    config: Config, profiles: Mapping[str, Profile], paces: Mapping[str, Pace] | None = None
) -> list[str]:
    """What each bus is asked and told, how long it takes, and how soon every charger hears of an overload."""
    lines = poll_plan(config, profiles, paces)
    meter_s = grid_refresh_s(config, profiles) or 0.0
    reactions = reactions_s(lines, meter_s)
    text: list[str] = []
    for line in lines:
        silence = f"silence {line.wire.silence_s * 1000:.2f} ms"
        text.append(f"{line.bus.name}  {setting(line.bus)}  {silence}  echo {line.bus.echo}")
        text.extend(_reads("each tick", line.fast))
        text.extend(_reads("slow", line.slow, line.read_backs))
        text.extend(_writes((*line.set_points, *line.others)))
        looks = planned(config, line, paces)
        text.extend(_looks(looks))
        load = line.load + sum(row.seconds_s for row in looks or ()) / TICK_S
        here = {row.device: reactions[row.device] for row in line.set_points}
        text.append(f"  load {load * 100:.0f} %{_reaction(here, dead_s(lines))}")
    return text


def remarks(config: Config, profiles: Mapping[str, Profile]) -> Iterator[str]:
    """What is less than certain: doubtful rows, one source only, a meter of unknown age, equal reads."""
    for device in devices(config):
        profile = profiles[device.profile]
        doubtful = sorted({point.quantity for point in profile.points if point.confidence == "C"})
        known = {"A": "", "B": "known from one source", "C": "doubtful as a whole"}[profile.confidence]
        said = [known] if known else []
        if doubtful:
            said.append(f"to be verified on the device: {', '.join(doubtful)}")
        if said:
            yield (
                f"{device.name}: {profile.key} is {'; '.join(said)}"
                if known
                else (f"{device.name}: {profile.key}: {said[0]}")
            )
    for grid in (meter for meter in config.meters if meter.role == "grid"):
        refresh_s = profiles[grid.profile].refresh_s
        age = "is not known; the reaction takes them as new"
        if refresh_s is not None:
            age = f"may be {refresh_s:g} s, which is in the reaction"
        yield f"{grid.name}: the age of the values of {grid.profile} {age}"
    for line in poll_plan(config, profiles):
        yield from _clashes(line)


def _clashes(line: LineBudget) -> Iterator[str]:
    """Devices with several reads of one shape."""
    rows = (*line.fast, *line.slow)
    for unit in dict.fromkeys(row.unit for row in rows):
        mine = [row for row in rows if row.unit == unit]
        if shapes_clash([row.block for row in mine]):
            names = " and ".join(dict.fromkeys(row.device for row in mine))
            yield f"{names}: reads of one shape; after a timeout the same one is asked again first"


def _reaction(reactions: Mapping[str, float], dead_s: float) -> str:
    if not reactions:
        return ""
    longest_s = max(reactions.values())
    each = ", ".join(f"{name} {reaction_s:.2f} s" for name, reaction_s in reactions.items())
    parts = f" ({each})" if len(reactions) > 1 else ""
    return (
        f"  reaction {longest_s:.2f} s{parts} (limit {REACTION_MAX_S:.1f} s);"
        f" {longest_s + dead_s:.2f} s if one device is dead"
    )


def _reads(title: str, rows: Sequence[ReadRow], read_backs: Sequence[ReadRow] = ()) -> Iterator[str]:
    for i, row in enumerate(rows):
        chained = row.profile.chain is not None
        address = f"+{row.block.address % CHAIN_SPAN}" if chained else str(row.block.address)
        yield (
            f"  {title if i == 0 else '':<9}  {row.device:<16} {row.profile.key:<24} @{row.unit:<3} "
            f"fc{row.block.function} {address:>5}+{row.block.count:<3} "
            f"{row.seconds_s * 1000:4.0f} ms{_period(row.block.period_s)}{_after(row, read_backs)}"
        )


def _looks(rows: Sequence[ReadRow] | None) -> Iterator[str]:
    """The meters of fuses that are looked at once more in the middle of a tick."""
    if rows is not None:
        taken_ms = sum(row.seconds_s for row in rows) * 1000
        who = " · ".join(dict.fromkeys(row.device for row in rows))
        words = f"{who} {taken_ms:.0f} ms, if nothing else is due; the times below do without it"
        yield f"  {'2nd look':<9}  {words if rows else 'none: an ordinary tick has no room for it'}"


def _after(row: ReadRow, read_backs: Sequence[ReadRow]) -> str:
    return " and after writes" if row in read_backs else ""


def _period(period_s: float) -> str:
    if period_s == FAST:
        return ""
    return " once" if period_s == ONCE else f" / {period_s:g} s"


def _writes(rows: Sequence[WriteRow]) -> Iterator[str]:
    parts = (
        f"{row.device} {'+'.join(map(str, row.addresses))} {row.seconds_s * 1000:.0f} ms / {row.every_s:g} s"
        for row in rows
    )
    if rows:
        yield f"  {'writes':<9}  {' · '.join(parts)}"
