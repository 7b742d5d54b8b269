import pytest

from hems.sim.chargers import EvseWb, Heidelberg


def test_an_evse_wb_offers_its_boot_current_until_told_otherwise() -> None:
    """C03: no watchdog, the last current stays."""
    charger = EvseWb(boot_a=6, max_a=16)
    charger.touch(0.0)
    assert charger.offered_a(0.0) == 6.0
    assert charger.write(1000, [13]) == 0
    assert charger.offered_a(1e6) == 13.0
    assert charger.write(1000, [0]) == 0
    assert charger.offered_a(1e6) == 0.0


@pytest.mark.parametrize(("value", "code"), [(0, 0), (1, 3), (5, 3), (6, 0), (80, 0), (81, 3)])
def test_an_evse_wb_refuses_invalid_currents(value: int, code: int) -> None:
    charger = EvseWb(boot_a=0, max_a=16)
    assert charger.write(1000, [value]) == code
    assert charger.holding[1000] == (0 if code else value)


def test_an_evse_wb_holds_its_maximum() -> None:
    charger = EvseWb(boot_a=0, max_a=16)
    assert charger.write(1000, [32]) == 0
    assert charger.offered_a(0.0) == 16.0


def test_bit_7_of_2005_makes_hundredths_of_an_ampere() -> None:
    charger = EvseWb(boot_a=0, max_a=16)
    assert charger.write(2005, [1 << 7]) == 0
    assert charger.write(1000, [1050]) == 0
    assert charger.offered_a(0.0) == 10.5
    assert charger.write(1000, [599]) == 3
    assert charger.write(2005, [1 << 7 | 1 << 14]) == 0
    assert charger.offered_a(0.0) == 0.0


def test_an_evse_wb_writes_all_or_nothing_and_only_what_may_be_written() -> None:
    charger = EvseWb(boot_a=6, max_a=16)
    assert charger.write(1002, [3]) == 2
    assert charger.write(2007, [13, 1]) == 2
    assert charger.holding[2007] == 16
    assert charger.write(2000, [0, 1, 6]) == 0
    assert charger.holding[2000] == 0


def test_a_heidelberg_falls_to_its_fail_safe_when_left_alone() -> None:
    """C01: any valid access feeds the watchdog of 257; then 262 applies."""
    charger = Heidelberg()
    charger.touch(0.0)
    assert charger.write(262, [60]) == 0
    assert charger.write(261, [123]) == 0
    assert charger.offered_a(15.0) == 12.3
    assert charger.offered_a(15.1) == 6.0
    charger.touch(20.0)
    assert charger.offered_a(20.0) == 12.3
    assert charger.write(257, [0]) == 0
    assert charger.offered_a(1e6) == 12.3


def test_a_fail_safe_of_0_needs_ten_seconds_after_the_next_access() -> None:
    charger = Heidelberg()
    charger.touch(0.0)
    charger.write(261, [100])
    assert charger.offered_a(16.0) == 0.0
    charger.touch(16.0)
    assert charger.offered_a(25.9) == 0.0
    assert charger.offered_a(26.0) == 10.0


def test_a_heidelberg_nobody_has_spoken_to_offers_nothing() -> None:
    assert Heidelberg().offered_a(100.0) == 0.0


@pytest.mark.parametrize(
    ("address", "value", "code"),
    [
        *((261, 59, 3), (261, 60, 0), (261, 160, 0), (261, 161, 3), (262, 59, 3), (262, 0, 0)),
        *((258, 4, 0), (258, 1, 3), (259, 1, 0), (259, 2, 3), (260, 0, 2), (5, 0, 2)),
    ],
)
def test_a_heidelberg_refuses_what_is_not_valid(address: int, value: int, code: int) -> None:
    assert Heidelberg().write(address, [value]) == code


def test_the_remote_lock_stops_a_heidelberg() -> None:
    charger = Heidelberg()
    charger.write(261, [100])
    assert charger.offered_a(0.0) == 10.0
    charger.write(259, [0])
    assert charger.offered_a(0.0) == 0.0
