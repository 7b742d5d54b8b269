"""What a tick has room for, computed from the plan before anything is sent. Pure.

A tick reads all fast blocks, decides, writes, then uses what is left for slow blocks, each only if its worst
case ends before the next tick. The reaction time is the longest way from a change at the meter to the last
charger's acknowledged lower current: one tick of bad luck, the fast reads of the slowest line, the decision
and the writes of the slowest line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hems.field.plan import Block, blocks, placed
from hems.field.profile import FAST, TYPICAL_ANSWER_S, Limits, Point, Profile, Write
from hems.field.wire import STALL_S, Wire, answer_chars, exchange_s, request_chars, setting, wire
from hems.model.site import Bus, Charger, Config, Device, HeatPump, Meter, devices

TICK_S: Final = 1.0
DECIDE_S: Final = 0.01
REACTION_MAX_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One block of one device; `pause_s` is the peace it needs before it."""

    device: str
    unit: int
    profile: Profile
    block: Block
    seconds_s: float
    pause_s: float


@dataclass(frozen=True, slots=True)
class WriteRow:
    """One charger's set-point."""

    device: str
    write: Write
    seconds_s: float
    pause_s: float


@dataclass(frozen=True, slots=True)
class LineBudget:
    """All traffic of one line; `answer_max_s` is what one dead device can cost its fast reads."""

    bus: Bus
    wire: Wire
    fast: tuple[ReadRow, ...]
    slow: tuple[ReadRow, ...]
    writes: tuple[WriteRow, ...]
    answer_max_s: float

    @property
    def fast_s(self) -> float:
        """All fast reads of a tick."""
        return sum(row.seconds_s + row.pause_s for row in self.fast)

    @property
    def writes_s(self) -> float:
        """One set-point to every charger."""
        return sum(row.seconds_s + row.pause_s for row in self.writes)

    @property
    def load(self) -> float:
        """The share of the time in which the line is busy or owes peace, 0..1 and above."""
        slow = sum((row.seconds_s + row.pause_s) / row.block.period_s for row in self.slow)
        repeats = sum((row.seconds_s + row.pause_s) / row.write.refresh_s for row in self.writes)
        return self.fast_s / TICK_S + slow + repeats


def worst_s(wire: Wire, function: int, count: int, answer_max_s: float) -> float:
    """The longest an exchange can hold the line, answer pauses included."""
    answer_s = answer_chars(wire, function, count) * wire.char_s
    request_s = request_chars(wire, function, count) * wire.char_s
    return request_s + answer_max_s + 1.5 * answer_s + STALL_S + wire.silence_s


def poll_plan(config: Config, profiles: Mapping[str, Profile]) -> tuple[LineBudget, ...]:
    """Every line's traffic. All profiles must be known."""
    return tuple(_line(bus, config, profiles) for bus in config.buses)


def reaction_s(lines: Sequence[LineBudget]) -> float:
    """From a change at the meter to the last acknowledged write."""
    fast_s = max(line.fast_s for line in lines)
    return TICK_S + fast_s + DECIDE_S + max(line.writes_s for line in lines)


def unfit(line: LineBudget) -> tuple[ReadRow, ...]:
    """Slow blocks whose worst case never fits between the fast reads of two ticks."""
    room_s = TICK_S - line.fast_s - DECIDE_S
    return tuple(
        row
        for row in line.slow
        if row.pause_s
        + worst_s(line.wire, row.block.function, row.block.count, row.profile.limits.answer_max_s)
        > room_s
    )


def describe(config: Config, profiles: Mapping[str, Profile]) -> list[str]:
    """The plan in words, a few rows per line."""
    lines = poll_plan(config, profiles)
    reaction = reaction_s(lines)
    dead_s = reaction + max(line.answer_max_s for line in lines)
    text: list[str] = []
    for line in lines:
        text.append(f"{line.bus.name}  {setting(line.bus)}  silence {line.wire.silence_s * 1000:.2f} ms")
        text.extend(_rows("each tick", line.fast))
        text.extend(_rows("slow", line.slow))
        text.extend(_write_row(line.writes))
        text.append(f"  load {line.load * 100:.0f} %")
    text.append(
        f"reaction {reaction:.2f} s, with one dead device {dead_s:.2f} s (limit {REACTION_MAX_S:.1f} s)"
    )
    return text


def _line(bus: Bus, config: Config, profiles: Mapping[str, Profile]) -> LineBudget:
    timing = wire(bus)
    here = [device for device in devices(config) if device.bus == bus.name]
    fast: list[ReadRow] = []
    slow: list[ReadRow] = []
    writes: list[WriteRow] = []
    for device in here:
        profile = profiles[device.profile]
        for block in blocks(_points(profile, device), profile.limits, timing):
            rows = fast if block.period_s == FAST else slow
            alone = len({other.unit for other in here}) == 1
            again = alone or bool(rows and rows[-1].unit == device.unit)
            pause_s = profile.limits.gap_s if again else profile.limits.turn_s
            taken_s = exchange_s(timing, block.function, block.count, TYPICAL_ANSWER_S)
            rows.append(ReadRow(device.name, device.unit, profile, block, taken_s, pause_s))
        if isinstance(device, Charger) and profile.write is not None:
            taken_s = exchange_s(timing, profile.write.function, 1, TYPICAL_ANSWER_S)
            writes.append(WriteRow(device.name, profile.write, taken_s, _longer_pause_s(profile.limits)))
    answer_max_s = max((row.profile.limits.answer_max_s for row in fast), default=0.0)
    return LineBudget(bus, timing, tuple(fast), tuple(slow), tuple(writes), answer_max_s)


def module(device: Device) -> int:
    """Which of the maker's register blocks a device is; 1 for all but heat pumps."""
    return device.module if isinstance(device, HeatPump) else 1


def role(device: Device) -> str:
    """What a meter measures; empty for all others."""
    return device.role if isinstance(device, Meter) else ""


def _points(profile: Profile, device: Device) -> tuple[Point, ...]:
    """A device's points; of a published map the first model of each quantity, as if they lay at one place."""
    points = profile.points_for(role(device))
    firsts = {point.quantity: point.models[:1] for point in reversed(points)}
    models = {model: 0 for first in firsts.values() for model in first}
    return placed(profile, role(device), module(device), models)


def _longer_pause_s(limits: Limits) -> float:
    return max(limits.gap_s, limits.turn_s)


def _rows(title: str, rows: Sequence[ReadRow]) -> list[str]:
    text = []
    for i, row in enumerate(rows):
        offset = "+" if row.profile.chain else ""
        every = "" if row.block.period_s == FAST else f" / {row.block.period_s:g} s"
        text.append(
            f"  {title if i == 0 else '':<9}  {row.device:<16} {row.profile.key:<24} @{row.unit:<3} "
            f"fc{row.block.function} {offset + str(row.block.address):>5}+{row.block.count:<3} "
            f"{row.seconds_s * 1000:4.0f} ms{every}"
        )
    return text


def _write_row(rows: Sequence[WriteRow]) -> list[str]:
    parts = [
        f"{row.device} {row.write.address} {row.seconds_s * 1000:.0f} ms / {row.write.refresh_s:g} s"
        for row in rows
    ]
    return [f"  {'writes':<9}  {' · '.join(parts)}"] if parts else []
