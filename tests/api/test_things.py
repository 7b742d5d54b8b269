"""Things: what is known is never unknown again, and what is new is told."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from hems.api import things
from hems.api.integrations import INTEGRATIONS
from hems.api.thing_ids import state_id, thing_id
from hems.api.things import told
from hems.model.runs import Session
from hems.model.settings import VehicleSettings
from hems.model.snapshot import BatteryReading, ChargerReading, MeterReading, Snapshot
from hems.model.view import InstalledMeter, View
from tests.api.test_thing_classes import PYTHON
from tests.api.thing_house import BY_LINE, IDENTITY, NOW, VIEW, fits, fold, later, thing, values
from tests.panel.any_view import AGES_S, WATTS, views

ROWS = {row.name: row for row in INTEGRATIONS.notices}


@st.composite
def houses(draw: st.DrawFn) -> View:
    """Any house in any state, with meters and contacts."""
    view = draw(views())
    meters = {"m-grid": InstalledMeter("grid", by_line=draw(st.sampled_from([BY_LINE, frozenset()])))}
    if draw(st.booleans()):
        meters |= {"m-pv": InstalledMeter("pv"), "m-battery": InstalledMeter("battery")}
        meters["m-sub"] = InstalledMeter("circuit", "sub", ("L2", "L3"), BY_LINE)
    at_s = view.now.mono_s - draw(AGES_S)
    level = st.none() | st.floats(-5, 105)
    battery = draw(st.none() | st.builds(BatteryReading, st.just(at_s), st.floats(-9000, 9000), level))
    circuit = MeterReading(at_s, 1.0, None, None, None, draw(st.none() | st.floats(0, 1e9)))
    pairs = draw(st.dictionaries(st.sampled_from(["sg", "k"]), st.sampled_from(["", "energy"]), max_size=2))
    things_w = {name: draw(WATTS) for name in (*view.installed.chargers, *view.installed.heat_pumps)}
    return replace(
        view,
        installed=replace(view.installed, meters=meters, sg_ready=pairs),
        snapshot=replace(view.snapshot, battery=battery, circuits={"sub": circuit} if battery else {}),
        balance=replace(view.balance, things_w=things_w),
        sessions=draw(st.sampled_from([{}, {"ev1": Session("s", 1, energy_wh=10)}])),
    )


@settings(max_examples=60, deadline=None)
@given(houses(), houses())
def test_every_state_of_any_view_is_there_and_of_its_type(first: View, second: View) -> None:
    """API-72."""
    known = None
    for view in (first, second, later(second, 100.0)):
        before, known = known, things.remembered(known, view, IDENTITY, None)  # type: ignore[arg-type]
        for one in known.things.values():
            for row in one.row.states:
                stated = one.states.get(row.name)
                assert stated is None or type(stated.value) is PYTHON[row.type], row.name
                assert not (stated and row.possible) or stated.value in row.possible
        for news in told(before, known):
            assert fits(ROWS[news.name], news.params, INTEGRATIONS)


@settings(max_examples=30, deadline=None)
@given(houses())
def test_a_view_that_comes_again_is_no_news(view: View) -> None:
    """API-62."""
    known = fold(view)
    assert list(told(known, things.remembered(known, view, IDENTITY, None))) == []  # type: ignore[arg-type]


def test_totals_never_fall() -> None:
    """API-71."""
    less = replace(VIEW, counters={**VIEW.counters, "ev1.energy.all.total": 5})
    assert values(fold(VIEW, less), "garage")["totalEnergyConsumed"] == 555.555


def test_without_counters_the_last_ones_stay() -> None:
    """API-72."""
    unread = replace(VIEW, counters=dict.fromkeys(VIEW.counters))
    assert values(fold(VIEW, unread), "grid")["totalEnergyConsumed"] == 1234.567


def test_a_thing_as_a_client_hears_of_it() -> None:
    """API-73."""
    shown = things.shown(thing(fold(VIEW), "garage"))
    assert shown["id"] == "{7224aee8-b749-5fd2-91dc-93ee245d319c}"
    assert shown["thingClassId"] == "{26ac4d24-b3e5-551a-a1e9-bd7a20d58aff}"
    assert (shown["name"], shown["setupStatus"]) == ("garage", "ThingSetupStatusComplete")
    limit = next(
        one for one in shown["states"] if one["stateTypeId"] == state_id("evcharger", "maxChargingCurrent")
    )
    assert limit == {
        "stateTypeId": "{3311f1e7-5a9d-54b3-b097-403b94c304cc}",
        "value": 16.0,
        "filter": "StateValueFilterNone",
        "minValue": 6.0,
        "maxValue": 16.0,
    }


def test_a_limit_that_was_set_is_told_as_promised() -> None:
    """API-75, example 3."""
    orders = replace(VIEW.settings.charger("garage"), user_max_a=10.0)
    changed = replace(
        VIEW, settings=replace(VIEW.settings, chargers={**VIEW.settings.chargers, "garage": orders})
    )
    before = fold(VIEW)
    (news,) = told(before, things.remembered(before, changed, IDENTITY, None))  # type: ignore[arg-type]
    assert (news.namespace, news.name) == ("Integrations", "StateChanged")
    assert news.thing == "7224aee8-b749-5fd2-91dc-93ee245d319c"
    assert news.params == {
        "maxValue": 16.0,
        "minValue": 6.0,
        "possibleValues": [],
        "stateTypeId": "{3311f1e7-5a9d-54b3-b097-403b94c304cc}",
        "thingId": "{7224aee8-b749-5fd2-91dc-93ee245d319c}",
        "value": 10.0,
    }


def test_a_thing_is_in_progress_until_it_is_seen() -> None:
    """API-73."""
    unheard = replace(VIEW, snapshot=Snapshot(NOW))
    before = fold(unheard)
    assert things.shown(thing(before, "garage"))["setupStatus"] == "ThingSetupStatusInProgress"
    after = things.remembered(before, VIEW, IDENTITY, None)  # type: ignore[arg-type]
    changed = {news.params["thing"]["name"] for news in told(before, after) if news.name == "ThingChanged"}
    assert changed == {"grid", "shed", "roof", "cell", "garage", "carport", "pump"}
    silent = things.remembered(after, unheard, IDENTITY, None)  # type: ignore[arg-type]
    assert things.shown(thing(silent, "garage"))["setupStatus"] == "ThingSetupStatusComplete"


def test_things_come_and_go_as_views_have_them() -> None:
    """API-75."""
    known = fold(VIEW)
    assert {news.name for news in told(None, known)} == {"ThingAdded"}
    fewer = replace(VIEW, installed=replace(VIEW.installed, vehicles={}))
    after = things.remembered(known, fewer, IDENTITY, None)  # type: ignore[arg-type]
    gone = [(news.name, news.params) for news in told(known, after)]
    assert gone == [("ThingRemoved", {"thingId": thing_id(IDENTITY, name)}) for name in ("zoe", "bike")]
    assert "vehicle" not in after.ranges


def test_a_state_that_a_thing_gains_changes_the_thing_and_is_in_its_class_before() -> None:
    """API-75: clients look states up in the class."""
    known = fold(VIEW)
    slow = replace(VIEW, settings=replace(VIEW.settings, vehicles={"zoe": VehicleSettings(max_a=10.0)}))
    after = things.remembered(known, slow, IDENTITY, None)  # type: ignore[arg-type]
    assert [news.name for news in told(known, after)][:1] == ["ThingChanged"]
    assert after.ranges["vehicle"] == known.ranges["vehicle"]
    assert "maxChargingCurrent" in after.ranges["vehicle"]


def test_bounds_of_a_class_hold_for_all_of_its_things() -> None:
    """API-72."""
    low, high, step = fold(VIEW).ranges["evcharger"]["maxChargingCurrent"]
    assert (low, high, step) == (6.0, 32.0, 0.1)


def test_a_sleeping_charger_stays_connected() -> None:
    """API-72."""
    asleep = replace(
        later(VIEW, 100.0),
        snapshot=replace(
            VIEW.snapshot,
            now=later(VIEW, 100.0).now,
            chargers={"garage": ChargerReading(0.0, "A", asleep=True)},
        ),
    )
    assert values(fold(asleep), "garage")["connected"] is True
