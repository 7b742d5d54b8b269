"""Hours with all faults at one per cent (BUS-111): ``python -m tests.field.matrix.endurance [HOURS] [SEED]``.

Two meters hold a sequence: every register says whose it is and which second it was, so a value in the wrong
place or from the wrong time is seen at once. Of all devices every accepted answer is compared with what the
device had answered to this very request. Virtual time throughout.
"""

import gc
import struct
import sys
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random, SystemRandom
from types import TracebackType
from typing import Final, Protocol, Self
from unittest.mock import patch

from hems.clock import ManualClock
from hems.field.budget import READ_S
from hems.field.device import Device
from hems.field.exchange import READS, Accepted, Outcome
from hems.field.field import Field
from hems.field.line import Line
from hems.field.link import DOUBT_S, Job
from hems.field.pins import Pins
from hems.field.profiles import PROFILES
from hems.model.decision import ChargerCommand, Command
from hems.reactor import Reactor
from hems.sim import house as simulated
from hems.sim import slave
from hems.sim.faults import Fault
from hems.sim.maps import units
from hems.sim.pdu import Block, Unit, reply
from hems.sim.ports import PairPlace
from tests.field.matrix.endurance_house import (
    ANSWERS,
    NAMES,
    SECONDS,
    SEQUENCES,
    SHARE,
    UPSETS,
    installation,
    scenery,
    sequence,
    word,
)
from tests.field.matrix.rig import START, opener

FOREIGN_S: Final = 3.0
REMEMBERED_S: Final = 2 * DOUBT_S
HANG_S: Final = 4.0
HEALED_WITHIN_S: Final = 320
MEETING_S: Final = 20
PEACE_S: Final = 5
QUIET_S: Final = 35.0
"""The longest a device without faults is not asked."""
GROWTH_BLOCKS: Final = 300
"""The jitter of what is in flight when memory is looked at."""


Given = deque[tuple[float, bytes]]
"""When a device answered a request, and what."""


SLOWING: Final = frozenset({"late", "pause", "babble"})
BUSY: Final = Fault("silence")
THINKS_S: Final = 0.1
"""No simulated device thinks longer, and its answer is through as soon as that."""


class Strike(Protocol):
    """Tells which faults strike a request."""

    def __call__(
        self, device: str, function: int, elapsed_s: float, *, echoes: bool = False
    ) -> list[Fault]: ...


@dataclass
class Tally:
    """What was seen."""

    ticks: int = 0
    accepted: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    longest_s: float = 0.0
    blocks_early: int = 0
    blocks_late: int = 0

    @property
    def sound(self) -> bool:
        """No wrong value, nothing that hung, nothing that grew."""
        return not self.wrong and self.longest_s < HANG_S and self.growth < GROWTH_BLOCKS

    @property
    def growth(self) -> int:
        """Blocks of memory more than when all had been met."""
        return self.blocks_late - self.blocks_early


