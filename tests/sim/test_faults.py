from random import Random

import pytest

from hems.sim.faults import Fault, refused, spoil
from hems.sim.pdu import is_sealed, seal

FRAME = seal(1, bytes.fromhex("04 04 01020304"))


@pytest.mark.parametrize(
    ("fault", "device", "second", "strikes"),
    [
        (Fault("silence"), "grid", 0.0, True),
        (Fault("silence", "grid"), "grid", 1e9, True),
        (Fault("silence", "grid"), "car", 5.0, False),
        (Fault("silence", "grid", from_s=5.0, until_s=6.0), "grid", 4.9, False),
        (Fault("silence", "grid", from_s=5.0, until_s=6.0), "grid", 5.0, True),
        (Fault("silence", "grid", from_s=5.0, until_s=6.0), "grid", 6.0, False),
    ],
)
def test_whom_and_when_a_fault_befalls(fault: Fault, device: str, second: float, strikes: bool) -> None:
    assert fault.befalls(device, second, Random(1)) is strikes


def test_a_share_of_requests() -> None:
    fault, chance = Fault("crc", share=0.1), Random(1)
    assert 800 < sum(fault.befalls("grid", 0.0, chance) for _ in range(10_000)) < 1200


def test_refused_requests() -> None:
    assert refused([Fault("silence")], 1, 4) == b""
    assert refused([Fault("crc"), Fault("exception", value=6)], 1, 4) == seal(1, b"\x84\x06")
    assert refused([Fault("crc"), Fault("late", value=1.0)], 1, 4) is None
    assert refused([], 1, 4) is None
    assert [refused([Fault("deaf")], 2, function) for function in (3, 4, 6, 16)] == [None, None, b"", b""]


def test_spoilt_answers() -> None:
    chance = Random(1)
    assert spoil([], FRAME, chance).frame == FRAME
    crc = spoil([Fault("crc")], FRAME, chance).frame
    assert crc[:-1] == FRAME[:-1]
    assert not is_sealed(crc)
    assert spoil([Fault("short", value=3)], FRAME, chance).frame == FRAME[:3]
    noisy = spoil([Fault("noise", value=2)], FRAME, chance).frame
    assert (len(noisy), noisy[2:]) == (len(FRAME) + 2, FRAME)
    late = spoil([Fault("late", value=0.5), Fault("late", value=0.25)], FRAME, chance)
    assert (late.frame, late.late_s) == (FRAME, 0.75)
    assert spoil([Fault("short"), Fault("crc")], FRAME, chance).frame == b""
    assert spoil([Fault("exception", value=6)], FRAME, chance).frame == FRAME
