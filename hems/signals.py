"""SIGTERM and SIGINT as something the loop can see."""

import signal
import socket
from types import FrameType

from hems.model.loop import Loop


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
        self._former = {
            number: signal.signal(number, self._raise) for number in (signal.SIGINT, signal.SIGTERM)
        }

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
