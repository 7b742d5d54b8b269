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
from hems.panel.mirror import Terminal, keys, render, unpaged
from hems.reactor import Reactor
from tests.panel.pictures import bits, noise
from tests.panel.views import START

PIXELS = bits(noise(3))


def test_half_blocks_where_they_fit() -> None:
    """128 x 32 cells."""
    *lines, status = render(PIXELS, "status", 128, 33)
    assert status == "status"
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


@pytest.mark.parametrize(("columns", "rows"), [(64, 17), (127, 60), (200, 32)])
def test_braille_where_half_blocks_do_not_fit(columns: int, rows: int) -> None:
    """64 x 16 cells; too narrow or too low for half blocks."""
    *lines, status = render(PIXELS, "status", columns, rows)
    assert status == "status"
    assert [len(line) for line in lines] == [64] * 16
    for y, line in enumerate(lines):
        for x, character in enumerate(line):
            dots = sum(bit for dy, dx, bit in DOTS if PIXELS[4 * y + dy][2 * x + dx])
            assert ord(character) == 0x2800 + dots


def test_pages_of_columns_become_rows() -> None:
    """API-113: bit 0 is the upper pixel of eight."""
    frame = bytes(
        sum(PIXELS[8 * page + bit][x] << bit for bit in range(8)) for page in range(8) for x in range(128)
    )
    assert tuple(unpaged(frame)) == PIXELS


def test_without_unicode_plain_characters() -> None:
    *lines, status = render(PIXELS, "status", 128, 33, unicode=False)
    assert status == "status"
    assert [len(line) for line in lines] == [128] * 32
    assert "".join(lines).isascii()
    assert {lines[0][x] for x in range(128) if PIXELS[0][x] and PIXELS[1][x]} == {"#"}


@pytest.mark.parametrize(
    ("columns", "rows", "unicode", "said"),
    [
        (60, 15, True, "too small: 64x17 needed"),
        (63, 40, True, "too small: 64x17 needed"),
        (200, 16, True, "too small: 64x17 needed"),
        (127, 40, False, "too small: 128x33 needed"),
        (200, 32, False, "too small: 128x33 needed"),
        (11, 3, True, "too small: "),
    ],
)
def test_where_nothing_fits_one_line_says_what_is_needed(
    columns: int, rows: int, unicode: bool, said: str
) -> None:
    assert render(PIXELS, "status", columns, rows, unicode=unicode) == [said]


@pytest.mark.parametrize(("columns", "rows"), [(128, 33), (64, 17)])
def test_the_status_is_cut_at_its_end(columns: int, rows: int) -> None:
    status = "".join(chr(ord("a") + place % 26) for place in range(columns))
    assert render(PIXELS, status + "tail", columns, rows)[-1] == status


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

    def __init__(self, columns: int = 80, rows: int = 40) -> None:
        self.ours, self.theirs = pty.openpty()
        self.resize(columns, rows)
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

    def resize(self, columns: int, rows: int = 40) -> None:
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

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
    assert "\x1b[1;1H\x1b[K" + render(PIXELS, "", 80, 40)[0] in first
    assert first.endswith("\x1b[17;1H\x1b[K14:32")
    desk.terminal.show(PIXELS, "14:32")
    assert desk.written() == ""
    desk.terminal.show((*PIXELS[:4], bytes(128), *PIXELS[5:]), "14:33")
    changed = desk.written()
    assert changed.startswith("\x1b[2;1H")
    assert changed.count("\x1b[K") == 2


@pytest.mark.parametrize(
    ("columns", "rows", "lines"), [(140, 40, 33), (81, 40, 17), (80, 39, 17), (80, 16, 1), (0, 0, 17)]
)
def test_another_size_is_drawn_anew(desk: Desk, columns: int, rows: int, lines: int) -> None:
    """Another height alone too: what the terminal pushed away or pulled in is not the picture."""
    desk.terminal.show(PIXELS, "status")
    desk.written()
    desk.resize(columns, rows)
    desk.terminal.show(PIXELS, "status")
    again = desk.written()
    assert again.startswith("\x1b[2J\x1b[1;1H")
    assert again.count("\x1b[K") == lines


