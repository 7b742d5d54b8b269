"""The four buttons on their pins: a pin's callback writes one byte, the loop does the rest."""

import math
import socket
from collections.abc import Callable, Mapping
from typing import Protocol

from hems.errors import HemsError
from hems.model.loop import Clock, Loop, Timer
from hems.panel.keys import Key, Keyboard, KeyEvent, due, encode, step

READ_BYTES = 4096
"""More than the socket holds: all that waits is heard before time is let pass."""


class Closable(Protocol):
    """A pin in use."""

    def close(self) -> None:
        """Give it back."""
        ...


class Buttons:
    """Buttons that close to ground, at GPIO numbers by key.

    The callbacks run in the pin library's own thread and may do nothing but send a byte; one that finds the
    socket full drops it and counts (`dropped`).
    """

    def __init__(
        self, loop: Loop, clock: Clock, pins: Mapping[Key, int], on_key: Callable[[KeyEvent], None]
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._on_key = on_key
        self._keyboard = Keyboard()
        self._timer: Timer | None = None
        self.dropped = 0
        self._here, self._there = socket.socketpair()
        self._here.setblocking(False)
        self._there.setblocking(False)
        try:
            self._devices = _open(pins, self._send)
        except HemsError:
            self._here.close()
            self._there.close()
            raise
        loop.watch(self._here.fileno(), self._read)

    def close(self) -> None:
        """Give the pins and the sockets back."""
        for device in self._devices:
            device.close()
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
        for byte in self._here.recv(READ_BYTES):
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


def _open(pins: Mapping[Key, int], send: Callable[[bytes], None]) -> list[Closable]:
    """The library is imported here, after the chargers are safe. Raises HemsError, with no pin left open."""
    from gpiozero import DigitalInputDevice, GPIOZeroError

    devices: list[Closable] = []
    try:
        for key, pin in pins.items():
            device = DigitalInputDevice(pin, pull_up=True)
            devices.append(device)
            device.when_activated = _sender(send, encode(key, down=True))
            device.when_deactivated = _sender(send, encode(key, down=False))
    except GPIOZeroError as error:
        for device in devices:
            device.close()
        raise HemsError(f"panel.buttons: the pins cannot be used: {error}") from error
    return devices


def _sender(send: Callable[[bytes], None], byte: bytes) -> Callable[[], None]:
    return lambda: send(byte)
