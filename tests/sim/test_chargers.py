import struct

import pytest

from hems.sim.chargers import Abl, Charger, EvseWb, Heidelberg, Mennekes


def test_an_evse_wb_offers_its_boot_current_until_told_otherwise() -> None:
    """C03: no watchdog, the last current stays."""
    charger = EvseWb(boot_a=6, max_a=16)
    charger.touch(0.0)
    assert charger.offered_a(0.0) == 6.0
    assert charger.write(1000, [13], 0.0) == 0
    assert charger.offered_a(1e6) == 13.0
    assert charger.write(1000, [0], 0.0) == 0
    assert charger.offered_a(1e6) == 0.0


@pytest.mark.parametrize(("value", "code"), [(0, 0), (1, 3), (5, 3), (6, 0), (80, 0), (81, 3)])
def test_an_evse_wb_refuses_invalid_currents(value: int, code: int) -> None:
    charger = EvseWb(boot_a=0, max_a=16)
    assert charger.write(1000, [value], 0.0) == code
    assert charger.holding[1000] == (0 if code else value)


def test_an_evse_wb_holds_its_maximum() -> None:
    charger = EvseWb(boot_a=0, max_a=16)
    assert charger.write(1000, [32], 0.0) == 0
    assert charger.offered_a(0.0) == 16.0


def test_bit_7_of_2005_makes_hundredths_of_an_ampere() -> None:
    charger = EvseWb(boot_a=0, max_a=16)
    assert charger.write(2005, [1 << 7], 0.0) == 0
    assert charger.write(1000, [1050], 0.0) == 0
    assert charger.offered_a(0.0) == 10.5
    assert charger.write(1000, [599], 0.0) == 3
    assert charger.write(2005, [1 << 7 | 1 << 14], 0.0) == 0
    assert charger.offered_a(0.0) == 0.0


def test_an_evse_wb_writes_all_or_nothing_and_only_what_may_be_written() -> None:
    charger = EvseWb(boot_a=6, max_a=16)
    assert charger.write(1002, [3], 0.0) == 2
    assert charger.write(2007, [13, 1], 0.0) == 2
    assert charger.holding[2007] == 16
    assert charger.write(2000, [0, 1, 6], 0.0) == 0
    assert charger.holding[2000] == 0


def test_a_heidelberg_falls_to_its_fail_safe_when_left_alone() -> None:
    """C01: any valid access feeds the watchdog of 257; then 262 applies."""
    charger = Heidelberg()
    charger.touch(0.0)
    assert charger.write(262, [60], 0.0) == 0
    assert charger.write(261, [123], 0.0) == 0
    assert charger.offered_a(15.0) == 12.3
    assert charger.offered_a(15.1) == 6.0
    charger.touch(20.0)
    assert charger.offered_a(20.0) == 12.3
    assert charger.write(257, [0], 0.0) == 0
    assert charger.offered_a(1e6) == 12.3


def test_a_fail_safe_of_0_needs_ten_seconds_after_the_next_access() -> None:
    charger = Heidelberg()
    charger.touch(0.0)
    charger.write(261, [100], 0.0)
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
    assert Heidelberg().write(address, [value], 0.0) == code


def test_the_remote_lock_stops_a_heidelberg() -> None:
    charger = Heidelberg()
    charger.write(261, [100], 0.0)
    assert charger.offered_a(0.0) == 10.0
    charger.write(259, [0], 0.0)
    assert charger.offered_a(0.0) == 0.0


def test_what_a_restart_leaves_of_a_charger() -> None:
    """C01: 261 is lost and the watchdog waits for its first access; C03: the current in 2000 applies."""
    box = Heidelberg()
    box.touch(0.0)
    for register, value in ((261, 100), (262, 60), (257, 5000)):
        box.write(register, [value], 0.0)
    box.restart()
    assert (box.holding[257], box.holding[261], box.holding[262]) == (5000, 0, 60)
    assert not box.is_left_alone(1e6)
    assert box.offered_a(1e6) == 0.0
    evse = EvseWb(boot_a=6, max_a=16)
    evse.write(1000, [13], 0.0)
    evse.write(2000, [0], 0.0)
    evse.restart()
    assert evse.offered_a(0.0) == 0.0
    assert Abl(0, 16).is_awake(1e6)


def test_a_heidelberg_falls_silent_without_a_car_until_one_comes() -> None:
    """C01: while 258 is 0; the set-point is lost with the standby."""
    box = Heidelberg()
    box.plug(False, 0.0)
    assert box.write(261, [100], 100.0) == 0
    assert box.is_awake(120.0)
    assert not box.is_awake(120.1)
    box.plug(True, 500.0)
    assert box.is_awake(1e6)
    assert box.holding[261] == 0
    box.write(261, [100], 600.0)
    box.plug(False, 700.0)
    box.plug(True, 800.0)
    assert box.holding[261] == 100
    box.write(258, [4], 800.0)
    box.plug(False, 900.0)
    assert box.is_awake(1e6)


