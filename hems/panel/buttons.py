"""The buttons on their pins: a pin's callback writes one byte, the loop does the rest."""

import math
import socket
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from hems.errors import HemsError
from hems.model.loop import Clock, Loop, Timer
from hems.panel.keys import Key, KeyEvent, due, encode, step, stuck, waking

READ_BYTES: Final = 4096
"""More than the socket holds: all that waits is heard before time is let pass."""

MOST_WAITING: Final = 32


class Pin(Protocol):
    """An input in use."""

    @property
    def is_active(self) -> bool:
        """Whether its button is down."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


class Buttons:
    """Buttons that close to ground, at GPIO numbers by key; without one for back OK held stands for it.

    The callbacks run in the pin library's own thread and may do nothing but send a byte. `dropped` counts the
    bytes that found the socket full, and those of a burst of more than 32.
    """

    def __init__(
        self, loop: Loop, clock: Clock, pins: Mapping[Key, int], on_key: Callable[[KeyEvent], None]
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._on_key = on_key
        self._timer: Timer | None = None
        self.dropped = 0
        self._here, self._there = socket.socketpair()
        self._here.setblocking(False)
        self._there.setblocking(False)
        try:
            self._pins = _open(pins, self._send)
        except HemsError:
            self._here.close()
            self._there.close()
            raise
        down = [key for key, pin in self._pins.items() if pin.is_active]
        self._keyboard = waking(3 if Key.BACK not in pins else 4, down, clock.mono_s())
        loop.watch(self._here.fileno(), self._read)
        self._arrange()

    def stuck(self) -> tuple[Key, ...]:
        """The keys that are down for more than 30 s."""
        return stuck(self._keyboard, self._clock.mono_s())

    def close(self) -> None:
        """Give the pins and the sockets back."""
        for pin in self._pins.values():
            pin.close()
        if self._timer is not None:
            self._timer.cancel()
        self._loop.forget(self._here.fileno())
        self._here.close()
        self._there.close()

    def _send(self, byte: bytes) -> None:
        try:
            self._there.send(byte)
        except BlockingIOError:
            self.dropped += 1

    def _read(self) -> None:
        now_s = self._clock.mono_s()
        heard = self._here.recv(READ_BYTES)
        waited = newest(heard)
        self.dropped += len(heard) - len(waited)
        for byte in waited:
            self._keyboard, _ = step(self._keyboard, byte, now_s)
        self._arrange()

    def _let_time_pass(self) -> None:
        now_s = self._clock.mono_s()
        while due(self._keyboard) <= now_s:
            self._keyboard, events = step(self._keyboard, None, now_s)
            for event in events:
                self._on_key(event)
        self._arrange()

    def _arrange(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due_mono_s = due(self._keyboard)
        self._timer = None if due_mono_s == math.inf else self._loop.call_at(due_mono_s, self._let_time_pass)


def newest(heard: bytes) -> bytes:
    """Of more bytes than may wait the newest, after the last of each key among the others."""
    if len(heard) <= MOST_WAITING:
        return heard
    older, kept = heard[:-MOST_WAITING], heard[-MOST_WAITING:]
    last = {byte >> 1: byte for byte in older}
    return bytes(last.values()) + kept


def _open(pins: Mapping[Key, int], send: Callable[[bytes], None]) -> dict[Key, Pin]:
    """The library is imported here, after the chargers are safe. Raises HemsError, with no pin left open."""
    from gpiozero import DigitalInputDevice

    devices: dict[Key, Pin] = {}
    try:
        for key, pin in pins.items():
            device = DigitalInputDevice(pin, pull_up=True)
            devices[key] = device
            device.when_activated = _sender(send, encode(key, down=True))
            device.when_deactivated = _sender(send, encode(key, down=False))
    except Exception as error:  # the pin library's own error has no other base
        for opened in devices.values():
            opened.close()
        raise HemsError(f"panel.buttons: the pins cannot be used: {error}") from error
    return devices


def _sender(send: Callable[[bytes], None], byte: bytes) -> Callable[[], None]:
    return lambda: send(byte)
