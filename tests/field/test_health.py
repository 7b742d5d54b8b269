"""What the wires' counters mean, over a scripted line in virtual time: BUS-80, 81, fault rows 23 and 24."""

from collections.abc import Callable, Iterator

import pytest
from msgspec import structs

from hems.field.budget import LOOK_AFTER_S
from hems.field.link import Link
from hems.field.profile import Limits
from hems.model.site import Bus, Charger, Config, Meter
from hems.model.view import FieldHealth
from tests.field.houses import (
    CAR,
    GARAGE,
    GRID,
    PUMP,
    PV,
    Scene,
    box,
    controller,
    house,
    inverter,
    meter,
    pump,
)
from tests.field.wires import Memory, Reply, answer, framed

Begin = Callable[..., Scene]
LINE = Bus(name="a", port="far-end", echo="no")
OTHER = Bus(name="b", port="other", echo="no")
FOREIGN = bytes.fromhex("110300000002c69b")
"""Another master asks unit 17."""


@pytest.fixture
def begin() -> Iterator[Begin]:
    scenes: list[Scene] = []

    def made(config: Config, units: dict[int, Memory]) -> Scene:
        scenes.append(Scene(config, units))
        return scenes[-1]

    yield made
    for scene in scenes:
        scene.close()


def told(scene: Scene) -> FieldHealth:
    return scene.field.health(scene.bench.clock.now())


def spoil(scene: Scene, units: set[int], every: int, change: Callable[[bytes], Reply]) -> None:
    """Every so many answers of these units are changed."""
    asked = dict.fromkeys(units, 0)

    def script(number: int, data: bytes) -> Reply | None:
        if data[0] not in units:
            return None
        asked[data[0]] += 1
        honest = answer(scene.units[data[0]], data, 0.0)
        return None if asked[data[0]] % every or honest is None else change(honest)

    scene.bench.slave.script = script


def flipped(honest: bytes) -> Reply:
    return Reply([(0.02, honest[:-1] + bytes((honest[-1] ^ 0x40,)))])


def cut(honest: bytes) -> Reply:
    return Reply([(0.02, honest[:-3])])


def lost(honest: bytes) -> Reply:
    return Reply([])


def test_the_load_is_that_of_the_last_minute(begin: Begin) -> None:
    """What a line is busy with now counts, not what it was busy with an hour ago (BUS-80)."""
    scene = begin(house(GRID, GARAGE, buses=(LINE,)), {1: meter(), 2: controller()})
    assert told(scene).buses["a"].load_pct == 0
    scene.run(61)
    both = told(scene).buses["a"]
    assert 10 < both.load_pct < 40
    assert 3.0 < both.exchanges_per_s < 4.0
    scene.slaves["a"].close()
    scene.slaves["a"].absent = True
    scene.run(60)
    gone = told(scene).buses["a"]
    assert gone.load_pct < 2
    assert gone.exchanges_per_s < 0.2


def test_everything_of_a_device(begin: Begin) -> None:
    """BUS-80: latencies up to the longest, gaps in force, its last fast values, its setting's echo."""
    scene = begin(house(GRID, GARAGE, buses=(LINE,)), {1: meter(), 2: controller()})
    scene.run(5)
    health = told(scene)
    grid = health.devices["grid"]
    assert grid.latency_p50_ms == pytest.approx(21, abs=5)
    assert grid.latency_p99_ms is not None
    assert grid.latency_max_ms is not None
    assert grid.latency_max_ms == pytest.approx(21, abs=2)
    assert (grid.gap_ms, grid.turn_ms, grid.asleep, grid.warning) == (100.0, 0.0, False, "")
    assert grid.last_good_mono_s is not None
    read_s = scene.start_s + 4
    assert read_s + LOOK_AFTER_S < grid.last_good_mono_s < read_s + LOOK_AFTER_S + 0.2
    assert not health.buses["a"].echo
    echoing = begin(house(GRID, buses=(Bus(name="a", port="far-end", echo="yes"),)), {1: meter()})
    assert told(echoing).buses["a"].echo


def test_slow_values_do_not_make_fast_ones_young(begin: Begin) -> None:
    """BUS-80: the age of the last good fast value."""
    scene = begin(house(GRID, buses=(LINE,)), {1: meter()})
    scene.run(3)
    scene.units[1].refuse[6] = 4
    scene.run(10)
    age_s = scene.bench.clock.mono_s() - (told(scene).devices["grid"].last_good_mono_s or 0)
    assert 9 < age_s < 11.1


