"""One line's tick: what goes when, and what does not fit."""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from hems.errors import ConfigError
from hems.field import agenda, wiring
from hems.field.agenda import Agenda
from hems.field.budget import poll_plan
from hems.field.device import Device, Task
from hems.field.exchange import Request
from hems.field.line import Line
from hems.field.link import Link
from hems.field.orders import Orders
from hems.field.profile import FAST, Heartbeat, Limits, Point, Profile
from hems.field.profiles import PROFILES
from hems.field.quarantine import PRESENT, Absence
from hems.field.wire import exchange_s, wire
from hems.model import site
from hems.model.site import Baud, Bus, devices
from tests.field.houses import CAR, CARPORT, GARAGE, GRID, PUMP, PV, controller, house, inverter, meter, pump
from tests.field.test_wiring import FEW
from tests.field.wires import Bench, Memory, Reply

LINE = Bus(name="a", port="far-end", echo="no")
FIRST = bytes((1, 4, 0, 6))
"""How the fast read of the grid meter begins."""
rigs: list["Rig"] = []


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    yield
    while rigs:
        rigs.pop().close()


class Rig:
    """An agenda over the scripted line."""

    def __init__(
        self,
        units: dict[int, Memory],
        *configs: site.Device,
        bus: Bus = LINE,
        profiles: Mapping[str, Profile] = PROFILES,
    ) -> None:
        self.bench = Bench(bus)
        self.units = self.bench.slave.units = units
        self.line = Line(self.bench.bus, self.bench.loop, self.bench.clock, self.bench.slave.open)
        self.devices = [
            Device(
                config,
                profiles[config.profile],
                Link(config.unit, profiles[config.profile].limits),
                self.line.wire,
                self.bench.clock.mono_s(),
            )
            for config in configs
        ]
        rigs.append(self)
        self.agenda = Agenda(self.line, self.devices, Orders(lambda: None), self.bench.clock)

    def tick(self, decide_after_s: float = 0.0) -> list[tuple[float, int, int]]:
        """One tick; time in it, unit and address of each request."""
        start_s = self.bench.clock.mono_s()
        number = len(self.bench.slave.requests)
        self.agenda.begin(start_s)
        self.bench.loop.run_until(start_s + 0.7, lambda: not self.agenda.reading)
        self.bench.loop.run_until(max(self.bench.clock.mono_s(), start_s + decide_after_s))
        self.agenda.write(spare=True)
        self.bench.loop.run_until(start_s + 1.0)
        return [
            (at_s - start_s, data[0], int.from_bytes(data[2:4], "big"))
            for at_s, data in self.bench.slave.requests[number:]
        ]

    def close(self) -> None:
        self.line.close()
        self.bench.slave.close()
        self.bench.loop.close()


def test_fast_then_slow_the_longest_overdue_first() -> None:
    """BUS-56: both meters first in every tick; what found no room in the first one comes next."""
    rig = Rig({1: meter(), 3: meter(), 4: pump(), 5: inverter()}, GRID, CAR, PUMP, PV)
    first, second, third, fourth = ([request[1:] for request in rig.tick()] for _ in range(4))
    assert first[:2] == second[:2] == [(1, 6), (3, 6)]
    assert {unit for unit, _ in first[2:]} == {1, 3}
    assert [unit for unit, _ in second[2:]] == sorted(unit for unit, _ in second[2:])
    assert {(4, 1002), (4, 1020), (5, 40_000)} <= set(second)
    assert third == [(1, 6), (3, 6)]
    assert fourth == [(1, 6), (3, 6), (4, 1002), (5, 40_073)]


@given(
    st.sampled_from([2400, 4800, 9600, 19_200, 38_400]),
    st.sets(st.sampled_from([CAR, PV, GARAGE, CARPORT, PUMP]), max_size=5),
    st.sampled_from([0.005, 0.02]),
)
@settings(max_examples=12, deadline=None)
def test_on_a_line_that_was_accepted_nobody_starves_and_nothing_fast_waits(
    baud: Baud, others: set[site.Device], think_s: float
) -> None:
    """BUS-56: without the last resort every slow block has its turn, and every fast read its time."""
    bus = Bus(name="a", port="far-end", baud=baud, echo="no")
    configs = (GRID, *sorted(others, key=lambda config: config.name))
    config = house(*configs, buses=(bus,))
    try:
        wiring.check(config, FEW)
    except ConfigError:
        reject()
    (plan,) = poll_plan(config, FEW)
    units = {1: meter(), 2: controller(), 3: meter(), 4: pump(), 5: inverter(), 6: controller()}
    rig = Rig(units, *devices(config), bus=bus, profiles=FEW)
    rig.bench.slave.think_s = think_s
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agenda, "STARVED_S", math.inf)
        for _ in range(12):
            requests = rig.tick()
            fast = [at_s for at_s, unit, address in requests if (unit, address) in _fast_reads(rig)]
            assert max(fast) < plan.fast_s
    now_s = rig.bench.clock.mono_s()
    for device in rig.devices:
        assert device.planned
        overdue_s = [now_s - entry.due_mono_s for entry in device.planned if entry.block.period_s != FAST]
        assert max(overdue_s, default=0.0) < 3
    rig.close()
    rigs.remove(rig)


