"""One or three lines: the interlock, second by second."""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.switching import (
    ALLOWED,
    Inputs,
    Order,
    Stage,
    State,
    SwitchingRules,
    locked,
    moving,
    single,
    stays,
    step,
)
from hems.core.timing import Budget, Dwell

RULES = SwitchingRules()
CALM = Inputs(
    position=1,
    plugged=True,
    obeys=True,
    zero=False,
    current_a=6.0,
    stray_a=0.0,
    idle=False,
    active=True,
    full=False,
    several=True,
    asked=None,
    lowest_a=6.0,
    room_a=16.0,
    carried=0.5,
)


@dataclass
class Desk:
    """A relay that does what it is told, and a charger that stops a second after it is told 0 A."""

    state: State = field(default_factory=State)
    inputs: Inputs = CALM
    now_s: float = 0.0
    held_s: int = 0
    obedient: bool = True
    order: Order = field(default_factory=lambda: Order(None, False, 0.0))

    def step(self, **more: Any) -> Order:
        """One second; what is given stays for it."""
        self.now_s += 1.0
        self.inputs = replace(self.inputs, **more)
        seen = self.inputs
        if self.held_s:
            measured = None if seen.current_a is None else 0.0
            seen = replace(seen, zero=True, current_a=measured, idle=True)
        self.state, self.order = step(RULES, self.state, seen, self.now_s)
        self.held_s = self.held_s + 1 if self.order.hold else 0
        if self.obedient and self.order.lines is not None:
            self.inputs = replace(self.inputs, position=self.order.lines)
        return self.order

    def run(self, seconds: int, **more: Any) -> list[tuple[Stage, int | None]]:
        """So many seconds; the stages and the relay's orders."""
        seen = []
        for _ in range(seconds):
            self.step(**more)
            seen.append((self.state.stage, self.order.lines))
        return seen


def on(lines: int) -> Desk:
    """A desk at rest on so many lines, its last change long ago."""
    desk = Desk(inputs=replace(CALM, position=lines))
    desk.step()
    assert desk.state.stage is Stage.SETTLED
    assert desk.state.lines == lines
    return desk


def test_a_run_takes_the_relay_as_it_finds_it() -> None:
    """CHG-3, CHG-22: nothing is told until the position is known; then charging may begin at once."""
    desk = Desk(inputs=replace(CALM, position=None))
    assert desk.run(10) == [(Stage.VERIFYING, None)] * 10
    assert desk.order == Order(None, True, 0.0)
    assert desk.run(1, position=3) == [(Stage.SETTLED, 3)]
    assert not desk.order.hold


def test_a_position_that_never_shows_leaves_all_lines_guarded() -> None:
    """CHG-22: after 10 s the car may charge; nothing is switched."""
    desk = Desk(inputs=replace(CALM, position=None, full=True))
    desk.run(11)
    assert desk.state.stage is Stage.SETTLED
    assert moving(desk.state, None)
    assert set(desk.run(1000)) == {(Stage.SETTLED, None)}
    assert desk.run(2, position=3)[-1] == (Stage.SETTLED, 3)


def test_from_one_line_to_three() -> None:
    """CHG-22: 300 s of sun; 0 A, 2 s without current, 5 s, the relay, 5 s, its position, the start."""
    desk = on(1)
    assert desk.run(300, carried=1.06) == [(Stage.SETTLED, 1)] * 300
    assert desk.run(16) == [
        (Stage.STOPPING, 1),
        (Stage.STOPPING, 1),
        (Stage.STOPPING, 1),
        (Stage.PAUSING, 1),
        (Stage.PAUSING, 1),
        (Stage.PAUSING, 1),
        (Stage.PAUSING, 1),
        (Stage.PAUSING, 1),
        (Stage.MOVING, 3),
        (Stage.MOVING, 3),
        (Stage.MOVING, 3),
        (Stage.MOVING, 3),
        (Stage.MOVING, 3),
        (Stage.VERIFYING, 3),
        (Stage.SETTLED, 3),
        (Stage.SETTLED, 3),
    ]


def test_the_countdown_of_a_change() -> None:
    desk = on(1)
    desk.step(full=True)
    left_s = [desk.order.seconds_left]
    while desk.order.hold:
        left_s.append(desk.step().seconds_left)
    assert left_s[:4] == [12.0, 12.0, 12.0, 10.0]
    assert all(before >= after for before, after in pairwise(left_s))
    assert left_s[-3:] == [1.0, 0.0, 0.0]


