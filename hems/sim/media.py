"""Media for a book that lose, tear and refuse on command."""

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

PAGE: Final = 4096


class MemoryMedium:
    """A book in memory; what was written is there at once."""

    def __init__(self, image: bytes | bytearray) -> None:
        self.image = bytearray(image)
        self.closed = False

    @property
    def size(self) -> int:
        """Bytes there are."""
        return len(self.image)

    def pread(self, offset: int, length: int) -> bytes:
        """Bytes from `offset`; fewer only at the end."""
        return bytes(self.image[offset : offset + length])

    def pwrite(self, offset: int, data: bytes) -> None:
        """Write all of `data`; a book never grows."""
        if offset + len(data) > len(self.image):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.image[offset : offset + len(data)] = data

    def fdatasync(self) -> None:
        """Nothing is ever in flight here."""

    def drop_cache(self) -> None:
        """There is no cache."""

    def reopen(self) -> None:
        """It was never closed."""

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


@dataclass(frozen=True, slots=True)
class Written:
    """One write that was asked for, and what lay there before."""

    offset: int
    data: bytes
    before: bytes


class RecordingMedium(MemoryMedium):
    """Remembers its first image and every write, so that the power can be cut anywhere afterwards."""

    def __init__(self, image: bytes) -> None:
        super().__init__(image)
        self.writes: list[Written] = []
        self.syncs = 0

    def pwrite(self, offset: int, data: bytes) -> None:
        """Write and remember."""
        before = self.pread(offset, len(data))
        super().pwrite(offset, data)
        self.writes.append(Written(offset, data, before))

    def fdatasync(self) -> None:
        """Count it."""
        self.syncs += 1

    def images(self) -> Iterator[tuple[bytearray, Written]]:
        """For each write the image just before it, in order; the same buffer each time."""
        image = bytearray(self.image)
        for written in reversed(self.writes):
            image[written.offset : written.offset + len(written.data)] = written.before
        for written in self.writes:
            yield image, written
            image[written.offset : written.offset + len(written.data)] = written.data


def torn(image: bytes | bytearray, written: Written, length: int, rest: str, random: Random) -> bytes:
    """The image after a cut in a write: `length` bytes of it arrived, its `rest` is old, zero or garbage.

    With ``page`` as rest every page that the write touches is garbage.
    """
    begin, end = written.offset, written.offset + len(written.data)
    result = bytearray(image)
    if rest == "page":
        first, last = begin // PAGE * PAGE, min(-(-end // PAGE) * PAGE, len(result))
        result[first:last] = random.randbytes(last - first)
        return bytes(result)
    result[begin : begin + length] = written.data[:length]
    missing = end - begin - length
    if rest == "zero":
        result[begin + length : end] = bytes(missing)
    elif rest == "garbage":
        result[begin + length : end] = random.randbytes(missing)
    return bytes(result)


class FailingMedium(MemoryMedium):
    """Asks before every operation by its name whether it fails; a failed write may arrive in part."""

    def __init__(self, image: bytes, fails: Callable[[str], int]) -> None:
        super().__init__(image)
        self._fails = fails

    def pread(self, offset: int, length: int) -> bytes:
        """Read, or fail."""
        self._ask("pread")
        return super().pread(offset, length)

    def pwrite(self, offset: int, data: bytes) -> None:
        """Write, or write half and fail."""
        try:
            self._ask("pwrite")
        except OSError:
            super().pwrite(offset, data[: len(data) // 2])
            raise
        super().pwrite(offset, data)

    def fdatasync(self) -> None:
        """Sync, or fail."""
        self._ask("fdatasync")

    def reopen(self) -> None:
        """Open again, or fail."""
        self._ask("reopen")

    def _ask(self, operation: str) -> None:
        error = self._fails(operation)
        if error:
            raise OSError(error, os.strerror(error))


class SlowMedium(MemoryMedium):
    """A card that stalls: a sync returns when `stall` does."""

    def __init__(self, image: bytes, stall: Callable[[], object]) -> None:
        super().__init__(image)
        self._stall = stall

    def fdatasync(self) -> None:
        """Wait as long as the card does."""
        self._stall()
