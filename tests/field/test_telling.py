"""What devices are told, over a scripted line in virtual time: BUS-34, 45..50, fault rows 18, 21, 32, 33."""

import itertools
from collections.abc import Callable, Iterator

import pytest

from hems.model.decision import ChargerCommand, Command
from hems.model.site import Bus, Charger, Config, Meter
from tests.field.houses import GARAGE, GRID, PUMP, Scene, box, controller, floats, house, meter, pump, words
from tests.field.wires import Memory, Reply

Begin = Callable[..., Scene]

AMTRON = Charger(name="amtron", number=1, bus="a", unit=50, profile="mennekes-amtron-compact")
PHOENIX = Charger(name="phoenix", number=2, bus="a", unit=9, profile="phoenix-ev-cc", accept_no_failsafe=True)
DELTA = Charger(name="delta", number=3, bus="a", unit=8, profile="delta-ac-max", lines=("L1", "L2", "L3"))
BOX = Charger(name="box", number=4, bus="a", unit=2, profile="heidelberg-energy-control")
NAMED = Meter(name="grid", bus="a", unit=1, profile="gavazzi-em24", role="grid")
FULL, NONE = 0x4180_0000, 0


@pytest.fixture
def begin() -> Iterator[Begin]:
    scenes: list[Scene] = []

    def made(config: Config, units: dict[int, Memory]) -> Scene:
        scenes.append(Scene(config, units))
        return scenes[-1]

    yield made
    for scene in scenes:
        scene.close()


def amtron() -> Memory:
    """Layout 1.0.3, a hardware current of 16 A, a car connected."""
    still = words(256, 2) | words(1850, 1) | words(3333, 0) | floats(770, 0) | floats(774, 16)
    return Memory(holding=still | floats(1280, 0, 0, 0) | floats(1298, 0) | floats(4096, 5))


def words_of(scene: Scene, name: str) -> str:
    return scene.field.health(scene.bench.clock.now()).devices[name].words


def test_current_then_release_then_pause(begin: Begin) -> None:
    """BUS-46: two requests to charge, one to pause, each confirmed within two ticks."""
    scene = begin(house(GRID, AMTRON), {1: meter(), 50: amtron()})
    scene.run(4, amtron=0)
    seen = scene.run(3, amtron=16)
    reading = seen.chargers["amtron"]
    told = [write for write in scene.writes(50) if write[0] != 3328]
    assert told[-2:] == [(770, FULL), (3333, 1)]
    assert {value for address, value in told if address == 770} == {FULL}
    assert (reading.acknowledged_a, reading.confirmed_a, reading.unsure) == (16, 16, False)
    seen = scene.run(3, amtron=0)
    reading = seen.chargers["amtron"]
    assert (reading.acknowledged_a, reading.confirmed_a, reading.highest_a) == (0, 0, 0)
    assert scene.writes(50)[-1][0] in (3333, 3328)
    assert scene.units[50].holding[3333] == 0
    assert words_of(scene, "amtron") == ""


def test_the_heart_beats_from_the_first_tick_on(begin: Begin) -> None:
    """BUS-47: never more than 5 s apart, with one in between lost."""
    scene = begin(house(GRID, AMTRON), {1: meter(), 50: amtron()})
    lost: list[int] = []

    def lose_one(number: int, data: bytes) -> Reply | None:
        if data[:4] == bytes((50, 6, 0x0D, 0x00)) and scene.ticks > 12 and not lost:
            lost.append(number)
            return Reply([])
        return None

    scene.bench.slave.script = lose_one
    scene.run(30, amtron=6)
    beats = [at_s for at_s, address, value in scene.units[50].writes if (address, value) == (3328, 0x55AA)]
    assert beats[0] < scene.start_s + 1
    gaps = [after - before for before, after in itertools.pairwise(beats)]
    assert lost
    assert max(gaps) < 0.8 * 10
    assert sorted(gaps)[-2] <= 5.0


def test_a_release_that_is_refused_books_what_may_flow(begin: Begin) -> None:
    """The charger took the current; whether it is released is not known before it is read."""
    scene = begin(house(GRID, AMTRON), {1: meter(), 50: amtron()})
    scene.run(4, amtron=0)
    scene.units[50].refuse[3333] = 4
    seen = scene.run(2, amtron=16)
    reading = seen.chargers["amtron"]
    assert (reading.highest_a, reading.unsure, reading.acknowledged_a) == (16, True, 0)
    del scene.units[50].refuse[3333]
    seen = scene.run(4, amtron=16)
    assert seen.chargers["amtron"].acknowledged_a == 16


