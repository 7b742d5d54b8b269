"""The first run's check of the grid meter (PNL-66): what it offers, and what it changes."""

from dataclasses import replace

import pytest

from hems.model.intents import Change, Commission, Install
from hems.model.settings import Commissioning
from hems.model.snapshot import MeterReading
from hems.model.units import PerLine
from hems.model.view import InstalledMeter
from hems.panel.meter_check import Stage, State
from hems.panel.wizard import Facts, Run, cursor
from hems.panel.wizard_checks import lacking, watch
from hems.panel.wizard_meter import grid_name, line_powers
from tests.panel.first_run_views import FRESH, INSTALLED
from tests.panel.test_wizard_checks import ROWS, facts, found, take
from tests.panel.views import NOW


@pytest.mark.parametrize(
    ("check", "options"),
    [
        (None, ("skip",)),
        (State(1000.0, 990.0), ("skip",)),
        (State(1000.0, 990.0, Stage.NOTHING), ("skip",)),
        (found("L1"), ("on", "again", "skip")),
        (found("L2"), ("skip", "again", "swap")),
        (found("L1", falls=True), ("skip", "again", "reverse")),
    ],
)
def test_what_a_check_offers(check: State | None, options: tuple[str, ...]) -> None:
    """PNL-66: what changes the installation is never where the cursor begins."""
    where = facts("meter.L1", meter=check)
    assert tuple(ROWS["meter.L1"].options(where)) == options
    assert cursor(ROWS["meter.L1"], where) == options[0]


def test_a_line_that_is_proven_is_not_exchanged() -> None:
    """PNL-66."""
    where = facts("meter.L2", meter=found("L1"), answers={"meter.L1": "ok"})
    assert tuple(ROWS["meter.L2"].options(where)) == ("skip", "again")


def test_the_right_line_is_proven_and_a_skipped_one_is_not() -> None:
    run, _ = take(facts("meter.L1", meter=found("L1")), "on")
    assert (run.answers["meter.L1"], run.question) == ("ok", "meter.L2")
    run, _ = take(facts("meter.L2", answers=run.answers), "skip")
    where = facts("summary", answers={**run.answers, "charge": "ok"}, tested={"garage": "passed"})
    assert lacking(where) == ("meter.L2", "meter.L3")


def test_an_exchanged_line_becomes_the_order_of_the_installation() -> None:
    """PNL-66: and every line is checked again with it, from the first."""
    run, asks = take(facts("meter.L2", meter=found("L3"), answers={"meter.L1": "ok"}), "swap")
    assert (run.answers["order"], run.question, run.draft) == ("L1 L3 L2", "meter.L1", "")
    assert run.answers["meter.L1"] == "", "in doubt again"
    assert asks == (Commission(Commissioning("meter.L1", run.answers)),)
    assert lacking(facts("summary", answers=run.answers))[:3] == ("meter.L1", "meter.L2", "meter.L3")
    where = facts("meter.L2", answers=run.answers)
    assert line_powers(where) == (300.0, 100.0, 200.0), "read as it will be"


def test_a_correction_stands_until_the_installation_says_the_same() -> None:
    """PNL-66: one that was refused leaves nothing proven."""
    answers = dict.fromkeys(("meter.L1", "meter.L2", "meter.L3"), "ok") | {"order": "L2 L1 L3"}
    answers["mounted"] = "reversed"
    run, asks = take(facts("meter.take", answers=answers), "install")
    changes = (
        Change(("meter", "grid", "lines"), ("L2", "L1", "L3")),
        Change(("meter", "grid", "mounted"), "reversed"),
    )
    assert asks == (Install(changes, over_hand=True),)
    assert (run.question, run.answers["order"]) == ("meter.take", "L2 L1 L3"), "until it is in force"
    run, asks = take(facts("meter.take", answers=run.answers), "skip")
    where = facts("summary", answers=run.answers)
    assert lacking(where)[:3] == ("meter.L1", "meter.L2", "meter.L3")
    assert ROWS["summary"].lines(where)[0] == "meter not mended!"
    taken = InstalledMeter("grid", lines=("L2", "L1", "L3"), mounted="reversed")
    view = replace(INSTALLED, installed=replace(INSTALLED.installed, meters={"grid": taken}))
    assert not ROWS["meter.take"].options(facts("meter.take", view, answers=answers))
    assert "meter.L1" not in lacking(facts("summary", view, answers=answers))
    assert line_powers(facts("meter.L1", view, answers=answers)) == (300.0, 200.0, 100.0), "not turned twice"


