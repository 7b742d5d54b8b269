"""An installation in words: devices, limits, the plan of each bus, remarks and warnings."""

from collections.abc import Iterator, Mapping, Sequence

from hems.config import named
from hems.field.budget import (
    CHAIN_SPAN,
    REACTION_MAX_S,
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
from hems.field.wire import setting
from hems.model.site import Config, devices
from hems.model.units import LINES
from hems.regrets import unplugged, warnings


def describe(config: Config, profiles: Mapping[str, Profile], tariff: Sequence[str] = ()) -> list[str]:
    """What an installation means, line by line, with its `tariff` in words."""
    return [
        *installed(config),
        *tariff,
        "",
        *plan(config, profiles),
        *(f"remark: {remark}" for remark in remarks(config, profiles)),
        *(f"warning: {named(config, warning)}" for warning in (*warnings(config), *unplugged(config))),
    ]


def installed(config: Config) -> list[str]:
    """The devices and their limits."""
    fuses = ", ".join(f"{line} {fuse:g} A" for line, fuse in zip(LINES, config.site.main_fuse_a, strict=True))
    lines = [f"{config.site.name}, {config.site.time_zone}, main fuse {fuses}"]
    for meter in config.meters:
        what = f"{meter.role} of {meter.charger}" if meter.charger else meter.role
        turned = ", reversed" if meter.mounted == "reversed" else ""
        lines.append(f"meter    {meter.name:10} {meter.profile} @{meter.unit} on {meter.bus}: {what}{turned}")
    for charger in config.chargers:
        held = f"relay {charger.relay}, {charger.fallback}" if charger.relay else "no relay"
        limits = f"{charger.min_a:g}..{charger.max_a:g} A on {' '.join(charger.lines)}, {held}"
        lines.append(
            f"charger  {charger.name:10} {charger.profile} @{charger.unit} on {charger.bus}:"
            f" ev{charger.number}, {limits}"
        )
    for pump in config.heat_pumps:
        lines.append(f"pump     {pump.name:10} {pump.profile} @{pump.unit} on {pump.bus}: hp{pump.number}")
    lines += [
        f"relay    {relay.name:10} GPIO {relay.pin}, de-energised = no charging" for relay in config.relays
    ]
    lines += [f"contact  {contact.name:10} GPIO {contact.pin}" for contact in config.contacts]
    return [*lines, f"display  {config.panel.display}"]


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
        here = {row.device: reactions[row.device] for row in line.set_points}
        text.append(f"  load {line.load * 100:.0f} %{_reaction(here, dead_s(lines))}")
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
    grid = next(meter for meter in config.meters if meter.role == "grid")
    refresh_s = profiles[grid.profile].refresh_s
    age = "not known, and not in the reaction" if refresh_s is None else f"{refresh_s:g} s of the reaction"
    yield f"{grid.name}: how old {grid.profile}'s own values may be: {age}"
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