def test_from_three_lines_to_one() -> None:
    """CHG-22: back when three minima have not been there for 300 s; 5 % more are not asked for."""
    desk = on(3)
    assert set(desk.run(400, carried=1.0)) == {(Stage.SETTLED, 3)}
    assert desk.run(302, carried=0.99)[-1] == (Stage.STOPPING, 3)
    assert desk.run(20)[-1] == (Stage.SETTLED, 1)


def test_sun_that_comes_and_goes_changes_nothing() -> None:
    desk = on(1)
    for _ in range(10):
        assert set(desk.run(299, carried=1.06) + desk.run(1, carried=1.04)) == {(Stage.SETTLED, 1)}
    desk = on(3)
    for _ in range(10):
        assert set(desk.run(299, carried=0.9) + desk.run(1, carried=1.0)) == {(Stage.SETTLED, 3)}


def test_unknown_sun_is_neither_enough_nor_too_little() -> None:
    for lines in (1, 3):
        assert set(on(lines).run(1000, carried=None)) == {(Stage.SETTLED, lines)}


def test_whoever_wants_all_gets_all_lines_at_once() -> None:
    """CHG-22: `fast`, a boost, a demand; where the fuses carry it."""
    assert on(1).run(1, full=True) == [(Stage.STOPPING, 1)]
    assert set(on(3).run(1000, full=True, carried=0.0)) == {(Stage.SETTLED, 3)}
    desk = on(1)
    assert set(desk.run(500, full=True, room_a=6.9)) == {(Stage.SETTLED, 1)}
    assert desk.run(302, room_a=7.0)[-1] == (Stage.STOPPING, 1)


def test_a_line_that_cannot_carry_the_minimum_brings_it_back_to_one() -> None:
    desk = on(3)
    assert set(desk.run(300, full=True, room_a=5.9)) == {(Stage.SETTLED, 3)}
    assert desk.run(2)[-1] == (Stage.STOPPING, 3)


def test_room_that_nobody_knows_stays_as_it_was() -> None:
    desk = on(3)
    assert set(desk.run(500, full=True, room_a=None)) == {(Stage.SETTLED, 3)}


def test_a_person_decides() -> None:
    """CHG-22: by hand, whatever the sun; also for a car on one line."""
    assert on(1).run(1, asked=3, several=False, carried=0.0) == [(Stage.STOPPING, 1)]
    assert on(3).run(1, asked=1, carried=9.0) == [(Stage.STOPPING, 3)]
    assert set(on(3).run(1000, asked=3, carried=0.0)) == {(Stage.SETTLED, 3)}


def test_a_car_on_one_line_is_not_switched() -> None:
    assert set(on(1).run(500, several=False, full=True)) == {(Stage.SETTLED, 1)}
    assert set(on(3).run(500, several=False, carried=0.0)) == {(Stage.SETTLED, 3)}


@pytest.mark.parametrize("short", ["plugged", "obeys", "active"])
def test_what_forbids_a_change(short: str) -> None:
    """CHG-22: no car, no ear, no wish."""
    desk = on(1)
    assert set(desk.run(500, full=True, **{short: False})) == {(Stage.SETTLED, 1)}
    assert desk.run(1, **{short: True}) == [(Stage.STOPPING, 1)]


def test_seven_minutes_lie_between_changes() -> None:
    desk = on(1)
    desk.run(16, full=True)
    assert set(desk.run(412, asked=1)) == {(Stage.SETTLED, 3)}
    assert desk.run(1) == [(Stage.STOPPING, 3)]


def test_eight_changes_a_day() -> None:
    desk, lines = on(1), 1
    for count in range(8):
        lines = 4 - lines
        desk.run(450, asked=lines)
        assert (desk.state.lines, len(desk.state.moves.times_mono_s)) == (lines, count + 1)
    assert set(desk.run(3600, asked=3)) == {(Stage.SETTLED, 1)}
    desk.now_s = desk.state.moves.times_mono_s[0] + 86_398.0
    assert desk.run(2) == [(Stage.SETTLED, 1), (Stage.STOPPING, 1)]


