import struct

import pytest

from hems.sim.pdu import Block, Unit, always, refuse_write, reply

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


COILS = Unit(
    "coils",
    (
        Block(1, 0, 10, lambda: bytes((1, 0, 1, 1, 0, 0, 0, 0, 1, 1))),
        Block(2, 100, 3, lambda: bytes((0, 0, 1))),
    ),
    writes_by=frozenset({5, 15}),
    write_bits=write,
)


@pytest.mark.parametrize(
    ("request_hex", "answer_hex"),
    [
        ("01 0000 000a", "01 02 0d 03"),
        ("01 0002 0003", "01 01 03"),
        ("02 0064 0003", "02 01 04"),
        ("01 0000 000b", "81 02"),
        ("01 0000 07d1", "81 03"),
        ("05 0003 ff00", "05 0003 ff00"),
        ("05 0003 0000", "05 0003 0000"),
        ("05 0003 0001", "85 03"),
        ("0f 0003 000a 02 0d 03", "0f 0003 000a"),
        ("0f 0003 000a 01 0d", "8f 03"),
    ],
)
def test_coils_travel_eight_a_byte_the_first_lowest(request_hex: str, answer_hex: str) -> None:
    assert reply(COILS, bytes.fromhex(request_hex)) == bytes.fromhex(answer_hex)


def test_written_coils_reach_the_device_one_by_one() -> None:
    WRITTEN.clear()
    reply(COILS, bytes.fromhex("05 0003 ff00"))
    reply(COILS, bytes.fromhex("0f 0003 000a 02 0d 03"))
    assert WRITTEN == [(3, (1,)), (3, (1, 0, 1, 1, 0, 0, 0, 0, 1, 1))]


def test_a_curt_device_is_silent_but_for_wrong_values() -> None:
    """C02: a wrong request is met with silence; whole blocks only; the first data byte is the address's."""
    unit = Unit(
        "box",
        (Block(3, 0x2E, 2, lambda: bytes((0x01, 0xB2, 0x30, 0x64)), whole=True),),
        writes_by=frozenset({16}),
        write=lambda address, values: 4 if values == (9,) else 2,
        curt=True,
        low_address=True,
    )
    assert reply(unit, bytes.fromhex("03 002e 0002")) == bytes.fromhex("03 04 2e b2 30 64")
    assert reply(unit, bytes.fromhex("03 002e 0001")) == b""
    assert reply(unit, bytes.fromhex("06 0014 0001")) == b""
    assert reply(unit, bytes.fromhex("10 0014 0001 02 0001")) == b""
    assert reply(unit, bytes.fromhex("10 0014 0001 02 0009")) == bytes.fromhex("90 04")


def test_a_unit_that_knows_no_sleep_is_always_awake() -> None:
    assert always()
    assert Unit("plain", ()).awake()
