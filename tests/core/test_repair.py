"""Stored settings always fit the installation, whatever has changed since."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from math import nan
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.orders import charger_faults
from hems.core.repair import completed
from hems.core.rules import ChargerRules, Rules
from hems.model.settings import (
    Boost,
    ChargerSettings,
    Mode,
    OperatorLimit,
    PanelSettings,
    SearchMark,
    Settings,
    SgByHand,
    Target,
    TariffChoice,
    VehicleSettings,
)
from tests.core.bench import FUSE_A, WALL
from tests.core.test_grant import JUNK, RULES, TARGET

BARE = Rules(FUSE_A, {"garage": ChargerRules(max_a=16.0), "yard": ChargerRules(max_a=32.0)})


def test_settings_are_completed_for_what_is_installed_today() -> None:
    former = Settings({"garage": ChargerSettings("fast", 32.0), "sold": ChargerSettings("off", 10.0)})
    found, words = completed(BARE, former)
    assert found.chargers == {
        "garage": ChargerSettings("fast", 16.0),
        "sold": ChargerSettings("off", 10.0),
        "yard": ChargerSettings("surplus", 32.0),
    }
    assert words == ("garage takes 6 to 16 A, not 32 A; user_max_a of garage is now 16",)
    low = completed(BARE, Settings({"yard": ChargerSettings("fast", 1.0)})).settings.chargers["yard"]
    assert low == ChargerSettings("fast", 6.0)
    first = completed(BARE, None)
    assert (first.settings.chargers["garage"], first.words) == (ChargerSettings("surplus", 16.0), ())


def test_what_fits_stays_as_it_is() -> None:
    orders = ChargerSettings("surplus_target", 16.0, TARGET, True, 20.0, True, "zoe", 1, Boost(WALL, 60.0))
    kept = Settings(
        {"garage": orders, "yard": ChargerSettings()},
        vehicles={"zoe": VehicleSettings(50.0, WALL), "sold": VehicleSettings(10.0)},
        operator=OperatorLimit(4_200.0, WALL),
        heat_pumps={"heat": SgByHand("forced", WALL)},
        chosen={"line_limit_a": 0.0},
    )
    assert completed(RULES, kept) == (kept, ())


def test_every_order_that_the_house_no_longer_allows_is_mended_in_words() -> None:
    """A smaller charger, no switch of lines, no such car: the rest of the orders stays."""
    orders = ChargerSettings("fast", 16.0, TARGET, True, 20.0, False, "bus", 3, Boost(WALL))
    found, words = completed(BARE, Settings({"garage": orders}))
    assert found.chargers["garage"] == ChargerSettings("fast", 16.0, TARGET, True, 20.0)
    assert words == (
        "there is no vehicle 'bus'; known: none; vehicle of garage is now ''",
        "garage has nothing that switches its lines; lines of garage is now None",
        "garage: a boost needs a time or an energy; boost of garage is now None",
    )


def test_a_mode_that_loses_its_target_keeps_its_plain_half() -> None:
    """CHG-94: aimed modes without a target follow the sun."""
    for mode, plain in (("surplus_target", "surplus"), ("min_surplus_target", "min_surplus")):
        bad = ChargerSettings(cast(Mode, mode), 16.0, Target(WALL, nan))
        assert completed(BARE, Settings({"garage": bad})).settings.chargers["garage"] == ChargerSettings(
            cast(Mode, plain), 16.0
        )
    turbo = ChargerSettings(cast(Mode, "turbo"), nan)
    assert completed(BARE, Settings({"garage": turbo})).settings.chargers["garage"] == ChargerSettings(
        "surplus", 16.0
    )


def test_a_car_that_stands_at_two_chargers_is_expected_at_the_first() -> None:
    both = {name: ChargerSettings(user_max_a=16.0, vehicle="zoe") for name in ("garage", "yard")}
    found, words = completed(RULES, Settings(both))
    assert [found.chargers[name].vehicle for name in ("garage", "yard")] == ["zoe", ""]
    assert words == ("zoe stands at two chargers; yard does not expect it any more",)


def test_orders_to_devices_that_are_gone_are_lifted() -> None:
    """CHG-121, 122; a figure that the rules do not know goes back to the installation's own."""
    told = Settings(
        operator=OperatorLimit(4_200.0, WALL),
        heat_pumps={"heat": SgByHand("forced", WALL)},
        chosen={"line_limit_a": 63.0, "colour": 1.0, "acquisition_tolerance": 0.2},
        vehicles={"zoe": VehicleSettings(level_pct=nan, max_a=16.0)},
    )
    found, words = completed(BARE, told)
    assert (found.operator, found.heat_pumps, found.chosen) == (None, {}, {"acquisition_tolerance": 0.2})
    assert found.vehicles == {"zoe": VehicleSettings(max_a=16.0)}
    assert words == (
        "zoe: level_pct is 0 to 100 %, not nan %; it is forgotten",
        "heat pump heat is not told anything by hand any more",
        "line_limit_a is 0 or 6 to 25 A, not 63 A; the installation's own figure is used",
        "there is no setting 'colour'; known: acquisition_tolerance, battery_level_consideration, "
        "line_limit_a; the installation's own figure is used",
        "the limit of the grid operator is lifted: nobody may limit this installation",
    )


