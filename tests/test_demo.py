"""The demo as a person starts it: another process, a pseudo-terminal, real time."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from hems.__main__ import main

HEMS = [sys.executable, "-m", "hems"]


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a call is refused with."""
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


@pytest.mark.parametrize("folder", ["/proc", "/dev/null", "/dev/null/below"])
@pytest.mark.parametrize("option", ["--data", "--screens"])
def test_a_folder_that_cannot_be_written_is_refused(
    capsys: pytest.CaptureFixture[str], option: str, folder: str
) -> None:
    err = complaint(capsys, "demo", "--headless", "--for", "1", option, folder)
    assert err.startswith(f"hems: {folder}: cannot be written (")


@pytest.mark.parametrize("name", ["hems.toml", "book"])
def test_the_demo_keeps_off_an_appliances_folder(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("precious")
    err = complaint(capsys, "demo", "--headless", "--for", "1", "--data", str(tmp_path))
    assert err == f"hems: {tmp_path}: belongs to an appliance; name another folder for the demo\n"
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("loud", "loud: there is no fault 'loud'; there are silence, deaf, exception, late"),
        (
            "late:speed=1",
            "late:speed=1: 'speed=1' is no key=value; the keys are from, until, for, device, value",
        ),
        (
            "late:device=boiler",
            "late:device=boiler: no device 'boiler'; there are grid, garage, car, pump, pv",
        ),
        ("vanish:from=nan", "vanish:from=nan: from nan is out of range; use 0 to 2678400"),
        ("suffix", "suffix: data are missing; suffix needs 1 to 300 hexadecimal bytes, as data=00FF"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(
    capsys: pytest.CaptureFixture[str], fault: str, words: str
) -> None:
    """BUS-91: one sentence that names the kinds and keys."""
    err = complaint(capsys, "demo", "--headless", "--for", "1", "--fault", fault)
    assert err.startswith(f"hems: demo: --fault {words}")
    assert err.count("\n") == 1


def test_faults_strike_the_demo_from_its_start() -> None:
    command = [*HEMS, "demo", "--headless", "--json", "--for", "10", "--speed", "5"]
    command += ["--fault", "exception:device=car,value=6", "--fault", "late:device=pump,share=0.5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["errors"] >= 5
    assert outcome["exceptions"] == 0
    assert outcome["truth"]["violations"] == 0


def test_a_demo_whose_house_is_gone_says_so() -> None:
    command = [*HEMS, "demo", "--headless", "--speed", "5"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as demo:
        assert demo.stderr is not None
        assert "HEMS_SOCKET" in demo.stderr.readline()
        assert "waits" in (line := demo.stderr.readline()) or "starts" in line or "silent" in line
        children = Path(f"/proc/{demo.pid}/task/{demo.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        _, err = demo.communicate(timeout=20)
    assert demo.returncode == 2
    assert "the simulated house has ended by itself" in err


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
    until(b"another terminal: export HEMS_SOCKET=/")
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


def test_a_card_as_it_is_flashed_begins_its_first_run() -> None:
    """PNL-70: no house, no device, nothing on the wire until somebody has chosen a country."""
    command = [*HEMS, "demo", "--unconfigured", "--headless", "--json", "--for", "6", "--speed", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert (outcome["exceptions"], outcome["transactions"], outcome["charger_starts"]) == (0, 0, None)
