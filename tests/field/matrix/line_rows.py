"""Rows of the fault matrix that one line plays by itself: faults of one answer, as data."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from hems.field.exchange import Accepted, Failed, Outcome, Request
from hems.field.profile import Framing
from hems.sim.faults import Fault
from tests.field.matrix.measured import Measured
from tests.field.matrix.rig import (
    COILS,
    INPUTS,
    LONG,
    READ,
    SHORTER,
    STALL_S,
    WRITE,
    WRITE_COIL,
    WRITE_COILS,
    WRITE_MANY,
    C,
    Rig,
    S,
)

BOTH: Final[tuple[Framing, ...]] = ("rtu", "ascii")
Bound = Callable[[Rig, Request], float]
"""Seconds from the last stop bit of the request until the next one may begin."""


@dataclass(frozen=True)
class LineRow:
    """Faults that strike one `request`, what it comes to, and the bound."""

    row: int
    what: str
    faults: tuple[Fault, ...]
    outcome: Outcome
    bound: Bound
    request: Request = READ
    framings: tuple[Framing, ...] = BOTH
    echo: bool = False
    met: bool = True
    unasked: int | None = None


def whole(more_chars: float = 0.0, more_s: float = 0.0) -> Bound:
    """The end of the answer and one silence."""
    return lambda rig, request: rig.first_s + rig.answer_s(request) + more_chars * C + more_s + S


def refused(rig: Rig, request: Request) -> float:
    """The end of an exception and one silence."""
    return rig.first_s + rig.chars(5) * C + S


def held(rig: Rig, request: Request) -> float:
    """The longest answer time, 0.1 s of a device that answered in time, and one silence."""
    return max(rig.links[request.unit].timeout_s, rig.links[request.unit].hold_s) + S


def heard_out(rig: Rig, request: Request) -> float:
    """The longest answer time, or 50 ms after an answer that goes on beyond it, and one silence."""
    end_s = whole()(rig, request)
    return max(held(rig, request), end_s + STALL_S if end_s > rig.links[request.unit].timeout_s + S else 0.0)


def cut(chars: int) -> Bound:
    """50 ms of silence, a whole answer's end at the soonest, one character more, and one silence."""
    return lambda rig, request: rig.first_s + max(chars * C + STALL_S, rig.answer_s(request)) + C + S


def stray(chars: int) -> Bound:
    """The first byte, 1.5 times the wanted answer, 50 ms; the answer may still come until then."""

    def bound(rig: Rig, request: Request) -> float:
        given_up_s = rig.first_s + C + 1.5 * (rig.answer_s(request) + chars * C) + STALL_S
        return max(given_up_s + S, held(rig, request))

    return bound


def other_shape(bytes_: int) -> Bound:
    """At most 50 ms and a character after the end of a frame of so many bytes in RTU, and one silence."""
    return lambda rig, request: rig.first_s + rig.chars(bytes_) * C + STALL_S + C + S


def strike(*faults: Fault) -> tuple[Fault, ...]:
    """Each strikes the next request only."""
    return tuple(replace(fault, nth=1) for fault in faults)


CODES: Final = (1, 2, 3, 4, 5, 6, 0x0A, 0x0B)
PAUSED_AT: Final = (1, 4, 15, 28)
HEAD: Final = bytes((1, 3, 24)).hex()
DIGITS: Final = b":0103".hex()
READS: Final = {"FC3": READ, "FC4": INPUTS, "FC1": COILS}
WRITES: Final = {"FC6": WRITE, "FC16": WRITE_MANY, "FC5": WRITE_COIL, "FC15": WRITE_COILS}
EVERY: Final = READS | WRITES
GOOD: Final = Accepted()
"""Any accepted answer: its values are judged where it is delivered."""


def _one(
    row: int, what: str, fault: Fault, outcome: Outcome, bound: Bound, request: Request = READ
) -> LineRow:
    return LineRow(row, what, strike(fault), outcome, bound, request)


def _silences() -> Iterator[LineRow]:
    silence = strike(Fault("silence"))
    yield LineRow(1, "no answer, answered before", silence, Failed("silence"), held)
    yield LineRow(1, "no answer, never answered", silence, Failed("silence"), held, met=False)
    for name, request in WRITES.items():
        what = f"echo known, device absent, {name}"
        yield LineRow(20, what, silence, Failed("silence"), held, request, echo=True)


