"""The same picture and keys in a terminal.

The picture is what the display was told, as rows of bits: half blocks where the terminal is large enough,
else braille. Without Unicode it is half blocks in plain characters. Where nothing fits a line says so.
"""

import contextlib
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

WIDTH: Final = 128
FRAME_BYTES: Final = 1_024
"""Eight pages of 128 columns of eight pixels, bit 0 the upper one."""

BITS: Final = tuple(bytes(value >> bit & 1 for value in range(256)) for bit in range(8))
"""One bit of each byte, as a table to translate with."""

HALF_BLOCKS_NEED: Final = (128, 33)
BRAILLE_NEEDS: Final = (64, 17)
"""Columns and rows of the terminal, the status line among them."""

UNSIZED: Final = (80, 24)
"""Columns and rows where nobody has told the terminal its size, and it says 0."""

SILENCED: Final = [getattr(termios, name) for name in ("VSUSP", "VDSUSP", "VQUIT") if hasattr(termios, name)]
"""Characters that would stop or end the process with the alternate screen left; not every system has all."""

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

WRITE_AGAIN_AFTER_S: Final = 0.02
"""A terminal that took no more bytes is offered the rest after this time."""

READ_BYTES: Final = 256
ENTER_SCREEN: Final = "\x1b[?1049h\x1b[?25l"
CLEAR: Final = "\x1b[2J"
ERASE_LINE: Final = "\x1b[K"
"""Goes before the text: after a line as wide as the terminal it would take the last character."""

LEAVE_SCREEN: Final = "\x1b[?25h\x1b[?1049l"


def render(pixels: Pixels, status: str, columns: int, rows: int, *, unicode: bool = True) -> list[str]:
    """The lines for a terminal of this size: 32 of half blocks or 16 of braille with the status below.

    Where neither fits it is one line that says what is needed. No line is wider than the terminal.
    """
    if _fits(HALF_BLOCKS_NEED, columns, rows):
        characters = dict(enumerate(HALVES if unicode else PLAIN_HALVES))
        pairs = zip(pixels[::2], pixels[1::2], strict=True)
        lines = [*(_halves(top, bottom, characters) for top, bottom in pairs), status]
    elif unicode and _fits(BRAILLE_NEEDS, columns, rows):
        lines = [*(_braille(pixels[y : y + 4]) for y in range(0, len(pixels), 4)), status]
    else:
        needs = BRAILLE_NEEDS if unicode else HALF_BLOCKS_NEED
        lines = [f"too small: {needs[0]}x{needs[1]} needed"]
    return [line[:columns] for line in lines]


def unpaged(frame: bytes) -> Pixels:
    """The rows of a picture of `FRAME_BYTES`."""
    pages = (frame[start : start + WIDTH] for start in range(0, FRAME_BYTES, WIDTH))
    return [page.translate(bit) for page in pages for bit in BITS]


def keys(typed: bytes) -> tuple[list[KeyEvent | None], bytes]:
    """Events in what was typed, ``None`` for leave, and an unfinished sequence that may go on."""
    unfinished = UNFINISHED.search(typed)
    rest = unfinished.group() if unfinished else b""
    whole = ONE_KEY.findall(typed.removesuffix(rest))
    return [TYPED[key] for key in whole if key in TYPED], rest


