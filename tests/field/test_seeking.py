"""A search for devices in a running field (BUS-70, 71, 73): the line leaves, is searched, and comes back."""

from dataclasses import replace
from itertools import pairwise

import pytest
from msgspec import structs

from hems.field.pairs import all_pairs
from hems.field.profiles import PROFILES
from hems.field.scan import LISTEN_S
from hems.field.setting import SETTINGS
from hems.model.decision import ChargerCommand, Command, SearchOrder
from hems.model.settings import Manner, SearchMark
from hems.model.site import Bus
from hems.model.snapshot import SearchReading, Snapshot
from hems.model.view import FieldHealth, SearchHealth
from tests.field.houses import CARPORT, GARAGE, GRID, Scene, controller, house, inverter, meter
from tests.field.wires import Memory, Reply, framed

READS = {1, 2, 3, 4}
FULL = SearchOrder("a", "full")
LIVE = SearchOrder("a", "live")
ELSEWHERE = SearchOrder("b", "full")
TWO = (Bus(name="a", port="far-end", echo="no"), Bus(name="b", port="other-end", echo="no"))


def scene() -> Scene:
    """A grid meter and a charger on a line on which there are two strangers (5 and 9), too."""
    units: dict[int, Memory] = {1: meter(), 2: controller(), 9: controller(), 5: inverter()}
    found = Scene(house(GRID, GARAGE, buses=(TWO[0],)), units)
    found.run(5, garage=0)
    return found


def tick(stage: Scene, order: SearchOrder | None) -> Snapshot:
    """One tick with the chargers at 0 A, the line handed over or not."""
    now = stage.bench.clock.now()
    snapshot = stage.field.read(now)
    told = {charger.name: ChargerCommand(0.0, relay_closed=False) for charger in (GARAGE, CARPORT)}
    stage.field.act(Command(told, search=order), stage.bench.clock.now())
    stage.ticks += 1
    stage.bench.loop.run_until(stage.start_s + stage.ticks)
    return snapshot


def until_ended(stage: Scene, order: SearchOrder, most: int = 700) -> list[SearchReading]:
    """Tick until the search has ended; what was read of it in each tick."""
    readings = []
    for _ in range(most):
        tick(stage, order)
        readings.append(reading(stage))
        if readings[-1].ended:
            return readings
    raise AssertionError(f"no end: {readings[-1]}")


def reading(stage: Scene) -> SearchReading:
    found = stage.field._seeking.reading()
    assert found is not None
    return found


def health(stage: Scene) -> SearchHealth:
    found = stage.field.health(stage.bench.clock.now()).search
    assert found is not None
    return found


def wires(stage: Scene) -> FieldHealth:
    return stage.field.health(stage.bench.clock.now())


def asked_since(stage: Scene, at_s: float) -> list[bytes]:
    return [data for sent_s, data in stage.bench.slave.requests if sent_s >= at_s]


def test_without_an_order_there_is_no_search() -> None:
    stage = scene()
    assert tick(stage, None).search is None
    assert wires(stage).search is None
    tick(stage, ELSEWHERE)
    assert wires(stage).search is None, "there is no such line"
    stage.close()


def test_the_line_leaves_control_is_searched_and_returns() -> None:
    """BUS-70, 71: reads only; everyone is found, and within a second its devices are read again."""
    stage = scene()
    begun_s = stage.bench.clock.mono_s()
    tick(stage, FULL)
    assert wires(stage).buses["a"].stage == "absent"
    assert wires(stage).buses["a"].words == "is searched for devices"
    readings = until_ended(stage, FULL)
    during = asked_since(stage, begun_s + 0.5)
    sent_s = [at_s for at_s, _ in stage.bench.slave.requests if at_s >= begun_s]
    assert max(later - sooner for sooner, later in pairwise(sent_s)) >= LISTEN_S + 0.6
    assert {data[1] for data in during} <= READS
    assert {one.unit for one in health(stage).found} == {1, 2, 5, 9}
    known = {one.unit: one.products[:1] for one in health(stage).found}
    assert (known[2], known[9]) == (("evse-wb",), ("evse-wb",))
    assert [one.words for one in health(stage).found if one.unit == 9] == [""]
    assert readings[-1] == SearchReading("a", ended=True, mark=None, found=len(health(stage).found))
    ends_s = stage.bench.clock.mono_s()
    snapshot = tick(stage, None)
    assert snapshot.grid is not None
    assert snapshot.grid.at_mono_s >= ends_s - 1
    assert wires(stage).buses["a"].words == ""
    stage.run(5, garage=6)
    assert stage.writes(2)[-1][1] == 6, "it obeys again"
    stage.close()