def test_a_coil_releases_another_kind(begin: Begin) -> None:
    holding = words(22000, 0) | words(24000, 0x4231, 32) | words(4000, 3)
    scene = begin(house(GRID, PHOENIX), {1: meter(), 9: Memory(holding=holding)})
    scene.run(4, phoenix=0)
    scene.run(3, phoenix=16)
    assert scene.writes(9)[-2:] == [(22000, 16), (20000, 1)]
    assert scene.units[9].coils == {20000: 1}
    seen = scene.run(3, phoenix=0)
    assert scene.units[9].coils == {20000: 0}
    assert (seen.chargers["phoenix"].confirmed_a, words_of(scene, "phoenix")) == (0, "")


def test_watts_of_all_lines_are_told_and_read_back_in_ampere(begin: Begin) -> None:
    held = words(201, 1, 15, 0, 0) | words(1600, 0, 0, 1)
    memory = Memory(input=words(1001, 3) | words(1005, 0, 0), holding=held)
    scene = begin(
        house(GRID, DELTA, buses=(Bus(name="a", port="far-end", baud=115200),)), {1: meter(), 8: memory}
    )
    scene.run(4, delta=0)
    seen = scene.run(3, delta=10.13)
    assert scene.writes(8)[-2:] == [(1600, 10 * 690 + 69), (1602, 0)]
    assert seen.chargers["delta"].confirmed_a == pytest.approx(10.1)
    assert words_of(scene, "delta") == ""


@pytest.mark.parametrize("silent_s", [0, 1, 2])
def test_a_restarted_box_is_set_up_and_told_again_within_three_ticks(begin: Begin, silent_s: int) -> None:
    """Row 32: its volatile current is gone and its standby is back."""
    bus = Bus(name="a", port="far-end", baud=19200, parity="E")
    scene = begin(house(GRID, BOX, buses=(bus,)), {1: meter(), 2: box()})
    scene.run(6, box=0)
    scene.run(30, box=10)
    assert scene.units[2].holding[261] == 100
    scene.units[2].mute = True
    for _ in range(silent_s):
        scene.tick(box=10)
    scene.units[2].mute = False
    scene.units[2].holding.update({261: 0, 258: 0})
    back_s = scene.bench.clock.mono_s()
    scene.run(16, box=10)
    again = [(at_s, address) for at_s, address, _ in scene.units[2].writes if at_s >= back_s]
    assert [address for _, address in again[:2]] == [258, 261]
    assert (scene.units[2].holding[258], scene.units[2].holding[261]) == (4, 100)
    found = again[1][0]
    asked = [
        at_s
        for at_s, data in scene.bench.slave.requests
        if data[:4] == bytes((2, 3, 1, 5)) and at_s >= back_s
    ]
    assert found - asked[0] < 3
    if silent_s < 2:
        assert found - back_s < (3 if silent_s else 8 + 3)


def test_a_watchdog_is_announced_while_a_device_still_answers(begin: Begin) -> None:
    """Row 33: the heartbeat is refused for 8 s of 10 s."""
    scene = begin(house(GRID, AMTRON), {1: meter(), 50: amtron()})
    scene.run(4, amtron=6)
    scene.units[50].refuse[3328] = 4
    beaten_s = max(at_s for at_s, address, _ in scene.units[50].writes if address == 3328)
    for _ in range(12):
        scene.tick(amtron=6)
        starving = "its own watchdog is about to act" in words_of(scene, "amtron")
        assert starving == (scene.bench.clock.mono_s() - beaten_s > 8.05)
    del scene.units[50].refuse[3328]
    scene.run(2, amtron=6)
    assert words_of(scene, "amtron") == ""