@pytest.mark.parametrize(
    ("duty", "code", "offered_a"),
    [
        (100, 0, 6.0),
        (166, 0, 9.96),
        (266, 0, 15.96),
        (400, 0, 16.0),
        (1000, 0, 0.0),
        (0x4F, 4, 16.0),
        (1001, 4, 16.0),
    ],
)
def test_an_abl_is_told_a_duty_cycle(duty: int, code: int, offered_a: float) -> None:
    """C02: 0.06 A a count, 0x50 to 0x3E8, the last of which is no current."""
    charger = Abl(0, 16)
    assert charger.write(0x14, [duty], 0.0) == code
    assert charger.offered_a(0.0) == pytest.approx(offered_a, abs=0.05)


def test_an_abl_is_disabled_set_up_and_reset() -> None:
    """C02: the upstream timeout can be written in the set-up state only; a reset forgets the duty."""
    charger = Abl(0, 16)
    charger.write(0x14, [100], 0.0)
    assert charger.write(5, [0xE0E0], 0.0) == 0
    assert charger.offered_a(0.0) == 0.0
    assert charger.write(0x2C, [0x4000], 0.0) == 4
    assert charger.write(5, [0xE2E2], 0.0) == 0
    assert charger.write(0x2C, [0x4000], 0.0) == 0
    assert charger.write(5, [0xA1A1], 0.0) == 0
    assert charger.offered_a(0.0) == pytest.approx(6.0)
    assert charger.write(5, [1], 0.0) == 4
    assert charger.write(5, [0x5A5A], 0.0) == 0
    assert charger.offered_a(0.0) == pytest.approx(15.96)
    assert charger.write(7, [1], 0.0) == 2
    assert charger.write(0x14, [100, 100], 0.0) == 2


def limit(ampere: float) -> tuple[int, ...]:
    return struct.unpack(">2H", struct.pack(">f", ampere))


def test_a_mennekes_obeys_only_while_the_heartbeat_runs() -> None:
    """C06: 0x0302 and 0x0D05 are honoured while 0x55AA comes within ten seconds, then the fall-back."""
    charger = Mennekes(boot_a=6, max_a=16)
    assert charger.offered_a(0.0) == 6.0
    assert charger.write(0x0302, limit(10.0), 0.0) == 0
    assert charger.limit_a == 16.0
    assert charger.write(0x0D00, [0x55AA], 1.0) == 0
    assert charger.write(0x0302, limit(10.0), 1.0) == 0
    assert charger.offered_a(11.0) == 10.0
    assert charger.offered_a(11.1) == 6.0
    assert charger.write(0x0D05, [0], 11.1) == 0
    charger.write(0x0D00, [0x55AA], 12.0)
    assert charger.offered_a(12.0) == 10.0
    charger.write(0x0D05, [0], 12.0)
    assert charger.offered_a(12.0) == 0.0


@pytest.mark.parametrize(
    ("set_a", "offered_a"), [(0.0, 16.0), (3.0, 0.0), (5.9, 0.0), (6.0, 6.0), (32.0, 16.0)]
)
def test_a_mennekes_takes_0_as_no_limit(set_a: float, offered_a: float) -> None:
    """C06: which is why it is blocked by 0x0D05 and never by its limit."""
    charger = Mennekes(boot_a=6, max_a=16)
    charger.write(0x0D00, [0x55AA], 0.0)
    charger.write(0x0302, limit(set_a), 0.0)
    assert charger.offered_a(0.0) == offered_a


@pytest.mark.parametrize(("fallback", "offered_a"), [(0, 10.0), (1, 0.0), (6, 6.0), (20, 16.0)])
def test_a_mennekes_falls_back_as_it_was_told(fallback: int, offered_a: float) -> None:
    charger = Mennekes(boot_a=0, max_a=16)
    assert charger.offered_a(0.0) == 0.0
    charger.write(0x0D00, [0x55AA], 0.0)
    charger.write(0x0302, limit(10.0), 0.0)
    assert charger.write(0x073A, [fallback], 0.0) == 0
    assert charger.offered_a(20.0) == offered_a
    charger.restart()
    assert charger.holding[0x073A] == fallback


@pytest.mark.parametrize(
    ("address", "values", "code"),
    [
        *((0x0302, limit(33.0), 3), (0x0302, limit(-1.0), 3), (0x0302, [0], 2), (0x0304, limit(6.0), 2)),
        *((0x0D00, [1], 3), (0x0D05, [2], 3), (0x0D04, [1], 0), (0x073A, [5], 3), (0x073A, [33], 3)),
    ],
)
def test_a_mennekes_refuses_what_is_not_valid(address: int, values: list[int], code: int) -> None:
    assert Mennekes(0, 16).write(address, values, 0.0) == code


def test_a_controller_by_itself_offers_nothing_and_takes_nothing() -> None:
    charger = Charger()
    assert charger.offered_a(0.0) == 0.0
    assert charger.write(0, [0], 0.0) == 2
    charger.plug(True, 0.0)
    charger.restart()
    assert charger.is_awake(0.0)
