"""What a tick has room for, computed from the plan before anything is sent. Pure.

A tick reads all fast blocks, decides, writes, beats hearts, then uses what is left for slow blocks, each
only if its worst case ends before the next tick. The reaction time of a charger is the longest way from a
change at the meter to its acknowledged lower current: the meter's own delay, one tick of bad luck, the fast
reads of the slowest line, the decision, and the writes of its line up to its own. What says which set-point a
charger holds is read among the fast reads after each write and before each repetition: in the worst tick for
all chargers.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hems.field.exchange import Request
from hems.field.link import TIMEOUT_MAX_S, Link
from hems.field.plan import Block, blocks, placed
from hems.field.profile import FAST, TYPICAL_ANSWER_S, Limits, Point, Profile
from hems.field.readings import FUSED
from hems.field.registers import width
from hems.field.setpoint import requests
from hems.field.told import CONFIRMING
from hems.field.wire import Wire, answer_chars, exchange_s, request_chars, wire
from hems.model.site import Bus, Charger, Config, Device, HeatPump, Meter, devices

TICK_S: Final = 1.0
READ_S: Final = 0.7
"""How long a tick waits for its fast reads."""
DECIDE_S: Final = 0.01
LOOK_AFTER_S: Final = 0.45
"""Into a tick, when the meters of fuses are looked at once more."""
REACTION_MAX_S: Final = 2.0
OFTEN_S: Final = 2 * TICK_S
"""Writes at least so often leave no tick without them."""
CHAIN_SPAN: Final = 1000
"""The models of a published map are reckoned so far apart that no read spans two of them."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a device thinks, and the silence it needs after a change of unit if not its profile's."""

    answer_s: float = TYPICAL_ANSWER_S
    turn_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One block of one device."""

    device: str
    unit: int
    profile: Profile
    block: Block
    seconds_s: float
    gap_s: float
    turn_s: float


@dataclass(frozen=True, slots=True)
class WriteRow:
    """What a device is told again and again, in one write or more, after so much peace."""

    device: str
    addresses: tuple[int, ...]
    seconds_s: float
    pause_s: float
    every_s: float

    @property
    def whole_s(self) -> float:
        """All of it."""
        return self.pause_s + self.seconds_s


@dataclass(frozen=True, slots=True)
class SpareRow:
    """An exchange that must fit into what fast reads leave: its worst time, peace around it included."""

    device: str
    worst_s: float


@dataclass(frozen=True, slots=True)
class LineBudget:
    """All traffic of one line; `dead_s` is the most that one dead device can cost its fast reads."""

    bus: Bus
    wire: Wire
    fast: tuple[ReadRow, ...]
    slow: tuple[ReadRow, ...]
    set_points: tuple[WriteRow, ...]
    others: tuple[WriteRow, ...]
    spare: tuple[SpareRow, ...]
    dead_s: float

    @property
    def fast_s(self) -> float:
        """All fast reads of an ordinary tick, in the order in which the line makes them."""
        return _sequence_s(self.fast)

    @property
    def read_backs(self) -> tuple[ReadRow, ...]:
        """The slow blocks that say which set-points the chargers hold."""
        told = {row.device for row in self.set_points}
        return tuple(row for row in self.slow if row.device in told and _confirms(row.block))

    @property
    def picture_s(self) -> float:
        """The fast reads of a tick in which every set-point is read back."""
        return _sequence_s((*self.fast, *self.read_backs))

    @property
    def writes_s(self) -> float:
        """One set-point to every charger."""
        return sum(row.whole_s for row in self.set_points)

    @property
    def full_s(self) -> float:
        """A tick in which everything is read, told and beaten that may not wait for a better one."""
        return self.picture_s + DECIDE_S + self.writes_s + sum(row.whole_s for row in self.others)

    @property
    def room_s(self) -> float:
        """What an ordinary tick leaves for what is slow."""
        often_s = sum(row.whole_s for row in (*self.set_points, *self.others) if row.every_s <= OFTEN_S)
        return TICK_S - self.fast_s - DECIDE_S - often_s

    @property
    def load(self) -> float:
        """The share of the time in which the line is busy or owes peace, 0..1 and above."""
        slow = sum(row.seconds_s / row.block.period_s for row in self.slow)
        writes = sum(row.whole_s / row.every_s for row in (*self.set_points, *self.others))
        return self.fast_s / TICK_S + slow + writes


def worst_s(wire: Wire, function: int, count: int, answer_max_s: float) -> float:
    """The longest an exchange can hold the line, answer pauses included."""
    answer_s = answer_chars(wire, function, count) * wire.char_s
    request_s = request_chars(wire, function, count) * wire.char_s
    return request_s + answer_max_s + 1.5 * answer_s + wire.stall_s + wire.silence_s


def poll_plan(
    config: Config, profiles: Mapping[str, Profile], paces: Mapping[str, Pace] | None = None
) -> tuple[LineBudget, ...]:
    """Every line's traffic. All profiles must be known; `paces` are what was measured, by device."""
    return tuple(_line(bus, config, profiles, paces or {}) for bus in config.buses)


