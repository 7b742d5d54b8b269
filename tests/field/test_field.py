"""The wires as the cycle sees them, over a scripted line in virtual time."""

import itertools
from collections.abc import Callable, Iterator

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory
from msgspec import structs

from hems.field.pins import Pins
from hems.model.decision import ChargerCommand, Command
from hems.model.site import Bus, Charger, Config, Device, Relay
from tests.field.houses import (
    CAR,
    CARPORT,
    GARAGE,
    GRID,
    PUMP,
    PV,
    Scene,
    box,
    controller,
    floats,
    house,
    inverter,
    meter,
    pump,
    words,
)
from tests.field.wires import Memory, Reply, answer, framed

Begin = Callable[..., Scene]


@pytest.fixture
def begin() -> Iterator[Begin]:
    scenes: list[Scene] = []

    def made(config: Config, units: dict[int, Memory], pins: Pins | None = None) -> Scene:
        scenes.append(Scene(config, units, pins))
        return scenes[-1]

    yield made
    for scene in scenes:
        scene.close()


def demo(begin: Begin) -> Scene:
    units = {1: meter(), 2: controller(), 3: meter(0), 4: pump(), 5: inverter()}
    return begin(house(GRID, CAR, PV, GARAGE, PUMP), units)


def test_one_picture_of_the_whole_house(begin: Begin) -> None:
    scene = demo(begin)
    seen = scene.run(6, garage=0)
    assert seen.grid is not None
    assert seen.grid.power_w == 3000
    assert seen.grid.import_wh == 12_500
    assert seen.grid.line_v == (230.0, 230.0, 230.0)
    assert seen.pv is not None
    assert (seen.pv.power_w, seen.pv.export_wh, seen.pv.line_a) == (5000.0, 100_000.0, (4.0, 3.0, 3.0))
    garage = seen.chargers["garage"]
    assert (garage.status, garage.cable_max_a, garage.power_w, garage.total_wh) == ("B", 32, 0, 12_500)
    assert (garage.acknowledged_a, garage.confirmed_a, garage.ready, garage.unsure) == (0, 0, True, False)
    assert seen.heat_pumps["pump"].compressor_rating == 5000
    assert seen.battery is None


def test_fast_reads_are_few_and_first_the_grid(begin: Begin) -> None:
    """BUS-55, 56: one block per device and tick, grid meter first, well before the deadline."""
    units = {1: meter(), 2: controller(), 3: meter(0), 4: pump(), 5: inverter(), 6: controller()}
    scene = begin(house(GRID, CAR, PV, GARAGE, CARPORT, PUMP), units)
    scene.run(6, garage=0, carport=0)
    since_s = scene.bench.clock.mono_s()
    scene.tick(garage=0, carport=0)
    tick = [data for at_s, data in scene.bench.slave.requests if at_s >= since_s]
    assert [data[0] for data in tick[:4]] == [1, 3, 2, 6]
    assert scene.asked(1, since_s)[0] == (6, 12)
    assert scene.read_s[-1] < 0.3


def test_the_sun_is_read_every_other_tick_after_the_decision(begin: Begin) -> None:
    """BUS-56: the protection never looks at it, so it may not delay the picture."""
    scene = demo(begin)
    scene.run(6, garage=0)
    start_s = scene.bench.clock.mono_s()
    asked = []
    for tick in range(6):
        scene.tick(garage=0)
        requests = [(at_s - start_s - tick, data[0]) for at_s, data in scene.bench.slave.requests]
        pv_s = [at_s for at_s, unit in requests if unit == 5 and at_s >= 0]
        assert all(at_s >= scene.read_s[-1] for at_s in pv_s)
        asked.append(len(pv_s))
    assert asked in ([1, 0] * 3, [0, 1] * 3)


def test_a_set_point_leaves_before_slow_reads(begin: Begin) -> None:
    """BUS-56: decide, write, and only then what may wait."""
    scene = demo(begin)
    scene.run(8, garage=16)
    slow = []
    for limit_a in (15, 14, 13, 12):
        number = len(scene.bench.slave.requests)
        scene.tick(garage=limit_a)
        sent = [(data[0], data[1]) for _, data in scene.bench.slave.requests[number:]]
        assert sent[:4] == [(1, 4), (3, 4), (2, 3), (2, 16)]
        slow += sent[4:]
    assert set(slow) >= {(4, 3), (5, 3)}


def test_two_lines_are_read_at_the_same_time(begin: Begin) -> None:
    """BUS-5, 105: the picture takes as long as the slowest line."""
    alone = begin(house(GRID), {1: meter()})
    alone.run(3)
    buses = (Bus(name="a", port="far-end"), Bus(name="b", port="other-end"))
    other = Charger(name="garage", number=1, bus="b", unit=2, profile="evse-wb", accept_no_failsafe=True)
    scene = begin(house(GRID, other, buses=buses), {1: meter(), 2: controller()})
    seen = scene.run(3)
    assert seen.grid is not None
    assert seen.chargers["garage"].at_mono_s == pytest.approx(seen.grid.at_mono_s, abs=0.03)
    assert scene.read_s[-1] == pytest.approx(alone.read_s[-1], abs=1e-6)