def _broken() -> Iterator[LineRow]:
    for code in CODES:
        yield _one(4, f"exception {code}", Fault("exception", value=code), Failed("exception", code), refused)
    for name, request in EVERY.items():
        yield _one(5, f"check sum wrong, {name}", Fault("crc"), Failed("crc"), whole(), request)
    for n in (1, 3, 20):
        yield _one(6, f"cut after {n}", Fault("short", value=n), Failed("short"), cut(n))
    for at in PAUSED_AT:
        for pause_s in (0.02, STALL_S):
            what = f"pause of {1000 * pause_s:.0f} ms before byte {at}"
            yield _one(7, what, Fault("pause", value=pause_s, at=at), GOOD, whole(0, pause_s))
    for at in PAUSED_AT[1:]:
        what = f"pause of 52 ms before byte {at}"
        yield _one(8, what, Fault("pause", value=0.052, at=at), Failed("short"), whole(0, 0.052))
    for apart in (0, 9):
        what, value = f"two devices with one id, {apart} characters apart", apart * C
        yield _one(24, what, Fault("twin", value=value), Failed("crc"), whole(apart))


def _surrounded() -> Iterator[LineRow]:
    for n in (1, 3, 32):
        yield _one(9, f"{n} stray bytes before", Fault("noise", value=n), GOOD, whole(n))
        only = strike(Fault("short", value=0), Fault("noise", value=n))
        yield LineRow(10, f"{n} stray bytes only", only, Failed("noise"), stray(n))
        after = strike(Fault("suffix", data="55" * n))
        yield LineRow(11, f"{n} bytes after", after, GOOD, whole(n), unasked=n)
    head = strike(Fault("prefix", data=HEAD))
    yield LineRow(9, "a look-alike before", head, GOOD, whole(3), framings=("rtu",))
    digits = strike(Fault("prefix", data=DIGITS))
    yield LineRow(9, "a look-alike before", digits, GOOD, whole(5), framings=("ascii",))


def _strange() -> Iterator[LineRow]:
    for what, request in (("", READ), (", long read", LONG)):
        yield _one(12, f"another unit answers{what}", Fault("other_unit"), Failed("unit"), heard_out, request)
    for what, fault, bytes_ in (
        ("another read's function", Fault("other_function"), 29),
        ("a write's function", Fault("other_function", value=6), 29),
        ("two registers more", Fault("other_count", value=2), 33),
        ("three registers less", Fault("other_count", value=-3), 23),
    ):
        yield _one(13, what, fault, Failed("shape"), other_shape(bytes_))
    for name, request in WRITES.items():
        for what, fault in (("address", Fault("other_address")), ("value or quantity", Fault("other_count"))):
            yield _one(14, f"{name} echoed with another {what}", fault, Failed("shape"), whole(), request)


def _echoed() -> Iterator[LineRow]:
    for name, request in EVERY.items():
        yield LineRow(19, f"echo known, {name}", (), GOOD, whole(), request, echo=True)


LINE_ROWS: Final = (*_silences(), *_broken(), *_surrounded(), *_strange(), *_echoed())


def play(row: LineRow, framing: Framing) -> Measured:
    """The fault, and right after it a good exchange."""
    with Rig(framing, echo=row.echo, declared="yes" if row.echo else "no") as rig:
        if row.met:
            rig.meet(1, 2)
        rig.strike(*row.faults)
        bound_s = row.bound(rig, row.request)
        outcome, after = rig.play(row.request, SHORTER)
        if isinstance(row.outcome, Accepted):
            assert isinstance(outcome, Accepted), f"{row.what}: {outcome}"
            assert bool(outcome.noise_bytes) == (row.row == 9)
        else:
            assert outcome == row.outcome, f"{row.what}: {outcome}"
            assert rig.links[1].errors[row.outcome.kind] == 1
        assert isinstance(after, Accepted), f"{row.what}: the exchange after it came to {after}"
        if row.unasked is not None:
            assert rig.line.counts.unasked_bytes == row.unasked
        assert rig.slave.early == 0, "a request into the silence or into an answer"
        said = "accepted" if isinstance(outcome, Accepted) else outcome.kind
        return Measured(row.row, row.what, framing, said, 1000 * rig.free_s(), 1000 * bound_s)