def _fast_reads(rig: Rig) -> set[tuple[int, int]]:
    return {
        (device.link.unit, entry.block.address)
        for device in rig.devices
        for entry in device.planned
        if entry.block.period_s == FAST
    }


def test_nothing_slow_begins_that_might_not_end_in_time() -> None:
    """BUS-56: a device that may think 0.6 s is not asked in the last 0.6 s of a tick."""
    rig = Rig({1: meter(), 4: pump()}, GRID, PUMP)
    late = rig.tick(decide_after_s=0.5)
    assert [unit for _, unit, _ in late if unit == 4] == []
    rig.tick()
    assert "power_w" in rig.devices[1].samples


def test_a_starved_device_is_asked_after_all_but_seldom() -> None:
    """BUS-56: where the plan does not hold, one exchange in ten seconds goes all the same."""
    rig = Rig({1: meter(), 4: pump()}, GRID, PUMP)
    ticks = [rig.tick(decide_after_s=0.9) for _ in range(60)]
    slow = [(i, request) for i, tick in enumerate(ticks) for request in tick if request[1:] != (1, 6)]
    assert slow[0][0] in (10, 11)
    assert all(later[0] - earlier[0] >= 10 for earlier, later in itertools.pairwise(slow))
    assert {unit for _, (_, unit, _) in slow} == {1, 4}


@pytest.mark.parametrize("configs", [(GRID,), (GRID, PUMP)])
def test_even_the_worst_slow_read_leaves_the_fast_ones_their_time(configs: tuple[site.Device, ...]) -> None:
    """BUS-56: neither its lost answer, nor the gap after it, nor a change of unit puts off the next tick."""
    lost = 0
    for late_s in range(30, 90, 2):
        rig = Rig({1: meter(), 4: pump()}, *configs)
        rig.devices[0].link.turn.turn_s = 0.1 if len(configs) > 1 else 0.0
        for device in rig.devices:
            device.link.answered(0.02)
        rig.bench.slave.script = lambda number, data: Reply([]) if data[:4] != FIRST else None
        tick = rig.tick(decide_after_s=late_s / 100)
        lost += len(tick) - 1
        for device in rig.devices:
            device.absence = PRESENT
        at_s, unit, _ = rig.tick()[0]
        assert unit == 1
        assert at_s < 1e-6
        rig.close()
        rigs.remove(rig)
    assert lost


def test_a_long_write_is_reckoned_with_its_length() -> None:
    rig = Rig({1: meter()}, GRID)
    link, now_s = rig.devices[0].link, rig.bench.clock.mono_s()
    rig.agenda._tick_end_s = now_s + 0.5
    for count, fits in ((1, True), (100, False)):
        task = Task(Request(1, 16, 0, values=(0,) * count), lambda outcome, at_s: None)
        assert rig.agenda._fits(link, task, now_s) is fits


def test_heartbeats_go_before_what_is_slow() -> None:
    """BUS-56: those that fall due before the end of the next tick, also when no slow read would fit."""
    beat = Heartbeat(function=6, address=90, value=0x55AA, every_s=3)
    beating = replace(FEW["lambda-eul"], heartbeats=(beat,), surplus=None)
    rig = Rig({1: meter(), 4: pump()}, GRID, PUMP, profiles={**FEW, "lambda-eul": beating})
    ticks = [[(unit, address) for _, unit, address in rig.tick()] for _ in range(5)]
    assert ticks[0][:2] == [(1, 6), (4, 90)]
    assert [(4, 90) in tick for tick in ticks] == [True, False, True, False, True]
    late = rig.tick(decide_after_s=0.9), rig.tick(decide_after_s=0.9)
    assert sorted(unit for tick in late for _, unit, address in tick if address == 90) == [4]


def test_without_spare_time_hearts_do_not_beat() -> None:
    """CHG-72: on the way to safety only set-points leave."""
    beating = replace(FEW["lambda-eul"], heartbeats=(Heartbeat(function=6, address=90, value=1, every_s=3),))
    rig = Rig({1: meter(), 4: pump()}, GRID, PUMP, profiles={**FEW, "lambda-eul": beating})
    rig.agenda.write(spare=False)
    rig.bench.run(1.0)
    assert rig.bench.slave.requests == []