def test_a_raise_waits_across_lines(begin: Begin) -> None:
    """BUS-45 over all lines: the lowering on one line is acknowledged before the raise on the other."""
    buses = (Bus(name="a", port="far-end", baud=4800), Bus(name="b", port="other-end"))
    other = Charger(name="carport", number=2, bus="b", unit=6, profile="evse-wb", accept_no_failsafe=True)
    scene = begin(house(GRID, GARAGE, other, buses=buses), {1: meter(), 2: controller(), 6: controller()})
    scene.run(12, garage=16, carport=6)
    assert scene.units[2].holding[1000] == 16
    scene.run(3, carport=16, garage=6)
    lowered = [at_s for at_s, address, value in scene.units[2].writes if (address, value) == (1000, 6)]
    raised = [at_s for at_s, address, value in scene.units[6].writes if (address, value) == (1000, 16)]
    assert raised[0] > lowered[0] + 0.05


def test_a_raise_waits_for_the_setup(begin: Begin) -> None:
    """BUS-50: no current before the fail-safe rows are written and read back."""
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.units[2].holding |= {2000: 16, 2005: 0xA0}
    for _ in range(8):
        scene.tick(garage=10)
    writes = scene.writes(2)
    assert writes.index((2000, 0)) < writes.index((1000, 10))
    assert writes.index((2005, 0x20)) < writes.index((1000, 10))
    assert scene.units[2].holding[1000] == 10


def test_equal_values_are_repeated_and_differences_sent_at_once(begin: Begin) -> None:
    """BUS-46: refresh every 10 s for this controller."""
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.run(3, garage=10)
    before = len(scene.writes(2))
    scene.run(21, garage=10)
    assert scene.writes(2)[before:] == [(1000, 10)] * 2
    decided_s = scene.bench.clock.mono_s()
    scene.tick(garage=6)
    at_s, address, value = scene.units[2].writes[-1]
    assert (address, value) == (1000, 6)
    assert at_s - decided_s < 0.4


def test_lowering_leaves_before_raising_and_a_raise_needs_every_lowering(begin: Begin) -> None:
    """BUS-45: the second charger is raised only after the first has acknowledged its lower current."""
    scene = begin(house(GRID, GARAGE, CARPORT), {1: meter(), 2: controller(), 6: controller()})
    scene.run(5, garage=16, carport=6)
    scene.tick(carport=16, garage=6)
    lowered = [at_s for at_s, address, value in scene.units[2].writes if (address, value) == (1000, 6)]
    raised = [at_s for at_s, address, value in scene.units[6].writes if (address, value) == (1000, 16)]
    assert lowered[0] < raised[0]
    scene.run(2, carport=16, garage=6)
    scene.tick(carport=6, garage=16)
    scene.tick(carport=6, garage=16)
    scene.bench.slave.script = lambda _, data: Reply([]) if data[:4] == bytes((2, 16, 3, 232)) else None
    scene.tick(carport=16, garage=6)
    assert scene.units[6].holding[1000] == 6
    scene.bench.slave.script = lambda number, data: None
    scene.run(3, carport=16, garage=6)
    assert (scene.units[2].holding[1000], scene.units[6].holding[1000]) == (6, 16)


def test_a_lost_charger_does_not_hold_the_others_back(begin: Begin) -> None:
    scene = begin(house(GRID, GARAGE, CARPORT), {1: meter(), 2: controller(), 6: controller()})
    scene.run(4, garage=16, carport=6)
    scene.units[2].mute = True
    scene.run(5, garage=16, carport=6)
    scene.run(3, garage=0, carport=12)
    assert scene.units[6].holding[1000] == 12


@pytest.mark.parametrize("absent", [True, False])
def test_a_raise_does_not_leave_without_the_lowering_of_the_same_decision(begin: Begin, absent: bool) -> None:
    """BUS-45: the line of the other has just gone, or it was deaf for three ticks; it may draw 16 A."""
    yard = structs.replace(CARPORT, bus="b")
    buses = (Bus(name="a", port="far-end"), Bus(name="b", port="other-end"))
    scene = begin(house(GRID, GARAGE, yard, buses=buses), {1: meter(), 2: controller(), 6: controller()})
    scene.run(15, garage=6, carport=16)
    if absent:
        scene.slaves["b"].close()
        scene.slaves["b"].absent = True
    else:
        scene.units[6].mute = True
        scene.run(3, garage=6, carport=16)
    last = scene.tick(garage=16, carport=6)
    assert last.now.mono_s - last.chargers["carport"].at_mono_s < 5
    assert scene.units[2].holding[1000] == 6
    scene.run(6, garage=16, carport=6)
    assert scene.units[2].holding[1000] == 16


ION = Charger(name="ion", number=1, bus="a", unit=7, profile="obo-ion", accept_no_failsafe=True)


