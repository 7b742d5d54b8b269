"""A command in a process of its own, watched by the loop: nobody waits for it."""

import os
import subprocess
from collections.abc import Callable, Sequence
from typing import Final

from hems.model.loop import Clock, Loop, Timer

MOST_BYTES: Final = 4096
"""So much of what it says is kept; more is read and thrown away."""

LOOK_EVERY_S: Final = 0.02

Ended = Callable[[int | None, str], None]
"""Told once: the exit code, ``None`` if there was none in time or no such command, and what it said."""


class Child:
    """One command; `ended` is called from the loop, never before the constructor has returned."""

    def __init__(
        self, command: Sequence[str], within_s: float, loop: Loop, clock: Clock, ended: Ended
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._ended = ended
        self._said = b""
        self._process: subprocess.Popen[bytes] | None = None
        self._dying: subprocess.Popen[bytes] | None = None
        self._timer: Timer
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        except OSError as error:
            words = f"{command[0]}: {error.strerror}"
            self._timer = loop.call_at(clock.mono_s(), lambda: ended(None, words))
            return
        assert self._process.stdout is not None
        self._pipe = self._process.stdout.fileno()
        os.set_blocking(self._pipe, False)
        loop.watch(self._pipe, self._hear)
        self._timer = loop.call_at(clock.mono_s() + within_s, self._late)

    def close(self) -> None:
        """End it and see it die; nobody is told any more. Harmless when it has ended."""
        self._kill()
        if self._dying is not None:
            self._timer.cancel()
            self._dying.wait()
            self._dying = None

    def _kill(self) -> None:
        self._timer.cancel()
        if self._process is None:
            return
        self._loop.forget(self._pipe)
        self._process.kill()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._dying, self._process = self._process, None

    def _bury(self) -> None:
        """One that waits for a card dies when that lets it; the loop looks now and then."""
        if self._dying is not None and self._dying.poll() is None:
            self._timer = self._loop.call_at(self._clock.mono_s() + LOOK_EVERY_S, self._bury)
        else:
            self._dying = None

    def _hear(self) -> None:
        try:
            heard = os.read(self._pipe, MOST_BYTES)
        except BlockingIOError:
            return
        self._said = (self._said + heard)[:MOST_BYTES]
        if not heard:
            self._loop.forget(self._pipe)
            self._look()

    def _look(self) -> None:
        """It has nothing more to say: how did it end?"""
        assert self._process is not None
        code = self._process.poll()
        if code is None:
            self._loop.call_at(self._clock.mono_s() + LOOK_EVERY_S, self._look_again)
            return
        self._end(code, self._said.decode(errors="replace").strip())

    def _look_again(self) -> None:
        if self._process is not None:
            self._look()

    def _late(self) -> None:
        self._end(None, "it took too long")

    def _end(self, code: int | None, words: str) -> None:
        self._kill()
        self._bury()
        self._ended(code, words)
