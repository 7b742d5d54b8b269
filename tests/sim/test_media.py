"""Media that lose, tear and refuse on command."""

import errno
from random import Random

import pytest

from hems.sim.media import FailingMedium, MemoryMedium, RecordingMedium, SlowMedium, Written, torn

OLD = bytes(range(256)) * 64


def test_memory_is_a_medium_of_fixed_size() -> None:
    medium = MemoryMedium(OLD)
    medium.pwrite(2, b"xy")
    assert (medium.pread(1, 4), medium.size) == (b"\x01xy\x04", len(OLD))
    with pytest.raises(OSError, match="No space left"):
        medium.pwrite(len(OLD) - 1, b"xy")


def test_a_recording_gives_back_every_image() -> None:
    medium = RecordingMedium(OLD)
    for offset, data in ((0, b"abc"), (2, b"defg"), (0, b"h")):
        medium.pwrite(offset, data)
        medium.fdatasync()
    images = [(bytes(image[:6]), written.data) for image, written in medium.images()]
    assert images == [
        (OLD[:6], b"abc"),
        (b"abc" + OLD[3:6], b"defg"),
        (b"abdefg", b"h"),
    ]
    assert medium.syncs == 3


@pytest.mark.parametrize(
    ("rest", "expected"),
    [("old", b"AB" + OLD[4_102:4_104]), ("zero", b"AB\0\0")],
)
def test_a_torn_write(rest: str, expected: bytes) -> None:
    image = torn(OLD, Written(4_100, b"ABCD", b""), 2, rest, Random(1))
    assert image[4_100:4_104] == expected
    assert image[:4_100] + image[4_104:] == OLD[:4_100] + OLD[4_104:]


def test_garbage_stays_in_the_write_or_in_its_pages() -> None:
    written = Written(4_100, bytes(100), b"")
    image = torn(OLD, written, 10, "garbage", Random(1))
    assert image[:4_100] + image[4_200:] == OLD[:4_100] + OLD[4_200:]
    assert image[4_100:4_110] == bytes(10)
    assert image[4_110:4_200] not in (OLD[4_110:4_200], bytes(90))
    image = torn(OLD, written, 10, "page", Random(1))
    assert image[:4_096] + image[8_192:] == OLD[:4_096] + OLD[8_192:]
    assert image[4_096:8_192] != OLD[4_096:8_192]


def test_failures_come_by_operation_and_a_failed_write_arrives_in_part() -> None:
    asked: list[str] = []

    def fails(operation: str) -> int:
        asked.append(operation)
        return errno.EIO if operation == "pwrite" else 0

    medium = FailingMedium(OLD, fails)
    with pytest.raises(OSError, match="Input/output error"):
        medium.pwrite(0, b"abcd")
    assert medium.pread(0, 4) == b"ab" + OLD[2:4]
    medium.fdatasync()
    medium.reopen()
    assert asked == ["pwrite", "pread", "fdatasync", "reopen"]


def test_a_slow_card_stalls_as_long_as_it_is_told() -> None:
    stalls: list[int] = []
    SlowMedium(OLD, lambda: stalls.append(1)).fdatasync()
    assert stalls == [1]