def ion() -> Memory:
    """An OBO Ion with a car connected, as it starts: released, no watchdog, 16 A when Modbus is lost."""
    return Memory(holding=words(5, 1, 16) | {11: 2, 44: 32, 28: 0, 30: 16})


@pytest.mark.parametrize("deaf_ticks", [0, 1, 2])
def test_a_restart_is_found_though_the_set_point_changes_meanwhile(begin: Begin, deaf_ticks: int) -> None:
    """BUS-50, row 32: within a minute; after a silence before anything is raised."""
    scene = begin(house(GRID, ION), {1: meter(), 7: ion()})
    unit = scene.units[7]
    scene.run(3, ion=0)
    scene.run(20, ion=10)
    unit.holding.update(words(5, 1, 32) | {28: 0, 30: 32})
    unit.mute = deaf_ticks > 0
    for i in range(deaf_ticks):
        if i == deaf_ticks - 1:
            scene.bench.loop.call_at(scene.bench.clock.mono_s() + 0.45, lambda: setattr(unit, "mute", False))
        scene.run(1, ion=11 + i)
    known = len(unit.writes)
    scene.run(3 if deaf_ticks else 62, ion=14)
    assert (unit.holding[28], unit.holding[30]) == (15_000, 0)
    told = [address for _, address, _ in unit.writes[known:]]
    assert not deaf_ticks or told.index(30) < told.index(6)
    scene.run(2, ion=14)
    assert (unit.holding[6], scene.field._devices["ion"].ready) == (14, True)


def test_after_one_silence_the_setup_is_read_once_and_nothing_is_written(begin: Begin) -> None:
    """BUS-50: the set-point is not told again either, and a lowering does not wait."""
    scene = begin(house(GRID, ION), {1: meter(), 7: ion()})
    scene.run(3, ion=0)
    scene.run(12, ion=10)
    scene.units[7].mute = True
    scene.run(1, ion=10)
    scene.units[7].mute = False
    since_s, known = scene.bench.clock.mono_s(), len(scene.units[7].writes)
    scene.run(1, ion=8)
    assert scene.units[7].holding[6] == 8
    scene.run(6, ion=8)
    asked = [address for address, _ in scene.asked(7, since_s)]
    assert (asked.count(28), asked.count(30)) == (1, 1)
    assert scene.writes(7)[known:] == [(6, 8), (5, 1)]


def test_a_charger_that_returns_paused_is_told_no_current_before_its_setup(begin: Begin) -> None:
    """BUS-50: less than it was told before would release it."""
    scene = begin(house(GRID, ION), {1: meter(), 7: ion()})
    unit = scene.units[7]
    scene.run(3, ion=0)
    scene.run(20, ion=16)
    unit.mute = True
    scene.run(5, ion=16)
    unit.holding.update(words(5, 0, 6) | {28: 0, 30: 32})
    unit.mute = False
    unit.refuse = {28: 6, 30: 6}
    scene.run(30, ion=10)
    assert (unit.holding[5], unit.holding[6]) == (0, 6)
    unit.refuse = {}
    scene.run(15, ion=10)
    assert (unit.holding[5], unit.holding[6]) == (1, 10)


def test_a_box_that_does_not_answer_a_read_it_does_not_know_is_set_up(begin: Begin) -> None:
    """BUS-50: silence to one read alone, while others are answered."""
    bus = Bus(name="a", port="far-end", baud=19200, parity="E")
    charger = Charger(name="garage", number=1, bus="a", unit=2, profile="heidelberg-energy-control")
    scene = begin(house(GRID, charger, buses=(bus,)), {1: meter(), 2: box()})

    def mute(_: int, data: bytes) -> Reply | None:
        return Reply([]) if data[:4] == bytes((2, 3, 1, 2)) else None

    scene.bench.slave.script = mute
    scene.run(12, garage=6)
    assert scene.field._devices["garage"].ready
    assert scene.writes(2).count((258, 4)) == 1
    assert scene.units[2].holding[261] == 60


def test_a_raise_that_could_not_leave_in_its_tick_does_not_leave_later(begin: Begin) -> None:
    """BUS-45, row 22: a babble holds the line; afterwards only what is wanted then leaves."""
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.run(3, garage=0)
    scene.run(10, garage=6)
    began_s = scene.bench.clock.mono_s()

    def babble() -> None:
        assert scene.bench.slave.end is not None
        scene.bench.slave.end.send(b"\x55")
        if scene.bench.clock.mono_s() < began_s + 5:
            scene.bench.loop.call_at(scene.bench.clock.mono_s() + 0.003, babble)

    scene.bench.loop.call_at(began_s + 0.2, babble)
    known = len(scene.writes(2))
    scene.field.read(scene.bench.clock.now())
    scene.bench.run(0.01)
    scene.field.act(Command({"garage": ChargerCommand(16, True)}), scene.bench.clock.now())
    scene.ticks += 1
    scene.bench.loop.run_until(scene.start_s + scene.ticks)
    assert scene.field._devices["garage"].slot.stage == "in_flight"
    scene.run(4, garage=0)
    slot = scene.field._devices["garage"].slot
    assert (slot.highest_a, slot.acknowledged_a, slot.unsure) == (6, 6, False)
    scene.run(8, garage=0)
    assert set(scene.writes(2)[known:]) == {(1000, 0)}
    assert scene.units[2].holding[1000] == 0


