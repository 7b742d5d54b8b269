"""The fault matrix as bytes and times, without clock, descriptor and slave: both framings."""

from collections.abc import Iterator
from random import Random

import pytest

from hems.field.codec import codec
from hems.field.exchange import Accepted, Failed, Kind, Outcome, Request
from hems.field.flight import ECHO_S, Flight
from hems.field.profile import Framing, Serial
from hems.field.reception import LATE_CHARS
from hems.field.wire import STALL_S, Wire
from tests.field.test_flight import Arrivals, fly
from tests.field.wires import framed, lettered

pytestmark = pytest.mark.proof

C = 0.001
WIRE = Wire(C, 3.5 * C)
BEGAN_S, TIMEOUT_S, FIRST_S = 100.0, 0.1, 0.02
READ = Request(1, 4, 6, 3)
HEX = "010406" + "0001fffe8000"
REGISTERS = (1, 0xFFFE, 0x8000)
ONE_6, MANY_16 = Request(1, 6, 261, values=(60,)), Request(1, 16, 261, values=(60, 61))
COIL_5, COILS_15 = Request(1, 5, 3, values=(1,)), Request(1, 15, 3, values=(1, 0, 1))
COILS = Request(1, 1, 8, 10)
BABBLE = Random(7).randbytes(300)
Case = tuple[str, Request, Arrivals, Outcome, float, bool]


class Bytes:
    """Frames and arrivals of one framing; times are seconds after the end of the request."""

    def __init__(self, framing: Framing) -> None:
        self.framing = framing
        self.codec = codec(framing, Serial())

    def seal(self, hexadecimal: str) -> bytes:
        return framed(hexadecimal) if self.framing == "rtu" else lettered(hexadecimal)

    def broken(self, hexadecimal: str) -> bytes:
        """Its check sum is wrong."""
        frame = bytearray(self.seal(hexadecimal))
        place = -1 if self.framing == "rtu" else -3
        frame[place] ^= 1
        return bytes(frame)

    def length_s(self, hexadecimal: str) -> float:
        return len(self.seal(hexadecimal)) * C

    def flight(self, request: Request, *, echo: bool = False) -> Flight:
        size = len(self.codec.frame(request))
        return Flight(request, self.codec, WIRE, "ask", BEGAN_S, size, TIMEOUT_S, echo=echo)


def paced(after_s: float, data: bytes) -> Arrivals:
    """Byte by byte."""
    return [(after_s + (i + 1) * C, data[i : i + 1]) for i in range(len(data))]


def no_answer(form: Bytes) -> Iterator[Case]:
    yield "1 silence", READ, [], Failed("silence"), TIMEOUT_S, True
    for code in (1, 4, 6, 0x0B):
        frame = form.seal(f"0184{code:02x}")
        yield (
            f"4 exception {code}",
            READ,
            paced(FIRST_S, frame),
            Failed("exception", code),
            len(frame) * C,
            False,
        )
    for request, body in ((READ, HEX), (ONE_6, "01060105003c"), (COILS, "0101020d02")):
        frame = form.broken(body)
        yield f"5 check sum {body[:4]}", request, paced(FIRST_S, frame), Failed("crc"), len(frame) * C, False
    whole = form.seal(HEX)
    for n in (1, 3, len(whole) - 1):
        given_up_s = max(n * C + STALL_S, (len(whole) + 1) * C)
        yield f"6 cut after {n}", READ, paced(FIRST_S, whole[:n]), Failed("short"), given_up_s, False
    for n in (1, 3, 32):
        stray = b"\x55" * n
        given_up_s = min(n * C + STALL_S, 1.5 * (len(whole) + n) * C + STALL_S)
        yield (
            f"10 {n} stray",
            READ,
            paced(FIRST_S, stray),
            Failed("noise"),
            max(given_up_s, len(whole) * C),
            True,
        )
    yield (
        "22 babble",
        READ,
        paced(FIRST_S, BABBLE),
        Failed("noise"),
        1.5 * (len(whole) + 32) * C + STALL_S,
        True,
    )


def accepted(form: Bytes) -> Iterator[Case]:
    whole = form.seal(HEX)
    for at in (1, 4, len(whole) - 1):
        pause_s = STALL_S
        halves = paced(FIRST_S, whole[:at]) + paced(FIRST_S + at * C + pause_s, whole[at:])
        yield f"7 pause before {at}", READ, halves, Accepted(REGISTERS), len(whole) * C + pause_s, False
    for n in (1, 3, 32):
        stray = paced(FIRST_S, b"\x55" * n + whole)
        yield f"9 {n} stray before", READ, stray, Accepted(REGISTERS, n), (n + len(whole)) * C, False
        after = paced(FIRST_S, whole + b"\x55" * n)
        yield f"11 {n} after", READ, after, Accepted(REGISTERS), len(whole) * C, False
    other = form.seal("020406" + "00" * 6)
    both = paced(FIRST_S, other + whole)
    yield "12 another unit, then ours", READ, both, Accepted(REGISTERS, len(other)), len(both) * C, False


