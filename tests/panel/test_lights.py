"""PNL-4: what the three lights say, and how they blink on the loop's timers."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from hems.clock import ManualClock
from hems.errors import HemsError
from hems.model.alarm import Alarm, AlarmCode
from hems.model.decision import Dim, SearchDecision
from hems.model.settings import Commissioning
from hems.model.view import View
from hems.model.why import Reason
from hems.panel.lights import Glow, Lamp, Lights, glows
from hems.reactor import Reactor
from tests.panel.views import HOUSE, START, decided

OFF, STEADY, BLINKING = Glow.OFF, Glow.STEADY, Glow.BLINKING
FREE = replace(HOUSE, decision=replace(HOUSE.decision, chargers={"garage": decided(Reason.SURPLUS, 9.0)}))
ALARM = Alarm(AlarmCode.GRID_METER_SILENT)
PINS: dict[Lamp, int] = {"green": 20, "yellow": 21, "red": 22}


def decision(view: View, **changes: object) -> View:
    return replace(view, decision=replace(view.decision, **changes))  # type: ignore[arg-type]


ROWS = [
    ("nothing binds", FREE, (STEADY, OFF, OFF)),
    ("a fuse binds", HOUSE, (STEADY, STEADY, OFF)),
    (
        "meter lost",
        decision(FREE, chargers={"garage": decided(Reason.METER_LOST, 0.0)}),
        (STEADY, STEADY, OFF),
    ),
    ("operator", decision(FREE, dim=Dim(True, 4200.0)), (STEADY, BLINKING, OFF)),
    ("operator silent", decision(FREE, dim=Dim(False, 4200.0)), (STEADY, OFF, OFF)),
    ("alarm", replace(FREE, alarms=(ALARM,)), (STEADY, OFF, BLINKING)),
    ("alarm gone", replace(FREE, alarms=(replace(ALARM, holds=False),)), (STEADY, OFF, STEADY)),
    ("alarm seen", replace(FREE, alarms=(replace(ALARM, seen=True),)), (STEADY, OFF, OFF)),
    ("search", decision(FREE, search=SearchDecision("a", "full", "searching")), (BLINKING, OFF, OFF)),
    (
        "first run",
        replace(FREE, settings=replace(FREE.settings, commissioning=Commissioning("pin"))),
        (BLINKING, OFF, OFF),
    ),
]


@pytest.mark.parametrize(("view", "said"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_what_they_say(view: View, said: tuple[Glow, ...]) -> None:
    """PNL-4: green controls, yellow limits, red alarms."""
    assert tuple(glows(view)[lamp] for lamp in PINS) == said


@pytest.fixture
def factory() -> Iterator[MockFactory]:
    before = Device.pin_factory
    made = Device.pin_factory = MockFactory()
    yield made
    made.reset()
    Device.pin_factory = before


def test_they_blink_a_second_on_and_a_second_off_and_end_dark(factory: MockFactory) -> None:
    """PNL-4."""
    clock = ManualClock(START)
    loop = Reactor(clock)
    lights = Lights(loop, clock, PINS)
    seen = []
    for _ in range(6):
        lights.show(replace(FREE, alarms=(ALARM,)))
        loop.run_until(clock.mono_s() + 1.0)
        seen.append(tuple(factory.pin(pin).state for pin in PINS.values()))
    assert {(green, yellow) for green, yellow, _ in seen} == {(True, False)}
    assert [red for *_, red in seen] == [True, False] * 3
    lights.close()
    assert not any(factory.pin(pin).state for pin in PINS.values())
    at_s = clock.mono_s() + 10
    loop.run_until(at_s)
    assert clock.mono_s() == at_s
    loop.close()


def test_without_new_views_they_go_out(factory: MockFactory) -> None:
    """PNL-4: a green light over a service that has stopped deciding would lie."""
    clock = ManualClock(START)
    loop = Reactor(clock)
    lights = Lights(loop, clock, PINS)
    lights.show(FREE)
    loop.run_until(clock.mono_s() + 4.5)
    assert factory.pin(20).state
    loop.run_until(clock.mono_s() + 2.0)
    assert not factory.pin(20).state
    lights.show(FREE)
    assert factory.pin(20).state
    lights.close()
    loop.close()


def test_a_pin_that_is_taken_is_said(factory: MockFactory) -> None:
    """PNL-5."""
    loop = Reactor(ManualClock(START))
    with pytest.raises(HemsError, match=r"panel\.lights"):
        Lights(loop, ManualClock(START), {"green": 20, "red": 20})
    loop.close()