def test_two_chargers_that_restart_while_they_are_told_more_wait_for_nobody(begin: Begin) -> None:
    """BUS-45: current and release of each are more than it was told, and less than what it holds."""
    ions = [
        Charger(name=name, number=i, bus="a", unit=i + 6, profile="obo-ion", accept_no_failsafe=True)
        for i, name in ((1, "left"), (2, "right"))
    ]
    units = {1: meter()} | {
        i: Memory(holding=words(5, 1, 16) | {11: 2, 44: 32, 28: 0, 30: 16}) for i in (7, 8)
    }
    scene = begin(house(GRID, *ions), units)
    scene.run(3, left=0, right=0)
    scene.run(20, left=10, right=10)
    while scene.field._devices["left"].due_a(scene.bench.clock.mono_s() + 1) is None:
        scene.run(1, left=10, right=10)
    for unit in (7, 8):
        units[unit].holding.update(words(5, 1, 32))
    scene.run(12, left=11, right=11)
    assert [units[unit].holding[6] for unit in (7, 8)] == [11, 11]
    scene.run(5, left=12, right=12)
    assert [units[unit].holding[6] for unit in (7, 8)] == [12, 12]


def test_an_unsure_write_is_read_back_before_anything_else(begin: Begin) -> None:
    """BUS-34: the write arrived but its acknowledgement did not."""
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.run(3, garage=6)

    def swallow(_: int, data: bytes) -> Reply | None:
        if data[1] == 16:
            scene.units[2].holding[1000] = data[8]
            return Reply([])
        return None

    scene.bench.slave.script = swallow
    scene.tick(garage=16)
    scene.bench.slave.script = lambda number, data: None
    number = len(scene.bench.slave.requests)
    now = scene.bench.clock.now()
    snapshot = scene.field.read(now)
    reads = [data for _, data in scene.bench.slave.requests[number:] if data[0] == 2]
    assert reads[0][1] == 3
    assert snapshot.chargers["garage"].acknowledged_a == 16
    assert not snapshot.chargers["garage"].unsure


def deaf_to_writes(scene: Scene) -> None:
    scene.bench.slave.script = lambda _, data: Reply([]) if data[1] == 16 else None


def test_an_unsure_write_is_said(begin: Begin) -> None:
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.run(3, garage=6)
    deaf_to_writes(scene)
    scene.tick(garage=16)
    scene.units[2].mute = True
    seen = scene.tick(garage=16).chargers["garage"]
    assert seen.unsure
    assert seen.acknowledged_a == 6
    assert seen.at_mono_s < scene.bench.clock.mono_s() - 1


def test_a_set_point_that_was_not_taken_is_an_alarm_and_repeated(begin: Begin) -> None:
    """BUS-25, 46: believed by the read-back, not by the acknowledgement."""
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.run(3, garage=10)
    scene.units[2].holding[1000] = 16
    scene.tick(garage=10)
    scene.tick(garage=10)
    assert scene.units[2].holding[1000] == 10
    errors = scene.field.health(scene.bench.clock.now()).devices["garage"].errors
    assert errors["not_taken"] >= 1


def test_refusals_are_counted_for_the_rules(begin: Begin) -> None:
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.run(3, garage=6)

    def refuse(_: int, data: bytes) -> Reply | None:
        return Reply([(0.02, framed("029003"))]) if data[:2] == bytes((2, 16)) else None

    scene.bench.slave.script = refuse
    assert scene.run(5, garage=10).chargers["garage"].refusals >= 2
    assert "did not take its set-point" in scene.field.health(scene.bench.clock.now()).devices["garage"].words


def test_a_charger_that_answers_reads_but_takes_no_writes_is_lost_for_the_rules(begin: Begin) -> None:
    """CHG-70: in a few seconds, and until a write is acknowledged and read back."""
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.run(4, garage=10)
    scene.bench.slave.script = lambda _, data: Reply([]) if data[:2] == bytes((2, 16)) else None
    seen = scene.run(6, garage=6).chargers["garage"]
    assert (seen.confirmed_a, seen.highest_a, seen.refusals) == (10, 10, 3)
    scene.bench.slave.script = lambda _, data: None
    seen = scene.run(10, garage=6).chargers["garage"]
    assert (seen.confirmed_a, seen.highest_a, seen.refusals) == (6, 6, 0)


def test_a_restarted_charger_is_told_zero_again_though_its_setup_is_refused(begin: Begin) -> None:
    """BUS-46, 50: nothing that lowers waits for the setup."""
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.units[2].refuse[2000] = 2
    scene.run(8, garage=0)
    scene.units[2].holding[1000] = 16
    assert scene.tick(garage=0).chargers["garage"].highest_a == 16
    assert scene.units[2].holding[1000] == 0
    seen = scene.tick(garage=0).chargers["garage"]
    assert (seen.highest_a, seen.ready) == (0, False)


