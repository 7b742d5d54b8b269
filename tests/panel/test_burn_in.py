"""PNL-14, 15, 16: how long each pixel shines, over days of ordinary use and a day of a standing alarm."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import pytest

from hems.clock import ManualClock
from hems.model.alarm import Alarm, AlarmCode
from hems.model.view import View
from hems.panel.keys import Key, KeyEvent
from hems.panel.oled import Oled
from hems.panel.panel import Panel
from hems.panel.transport import I2cPlace, connect
from hems.reactor import Reactor
from hems.sim.glass import Glass
from tests.panel.views import HOUSE, START

SAMPLE_S = 5.0
DAY_S = 86_400.0
LOOKS_A_DAY = 30
STROKES = (Key.DOWN, Key.DOWN, Key.UP, Key.OK, Key.BACK)
LIT_MOST_S = 2 * 3600.0
MOST_SHARE = 0.5


@dataclass
class Watch:
    """A panel on virtual time, and how often each pixel of its display was seen shining."""

    luck: random.Random = field(default_factory=lambda: random.Random(7))
    samples: int = 0

    def __post_init__(self) -> None:
        self.clock = ManualClock(START)
        self.loop = Reactor(self.clock)
        self.glass = Glass("sh1106")
        self.oled = Oled(self.loop, self.clock, "sh1106", partial(connect, I2cPlace(self.glass)))
        self.panel = Panel(self.clock, self.oled, lambda asked, answer: None)
        self.shone = [0] * (128 * 64)

    def view(self, view: View) -> None:
        """A view of this moment, its powers somewhere."""
        ahead_s = self.clock.mono_s() - HOUSE.now.mono_s
        assert view.snapshot.grid
        grid = replace(view.snapshot.grid, at_mono_s=view.snapshot.grid.at_mono_s + ahead_s)
        power_w = self.luck.uniform(-6000, 9000)
        balance = replace(
            view.balance, grid_w=power_w, pv_w=abs(power_w) / 2, ev_w=self.luck.uniform(0, 11_000)
        )
        snapshot = replace(view.snapshot, grid=grid)
        self.panel.show(replace(view, now=self.clock.now(), snapshot=snapshot, balance=balance))

    def watch(self, view: View, seconds: float) -> None:
        """Let time pass and look now and then; a display that is dark is not looked at."""
        end_s = self.clock.mono_s() + seconds
        while self.clock.mono_s() < end_s:
            self.view(view)
            self.loop.run_until(min(end_s, self.clock.mono_s() + SAMPLE_S))
            if not self.glass.lit:
                self.clock.advance(end_s - self.clock.mono_s())
                return
            self.samples += 1
            seen = b"".join(self.glass.pixels())
            self.shone = [count + dot for count, dot in zip(self.shone, seen, strict=True)]

    def day(self) -> None:
        """A day on which somebody looks at it now and then."""
        for _ in range(LOOKS_A_DAY):
            self.view(HOUSE)
            for _ in range(self.luck.randint(1, 8)):
                self.panel.press(KeyEvent(self.luck.choice(STROKES)))
                self.watch(HOUSE, SAMPLE_S)
            self.watch(HOUSE, DAY_S / LOOKS_A_DAY - SAMPLE_S * 4)

    @property
    def lit_s(self) -> float:
        return self.samples * SAMPLE_S

    @property
    def worst(self) -> float:
        """The share of the lit time in which the pixel that shone most was lit."""
        return max(self.shone) / self.samples


@pytest.fixture
def watch() -> Iterator[Watch]:
    made = Watch()
    yield made
    made.oled.close()
    made.loop.close()


def test_a_day_of_ordinary_use(watch: Watch) -> None:
    """PNL-16: lit for at most 2 h, and no pixel for more than half of that."""
    watch.day()
    assert 0 < watch.lit_s <= LIT_MOST_S
    assert watch.worst <= MOST_SHARE


@pytest.mark.proof
def test_a_week_of_ordinary_use(watch: Watch) -> None:
    """PNL-16."""
    for _ in range(7):
        watch.day()
    assert watch.lit_s <= 7 * LIT_MOST_S
    assert watch.worst <= MOST_SHARE


def test_a_day_of_a_standing_alarm(watch: Watch) -> None:
    """PNL-15, 16: it never goes dark, and no pixel is lit for more than half of the day."""
    alarmed = replace(HOUSE, alarms=(Alarm(AlarmCode.GRID_METER_SILENT),))
    watch.view(alarmed)
    for _ in range(1440):
        watch.clock.advance(60.0 - SAMPLE_S)
        watch.watch(alarmed, SAMPLE_S)
    assert watch.samples == 1440
    assert watch.worst <= MOST_SHARE
