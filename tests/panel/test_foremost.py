"""What stands before the screens: question, sure?, PIN, first run (PNL-60, 64, 65, 71, 90, 91)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.model.instant import Instant
from hems.model.intents import (
    Acknowledge,
    Change,
    Commission,
    Forget,
    Install,
    Reboot,
    Refusal,
    SearchBus,
    SetMode,
    SetPanel,
    SetUserMax,
    TryCharge,
)
from hems.model.settings import Commissioning
from hems.model.view import View
from hems.panel import navigator
from hems.panel.asks import Asked, NewPin, Reply, TryPin
from hems.panel.foremost import HERE, Entering, Front, State, asked, opened, step
from hems.panel.item import Level
from hems.panel.items import entries, entry
from hems.panel.keys import Key, KeyEvent, Kind
from hems.panel.pin import OPEN_S, Gate
from hems.panel.question import Question
from hems.panel.screens import HOME
from tests.panel.any_view import views
from tests.panel.first_run_views import FRESH, INSTALLED, SEARCHED, searched
from tests.panel.views import HOUSE, NOW

PATIENCE = navigator.Patience()
SHUT = Gate(exists=True)


class Bench:
    """A state, and what was asked for; keys come half a second apart."""

    def __init__(self, view: View = HOUSE, gate: Gate = SHUT) -> None:
        self.view = view
        self.now_s = NOW.mono_s
        self.state = State(navigator.State(NOW.mono_s), gate=gate)
        self.asks: list[Asked] = []

    @property
    def now(self) -> Instant:
        return replace(NOW, mono_s=self.now_s, wall=NOW.wall + timedelta(seconds=self.now_s - NOW.mono_s))

    def key(self, event: KeyEvent | None) -> None:
        self.state, asks = step(self.state, event, self.view, self.now, PATIENCE)
        self.asks += asks

    def play(self, strokes: str) -> "Bench":
        """``down*3 ok back~ wait120``: ``~`` = held, ``!`` = from afar."""
        for stroke in strokes.split():
            name, _, times = stroke.partition("*")
            for _ in range(int(times or 1)):
                if name.startswith("wait"):
                    self.now_s += float(name[4:])
                    self.key(None)
                    continue
                self.now_s += 0.5
                key = Key(name.rstrip("~!"))
                kind = Kind.HOLD if name.endswith("~") else Kind.TAP
                self.key(KeyEvent(key, kind, remote=name.endswith("!")))
        return self

    def at(self, name: str) -> "Bench":
        """In the menu, the cursor at this row."""
        below = replace(self.state.below, cursor=name)
        self.state = replace(self.state, below=below)
        return self


INSTALLER_ROWS = [found.name for found in entries(HOUSE, "installer")]


def unlocked(view: View = HOUSE) -> Bench:
    return Bench(view, replace(SHUT, open_until_mono_s=NOW.mono_s + OPEN_S))


@pytest.mark.parametrize("name", INSTALLER_ROWS)
def test_the_pin_stands_before_every_installers_row(name: str) -> None:
    """PNL-64, PNL-91: without it no intent, whatever is pressed."""
    bench = Bench().at(name).play("ok")
    assert bench.state.front is Front.PIN
    bench.play("ok*4")
    assert bench.asks == [TryPin("0000")]
    bench.play("back*9")
    assert bench.asks == [TryPin("0000")]


def test_the_row_of_the_installer_leads_to_his_rows_by_the_pin() -> None:
    bench = Bench().at(".installer").play("ok up ok down ok up*7 ok ok")
    assert bench.asks == [TryPin("1970")]
    assert bench.state.entering == Entering(INSTALLER_ROWS[0], "1970", 3)
    bench.state = opened(bench.state, replace(SHUT, open_until_mono_s=bench.now_s + OPEN_S), right=True)
    assert (bench.state.front, bench.state.below.cursor) == (Front.BELOW, INSTALLER_ROWS[0])
    bench.play("down")
    assert bench.state.below.cursor == INSTALLER_ROWS[1]


def test_wrong_digits_are_said_and_how_long_to_wait() -> None:
    bench = Bench().at(".installer").play("ok")
    refused = opened(bench.state, SHUT, right=False)
    assert refused.below.notice is not None
    assert refused.below.notice.text == "these are not the digits"
    waits = opened(bench.state, replace(SHUT, waits_until_mono_s=bench.now_s + 60.0), right=False)
    assert waits.below.notice is not None
    assert waits.below.notice.text == "these are not the digits; wait 60 s"


def test_the_pin_can_be_left_at_any_digit() -> None:
    """PNL-61, PNL-91: back leaves, and home is never far."""
    assert Bench().at(".installer").play("ok ok ok").state.front is Front.PIN
    assert Bench().at(".installer").play("ok ok ok back").state.front is Front.BELOW


@pytest.mark.parametrize("ending", ["back*6", "back~", "wait120", "wait600"])
def test_it_is_open_for_ten_minutes_or_until_home(ending: str) -> None:
    """PNL-64."""
    bench = unlocked().at(INSTALLER_ROWS[0]).play(ending)
    assert not bench.state.gate.open(bench.now_s)


def test_an_editor_that_outlives_the_pin_saves_nothing() -> None:
    bench = unlocked().at(".fuse_l1").play("ok up")
    bench.state = replace(bench.state, gate=SHUT)
    bench.play("ok")
    assert (bench.asks, bench.state.front) == ([], Front.PIN)


@pytest.mark.parametrize(
    ("row", "strokes", "asks"),
    [
        (".fuse_l1", "ok up ok ok", [Install((Change(("site", "main_fuse_a"), (26.0, 25.0, 25.0)),), True)]),
        (".fuse_l1", "ok up ok back", []),
        (".fuse_l1", "ok up back", []),
        (".imbalance", "ok up ok ok", [Install((Change(("site", "imbalance_a"), 6.0),), True)]),
        (".reboot", "ok ok", [Reboot()]),
        (".reboot", "ok back", []),
        (".reboot", "ok up down back", []),
        (".reset", "ok ok", [Forget()]),
        (".reset_all", "ok ok", [Forget(counters=True)]),
        (".pin", "ok up ok ok ok ok ok", [NewPin("1000")]),
        (".pin", "ok up ok back back ok", []),
        (".locked", "ok up ok", [SetPanel(replace(HOUSE.settings.panel, locked=True))]),
        ("rs485-a.search", "ok ok", [SearchBus("rs485-a", "full")]),
        ("rs485-a.look", "ok", [SearchBus("rs485-a", "live")]),
        ("garage.charger_lines", "ok down ok ok",
         [Install((Change(("charger", "garage", "lines"), ("L1", "L3", "L2")),), True)]),
        (".language", "ok down ok", [SetPanel(replace(HOUSE.settings.panel, language="de"))]),
        (".contrast", "ok down*9 ok", [SetPanel(replace(HOUSE.settings.panel, contrast=1))]),
        (".dark_after", "ok down ok", [SetPanel(replace(HOUSE.settings.panel, dark_after_s=180.0))]),
        (".large", "ok down ok", [SetPanel(replace(HOUSE.settings.panel, large=True))]),
    ],
)  # fmt: skip
def test_strokes(row: str, strokes: str, asks: list[Asked]) -> None:
    """PNL-61, PNL-112: what is dangerous is asked for once more."""
    assert unlocked().at(row).play(strokes).asks == asks


LOCKED = replace(HOUSE, settings=replace(HOUSE.settings, panel=replace(HOUSE.settings.panel, locked=True)))


def test_a_locked_panel_lets_nobody_but_stop_a_charge() -> None:
    """PNL-64."""
    assert Bench(LOCKED).at("garage.user_max").play("ok").state.front is Front.PIN
    assert Bench(LOCKED).at("garage.mode").play("ok down ok").asks == [SetMode("garage", "off")]
    faster = Bench(LOCKED).at("garage.mode").play("ok up ok")
    assert (faster.asks, faster.state.front) == ([], Front.PIN)
    assert Bench().at("garage.user_max").play("ok down ok").asks == [SetUserMax("garage", 31.0)]


def test_a_question_comes_before_everything_and_wakes_the_display() -> None:
    """PNL-65."""
    bench = Bench().at("garage.mode").play("ok").play("wait100")
    bench.state = asked(bench.state, Question("tablet", bench.now_s, bench.now_s + 120.0), bench.now_s)
    assert bench.state.front is Front.QUESTION
    bench.play("ok")
    assert bench.asks == [], "keys of the first second are swallowed"
    bench.play("ok! back! up ok!")
    assert bench.asks == []
    bench.play("ok")
    assert (bench.asks, bench.state.question) == ([Reply(yes=True)], None)
    assert bench.state.below.draft is not None, "the editor is as it was"


@pytest.mark.parametrize("ending", ["wait2 back", "wait120"])
def test_back_and_time_say_no(ending: str) -> None:
    bench = Bench()
    bench.state = asked(bench.state, Question("tablet", bench.now_s, bench.now_s + 120.0), bench.now_s)
    assert bench.play(ending).asks == [Reply(yes=False)]


def test_the_first_run_stands_in_the_place_of_the_screens() -> None:
    """PNL-71: it can be left and taken up again."""
    bench = Bench(FRESH).play("wait1")
    assert bench.state.front is Front.FIRST_RUN
    assert bench.play("back").state.front is Front.BELOW
    assert bench.play("down").state.below.screen != HOME
    assert bench.play("back back").state.front is Front.FIRST_RUN
    assert bench.play("back~").state.front is Front.BELOW
    assert bench.play("wait120").state.front is Front.FIRST_RUN
    ended = replace(FRESH, settings=replace(FRESH.settings, commissioning=None))
    bench.view = ended
    assert bench.play("wait1").state.front is Front.BELOW


def test_the_first_runs_search_begins_by_itself() -> None:
    bench = Bench(FRESH).play("ok down*2 ok wait1")
    assert SearchBus("a", "full") in bench.asks


STROKES = st.lists(
    st.one_of(
        st.builds(
            KeyEvent,
            st.sampled_from([Key.OK, Key.OK, *Key]),
            st.sampled_from([Kind.TAP, Kind.TAP, Kind.TAP, Kind.REPEAT, Kind.HOLD]),
            st.integers(0, 40),
            remote=st.booleans(),
        ),
        st.floats(0.1, 200.0),
    ),
    max_size=60,
)
HOUSES = st.one_of(views(), st.sampled_from([HOUSE, LOCKED, FRESH, INSTALLED, searched(SEARCHED)]))
USER_LEVEL = (SetPanel, Acknowledge, Commission, SearchBus, TryCharge)


def strokes_in(view: View, strokes: list[KeyEvent | float], gate: Gate, cursor: int) -> Bench:
    bench = Bench(view, gate)
    rows = [*entries(view), *entries(view, "installer")]
    bench.key(None)
    bench.at(rows[cursor % len(rows)].name)
    for stroke in strokes:
        if isinstance(stroke, float):
            bench.now_s += stroke
            bench.key(None)
        else:
            bench.now_s += 0.2
            bench.key(stroke)
    return bench


def properties(view: View, strokes: list[KeyEvent | float], gate: Gate, cursor: int) -> int:
    """No key raises; back leads home; without the PIN nothing of an installer's is asked for (PNL-91)."""
    bench = strokes_in(view, strokes, gate, cursor)
    if gate.exists and view.settings.commissioning is None:
        assert not any(isinstance(one, Install | Reboot | Forget | NewPin) for one in bench.asks)
    assert not any(isinstance(one, Reply) for one in bench.asks), "nobody asked"
    bench.now_s += 0.2
    if bench.state.front is not Front.FIRST_RUN:
        bench.play("back*6")
    assert bench.state.run is not None or bench.state.below.screen == HOME
    return len(strokes)