def test_a_meter_that_is_turned_round_is_checked_again() -> None:
    run, _ = take(facts("meter.L1", meter=found("L1", falls=True)), "reverse")
    assert (run.answers["mounted"], run.question, run.meter) == ("reversed", "meter.L1", None)
    back, _ = take(facts("meter.L1", meter=found("L1", falls=True), answers=run.answers), "reverse")
    assert back.answers["mounted"] == "normal"
    where = facts("meter.L1", answers=run.answers)
    assert line_powers(where) == (-300.0, -200.0, -100.0)
    _, asks = take(facts("meter.take", answers=run.answers), "install")
    assert asks[-1] == Install((Change(("meter", "grid", "mounted"), "reversed"),), over_hand=True)


def test_powers_from_currents_and_of_nobody() -> None:
    snapshot = replace(INSTALLED.snapshot, grid=MeterReading(999.0, 0.0, line_a=(1.0, -2.0, 0.0)))
    assert line_powers(facts("meter.L1", replace(INSTALLED, snapshot=snapshot))) == (230.0, -460.0, 0.0)
    blind = replace(INSTALLED, snapshot=replace(snapshot, grid=MeterReading(999.0, 0.0)))
    assert line_powers(facts("meter.L1", blind)) is None
    assert line_powers(facts("meter.L1", FRESH)) is None
    assert grid_name(FRESH) == ""


def watched(where: Facts, *line_w: PerLine) -> Run:
    """The check with one reading a second."""
    run = where.run
    for second, powers in enumerate(line_w):
        grid = MeterReading(1000.0 + second, sum(powers), line_power_w=powers)
        view = replace(where.view, snapshot=replace(where.view.snapshot, grid=grid))
        now = replace(NOW, mono_s=1000.0 + second)
        run, _ = watch(Facts(view, now, run, where.gate), run.question)
    return run


def test_the_check_goes_on_by_itself() -> None:
    base, load = (300.0, 200.0, 100.0), (2_300.0, 200.0, 100.0)
    run = watched(facts("meter.L1"), *[base] * 3, *[load] * 4)
    assert run.meter is not None
    assert (run.meter.stage, run.meter.line) == (Stage.FOUND, "L1")


BASE: PerLine = (300.0, 300.0, 300.0)
ON_L1: PerLine = (2_300.0, 300.0, 300.0)
ON_L2: PerLine = (300.0, 2_300.0, 300.0)


def verdict(run: Run) -> tuple[Stage, str, bool]:
    assert run.meter is not None
    return run.meter.stage, run.meter.line, run.meter.falls


def test_a_load_that_goes_from_line_to_line_turns_nothing_round() -> None:
    """PNL-66: what falls at the next line is the load of the one before."""
    run = watched(facts("meter.L1"), *[BASE] * 3, *[ON_L1] * 5)
    run, _ = take(replace(facts("meter.L1"), run=run), "on")
    pulled = watched(replace(facts("meter.L2"), run=run), *[ON_L1] * 3, *[BASE] * 5)
    assert verdict(pulled)[0] is Stage.WAITING
    run = watched(replace(facts("meter.L2"), run=run), *[ON_L1] * 3, *[BASE] * 7, *[ON_L2] * 5)
    assert verdict(run) == (Stage.FOUND, "L2", False)


@pytest.mark.parametrize("option", ["skip", "swap"])
def test_a_load_on_another_line_than_asked_is_taken_away_again(option: str) -> None:
    """PNL-66."""
    run = watched(facts("meter.L1"), *[BASE] * 3, *[ON_L2] * 5)
    run, _ = take(replace(facts("meter.L1"), run=run), option)
    seen = watched(replace(facts(run.question), run=run), *[ON_L2] * 3, *[BASE] * 7)
    assert verdict(seen)[0] is Stage.WAITING


def test_after_a_reversal_the_load_is_taken_away_and_switched_on_again() -> None:
    """PNL-66."""
    turned, fell = (-300.0, -300.0, -300.0), (-2_300.0, -300.0, -300.0)
    run = watched(facts("meter.L1"), *[turned] * 3, *[fell] * 5)
    assert verdict(run) == (Stage.FOUND, "L1", True)
    run, _ = take(replace(facts("meter.L1"), run=run), "reverse")
    run = watched(replace(facts("meter.L1"), run=run), *[fell] * 3, *[turned] * 7, *[fell] * 5)
    assert verdict(run) == (Stage.FOUND, "L1", False)


def test_checked_again_nothing_is_taken_for_granted() -> None:
    """PNL-66: a load that was switched off by mistake, and a line that was proven before."""
    run, _ = take(facts("meter.L1", meter=found("L1"), load="L1", answers={"meter.L1": "ok"}), "again")
    assert (run.question, run.draft, run.load, run.answers["meter.L1"]) == ("meter.L1", "", "", "")
    run = watched(replace(facts("meter.L1"), run=run), *[ON_L1] * 3, *[BASE] * 5)
    assert verdict(run) == (Stage.FOUND, "L1", True)