@pytest.mark.parametrize(
    ("units", "change", "warned", "words"),
    [
        ({1}, flipped, {"grid"}, "two devices with this id? or its gap too short"),
        ({1, 2, 3}, flipped, {"grid", "garage", "car"}, "all devices of its line have them: termination"),
        ({3}, cut, {"car"}, "answers break off: USB latency too long?"),
        ({2}, lost, {"garage"}, "only after a change of unit: turn time too short?"),
    ],
)
def test_errors_are_told_with_their_likely_cause(
    begin: Begin, units: set[int], change: Callable[[bytes], Reply], warned: set[str], words: str
) -> None:
    """BUS-81, row 24: more than 1 % within ten minutes."""
    scene = begin(house(GRID, CAR, GARAGE, buses=(LINE,)), {1: meter(), 2: controller(), 3: meter()})
    spoil(scene, units, 11, change)
    scene.run(122)
    devices = told(scene).devices
    assert {name for name, device in devices.items() if device.warning} == warned
    assert all(words in devices[name].warning for name in warned)
    assert ("termination" in told(scene).buses["a"].words) is (len(warned) == 3)


def test_the_roles_of_one_device_are_one_to_blame(begin: Begin) -> None:
    """BUS-81: a controller with two modules is one device, not all of a line."""
    twin = structs.replace(PUMP, name="twin", number=2, module=2)
    scene = begin(
        house(structs.replace(GRID, bus="b"), PUMP, twin, buses=(LINE, OTHER)), {1: meter(), 4: pump()}
    )
    scene.units[4].holding |= {100 + at: value for at, value in scene.units[4].holding.items()}
    spoil(scene, {4}, 5, flipped)
    scene.run(122)
    assert scene.field.health(scene.bench.clock.now()).devices["grid"].warning == ""
    for name in ("pump", "twin"):
        assert "two devices with this id?" in told(scene).devices[name].warning
    assert told(scene).buses["a"].words == ""


def test_a_warning_goes_when_the_errors_have_stopped_for_ten_minutes(begin: Begin) -> None:
    scene = begin(house(GRID, buses=(LINE,)), {1: meter()})
    spoil(scene, {1}, 11, flipped)
    scene.run(121)
    spoil(scene, set(), 1, lost)
    scene.run(240)
    assert told(scene).devices["grid"].warning != ""
    scene.run(60 * 7)
    assert told(scene).devices["grid"].warning == ""


def test_frames_nobody_asked_for_mean_another_master(begin: Begin) -> None:
    """Row 23: alarm above five sound frames in 60 s."""
    scene = begin(house(GRID, buses=(LINE,)), {1: meter()})
    scene.run(3)
    for i in range(6):
        scene.bench.slave.send_at(scene.bench.clock.mono_s() + 0.9, FOREIGN)
        scene.run(1)
        assert ("another master" in told(scene).buses["a"].words) is (i == 5)
    scene.run(61)
    assert told(scene).buses["a"].words == ""


def test_a_model_of_unusual_length_is_told(begin: Begin) -> None:
    """BUS-66"""
    scene = begin(house(GRID, PV, buses=(LINE,)), {1: meter(), 5: inverter()})
    scene.run(6)
    assert "unusual length" not in told(scene).devices["pv"].words
    scene.units[5].holding[40_071] = 48
    scene.units[5].holding |= {40_120 + i: 0xFFFF for i in range(3)}
    scene.units[5].mute = True
    scene.run(8)
    scene.units[5].mute = False
    scene.run(40)
    assert told(scene).devices["pv"].words == "unusual length of model 103"


def test_an_absent_line_says_only_why(begin: Begin) -> None:
    scene = begin(house(GRID, buses=(LINE,)), {1: meter()})
    spoil(scene, {1}, 3, flipped)
    scene.run(70)
    for _ in range(6):
        scene.bench.slave.send_at(scene.bench.clock.mono_s() + 0.9, FOREIGN)
        scene.run(1)
    assert "another master" in told(scene).buses["a"].words
    assert told(scene).devices["grid"].warning != ""
    scene.slaves["a"].absent = True
    scene.slaves["a"].close()
    scene.run(2)
    health = told(scene)
    assert health.buses["a"].words == "far-end: no such file or directory"
    assert (health.devices["grid"].words, health.devices["grid"].warning) == ("", "")


