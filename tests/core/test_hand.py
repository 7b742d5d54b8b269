from dataclasses import replace

import pytest

from hems.core.hand import Inputs, Stage, State, step
from hems.core.rules import ChargerRules, HandRules
from hems.core.timing import Dwell

RULES = HandRules()
STOP = ChargerRules(relay=True, watchdog_s=15.0)
ON_OFF = ChargerRules(relay=True, watchdog_s=15.0, fallback="on_off")
BARE = ChargerRules()
GOOD = Inputs(
    age_s=0.5,
    answers=True,
    good=True,
    lost=False,
    acknowledged=True,
    zero=False,
    flows=False,
    danger=False,
    calm=True,
    wanted=True,
    fits=True,
    holds=True,
)
SILENT = replace(GOOD, age_s=6.0, answers=False, good=False, lost=True, flows=None)
SINCE = 1000.0


def answered(stage: Stage, *, since_s: float = SINCE, answers_s: float = 0.0) -> State:
    return State(stage, since_s, Dwell(True, answers_s), Dwell(False, 0.0))


def silent(stage: Stage, silent_s: float, *, since_s: float = SINCE) -> State:
    return State(stage, since_s, Dwell(False, silent_s), Dwell(False, 0.0))


def after(charger: ChargerRules, state: State, inputs: Inputs, now_s: float) -> tuple[Stage, bool]:
    state, closed = step(RULES, charger, state, inputs, now_s)
    return state.stage, closed


@pytest.mark.parametrize("missing", ["good", "acknowledged", "calm"])
def test_begins_with_an_open_relay_until_all_is_known(missing: str) -> None:
    """CHG-3."""
    assert after(STOP, State(), replace(GOOD, **{missing: False}), 1.0) == (Stage.SAFE, False)
    assert after(STOP, State(), GOOD, 1.0) == (Stage.MODBUS, True)
    assert after(BARE, State(), GOOD, 1.0) == (Stage.MODBUS, False)


@pytest.mark.parametrize(("quiet_s", "stage"), [(19.9, Stage.SAFE), (20.0, Stage.OPEN)])
def test_a_charger_that_never_answers_goes_to_the_relay(quiet_s: float, stage: Stage) -> None:
    never = replace(SILENT, age_s=float("inf"))
    state, _ = step(RULES, STOP, State(), never, SINCE)
    assert after(STOP, state, never, SINCE + quiet_s) == (stage, False)
    assert after(BARE, state, never, SINCE + quiet_s)[0] is Stage.SAFE


def test_lost_and_back() -> None:
    """The loss matrix: the relay stays closed while the charger falls back by itself."""
    assert after(STOP, answered(Stage.MODBUS), SILENT, 1001.0) == (Stage.LOST, True)
    assert after(STOP, silent(Stage.LOST, 999.0), GOOD, 1002.0) == (Stage.MODBUS, True)
    unsure = replace(GOOD, good=False)
    assert after(STOP, silent(Stage.LOST, 999.0), unsure, 1002.0) == (Stage.LOST, True)


@pytest.mark.parametrize("watchdog_s", [15.0, None])
@pytest.mark.parametrize("flows", [True, None, False])
def test_the_relay_opens_after_the_watchdog_and_5_s_if_current_flows_or_may(
    flows: bool | None, watchdog_s: float | None
) -> None:
    """The loss matrix, second row."""
    charger = ChargerRules(relay=True, watchdog_s=watchdog_s)
    for late_s in (-0.1, 0.0):
        age_s = (watchdog_s or 0.0) + 5.0 + late_s
        inputs = replace(SILENT, age_s=age_s, flows=flows)
        opens = late_s == 0.0 and flows is not False
        expected = (Stage.OPEN, False) if opens else (Stage.LOST, True)
        assert after(charger, silent(Stage.LOST, 1002.0), inputs, 1000.0 + age_s) == expected
    assert after(BARE, silent(Stage.LOST, 1002.0), SILENT, 9999.0) == (Stage.LOST, False)


def test_a_charger_that_answers_but_refuses_is_lost_as_well() -> None:
    """The loss matrix, third row: its answers are no comfort."""
    refuses = replace(SILENT, age_s=0.3, flows=True)
    state, _ = step(RULES, STOP, answered(Stage.MODBUS), refuses, 1000.0)
    assert [after(STOP, state, refuses, now_s)[0] for now_s in (1019.9, 1020.0)] == [Stage.LOST, Stage.OPEN]


@pytest.mark.parametrize("stage", [Stage.MODBUS, Stage.LOST, Stage.CLOSED])
def test_danger_opens_at_once(stage: Stage) -> None:
    """CHG-33 above twice the fuse, and a meter that is lost."""
    assert after(STOP, answered(stage, since_s=999.0), replace(GOOD, danger=True), 1000.0) == (
        Stage.OPEN,
        False,
    )
    if stage is not Stage.CLOSED:
        kept = after(BARE, answered(stage), replace(GOOD, danger=True), 1000.0)[0]
        assert kept is Stage.MODBUS


