"""A profile at an address: due reads, probes, setup, what it says."""

import pytest

from hems.field.device import Device, Task
from hems.field.exchange import Accepted, Failed, Outcome, Request
from hems.field.link import Link
from hems.field.profiles import PROFILES
from hems.field.remarks import remarks
from hems.field.wire import wire
from hems.model import site
from hems.model.site import Bus
from tests.field.houses import CAR, GARAGE, GRID, PUMP, PV

WIRE = wire(Bus(name="a", port="p"))


def device(config: site.Device) -> Device:
    profile = PROFILES[config.profile]
    return Device(config, profile, Link(config.unit, profile.limits), WIRE, 100.0)


def addresses(tasks: list[Task]) -> list[int]:
    return [task.request.address for task in tasks]


def test_fast_in_every_tick_slow_in_the_nearest_one() -> None:
    meter = device(GRID)
    assert addresses(meter.fast_tasks(100.0)) == [6]
    assert addresses(meter.spare_tasks(100.0)) == [0, 72, 70]
    meter.spare_tasks(100.0)[0].take(Accepted((0,) * 6), 100.3)
    assert addresses(meter.spare_tasks(100.4)) == [72, 70]
    assert addresses(meter.spare_tasks(109.7)) == [72, 70]
    assert addresses(meter.spare_tasks(109.8)) == [72, 70, 0]


def test_a_failed_slow_read_is_not_asked_again_in_the_same_tick() -> None:
    meter = device(GRID)
    meter.spare_tasks(100.0)[0].take(Failed("crc"), 100.3)
    assert addresses(meter.spare_tasks(100.31)) == [72, 70]
    assert 0 in addresses(meter.spare_tasks(100.9))


def test_three_silences_leave_only_the_smallest_block_as_a_probe() -> None:
    meter = device(GRID)
    for _ in range(3):
        meter.fast_tasks(100.0)[0].take(Failed("silence"), 100.0)
    assert meter.fast_tasks(105.0) == []
    assert meter.spare_tasks(109.9) == []
    (probe,) = meter.spare_tasks(110.0)
    assert (probe.request.count, probe.due_mono_s) == (2, 110.0)
    probe.take(Accepted((0,) * 2), 110.1)
    assert addresses(meter.fast_tasks(111.0)) == [6]


def test_an_unmapped_device_is_probed_by_its_marker() -> None:
    inverter = device(PV)
    assert inverter.fast_tasks(100.0) == []
    assert remarks(inverter, 200.0) == ""
    for i in range(3):
        (step,) = inverter.spare_tasks(100.0 + i)
        step.take(Failed("silence"), 100.0 + i)
        assert inverter.spare_tasks(100.0 + i) == []
    assert remarks(inverter, 200.0) == "has not answered yet, asked again in 10 s"
    (probe,) = inverter.spare_tasks(115.0)
    assert probe.request == Request(5, 3, 40_000, 2)
    probe.take(Failed("exception", 2), 115.1)
    assert remarks(inverter, 200.0) == "its map is not found"


def test_a_device_that_returns_proves_its_map_and_setup_again() -> None:
    charger = device(GARAGE)
    for request_s in range(100, 120):
        for task in charger.spare_tasks(float(request_s)):
            task.take(Accepted((0,) if not task.request.values else ()), float(request_s))
    assert remarks(charger, 200.0) == ""
    for _ in range(3):
        charger.fast_tasks(120.0)[0].take(Failed("silence"), 120.0)
    assert remarks(charger, 200.0) == "silent, asked again in 10 s"
    charger.spare_tasks(131.0)[0].take(Accepted((0, 0, 1, 0)), 131.0)
    assert not charger.ready
    assert remarks(charger, 200.0) == "setup not confirmed: current after boot 0 A"
    assert addresses(charger.spare_tasks(131.0)) == [2000]


@pytest.mark.parametrize("outcome", [Failed("crc"), Failed("exception", 2), Accepted((7,))])
def test_a_setup_is_spoken_of_after_the_first_answer(outcome: Outcome) -> None:
    """BUS-50: the setup of a charger that was never heard is not what is wrong."""
    charger = device(GARAGE)
    assert remarks(charger, 200.0) == ""
    charger.fast_tasks(100.0)[0].take(Failed("silence"), 100.3)
    assert remarks(charger, 200.0) == "has not answered yet"
    charger.spare_tasks(101.0)[0].take(outcome, 101.0)
    assert remarks(charger, 200.0) == "setup not confirmed: current after boot 0 A"
    charger.fast_tasks(102.0)[0].take(Failed("silence"), 102.0)
    assert remarks(charger, 200.0) == "setup not confirmed: current after boot 0 A"


