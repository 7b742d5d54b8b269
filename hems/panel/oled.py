"""The display: only what changed is sent, at most one page in a turn of the loop, and when nothing is due.

Theory of operation. There is what the display should show (eight pages of 128 bytes, a brightness) and what
it was last told. Each turn sends the first difference: the start-up if it has not been told, the changed
spans of one page, the one nearest to the focus first, at last the brightness. So an unchanged picture sends
nothing, and a display that is switched on never shows noise. A whole page waits until the loop has 4 ms to
itself, a part of one for less, but no longer than 5 ms; while the last characters of an answer are expected
it does not begin. One that fails or takes more than 20 ms makes the display lost: everything it was told is
forgotten, and after a while the start-up is tried again. The start-up is also repeated now and then and after
every shock, since contactors garble displays; nothing in it blanks a display that is on. Nothing raises
beyond this file.
"""

import logging
from collections.abc import Callable
from typing import Final, Literal

from PIL import Image

from hems.model.loop import Clock, Loop, Timer
from hems.panel.ageing import MOST_CONTRAST, contrast
from hems.panel.draw import PAGES, pages
from hems.panel.navigator import Light
from hems.panel.transport import Connect, Kind, Serial, start_up

log = logging.getLogger(__name__)

WIDTH: Final = 128
JOINED_GAP: Final = 8
"""Columns: addressing a second span costs 7 bytes, so what lies closer is sent along."""

FREE_S: Final = 0.004
"""What a whole page needs: at 400 kHz it takes 3.1 ms."""
FREE_LEAST_S: Final = 0.001
WAIT_MOST_S: Final = 0.005
LOOK_AGAIN_S: Final = 0.0005
"""The least time after which is looked again, and how often whether the end of an answer has come."""

TOO_LONG_S: Final = 0.020
RETRY_AFTER_S: Final = (1.0, 2.0, 5.0, 10.0, 60.0)
RESTART_EVERY_S: Final = 600.0
RESTART_AFTER_SHOCK_S: Final = 0.2

DISPLAY_OFF: Final = 0xAE
DISPLAY_ON: Final = 0xAF
SET_CONTRAST: Final = 0x81
SET_PAGE: Final = 0xB0
SET_HIGH_COLUMN: Final = 0x10
FIRST_COLUMN: Final = {"ssd1306": 0, "sh1106": 2}
MIDDLE_PAGE: Final = 3
"""Where the main figure stands."""