def test_progress_is_pair_n_of_m_and_seconds_left() -> None:
    """BUS-73."""
    stage = scene()
    stage.field.act(Command(search=FULL), stage.bench.clock.now())
    before = health(stage)
    assert (before.at, before.of, before.ended) == (0, 0, False), "nobody is asked yet"
    for _ in range(6):
        tick(stage, FULL)
    early = health(stage)
    for _ in range(5):
        tick(stage, FULL)
    later = health(stage)
    assert (early.bus, early.manner, early.words) == ("a", "full", "")
    assert 0 < early.at < later.at < later.of
    assert 0 < later.seconds_left < early.seconds_left
    stage.close()


@pytest.mark.parametrize("ticks", [1, 2, 4, 9, 30, 60])
def test_broken_off_it_awaits_the_answer_under_way(ticks: int) -> None:
    """BUS-71, BUS-30: the line is at work within a second, and no late answer is taken for another."""
    stage = scene()
    for _ in range(ticks):
        tick(stage, FULL)
    told_s = stage.bench.clock.mono_s()
    tick(stage, None)
    assert stage.field._agendas[0].line.stage != "absent"
    assert stage.field._agendas[0].line.since_mono_s - told_s <= 1
    back = tick(stage, None)
    assert back.grid is not None
    assert back.grid.at_mono_s >= told_s + 1
    assert reading(stage).ended
    kept = reading(stage)
    tick(stage, None)
    assert reading(stage) == kept
    stage.close()


@pytest.mark.parametrize("after_s", [0.0, 0.2, 0.5])
@pytest.mark.parametrize("order", [FULL, LIVE])
def test_broken_off_before_it_has_begun(order: SearchOrder, after_s: float) -> None:
    stage = scene()
    stage.field.act(Command(search=order), stage.bench.clock.now())
    stage.bench.run(after_s)
    stage.field.act(Command(), stage.bench.clock.now())
    assert stage.field._agendas[0].line.stage != "absent"
    asked = len(stage.bench.slave.requests)
    stage.bench.run(5)
    assert {data[0] for _, data in stage.bench.slave.requests[asked:]} <= {1, 2}
    assert replace(reading(stage), mark=None) == SearchReading("a", ended=True)
    stage.field.act(Command(), stage.bench.clock.now())
    stage.close()


def test_who_answers_late_is_waited_for() -> None:
    """BUS-30: broken off while a unit thinks, the line opens when it cannot answer any more."""
    stage = scene()
    for _ in range(20):
        tick(stage, FULL)
    line, clock = stage.field._agendas[0].line, stage.bench.clock
    stage.bench.slave.script = lambda number, request: Reply([])
    number = len(stage.bench.slave.requests)
    stage.bench.loop.run_until(clock.mono_s() + 1, lambda: len(stage.bench.slave.requests) > number)
    asked_s = clock.mono_s()
    stage.field.act(Command(), clock.now())
    assert line.stage == "absent"
    stage.bench.loop.run_until(asked_s + 1, lambda: line.stage != "absent")
    assert 0.1 <= clock.mono_s() - asked_s <= 0.7
    stage.close()