def test_a_small_picture_in_a_large_terminal(desk: Desk) -> None:
    """Not without Unicode: there is no small one then."""
    desk.resize(200, 50)
    desk.written()
    for unicode, lines in ((True, 17), (False, 33)):
        terminal = Terminal(
            desk.loop,
            desk.clock,
            desk.theirs,
            desk.theirs,
            desk.events.append,
            desk.leave,
            unicode=unicode,
            small=True,
        )
        desk.written()
        terminal.show(PIXELS, "status")
        assert desk.written().count("\x1b[K") == lines
        terminal.close()


def test_a_terminal_too_small_shows_what_is_needed_and_nothing_else(desk: Desk) -> None:
    desk.written()
    desk.resize(60, 15)
    desk.terminal.show(PIXELS, "status")
    assert desk.written() == "\x1b[2J\x1b[1;1H\x1b[Ktoo small: 64x17 needed"
    desk.terminal.show(bits(noise(4)), "another status")
    assert desk.written() == ""


def test_a_terminal_nobody_has_sized_counts_as_80_x_24(desk: Desk) -> None:
    desk.written()
    desk.resize(0, 0)
    desk.terminal.show(PIXELS, "s" * 81)
    screen = desk.written()
    assert screen.count("\x1b[K") == 17
    assert screen.endswith("\x1b[17;1H\x1b[K" + "s" * 80)
    desk.resize(80, 24)
    desk.terminal.show(PIXELS, "s" * 81)
    assert desk.written() == ""


def test_a_line_as_wide_as_the_terminal_keeps_its_last_character(desk: Desk) -> None:
    """Past the last column the cursor stays on it, so nothing is erased after the text."""
    desk.written()
    desk.resize(64, 17)
    desk.terminal.show(PIXELS, "s" * 70)
    assert desk.written().endswith("\x1b[17;1H\x1b[K" + "s" * 64)


def test_a_terminal_that_takes_nothing_holds_nobody_up(desk: Desk) -> None:
    """The loop goes on; when the terminal takes bytes again the newest picture comes."""
    desk.resize(128)
    pictures = [bits(noise(seed)) for seed in range(8)]
    for seed in range(40):
        desk.terminal.show(pictures[seed % 8], f"picture {seed}")
        desk.loop.run_until(desk.clock.mono_s() + 0.1)
    screen = desk.written()
    assert screen.endswith("\x1b[33;1H\x1b[Kpicture 39")
    assert screen.count("picture") < 40
    for row, line in enumerate(render(pictures[39 % 8], "picture 39", 128, 40), start=1):
        assert screen.rpartition(f"\x1b[{row};1H\x1b[K")[2].startswith(line)


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


def test_suspend_and_quit_are_keys_without_meaning(desk: Desk) -> None:
    """A process stopped by one would leave the alternate screen behind; the interrupt stays one."""
    os.write(desk.ours, b"\x1a\x1c")
    assert select.select([desk.theirs], [], [], 1.0)[0]
    assert os.read(desk.theirs, 16) == b"\x1a\x1c"
    os.write(desk.ours, b"\x03x")
    assert select.select([desk.theirs], [], [], 1.0)[0]
    assert os.read(desk.theirs, 16) == b"x"
    assert desk.typed(b"\x1a\x1c", 1.0) == []


def test_keys_nobody_read_are_not_left_to_the_shell() -> None:
    desk = Desk()
    os.write(desk.ours, b"\x1b[Aqqq\r")
    assert select.select([desk.theirs], [], [], 1.0)[0]
    desk.terminal.close()
    assert not select.select([desk.theirs], [], [], 0.05)[0]
    desk.loop.close()
    os.close(desk.theirs)
    os.close(desk.ours)


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
