"""The second look: when the meters of fuses are asked once more, and what comes of it (CHG-37)."""

from collections.abc import Callable, Iterator

import pytest
from msgspec import structs

from hems.field.budget import LOOK_AFTER_S, READ_S, Pace, poll_plan
from hems.field.profiles import PROFILES
from hems.field.second_look import planned
from hems.model.decision import ChargerCommand, Command
from hems.model.site import Bus, Circuit, Config, Meter
from tests.field.houses import (
    CAR,
    CARPORT,
    GARAGE,
    GRID,
    PUMP,
    PV,
    Scene,
    controller,
    floats,
    house,
    inverter,
    meter,
    pump,
)
from tests.field.wires import Memory, Reply

Begin = Callable[..., Scene]
SLOW = Bus(name="a", port="far-end", baud=2400)
BARN = Circuit(name="barn", fuse_a=(16, 0, 16))
BARN_METER = Meter(name="barn", bus="a", unit=3, profile="eastron-sdm630", role="circuit", circuit="barn")
TOO_MUCH_W = 26 * 230.0
LITTLE_W = 24 * 230.0


@pytest.fixture
def begin() -> Iterator[Begin]:
    scenes: list[Scene] = []

    def made(config: Config, units: dict[int, Memory]) -> Scene:
        scenes.append(Scene(config, units))
        return scenes[-1]

    yield made
    for scene in scenes:
        scene.close()


def requests(scene: Scene, unit: int = 1, address: int = 6) -> list[float]:
    """When in its tick each read of line currents left."""
    start_s = scene.start_s
    return [
        round((at_s - start_s) % 1, 3)
        for at_s, data in scene.bench.slave.requests
        if data[0] == unit and data[1] == 4 and int.from_bytes(data[2:4], "big") == address
    ]


def between(scene: Scene, power_w: float, unit: int = 1) -> None:
    """From now on the meter shows so much on each line."""
    scene.units[unit].input = meter(power_w).input


def overdue(scene: Scene) -> None:
    """All that is slow is due now."""
    for device in scene.field._devices.values():
        for entry in device.planned:
            entry.due_mono_s = 0.0


def test_a_fuses_meter_is_asked_twice_a_tick_nobody_else_is(begin: Begin) -> None:
    """CHG-37, BUS-56: the block with its line currents, at once and in the middle; a car's meter once."""
    scene = begin(house(GRID, CAR, GARAGE), {1: meter(), 2: controller(), 3: meter()})
    scene.run(20, garage=6)
    grid_s, car_s = requests(scene), requests(scene, 3)
    assert len(grid_s) >= 38
    assert len(car_s) == 20
    assert sorted({at_s for at_s in grid_s if at_s >= LOOK_AFTER_S}) == pytest.approx([LOOK_AFTER_S], abs=0.1)
    assert max(scene.read_s) < 0.3


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_line_above_its_fuse_startles_once(begin: Begin, line: int) -> None:
    """CHG-37: from the middle of its tick to the next picture; what a picture has shown startles nobody."""
    fuse_a = [40.0, 40.0, 40.0]
    fuse_a[line] = 25.0
    config = house(GRID)
    site = structs.replace(config.site, main_fuse_a=(fuse_a[0], fuse_a[1], fuse_a[2]))
    scene = begin(structs.replace(config, site=site), {1: meter(LITTLE_W)})
    scene.run(4)
    assert not scene.field.startled
    said = []
    scene.bench.loop.call_at(scene.bench.clock.mono_s() + 0.3, lambda: between(scene, TOO_MUCH_W))
    for _ in range(4):
        scene.tick()
        said.append(scene.field.startled)
    assert said == [True, False, False, False]
    between(scene, LITTLE_W)
    scene.tick()
    scene.bench.loop.call_at(scene.bench.clock.mono_s() + 0.3, lambda: between(scene, TOO_MUCH_W))
    scene.tick()
    assert scene.field.startled, "it was under its fuse again"


