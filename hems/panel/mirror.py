"""The same picture and keys in a terminal.

The picture is what the display was told, as rows of bits: half blocks where the terminal is wide enough, else
braille. Without Unicode it is half blocks in plain characters, cut to the terminal's width.
"""

import os
import re
import termios
import tty
from collections.abc import Callable, Sequence
from typing import Final

from hems.model.loop import Clock, Loop, Timer
from hems.panel.keys import Key, KeyEvent, Kind

Pixels = Sequence[bytes]
"""64 rows of 128 bytes, each 0 or 1."""

HALF_BLOCKS_FROM: Final = 128
"""Columns of the terminal from which half blocks fit."""

HALVES: Final = " ▄▀█"
PLAIN_HALVES: Final = " .'#"
BRAILLE: Final = {value: chr(0x2800 + value) for value in range(256)}
BRAILLE_DOTS: Final = (
    ((0, 0), 0),
    ((1, 0), 1),
    ((2, 0), 2),
    ((0, 1), 3),
    ((1, 1), 4),
    ((2, 1), 5),
    ((3, 0), 6),
    ((3, 1), 7),
)
"""Row and column within a cell of 4 x 2, and the bit of its dot."""

TYPED: Final = {
    b"\x1b[A": KeyEvent(Key.UP),
    b"\x1b[B": KeyEvent(Key.DOWN),
    b"\x1bOA": KeyEvent(Key.UP),
    b"\x1bOB": KeyEvent(Key.DOWN),
    b"\r": KeyEvent(Key.OK),
    b"\n": KeyEvent(Key.OK),
    b"\x7f": KeyEvent(Key.BACK),
    b"\x08": KeyEvent(Key.BACK),
    b"\x1b": KeyEvent(Key.BACK),
    b"O": KeyEvent(Key.OK, Kind.HOLD),
    b"B": KeyEvent(Key.BACK, Kind.HOLD),
    b"q": None,
}
"""What the keys of a terminal mean; ``None`` leaves. Anything else means nothing."""

ONE_KEY: Final = re.compile(rb"\x1b[\[O][0-9;]*[@-~]|.", re.DOTALL)
UNFINISHED: Final = re.compile(rb"\x1b([\[O][0-9;]*)?\Z")
ESCAPE_ALONE_AFTER_S: Final = 0.05
"""An escape that nothing follows for so long was the key itself."""

READ_BYTES: Final = 256
ENTER_SCREEN: Final = "\x1b[?1049h\x1b[?25l\x1b[2J"
LEAVE_SCREEN: Final = "\x1b[?25h\x1b[?1049l"


def render(pixels: Pixels, width: int, *, unicode: bool = True) -> list[str]:
    """The picture as lines of text for a terminal of `width` columns: 32 lines, or 16 of braille."""
    if unicode and width < HALF_BLOCKS_FROM:
        return [_braille(pixels[y : y + 4]) for y in range(0, len(pixels), 4)]
    characters = dict(enumerate(HALVES if unicode else PLAIN_HALVES))
    pairs = zip(pixels[::2], pixels[1::2], strict=True)
    return [_halves(top, bottom, characters)[:width] for top, bottom in pairs]


def keys(typed: bytes) -> tuple[list[KeyEvent | None], bytes]:
    """Events in what was typed, ``None`` for leave, and an unfinished sequence that may go on."""
    unfinished = UNFINISHED.search(typed)
    rest = unfinished.group() if unfinished else b""
    whole = ONE_KEY.findall(typed.removesuffix(rest))
    return [TYPED[key] for key in whole if key in TYPED], rest


class Terminal:
    """A terminal that shows the picture on its alternate screen and reads keys through the loop.

    `keyboard` and `screen` are descriptors of a terminal; `on_leave` is called for `q` and at its end.
    """

    def __init__(
        self,
        loop: Loop,
        clock: Clock,
        keyboard: int,
        screen: int,
        on_key: Callable[[KeyEvent], None],
        on_leave: Callable[[], None],
        *,
        unicode: bool = True,
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._keyboard = keyboard
        self._screen = screen
        self._on_key = on_key
        self._on_leave = on_leave
        self._unicode = unicode
        self._before = termios.tcgetattr(keyboard)
        self._typed = b""
        self._timer: Timer | None = None
        self._lines: list[str] = []
        self._width = 0
        tty.setcbreak(keyboard)
        self._write(ENTER_SCREEN)
        loop.watch(keyboard, self._read)

    def show(self, pixels: Pixels, status: str) -> None:
        """Write the rows that changed, and one line of status below."""
        width = os.get_terminal_size(self._screen).columns
        lines = [*render(pixels, width, unicode=self._unicode), status[:width]]
        if width != self._width:
            self._width, self._lines = width, []
            self._write("\x1b[2J")
        before = self._lines or [""] * len(lines)
        changed = [
            f"\x1b[{row};1H{line}\x1b[K"
            for row, (old, line) in enumerate(zip(before, lines, strict=True), start=1)
            if old != line
        ]
        self._lines = lines
        if changed:
            self._write("".join(changed))

    def close(self) -> None:
        """Give the terminal back as it was."""
        self._forget_timer()
        self._loop.forget(self._keyboard)
        self._write(LEAVE_SCREEN)
        termios.tcsetattr(self._keyboard, termios.TCSADRAIN, self._before)

    def _read(self) -> None:
        try:
            typed = os.read(self._keyboard, READ_BYTES)
        except OSError:
            typed = b""
        if not typed:
            self._loop.forget(self._keyboard)
            self._on_leave()
            return
        self._forget_timer()
        events, self._typed = keys(self._typed + typed)
        self._pass_on(events)
        if self._typed:
            self._timer = self._loop.call_at(self._clock.mono_s() + ESCAPE_ALONE_AFTER_S, self._escape_alone)

    def _escape_alone(self) -> None:
        self._timer = None
        self._typed = b""
        self._pass_on([KeyEvent(Key.BACK)])

    def _pass_on(self, events: Sequence[KeyEvent | None]) -> None:
        for event in events:
            if event is None:
                self._on_leave()
                return
            self._on_key(event)

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _write(self, text: str) -> None:
        data = text.encode()
        while data:
            data = data[os.write(self._screen, data) :]


def _halves(top: bytes, bottom: bytes, characters: dict[int, str]) -> str:
    return _weighed(((top, 2), (bottom, 1))).translate(characters)


def _braille(rows: Pixels) -> str:
    return _weighed([(rows[y][x::2], 1 << bit) for (y, x), bit in BRAILLE_DOTS]).translate(BRAILLE)


def _weighed(parts: Sequence[tuple[bytes, int]]) -> str:
    """Rows of bits, each times its weight, added column by column; as one number no carry can arise."""
    total = sum(int.from_bytes(row, "big") * weight for row, weight in parts)
    return total.to_bytes(len(parts[0][0]), "big").decode("latin-1")
