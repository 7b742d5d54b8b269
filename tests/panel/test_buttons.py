"""PNL-3: the pins' callbacks write one byte, the loop does the rest."""

from collections.abc import Iterator

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from hems.clock import ManualClock
from hems.errors import HemsError
from hems.panel.buttons import Buttons, newest
from hems.panel.keys import Key, KeyEvent, Kind
from hems.reactor import Reactor
from tests.panel.views import START

PINS = {Key.UP: 5, Key.DOWN: 6, Key.OK: 13, Key.BACK: 19}


class Desk:
    """Four buttons on pins made of memory."""

    def __init__(self, factory: MockFactory) -> None:
        self.factory = factory
        self.clock = ManualClock(START)
        self.loop = Reactor(self.clock)
        self.events: list[KeyEvent] = []
        self.buttons = Buttons(self.loop, self.clock, PINS, self.events.append)

    def press(self, key: Key) -> None:
        self.factory.pin(PINS[key]).drive_low()

    def release(self, key: Key) -> None:
        self.factory.pin(PINS[key]).drive_high()

    def wait(self, seconds: float) -> None:
        self.loop.run_until(self.clock.mono_s() + seconds)


@pytest.fixture
def desk(factory: MockFactory) -> Iterator[Desk]:
    made = Desk(factory)
    yield made
    made.buttons.close()
    made.loop.close()


@pytest.fixture
def factory() -> Iterator[MockFactory]:
    before = Device.pin_factory
    made = Device.pin_factory = MockFactory()
    yield made
    made.reset()
    Device.pin_factory = before


def test_every_button_taps_as_itself(desk: Desk) -> None:
    """PNL-3, 20: four buttons, to ground, 30 ms."""
    for key in Key:
        desk.press(key)
        desk.wait(0.029)
        assert desk.events == []
        desk.wait(0.002)
        assert desk.events == [KeyEvent(key)]
        desk.release(key)
        desk.wait(0.1)
        assert desk.events.pop() == KeyEvent(key)
        assert desk.events == []


def test_glitches_shorter_than_30_ms_are_nothing(desk: Desk) -> None:
    """PNL-20, 113."""
    for _ in range(10):
        desk.press(Key.OK)
        desk.wait(0.025)
        desk.release(Key.OK)
        desk.wait(0.040)
    assert desk.events == []


def test_a_held_button_repeats_on_the_loops_timers(desk: Desk) -> None:
    """PNL-21."""
    desk.press(Key.DOWN)
    desk.wait(1.0)
    assert [event.kind for event in desk.events] == [Kind.TAP, Kind.REPEAT, Kind.REPEAT, Kind.REPEAT]
    assert desk.events[-1].count == 3
    desk.release(Key.DOWN)
    desk.wait(5.0)
    assert len(desk.events) == 4


def test_an_idle_keyboard_keeps_no_timer(desk: Desk) -> None:
    desk.press(Key.OK)
    desk.wait(0.1)
    desk.release(Key.OK)
    desk.wait(0.1)
    asked = desk.clock.mono_s() + 3600
    desk.loop.run_until(asked)
    assert desk.clock.mono_s() == asked


def test_a_full_socket_drops_and_counts(desk: Desk) -> None:
    """A pin's callback may not wait."""
    for _ in range(5000):
        desk.press(Key.UP)
        desk.release(Key.UP)
    assert desk.buttons.dropped > 0
    desk.wait(0.5)
    assert desk.events == []


def test_of_a_burst_32_bytes_wait_and_the_last_level_of_each_key_counts(desk: Desk) -> None:
    """PNL-24: more are dropped and counted, and nothing is invented or lost by it."""
    desk.press(Key.DOWN)
    for _ in range(50):
        desk.press(Key.UP)
        desk.release(Key.UP)
    desk.wait(0.1)
    assert desk.events == [KeyEvent(Key.DOWN)]
    assert desk.buttons.dropped == 101 - 32 - 2
    desk.release(Key.DOWN)
    desk.wait(0.1)
    assert desk.buttons.stuck() == ()


def test_of_what_waits_the_newest_is_kept() -> None:
    """PNL-24."""
    assert newest(b"\1\0") == b"\1\0"
    many = bytes((2, 3)) * 40
    assert newest(many) == bytes((3,)) + many[-32:]
    assert newest(bytes((7, 0, 1)) + many) == bytes((7, 1, 3)) + many[-32:]


def test_a_pin_that_is_taken_is_said_and_nothing_stays_open(factory: MockFactory) -> None:
    """PNL-5: the appliance goes on without buttons."""
    clock = ManualClock(START)
    loop = Reactor(clock)
    with pytest.raises(HemsError, match=r"panel\.buttons"):
        Buttons(loop, clock, {Key.UP: 5, Key.DOWN: 5}, lambda event: None)
    again = Buttons(loop, clock, {Key.UP: 5}, lambda event: None)
    again.close()
    loop.close()


def test_closing_in_the_middle_of_a_press_cancels_its_timer(factory: MockFactory) -> None:
    desk = Desk(factory)
    desk.press(Key.OK)
    desk.loop.run_until(desk.clock.mono_s() + 0.01)
    desk.buttons.close()
    desk.wait(1.0)
    assert desk.events == []
    desk.loop.close()


@pytest.mark.parametrize("kind", [ImportError, RuntimeError])
def test_a_pin_library_that_is_missing_or_has_an_error_of_its_own_costs_the_buttons_only(
    factory: MockFactory, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    """PNL-5: the charging goes on, whatever the library raises."""

    def fail(*_pin: int) -> None:
        raise kind("no pins here")

    monkeypatch.setattr(factory, "pin", fail)
    clock = ManualClock(START)
    loop = Reactor(clock)
    with pytest.raises(HemsError, match=r"panel\.buttons: .*no pins here"):
        Buttons(loop, clock, {Key.UP: 5}, lambda event: None)
    loop.close()
