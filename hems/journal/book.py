"""A book in use: where the next record goes, and the order in which a new base is made. Does no I/O itself.

Theory of operation. One job is under way at a time; its answer leads to the next stage.

    ready ── record ──► recording ──► ready
    ready, failed ── rebase ──► checking ──► basing ──► starting ──► ready

*Checking* reads the base in use back: only if it verifies may the other pair, the predecessor, be
overwritten; otherwise the broken one is. *Basing* writes the whole state and reads it back. *Starting* writes
the first record of the new log, a checkpoint; from then on the new pair is in use. Any error leads to
*failed*: nothing of that job counts as durable, its slot is not used again, and only a new base leads on.
"""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final, assert_never

from hems.errors import BookError
from hems.journal.frame import Kind, enclose, pack, slots, verifies
from hems.journal.layout import BASE_BYTES, HEADER_OFFSETS, LOG_BYTES, SLOT, Layout, pack_header
from hems.journal.medium import Done, Job
from hems.journal.recover import Recovery

RECORD_BYTES_MAX: Final = 65_536
"""A larger change is written as a new base."""

SLOTS_SPARE: Final = 16
BASE_AGE_MS: Final = 7 * 86_400_000


class Stage(StrEnum):
    """Stages of a book in use."""

    READY = "ready"
    RECORDING = "recording"
    CHECKING = "checking"
    BASING = "basing"
    STARTING = "starting"
    FAILED = "failed"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.READY: frozenset({Stage.RECORDING, Stage.CHECKING}),
    Stage.RECORDING: frozenset({Stage.READY, Stage.FAILED}),
    Stage.CHECKING: frozenset({Stage.BASING}),
    Stage.BASING: frozenset({Stage.STARTING, Stage.FAILED}),
    Stage.STARTING: frozenset({Stage.READY, Stage.FAILED}),
    Stage.FAILED: frozenset({Stage.CHECKING}),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a book goes on: the pair in use, its base, and the next record of its log."""

    pair: int
    generation: int
    base_bytes: int
    base_wall_ms: int
    sequence: int = 1
    slot: int = 0


@dataclass(frozen=True, slots=True)
class _Renewal:
    """A new base under way."""

    base: bytes
    checkpoint: bytes
    place: Place


class Book:
    """The records and bases of one recovered book, as jobs to be done by someone else."""

    def __init__(self, layout: Layout, recovery: Recovery) -> None:
        self.layout = layout
        self.stage = Stage.READY
        self.error = ""
        self.place = Place(
            recovery.pair,
            recovery.generation,
            recovery.base_bytes,
            recovery.base_wall_ms,
            recovery.next_sequence,
            recovery.next_slot,
        )
        self._highest_generation = recovery.highest_generation
        self._renewal: _Renewal | None = None
        self._record_slots = 0
        self._ticket = 0

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self.stage not in (Stage.READY, Stage.FAILED)

    @property
    def wants_checkpoint(self) -> bool:
        """Whether the log is still empty: its first record holds all of ledger and settings."""
        return self.place.slot == 0

    def wants_base(self, wall_ms: int) -> bool:
        """Whether the log is nearly full, or the base unreadable or old; `wall_ms` is 0 if not trusted."""
        if self.place.base_bytes == 0 or self.layout.slots - self.place.slot < SLOTS_SPARE:
            return True
        return bool(wall_ms and self.place.base_wall_ms) and wall_ms - self.place.base_wall_ms > BASE_AGE_MS

    def record(self, kind: Kind, payload: bytes, wall_ms: int) -> Job | None:
        """The job that writes one record; ``None`` if it must be a new base instead."""
        place = self.place
        frame = pack(self.layout.seed, place.generation, place.sequence, kind, payload, wall_ms)
        if len(frame) > RECORD_BYTES_MAX or slots(len(frame)) > self.layout.slots - place.slot:
            return None
        self._record_slots = slots(len(frame))
        self._enter(Stage.RECORDING)
        return self._job(self.layout.slot_offset(place.pair, place.slot), frame)

    def rebase(self, state: bytes, checkpoint: bytes, wall_ms: int, *, deflated: bool = False) -> Job:
        """The first job of a new base; `checkpoint` is the payload of its log's first record.

        `state` may come deflated already. Raises `BookError` if it does not fit into a base.
        """
        generation = self._highest_generation + 1
        seed = self.layout.seed
        if deflated:
            base = enclose(seed, generation, 0, Kind.BASE, state, wall_ms)
        else:
            base = pack(seed, generation, 0, Kind.BASE, state, wall_ms)
        first = pack(seed, generation, 1, Kind.CHECKPOINT, checkpoint, wall_ms)
        if len(base) > self.layout.base_bytes or slots(len(first)) > self.layout.slots - SLOTS_SPARE:
            raise BookError(f"the state is too large for the book ({len(base)} bytes); export and shorten it")
        self._highest_generation = generation
        place = Place(self.place.pair, generation, len(base), wall_ms)
        self._renewal = _Renewal(base, first, place)
        failed = self.stage is Stage.FAILED
        self._enter(Stage.CHECKING)
        return self._job(
            self.layout.base_offset(self.place.pair), read_bytes=max(1, self.place.base_bytes), reopen=failed
        )

    def advance(self, done: Done) -> Job | None:
        """Take the answer to the job under way; the next job, or ``None`` when the order has ended."""
        if done.ticket != self._ticket:
            return None
        match self.stage:
            case Stage.RECORDING:
                self._recorded(done)
                return None
            case Stage.CHECKING:
                return self._checked(done)
            case Stage.BASING:
                return self._based(done)
            case Stage.STARTING:
                self._started(done)
                return None
            case Stage.READY | Stage.FAILED:
                return None
            case _ as unreachable:
                assert_never(unreachable)

    def _recorded(self, done: Done) -> None:
        if done.error:
            self._fail(done.error)
            return
        self.place = replace(
            self.place, sequence=self.place.sequence + 1, slot=self.place.slot + self._record_slots
        )
        self._enter(Stage.READY)

    def _checked(self, done: Done) -> Job:
        renewal = self._under_way()
        verified = verifies(self.layout.seed, done.read, self.place.generation)
        pair = 1 - self.place.pair if verified else self.place.pair
        self._renewal = replace(renewal, place=replace(renewal.place, pair=pair))
        self.error = done.error
        self._enter(Stage.BASING)
        return self._job(self.layout.base_offset(pair), renewal.base, read_bytes=len(renewal.base))

    def _based(self, done: Done) -> Job | None:
        renewal = self._under_way()
        if done.error or done.read != renewal.base:
            self._fail(self.error or done.error or "what was written does not read back")
            return None
        self.error = ""
        self.place = renewal.place
        self._enter(Stage.STARTING)
        return self._job(self.layout.slot_offset(renewal.place.pair, 0), renewal.checkpoint)

    def _started(self, done: Done) -> None:
        self._record_slots = slots(len(self._under_way().checkpoint))
        self._renewal = None
        self._recorded(done)

    def _under_way(self) -> _Renewal:
        assert self._renewal is not None, "a base is being made"
        return self._renewal

    def _fail(self, words: str) -> None:
        self.error = words
        self._renewal = None
        self._enter(Stage.FAILED)

    def _enter(self, stage: Stage) -> None:
        self.stage = stage

    def _job(self, offset: int, data: bytes = b"", *, read_bytes: int = 0, reopen: bool = False) -> Job:
        self._ticket += 1
        return Job(self._ticket, offset, data, read_bytes, reopen)


def create(
    path: Path, *, base_bytes: int = BASE_BYTES, log_bytes: int = LOG_BYTES, book_id: bytes | None = None
) -> None:
    """Make an empty book of real zeros with its first base; `BookError` if there is something already."""
    lay_down(path, blank(Layout(book_id or os.urandom(16), base_bytes, log_bytes)))


def blank(layout: Layout) -> bytes:
    """The image of an empty book: real zeros, both headers, a first base."""
    first_base = pack(layout.seed, 1, 0, Kind.BASE, b"{}")
    image = bytearray(layout.size)
    for offset in HEADER_OFFSETS:
        image[offset : offset + SLOT] = pack_header(layout)
    image[layout.base_offset(0) : layout.base_offset(0) + len(first_base)] = first_base
    return bytes(image)


def lay_down(path: Path, image: bytes | bytearray) -> None:
    """Make a file with this content; `BookError` if there is something already.

    It gets its name only when it is whole and on the card: a cut or a full disk leaves nothing.
    """
    unfinished = path.with_name(f"{path.name}.new")
    try:
        if path.exists():
            raise FileExistsError
        with unfinished.open("wb") as file:
            file.write(image)
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)
        _sync_folder(path.parent)
    except FileExistsError:
        raise BookError(f"{path}: exists already; a book is never replaced") from None
    except OSError as error:
        raise BookError(f"{path}: cannot be made ({error.strerror}); check the folder") from None
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
