"""PNL-41, 49, JRN-24, 43: memory, search, network, version and about."""

from dataclasses import replace

import pytest

from hems.model.surroundings import Appliance, Network, Release, Surroundings
from hems.model.view import FoundDevice, SearchHealth, View
from tests.panel.rich_view import APPLIANCE, RICH, SEARCH
from tests.panel.seen import rows
from tests.panel.test_navigator import HOME, stroke
from tests.panel.views import HOUSE


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
    assert rows(view, "memory") == [
        "Memory             ok", "Not yet saved    84 s", "Writes in 24 h    133", "MB in 24 h        0.7",
        *last_rows,
    ]  # fmt: skip


FIRST = SEARCH.found[:1]


def searched(search: SearchHealth | None) -> View:
    return replace(RICH, health=replace(RICH.health, wires=replace(RICH.health.wires, search=search)))


def test_a_search() -> None:
    """BUS-73, 74."""
    assert rows(RICH, "search") == [
        "Search        rs485-a",
        "pair 31 of 60",
        "@1   eastron-sd… sure",
        "@2   evse-wb   likely",
        "@33  9600 8N1       ?",
        "12 s left",
    ]
    assert rows(RICH, "search", 1, "1")[2:5] == [
        "@2   evse-wb   likely", "@33  9600 8N1       ?", "@247 gavazzi-… likely",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (
            replace(SEARCH, ended=True, found=SEARCH.found[:1]),
            ["has ended", "@1   eastron-sd… sure", "1 found"],
        ),
        (replace(SEARCH, ended=True, found=()), ["has ended", "", "0 found"]),
        (replace(SEARCH, naming=2), ["who is number 2?", "@1   eastron-sd… sure", "12 s left"]),
        (replace(SEARCH, found=()), ["pair 31 of 60", "nobody yet", "12 s left"]),
        (
            replace(SEARCH, found=(FoundDevice("9600 8N1", 9, "sure"),)),
            ["pair 31 of 60", "@9   9600 8N1    sure", "12 s left"],
        ),
    ],
)
def test_how_far_a_search_is(search: SearchHealth, found: list[str]) -> None:
    shown = rows(searched(search), "search")
    assert [shown[1], shown[2], shown[5]] == found


@pytest.mark.parametrize(
    ("strokes", "cursor"),
    [("ok", "0"), ("ok down", "1"), ("ok down*5", "1"), ("ok up", "0"), ("ok down ok", "1")],
)
def test_those_who_were_found_scroll(strokes: str, cursor: str) -> None:
    assert stroke(strokes, RICH, replace(HOME, screen="search"))[0].spot.cursor == cursor


def around(appliance: Appliance) -> View:
    return replace(RICH, around=Surroundings(appliance=appliance))


def test_network() -> None:
    """The host key in full."""
    assert rows(RICH, "network") == [
        "Network        SSH on",
        "eth0  192.168.1.40",
        "hems-a1b2.local",
        "SHA256:9fKqx3LrTz0mQd",
        "pV7uWnR2sYb1cHe5aGtJ4",
        "kMi8oX+/",
    ]
    bare = around(replace(APPLIANCE, network=Network({}, "hems", False)))
    assert rows(bare, "network")[:3] == ["Network       SSH off", "no address", "hems"]


@pytest.mark.parametrize(
    ("strokes", "shown"),
    [
        ("ok", ["Address          eth0", "", "192.168.1.40", ""]),
        ("ok down", ["Address         wlan0", "", "10.0.0.7", ""]),
        ("ok up", ["Address          eth0", "", "fe80:1234:5678:9abc:d", "ef0:1234:5678:9abc"]),
        ("ok down ok", ["Address         wlan0", "", "10.0.0.7", ""]),
    ],
)
def test_every_address_is_behind_ok(strokes: str, shown: list[str]) -> None:
    spot = stroke(strokes, RICH, replace(HOME, screen="network"))[0].spot
    assert rows(RICH, "network", spot.level, spot.cursor)[:4] == shown


def test_without_addresses_there_is_nothing_inside() -> None:
    bare = around(replace(APPLIANCE, network=Network({}, "hems", False)))
    assert stroke("ok", bare, replace(HOME, screen="network"))[0].spot.level == 0
    assert rows(bare, "network", 1)[1] == "no address"


def test_version() -> None:
    assert rows(RICH, "version") == [
        "Version",
        "now     1.4.0  slot A",
        "before  1.3.2  slot B",
        "proven 6 d, 1 restart",
        "last start: power on",
        "offered 1.5.0",
    ]


@pytest.mark.parametrize(
    ("appliance", "shown"),
    [
        (Appliance(Release("0.3.0")), ["now     0.3.0"]),
        (
            Appliance(Release("0.3.0.dev12+gabc", commit="abcdef012"), restarts=12, proven_s=999 * 86_400.0),
            ["now     0.3.… abcdef0", "", "proven 999 d, 12x"],
        ),
        (
            Appliance(Release("1"), proven_s=1e9, restarts=123_456_789),
            ["now     1", "", "proven 9999 d"],
        ),
        (
            Appliance(Release("1"), started_by="a strange reason"),
            ["now     1", "", "", "last start: a strang…"],
        ),
    ],
)
def test_a_version_of_which_less_is_known(appliance: Appliance, shown: list[str]) -> None:
    """PNL-41: what nobody knows is not shown."""
    assert rows(around(appliance), "version")[1:] == [*shown, *[""] * (5 - len(shown))]


def test_about() -> None:
    assert rows(RICH, "about") == [
        "About            Home",
        "10000000a1b2c3d4",
        "Licence       GPL-3.0",
        "Running for       7 d",
        "Writes in 24 h    133",
        "Time from     network",
    ]
    assert rows(around(Appliance()), "about")[1:] == [
        "", "Licence       GPL-3.0", "Running for        --", "Writes in 24 h    133", "",
    ]  # fmt: skip
