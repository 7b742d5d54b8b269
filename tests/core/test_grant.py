from math import inf, nan
from typing import cast

import pytest

from hems.core.grant import completed, grant
from hems.core.rules import ChargerRules, Rules
from hems.model.intents import Intent, Refusal, SetMode, SetUserMax
from hems.model.settings import ChargerSettings, Mode, Settings
from tests.core.bench import FUSE_A

RULES = Rules(FUSE_A, {"garage": ChargerRules(max_a=16.0), "yard": ChargerRules(max_a=32.0)})
BEFORE = Settings({"yard": ChargerSettings("fast", 20.0)})


@pytest.mark.parametrize(
    ("intent", "orders"),
    [
        (SetMode("garage", "min_surplus"), ChargerSettings("min_surplus", 32.0)),
        (SetUserMax("garage", 6.0), ChargerSettings("surplus", 6.0)),
        (SetUserMax("garage", 16.0), ChargerSettings("surplus", 16.0)),
    ],
)
def test_grants_what_is_possible_and_leaves_the_rest(intent: Intent, orders: ChargerSettings) -> None:
    after = grant(RULES, BEFORE, intent)
    assert after == Settings({"yard": ChargerSettings("fast", 20.0), "garage": orders})
    assert BEFORE.chargers == {"yard": ChargerSettings("fast", 20.0)}


@pytest.mark.parametrize(
    ("intent", "code", "words"),
    [
        (SetMode("", "fast"), "missing", "no charger is named"),
        (SetMode("barn", "fast"), "unknown_name", "there is no charger 'barn'; known: garage, yard"),
        (SetUserMax("garage", 40.0), "bad_value", "garage takes 6 to 16 A, not 40 A"),
        (SetUserMax("garage", 5.9), "bad_value", "garage takes 6 to 16 A, not 5.9 A"),
        (SetUserMax("garage", nan), "bad_value", "garage takes 6 to 16 A, not nan A"),
        (SetUserMax("yard", inf), "bad_value", "yard takes 6 to 32 A, not inf A"),
    ],
)
def test_refuses_in_words_with_figures(intent: Intent, code: str, words: str) -> None:
    assert grant(RULES, BEFORE, intent) == Refusal(code, words)


def test_refuses_a_mode_that_is_none() -> None:
    intent = SetMode("garage", cast(Mode, "turbo"))
    words = "'turbo' is no mode; modes: off, fast, surplus, min_surplus"
    assert grant(RULES, BEFORE, intent) == Refusal("bad_value", words)


def test_says_when_there_is_no_charger_at_all() -> None:
    refusal = grant(Rules(FUSE_A), Settings(), SetMode("garage", "off"))
    assert refusal == Refusal("unknown_name", "there is no charger 'garage'; known: none")


def test_settings_are_completed_for_what_is_installed_today() -> None:
    former = Settings({"garage": ChargerSettings("fast", 32.0), "sold": ChargerSettings("off", 10.0)})
    assert completed(RULES, former).chargers == {
        "garage": ChargerSettings("fast", 16.0),
        "sold": ChargerSettings("off", 10.0),
        "yard": ChargerSettings("surplus", 32.0),
    }
    low = completed(RULES, Settings({"yard": ChargerSettings("fast", 1.0)})).chargers["yard"]
    assert low == ChargerSettings("fast", 6.0)
    assert completed(RULES, None).chargers["garage"] == ChargerSettings("surplus", 16.0)