def test_a_raise_without_an_answer_is_booked_through_the_silence_that_follows(begin: Begin) -> None:
    """BUS-34: the charger may have taken it."""
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.run(5, garage=0)
    deaf_to_writes(scene)
    scene.tick(garage=6)
    scene.units[2].mute = True
    seen = scene.run(12, garage=0).chargers["garage"]
    assert (seen.acknowledged_a, seen.highest_a, seen.unsure) == (0, 6, True)


def test_a_dead_device_costs_its_timeout_once_per_rest(begin: Begin) -> None:
    """BUS-40, 106: three silences, then one probe per rest; the others are read in every tick."""
    scene = demo(begin)
    scene.run(6, garage=0)
    scene.units[3].mute = True
    dead_s = scene.bench.clock.mono_s()
    for _ in range(20):
        snapshot = scene.tick(garage=0)
        assert snapshot.grid is not None
        assert snapshot.now.mono_s - snapshot.grid.at_mono_s < 0.1
    assert len(scene.asked(3, dead_s)) <= 5
    health = scene.field.health(scene.bench.clock.now()).devices["car"]
    assert health.back_off_s > 0
    assert "silent" in health.words
    measured_s = snapshot.chargers["garage"].measured_mono_s
    assert measured_s is not None
    assert measured_s < dead_s + 0.5
    scene.units[3].mute = False
    scene.run(45, garage=0)
    snapshot = scene.tick(garage=0)
    measured_s = snapshot.chargers["garage"].measured_mono_s
    assert measured_s is not None
    assert snapshot.now.mono_s - measured_s < 0.5


def test_a_device_that_never_answered_is_not_called_slow(begin: Begin) -> None:
    """BUS-14, 40: nobody there is nobody with a long turn time, a lost map or an open setup."""
    units = {1: meter(), 2: controller(), 3: meter(0), 4: pump(), 5: inverter()}
    scene = begin(house(GRID, CAR, PV, GARAGE, PUMP), units)
    for unit in (2, 3, 4, 5):
        scene.units[unit].mute = True
    scene.run(120, garage=0)
    devices = scene.field.health(scene.bench.clock.now()).devices
    assert {name: device.words for name, device in devices.items()} == {
        "grid": "",
        "car": "has not answered yet, asked again in 10 s",
        "garage": "has not answered yet, asked again in 10 s",
        "pump": "has not answered yet, asked again in 80 s",
        "pv": "has not answered yet, asked again in 80 s",
    }


def test_a_device_that_needs_its_turn_time_is_found_and_heard(begin: Begin) -> None:
    """BUS-14: deaf for 0.1 s after every change of unit, it is still met; the turn time climbs."""
    scene = begin(house(GRID, PUMP), {1: meter(), 4: pump()})

    def deaf(number: int, data: bytes) -> Reply | None:
        (before_s, before), (at_s, _) = ((0.0, b""), *scene.bench.slave.requests)[-2:]
        return Reply([]) if data[0] == 4 and before[:1] == b"\1" and at_s - before_s < 0.15 else None

    scene.bench.slave.script = deaf
    scene.run(240)
    health = scene.field.health(scene.bench.clock.now()).devices["pump"]
    assert health.words == "needs 100 ms after a change of unit"
    missed = health.errors["silence"]
    scene.run(60)
    assert scene.field.health(scene.bench.clock.now()).devices["pump"].errors["silence"] == missed


def test_a_dead_slow_device_delays_no_picture(begin: Begin) -> None:
    """BUS-40, 56, 106: its silences lie behind the decision; once back, its map is found and read again."""
    scene = demo(begin)
    scene.run(6, garage=0)
    alive_s = scene.read_s[-1]
    scene.units[5].mute = True
    dead_s = scene.bench.clock.mono_s()
    scene.run(20, garage=0)
    assert scene.read_s[-20:] == pytest.approx([alive_s] * 20, abs=1e-6)
    assert len(scene.asked(5, dead_s)) <= 5
    scene.units[5].mute = False
    seen = scene.run(46, garage=0)
    assert seen.pv is not None
    assert seen.now.mono_s - seen.pv.at_mono_s < 2


def test_a_silent_line_is_suspected_and_opened_anew(begin: Begin) -> None:
    """BUS-41: all devices silent for 10 s; once per 30 s; the first answer clears every rest."""
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.run(3, garage=0)
    for memory in scene.units.values():
        memory.mute = True
    scene.run(40, garage=0)
    health = scene.field.health(scene.bench.clock.now())
    assert scene.bench.slave.openings == 2
    assert health.buses["a"].reopenings == 1
    assert "all devices silent" in health.buses["a"].words
    for memory in scene.units.values():
        memory.mute = False
    snapshot = scene.run(13, garage=0)
    assert snapshot.grid is not None
    assert snapshot.now.mono_s - snapshot.grid.at_mono_s < 0.3
    assert snapshot.now.mono_s - snapshot.chargers["garage"].at_mono_s < 1.1


