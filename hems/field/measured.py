"""What a line and its devices were found to need, from reads alone. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from hems.field.budget import Pace
from hems.field.profile import TYPICAL_ANSWER_S, Profile
from hems.model.view import DeviceHealth, FieldHealth


def read_only(profiles: Mapping[str, Profile]) -> dict[str, Profile]:
    """The same devices without anything that is ever written to them, whatever their variant."""
    return {
        key: replace(
            profile,
            write=None,
            surplus=None,
            heartbeats=(),
            setup=(),
            variants=tuple(replace(variant, write=None) for variant in profile.variants),
        )
        for key, profile in profiles.items()
    }


def paces(health: FieldHealth) -> dict[str, Pace]:
    """How long each device thinks (95 of 100 answers are sooner) and the turn time it was found to need."""
    return {name: _pace(device) for name, device in health.devices.items()}


def words(health: FieldHealth) -> Iterator[str]:
    """What was measured: a row for each device, and what is wrong with a line."""
    for name, bus in health.buses.items():
        echo = "echo" if bus.echo else "no echo"
        yield f"measured  {name:<16} {echo}, {bus.exchanges} exchanges{f'; {bus.words}' if bus.words else ''}"
    for name, device in health.devices.items():
        yield f"measured  {name:<16} {_device(device)}"


def _pace(device: DeviceHealth) -> Pace:
    answer_ms = _nearly_all_ms(device)
    return Pace(TYPICAL_ANSWER_S if answer_ms is None else answer_ms / 1000, device.turn_ms / 1000)


def _nearly_all_ms(device: DeviceHealth) -> float | None:
    """What 95 of 100 answers did not exceed; the histogram's step may lie above the longest of all."""
    found = [at_ms for at_ms in (device.latency_p95_ms, device.latency_max_ms) if at_ms is not None]
    return min(found, default=None)


def _device(device: DeviceHealth) -> str:
    if device.latency_p50_ms is None:
        return f"no answer{f' ({device.words})' if device.words else ''}"
    return (
        f"half of the answers within {device.latency_p50_ms:.0f} ms, 95 of 100 within "
        f"{_nearly_all_ms(device):.0f} ms, all within {device.latency_max_ms:.0f} ms; "
        f"gap {device.gap_ms:.0f} ms, turn {device.turn_ms:.0f} ms; "
        f"{device.requests - device.accepted} of {device.requests} lost"
    )
