"""A profile at an address: due reads, probes, setup, what it says."""

from dataclasses import replace

import pytest

from hems.field.device import Device, Task
from hems.field.exchange import Accepted, Failed, Outcome, Request
from hems.field.link import Link
from hems.field.profile import Identify, Point
from hems.field.profiles import PROFILES
from hems.field.remarks import remarks
from hems.field.setup import Progress
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
    for at_s in (98.0, 99.0, 100.0):
        meter.fast_tasks(at_s)[0].take(Failed("silence"), at_s)
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
        inverter.fast_tasks(100.0 + i)
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
    for at_s in (118.0, 119.0, 120.0):
        charger.fast_tasks(at_s)[0].take(Failed("silence"), at_s)
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
    meter.link.turn.turn_s = 0.05
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
        charger.fast_tasks(101.0 + i)[0].take(Failed("silence"), 101.0 + i)
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


AMTRON = site.Charger(
    name="amtron", number=1, bus="a", unit=50, profile="mennekes-amtron-compact", relay="r", lines=("L1",)
)
SIXTEEN = {"H": (0x4180, 0), "L": (0, 0x4180)}
TEN = {"H": (0x4120, 0), "L": (0, 0x4120)}


def served(
    charger: Device, at_s: float, held: dict[int, tuple[int, ...]], since: list[Request] | None = None
) -> list[Request]:
    """One tick in which every read is answered from `held` and every write is acknowledged."""
    asked = [] if since is None else since

    def ask(task: Task) -> None:
        request = task.request
        asked.append(request)
        at = {start + i: word for start, row in held.items() for i, word in enumerate(row)}
        wanted = range(request.address, request.address + request.count)
        if request.values or all(address in at for address in wanted):
            task.take(Accepted(() if request.values else tuple(at[address] for address in wanted)), at_s)
        else:
            task.take(Failed("exception", 2), at_s)

    for task in charger.fast_tasks(at_s):
        ask(task)
    due_a = charger.due_a(at_s)
    if due_a is not None:
        ask(charger.write_task(due_a, at_s))
        while charger.told.going_on:
            ask(charger.next_write_task())
    for task in charger.beat_tasks(at_s, at_s + 2):
        ask(task)
    for _ in range(12):
        tasks = charger.spare_tasks(at_s)
        if not tasks:
            break
        ask(tasks[0])
    return asked


def amtron(order: str, current: tuple[int, ...] = (0, 0)) -> dict[int, tuple[int, ...]]:
    still = {256: (5,), 1280: (0,) * 6, 1298: (0, 0), 1850: (1,), 3333: (1,), 4096: (0, 0)}
    return still | {770: current, 774: SIXTEEN[order]}


@pytest.mark.parametrize("order", ["H", "L"])
def test_floats_are_written_in_the_order_that_was_proved(order: str) -> None:
    """BUS-64: the hardware's current in 6..32 A; until then nothing but the pause is told."""
    charger = device(AMTRON)
    held = amtron(order)
    asked: list[Request] = []
    for i in range(4):
        charger.want(10.0, 100.0 + i)
        assert charger.ready or charger.due_a(100.0 + i) is None
        served(charger, 100.0 + i, held, asked)
    currents = [request.values for request in asked if request.address == 770 and request.values]
    assert set(currents) == {TEN[order]}
    assert ("reads as low word first" in remarks(charger, 104.0)) == (order == "L")


def test_a_set_point_counts_as_read_back_when_current_and_release_were_read_since() -> None:
    """BUS-46"""
    charger = device(AMTRON)
    held = amtron("H", TEN["H"])
    for i in range(3):
        charger.want(10.0, 100.0 + i)
        served(charger, 100.0 + i, held)
    assert (charger.slot.stage, charger.link.errors["not_taken"]) == ("confirmed", 0)
    charger.want(0.0, 103.0)
    charger.write_task(0.0, 103.0).take(Accepted(), 103.1)
    current, release = (
        next(task for task in charger.fast_tasks(104.0) if task.request.address == address)
        for address in (770, 3333)
    )
    current.take(Accepted(TEN["H"]), 104.0)
    before = charger.slot
    release.take(Accepted((0,)), 104.1)
    assert (before.stage, charger.slot.stage) == ("acknowledged", "confirmed")
    assert charger.told.held_a(charger.profile, charger.samples) == 0.0


def test_a_release_that_did_not_go_off_is_an_alarm() -> None:
    charger = device(AMTRON)
    held = amtron("H", TEN["H"])
    for i in range(6):
        charger.want(0.0, 100.0 + i)
        served(charger, 100.0 + i, held)
    assert charger.link.errors["not_taken"] > 0
    assert charger.slot.highest_a == 10.0
    assert "holds another current than it was told" in remarks(charger, 106.0)