@pytest.mark.parametrize("manner", ["live", "full"])
def test_broken_off_and_taken_up_again(manner: Manner) -> None:
    """BUS-73: at the same pair, with everybody who had answered; also by another run."""
    stage, order = scene(), SearchOrder("a", manner)
    for _ in range(60):
        tick(stage, order)
    tick(stage, None)
    mark = reading(stage).mark
    assert mark is not None
    assert (mark.manner, mark.told) == (manner, None)
    assert 9 in mark.present
    at = health(stage).at
    stage.close()
    again = scene()
    begun = len(again.bench.slave.requests)
    taken_up = SearchOrder("a", manner, replace(mark, told=again.bench.clock.now().wall))
    tick(again, taken_up)
    assert reading(again).mark in (mark, None) or health(again).at
    until_ended(again, taken_up)
    units = [data[0] for _, data in again.bench.slave.requests[begun:]]
    assert {one.unit for one in health(again).found} >= {9}
    every = all_pairs(tuple(PROFILES.values()), SETTINGS[:1], {1, 2} if manner == "live" else ())
    assert health(again).of == len(every)
    skipped = {pair.unit for pair in every[: mark.start]} - {1, 2, *mark.present}
    assert len(skipped) > 5
    assert not skipped.intersection(units), "who came before is not looked for again"
    assert at > mark.start
    again.close()


@pytest.mark.parametrize(
    "mark",
    [
        SearchMark("full", 100, "9601 8N1", (7,)),
        SearchMark("full", 10_000, "", ()),
        SearchMark("live", 100, "19200 8E1", (7,)),
    ],
)
def test_a_place_that_is_none_any_more_begins_anew(mark: SearchMark) -> None:
    stage = scene()
    order = SearchOrder("a", mark.manner, mark)
    tick(stage, order)
    for _ in range(4):
        tick(stage, order)
    assert 0 < health(stage).at < 40
    assert {one.unit for one in health(stage).found} <= {1, 2, 5, 9}
    stage.close()


def test_beside_its_work_strangers_are_found_and_no_tick_is_late() -> None:
    """BUS-71: live; who is configured is not asked again."""
    stage = scene()
    usual_s = max(stage.read_s)
    late_s = 0.0
    for _ in range(400):
        begun_s = stage.bench.clock.mono_s()
        snapshot = tick(stage, LIVE)
        assert snapshot.grid is not None
        late_s = max(late_s, snapshot.grid.at_mono_s - begun_s)
        if reading(stage).ended:
            break
    assert late_s <= usual_s
    assert [(one.unit, one.products[0]) for one in health(stage).found] == [(5, "sunspec"), (9, "evse-wb")]
    assert health(stage).seconds_left == 0
    asked = len(stage.asked(200))
    tick(stage, None)
    tick(stage, LIVE)
    stage.run(3)
    assert len(stage.asked(200)) == asked, "the guest has left"
    stage.close()


def test_a_guest_that_is_sent_away_asks_no_more() -> None:
    stage = scene()
    for _ in range(20):
        tick(stage, LIVE)
    tick(stage, None)
    begun_s = stage.bench.clock.mono_s()
    for _ in range(5):
        tick(stage, None)
    assert {data[0] for data in asked_since(stage, begun_s)} == {1, 2}
    stage.close()


