"""PNL-5, 13, 14, 62, 103, 104, 111: the panel as an eye, over the driver, onto the glass."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import pytest
from PIL import Image

from hems.clock import ManualClock
from hems.model.alarm import Alarm, AlarmCode
from hems.model.decision import ChargerCommand, Command
from hems.model.intents import Forget, Intent, Refusal, SetMode, SetPanel, Upkeep
from hems.model.settings import Commissioning, PanelSettings
from hems.model.view import View
from hems.panel.keys import Key, KeyEvent, Kind
from hems.panel.layout import Page, Text
from hems.panel.navigator import Light, Patience
from hems.panel.oled import Oled
from hems.panel.panel import Panel, focus
from hems.panel.pin import Gate
from hems.panel.transport import I2cPlace, connect
from hems.reactor import Reactor
from hems.sim.glass import Glass
from tests.panel.first_run_views import FRESH
from tests.panel.pictures import bits
from tests.panel.views import HOUSE, START

TAP = {key.value: KeyEvent(key) for key in Key}


class Front:
    """A panel with a display made of memory, on virtual time."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.loop = Reactor(self.clock)
        self.glass = Glass("sh1106")
        self.oled = Oled(self.loop, self.clock, "sh1106", partial(connect, I2cPlace(self.glass)))
        self.intents: list[Intent | Upkeep] = []
        self.answers: list[Callable[[Refusal | None], None]] = []
        self.screens: list[str] = []
        self.panel = Panel(
            self.clock,
            self.oled,
            self.ask,
            patience=Patience(),
            on_screen_change=lambda name, picture: self.screens.append(name),
        )

    def ask(self, intent: Intent | Upkeep, answer: Callable[[Refusal | None], None]) -> None:
        self.intents.append(intent)
        self.answers.append(answer)

    def view(self, view: View = HOUSE) -> None:
        """A view of this moment, with fresh readings."""
        ahead_s = self.clock.mono_s() - view.now.mono_s
        snapshot = view.snapshot
        assert snapshot.grid
        grid = replace(snapshot.grid, at_mono_s=snapshot.grid.at_mono_s + ahead_s)
        self.panel.show(replace(view, now=self.clock.now(), snapshot=replace(snapshot, grid=grid)))

    def wait(self, seconds: float = 0.5) -> int:
        """Let time pass; the bytes that went over the wire meanwhile."""
        before = self.glass.bytes_carried
        self.loop.run_until(self.clock.mono_s() + seconds)
        return self.glass.bytes_carried - before

    def press(self, *names: str) -> None:
        for name in names:
            self.panel.press(TAP[name])


@pytest.fixture
def front() -> Iterator[Front]:
    made = Front()
    yield made
    made.oled.close()
    made.loop.close()


ALARMED = replace(HOUSE, alarms=(Alarm(AlarmCode.CLOCK_UNKNOWN, seen=False, since_mono_s=900.0),))


def drawn(front: Front) -> tuple[bytes, ...]:
    picture = front.panel.picture()
    assert picture is not None
    return bits(picture)


def test_before_the_first_view_there_is_nothing_to_show(front: Front) -> None:
    front.press("down", "ok")
    assert front.panel.picture() is None
    assert front.wait() == 0


def test_a_key_redraws_at_once_from_the_last_view(front: Front) -> None:
    """PNL-100: no cycle is waited for."""
    front.view()
    front.wait()
    home = front.glass.pixels()
    front.press("down")
    front.wait(0.06)
    assert front.glass.pixels() == drawn(front) != home


def test_every_screen_arrives_on_the_glass_as_drawn(front: Front) -> None:
    """PNL-110: through the whole house, editors included."""
    front.view()
    for name in ["down"] * 7 + ["up", "ok", "ok", "up", "back", "down", "ok", "down", "back", "back"]:
        front.press(name)
        front.wait()
        assert front.glass.pixels() == drawn(front)


def test_screens_are_named_when_they_come_to_the_front(front: Front) -> None:
    front.view()
    front.view()
    front.press("down", "ok", "ok", "back", "back")
    front.press("back")
    assert front.screens == ["home", "car-garage", "menu", "edit-mode", "menu", "car-garage", "home"]


