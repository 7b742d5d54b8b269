"""Rows of the fault matrix about the port, the clock and the loop of one line."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from hems.clock import ManualClock
from hems.field.exchange import Accepted, Failed
from hems.field.profile import Framing
from hems.model.loop import Loop, Timer
from hems.sim.faults import Fault
from tests.field.matrix.line_plays import Play, good, measured_s
from tests.field.matrix.measured import Measured
from tests.field.matrix.rig import READ, START, T_DEV_S, Rig

GONE_S: Final = 4.01
HELD_S: Final = 0.5
NEVER_LATE: Final = Fault("late", value=0.0, nth=1)


def vanishes(what: str, moment: Callable[[Rig], None]) -> Play:
    """The port goes at that moment, and is noticed."""

    def play(framing: Framing) -> Measured:
        with Rig(framing) as rig:
            rig.meet()
            moment(rig)
            waits = not rig.line.free
            before, at_s = len(rig.ended), rig.clock.mono_s()
            rig.strike(Fault("vanish", value=GONE_S))
            rig.run(1.0)
            assert rig.line.stage == "absent"
            took_s = rig.line.since_mono_s - at_s
            if waits:
                assert [outcome for _, outcome, _ in rig.ended[before:]] == [Failed("port")]
            rig.run(GONE_S + 2.0)
            good(rig)
            return measured_s(25, f"port vanishes, {what}", framing, "port", took_s, 0.05)

    return play


def _idle(rig: Rig) -> None:
    rig.run(0.2)
    assert rig.line.stage == "idle"


def _asked(fault: Fault, seconds: float, stages: set[str]) -> Callable[[Rig], None]:
    """A request has left so long ago, and its answer is struck."""

    def moment(rig: Rig) -> None:
        rig.strike(fault)
        rig.play(READ, seconds=seconds)
        assert rig.line.stage in stages, rig.line.stage

    return moment


def returns(what: str, gone_s: float, bound_s: float) -> Play:
    """Gone so long, then a new pair under the same name: until the first good exchange."""

    def play(framing: Framing) -> Measured:
        with Rig(framing) as rig:
            rig.meet()
            at_s = rig.clock.mono_s()
            rig.strike(Fault("vanish", value=gone_s))
            rig.run(gone_s)
            rig.loop.run_until(at_s + gone_s + 20, lambda: rig.line.free)
            good(rig)
            took_s = rig.ended[-1][2] - at_s - gone_s
            assert rig.line.counts.openings == 2
            return measured_s(26, what, framing, "good again", took_s, bound_s)

    return play


def begins(what: str, kind: str, words: str, away_s: float, bound_s: float) -> Play:
    """Not to be opened at the start, and said in words; until the first good exchange after its end."""

    def play(framing: Framing) -> Measured:
        fault = Fault("vanish", value=away_s) if kind == "vanish" else Fault("busy", value=away_s)
        with Rig(framing, faults=(fault,)) as rig:
            at_s = rig.clock.mono_s()
            assert rig.line.stage == "absent"
            assert rig.line.counts.words.startswith(f"far-end: {words}")
            rig.run(away_s)
            rig.loop.run_until(at_s + away_s + 20, lambda: rig.line.free)
            assert rig.line.counts.words == ""
            good(rig)
            return measured_s(28, what, framing, words, rig.ended[-1][2] - at_s - away_s, bound_s)

    return play


def stuck(framing: Framing) -> Measured:
    """Nothing can be written for 0.5 s: closed, opened anew, and good again when it takes bytes."""
    with Rig(framing) as rig:
        rig.meet()
        rig.run(0.2)
        rig.strike(Fault("stuck", value=2.2))
        at_s = rig.clock.mono_s()
        assert rig.play(READ) == [Failed("port")]
        took_s = rig.ended[-1][2] - at_s
        assert rig.line.counts.words == "far-end: output is stuck"
        rig.run(4.0)
        good(rig)
        return measured_s(29, "output stuck", framing, "port", took_s, 0.5)


class JumpingClock(ManualClock):
    """Its wall clock can be set."""

    def jump(self, hours: float) -> None:
        self._start += timedelta(hours=hours)


def wall_clock_jumps(framing: Framing) -> Measured:
    """Backwards and forwards in the middle of an answer and of a timeout: no difference at all."""
    clock = JumpingClock(START)
    with Rig(framing, clock=clock) as rig:
        rig.meet()
        rig.play(READ)
        calm_s = rig.ended[-1][2] - rig.slave.log[-1].request_end_s
        for hours in (-30.0, 1000.0):
            rig.play(READ, seconds=T_DEV_S)
            clock.jump(hours)
            rig.run(0.5)
            assert isinstance(rig.ended[-1][1], Accepted)
            took_s = rig.ended[-1][2] - rig.slave.log[-1].request_end_s
            assert abs(took_s - calm_s) < 1e-9
        rig.strike(Fault("silence", nth=1))
        rig.play(READ, seconds=0.05)
        clock.jump(-5.0)
        rig.run(0.5)
        assert rig.ended[-1][1] == Failed("silence")
        good(rig)
        return measured_s(
            30, "wall clock jumps during a wait", framing, "no effect", abs(took_s - calm_s), 0.0
        )


class HeldLoop:
    """A loop whose calls wait while something else holds it up."""

    def __init__(self, loop: Loop, clock: ManualClock) -> None:
        self._loop = loop
        self._clock = clock
        self.until_mono_s = 0.0

    def watch(self, descriptor: int, on_readable: Callable[[], None]) -> None:
        def readable() -> None:
            if self._clock.mono_s() >= self.until_mono_s:
                on_readable()
                return
            self._loop.forget(descriptor)
            self._loop.call_at(self.until_mono_s, lambda: self._again(descriptor, on_readable))

        self._loop.watch(descriptor, readable)

    def _again(self, descriptor: int, on_readable: Callable[[], None]) -> None:
        self.watch(descriptor, on_readable)
        on_readable()

    def forget(self, descriptor: int) -> None:
        self._loop.forget(descriptor)

    def watch_room(self, descriptor: int, on_writable: Callable[[], None]) -> None:
        self._loop.watch_room(descriptor, on_writable)

    def expect(self, descriptor: int, from_mono_s: float, until_mono_s: float) -> None:
        self._loop.expect(descriptor, from_mono_s, until_mono_s)

    def free_s(self) -> float | None:
        return self._loop.free_s()

    def run_until(self, deadline_mono_s: float, done: Callable[[], bool] | None = None) -> None:
        self._loop.run_until(deadline_mono_s, done)

    def call_at(self, mono_s: float, call: Callable[[], None]) -> Timer:
        def ring() -> None:
            if self._clock.mono_s() >= self.until_mono_s:
                call()
            else:
                self._loop.call_at(self.until_mono_s, call)

        return self._loop.call_at(mono_s, ring)


def held_up(what: str, after_s: float, *, answered: bool = True) -> Play:
    """Something else takes 500 ms from so long after the request's first bit on."""

    def play(framing: Framing) -> Measured:
        clock = ManualClock(START)
        loops: list[HeldLoop] = []

        def held(loop: Loop) -> Loop:
            loops.append(HeldLoop(loop, clock))
            return loops[0]

        with Rig(framing, clock=clock, held=held) as rig:
            rig.meet()
            rig.run(0.1)
            if not answered:
                rig.strike(Fault("silence", nth=1))
            rig.play(READ, seconds=after_s)
            end_s = loops[0].until_mono_s = clock.mono_s() + HELD_S
            rig.run(HELD_S + 0.5)
            _, outcome, at_s = rig.ended[-1]
            assert isinstance(outcome, Accepted) is answered, outcome
            if not answered:
                assert outcome == Failed("silence")
            good(rig)
            said = "accepted" if answered else "silence"
            return measured_s(31, f"loop held up for 500 ms, {what}", framing, said, at_s - end_s, 0.0)

    return play


