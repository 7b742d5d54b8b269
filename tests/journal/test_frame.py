"""Records and bases as bytes (JRN-10 to JRN-14)."""

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.journal.frame import Kind, claims, enclose, pack, slots, unpack, verifies
from hems.journal.layout import BLOCK

SEED = zlib.crc32(b"0123456789abcdef")
PAYLOADS = st.binary(max_size=5_000) | st.binary(max_size=50).map(lambda part: part * 100)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.sampled_from(Kind),
    PAYLOADS,
    st.integers(0, 2**63),
)
def test_a_frame_comes_back(generation: int, sequence: int, kind: Kind, payload: bytes, wall_ms: int) -> None:
    """JRN-10, JRN-13."""
    packed = pack(SEED, generation, sequence, kind, payload, wall_ms)
    frame = unpack(SEED, packed + b"whatever follows")
    assert frame is not None
    assert (frame.generation, frame.sequence, frame.kind) == (generation, sequence, kind)
    assert (frame.payload, frame.wall_ms, frame.format) == (payload, wall_ms, 1)
    assert len(packed) % BLOCK == 0
    assert frame.size <= len(packed) < frame.size + BLOCK
    assert unpack(SEED ^ 1, packed) is None


def test_the_header_is_the_documented_one() -> None:
    """JRN-10: 32 bytes little-endian, checksum over everything behind it."""
    packed = pack(SEED, 3, 7, Kind.CHECKPOINT, b"{}", 1_795_250_000_000)
    rest = struct.pack("<IIBBHIQ", 3, 7, 2, 0, 1, 2, 1_795_250_000_000) + b"{}"
    assert packed[:34] == b"HMJ1" + struct.pack("<I", zlib.crc32(rest, SEED)) + rest
    assert packed[34:] == bytes(1024 - 34)


def test_a_base_is_always_deflated() -> None:
    """JRN-13."""
    packed = pack(SEED, 3, 0, Kind.BASE, b"{}")
    assert packed[:4] == b"HMS1"
    assert packed[17] == 1


def test_no_single_flip_and_no_short_frame_is_accepted() -> None:
    """B-6: a flipped bit is never accepted as a value."""
    packed = bytearray(pack(SEED, 3, 7, Kind.CHANGE, b'{"ledger":{"1":{"n":12345}}}' * 3))
    sound = unpack(SEED, bytes(packed))
    assert sound is not None
    for bit in range(sound.size * 8):
        packed[bit // 8] ^= 1 << bit % 8
        assert unpack(SEED, bytes(packed)) is None
        packed[bit // 8] ^= 1 << bit % 8
    for length in range(sound.size):
        assert unpack(SEED, bytes(packed[:length])) is None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_noise_is_no_frame(noise: bytes, marked: bool) -> None:
    assert unpack(SEED, b"HMJ1" + noise if marked else noise) is None


def forged(kind: int, encoding: int, stored: bytes, magic: bytes = b"HMJ1") -> bytes:
    rest = struct.pack("<IIBBHIQ", 3, 7, kind, encoding, 1, len(stored), 0) + stored
    return magic + struct.pack("<I", zlib.crc32(rest, SEED)) + rest


@pytest.mark.parametrize(
    "stored",
    [
        forged(1, 1, b"not deflated"),
        forged(1, 1, zlib.compress(bytes(17 * 1024 * 1024))),
        forged(1, 1, zlib.compress(b"{}")[:-2]),
        forged(9, 0, b"{}"),
        forged(1, 0, b"{}", b"HMS1"),
        forged(3, 0, b"{}", b"HMJ1"),
    ],
)
def test_a_checksum_alone_does_not_make_a_frame(stored: bytes) -> None:
    """Bombs, unknown kinds and a base that calls itself a record are none."""
    assert unpack(SEED, stored) is None


def test_damage_that_looks_like_a_record_is_recognised() -> None:
    """JRN-24."""
    packed = pack(SEED, 3, 7, Kind.CHANGE, b"{}")
    assert claims(packed[:40], 3)
    assert not claims(packed[:40], 4)
    assert not claims(packed[:20], 3)
    assert not claims(bytes(40), 0)


def test_slots_are_counted_up() -> None:
    """JRN-11."""
    assert [slots(size) for size in (1, 4_096, 4_097, 65_536)] == [1, 1, 2, 16]


def test_a_payload_that_is_deflated_already_makes_the_same_frame() -> None:
    """JRN-32."""
    payload = b"{}" * 500
    packed = pack(SEED, 3, 0, Kind.BASE, payload, 5)
    assert enclose(SEED, 3, 0, Kind.BASE, zlib.compress(payload), 5) == packed


def test_a_base_verifies_exactly_when_it_can_be_read() -> None:
    """JRN-31: told without inflating it."""
    packed = pack(SEED, 3, 0, Kind.BASE, b"{}" * 50, 5)
    frame = unpack(SEED, packed)
    assert frame is not None
    assert verifies(SEED, packed, 3)
    assert not verifies(SEED, packed, 4)
    assert not verifies(SEED ^ 1, packed, 3)
    assert not verifies(SEED, pack(SEED, 3, 1, Kind.CHECKPOINT, b"{}"), 3)
    for length in range(frame.size):
        assert not verifies(SEED, packed[:length], 3)
    for at in range(frame.size):
        assert not verifies(SEED, packed[:at] + bytes([packed[at] ^ 1]) + packed[at + 1 :], 3)