def stopping(**more: Any) -> Desk:
    """A charger that is told 0 A because all lines are wanted."""
    desk = on(1)
    desk.run(1, full=True, **more)
    assert desk.state.stage is Stage.STOPPING
    return desk


def blind(desk: Desk, **more: Any) -> None:
    """A second in which the charger does just what is given."""
    desk.held_s = 0
    desk.step(**more)
    desk.held_s = 0


def test_current_that_does_not_stop_moves_no_relay() -> None:
    """CHG-22, CHG-61: the hand finds the stuck contactor; after 30 s the change is given up."""
    desk = stopping()
    for _ in range(29):
        blind(desk, zero=True, current_a=1.0)
        assert (desk.state.stage, desk.order.lines) == (Stage.STOPPING, 1)
    blind(desk)
    assert (desk.state.stage, desk.state.failures) == (Stage.SETTLED, 1)
    assert set(desk.run(419)) == {(Stage.SETTLED, 1)}


def test_a_hand_that_is_lost_ends_the_change() -> None:
    desk = stopping()
    blind(desk, obeys=False)
    assert (desk.state.stage, desk.state.failures, desk.order.hold) == (Stage.SETTLED, 0, False)


def test_a_car_that_leaves_ends_the_change() -> None:
    desk = stopping()
    blind(desk, plugged=False)
    assert desk.state.stage is Stage.SETTLED


def test_an_unacknowledged_zero_moves_nothing() -> None:
    desk = stopping()
    for _ in range(20):
        blind(desk, zero=False, current_a=0.0)
    assert desk.state.stage is Stage.STOPPING


def test_current_in_the_pause_ends_the_change() -> None:
    desk = stopping()
    desk.run(5)
    assert desk.state.stage is Stage.PAUSING
    blind(desk, zero=True, current_a=1.0)
    assert (desk.state.stage, desk.state.lines, desk.state.failures) == (Stage.SETTLED, 1, 1)


def test_without_a_measurement_the_charger_must_say_that_it_rests() -> None:
    """CHG-22: 10 s of 0 A acknowledged and a status other than charging."""
    desk = stopping(current_a=None)
    for _ in range(12):
        blind(desk, zero=True, idle=False)
        assert desk.state.stage is Stage.STOPPING
    seconds = 0
    while desk.state.stage is Stage.STOPPING:
        blind(desk, idle=True)
        seconds += 1
    assert seconds == 11
    for _ in range(5):
        blind(desk)
    assert (desk.state.stage, desk.order.lines) == (Stage.MOVING, 3)


def test_a_position_that_does_not_follow_twice_locks_the_switch() -> None:
    """CHG-23: until the car leaves."""
    desk = on(1)
    desk.obedient = False
    seen = desk.run(400, full=True)
    assert (Stage.MOVING, 3) in seen
    assert desk.state.failures == 1
    assert seen[25:] == [(Stage.SETTLED, 1)] * len(seen[25:])
    desk.run(500)
    assert locked(RULES, desk.state)
    assert set(desk.run(3000)) == {(Stage.SETTLED, 1)}
    desk.obedient = True
    desk.run(1, plugged=False)
    assert not locked(RULES, desk.state)
    assert desk.run(1, plugged=True) == [(Stage.STOPPING, 1)]


def test_a_change_that_is_confirmed_forgets_the_failure_before() -> None:
    desk = on(1)
    desk.obedient = False
    desk.run(430, full=True)
    desk.obedient = True
    desk.run(60)
    assert (desk.state.lines, desk.state.failures) == (3, 0)


def test_current_while_the_relay_has_not_moved_leaves_it_alone() -> None:
    """CHG-22: never under load, whatever was told."""
    desk = on(1)
    desk.obedient = False
    while desk.order.lines == 1:
        desk.step(full=True)
    blind(desk, zero=True, current_a=6.0)
    assert (desk.state.stage, desk.order.lines, desk.state.failures) == (Stage.VERIFYING, None, 1)


@pytest.mark.parametrize("full", [False, True])
def test_a_relay_that_moves_by_itself_is_not_argued_with(full: bool) -> None:
    """CHG-22: it is left alone with 0 A until its position is taken for granted."""
    desk = on(1) if not full else stopping()
    desk.obedient = False
    blind(desk, position=3)
    assert (desk.state.stage, desk.order.lines, desk.order.hold) == (Stage.VERIFYING, None, True)
    assert desk.run(1) == [(Stage.SETTLED, 3)]


