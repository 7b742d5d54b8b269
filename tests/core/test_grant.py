from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf, nan
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from hems.core.grant import completed, grant
from hems.core.rules import ChargerRules, Rules
from hems.core.tariff import TariffRules
from hems.model.instant import Instant
from hems.model.intents import Intent, PutPrices, Refusal, SetMode, SetUserMax
from hems.model.prices import Prices, Slot
from hems.model.settings import ChargerSettings, Mode, Settings
from tests.core.bench import FUSE_A, WALL

RULES = Rules(FUSE_A, {"garage": ChargerRules(max_a=16.0), "yard": ChargerRules(max_a=32.0)})
NOW = Instant(0.0, WALL, trusted=True)
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
    after = grant(RULES, BEFORE, intent, NOW)
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
    assert grant(RULES, BEFORE, intent, NOW) == Refusal(code, words)


def test_refuses_a_mode_that_is_none() -> None:
    intent = SetMode("garage", cast(Mode, "turbo"))
    words = "'turbo' is no mode; modes: off, fast, surplus, surplus_target, min_surplus, min_surplus_target"
    assert grant(RULES, BEFORE, intent, NOW) == Refusal("bad_value", words)


def test_says_when_there_is_no_charger_at_all() -> None:
    refusal = grant(Rules(FUSE_A), Settings(), SetMode("garage", "off"), NOW)
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


NOON = datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("Europe/Berlin"))
SLOT = Slot(NOON, NOON + timedelta(hours=1), 0.12)
SPOT = replace(RULES, tariff=TariffRules("awattar-at", "standard"))


def test_prices_are_taken_as_a_whole_and_kept_in_utc() -> None:
    """CHG-80, CHG-82; other orders keep them."""
    after = grant(SPOT, BEFORE, PutPrices("awattar-at", (SLOT,)), NOW)
    assert isinstance(after, Settings)
    assert after.prices == Prices("awattar-at", (SLOT,))
    assert after.prices.slots[0].start.tzinfo is UTC
    later = grant(SPOT, after, SetMode("garage", "off"), NOW)
    assert isinstance(later, Settings)
    assert later.prices is after.prices


@pytest.mark.parametrize(
    ("rules", "intent", "code", "words"),
    [
        (
            RULES,
            PutPrices("awattar-at", (SLOT,)),
            "unsupported",
            "the tariff is none, which takes no prices ",
        ),
        (
            replace(RULES, tariff=TariffRules("static", "peak")),
            PutPrices("static", (SLOT,)),
            "unsupported",
            "the tariff is static, which takes no prices from outside",
        ),
        (SPOT, PutPrices("file", (SLOT,)), "bad_value", "the prices are of 'file', the tariff is awattar-at"),
        (SPOT, PutPrices("awattar-at", ()), "bad_value", "prices: 0 slots; there must be 1 to 700"),
        (
            SPOT,
            PutPrices("awattar-at", (SLOT, SLOT)),
            "bad_value",
            "prices: slot 2 begins at 2026-11-21T12:00+01:00, before the one before it has ended",
        ),
    ],
)
def test_prices_that_cannot_be_meant_are_refused(
    rules: Rules, intent: PutPrices, code: str, words: str
) -> None:
    refusal = grant(rules, BEFORE, intent, NOW)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.text[: len(words)]) == (code, words)
