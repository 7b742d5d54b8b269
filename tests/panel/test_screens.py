"""PNL-40, 50: which screens there are, and that their rows fit."""

from dataclasses import replace

import pytest

from hems.panel.layout import Look
from hems.panel.screens import places, screen_page
from tests.panel.views import HOUSE, extreme, nothing_known


def rows(name: str, view_name: str = "house") -> list[str]:
    """The six rows of a screen as 21 characters each, as far as they are text."""
    view = {"house": HOUSE, "unknown": nothing_known(HOUSE), "extreme": extreme(HOUSE)}[view_name]
    place = next(place for place in places(view) if place.name == name)
    grid = [[" "] * 21 for _ in range(6)]
    for text in screen_page(place, Look(view, view.now, place.subject)).texts:
        words = text.text.rjust(text.width) if text.right else text.text
        for i, character in enumerate(words):
            if character != " ":
                grid[text.row][text.column + i] = character
    return ["".join(row).rstrip() for row in grid]


def test_a_house_has_the_screens_of_its_devices() -> None:
    """PNL-40."""
    names = [place.name for place in places(HOUSE)]
    assert names == [
        "home",
        "car-garage",
        "car-carport",
        "heat_pump-lambda",
        "energy",
        "bus-rs485-a-0",
        "memory",
    ]
    bare = replace(HOUSE, installed=replace(HOUSE.installed, chargers={}, heat_pumps={}))
    assert [place.name for place in places(bare)] == ["home", "energy", "bus-rs485-a-0", "memory"]


def test_home() -> None:
    """PNL-43."""
    assert rows("home") == [
        "Home            14:32",
        "                 GRID",
        "                 buys",
        "      3.24kW",
        "PV 1.84kW  Car 4.12kW",
        "HP   620W  L2 22/25 A",
    ]


def test_home_before_anything_is_known() -> None:
    """PNL-41: never zero for unknown."""
    assert rows("home", "unknown")[4:] == ["PV     --  Car     --", "HP     --  L? --/25 A"]


def test_car() -> None:
    """PNL-44."""
    assert rows("car-garage") == [
        "garage         min+PV",
        "",
        "",
        "    16 A       CHARGE",
        "11.0kW  5.20kWh  1:12",
        "fuse L2 holds 16 A",
    ]


def test_energy() -> None:
    assert rows("energy")[1:5] == [
        "Bought       8.42 kWh",
        "Sold         3.10 kWh",
        "Solar        14.7 kWh",
        "Cars         9.80 kWh",
    ]


def test_heat_pump() -> None:
    """PNL-46, thin."""
    assert rows("heat_pump-lambda") == [
        "Heat pump     HEATING",
        "      today 2h  total",
        "Heat      4  1 12,345",
        "Water     1  0  2,210",
        "Defrost   2  0    805",
        "Starts    6  1 15,120",
    ]
    assert rows("heat_pump-a-very-long-name", "extreme")[0] == "a-very-lo… CODE 65535"


def test_bus() -> None:
    """PNL-49: load, age of the last good value, errors, back-off, early requests."""
    assert rows("bus-rs485-a-0") == [
        "Bus rs485-a      32 %",
        "grid     0.4 s     ok",
        "garage   0.6 s  2 err",
        "carport  1.2 s     ok",
        "lambda   back in 40 s",
        "in order      early 0",
    ]
    unknown = rows("bus-rs485-a-0", "unknown")
    assert (unknown[1], unknown[5]) == ("grid        --     --", "no port       early 0")


def test_more_than_four_devices_take_a_second_page() -> None:
    first, second = rows("bus-a-very-long-name-0", "extreme"), rows("bus-a-very-long-name-1", "extreme")
    assert first[1:5] == ["a-very… 58 min 12kerr"] * 4
    assert second[1:5] == ["a-very… 58 min 12kerr"] * 2 + [""] * 2
    assert first[5] == "in order    early 99k"


@pytest.mark.parametrize(
    ("alarms", "last_rows"),
    [
        ([], ["no alarms", ""]),
        (["records_lost"], ["records lost", ""]),
        (["records_lost", "book_unreadable"], ["records lost", "book unreadable"]),
        (["records_lost", "book_unreadable", "late"], ["records lost", "and 2 more"]),
    ],
)
def test_what_is_wrong_with_the_memory_is_named(alarms: list[str], last_rows: list[str]) -> None:
    """JRN-24, 43: alarms by their names."""
    journal = replace(HOUSE.health.journal, alarms=dict.fromkeys(alarms, "2026-11-21: …"))
    view = replace(HOUSE, health=replace(HOUSE.health, journal=journal))
    place = next(place for place in places(view) if place.name == "memory")
    texts = screen_page(place, Look(view, view.now)).texts
    assert [text.text for text in texts if text.row in (4, 5)] == last_rows
