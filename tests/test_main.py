"""The command line as a person meets it: one sentence, exit code 2, no traceback."""

import contextlib
import fcntl
import os
import re
import subprocess
import sys
import threading
import tty
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory

from hems.__main__ import main
from hems.demo import BEGINS_AT
from hems.sim.desk_link import HouseProcess
from hems.sim.scene import demo_house
from tests.field.wires import framed

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
        r"charger +garage +evse-wb @2 on rs485-a: ev1, 6\.\.16 A on L1 L2 L3, relay garage opens", out
    )
    assert re.search(r"each tick +grid +eastron-sdm630 +@1 +fc4 +6\+12 +66 ms", out)
    assert re.search(r"2nd look +grid 66 ms, if nothing else is due", out)
    assert re.search(r"reaction 1\.\d\d s \(limit 2\.0 s\); 1\.\d\d s if one device is dead", out)


def test_check_measured_says_which_port_is_not_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan is told all the same; progress goes to the other stream. Nothing measured is no success."""
    monkeypatch.setattr("hems.measure.MEASURE_TICKS", 1)
    code, out, err = said(capsys, "check", "--measured", str(EXAMPLE))
    assert code == 2
    assert err.startswith(
        "measuring, 1 s left\nhems: bus[0] (rs485-a).port: nothing could be measured: /dev/"
    )
    assert re.search(r"each tick +grid +eastron-sdm630", out)
    assert "no such file or directory" in out


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('profile = "evse-wb"', 'profile = "evse-w8"', "charger[0] (garage).profile: "),
        ('relay = "garage"  ', 'relay = ""  ', "charger[0] (garage).relay: "),
        ("baud = 9600 ", "baud = 19200 ", ""),
        ("baud = 9600 ", "baud = 1200 ", "meter[0] (grid).bus: eastron-sdm630 speaks "),
        (
            'profile = "evse-wb"',
            'profile = "heidelberg-energy-control"',
            "charger[0] (garage).bus: heidelberg",
        ),
        ('profile = "eastron-sdm630"', 'profile = "lambda-eul"', "meter[0] (grid).profile: "),
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


UNTOLD = "hems: garage was not told 0 A: bus rs485-a: "
SHOWN = "ls /dev/serial/by-path shows what is there"
HELD = "stop that first, e.g. the hems service"
BY_HAND = "; open the charger's switch or its relay by hand"


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    before = gpiozero.Device.pin_factory
    gpiozero.Device.pin_factory = MockFactory()
    yield gpiozero.Device.pin_factory
    gpiozero.Device.pin_factory.reset()
    gpiozero.Device.pin_factory = before


@pytest.fixture
def wired(tmp_path: Path) -> Iterator[tuple[Path, HouseProcess]]:
    """An installation file and the simulated house on its line."""
    simulated = HouseProcess(demo_house(1, "sunny", BEGINS_AT))
    yield installed(tmp_path, simulated.port), simulated
    simulated.stop()


def installed(folder: Path, port: str) -> Path:
    path = folder / "hems.toml"
    path.write_text(files("hems.sim").joinpath("demo.toml").read_text().replace("PORT", port))
    return path


def test_safe_state_ends_with_0_only_when_everything_is_safe(
    capsys: pytest.CaptureFixture[str], pins: MockFactory, wired: tuple[Path, HouseProcess]
) -> None:
    """CHG-72: the charger has acknowledged 0 A and its relay is released."""
    path, simulated = wired
    assert said(capsys, "safe-state", "--config", str(path)) == (0, "", "")
    assert [bool(state.state) for state in pins.pin(17).states] == [False]
    assert simulated.stop()["first_write_mono_s"] is not None


def test_safe_state_names_the_charger_it_could_not_tell(
    capsys: pytest.CaptureFixture[str], pins: MockFactory, tmp_path: Path
) -> None:
    """CHG-72: a line that is not there does not hold it up, and is not taken for safe."""
    path = installed(tmp_path, f"{tmp_path}/no")
    complaint = f"{UNTOLD}{tmp_path}/no: no such file or directory; {SHOWN}{BY_HAND}\n"
    assert said(capsys, "safe-state", "--config", str(path)) == (3, "", complaint)
    assert [bool(state.state) for state in pins.pin(17).states] == [False]


def test_safe_state_says_that_another_program_holds_the_line(
    capsys: pytest.CaptureFixture[str], pins: MockFactory, wired: tuple[Path, HouseProcess]
) -> None:
    path, simulated = wired
    with open(simulated.port, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        complaint = f"{UNTOLD}{simulated.port}: another program holds it; {HELD}{BY_HAND}\n"
        assert said(capsys, "safe-state", "--config", str(path)) == (3, "", complaint)


def test_safe_state_tells_silence_from_a_refusal_and_names_everyone(
    capsys: pytest.CaptureFixture[str], pins: MockFactory, tmp_path: Path
) -> None:
    far, near = os.openpty()
    tty.setraw(near)
    path = installed(tmp_path, os.ttyname(near))
    other = '[[charger]]\nname = "yard"\nnumber = 2\nbus = "rs485-a"\nunit = 7\nprofile = "evse-wb"\n'
    path.write_text(path.read_text().replace("[[relay]]", f"{other}accept_no_failsafe = true\n\n[[relay]]"))

    def refuse() -> None:
        """Unit 2 refuses whatever it is told, once the request has left; unit 7 is not there."""
        with contextlib.suppress(OSError):
            while request := os.read(far, 64):
                if request[0] == 2 and not spoken.wait(0.03):
                    os.write(far, framed("029004"))

    spoken = threading.Event()
    devices = threading.Thread(target=refuse)
    devices.start()
    code, _, err = said(capsys, "safe-state", "--config", str(path))
    os.close(near)
    devices.join()
    os.close(far)
    assert code == 3
    yard = "yard was not told 0 A: bus rs485-a: no answer"
    assert err == f"{UNTOLD}refused; {yard}{BY_HAND}\n"


def test_safe_state_tells_the_chargers_before_it_complains_about_a_relay(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, wired: tuple[Path, HouseProcess]
) -> None:
    """CHG-72: pins that cannot be driven keep nothing from the wire."""
    path, simulated = wired
    monkeypatch.setattr(gpiozero.Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "missing")
    code, out, err = said(capsys, "safe-state", "--config", str(path))
    assert (code, out) == (3, "")
    assert err.startswith("hems: relay 'garage': GPIO 17 cannot be driven (")
    assert err.count("\n") == 1
    assert simulated.stop()["first_write_mono_s"] is not None
