"""What the door tells, as a person reads it (API-152)."""

import csv
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hems.clients_told import (
    Alarm,
    Change,
    Charger,
    HeatPump,
    Narrowed,
    Operator,
    Page,
    Reason,
    Session,
    Setting,
    Site,
    Tariff,
    Why,
)
from hems.clients_words import (
    alarms,
    changes,
    counters,
    counters_csv,
    page,
    sessions,
    sessions_csv,
    settings,
    table,
    whys,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 7, 1, 12, 0, 5, tzinfo=BERLIN)
DEVICES = {
    "hp10.heating.total": 3,
    "hp2.cop.all.daily": None,
    "hp2.heating.total": 1_200,
    "hp2.heating.daily": 4,
    "ev1.energy.all.total": 9_550,
    "ev1.energy.all.weekly": 7,
    "ev1.energy.all.yearly": 8,
}


def test_a_table_is_as_wide_as_it_must_be() -> None:
    assert table([["a", "1"], ["bcd", "22"]]) == "a     1\nbcd  22"


def test_counters_stand_in_one_table_for_each_device() -> None:
    """CNT-44: kinds in rows, periods in columns in the book's order, owners by their numbers."""
    assert counters(DEVICES).split("\n\n") == [
        "ev1           unit  total  yearly  weekly\n  energy.all  Wh    9,550       8       7",
        "hp2        unit  total  daily\n  cop.all                  --\n  heating        1,200      4",
        "hp10       unit  total\n  heating            3",
    ]
    assert counters({"ev1.contactor.total": 4}).splitlines()[1] == "  contactor  closings      4"
    assert counters({}) == "nothing has been counted yet"
    assert counters({"odd": 1}) == "nothing has been counted yet"


def test_counters_as_csv_have_a_line_each() -> None:
    head, *rows = csv.reader(counters_csv(DEVICES).splitlines())
    assert head == ["counter", "unit", "total", "daily", "yearly", "weekly"]
    assert rows[0] == ["ev1.energy.all", "Wh", "9550", "", "8", "7"]
    assert [row[0] for row in rows] == ["ev1.energy.all", "hp2.cop.all", "hp2.heating", "hp10.heating"]


def test_a_reason_is_one_line() -> None:
    """API-152: text, figures and what narrowed it."""
    rows = [
        Why("garage", "surplus", "surplus", "13 A: sun", {"limit_a": 13.0}, [Narrowed("protection", 14.0)]),
        Why("pump", "off", "manual", "off", {"words": "x"}, [Narrowed("user_max", None)]),
    ]
    assert whys(rows).splitlines() == [
        "garage  13 A: sun  [surplus, rung surplus, limit_a 13]  protection leaves 14 A",
        "pump    off  [off, rung manual, words x]  user_max leaves --",
    ]
    assert whys([]).startswith("there is no charger")


def test_a_change_says_when() -> None:
    rows = [Change("garage", 6.0, "surplus", "6 A: sun"), Change("pump", None, "off", "off")]
    assert changes(rows, NOON).splitlines() == [
        "12:00:05  garage  6 A  6 A: sun  [surplus]",
        "12:00:05  pump  --  off  [off]",
    ]
    assert changes(rows[:1], None).startswith("--  garage")


def test_sessions_are_summed_up_in_the_sites_time() -> None:
    rows = [
        Session("garage", None, NOON.astimezone(UTC), None, 500, 400, None, 3_600.4, "surplus", True),
        Session("garage", "zoe", None, NOON, 1_500, 600, 120_000, None, None, False),
    ]
    first, second, sums = sessions(rows, BERLIN).splitlines()[1:]
    assert first.split() == [
        "2026-07-01",
        "12:00",
        "charging",
        "garage",
        "surplus",
        "500",
        "400",
        "--",
        "3,600",
    ]
    assert second.split() == ["--", "2026-07-01", "12:00", "garage", "zoe", "1,500", "600", "0.12", "--"]
    assert sums.split() == ["2", "sessions", "2,000", "1,000", "0.12"]
    assert sessions(rows[:1], BERLIN).splitlines()[-1].startswith("1 session ")
    assert sessions([], BERLIN) == "no sessions"
    line = next(csv.DictReader(sessions_csv(rows).splitlines()))
    assert line["start"] == "2026-07-01T10:00:05+00:00"
    assert (line["vehicle"], line["open"], line["energy_wh"]) == ("", "True", "500")