def test_what_a_second_look_read_is_a_sample_like_any_other(begin: Begin) -> None:
    """The next picture has it where its own read is lost, with its time and all totals as they were."""
    scene = begin(house(GRID), {1: meter(LITTLE_W)})
    before = scene.run(4).grid
    scene.bench.loop.call_at(scene.bench.clock.mono_s() + 0.3, lambda: between(scene, TOO_MUCH_W))
    scene.tick()
    now_s = scene.bench.clock.mono_s()
    scene.bench.slave.script = lambda number, data: Reply([])
    seen = scene.tick().grid
    assert before is not None
    assert seen is not None
    assert seen.line_a == pytest.approx((26.0, 26.0, 26.0))
    assert 0.4 < now_s - seen.at_mono_s < 0.5
    assert (seen.import_wh, seen.export_wh) == (before.import_wh, before.export_wh)


def test_a_circuits_meter_is_looked_at_too(begin: Begin) -> None:
    """CHG-30: 20 A are too much on the lines of the barn that have a fuse of 16 A."""
    config = structs.replace(house(GRID, BARN_METER), circuits=(BARN,))
    scene = begin(config, {1: meter(), 3: meter()})
    scene.run(4)
    scene.bench.loop.call_at(scene.bench.clock.mono_s() + 0.3, lambda: between(scene, 20 * 230.0, 3))
    scene.tick()
    assert scene.field.startled


def test_a_line_without_a_fuse_startles_nobody(begin: Begin) -> None:
    free = structs.replace(BARN, fuse_a=(0, 0, 0))
    config = structs.replace(house(GRID, BARN_METER), circuits=(free,))
    scene = begin(config, {1: meter(), 3: meter(0)})
    scene.run(4)
    scene.bench.loop.call_at(scene.bench.clock.mono_s() + 0.3, lambda: between(scene, 90 * 230.0, 3))
    scene.tick()
    assert not scene.field.startled


def test_silence_in_the_middle_of_a_tick_is_no_absence(begin: Begin) -> None:
    """BUS-30: whoever answers once a tick is there and asked first, however deaf it is in its middle."""
    scene = begin(house(GRID, CAR, GARAGE), {1: meter(), 2: controller(), 3: meter()})
    scene.run(4)
    start_s = scene.start_s

    def deaf(number: int, data: bytes) -> Reply | None:
        return Reply([]) if (scene.bench.clock.mono_s() - start_s) % 1 > 0.4 else None

    scene.bench.slave.script = deaf
    for _ in range(20):
        number = len(scene.bench.slave.requests)
        seen = scene.tick(garage=6).grid
        assert seen is not None
        assert seen.at_mono_s >= scene.bench.clock.mono_s() - 1
        assert scene.bench.slave.requests[number][1][0] == 1
    assert scene.field.health(scene.bench.clock.now()).devices["grid"].back_off_s == 0


def test_who_was_silent_in_its_tick_is_not_asked_again_in_it(begin: Begin) -> None:
    scene = begin(house(GRID), {1: meter()})
    scene.run(4)
    scene.bench.slave.script = lambda number, data: Reply([])
    number = len(scene.bench.slave.requests)
    scene.tick()
    assert len(scene.bench.slave.requests) == number + 1


def test_who_is_not_believed_is_not_asked_again_in_its_tick(begin: Begin) -> None:
    """BUS-35: what must come three times in a row comes in three ticks."""
    scene = begin(house(GRID), {1: meter()})
    scene.run(4)
    scene.units[1].input = meter().input | floats(12, 90_000.0, 90_000.0, 90_000.0)
    number = len(requests(scene))
    powers = [seen.power_w for seen in (scene.tick().grid for _ in range(3)) if seen]
    assert powers == [3000, 3000, 270_000]
    assert len(requests(scene)) == number + 3


