"""One request and the only answers it accepts: BUS-20, 22, 23, 26 as tables, BUS-110 as mutations."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.field.exchange import Accepted, Failed, Outcome, Pending, Request, frame, judge, sound
from hems.field.reception import STRAY_BYTES
from tests.field.wires import crc, framed

READ = Request(1, 4, 6, 3)
GOOD = framed("010406" + "0001fffe8000")
REGISTERS = (1, 0xFFFE, 0x8000)
WRITE_6 = Request(2, 6, 261, values=(60,))
COILS = Request(9, 1, 10, 10)
COIL = Request(9, 5, 0xAA, values=(1,))
MANY_COILS = Request(9, 15, 0x13, values=(1, 0, 1, 0, 0, 0, 0, 0, 0, 1))
WRITE_16 = Request(2, 16, 1000, values=(16,))


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (READ, "010400060003"),
        (Request(17, 3, 0x03E8, 125), "110303e8007d"),
        (WRITE_6, "02060105003c"),
        (WRITE_16, "021003e80001020010"),
        (Request(3, 16, 0, values=(1, 0xFFFF)), "0310000000020400" + "01ffff"),
        (COILS, "0901000a000a"),
        (Request(9, 2, 0, 3), "090200000003"),
        (COIL, "090500aaff00"),
        (Request(9, 5, 0xAA, values=(0,)), "090500aa0000"),
        (MANY_COILS, "090f001300" + "0a0205" + "02"),
    ],
)
def test_requests_byte_by_byte(request_: Request, body: str) -> None:
    assert frame(request_) == framed(body)


@pytest.mark.parametrize(
    ("request_", "received", "verdict"),
    [
        (READ, GOOD, Accepted(REGISTERS)),
        (READ, GOOD + b"\x00", Accepted(REGISTERS, 0, 1)),
        (READ, b"\x00\xff" + GOOD, Accepted(REGISTERS, 2, 0)),
        (READ, framed("01840b"), Failed("exception", 0x0B)),
        (READ, b"", Pending(11, "noise", 0)),
        (READ, GOOD[:1], Pending(10, "short", 0)),
        (READ, GOOD[:-1], Pending(1, "short", 0)),
        (READ, b"\x07" + GOOD[:4], Pending(7, "short", 1)),
        (READ, GOOD[:-1] + b"\x00", Failed("crc")),
        (READ, GOOD[:-1] + b"\x00" + GOOD[:3], Pending(8, "crc", 11)),
        (READ, bytes.fromhex("0184020000"), Pending(11, "crc", 5)),
        (READ, bytes.fromhex("0106020000"), Pending(11, "shape", 5)),
        (READ, framed("010306" + "0001fffe8000"), Failed("shape")),
        (READ, framed("010402" + "0001"), Failed("shape")),
        (READ, framed("020406" + "0001fffe8000"), Pending(11, "unit", 11)),
        (READ, framed("020402" + "0001") + GOOD, Accepted(REGISTERS, 7, 0)),
        (READ, b"\x55\xaa", Pending(11, "noise", 2)),
        (WRITE_6, framed("02060105003c"), Accepted()),
        (WRITE_6, framed("02060105003d"), Failed("shape")),
        (WRITE_6, framed("02060106003c"), Failed("shape")),
        (WRITE_6, framed("02860" + "3"), Failed("exception", 3)),
        (WRITE_16, framed("021003e80001"), Accepted()),
        (WRITE_16, framed("021003e80002"), Failed("shape")),
        (WRITE_16, framed("021003e90001"), Failed("shape")),
        (COILS, framed("0901020d02"), Accepted((1, 0, 1, 1, 0, 0, 0, 0, 0, 1))),
        (COILS, framed("0902020d02"), Failed("shape")),
        (COILS, framed("0901010d"), Failed("shape")),
        (COIL, framed("090500aaff00"), Accepted()),
        (COIL, framed("090500aa0000"), Failed("shape")),
        (COIL, framed("090500abff00"), Failed("shape")),
        (MANY_COILS, framed("090f0013000a"), Accepted()),
        (MANY_COILS, framed("090f0013000b"), Failed("shape")),
    ],
)
def test_verdicts(request_: Request, received: bytes, verdict: Outcome | Pending) -> None:
    """BUS-20, 22, 23, 26: only the whole, sound answer to this very request is accepted."""
    assert judge(request_, received) == verdict


@given(st.binary(max_size=64))
def test_nothing_but_a_verdict_leaves(received: bytes) -> None:
    """BUS-3: whatever comes, no exception and no acceptance without a sound frame of ours."""
    for request in (READ, WRITE_6, WRITE_16, COILS, COIL, MANY_COILS):
        sound(received)
        verdict = judge(request, received)
        if isinstance(verdict, Accepted):
            assert _witness(request, received)


@given(st.binary(max_size=STRAY_BYTES), st.sampled_from([(READ, GOOD), (WRITE_6, framed("02060105003c"))]))
def test_a_good_answer_after_garbage_is_taken_by_this_or_the_next_exchange(
    garbage: bytes, pair: tuple[Request, bytes]
) -> None:
    """BUS-22, BUS-110 d: nothing of an exchange is left to the next one."""
    request, good = pair
    verdict = judge(request, garbage + good)
    heads = {request.unit} & set(garbage)
    assert isinstance(verdict, Accepted) or heads
    assert isinstance(judge(request, good), Accepted)


@given(
    st.integers(1, 247), st.sampled_from([3, 4]), st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=60)
)
@settings(max_examples=50)
def test_every_answer_is_read_back_whole(unit: int, function: int, registers: list[int]) -> None:
    request = Request(unit, 3 if function == 3 else 4, 100, len(registers))
    body = bytes((unit, function, 2 * len(registers))) + b"".join(r.to_bytes(2, "big") for r in registers)
    assert judge(request, body + crc(body)) == Accepted(tuple(registers))


def _witness(request: Request, received: bytes) -> bool:
    """An independent judge: some place of the buffer holds a whole sound answer to the request."""
    function, single = request.function, request.function in (5, 6)
    if function in (1, 2, 3, 4):
        data = -(-request.count // 8) if function in (1, 2) else 2 * request.count
        size, head = 5 + data, bytes((request.unit, function, data))
    else:
        last = request.values[0] * (0xFF00 if function == 5 else 1) if single else len(request.values)
        size, head = 8, bytes((request.unit, function)) + request.address.to_bytes(2, "big")
        head += last.to_bytes(2, "big")
    places = range(len(received) - size + 1)
    frames = [received[at : at + size] for at in places]
    return any(part.startswith(head) and crc(part[:-2]) == part[-2:] for part in frames)


MUTANTS = 20_000
SEED = 20261121


def _flipped(data: bytes, dice: random.Random) -> bytes:
    mutant = bytearray(data)
    for bit in dice.sample(range(8 * len(data)), dice.randint(1, 3)):
        mutant[bit // 8] ^= 1 << bit % 8
    return bytes(mutant)


def _burst(data: bytes, dice: random.Random) -> bytes:
    bits = int.from_bytes(data, "big")
    width = dice.randint(1, 16)
    pattern = dice.getrandbits(width) | 1
    start = dice.randint(0, 8 * len(data) - width)
    return (bits ^ pattern << start).to_bytes(len(data), "big")


def _cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randint(0, len(data) - 1)]


def _other(data: bytes, dice: random.Random) -> bytes:
    body = bytearray(data[:-2])
    body[dice.randint(0, 2)] ^= dice.randint(1, 255)
    return bytes(body) + crc(bytes(body))


@pytest.mark.parametrize("mutate", [_flipped, _burst, _cut, _other])
def test_mutants_never_change_a_value(mutate: object) -> None:
    """BUS-110 a, c, d: flips, bursts, cuts and frames of others: accepted with changed content 0."""
    assert callable(mutate)
    dice = random.Random(SEED)
    for _ in range(MUTANTS // 4):
        mutant = mutate(GOOD, dice)
        verdict = judge(READ, mutant)
        if isinstance(verdict, Accepted):
            assert verdict.registers == REGISTERS, f"seed {SEED}: {mutant.hex()}"
            assert _witness(READ, mutant)


def test_surrounded_frames_keep_their_content() -> None:
    """BUS-110 a: bytes before or after cost nothing but are never mixed in."""
    dice = random.Random(SEED)
    for _ in range(MUTANTS // 4):
        received = dice.randbytes(dice.randint(0, 32)) + GOOD + dice.randbytes(dice.randint(0, 8))
        verdict = judge(READ, received)
        assert not isinstance(verdict, Accepted) or verdict.registers == REGISTERS


def test_random_bodies_pass_only_by_the_odds_of_the_check_sum() -> None:
    """BUS-110 b: right header, random body and check sum."""
    dice = random.Random(SEED)
    passed = sum(
        isinstance(judge(READ, GOOD[:3] + dice.randbytes(len(GOOD) - 3)), Accepted) for _ in range(MUTANTS)
    )
    odds = MUTANTS / 65536
    assert passed <= odds + 5 * odds**0.5
