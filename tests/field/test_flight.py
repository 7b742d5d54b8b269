"""One request on its way, bytes and times only: BUS-10..13, 23, 24, 51 and the pure fault matrix."""

import pytest

from hems.field.codec import RTU
from hems.field.exchange import Accepted, Failed, Outcome, Request
from hems.field.flight import ECHO_S, Errand, Flight
from hems.field.reception import Wait
from hems.field.wire import STALL_S, Wire
from tests.field.wires import framed

C = 0.001
WIRE = Wire(C, 3.5 * C)
READ = Request(1, 4, 6, 12)
GOOD = framed("010418" + "".join(f"{i:04x}" for i in range(12)))
REGISTERS = tuple(range(12))
WRITE = Request(1, 6, 261, values=(60,))
BEGAN_S = 100.0
SENT_S = BEGAN_S + 8 * C
TIMEOUT_S = 0.1
Arrivals = list[tuple[float, bytes]]


def flight(
    request: Request = READ, errand: Errand = "ask", *, echo: bool = False, wire: Wire = WIRE
) -> Flight:
    return Flight(request, RTU, wire, errand, BEGAN_S, 8, TIMEOUT_S, echo=echo)


def paced(after_s: float, data: bytes) -> Arrivals:
    """Byte by byte, so long after the end of the request."""
    return [(SENT_S + after_s + (i + 1) * C, data[i : i + 1]) for i in range(len(data))]


def fly(one: Flight, arrivals: Arrivals) -> tuple[Outcome, float, int]:
    """The outcome, when it came, and how often it was looked at; wakes as the line would."""
    rest = list(arrivals)
    now_s, listening, looks = BEGAN_S, False, 0
    while True:
        due = [data for at_s, data in rest if at_s <= now_s + 1e-9]
        rest = rest[len(due) :]
        before, fresh = None, b"".join(due)
        verdict: Outcome | Wait = Wait(now_s, now_s, False, "silence")
        while before != one.stage:
            before = one.stage
            verdict = one.look(fresh, now_s, listening)
            fresh = b""
            if not isinstance(verdict, Wait):
                return verdict, now_s, looks
        assert isinstance(verdict, Wait)
        looks += 1
        listening = verdict.listen and bool(rest) and rest[0][0] <= verdict.wake_mono_s
        now_s = max(rest[0][0] if listening else verdict.wake_mono_s, now_s)


ANSWER_S = len(GOOD) * C
ROWS: list[tuple[str, Request, Arrivals, Outcome, float, bool]] = [
    ("1 silence", READ, [], Failed("silence"), TIMEOUT_S, True),
    ("4 exception", READ, paced(0.02, framed("018402")), Failed("exception", 2), 0.02 + 6 * C, False),
    ("5 crc", READ, paced(0.02, GOOD[:-1] + b"\x00"), Failed("crc"), 0.02 + ANSWER_S, False),
    ("6 cut", READ, paced(0.02, GOOD[:20]), Failed("short"), 0.02 + 20 * C + STALL_S, False),
    ("6 single", READ, paced(0.02, GOOD[:1]), Failed("short"), 0.02 + 1 * C + STALL_S, False),
    (
        "7 pause",
        READ,
        paced(0.02, GOOD[:9]) + paced(0.02 + 9 * C + 0.048, GOOD[9:]),
        Accepted(REGISTERS),
        0.02 + ANSWER_S + 0.048,
        False,
    ),
    (
        "8 longer pause",
        READ,
        paced(0.02, GOOD[:20]) + paced(0.2, GOOD[20:]),
        Failed("short"),
        0.02 + 20 * C + STALL_S,
        False,
    ),
    (
        "9 stray",
        READ,
        paced(0.02, b"\xff" * 32 + GOOD),
        Accepted(REGISTERS, 32),
        0.02 + ANSWER_S + 32 * C,
        False,
    ),
    ("10 stray only", READ, paced(0.02, b"\x55\xaa"), Failed("noise"), 0.02 + 2 * C + STALL_S, True),
    ("11 bytes after", READ, paced(0.02, GOOD + b"\0\0"), Accepted(REGISTERS), 0.02 + ANSWER_S, False),
    ("12 other unit", READ, paced(0.02, framed("0204020007")), Failed("unit"), TIMEOUT_S, True),
    (
        "13 other function",
        READ,
        paced(0.02, framed("010318" + "00" * 24)),
        Failed("shape"),
        0.02 + ANSWER_S + STALL_S,
        False,
    ),
    ("14 other value", WRITE, paced(0.02, framed("01060105003d")), Failed("shape"), 0.02 + 8 * C, False),
    ("14 other address", WRITE, paced(0.02, framed("01060106003c")), Failed("shape"), 0.02 + 8 * C, False),
    ("16 late, other shape", READ, paced(0.003, framed("0104020007")), Failed("shape"), 0.07, False),
    ("20 own words", WRITE, paced(-8 * C, framed("01060105003c")), Failed("silence"), TIMEOUT_S, True),
]


