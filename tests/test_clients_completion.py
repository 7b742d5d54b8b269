"""What bash completes, asked of bash itself."""

import shutil
import subprocess

import pytest

from hems.__main__ import main

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")


@pytest.fixture
def script(capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", "bash"]) == 0
    return capsys.readouterr().out


def completed(script: str, *words: str) -> list[str]:
    """The words that may stand in place of the last one."""
    asked = " ".join(f"'{word}'" for word in ("hems", *words))
    ask = f'COMP_WORDS=({asked}); COMP_CWORD={len(words)}; _hems; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(
        ["bash", "-eu", "-c", f"{script}\n{ask}"], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_commands_options_and_choices(script: str) -> None:
    assert completed(script, "st") == ["status"]
    assert {"run", "panel", "why", "set", "journal"} <= set(completed(script, ""))
    assert "--version" in completed(script, "--")
    assert completed(script, "counters", "--j") == ["--json"]
    assert completed(script, "counters", "garage", "--c") == ["--csv"]
    assert completed(script, "set", "") == ["mode", "limit", "target", "vehicle"]
    assert "--charger" in completed(script, "set", "limit", "10", "--")
    assert completed(script, "set", "mode", "min") == ["min_surplus", "min_surplus_target"]
    assert completed(script, "journal", "ver") == ["verify"]
    assert completed(script, "journal", "reset", "/tmp", "--c") == ["--counters-to"]
    assert completed(script, "demo", "--weather", "s") == ["sunny"]
    assert "--seed" in completed(script, "demo", "--weather", "sunny", "--s")
    assert "runs" in completed(script, "export", "-", "--csv", "")
    assert completed(script, "completion", "") == ["bash"]


@pytest.mark.parametrize(
    "words", [("nothing", "x"), ("run", "--config", ""), ("check", ""), ("sessions", "--csv", "")]
)
def test_where_a_file_may_stand_the_shell_offers_files(script: str, words: tuple[str, ...]) -> None:
    assert completed(script, *words) == []