def test_the_picture_goes_with_the_name() -> None:
    clock = ManualClock(START)
    seen: dict[str, Image.Image] = {}
    front = Front()
    panel = Panel(clock, front.oled, front.ask, on_screen_change=seen.__setitem__)
    panel.show(HOUSE)
    assert seen["home"] is panel.picture()
    front.loop.close()


def test_saving_asks_by_intent_and_a_refusal_is_shown_in_words(front: Front) -> None:
    """PNL-62."""
    front.view()
    front.press("down", "ok", "ok", "down", "ok")
    assert front.intents == [SetMode("garage", "off")]
    front.wait(1.0)
    (answer,) = front.answers
    answer(Refusal("limited", "the charger is held by its relay"))
    assert front.screens[-1] == "notice"
    front.press("ok")
    assert front.screens[-1] == "menu"
    answer(None)
    assert front.screens[-1] == "menu"


def test_left_alone_it_goes_home_and_dark(front: Front) -> None:
    """PNL-14, 63."""
    front.view()
    front.press("down", "ok", "ok", "down")
    bright = (front.wait(), front.glass.contrast)[1]
    for second in range(1, 130):
        front.view()
        front.wait(1.0)
        assert front.glass.lit == (second <= 120)
        if 61 < second <= 119:
            assert front.glass.contrast == bright // 8
    assert front.intents == []
    assert front.screens[-1] == "home"
    front.press("down")
    front.wait()
    assert (front.glass.lit, front.screens[-1]) == (True, "home")
    front.panel.press(KeyEvent(Key.DOWN, Kind.REPEAT, 1))
    assert front.screens[-1] == "home"
    front.press("down")
    assert front.screens[-1] == "car-garage"


def changed(view: View, grid_w: float) -> View:
    return replace(view, balance=replace(view.balance, grid_w=grid_w, pv_w=grid_w * 0.7, ev_w=grid_w * 1.3))


def last_digit(front: Front) -> None:
    front.view(replace(HOUSE, balance=replace(HOUSE.balance, grid_w=3250.0)))


def clock_minute(front: Front) -> None:
    """The rule's dots swap and the whole picture shifts."""
    front.clock.advance(60.0)
    front.press("back")


def cursor(front: Front) -> None:
    front.press("down", "ok")
    front.wait()
    front.glass.bytes_carried = 0
    front.press("down")


def standing_minute(front: Front) -> None:
    front.view(ALARMED)
    front.wait(200.0)
    front.view(ALARMED)
    front.wait()
    front.glass.bytes_carried = 0
    front.clock.advance(60.0)
    front.view(ALARMED)


AUDIT: list[tuple[str, Callable[[Front], None], int]] = [
    ("nothing changes", lambda front: front.view(), 0),
    ("last digit", last_digit, 90),
    ("clock minute", clock_minute, 1250),
    ("source", lambda front: front.press("ok"), 500),
    ("cursor", cursor, 700),
    ("new screen", lambda front: front.press("down"), 1200),
    ("start-up", lambda front: front.oled.restart(), 1250),
    ("dims", lambda front: front.oled.light(Light.DIM), 5),
    ("goes dark", lambda front: front.oled.light(Light.DARK), 3),
    ("standing picture drifts", standing_minute, 1000),
]


@pytest.mark.parametrize(("happens", "most_bytes"), [row[1:] for row in AUDIT], ids=[row[0] for row in AUDIT])
def test_byte_audit(front: Front, happens: Callable[[Front], None], most_bytes: int) -> None:
    """PNL-111: the most bytes each situation may cost; PNL-103: nothing costs nothing."""
    front.view()
    front.wait()
    front.glass.bytes_carried = 0
    happens(front)
    front.wait(0.2)
    assert front.glass.bytes_carried <= most_bytes
    assert front.glass.bytes_carried > 0 or most_bytes == 0
    assert not front.glass.lit or front.glass.pixels() == drawn(front)


