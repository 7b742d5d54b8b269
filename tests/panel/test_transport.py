"""PNL-1, 2, 12: the display's bus as it is opened, and what the library starts it with."""

import fcntl
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory
from PIL import Image

from hems.clock import ManualClock
from hems.panel import transport
from hems.panel.oled import Oled
from hems.panel.transport import I2cPlace, SpiPlace, bound_transfers, connect, start_up
from hems.reactor import Reactor
from hems.sim.glass import Glass, Kind, SpiGlass
from tests.panel.pictures import bits, noise
from tests.panel.views import START

DATA, RESET = 24, 25


@pytest.fixture
def factory() -> Iterator[MockFactory]:
    before = Device.pin_factory
    made = Device.pin_factory = MockFactory()
    yield made
    made.reset()
    Device.pin_factory = before


@pytest.mark.parametrize("kind", ["ssd1306", "sh1106"])
def test_the_start_up_never_blanks(kind: Kind) -> None:
    """PNL-13: neither off nor the empty picture of the library."""
    glass = Glass(kind)
    glass.write_i2c_block_data(0x3C, 0x00, [0x8D, 0x14, 0xAF])
    memory = bytes(glass.memory)
    glass.write_i2c_block_data(0x3C, 0x00, start_up(kind))
    assert glass.lit
    assert bytes(glass.memory) == memory


@pytest.mark.parametrize("kind", ["ssd1306", "sh1106"])
def test_a_display_on_spi_shows_what_was_drawn(factory: MockFactory, kind: Kind) -> None:
    """PNL-1, 2: with our own pins; the display is reset when its bus is opened, and given back at the end."""
    glass = Glass(kind)
    edges: list[bool] = []
    reset = factory.pin(RESET)
    reset.when_changed = lambda _, state: edges.append(state)
    spi = SpiGlass(glass, lambda: bool(factory.pin(DATA).state))
    clock = ManualClock(START)
    loop = Reactor(clock)
    oled = Oled(loop, clock, kind, partial(connect, SpiPlace(0, 0, DATA, RESET, spi)))
    oled.show(noise(4))
    loop.run_until(clock.mono_s() + 1)
    assert glass.pixels() == bits(noise(4))
    assert spi.max_speed_hz == transport.SPI_HZ
    oled.close()
    assert not glass.lit
    again = connect(SpiPlace(0, 0, DATA, None, spi))
    again.cleanup()
    loop.close()


def test_a_pin_of_spi_that_is_taken_is_a_trouble_of_the_bus(factory: MockFactory) -> None:
    """PNL-5, 12: nothing stays open."""
    spi = SpiGlass(Glass(), lambda: False)
    with pytest.raises(OSError, match="pins cannot be driven"):
        connect(SpiPlace(0, 0, DATA, DATA, spi))
    connect(SpiPlace(0, 0, DATA, RESET, spi)).cleanup()


def test_spi_without_its_library_or_device_is_a_trouble_of_the_bus(
    factory: MockFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PNL-5, 12."""
    monkeypatch.setitem(__import__("sys").modules, "spidev", None)
    with pytest.raises(OSError, match="spidev"):
        connect(SpiPlace(0, 0, DATA))
    connect(SpiPlace(0, 0, DATA, None, SpiGlass(Glass(), lambda: False))).cleanup()


def test_an_adapter_is_told_to_give_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """PNL-12: 20 ms, no repeats, before the library opens it."""
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(fcntl, "ioctl", lambda _, request, value: told.append((request, value)))
    bound_transfers(7)
    assert told == [(0x0702, 2), (0x0701, 0)]


def test_an_i2c_bus_by_number_sends_whole_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """PNL-2, 12: the adapter is bounded, the library opens the bus and takes a page in one transaction."""
    glass = Glass()
    happened: list[str] = []

    def opening(port: int) -> Glass:
        happened.append(f"open {port}")
        return glass

    really = os.open

    def open_file(path: str, flags: int, *rest: int) -> int:
        return really("/dev/null" if path == "/dev/i2c-1" else path, flags, *rest)

    monkeypatch.setattr(os, "open", open_file)
    monkeypatch.setattr(transport, "bound_transfers", lambda _: happened.append("bound"))
    monkeypatch.setattr("smbus2.SMBus", opening)
    clock = ManualClock(START)
    loop = Reactor(clock)
    oled = Oled(loop, clock, "ssd1306", partial(connect, I2cPlace(1)))
    oled.show(Image.new("1", (128, 64), 0))
    loop.run_until(clock.mono_s() + 1)
    assert happened == ["bound", "open 1"]
    before = glass.bytes_carried
    oled.show(Image.new("1", (128, 64), 1))
    loop.run_until(clock.mono_s() + 1)
    assert glass.pixels() == (b"\1" * 128,) * 64
    assert glass.bytes_carried - before == 8 * (5 + 2 + 128)
    oled.close()
    loop.close()


def test_a_bus_that_is_not_there_says_so(tmp_path: Path) -> None:
    """PNL-12: in one kind of error."""
    with pytest.raises(OSError, match="i2c-250"):
        connect(I2cPlace(250))


def test_a_display_that_does_not_answer_is_one_kind_of_error() -> None:
    """PNL-12: the library's own errors are told as the bus's."""
    serial = connect(I2cPlace(Glass(address=0x3D)))
    with pytest.raises(OSError, match="0x3C"):
        serial.command(0xAF)
    with pytest.raises(OSError, match="no answer"):
        serial.data([1])
