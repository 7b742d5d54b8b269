"""Whether the installed devices can do what the installation asks of them. Pure."""

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, get_args

from hems.errors import ConfigError
from hems.field.budget import (
    REACTION_MAX_S,
    READ_S,
    TICK_S,
    LineBudget,
    grid_refresh_s,
    poll_plan,
    reaction_s,
    unfit,
)
from hems.field.plan import breaks
from hems.field.profile import FAST, Kind, Point, Profile, Serial
from hems.field.readings import DIRECTION, FUSED
from hems.field.wire import framing, setting
from hems.model.site import Bus, Charger, Config, Device, HeatPump, Meter, Role

REFRESH_SHARE: Final = 0.8
"""The worst gap between two refreshes may use so much of a device's own watchdog."""
NAMES_MAX: Final = 12
COMMON_BAUD: Final = 9600
ROLES: Final[tuple[Role, ...]] = get_args(Role)


def check(config: Config, profiles: Mapping[str, Profile]) -> None:
    """Raise a `ConfigError` for the first thing that does not fit, in one line that begins with its path."""
    placed = list(_placed(config))
    for path, kind, device in placed:
        for complaint in _profile(path, kind, device, profiles):
            raise ConfigError(complaint)
    buses = {bus.name: (i, bus) for i, bus in enumerate(config.buses)}
    for path, _, device in placed:
        profile = profiles[device.profile]
        for complaint in _fit(path, device, profile, *buses[device.bus]):
            raise ConfigError(complaint)
    for complaint in _time(config, profiles):
        raise ConfigError(complaint)


def _placed(config: Config) -> Iterator[tuple[str, Kind, Device]]:
    yield from ((f"meter[{i}]", "meter", device) for i, device in enumerate(config.meters))
    yield from ((f"charger[{i}]", "charger", device) for i, device in enumerate(config.chargers))
    yield from ((f"heat_pump[{i}]", "heat_pump", device) for i, device in enumerate(config.heat_pumps))


def _profile(path: str, kind: Kind, device: Device, profiles: Mapping[str, Profile]) -> Iterator[str]:
    fitting = sorted(key for key, profile in profiles.items() if profile.kind == kind)
    profile = profiles.get(device.profile)
    if profile is None:
        close = difflib.get_close_matches(device.profile, fitting, n=1)
        meant = f"did you mean {close[0]}? " if close else ""
        yield f"{path}.profile: {device.profile!r} is not known; {meant}known are {_some(fitting)}"
    elif profile.kind != kind:
        yield f"{path}.profile: {device.profile!r} is a {profile.kind}; choose one of {_some(fitting)}"


def _some(names: Sequence[str]) -> str:
    """Names for one line."""
    more = len(names) - NAMES_MAX
    return ", ".join(names[:NAMES_MAX]) + (f", … and {more} more" if more > 0 else "")


def _fit(path: str, device: Device, profile: Profile, index: int, bus: Bus) -> Iterator[str]:
    yield from _serial(path, profile, index, bus)
    if isinstance(device, Meter):
        yield from _role(path, device, profile)
    if isinstance(device, Charger):
        yield from _charger(path, device, profile)
    if isinstance(device, HeatPump) and device.surplus != "off" and profile.surplus is None:
        yield f"{path}.surplus: {profile.key} cannot be told what surplus there is; use 'off'"
    yield from _promises(path, profile)


def _serial(path: str, profile: Profile, index: int, bus: Bus) -> Iterator[str]:
    bauds, framings = profile.serial.bauds, profile.serial.framings
    own = f"give it a line with {_needed(profile.serial, bus)}"
    if profile.serial.framing != bus.framing:
        yield (
            f"{path}.bus: {profile.key} speaks {profile.serial.framing.upper()}, but bus[{index}] has "
            f'framing = "{bus.framing}"; {own}'
        )
    if (bauds and bus.baud not in bauds) or (framings and framing(bus) not in framings):
        speeds = "/".join(map(str, bauds)) or "any speed"
        yield (
            f"{path}.bus: {profile.key} speaks {speeds} {'/'.join(framings)}, "
            f"but bus[{index}] is {setting(bus)}; {own}"
        )


def _needed(serial: Serial, bus: Bus) -> str:
    """The keys of a line that suits a device, as near as can be to the one it has."""
    keys = [f'framing = "{serial.framing}"'] * (serial.framing != bus.framing)
    if serial.bauds:
        baud = next((baud for baud in (bus.baud, COMMON_BAUD) if baud in serial.bauds), serial.bauds[0])
        keys.append(f"baud = {baud}")
    if serial.framings:
        character = serial.framings[0] if framing(bus) not in serial.framings else framing(bus)
        keys.append(f'parity = "{character[1]}"')
        keys += [f"stop_bits = {character[2]}"] * (character[2] != "1")
    return ", ".join(keys)


