"""SIGTERM, SIGINT and SIGHUP as something the loop can see."""

import signal
import socket
from types import FrameType
from typing import Final

from hems.model.loop import Loop

ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""A person, the service manager, or a lost terminal: the end is the same."""


class StopSign:
    """True once a person or the service manager asked for the end; wakes the loop at that moment."""

    def __init__(self, loop: Loop) -> None:
        self.raised = False
        self._loop = loop
        self._inner, self._outer = socket.socketpair()
        self._inner.setblocking(False)
        self._outer.setblocking(False)
        loop.watch(self._inner.fileno(), self._drain)
        self._wakeup = signal.set_wakeup_fd(self._outer.fileno(), warn_on_full_buffer=False)
        wanted = [number for number in ENDING if not _ignored(number)]
        self._former = {number: signal.signal(number, self._raise) for number in wanted}

    def __call__(self) -> bool:
        """Whether the end was asked for."""
        return self.raised

    def ask(self) -> None:
        """Ask for the end from within."""
        self.raised = True

    def close(self) -> None:
        """Put the former handlers back."""
        for number, handler in self._former.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._loop.forget(self._inner.fileno())
        self._inner.close()
        self._outer.close()

    def _raise(self, _number: int, _frame: FrameType | None) -> None:
        self.raised = True

    def _drain(self) -> None:
        self._inner.recv(64)


def _ignored(number: signal.Signals) -> bool:
    """What was started to outlive its terminal (nohup) does so."""
    return signal.getsignal(number) is signal.SIG_IGN