def reactions_s(lines: Sequence[LineBudget], meter_s: float = 0.0) -> dict[str, float]:
    """For each charger the time from a change at the meter, `meter_s` old, to its acknowledged write."""
    before_s = meter_s + TICK_S + max(line.picture_s for line in lines) + DECIDE_S
    found: dict[str, float] = {}
    for line in lines:
        told_s = before_s
        for row in line.set_points:
            told_s += row.whole_s
            found[row.device] = told_s
    return found


def reaction_s(lines: Sequence[LineBudget], meter_s: float = 0.0) -> float:
    """The longest of all chargers; without any, when it would be decided."""
    decided_s = meter_s + TICK_S + max(line.picture_s for line in lines) + DECIDE_S
    return max(reactions_s(lines, meter_s).values(), default=decided_s)


def dead_s(lines: Sequence[LineBudget]) -> float:
    """What one dead device can add to the reaction."""
    slowest_s = max(line.picture_s for line in lines)
    return max(line.picture_s + line.dead_s for line in lines) - slowest_s


def grid_refresh_s(config: Config, profiles: Mapping[str, Profile]) -> float | None:
    """How old the values of the slowest meter of a fuse may be, as far as the profiles know it."""
    refresh_s = (profiles[meter.profile].refresh_s for meter in config.meters if meter.role in FUSED)
    return max((known for known in refresh_s if known is not None), default=None)


def unfit(line: LineBudget) -> tuple[str, ...]:
    """Devices with something to do whose worst case never fits between the fast reads of two ticks."""
    return tuple(dict.fromkeys(row.device for row in line.spare if row.worst_s > line.room_s))


def module(device: Device) -> int:
    """Which of the maker's register blocks a device is; 1 for all but heat pumps."""
    return device.module if isinstance(device, HeatPump) else 1


def role(device: Device) -> str:
    """What a meter measures; empty for all others."""
    return device.role if isinstance(device, Meter) else ""


def _line(bus: Bus, config: Config, profiles: Mapping[str, Profile], paces: Mapping[str, Pace]) -> LineBudget:
    timing = wire(bus)
    here = [device for device in devices(config) if device.bus == bus.name]
    alone = len({device.unit for device in here}) == 1
    reads: list[ReadRow] = []
    set_points: list[WriteRow] = []
    others: list[WriteRow] = []
    for device in here:
        profile, pace = profiles[device.profile], paces.get(device.name, Pace())
        reads.extend(_reads(device, profile, timing, pace, alone))
        set_points.extend(_set_point(device, profile, timing, pace))
        others.extend(_others(device, profile, timing, pace))
    fast = tuple(row for row in reads if row.block.period_s == FAST)
    slow = tuple(row for row in reads if row.block.period_s != FAST)
    spare = tuple(_spare(reads, here, profiles, paces, timing))
    silent_s = max((_cap_s(row.profile.limits) for row in fast), default=0.0)
    return LineBudget(bus, timing, fast, slow, tuple(set_points), tuple(others), spare, silent_s)


def _reads(device: Device, profile: Profile, timing: Wire, pace: Pace, alone: bool) -> Iterator[ReadRow]:
    limits = profile.limits
    turn_s = 0.0 if alone else max(limits.turn_s, pace.turn_s)
    for block in blocks(_points(profile, device), limits, timing, pace.answer_s, alone=alone):
        taken_s = exchange_s(timing, block.function, block.count, pace.answer_s)
        yield ReadRow(device.name, device.unit, profile, block, taken_s, limits.gap_s, turn_s)


def _set_point(device: Device, profile: Profile, timing: Wire, pace: Pace) -> Iterator[WriteRow]:
    """The longest way to tell a charger a current: with a release, two writes."""
    write = profile.write
    if isinstance(device, Charger) and write is not None:
        told = [requests(write, device.unit, limit_a, len(device.lines)) for limit_a in (0.0, write.min_a)]
        yield _write_row(device, max(told, key=len), write.refresh_s, profile.limits, timing, pace)


