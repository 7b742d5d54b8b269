"""A display made of memory: it stands where the I2C or SPI bus stands and keeps what the wire carried.

It follows the controllers' data sheets as far as they decide which pixel is lit: addressing modes and ranges,
the direction of columns and rows, first line and offset, the number of rows, the charge pump, inverse and
all-on, contrast, on and off.
"""

import errno
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal, Protocol

COLUMNS: Final = 132
PAGES: Final = 8
WIDTH: Final = 128
HEIGHT: Final = 64
CONTROL_COMMAND: Final = 0x00
BITS_PER_BYTE: Final = 9
"""Each byte on I2C is acknowledged."""

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


TURNED: Final = bytes((1, 0, *range(2, 256)))
"""Lit becomes dark."""


class Message(Protocol):
    """One write of an I2C transaction, as bus libraries hand it over."""

    addr: int

    def __iter__(self) -> Iterator[int]:
        """The bytes after the address."""
        ...


class Glass:
    """One display at one address.

    `fails_after` lets the bus die once so many more bytes have passed (0 = at once), until it is ``None``
    again; what passed before stays in the memory. `pass_time` is told how many seconds each transaction takes
    at `bit_rate`: on a clock of a test, or by waiting.
    """

    def __init__(
        self,
        kind: Kind = "ssd1306",
        address: int = 0x3C,
        *,
        bit_rate: int = 400_000,
        pass_time: Callable[[float], None] | None = None,
    ) -> None:
        self.kind: Kind = kind
        self.address = address
        self.bit_rate = bit_rate
        self.pass_time = pass_time
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
        self._first_row = 0
        self._offset = 0
        self._rows = HEIGHT
        self._pumped = self.kind == "sh1106"
        self._inverse = False
        self._all_on = False
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
        if not (self.lit and self._pumped):
            return (bytes(WIDTH),) * HEIGHT
        first = FIRST_VISIBLE[self.kind]
        rows = []
        for page in range(PAGES):
            start = page * COLUMNS + first
            columns = bytes(self.memory[start : start + WIDTH])
            if self._mirrored:
                columns = columns[::-1]
            rows += [columns.translate(BIT[bit]) for bit in range(8)]
        return self._driven(rows)

    def _driven(self, rows: list[bytes]) -> tuple[bytes, ...]:
        """The rows as the controller drives them."""
        shift = self._first_row + self._offset
        rows = [*rows[shift % HEIGHT :], *rows[: shift % HEIGHT]]
        if self._all_on:
            rows = [b"\1" * WIDTH] * HEIGHT
        elif self._inverse:
            rows = [row.translate(TURNED) for row in rows]
        rows = [*rows[: self._rows], *[bytes(WIDTH)] * (HEIGHT - self._rows)]
        return tuple(rows[::-1] if self._upside_down else rows)

    def take(self, content: bytes, *, data: bool) -> None:
        """What has arrived: commands or picture bytes."""
        if data:
            for byte in content:
                self._store(byte)
        else:
            self._obey_all(content)

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
        if self.pass_time is not None:
            self.pass_time((len(content) + 2) * BITS_PER_BYTE / self.bit_rate)
        self.take(content, data=control != CONTROL_COMMAND)
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
        match code:
            case _ if code <= 0x0F:
                self._column = self._column & 0xF0 | code
            case _ if code <= 0x1F:
                self._column = self._column & 0x0F | (code & 0x0F) << 4
            case _ if 0xB0 <= code <= 0xB7:
                self._page = code & 0x07
            case 0xAE | 0xAF:
                self.lit = code == 0xAF
            case 0x81:
                self.contrast = values[0]
            case 0x20 | 0x21 | 0x22 | 0x8D if self.kind == "ssd1306":
                self._address(code, values)
            case _:
                self._drive(code, values)

    def _drive(self, code: int, values: bytes) -> None:
        """How rows and columns of the glass are driven."""
        match code:
            case 0xA0 | 0xA1:
                self._mirrored = code == 0xA0
            case _ if code & 0xF0 == 0xC0:
                self._upside_down = not code & 0x08
            case _ if 0x40 <= code <= 0x7F:
                self._first_row = code & 0x3F
            case 0xA4 | 0xA5:
                self._all_on = code == 0xA5
            case 0xA6 | 0xA7:
                self._inverse = code == 0xA7
            case 0xA8:
                self._rows = (values[0] & 0x3F) + 1
            case 0xD3:
                self._offset = values[0] & 0x3F

    def _address(self, code: int, values: bytes) -> None:
        if code == 0x20:
            self._mode = values[0] & 0x03
        elif code == 0x21:
            self._columns = (values[0] & 0x7F, values[1] & 0x7F)
            self._column = self._columns[0]
        elif code == 0x22:
            self._pages = (values[0] & 0x07, values[1] & 0x07)
            self._page = self._pages[0]
        elif code == 0x8D:
            self._pumped = bool(values[0] & 0x04)

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


class SpiGlass:
    """The same display on SPI: stands where the SPI device stands; a pin says what the bytes are."""

    def __init__(self, glass: Glass, data_selected: Callable[[], bool]) -> None:
        self.max_speed_hz = 0
        self._glass = glass
        self._data_selected = data_selected
        self._open = False

    def open(self, bus: int, select: int) -> None:
        """Take it."""
        self._open = True

    def writebytes(self, data: Iterable[int]) -> None:
        """One transfer; an `OSError` once it was released."""
        if not self._open:
            raise OSError(errno.EBADF, "not open")
        content = bytes(data)
        self._glass.bytes_carried += len(content)
        self._glass.take(content, data=self._data_selected())

    def close(self) -> None:
        """Release it."""
        self._open = False


def _next(value: int, first: int, last: int) -> tuple[int, bool]:
    return (first, True) if value == last else (value + 1, False)