def test_home_with_changing_figures_takes_at_most_300_bytes_a_second(front: Front) -> None:
    """PNL-104: every power changes every second, for ten minutes of use."""
    front.view()
    front.wait(1.0)
    sent = 0
    for second in range(600):
        if second % 50 == 0:
            front.press("back")
        front.view(changed(HOUSE, 2000.0 + (second * 737) % 5000))
        sent += front.wait(1.0)
    assert sent / 600 <= 300


def test_an_unacknowledged_alarm_stands_instead_of_darkness(front: Front) -> None:
    """PNL-15: dim, drifting, and gone once somebody has seen it; PNL-22: the first press only wakes."""
    front.view(ALARMED)
    front.press("back")
    for _ in range(200):
        front.view(ALARMED)
        front.wait(1.0)
    assert front.screens[-1] == "standing"
    assert front.glass.lit
    assert front.glass.contrast == 0xCF // 8
    assert front.glass.pixels() == drawn(front)
    before = front.glass.pixels()
    front.clock.advance(60.0)
    front.view(ALARMED)
    front.wait()
    assert front.glass.pixels() == drawn(front) != before
    front.press("down")
    front.wait()
    assert (front.glass.contrast, front.intents) == (0xCF, [])
    assert front.screens[-1] not in ("standing", "car-garage")
    front.clock.advance(200.0)
    front.view(replace(HOUSE, alarms=(replace(ALARMED.alarms[0], seen=True),)))
    front.wait()
    assert not front.glass.lit


def test_what_a_person_set_holds(front: Front) -> None:
    """PNL-14, 60: contrast and darkness after a time."""
    panel = Panel(front.clock, front.oled, front.ask)
    chosen = PanelSettings(contrast=1, dark_after_s=30.0)
    view = replace(HOUSE, settings=replace(HOUSE.settings, panel=chosen))
    panel.show(view)
    front.wait()
    assert front.glass.contrast == 0xCF // 5
    front.clock.advance(31.0)
    panel.show(view)
    front.wait()
    assert not front.glass.lit


def test_it_stays_lit_through_the_first_run(front: Front) -> None:
    """PNL-14."""
    view = replace(HOUSE, settings=replace(HOUSE.settings, commissioning=Commissioning("language")))
    front.view(view)
    front.clock.advance(3600.0)
    front.view(view)
    front.wait()
    assert front.glass.lit
    assert front.glass.contrast == 0xCF // 8


def test_it_stays_lit_while_a_question_stands(front: Front) -> None:
    """PNL-14, PNL-65."""
    answers: list[bool] = []
    chosen = replace(HOUSE.settings, panel=PanelSettings(dark_after_s=30.0))
    panel = Panel(front.clock, front.oled, front.ask)
    panel.show(replace(HOUSE, settings=chosen))
    panel.ring("tablet", 120.0, answers.append)
    front.clock.advance(100.0)
    panel.show(replace(HOUSE, settings=chosen))
    front.wait()
    assert front.glass.lit
    panel.press(TAP["ok"])
    assert answers == [True]


def test_a_display_that_is_lost_asks_nobody(front: Front) -> None:
    """PNL-65: the answer is no, whether it is lost before the question or while that stands."""
    answers: list[bool] = []
    front.view()
    front.wait()
    front.panel.ring("tablet", 120.0, answers.append)
    front.glass.fails_after = 0
    front.press("up")
    front.wait(2.0)
    assert front.oled.lost
    front.press("ok")
    assert (answers, front.panel.state.question) == ([False], None)
    take_back = front.panel.ring("phone", 120.0, answers.append)
    take_back()
    front.press("ok")
    assert answers == [False, False]
    assert front.intents == []


def test_rescue_makes_it_readable(front: Front) -> None:
    """PNL-27: start-up, full contrast, language English; also on a display that went dark and forgot."""
    german = PanelSettings(language="de", contrast=1, dark_after_s=30.0, locked=True)
    view = replace(HOUSE, settings=replace(HOUSE.settings, panel=german))
    front.view(view)
    front.clock.advance(500.0)
    front.view(view)
    front.wait()
    front.glass.power_cycle()
    front.panel.press(KeyEvent(Key.UP, Kind.RESCUE))
    front.wait(0.2)
    assert front.glass.lit
    assert front.glass.contrast == 0xCF
    assert front.glass.pixels() == drawn(front)
    assert front.intents == [SetPanel(replace(german, language="en", contrast=5))]