@pytest.mark.parametrize(("state", "seconds"), [("hot", 60.0), ("forced", 1e9), ("forced", nan)])
def test_a_limit_that_cannot_be_meant_is_lifted_and_a_state_too(state: Any, seconds: float) -> None:
    told = Settings(
        operator=OperatorLimit(-1.0, WALL),
        heat_pumps={"heat": SgByHand(state, WALL, seconds)},
        vehicles={"zoe": VehicleSettings(50.0, cast(Any, "noon"))},
    )
    found, words = completed(RULES, told)
    assert (found.operator, found.heat_pumps) == (None, {})
    assert found.vehicles["zoe"] == VehicleSettings(50.0)
    assert words[-1] == "the limit of the grid operator is lifted: a limit is 0 to 1000000 W, not -1 W"
    ended = replace(told, operator=OperatorLimit(1.0, WALL - timedelta(days=9)))
    assert completed(RULES, ended).settings.operator == ended.operator, "whoever knows the time ends it"


NUMBERS = st.integers() | st.floats() | st.just(10**400)
PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "mode": st.text(max_size=4),
    "user_max_a": NUMBERS,
    "target": st.none() | st.builds(Target, JUNK, JUNK, JUNK, JUNK, JUNK, JUNK),
    "boost": st.none() | st.builds(Boost, JUNK, JUNK, JUNK),
}


@settings(max_examples=150, deadline=None)
@given(st.fixed_dictionaries({field.name: PLAIN.get(field.name, JUNK) for field in fields(ChargerSettings)}))
def test_whatever_was_stored_the_rules_get_a_valid_set(stored: dict[str, Any]) -> None:
    """The running rules are never left without one."""
    found, words = completed(RULES, Settings({"garage": ChargerSettings(**stored)}))
    assert tuple(charger_faults(RULES, "garage", found.chargers["garage"])) == ()
    assert all(len(one) < 200 for one in words)
    assert completed(RULES, found) == (found, ())


def test_a_place_no_search_can_have_come_to_is_forgotten() -> None:
    """BUS-73: one of a line that is gone stays for its return."""
    marks = {"a": SearchMark("full", 7, told=datetime(2026, 11, 24, tzinfo=UTC)), "z": SearchMark("live", 0)}
    odd = {"b": SearchMark("full", -1), "c": SearchMark("full", 1, told=datetime(1970, 1, 1, tzinfo=UTC))}
    assert completed(RULES, Settings(searches={**marks, **odd})).settings.searches == marks


def test_panel_and_tariff_fall_back_to_what_was_delivered() -> None:
    """A provider that needs windows which are gone, a brightness that no panel has."""
    stored = Settings(panel=PanelSettings("de", contrast=9), tariff=TariffChoice("static", enabled=False))
    found, words = completed(BARE, stored)
    assert (found.panel, found.tariff) == (PanelSettings(), TariffChoice("", enabled=False))
    assert words == (
        "contrast is 1 to 5, not 9; the panel is as it was delivered",
        "'static' is no provider; providers: awattar-at, awattar-de, file, optimizer;"
        " the installed tariff is used",
    )


def test_what_is_kept_for_later_is_mended_too() -> None:
    """A charger goes back to a mode that there is, and a new target has a level that there is."""
    odd = ChargerSettings("off", 16.0, on_mode="off", level_pct=120.0)
    found, words = completed(BARE, Settings({"garage": odd}))
    assert found.chargers["garage"] == ChargerSettings("off", 16.0)
    assert len(words) == 2
