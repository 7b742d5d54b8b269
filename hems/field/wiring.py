"""Whether the installed devices can do what the installation asks of them. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final

from hems.errors import ConfigError
from hems.field.budget import REACTION_MAX_S, TICK_S, poll_plan, reaction_s, unfit
from hems.field.profile import FAST, Kind, Point, Profile
from hems.field.readings import DIRECTION
from hems.field.wire import framing, setting
from hems.model.site import Bus, Charger, Config, Device, Meter

REFRESH_SHARE: Final = 0.8
"""The worst gap between two refreshes may use so much of a device's own watchdog."""


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
    fitting = ", ".join(sorted(key for key, profile in profiles.items() if profile.kind == kind))
    profile = profiles.get(device.profile)
    if profile is None:
        yield f"{path}.profile: {device.profile!r} is not known; known are {fitting}"
    elif profile.kind != kind:
        yield f"{path}.profile: {device.profile!r} is a {profile.kind}; choose one of {fitting}"


def _fit(path: str, device: Device, profile: Profile, index: int, bus: Bus) -> Iterator[str]:
    yield from _serial(path, profile, index, bus)
    if isinstance(device, Meter):
        yield from _role(path, device, profile)
    if isinstance(device, Charger):
        yield from _charger(path, device, profile)


def _serial(path: str, profile: Profile, index: int, bus: Bus) -> Iterator[str]:
    bauds, framings = profile.serial.bauds, profile.serial.framings
    if (bauds and bus.baud not in bauds) or (framings and framing(bus) not in framings):
        speeds = "/".join(map(str, bauds)) or "any speed"
        yield (
            f"{path}.bus: {profile.key} speaks {speeds} {'/'.join(framings)}, "
            f"but bus[{index}] is {setting(bus)}; give it a line of its own setting"
        )


def _role(path: str, meter: Meter, profile: Profile) -> Iterator[str]:
    measured = profile.point("line_power_w", meter.role) or profile.point("power_w", meter.role)
    if measured is None or (measured.positive, meter.role) not in DIRECTION:
        yield f"{path}.role: {profile.key} cannot be a {meter.role} meter; choose another role or profile"
    elif meter.role == "grid" and not _every_tick(profile.point("line_a", meter.role)):
        yield f"{path}.role: {profile.key} does not measure the current of each line; the fuse needs it"


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
    if watchdog is None:
        if not charger.relay and not charger.accept_no_failsafe:
            yield (
                f"{path}.relay: {profile.key} keeps charging when this unit stops; "
                "name a relay that disables it, or set accept_no_failsafe = true"
            )
        return
    period_s = write.refresh_s if watchdog.fed_by == "write" else min(write.refresh_s, _read_every_s(profile))
    if period_s + 2 * TICK_S > REFRESH_SHARE * watchdog.timeout_s:
        yield (
            f"{path}.profile: {profile.key} would be refreshed after up to {period_s + 2 * TICK_S:g} s, "
            f"too late for its watchdog of {watchdog.timeout_s:g} s; mend the profile"
        )


def _read_every_s(profile: Profile) -> float:
    return max(min(point.period_s for point in profile.points), TICK_S)


def _time(config: Config, profiles: Mapping[str, Profile]) -> Iterator[str]:
    lines = poll_plan(config, profiles)
    reaction = reaction_s(lines)
    if reaction > REACTION_MAX_S:
        slowest = max(range(len(lines)), key=lambda i: lines[i].fast_s + lines[i].writes_s)
        yield (
            f"bus[{slowest}]: the reaction to an overload would take {reaction:.2f} s, "
            f"more than {REACTION_MAX_S:.1f} s; raise its speed or move devices to another line"
        )
    for i, line in enumerate(lines):
        for row in unfit(line):
            yield f"bus[{i}]: no room in a tick to read {row.device}; raise its speed or move devices"