def _role(path: str, meter: Meter, profile: Profile) -> Iterator[str]:
    measured = profile.point("line_power_w", meter.role) or profile.point("power_w", meter.role)
    if measured is None or (measured.positive, meter.role) not in DIRECTION:
        yield f"{path}.role: {profile.key} cannot be a {meter.role} meter; choose another role or profile"
    elif meter.role in FUSED and not _every_tick(profile.point("line_a", meter.role)):
        yield f"{path}.role: {profile.key} does not measure the current of each line; the fuse needs it"
    fewest = min((len(point.addresses) for point in _line_points(meter, profile)), default=len(meter.lines))
    if fewest < len(meter.lines):
        need = (
            "the fuse needs all three, take a meter for three lines"
            if meter.role == "grid"
            else f"name no more in {path}.lines"
        )
        yield f"{path}.lines: {profile.key} measures {fewest} of {len(meter.lines)} lines; {need}"


def roles(profile: Profile) -> tuple[str, ...]:
    """What a meter of this kind may measure; none for anything else."""
    if profile.kind != "meter":
        return ()
    found = []
    for role in ROLES:
        meter = Meter(name="x", bus="x", unit=1, profile=profile.key, role=role)
        one_line = Meter(name="x", bus="x", unit=1, profile=profile.key, role=role, lines=("L1",))
        alone = role not in FUSED and not list(_role("", one_line, profile))
        if alone or not list(_role("", meter, profile)):
            found.append(role)
    return tuple(found)


def _line_points(meter: Meter, profile: Profile) -> Iterator[Point]:
    for quantity in ("line_a", "line_power_w"):
        point = profile.point(quantity, meter.role)
        if point is not None:
            yield point


def _every_tick(point: Point | None) -> bool:
    return point is not None and point.period_s == FAST


def _charger(path: str, charger: Charger, profile: Profile) -> Iterator[str]:
    write, watchdog = profile.write, profile.watchdog
    if write is None:
        yield f"{path}.profile: {profile.key} cannot be told a current; choose another"
        return
    if charger.max_a > write.max_a:
        yield f"{path}.max_a: {charger.max_a:g} A is above the {write.max_a:g} A of {profile.key}; lower it"
    if charger.min_a < write.min_a:
        yield f"{path}.min_a: {charger.min_a:g} A is below the {write.min_a:g} A of {profile.key}; raise it"
    if charger.fallback == "on_off" and not any(row.fail_safe_scale_a for row in profile.setup):
        yield (
            f"{path}.fallback: {profile.key} cannot be told what to charge with when Modbus is lost; "
            "use 'stop'"
        )
    if watchdog is None and not charger.relay and not charger.accept_no_failsafe:
        yield (
            f"{path}.relay: {profile.key} keeps charging when this unit stops; "
            "name a relay that disables it, or set accept_no_failsafe = true"
        )


def _promises(path: str, profile: Profile) -> Iterator[str]:
    """What feeds a device's own watchdog must come often enough, a tick late at both ends."""
    watchdog = profile.watchdog
    if watchdog is None:
        return
    period_s = _fed_every_s(profile)
    if period_s + 2 * TICK_S > REFRESH_SHARE * watchdog.timeout_s:
        yield (
            f"{path}.profile: {profile.key} would be refreshed after up to {period_s + 2 * TICK_S:g} s, "
            f"too late for its watchdog of {watchdog.timeout_s:g} s; mend the profile"
        )


def _fed_every_s(profile: Profile) -> float:
    """The longest regular pause between two things that feed the watchdog; infinite if nothing does."""
    assert profile.watchdog is not None
    told = [one.refresh_s for one in (profile.write, profile.surplus) if one is not None]
    beats = [max((beat.every_s for beat in profile.heartbeats), default=math.inf)]
    match profile.watchdog.fed_by:
        case "write":
            return min(told, default=math.inf)
        case "heartbeat":
            return beats[0]
        case "access":
            reads = [max(point.period_s, TICK_S) for point in profile.points]
            return min([*told, *beats, *reads])


def _time(config: Config, profiles: Mapping[str, Profile]) -> Iterator[str]:
    lines = poll_plan(config, profiles)
    for i, line in enumerate(lines):
        for row in (*line.fast, *line.slow):
            if breaks(row.block, row.profile.limits):
                yield f"bus[{i}]: {row.profile.key} does not bear a read of {row.device}; mend the profile"
    yield from _reaction(config, profiles, lines)
    for i, line in enumerate(lines):
        busy = {"the fast reads": (line.picture_s, READ_S), "all reads and writes": (line.full_s, TICK_S)}
        for what, (taken_s, most_s) in busy.items():
            if taken_s > most_s:
                yield (
                    f"bus[{i}]: {what} of one tick take {taken_s:.2f} s, more than {most_s:.2f} s; "
                    "raise its speed or move devices to another line"
                )
        for device in unfit(line):
            yield f"bus[{i}]: no room in a tick to read {device}; raise its speed or move devices"


def _reaction(config: Config, profiles: Mapping[str, Profile], lines: Sequence[LineBudget]) -> Iterator[str]:
    refresh_s = grid_refresh_s(config, profiles) or 0.0
    reaction = reaction_s(lines, refresh_s)
    if reaction > REACTION_MAX_S:
        slowest = max(range(len(lines)), key=lambda i: lines[i].picture_s + lines[i].writes_s)
        own = f", {refresh_s:.2f} s of it the meter's own" if refresh_s else ""
        yield (
            f"bus[{slowest}]: the reaction to an overload would take {reaction:.2f} s{own}, "
            f"more than {REACTION_MAX_S:.1f} s; raise its speed or move devices to another line"
        )