def test_peace_after_a_write_that_asks_for_it() -> None:
    """One second after 2005 of the EVSE-WB."""
    charger = device(GARAGE)
    charger.spare_tasks(100.0)[0].take(Accepted((0,)), 100.0)
    charger.spare_tasks(100.0)[0].take(Accepted((0x80,)), 100.1)
    charger.spare_tasks(100.1)[0].take(Accepted(), 100.2)
    charger.want(0.0, 100.2)
    assert charger.fast_tasks(101.1) == []
    assert charger.due_a(101.1) is None
    assert addresses(charger.fast_tasks(101.2)) == [1000]
    assert charger.due_a(101.2) == 0.0


def test_a_dangerous_register_is_never_written() -> None:
    charger = device(GARAGE)
    with pytest.raises(ValueError, match="evse-wb: register 2001 must never be written"):
        charger.told.checked(Request(2, 16, 2001, values=(0,)))


def test_meters_take_no_set_point() -> None:
    meter = device(GRID)
    meter.want(6.0, 100.0)
    assert meter.slot.stage == "empty"
    assert meter.due_a(100.0) is None


def test_the_fail_safe_current_of_an_on_off_relay() -> None:
    config = site.Charger(
        name="c", number=1, bus="a", unit=2, profile="evse-wb", relay="r", fallback="on_off", fallback_a=8
    )
    assert device(config).told.charge.fail_safe_a == 8.0
    assert device(GARAGE).told.charge.fail_safe_a == 0.0


def test_a_doubt_is_over_when_the_value_changes() -> None:
    """BUS-35: three alike in a row, not three odd ones."""
    pump = device(PUMP)
    powers = [-3000, -9000, -3000, -3010, -3020]  # only the last is the third alike in a row
    for i, power_w in enumerate(powers):
        registers = (5, 1, *(0,) * 8, power_w & 0xFFFF)
        pump.planned[0].due_mono_s = 100.0
        pump.spare_tasks(100.0 + i)[0].take(Accepted(registers), 100.0 + i)
        known = pump.samples.get("power_w")
        assert (known is not None) == (i == 4)
    assert pump.link.errors["implausible"] == 4


def test_words_name_a_longer_turn_time() -> None:
    meter = device(GRID)
    meter.fast_tasks(100.0)[0].take(Accepted((0,) * 12), 100.1)
    meter.link.turn_s = 0.05
    assert remarks(meter, 200.0) == "needs 50 ms after a change of unit"


def test_an_unsure_set_point_is_read_back_before_the_measurements() -> None:
    """BUS-34, where the read-back is a block of its own that is otherwise slow."""
    box = device(site.Charger(name="box", number=1, bus="a", unit=2, profile="heidelberg-energy-control"))
    assert addresses(box.fast_tasks(100.0)) == [5]
    box.want(0.0, 100.0)
    box.write_task(0.0, 100.0).take(Failed("silence"), 100.3)
    assert addresses(box.fast_tasks(101.0)) == [261, 5]
    box.fast_tasks(101.0)[0].take(Accepted((0,)), 101.1)
    assert box.slot.stage == "confirmed"
    assert addresses(box.fast_tasks(102.0)) == [5]


def test_a_set_point_that_cannot_be_read_back_is_not_waited_for() -> None:
    """BUS-34: neither where the read-back fails nor where it is no longer asked; CHG-70."""
    box = device(site.Charger(name="box", number=1, bus="a", unit=2, profile="heidelberg-energy-control"))
    box.want(0.0, 100.0)
    box.write_task(0.0, 100.0).take(Failed("silence"), 100.0)
    for at_s in (101.0, 102.0):
        assert box.due_a(at_s) is None
        box.fast_tasks(at_s)[0].take(Failed("exception", 2), at_s)
    assert (box.slot.stage, box.due_a(102.0)) == ("wanted", 0.0)
    (read_back,) = (task for task in box.spare_tasks(110.0) if task.request.address == 261)
    read_back.take(Failed("exception", 2), 110.0)
    assert "does not have confirmed_a" in remarks(box, 200.0)
    box.write_task(0.0, 110.0).take(Failed("silence"), 110.0)
    assert (box.slot.stage, box.due_a(111.0)) == ("wanted", 0.0)
    assert 261 not in addresses(box.fast_tasks(111.0) + box.spare_tasks(111.0))
    (read_back,) = (task for task in box.spare_tasks(170.0) if task.request.address == 261)
    read_back.take(Accepted((0,)), 170.0)
    assert box.slot.stage == "confirmed"
    assert "does not have" not in remarks(box, 200.0)


