"""Wire types ⇄ values: BUS-61, BUS-63."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.field.registers import CODES, WireType, WordOrder, decode, encode, width


@pytest.mark.parametrize(
    ("registers", "wire", "order", "value"),
    [
        ((0xFFFF,), "u16", "H", 65535),
        ((0xFFFF,), "s16", "H", -1),
        ((0x0001, 0x0002), "u32", "H", 0x10002),
        ((0x0001, 0x0002), "u32", "L", 0x20001),
        ((0xFFFF, 0xFFFE), "s32", "H", -2),
        ((0xFFFE, 0xFFFF), "s32", "L", -2),
        ((0x4366, 0x3333), "f32", "H", 230.2),
        ((0x3333, 0x4366), "f32", "L", 230.2),
        ((0x0001, 0x0002), "acc32", "H", 0x10002),
        ((0xFFFE,), "sf", "H", -2),
        ((0, 0), "f32", "H", 0.0),
    ],
)
def test_values_by_hand(registers: tuple[int, ...], wire: WireType, order: WordOrder, value: float) -> None:
    assert decode(registers, wire, order) == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize(
    ("registers", "wire", "absent"),
    [
        ((0x7FC0, 0), "f32", ()),
        ((0x7F80, 0), "f32", ()),
        ((0xFF80, 0), "f32", ()),
        ((0xFFFF,), "u16", (0xFFFF,)),
        ((0x8000,), "s16", (0x8000,)),
        ((0x8000,), "sf", ()),
        ((0, 0), "acc32", ()),
        ((0x7FFF, 0xFFFF), "s32", (0x7FFFFFFF,)),
    ],
)
def test_absence_is_not_zero(registers: tuple[int, ...], wire: WireType, absent: tuple[int, ...]) -> None:
    """BUS-63: marks, NaN and infinity mean "not there"."""
    assert decode(registers, wire, absent=absent) is None


def test_an_absence_mark_is_read_in_the_words_true_order() -> None:
    assert decode((0xFFFF, 0x7FFF), "s32", "L", absent=(0x7FFFFFFF,)) is None


@given(st.sampled_from(sorted(CODES)), st.sampled_from(["H", "L"]), st.data())
def test_there_and_back(wire: WireType, order: WordOrder, data: st.DataObject) -> None:
    if wire == "f32":
        value: float = data.draw(st.floats(width=32, allow_nan=False, allow_infinity=False))
    else:
        bits = 16 * width(wire)
        signed = CODES[wire].islower()
        low, high = (-(2 ** (bits - 1)) + 1, 2 ** (bits - 1) - 1) if signed else (1, 2**bits - 1)
        value = data.draw(st.integers(low, high))
    registers = encode(value, wire, order)
    assert len(registers) == width(wire)
    found = decode(registers, wire, order)
    assert found is not None
    assert math.isclose(found, value)


def test_what_a_type_cannot_hold_is_refused() -> None:
    with pytest.raises(struct.error):
        encode(70_000, "u16")


def test_bits_of_a_register_and_patterns_that_mean_nothing() -> None:
    """BUS-61, 63: masked bits are a number of their own; marks are looked for after the mask."""
    assert decode((0x2EB2,), "u16", mask=0x00FF) == 0xB2
    assert decode((0x0000, 0x8400), "u32", mask=0x7F00) == 4
    assert decode((0xC3E8,), "u16", mask=0x0FFF, zeros={0x3E8}) == 0
    assert decode((0xC064,), "u16", mask=0x0FFF, zeros={0x3E8}) == 100
    assert decode((0xF3E8,), "u16", mask=0x0FFF, absent={0x3E8}) is None
