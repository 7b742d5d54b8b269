"""PNL-92: the same picture and keys in a terminal."""

import fcntl
import os
import pty
import select
import struct
import termios
import threading
from collections.abc import Iterator

import pytest

from hems.clock import ManualClock
from hems.panel.keys import Key, KeyEvent, Kind
from hems.panel.mirror import Terminal, keys, render
from hems.reactor import Reactor
from tests.panel.pictures import bits, noise
from tests.panel.views import START

PIXELS = bits(noise(3))


def test_half_blocks_where_they_fit() -> None:
    """128 x 32 cells."""
    lines = render(PIXELS, 128)
    assert [len(line) for line in lines] == [128] * 32
    for y, line in enumerate(lines):
        for x, character in enumerate(line):
            top, bottom = PIXELS[2 * y][x], PIXELS[2 * y + 1][x]
            assert character == {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}[top, bottom]


DOTS = (
    (0, 0, 0x01),
    (1, 0, 0x02),
    (2, 0, 0x04),
    (0, 1, 0x08),
    (1, 1, 0x10),
    (2, 1, 0x20),
    (3, 0, 0x40),
    (3, 1, 0x80),
)
"""Row, column and bit of each dot, by the Unicode standard's numbering of braille patterns."""


def test_braille_where_the_terminal_is_narrower() -> None:
    """64 x 16 cells."""
    lines = render(PIXELS, 80)
    assert [len(line) for line in lines] == [64] * 16
    for y, line in enumerate(lines):
        for x, character in enumerate(line):
            dots = sum(bit for dy, dx, bit in DOTS if PIXELS[4 * y + dy][2 * x + dx])
            assert ord(character) == 0x2800 + dots


def test_without_unicode_plain_characters() -> None:
    lines = render(PIXELS, 100, unicode=False)
    assert [len(line) for line in lines] == [100] * 32
    assert "".join(lines).isascii()
    assert {lines[0][x] for x in range(100) if PIXELS[0][x] and PIXELS[1][x]} == {"#"}


@pytest.mark.parametrize(
    ("typed", "events"),
    [
        (b"\x1b[A", [KeyEvent(Key.UP)]),
        (b"\x1bOB", [KeyEvent(Key.DOWN)]),
        (b"\r\n", [KeyEvent(Key.OK)] * 2),
        (b"\x7f\x08", [KeyEvent(Key.BACK)] * 2),
        (b"OB", [KeyEvent(Key.OK, Kind.HOLD), KeyEvent(Key.BACK, Kind.HOLD)]),
        (b"\x1b[A\x1b[B\x1b[A", [KeyEvent(Key.UP), KeyEvent(Key.DOWN), KeyEvent(Key.UP)]),
        (b"\x1b\x1b[A", [KeyEvent(Key.BACK), KeyEvent(Key.UP)]),
        (b"\x1b[C\x1b[1;5A\x1b[3~xyz", []),
        (b"\xc3\xa4\x00", []),
        (b"q", [None]),
    ],
)
def test_keys(typed: bytes, events: list[KeyEvent | None]) -> None:
    """API-151."""
    assert keys(typed) == (events, b"")


@pytest.mark.parametrize("rest", [b"\x1b", b"\x1b[", b"\x1bO", b"\x1b[1;5"])
def test_an_unfinished_sequence_waits(rest: bytes) -> None:
    assert keys(b"\r" + rest) == ([KeyEvent(Key.OK)], rest)


class Desk:
    """A terminal whose other end is in our hands."""

    def __init__(self, columns: int = 80) -> None:
        self.ours, self.theirs = pty.openpty()
        self.resize(columns)
        self.before = termios.tcgetattr(self.theirs)
        self.clock = ManualClock(START)
        self.loop = Reactor(self.clock)
        self.events: list[KeyEvent] = []
        self.left = 0
        self.terminal = Terminal(
            self.loop, self.clock, self.theirs, self.theirs, self.events.append, self.leave
        )

    def leave(self) -> None:
        self.left += 1

    def resize(self, columns: int) -> None:
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))

    def written(self) -> str:
        """What reaches the other end, until nothing more comes."""
        parts = []
        while select.select([self.ours], [], [], 0.05)[0]:
            parts.append(os.read(self.ours, 65_536))
            self.loop.run_until(self.clock.mono_s() + 0.1)
        return b"".join(parts).decode()

    def typed(self, data: bytes, wait_s: float = 0.0) -> list[KeyEvent]:
        os.write(self.ours, data)
        self.loop.run_until(self.clock.mono_s() + wait_s)
        events, self.events[:] = list(self.events), []
        return events


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.terminal.close()
    made.loop.close()
    os.close(made.theirs)
    os.close(made.ours)


