import struct

import pytest

from hems.sim.pdu import Block, Unit, crc16, is_sealed, refuse_write, reply, seal

WRITTEN: list[tuple[int, tuple[int, ...]]] = []


def write(address: int, values: tuple[int, ...]) -> int:
    if values == (999,):
        return 3
    WRITTEN.append((address, values))
    return 0


UNIT = Unit(
    "test",
    (
        Block(3, 10, 4, lambda: struct.pack(">4H", 1, 2, 3, 4)),
        Block(4, 0, 2, lambda: struct.pack(">2H", 7, 8)),
    ),
    writes_by=frozenset({6, 16}),
    write=write,
    max_read=3,
)


@pytest.mark.parametrize(
    ("body", "crc"),
    [("01 03 00 00 00 0a", "c5 cd"), ("01 04 00 00 00 02", "71 cb"), ("02 07", "41 12")],
)
def test_crc_of_known_frames(body: str, crc: str) -> None:
    """Examples every Modbus primer prints."""
    assert crc16(bytes.fromhex(body)).hex(" ") == crc
    assert is_sealed(bytes.fromhex(body + crc))
    assert not is_sealed(bytes.fromhex(body + "00 00"))
    assert not is_sealed(b"\x01")


def test_a_frame_is_unit_answer_and_crc() -> None:
    assert seal(1, bytes.fromhex("03 00 00 00 0a")).hex(" ") == "01 03 00 00 00 0a c5 cd"


@pytest.mark.parametrize(
    ("request_hex", "answer_hex"),
    [
        ("03 000a 0003", "03 06 0001 0002 0003"),
        ("03 000c 0002", "03 04 0003 0004"),
        ("04 0000 0002", "04 04 0007 0008"),
        ("03 000c 0003", "83 02"),
        ("03 0009 0001", "83 02"),
        ("04 000a 0001", "84 02"),
        ("03 000a 0000", "83 03"),
        ("03 000a 0004", "83 03"),
        ("03 000a", "83 03"),
        ("01 0000 0001", "81 01"),
        ("2b 0e 01 00", "ab 01"),
        ("06 0005 0102", "06 0005 0102"),
        ("06 0005 03e7", "86 03"),
        ("06 0005", "86 03"),
        ("10 0005 0002 04 0001 0002", "10 0005 0002"),
        ("10 0005 0002 02 0001", "90 03"),
        ("10 0005 0001 02 0001 0002", "90 03"),
        ("10 0005 0001 02 03e7", "90 03"),
        ("10 0005", "90 03"),
    ],
)
def test_answers_and_refusals(request_hex: str, answer_hex: str) -> None:
    assert reply(UNIT, bytes.fromhex(request_hex)) == bytes.fromhex(answer_hex)


def test_writes_reach_the_device() -> None:
    WRITTEN.clear()
    reply(UNIT, bytes.fromhex("06 0005 0102"))
    reply(UNIT, bytes.fromhex("10 0007 0002 04 0003 0004"))
    assert WRITTEN == [(5, (0x102,)), (7, (3, 4))]


def test_even_maps_refuse_odd_addresses_and_counts() -> None:
    """M01, M02: start address and count must be even."""
    unit = Unit("even", (Block(4, 0, 4, lambda: bytes(8)),), even=True)
    assert reply(unit, bytes.fromhex("04 0000 0002")) == bytes.fromhex("04 04 00000000")
    assert reply(unit, bytes.fromhex("04 0001 0002")) == bytes.fromhex("84 02")
    assert reply(unit, bytes.fromhex("04 0000 0001")) == bytes.fromhex("84 02")


def test_a_unit_without_writes_refuses_them() -> None:
    unit = Unit("meter", (Block(4, 0, 2, lambda: bytes(4)),))
    assert reply(unit, bytes.fromhex("06 0000 0001")) == bytes.fromhex("86 01")
    assert refuse_write(0, (1,)) == 2
