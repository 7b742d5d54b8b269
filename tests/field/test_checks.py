"""What betrays a wrong profile: BUS-68."""

import pytest

from hems.field.checks import FALLEN_FOR_S, complaints, fallen, fell
from hems.field.decoding import Sample
from hems.field.profile import Quantity

Values = tuple[float, ...]


def said(**found: Values) -> list[str]:
    names: tuple[Quantity, ...] = ("line_v", "frequency_hz", "line_power_w", "power_w")
    return complaints({name: Sample(found[name], 5.0) for name in names if name in found})


def test_a_right_profile_says_nothing() -> None:
    assert said() == []
    assert said(
        line_v=(229.0, 231.0, 0.0), frequency_hz=(50.02,), line_power_w=(1000, -200, 5), power_w=(800,)
    ) == []  # fmt: skip
    assert said(line_v=(200.0, 260.0, 230.0), frequency_hz=(45.0,)) == []


@pytest.mark.parametrize("frequency_hz", [500.2, 5.0, 44.9, 55.1])
def test_a_frequency_proves_type_order_and_scale(frequency_hz: float) -> None:
    assert said(frequency_hz=(frequency_hz,)) == [
        "frequency is not 45..55 Hz: wrong type, word order or scale?"
    ]


def test_voltages_tell_the_block_and_the_scale() -> None:
    assert said(line_v=(400.0, 398.0, 401.0)) == [
        "voltage is that of line to line: wrong block of registers?"
    ]
    for line_v in ((2300.0, 2301.0, 2299.0), (23.0, 23.0, 23.0), (230.0, 199.9, 230.0), (400.0, 23.0, 230.0)):
        assert said(line_v=line_v) == ["voltage is not 200..260 V: wrong block or scale?"]


def test_the_lines_add_up_to_the_total() -> None:
    kilo = "the lines' powers and the total differ a thousandfold: kW taken for W?"
    assert said(line_power_w=(1.0, 1.2, 0.8), power_w=(3000.0,)) == [kilo]
    assert said(line_power_w=(1000.0, 1200.0, 800.0), power_w=(3.0,)) == [kilo]
    opposite = "the lines' powers and the total have opposite signs: wrong profile?"
    assert said(line_power_w=(1000.0, 1200.0, 800.0), power_w=(-3000.0,)) == [opposite]
    neither = "the lines' powers do not add up to the total: wrong profile?"
    assert said(line_power_w=(1000.0, 1200.0, 800.0), power_w=(2000.0,)) == [neither]
    assert said(line_power_w=(1000.0, 1200.0, 800.0), power_w=(2750.0,)) == []
    assert said(line_power_w=(10.0, 12.0, 8.0), power_w=(120.0,)) == []


def test_powers_read_apart_are_not_compared() -> None:
    found: dict[Quantity, Sample] = {"line_power_w": Sample((1, 1, 1), 5.0), "power_w": Sample((3000,), 6.1)}
    assert complaints(found) == []


def test_a_total_that_falls_is_spoken_of_for_an_hour() -> None:
    assert not fell(None, (5.0,))
    assert not fell(Sample((5.0,), 0.0), (5.0,))
    assert fell(Sample((5.0,), 0.0), (4.9,))
    assert fallen({"import_wh": 10.0}, 10.0 + FALLEN_FOR_S - 1) == [
        "import_wh fell: a resettable partial counter, or another device?"
    ]
    assert fallen({"import_wh": 10.0}, 10.0 + FALLEN_FOR_S) == []
