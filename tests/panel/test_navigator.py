"""PNL-14, 22, 60 to 63, 90, 91, 112: keys to screens, cursor and intents."""

import re
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.model.instant import Instant
from hems.model.intents import (
    Acknowledge,
    Intent,
    Refusal,
    SetBoost,
    SetCharging,
    SetLines,
    SetMode,
    SetUserMax,
    SetVehicle,
)
from hems.model.settings import Target
from hems.model.view import View
from hems.panel.alarm_screen import ALARMS
from hems.panel.asks import Asked
from hems.panel.items import entries, entry
from hems.panel.keys import Key, KeyEvent, Kind
from hems.panel.navigator import ALLOWED, Draft, Front, Light, Patience, State, light, navigate, told
from tests.panel.any_view import views
from tests.panel.views import BEFORE_SEVEN, HOUSE, NOW, PLANNED, ordered

PATIENCE = Patience()
HOME = State(NOW.mono_s)
STROKE = re.compile(r"(up|down|ok|back|wait)(?:\*(\d+))?(?:~([\d.]+)s)?$")


def at(mono_s: float) -> Instant:
    return replace(NOW, mono_s=mono_s)


def stroke(strokes: str, view: View = HOUSE, state: State = HOME) -> tuple[State, list[Asked]]:
    """Play ``ok down*3 up~1.4s back wait~120s``: taps, held keys (with their repeats), and idle time."""
    now_s = state.key_mono_s
    intents: list[Asked] = []

    def give(event: KeyEvent | None) -> None:
        nonlocal state
        state, asked = navigate(state, event, view, at(now_s), PATIENCE)
        intents.extend(asked)

    for word in strokes.split():
        match = STROKE.match(word)
        assert match, word
        name, times, seconds = match.groups()
        if name == "wait":
            now_s += float(seconds)
            give(None)
            continue
        for _ in range(int(times or 1)):
            now_s += 0.1
            give(KeyEvent(Key(name)))
        if seconds and name in ("up", "down"):
            for count in range(1, int((float(seconds) - 0.5) / 0.2) + 2):
                give(KeyEvent(Key(name), Kind.REPEAT, count))
        elif seconds:
            give(KeyEvent(Key(name), Kind.HOLD))
    return state, intents


@pytest.mark.parametrize(
    ("strokes", "screen", "cursor", "intents"),
    [
        ("", "home", "", []),
        ("down", "car-garage", "", []),
        ("down*3", "energy", "", []),
        ("up", "settings", "", []),
        ("up*2", "about", "", []),
        ("down*13", "home", "", []),
        ("down~0.8s", "energy", "", []),
        ("down back", "home", "", []),
        ("back*3", "home", "", []),
        ("down*3 ok", "energy", "", []),
        ("up ok", "settings", "garage.mode", []),
        ("up ok down*4", "settings", "carport.mode", []),
        ("up ok up", "settings", ".installer", []),
        ("up ok back", "settings", "", []),
        ("up ok back back", "home", "", []),
        ("down ok", "car-garage", "garage.mode", []),
        ("down*2 ok", "car-carport", "carport.mode", []),
        ("down ok ok down ok", "car-garage", "garage.mode", [SetMode("garage", "off")]),
        ("down ok ok up ok", "car-garage", "garage.mode", [SetMode("garage", "surplus")]),
        ("down ok ok up back", "car-garage", "garage.mode", []),
        ("down ok down ok down*4 ok", "car-garage", "garage.user_max", [SetUserMax("garage", 28.0)]),
        ("down ok down ok up*4 ok", "car-garage", "garage.user_max", [SetUserMax("garage", 32.0)]),
        ("down ok down ok down*40 ok", "car-garage", "garage.user_max", [SetUserMax("garage", 6.0)]),
        ("down ok down ok down~1.1s ok", "car-garage", "garage.user_max", [SetUserMax("garage", 27.0)]),
        ("down ok down ok down back~1s", "home", "", []),
        ("down ok ok~1s back", "car-garage", "garage.mode", []),
        ("down ok~1s ok", "car-garage", "garage.boost", [SetBoost("garage", 3600.0)]),
        ("down*2 ok~1s down ok", "car-carport", "carport.boost", [SetBoost("carport", 7200.0)]),
        ("up ok~1s back", "settings", "garage.boost", []),
        ("down*3 ok~1s", "energy", "", []),
        ("down ok ok down wait~120s", "home", "", []),
        ("down ok wait~119.9s", "car-garage", "garage.mode", []),
    ],
)
def test_strokes(strokes: str, screen: str, cursor: str, intents: list[Intent]) -> None:
    """PNL-40, 60, 61, 63, 90, 112."""
    state, asked = stroke(strokes)
    assert (state.screen, state.cursor, asked) == (screen, cursor, intents)


MORNING = BEFORE_SEVEN.astimezone(UTC)
ORDERS = PLANNED.settings.charger("garage")
PLAIN = replace(ORDERS, mode="surplus", target=None)
NEW = Target(BEFORE_SEVEN, 80.0)


