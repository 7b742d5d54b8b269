"""What the front panel costs and how fast it answers, in real time and beside four busy serial lines.

``python -m tests.bench.panel [--short]``. The lines' slaves run in another process; the display's bus waits
as long as its bytes take at 400 kHz. A press is a pin of the pin library's own mock.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC
from functools import partial
from statistics import median
from typing import Final

from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from hems.clock import SystemClock
from hems.field.exchange import Outcome, Request
from hems.field.line import Line
from hems.field.link import Job, Link
from hems.field.port import open_serial
from hems.field.profile import Limits
from hems.model import edges
from hems.model.site import Bus
from hems.panel.draw import draw
from hems.panel.front import Front
from hems.panel.navigator import State, ring
from hems.panel.oled import FREE_S, Oled
from hems.panel.pages import page
from hems.panel.panel import Panel
from hems.panel.transport import I2cPlace, connect
from hems.reactor import Reactor
from hems.sim.glass import Glass
from tests.bench.targets import Figure, judge
from tests.bench.wire.desk import Desk, desk
from tests.bench.wire.slave import UNIT
from tests.panel.views import HOUSE

LINES: Final = ("a", "b", "c", "d")
BAUD: Final = 9600
REGISTERS: Final = 20
PRESSES, FEW = 500, 100
ROUND: Final = 50
QUIET_S: Final = 1.5
GIVEN_UP_S: Final = 0.020
"""What an adapter waits for a bus that is held."""

PAGE_BYTES: Final = 5 + 4 * 2 + 128
PINS: Final = {"up": 5, "down": 6, "ok": 13, "back": 19}


def percentile(values: Sequence[float], share: float) -> float:
    """The value that a share of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Traffic:
    """Four lines that ask without pause; when each exchange ended."""

    reactor: Reactor
    ends_s: list[float] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def begin(self, slaves: Desk) -> None:
        clock = self.reactor.clock
        for name in LINES:
            bus = Bus(name=name, port=slaves.ports[name], baud=BAUD, echo="no")
            line = Line(bus, self.reactor, clock, open_serial)
            self.lines.append(line)
            self.ask(line, Link(UNIT, Limits()))
        self.reactor.run_until(clock.mono_s() + 1.0)

    def ask(self, line: Line, link: Link) -> None:
        def took(_: Outcome, at_mono_s: float) -> None:
            self.ends_s.append(at_mono_s)
            self.ask(line, link)

        line.start(Job(Request(UNIT, 3, 0, REGISTERS), link, took))

    def rate(self, seconds: float) -> float:
        """Exchanges per second of the last so many seconds."""
        begin_s = self.reactor.clock.mono_s() - seconds
        return sum(end_s > begin_s for end_s in self.ends_s) / seconds


@contextmanager
def front(reactor: Reactor, glass: Glass, settled: Callable[[], None]) -> Iterator[MockFactory]:
    """A front with four buttons and a display of memory, at home."""
    before = Device.pin_factory
    factory = Device.pin_factory = MockFactory()
    installed = edges.Panel(display="ssd1306", buttons=edges.Buttons(**PINS))
    made = Front(
        installed, reactor, reactor.clock, lambda asked, answer: None, lambda _, call: call(), bus=glass,
        on_settled=settled,
    )  # fmt: skip
    made.panel.show(replace(HOUSE, now=reactor.clock.now()))
    reactor.run_until(reactor.clock.mono_s() + 0.5)
    yield factory
    made.close()
    Device.pin_factory = before


def beside_the_lines(presses: int) -> list[Figure]:
    """PNL-100, 105: presses while four lines are busy, and what the lines lose by them."""
    clock = SystemClock(UTC)
    reactor = Reactor(clock)
    traffic = Traffic(reactor)
    glass = Glass(pass_time=time.sleep)
    ends_s: list[float] = []
    with (
        desk(dict.fromkeys(LINES, BAUD)) as slaves,
        front(reactor, glass, lambda: ends_s.append(clock.mono_s())) as factory,
    ):
        traffic.begin(slaves)
        took_s: list[float] = []
        quiet: list[float] = []
        used: list[float] = []
        for number in range(presses):
            if number % ROUND == 0:
                reactor.run_until(clock.mono_s() + QUIET_S)
                quiet.append(traffic.rate(QUIET_S))
                began_s = clock.mono_s()
            took_s.append(press(reactor, factory.pin(PINS["down"]), ends_s))
            if number % ROUND == ROUND - 1:
                used.append(traffic.rate(clock.mono_s() - began_s))
        early = sum(line.counts.early for line in traffic.lines)
        for line in traffic.lines:
            line.close()
    reactor.close()
    lost_pct = 100 * (1 - sum(used) / sum(quiet))
    return [
        Figure("presses", len(took_s), ""),
        Figure("press to last pixel, median", 1000 * median(took_s), "ms"),
        Figure("press to last pixel, p99", 1000 * percentile(took_s, 0.99), "ms", at_most=100),
        Figure("exchanges of four lines", len(traffic.ends_s), "", at_least=1),
        Figure("requests before the silence", early, "", at_most=0),
        Figure("bus throughput lost by the panel", lost_pct, "%", at_most=1),
    ]