def test_current_where_none_can_flow_locks_the_switch() -> None:
    """CHG-23: the relay says one line, the contactor does not."""
    desk = on(1)
    desk.run(5, stray_a=8.0)
    assert not single(desk.state, 1)
    desk.run(7)
    assert locked(RULES, desk.state)
    assert set(desk.run(1000, full=True)) == {(Stage.SETTLED, 1)}


def test_what_is_certain_about_the_lines() -> None:
    """CHG-22: from the decision to the proof nothing is."""
    settled = State(Stage.SETTLED, lines=1)
    assert single(settled, 1)
    assert not moving(settled, 1)
    for stage, lines, position in (
        (Stage.STOPPING, 1, 1),
        (Stage.MOVING, 3, 3),
        (Stage.VERIFYING, None, 1),
        (Stage.SETTLED, 1, None),
        (Stage.SETTLED, 1, 3),
    ):
        assert moving(State(stage, lines=lines), position)
        assert not single(State(stage, lines=lines), position)
    assert not single(State(Stage.SETTLED, lines=3), 3)
    assert not moving(State(Stage.SETTLED, lines=3), 3)


odd = st.sampled_from([0.0, 0.9, 1.0, 6.0, 16.0])
anything = st.builds(
    Inputs,
    position=st.sampled_from([None, 1, 1, 3, 3]),
    plugged=st.sampled_from([True, True, True, False]),
    obeys=st.sampled_from([True, True, True, False]),
    zero=st.sampled_from([True, True, False]),
    current_a=st.sampled_from([None, 0.0, 0.0, 0.9, 1.0, 16.0]),
    stray_a=odd,
    idle=st.booleans(),
    active=st.sampled_from([True, True, False]),
    full=st.booleans(),
    several=st.booleans(),
    asked=st.sampled_from([None, None, 1, 3]),
    lowest_a=st.just(6.0),
    room_a=st.sampled_from([None, -5.0, 6.0, 16.0]),
    carried=st.sampled_from([None, -1.0, 1.0, 2.0]),
)
blocks = st.tuples(anything, st.sampled_from([1.0, 2.0, 5.0, 301.0]), st.sampled_from([1, 1, 4, 9]))


@settings(max_examples=300, deadline=None)
@given(st.lists(blocks, max_size=40), st.sampled_from([State(), State(Stage.SETTLED, lines=1)]))
def test_the_relay_is_never_told_to_move_under_load(
    story: list[tuple[Inputs, float, int]], state: State
) -> None:
    """CHG-22: whatever is read: no move with current or without 0 A acknowledged, 420 s apart, 8 a day."""
    now_s, moves = 0.0, []
    for inputs, gap_s, times in story:
        for _ in range(times):
            now_s += gap_s
            before = state
            state, order = step(RULES, before, inputs, now_s)
            assert state.stage is before.stage or state.stage in ALLOWED[before.stage]
            assert order.hold is (state.stage is not Stage.SETTLED)
            assert 0.0 <= order.seconds_left <= 12.0
            flows = inputs.current_a >= 1.0 if inputs.current_a is not None else not inputs.idle
            if flows or not inputs.zero:
                assert order.lines in (None, inputs.position, before.lines)
                assert order.lines == before.lines or order.lines in (None, inputs.position)
            if flows and inputs.position is not None:
                assert order.lines in (None, inputs.position)
            if state.stage is Stage.MOVING is not before.stage:
                moves.append(now_s)
    assert all(later - earlier >= 420.0 for earlier, later in pairwise(moves))
    assert all(later - earlier >= 86_400.0 for earlier, later in zip(moves, moves[8:], strict=False))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, False),
        ({"failures": 2}, True),
        ({"moves": Budget((1.0,) * 8)}, True),
        ({"room": Dwell(False, 700.0)}, True),
        ({"room": Dwell(False, 701.0)}, False),
        ({"failures": 2, "lines": 3}, False),
        ({"failures": 2, "stage": Stage.VERIFYING}, False),
    ],
)
def test_whether_it_stays_on_one_line(change: dict[str, Any], expected: bool) -> None:
    """CHG-22, CHG-23: locked, out of changes, or no room for all lines for 300 s."""
    assert stays(RULES, replace(State(Stage.SETTLED, 0.0, 1), **change), 1000.0) is expected
