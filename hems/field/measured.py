"""What a line and its devices were found to need, from reads alone. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from hems.field.budget import Pace
from hems.field.profile import TYPICAL_ANSWER_S, Profile
from hems.model.view import BusHealth, DeviceHealth, FieldHealth


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
        yield f"measured  {name:<16} {_line(bus)}"
    for name, device in health.devices.items():
        yield f"measured  {name:<16} {_device(device)}"


def _pace(device: DeviceHealth) -> Pace:
    answer_ms = device.latency_p95_ms
    return Pace(TYPICAL_ANSWER_S if answer_ms is None else answer_ms / 1000, device.turn_ms / 1000)


def unopened(bus: BusHealth) -> bool:
    """Whether its port was never there to be measured."""
    return bus.stage == "absent" and not bus.exchanges


def _line(bus: BusHealth) -> str:
    if unopened(bus):
        return f"nothing could be measured: {bus.words}"
    found = f"{'echo' if bus.echo else 'no echo'}, {bus.exchanges} exchanges"
    return f"{found}; {bus.words}" if bus.words else found


def _device(device: DeviceHealth) -> str:
    if device.latency_p50_ms is None:
        return f"no answer{f' ({device.words})' if device.words else ''}"
    return (
        f"half of the answers within {device.latency_p50_ms:.0f} ms, 95 of 100 within "
        f"{device.latency_p95_ms:.0f} ms, all within {device.latency_max_ms:.0f} ms; "
        f"gap {device.gap_ms:.0f} ms, turn {device.turn_ms:.0f} ms; "
        f"{device.requests - device.accepted} of {device.requests} lost"
    )