@settings(max_examples=120, deadline=None)
@given(HOUSES, STROKES, st.booleans(), st.integers(0, 200))
def test_no_stroke_does_what_it_may_not(
    view: View, strokes: list[KeyEvent | float], shut: bool, cursor: int
) -> None:
    """PNL-91."""
    properties(view, strokes, SHUT if shut else Gate(), cursor)


@pytest.mark.proof
@settings(max_examples=2_500, deadline=None)
@given(HOUSES, STROKES, st.booleans(), st.integers(0, 200))
def test_a_hundred_thousand_strokes(
    view: View, strokes: list[KeyEvent | float], shut: bool, cursor: int
) -> None:
    """PNL-91: about forty strokes in each of 2,500 views."""
    properties(view, strokes, SHUT if shut else Gate(), cursor)


@settings(max_examples=60, deadline=None)
@given(HOUSES, STROKES, st.integers(0, 200))
def test_no_remote_key_answers_a_question(view: View, strokes: list[KeyEvent | float], cursor: int) -> None:
    """PNL-65, PNL-91."""
    bench = Bench(view)
    bench.state = asked(bench.state, Question("x", bench.now_s, bench.now_s + 1e6), bench.now_s)
    for stroke in strokes:
        bench.now_s += stroke if isinstance(stroke, float) else 2.0
        bench.key(None if isinstance(stroke, float) else replace(stroke, remote=True))
    assert Reply(yes=True) not in bench.asks
    assert bench.state.question is not None


