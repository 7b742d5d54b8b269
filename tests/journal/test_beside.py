"""Files beside the book: whole or not at all, and never in the loop's way (JRN-24, 54, 55, 60, 83)."""

import errno
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hems.journal.beside import Beside, Remount, copied, export_path, last_export, remount, written
from hems.journal.medium import Job, perform

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_a_file_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    medium = Beside(path)
    assert perform(medium, Job(3, 0, b"one", read_bytes=1)).error == ""
    assert path.read_bytes() == b"one"

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert perform(medium, Job(4, 0, b"two")).error == "No space left on device"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"one"
    medium.reopen()
    medium.close()


def test_lines_are_appended_below_one_heading(tmp_path: Path) -> None:
    path = tmp_path / "evidence.csv"
    for line in (b"1\n", b"2\n"):
        assert perform(Beside(path, append=True, heading=b"id\n"), Job(0, 0, line)).error == ""
    assert path.read_bytes() == b"id\n1\n2\n"


def test_the_last_four_exports_stay(tmp_path: Path) -> None:
    """JRN-83."""
    assert last_export(tmp_path) == ""
    for day in (3, 10, 17, 24, 30):
        path = export_path(tmp_path, AT.replace(day=day))
        assert perform(Beside(path, keep="export-*.json"), Job(0, 0, b"x")).error == ""
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"export-2026-11-{day}.json" for day in (10, 17, 24, 30)]
    assert last_export(tmp_path) == "2026-11-30"


def test_one_copy_is_kept(tmp_path: Path) -> None:
    """JRN-24."""
    for day in (3, 10, 10):
        copied(tmp_path / "book", "damaged", b"%d" % day, AT.replace(day=day))
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [
        ("book.damaged-2026-11-10", b"10")
    ]
    with pytest.raises(OSError, match="No such file"):
        written(tmp_path / "absent" / "file", b"")


def test_only_root_remounts_and_asks_for_the_whole_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JRN-54."""
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> None:
        asked.append(command)
        if len(asked) > 1:
            raise subprocess.CalledProcessError(32, command)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    remount(tmp_path)
    assert asked == []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert perform(Remount(tmp_path, remount), Job(0, 0, reopen=True)).error == ""
    assert asked[0][:3] == ["mount", "-o", "remount,rw"]
    assert Path(asked[0][3]).is_mount()
    assert "cannot be remounted" in perform(Remount(tmp_path, remount), Job(0, 0, reopen=True)).error
