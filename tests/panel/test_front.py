"""PNL-2, 3, 5: the front as it is installed, and what its health says of what is missing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from hems.clock import ManualClock
from hems.model.edges import Buttons, Lights, Panel, Spi
from hems.model.intents import Forget, Intent, Refusal, Upkeep
from hems.model.surroundings import FaceHealth
from hems.panel.front import CLOSED, Front
from hems.reactor import Reactor
from hems.sim.glass import Glass
from tests.panel.views import HOUSE, START

FOUR = Buttons(up=5, down=6, ok=13, back=19)
THREE = Buttons(up=5, down=6, ok=13)


@dataclass
class Desk:
    """A front on virtual time."""

    factory: MockFactory
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    asked: list[Intent | Upkeep] = field(default_factory=list)
    screens: list[str] = field(default_factory=list)
    tried: int = 0

    def __post_init__(self) -> None:
        self.loop = Reactor(self.clock)

    def open(self, installed: Panel, glass: Glass | None = None) -> Front:
        self.front = Front(
            installed,
            self.loop,
            self.clock,
            self.ask,
            self.call,
            bus=glass,
            on_screen_change=lambda name, _: self.screens.append(name),
        )
        self.front.panel.show(HOUSE)
        return self.front

    def ask(self, asked: Intent | Upkeep, answer: Callable[[Refusal | None], None]) -> None:
        self.asked.append(asked)

    def call(self, _: object, call: Callable[[], None]) -> None:
        self.tried += 1
        call()

    def press(self, *pins: int) -> None:
        for pin in pins:
            self.factory.pin(pin).drive_low()

    def release(self, *pins: int) -> None:
        for pin in pins:
            self.factory.pin(pin).drive_high()

    def wait(self, seconds: float = 0.2) -> None:
        self.loop.run_until(self.clock.mono_s() + seconds)

    def health(self) -> FaceHealth:
        return self.front.health(self.clock.now())


@pytest.fixture
def desk() -> Iterator[Desk]:
    before = Device.pin_factory
    factory = Device.pin_factory = MockFactory()
    made = Desk(factory)
    yield made
    made.front.close()
    made.loop.close()
    factory.reset()
    Device.pin_factory = before


def test_a_front_without_anything_draws_all_the_same(desk: Desk) -> None:
    """PNL-5: for the mirror; health says that there is no display."""
    front = desk.open(Panel())
    front.panel.show(HOUSE)
    assert front.panel.picture() is not None
    assert desk.health() == FaceHealth("none")
    assert front.lights is None


def test_a_display_and_four_buttons(desk: Desk) -> None:
    glass = Glass("sh1106")
    desk.open(Panel(display="sh1106", buttons=FOUR), glass)
    desk.wait()
    assert glass.lit
    assert desk.health() == FaceHealth("ok")
    desk.press(6)
    desk.wait()
    desk.release(6)
    desk.wait()
    desk.press(19)
    desk.wait()
    assert desk.screens[0] == desk.screens[-1] == "home"
    assert len(desk.screens) == 3
    assert desk.tried == 2


def test_a_display_that_is_gone_is_said(desk: Desk) -> None:
    """PNL-5, 12."""
    desk.open(Panel(display="ssd1306", i2c_bus=20))
    desk.wait()
    assert desk.health().display == "lost"


def test_a_display_on_spi_that_is_not_there_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """PNL-1, 5."""
    monkeypatch.setitem(__import__("sys").modules, "spidev", None)
    desk.open(Panel(display="ssd1306", spi=Spi()))
    desk.wait()
    assert desk.health().display == "lost"


def test_buttons_and_lights_that_cannot_be_used_are_said(desk: Desk) -> None:
    """PNL-5: the appliance runs the same."""
    front = desk.open(Panel(buttons=Buttons(up=5, down=5, ok=13), lights=Lights(green=20, red=20)))
    words = desk.health().words
    assert "panel.buttons" in words
    assert "panel.lights" in words
    assert front.lights is None


def test_a_panel_that_is_closed_after_a_fault_is_said(desk: Desk) -> None:
    """PNL-5."""
    front = desk.open(Panel())
    front.panel.failed()
    assert desk.health().words == CLOSED


def test_of_the_lights_some_may_be_missing(desk: Desk) -> None:
    """PNL-4."""
    front = desk.open(Panel(lights=Lights(green=20)))
    assert front.lights is not None
    front.lights.show(HOUSE)
    assert desk.factory.pin(20).state
    assert desk.open(Panel(lights=Lights())).lights is None
    front.close()


def test_a_stuck_key_is_named(desk: Desk) -> None:
    """PNL-23."""
    desk.open(Panel(buttons=FOUR))
    desk.press(13)
    desk.wait(29.0)
    assert desk.health().stuck == ()
    desk.wait(2.0)
    assert desk.health().stuck == ("ok",)
    desk.release(13)
    desk.wait()
    assert desk.health().stuck == ()


def test_three_buttons(desk: Desk) -> None:
    """PNL-3: OK acts on release, held it is back."""
    desk.open(Panel(buttons=THREE))
    desk.press(6)
    desk.wait()
    desk.release(6)
    desk.wait()
    away = desk.screens[-1]
    desk.press(13)
    desk.wait(0.7)
    assert desk.screens[-1] == away != "home"
    desk.wait(0.2)
    assert desk.screens[-1] == "home"


@pytest.fixture
def held_from_power_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pins whose level is what drives them, whatever pulls them when they are opened."""
    monkeypatch.setattr("gpiozero.pins.mock.MockPin._set_pull", lambda pin, pull: None)


@pytest.mark.usefixtures("held_from_power_on")
@pytest.mark.parametrize(("buttons", "held"), [(FOUR, (5, 6, 19)), (THREE, (5, 6, 13))])
def test_the_keys_of_a_reset_held_from_power_on(desk: Desk, buttons: Buttons, held: tuple[int, ...]) -> None:
    """PNL-27: settings and PIN back to factory, counters stay."""
    desk.release(5, 6, 13, 19)
    desk.press(*held)
    desk.open(Panel(buttons=buttons))
    desk.wait(9.9)
    assert desk.asked == []
    desk.wait(20.0)
    assert desk.asked == [Forget(counters=False)]


def test_no_reset_from_keys_that_went_down_later(desk: Desk) -> None:
    """PNL-27: a child at the panel forgets nothing."""
    desk.open(Panel(buttons=FOUR))
    desk.wait(0.1)
    desk.press(5, 6, 19)
    desk.wait(60.0)
    assert desk.asked == []


@pytest.mark.usefixtures("held_from_power_on")
@pytest.mark.parametrize("later", [13, 5])
def test_no_reset_from_all_four_or_once_one_was_let_go(desk: Desk, later: int) -> None:
    """PNL-27: water in the panel forgets nothing."""
    desk.release(5, 6, 13, 19)
    desk.press(5, 6, 19)
    desk.open(Panel(buttons=FOUR))
    desk.wait(5.0)
    desk.release(later)
    desk.wait()
    desk.press(later)
    desk.wait(60.0)
    assert desk.asked == []
