"""The line machine against a scripted slave, in virtual time: BUS-10..15, 24, 30..33, 51, fault rows."""

import itertools
import math
import os
import pty
import socket
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC
from functools import partial
from pathlib import Path

import pytest

from hems.clock import SystemClock
from hems.errors import PortError
from hems.field.exchange import Accepted, Failed, Outcome, Request
from hems.field.line import ALLOWED, Line, Stage
from hems.field.link import Job, Link
from hems.field.port import Port, open_serial
from hems.field.profile import Limits, Serial
from hems.field.wire import STALL_S
from hems.model.site import Bus
from hems.reactor import Reactor
from tests.field.wires import Bench, Memory, PairPort, Reply, crc, framed, lettered

READ = Request(1, 4, 6, 12)
GOOD = framed("010418" + "".join(f"{i:04x}" for i in range(12)))
REGISTERS = tuple(range(12))
CHAR_S = 10 / 9600
SILENCE_S = 3.5 * CHAR_S
ANSWER_S = len(GOOD) * CHAR_S
THINK_S = 0.02


@dataclass
class Rig:
    """A line, its slave and everything that came back."""

    bench: Bench
    line: Line
    outcomes: list[tuple[Outcome, float]] = field(default_factory=list)
    links: dict[int, Link] = field(default_factory=dict)
    transitions: set[tuple[Stage, Stage]] = field(default_factory=set)

    def link(self, unit: int = 1) -> Link:
        return self.links.setdefault(unit, Link(unit, Limits()))

    def ask(self, request: Request = READ) -> None:
        self.line.start(Job(request, self.link(request.unit), lambda o, at: self.outcomes.append((o, at))))

    def settle(self, seconds: float = 2.0) -> Outcome:
        """Run until the outstanding exchange is over; its outcome."""
        before = len(self.outcomes)
        self.bench.loop.run_until(self.bench.clock.mono_s() + seconds, lambda: len(self.outcomes) > before)
        return self.outcomes[-1][0]

    @property
    def stage(self) -> str:
        return self.line.stage

    def exchange(self, request: Request = READ) -> Outcome:
        self.ask(request)
        return self.settle()

    def sent_s(self, number: int = -1) -> float:
        """When the last stop bit of a request left."""
        at_s, data = self.bench.slave.requests[number]
        return at_s + len(data) * CHAR_S

    def ready_again_s(self, number: int = -1) -> float:
        """From the last stop bit of a request to the next possible one, by the slave's clock."""
        end_s = self.sent_s(number)
        self.ask(Request(9, 3, 0, 1))
        self.settle()
        return self.bench.slave.requests[-1][0] - end_s

    def script(self, *replies: Reply | None) -> None:
        """Answer the next requests so; later ones honestly."""
        first = len(self.bench.slave.requests) + 1
        self.bench.slave.script = lambda n, _: replies[n - first] if 0 <= n - first < len(replies) else None


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    bench = Bench()
    seen: set[tuple[Stage, Stage]] = set()
    enter = Line._enter

    def noted(line: Line, stage: Stage, now_s: float) -> None:
        seen.add((line.stage, stage))
        enter(line, stage, now_s)

    monkeypatch.setattr(Line, "_enter", noted)
    bench.slave.script = lambda n, data: None
    made = Rig(bench, Line(bench.bus, bench.loop, bench.clock, bench.slave.open), transitions=seen)
    yield made
    made.line.close()
    bench.slave.close()
    bench.loop.close()
    assert made.line.counts.early == 0, "a request left before the silence had passed (BUS-102)"
    for before, after in seen:
        assert after in ALLOWED[before], f"{before} -> {after} is not allowed"


def good(after_s: float = THINK_S) -> Reply:
    return Reply([(after_s, GOOD)])


def meet(rig: Rig) -> None:
    """A first good exchange, so that the device's latency is known."""
    rig.script(good())
    assert rig.exchange() == Accepted(REGISTERS)


def test_a_read_takes_its_wire_time_and_no_more(rig: Rig) -> None:
    """BUS-101: next request exactly one silence after the answer; BUS-13: latency to the first byte."""
    rig.script(good(), good())
    assert rig.exchange() == Accepted(REGISTERS)
    assert rig.outcomes[0][1] == pytest.approx(rig.sent_s() + THINK_S + ANSWER_S, abs=1e-6)
    end_s = rig.outcomes[0][1]
    assert rig.exchange() == Accepted(REGISTERS)
    assert rig.bench.slave.requests[1][0] == pytest.approx(end_s + SILENCE_S, abs=1e-6)
    assert rig.link().latency_s == pytest.approx(THINK_S + CHAR_S, abs=1e-6)
    assert rig.link().timeout_s == 0.1


