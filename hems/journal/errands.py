"""What the journal has done beside the book, by the writer's thread: no errand holds up a record for long.

Evidence that is pushed out of its ring is appended to a file first; once a week everything is exported; a
file system that has become read-only is asked to be writable again, once an hour.
"""

import csv
import io
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from msgspec import json

from hems.journal.beside import EXPORT, Beside, Remount, export_path, last_export
from hems.journal.change import Fields
from hems.journal.medium import Done, Job, Medium

log = logging.getLogger(__name__)

Submit = Callable[[Job, Medium, Callable[[Done], None]], None]

EVIDENCE: Final = "evidence.csv"
EVIDENCE_HEADING: Final = b"id,key,from,to,figures\r\n"
EXPORT_EVERY: Final = timedelta(days=7)
EXPORT_STEP_BYTES: Final = 65_536
REMOUNT_EVERY_S: Final = 3600.0
EVIDENCE_RETRY_S: Final = 900.0


class Errands:
    """Errands of one data folder, none without one; `words` tell what the last one ran into."""

    def __init__(self, folder: Path | None, submit: Submit, remount: Callable[[Path], None]) -> None:
        self.words = ""
        self.copied: tuple[str, ...] = ()
        """Ids of evidence that has been copied and may leave its ring."""
        self._folder = folder
        self._submit = submit
        self._remount = remount
        self._remount_mono_s = 0.0
        self._evidence_mono_s = 0.0
        self._copying = False
        self._last_export = last_export(folder) if folder else ""
        self._exporting: tuple[Iterator[bytes], list[bytes], datetime] | None = None

    def copy_evidence(self, rows: dict[str, Fields], ids: tuple[str, ...], mono_s: float) -> None:
        """Append evidence to its file; its ids are in `copied` when that is durable."""
        folder = self._folder
        if folder is None or self._copying or mono_s < self._evidence_mono_s:
            return
        self._copying = True
        self._evidence_mono_s = mono_s + EVIDENCE_RETRY_S

        def take(done: Done) -> None:
            self._copying = False
            if self._went_well("evidence could not be copied", done):
                self.copied, self._evidence_mono_s = ids, 0.0

        medium = Beside(folder / EVIDENCE, append=True, heading=EVIDENCE_HEADING)
        self._submit(Job(0, 0, evidence_lines(rows, ids)), medium, take)

    def keep_file(self, path: Path, data: bytes) -> None:
        """Let a file have this content, in one step."""

        def take(done: Done) -> None:
            self._went_well(f"{path.name} was not written", done)

        self._submit(Job(0, 0, data), Beside(path), take)

    def ask_remount(self, mono_s: float) -> None:
        """Ask once an hour for a file system that can be written again."""
        if self._folder is None or mono_s < self._remount_mono_s:
            return
        self._remount_mono_s = mono_s + REMOUNT_EVERY_S

        def take(done: Done) -> None:
            self._went_well("the file system stays read-only", done)

        self._submit(Job(0, 0, reopen=True), Remount(self._folder, self._remount), take)

    def export_wanted(self, wall: datetime) -> bool:
        """Whether the last export is a week old."""
        week_ago = str(wall.date() - EXPORT_EVERY)
        return self._folder is not None and self._exporting is None and self._last_export <= week_ago

    def begin_export(self, pieces: Iterator[bytes], wall: datetime) -> None:
        """Put an export together in the next cycles."""
        self._exporting = (pieces, [], wall)

    def step_export(self) -> None:
        """A few milliseconds' worth of the export under way; the finished one is handed over."""
        if self._exporting is None or self._folder is None:
            return
        pieces, parts, wall = self._exporting
        gathered = 0
        for piece in pieces:
            parts.append(piece)
            gathered += len(piece)
            if gathered >= EXPORT_STEP_BYTES:
                return
        self._exporting = None
        self._last_export = str(wall.date())

        def take(done: Done) -> None:
            self._went_well("the weekly export was not written", done)

        medium = Beside(export_path(self._folder, wall), keep=EXPORT.format("*"))
        self._submit(Job(0, 0, b"".join(parts)), medium, take)

    def _went_well(self, what: str, done: Done) -> bool:
        self.words = f"{what}: {done.error}" if done.error else ""
        if done.error:
            log.warning("%s", self.words)
        return not done.error


def evidence_lines(rows: dict[str, Fields], ids: Iterable[str]) -> bytes:
    """Entries as lines of the evidence file."""
    lines = io.StringIO()
    table = csv.writer(lines)
    for row in ids:
        entry = {name: json.decode(value) for name, value in rows[row].items()}
        known = [entry.pop(name, None) for name in ("key", "from", "to")]
        table.writerow([row, *known, json.encode(entry, order="sorted").decode()])
    return lines.getvalue().encode()
