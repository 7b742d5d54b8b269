"""Set-points as bytes of each kind of charger: BUS-46, 64."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.field.exchange import Request
from hems.field.profile import Point, Release, Surplus, Unit, Write
from hems.field.registers import WireType
from hems.field.setpoint import bounded, held_a, registers, requests, surplus, tolerance_a

TENTHS = Write(function=6, address=261, scale_a=0.1, step_a=0.1, min_a=6, max_a=16, refresh_s=7.5)
STEPS_OF_1_A = Write(function=16, address=1000, scale_a=1, step_a=1, min_a=6, max_a=80, refresh_s=10)
DUTY = Write(function=16, address=20, scale_a=0.06, step_a=0.06, min_a=6, max_a=16, refresh_s=30, zero=0x03E8)
WATTS = Write(
    function=16, address=1600, scale_a=1, step_a=0.1, min_a=6, max_a=32, refresh_s=30, wire="u32", volts=230
)
PAUSED = Write(
    function=16,
    address=0x0302,
    scale_a=1,
    step_a=0.1,
    min_a=6,
    max_a=32,
    refresh_s=5,
    wire="f32",
    release=Release(function=6, address=0x0D05),
)


@pytest.mark.parametrize(
    ("write", "limit_a", "told_a"),
    [
        (TENTHS, 10.0, 10.0),
        (TENTHS, 10.09, 10.0),
        (TENTHS, 9.999999999, 10.0),
        (TENTHS, 5.99, 0.0),
        (TENTHS, 0.0, 0.0),
        (TENTHS, 32.0, 16.0),
        (STEPS_OF_1_A, 6.9, 6.0),
        (STEPS_OF_1_A, 15.999, 15.0),
    ],
)
def test_a_set_point_is_rounded_down_to_what_the_device_knows(
    write: Write, limit_a: float, told_a: float
) -> None:
    assert bounded(write, limit_a) == told_a


def test_a_duty_is_told_in_counts_and_none_at_all_by_its_own_count() -> None:
    assert registers(DUTY, 6.0, 3) == (100,)
    assert registers(DUTY, 15.96, 3) == (266,)
    assert registers(DUTY, 0.0, 3) == (0x03E8,)


def test_watts_are_those_of_all_lines_of_the_charger() -> None:
    assert registers(WATTS, 10.0, 3) == (0, 6900)
    assert registers(WATTS, 10.0, 1) == (0, 2300)
    assert registers(WATTS, 32.0, 3) == (0, 22080)


def test_a_charger_with_a_release_is_paused_and_never_told_0() -> None:
    assert requests(PAUSED, 50, 0.0, 3) == (Request(50, 6, 0x0D05, values=(0,)),)
    current, release = requests(PAUSED, 50, 10.0, 3)
    assert current == Request(50, 16, 0x0302, values=(0x4120, 0x0000))
    assert release == Request(50, 6, 0x0D05, values=(1,))


@given(st.floats(0, 80), st.sampled_from([TENTHS, STEPS_OF_1_A, DUTY, WATTS, PAUSED]), st.integers(1, 3))
def test_what_is_told_is_never_more_than_the_limit(limit_a: float, write: Write, lines: int) -> None:
    told_a = bounded(write, limit_a)
    assert told_a <= limit_a + 1e-4
    assert told_a == 0 or write.min_a <= told_a <= write.max_a
    words = registers(write, told_a, lines)
    raw = b"".join(word.to_bytes(2, "big") for word in words)
    (count,) = struct.unpack({"u16": ">H", "u32": ">I", "f32": ">f"}[write.wire], raw)
    held_a = count * write.scale_a / (230 * lines if write.volts else 1)
    assert (held_a <= told_a + 1e-4) or (told_a == 0 and count == write.zero)


def confirming(unit: Unit = "A", scale: float = 1.0, wire: WireType = "u16") -> Point:
    return Point(quantity="confirmed_a", function=3, addresses=(0,), wire=wire, unit=unit, scale=scale)


def test_a_paused_charger_holds_nothing_whatever_its_current_says() -> None:
    """BUS-46"""
    assert held_a(PAUSED, confirming(), 16.0, 1.0, 3) == 16.0
    assert held_a(PAUSED, confirming(), 16.0, 0.0, 3) == 0.0
    assert held_a(TENTHS, confirming(), 16.0, 0.0, 3) == 16.0
    assert held_a(TENTHS, confirming(), 16.0, None, 3) == 16.0


def test_a_read_back_in_watts_is_turned_into_ampere() -> None:
    assert held_a(WATTS, confirming("W"), 6900.0, None, 3) == 10.0
    assert held_a(WATTS, confirming("W"), 2300.0, None, 1) == 10.0
    assert held_a(WATTS, confirming("A"), 10.0, None, 3) == 10.0


@pytest.mark.parametrize(
    ("write", "point", "half_a"),
    [
        (TENTHS, confirming(scale=0.1), 0.05),
        (TENTHS, confirming(), 0.5),
        (STEPS_OF_1_A, confirming(scale=0.1), 0.5),
        (DUTY, confirming(scale=0.06), 0.03),
        (DUTY, confirming(), 0.5),
        (WATTS, confirming("W"), 0.5 / 690),
        (PAUSED, confirming(wire="f32"), 0.05),
    ],
)
def test_a_read_back_may_be_off_by_half_a_step_of_the_coarser(
    write: Write, point: Point, half_a: float
) -> None:
    assert tolerance_a(write, point, 3) == pytest.approx(half_a, abs=1e-5)
    assert tolerance_a(write, point, 3) >= half_a


@pytest.mark.parametrize(
    ("wire", "power_w", "values"),
    [
        ("s16", 1234.4, (1234,)),
        ("s16", -1.0, (0xFFFF,)),
        ("s16", 90_000.0, (0x7FFF,)),
        ("s16", -90_000.0, (0x8000,)),
        ("u16", -5.0, (0,)),
        ("u16", 70_000.0, (0xFFFF,)),
        ("s32", 90_000.0, (0x0001, 0x5F90)),
        ("f32", 1.5, (0x3FC0, 0x0000)),
    ],
)
def test_a_surplus_is_bounded_by_its_register(
    wire: WireType, power_w: float, values: tuple[int, ...]
) -> None:
    """CHG-100"""
    row = Surplus(function=16, address=102, wire=wire, refresh_s=9)
    assert surplus(row, 4, power_w) == Request(4, 16, 102, values=values)
