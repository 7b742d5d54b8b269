"""PNL-48: alarms come to the front, are seen, cleared after a question, and remembered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hems.model.alarm import Alarm, AlarmCode, PastAlarm
from hems.model.instant import Instant
from hems.model.intents import Acknowledge, Intent
from hems.model.view import View
from hems.panel.alarm_screen import ALARMS, alarm_key
from hems.panel.keys import Key, KeyEvent
from hems.panel.layout import Spot
from hems.panel.navigator import Draft, Light, Patience, State, light, navigate
from hems.panel.pages import page
from tests.panel.seen import text_rows
from tests.panel.test_navigator import HOME, at, stroke
from tests.panel.test_pages import assert_fits
from tests.panel.views import HOUSE, NOW

SILENT = Alarm(AlarmCode.GRID_METER_SILENT, "", NOW.wall - timedelta(seconds=29), 971.0)
FAULT = Alarm(AlarmCode.CHARGER_FAULT, "garage", None, 900.0, figures={"status": "F"})
STUCK = Alarm(AlarmCode.STUCK_CONTACTOR, "carport", NOW.wall - timedelta(days=3), 1.0, latched=True)
PAST = (
    PastAlarm(replace(FAULT, about="carport"), NOW.wall - timedelta(hours=1)),
    PastAlarm(replace(SILENT, since=None), None),
)
INSIDE = State(NOW.mono_s, ALARMS, Spot(1))


def alarmed(*alarms: Alarm, past: tuple[PastAlarm, ...] = PAST) -> View:
    return replace(HOUSE, alarms=alarms, past_alarms=past)


def rows(state: State, view: View) -> list[str]:
    """The six rows as 21 characters each."""
    shown = page(state, view, view.now)
    assert_fits(shown)
    return text_rows(shown)


def test_an_alarm_says_what_since_when_and_what_is_done() -> None:
    assert rows(INSIDE, alarmed(SILENT, STUCK)) == [
        "Alarm             1/2",
        "Grid meter silent",
        "since 14:31:31",
        "Chargers held at 0 A",
        "",
        "OK seen     down next",
    ]
    assert rows(replace(INSIDE, spot=Spot(1, STUCK.name)), alarmed(SILENT, STUCK)) == [
        "Alarm  carport    2/2",
        "Contactor stuck",
        "since 9 Mar 14:32",
        "Held at 0 A: switch",
        "off its fuse at once",
        "OK clear    down next",
    ]


def test_one_of_unknown_time_says_how_long_it_has_lasted() -> None:
    assert rows(INSIDE, alarmed(FAULT))[1:3] == ["Charger fault F", "for 1 min"]


@pytest.mark.parametrize(
    ("alarm", "mark", "foot"),
    [
        (replace(FAULT, seen=True), "Seen   garage     1/1", "OK past alarms"),
        (replace(FAULT, holds=False), "Over   garage     1/1", "OK seen"),
    ],
)
def test_what_was_seen_or_is_over_stays_listed(alarm: Alarm, mark: str, foot: str) -> None:
    shown = rows(INSIDE, alarmed(alarm))
    assert (shown[0], shown[5]) == (mark, foot)


def test_without_any_it_says_so() -> None:
    assert rows(replace(HOME, screen=ALARMS), alarmed())[2:] == ["no alarms", "", "", "OK past alarms"]
    nothing = alarmed(past=())
    assert rows(stroke("ok", nothing, replace(HOME, screen=ALARMS))[0], nothing)[3] == "nothing so far"


BOTH = alarmed(SILENT, STUCK)
RING = State(NOW.mono_s, ALARMS, known=frozenset(map(alarm_key, BOTH.alarms)))


@pytest.mark.parametrize(
    ("strokes", "spot", "intents"),
    [
        ("", Spot(), []),
        ("ok", Spot(1, "grid_meter_silent"), []),
        ("ok ok", Spot(1, "grid_meter_silent"), [Acknowledge("grid_meter_silent")]),
        ("ok down", Spot(1, "stuck.carport"), []),
        ("ok down*2", Spot(1, "grid_meter_silent"), []),
        ("ok up", Spot(1, "stuck.carport"), []),
        ("ok up ok", Spot(2, "no:stuck.carport"), []),
        ("ok up ok ok", Spot(1, "stuck.carport"), []),
        ("ok up ok down ok", Spot(1, "stuck.carport"), [Acknowledge("stuck.carport")]),
        ("ok up ok down*2 ok", Spot(1, "stuck.carport"), []),
        ("ok up ok down back", Spot(1), []),
        ("ok up ok down back*2", Spot(0), []),
    ],
)
def test_strokes_among_alarms(strokes: str, spot: Spot, intents: list[Intent]) -> None:
    """PNL-48, 112: nothing is cleared without a yes."""
    state, asked = stroke(strokes, BOTH, RING)
    assert (state.screen, state.spot, asked) == (ALARMS, spot, intents)


def test_the_question_is_asked_in_words() -> None:
    state, _ = stroke("ok up ok", BOTH, RING)
    assert rows(state, BOTH) == ["Alarm  carport    2/2", "Contactor stuck", "Clear it?", "no", "yes", ""]
    bars = [text.text for text in page(state, BOTH, NOW).texts if text.inverse and text.text]
    assert bars == ["no"]


def test_the_history_is_behind_ok_once_all_is_seen() -> None:
    seen = alarmed(replace(SILENT, seen=True))
    state, asked = stroke("ok ok", seen, RING)
    assert (state.spot, asked) == (Spot(2, "past:0"), [])
    assert rows(state, seen) == [
        "Before carport    1/2", "Charger fault F", "from --", "to 13:32:00", "", "",
    ]  # fmt: skip
    state, _ = stroke("down", seen, state)
    assert rows(state, seen)[:4] == ["Before            2/2", "Grid meter silent", "from --", "to --"]
    assert stroke("down", seen, state)[0].spot == Spot(2, "past:0")
    assert stroke("ok", seen, state)[0].spot == Spot(2, "past:1")


def passed(state: State, view: View, now: Instant = NOW) -> State:
    return navigate(state, None, view, now, Patience())[0]


def test_a_new_alarm_comes_to_the_front_and_wakes_the_display() -> None:
    later = at(NOW.mono_s + 119.0)
    state = passed(HOME, alarmed(STUCK), later)
    assert (state.screen, state.spot) == (ALARMS, Spot(1, "stuck.carport"))
    assert light(state, later.mono_s, Patience()) is Light.BRIGHT
    left, _ = stroke("back*2", alarmed(STUCK), state)
    assert left.screen == "home"
    assert passed(left, alarmed(STUCK), later).screen == "home", "it was in front"
    assert passed(left, BOTH, later).spot == Spot(1, "grid_meter_silent"), "another one"
    gone = passed(left, alarmed(), later)
    assert passed(gone, alarmed(replace(STUCK, since_mono_s=5.0)), later).screen == ALARMS, "again"


def test_one_that_was_seen_elsewhere_does_not() -> None:
    assert passed(HOME, alarmed(replace(FAULT, seen=True))).screen == "home"


def test_it_waits_while_somebody_edits_and_a_mark_stands_in_the_title() -> None:
    editing = replace(HOME, draft=Draft("garage.user_max", 20.0, 32.0))
    state = passed(editing, alarmed(STUCK))
    assert state == editing
    title = [text.text for text in page(state, alarmed(STUCK), NOW).texts if text.row == 0]
    assert title == ["Current limit", "garage", "!"]
    assert_fits(page(state, alarmed(STUCK), NOW))
    assert passed(replace(state, draft=None), alarmed(STUCK)).screen == ALARMS


def test_a_dark_display_wakes_with_what_was_not_seen() -> None:
    late = at(NOW.mono_s + 121.0)
    for view, screen in ((BOTH, ALARMS), (alarmed(replace(SILENT, seen=True)), "home")):
        known = State(NOW.mono_s, known=frozenset(map(alarm_key, view.alarms)))
        woken, asked = navigate(known, KeyEvent(Key.OK), view, late, Patience())
        assert (woken.screen, asked) == (screen, ())


def test_long_words_take_a_second_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """PNL-81: four rows of words in the two that the screen has."""
    words = "one two three four five six seven eight nine ten eleven twelve thirteen"
    monkeypatch.setattr("hems.panel.alarm_screen.said.alarm_long", lambda _: words)
    state, _ = stroke("ok", alarmed(FAULT), State(NOW.mono_s, ALARMS))
    assert rows(state, alarmed(FAULT))[3:] == [
        "one two three four",
        "five six seven eight",
        "OK seen     down next",
    ]
    state, _ = stroke("down", alarmed(FAULT), state)
    assert rows(state, alarmed(FAULT))[3:5] == ["nine ten eleven", "twelve thirteen"]
    assert stroke("down", alarmed(FAULT), state)[0].spot.cursor == FAULT.name
