"""The front of the appliance as it is installed: display, buttons and lights around one panel."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Final

import msgspec

from hems.errors import HemsError
from hems.model import edges
from hems.model.instant import Instant
from hems.model.loop import Clock, Loop
from hems.model.surroundings import FaceHealth
from hems.panel.buttons import Buttons
from hems.panel.keys import Key, KeyEvent
from hems.panel.lights import Lamp, Lights
from hems.panel.navigator import Patience
from hems.panel.oled import Oled
from hems.panel.panel import Inbox, Nowhere, Panel, ScreenChanged
from hems.panel.pin import Lock
from hems.panel.transport import Bus, I2cPlace, SpiPlace, connect

log = logging.getLogger(__name__)

LAMPS: Final[tuple[Lamp, ...]] = ("green", "yellow", "red")
CLOSED: Final = "the panel is closed after a fault and will be tried again"
Tried = Callable[[Panel, Callable[[], None]], None]
"""Calls something of the panel, if that is still open; one that fails is closed."""


class Front:
    """What is missing or cannot be used is told by `health`, and the appliance runs the same (PNL-5).

    `bus` stands in for the display's own I2C bus.
    """

    def __init__(
        self,
        installed: edges.Panel,
        loop: Loop,
        clock: Clock,
        inbox: Inbox,
        tried: Tried,
        *,
        lock: Lock | None = None,
        bus: Bus | None = None,
        patience: Patience | None = None,
        on_screen_change: ScreenChanged | None = None,
        on_settled: Callable[[], None] | None = None,
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._tried = tried
        self._resources = ExitStack()
        self._troubles: list[str] = []
        self._oled = self._display(installed, bus)
        if self._oled is not None:
            self._oled.on_settled = on_settled
        self.panel = Panel(
            clock,
            self._oled or Nowhere(),
            inbox,
            lock=lock,
            patience=patience,
            on_screen_change=on_screen_change,
        )
        self._buttons = self._listen(installed.buttons)
        self.lights = self._shine(installed.lights)

    def health(self, _: Instant) -> FaceHealth:
        """How display and buttons are."""
        oled, buttons = self._oled, self._buttons
        return FaceHealth(
            display="none" if oled is None else "lost" if oled.lost else "ok",
            stuck=() if buttons is None else tuple(map(str, buttons.stuck())),
            dropped=0 if buttons is None else buttons.dropped,
            words="; ".join([*self._troubles, *([CLOSED] if self.panel.closed else [])]),
        )

    def close(self) -> None:
        """Dark, and everything given back."""
        self._resources.close()

    def _display(self, installed: edges.Panel, bus: Bus | None) -> Oled | None:
        if installed.display == "none":
            return None
        place: I2cPlace | SpiPlace = I2cPlace(bus or installed.i2c_bus, installed.i2c_address)
        if installed.spi is not None and bus is None:
            spi = installed.spi
            place = SpiPlace(spi.bus, spi.select, spi.data, spi.reset)
        oled = Oled(self._loop, self._clock, installed.display, partial(connect, place), installed.rotate)
        self._resources.callback(oled.close)
        return oled

    def _listen(self, wired: edges.Buttons | None) -> Buttons | None:
        if wired is None:
            return None
        pins = {Key(key): pin for key, pin in msgspec.structs.asdict(wired).items() if pin is not None}
        try:
            buttons = Buttons(self._loop, self._clock, pins, self._press)
        except HemsError as error:
            self._miss("buttons", error)
            return None
        self._resources.callback(buttons.close)
        return buttons

    def _shine(self, wired: edges.Lights | None) -> Lights | None:
        pins = {lamp: pin for lamp in LAMPS if (pin := getattr(wired, lamp, None)) is not None}
        if not pins:
            return None
        try:
            lights = Lights(self._loop, self._clock, pins)
        except HemsError as error:
            self._miss("lights", error)
            return None
        self._resources.callback(lights.close)
        return lights

    def _press(self, event: KeyEvent) -> None:
        self._tried(self.panel, partial(self.panel.press, event))

    def _miss(self, what: str, error: HemsError) -> None:
        log.warning("the panel has no %s: %s", what, error)
        self._troubles.append(str(error))