def test_only_lost_requests_after_a_change_of_unit_count_as_such() -> None:
    link = Link(1, Limits())
    link.ended(turned=True, missed=True)
    link.ended(turned=True, missed=False)
    link.ended(turned=True, missed=True)
    assert link.turned_lost == 2


def test_a_crowded_line_is_told(begin: Begin) -> None:
    """BUS-81: load above 85 %."""
    crowded = Bus(name="a", port="far-end", baud=1200, echo="no")
    third = Meter(name="m", bus="a", unit=4, profile=GRID.profile, role="pv")
    scene = begin(house(GRID, CAR, third, buses=(crowded,)), {1: meter(), 3: meter(), 4: meter()})
    scene.run(70)
    assert "load above 85 %" in told(scene).buses["a"].words


def test_what_is_wrong_with_an_adapter_is_told(begin: Begin) -> None:
    """BUS-85"""
    scene = begin(house(GRID, buses=(LINE,)), {1: meter()})
    scene.field._agendas[0].line.counts.warning = "its latency timer is 16 ms"
    assert told(scene).buses["a"].words == "its latency timer is 16 ms"


def test_standby_is_told(begin: Begin) -> None:
    """BUS-43: silent, as it may be with no car; with a car it is only silent."""
    sleeper = Charger(name="box", number=1, bus="a", unit=2, profile="heidelberg-energy-control")
    for status, asleep in ((2, True), (4, False)):
        scene = begin(house(GRID, sleeper, buses=(LINE,)), {1: meter(), 2: box()})
        scene.units[2].input[5] = status
        scene.run(5)
        scene.units[2].mute = True
        scene.run(5)
        assert told(scene).devices["box"].asleep is asleep


@pytest.mark.parametrize(
    ("change", "meaning"),
    [
        (flipped, "broken check sums: two devices with this id?"),
        (cut, "its answers break off"),
        (lambda _: Reply([(0.02, framed("018404"))]), "it refuses what it is asked: its profile right?"),
    ],
)
def test_old_fast_values_are_told_at_once_with_their_last_errors(
    begin: Begin, change: Callable[[bytes], Reply], meaning: str
) -> None:
    """Nobody waits ten minutes for the reason why a meter is lost; the words stay the same meanwhile."""
    scene = begin(house(GRID, CAR, buses=(LINE,)), {1: meter(), 3: meter()})
    scene.run(30)
    spoil(scene, {1}, 1, change)
    scene.run(4)
    assert told(scene).devices["grid"].words == ""
    scene.run(4)
    said = {told(scene).devices["grid"].words}
    for _ in range(10):
        scene.run(1)
        said.add(told(scene).devices["grid"].words)
    assert any(f"no good answer for 5 s: {meaning}" in words for words in said)
    assert told(scene).devices["car"].words == ""
    spoil(scene, set(), 1, lost)
    scene.run(70)
    assert told(scene).devices["grid"].words == ""


def test_who_is_silent_and_left_alone_is_only_called_silent(begin: Begin) -> None:
    scene = begin(house(GRID, CAR, buses=(LINE,)), {1: meter(), 3: meter()})
    scene.run(30)
    scene.units[3].mute = True
    scene.run(10)
    assert told(scene).devices["car"].words.startswith("silent, asked again in")
    assert "no good answer" not in told(scene).devices["car"].words


def test_a_share_of_answers_is_never_slower_than_the_slowest(begin: Begin) -> None:
    """The steps of the histogram are wide: none of them may exceed the longest of all."""
    scene = begin(house(GRID, buses=(LINE,)), {1: meter()})
    scene.run(20)
    grid = told(scene).devices["grid"]
    found = [grid.latency_p50_ms, grid.latency_p95_ms, grid.latency_p99_ms, grid.latency_max_ms]
    known = [at_ms for at_ms in found if at_ms is not None]
    assert len(known) == 4
    assert known == sorted(known)


def test_a_setup_under_way_is_no_trouble(begin: Begin) -> None:
    """For 20 s after its first answer a device may take to be set up; then it is told."""
    scene = begin(house(GRID, GARAGE, buses=(LINE,)), {1: meter(), 2: controller()})
    scene.units[2].refuse[2000] = 4
    scene.run(18)
    assert (told(scene).devices["garage"].words, told(scene).devices["garage"].set_up) == ("", False)
    scene.run(6)
    assert "setup not confirmed" in told(scene).devices["garage"].words
    assert told(scene).devices["grid"].set_up
