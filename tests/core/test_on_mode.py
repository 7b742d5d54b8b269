"""A charger that is switched off keeps the mode it goes back to."""

from dataclasses import replace
from typing import cast

import pytest

from hems.core.grant import grant
from hems.core.repair import completed
from hems.core.rules import ChargerRules, Rules
from hems.journal.orders import from_documents, to_documents
from hems.model.intents import Intent, Refusal, SetCharging, SetMode
from hems.model.settings import ChargerSettings, Mode, Settings
from tests.panel.views import NOW

RULES = Rules((25.0, 25.0, 25.0), {"garage": ChargerRules(1)})
FITTING = ChargerSettings(user_max_a=16.0)


def told(settings: Settings, intent: Intent) -> Settings:
    granted = grant(RULES, settings, intent, NOW)
    assert isinstance(granted, Settings)
    return granted


@pytest.mark.parametrize("mode", ["fast", "surplus", "min_surplus"])
def test_off_keeps_the_mode_that_was_in_force(mode: Mode) -> None:
    """API-74: who switches it on again means that mode."""
    on = Settings({"garage": replace(FITTING, mode=mode)})
    assert told(on, SetMode("garage", "off")).charger("garage").on_mode == mode
    orders = replace(FITTING, mode="off")
    assert told(on, SetCharging("garage", orders)).charger("garage").on_mode == mode


def test_off_once_more_changes_nothing() -> None:
    """API-74."""
    off = Settings({"garage": replace(FITTING, mode="off", on_mode="fast")})
    assert told(off, SetMode("garage", "off")) == off


def test_what_is_off_may_be_told_another_mode_to_go_back_to() -> None:
    """API-102: orders never end off by themselves."""
    off = Settings({"garage": replace(FITTING, mode="off", on_mode="fast")})
    orders = replace(FITTING, mode="off", on_mode="min_surplus")
    assert told(off, SetCharging("garage", orders)).charger("garage") == orders


@pytest.mark.parametrize("mode", ["off", "turbo", None])
def test_nothing_goes_back_to_what_is_no_mode_or_off(mode: object) -> None:
    """API-74: whoever switches on wants to charge; stored nonsense is mended."""
    wrong = replace(FITTING, mode="off", on_mode=cast(Mode, mode))
    off = Settings({"garage": replace(FITTING, mode="off")})
    refusal = grant(RULES, off, SetCharging("garage", wrong), NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "bad_value"
    mended = completed(RULES, Settings({"garage": wrong}))
    assert mended.settings.charger("garage").on_mode == "surplus"
    assert len(mended.words) == 1


def test_it_survives_a_power_cut() -> None:
    """API-74."""
    off = Settings({"garage": replace(FITTING, mode="off", on_mode="min_surplus")})
    rows = [{"name": name, **row} for name, row in to_documents(off, ()).items()]
    words: list[str] = []
    assert from_documents(rows, words) == off
    assert words == []