@pytest.mark.parametrize("count", [1, 12, 60, 120])
def test_few_wakes_whatever_the_length(rig: Rig, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """BUS-11, BUS-104: at most 6 wake-ups per exchange."""
    body = framed(f"0104{2 * count:02x}" + "00" * 2 * count)
    rig.script(*(Reply([(THINK_S, body)]) for _ in range(10)))
    steps = 0
    step = rig.line._step

    def counted() -> None:
        nonlocal steps
        steps += 1
        step()

    monkeypatch.setattr(rig.line, "_step", counted)
    for _ in range(10):
        assert rig.exchange(Request(1, 4, 0, count)) == Accepted((0,) * count)
    starts = 10
    assert (steps - starts) / 10 <= 6


def test_nobody_holds_the_loop_up_in_the_last_two_characters(rig: Rig) -> None:
    """PNL-11: a display's transfer may begin while an answer flows, but not at its end."""
    loop, clock = rig.bench.loop, rig.bench.clock
    held_mono_s: list[float] = []

    def look() -> None:
        if loop.free_s() is None:
            held_mono_s.append(clock.mono_s())
        if not rig.outcomes:
            loop.call_at(clock.mono_s() + CHAR_S / 10, look)

    rig.script(good())
    rig.ask()
    loop.call_at(clock.mono_s(), look)
    rig.settle()
    end_s = rig.sent_s() + THINK_S + ANSWER_S
    assert held_mono_s
    assert held_mono_s[0] == pytest.approx(end_s - 2 * CHAR_S, abs=0.3 * CHAR_S)
    assert held_mono_s[-1] == pytest.approx(end_s, abs=0.3 * CHAR_S)


def test_gap_and_turn_are_kept(rig: Rig) -> None:
    """BUS-14: the gap parts two exchanges with one device, the turn two units; the other uses the gap."""
    rig.links = {1: Link(1, Limits(gap_s=0.1)), 2: Link(2, Limits(turn_s=0.05))}
    other = framed("020302" + "0007")
    rig.script(good(), good(), Reply([(THINK_S, other)]))
    rig.exchange()
    first_s = rig.outcomes[-1][1]
    rig.exchange()
    assert rig.bench.slave.requests[1][0] == pytest.approx(first_s + SILENCE_S + 0.1, abs=1e-6)
    second_s = rig.outcomes[-1][1]
    assert rig.exchange(Request(2, 3, 0, 1)) == Accepted((7,))
    assert rig.bench.slave.requests[2][0] == pytest.approx(second_s + SILENCE_S + 0.05, abs=1e-6)


def test_row_1_silence(rig: Rig) -> None:
    """No answer: the longest answer time of a new device, 0.1 s for one that answers in time."""
    assert rig.exchange() == Failed("silence")
    assert rig.ready_again_s(0) == pytest.approx(0.3, abs=0.001)
    meet(rig)
    assert rig.exchange() == Failed("silence")
    assert rig.outcomes[-1][1] - rig.sent_s() == pytest.approx(0.1, abs=1e-3)
    assert rig.ready_again_s() <= 0.1 + SILENCE_S + 1e-3


def test_row_4_exception_ends_at_once(rig: Rig) -> None:
    rig.script(Reply([(THINK_S, framed("018402"))]))
    assert rig.exchange() == Failed("exception", 2)
    assert rig.ready_again_s(0) == pytest.approx(THINK_S + 5 * CHAR_S + SILENCE_S, abs=0.2 * CHAR_S)


def test_row_5_wrong_check_sum_ends_at_its_last_byte(rig: Rig) -> None:
    rig.script(Reply([(THINK_S, GOOD[:-1] + bytes((GOOD[-1] ^ 1,)))]))
    assert rig.exchange() == Failed("crc")
    assert rig.ready_again_s(0) == pytest.approx(THINK_S + ANSWER_S + SILENCE_S, abs=1e-6)


@pytest.mark.parametrize("length", [1, 3, 20])
def test_row_6_short_frame(rig: Rig, length: int) -> None:
    """Bound: wire time of the answer, then 50 ms after the last byte at the latest."""
    rig.script(Reply([(THINK_S, GOOD[:length])]))
    assert rig.exchange() == Failed("short")
    bound_s = THINK_S + max(length * CHAR_S + STALL_S, ANSWER_S + 2 * CHAR_S) + SILENCE_S
    assert rig.ready_again_s(0) <= bound_s + 2 * CHAR_S


@pytest.mark.parametrize("cut", [1, 4, 15, 28])
def test_row_7_a_pause_of_50_ms_is_borne(rig: Rig, cut: int) -> None:
    rig.script(Reply([(THINK_S, GOOD[:cut]), (STALL_S - 2 * CHAR_S, GOOD[cut:])]))
    assert rig.exchange() == Accepted(REGISTERS)


def test_row_8_a_longer_pause_is_a_short_frame(rig: Rig) -> None:
    """The rest is unasked; the next request waits for silence after it if it has begun."""
    rig.script(Reply([(THINK_S, GOOD[:15]), (0.06, GOOD[15:])]), good())
    assert rig.exchange() == Failed("short")
    rig.bench.run(0.1)
    assert rig.line.counts.unasked_bytes == len(GOOD) - 15
    assert rig.exchange() == Accepted(REGISTERS)


@pytest.mark.parametrize("stray", ["00", "ff00ff", "0104", "018a55", "00" * 32, "01" * 20])
def test_row_9_stray_bytes_before_an_answer_cost_their_own_time(rig: Rig, stray: str) -> None:
    prefix = bytes.fromhex(stray)
    rig.script(Reply([(THINK_S, prefix + GOOD)]))
    outcome = rig.exchange()
    assert isinstance(outcome, Accepted)
    assert outcome.registers == REGISTERS
    assert rig.outcomes[0][1] <= rig.sent_s() + THINK_S + len(prefix + GOOD) * CHAR_S + 1e-6
    assert rig.link().errors["noise"] == 1


def test_row_10_noise_only(rig: Rig) -> None:
    """The answer may still come, so the line stays quiet for the device's longest answer time."""
    meet(rig)
    rig.script(Reply([(THINK_S, b"\x55\xaa\x55")]))
    assert rig.exchange() == Failed("noise")
    bound_s = THINK_S + 1.5 * (ANSWER_S + 3 * CHAR_S) + STALL_S
    assert rig.outcomes[-1][1] - rig.sent_s() <= bound_s
    assert rig.ready_again_s() <= max(bound_s, rig.link().hold_s) + SILENCE_S


def test_row_11_bytes_after_the_answer_are_thrown_away(rig: Rig) -> None:
    rig.script(Reply([(THINK_S, GOOD + b"\x00\x01\x02")]), good())
    assert rig.exchange() == Accepted(REGISTERS)
    rig.ask()
    rig.settle()
    assert rig.outcomes[-1][0] == Accepted(REGISTERS)
    last_s = rig.sent_s(0) + THINK_S + (len(GOOD) + 3) * CHAR_S
    assert rig.bench.slave.requests[1][0] == pytest.approx(last_s + SILENCE_S, abs=1e-6)
    assert rig.line.counts.unasked_bytes == 3


def test_row_12_another_unit_answers(rig: Rig) -> None:
    """Refused; ours is awaited until the timeout, and taken when it comes."""
    stranger = framed("020402" + "0001")
    meet(rig)
    rig.script(Reply([(THINK_S, stranger)]), Reply([(THINK_S, stranger), (0.02, GOOD)]))
    assert rig.exchange() == Failed("unit")
    assert rig.outcomes[-1][1] - rig.sent_s() == pytest.approx(0.1, abs=1e-3)
    assert rig.exchange() == Accepted(REGISTERS, noise_bytes=len(stranger))


@pytest.mark.parametrize("wrong", ["010318" + "00" * 24, "010404" + "00" * 4, "01060000" + "0001"])
def test_row_13_another_shape_is_refused_at_its_end(rig: Rig, wrong: str) -> None:
    body = framed(wrong)
    rig.script(Reply([(THINK_S, body)]))
    assert rig.exchange() == Failed("shape")
    assert rig.ready_again_s(0) <= THINK_S + max(len(body), len(GOOD)) * CHAR_S + STALL_S + SILENCE_S


@pytest.mark.parametrize("wrong", ["01060105003d", "01060106003c"])
def test_row_14_a_write_echoed_with_another_value_or_address(rig: Rig, wrong: str) -> None:
    rig.script(Reply([(THINK_S, framed(wrong))]))
    assert rig.exchange(Request(1, 6, 261, values=(60,))) == Failed("shape")
    assert rig.ready_again_s(0) == pytest.approx(THINK_S + 8 * CHAR_S + SILENCE_S, abs=1e-6)


def test_row_15_a_late_answer_while_quiet_teaches(rig: Rig) -> None:
    """BUS-31: thrown away, counted, and the quiet grows for the next time."""
    meet(rig)
    rig.script(good(after_s=0.25))
    assert rig.exchange() == Failed("silence")
    rig.bench.run(0.5)
    assert rig.link().errors["late"] == 1
    assert rig.link().hold_s >= 0.25
    assert rig.stage == "idle"
    meet(rig)


def test_row_16_a_late_answer_never_answers_another_request(rig: Rig) -> None:
    """After the quiet has passed, an answer of another shape or device gives no value."""
    meet(rig)
    other = framed("020302" + "0007")
    rig.script(good(after_s=0.13), Reply([(THINK_S, other)]))
    assert rig.exchange() == Failed("silence")
    outcome = rig.exchange(Request(2, 3, 0, 1))
    assert isinstance(outcome, Failed) or outcome.registers == (7,)
    rig.bench.run(0.5)
    rig.script(Reply([(THINK_S, other)]))
    assert rig.exchange(Request(2, 3, 0, 1)) == Accepted((7,))


def test_row_16_held_back_by_the_quiet(rig: Rig) -> None:
    """BUS-30: an answer within the longest known time falls into the quarantine."""
    meet(rig)
    rig.link().longest_s = 0.2
    wrong = framed("010418" + "ee" * 24)
    rig.script(Reply([(0.15, wrong)]), good())
    assert rig.exchange() == Failed("silence")
    assert rig.exchange() == Accepted(REGISTERS)
    assert rig.bench.slave.requests[-1][0] >= rig.sent_s(-2) + 0.3
    assert rig.link().errors["late"] == 1


def test_row_18_a_write_without_answer_is_silence(rig: Rig) -> None:
    rig.script(Reply([]))
    assert rig.exchange(Request(1, 16, 1000, values=(10,))) == Failed("silence")


def test_row_20_an_echo_alone_within_the_request_is_no_answer(rig: Rig) -> None:
    """BUS-24: bytes that arrive before the device may speak are never an answer."""
    request = framed("0106010500" + "3c")
    rig.script(Reply([(-8 * CHAR_S, request)]))
    assert rig.exchange(Request(1, 6, 261, values=(60,))) == Failed("silence")
    assert rig.line.counts.unasked_bytes == 8


@pytest.mark.parametrize("waiting", [True, False])
def test_row_25_port_vanishes(rig: Rig, waiting: bool) -> None:
    """Noticed within 50 ms, waiting or idle."""
    meet(rig)
    if waiting:
        rig.script(Reply([]))
        rig.ask()
        rig.bench.run(0.03)
    else:
        rig.bench.run(0.1)
    at_s = rig.bench.clock.mono_s()
    rig.bench.slave.absent = True
    rig.bench.slave.close()
    rig.bench.run(0.05)
    assert rig.stage == "absent"
    assert rig.line.since_mono_s - at_s <= 0.05
    if waiting:
        assert rig.outcomes[-1][0] == Failed("port")


def test_row_26_port_returns(rig: Rig) -> None:
    """Back under the same path: a good exchange within 2 s; tried every second for 30 s, then every five."""
    meet(rig)
    rig.bench.slave.absent = True
    rig.bench.slave.close()
    rig.bench.run(20.3)
    assert rig.stage == "absent"
    assert rig.line.counts.words == "far-end: no such file or directory"
    rig.bench.slave.absent = False
    rig.bench.run(1.0)
    assert rig.stage == "idle"
    meet(rig)
    assert rig.line.counts.openings == 2


def test_row_28_absent_at_start(rig: Rig) -> None:
    """The start goes on; tried again after 1 s, after 30 s every 5 s; a job meanwhile is not taken."""
    tries: list[float] = []

    def missing(bus: Bus) -> Port:
        tries.append(rig.bench.clock.mono_s())
        raise PortError(f"{bus.port}: another program holds it")

    line = Line(rig.bench.bus, rig.bench.loop, rig.bench.clock, missing)
    rig.bench.run(45)
    steps = [round(b - a, 3) for a, b in itertools.pairwise(tries)]
    assert steps[:29] == [1.0] * 29
    assert steps[-2:] == [5.0, 5.0]
    assert line.counts.words == "far-end: another program holds it"
    assert not line.free
    line.close()


def test_row_29_output_stuck(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that takes nothing for 0.5 s is closed and opened anew."""
    monkeypatch.setattr(rig.line._port, "write", lambda data: 0)
    rig.bench.run(0.1)
    rig.ask()
    rig.bench.run(0.49)
    assert not rig.outcomes
    rig.bench.run(0.04)
    assert rig.outcomes[-1][0] == Failed("port")
    assert rig.line.counts.words == "far-end: output is stuck"
    rig.bench.run(1.1)
    meet(rig)


def test_row_30_the_wall_clock_is_never_asked(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A jump of the wall clock cannot matter to a machine that only knows the monotonic one."""
    monkeypatch.setattr(rig.bench.clock, "now", lambda: pytest.fail("asked the wall clock"))
    meet(rig)
    assert rig.exchange() == Failed("silence")


def test_row_31_a_loop_that_was_held_up_still_finds_the_answer(rig: Rig) -> None:
    """Everything is in the buffer when the loop turns again 500 ms later: no false timeout."""
    meet(rig)
    rig.script(Reply([]))
    rig.ask()
    rig.bench.run(0.03)
    assert rig.stage == "sending"
    assert rig.bench.slave.end is not None
    rig.bench.slave.end.send(GOOD)
    rig.bench.clock.advance(0.5)
    assert rig.settle() == Accepted(REGISTERS)


def test_row_31_held_up_while_sending(rig: Rig) -> None:
    meet(rig)
    rig.script(Reply([]))
    rig.ask()
    rig.bench.loop.run_until(math.inf, lambda: rig.stage == "sending")
    assert rig.bench.slave.end is not None
    rig.bench.slave._request()
    rig.bench.slave.end.send(GOOD)
    rig.bench.clock.advance(0.5)
    assert rig.settle() == Accepted(REGISTERS)


def test_unasked_bytes_while_idle_owe_new_silence(rig: Rig) -> None:
    """BUS-10: silence since the last byte of anyone."""
    rig.bench.run(0.1)
    last_s = rig.bench.slave.send_at(rig.bench.clock.mono_s(), b"\x00" * 7)
    rig.ask()
    rig.bench.loop.run_until(last_s - 2 * CHAR_S)
    rig.script(good())
    rig.settle()
    assert len(rig.bench.slave.requests) >= 1
    assert rig.line.counts.unasked_bytes >= 1


def test_a_request_too_early_would_be_counted(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """BUS-102: the count that must be 0 can be something else."""
    rig.bench.run(0.1)
    with monkeypatch.context() as patch:
        patch.setattr(rig.line, "wire", replace(rig.line.wire, silence_s=1.0))
        patch.setattr(rig.line, "earliest_mono_s", lambda link: 0.0)
        rig.ask()
    assert rig.line.counts.early == 1
    rig.line.counts.early = 0


def test_a_suspected_line_is_opened_anew(rig: Rig) -> None:
    rig.bench.run(0.1)
    rig.line.reopen()
    assert rig.bench.slave.openings == 2
    meet(rig)


def test_a_line_that_was_closed_says_why_and_opens_when_it_is_told(rig: Rig) -> None:
    """BUS-71: who awaits an answer gets none, nothing is sent; then all is as after any opening."""
    rig.ask()
    rig.bench.run(0.01)
    closed_s = rig.bench.clock.mono_s()
    rig.line.close("somebody else has it")
    assert rig.outcomes == [(Failed("port"), closed_s)]
    assert (rig.line.stage, rig.line.counts.words) == ("absent", "somebody else has it")
    rig.bench.run(60)
    assert rig.line.stage == "absent"
    assert rig.bench.slave.openings == 1
    rig.line.close("still")
    rig.line.reopen()
    assert (rig.line.free, rig.line.counts.words) == (True, "")
    meet(rig)


def test_a_line_closed_by_who_got_an_answer_stays_closed(rig: Rig) -> None:
    rig.script(good())
    rig.line.start(Job(READ, rig.link(), lambda outcome, at: rig.line.close()))
    rig.bench.run(60)
    assert (rig.line.stage, rig.bench.slave.openings) == ("absent", 1)
    rig.line.reopen()
    meet(rig)


def test_a_line_that_cannot_be_reopened_goes_on_trying(rig: Rig) -> None:
    """BUS-7."""
    rig.line.close()
    rig.bench.slave.absent = True
    rig.line.reopen()
    assert "no such file" in rig.line.counts.words
    rig.bench.slave.absent = False
    rig.bench.run(1.1)
    assert rig.line.free


def test_row_17_equal_shapes_are_never_mixed_up(rig: Rig) -> None:
    """BUS-33: only the same request is admitted; after its first good answer the line is silent once more."""
    link = rig.link()
    one, other = Request(1, 3, 10, 1), Request(1, 3, 11, 1)
    a, b = framed("0103020a0a"), framed("0103020b0b")
    rig.script(Reply([(THINK_S, a)]), Reply([(THINK_S, b)]), Reply([(0.15, a)]), Reply([(0.15, a)]))
    assert rig.exchange(one) == Accepted((0x0A0A,))
    assert rig.exchange(other) == Accepted((0x0B0B,))
    assert rig.exchange(one) == Failed("silence")
    assert not link.admits(other, rig.bench.clock.mono_s())
    assert link.admits(one, rig.bench.clock.mono_s())
    assert rig.exchange(one) == Accepted((0x0A0A,))
    assert link.admits(other, rig.bench.clock.mono_s())
    assert rig.stage == "quarantine"
    rig.script(Reply([(THINK_S, b)]))
    assert rig.exchange(other) == Accepted((0x0B0B,))
    assert rig.bench.slave.requests[-1][0] >= rig.sent_s(-2) + link.hold_s
    assert link.errors["late"] >= 1


def test_one_shape_alone_needs_no_second_silence(rig: Rig) -> None:
    """BUS-33: where no other request looks alike, a second answer finds nobody."""
    meet(rig)
    rig.script(Reply([]), good())
    assert rig.exchange() == Failed("silence")
    assert rig.exchange() == Accepted(REGISTERS)
    assert rig.stage == "hush"


@pytest.mark.parametrize(("chunk", "late_s"), [(1, 0.0), (8, 0.0), (8, 0.012)])
def test_an_echo_is_found_when_the_port_opens(chunk: int, late_s: float) -> None:
    """BUS-24, rows 19, 20: measured by one read to nobody, in no time; then counted off."""
    rig = echoing(Bus(name="a", port="far-end"), chunk, late_s)
    assert rig.line.free
    rig.bench.slave.script = lambda n, data: good() if data[0] == 1 else Reply([])
    assert rig.exchange() == Accepted(REGISTERS)
    assert rig.bench.slave.requests[0][1][0] == 246
    assert rig.bench.slave.requests[1][0] - 1000 < 0.05
    assert hears_itself(rig)
    write = Request(2, 6, 261, values=(60,))
    assert rig.exchange(write) == Failed("silence")
    assert rig.exchange(Request(1, 6, 261, values=(60,))) == Failed("shape")
    assert rig.line.counts.early == 0
    rig.line.reopen()
    assert not hears_itself(rig)
    rig.bench.run(0.1)
    assert hears_itself(rig)
    end(rig)


def test_a_line_without_echo_is_found_as_soon() -> None:
    """BUS-24: one silent read of 20 ms; what an unexpected owner of that id says is nobody's answer."""
    bench = Bench(Bus(name="a", port="far-end"))
    rig = Rig(bench, Line(bench.bus, bench.loop, bench.clock, bench.slave.open, range(1, 248)))
    rig.script(Reply([(0.03, framed("f703020001"))]), good())
    assert rig.exchange() == Accepted(REGISTERS, noise_bytes=7)
    assert not hears_itself(rig)
    assert rig.bench.slave.requests[1][0] - 1000 < 0.06
    end(rig)


def test_a_missing_echo_is_an_error_of_its_own() -> None:
    """BUS-24: a line that should hear itself and does not."""
    bench = Bench(Bus(name="a", port="far-end", echo="yes"))
    rig = Rig(bench, Line(bench.bus, bench.loop, bench.clock, bench.slave.open))
    rig.script(good())
    assert rig.exchange() == Failed("echo")
    assert rig.outcomes[-1][1] - rig.sent_s() == pytest.approx(0.02, abs=1e-6)
    assert rig.link().errors["echo"] == 1
    end(rig)


def echoing(bus: Bus, chunk: int, late_s: float) -> Rig:
    """A line whose adapter hears what it sends, in chunks, so much later."""
    bench = Bench(bus)

    @dataclass
    class Echoing(PairPort):
        end: socket.socket

        def write(self, data: bytes) -> int:
            for i in range(0, len(data), chunk):
                part = data[i : i + chunk]
                due_s = bench.clock.mono_s() + late_s + (i + len(part)) * CHAR_S
                bench.loop.call_at(due_s, partial(bench.slave._byte, part, bench.slave.end))
            return super().write(data)

    def open_port(bus: Bus) -> Port:
        return Echoing(bench.slave.open(bus).end)

    return Rig(bench, Line(bus, bench.loop, bench.clock, open_port, {247}))


def hears_itself(rig: Rig) -> bool:
    return rig.line.echo


def end(rig: Rig) -> None:
    rig.line.close()
    rig.bench.slave.close()
    rig.bench.loop.close()


def test_a_broadcast_is_done_when_it_has_left_and_leaves_all_units_in_peace(rig: Rig) -> None:
    """BUS-51: no answer, 200 ms of silence; a read to all is refused before anything is sent."""
    rig.script(Reply([]), good())
    assert rig.exchange(Request(0, 6, 5, values=(1,))) == Accepted()
    assert rig.outcomes[-1][1] == pytest.approx(rig.sent_s() + 1.5 * CHAR_S, abs=1e-6)
    assert rig.exchange() == Accepted(REGISTERS)
    assert rig.bench.slave.requests[1][0] >= rig.sent_s(0) + 0.2
    assert rig.link(0).accepted == 1
    with pytest.raises(ValueError, match="nobody answers"):
        rig.ask(Request(0, 3, 5, 1))
    assert rig.line.free


def test_a_request_outside_the_protocol_is_refused_before_it_is_sent(rig: Rig) -> None:
    with pytest.raises(ValueError, match="126"):
        rig.ask(Request(1, 3, 5, 126))
    assert rig.line.free


SLEEPER = Serial(framing="ascii", answer_start=">", low_address_echo=True, wake_after_s=1.0)
SLEEPY = Bus(name="a", port="far-end", baud=38400, framing="ascii", echo="no")
ASLEEP = Request(1, 3, 0x2E, 1)
AWAKE = lettered("0103022eb2", ">")


@pytest.mark.parametrize("first", [Reply([]), Reply([(0.01, AWAKE)]), Reply([(0.01, b">01x")])])
def test_a_sleeping_unit_is_asked_twice(first: Reply) -> None:
    """BUS-64: after a second of silence; the first answer, or 50 ms of nothing, is thrown away."""
    bench = Bench(SLEEPY)
    rig = Rig(bench, Line(bench.bus, bench.loop, bench.clock, bench.slave.open))
    rig.links[1] = Link(1, Limits(), SLEEPER)
    bench.slave.script = lambda n, _: first if n in (1, 4) else Reply([(0.01, AWAKE)])
    bench.run(1.5)
    assert rig.exchange(ASLEEP) == Accepted((0x2EB2,))
    assert len(bench.slave.requests) == 2
    assert bench.slave.requests[1][0] - bench.slave.requests[0][0] < 0.08
    assert rig.exchange(ASLEEP) == Accepted((0x2EB2,))
    assert len(bench.slave.requests) == 3
    bench.run(1.5)
    assert rig.exchange(ASLEEP) == Accepted((0x2EB2,))
    assert len(bench.slave.requests) == 5
    assert rig.link().errors.total() == 0
    assert rig.line.counts.exchanges == 3
    assert rig.line.counts.early == 0
    end(rig)


def test_frames_of_another_master_are_counted(rig: Rig) -> None:
    """Row 23: requests and answers nobody asked for, while idle."""
    rig.bench.run(0.1)
    for body in ("0503000000" + "01", "0503020007"):
        rig.bench.slave.send_at(rig.bench.clock.mono_s(), framed(body))
        rig.bench.run(0.05)
    assert rig.line.counts.foreign == 2
    assert rig.line.counts.foreign_lately(rig.bench.clock.mono_s()) == 2
    meet(rig)


def test_row_22_babble_harms_nobody_for_long(rig: Rig) -> None:
    """Noise for a second: one attempt each, no value, and the next good answer is taken."""
    rig.bench.run(0.1)
    last_s = rig.bench.slave.send_at(rig.bench.clock.mono_s() + 0.02, b"\xa5" * 900)
    rig.script(Reply([]))
    assert rig.exchange() == Failed("noise")
    assert rig.outcomes[-1][1] < rig.sent_s() + 0.3
    rig.ask()
    rig.script(good())
    rig.bench.loop.run_until(last_s + 0.5)
    assert rig.outcomes[-1][0] == Accepted(REGISTERS)
    assert rig.bench.slave.requests[-1][0] >= last_s + SILENCE_S - 1e-6


def test_row_24_two_units_with_one_id(rig: Rig) -> None:
    """Both speak at once: nothing of it is believed."""
    twin = bytes(a & b for a, b in zip(GOOD, framed("010418" + "00ff" * 12), strict=True))
    rig.script(Reply([(THINK_S, twin)]))
    assert rig.exchange() == Failed("crc")


def test_a_slow_adapter_is_a_warning(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """BUS-85: read back when the port opens."""
    monkeypatch.setattr("hems.field.line.latency_warning", lambda port: f"{port}: slow")
    assert rig.line.counts.warning == ""
    rig.bench.run(0.1)
    rig.line.reopen()
    assert rig.line.counts.warning == "far-end: slow"


def test_every_stage_was_reached_and_left(rig: Rig) -> None:
    """The table is complete: every allowed transition of a working line happens."""
    meet(rig)
    rig.exchange(Request(2, 3, 0, 1))
    rig.bench.run(1)
    rig.bench.slave.send_at(rig.bench.clock.mono_s(), b"\x00")
    rig.bench.run(0.1)
    expected = {
        ("absent", "hush"),
        ("hush", "idle"),
        ("idle", "hush"),
        ("idle", "sending"),
        ("sending", "waiting"),
        ("waiting", "gathering"),
        ("waiting", "quarantine"),
        ("gathering", "hush"),
        ("quarantine", "hush"),
    }
    assert expected <= rig.transitions


class PtySlave:
    """An in-process slave on a real pseudo-terminal: answers at once, byte stream as it comes."""

    def __init__(self, loop: Reactor) -> None:
        self.master, self.follower = pty.openpty()
        tty.setraw(self.follower)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(self.follower)
        self.loop = loop
        self.seen = b""
        loop.watch(self.master, self._request)

    def _request(self) -> None:
        self.seen += os.read(self.master, 256)
        if len(self.seen) == 8 and self.seen[-2:] == crc(self.seen[:-2]):
            self.seen = b""
            when_s = self.loop.clock.mono_s() + 0.02
            self.loop.call_at(when_s, self._answer)

    def _answer(self) -> None:
        os.write(self.master, GOOD)

    def close(self) -> None:
        self.loop.forget(self.master)
        os.close(self.master)
        os.close(self.follower)


def test_over_a_real_pseudo_terminal(tmp_path: Path) -> None:
    """BUS-1: pyserial opens, the line never blocks; a second opener is told who is in the way."""
    loop = Reactor(SystemClock(UTC))
    slave = PtySlave(loop)
    alias = tmp_path / "rs485"
    alias.symlink_to(slave.path)
    bus = Bus(name="a", port=str(alias), baud=19200, parity="E")
    line = Line(bus, loop, loop.clock, open_serial)
    outcomes: list[Outcome] = []
    link = Link(1, Limits())
    for wanted in range(1, 6):
        line.start(Job(READ, link, lambda outcome, _: outcomes.append(outcome)))
        loop.run_until(loop.clock.mono_s() + 1, _reached(outcomes, wanted))
    assert outcomes == [Accepted(REGISTERS)] * 5
    assert line.counts.early == 0
    with pytest.raises(PortError, match=r"rs485: another program holds it"):
        open_serial(bus)
    line.close()
    slave.close()
    loop.close()


def _reached(outcomes: list[Outcome], wanted: int) -> Callable[[], bool]:
    return lambda: len(outcomes) >= wanted


class HesitantPort(PairPort):
    """A port on a busy machine: between the look at the time and the read another byte comes."""

    def __init__(self, end: socket.socket, bench: Bench) -> None:
        super().__init__(end)
        self._bench = bench

    def read(self, size: int) -> bytes:
        data = super().read(size)
        if data and len(data) + self.taken == len(GOOD):
            self._bench.clock.advance(HESITATION_S)
            self.whole_s = self._bench.clock.mono_s()
        self.taken += len(data)
        return data

    taken = 0
    whole_s = 0.0


HESITATION_S = 0.0004


def test_the_silence_is_counted_from_after_the_read() -> None:
    """BUS-10: what was read while the machine hesitated is not older than the end of the read."""
    bench = Bench()
    bench.slave.units[1] = Memory(input={6 + i: i for i in range(12)})
    ports: list[HesitantPort] = []

    def open_port(bus: Bus) -> Port:
        ports.append(HesitantPort(bench.slave.open(bus).end, bench))
        return ports[-1]

    rig = Rig(bench, Line(bench.bus, bench.loop, bench.clock, open_port))
    bench.run(0.1)
    rig.ask()
    assert rig.settle() == Accepted(REGISTERS)
    rig.ask(Request(1, 4, 6, 2))
    rig.settle()
    (_, _), (next_s, _) = bench.slave.requests
    rig.line.close()
    bench.slave.close()
    assert 0 < ports[0].whole_s <= next_s - SILENCE_S + 1e-9
