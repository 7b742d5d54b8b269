"""The order in which passwords are hashed by a helper process. Pure.

Theory of operation. A helper is started when the first password comes and hashes one at a time.

    off ── asked ──► working ◄──► resting ── 60 s without work ──► off
    working ── 5 s without an answer, or the helper is gone ──► off

Four more may wait; a fifth is refused at once. Whoever waits when a helper fails gets a new helper, only the
one that was being hashed is refused: no password takes longer than its own five seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, assert_never

WAITING_MAX: Final = 4
JOB_S: Final = 5.0
REST_S: Final = 60.0


class Stage(StrEnum):
    """Stages of the helper."""

    OFF = "off"
    WORKING = "working"
    RESTING = "resting"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.OFF: frozenset({Stage.WORKING}),
    Stage.WORKING: frozenset({Stage.RESTING, Stage.OFF}),
    Stage.RESTING: frozenset({Stage.WORKING, Stage.OFF}),
}


@dataclass(frozen=True, slots=True)
class Queue:
    """The helper's stage since when, and the jobs; the first one is being hashed while it is working."""

    stage: Stage = Stage.OFF
    since_mono_s: float = 0.0
    jobs: tuple[int, ...] = ()

    @property
    def full(self) -> bool:
        """Whether one more would be refused."""
        return len(self.jobs) > WAITING_MAX

    @property
    def due_mono_s(self) -> float | None:
        """When something must be done unless something happens before; ``None`` = never."""
        match self.stage:
            case Stage.OFF:
                return None
            case Stage.WORKING:
                return self.since_mono_s + JOB_S
            case Stage.RESTING:
                return self.since_mono_s + REST_S
            case _ as unreachable:
                assert_never(unreachable)


@dataclass(frozen=True, slots=True)
class Asked:
    """A password is to be hashed."""

    job: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Nobody waits for this one any more."""

    job: int


@dataclass(frozen=True, slots=True)
class Hashed:
    """The helper has answered."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The helper is gone, or could not be started."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Happened = Asked | Withdrawn | Hashed | Lost | Tick


@dataclass(frozen=True, slots=True)
class Do:
    """What is to be done: start or end the helper; hand over, answer or refuse a job."""

    what: str
    job: int = -1


START: Final = Do("start")
END: Final = Do("end")


def step(queue: Queue, happened: Happened, now_mono_s: float) -> tuple[Queue, tuple[Do, ...]]:
    """The queue after something has happened, and what is to be done, in this order."""
    match queue.stage:
        case Stage.OFF:
            if isinstance(happened, Asked):
                return _begun((happened.job,), now_mono_s, START)
            return queue, ()
        case Stage.RESTING:
            return _resting(queue, happened, now_mono_s)
        case Stage.WORKING:
            return _working(queue, happened, now_mono_s)
        case _ as unreachable:
            assert_never(unreachable)


def _resting(queue: Queue, happened: Happened, now_mono_s: float) -> tuple[Queue, tuple[Do, ...]]:
    if isinstance(happened, Asked):
        return _begun((happened.job,), now_mono_s)
    idle = isinstance(happened, Tick) and _due(queue, now_mono_s)
    if idle or isinstance(happened, Lost | Hashed):
        return Queue(Stage.OFF, now_mono_s), (END,)
    return queue, ()


def _working(queue: Queue, happened: Happened, now_mono_s: float) -> tuple[Queue, tuple[Do, ...]]:
    at_work, *others = queue.jobs
    waiting = tuple(others)
    match happened:
        case Asked(job):
            if queue.full:
                return queue, (Do("refuse", job),)
            return replace(queue, jobs=(*queue.jobs, job)), ()
        case Withdrawn(job):
            return replace(queue, jobs=(at_work, *(other for other in waiting if other != job))), ()
        case Hashed():
            answered = Do("answer", at_work)
            if waiting:
                return _begun(waiting, now_mono_s, answered)
            return Queue(Stage.RESTING, now_mono_s), (answered,)
        case Tick() if not _due(queue, now_mono_s):
            return queue, ()
        case Lost() | Tick():
            refused = Do("refuse", at_work)
            if waiting:
                return _begun(waiting, now_mono_s, END, refused, START)
            return Queue(Stage.OFF, now_mono_s), (END, refused)
        case _ as unreachable:
            assert_never(unreachable)


def _due(queue: Queue, now_mono_s: float) -> bool:
    """Compared as the timer was set: a difference of the two may fall short of it by its last digit."""
    due_mono_s = queue.due_mono_s
    return due_mono_s is not None and due_mono_s <= now_mono_s


def _begun(jobs: tuple[int, ...], now_mono_s: float, *first: Do) -> tuple[Queue, tuple[Do, ...]]:
    return Queue(Stage.WORKING, now_mono_s, jobs), (*first, Do("hash", jobs[0]))