PLAYS: Final[dict[str, Play]] = {
    "25 idle": vanishes("idle", _idle),
    "25 sending": vanishes("request leaving", _asked(NEVER_LATE, 0.004, {"sending"})),
    "25 waiting": vanishes("waiting", _asked(Fault("silence", nth=1), 0.05, {"sending", "waiting"})),
    "25 gathering": vanishes("answer coming", _asked(NEVER_LATE, 0.045, {"gathering"})),
    "26": returns("port returns after 4 s, same path", GONE_S, 2.0),
    "26 long": returns("port returns after 41 s, same path", 41.1, 5.1),
    "28 absent": begins(
        "absent at start, there after 4 s", "vanish", "no such file or directory", GONE_S, 1.1
    ),
    "28 absent long": begins(
        "absent at start, there after 40 s", "vanish", "no such file or directory", 40.1, 5.1
    ),
    "28 busy": begins("busy at start, free after 4 s", "busy", "another program holds it", GONE_S, 1.1),
    "29": stuck,
    "30": wall_clock_jumps,
    "31 leaving": held_up("from the request on", 0.002),
    "31 waiting": held_up("while waiting", 0.02),
    "31 gathering": held_up("within the answer", 0.05),
    "31 unanswered": held_up("no answer", 0.02, answered=False),
}
