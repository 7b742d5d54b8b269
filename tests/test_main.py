"""The command line as a person meets it: one sentence, exit code 2, no traceback."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from importlib.resources import files
from pathlib import Path

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory

from hems.__main__ import main

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "deploy" / "hems.example.toml"
HEMS = [sys.executable, "-m", "hems"]


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and complaint of one call."""
    try:
        code = main(arguments)
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "hems: the following arguments are required: COMMAND; see hems --help"),
        (["fly"], "hems: argument COMMAND: invalid choice: 'fly'"),
        (
            ["demo", "--for", "soon"],
            "hems demo: argument --for: 'soon' is not a number; see hems demo --help",
        ),
        (["demo", "--for", "nan"], "hems demo: argument --for: nan is out of range; use 1 to"),
        (["demo", "--speed", "1000"], "hems demo: argument --speed: 1000 is out of range; use 0.1 to 20"),
        (["demo", "--weather", "snow"], "hems demo: argument --weather: invalid choice: 'snow'"),
        (["demo"], "hems: demo: this is no terminal; add --headless, or run it in one"),
        (["run"], "hems run: the following arguments are required: --config; see hems run --help"),
        (
            ["run", "--config", "/nowhere.toml"],
            "hems: /nowhere.toml: cannot be read (No such file or directory)",
        ),
        (["check", "/nowhere.toml"], "hems: /nowhere.toml: cannot be read (No such file or directory)"),
        (["safe-state", "--config", "/nowhere.toml"], "hems: /nowhere.toml: cannot be read"),
        (["journal", "create", "/dev/null/folder"], "hems: /dev/null/folder"),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    code, out, err = said(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert err.startswith(complaint)
    assert err.count("\n") == 1


@pytest.mark.parametrize("folder", ["/proc", "/dev/null", "/dev/null/below"])
@pytest.mark.parametrize("option", ["--data", "--screens"])
def test_a_folder_that_cannot_be_written_is_refused(
    capsys: pytest.CaptureFixture[str], option: str, folder: str
) -> None:
    code, _, err = said(capsys, "demo", "--headless", "--for", "1", option, folder)
    assert code == 2
    assert err.startswith(f"hems: {folder}: cannot be written (")


@pytest.mark.parametrize("name", ["hems.toml", "book"])
def test_the_demo_keeps_off_an_appliances_folder(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("precious")
    code, _, err = said(capsys, "demo", "--headless", "--for", "1", "--data", str(tmp_path))
    assert code == 2
    assert err == f"hems: {tmp_path}: belongs to an appliance; name another folder for the demo\n"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_demo_whose_house_is_gone_says_so() -> None:
    command = [*HEMS, "demo", "--headless", "--speed", "5"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as demo:
        assert demo.stderr is not None
        assert "waits" in (line := demo.stderr.readline()) or "starts" in line or "silent" in line
        children = Path(f"/proc/{demo.pid}/task/{demo.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        _, err = demo.communicate(timeout=20)
    assert demo.returncode == 2
    assert "the simulated house has ended by itself" in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_an_output_that_takes_nothing_gets_no_traceback() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*HEMS, "check", str(EXAMPLE)], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (
        2,
        "hems: output: No space left on device; make room or name another\n",
    )


def test_a_reader_that_has_seen_enough_gets_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*HEMS, "check", str(EXAMPLE)], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_check_prints_what_an_installation_means(capsys: pytest.CaptureFixture[str]) -> None:
    """BUS-58: devices, limits, the plan of each line, the computed reaction time."""
    code, out, err = said(capsys, "check", str(EXAMPLE))
    assert (code, err) == (0, "")
    assert "main fuse L1 25 A, L2 25 A, L3 25 A" in out
    assert re.search(
        r"charger +garage +evse-wb @2 on rs485-a: ev1, 6\.\.16 A on L1 L2 L3, relay garage, stop", out
    )
    assert re.search(r"each tick +grid +eastron-sdm630 +@1 +fc4 +6\+12 +66 ms", out)
    assert re.search(r"reaction 1\.\d\d s, with one dead device 1\.\d\d s \(limit 2\.0 s\)", out)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('profile = "evse-wb"', 'profile = "evse-w8"', "charger[0].profile: "),
        ('relay = "garage"  ', 'relay = ""  ', "charger[0].relay: "),
        ("baud = 9600 ", "baud = 19200 ", ""),
        ("baud = 9600 ", "baud = 1200 ", "meter[0].bus: eastron-sdm630 speaks "),
        ('profile = "evse-wb"', 'profile = "heidelberg-energy-control"', "charger[0].bus: heidelberg"),
        ('profile = "eastron-sdm630"', 'profile = "lambda-eul"', "meter[0].profile: "),
    ],
)
def test_check_refuses_what_cannot_be_met(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    text = EXAMPLE.read_text()
    assert old in text
    path = tmp_path / "hems.toml"
    path.write_text(text.replace(old, new, 1))
    code, _, err = said(capsys, "check", str(path))
    if not complaint:
        assert (code, err) == (0, "")
        return
    assert code == 2
    assert err.startswith(f"hems: {complaint}")
    assert err.count("\n") == 1


def test_a_book_is_made_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """JRN-2: creation is an act of its own and never replaces a book."""
    assert said(capsys, "journal", "create", str(tmp_path))[0] == 0
    assert (tmp_path / "book").stat().st_size > 7_000_000
    code, _, err = said(capsys, "journal", "create", str(tmp_path))
    assert code == 2
    assert "book" in err


def test_run_without_a_book_says_how_to_make_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = said(capsys, "run", "--config", str(EXAMPLE), "--data", str(tmp_path))
    assert code == 2
    assert "hems journal create" in err


def test_safe_state_ends_although_nobody_answers(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """CHG-72: relays released; a line that is not there does not hold it up."""
    gpiozero.Device.pin_factory = MockFactory()
    path = tmp_path / "hems.toml"
    path.write_text(files("hems.sim").joinpath("demo.toml").read_text().replace("PORT", str(tmp_path / "no")))
    assert said(capsys, "safe-state", "--config", str(path))[0] == 0


def test_the_demo_in_a_short_run_says_what_happened(tmp_path: Path) -> None:
    """The whole thing as a person starts it: another process, a pseudo-terminal, real time."""
    command = [
        *HEMS,
        "demo",
        "--headless",
        "--json",
        "--for",
        "25",
        "--speed",
        "5",
        "--screens",
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["cycles"] >= 20
    assert outcome["exceptions"] == 0
    assert outcome["transactions"] > 60
    assert outcome["truth"]["violations"] == 0
    assert outcome["truth"]["starts"] == outcome["charger_starts"] == 1
    assert "start_delay" in outcome["reasons"]
    assert (tmp_path / "001-home.png").exists()
    assert "sun" in done.stderr


def test_ctrl_c_ends_the_demo_cleanly_and_the_next_run_goes_on(tmp_path: Path) -> None:
    command = [*HEMS, "demo", "--headless", "--json", "--speed", "5", "--data", str(tmp_path)]
    totals = []
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
            assert demo.stderr is not None
            while "garage 6 A" not in (line := demo.stderr.readline()):
                assert line, "the demo ended by itself"
            demo.send_signal(signal.SIGINT)
            out, _ = demo.communicate(timeout=20)
        assert demo.returncode == 0
        totals.append(json.loads(out)["counters"]["relay.garage.total"])
    assert totals == [1, 2]


def test_a_compressor_start_survives_kill_9(tmp_path: Path) -> None:
    """JRN class `now`: what was counted is on the card in the same cycle; the next run goes on from it."""
    command = [*HEMS, "demo", "--headless", "--json", "--speed", "10", "--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as demo:
        assert demo.stderr is not None
        while not demo.stderr.readline().startswith("12:01:"):
            assert demo.poll() is None, "the demo ended by itself"
        demo.kill()
    done = subprocess.run([*command, "--for", "3"], capture_output=True, text=True, timeout=30, check=True)
    counters = json.loads(done.stdout)["counters"]
    assert counters["hp1.compressor_start.total"] == counters["hp1.heating.total"] == 1
    assert counters["hp1.compressor_start.yesterday"] == 0


def test_the_panel_in_a_terminal_takes_keys_and_gives_the_terminal_back() -> None:
    """Arrow keys, Enter and Backspace are the four buttons; q ends."""
    master, terminal = pty.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("4H", 40, 140, 0, 0))
    before = termios.tcgetattr(terminal)
    demo = subprocess.Popen([*HEMS, "demo", "--speed", "5"], stdin=terminal, stdout=terminal, stderr=terminal)
    seen = b""

    def until(mark: bytes, seconds: int = 20) -> None:
        nonlocal seen
        while mark not in seen:
            ready, _, _ = select.select([master], [], [], seconds)
            assert ready, f"{mark!r} did not come after {seen[-300:]!r}"
            seen += os.read(master, 65536)

    until("█".encode())
    until(b"starts in")
    os.write(master, b"\x1b[B")
    os.write(master, b"\r")
    seen = b""
    until("█".encode())
    os.write(master, b"q")
    until(b"\x1b[?1049l")
    until(b"overruns")
    assert demo.wait(timeout=20) == 0
    assert termios.tcgetattr(terminal) == before
    os.close(terminal)
    os.close(master)
