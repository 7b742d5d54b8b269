"""The memory's commands as a person types them: one sentence, exit code 2, no traceback."""

import json
from pathlib import Path

import pytest

from hems.__main__ import main
from hems.acts import LISTS
from hems.journal.journal import create_book
from hems.journal.rings import RINGS


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, output and complaint of one call."""
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_every_list_can_be_exported() -> None:
    assert tuple(RINGS) == LISTS


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["counters", "--data", "/nowhere"], "hems: /nowhere/book: no book; make one with"),
        (["counters", "--json", "--csv"], "hems counters: argument --csv: not allowed with argument --json"),
        (["sessions", "--data", "/dev/null"], "hems: /dev/null: the book cannot be read"),
        (["export", "-", "--data", "/nowhere"], "hems: /nowhere/book: no book"),
        (["export", "-", "--csv", "ledger"], "hems export: argument --csv: invalid choice: 'ledger'"),
        (["export"], "hems export: the following arguments are required: FILE"),
        (["import", "/nowhere.json"], "hems: /nowhere.json: cannot be read (No such file or directory)"),
        (["journal", "adopt", "/nowhere"], "hems: /nowhere/book.rescue: no rescue book that can be read"),
        (["journal", "reset", "/nowhere"], "hems: /nowhere/book: no book"),
    ],
)
def test_what_cannot_be_done_gets_one_sentence_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    code, out, err = said(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(complaint)
    assert err.count("\n") == 1


def test_a_damaged_export_changes_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    create_book(tmp_path)
    before = (tmp_path / "book").read_bytes()
    (tmp_path / "e.json").write_text("{}")
    code, _, err = said(capsys, "import", tmp_path / "e.json", "--data", tmp_path)
    assert (code, err) == (2, "hems: it is no export, or it was changed or cut off; take another copy\n")
    assert (tmp_path / "book").read_bytes() == before


def test_a_whole_round(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    one, two, file = tmp_path / "one", tmp_path / "two", tmp_path / "e.json"
    assert said(capsys, "journal", "create", one)[0] == 0
    assert said(capsys, "journal", "create", two)[0] == 0
    assert said(capsys, "export", file, "--data", one) == (0, "", "")
    assert said(capsys, "counters", "--export", tmp_path / "c.json", "--data", one) == (0, "", "")
    assert "settings" not in json.loads((tmp_path / "c.json").read_text())["content"]
    assert said(capsys, "import", file, "--force", "--data", two) == (0, "nothing differs\n", "")
    assert said(capsys, "export", tmp_path / "e.csv", "--csv", "events", "--data", two)[0] == 0
    assert json.loads(said(capsys, "counters", "--json", "--data", two)[1])["counters"] == {}
    assert said(capsys, "sessions", "--csv", "--data", two) == (0, "id\n", "")
    assert said(capsys, "journal", "verify", two)[0] == 0
    (two / "book").rename(two / "book.rescue")
    assert said(capsys, "journal", "verify", two)[0] == 2
    assert said(capsys, "journal", "adopt", two)[0] == 0
    assert said(capsys, "journal", "reset", two, "--counters-to", tmp_path / "old.json")[0] == 0
    assert (tmp_path / "old.json").exists()
