"""The display's bus, opened: I2C or SPI, as the display's library writes to it, and the library's start-up.

Every trouble of a bus comes out as an `OSError` with words. An I2C transfer ends after 20 ms, whoever holds
the bus: the adapter is told so when it is opened.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from luma.core.error import Error as LumaError
from luma.core.interface.serial import i2c, spi
from luma.oled import device

Kind = Literal["ssd1306", "sh1106"]

I2C_RETRIES: Final = 0x0701
I2C_TIMEOUT: Final = 0x0702
"""Requests to an adapter, from the kernel's ``i2c-dev.h``."""

TIMEOUT_10_MS: Final = 2
"""How long an adapter waits for a transfer, in units of 10 ms."""

SPI_HZ: Final = 8_000_000
PAGE_ADDRESSING: Final = {"ssd1306": (0x20, 0x02), "sh1106": ()}
"""Puts both controllers into the same addressing; the SH1106 knows no other."""


class Serial(Protocol):
    """An open display. Each call is one bounded transfer; troubles are `OSError`s."""

    def command(self, *commands: int) -> None:
        """Send commands."""
        ...

    def data(self, data: list[int]) -> None:
        """Send picture bytes."""
        ...

    def cleanup(self) -> None:
        """Give the bus and its pins back."""
        ...


Connect = Callable[[], Serial]
"""Opens the display's bus; an `OSError` says why it cannot."""


class Bus(Protocol):
    """An open I2C bus as bus libraries offer it."""

    def write_i2c_block_data(self, address: int, register: int, data: list[int], /) -> None:
        """One transaction of at most 32 bytes."""
        ...


class SpiDevice(Protocol):
    """An SPI device as its library offers it."""

    max_speed_hz: int

    def open(self, bus: int, select: int) -> None:
        """Take it."""
        ...

    def writebytes(self, data: Sequence[int]) -> None:
        """One transfer."""
        ...

    def close(self) -> None:
        """Release it."""
        ...


@dataclass(frozen=True, slots=True)
class I2cPlace:
    """A display on an I2C bus, by the bus's number or an open one."""

    bus: int | Bus
    address: int = 0x3C


@dataclass(frozen=True, slots=True)
class SpiPlace:
    """A display on SPI; `data` and `reset` are GPIO numbers. `device` stands in for the machine's own."""

    bus: int
    select: int
    data: int
    reset: int | None = None
    device: SpiDevice | None = None


def connect(place: I2cPlace | SpiPlace) -> Serial:
    """Open the display's bus."""
    with told():
        return Wired(_i2c(place)) if isinstance(place, I2cPlace) else _spi(place)


@contextmanager
def told() -> Iterator[None]:
    """Turn what the libraries raise into one kind of error."""
    try:
        yield
    except (LumaError, ImportError) as error:
        raise OSError(str(error)) from error


class Wired:
    """A transport of the display's library, with what else was opened for it."""

    def __init__(self, serial: Serial, pins: "SelectPins | None" = None) -> None:
        self._serial = serial
        self._pins = pins

    def command(self, *commands: int) -> None:
        """Send commands."""
        with told():
            self._serial.command(*commands)

    def data(self, data: list[int]) -> None:
        """Send picture bytes."""
        with told():
            self._serial.data(data)

    def cleanup(self) -> None:
        """Give the bus and its pins back."""
        self._serial.cleanup()
        if self._pins is not None:
            self._pins.close()


class SelectPins:
    """The two pins that SPI needs besides its bus, as the display's library asks for them.

    Its own choice would be a library that does not work on newer kernels.
    """

    LOW: Final = 0
    HIGH: Final = 1
    OUT: Final = 0

    def __init__(self, *pins: int) -> None:
        from gpiozero import OutputDevice

        self._outputs: dict[int, OutputDevice] = {}
        try:
            for pin in pins:
                self._outputs[pin] = OutputDevice(pin)
        except Exception as error:  # the pin library's own error has no other base
            self.close()
            raise OSError(f"the display's pins cannot be driven: {error}") from error

    def setup(self, pin: int, _direction: int) -> None:
        """They are outputs from the beginning."""

    def output(self, pin: int, level: int) -> None:
        """Set one pin."""
        self._outputs[pin].value = level

    def close(self) -> None:
        """Release them."""
        for output in self._outputs.values():
            output.close()


def bound_transfers(descriptor: int) -> None:
    """Tell an I2C adapter that no transfer may take longer than 20 ms, and none is to be repeated."""
    fcntl.ioctl(descriptor, I2C_TIMEOUT, TIMEOUT_10_MS)
    fcntl.ioctl(descriptor, I2C_RETRIES, 0)


def start_up(kind: Kind) -> tuple[int, ...]:
    """The start-up of the display's library, taken down instead of sent, without its switching off.

    The library's device sends it from its constructor, together with an empty picture that is left out here.
    """
    taken: list[tuple[int, ...]] = []

    class Paper:
        """Stands where the bus stands."""

        def command(self, *commands: int) -> None:
            taken.append(commands)

        def cleanup(self) -> None:
            """Nothing to give back."""

    driver = {"ssd1306": device.ssd1306, "sh1106": device.sh1106}[kind]
    type("Taken", (driver,), {"display": lambda self, image: None})(Paper())
    return (*taken[0][1:], *PAGE_ADDRESSING[kind])


def _i2c(place: I2cPlace) -> Serial:
    """The adapter keeps what it is told for whoever opens it next."""
    if not isinstance(place.bus, int):
        opened: Serial = i2c(bus=place.bus, address=place.address)
        return opened
    descriptor = os.open(f"/dev/i2c-{place.bus}", os.O_RDWR)
    try:
        bound_transfers(descriptor)
    finally:
        os.close(descriptor)
    opened = i2c(port=place.bus, address=place.address)
    return opened


def _spi(place: SpiPlace) -> Serial:
    wired = (place.data,) if place.reset is None else (place.data, place.reset)
    pins = SelectPins(*wired)
    try:
        serial: Serial = spi(
            spi=place.device,
            gpio=pins,
            port=place.bus,
            device=place.select,
            bus_speed_hz=SPI_HZ,
            gpio_DC=place.data,
            gpio_RST=place.reset,
        )
    except BaseException:
        pins.close()
        raise
    return Wired(serial, pins)