def test_rescue_before_the_first_view_starts_the_display(front: Front) -> None:
    """PNL-27."""
    front.panel.press(KeyEvent(Key.UP, Kind.RESCUE))
    assert front.wait() > 0
    assert front.glass.lit
    assert front.intents == []


def test_the_keys_of_a_reset_ask_for_oblivion_without_counters(front: Front) -> None:
    """PNL-27."""
    front.panel.press(KeyEvent(Key.UP, Kind.FORGET))
    assert front.intents == [Forget(counters=False)]


@pytest.mark.parametrize("kind", [Kind.RESCUE, Kind.FORGET])
def test_chords_are_for_fingers_only(front: Front, kind: Kind) -> None:
    """PNL-27: a key that came over a socket neither rescues nor forgets."""
    front.view()
    front.wait()
    front.panel.press(KeyEvent(Key.UP, kind, remote=True))
    assert front.wait() == 0
    assert front.intents == []


def test_a_relay_that_moves_repeats_the_start_up(front: Front) -> None:
    """PNL-13: 200 ms after it, a garbled display is whole."""
    front.view()
    front.wait(1.0)
    opened = Command({"garage": ChargerCommand(0.0, False)})
    front.view(replace(HOUSE, decision=replace(HOUSE.decision, command=opened)))
    front.glass.memory[:] = bytes(len(front.glass.memory))
    front.wait(0.5)
    assert front.glass.pixels() == drawn(front)


@pytest.mark.parametrize(
    ("view", "cursor", "name"),
    [
        (HOUSE, ".installer", "pin"),
        (HOUSE, ".pin", "edit-pin"),
        (
            replace(FRESH, settings=replace(FRESH.settings, commissioning=Commissioning("pin"))),
            "",
            "first-run-pin",
        ),
    ],
)
def test_nobody_afar_sees_digits_of_the_pin(front: Front, view: View, cursor: str, name: str) -> None:
    """PNL-64: neither which they are nor how often one was turned."""
    told: list[int] = []
    gate = Gate(exists=name == "pin")
    front.panel.state = replace(front.panel.state, gate=gate)
    front.panel.show(view)
    front.panel.state = replace(front.panel.state, below=replace(front.panel.state.below, cursor=cursor))
    if cursor:
        front.press("ok")
    assert front.panel.name == name
    front.panel.followers.append(lambda: told.append(1))
    seen = [front.panel.frame()]
    here = [drawn(front)]
    for key in ("up", "ok", "up", "ok"):
        front.press(key)
        assert front.panel.name == name
        seen.append(front.panel.frame())
        here.append(drawn(front))
    assert (set(seen), told) == ({seen[0]}, [])
    assert any(seen[0].pixels), "its title"
    assert len(set(here)) > 1


def test_after_a_fault_it_is_dark_and_begins_anew(front: Front) -> None:
    """PNL-5, PNL-65: no picture of the past stands there, near or afar."""
    answers: list[bool] = []
    told: list[int] = []
    front.view()
    front.press("down", "ok")
    front.panel.ring("tablet", 120.0, answers.append)
    front.wait()
    front.panel.followers.append(lambda: told.append(1))
    front.panel.failed()
    front.wait()
    assert (front.panel.closed, front.glass.lit, answers) == (True, False, [False])
    assert (front.panel.frame().pixels, told) == (bytes(1024), [1])
    front.panel.ring("phone", 120.0, answers.append)
    front.press("ok")
    assert (answers, front.intents) == ([False, False], [])
    front.view()
    front.wait()
    assert (front.panel.closed, front.glass.lit, front.panel.name) == (False, True, "home")


def test_a_person_looks_at_the_bar_or_at_the_main_figure() -> None:
    """PNL-11."""
    title, foot = Text(0, 0, 8, "Settings"), Text(5, 0, 21, "OK change", inverse=True)
    assert focus(Page("menu", (title, Text(4, 0, 21, "mode", inverse=True), foot))) == 5
    assert focus(Page("notice", (title, foot))) == focus(Page("home", (title,))) == 2