def test_a_lost_port_is_said_and_its_devices_set_up_again(begin: Begin) -> None:
    """BUS-7: back under the same path within 2 s, set-point and setup proved anew."""
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.run(3, garage=10)
    scene.bench.slave.absent = True
    scene.bench.slave.close()
    scene.run(3, garage=10)
    health = scene.field.health(scene.bench.clock.now()).buses["a"]
    assert (health.stage, health.words) == ("absent", "far-end: no such file or directory")
    scene.bench.slave.absent = False
    scene.units[2].holding |= {1000: 0, 2000: 16}
    snapshot = scene.run(6, garage=10)
    assert snapshot.grid is not None
    assert snapshot.now.mono_s - snapshot.grid.at_mono_s < 0.3
    assert scene.units[2].holding[1000] == 10
    assert scene.units[2].holding[2000] == 0


def test_on_an_absent_line_only_the_line_speaks(begin: Begin) -> None:
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.units[2].mute = True
    scene.run(5, garage=0)
    assert scene.field.health(scene.bench.clock.now()).devices["garage"].words.startswith("has not answered")
    scene.bench.slave.absent = True
    scene.bench.slave.close()
    scene.run(1, garage=0)
    health = scene.field.health(scene.bench.clock.now())
    assert health.buses["a"].words == "far-end: no such file or directory"
    assert [device.words for device in health.devices.values()] == ["", ""]


def test_a_box_is_told_its_fail_safe_before_its_current(begin: Begin) -> None:
    """Standby off, watchdog, fail-safe, then a current; any access feeds the watchdog."""
    bus = Bus(name="a", port="far-end", baud=19200, parity="E")
    charger = Charger(name="garage", number=1, bus="a", unit=2, profile="heidelberg-energy-control")
    scene = begin(house(GRID, charger, buses=(bus,)), {1: meter(), 2: box()})
    seen = scene.run(10, garage=6).chargers["garage"]
    assert scene.writes(2)[0] == (258, 4)
    assert (261, 60) in scene.writes(2)
    assert (seen.status, seen.power_w, seen.line_a) == ("C", 1380, (6, 0, 0))
    assert (seen.confirmed_a, seen.total_wh) == (6, 9000)
    requests = [at_s for at_s, data in scene.bench.slave.requests if data[0] == 2]
    assert max(b - a for a, b in itertools.pairwise(requests)) < 2
    scene.run(30, garage=10)
    raises = [at_s for at_s, address, value in scene.units[2].writes if (address, value) == (261, 100)]
    first = [at_s for at_s, address, value in scene.units[2].writes if (address, value) == (261, 60)]
    assert raises[0] - first[0] >= 20


def test_a_block_a_device_does_not_have_falls_apart(begin: Begin) -> None:
    """BUS-26: split at holes, then into points; a point refused three times is named."""
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    del scene.units[2].holding[1003]
    seen = scene.run(8, garage=0).chargers["garage"]
    assert (seen.status, seen.confirmed_a, seen.cable_max_a) == ("B", 0, None)
    assert scene.field.health(scene.bench.clock.now()).devices["garage"].words == "does not have cable_max_a"


def test_a_grid_meter_that_refuses_for_seconds_is_read_again_at_once(begin: Begin) -> None:
    """BUS-26, PRO-1: a few refusals must not blind the protection until a restart."""
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.run(3, garage=6)
    start_s = scene.bench.clock.mono_s()

    def refuse(_: int, data: bytes) -> Reply | None:
        return Reply([(0.02, framed("018402"))]) if data[0] == 1 else None

    scene.bench.slave.script = refuse
    scene.run(7, garage=6)
    scene.bench.slave.script = lambda _, data: None
    grid = scene.run(2, garage=6).grid
    assert grid is not None
    assert grid.at_mono_s > start_s + 8
    assert grid.power_w == pytest.approx(3000)


def test_an_implausible_value_is_refused_until_it_insists(begin: Begin) -> None:
    """BUS-35: three in a row alike are believed."""
    scene = begin(house(GRID), {1: meter(1000)})
    scene.run(2)
    scene.units[1].input = meter(90_000).input
    powers = [snapshot.grid.power_w for snapshot in (scene.tick() for _ in range(3)) if snapshot.grid]
    assert powers == [3000, 3000, 270_000]
    errors = scene.field.health(scene.bench.clock.now()).devices["grid"].errors
    assert errors["implausible"] >= 2


@pytest.fixture
def relay() -> Iterator[Pins]:
    before = gpiozero.Device.pin_factory
    gpiozero.Device.pin_factory = MockFactory()
    yield Pins({"garage": 17})
    gpiozero.Device.pin_factory.reset()
    gpiozero.Device.pin_factory = before


def with_relay(*devices: Device) -> Config:
    config = house(*devices)
    charger = Charger(name="garage", number=1, bus="a", unit=2, profile="evse-wb", relay="garage")
    return Config(
        site=config.site,
        buses=config.buses,
        meters=config.meters,
        chargers=(charger,),
        relays=(Relay(name="garage", pin=17),),
    )


