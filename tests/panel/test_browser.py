"""PNL-46, CNT-2, CNT-84: every counter with all its periods."""

from dataclasses import replace

import pytest

from hems.core.counting import CountRules
from hems.core.cycles import PumpRules
from hems.core.energy import TotalRules
from hems.core.reading import names
from hems.panel.browser import counters, label_of, value_of
from hems.panel.screens import standing
from tests.panel.rich_view import RICH
from tests.panel.seen import rows
from tests.panel.test_navigator import HOME, stroke
from tests.panel.views import HOUSE

HERE = replace(HOME, screen="counters")
TOTAL = TotalRules(1000.0)
EVERYTHING = CountRules(
    pumps={1: PumpRules(), 2: PumpRules()},
    totals={
        "grid_import": TOTAL,
        "grid_export": TOTAL,
        "pv": TOTAL,
        "battery_charge": TOTAL,
        "battery_discharge": TOTAL,
    },
    chargers={1: TOTAL, 8: TOTAL},
    contacts=("garage",),
)


def test_a_cycle_counter_stands_on_one_page() -> None:
    assert rows(RICH, "counters", 1, "hp1.heating") == [
        "Starts heating  12/22",
        "Total          12,345",
        "  since 3 Nov 2025",
        "Today  4 yesterday  6",
        "2 h     1 4 h       1",
        "Month  61 Year  1,204",
    ]


def test_a_wide_one_on_two() -> None:
    name = "hp1.energy_electrical.heating"
    assert rows(RICH, "counters", 1, name)[1:] == [
        "Total        8.12 MWh", "", "Today        8.42 kWh", "Yesterday    10.1 kWh", "OK next owner",
    ]  # fmt: skip
    assert rows(RICH, "counters", 1, f"{name}#more")[1:] == [
        "2 h            640 Wh", "4 h          1.20 kWh", "Month         210 kWh", "Year         1.20 MWh",
        "OK next owner",
    ]  # fmt: skip


def test_a_contactor_tells_what_is_left_of_it() -> None:
    """CNT-84."""
    assert rows(RICH, "counters", 1, "ev1.contactor#rated")[1:3] == [
        "Rated         100,000",
        "Left           87,655",
    ]
    worn = replace(RICH, counters={**RICH.counters, "ev1.contactor.total": 123_456})
    assert rows(worn, "counters", 1, "ev1.contactor#rated")[2] == "Left                0"
    unknown = replace(RICH, counters={**RICH.counters, "ev1.contactor.total": None})
    assert rows(unknown, "counters", 1, "ev1.contactor#rated")[2] == "Left               --"


def test_what_has_no_total_has_no_row_for_it() -> None:
    assert rows(RICH, "counters", 1, "hp1.coverage_pct")[1:] == [
        "",
        "",
        "Today            98 %",
        "",
        "OK next owner",
    ]


def test_a_new_counter_appears_by_itself_and_goes_by_its_own_name() -> None:
    assert counters(RICH)[-1] == "new.thing"
    assert rows(RICH, "counters", 1, "new.thing")[:2] == ["thing           22/22", "Total               7"]
    assert rows(RICH, "counters", 1, "new.thing")[3] == "Today -- yesterday --"


def test_owners_stand_in_their_order() -> None:
    owners = list(dict.fromkeys(name.partition(".")[0] for name in counters(RICH)))
    assert owners == ["site", "hp1", "ev1", "ev2", "relay", "new"]


def test_of_several_owners_of_a_kind_the_title_says_which() -> None:
    assert rows(RICH, "counters", 1, "ev2.energy.all")[0] == "Car               ev2"


@pytest.mark.parametrize(
    ("strokes", "cursor"),
    [
        ("ok", "site.battery_charge.all"),
        ("ok down", "site.battery_charge.all#more"),
        ("ok down*2", "site.battery_discharge.all"),
        ("ok up", "new.thing"),
        ("ok ok", "hp1.compressor_start"),
        ("ok ok ok", "ev1.charge_time_s"),
        ("ok ok ok ok ok", "relay.garage"),
        ("ok*7", "site.battery_charge.all"),
        ("ok ok down back", ""),
    ],
)
def test_strokes_among_counters(strokes: str, cursor: str) -> None:
    """PNL-112: up and down from page to page, OK to the next owner."""
    assert stroke(strokes, RICH, HERE)[0].spot.cursor == cursor


def test_a_contactor_has_a_page_more() -> None:
    state, _ = stroke("down", RICH, replace(HERE, spot=replace(HERE.spot, level=1, cursor="ev1.contactor")))
    assert state.spot.cursor == "ev1.contactor#rated"


def test_a_house_without_counters_has_no_browser() -> None:
    assert standing(replace(HOUSE, counters={}), "counters") is None
    gone = replace(HERE, spot=replace(HERE.spot, level=1, cursor="hp1.heating"))
    odd = replace(HOUSE, counters={"odd": 1})
    assert rows(odd, "counters") == ["Counters", "", "", "", "", ""]
    assert stroke("ok down", odd, gone)[0].spot.level == 0


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("hp1.heating", None, "--"),
        ("hp1.heating", 12_345, "12,345"),
        ("hp1.run_time_s", 90.0, "1:30"),
        ("hp1.run_time_s", 12_345_678, "3,429 h"),
        ("ev1.charge_time_s", 4320, "1:12"),
        ("site.coverage_pct", 98, "98 %"),
        ("hp1.cop.all", 3.7, "3.70"),
        ("site.grid_cost.all", 812_345_678, "812.35€"),
        ("ev1.cost.all", 3100, "0.00€"),
        ("ev1.energy.solar", 8420, "8.42 kWh"),
        ("site.home.all", 840, "840 Wh"),
        ("site.grid_unpriced.all", 840, "840 Wh"),
        ("relay.garage", 1, "1"),
    ],
)
def test_values_have_their_unit(name: str, value: float | None, words: str) -> None:
    assert value_of(name, value, 10) == words


def test_every_counter_of_the_ledger_has_a_name_of_its_own() -> None:
    """Within an owner no two are called alike, and every name has room."""
    labels: dict[str, list[str]] = {}
    for name in names(EVERYTHING):
        words = label_of(name)
        assert 0 < len(words) <= 15
        labels.setdefault(name.partition(".")[0], []).append(words)
        if name.endswith("observed_s"):
            labels[name.partition(".")[0]].pop()
    for owner, found in labels.items():
        assert len(found) == len(set(found)), (owner, sorted(found))


def test_names_of_tariffs_and_contacts_may_be_long() -> None:
    assert label_of("site.grid_import.a_long_period") == "Bought a long …"
    assert label_of("relay.a-very-long-name") == "Relay a-very-l…"
