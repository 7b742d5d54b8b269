"""What faults make of an answer, byte by byte (BUS-91)."""

from random import Random

import pytest

from hems.sim.faults import Fault
from hems.sim.frames import Framing, opened, seal
from hems.sim.spoiling import collided, spoil

READ = bytes.fromhex("04 04 01020304")
WRITE_ONE = bytes.fromhex("06 0105 0064")
WRITE_MANY = bytes.fromhex("10 0105 0002")
BITS = bytes.fromhex("01 01 05")
REFUSAL = bytes.fromhex("84 02")
C = 0.001


def frame_of(*faults: Fault, pdu: bytes = READ, framing: Framing = "rtu", start: str = ":") -> bytes:
    return spoil(faults, 1, pdu, Random(1), C, framing=framing, start=start).frame


@pytest.mark.parametrize(
    ("fault", "pdu", "number", "shown"),
    [
        (Fault("other_unit"), READ, 2, READ),
        (Fault("other_unit", value=200), READ, 201, READ),
        (Fault("other_function"), READ, 1, b"\x03" + READ[1:]),
        (Fault("other_function", value=17), READ, 1, b"\x11" + READ[1:]),
        (Fault("other_function"), WRITE_ONE, 1, b"\x10" + WRITE_ONE[1:]),
        (Fault("other_function"), BITS, 1, b"\x02" + BITS[1:]),
        (Fault("other_function"), REFUSAL, 1, b"\x83\x02"),
        (Fault("other_count"), READ, 1, bytes.fromhex("04 06 010203040000")),
        (Fault("other_count", value=-1), READ, 1, bytes.fromhex("04 02 0102")),
        (Fault("other_count"), BITS, 1, bytes.fromhex("01 02 0500")),
        (Fault("other_count"), WRITE_ONE, 1, bytes.fromhex("06 0105 0065")),
        (Fault("other_count"), WRITE_MANY, 1, bytes.fromhex("10 0105 0003")),
        (Fault("other_count"), REFUSAL, 1, REFUSAL),
        (Fault("other_address"), WRITE_ONE, 1, bytes.fromhex("06 0106 0064")),
        (Fault("other_address", value=-5), WRITE_MANY, 1, bytes.fromhex("10 0100 0002")),
        (Fault("other_address"), READ, 1, READ),
    ],
)
@pytest.mark.parametrize("framing", ["rtu", "ascii"])
def test_a_disguised_answer_is_a_sound_frame(
    fault: Fault, pdu: bytes, number: int, shown: bytes, framing: Framing
) -> None:
    assert opened(frame_of(fault, pdu=pdu, framing=framing), framing) == (number, shown)


@pytest.mark.parametrize("framing", ["rtu", "ascii"])
def test_damage_to_the_bytes_of_a_frame(framing: Framing) -> None:
    whole = seal(1, READ, framing)
    assert frame_of(framing=framing) == whole
    wrong = frame_of(Fault("crc"), framing=framing)
    assert len(wrong) == len(whole)
    assert wrong != whole
    assert opened(wrong, framing) is None
    assert frame_of(Fault("short", value=4), framing=framing) == whole[:4]
    assert frame_of(Fault("short", value=0), Fault("crc"), framing="rtu") == b""
    assert frame_of(Fault("prefix", data="00FF"), framing=framing) == b"\0\xff" + whole
    assert frame_of(Fault("suffix", data="AA"), framing=framing) == whole + b"\xaa"
    noisy = frame_of(Fault("noise", value=2), framing=framing)
    assert (len(noisy), noisy[2:]) == (len(whole) + 2, whole)


def test_an_lrc_of_zero_is_spoilt_too() -> None:
    pdu = bytes((3, 2, 0, 0xFA))
    assert seal(1, pdu, "ascii").endswith(b"00\r\n")
    assert frame_of(Fault("crc"), pdu=pdu, framing="ascii").endswith(b"01\r\n")


def test_an_ascii_answer_begins_with_its_units_sign() -> None:
    assert frame_of(framing="ascii", start=">") == b">010404010203040000ED\r\n".replace(b"0000ED", b"ED")


def test_times_add_up() -> None:
    spoilt = spoil([Fault("late", value=0.5), Fault("late", value=0.25)], 1, READ, Random(1), C)
    assert (spoilt.frame, spoilt.late_s) == (seal(1, READ), 0.75)
    paused = spoil([Fault("pause", at=3, value=0.06)], 1, READ, Random(1), C)
    assert (paused.frame, paused.pauses) == (seal(1, READ), {3: 0.06})


def test_babble_is_random_bytes_for_its_seconds() -> None:
    assert len(frame_of(Fault("babble", value=0.25))) == 250
    assert len(frame_of(Fault("babble", value=0.0))) == 1


def test_a_twin_answers_in_the_same_shape_and_both_are_heard() -> None:
    """Zeros win where two senders disagree; the head is common to both."""
    assert collided(b"\xf0\x0f", b"\xff\x05\x11", 0) == b"\xf0\x05\x11"
    assert collided(b"\xf0\x0f", b"\x55", 1) == b"\xf0\x05"
    both = frame_of(Fault("twin"))
    whole = seal(1, READ)
    assert (len(both), both[:3]) == (len(whole), whole[:3])
    assert opened(both) is None
    assert len(frame_of(Fault("twin", value=0.004))) == len(whole) + 4


def test_kinds_of_request_and_line_leave_the_answer_alone() -> None:
    assert frame_of(Fault("exception", value=6), Fault("vanish", nth=1)) == seal(1, READ)