def test_every_row_is_reached() -> None:
    """PNL-91."""
    levels: tuple[Level, ...] = ("user", "installer")
    for level in levels:
        names = [found.name for found in entries(HOUSE, level)]
        bench = unlocked().at(names[0])
        seen = {bench.state.below.cursor}
        for _ in names:
            bench.play("down")
            seen.add(bench.state.below.cursor)
        assert seen == set(names)
        assert all(entry(HOUSE, name) is not None for name in names)


@pytest.mark.parametrize("key", ["ok", "back", "ok!"])
def test_nobody_answers_a_question_on_a_dark_display(key: str) -> None:
    """PNL-14, PNL-65: the first press only wakes it; nobody can have read what stands there."""
    bench = Bench()
    bench.state = asked(bench.state, Question("tablet", bench.now_s, bench.now_s + 600.0), bench.now_s)
    bench.now_s += 200.0
    bench.play(key)
    assert (bench.asks, bench.state.front) == ([], Front.QUESTION)
    bench.play("ok up ok")
    assert bench.asks == [Reply(yes=True)]


REMOTE: list[tuple[str, str]] = [
    (".reset", "ok! wait1 ok!"),
    (".fuse_l1", "ok! up!*3 ok! ok!"),
    (".pin", "ok! ok!*4 ok!"),
    (".ssh", "ok! up! ok! ok!"),
]


