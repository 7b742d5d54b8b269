"""Settings that are changed by their name (API-107, API-110)."""

from dataclasses import replace
from math import inf, nan
from typing import cast

import pytest

from hems.core.grant import grant
from hems.core.rules import Rules
from hems.core.settable import rows
from hems.core.tariff import TariffRules, Window
from hems.model.instant import Instant
from hems.model.intents import Refusal, SetPanel, SetSetting
from hems.model.settings import PanelSettings, Settings, TariffChoice
from tests.core.bench import FUSE_A, WALL

NOW = Instant(0.0, WALL)
UNTOLD = Settings()
RULES = Rules(FUSE_A, tariff=TariffRules("static", "peak", (Window("off_peak", 0, 360),)))


def told(name: str, value: float | str | bool, settings: Settings = UNTOLD) -> Settings | Refusal:
    return grant(RULES, settings, SetSetting(name, value), NOW)


def test_the_rows_of_an_installation() -> None:
    """Each setting once, with its default inside its range or among its choices."""
    found = {row.name: row for row in rows(RULES)}
    assert list(found) == [
        "acquisition_tolerance", "battery_level_consideration", "line_limit_a", "tariff_provider",
        "language", "contrast", "dark_after_s", "large", "locked",
    ]  # fmt: skip
    assert found["acquisition_tolerance"].default == 0.5
    assert found["battery_level_consideration"].default == 0.9
    line = found["line_limit_a"]
    assert (line.default, line.least, line.most, line.step, line.unit, line.none) == (
        0.0, 6, max(FUSE_A), 1.0, "A", True,
    )  # fmt: skip
    assert found["tariff_provider"].choices == (
        "", "static", "awattar-at", "awattar-de", "file", "optimizer",
    )  # fmt: skip
    for row in found.values():
        if row.choices:
            assert row.default in row.choices
        elif not isinstance(row.default, bool):
            assert row.least is not None
            assert row.none or row.least <= float(row.default) <= (row.most or inf)


@pytest.mark.parametrize(
    ("name", "value", "panel"),
    [
        ("language", "de", PanelSettings("de")),
        ("contrast", 3, PanelSettings(contrast=3)),
        ("contrast", 3.0, PanelSettings(contrast=3)),
        ("dark_after_s", 60, PanelSettings(dark_after_s=60.0)),
        ("large", True, PanelSettings(large=True)),
        ("locked", True, PanelSettings(locked=True)),
    ],
)
def test_one_setting_of_the_panel_leaves_the_others(
    name: str, value: float | str | bool, panel: PanelSettings
) -> None:
    after = told(name, value, Settings(chosen={"line_limit_a": 10.0}))
    assert isinstance(after, Settings)
    assert after == Settings(chosen={"line_limit_a": 10.0}, panel=panel)
    assert isinstance(after.panel.contrast, int)


def test_figures_of_the_rules_by_name() -> None:
    """API-107: 0 is no limit beyond the fuse."""
    after = told("line_limit_a", 0)
    assert isinstance(after, Settings)
    assert after.chosen == {"line_limit_a": 0.0}


def test_whose_prices_are_used() -> None:
    """API-106: whether they are used stays."""
    silent = Settings(tariff=TariffChoice("", enabled=False))
    after = told("tariff_provider", "awattar-de", silent)
    assert isinstance(after, Settings)
    assert after.tariff == TariffChoice("awattar-de", enabled=False)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("colour", 1, "unknown_name"),
        ("", 1, "missing"),
        ("language", "it", "bad_value"),
        ("contrast", 6, "bad_value"),
        ("contrast", 2.5, "bad_value"),
        ("contrast", True, "bad_value"),
        ("contrast", nan, "bad_value"),
        ("dark_after_s", 5, "bad_value"),
        ("dark_after_s", inf, "bad_value"),
        ("dark_after_s", 10**400, "bad_value"),
        ("contrast", 10**400, "bad_value"),
        ("line_limit_a", 10**400, "bad_value"),
        ("locked", 1, "bad_value"),
        ("line_limit_a", 5, "bad_value"),
        ("line_limit_a", "10", "bad_value"),
        ("acquisition_tolerance", True, "bad_value"),
        ("tariff_provider", "enron", "bad_value"),
        ("tariff_provider", 7, "bad_value"),
    ],
)
def test_what_cannot_be_is_refused(name: str, value: float | str | bool, code: str) -> None:
    verdict = told(name, value)
    assert isinstance(verdict, Refusal)
    assert verdict.code == code
    assert replace(verdict, template="x", figures={}).text == "x"


def test_the_panel_is_set_as_a_whole_or_not_at_all() -> None:
    """PNL-14, PNL-80: what is no panel's settings, or holds a brightness of none, is refused."""
    bright = PanelSettings("fr", contrast=2)
    after = grant(RULES, UNTOLD, SetPanel(bright), NOW)
    assert isinstance(after, Settings)
    assert after.panel is bright
    for odd in (cast(PanelSettings, "bright"), replace(bright, contrast=cast(int, 2.5))):
        assert isinstance(grant(RULES, UNTOLD, SetPanel(odd), NOW), Refusal)