def test_a_new_set_point_is_read_back_in_the_next_tick_though_it_is_slow() -> None:
    """BUS-46: within two ticks, after what is read in every tick."""
    config = site.Charger(name="box", number=1, bus="a", unit=2, profile="heidelberg-energy-control")
    charger = device(config)
    for task in charger.spare_tasks(100.0):
        task.take(Accepted((0,) * task.request.count), 100.0)
    charger.want(0.0, 100.5)
    charger.write_task(0.0, 100.5).take(Accepted(), 100.6)
    assert addresses(charger.fast_tasks(101.0)) == [5, 261]
    charger.fast_tasks(101.0)[1].take(Accepted((0,)), 101.1)
    assert addresses(charger.fast_tasks(102.0)) == [5]


def test_an_unsure_set_point_does_not_wait_for_a_read_back_that_is_not_believed() -> None:
    """BUS-34, 35: 400 A is no answer; after two of them what cannot raise goes on in doubt."""
    config = site.Charger(name="box", number=1, bus="a", unit=2, profile="heidelberg-energy-control")
    charger = device(config)
    charger.want(0.0, 100.0)
    charger.write_task(0.0, 100.0).take(Failed("silence"), 100.1)
    for at_s in (101.0, 102.0):
        assert charger.due_a(at_s) is None
        charger.fast_tasks(at_s)[0].take(Accepted((4000,)), at_s)
    assert (charger.slot.stage, charger.due_a(102.1)) == ("wanted", 0.0)


def test_one_missed_answer_makes_the_read_back_due() -> None:
    """Row 32: who was away for a tick may have restarted."""
    charger = device(site.Charger(name="box", number=1, bus="a", unit=2, profile="heidelberg-energy-control"))
    for task in charger.spare_tasks(100.0):
        task.take(Accepted((0,) * task.request.count), 100.0)
    assert 261 not in addresses(charger.spare_tasks(102.0))
    charger.fast_tasks(102.0)[0].take(Failed("silence"), 102.0)
    charger.fast_tasks(103.0)[0].take(Accepted((7,) + (0,) * 9), 103.0)
    assert 261 in addresses(charger.spare_tasks(103.0))


def test_seconds_since_power_up_that_fall_are_a_restart() -> None:
    """BUS-50"""
    point = Point(quantity="started", function=3, addresses=(77,), wire="u16", unit="raw", period_s=1)
    evse = PROFILES["evse-wb"]
    charger = Device(GARAGE, replace(evse, points=(*evse.points, point)), Link(2, evse.limits), WIRE, 100.0)
    held = {77: (500,), 1000: (0, 0, 1, 32), 2000: (0,), 2005: (0,)}
    served(charger, 100.0, held)
    served(charger, 102.0, {**held, 77: (502,)})
    before = charger.ready
    seconds = next(task for task in charger.spare_tasks(104.0) if task.request.address == 77)
    seconds.take(Accepted((1,)), 104.0)
    assert (before, charger.ready) == (True, False)
    assert addresses(charger.spare_tasks(104.0))[0] == 2000


def test_a_refused_proof_tries_the_next_variant() -> None:
    """The status by function 3, then by 4."""
    config = site.Charger(
        name="p", number=1, bus="a", unit=1, profile="phoenix-ev-cc", accept_no_failsafe=True
    )
    charger = device(config)
    (status,) = charger.fast_tasks(100.0)
    assert status.request.function == 3
    status.take(Failed("crc"), 100.0)
    assert charger.fast_tasks(101.0)[0].request.function == 3
    charger.fast_tasks(101.0)[0].take(Failed("exception", 2), 101.0)
    (status,) = charger.fast_tasks(102.0)
    assert status.request.function == 4
    status.take(Accepted((0x4231,)), 102.0)
    assert charger.samples["status"].value == 0x4231
    assert "reads as status by function 4" in remarks(charger, 102.0)


def test_a_charger_that_names_another_product_is_told_no_current() -> None:
    """Nor is anything stored in it; only 0 A is told."""
    evse = PROFILES["evse-wb"]
    named = replace(evse, identify=Identify(function=3, address=1005, count=1, ranges=((17, 18),)))
    charger = Device(GARAGE, named, Link(2, evse.limits), WIRE, 100.0)
    held = {1000: (0, 0, 2, 32), 1005: (99,), 2000: (7,), 2005: (0,)}
    asked = served(charger, 100.0, held)
    charger.want(10.0, 101.0)
    assert (charger.ready, charger.due_a(101.0)) == (False, None)
    assert not any(request.values for request in served(charger, 102.0, held, asked))
    assert "answers as another product" in remarks(charger, 102.0)
    charger.want(0.0, 103.0)
    assert charger.due_a(103.0) == 0.0
    charger.want(10.0, 104.0)
    charger.told.progress = Progress("done")
    assert (charger.ready, charger.due_a(104.0)) == (False, None)
    served(charger, 161.0, {**held, 1005: (17,)})
    assert (charger.ready, charger.due_a(162.0)) == (True, 10.0)


