"""`deploy/update` and an ssh that answers as told: a machine that restarts, a connection lost (APL-30)."""

import os
import subprocess
from pathlib import Path

import pytest

COMMAND = Path(__file__).resolve().parents[2] / "deploy/update"
SSH = """#!/bin/sh
for last; do :; done
echo "$last" >>"{folder}/asked"
case $last in
true) exit 0 ;;
*--status)
	number=$(grep -c status "{folder}/asked")
	[ -e "{folder}/said.$number" ] || exit 255
	cat "{folder}/said.$number"
	;;
*) cat >/dev/null; exit {code} ;;
esac
"""


def sent(folder: Path, code: int, *said: str) -> "subprocess.CompletedProcess[str]":
    """An update that ends with this code there, and what `--status` says afterwards, time after time."""
    tools = folder / "bin"
    tools.mkdir()
    for name, text in (("ssh", SSH.format(folder=folder, code=code)), ("sleep", "#!/bin/sh\n")):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    for number, words in enumerate(said, 1):
        if words:
            (folder / f"said.{number}").write_text(words)
    file = folder / "bundle.hems"
    file.write_bytes(b"x")
    return subprocess.run(
        [COMMAND, "-p", "2200", "--now", "box", file],
        env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("end", "code"), [("last      B proven", 0), ("last      B went back: it does not answer", 3)]
)
def test_a_system_is_waited_for(tmp_path: Path, end: str, code: int) -> None:
    """APL-30, APL-33: until its trial has ended, through the start of the machine."""
    done = sent(tmp_path, 4, "on trial  B (before: A)", "", "", "on trial  B (before: A)", end)
    assert done.returncode == code
    assert done.stdout.splitlines()[-1] == end
    assert "hems-update --now" in (tmp_path / "asked").read_text()


def test_a_machine_that_does_not_come_back(tmp_path: Path) -> None:
    """APL-30: told after a quarter of an hour."""
    done = sent(tmp_path, 4)
    assert done.returncode == 5
    assert "box has not come back; look at its panel" in done.stderr


def test_a_connection_that_is_lost(tmp_path: Path) -> None:
    """APL-30: the update goes on there, and who asks hears of it."""
    done = sent(tmp_path, 255)
    assert done.returncode == 7
    assert "the update goes on there: deploy/update box --status" in done.stderr


@pytest.mark.parametrize("code", [3, 10, 16, 24])
def test_every_other_code_comes_home(tmp_path: Path, code: int) -> None:
    """APL-31: as it is."""
    assert sent(tmp_path, code).returncode == code
