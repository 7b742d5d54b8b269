"""PNL-60 to 62: what can be set."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.grant import grant
from hems.core.repair import completed
from hems.model.intents import SetMode, SetUserMax, Upkeep
from hems.model.settings import MODES, ChargerSettings, Mode, Settings, Target
from hems.model.view import InstalledCharger, View
from hems.model.why import Reason
from hems.panel.asks import NewPin, Reply, TryPin
from hems.panel.house_items import INSTALLER
from hems.panel.items import Entry, entries, entry, moved
from tests.panel.any_view import rules_of, views
from tests.panel.views import HOUSE, PLANNED, charger, decided, nothing_known, with_charger


def of(name: str, view: View = HOUSE) -> Entry:
    found = entry(view, name)
    assert found is not None
    return found


def ordered(target: Target | None, mode: Mode = "off") -> View:
    return replace(HOUSE, settings=Settings({"garage": ChargerSettings(mode, target=target)}))


def with_limits(limits: InstalledCharger, user_max_a: float = 32.0) -> View:
    installed = replace(HOUSE.installed, chargers={"garage": limits})
    settings = Settings({"garage": ChargerSettings("off", user_max_a)})
    return replace(HOUSE, installed=installed, settings=settings)


def test_every_charger_has_what_it_can_do() -> None:
    """PNL-60: what the installation cannot do has no row."""
    plain = ["mode", "user_max", "boost", "target"]
    house = ["language", "contrast", "dark_after", "large", INSTALLER]
    assert [found.name for found in entries(HOUSE)] == [
        *(f"garage.{key}" for key in plain),
        *(f"carport.{key}" for key in plain),
        *(f".{key}" for key in house),
    ]
    assert [found.item.key for found in entries(PLANNED)] == [
        *plain, "level", "time", "days", "car", "car_level", "capacity", "cheap", "off_peak", "lines", *house,
    ]  # fmt: skip
    assert entry(HOUSE, "garage.nothing") is None
    assert of("garage.mode").values(HOUSE) == ("off", "fast", "surplus", "min_surplus")
    assert of("garage.mode").values(ordered(Target(HOUSE.now.wall + timedelta(hours=1)))) == MODES
    left = ordered(None, "surplus_target")
    assert of("garage.mode").values(left) == ("off", "fast", "surplus", "surplus_target", "min_surplus")
    assert of("garage.mode").present(HOUSE) == "min_surplus"


def test_the_current_limit_runs_from_least_to_most_in_the_chargers_steps() -> None:
    """PNL-60."""
    assert of("garage.user_max").values(HOUSE) == tuple(float(a) for a in range(6, 33))
    tenths = of("carport.user_max").values(HOUSE)
    assert (tenths[0], tenths[1], tenths[-1], len(tenths)) == (6.0, 6.1, 16.0, 101)
    odd = with_limits(InstalledCharger(1, 6.0, 15.5, 1.0, relay=False))
    assert of("garage.user_max", odd).values(odd)[-1] == 15.0


@pytest.mark.parametrize(("set_a", "shown_a"), [(32.0, 16.0), (10.0, 10.0), (9.7, 9.0), (2.0, 6.0)])
def test_a_setting_outside_the_range_is_shown_as_its_nearest(set_a: float, shown_a: float) -> None:
    view = with_limits(InstalledCharger(1, 6.0, 16.0, 1.0, relay=False), set_a)
    assert of("garage.user_max", view).present(view) == shown_a


def test_items_ask_by_intent() -> None:
    assert of("garage.mode").intent(HOUSE, "fast") == SetMode("garage", "fast")
    assert of("garage.user_max").intent(HOUSE, 10.0) == SetUserMax("garage", 10.0)


def step(name: str, value: float | str, direction: Literal[-1, 1], repeats: int = 0) -> float | str:
    return moved(HOUSE, of(name), value, direction, repeats)


def test_currents_clamp_and_never_wrap() -> None:
    """PNL-61."""
    assert step("garage.user_max", 31.0, 1) == 32.0
    assert step("garage.user_max", 32.0, 1) == 32.0
    assert step("garage.user_max", 6.0, -1) == 6.0


def test_choices_wrap() -> None:
    """PNL-61."""
    assert step("garage.mode", "off", 1) == "min_surplus"
    assert step("garage.mode", "off", -1) == "fast"
    assert step("garage.mode", "min_surplus", -1) == "off"


def test_a_held_key_strides_only_through_long_ranges() -> None:
    """PNL-61: x 5 from the 16th repeat, x 10 from the 32nd, aligned; at most 60 steps: one by one."""
    assert step("carport.user_max", 6.1, 1, 15) == 6.2
    assert step("carport.user_max", 6.1, 1, 16) == 6.5
    assert step("carport.user_max", 6.5, 1, 31) == 7.0
    assert step("carport.user_max", 6.5, 1, 32) == 7.0
    assert step("carport.user_max", 7.0, 1, 32) == 8.0
    assert step("carport.user_max", 7.3, -1, 32) == 7.0
    assert step("carport.user_max", 7.0, -1, 32) == 6.0
    assert step("carport.user_max", 6.2, -1, 32) == 6.0
    assert step("carport.user_max", 15.9, 1, 40) == 16.0
    assert step("garage.user_max", 10.0, 1, 40) == 11.0


def test_a_value_the_range_does_not_know_starts_at_its_beginning() -> None:
    assert step("garage.user_max", 5.0, 1) == 7.0


@settings(max_examples=50, deadline=None)
@given(views(), st.data())
def test_whatever_is_offered_is_granted_and_then_in_force(view: View, data: st.DataObject) -> None:
    """PNL-62, PNL-91: and the rest of the orders stays as it was."""
    rules = rules_of(view.installed)
    for found in entries(view):
        value = data.draw(st.sampled_from(found.values(view)))
        intent = found.intent(view, value)
        if intent is None:
            assert found.item.key == INSTALLER
            continue
        assert not isinstance(intent, Upkeep | TryPin | NewPin | Reply)
        granted = grant(rules, view.settings, intent, view.now)
        assert isinstance(granted, Settings), (found.name, value, granted)
        after = entry(replace(view, settings=granted), found.name)
        if after is not None:
            assert after.present(replace(view, settings=granted)) == value
        else:
            assert value == "off" or found.item.key == "car"
        again, _ = completed(rules, granted)
        assert again == granted
        for name, orders in view.settings.chargers.items():
            if name != found.charger and found.item.key != "car":
                assert granted.chargers[name] == orders


@settings(max_examples=50, deadline=None)
@given(views(), st.data())
def test_every_move_stays_in_the_range(view: View, data: st.DataObject) -> None:
    """PNL-91."""
    for found in entries(view):
        values = found.values(view)
        assert found.present(view) in values
        assert found.opening(view) in values
        value = data.draw(st.sampled_from(values))
        direction: Literal[-1, 1] = data.draw(st.sampled_from((-1, 1)))
        assert moved(view, found, value, direction, data.draw(st.integers(0, 50))) in values


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason.LINE_LIMIT, "most now 13: fuse L2"),
        (Reason.CHARGER_MAX, "most now 13: charger"),
        (Reason.CABLE_MAX, "most now 13: cable"),
        (Reason.METER_STALE, "most now 13: meter"),
        (Reason.USER_MAX, "your limit 13 A"),
        (Reason.SURPLUS_LOW, "too little sun"),
    ],
)
def test_the_binding_limit_and_its_reason(reason: Reason, words: str) -> None:
    """PNL-62."""
    view = with_charger(HOUSE, decided(reason, 13.0, line="L2"), charger())
    assert of("garage.user_max", view).bound(view) == words


def test_without_a_decision_nothing_binds() -> None:
    view = nothing_known(HOUSE)
    assert of("garage.user_max", view).bound(view) == ""