def test_totals_are_read_at_once_when_the_mode_changes() -> None:
    """CNT-53"""
    pump = device(PUMP)

    def poll(at_s: float, state: int, rating: int) -> list[int]:
        held: dict[int, tuple[int, ...]] = {1002 + i: (0,) for i in range(24)}
        held |= {1003: (state,), 1010: (rating,)}
        return [request.address for request in served(pump, at_s, held)]

    first = poll(100.0, 1, 0)
    totals = max(first)
    assert totals >= 1020
    assert totals not in poll(102.0, 1, 0)
    assert totals in poll(104.0, 2, 0)
    assert totals in poll(106.0, 2, 500)
    assert totals not in poll(108.0, 2, 500)


def test_silence_without_a_car_is_sleep_and_with_one_a_loss() -> None:
    """BUS-43"""
    for raw, asleep in ((2, True), (4, False), (7, False)):
        box = device(site.Charger(name="box", number=1, bus="a", unit=2, profile="heidelberg-energy-control"))
        box.fast_tasks(100.0)[0].take(Accepted((raw,) + (0,) * 9), 100.0)
        assert not box.asleep
        for i in range(3):
            box.fast_tasks(101.0 + i)[0].take(Failed("silence"), 101.0 + i)
        assert box.asleep == asleep
        said = "asleep, no car" if asleep else "silent"
        assert remarks(box, 104.0).startswith(f"{said}, asked again in 10 s")
        assert box.lost(110.0)
    garage = device(GARAGE)
    garage.fast_tasks(100.0)[0].take(Accepted((0, 0, 1, 0)), 100.0)
    garage.fast_tasks(101.0)[0].take(Failed("silence"), 101.0)
    assert not garage.asleep


def test_who_is_left_alone_is_neither_told_nor_fed() -> None:
    """BUS-40, 47: nothing is refreshed; all of it is due when it returns."""
    charger = device(AMTRON)
    assert addresses(charger.beat_tasks(100.0, 102.0)) == [3328]
    for i in range(3):
        charger.fast_tasks(100.0 + i)[0].take(Failed("silence"), 100.0 + i)
    assert (charger.beat_tasks(104.0, 106.0), charger.due_a(104.0)) == ([], None)
    charger.spare_tasks(113.0)[0].take(Accepted((1,)), 113.0)
    assert addresses(charger.beat_tasks(113.0, 115.0)) == [3328]
    charger.beat_tasks(113.0, 115.0)[0].take(Accepted(), 113.1)
    assert charger.beat_tasks(113.2, 115.0) == []
    said = "not fed in time: its own watchdog is about to act"
    assert said not in remarks(charger, 121.0)
    assert said in remarks(charger, 121.2)


def test_a_pump_is_told_its_surplus_unless_left_alone() -> None:
    pump = device(PUMP)
    pump.told.offer.want(800.0, 100.0)
    task = pump.surplus_task(100.0)
    assert task is not None
    assert task.request == Request(4, 16, 102, values=(800,))
    task.take(Accepted(), 100.1)
    assert pump.surplus_task(100.2) is None
    for i in range(3):
        pump.planned[0].due_mono_s = 110.0 + i
        pump.fast_tasks(110.0 + i)
        pump.spare_tasks(110.0 + i)[0].take(Failed("silence"), 110.0 + i)
    assert pump.surplus_task(113.0) is None


def test_in_one_tick_a_device_falls_silent_once() -> None:
    """BUS-40: a charger with several blocks that is deaf for less than a second is asked in the next tick."""
    charger = device(AMTRON)
    tasks = charger.fast_tasks(100.0)
    assert len(tasks) >= 2
    for task in tasks * 2:
        task.take(Failed("silence"), 100.5)
    assert charger.absence.silences == 1
    assert charger.fast_tasks(101.0)


def test_a_map_without_what_the_role_needs_is_looked_at_again_after_a_minute() -> None:
    """BUS-66: else nobody would know, and the device would stay silent for good."""
    inverter = device(PV)
    published = {40_000: (0x5375, 0x6E53), 40_002: (802, 62)}
    asked = []
    for at_s in range(100, 300):
        inverter.fast_tasks(float(at_s))
        for task in inverter.spare_tasks(float(at_s)):
            asked.append(at_s)
            found = published.get(task.request.address, (0xFFFF, 0))
            task.take(Accepted(found), float(at_s))
        assert (remarks(inverter, float(at_s)) == "nothing in its map is for its role") is (at_s >= 102)
    assert asked == [100, 101, 102, 162, 163, 164, 224, 225, 226, 286, 287, 288]


def test_equal_shapes_of_a_plan_are_known_from_the_start() -> None:
    """BUS-33 b"""
    meter = device(site.Meter(name="m", bus="a", unit=1, profile="schneider-iem3155", role="grid"))
    task = next(task for task in meter.fast_tasks(100.0) if task.request.address == 2999)
    meter.link.asked(task.request)
    meter.link.failed("silence", task.request, 100.0)
    assert not meter.link.settled(task.request, 100.5)
