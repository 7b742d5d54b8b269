"""PNL-48: causes become alarms, are seen, cleared, kept and recalled."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core import alarms
from hems.core.alarms import ALLOWED, RECALL_S, Stage, State
from hems.core.causes import WATCHED
from hems.core.rules import Rules
from hems.model.alarm import Alarm, AlarmCode
from hems.model.instant import Instant
from hems.model.intents import Acknowledge
from hems.model.ledger import Event
from hems.model.snapshot import MeterReading
from hems.model.view import View
from tests.core.test_causes import CASES, RULES, WELL
from tests.panel.views import NOW

VIEWS = dict(CASES)


class Watcher:
    """Steps the alarms once a second and keeps what they tell."""

    def __init__(self, state: State | None = None, rules: Rules = RULES) -> None:
        self.rules = rules
        self.state = state or State()
        self.mono_s = 0.0
        self.alarms: tuple[Alarm, ...] = ()
        self.told: list[tuple[str, str]] = []
        self.events: list[Event] = []

    def see(self, view: View, seconds: int = 1, acknowledge: str = "", *, trusted: bool = True) -> "Watcher":
        for second in range(seconds):
            errands = (Acknowledge(acknowledge),) if acknowledge and not second else ()
            wall = NOW.wall + timedelta(seconds=self.mono_s)
            now = Instant(NOW.mono_s + self.mono_s, wall, trusted and view.now.trusted)
            stages = {name: one.stage for name, one in self.state.courses.items()}
            aged = _aged(view, self.mono_s)
            self.state, self.alarms, events = alarms.step(
                self.rules, self.state, replace(aged, now=now), errands
            )
            for name in stages.keys() | self.state.courses.keys():
                course = self.state.courses.get(name)
                before, after = stages.get(name, Stage.RESTING), course.stage if course else Stage.RESTING
                assert after is before or after in ALLOWED[before], (name, before, after)
            self.events += events
            self.told += [(event.kind, event.key) for event in events]
            self.mono_s += 1.0
        return self

    @property
    def names(self) -> list[str]:
        return [alarm.name for alarm in self.alarms]


def _aged(view: View, by_s: float) -> View:
    """The same picture so much later, every value as old as it was."""
    shot, wires = view.snapshot, view.health.wires
    devices = {
        name: replace(
            one, last_good_mono_s=None if one.last_good_mono_s is None else one.last_good_mono_s + by_s
        )
        for name, one in wires.devices.items()
    }
    grid = None if shot.grid is None else replace(shot.grid, at_mono_s=shot.grid.at_mono_s + by_s)
    chargers = {name: replace(one, at_mono_s=one.at_mono_s + by_s) for name, one in shot.chargers.items()}
    return replace(
        view,
        snapshot=replace(shot, grid=grid, chargers=chargers),
        health=replace(view.health, wires=replace(wires, devices=devices)),
    )


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_a_cause_that_lasts_is_an_alarm_and_is_told_once(name: str) -> None:
    """Each row: not before its dwell, once, by whoever finds it."""
    watch = WATCHED[AlarmCode(name.partition(".")[0])]
    watcher = Watcher().see(WELL).see(VIEWS[name], max(1, int(watch.dwell_s)))
    assert watcher.names == ([] if watch.dwell_s else [name])
    watcher.see(VIEWS[name], 3)
    assert watcher.names == [name]
    assert watcher.told == ([("alarm_raised", name)] if watch.ours else [])
    (alarm,) = watcher.alarms
    assert (alarm.holds, alarm.seen, alarm.latched) == (True, False, watch.latched)
    assert len(alarm.text) <= 21


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_it_is_over_when_its_cause_has_stayed_away_or_a_person_clears_it(name: str) -> None:
    watch = WATCHED[AlarmCode(name.partition(".")[0])]
    watcher = Watcher().see(VIEWS[name], int(watch.dwell_s) + 2)
    watcher.see(WELL, int(watch.calm_s))
    if watch.latched and watch.ours:
        assert [alarm.holds for alarm in watcher.alarms] == [False]
        watcher.see(WELL, 5000)
        assert watcher.names == [name], "latched: only a person clears it"
        watcher.see(WELL, 1, name)
    elif watch.latched:
        assert watcher.names == [], "whoever found it has judged"
    else:
        assert [(alarm.name, alarm.holds) for alarm in watcher.alarms] == [(name, False)]
        watcher.see(WELL, 2)
    assert watcher.names == []
    assert watcher.state.courses == {}
    assert [kind for kind, _ in watcher.told] == (["alarm_raised", "alarm_cleared"] if watch.ours else [])


def test_a_cause_that_comes_and_goes_is_one_alarm() -> None:
    watcher = Watcher().see(VIEWS["charger_fault.garage"], 10)
    for _ in range(5):
        watcher.see(WELL, 30).see(VIEWS["charger_fault.garage"], 2)
    assert watcher.told == [("alarm_raised", "charger_fault.garage")]
    assert watcher.alarms[0].holds


def test_a_short_cause_is_none() -> None:
    watcher = Watcher()
    for _ in range(5):
        watcher.see(VIEWS["charger_fault.garage"], 5).see(WELL, 1)
    assert (watcher.told, watcher.names) == ([], [])


def test_what_still_holds_stays_listed_as_seen() -> None:
    fault = VIEWS["charger_fault.garage"]
    watcher = Watcher().see(fault, 10).see(fault, 1, "charger_fault.other")
    assert [alarm.seen for alarm in watcher.alarms] == [False]
    watcher.see(fault, 1, "charger_fault.garage")
    assert [(alarm.seen, alarm.holds) for alarm in watcher.alarms] == [(True, True)]
    watcher.see(WELL, 5).see(fault, 5)
    assert [alarm.seen for alarm in watcher.alarms] == [True], "the same alarm"
    watcher.see(WELL, 1, "charger_fault.garage").see(WELL, 70)
    watcher.see(fault, 10)
    assert [alarm.seen for alarm in watcher.alarms] == [False], "a new one"


def test_it_may_be_seen_while_it_fades() -> None:
    watcher = Watcher().see(VIEWS["charger_fault.garage"], 10).see(WELL, 5)
    watcher.see(WELL, 1, "charger_fault.garage")
    assert watcher.alarms[0].seen


@pytest.mark.parametrize("name", ["switch_locked_out.garage", "stuck.garage", "relay_test.garage"])
def test_a_latched_one_that_still_holds_comes_back_at_once(name: str) -> None:
    watcher = Watcher().see(VIEWS[name], 5).see(VIEWS[name], 1, name)
    assert [(alarm.name, alarm.seen, alarm.holds) for alarm in watcher.alarms] == [(name, False, True)]
    ours = name.startswith("switch")
    assert watcher.told == ([("alarm_raised", name), ("alarm_kept", name)] if ours else [])


def test_a_latched_one_cleared_in_the_cycle_its_cause_goes() -> None:
    name = "switch_locked_out.garage"
    watcher = Watcher().see(VIEWS[name], 5).see(WELL, 1, name)
    assert (watcher.names, watcher.told[-1]) == ([], ("alarm_cleared", name))


def test_it_is_dated_from_its_first_moment_also_once_the_clock_is_known() -> None:
    fault = VIEWS["charger_fault.garage"]
    watcher = Watcher().see(WELL, 7, trusted=False).see(fault, 20, trusted=False)
    assert (watcher.alarms[0].since, watcher.alarms[0].since_mono_s) == (None, NOW.mono_s + 7)
    assert watcher.events[0].at is None
    watcher.see(fault, 5)
    assert watcher.alarms[0].since == NOW.wall + timedelta(seconds=7)


def test_figures_are_those_of_the_moment_it_is_raised() -> None:
    low, high = (
        replace(WELL, snapshot=replace(WELL.snapshot, grid=MeterReading(999.6, 0.0, line_a=(0.0, a, 0.0))))
        for a in (26.0, 31.0)
    )
    watcher = Watcher().see(low, 60).see(high, 5)
    assert (watcher.alarms[0].text, watcher.events[0].figures["current_a"]) == ("L2 31 A, fuse 25 A", 31.0)
    assert watcher.see(low, 5).alarms[0].text == "L2 31 A, fuse 25 A"
    assert watcher.see(WELL, 5).see(low, 5).alarms[0].text == "L2 26 A, fuse 25 A"


YESTERDAY = NOW.wall - timedelta(days=1)
LEFT: dict[str, datetime | None] = {"charger_fault.garage": YESTERDAY, "bus_absent.a": None}


def test_what_a_former_run_left_open_goes_on_or_is_over() -> None:
    """Not told again, dated from then; what does not come back is cleared in the book."""
    fault = VIEWS["charger_fault.garage"]
    watcher = Watcher(alarms.begun(LEFT)).see(fault, int(RECALL_S))
    assert [(alarm.name, alarm.since) for alarm in watcher.alarms] == [("charger_fault.garage", YESTERDAY)]
    assert watcher.told == []
    watcher.see(fault, 5)
    assert watcher.told == [("alarm_cleared", "bus_absent.a")]
    watcher.see(WELL, 100)
    assert watcher.told[1:] == [("alarm_cleared", "charger_fault.garage")]


def test_one_that_rises_slowly_is_waited_for() -> None:
    unknown = VIEWS["clock_unknown"]
    watcher = Watcher(alarms.begun({"clock_unknown": YESTERDAY})).see(unknown, 800)
    assert (watcher.names, watcher.told) == ([], [])
    watcher.see(unknown, 200)
    assert (watcher.names, watcher.told) == (["clock_unknown"], [])
    again = Watcher(alarms.begun({"clock_unknown": YESTERDAY})).see(unknown, 800).see(WELL, 2)
    assert again.told == [("alarm_cleared", "clock_unknown")]


def test_what_others_tell_is_not_recalled() -> None:
    left: dict[str, datetime | None] = dict.fromkeys(
        ("stuck.garage", "records_lost", "memory.x", "bus_absent.a")
    )
    assert set(alarms.begun(left).recalled) == {"bus_absent.a"}


def test_a_latched_alarm_outlives_the_run_until_somebody_clears_it() -> None:
    """PNL-48: its cause may be gone long since."""
    watcher = Watcher(alarms.begun({"word_order.pump": YESTERDAY})).see(WELL, 2 * int(RECALL_S))
    assert [(alarm.name, alarm.since, alarm.holds) for alarm in watcher.alarms] == [
        ("word_order.pump", YESTERDAY, False)
    ]
    assert watcher.told == []
    watcher.see(WELL, 1, "word_order.pump")
    assert (watcher.names, watcher.told) == ([], [("alarm_cleared", "word_order.pump")])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([WELL, *VIEWS.values()]),
            st.sampled_from([1, 2, 11, 61, 130]),
            st.sampled_from(["", *VIEWS]),
            st.booleans(),
        ),
        max_size=12,
    )
)
def test_raised_and_cleared_alternate_whatever_happens(days: list[tuple[View, int, str, bool]]) -> None:
    """Every alarm is told as raised before it is cleared, and the list is what was raised and not cleared."""
    watcher = Watcher()
    for view, seconds, acknowledge, trusted in days:
        watcher.see(view, seconds, acknowledge, trusted=trusted)
    open_now: set[str] = set()
    for kind, name in watcher.told:
        assert (name in open_now) is (kind != "alarm_raised"), (kind, name)
        open_now ^= set() if kind == "alarm_kept" else {name}
    ours = {name for name in watcher.names if WATCHED[AlarmCode(name.partition(".")[0])].ours}
    assert ours == open_now
