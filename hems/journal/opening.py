"""Which book the service uses: its own, or a rescue book beside one that cannot be used.

A missing, foreign, newer or unreadable book is left untouched; a person decides what becomes of it. Control
and counting go on in the meantime, if need be in memory alone until the card takes a rescue book.
"""

import errno
import logging
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from hems.errors import BookError, BookInUse
from hems.journal.beside import copied
from hems.journal.book import blank, create
from hems.journal.layout import Layout
from hems.journal.medium import Medium, OsMedium
from hems.journal.recover import Recovery, recover

log = logging.getLogger(__name__)

BOOK: Final = "book"
RESCUE: Final = "book.rescue"


@dataclass(frozen=True, slots=True)
class Opened:
    """A book in use. `unreadable` says why it is not the service's own; `folder` is for files beside it.

    A medium that was given has no folder unless one is named. `rescue_left`: a rescue book lies beside a
    book that can be read.
    """

    file: Path
    folder: Path | None
    medium: Medium
    layout: Layout
    image: bytes
    recovery: Recovery
    unreadable: str = ""
    rescue_left: bool = False

    @property
    def forgetful(self) -> bool:
        """Whether something that had been kept may be missing."""
        return bool(self.unreadable) or self.recovery.damaged


def book_of(path: Path) -> Path:
    """The book that a path means: the file or device itself, or the one in that folder."""
    return path if path.exists() and not path.is_dir() else path / BOOK


def opened(path: Path, medium: Medium | None = None) -> Opened:
    """The book of a path, or its rescue book; `BookInUse` if another process writes it."""
    file = book_of(path)
    try:
        if medium is not None:
            return _readable(file, medium, folder=path if path.is_dir() else None)
        return _readable(file, OsMedium(file), folder=file.parent)
    except BookInUse:
        raise
    except BookError as error:
        return _rescued(file.with_name(RESCUE), str(error))


def _readable(file: Path, medium: Medium, unreadable: str = "", *, folder: Path | None) -> Opened:
    """Raises `BookError` if there is nothing to be read."""
    try:
        image = medium.pread(0, medium.size)
        recovery = recover(image)
        words = recovery.unreadable
    except OSError as error:
        image, recovery, words = b"", Recovery(), error.strerror or str(error)
    if words or recovery.layout is None:
        medium.close()
        raise BookError(f"{file}: the book cannot be read: {words}")
    left = not unreadable and folder is not None and (folder / RESCUE).exists()
    return Opened(file, folder, medium, recovery.layout, image, recovery, unreadable, left)


def _rescued(file: Path, unreadable: str) -> Opened:
    try:
        if not file.exists():
            create(file)
        return _readable(file, OsMedium(file), unreadable, folder=file.parent)
    except BookInUse:
        raise
    except BookError as error:
        return _readable(file, UnmadeBook(file), f"{unreadable}; {error}", folder=file.parent)


def keep_copies(found: Opened, wall: datetime) -> None:
    """Copy what is about to be written over: the damaged pair, or all that a newer program wrote."""
    recovery = found.recovery
    if found.folder is None:
        return
    try:
        if recovery.damaged:
            begin = found.layout.base_offset(recovery.pair)
            copied(found.file, "damaged", found.image[begin : begin + found.layout.pair_bytes], wall)
        if recovery.newer:
            copied(found.file, "newer", found.image, wall)
    except OSError as error:
        log.warning("what is damaged in the book could not be copied: %s", error)


class UnmadeBook:
    """A rescue book that the card does not take yet: it reads as a new one; re-opening tries to make it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._layout = Layout(os.urandom(16))
        self._image = blank(self._layout)
        self._made: OsMedium | None = None
        self.size = len(self._image)

    def pread(self, offset: int, length: int) -> bytes:
        """Bytes of the book, as empty as it was begun until it is made."""
        if self._made is not None:
            return self._made.pread(offset, length)
        return self._image[offset : offset + length]

    def pwrite(self, offset: int, data: bytes) -> None:
        """Write all of `data`, if there is something to write it to."""
        self._book().pwrite(offset, data)

    def fdatasync(self) -> None:
        """Return when everything written is durable."""
        self._book().fdatasync()

    def drop_cache(self) -> None:
        """Let the next read come from the card."""
        if self._made is not None:
            self._made.drop_cache()

    def reopen(self) -> None:
        """Make the book if there is none, else open it again; raises `BookError`."""
        if self._made is not None:
            self._made.reopen()
            return
        create(self._path, book_id=self._layout.book_id)
        self._made = OsMedium(self._path)

    def close(self) -> None:
        """Let go of it."""
        if self._made is not None:
            self._made.close()

    def _book(self) -> OsMedium:
        if self._made is None:
            raise OSError(errno.EROFS, f"{self._path.name} could not be made")
        return self._made