def test_only_changed_rows_are_written(desk: Desk) -> None:
    assert desk.written() == "\x1b[?1049h\x1b[?25l"
    desk.terminal.show(PIXELS, "14:32")
    first = desk.written()
    assert first.count("\x1b[K") == 17
    assert "\x1b[1;1H" + render(PIXELS, 80)[0] in first
    assert first.endswith("\x1b[17;1H14:32\x1b[K")
    desk.terminal.show(PIXELS, "14:32")
    assert desk.written() == ""
    desk.terminal.show((*PIXELS[:4], bytes(128), *PIXELS[5:]), "14:33")
    changed = desk.written()
    assert changed.startswith("\x1b[2;1H")
    assert changed.count("\x1b[K") == 2


def test_another_width_is_drawn_anew(desk: Desk) -> None:
    desk.terminal.show(PIXELS, "status")
    desk.written()
    desk.resize(140)
    desk.terminal.show(PIXELS, "status")
    again = desk.written()
    assert again.startswith("\x1b[2J")
    assert again.count("\x1b[K") == 33
    desk.resize(3)
    desk.terminal.show(PIXELS, "status")
    assert desk.written().endswith("sta\x1b[K")


def test_a_terminal_that_takes_nothing_holds_nobody_up(desk: Desk) -> None:
    """The loop goes on; when the terminal takes bytes again the newest picture comes."""
    desk.resize(128)
    pictures = [bits(noise(seed)) for seed in range(8)]
    for seed in range(40):
        desk.terminal.show(pictures[seed % 8], f"picture {seed}")
        desk.loop.run_until(desk.clock.mono_s() + 0.1)
    screen = desk.written()
    assert screen.rstrip().endswith("\x1b[33;1Hpicture 39\x1b[K")
    assert screen.count("picture") < 40
    for row, line in enumerate(render(pictures[39 % 8], 128), start=1):
        assert screen.rpartition(f"\x1b[{row};1H")[2].startswith(line)


def test_keys_come_through_the_loop(desk: Desk) -> None:
    assert desk.typed(b"\x1b[A\r") == [KeyEvent(Key.UP), KeyEvent(Key.OK)]
    assert desk.left == 0
    assert desk.typed(b"q\r") == []
    assert desk.left == 1


def test_escape_alone_is_back_after_a_moment(desk: Desk) -> None:
    """A sequence may come in pieces; an escape that nothing follows was the key."""
    assert desk.typed(b"\x1b", 0.03) == []
    assert desk.typed(b"[A", 0.03) == [KeyEvent(Key.UP)]
    assert desk.typed(b"\x1b", 0.06) == [KeyEvent(Key.BACK)]
    assert desk.typed(b"", 1.0) == []


def test_closing_gives_the_terminal_back() -> None:
    desk = Desk()
    assert termios.tcgetattr(desk.theirs) != desk.before
    desk.written()
    desk.typed(b"\x1b")
    desk.terminal.close()
    assert termios.tcgetattr(desk.theirs) == desk.before
    assert desk.written() == "\x1b[?25h\x1b[?1049l"
    assert desk.typed(b"\r", 1.0) == []
    desk.loop.close()
    os.close(desk.theirs)
    os.close(desk.ours)


def test_closing_with_bytes_waiting_leaves_the_screen_all_the_same() -> None:
    """The other end reads on, as terminals do."""
    desk = Desk(128)
    for seed in range(8):
        desk.terminal.show(bits(noise(seed)), "status")
    read = bytearray()

    def reading() -> None:
        while not read.endswith(b"\x1b[?25h\x1b[?1049l"):
            read.extend(os.read(desk.ours, 65_536))

    reader = threading.Thread(target=reading, daemon=True)
    reader.start()
    desk.terminal.close()
    reader.join(5.0)
    assert not reader.is_alive()
    desk.loop.close()
    os.close(desk.theirs)
    os.close(desk.ours)


def test_the_end_of_the_terminal_is_a_wish_to_leave() -> None:
    desk = Desk()
    os.close(desk.ours)
    desk.loop.run_until(desk.clock.mono_s() + 0.1)
    assert desk.left == 1
    desk.loop.run_until(desk.clock.mono_s() + 0.1)
    assert desk.left == 1
    desk.terminal.show(PIXELS, "status")
    assert desk.left == 2
    desk.terminal.close()
    desk.loop.close()
    os.close(desk.theirs)


def test_a_terminal_that_goes_away_with_bytes_waiting_is_a_wish_to_leave() -> None:
    """Nothing is raised into the loop."""
    desk = Desk(128)
    for seed in range(8):
        desk.terminal.show(bits(noise(seed)), "status")
    desk.loop.forget(desk.theirs)
    os.close(desk.ours)
    desk.loop.run_until(desk.clock.mono_s() + 0.1)
    assert desk.left == 1
    desk.terminal.close()
    desk.loop.close()
    os.close(desk.theirs)
