"""Passwords hashed outside of the loop: the helper process, its socket, and who waits for it."""

import logging
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from hems.api.kdf_queue import Asked, Do, Happened, Hashed, Lost, Queue, Tick, Withdrawn, step
from hems.api.kdf_worker import HASH_BYTES, request
from hems.api.passwords import COST, Derivation
from hems.model.loop import Clock, Loop, Timer

log = logging.getLogger(__name__)

WORKER: Final = Path(__file__).with_name("kdf_worker.py")
REAP_S: Final = 1.0
"""How long after its end a process is looked after."""

END_S: Final = 2.0

Answer = Callable[[bytes | None], None]


class Process(Protocol):
    """A process that was started."""

    def poll(self) -> int | None:
        """How it ended, ``None`` while it runs; never waits."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...

    def wait(self, timeout_s: float | None = None, /) -> int:
        """Wait for its end."""
        ...


Launch = Callable[[socket.socket], Process]
"""Start a helper that reads from this end; raises `OSError`."""


def launched(far_end: socket.socket) -> Process:
    """The helper as a process of its own; raises `OSError`."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(WORKER)],
        stdin=far_end.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class Kdf:
    """Hashes passwords in the order they come; see `kdf_queue` for how long each may take."""

    def __init__(self, loop: Loop, clock: Clock, launch: Launch = launched) -> None:
        self._loop = loop
        self._clock = clock
        self._launch = launch
        self._queue = Queue()
        self._jobs: dict[int, tuple[Derivation, Answer]] = {}
        self._next = 0
        self._timer: Timer | None = None
        self._end: socket.socket | None = None
        self._process: Process | None = None
        self._ended: list[Process] = []
        self._read = b""

    @property
    def full(self) -> bool:
        """Whether too many wait already."""
        return self._queue.full

    def derive(self, asked: Derivation, answer: Answer) -> Callable[[], None]:
        """Call with the hash, or ``None`` if it could not be made, later; gives back how to withdraw it."""
        job = self._next
        self._next += 1
        self._jobs[job] = (asked, answer)
        self._happened(Asked(job))

        def withdraw() -> None:
            if self._jobs.pop(job, None) is not None:
                self._happened(Withdrawn(job))

        return withdraw

    def close(self) -> None:
        """End the helper; nobody is answered any more."""
        self._jobs.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._let_go()
        for process in self._ended:
            process.kill()
            with suppress(subprocess.TimeoutExpired):
                process.wait(END_S)
        self._ended.clear()

    def _happened(self, event: Happened) -> None:
        events = [event]
        for happened in events:
            self._queue, todo = step(self._queue, happened, self._clock.mono_s())
            if not all(map(self._done, todo)):
                events.append(Lost())
        if self._timer is not None:
            self._timer.cancel()
        due_mono_s = self._queue.due_mono_s
        self._timer = None if due_mono_s is None else self._loop.call_at(due_mono_s, self._tick)

    def _tick(self) -> None:
        self._happened(Tick())

    def _done(self, do: Do) -> bool:
        """Do one thing; false if the helper failed over it, what would have followed is left out."""
        match do.what:
            case "start":
                return self._start()
            case "end":
                self._let_go()
            case "hash":
                return self._hand_over(do.job)
            case "answer":
                self._answer(do.job, self._read)
            case _:
                self._answer(do.job, None)
        return True

    def _answer(self, job: int, hashed: bytes | None) -> None:
        """Tell whoever waits, in a turn of the loop of its own."""

        def tell() -> None:
            if (waiting := self._jobs.pop(job, None)) is not None:
                waiting[1](hashed)

        self._read = b""
        self._loop.call_at(self._clock.mono_s(), tell)

    def _start(self) -> bool:
        self._end, far_end = socket.socketpair()
        self._end.setblocking(False)
        self._loop.watch(self._end.fileno(), self._readable)
        with far_end:
            try:
                self._process = self._launch(far_end)
            except OSError as error:
                log.error("passwords cannot be hashed: %s", error.strerror)
                return False
        return True

    def _hand_over(self, job: int) -> bool:
        asked, _ = self._jobs[job]
        wanted = request(COST, asked.salt, asked.password)
        try:
            return self._end is not None and self._end.send(wanted) == len(wanted)
        except OSError:
            return False

    def _readable(self) -> None:
        """Part of an answer, or the helper's end; more than one answer is none."""
        assert self._end is not None, "it is watched only while it is open"
        try:
            part = self._end.recv(2 * HASH_BYTES)
        except OSError:
            part = b""
        self._read += part
        if not part or len(self._read) > HASH_BYTES:
            log.warning("the helper that hashes passwords has gone")
            self._happened(Lost())
        elif len(self._read) == HASH_BYTES:
            self._happened(Hashed())

    def _let_go(self) -> None:
        """Close the helper's socket, by which it ends, and see to it that it does."""
        self._read = b""
        if self._end is not None:
            self._loop.forget(self._end.fileno())
            self._end.close()
            self._end = None
        if self._process is not None:
            self._ended.append(self._process)
            self._process = None
            self._loop.call_at(self._clock.mono_s() + REAP_S, self._reap)

    def _reap(self) -> None:
        """Processes that have not ended by themselves are ended; none is waited for."""
        self._ended = [process for process in self._ended if process.poll() is None]
        for process in self._ended:
            process.kill()
        if self._ended:
            self._loop.call_at(self._clock.mono_s() + REAP_S, self._reap)
