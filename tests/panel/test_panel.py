"""PNL-5, 13, 14, 62, 103, 104, 111: the panel as an eye, over the driver, onto the glass."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import pytest
from PIL import Image

from hems.clock import ManualClock
from hems.model.intents import Intent, Refusal, SetMode, Upkeep
from hems.model.view import View
from hems.panel.keys import Key, KeyEvent, Kind
from hems.panel.navigator import Patience
from hems.panel.oled import Oled
from hems.panel.panel import Panel
from hems.panel.transport import I2cPlace, connect
from hems.reactor import Reactor
from hems.sim.glass import Glass
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


@pytest.mark.parametrize(
    ("situation", "most_bytes"),
    [("nothing", 0), ("last digit", 90), ("clock minute", 1250), ("source", 500), ("new screen", 1200)],
)
def test_byte_audit(front: Front, situation: str, most_bytes: int) -> None:
    """PNL-111: a clock minute also swaps the rule's dots and shifts the whole picture."""
    front.view()
    front.wait()
    if situation == "last digit":
        front.view(replace(HOUSE, balance=replace(HOUSE.balance, grid_w=3250.0)))
    elif situation == "clock minute":
        front.clock.advance(60.0)
        front.press("back")
    elif situation == "source":
        front.press("ok")
    elif situation == "new screen":
        front.press("down")
    else:
        front.view()
    assert front.wait(0.2) <= most_bytes
    assert front.glass.pixels() == drawn(front)


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
