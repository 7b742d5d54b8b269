"""Scripts of seconds against the machine of two contacts; then everything at random."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.core.appliances import SgReadyRules
from hems.core.sg_ready import ALLOWED, ASKED, Inputs, Order, Stage, State, step
from hems.model.why import Reason, Why

RULES = SgReadyRules(("one", "two"), forced_w=6000.0)
SUN = Inputs(3000.0, runs=False)
DARK = Inputs(0.0, runs=False)
DIM = Inputs(9000.0, dimmed=True)


@dataclass
class Pump:
    """A pump told second by second; `moves` are its changes as (second, stage)."""

    rules: SgReadyRules = RULES
    now_s: float = 0.0

    def __post_init__(self) -> None:
        self.state = State(Stage.NORMAL, self.now_s)
        self.moves: list[tuple[float, Stage]] = []
        self.why = Why(Reason.SURPLUS_LOW)

    def run(self, seconds: int, inputs: Inputs) -> "Pump":
        for _ in range(seconds):
            self.now_s += 1.0
            before = self.state.stage
            self.state, self.why = step(self.rules, self.state, inputs, self.now_s)
            if self.state.stage is not before:
                self.moves.append((self.now_s, self.state.stage))
        return self

    def rested(self) -> "Pump":
        """Long enough in the dark that nothing waits any more."""
        self.run(700, DARK)
        self.moves.clear()
        return self


def told(pump: Pump) -> tuple[str, Reason, float | None]:
    left = pump.why.figures.get("seconds_left")
    assert not isinstance(left, str)
    return pump.state.stage.value, pump.why.code, left


def test_recommended_after_five_minutes_of_sun_not_before() -> None:
    """CHG-101."""
    pump = Pump().rested().run(1, SUN)
    assert told(pump) == ("normal", Reason.START_DELAY, 300.0)
    assert told(pump.run(299, SUN)) == ("normal", Reason.START_DELAY, 1.0)
    assert told(pump.run(1, SUN)) == ("recommended", Reason.SURPLUS, None)
    assert pump.why.figures["least_w"] == 3000.0


def test_a_cloud_begins_the_five_minutes_anew() -> None:
    pump = Pump().rested().run(299, SUN).run(1, Inputs(2999.0, runs=False)).run(300, SUN)
    assert pump.state.stage is Stage.NORMAL
    assert pump.run(1, SUN).state.stage is Stage.RECOMMENDED


def test_a_run_begins_with_ten_minutes_of_normal() -> None:
    """Nobody knows what the contacts said before, nor how long the compressor has rested."""
    pump = Pump().run(1200, SUN)
    assert pump.moves == [(601.0, Stage.RECOMMENDED)]
    running = Pump().run(1200, replace(SUN, runs=True))
    assert running.moves == [(600.0, Stage.RECOMMENDED)]


def test_waiting_for_the_first_ten_minutes_is_said() -> None:
    assert told(Pump().run(400, replace(SUN, runs=True))) == ("normal", Reason.MIN_OFF, 200.0)


def recommended(runs: bool | None = True, since_s: int = 1) -> Pump:
    """A pump that has just been recommended to run, and does `since_s` later."""
    pump = Pump().run(600, replace(DARK, runs=None if runs is None else False))
    pump.run(301, replace(SUN, runs=None if runs is None else False))
    assert pump.state.stage is Stage.RECOMMENDED
    pump.moves.clear()
    pump.run(since_s, replace(SUN, runs=runs))
    return pump


@pytest.mark.parametrize(("runs", "kept_s"), [(False, 600.0), (True, 1200.0), (None, 1199.0)])
def test_it_ends_after_five_minutes_without_sun_ten_of_its_own_and_twenty_of_the_compressor(
    runs: bool | None, kept_s: float
) -> None:
    """CHG-101: where nothing shows the compressor, our own request stands for its run."""
    pump = recommended(runs)
    begun_s = pump.now_s - (1.0 if runs is False else 0.0)
    pump.run(1300, Inputs(2000.0, runs=runs))
    assert pump.moves == [(begun_s + kept_s, Stage.NORMAL)]


def test_late_in_its_run_five_minutes_without_sun_are_enough() -> None:
    pump = recommended().run(1300, replace(SUN, runs=True))
    assert told(pump.run(1, Inputs(0.0, True))) == ("recommended", Reason.STOP_DELAY, 300.0)
    assert told(pump.run(299, Inputs(0.0, True)))[1:] == (Reason.STOP_DELAY, 1.0)
    assert told(pump.run(1, Inputs(0.0, True)))[:2] == ("normal", Reason.SURPLUS_LOW)


def test_early_in_its_run_the_longest_wait_is_said() -> None:
    pump = recommended().run(10, Inputs(0.0, True))
    assert told(pump) == ("recommended", Reason.MIN_ON, 1190.0)


def test_no_sun_known_changes_nothing() -> None:
    pump = recommended().run(2000, replace(SUN, runs=True)).run(600, Inputs(None, True))
    assert pump.moves == []
    assert pump.why.figures["offer_w"] == 0.0


def test_much_sun_forces_and_less_recommends_again() -> None:
    """CHG-101: each state lasts ten minutes; a weaker request is no stop of the compressor."""
    pump = Pump().rested().run(310, Inputs(6000.0, False))
    assert told(pump) == ("forced", Reason.SURPLUS, None)
    assert pump.why.figures["least_w"] == 6000.0
    pump.moves.clear()
    start_s = pump.state.since_mono_s
    pump.run(1000, Inputs(5000.0, True))
    assert pump.moves == [(start_s + 600.0, Stage.RECOMMENDED)]


def test_no_force_without_a_figure_for_it() -> None:
    pump = Pump(SgReadyRules(("one", "two"))).run(3000, Inputs(1e9, True))
    assert [stage for _, stage in pump.moves] == [Stage.RECOMMENDED]


def test_from_recommended_to_forced_as_the_sun_grows() -> None:
    pump = recommended().run(900, Inputs(7000.0, True))
    assert [stage for _, stage in pump.moves] == [Stage.FORCED]
    assert told(pump.run(1, Inputs(4000.0, True)))[:2] == ("forced", Reason.STOP_DELAY)


def test_a_limit_locks_at_once_and_for_ten_minutes_at_least() -> None:
    """CHG-101: locked from any state, whatever else was to be kept."""
    pump = recommended().run(1, DIM)
    assert told(pump) == ("locked", Reason.OPERATOR_LIMIT, None)
    assert told(pump.run(10, DARK)) == ("locked", Reason.MIN_OFF, 590.0)
    pump.run(590, DARK)
    assert told(pump)[:2] == ("normal", Reason.SURPLUS_LOW)


def test_locked_as_long_as_the_limit_holds() -> None:
    pump = Pump().run(5000, DIM)
    assert pump.moves == [(1.0, Stage.LOCKED)]
    assert [stage for _, stage in pump.run(1, DARK).moves] == [Stage.LOCKED, Stage.NORMAL]


@pytest.mark.parametrize("blind", [Reason.METER_LOST, Reason.WAITING_TWO_READINGS, Reason.CHARGER_LOST])
def test_without_meter_or_pump_normal_at_once(blind: Reason) -> None:
    """The loss matrix."""
    pump = recommended().run(1, Inputs(9000.0, True, blind=blind))
    assert told(pump) == ("normal", blind, None)
    pump.run(1000, Inputs(9000.0, True, blind=blind))
    assert len(pump.moves) == 1
    pump.moves.clear()
    pump.run(400, replace(SUN, runs=True))
    assert len(pump.moves) == 1, "back with five minutes of sun"


def test_three_requests_an_hour() -> None:
    """CHG-101: the fourth waits and says so."""
    rules = replace(RULES, hold_s=10.0, surplus_s=10.0, min_run_s=10.0, min_rest_s=10.0)
    pump = Pump(rules)
    for _ in range(4):
        pump.run(30, DARK).run(30, SUN)
    asked = [second for second, stage in pump.moves if stage in ASKED]
    assert len(asked) == 3
    assert told(pump)[:2] == ("normal", Reason.BUDGET)
    pump.run(3600, SUN)
    asked = [second for second, stage in pump.moves if stage in ASKED]
    assert asked[3] - asked[0] >= 3600.0


def test_no_request_where_none_is_allowed() -> None:
    pump = Pump(replace(RULES, starts_per_hour=0)).run(2000, SUN)
    assert told(pump) == ("normal", Reason.BUDGET, 3600.0)


@pytest.mark.parametrize("stage", list(Stage))
def test_a_person_is_heard_at_once(stage: Stage) -> None:
    """CHG-122: whatever the sun says, and without waiting for the time of the former state."""
    pump = Pump().rested().run(1, Inputs(0.0, False, Order(stage, 77.0)))
    assert told(pump) == (stage.value, Reason.MANUAL_BOOST, 77.0)
    shining = recommended().run(2, Inputs(9000.0, True, Order(stage, 76.0)))
    assert told(shining) == (stage.value, Reason.MANUAL_BOOST, 76.0)


def test_a_person_waits_for_the_compressors_rest_and_the_hours_budget() -> None:
    order = Order(Stage.FORCED, 7000.0)
    pump = recommended().run(1400, replace(SUN, runs=True)).run(400, Inputs(0.0, True))
    assert told(pump)[0] == "normal"
    pump.run(1, Inputs(0.0, False))
    assert told(pump.run(1, Inputs(0.0, False, order)))[:2] == ("normal", Reason.MIN_OFF)
    pump.run(600, Inputs(0.0, False, order))
    assert pump.state.stage is Stage.FORCED


def test_no_person_against_a_limit() -> None:
    """CHG-122."""
    for stage in Stage:
        pump = Pump().rested().run(1, Inputs(9e3, False, Order(stage, 9.0), dimmed=True))
        assert told(pump) == ("locked", Reason.OPERATOR_LIMIT, None)


def test_a_person_may_lock_blindly_but_not_ask() -> None:
    lost = Inputs(None, blind=Reason.METER_LOST)
    assert Pump().run(5, replace(lost, order=Order(Stage.LOCKED, 9.0))).state.stage is Stage.LOCKED
    assert Pump().run(5, replace(lost, order=Order(Stage.FORCED, 9.0))).state.stage is Stage.NORMAL


def test_after_a_person_the_rules_go_on() -> None:
    """CHG-122: what was asked for is kept for its time, then taken back."""
    pump = Pump().rested().run(10, Inputs(0.0, False, Order(Stage.FORCED, 9.0))).run(1, Inputs(0.0, True))
    assert told(pump)[:2] == ("forced", Reason.MIN_ON)
    assert pump.run(1300, Inputs(0.0, True)).state.stage is Stage.NORMAL


seconds = st.builds(
    Inputs,
    available_w=st.sampled_from([None, -500.0, 0.0, 2999.0, 3000.0, 5999.0, 6000.0, 1e12]),
    runs=st.sampled_from([True, True, False, None]),
    order=st.sampled_from([None, None, None, *(Order(stage, 60.0) for stage in Stage)]),
    dimmed=st.sampled_from([False, False, False, True]),
    blind=st.sampled_from([None, None, None, Reason.METER_LOST]),
)
stories = st.lists(st.tuples(seconds, st.sampled_from([1, 7, 400, 1300])), max_size=14)


def played(story: list[tuple[Inputs, int]]) -> Iterator[tuple[float, Inputs, State, State, Why]]:
    now_s, state = 0.0, State(Stage.NORMAL, 0.0)
    for inputs, times in story:
        for gap_s in (1.0,) if times == 1 else (1.0, times - 2.0, 1.0):
            now_s += gap_s
            before = state
            state, why = step(RULES, state, inputs, now_s)
            yield now_s, inputs, before, state, why


@given(stories)
def test_the_contacts_keep_their_laws(story: list[tuple[Inputs, int]]) -> None:
    """CHG-101, CHG-122: only ALLOWED; times, budget and the limit hold whatever comes."""
    asked_s: list[float] = []
    for now_s, inputs, before, after, why in played(story):
        lasted_s = now_s - before.since_mono_s
        assert (after.stage is Stage.LOCKED) or not inputs.dimmed
        assert len(why.text) <= 21
        assert why.figures["sg"] == after.stage.value
        if after.stage is before.stage:
            continue
        assert after.stage in ALLOWED[before.stage]
        prompt = inputs.dimmed or inputs.order is not None or inputs.blind is not None
        assert prompt or lasted_s >= RULES.hold_s
        if after.stage in ASKED and before.stage not in ASKED:
            asked_s.append(now_s)
            assert inputs.blind is None
            running = before.running
            assert inputs.runs or lasted_s >= 600.0 or running.missed_s(now_s) >= RULES.min_rest_s
        if after.stage is Stage.NORMAL and before.stage in ASKED and not prompt:
            assert inputs.runs is False or lasted_s >= 1200.0 or before.running.value is True
    for index in range(len(asked_s) - 3):
        assert asked_s[index + 3] - asked_s[index] >= 3600.0