def test_relays_move_at_once(begin: Begin, relay: Pins) -> None:
    scene = begin(with_relay(GRID), {1: meter(), 2: controller()}, relay)
    now = scene.bench.clock.now()
    assert scene.field.read(now).relays == {"garage": False}
    scene.field.act(Command({"garage": ChargerCommand(6, True)}), now)
    assert relay.positions() == {"garage": True}
    assert scene.field.read(scene.bench.clock.now()).relays == {"garage": True}
    scene.field.act(Command({"garage": ChargerCommand(0, False)}), now)
    assert relay.positions() == {"garage": False}


def test_safe_releases_relays_and_tells_every_charger_zero(begin: Begin, relay: Pins) -> None:
    """CHG-72: also to one that is being left alone, and within 1.5 s."""
    scene = begin(with_relay(GRID), {1: meter(), 2: controller()}, relay)
    scene.run(5, garage=10)
    assert scene.units[2].holding[1000] == 10
    now = scene.bench.clock.now()
    assert scene.field.safe(now) == ()
    assert scene.units[2].holding[1000] == 0
    assert relay.positions() == {"garage": False}
    assert scene.bench.clock.mono_s() - now.mono_s < 0.5


def test_safe_tries_again_and_gives_up_in_time(begin: Begin) -> None:
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.run(4, garage=10)
    scene.bench.slave.script = lambda number, data: Reply([]) if data[1] == 16 else None
    now = scene.bench.clock.now()
    number = len(scene.bench.slave.requests)
    scene.bench.loop.call_at(
        now.mono_s + 0.5, lambda: setattr(scene.bench.slave, "script", lambda n, d: None)
    )
    assert scene.field.safe(now) == ()
    assert len(scene.bench.slave.requests) > number + 1
    assert scene.units[2].holding[1000] == 0
    scene.units[2].mute = True
    now = scene.bench.clock.now()
    assert scene.field.safe(now) == ("garage",)
    assert scene.bench.clock.mono_s() - now.mono_s == pytest.approx(1.5, abs=0.01)


def test_safe_waits_for_a_line_that_comes_back(begin: Begin) -> None:
    """CHG-72: a port that is gone for a second at the stop, alone or beside a line that is there."""
    buses = (Bus(name="a", port="far-end"), Bus(name="b", port="other-end"))
    yard = Charger(name="yard", number=3, bus="b", unit=7, profile="evse-wb", accept_no_failsafe=True)
    scene = begin(house(GRID, GARAGE, yard, buses=buses), {1: meter(), 2: controller(), 7: controller()})
    scene.run(5, garage=10, yard=10)
    scene.bench.slave.close()
    scene.bench.run(0.01)
    now = scene.bench.clock.now()
    assert scene.field.safe(now) == ()
    assert (scene.units[2].holding[1000], scene.units[7].holding[1000]) == (0, 0)
    assert 0.9 < scene.bench.clock.mono_s() - now.mono_s < 1.5


def test_safe_without_a_line_gives_up_in_time(begin: Begin) -> None:
    """CHG-72: what the charger had acknowledged before its line was lost counts for nothing."""
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.run(3, garage=0)
    scene.bench.slave.absent = True
    scene.bench.slave.close()
    scene.bench.run(0.1)
    now = scene.bench.clock.now()
    assert scene.field.safe(now) == ("garage",)
    assert scene.bench.clock.mono_s() - now.mono_s == pytest.approx(1.5, abs=0.01)


class Fed(Memory):
    """A Mennekes: it acknowledges a release at any time, and takes it only while it is fed."""

    fed = False

    def take(self, unit: int, data: bytes, now_s: float) -> bytes | None:
        address = int.from_bytes(data[2:4], "big")
        self.fed = self.fed or (data[1] == 6 and address == 3328)
        ignored = data[1] == 6 and address == 3333 and not self.fed
        return data if ignored else answer(self, data, now_s)


@pytest.mark.parametrize("hears", [True, False])
def test_safe_feeds_first_who_ignores_us_unfed_and_believes_it_when_it_is_read_back(
    begin: Begin, hears: bool
) -> None:
    """CHG-72: also from a process that has just begun; one that goes on with its current is named."""
    amtron = Charger(
        name="amtron", number=1, bus="a", unit=50, profile="mennekes-amtron-compact", accept_no_failsafe=True
    )
    unit = Fed(holding=words(3333, 1) | {3328: 0} | floats(770, 16))
    scene = begin(house(GRID, amtron), {1: meter(), 50: unit})

    def take(_: int, data: bytes) -> Reply | None:
        if data[0] != 50:
            return None
        deaf = not hears and data[1] == 6 and data[2:4] == (3328).to_bytes(2, "big")
        return Reply([(0.02, (data if deaf else unit.take(50, data, 0.0)) or b"")])

    scene.bench.slave.script = take
    now = scene.bench.clock.now()
    assert scene.field.safe(now) == (() if hears else ("amtron",))
    assert unit.holding[3333] == (0 if hears else 1)
    assert scene.bench.clock.mono_s() - now.mono_s <= (1.0 if hears else 1.51)