def test_a_pump_gets_its_surplus_every_nine_seconds_after_the_chargers(begin: Begin) -> None:
    """CHG-100, BUS-45: function 16 for one register; never a 0 between."""
    scene = begin(house(GRID, GARAGE, PUMP), {1: meter(), 2: controller(), 4: pump()})
    for tick in range(30):
        now = scene.bench.clock.now()
        scene.field.read(now)
        power_w = {"pump": 1000.0 + tick} if tick < 25 else {}
        chargers = {"garage": ChargerCommand(6 if tick else 0, True)}
        scene.field.act(Command(chargers, power_w), scene.bench.clock.now())
        scene.ticks += 1
        scene.bench.loop.run_until(scene.start_s + scene.ticks)
    told = [(at_s - scene.start_s, value) for at_s, address, value in scene.units[4].writes if address == 102]
    assert (told[0][1], len(told)) == (1000, 3)
    gaps = [after - before for (before, _), (after, _) in itertools.pairwise(told)]
    assert all(9 <= gap < 11 for gap in gaps)
    assert told[-1][0] < 26
    assert all(1000 <= value < 1025 for _, value in told)
    functions = {data[1] for _, data in scene.bench.slave.requests if data[0] == 4 and data[1] > 4}
    assert functions == {16}


def offered(scene: Scene, ticks: int) -> None:
    """So many ticks in which a pump is told 1500 W."""
    for _ in range(ticks):
        scene.field.read(scene.bench.clock.now())
        scene.field.act(Command(surplus_w={"pump": 1500.0}), scene.bench.clock.now())
        scene.ticks += 1
        scene.bench.loop.run_until(scene.start_s + scene.ticks)


def test_a_pump_that_does_not_keep_its_surplus_is_spoken_of(begin: Begin) -> None:
    """CHG-100: read back once a minute where it was written; it goes on being told."""
    scene = begin(house(GRID, PUMP), {1: meter(), 4: pump()})
    offered(scene, 100)
    asked = [data for _, data in scene.bench.slave.requests if data[:4] == bytes.fromhex("04030066")]
    assert (len(asked), words_of(scene, "pump")) == (2, "")
    scene.units[4].holding[102] = 0
    scene.units[4].deaf.add(102)
    offered(scene, 130)
    assert words_of(scene, "pump") == "does not keep the surplus it is told"
    health = scene.field.health(scene.bench.clock.now()).devices["pump"]
    assert health.errors == {"not_taken": 2}
    last_s = max(at_s for at_s, address, _ in scene.units[4].writes if address == 102)
    assert scene.bench.clock.mono_s() - last_s < 11.0
    scene.units[4].deaf.clear()
    offered(scene, 70)
    assert words_of(scene, "pump") == ""


def test_a_box_that_falls_asleep_says_so(begin: Begin) -> None:
    """BUS-43: no car, then silence; it is present without current."""
    bus = Bus(name="a", port="far-end", baud=19200, parity="E")
    scene = begin(house(GRID, BOX, buses=(bus,)), {1: meter(), 2: box()})
    scene.units[2].input[5] = 2
    seen = scene.run(6, box=0)
    assert (seen.chargers["box"].status, seen.chargers["box"].asleep) == ("A", False)
    scene.units[2].mute = True
    seen = scene.run(6, box=0)
    assert (seen.chargers["box"].status, seen.chargers["box"].asleep) == ("A", True)
    assert words_of(scene, "box") == "asleep, no car, asked again in 10 s"
    scene.units[2].mute = False
    assert not scene.run(14, box=0).chargers["box"].asleep


def test_an_echo_taken_for_an_acknowledgement_is_caught(begin: Begin) -> None:
    """Row 21: writes come back as they were sent, but nobody took them."""
    bus = Bus(name="a", port="far-end", baud=19200, parity="E")
    scene = begin(house(GRID, BOX, buses=(bus,)), {1: meter(), 2: box()})
    scene.run(8, box=0)

    def echo(number: int, data: bytes) -> Reply | None:
        return Reply([(0.02, data)]) if data[:2] == bytes((2, 6)) else None

    scene.bench.slave.script = echo
    scene.tick(box=10)
    seen = scene.run(2, box=10)
    assert seen.chargers["box"].confirmed_a == 0
    assert scene.field.health(scene.bench.clock.now()).devices["box"].errors["not_taken"] >= 1
    assert "holds another current than it was told" in words_of(scene, "box")


def test_another_product_is_not_believed(begin: Begin) -> None:
    """A meter whose model is not the profile's: nothing of it is used, and the words say what to check."""
    holding = dict.fromkeys(range(100), 7)
    scene = begin(house(NAMED), {1: Memory(holding=dict(holding), input=dict(holding))})
    seen = scene.run(5)
    assert seen.grid is None
    assert "answers as another product; check the unit id or the profile" in words_of(scene, "grid")
    scene.units[1].holding[11] = 72
    scene.run(62)
    assert scene.tick().grid is not None
