"""PNL-40 to 44, 50, 84: which screens there are, and what the first of them say."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hems.model.view import View
from hems.panel.draw import draw
from hems.panel.keys import Key, KeyEvent
from hems.panel.layout import LOOKING, Look
from hems.panel.screen import screen_page
from hems.panel.screens import SCREENS, places, standing
from tests.panel.any_view import views
from tests.panel.rich_view import RICH
from tests.panel.seen import rows
from tests.panel.test_pages import assert_fits
from tests.panel.views import HOUSE, nothing_known


def test_a_house_has_the_screens_of_its_devices() -> None:
    """PNL-40, 42."""
    names = [place.name for place in places(HOUSE)]
    assert names == [
        "home", "car-garage", "car-carport", "energy", "heat_pump-lambda", "counters", "lines", "alarms",
        "bus-rs485-a-0", "bus-rs485-a-1", "memory", "about",
    ]  # fmt: skip
    bare = replace(
        HOUSE,
        installed=replace(HOUSE.installed, chargers={}, heat_pumps={}),
        counters={},
        health=NOTHING.health,
    )
    assert [place.name for place in places(bare)] == [
        "home", "energy", "lines", "alarms", "bus-rs485-a-0", "bus-rs485-a-1", "memory", "about",
    ]  # fmt: skip
    rich = [place.name for place in places(RICH)]
    assert {"plan", "battery", "search", "network", "version"} <= set(rich)
    assert [place.screen for place in places(RICH) if place.screen.key != "bus"] == [
        screen for screen in SCREENS if screen.key != "bus"
    ]


NOTHING = nothing_known(HOUSE)


def test_a_place_is_found_by_its_name() -> None:
    found = standing(HOUSE, "car-carport")
    assert found is not None
    assert found.subject == "carport"
    assert standing(HOUSE, "plan") is None


def test_home() -> None:
    """PNL-43."""
    assert rows(HOUSE, "home") == [
        "Home            14:32",
        "                 GRID",
        "                 buys",
        "      3.24kW",
        "PV 1.84kW  Car 4.12kW",
        "HP   620W  L2 22/25 A",
    ]
    assert rows(HOUSE, "home", 0, "pv")[1:4] == [
        "                SOLAR",
        "                gives",
        "      1.84kW",
    ]


def test_home_before_anything_is_known() -> None:
    """PNL-41: never zero for unknown."""
    assert rows(NOTHING, "home")[4:] == ["PV     --  Car     --", "HP     --  L? --/25 A"]


def test_large_home_is_one_value() -> None:
    """PNL-84."""
    panel = replace(HOUSE.settings.panel, large=True)
    view = replace(HOUSE, settings=replace(HOUSE.settings, panel=panel))
    assert rows(view, "home") == [
        "Home            14:32", "", "GRID             buys", "", "", "         3.24 kW",
    ]  # fmt: skip
    assert rows(view, "home", 0, "car")[5] == "         4.12 kW"


def test_car() -> None:
    """PNL-44."""
    assert rows(HOUSE, "car-garage") == [
        "garage    1/2  min+PV",
        "",
        "",
        "    16 A       CHARGE",
        "11.0kW  5.20kWh  1:12",
        "fuse L2 holds 16 A",
    ]
    assert rows(RICH, "car-garage")[0] == "garage         PV+aim"


def test_today() -> None:
    assert rows(RICH, "energy") == [
        "Today          12 Mar",
        "Bought       8.42 kWh",
        "Sold         3.10 kWh",
        "Solar        14.7 kWh",
        "Cars         5.20 kWh",
        "  of it solar    71 %",
    ]


def test_what_is_not_installed_has_no_row_and_what_is_unknown_no_share() -> None:
    """PNL-41."""
    bare = replace(HOUSE, installed=replace(HOUSE.installed, chargers={}, pv=False))
    assert rows(bare, "energy")[3:] == ["", "", ""]
    assert rows(HOUSE, "energy")[5] == "  of it solar      --"
    assert rows(_counted(HOUSE, 0, 0), "energy")[5] == "  of it solar      --"


def _counted(view: View, solar_wh: int, all_wh: int) -> View:
    counters: dict[str, int | float | None] = dict(view.counters)
    for number in (1, 2):
        counters |= {f"ev{number}.energy.solar.daily": solar_wh, f"ev{number}.energy.all.daily": all_wh}
    return replace(view, counters=counters)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(views(), st.lists(st.sampled_from([Key.OK, Key.UP, Key.DOWN]), max_size=4))
def test_everything_fits_wherever_keys_lead(view: View, keys: list[Key]) -> None:
    """PNL-50, 91: on every screen of any house, and inside it."""
    for place in places(view):
        spot = LOOKING
        assert_fits(screen_page(place, Look(view, view.now, place.subject, spot)))
        for key in keys:
            if place.screen.keys is not None and (key is Key.OK or spot.level):
                spot = place.screen.keys(Look(view, view.now, place.subject, spot), KeyEvent(key)).spot
                shown = screen_page(place, Look(view, view.now, place.subject, spot))
                assert_fits(shown)
                draw(shown, 0.0)