def test_safe_names_only_who_was_not_told(begin: Begin) -> None:
    """CHG-72: one line is gone, one charger of the other refuses, the third is told."""
    buses = (Bus(name="a", port="far-end"), Bus(name="b", port="other-end"))
    yard = Charger(name="yard", number=3, bus="b", unit=7, profile="evse-wb", accept_no_failsafe=True)
    units = {1: meter(), 2: controller(), 6: controller(), 7: controller()}
    scene = begin(house(GRID, yard, CARPORT, GARAGE, buses=buses), units)
    scene.run(4, garage=10, carport=10, yard=10)
    scene.slaves["b"].absent = True
    scene.slaves["b"].close()
    scene.bench.run(0.1)
    scene.units[2].refuse[1000] = 4
    assert scene.field.safe(scene.bench.clock.now()) == ("yard", "garage")
    assert scene.units[6].holding[1000] == 0


def test_health_in_fixed_figures(begin: Begin) -> None:
    """BUS-80"""
    scene = demo(begin)
    scene.run(10, garage=0)
    health = scene.field.health(scene.bench.clock.now())
    bus = health.buses["a"]
    assert (bus.setting, bus.early, bus.unasked_bytes, bus.reopenings, bus.words) == ("9600 8N1", 0, 0, 0, "")
    assert 20 < bus.load_pct < 50
    grid = health.devices["grid"]
    assert (grid.bus, grid.errors, grid.back_off_s, grid.words) == ("a", {}, 0, "")
    assert grid.requests == grid.accepted
    assert grid.latency_p50_ms == pytest.approx(23, abs=4)
    assert grid.last_good_mono_s is not None


def test_a_day_of_small_faults_never_shows_a_wrong_value(begin: Begin) -> None:
    """BUS-111 in small: every fifth answer spoilt; readings are old or right, and the line lives on."""
    scene = begin(house(GRID, GARAGE), {1: meter(1000), 2: controller()})

    def spoil(number: int, data: bytes) -> Reply | None:
        if number % 5:
            return None
        honest = answer(scene.units[data[0]], data, 0.0)
        assert honest is not None
        match number // 5 % 6:
            case 0:
                return Reply([])
            case 1:
                return Reply([(0.02, honest[:-1] + bytes((honest[-1] ^ 0x40,)))])
            case 2:
                return Reply([(0.02, honest[:3])])
            case 3:
                return Reply([(0.02, b"\x00\xff\x01" + honest)])
            case 4:
                return Reply([(0.25, honest)])
            case _:
                return Reply([(0.02, honest[:4]), (0.04, honest[4:])])

    scene.bench.slave.script = spoil
    for i in range(120):
        snapshot = scene.tick(garage=6 if i % 20 < 10 else 0)
        if snapshot.grid is not None:
            assert snapshot.grid.power_w == 3000
        for garage in snapshot.chargers.values():
            assert garage.status == "B"
            assert garage.confirmed_a in (0, 6)
    scene.bench.slave.script = lambda number, data: None
    snapshot = scene.run(12, garage=6)
    assert snapshot.grid is not None
    assert snapshot.now.mono_s - snapshot.grid.at_mono_s < 0.2
    assert scene.units[2].holding[1000] == 6


def test_a_unit_knows_whether_it_is_alone(begin: Begin) -> None:
    """BUS-55: only there its gap leaves the line idle."""
    buses = (Bus(name="a", port="far-end"), Bus(name="b", port="other"))
    away = structs.replace(PUMP, bus="b")
    twin = structs.replace(PUMP, name="twin", number=2, module=2, bus="b")
    scene = begin(house(GRID, CAR, away, twin, buses=buses), {1: meter(), 3: meter(), 4: pump()})
    links = {name: device.link for name, device in scene.field._devices.items()}
    assert [links[name].alone for name in ("grid", "car", "pump", "twin")] == [False, False, True, True]
    assert links["pump"] is links["twin"]


def test_one_slow_answer_does_not_keep_a_charger_from_its_setup() -> None:
    """BUS-50, 56: on a full line its setup rows are not left to the room that its worst case finds."""
    units = {1: meter(), 2: controller(), 3: meter(), 4: pump(), 5: inverter()}
    units[2].holding[2000] = 16
    scene = Scene(house(GRID, GARAGE, CAR, PUMP, PV), units)
    garage = scene.field._devices["garage"]
    garage.link.longest_s = 0.4
    ticks = 0
    while not garage.ready and ticks < 30:
        scene.tick(garage=0.0)
        garage.link.longest_s = 0.4
        ticks += 1
    assert ticks <= 15
    assert units[2].holding[2000] == 0
    scene.close()


def test_what_is_believed_outside_its_range_stands_in_the_picture() -> None:
    """BUS-35."""
    units = {1: meter()}
    units[1].input |= floats(6, 400.0, 400.0, 400.0)
    scene = Scene(house(GRID), units)
    seen = [scene.tick().strange for _ in range(4)]
    assert seen[0] == frozenset()
    assert seen[-1] == {"grid.line_a"}
    scene.close()