@pytest.mark.parametrize("config", [GRID, GARAGE, CAR])
def test_the_fast_points_protection_needs_are_asked_in_every_tick(config: site.Device) -> None:
    """BUS-26: a device that starts may refuse them for seconds."""
    starting = device(config)
    for i in range(10):
        for task in starting.fast_tasks(100.0 + i):
            task.take(Failed("exception", 2), 100.0 + i)
    asked = starting.fast_tasks(110.0)
    points = [point for entry in starting.planned for point in entry.block.points]
    assert {point.start for point in points if not point.period_s} <= set(addresses(asked))
    assert "does not have" in remarks(starting, 200.0)
    for task in asked:
        task.take(Accepted((0,) * task.request.count), 110.0)
    assert "does not have" not in remarks(starting, 200.0)


@pytest.mark.parametrize("first", [Failed("exception", 2), Accepted((0, 0))])
def test_the_plan_of_a_device_that_returns_is_whole_again(first: Outcome) -> None:
    """BUS-26, 50: another firmware may have other points; even a refusal is a return."""
    charger = device(GARAGE)
    charger.fast_tasks(100.0)[0].take(Failed("exception", 2), 100.0)
    assert len(charger.fast_tasks(101.0)) > 1
    for i in range(3):
        charger.fast_tasks(101.0)[0].take(Failed("silence"), 101.0 + i)
    charger.spare_tasks(115.0)[0].take(first, 115.0)
    assert [(task.request.address, task.request.count) for task in charger.fast_tasks(116.0)] == [(1000, 4)]


def test_a_plausible_value_ends_a_doubt() -> None:
    """BUS-35: alike, but not in a row."""
    pump = device(PUMP)
    for i, power_w in enumerate([-3000, 500, -3000, 500, -3000, 500]):
        registers = (5, 1, *(0,) * 8, power_w & 0xFFFF)
        pump.planned[0].due_mono_s = 100.0
        pump.spare_tasks(100.0 + i)[0].take(Accepted(registers), 100.0 + i)
    assert pump.samples["power_w"].value == 500
    assert pump.link.errors["implausible"] == 3


def test_steps_begun_before_a_return_count_for_nothing() -> None:
    """The answer to a write must not be taken for the first read of the setup begun anew."""
    charger = device(GARAGE)
    charger.spare_tasks(100.0)[0].take(Accepted((6,)), 100.0)
    write = charger.spare_tasks(100.0)[0]
    charger.line_returned(100.1)
    write.take(Accepted(), 100.2)
    assert (charger.told.progress.stage, charger.told.progress.row) == ("reading", 0)
    inverter = device(PV)
    step = inverter.spare_tasks(100.0)[0]
    inverter.line_returned(100.1)
    step.take(Accepted((1, 2)), 100.2)
    assert inverter.walk.place == 0


def test_a_refusal_of_a_block_that_is_no_longer_planned_is_ignored() -> None:
    inverter = device(PV)
    for registers in ((0x5375, 0x6E53), (103, 50), (0xFFFF, 0)):
        inverter.spare_tasks(100.0)[0].take(Accepted(registers), 100.0)
    task = inverter.spare_tasks(100.0)[0]
    assert (task.request.address, task.request.count) == (40_005, 13)
    inverter.line_returned(100.0)
    for registers in ((0x5375, 0x6E53), (103, 50), (0xFFFF, 0)):
        inverter.spare_tasks(100.0)[0].take(Accepted(registers), 100.0)
    task.take(Failed("exception", 2), 100.2)
    assert len(inverter.planned) == 3


@pytest.mark.parametrize(
    ("config", "longest_s"), [(GRID, 10.0), (GARAGE, 10.0), (CAR, 10.0), (PUMP, 300.0), (PV, 300.0)]
)
def test_whose_return_protection_waits_for_rests_ten_seconds_at_most(
    config: site.Device, longest_s: float
) -> None:
    """BUS-40: the grid meter, a charger and a charger's own meter."""
    silent = device(config)
    at_s = 0.0
    for _ in range(12):
        at_s += 301.0
        (*_, task) = (*silent.spare_tasks(at_s), *silent.fast_tasks(at_s))
        task.take(Failed("silence"), at_s)
    waits = [wait_s for wait_s in (9.0, 11.0, 299.0, 301.0) if silent.spare_tasks(at_s + wait_s)]
    assert min(waits) == longest_s + 1.0