class Oled:
    """One SSD1306 or SH1106. `on_settled` is called whenever the display has been told everything."""

    def __init__(
        self, loop: Loop, clock: Clock, kind: Kind, connect: Connect, rotate: Literal[0, 180] = 0
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._kind: Kind = kind
        self._connect = connect
        self._rotate = rotate
        self._start_up = start_up(kind)
        self._wanted = [bytes(WIDTH)] * PAGES
        self._focus = MIDDLE_PAGE
        self._wanted_contrast = contrast(Light.BRIGHT, MOST_CONTRAST)
        self._told: list[bytes | None] = [None] * PAGES
        self._told_contrast: int | None = None
        self._serial: Serial | None = None
        self._started = False
        self._failures = 0
        self._timer: Timer | None = None
        self._since_mono_s = 0.0
        self._restart: Timer | None = None
        self._shock: Timer | None = None
        self.on_settled: Callable[[], None] | None = None

    @property
    def lost(self) -> bool:
        """Whether the last transfer failed."""
        return self._failures > 0

    def show(self, picture: Image.Image, focus: int = MIDDLE_PAGE) -> None:
        """Take a 1-bit picture of 128 x 64; it goes out in the next turns, pages near `focus` first."""
        self._wanted = pages(picture.rotate(180) if self._rotate else picture)
        self._focus = PAGES - 1 - focus if self._rotate else focus
        self._go_on()

    def light(self, light: Light, step: int = MOST_CONTRAST) -> None:
        """Take a brightness: a contrast of 1..5, or dark."""
        self._wanted_contrast = contrast(light, step)
        self._go_on()

    def shaken(self) -> None:
        """Something may have garbled it: repeat the start-up when that is over."""
        if self._shock is not None:
            self._shock.cancel()
        self._shock = self._loop.call_at(self._clock.mono_s() + RESTART_AFTER_SHOCK_S, self._repeat)

    def restart(self) -> None:
        """Start-up and whole picture once more, without blanking; one that is lost is tried at once."""
        if self._timer is not None:
            self._timer.cancel()
        self._forget()
        self._arrange(0.0)

    def close(self) -> None:
        """Switch the display off and give the bus back."""
        for timer in (self._timer, self._restart, self._shock):
            if timer is not None:
                timer.cancel()
        self._timer = self._restart = self._shock = None
        if self._serial is not None:
            try:
                self._serial.command(DISPLAY_OFF)
            except OSError:
                log.info("the display did not hear that it should go dark")
            self._serial.cleanup()
            self._serial = None

    def _repeat(self) -> None:
        """A display that is lost is tried at its own time."""
        if not self.lost:
            self.restart()

    def _go_on(self) -> None:
        if self._timer is None:
            self._arrange(0.0)

    def _arrange(self, wait_s: float) -> None:
        self._since_mono_s = self._clock.mono_s() + wait_s
        self._timer = self._loop.call_at(self._since_mono_s, self._send)

    def _send(self) -> None:
        self._timer = None
        now_s = self._clock.mono_s()
        if self._settled():
            self._end()
            return
        wait_s = patience_s(self._loop.free_s(), now_s - self._since_mono_s, self._need_s())
        if wait_s > 0:
            self._timer = self._loop.call_at(now_s + wait_s, self._send)
            return
        try:
            self._send_next(self._connected())
        except OSError as error:
            self._lose(str(error))
            return
        took_s = self._clock.mono_s() - now_s
        if took_s > TOO_LONG_S:
            self._lose(f"a transfer took {1000 * took_s:.0f} ms")
        elif self._settled():
            self._end()
        else:
            self._arrange(0.0)

    def _connected(self) -> Serial:
        if self._serial is None:
            self._serial = self._connect()
        return self._serial

    def _end(self) -> None:
        """Everything is told."""
        if self._failures:
            log.info("the display answers again")
            self._failures = 0
        if self.on_settled is not None:
            self.on_settled()

    def _settled(self) -> bool:
        """Whether the display has been told everything; one that is dark needs no picture."""
        dark = self._wanted_contrast == 0
        lit_so = self._told_contrast == self._wanted_contrast
        return self._started and lit_so and (dark or self._told == self._wanted)

    def _send_next(self, serial: Serial) -> None:
        """Send the first difference; there is one."""
        if not self._started:
            serial.command(*self._start_up)
            self._started = True
            self._restart = self._loop.call_at(self._clock.mono_s() + RESTART_EVERY_S, self._repeat)
        elif self._wanted_contrast == 0:
            serial.command(DISPLAY_OFF)
            self._told_contrast = 0
        elif self._told != self._wanted:
            self._send_page(serial, self._next_page())
        else:
            serial.command(SET_CONTRAST, self._wanted_contrast, DISPLAY_ON)
            self._told_contrast = self._wanted_contrast

    def _next_page(self) -> int:
        """The changed page nearest to the focus; there is one."""
        changed = (page for page in range(PAGES) if self._told[page] != self._wanted[page])
        return min(changed, key=lambda page: abs(page - self._focus))

    def _need_s(self) -> float:
        """How long the loop should be free for what is sent next."""
        if not self._started or self._wanted_contrast == 0 or self._told == self._wanted:
            return FREE_LEAST_S
        page = self._next_page()
        columns = sum(stop - start for start, stop in spans(self._told[page], self._wanted[page]))
        return FREE_LEAST_S + (FREE_S - FREE_LEAST_S) * columns / WIDTH

    def _send_page(self, serial: Serial, page: int) -> None:
        wanted = self._wanted[page]
        for start, stop in spans(self._told[page], wanted):
            column = start + FIRST_COLUMN[self._kind]
            serial.command(SET_PAGE | page, column & 0x0F, SET_HIGH_COLUMN | column >> 4)
            serial.data(list(wanted[start:stop]))
        self._told[page] = wanted

    def _forget(self) -> None:
        """The display may show anything now."""
        if self._restart is not None:
            self._restart.cancel()
            self._restart = None
        self._started = False
        self._told = [None] * PAGES
        self._told_contrast = None

    def _lose(self, words: str) -> None:
        if not self._failures:
            log.warning("the display is lost: %s", words)
        wait_s = RETRY_AFTER_S[min(self._failures, len(RETRY_AFTER_S) - 1)]
        self._failures += 1
        if self._serial is not None:
            self._serial.cleanup()
            self._serial = None
        self._forget()
        self._arrange(wait_s)


def patience_s(free_s: float | None, waited_s: float, need_s: float = FREE_S) -> float:
    """How long a transfer waits still; 0 = it goes. `free_s` is ``None`` while an answer ends."""
    if free_s is None:
        return LOOK_AGAIN_S
    if free_s >= need_s or waited_s >= WAIT_MOST_S:
        return 0.0
    return max(LOOK_AGAIN_S, min(free_s, WAIT_MOST_S - waited_s))


def spans(told: bytes | None, wanted: bytes) -> list[tuple[int, int]]:
    """Columns from..to (exclusive) that differ; spans closer than `JOINED_GAP` columns are one."""
    if told is None:
        return [(0, len(wanted))]
    found: list[tuple[int, int]] = []
    for column, (old, new) in enumerate(zip(told, wanted, strict=True)):
        if old == new:
            continue
        if found and column - found[-1][1] < JOINED_GAP:
            found[-1] = (found[-1][0], column + 1)
        else:
            found.append((column, column + 1))
    return found
