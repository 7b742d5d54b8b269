"""The first run's proofs (PNL-66, PNL-67, PNL-70 steps 9 to 12)."""

from dataclasses import replace

import pytest

from hems.model.intents import Commission, ProveRelay, SetMode, TryCharge
from hems.model.ledger import Event
from hems.model.settings import Proofs
from hems.model.snapshot import ChargerReading
from hems.model.view import View
from hems.panel.asks import Asked
from hems.panel.foremost import QUESTIONS
from hems.panel.keys import Key, KeyEvent
from hems.panel.meter_check import Stage, State
from hems.panel.pin import Gate
from hems.panel.wizard import Facts, Question, Run, Trial, press
from hems.panel.wizard_checks import CHECK_QUESTIONS, lacking, watch
from tests.panel.first_run_views import FRESH, INSTALLED
from tests.panel.views import NOW

ROWS = {question.key: question for question in CHECK_QUESTIONS}


def found(line: str, *, falls: bool = False) -> State:
    return State(1000.0, 990.0, Stage.FOUND, line=line, falls=falls)  # type: ignore[arg-type]


def facts(question: str, view: View = INSTALLED, **change: object) -> Facts:
    return Facts(view, NOW, replace(Run(question), **change), Gate(exists=True))  # type: ignore[arg-type]


def take(where: Facts, option: str) -> tuple[Run, tuple[Asked, ...]]:
    run, asks = press(QUESTIONS, replace(where, run=replace(where.run, draft=option)), KeyEvent(Key.OK))
    assert run is not None
    return run, asks


@pytest.mark.parametrize("key", ["meter.L1", "meter.take", "chargers", "charge", "mode"])
def test_without_devices_nothing_is_proven(key: str) -> None:
    assert not ROWS[key].options(facts(key, FRESH))


def test_a_house_of_one_line_is_checked_once() -> None:
    assert not ROWS["meter.L2"].options(facts("meter.L2", answers={"lines": "1"}))
    assert "meter.L3" not in lacking(facts("summary", answers={"lines": "1"}))


def test_the_test_of_a_relay_tells_its_verdict() -> None:
    """PNL-67."""
    run, asks = take(facts("chargers"), "garage")
    assert (asks, run.tested, run.question) == ((ProveRelay("garage"),), {"garage": "asked"}, "chargers")
    told = replace(INSTALLED, events=(Event("relay_tested", "garage", None, {"verdict": "passed"}),))
    run, _ = watch(facts("chargers", told, tested=run.tested), "chargers")
    assert run.tested == {"garage": "passed"}
    assert "relay.garage" not in lacking(facts("summary", tested=run.tested))


def reading(status: str, *line_a: float) -> View:
    chargers = {"garage": ChargerReading(999.6, status, line_a=line_a or None)}  # type: ignore[arg-type]
    return replace(INSTALLED, snapshot=replace(INSTALLED.snapshot, chargers=chargers))


def trial_after(view: View, seconds: float, trial: Trial) -> Trial | None:
    now = replace(NOW, mono_s=1000.0 + seconds)
    return watch(Facts(view, now, Run("charge", trial=trial), Gate()), "charge")[0].trial


def test_the_first_charge_is_measured_for_its_time() -> None:
    """PNL-70, step 11: 15 s of current; its lines are learned."""
    run, asks = take(facts("charge"), "begin")
    assert asks == (TryCharge("garage", 60.0),)
    assert run.trial == Trial(1000.0)
    flowing = reading("C", 6.0, 0.2, 0.0)
    begun = trial_after(flowing, 5.0, Trial(1000.0))
    assert begun == Trial(1000.0, 1005.0, ("L1",))
    assert begun is not None
    almost, there = trial_after(flowing, 19.9, begun), trial_after(flowing, 20.0, begun)
    assert almost is not None
    assert there is not None
    assert (almost.done, there.done) == (False, True)
    assert trial_after(reading("B", 0.0, 0.0, 0.0), 12.0, begun) == Trial(1000.0, None, ("L1",))
    assert trial_after(reading("C"), 12.0, Trial(1000.0)) == Trial(1000.0, 1012.0)
    assert trial_after(reading("B", 0.0, 0.0, 0.0), 60.0, Trial(1000.0)) is None, "nothing came of it"


def test_it_is_ended_before_the_next_question() -> None:
    done = facts("charge", trial=Trial(1000.0, 1005.0, ("L1",), done=True))
    run, asks = take(done, "on")
    assert TryCharge("garage", 0.0) in asks
    assert (run.question, run.answers["charge"]) == ("mode", "ok")
    run, asks = take(facts("charge", trial=Trial(1000.0)), "end")
    assert (asks, run.trial) == ((TryCharge("garage", 0.0),), None)
    assert take(facts("charge", trial=Trial(1000.0)), "wait")[1] == ()
    assert take(facts("charge"), "skip")[0].answers["charge"] == "skip"


def test_the_mode_and_the_end() -> None:
    _, asks = take(facts("mode"), "surplus")
    assert SetMode("garage", "surplus") in asks
    run, asks = take(facts("summary"), "start")
    assert run.question == "summary"
    lacks = ("meter.L1", "meter.L2", "meter.L3", "relay.garage", "car.garage")
    assert asks == (Commission(None, Proofs(lacks)),)


def test_every_page_fits_the_display() -> None:
    """PNL-50."""
    trials = (None, Trial(1.0), Trial(1.0, 2.0), Trial(1.0, 2.0, ("L1", "L2", "L3"), done=True))
    for trial in trials:
        for check in (None, found("L1"), found("L2"), found("L1", falls=True)):
            tested = {"garage": "broken_off"}
            for question in CHECK_QUESTIONS:
                where = facts(
                    question.key, trial=trial, meter=check, tested=tested, answers={"mounted": "reversed"}
                )
                _fits(question, where)


def _fits(question: Question, where: Facts) -> None:
    options = question.options(where)
    assert all(0 < len(question.said(where, option)) <= 21 for option in options)
    if options:
        assert all(len(line) <= 21 for line in question.lines(where))


def test_the_open_points_are_named_behind_their_count() -> None:
    """PNL-70: what nobody has proven can be read before the start; OK there starts nothing."""
    ended = facts("summary")
    question = next(one for one in CHECK_QUESTIONS if one.key == "summary")
    assert list(question.options(ended)) == ["start", "points"]
    assert question.said(ended, "points") == f"open points: {len(lacking(ended))}"
    at_points = replace(ended, run=replace(ended.run, draft="points"))
    assert "grid meter L1" in question.lines(at_points)
    assert "grid meter L1" not in question.lines(ended)
    _, asks = take(ended, "points")
    assert asks == ()