def _others(device: Device, profile: Profile, timing: Wire, pace: Pace) -> Iterator[WriteRow]:
    """What else is written regularly: a heat pump's watts, heartbeats."""
    surplus = profile.surplus
    if surplus is not None:
        values = (0,) * width(surplus.wire)
        told = Request(device.unit, surplus.function, surplus.address, values=values)
        yield _write_row(device, (told,), surplus.refresh_s, profile.limits, timing, pace)
    for beat in profile.heartbeats:
        told = Request(device.unit, beat.function, beat.address, values=(beat.value,))
        yield _write_row(device, (told,), beat.every_s, profile.limits, timing, pace)


def _write_row(
    device: Device, told: Sequence[Request], every_s: float, limits: Limits, timing: Wire, pace: Pace
) -> WriteRow:
    """Writes to one device in a row, after a read of the same or another one, whichever asks more peace."""
    wires_s = sum(exchange_s(timing, one.function, len(one.values), pace.answer_s) for one in told)
    pause_s = max(limits.gap_s, limits.turn_s, pace.turn_s) + limits.gap_s * (len(told) - 1)
    return WriteRow(device.name, tuple(one.address for one in told), wires_s, pause_s, every_s)


def _spare(
    reads: Sequence[ReadRow],
    here: Sequence[Device],
    profiles: Mapping[str, Profile],
    paces: Mapping[str, Pace],
    timing: Wire,
) -> Iterator[SpareRow]:
    """Slow blocks; the smallest of each device, which is its probe; steps of identity, walk and setup.

    Who is read in every tick is known when something slow is asked; who is not may think as long as it may.
    """
    fast = [row for row in reads if row.block.period_s == FAST]
    turn_s = max((row.turn_s for row in fast), default=0.0)
    hurried = {row.unit for row in fast}
    for device in here:
        profile, limits = profiles[device.profile], profiles[device.profile].limits
        before_s, longest_s, after_s = limits.turn_s, _cap_s(limits), turn_s
        if device.unit in hurried:
            longest_s = hold_s(limits, paces.get(device.name, Pace()))
            before_s, after_s = max(limits.turn_s, limits.gap_s), max(turn_s, limits.gap_s)
        mine = [row for row in reads if row.device == device.name]
        for function, count in _steps(profile, mine):
            yield SpareRow(device.name, before_s + worst_s(timing, function, count, longest_s) + after_s)


def _steps(profile: Profile, reads: Sequence[ReadRow]) -> Iterator[tuple[int, int]]:
    """Function and count of everything a device is asked or told when there is time."""
    ordered = sorted(reads, key=lambda row: row.block.count)
    for i, row in enumerate(ordered):
        if i == 0 or row.block.period_s != FAST:
            yield row.block.function, row.block.count
    if profile.identify is not None:
        yield profile.identify.function, profile.identify.count
    if profile.chain is not None:
        yield 3, 2
    if profile.surplus is not None:
        yield 3, width(profile.surplus.wire)
    if profile.setup:
        yield 16, max(width(row.wire) for row in profile.setup)


def _sequence_s(rows: Sequence[ReadRow]) -> float:
    """How long the reads of a tick take, the one that may leave first always next, as the line does it."""
    waiting = list(rows)
    at_s, asked = 0.0, 0
    ended_s: dict[int, float] = {}

    def start_s(row: ReadRow) -> float:
        turned_s = row.turn_s if row.unit != asked else 0.0
        return max(at_s + turned_s, ended_s.get(row.unit, -math.inf) + row.gap_s)

    while waiting:
        row = min(waiting, key=start_s)
        waiting.remove(row)
        at_s = start_s(row) + row.seconds_s
        ended_s[row.unit], asked = at_s, row.unit
    return at_s


def _points(profile: Profile, device: Device) -> tuple[Point, ...]:
    """A device's points; of a published map, where a quantity lies in several models, only the first."""
    points = profile.points_for(role(device))
    models = {one: CHAIN_SPAN * i for i, one in enumerate(sorted({m for p in points for m in p.models}))}
    found: dict[str, Point] = {}
    placed_points = placed(profile, role(device), module(device), models)
    if profile.chain is None:
        return placed_points
    for point in placed_points:
        found.setdefault(point.quantity, point)
    return tuple(found.values())


def _confirms(block: Block) -> bool:
    return any(point.quantity in CONFIRMING for point in block.points)


def _cap_s(limits: Limits) -> float:
    return min(limits.answer_max_s, TIMEOUT_MAX_S)


def hold_s(limits: Limits, pace: Pace) -> float:
    """How long the line waits at most for a device that thinks as it is known to."""
    link = Link(0, limits)
    link.answered(pace.answer_s)
    return link.hold_s
