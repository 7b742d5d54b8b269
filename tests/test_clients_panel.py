"""`hems panel` in a terminal, before doors that behave and doors that do not (PNL-92, API-151)."""

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hems.api.client import NotRunning
from hems.clients_panel import picture
from tests.doorman import Doorman, Request, line, reply

FRAME = bytes(range(256)) * 4
OTHER = bytes(1_024)
GOOD = {"hemsError": "HemsErrorNoError", "sequence": 1, "width": 128, "height": 64}


def screen(frame: bytes) -> dict[str, object]:
    return {**GOOD, "frame": b64encode(frame).decode()}


class Shown:
    """`hems panel` on a pseudo-terminal."""

    def __init__(self, path: Path, columns: int, rows: int, *options: str, encoding: str = "utf-8") -> None:
        self.master, slave = pty.openpty()
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.resize(columns, rows)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hems", "panel", "--socket", str(path), *options],
            stdin=slave,
            stdout=slave,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONIOENCODING": encoding},
        )
        self.text = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def until(self, pattern: str, within_s: float = 30.0) -> str:
        """What was drawn up to the first text that looks so."""
        until_s = time.monotonic() + within_s
        while not (found := re.search(pattern, self.text, re.S)):
            assert time.monotonic() < until_s, self.text[-500:]
            if select.select([self.master], [], [], 0.1)[0]:
                self.text += self._decoder.decode(os.read(self.master, 65_536))
        drawn, self.text = self.text[: found.end()], self.text[found.end() :]
        return drawn

    def press(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def end(self) -> tuple[int, str]:
        """Exit code and complaint; the terminal must be as it was."""
        self.until(re.escape("\x1b[?1049l"))
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            err = stream.read().decode()
        code = self.process.wait(10)
        assert termios.tcgetattr(self.slave) == self.before
        return code, err

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()
        os.close(self.master)
        with contextlib.suppress(OSError):
            os.close(self.slave)


@pytest.fixture
def show(tmp_path: Path) -> Iterator[Callable[..., Shown]]:
    shown: list[Shown] = []

    def shows(columns: int, rows: int, *options: str, encoding: str = "utf-8") -> Shown:
        shown.append(Shown(tmp_path / "s", columns, rows, *options, encoding=encoding))
        return shown[-1]

    yield shows
    for one in shown:
        one.close()


@pytest.fixture
def doorman(tmp_path: Path) -> Iterator[Doorman]:
    """A door with a panel that shows one picture."""
    one = Doorman(tmp_path / "s", lambda request: reply(request, **screen(FRAME)))
    yield one
    one.close()


def pressed(doorman: Doorman) -> list[tuple[str, bool]]:
    return [
        (request["params"]["key"], request["params"]["hold"])
        for request in doorman.requests
        if request["method"] == "Hems.PressKey"
    ]


def eventually(true: Callable[[], bool]) -> None:
    until_s = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until_s
        time.sleep(0.02)


def test_the_picture_and_the_keys_over_a_small_terminal(doorman: Doorman, show: Callable[..., Shown]) -> None:
    """80 x 24: braille; every key arrives, held ones as held; the size may change; q leaves."""
    shown = show(80, 24)
    shown.until("shared with who stands before the appliance")
    shown.press(b"\x1b[A\x1b[B\r")
    shown.press(b"\x7fOB")
    eventually(lambda: len(pressed(doorman)) == 6)
    assert pressed(doorman) == [
        ("up", False),
        ("down", False),
        ("ok", False),
        ("back", False),
        ("ok", True),
        ("back", True),
    ]
    shown.resize(20, 5)
    shown.until("too small: 64x17")
    shown.resize(200, 50)
    assert "▀" in shown.until("shared with")
    doorman.tell(line(id=0, notification="Hems.ScreenChanged", params={"sequence": 2, **screen(OTHER)}))
    shown.until(" {128}")
    shown.press(b"q")
    assert shown.end() == (0, "")


def test_ssh_friendly_is_small_everywhere_and_ctrl_c_leaves(
    doorman: Doorman, show: Callable[..., Shown]
) -> None:
    shown = show(200, 50, "--ssh-friendly")
    drawn = shown.until("shared with who stands before the appliance")
    assert "▀" not in drawn
    assert re.search("[\u2801-\u28ff]", drawn)
    shown.process.send_signal(signal.SIGINT)
    assert shown.end() == (0, "")


@pytest.mark.parametrize(("columns", "rows", "words"), [(80, 24, "too small: 128x33 needed"), (128, 33, "#")])
def test_without_unicode(
    doorman: Doorman, show: Callable[..., Shown], columns: int, rows: int, words: str
) -> None:
    shown = show(columns, rows, encoding="ascii")
    assert shown.until(words).isascii()
    shown.press(b"q")
    assert shown.end() == (0, "")


def test_the_end_of_the_service_gives_the_terminal_back(doorman: Doorman, show: Callable[..., Shown]) -> None:
    """API-150: exit code 3, the reason after the terminal's own screen is back."""
    shown = show(80, 24)
    shown.until("shared with")
    doorman.close()
    code, err = shown.end()
    assert code == 3
    assert "the service has ended the connection" in err
    assert err.count("\n") == 1


def test_a_service_that_sends_nonsense_ends_it(doorman: Doorman, show: Callable[..., Shown]) -> None:
    shown = show(80, 24)
    shown.until("shared with")
    doorman.tell(line(id=0, notification="Hems.ScreenChanged", params={"frame": "AAAA"}))
    code, err = shown.end()
    assert (code, err.count("\n")) == (3, 1)
    assert "a picture that is none" in err


def test_silence_is_told_and_hears_no_keys(tmp_path: Path, show: Callable[..., Shown]) -> None:
    """A picture that stands still must not be taken for a house that does."""
    quiet: list[bool] = []
    held_back: list[Request] = []

    def answer(request: Request) -> bytes:
        if quiet:
            held_back.append(request)
            return b""
        return reply(request, **screen(FRAME))

    doorman = Doorman(tmp_path / "s", answer)
    shown = show(80, 24)
    shown.until("shared with")
    quiet.append(True)
    shown.until("has not answered for [3-9] s")
    shown.press(b"\r")
    shown.until("has not answered for [4-9] s")
    assert pressed(doorman) == []
    quiet.clear()
    for request in held_back:
        doorman.tell(reply(request, **screen(FRAME)))
    shown.until("shared with")
    shown.press(b"\r")
    eventually(lambda: pressed(doorman) == [("ok", False)])
    shown.press(b"q")
    assert shown.end() == (0, "")
    doorman.close()


def piped(path: Path, encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
    """`hems panel` where there is no terminal."""
    return subprocess.run(
        [sys.executable, "-m", "hems", "panel", "--socket", str(path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        encoding="utf-8",
        check=False,
    )


@pytest.mark.usefixtures("doorman")
def test_where_there_is_no_terminal_it_is_one_frame_as_text(tmp_path: Path) -> None:
    """API-151."""
    done = piped(tmp_path / "s")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 32
    assert "▀" in done.stdout
    assert piped(tmp_path / "s", "ascii").stdout.isascii()


def test_an_appliance_without_panel_says_so(tmp_path: Path) -> None:
    """API-150: exit code 1."""
    refusal = {"hemsError": "HemsErrorUnsupported", "reason": "there is no panel"}
    doorman = Doorman(tmp_path / "s", lambda request: reply(request, **refusal))
    done = piped(tmp_path / "s")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "hems: there is no panel\n")
    doorman.close()


def test_a_picture_is_pages_of_columns() -> None:
    """API-113: bit 0 is the upper pixel."""
    rows = picture(screen(FRAME))
    for y, row in enumerate(rows):
        assert list(row) == [FRAME[128 * (y // 8) + x] >> (y % 8) & 1 for x in range(128)]
    assert len(rows) == 64


@pytest.mark.parametrize("reply_", [{}, {"frame": "AAA"}, {"frame": "é"}, {"frame": ""}, {"frame": 5}, []])
def test_a_picture_that_is_none_is_said_to_be(reply_: object) -> None:
    with pytest.raises(NotRunning):
        picture(reply_)
