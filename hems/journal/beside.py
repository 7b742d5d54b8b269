"""Files beside the book on the data partition: copies, exports, evidence that left its ring.

Each is a medium of its own, so that the journal's writer does it and the loop never waits: a job's data is
appended, or becomes the whole file. None of them can harm the book; a full partition is an error in words.
"""

import os
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

EXPORTS_KEPT: Final = 4
EXPORT: Final = "export-{}.json"
REMOUNT_TIMEOUT_S: Final = 20.0


class Beside:
    """A file that is written as a whole, or appended to; reading is not its business."""

    size = 0

    def __init__(self, path: Path, *, append: bool = False, heading: bytes = b"", keep: str = "") -> None:
        """`heading` begins a new file that is appended to; of files like `keep` the newest four stay."""
        self._path = path
        self._append = append
        self._heading = heading
        self._keep = keep

    def pwrite(self, offset: int, data: bytes) -> None:
        """Append, or replace the file in one step; durable when it returns."""
        if self._append:
            with self._path.open("ab") as file:
                file.write(data if file.tell() else self._heading + data)
                file.flush()
                os.fsync(file.fileno())
        else:
            written(self._path, data)
        sync_folder(self._path.parent)
        if self._keep:
            for former in sorted(self._path.parent.glob(self._keep))[:-EXPORTS_KEPT]:
                former.unlink()

    def pread(self, offset: int, length: int) -> bytes:
        """Nothing is read back."""
        return b""

    def fdatasync(self) -> None:
        """It is durable already."""

    def drop_cache(self) -> None:
        """Nothing is read back."""

    def reopen(self) -> None:
        """It is opened for each write."""

    def close(self) -> None:
        """It is closed after each write."""


class Remount(Beside):
    """Re-opening it asks the system to make the folder's file system writable again."""

    def __init__(self, folder: Path, remount: Callable[[Path], None]) -> None:
        super().__init__(folder)
        self._remount = remount

    def reopen(self) -> None:
        """Ask once; raises `OSError` when it cannot be done."""
        self._remount(self._path)


def remount(folder: Path) -> None:
    """Remount the file system of a folder for writing; only root can, for anyone else nothing happens.

    Raises `OSError` when the system refuses.
    """
    if os.geteuid():
        return
    place = folder.resolve()
    while not place.is_mount():
        place = place.parent
    try:
        command = ["mount", "-o", "remount,rw", str(place)]
        subprocess.run(command, check=True, capture_output=True, timeout=REMOUNT_TIMEOUT_S)
    except subprocess.SubprocessError as error:
        raise OSError(f"{place} cannot be remounted: {error}") from None


def written(path: Path, data: bytes) -> None:
    """Write a file so that a cut leaves the former one or the new one; raises `OSError`."""
    unfinished = path.with_name(f"{path.name}.new")
    try:
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make names that were added, changed or removed durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def copied(book: Path, what: str, data: bytes, wall: datetime) -> None:
    """Keep one copy of a part of a book, as ``book.<what>-<date>``; raises `OSError`."""
    path = book.with_name(f"{book.name}.{what}-{wall.date()}")
    for former in book.parent.glob(f"{book.name}.{what}-*"):
        if former != path:
            former.unlink()
    written(path, data)


def export_path(folder: Path, wall: datetime) -> Path:
    """Where the export of a day lies."""
    return folder / EXPORT.format(wall.date())


def last_export(folder: Path) -> str:
    """The date of the newest weekly export in a folder, empty if there is none."""
    return max((path.stem.removeprefix("export-") for path in folder.glob(EXPORT.format("*"))), default="")
