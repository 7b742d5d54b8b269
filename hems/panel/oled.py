"""The display on its I2C bus: only what changed is sent, at most one page in a turn of the loop.

Theory of operation. There is what the display should show (eight pages of 128 bytes, a brightness) and what
it was last told. Each turn sends the first difference: the start-up if it has not been told, the changed
spans of one page, at last the brightness. So an unchanged picture sends nothing, and a display that is
switched on never shows noise. A transfer that fails makes it lost: everything it was told is forgotten, and
after a while the start-up is tried again. The start-up is also repeated now and then, since contactors garble
displays; nothing in it blanks a display that is on. Nothing raises beyond this file.
"""

import logging
from collections.abc import Callable
from typing import Final, Literal, Protocol

from luma.core.error import Error as LumaError
from luma.core.interface.serial import i2c
from luma.oled import device
from PIL import Image

from hems.model.loop import Clock, Loop, Timer
from hems.panel.draw import PAGES, pages
from hems.panel.navigator import Light

log = logging.getLogger(__name__)

WIDTH: Final = 128
JOINED_GAP: Final = 8
"""Columns: addressing a second span costs 7 bytes, so what lies closer is sent along."""

RETRY_AFTER_S: Final = (1.0, 2.0, 5.0, 10.0, 60.0)
RESTART_EVERY_S: Final = 600.0

DISPLAY_OFF: Final = 0xAE
DISPLAY_ON: Final = 0xAF
SET_CONTRAST: Final = 0x81
SET_PAGE: Final = 0xB0
SET_HIGH_COLUMN: Final = 0x10
CONTRAST: Final = {Light.BRIGHT: 0xCF, Light.DIM: 0xCF // 8}

Kind = Literal["ssd1306", "sh1106"]
FIRST_COLUMN: Final = {"ssd1306": 0, "sh1106": 2}
PAGE_ADDRESSING: Final = {"ssd1306": (0x20, 0x02), "sh1106": ()}
"""Puts both controllers into the same addressing; the SH1106 knows no other."""


class Bus(Protocol):
    """An open I2C bus as bus libraries offer it."""

    def write_i2c_block_data(self, address: int, register: int, data: list[int], /) -> None:
        """One transaction of at most 32 bytes."""
        ...


class Serial(Protocol):
    """The transport that the display's library makes of a bus."""

    def command(self, *commands: int) -> None:
        """Send commands."""
        ...

    def data(self, data: list[int]) -> None:
        """Send picture bytes."""
        ...

    def cleanup(self) -> None:
        """Give the bus back, if it was opened here."""
        ...


class Oled:
    """One SSD1306 or SH1106.

    `bus` is the number of the I2C bus, or an open bus object. `on_settled` is called whenever the display has
    been told everything.
    """

    def __init__(
        self,
        loop: Loop,
        clock: Clock,
        kind: Kind,
        bus: int | Bus,
        address: int = 0x3C,
        rotate: Literal[0, 180] = 0,
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._kind: Kind = kind
        self._bus = bus
        self._address = address
        self._rotate = rotate
        self._start_up = (*start_up(kind), *PAGE_ADDRESSING[kind])
        self._wanted = [bytes(WIDTH)] * PAGES
        self._wanted_light = Light.BRIGHT
        self._told: list[bytes | None] = [None] * PAGES
        self._told_light: Light | None = None
        self._serial: Serial | None = None
        self._started = False
        self._failures = 0
        self._timer: Timer | None = None
        self._restart: Timer | None = None
        self.on_settled: Callable[[], None] | None = None

    @property
    def lost(self) -> bool:
        """Whether the last transfer failed."""
        return self._failures > 0

    def show(self, picture: Image.Image) -> None:
        """Take a 1-bit picture of 128 x 64; it goes out in the next turns."""
        self._wanted = pages(picture.rotate(180) if self._rotate else picture)
        self._go_on()

    def light(self, light: Light) -> None:
        """Take a brightness."""
        self._wanted_light = light
        self._go_on()

    def close(self) -> None:
        """Switch the display off and give the bus back."""
        for timer in (self._timer, self._restart):
            if timer is not None:
                timer.cancel()
        self._timer = self._restart = None
        if self._serial is not None:
            try:
                self._serial.command(DISPLAY_OFF)
            except (OSError, LumaError):
                log.info("the display did not hear that it should go dark")
            self._serial.cleanup()
            self._serial = None

    def _go_on(self) -> None:
        if self._timer is None:
            self._arrange(0.0)

    def _arrange(self, wait_s: float) -> None:
        self._timer = self._loop.call_at(self._clock.mono_s() + wait_s, self._send)

    def _send(self) -> None:
        self._timer = None
        try:
            more = self._send_next(self._connected())
        except (OSError, LumaError) as error:
            self._lose(error)
            return
        if more:
            self._arrange(0.0)
            return
        if self._failures:
            log.info("the display answers again")
            self._failures = 0
        if self.on_settled is not None:
            self.on_settled()

    def _connected(self) -> Serial:
        if self._serial is None:
            where = {"port": self._bus} if isinstance(self._bus, int) else {"bus": self._bus}
            self._serial = i2c(address=self._address, **where)
        return self._serial

    def _send_next(self, serial: Serial) -> bool:
        """Send the first difference; whether there may be another."""
        if not self._started:
            serial.command(*self._start_up)
            self._started = True
            self._restart = self._loop.call_at(self._clock.mono_s() + RESTART_EVERY_S, self._start_again)
            return True
        if self._wanted_light is Light.DARK:
            if self._told_light is not Light.DARK:
                serial.command(DISPLAY_OFF)
                self._told_light = Light.DARK
            return False
        for page in range(PAGES):
            if self._told[page] != self._wanted[page]:
                self._send_page(serial, page)
                return True
        if self._told_light is not self._wanted_light:
            serial.command(SET_CONTRAST, CONTRAST[self._wanted_light], DISPLAY_ON)
            self._told_light = self._wanted_light
        return False

    def _send_page(self, serial: Serial, page: int) -> None:
        wanted = self._wanted[page]
        for start, stop in spans(self._told[page], wanted):
            column = start + FIRST_COLUMN[self._kind]
            serial.command(SET_PAGE | page, column & 0x0F, SET_HIGH_COLUMN | column >> 4)
            serial.data(list(wanted[start:stop]))
        self._told[page] = wanted

    def _start_again(self) -> None:
        self._forget()
        self._go_on()

    def _forget(self) -> None:
        """The display may show anything now."""
        self._started = False
        self._told = [None] * PAGES
        self._told_light = None

    def _lose(self, error: Exception) -> None:
        if not self._failures:
            log.warning("the display is lost: %s", error)
        wait_s = RETRY_AFTER_S[min(self._failures, len(RETRY_AFTER_S) - 1)]
        self._failures += 1
        if self._serial is not None:
            self._serial.cleanup()
            self._serial = None
        if self._restart is not None:
            self._restart.cancel()
        self._forget()
        self._arrange(wait_s)


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


def start_up(kind: Kind) -> tuple[int, ...]:
    """The start-up of the display's library, taken down instead of sent, without its switching off.

    The library's device sends it from its constructor, together with an empty picture that is left out here.
    """
    taken: list[tuple[int, ...]] = []

    class Paper:
        """Stands where the bus stands."""

        def command(self, *commands: int) -> None:
            taken.append(commands)

        def cleanup(self) -> None:
            """Nothing to give back."""

    driver = {"ssd1306": device.ssd1306, "sh1106": device.sh1106}[kind]
    type("Taken", (driver,), {"display": lambda self, image: None})(Paper())
    return taken[0][1:]