class Endurance:
    """The house, its field, its faults."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.clock = ManualClock(START)
        self.loop = Reactor(self.clock)
        self.tally = Tally()
        self._given: dict[tuple[str, bytes], deque[tuple[float, bytes]]] = defaultdict(
            lambda: deque(maxlen=32)
        )
        self._begun_s: dict[int, float] = {}
        self._busy_s: dict[str, float] = {}
        self._patches = ExitStack()
        self._patches.enter_context(patch.object(slave, "reply", self._replied))
        setting = scenery(seed)
        self.house = simulated.House(setting, self.clock.mono_s())
        place = PairPlace()
        there = units(self.house, setting.buses[0], self.clock)
        there |= {unit: self._sequence(name, unit) for name, unit in SEQUENCES.items()}
        self.slave = slave.Slave(there, place, self.loop, self.clock, setting.buses[0], seed=seed)
        faults = self.slave._faults
        self._patches.enter_context(patch.object(faults, "striking", self._striking(faults.striking)))
        opened = opener(place)
        profiles = dict(PROFILES) | {"sequence": sequence(single=False), "singles": sequence(single=True)}
        self.field = Field(installation(), profiles, self.loop, self.clock, Pins({}), opened)
        (agenda,) = self.field._agendas
        self.line: Line = agenda.line
        self._patches.enter_context(patch.object(self.line, "start", self._starting(self.line.start)))
        self._start_s = self.clock.mono_s()

    def device(self, name: str) -> Device:
        return self.field._devices[name]

    def strike(self) -> None:
        """From now on, every answer and request."""
        alike = Counter(fault.kind for fault in ANSWERS)
        for fault in ANSWERS:
            share = SHARE / alike[fault.kind]
            self.slave.inject(replace(fault, share=share))

    def heal(self) -> None:
        """No faults any more, the port is there."""
        for name in ("", *NAMES.values()):
            self.slave.heal(name)

    def tick(self, *, upset: bool) -> None:
        """One second, in which something may happen to the line."""
        now = self.clock.now()
        if upset:
            self._upset(now.mono_s - self._start_s)
        self.field.read(now)
        self._longest(self.clock.mono_s() - now.mono_s - READ_S)
        limits_a = {name: self._wish_a(period) for name, period in (("garage", 17), ("box", 41))}
        chargers = {name: ChargerCommand(limit_a, limit_a > 0) for name, limit_a in limits_a.items()}
        self.field.act(Command(chargers, {"pump": 500.0}), self.clock.now())
        self.tally.ticks += 1
        self.loop.run_until(self._start_s + self.tally.ticks)
        self.house.advance(self.clock.mono_s())
        self._look()

    def _wish_a(self, period: int) -> float:
        return (0.0, 6.0, 10.0, 16.0, 8.0)[self.tally.ticks // period % 5]

    def _upset(self, elapsed_s: float) -> None:
        alike = Counter(fault.kind for fault in UPSETS)
        for fault in UPSETS:
            if self.chance.random() < SHARE / alike[fault.kind]:
                until_s = elapsed_s + FOREIGN_S
                self.slave.inject(replace(fault, from_s=elapsed_s, until_s=until_s))
                if fault.kind == "busy":
                    self.slave.inject(Fault("vanish", value=0.6, from_s=elapsed_s))

    def _look(self) -> None:
        """Every value that is believed is its own register's, and not older than an answer may be."""
        for name, unit in SEQUENCES.items():
            samples = self.device(name).samples
            for point in sequence(single=False).points:
                sample = samples.get(point.quantity)
                if sample is None:
                    continue
                for address, value in zip(point.addresses, sample.values, strict=True):
                    code, second = divmod(int(value), SECONDS)
                    age_s = (int(sample.at_mono_s) - second) % SECONDS
                    if code != unit << 3 | address or age_s > DOUBT_S + 1:
                        self._wrong(f"{name}: register {address} = {value:.0f}, {age_s} s old")
        for name in ("garage", "box"):
            slot = self.device(name).slot
            held_a = self.house.points[name].charger.offered_a(self.clock.mono_s())
            if slot.known and held_a > slot.highest_a + 0.05:
                self._wrong(f"{name}: holds {held_a} A, booked are {slot.highest_a} A")
        now_s = self.clock.mono_s()
        self._longest(max((now_s - begun_s for begun_s in self._begun_s.values()), default=0.0))

    def _wrong(self, what: str) -> None:
        self.tally.wrong.append(f"{self.clock.mono_s() - self._start_s:.3f} s: {what}")

    def _longest(self, seconds: float) -> None:
        self.tally.longest_s = max(self.tally.longest_s, seconds)

    def _sequence(self, name: str, unit: int) -> Unit:
        def image() -> bytes:
            return struct.pack(">8H", *(word(unit, address, self.clock.mono_s()) for address in range(8)))

        return Unit(name, (Block(3, 0, 8, image),), answer_s=(0.01, 0.06))

    def _replied(self, unit: Unit, request: bytes) -> bytes:
        answer = reply(unit, request)
        if request[0] in READS:
            self._given[unit.name, bytes(request)].append((self.clock.mono_s(), answer))
        return answer

    def _starting(self, start: Callable[[Job], None]) -> Callable[[Job], None]:
        def started(job: Job) -> None:
            request = job.request
            pdu = struct.pack(">BHH", request.function, request.address, request.count)

            def done(outcome: Outcome, at_s: float) -> None:
                self._longest(at_s - self._begun_s.pop(id(job)))
                if isinstance(outcome, Accepted):
                    self.tally.accepted += 1
                    if request.function in READS:
                        self._compare(NAMES[request.unit], pdu, outcome, at_s)
                else:
                    self.tally.errors[outcome.kind] += 1
                job.done(outcome, at_s)

            self._begun_s[id(job)] = self.clock.mono_s()
            start(Job(request, job.link, done))

        return started

    def _compare(self, name: str, pdu: bytes, outcome: Accepted, at_s: float) -> None:
        body = struct.pack(f">{len(outcome.registers)}H", *outcome.registers)
        given = self._given[name, pdu]
        lately = (answer[2:] for asked_s, answer in given if at_s - asked_s <= REMEMBERED_S)
        if body not in lately:
            self._wrong(f"{name}: {body.hex()} was never its answer to {pdu.hex()}")

    def _striking(self, striking: Strike) -> Strike:
        """A device answers in order: until its late or halting answer is through it hears nothing.

        A twin strikes alone: where the first one's answer is lost as well, the second one's is sound.
        """

        def struck(device: str, function: int, elapsed_s: float, *, echoes: bool = False) -> list[Fault]:
            found = striking(device, function, elapsed_s, echoes=echoes)
            if echoes:
                return found
            if elapsed_s < self._busy_s.get(device, 0.0):
                return [BUSY]
            found = [fault for fault in found if fault.kind == "twin"][:1] or found
            held_s = sum(fault.figure for fault in found if fault.kind in SLOWING)
            self._busy_s[device] = elapsed_s + held_s + THINKS_S if held_s else 0.0
            return found

        return struck

    def judge(self) -> None:
        """Without faults everybody is heard, and holds what is wanted."""
        now_s = self.clock.mono_s()
        for name in NAMES.values():
            device = self.device(name)
            if device.last_good_mono_s is None or now_s - device.last_good_mono_s > QUIET_S:
                self._wrong(f"{name} is still lost")
            if device.slot.unsure or not device.told.set_up:
                self._wrong(f"{name} is still in doubt")
        if self.line.counts.early:
            self._wrong(f"{self.line.counts.early} requests before the silence had passed")

    def progress(self) -> str:
        """One line of figures."""
        tally = self.tally
        lost = sum(tally.errors.values())
        return (
            f"{tally.ticks / 3600:5.1f} h  {tally.accepted} accepted  {lost} lost  {len(tally.wrong)} wrong"
            f"  longest {tally.longest_s:.2f} s  {self.line.counts.openings} openings"
        )

    def blocks(self) -> int:
        """Blocks of memory in use after some seconds of peace; then the faults begin anew."""
        self.heal()
        for _ in range(PEACE_S):
            self.tick(upset=False)
        self.slave.log.clear()
        self._given.clear()
        gc.collect()
        in_use = sys.getallocatedblocks()
        self.strike()
        return in_use

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._patches.close()
        self.field.close()
        self.slave.close()
        self.loop.close()


def endure(hours: float, seed: int, say: Callable[[str], None]) -> Tally:
    """Faults for so long, then none: whoever can be heard is heard again. `say` takes a line every hour."""
    seconds = int(3600 * hours)
    with Endurance(seed) as one:
        for _ in range(MEETING_S):
            one.tick(upset=False)
        one.strike()
        for second in range(1, seconds + 1):
            one.tick(upset=True)
            if second == min(3600, seconds // 2):
                one.tally.blocks_early = one.blocks()
            if second % 3600 == 0:
                say(one.progress())
        one.tally.blocks_late = one.blocks()
        one.heal()
        for _ in range(HEALED_WITHIN_S):
            one.tick(upset=False)
        one.judge()
        return one.tally


def main() -> int:
    """Told every hour; 1 if anything was wrong, hung or grew."""
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 24.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SystemRandom().randrange(2**32)
    print(f"seed {seed}, {hours:g} h", flush=True)
    tally = endure(hours, seed, partial(print, flush=True))
    print("\n".join(tally.wrong[:20]))
    print(f"{tally.growth} blocks of memory more than at the beginning")
    return int(not tally.sound)


if __name__ == "__main__":
    sys.exit(main())
