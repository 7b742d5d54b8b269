"""A display made of memory: it stands where the I2C bus stands and keeps what the wire carried.

It follows the controllers' data sheets as far as they decide which pixel is lit: addressing modes and ranges,
the direction of columns and rows, contrast, on and off.
"""

import errno
from collections.abc import Iterable, Iterator
from typing import Final, Literal, Protocol

COLUMNS: Final = 132
PAGES: Final = 8
WIDTH: Final = 128
HEIGHT: Final = 64
CONTROL_COMMAND: Final = 0x00

Kind = Literal["ssd1306", "sh1106"]

FIRST_VISIBLE: Final = {"ssd1306": 0, "sh1106": 2}
LAST_COLUMN: Final = {"ssd1306": 127, "sh1106": 131}

PARAMETERS: Final = {
    "ssd1306": {
        **dict.fromkeys((0x20, 0x81, 0x8D, 0xA8, 0xD3, 0xD5, 0xD9, 0xDA, 0xDB), 1),
        **dict.fromkeys((0x21, 0x22, 0xA3), 2),
        **dict.fromkeys((0x29, 0x2A), 5),
        **dict.fromkeys((0x26, 0x27), 6),
    },
    "sh1106": dict.fromkeys((0x81, 0xA8, 0xAD, 0xD3, 0xD5, 0xD9, 0xDA, 0xDB), 1),
}
"""Commands that are followed by parameters, and by how many (data sheets SSD1306 1.1, SH1106 2.3)."""

BIT: Final = tuple(bytes(byte >> bit & 1 for byte in range(256)) for bit in range(8))


class Message(Protocol):
    """One write of an I2C transaction, as bus libraries hand it over."""

    addr: int

    def __iter__(self) -> Iterator[int]:
        """The bytes after the address."""
        ...


class Glass:
    """One display at one address.

    `fails_after` lets the bus die once so many more bytes have passed (0 = at once), until it is ``None``
    again; what passed before stays in the memory.
    """

    def __init__(self, kind: Kind = "ssd1306", address: int = 0x3C) -> None:
        self.kind: Kind = kind
        self.address = address
        self.bytes_carried = 0
        self.fails_after: int | None = None
        self.power_cycle()

    def power_cycle(self) -> None:
        """Everything as after power on; the memory holds noise, not zeros."""
        self.memory = bytearray((37 * i) & 0xFF for i in range(COLUMNS * PAGES))
        self.lit = False
        self.contrast = 0x7F
        self._mirrored = True
        self._upside_down = True
        self._mode = 2
        self._page = 0
        self._column = 0
        self._columns = (0, LAST_COLUMN[self.kind])
        self._pages = (0, PAGES - 1)

    def write_i2c_block_data(self, address: int, register: int, data: Iterable[int]) -> None:
        """One transaction: the control byte as register, then commands or picture bytes."""
        self._transact(address, register, bytes(data))

    def i2c_rdwr(self, *messages: Message) -> None:
        """Several transactions; the first byte of each is the control byte."""
        for message in messages:
            content = bytes(message)
            self._transact(message.addr, content[0], content[1:])

    def close(self) -> None:
        """The bus handle is given back; the display keeps its picture."""

    def pixels(self) -> tuple[bytes, ...]:
        """What a person sees: 64 rows of 128 bytes, each 0 or 1; all dark while the display is off."""
        if not self.lit:
            return (bytes(WIDTH),) * HEIGHT
        first = FIRST_VISIBLE[self.kind]
        rows = []
        for page in range(PAGES):
            start = page * COLUMNS + first
            columns = bytes(self.memory[start : start + WIDTH])
            if self._mirrored:
                columns = columns[::-1]
            rows += [columns.translate(BIT[bit]) for bit in range(8)]
        return tuple(rows[::-1] if self._upside_down else rows)

    def _transact(self, address: int, control: int, content: bytes) -> None:
        if address != self.address:
            raise OSError(errno.EREMOTEIO, "no answer")
        lost = self.fails_after is not None and self.fails_after < len(content) + 2
        if lost:
            assert self.fails_after is not None
            content = content[: max(0, self.fails_after - 2)]
            self.fails_after = 0
        elif self.fails_after is not None:
            self.fails_after -= len(content) + 2
        self.bytes_carried += len(content) + 2
        if control == CONTROL_COMMAND:
            self._obey_all(content)
        else:
            for byte in content:
                self._store(byte)
        if lost:
            raise OSError(errno.EREMOTEIO, "transfer lost")

    def _obey_all(self, commands: bytes) -> None:
        i = 0
        while i < len(commands):
            code = commands[i]
            stop = i + 1 + PARAMETERS[self.kind].get(code, 0)
            if stop <= len(commands):
                self._obey(code, commands[i + 1 : stop])
            i = stop

    def _obey(self, code: int, values: bytes) -> None:
        if code <= 0x0F:
            self._column = self._column & 0xF0 | code
        elif code <= 0x1F:
            self._column = self._column & 0x0F | (code & 0x0F) << 4
        elif 0xB0 <= code <= 0xB7:
            self._page = code & 0x07
        elif code in (0xA0, 0xA1):
            self._mirrored = code == 0xA0
        elif code & 0xF0 == 0xC0:
            self._upside_down = not code & 0x08
        elif code in (0xAE, 0xAF):
            self.lit = code == 0xAF
        elif code == 0x81:
            self.contrast = values[0]
        elif self.kind == "ssd1306":
            self._address(code, values)

    def _address(self, code: int, values: bytes) -> None:
        if code == 0x20:
            self._mode = values[0] & 0x03
        elif code == 0x21:
            self._columns = (values[0] & 0x7F, values[1] & 0x7F)
            self._column = self._columns[0]
        elif code == 0x22:
            self._pages = (values[0] & 0x07, values[1] & 0x07)
            self._page = self._pages[0]

    def _store(self, byte: int) -> None:
        if self._column < COLUMNS:
            self.memory[self._page * COLUMNS + self._column] = byte
        first, last = (0, LAST_COLUMN[self.kind]) if self._mode == 2 else self._columns
        if self._mode == 1:
            self._page, wrapped = _next(self._page, *self._pages)
            if wrapped:
                self._column, _ = _next(self._column, first, last)
            return
        if self.kind == "sh1106" and self._column == last:
            return
        self._column, wrapped = _next(self._column, first, last)
        if wrapped and self._mode == 0:
            self._page, _ = _next(self._page, *self._pages)


def _next(value: int, first: int, last: int) -> tuple[int, bool]:
    return (first, True) if value == last else (value + 1, False)