def test_the_pace_so_far_tells_how_long_a_guest_will_stay() -> None:
    stage = scene()
    left = []
    for _ in range(200):
        tick(stage, LIVE)
        left.append((health(stage).at, health(stage).seconds_left))
        if health(stage).ended:
            break
    took_s = len(left)
    (at, seconds_left) = left[took_s // 2]
    assert at > 10
    assert abs(took_s - took_s // 2 - seconds_left) < 0.4 * took_s
    stage.close()


def test_a_guest_of_a_line_that_vanishes_goes() -> None:
    stage = scene()
    for _ in range(20):
        tick(stage, LIVE)
    stage.bench.slave.absent = True
    stage.bench.slave.close()
    tick(stage, LIVE)
    tick(stage, LIVE)
    assert reading(stage).ended
    assert reading(stage).words
    assert reading(stage).mark is not None, "it can be taken up again"
    stage.close()


def test_a_guest_that_is_never_let_speak_goes() -> None:
    """A line without spare time is told to be searched fully."""
    stage = scene()
    tick(stage, LIVE)
    tick(stage, LIVE)
    agenda = stage.field._agendas[0]
    agenda.guest = None
    for _ in range(55):
        tick(stage, LIVE)
        assert not reading(stage).ended
    for _ in range(7):
        tick(stage, LIVE)
    assert reading(stage).words == "the line has no time to spare beside its work; search it fully"
    stage.close()


def test_a_port_that_vanishes_ends_it_in_words() -> None:
    """BUS-71: the line goes on trying to come back as always."""
    stage = scene()
    for _ in range(10):
        tick(stage, FULL)
    stage.bench.slave.absent = True
    stage.bench.slave.close()
    tick(stage, FULL)
    assert reading(stage).ended
    assert reading(stage).words
    stage.bench.slave.absent = False
    for _ in range(3):
        tick(stage, None)
    assert wires(stage).buses["a"].words == ""
    stage.close()


def test_a_port_that_is_not_there_ends_it_at_once() -> None:
    stage = scene()
    stage.bench.slave.absent = True
    tick(stage, FULL)
    tick(stage, FULL)
    tick(stage, FULL)
    assert (reading(stage).ended, reading(stage).words) == (True, "far-end: no such file or directory")
    stage.close()


def test_another_master_is_heard_first() -> None:
    """BUS-70."""
    stage = scene()
    tick(stage, FULL)
    clock, loop = stage.bench.clock, stage.bench.loop

    def speak() -> None:
        stage.bench.slave.send_at(clock.mono_s(), framed("4d030000000a"))

    for i in range(6):
        loop.call_at(clock.mono_s() + 0.3 * (i + 1), speak)
    asked = len(stage.bench.slave.requests)
    until_ended(stage, FULL, 20)
    assert "another master" in reading(stage).words
    assert all(data[0] in (1, 2) for _, data in stage.bench.slave.requests[asked:]), "only its own work"
    assert reading(stage).mark == SearchMark("full", 0)
    stage.close()


@pytest.mark.parametrize("ticks", [1, 30])
def test_the_way_to_safety_does_not_wait_for_a_search(ticks: int) -> None:
    """CHG-72: every charger is told 0 A, also on the line that is searched."""
    stage = scene()
    for _ in range(ticks):
        tick(stage, FULL)
    now = stage.bench.clock.now()
    assert stage.field.safe(now) == ()
    assert stage.bench.clock.mono_s() - now.mono_s <= 1.5
    stage.close()


@pytest.mark.parametrize("ticks", [1, 30])
def test_closed_in_the_middle(ticks: int) -> None:
    for order in (FULL, LIVE):
        stage = scene()
        for _ in range(ticks):
            tick(stage, order)
        stage.close()


def test_the_next_search_does_not_wait_for_the_last_to_end() -> None:
    """One line returns while another one leaves."""
    stage = Scene(house(GRID, structs.replace(CARPORT, bus="b"), buses=TWO), {1: meter(), 6: controller()})
    stage.run(5)
    for order in (FULL, ELSEWHERE, LIVE):
        for _ in range(8):
            tick(stage, order)
        assert (reading(stage).bus, reading(stage).ended) == (order.bus, False)
        stages = {name: bus.stage for name, bus in wires(stage).buses.items()}
        closed = order.bus if order.manner == "full" else None
        assert {name for name, one in stages.items() if one == "absent"} == {closed} - {None}
    stage.close()


def test_profiles_are_fetched_one_by_one() -> None:
    """Nothing holds up the loop: each may have to be read from its file."""
    stage = scene()
    stage.field.act(Command(search=FULL), stage.bench.clock.now())
    begun_s = stage.bench.clock.mono_s()
    stage.bench.loop.run_until(begun_s + 5, lambda: stage.field._seeking._last.state is not None)  # type: ignore[union-attr]
    assert stage.bench.clock.mono_s() - begun_s >= 0.01 * len(PROFILES) - 1e-6
    stage.close()
