"""The first run (PNL-71): nobody is charged before somebody has looked at everything."""

from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.grant import grant
from hems.core.hand import Stage
from hems.core.rules import ChargerRules, Rules
from hems.model.instant import Instant
from hems.model.intents import Commission, Intent, ProveLines, Refusal, SetBoost, TryCharge
from hems.model.settings import MODES, Boost, ChargerSettings, Commissioning, Proofs, Settings
from hems.model.why import Reason
from tests.core.bench import FUSE_A, WALL, Bench, Car

FIRST_RUN = Commissioning("chargers")
NOW = Instant(0.0, WALL)
LEAST_A = 6.0


def fleet(mode: str = "fast", **garage: Any) -> Bench:
    """Two chargers with cars in a house whose first run lasts."""
    rules = Rules(FUSE_A, {"garage": ChargerRules(**garage), "yard": ChargerRules()})
    cars = {"garage": Car(lines=("L1",)), "yard": Car(lines=("L2",))}
    orders = {name: ChargerSettings(cast(Any, mode), user_max_a=16.0) for name in cars}
    return Bench(rules, cars, Settings(orders, commissioning=FIRST_RUN), sun_w=9_000.0)


def told_a(house: Bench) -> list[float]:
    return [one.limit_a for one in house.decision.chargers.values()]


def granted(house: Bench, intent: Intent) -> None:
    """Ask as a door does."""
    verdict = grant(house.rules, house.settings, intent, NOW)
    assert isinstance(verdict, Settings), verdict
    house.settings = verdict
    if isinstance(intent, TryCharge | ProveLines):
        house.errands.append(intent)


@pytest.mark.parametrize("mode", MODES)
def test_every_charger_is_held(mode: str) -> None:
    """PNL-71: whatever its mode is, with sun and a boost, for as long as the first run lasts."""
    house = fleet(mode)
    garage = replace(house.settings.charger("garage"), boost=Boost(WALL, 3600.0))
    house.settings = replace(house.settings, chargers={**house.settings.chargers, "garage": garage})
    for _ in range(120):
        house.step()
        assert told_a(house) == [0.0, 0.0]
        assert all(one.wish_a == 0.0 for one in house.decision.chargers.values()), "the sun is left to others"
    if mode != "off":
        why = house.decision.chargers["garage"].why
        assert (why.code, why.text) == (Reason.COMMISSIONING, "held: first run")


def test_they_are_released_with_its_end() -> None:
    house = fleet()
    house.run(60)
    granted(house, Commission(None))
    house.until(lambda: told_a(house) == [16.0, 16.0], 30)


def test_a_house_that_charges_stops_when_a_first_run_begins() -> None:
    house = fleet()
    granted(house, Commission(None))
    house.until(lambda: told_a(house) == [16.0, 16.0], 60)
    granted(house, Commission(FIRST_RUN))
    house.step()
    assert told_a(house) == [0.0, 0.0]


def test_the_first_charge_is_of_one_charger_at_its_least_for_its_seconds() -> None:
    """PNL-70, step 11."""
    house = fleet()
    house.run(60)
    granted(house, TryCharge("garage", 15.0))
    seen = []
    for _ in range(20):
        house.step()
        seen.append(tuple(told_a(house)))
        if seen[-1][0] > 0.0:
            assert house.decision.chargers["garage"].why.code is Reason.COMMISSIONING
    assert set(seen) == {(0.0, 0.0), (LEAST_A, 0.0)}
    assert seen.count((LEAST_A, 0.0)) in (14, 15)
    assert seen[-1] == (0.0, 0.0)


def test_the_first_charge_is_ended_by_one_of_no_seconds() -> None:
    house = fleet()
    house.run(60)
    granted(house, TryCharge("garage", 60.0))
    house.run(10)
    assert told_a(house) == [LEAST_A, 0.0]
    granted(house, TryCharge("garage", 0.0))
    house.step()
    assert told_a(house) == [0.0, 0.0]


@pytest.mark.parametrize("trouble", ["fuse", "meter", "silent"])
def test_the_first_charge_stays_under_all_limits(trouble: str) -> None:
    """PNL-70: a full fuse, no meter, a silent charger."""
    house = fleet()
    house.run(60)
    granted(house, TryCharge("garage", 100.0))
    house.run(10)
    assert told_a(house)[0] == LEAST_A
    match trouble:
        case "fuse":
            house.base_a = (40.0, 2.0, 2.0)
        case "meter":
            house.meter = False
        case _:
            house.cars["garage"].answers = False
    house.run(40)
    assert told_a(house) == [0.0, 0.0]


def test_no_relay_takes_over_in_the_first_run() -> None:
    """PNL-71: not even the fall-back of a charger that fell silent within its first charge."""
    house = fleet(relay=True, watchdog_s=15.0, fail_safe_a=6.0, fallback="on_off", relay_name="k1")
    house.run(60)
    granted(house, TryCharge("garage", 120.0))
    house.run(10)
    house.cars["garage"].answers = False
    for second in range(400):
        if second % 60 == 0:
            granted(house, TryCharge("garage", 120.0))
        house.step()
        assert house.memory.chargers["garage"].hand.stage is not Stage.CLOSED
    assert not house.cars["garage"].relay_closed