def test_a_full_line_leaves_it_out(begin: Begin) -> None:
    """BUS-56: at 2,400 baud there is no room: not one look, not one late picture."""
    config = house(GRID, buses=(SLOW,))
    scene = begin(config, {1: meter()})
    scene.bench.slave.think_s = 0.06
    scene.run(20)
    assert len(requests(scene)) == 20
    assert max(scene.read_s) < READ_S
    assert planned(config, poll_plan(config, PROFILES)[0]) == ()


def test_what_is_slow_keeps_its_turn(begin: Begin) -> None:
    """BUS-56: the same slow reads as ever beside a second look in nearly every tick, on a busy line."""
    units = {1: meter(), 2: controller(), 3: meter(), 4: pump(), 5: inverter(), 6: controller()}
    scene = begin(house(GRID, CAR, PV, GARAGE, CARPORT, PUMP), units)
    scene.run(60, garage=6, carport=6)
    since_s = scene.bench.clock.mono_s()
    scene.run(60, garage=6, carport=6)
    for unit, times in ((4, 30), (5, 30)):
        assert len(scene.asked(unit, since_s)) >= times
    assert max(scene.read_s) < 0.35
    assert len([at_s for at_s in requests(scene) if at_s >= LOOK_AFTER_S]) > 60


def test_a_lowering_in_the_middle_of_a_tick_goes_first(begin: Begin) -> None:
    """CHG-32: while a write waits nothing is looked at again."""
    scene = begin(house(GRID, GARAGE), {1: meter(), 2: controller()})
    scene.run(4, garage=16)
    now = scene.bench.clock.now()
    scene.field.read(now)
    scene.bench.loop.run_until(now.mono_s + 0.5)
    number = len(scene.bench.slave.requests)
    assert scene.bench.slave.requests[-1][0] < now.mono_s + 0.4, "nothing before the decision"
    scene.field.act(Command({"garage": ChargerCommand(6, True)}), scene.bench.clock.now())
    scene.bench.loop.run_until(now.mono_s + 1)
    assert scene.bench.slave.requests[number][1][:2] == bytes((2, 16))


def test_a_look_that_startles_leaves_the_line_free(begin: Begin) -> None:
    """CHG-37: nothing slow begins before the tick that comes at once."""
    scene = begin(house(GRID, PUMP, PV), {1: meter(LITTLE_W), 4: pump(), 5: inverter()})
    scene.run(6)
    for _ in range(3):
        between(scene, LITTLE_W)
        scene.tick()
        now_s = scene.bench.clock.mono_s()
        scene.bench.loop.call_at(now_s + 0.2, lambda: between(scene, TOO_MUCH_W))
        scene.bench.loop.call_at(now_s + LOOK_AFTER_S + 0.01, lambda: overdue(scene))
        scene.tick()
        assert scene.field.startled
        last = scene.bench.slave.requests[-1]
        assert last[1][0] == 1
        assert last[0] < now_s + 0.7


def test_a_house_without_a_fuses_meter_on_a_line_has_no_plan_for_one() -> None:
    buses = (Bus(name="a", port="far-end"), Bus(name="b", port="other-end"))
    apart = structs.replace(PV, bus="b")
    config = house(GRID, apart, buses=buses)
    first, second = poll_plan(config, PROFILES)
    looks = planned(config, first)
    assert looks is not None
    assert [(row.device, row.block.address) for row in looks] == [("grid", 6)]
    assert planned(config, second) is None
    assert planned(config, first, {"grid": Pace(0.25)}) == ()


def test_of_several_only_those_are_planned_that_fit() -> None:
    """One after the other: what the first needs is no room for the second."""
    barns = [structs.replace(BARN_METER, name=f"barn{i}", unit=10 + i, circuit=f"barn{i}") for i in range(4)]
    config = structs.replace(
        house(GRID, *barns),
        circuits=tuple(structs.replace(BARN, name=f"barn{i}") for i in range(4)),
    )
    looks = planned(config, poll_plan(config, PROFILES)[0])
    assert looks is not None
    assert [row.device for row in looks] == ["grid", "barn0", "barn1"]