@pytest.mark.parametrize(("row", "strokes"), REMOTE)
def test_no_key_from_afar_is_an_installers_while_no_pin_guards_his_rows(row: str, strokes: str) -> None:
    """PNL-64: whoever holds an account of the door might make the PIN and lock out the house."""
    afar = Bench(gate=Gate()).at(row).play(strokes)
    assert [ask for ask in afar.asks if not isinstance(ask, TryPin)] == []
    assert afar.state.below.draft is None
    assert Bench(gate=Gate()).at(row).play(strokes.replace("!", "")).asks


def test_a_key_from_afar_reaches_no_installers_row_while_no_pin_guards_it() -> None:
    bench = Bench(gate=Gate()).at(".installer").play("ok!")
    assert (bench.state.below.cursor, bench.state.below.notice) == (".installer", Refusal("not_now", HERE))
    assert bench.play("ok! ok").state.below.cursor == INSTALLER_ROWS[0]


@pytest.mark.parametrize(("row", "strokes"), [REMOTE[0], *REMOTE[2:]])
def test_some_things_are_done_here_only(row: str, strokes: str) -> None:
    """The PIN is open; a key from afar still neither forgets nor locks out."""
    afar = unlocked().at(row).play(strokes)
    assert (afar.asks, afar.state.below.notice) == ([], Refusal("not_now", HERE))
    assert afar.play("ok!").state.below.notice is None
    assert unlocked().at(row).play(strokes.replace("!", "")).asks
    assert unlocked().at(".fuse_l1").play("ok! down! ok! ok!").asks, "with the PIN the rest is his"


def test_no_key_from_afar_ends_the_first_run() -> None:
    """PNL-71."""
    last = replace(
        INSTALLED, settings=replace(INSTALLED.settings, commissioning=Commissioning("summary", {}))
    )
    bench = Bench(last, Gate(exists=True)).play("ok!")
    assert (bench.asks, bench.state.below.notice) == ([], Refusal("not_now", HERE))
    assert bench.play("ok! ok").asks
    first = Bench(FRESH, Gate(exists=True)).play("ok!")
    assert first.asks
