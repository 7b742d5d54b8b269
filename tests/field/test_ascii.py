"""ASCII frames: BUS-2, BUS-3, BUS-20..23 as tables, BUS-110 as mutations."""

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hems.field.ascii import answer_chars, frame, judge, sound
from hems.field.exchange import Accepted, Failed, Outcome, Pending, Request
from tests.field.wires import lettered

READ = Request(1, 3, 0x2E, 2)
GOOD = lettered("010304" + "0001fffe")
REGISTERS = (1, 0xFFFE)
WRITE = Request(1, 16, 20, values=(266,))
BITS = Request(3, 1, 8, 10)


@pytest.mark.parametrize(
    ("request_", "sent"),
    [
        (READ, b":0103002E0002CC\r\n"),
        (WRITE, lettered("0110001400010201" + "0a")),
        (Request(1, 6, 5, values=(0xA1A1,)), lettered("01060005a1a1")),
        (BITS, lettered("03010008000a")),
    ],
)
def test_requests_byte_by_byte(request_: Request, sent: bytes) -> None:
    assert frame(request_) == sent


@pytest.mark.parametrize(
    ("request_", "received", "verdict"),
    [
        (READ, GOOD, Accepted(REGISTERS)),
        (READ, GOOD.lower(), Accepted(REGISTERS)),
        (READ, b"\x00:01" + GOOD + b"0", Accepted(REGISTERS, 4, 1)),
        (READ, b"", Pending(19, "noise", 0)),
        (READ, b":", Pending(18, "short", 0)),
        (READ, b":0", Pending(17, "short", 0)),
        (READ, GOOD[:-1], Pending(1, "short", 0)),
        (READ, b"\xff" + GOOD[:9], Pending(10, "short", 1)),
        (READ, lettered("018302"), Failed("exception", 2)),
        (READ, lettered("018302")[:-1], Pending(1, "short", 0)),
        (READ, GOOD[:8] + b"1" + GOOD[9:], Failed("crc")),
        (READ, GOOD[:8] + b"G" + GOOD[9:], Failed("crc")),
        (READ, GOOD[:-2] + b"\n\r", Failed("crc")),
        (READ, GOOD[:8] + b"G", Pending(10, "crc", 9)),
        (READ, GOOD[:8] + b"\r\n", Failed("short")),
        (READ, GOOD[:7] + GOOD[8:], Failed("short")),
        (READ, GOOD[:8] + b"\r\n" + GOOD[:4], Pending(15, "short", 10)),
        (READ, GOOD[:8] + b"G" + GOOD, Accepted(REGISTERS, 9, 0)),
        (READ, lettered("010404" + "0001fffe"), Failed("shape")),
        (READ, lettered("010302" + "0001"), Failed("shape")),
        (READ, lettered("010304" + "0001"), Failed("shape")),
        (READ, lettered("0103"), Failed("shape")),
        (READ, lettered("0183"), Failed("shape")),
        (WRITE, lettered("01100014"), Failed("shape")),
        (READ, lettered("020304" + "0001fffe"), Pending(19, "unit", 19)),
        (READ, lettered("020304" + "0001fffe") + GOOD, Accepted(REGISTERS, 19, 0)),
        (READ, b"\x55\xaa", Pending(19, "noise", 2)),
        (READ, b":zz", Pending(19, "noise", 3)),
        (READ, b":01\r\n", Pending(19, "noise", 5)),
        (READ, GOOD.replace(b":", b">"), Pending(19, "noise", 19)),
        (WRITE, lettered("011000140001"), Accepted()),
        (WRITE, lettered("011000140002"), Failed("shape")),
        (WRITE, lettered("019004"), Failed("exception", 4)),
        (BITS, lettered("0301020d02"), Accepted((1, 0, 1, 1, 0, 0, 0, 0, 0, 1))),
    ],
)
def test_verdicts(request_: Request, received: bytes, verdict: Outcome | Pending) -> None:
    """BUS-20..23: hexadecimal digits, an even number of them, CR LF, check byte, then the shape."""
    assert judge(request_, received) == verdict


def test_an_answer_may_start_with_another_sign() -> None:
    """BUS-21: with the device's own sign, and only with that."""
    assert judge(READ, GOOD.replace(b":", b">"), ">") == Accepted(REGISTERS)
    assert judge(READ, GOOD, ">") == Pending(19, "noise", 19)


def test_the_repeated_low_byte_of_the_address_is_checked() -> None:
    """BUS-21: a read's first data byte; writes and exceptions do not carry it."""
    mine, other = lettered("010304" + "2ec10000"), lettered("010304" + "2fc10000")
    assert judge(READ, mine, low_address_echo=True) == Accepted((0x2EC1, 0))
    assert judge(READ, other, low_address_echo=True) == Failed("shape")
    assert judge(WRITE, lettered("011000140001"), low_address_echo=True) == Accepted()
    assert judge(READ, lettered("018302"), low_address_echo=True) == Failed("exception", 2)


def test_lengths() -> None:
    """BUS-55: 11 + 4 N characters for N registers."""
    assert answer_chars(READ) == len(GOOD) == 11 + 4 * 2
    assert answer_chars(WRITE) == len(lettered("011000140001"))


@pytest.mark.parametrize("text", [b"", b":\r\n", b":0103\r\n", GOOD[:-1], GOOD[:-4] + b"00\r\n", GOOD[2:]])
def test_what_is_no_whole_frame(text: bytes) -> None:
    assert sound(GOOD)
    assert sound(frame(READ))
    assert not sound(text)


@given(st.binary(max_size=48) | st.text(":>0123456789ABCDEFzZ\r\n", max_size=48).map(str.encode))
@example(b":0\r\n")
@settings(max_examples=200)
def test_nothing_but_a_verdict_leaves_and_the_next_good_frame_is_taken(garbage: bytes) -> None:
    """BUS-3: no exception, whatever comes; a sound answer after it is found, if none was in it before."""
    for request, good in ((READ, GOOD), (WRITE, lettered("011000140001"))):
        verdict = judge(request, garbage)
        sound(garbage)
        if isinstance(verdict, Accepted):
            assert good in garbage.upper()
        if b":" not in garbage:
            whole = judge(request, garbage + good)
            assert isinstance(whole, Accepted)
            assert whole.noise_bytes == len(garbage)


def test_flipped_bits_never_change_a_value() -> None:
    """BUS-110 a: one flipped bit is always found; two or three pass only where the check byte allows it.

    Two flips that cancel out in the sum need two digits that stay digits: rare, and read twice where it
    would raise a current.
    """
    dice = random.Random(20261121)
    for bit in range(8 * len(GOOD)):
        mutant = bytearray(GOOD)
        mutant[bit // 8] ^= 1 << bit % 8
        verdict = judge(READ, bytes(mutant))
        assert not isinstance(verdict, Accepted) or verdict.registers == REGISTERS
    passed = 0
    for _ in range(5000):
        mutant = bytearray(GOOD)
        for bit in dice.sample(range(8 * len(GOOD)), dice.randint(2, 3)):
            mutant[bit // 8] ^= 1 << bit % 8
        verdict = judge(READ, bytes(mutant))
        passed += isinstance(verdict, Accepted) and verdict.registers != REGISTERS
    assert passed <= 5000 / 256