def test_a_unit_in_doubt_is_asked_the_same_again_and_nothing_of_equal_shape() -> None:
    """BUS-33: until the late answer cannot come any more."""
    rig = Rig({1: meter()}, GRID)
    grid = rig.devices[0]
    rig.tick()
    rig.tick()
    lost = Request(1, 4, 100, 12)
    grid.link.owed(lost, rig.bench.clock.mono_s())
    rig.agenda.begin(rig.bench.clock.mono_s())
    assert not rig.agenda.reading
    for _ in range(5):
        assert (1, 6) not in [request[1:] for request in rig.tick()]
    assert (1, 6) in [request[1:] for request in rig.tick()]


def test_a_slow_read_in_doubt_waits_and_others_go_on() -> None:
    """BUS-33"""
    rig = Rig({1: meter(), 4: pump()}, GRID, PUMP)
    for _ in range(3):
        rig.tick()
    rig.devices[1].link.owed(Request(4, 3, 999, 11), rig.bench.clock.mono_s())
    for entry in rig.devices[1].planned:
        entry.due_mono_s = 0.0
    rig.units[4].mute = True
    asked = [request[1:] for request in rig.tick()]
    assert (4, 1020) in asked
    assert (4, 1002) not in asked


def test_at_most_one_probe_in_a_tick() -> None:
    """BUS-40: also where several would fit."""
    rig = Rig({1: meter(), 4: pump(), 5: inverter()}, GRID, PV, PUMP)
    for _ in range(8):
        rig.tick()
    rig.units[4].mute = rig.units[5].mute = True
    probes = []
    for _ in range(60):
        resting = all(device.absence.rest_s > 0 for device in rig.devices[1:])
        silent = [unit for _, unit, _ in rig.tick() if unit in (4, 5)]
        if resting:
            probes.append(len(silent))
            for device in rig.devices[1:]:
                device.absence = replace(device.absence, until_mono_s=rig.bench.clock.mono_s())
    assert max(probes) == 1
    assert sum(probes) > 20


def test_one_devices_gap_is_anothers_time() -> None:
    """BUS-14: while the meter rests, the other is read."""
    rig = Rig({1: meter(), 3: meter()}, GRID, CAR)
    rig.tick()
    rig.tick()
    rig.devices[0].planned[1].block = rig.devices[0].planned[0].block
    order = [unit for _, unit, _ in rig.tick()]
    assert order[:3] == [1, 3, 1]


def test_an_absent_line_reads_nothing_and_waits_for_nothing() -> None:
    rig = Rig({1: meter()}, GRID)
    rig.tick()
    rig.bench.slave.absent = True
    rig.bench.slave.close()
    rig.bench.run(0.01)
    rig.agenda.begin(rig.bench.clock.mono_s())
    assert not rig.agenda.reading
    assert not rig.agenda.suspect


def apart(*, gap_s: float = 0.0) -> Profile:
    """The grid meter with two more registers, so far apart that the hole is just not worth reading."""
    near = Point(quantity="electric_wh", function=4, addresses=(100,), wire="u16", unit="raw", period_s=3600)
    far = (near, replace(near, quantity="thermal_wh", addresses=(131,)))
    sdm = PROFILES["eastron-sdm630"]
    limits = Limits(holes=True, gap_s=gap_s)
    return replace(sdm, points=(*sdm.points[1:3], *far), limits=limits, identify=None, proof=None)


def test_a_slow_thinker_gets_a_plan_of_its_own_after_ten_minutes() -> None:
    """BUS-55: for 20 ms two reads are cheaper than one over the hole, for 60 ms one is."""
    profile = apart()
    rig = Rig({1: meter(), 3: meter()}, GRID, CAR, profiles={**PROFILES, profile.key: profile})
    grid = rig.devices[0]
    rig.units[1].input |= dict.fromkeys(range(99, 134), 7)
    rig.bench.slave.think_s = 0.06
    for _ in range(600):
        rig.tick()
    assert [entry.block.address for entry in grid.planned] == [6, 100, 131]
    due_s = [entry.due_mono_s for entry in grid.planned]
    rig.tick()
    assert [(entry.block.address, entry.block.count) for entry in grid.planned] == [(6, 12), (100, 32)]
    assert grid.planned[1].due_mono_s == min(due_s[1:]), "nothing is read sooner than it was due"


def test_a_device_that_is_alone_reads_over_the_hole_rather_than_wait_its_gap() -> None:
    """BUS-55"""
    profile = apart(gap_s=0.1)
    for alone, reads in ((True, 2), (False, 3)):
        link = Link(1, profile.limits)
        link.alone = alone
        device = Device(GRID, profile, link, wire(LINE), 0.0)
        assert len(device.planned) == reads