def set_to(**changes: object) -> list[Intent]:
    return [SetCharging("garage", replace(ORDERS, **changes))]  # type: ignore[arg-type]


def target(**changes: object) -> list[Intent]:
    assert ORDERS.target
    return set_to(target=replace(ORDERS.target, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "strokes", "intents"),
    [
        ("mode", "down ok", [SetMode("garage", "min_surplus")]),
        ("user_max", "up ok", [SetUserMax("garage", 17.0)]),
        ("boost", "ok", [SetBoost("garage", 3600.0)]),
        ("boost", "up ok", [SetBoost("garage", 1800.0)]),
        ("boost", "down*3 ok", [SetBoost("garage", None, 10_000.0)]),
        ("boost", "up*2 ok", [SetBoost("garage", None)]),
        ("target", "up ok", set_to(mode="surplus", target=None)),
        ("target", "down ok", target(energy_wh=10_000.0)),
        ("level", "up ok", target(target_pct=85.0)),
        ("level", "up*9 ok", target(target_pct=100.0)),
        ("level", "down~60s ok", target(target_pct=10.0)),
        ("time", "up*3 ok", target(deadline=MORNING + timedelta(minutes=15))),
        ("time", "down*84 ok", target(deadline=MORNING - timedelta(hours=7))),
        ("time", "down*85 ok", target(deadline=MORNING - timedelta(hours=7, minutes=5))),
        ("days", "down ok", target(repeat_days=())),
        ("days", "down*2 ok", target(repeat_days=(1, 2, 3, 4, 5, 6, 7))),
        ("days", "down*3 ok", target(repeat_days=(1, 2, 3, 4, 5))),
        ("days", "ok", target()),
        ("car", "down ok", [SetVehicle("a-very-long-name", charger="garage")]),
        ("car_level", "up ok", [SetVehicle("blue", level_pct=43.0)]),
        ("car_level", "up*58 up ok", [SetVehicle("blue", level_pct=100.0)]),
        ("capacity", "down ok", [SetVehicle("blue", capacity_wh=76_000.0)]),
        ("cheap", "up ok", set_to(cheap_pct=35.0)),
        ("cheap", "down*7 ok", set_to(cheap=False, cheap_pct=0.0)),
        ("off_peak", "down ok", set_to(off_peak=False)),
        ("lines", "down ok", [SetLines("garage", 1)]),
        ("lines", "up ok", [SetLines("garage", 3)]),
    ],
)
def test_strokes_in_every_editor(row: str, strokes: str, intents: list[Intent]) -> None:
    """PNL-60, 61, 112: numbers clamp, choices and times wrap; the whole record is told."""
    menu = replace(HOME, cursor=f"garage.{row}")
    state, asked = stroke(f"ok {strokes}", PLANNED, menu)
    assert (state.cursor, asked) == (f"garage.{row}", intents)
    assert stroke(f"ok {strokes.removesuffix('ok')} back", PLANNED, menu) == (
        replace(menu, key_mono_s=state.key_mono_s),
        [],
    )


def test_a_target_takes_three_presses_and_its_mode_comes_with_it() -> None:
    """PNL-60: 80 % by the next 07:00, once."""
    plain = ordered(PLANNED, mode="surplus", target=None)
    rows = stroke("down ok down*3 ok down ok", plain)
    told = replace(PLAIN, mode="surplus_target", target=NEW)
    assert rows[1] == [SetCharging("garage", told)]


def test_a_value_that_is_offered_no_more_is_not_asked_for() -> None:
    """PNL-63, 91: the draft goes back to what is in force."""
    state, _ = stroke("down ok ok", PLANNED)
    gone = ordered(PLANNED, mode="fast", target=None)
    state, asked = stroke("ok", gone, state)
    assert (state.draft, asked) == (Draft("garage.mode", "fast", "surplus_target"), [])


def test_ok_on_home_shows_the_next_source() -> None:
    """PNL-43."""
    seen = [stroke(f"ok*{times}" if times else "")[0].spot.cursor for times in range(6)]
    assert seen == ["", "pv", "car", "heat_pump", "home", "grid"]
    assert stroke("ok*2 back")[0].spot.cursor == ""


def test_the_draft_survives_a_change_from_elsewhere() -> None:
    """PNL-63: the later save wins."""
    state, _ = stroke("down ok down ok down*3")
    changed = replace(HOUSE, settings=replace(HOUSE.settings, chargers={}))
    state, asked = stroke("ok", changed, state)
    assert asked == [SetUserMax("garage", 29.0)]


def test_light_goes_with_the_last_key() -> None:
    """PNL-14: dim after 60 s, dark after 120 s."""
    state = State(NOW.mono_s)
    lights = [light(state, NOW.mono_s + s, PATIENCE) for s in (0, 59.9, 60, 119.9, 120)]
    assert lights == [Light.BRIGHT, Light.BRIGHT, Light.DIM, Light.DIM, Light.DARK]


