"""Rows of the fault matrix that one line plays in several acts: late answers, echoes, babble."""

from collections.abc import Callable
from typing import Final

from hems.field.exchange import Accepted, Failed, Request
from hems.field.profile import Framing
from hems.sim.faults import Fault
from tests.field.matrix.measured import Measured
from tests.field.matrix.rig import (
    ONE,
    OTHER,
    READ,
    SHORTER,
    STALL_S,
    WRITE,
    C,
    Rig,
    S,
)

Play = Callable[[Framing], Measured]
ECHO_S: Final = 0.02


def measured_s(
    row: int, what: str, framing: Framing, outcome: str, took_s: float, bound_s: float | None
) -> Measured:
    return Measured(row, what, framing, outcome, 1000 * took_s, None if bound_s is None else 1000 * bound_s)


def good(rig: Rig, request: Request = READ) -> None:
    (outcome,) = rig.play(request)
    assert isinstance(outcome, Accepted), outcome


def rest_after_the_next_request(framing: Framing) -> Measured:
    """A frame that goes on after 0.2 s runs into the next exchange: that may be lost, nothing is wrong."""
    with Rig(framing) as rig:
        rig.meet()
        rig.strike(Fault("pause", value=0.2, at=15, nth=1))
        first, _, after = rig.play(READ, SHORTER, SHORTER)
        assert first == Failed("short")
        assert isinstance(after, Accepted)
        bound_s = rig.first_s + max(15 * C + STALL_S, rig.answer_s()) + C + S
        return measured_s(8, "pause of 200 ms before byte 15", framing, "short", rig.free_s(-3), bound_s)


def late_while_quiet(framing: Framing) -> Measured:
    """Nobody asks meanwhile: it is counted, and teaches how late answers may be."""
    with Rig(framing) as rig:
        rig.meet()
        rig.strike(Fault("late", value=0.2, nth=1))
        assert rig.play(READ) == [Failed("silence")]
        rig.run(0.5)
        link = rig.links[1]
        assert link.errors["late"] == 1
        assert link.hold_s >= rig.first_s + 0.2
        assert rig.line.stage == "idle"
        good(rig)
        return measured_s(15, "late answer while idle", framing, "late", 0.0, None)


def late_in_quarantine(framing: Framing) -> Measured:
    """The quiet is as long as the longest answer ever seen; what comes in it costs nothing more."""
    with Rig(framing) as rig:
        rig.meet()
        rig.strike(Fault("late", value=0.2, nth=1))
        rig.play(READ)
        rig.run(0.5)
        rig.strike(Fault("late", value=0.12, nth=1))
        assert rig.links[1].timeout_s < 0.12 < rig.links[1].hold_s - rig.answer_s()
        bound_s = rig.links[1].hold_s
        first, after = rig.play(READ, SHORTER)
        assert first == Failed("silence")
        assert isinstance(after, Accepted)
        assert rig.links[1].errors["late"] == 2
        assert rig.slave.early == 0
        return measured_s(15, "late answer in quarantine", framing, "late", rig.free_s(), bound_s + S)


def late_into_another(what: str, next_: Request, late_s: float) -> Play:
    """The next request left before the late answer began: it is refused, the next may be lost."""

    def play(framing: Framing) -> Measured:
        with Rig(framing) as rig:
            rig.meet(1, next_.unit)
            rig.strike(Fault("late", device="unit1", value=late_s, nth=1))
            first, struck, after = rig.play(READ, next_, next_)
            assert first == Failed("silence")
            assert isinstance(after, Accepted), after
            link = rig.links[next_.unit]
            late_answer_s = rig.answer_s() + S
            bound_s = max(link.hold_s, link.timeout_s, rig.first_s + rig.answer_s(next_)) + late_answer_s + S
            said = "accepted" if isinstance(struck, Accepted) else struck.kind
            return measured_s(16, what, framing, f"{said}, no value wrong", rig.free_s(-2), bound_s)

    return play