def test_who_protection_waits_for_is_probed_on_a_full_line() -> None:
    """BUS-40: ten seconds after its return at most, though no slow exchange ever fits."""
    rig = Rig({1: meter(), 2: controller(), 4: pump()}, GRID, GARAGE, PUMP)
    for _ in range(3):
        rig.tick()
    rig.units[2].mute = rig.units[4].mute = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agenda, "STARVED_S", math.inf)
        patch.setattr(agenda, "UNREADY_S", math.inf)
        for _ in range(4):
            rig.tick()
        for device in rig.devices[1:]:
            device.absence = Absence(3, 10.0, rig.bench.clock.mono_s() + 5.0, rig.bench.clock.mono_s())
        rig.units[2].mute = rig.units[4].mute = False
        asked = [{unit for _, unit, _ in rig.tick(decide_after_s=0.95)} for _ in range(8)]
    assert [2 in units for units in asked] == [False] * 5 + [True] * 3
    assert all(4 not in units for units in asked)


def test_of_all_who_are_silent_one_is_probed_in_a_tick() -> None:
    """BUS-40: among the fast reads and after them, and those who answer go first."""
    rig = Rig({1: meter(), 2: controller(), 6: controller(), 4: pump()}, GRID, GARAGE, CARPORT, PUMP)
    for device in rig.devices[1:]:
        rig.units[device.link.unit].mute = True
        device.link.answered(0.02)
        device.absence = Absence(3, 10.0, rig.bench.clock.mono_s())
    ticks = [[unit for _, unit, _ in rig.tick() if unit != 1] for _ in range(3)]
    assert ticks == [[2], [6], [4]]


def test_who_stays_silent_costs_one_answer_time_in_a_tick() -> None:
    """BUS-40: it is asked last, and once; the others keep their time."""
    amtron = site.Charger(name="amtron", number=1, bus="a", unit=50, profile="mennekes-amtron-compact")
    rig = Rig({1: meter(), 50: Memory()}, amtron, GRID)
    charger = rig.devices[0]
    blocks = len(charger.fast_tasks(rig.bench.clock.mono_s()))
    rig.units[50].mute = True
    ticks = []
    for _ in range(4):
        rig.agenda._spare = False
        number = len(rig.bench.slave.requests)
        start_s = rig.bench.clock.mono_s()
        rig.agenda.begin(start_s)
        rig.bench.run(1.0)
        ticks.append([data[0] for _, data in rig.bench.slave.requests[number:]])
    assert ticks == [[50] + [1] + [50] * (blocks - 1), [1, 50], [1, 50], [1]]


def test_a_tick_that_began_late_ends_in_time() -> None:
    """BUS-56: the next one begins when it is due, so less fits into this one."""
    rig = Rig({1: meter(), 4: pump()}, GRID, PUMP)
    at_s = rig.bench.clock.mono_s()
    for begun_s, end_s in (
        (0.0, 1.0),
        (1.25, 2.0),
        (2.0, 3.0),
        (4.1, 5.0),
        (5.5, 6.5),
        (6.2, 7.2),
        (7.2, 8.2),
    ):
        rig.bench.loop.run_until(at_s + begun_s)
        rig.agenda.begin(rig.bench.clock.mono_s())
        assert rig.agenda._tick_end_s == pytest.approx(at_s + end_s)


def test_a_setup_that_never_ends_does_not_keep_others_from_their_turn() -> None:
    """BUS-56: both have an allowance of their own."""
    rig = Rig({1: meter(), 2: controller(), 4: pump()}, GRID, GARAGE, PUMP)
    setup = (2000).to_bytes(2), (2005).to_bytes(2)
    rig.bench.slave.script = lambda number, data: Reply([]) if data[0] == 2 and data[2:4] in setup else None
    ticks = [rig.tick(decide_after_s=0.95) for _ in range(40)]
    assert not rig.devices[1].ready
    slow = [{unit for _, unit, address in tick if (unit, address) not in _fast_reads(rig)} for tick in ticks]
    assert sum(2 in units for units in slow) >= 8
    assert sum(bool(units - {2}) for units in slow) >= 3


def test_turn_times_leave_the_fast_reads_their_time() -> None:
    """BUS-14: what a line has no time for nobody gets, but what the profile asks for."""
    bus = Bus(name="a", port="far-end", baud=2400, echo="no")
    rig = Rig({1: meter(), 2: controller(), 3: meter()}, GRID, CAR, GARAGE, bus=bus)
    for device in rig.devices:
        device.link.turn.turn_s = 0.2
    rig.tick()
    turns_s = [device.link.turn_s for device in rig.devices]
    wires_s = sum(
        exchange_s(rig.line.wire, 3, entry.block.count, device.link.answer_s)
        for device in rig.devices
        for entry in device.planned
        if entry.block.period_s == FAST
    )
    assert wires_s < 0.7
    assert sum(turns_s) > 0.0
    assert wires_s + sum(turns_s) <= 0.7