class Terminal:
    """A terminal that shows the picture on its alternate screen and reads keys through the loop.

    `keyboard` and `screen` are descriptors of a terminal; `on_leave` is called for `q` and at its end. A
    terminal that takes nothing holds nobody up: while bytes wait for it, newer pictures replace each other.
    A `small` picture is of braille however large the terminal is.
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
        small: bool = False,
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._keyboard = keyboard
        self._screen = screen
        self._on_key = on_key
        self._on_leave = on_leave
        self._unicode = unicode
        self._most_columns = HALF_BLOCKS_NEED[0] - 1 if small and unicode else None
        self._before = (termios.tcgetattr(keyboard), os.get_blocking(screen))
        self._typed = b""
        self._escape: Timer | None = None
        self._lines: list[str] = []
        self._size = (0, 0)
        self._waiting = b""
        self._newest: tuple[Pixels, str] | None = None
        self._again: Timer | None = None
        _listen_key_by_key(keyboard)
        os.set_blocking(screen, False)
        self._write(ENTER_SCREEN)
        loop.watch(keyboard, self._read)

    def show(self, pixels: Pixels, status: str) -> None:
        """Write the rows that changed; after a change of size, all of them on a cleared screen."""
        if self._waiting:
            self._newest = (pixels, status)
            return
        try:
            told = os.get_terminal_size(self._screen)
        except OSError:
            self._on_leave()
            return
        columns = told.columns or UNSIZED[0]
        size = (min(columns, self._most_columns or columns), told.lines or UNSIZED[1])
        lines = render(pixels, status, *size, unicode=self._unicode)
        anew = size != self._size
        before = [""] * len(lines) if anew else self._lines
        changed = [
            f"\x1b[{row};1H{ERASE_LINE}{line}"
            for row, (old, line) in enumerate(zip(before, lines, strict=True), start=1)
            if old != line
        ]
        self._size, self._lines = size, lines
        self._write((CLEAR if anew else "") + "".join(changed))

    def close(self) -> None:
        """Give the terminal back as it was, unread keys dropped; one that is gone already needs nothing."""
        self._forget_escape()
        if self._again is not None:
            self._again.cancel()
        self._loop.forget(self._keyboard)
        attributes, blocking = self._before
        with contextlib.suppress(OSError, termios.error):
            os.set_blocking(self._screen, True)
            os.write(self._screen, self._waiting + LEAVE_SCREEN.encode())
        with contextlib.suppress(OSError, termios.error):
            os.set_blocking(self._screen, blocking)
            termios.tcsetattr(self._keyboard, termios.TCSAFLUSH, attributes)

    def _read(self) -> None:
        try:
            typed = os.read(self._keyboard, READ_BYTES)
        except OSError:
            typed = b""
        if not typed:
            self._loop.forget(self._keyboard)
            self._on_leave()
            return
        self._forget_escape()
        events, self._typed = keys(self._typed + typed)
        self._pass_on(events)
        if self._typed:
            self._escape = self._loop.call_at(self._clock.mono_s() + ESCAPE_ALONE_AFTER_S, self._escape_alone)

    def _escape_alone(self) -> None:
        self._escape = None
        self._typed = b""
        self._pass_on([KeyEvent(Key.BACK)])

    def _pass_on(self, events: Sequence[KeyEvent | None]) -> None:
        for event in events:
            if event is None:
                self._on_leave()
                return
            self._on_key(event)

    def _forget_escape(self) -> None:
        if self._escape is not None:
            self._escape.cancel()
            self._escape = None

    def _write(self, text: str) -> None:
        self._waiting += text.encode()
        self._flush()

    def _flush(self) -> None:
        self._again = None
        while self._waiting:
            try:
                self._waiting = self._waiting[os.write(self._screen, self._waiting) :]
            except BlockingIOError:
                self._again = self._loop.call_at(self._clock.mono_s() + WRITE_AGAIN_AFTER_S, self._flush)
                return
            except OSError:
                self._waiting = b""
                self._on_leave()
                return
        if self._newest is not None:
            newest, self._newest = self._newest, None
            self.show(*newest)


def _listen_key_by_key(keyboard: int) -> None:
    """No lines, no echo; of the characters that send a signal only the interrupt stays."""
    tty.setcbreak(keyboard, termios.TCSANOW)
    attributes = termios.tcgetattr(keyboard)
    disabled = bytes([os.fpathconf(keyboard, "PC_VDISABLE")])
    for character in SILENCED:
        attributes[6][character] = disabled
    termios.tcsetattr(keyboard, termios.TCSANOW, attributes)


def _fits(needs: tuple[int, int], columns: int, rows: int) -> bool:
    return columns >= needs[0] and rows >= needs[1]


def _halves(top: bytes, bottom: bytes, characters: dict[int, str]) -> str:
    return _weighed(((top, 2), (bottom, 1))).translate(characters)


def _braille(rows: Pixels) -> str:
    return _weighed([(rows[y][x::2], 1 << bit) for (y, x), bit in BRAILLE_DOTS]).translate(BRAILLE)


def _weighed(parts: Sequence[tuple[bytes, int]]) -> str:
    """Rows of bits, each times its weight, added column by column; as one number no carry can arise."""
    total = sum(int.from_bytes(row, "big") * weight for row, weight in parts)
    return total.to_bytes(len(parts[0][0]), "big").decode("latin-1")