def test_a_test_of_lines_raises_nothing() -> None:
    house = fleet()
    house.run(60)
    granted(house, TryCharge("garage", 120.0))
    house.run(5)
    granted(house, ProveLines("garage"))
    for _ in range(100):
        house.step()
        assert told_a(house)[0] <= LEAST_A


@pytest.mark.parametrize(
    ("change", "seconds", "code", "words"),
    [
        ({"commissioning": None}, 15.0, "not_now", "a first charge belongs to the first run"),
        ({}, 120.5, "bad_value", "a first charge lasts 0 to 120 s, not 120.5 s"),
        ({}, -1.0, "bad_value", "a first charge lasts 0 to 120 s, not -1 s"),
        (
            {"chargers": {"garage": ChargerSettings("off")}},
            15.0,
            "not_now",
            "garage is switched off; choose a mode first",
        ),
    ],
)
def test_a_first_charge_that_cannot_be_is_refused(
    change: dict[str, Any], seconds: float, code: str, words: str
) -> None:
    house = fleet()
    verdict = grant(house.rules, replace(house.settings, **change), TryCharge("garage", seconds), NOW)
    assert isinstance(verdict, Refusal)
    assert (verdict.code, verdict.text) == (code, words)


@pytest.mark.parametrize(
    ("commissioning", "words"),
    [
        ("fuse", "'fuse' is no first run"),
        (Commissioning(""), "'' is no step of the first run"),
        (Commissioning("x" * 33), f"'{'x' * 32}' is no step of the first run"),
        (Commissioning(cast(str, 7)), "7 is no step of the first run"),
        (Commissioning("fuse", {"a": "x" * 201}), "too much was answered in the first run"),
        (Commissioning("fuse", {str(i): "" for i in range(65)}), "too much was answered in the first run"),
        (Commissioning("fuse", cast(Any, {"a": 7})), "too much was answered in the first run"),
    ],
)
def test_a_strange_first_run_is_refused(commissioning: Any, words: str) -> None:
    verdict = grant(fleet().rules, Settings(), Commission(commissioning), NOW)
    assert isinstance(verdict, Refusal)
    assert (verdict.code, verdict.text) == ("bad_value", words)


@pytest.mark.parametrize(
    ("proofs", "words"),
    [
        ("meter", "'meter' is no list of what is to be proven"),
        (Proofs(cast(Any, ["meter"])), "a Proofs is no list of what is to be proven"),
        (Proofs(cast(Any, (7,))), "too much is said to be not proven"),
        (Proofs(("x",) * 65), "too much is said to be not proven"),
        (Proofs(("x" * 33,)), "too much is said to be not proven"),
    ],
)
def test_a_strange_list_of_proofs_is_refused(proofs: Any, words: str) -> None:
    verdict = grant(fleet().rules, Settings(), Commission(None, proofs), NOW)
    assert isinstance(verdict, Refusal)
    assert (verdict.code, verdict.text) == ("bad_value", words)


def test_what_is_not_proven_stays_known() -> None:
    """PNL-66: until it is done."""
    house = fleet()
    granted(house, Commission(None, Proofs(("meter.L2",))))
    granted(house, Commission(FIRST_RUN))
    assert house.settings.proofs == Proofs(("meter.L2",))
    granted(house, Commission(None, Proofs()))
    assert house.settings.proofs == Proofs()


def test_how_far_it_has_come_is_kept() -> None:
    """PNL-71: taken up again, also after a power cut."""
    house = fleet()
    for told in (Commissioning("fuse", {"language": "de"}), None):
        granted(house, Commission(told))
        assert house.settings.commissioning == told


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["try", "mode", "boost", "lines", "answers", "measured", "keeps_a", "meter", "none"]
            ),
            st.sampled_from(MODES),
            st.floats(0.0, 120.0),
            st.booleans(),
            st.integers(1, 15),
        ),
        max_size=20,
    )
)
def test_whatever_is_asked_nobody_gets_more_than_a_first_charge(
    course: list[tuple[str, str, float, bool, int]],
) -> None:
    """PNL-71: in the first run no charger is told more than its least, and nothing unless it was tried."""
    house, until_s = fleet(relay=True, watchdog_s=15.0, relay_name="k1"), 0.0
    for what, mode, seconds, on, lasts_s in course:
        if what == "try":
            intent = TryCharge("garage", seconds)
            if isinstance(grant(house.rules, house.settings, intent, NOW), Settings):
                house.errands.append(intent)
                until_s = house.now_s + 1.0 + seconds
        elif what == "mode":
            orders = {name: ChargerSettings(cast(Any, mode)) for name in house.cars}
            house.settings = replace(house.settings, chargers=orders)
        elif what == "boost":
            verdict = grant(house.rules, house.settings, SetBoost("garage", 3600.0), NOW)
            house.settings = verdict if isinstance(verdict, Settings) else house.settings
        elif what == "lines":
            house.errands.append(ProveLines("garage"))
        elif what == "keeps_a":
            house.cars["garage"].keeps_a = 9.0 if on else None
        elif what == "meter":
            house.meter = on
        elif what != "none":
            setattr(house.cars["garage"], what, on)
        for _ in range(lasts_s):
            house.step()
            garage_a, yard_a = told_a(house)
            assert yard_a == 0.0
            assert garage_a in (0.0, LEAST_A)
            assert garage_a == 0.0 or house.now_s < until_s
