"""What is done beside the book (JRN-54, 55, 60, 83)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hems.journal.errands import EVIDENCE_RETRY_S, EXPORT_STEP_BYTES, REMOUNT_EVERY_S, Errands
from hems.journal.medium import Done, Job, Medium, perform
from tests.journal.books import documents

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ROWS = documents(
    {"evidence": {str(n): {"key": "limit", "from": "2026", "limit_w": n, "a": [1]} for n in range(1, 4)}}
)["evidence"]


class Desk:
    """Errands whose jobs are done when asked for."""

    def __init__(self, folder: Path | None) -> None:
        self.asked: list[Path] = []
        self.waiting: list[tuple[Job, Medium, Callable[[Done], None]]] = []
        self.errands = Errands(folder, lambda *errand: self.waiting.append(errand), self.asked.append)

    def settle(self) -> int:
        """Do what waits; how many jobs that were."""
        jobs, self.waiting = self.waiting, []
        for job, medium, on_done in jobs:
            on_done(perform(medium, job))
        return len(jobs)


def test_evidence_is_copied_once_and_then_may_leave(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.errands.copy_evidence(ROWS, ("1", "2"), 10.0)
    desk.errands.copy_evidence(ROWS, ("1", "2"), 11.0)
    assert not desk.errands.copied
    assert desk.settle() == 1
    assert desk.errands.copied == ("1", "2")
    desk.errands.copy_evidence(ROWS, ("3",), 12.0)
    desk.settle()
    assert (tmp_path / "evidence.csv").read_text().splitlines() == [
        "id,key,from,to,figures",
        '1,limit,2026,,"{""a"":[1],""limit_w"":1}"',
        '2,limit,2026,,"{""a"":[1],""limit_w"":2}"',
        '3,limit,2026,,"{""a"":[1],""limit_w"":3}"',
    ]


def test_evidence_that_cannot_be_copied_stays_and_is_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """JRN-55: words, and no harm."""
    folder = tmp_path / "absent"
    desk = Desk(folder)
    desk.errands.copy_evidence(ROWS, ("1",), 0.0)
    desk.settle()
    assert not desk.errands.copied
    assert desk.errands.words == "evidence could not be copied: No such file or directory"
    assert desk.errands.words in caplog.text
    desk.errands.copy_evidence(ROWS, ("1",), EVIDENCE_RETRY_S - 1)
    assert desk.settle() == 0
    folder.mkdir()
    desk.errands.copy_evidence(ROWS, ("1",), EVIDENCE_RETRY_S)
    assert desk.settle() == 1
    assert "1" in desk.errands.copied
    assert not desk.errands.words


def test_a_remount_is_asked_for_once_an_hour(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for minute in range(0, 181, 10):
        desk.errands.ask_remount(1.0 + minute * 60)
    desk.settle()
    assert len(desk.asked) == 4
    assert set(desk.asked) == {tmp_path}
    assert REMOUNT_EVERY_S == 3600


def test_an_export_is_wanted_each_week_and_made_in_steps(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.errands.export_wanted(AT)
    desk.errands.begin_export(iter([b"a" * EXPORT_STEP_BYTES, b"b", b"c"]), AT)
    assert not desk.errands.export_wanted(AT)
    desk.errands.step_export()
    assert desk.settle() == 0
    desk.errands.step_export()
    assert desk.settle() == 1
    desk.errands.step_export()
    assert desk.settle() == 0
    assert (tmp_path / "export-2026-11-24.json").read_bytes().endswith(b"abc")
    assert not desk.errands.export_wanted(AT + timedelta(days=6))
    assert desk.errands.export_wanted(AT + timedelta(days=7))
    again = Desk(tmp_path).errands
    assert not again.export_wanted(AT + timedelta(days=6))
    assert again.export_wanted(AT + timedelta(days=8))


def test_without_a_folder_nothing_is_done() -> None:
    desk = Desk(None)
    desk.errands.copy_evidence(ROWS, ("1",), 0.0)
    desk.errands.ask_remount(0.0)
    desk.errands.step_export()
    assert not desk.errands.export_wanted(AT)
    assert desk.settle() == 0


def test_a_whole_file_is_replaced_or_stays(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Prices that were told are kept beside the book; a full card costs no more than them."""
    desk = Desk(tmp_path)
    for content in (b"one", b"two"):
        desk.errands.keep_file(tmp_path / "prices.json", content)
        assert desk.settle() == 1
        assert (tmp_path / "prices.json").read_bytes() == content
    desk.errands.keep_file(tmp_path / "absent" / "prices.json", b"three")
    desk.settle()
    assert desk.errands.words.startswith("prices.json was not written: ")
    assert "prices.json was not written" in caplog.text