CHARGER = Charger("garage", "C", "fast", 16.0, 11_000.0, "zoe", 4_200, Reason("as fast as it may"))
SITE = Site(-7_400.0, 8_000.0, -500.0, 64.0, 0.0, 0.0, 600.0)


def test_the_page_is_a_glance() -> None:
    pump = HeatPump("pump", 900.0, "automatic", "recommended")
    trouble = Alarm("stuck.garage", "the contactor is stuck", NOON, True)
    told = Page(
        NOON,
        False,
        SITE,
        [CHARGER],
        [pump],
        Tariff("off_peak", 0.1828, True),
        Operator(True, 4_200.0),
        [trouble],
    )
    assert page(told).splitlines() == [
        "2026-07-01 12:00:05 (the clock is not trusted)",
        "grid      sells 7,400 W",
        "sun       8,000 W",
        "house     600 W",
        "battery   takes 500 W at 64 %",
        "garage    car charges, zoe, mode fast, 16 A, as fast as it may, draws 11,000 W, session 4,200 Wh",
        "pump      900 W, told recommended, automatic",
        "tariff    off_peak, 0.1828 EUR/kWh, cheap",
        "operator  limits to 4,200 W",
        "ALARM     stuck.garage: the contactor is stuck since 2026-07-01 12:00:05 (to be acknowledged)",
    ]


def test_a_house_that_seems_to_give_is_unknown() -> None:
    """Readings of different moments: neither a negative house nor a zero that nobody measured."""
    for home_w, said in ((-51.0, "--"), (-50.0, "-50 W"), (0.0, "0 W"), (None, "--")):
        site = replace(SITE, home_w=home_w)
        told = Page(NOON, True, site, [], [], Tariff(None, None, False), Operator(False, None), [])
        assert f"house    {said}" in page(told).splitlines()


def test_a_limit_that_the_reason_tells_is_told_once() -> None:
    sunny = Charger("garage", "C", "surplus", 9.0, None, None, None, Reason("follows sun, 9 A"))
    told = Page(NOON, True, SITE, [sunny], [], Tariff(None, None, False), Operator(False, None), [])
    assert "garage   car charges, mode surplus, follows sun, 9 A" in page(told).splitlines()


def test_what_is_unknown_is_said_to_be() -> None:
    nothing = Site(None, None, 300.0, None, None, None, None)
    dead = Charger("garage", None, "off", None, None, None, None, None)
    told = Page(
        NOON,
        True,
        nothing,
        [dead],
        [HeatPump("pump", None, "manual", None)],
        Tariff(None, None, False),
        Operator(False, None),
        [],
    )
    assert page(told).splitlines()[1:] == [
        "grid     --",
        "sun      --",
        "house    --",
        "battery  gives 300 W",
        "garage   does not answer, mode off, --",
        "pump     --, manual",
    ]


def test_what_nobody_has_proven_is_said() -> None:
    """PNL-66."""
    lacking = ["meter.L2", "relay.garage"]
    told = Page(NOON, True, SITE, [], [], Tariff(None, None, False), Operator(False, None), [], lacking)
    assert page(told).splitlines()[-1] == "not proven  meter.L2, relay.garage"


def test_alarms_have_names_to_acknowledge() -> None:
    assert alarms([Alarm("meter", "silent", None, False)]) == "meter: silent"
    assert alarms([]) == "no alarms"


def test_settings_say_what_they_may_be() -> None:
    rows = [
        Setting("line_limit_a", 0.0, 0.0, 6.0, 25.0, "A", [], "limit"),
        Setting("contrast", 3, 5, 1, 5, "", [], "brightness"),
        Setting("provider", "", "", None, None, "", ["", "file"], "prices"),
        Setting("locked", False, True, None, None, "", [], "lock"),
        Setting("name", "x", "", None, None, "", [], "a text"),
    ]
    lines = settings(rows).splitlines()[1:]
    assert [line.split("  ")[0] for line in lines] == [
        "line_limit_a",
        "contrast",
        "provider",
        "locked",
        "name",
    ]
    assert "0 A    6 to 25, 0" in lines[0]
    assert "3      1 to 5 " in lines[1]
    assert '""     "", file' in lines[2]
    assert "no     yes, no" in lines[3]