def late_of_equal_shape(framing: Framing) -> Measured:
    """BUS-33: the same request is asked again, its first good answer is followed by one more quiet.

    The first answer comes while the second one is awaited, that one when another request would be on its way.
    """
    with Rig(framing) as rig:
        good(rig, ONE)
        good(rig, OTHER)
        late_s, next_late_s = (0.095, 0.01) if framing == "rtu" else (0.104, 0.0235)
        rig.strike(Fault("late", value=late_s, nth=1), Fault("late", value=next_late_s, nth=2))
        link = rig.links[1]
        longest_s = 1.5 * (rig.first_s + late_s + C)
        assert rig.play(ONE) == [Failed("silence")]
        assert not link.admits(OTHER, rig.clock.mono_s()), "another of its shape may be asked"
        held_s = link.hold_s
        again, after = rig.play(ONE, OTHER)
        assert isinstance(again, Accepted)
        assert isinstance(after, Accepted)
        assert link.admits(OTHER, rig.clock.mono_s())
        log = rig.slave.log
        took_s = log[-1].request_s - log[-3].request_end_s - (log[-2].request_end_s - log[-2].request_s)
        assert link.errors["late"] == 1, "the second answer did not fall into the quiet"
        return measured_s(17, "late answer, equal shape", framing, "accepted, right registers", took_s,
                         held_s + longest_s + S)  # fmt: skip


def echo_found(framing: Framing) -> Measured:
    """Undeclared: measured when the port opens, within one request to nobody."""
    with Rig(framing, echo=True, declared="auto") as rig:
        first, second = rig.play(WRITE, READ)
        assert (first, rig.line.echo) == (Accepted(), True)
        assert isinstance(second, Accepted)
        assert rig.line.counts.unasked_bytes == 0
        return measured_s(
            21, "echo not declared, found at opening", framing, "accepted", rig.free_s(0), ECHO_S + S
        )


def echo_denied(framing: Framing) -> Measured:
    """Declared as none: its own words are thrown away, with the device there or not."""
    with Rig(framing, echo=True) as rig:
        rig.meet()
        rig.strike(Fault("silence", nth=1))
        bound_s = rig.links[1].hold_s + S
        absent, there, read = rig.play(WRITE, WRITE, READ)
        assert absent == Failed("silence")
        assert there == Accepted()
        assert isinstance(read, Accepted)
        return measured_s(21, "echo denied, device absent, FC6", framing, "silence", rig.free_s(-3), bound_s)


def echo_too_short(framing: Framing) -> Measured:
    """20 ms after the request at the latest."""
    with Rig(framing, declared="yes", faults=(Fault("echo_short", value=3),)) as rig:
        assert rig.play(READ) == [Failed("echo")]
        took_s = rig.ended[-1][2] - rig.slave.log[-1].request_end_s
        rig.slave.heal("")
        rig.strike(Fault("echo"))
        after, good = rig.play(READ, READ)
        assert isinstance(good, Accepted), after
        return measured_s(19, "echo known, but too short", framing, "echo", took_s, ECHO_S)


def babble(framing: Framing) -> Measured:
    """Three seconds of random bytes instead of an answer: given up soon, silent until they end."""
    with Rig(framing) as rig:
        rig.meet()
        rig.strike(Fault("babble", value=3, nth=1))
        first, after = rig.play(READ, READ, seconds=8)
        assert isinstance(first, Failed)
        assert isinstance(after, Accepted)
        took_s = rig.ended[-2][2] - rig.slave.log[-2].request_end_s
        silent_s = rig.free_s() - rig.first_s - 3.0
        assert 0 < silent_s < S + C, "not one silence after the last byte"
        assert rig.slave.early == 0
        return measured_s(22, "babble for 3 s", framing, first.kind, took_s, 0.3)


SLOW: Final = Request(3, 3, 10, 12)
SLOW_SHORTER: Final = Request(3, 3, 40, 5)
PLAYS: Final[dict[str, Play]] = {
    "8 rest runs into the next": rest_after_the_next_request,
    "15 idle": late_while_quiet,
    "15 quarantine": late_in_quarantine,
    "16 other shape": late_into_another("late answer into another shape's exchange", SHORTER, 0.1),
    "16 other device": late_into_another(
        "late answer into another device's exchange", Request(2, 3, 10, 12), 0.1
    ),
    "16 other device, apart": late_into_another("late answer before a slow device's own", SLOW, 0.1),
    "16 other device and shape": late_into_another("late answer, other device and shape", SLOW_SHORTER, 0.1),
    "17": late_of_equal_shape,
    "19 too short": echo_too_short,
    "21 auto": echo_found,
    "21 denied": echo_denied,
    "22": babble,
}