def test_the_first_press_on_a_dark_display_only_wakes() -> None:
    """PNL-22: swallowed until released, with its repeats and its hold."""
    dark, _ = stroke("down wait~130s")
    woken, _ = navigate(dark, KeyEvent(Key.DOWN), HOUSE, at(1140.0), PATIENCE)
    assert woken.screen == "home"
    assert light(woken, 1140.0, PATIENCE) is Light.BRIGHT
    still, _ = navigate(woken, KeyEvent(Key.DOWN, Kind.REPEAT, 1), HOUSE, at(1140.5), PATIENCE)
    assert (still.screen, still.key_mono_s) == ("home", 1140.5)
    moved, _ = navigate(still, KeyEvent(Key.DOWN), HOUSE, at(1141.0), PATIENCE)
    again, _ = navigate(moved, KeyEvent(Key.DOWN, Kind.REPEAT, 1), HOUSE, at(1141.5), PATIENCE)
    assert (moved.screen, again.screen) == ("car-garage", "car-carport")


def test_a_press_on_a_dim_display_acts() -> None:
    """PNL-22."""
    state, _ = stroke("wait~100s")
    acted, _ = navigate(state, KeyEvent(Key.DOWN), HOUSE, at(1100.0), PATIENCE)
    assert acted.screen == "car-garage"


def test_a_dark_press_never_saves_a_forgotten_draft() -> None:
    """PNL-22, 63: also when the display went dark before the editor was left."""
    draft, _ = stroke("down ok ok down")
    for patience in (PATIENCE, Patience(leave_after_s=1e9)):
        state, asked = navigate(draft, KeyEvent(Key.OK), HOUSE, at(1200.0), patience)
        assert asked == ()
        assert state.draft is None


def test_a_refusal_of_what_was_asked_here_is_shown_until_a_key() -> None:
    """PNL-62."""
    state, _ = stroke("down ok ok down ok")
    refusal = Refusal("limited", "the charger is held by its relay")
    refused = told(state, refusal)
    assert refused.notice == refusal
    assert refused.front is Front.NOTICE
    dismissed, asked = stroke("ok", state=refused)
    assert (dismissed.front, dismissed.cursor, asked) == (Front.MENU, "garage.mode", [])


def test_a_house_without_chargers_has_its_panel_to_set() -> None:
    bare = replace(HOUSE, installed=replace(HOUSE.installed, chargers={}))
    assert {found.charger for found in entries(bare)} == {""}


def test_a_charger_called_like_a_screen_is_not_mixed_up_with_it() -> None:
    chargers = {"energy": HOUSE.installed.chargers["garage"]}
    view = replace(HOUSE, installed=replace(HOUSE.installed, chargers=chargers))
    assert stroke("down*3 ok", view)[0].cursor == ""
    assert stroke("down ok", view)[0].cursor == "energy.mode"


KEY_EVENTS = st.builds(
    KeyEvent,
    st.sampled_from(Key),
    st.sampled_from([*[Kind.TAP] * 6, Kind.REPEAT, Kind.HOLD]),
    st.integers(0, 40),
)
STROKES = st.lists(
    st.tuples(st.none() | KEY_EVENTS, st.sampled_from([0.1, 0.1, 0.1, 1.0, 61.0, 130.0])), max_size=60
)


@settings(max_examples=60, deadline=None)
@given(st.lists(views(), min_size=1, max_size=3), STROKES)
def test_no_strokes_lead_astray(houses: list[View], strokes: list[tuple[KeyEvent | None, float]]) -> None:
    """PNL-91: nothing raises, intents are within range and only from OK in an editor, back leads home."""
    state, now_s = State(NOW.mono_s), NOW.mono_s
    for i, (event, wait_s) in enumerate(strokes):
        now_s += wait_s
        view = replace(houses[i % len(houses)], installed=houses[0].installed)
        before = state
        state, asked = navigate(state, event, view, at(now_s), PATIENCE)
        assert state.front is before.front or state.front in ALLOWED[before.front]
        for intent in asked:
            if isinstance(intent, Acknowledge):
                assert before.screen == ALARMS
                continue
            assert before.front is Front.EDITOR
            assert event is not None
            assert (event.key, event.kind) == (Key.OK, Kind.TAP)
            assert before.draft is not None
            found = entry(view, before.draft.entry)
            assert found is not None
            assert before.draft.value in found.values(view)
            assert intent == found.intent(view, before.draft.value)
        if asked and i % 2:
            state = told(state, Refusal("no", "not now"))
    presses = 0
    while state != State(state.key_mono_s, known=state.known):
        state, asked = navigate(state, KeyEvent(Key.BACK), houses[0], at(now_s), PATIENCE)
        assert asked == ()
        presses += 1
    assert presses <= 6


def test_a_key_that_does_not_repeat_confirms_nothing_when_it_is_said_to() -> None:
    """PNL-91: only a tap of OK saves."""
    editor, _ = stroke("up ok ok up")
    again, asked = navigate(editor, KeyEvent(Key.OK, Kind.REPEAT, 1), HOUSE, at(NOW.mono_s + 2), PATIENCE)
    assert (again.draft, asked) == (editor.draft, ())