@pytest.mark.parametrize(("what", "request_", "arrivals", "outcome", "after_s", "overdue"), ROWS)
def test_the_fault_matrix(
    what: str, request_: Request, arrivals: Arrivals, outcome: Outcome, after_s: float, overdue: bool
) -> None:
    """BUS-120: outcome, bound, and whether an answer may still come; at most 6 looks at a good answer."""
    one = flight(request_)
    found, at_s, looks = fly(one, arrivals)
    assert found == outcome, what
    assert at_s - SENT_S <= after_s + 2 * C + 1e-9, what
    assert one.overdue is overdue
    if what.startswith("11"):
        assert looks <= 6


def test_never_longer_than_its_bound() -> None:
    """BUS-12: a first byte just before the deadline starts no second timeout; last byte + 1.5 x + 50 ms."""
    found, at_s, _ = fly(
        flight(), [(SENT_S + TIMEOUT_S - 1e-4 + i * 0.045, GOOD[i : i + 1]) for i in range(9)]
    )
    assert found == Failed("short")
    assert at_s <= SENT_S + TIMEOUT_S + 1.5 * ANSWER_S + STALL_S


@pytest.mark.parametrize("chunk", [1, 3, 8])
def test_an_echo_is_counted_off(chunk: int) -> None:
    """BUS-24: by its length, whatever it says; the answer comes after it."""
    echo = paced(-8 * C, framed("01060105003c"))
    echo = [(at_s + 0.004, data) for at_s, data in echo]
    whole = b"".join(data for _, data in echo)
    late = [(echo[-1][0], whole[i : i + chunk]) for i in range(0, 8, chunk)]
    found, _, _ = fly(flight(WRITE, echo=True), late + paced(0.02, framed("01060105003c")))
    assert found == Accepted()
    found, at_s, _ = fly(flight(WRITE, echo=True), late)
    assert found == Failed("silence")
    assert at_s == pytest.approx(SENT_S + TIMEOUT_S)


def test_too_little_echo_is_an_error_of_its_own() -> None:
    """BUS-24: 20 ms after the request at the latest; the answer may still come then."""
    found, at_s, _ = fly(flight(WRITE, echo=True), paced(-8 * C, b"\x01\x06\x01"))
    assert found == Failed("echo")
    assert at_s == pytest.approx(SENT_S + ECHO_S)


@pytest.mark.parametrize(("heard", "owed"), [(b"", 8), (bytes(8), 0), (bytes(9), -1), (bytes(7), 1)])
def test_the_echo_is_measured_by_count(heard: bytes, owed: int) -> None:
    """BUS-24: nothing owed in the end means echo."""
    one = flight(errand="measure")
    found, at_s, _ = fly(one, paced(-8 * C, heard))
    assert found == Accepted()
    assert at_s == pytest.approx(SENT_S + ECHO_S)
    assert one.echo_owed == owed


def test_a_request_to_all_is_done_when_it_has_left() -> None:
    """BUS-51."""
    found, at_s, _ = fly(flight(Request(0, 6, 5, values=(1,)), "tell"), [])
    assert found == Accepted()
    assert at_s == pytest.approx(SENT_S + 1.5 * C)


def test_an_on_board_port_hands_over_late() -> None:
    """BUS-86: what did not fill its buffer lay in it for 3.2 characters: silence already."""
    wire = Wire(C, 3.5 * C, stall_s=STALL_S + 11.2 * C, lag_s=3.2 * C)
    arrivals = [(SENT_S + 0.02 + n * C, GOOD[n - 8 : n]) for n in (8, 16, 24)]
    arrivals.append((SENT_S + 0.02 + (29 + 3.2) * C, GOOD[24:]))
    one = flight(wire=wire)
    found, at_s, looks = fly(one, arrivals)
    assert found == Accepted(REGISTERS)
    assert one.quiet_mono_s == pytest.approx(at_s - 3.2 * C)
    assert looks <= 6
    even = Request(1, 4, 6, 9)
    answer = framed("010412" + "00" * 18) + b"\0"
    one = flight(even, wire=wire)
    found, at_s, _ = fly(one, [(SENT_S + 0.02 + n * C, answer[n - 8 : n]) for n in (8, 16, 24)])
    assert isinstance(found, Accepted)
    assert one.quiet_mono_s == pytest.approx(at_s)
