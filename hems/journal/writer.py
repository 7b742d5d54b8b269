"""The thread that waits for the card, so that the loop does not.

It receives jobs, performs them one after the other and sends one byte over a socket pair for each. It touches
nothing but its two queues, that socket and the medium, and owns no state.
"""

import socket
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread

from hems.journal.medium import Done, Job, Medium, perform
from hems.model.loop import Loop

OnDone = Callable[[Done], None]
Jobs = SimpleQueue[tuple[Job, Medium, OnDone] | None]
Answers = SimpleQueue[tuple[Done, OnDone]]


class Writer:
    """A card at the other end of a thread; `on_done` is called from the loop, in the loop's own thread."""

    def __init__(self, medium: Medium, loop: Loop, on_done: OnDone) -> None:
        self._loop = loop
        self._medium = medium
        self._on_done = on_done
        self._jobs: Jobs = SimpleQueue()
        self._answers: Answers = SimpleQueue()
        self._bell, far_end = socket.socketpair()
        self._bell.setblocking(False)
        far_end.setblocking(False)
        loop.watch(self._bell.fileno(), self._answer_bell)
        arguments = (medium, self._jobs, self._answers, far_end)
        # A card that never answers must not keep the process from ending.
        self._thread = Thread(target=_work, args=arguments, name="journal", daemon=True)
        self._thread.start()

    def submit(self, job: Job, medium: Medium | None = None, on_done: OnDone | None = None) -> None:
        """Hand a job over; returns at once. One on another medium has its own answer."""
        self._jobs.put((job, medium or self._medium, on_done or self._on_done))

    def wait(self, timeout_s: float) -> bool:
        """Wait for one answer and deliver it; false if none came in time."""
        try:
            done, on_done = self._answers.get(timeout=max(0.0, timeout_s))
        except Empty:
            return False
        on_done(done)
        return True

    def close(self, timeout_s: float) -> None:
        """End the thread after the jobs it has; it closes the medium, be it later than we wait."""
        self._jobs.put(None)
        self._thread.join(timeout_s)
        self._loop.forget(self._bell.fileno())
        self._bell.close()

    def _answer_bell(self) -> None:
        self._bell.recv(4096)
        while not self._answers.empty():
            done, on_done = self._answers.get()
            on_done(done)


def _work(medium: Medium, jobs: Jobs, answers: Answers, bell: socket.socket) -> None:
    with bell:
        while (errand := jobs.get()) is not None:
            job, on, on_done = errand
            answers.put((perform(on, job), on_done))
            try:
                bell.send(b"\0")
            except BlockingIOError:
                continue  # enough bytes wait there to wake the loop
            except OSError:
                break  # nobody listens any more
        medium.close()
