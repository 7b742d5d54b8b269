"""A charger's orders with some of them changed (API-101, API-102)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.amend import AIM, ORDERS, amended
from hems.core.grant import grant
from hems.core.repair import completed
from hems.model.intents import AmendCharging, Refusal
from hems.model.phrase import Phrase
from hems.model.settings import ChargerSettings, Settings, Target
from tests.core.bench import WALL
from tests.core.test_grant import BEFORE, JUNK, NOW, RULES, TARGET

PLAIN = ChargerSettings("surplus", 16.0, vehicle="zoe", cheap=True, cheap_pct=30.0)
AIMED = replace(PLAIN, mode="surplus_target", target=replace(TARGET, one_piece=True, energy_wh=5_000.0))


def test_what_is_not_named_stays() -> None:
    """API-102: two that ask one after the other lose nothing of each other."""
    assert amended(PLAIN, {}) == PLAIN
    one = amended(AIMED, {"target_pct": 55.0})
    assert isinstance(one, ChargerSettings)
    two = amended(one, {"deadline": WALL, "mode": "fast"})
    assert AIMED.target
    target = replace(AIMED.target, target_pct=55.0, deadline=WALL)
    assert two == replace(AIMED, mode="fast", target=target)


def test_a_level_is_kept_for_the_next_target() -> None:
    """API-101: targetPercentage is told without a deadline, too."""
    told = amended(PLAIN, {"target_pct": 70.0})
    assert told == replace(PLAIN, level_pct=70.0)
    assert isinstance(told, ChargerSettings)
    aimed = amended(told, {"deadline": WALL, "repeat_days": (1, 2)})
    assert aimed == replace(told, target=Target(WALL, 70.0, repeat_days=(1, 2)))
    assert isinstance(aimed, ChargerSettings)
    given_up = amended(replace(aimed, level_pct=1.0), {"deadline": None, "repeat_days": ()})
    assert given_up == replace(PLAIN, level_pct=70.0)
    assert amended(PLAIN, {"deadline": None, "target_pct": 20.0}) == replace(PLAIN, level_pct=20.0)


def test_a_charger_that_is_off_stays_off() -> None:
    """API-102: the mode is the one it goes back to."""
    off = replace(PLAIN, mode="off")
    assert amended(off, {"mode": "fast"}) == replace(off, on_mode="fast")


@pytest.mark.parametrize(
    ("former", "changes", "words"),
    [
        (PLAIN, {"repeat_days": (1,)}, "a target needs a deadline"),
        (AIMED, {"deadline": None, "energy_wh": 1.0}, "a target needs a deadline"),
        (replace(PLAIN, mode="off"), {"mode": "surplus_target"}, "surplus_target needs a target"),
        (replace(AIMED, mode="off", on_mode="surplus_target"), {"deadline": None}, "surplus_target needs"),
        (PLAIN, {"boost": None}, "'boost' is no order of a charger"),
    ],
)
def test_what_cannot_be_as_a_whole(former: ChargerSettings, changes: dict[str, Any], words: str) -> None:
    found = amended(former, changes)
    assert isinstance(found, Phrase)
    assert found.text.startswith(words)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"mode": "surplus_target"}, "bad_value"),
        ({"deadline": WALL - timedelta(hours=1)}, "bad_value"),
        ({"target_pct": 101.0}, "bad_value"),
        ({"cheap_pct": -1.0, "mode": "fast"}, "bad_value"),
        ({"vehicle": "tesla", "mode": "fast"}, "unknown_name"),
        ({"nothing": 1}, "bad_value"),
    ],
)
def test_one_bad_value_refuses_all(changes: dict[str, Any], code: str) -> None:
    """API-101: nothing is changed."""
    verdict = grant(RULES, BEFORE, AmendCharging("garage", changes), NOW)
    assert isinstance(verdict, Refusal)
    assert verdict.code == code


def test_a_car_stands_at_one_charger() -> None:
    before = Settings({"garage": ChargerSettings(vehicle="zoe"), "yard": ChargerSettings(user_max_a=16.0)})
    after = grant(RULES, before, AmendCharging("yard", {"vehicle": "zoe"}), NOW)
    assert isinstance(after, Settings)
    assert (after.chargers["garage"].vehicle, after.chargers["yard"].vehicle) == ("", "zoe")


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(sorted(ORDERS | AIM)), JUNK, max_size=4),
    st.sampled_from([PLAIN, AIMED, replace(AIMED, mode="off"), replace(PLAIN, mode="off")]),
    st.booleans(),
)
def test_whatever_is_changed_is_valid_or_refused(
    changes: dict[str, object], former: ChargerSettings, trusted: bool
) -> None:
    """Law 10: nothing raises, nothing starts a charger that is off, what was granted needs no repair."""
    before = completed(RULES, Settings({"garage": former})).settings
    verdict = grant(RULES, before, AmendCharging("garage", changes), replace(NOW, trusted=trusted))
    if isinstance(verdict, Refusal):
        assert verdict.code in ("unknown_name", "missing", "bad_value", "unsupported")
        return
    assert completed(RULES, verdict) == (verdict, ())
    if former.mode == "off":
        assert verdict.chargers["garage"].mode == "off"