@pytest.mark.parametrize("stage", [Stage.OPEN, Stage.CLOSED])
@pytest.mark.parametrize(
    ("since_s", "answers_s", "inputs", "back"),
    [
        (970.0, 970.0, GOOD, True),
        (970.1, 900.0, GOOD, False),
        (900.0, 970.1, GOOD, False),
        (900.0, 900.0, replace(GOOD, calm=False), False),
        (900.0, 900.0, replace(GOOD, good=False), False),
    ],
)
def test_back_to_modbus_after_30_s_of_good_answers(
    stage: Stage, since_s: float, answers_s: float, inputs: Inputs, back: bool
) -> None:
    """CHG-71."""
    state = answered(stage, since_s=since_s, answers_s=answers_s)
    assert after(ON_OFF, state, inputs, 1000.0)[0] is (Stage.MODBUS if back else stage)


@pytest.mark.parametrize(
    ("charger", "inputs", "open_s", "closed"),
    [
        (ON_OFF, SILENT, 300.0, True),
        (ON_OFF, SILENT, 299.0, False),
        (ON_OFF, replace(SILENT, wanted=False), 300.0, False),
        (ON_OFF, replace(SILENT, fits=False), 300.0, False),
        (ON_OFF, replace(SILENT, calm=False), 300.0, False),
        (ON_OFF, replace(SILENT, answers=True), 300.0, False),
        (STOP, SILENT, 300.0, False),
    ],
)
def test_the_relay_charges_only_where_that_is_declared_and_fits(
    charger: ChargerRules, inputs: Inputs, open_s: float, closed: bool
) -> None:
    """CHG-71: 300 s open first."""
    expected = (Stage.CLOSED, True) if closed else (Stage.OPEN, False)
    assert after(charger, silent(Stage.OPEN, 900.0), inputs, SINCE + open_s) == expected


@pytest.mark.parametrize(
    ("inputs", "closed_s", "stage"),
    [
        (SILENT, 9999.0, Stage.CLOSED),
        (replace(SILENT, wanted=False), 299.0, Stage.CLOSED),
        (replace(SILENT, wanted=False), 300.0, Stage.OPEN),
        (replace(SILENT, holds=False), 1.0, Stage.OPEN),
    ],
)
def test_the_relay_stays_closed_300_s_unless_it_no_longer_fits(
    inputs: Inputs, closed_s: float, stage: Stage
) -> None:
    """CHG-71."""
    assert after(ON_OFF, silent(Stage.CLOSED, 900.0), inputs, SINCE + closed_s)[0] is stage


@pytest.mark.parametrize(
    ("charger", "stage", "expected"),
    [
        (STOP, Stage.SAFE, Stage.STUCK),
        (STOP, Stage.MODBUS, Stage.OPEN),
        (BARE, Stage.MODBUS, Stage.STUCK),
    ],
)
def test_current_that_ignores_an_acknowledged_zero_for_10_s(
    charger: ChargerRules, stage: Stage, expected: Stage
) -> None:
    """CHG-61: a relay is opened first; where it is open, or there is none, the contactor is stuck."""
    ignores = replace(GOOD, acknowledged=False, zero=True, flows=True, good=False)
    state, _ = step(RULES, charger, answered(stage), ignores, 1000.0)
    assert [after(charger, state, ignores, now_s)[0] for now_s in (1009.9, 1010.0)] == [stage, expected]


@pytest.mark.parametrize(("flows", "stage"), [(True, Stage.STUCK), (False, Stage.OPEN), (None, Stage.OPEN)])
def test_current_through_an_open_relay_is_a_stuck_contactor(flows: bool | None, stage: Stage) -> None:
    """CHG-61."""
    state = silent(Stage.OPEN, 900.0)
    assert after(STOP, state, replace(SILENT, flows=flows), SINCE + 9.9)[0] is Stage.OPEN
    assert after(STOP, state, replace(SILENT, flows=flows), SINCE + 10.0) == (stage, False)
    assert after(STOP, answered(Stage.STUCK), GOOD, 1e6) == (Stage.STUCK, False)


@pytest.mark.parametrize(
    ("seen", "flows", "stage"),
    [
        (True, False, Stage.SAFE),
        (True, True, Stage.STUCK),
        (True, None, Stage.STUCK),
        (False, False, Stage.STUCK),
    ],
)
def test_only_a_person_and_no_current_release_a_stuck_contactor(
    seen: bool, flows: bool | None, stage: Stage
) -> None:
    """CHG-61: unknown current is current; what follows begins safe."""
    inputs = replace(GOOD, seen=seen, flows=flows)
    assert after(STOP, answered(Stage.STUCK), inputs, SINCE + 60.0) == (stage, False)
