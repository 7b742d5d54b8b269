"""What a book is written on, and the jobs that are done on it."""

import errno
import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from hems.errors import BookError, BookInUse

OPEN_TWICE: Final = "another process has the book open for writing; stop it first"


class Medium(Protocol):
    """A fixed number of bytes that may be lost or torn until `fdatasync` returns; raises `OSError`."""

    @property
    def size(self) -> int:
        """Bytes there are."""
        ...

    def pread(self, offset: int, length: int) -> bytes:
        """Bytes from `offset`; fewer only at the end."""
        ...

    def pwrite(self, offset: int, data: bytes) -> None:
        """Write all of `data`."""
        ...

    def fdatasync(self) -> None:
        """Return when everything written is durable."""
        ...

    def drop_cache(self) -> None:
        """Let the next read come from the medium itself."""
        ...

    def reopen(self) -> None:
        """Begin anew after an error; what was written but not synced may be gone."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One errand on the medium: re-open it, write and sync, read back; each if asked for, in this order."""

    ticket: int
    offset: int
    data: bytes = b""
    read_bytes: int = 0
    reopen: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """How a job ended: what was read, or in `error` what went wrong."""

    ticket: int
    read: bytes = b""
    error: str = ""


def perform(medium: Medium, job: Job) -> Done:
    """Do a job; an error of the medium is part of the answer."""
    try:
        if job.reopen:
            medium.reopen()
        if job.data:
            medium.pwrite(job.offset, job.data)
            medium.fdatasync()
        if not job.read_bytes:
            return Done(job.ticket)
        medium.drop_cache()
        return Done(job.ticket, medium.pread(job.offset, job.read_bytes))
    except OSError as error:
        return Done(job.ticket, error=error.strerror or str(error))
    except BookError as error:
        return Done(job.ticket, error=str(error))


class OsMedium:
    """A file or a block device. For writing it is locked: a second writer gets `BookInUse`.

    On a read-only file system it can be read, and every write is refused until it is opened again. Opening
    raises `BookError` in words.
    """

    def __init__(self, path: Path, *, writable: bool = True) -> None:
        self._path = path
        self._writable = writable
        self._refused = False
        self._descriptor = self._open()
        try:
            self.size = os.lseek(self._descriptor, 0, os.SEEK_END)
        except OSError:
            self.close()
            raise BookError(
                f"{path}: is neither a file nor a block device; name the folder of a book"
            ) from None

    def pread(self, offset: int, length: int) -> bytes:
        """Bytes from `offset`; fewer only at the end."""
        parts = []
        while length and (part := os.pread(self._descriptor, length, offset)):
            parts.append(part)
            offset += len(part)
            length -= len(part)
        return b"".join(parts)

    def pwrite(self, offset: int, data: bytes) -> None:
        """Write all of `data`."""
        if self._refused:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        rest = memoryview(data)
        while rest:
            written = os.pwrite(self._descriptor, rest, offset)
            offset += written
            rest = rest[written:]

    def fdatasync(self) -> None:
        """Return when everything written is durable."""
        os.fdatasync(self._descriptor)

    def drop_cache(self) -> None:
        """Let the next read come from the card."""
        os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

    def reopen(self) -> None:
        """Close and open again; after a failed sync the old descriptor's pages are not to be believed."""
        self.close()
        self._descriptor = self._open()

    def close(self) -> None:
        """Close and unlock; a second time does nothing."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)

    def _open(self) -> int:
        try:
            descriptor = self._descriptor_of()
        except FileNotFoundError:
            raise BookError(
                f"{self._path}: no book; make one with: hems journal create {self._path.parent}"
            ) from None
        except OSError as error:
            raise BookError(f"{self._path}: cannot be opened ({error.strerror})") from None
        if not self._writable:
            return descriptor
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise BookInUse(f"{self._path}: {OPEN_TWICE}") from None
        return descriptor

    def _descriptor_of(self) -> int:
        self._refused = False
        if not self._writable:
            return os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            if error.errno != errno.EROFS:
                raise
            self._refused = True
            return os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