def press(reactor: Reactor, pin: "object", ends_s: list[float]) -> float:
    """Press and release once; seconds from the first edge to the last changed pixel sent."""
    clock = reactor.clock
    ends_s.clear()
    began_s = clock.mono_s()
    pin.drive_low()  # type: ignore[attr-defined]
    reactor.run_until(began_s + 1.0, lambda: bool(ends_s))
    took_s = (ends_s[0] if ends_s else clock.mono_s()) - began_s
    pin.drive_high()  # type: ignore[attr-defined]
    reactor.run_until(clock.mono_s() + 0.035)
    return took_s


def drawing() -> list[Figure]:
    """PNL-101: a page and its picture, every screen of the house, in processor time."""
    took_ms = []
    names = ring(HOUSE)
    for number in range(200 * len(names)):
        state = State(HOUSE.now.mono_s, screen=names[number % len(names)])
        began_s = time.thread_time()
        draw(page(state, HOUSE, HOUSE.now), HOUSE.now.mono_s + number)
        took_ms.append(1000 * (time.thread_time() - began_s))
    return [
        Figure("draw one screen, median", median(took_ms), "ms"),
        Figure("draw one screen, p99", percentile(took_ms, 0.99), "ms", at_most=1),
    ]


def bytes_on_the_wire() -> list[Figure]:
    """PNL-102 to 104: a page, nothing, and a minute at home with changing figures."""
    clock = SystemClock(UTC)
    reactor = Reactor(clock)
    glass = Glass()
    passed_s: list[float] = []
    oled = Oled(reactor, clock, "ssd1306", partial(connect, I2cPlace(glass)))
    panel = Panel(clock, oled, lambda asked, answer: None)

    def sent(grid_w: float, wait_s: float = 0.05) -> int:
        before = glass.bytes_carried
        panel.show(replace(HOUSE, now=clock.now(), balance=replace(HOUSE.balance, grid_w=grid_w)))
        reactor.run_until(clock.mono_s() + wait_s)
        return glass.bytes_carried - before

    sent(3240.0, 0.3)
    unchanged = sent(3240.0)
    changing = [sent(2000.0 + number * 737 % 5000) for number in range(60)]
    glass.pass_time = passed_s.append
    oled.restart()
    reactor.run_until(clock.mono_s() + 0.3)
    oled.close()
    reactor.close()
    page_ms = 1000 * PAGE_BYTES * 9 / glass.bit_rate
    return [
        Figure("a whole page on the wire", page_ms, "ms", at_most=4),
        Figure("start-up and whole picture", 1000 * sum(passed_s), "ms"),
        Figure("bytes when nothing changed", unchanged, "", at_most=0),
        Figure("home with changing figures, mean", sum(changing) / len(changing), "B", at_most=300),
    ]


def display_gone() -> list[Figure]:
    """PNL-106: the bus is held in the middle of a transfer; the longest hold-up of the loop."""
    clock = SystemClock(UTC)
    reactor = Reactor(clock)
    glass = Glass(pass_time=time.sleep)
    gaps_ms: list[float] = []
    last_s = clock.mono_s()

    def beat() -> None:
        nonlocal last_s
        now_s = clock.mono_s()
        gaps_ms.append(1000 * (now_s - last_s))
        last_s = now_s
        reactor.call_at(now_s + FREE_S, beat)

    with front(reactor, glass, lambda: None) as factory:
        last_s = clock.mono_s()
        beat()
        glass.fails_after = 600
        glass.pass_time = lambda wire_s: time.sleep(GIVEN_UP_S if glass.fails_after == 0 else wire_s)
        factory.pin(PINS["down"]).drive_low()
        reactor.run_until(clock.mono_s() + 4.5)
    reactor.close()
    held_up = [gap_ms for gap_ms in gaps_ms if gap_ms > 1000 * (FREE_S + GIVEN_UP_S / 2)]
    return [
        Figure("display gone: longest hold-up", max(gaps_ms) - 1000 * FREE_S, "ms", at_most=25),
        Figure("hold-ups in 4.5 s (retries)", len(held_up), "", at_most=3),
    ]


FIRST_PICTURE: Final = """
import resource, time, sys
import hems.assembly
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
from hems.panel.front import Front
from hems.model.edges import Panel
from hems.reactor import Reactor
from hems.clock import SystemClock
from datetime import UTC
from hems.panel.transport import start_up
from tests.panel.views import HOUSE
start_up("ssd1306")
reactor = Reactor(SystemClock(UTC))
front = Front(Panel(), reactor, reactor.clock, lambda a, b: None, lambda p, c: c())
front.panel.show(HOUSE)
took = time.perf_counter() - began
from hems.panel.keys import Key, KeyEvent
for _ in range(60):
    front.panel.press(KeyEvent(Key.DOWN))
print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def start_and_memory() -> list[Figure]:
    """PNL-107, 108: in processes of their own, the best of five."""
    command = [sys.executable, "-c", FIRST_PICTURE]
    rows = [
        tuple(map(float, subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.split()))
        for _ in range(5)
    ]
    return [
        Figure("imports and first picture", 1000 * min(took_s for took_s, _ in rows), "ms", at_most=500),
        Figure("memory of the face", median(kib for _, kib in rows) / 1024, "MB", at_most=14),
    ]


def main() -> int:
    """Measure and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer presses")
    short = parser.parse_args().short
    began_s = time.monotonic()
    figures = beside_the_lines(FEW if short else PRESSES)
    figures.append(Figure("presses and lines took", time.monotonic() - began_s, "s", at_most=60))
    for measure in (drawing, bytes_on_the_wire, display_gone, start_and_memory):
        figures += measure()
    return judge(figures)


if __name__ == "__main__":
    sys.exit(main())