def refused(form: Bytes) -> Iterator[Case]:
    whole = form.seal(HEX)
    for at in (4, len(whole) - 1):
        halves = paced(FIRST_S, whole[:at]) + paced(FIRST_S + at * C + 0.2, whole[at:])
        given_up_s = max(at * C + STALL_S, (len(whole) + 1) * C)
        yield f"8 longer pause before {at}", READ, halves, Failed("short"), given_up_s, False
    other = form.seal("020406" + "00" * 6)
    yield "12 another unit", READ, paced(FIRST_S, other), Failed("unit"), TIMEOUT_S - FIRST_S, True
    for body in ("010306" + "00" * 6, "010404" + "00" * 4, "010408" + "00" * 8, "010600060003"):
        frame = form.seal(body)
        end_s = max(len(frame), len(whole)) * C + STALL_S
        yield f"13 {body[:6]}", READ, paced(FIRST_S, frame), Failed("shape"), end_s, False
    for request, bodies in (
        (ONE_6, ("01060105003d", "01060106003c")),
        (MANY_16, ("011001050003", "011001060002")),
        (COIL_5, ("010500030000", "01050004ff00")),
        (COILS_15, ("010f00030004", "010f00040003")),
    ):
        for body in bodies:
            frame = form.seal(body)
            yield f"14 {body}", request, paced(FIRST_S, frame), Failed("shape"), len(frame) * C, False
    shorter = form.seal("0104020007")
    yield (
        "16 late, other shape",
        READ,
        paced(FIRST_S, shorter),
        Failed("shape"),
        len(whole) * C + STALL_S,
        False,
    )
    collided = bytes(a & b for a, b in zip(whole, form.seal("010406" + "a5c3" * 3), strict=True))
    yield "24 two with one id", READ, paced(FIRST_S, collided), Failed("crc"), len(whole) * C, False


FORMS = {"rtu": Bytes("rtu"), "ascii": Bytes("ascii")}
CASES = {
    f"{case[0]} {name}": (form, case)
    for name, form in FORMS.items()
    for table in (no_answer, accepted, refused)
    for case in table(form)
}


def arrived(flight: Flight, arrivals: Arrivals) -> Arrivals:
    return [(flight.sent_mono_s + at_s, data) for at_s, data in arrivals]


@pytest.mark.parametrize("name", CASES)
def test_row(name: str) -> None:
    """BUS-120: outcome, bound after the first byte, and whether an answer may still come."""
    form, (_, request, arrivals, outcome, within_s, overdue) = CASES[name]
    flight = form.flight(request)
    found, at_s, _ = fly(flight, arrived(flight, arrivals))
    assert found == outcome
    begun_s = FIRST_S if arrivals else 0.0
    assert at_s - flight.sent_mono_s - begun_s <= within_s + (1 + LATE_CHARS) * C + 1e-9
    assert flight.overdue is overdue


@pytest.mark.parametrize("framing", FORMS)
@pytest.mark.parametrize(
    ("request_", "body"),
    [(READ, HEX), (ONE_6, "01060105003c"), (MANY_16, "011001050002"), (COIL_5, "01050003ff00")],
)
def test_rows_19_and_20_an_echo_is_counted_off(framing: str, request_: Request, body: str) -> None:
    """With the device the answer, without it silence; never its own words."""
    form = FORMS[framing]
    own = paced(-len(form.codec.frame(request_)) * C, form.codec.frame(request_))
    for answer, kind in ((form.seal(body), None), (b"", "silence")):
        flight = form.flight(request_, echo=True)
        found, at_s, _ = fly(flight, arrived(flight, own + paced(FIRST_S, answer)))
        assert isinstance(found, Accepted) if kind is None else found == Failed("silence")
        ends_s = FIRST_S + len(answer) * C if answer else TIMEOUT_S
        assert at_s - flight.sent_mono_s <= ends_s + (1 + LATE_CHARS) * C


@pytest.mark.parametrize("framing", FORMS)
def test_row_19_too_little_echo(framing: str) -> None:
    form = FORMS[framing]
    flight = form.flight(ONE_6, echo=True)
    found, at_s, _ = fly(flight, arrived(flight, paced(-5 * C, form.codec.frame(ONE_6)[:5])))
    assert found == Failed("echo")
    assert at_s == pytest.approx(flight.sent_mono_s + ECHO_S)


@pytest.mark.parametrize("framing", FORMS)
@pytest.mark.parametrize(
    ("request_", "delay_s", "kinds"),
    [
        (ONE_6, 0.0, {"silence"}),
        (READ, 0.0, {"silence"}),
        (MANY_16, 0.005, {"short", "shape", "noise", "crc"}),
        (COILS_15, 0.005, {"short", "shape", "noise", "crc"}),
        (READ, 0.005, {"short", "shape", "noise", "crc"}),
    ],
)
def test_row_21_an_undeclared_echo_is_refused(
    framing: str, request_: Request, delay_s: float, kinds: set[Kind]
) -> None:
    """In time it is thrown away; late it is no answer, but for writes of one value: those are read back."""
    form = FORMS[framing]
    own = form.codec.frame(request_)
    flight = form.flight(request_)
    found, _, _ = fly(flight, arrived(flight, paced(delay_s - len(own) * C * (not delay_s), own)))
    assert isinstance(found, Failed)
    assert found.kind in kinds
