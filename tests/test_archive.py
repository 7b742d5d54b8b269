"""Whole books by command: exit codes and words (JRN-25, JRN-62, JRN-82)."""

import errno
import json
from pathlib import Path

import pytest

from hems import archive
from hems.errors import BookError
from hems.journal.documents import Meta, updated
from hems.journal.journal import create_book
from hems.journal.medium import OsMedium
from hems.journal.restore import read_book, write_base
from hems.model.ledger import Counter, Ledger
from hems.model.settings import ChargerSettings, Settings

SETTINGS = Settings({"garage": ChargerSettings("off")})


def book(folder: Path, heating: int = 40) -> Path:
    create_book(folder)
    ledger = Ledger({}, {"hp1.heating": Counter(heating, {"daily": 3})})
    write_base(folder / "book", updated({}, ledger, SETTINGS, Meta(boots=2)))
    return folder


def test_the_folder_is_the_one_named_else_the_appliances_else_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "INSTALLED", tmp_path)
    assert archive.data_folder(Path("x")) == Path("x")
    assert archive.data_folder(None) == Path()
    create_book(tmp_path)
    assert archive.data_folder(None) == tmp_path


def test_an_export_goes_to_a_file_or_to_the_output_while_the_book_is_used(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    data = book(tmp_path / "data")
    held = OsMedium(data / "book")
    archive.export(data, str(tmp_path / "out.json"))
    archive.export(data, "-")
    held.close()
    printed = json.loads(capfdbinary.readouterr().out)["content"]
    written = json.loads((tmp_path / "out.json").read_text())["content"]
    assert printed | {"time": 0} == written | {"time": 0}
    archive.export(data, str(tmp_path / "runs.csv"), table="runs")
    assert (tmp_path / "runs.csv").read_text() == "id\n"
    with pytest.raises(BookError, match=r"out\.json: cannot be written \(No such file"):
        archive.export(data, str(tmp_path / "absent" / "out.json"))
    with pytest.raises(BookError, match="no book"):
        archive.export(tmp_path, "-")


def test_an_import_says_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "out.json"
    archive.export(book(tmp_path / "one"), str(file))
    other = book(tmp_path / "two", 7)
    archive.import_file(other, file, force=False)
    archive.import_file(other, file, force=False)
    assert capsys.readouterr().out == "hp1.heating: 7 -> 40\nnothing differs\n"
    with pytest.raises(BookError, match="cannot be read"):
        archive.import_file(other, tmp_path / "absent", force=False)
    with pytest.raises(BookError, match=r"import.*cannot be made"):
        archive.import_file(tmp_path / "absent", file, force=False)


def test_a_folder_that_cannot_be_changed_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, file = book(tmp_path / "data"), tmp_path / "e.json"
    archive.export(data, str(file))
    (data / "book").write_bytes(b"rubbish")

    def refused(self: Path, target: Path) -> Path:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(BookError, match=r"data: cannot be changed \(Read-only file system\)"):
        archive.import_file(data, file, force=False)
    assert (data / "book").read_bytes() == b"rubbish"


def test_verification_looks_at_the_counters_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """COUNTERS section 12: a book that is sound may hold counters that contradict themselves."""
    data = book(tmp_path)
    assert archive.verify(data) == 1
    assert "self-test: 1 contradictions\n  INV-1: hp1.heating" in capsys.readouterr().out
    write_base(data / "book", updated({}, Ledger({}, {"hp1.heating": Counter(3)}), SETTINGS, Meta()))
    assert archive.verify(data) == 0
    assert capsys.readouterr().out.endswith("self-test: 1 counters agree\n")
    (data / "book").write_bytes(b"rubbish")
    assert archive.verify(data) == 2
    assert "cannot be read" in capsys.readouterr().out


def test_adoption(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = book(tmp_path)
    (data / "book").rename(data / "book.rescue")
    archive.adopt(data)
    assert capsys.readouterr().out == f"{data}/book is what was counted since\n"
    (data / "book").rename(data / "book.rescue")
    (data / "book").write_bytes(b"rubbish")
    archive.adopt(data)
    assert capsys.readouterr().out.endswith("since; the unreadable one is book.unreadable\n")


def test_a_reset_exports_the_counters_before_it_forgets_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """JRN-62."""
    data, backup = book(tmp_path / "data"), tmp_path / "backup.json"
    archive.reset(data, None)
    state = read_book(data / "book")
    assert state is not None
    assert set(state) == {"meta", "ledger"}
    with pytest.raises(BookError, match="cannot be written"):
        archive.reset(data, tmp_path / "absent" / "file")
    assert "ledger" in (read_book(data / "book") or {})
    archive.reset(data, backup)
    assert set(read_book(data / "book") or {}) == {"meta"}
    archive.import_file(data, backup, force=False)
    assert "hp1.heating: none -> 40" in capsys.readouterr().out
