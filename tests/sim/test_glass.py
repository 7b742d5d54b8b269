"""PNL-110: the display made of memory understands what controllers understand."""

import pytest

from hems.sim.glass import HEIGHT, WIDTH, Glass, Kind, SpiGlass

ADDRESS = 0x3C
UPRIGHT = [0xA1, 0xC8, 0xAF]
PUMP = [0x8D, 0x14]


def commanded(glass: Glass, *commands: int) -> None:
    glass.write_i2c_block_data(ADDRESS, 0x00, list(commands))


def written(glass: Glass, *data: int) -> None:
    glass.write_i2c_block_data(ADDRESS, 0x40, list(data))


def upright(kind: Kind = "ssd1306") -> Glass:
    """A display that is on, with an empty memory."""
    glass = Glass(kind)
    commanded(glass, *(PUMP if kind == "ssd1306" else []), *UPRIGHT)
    for page in range(8):
        commanded(glass, 0xB0 | page, 0x00, 0x10)
        written(glass, *[0] * (128 if kind == "ssd1306" else 132))
    return glass


def lit(glass: Glass) -> list[tuple[int, int]]:
    """Column and row of every pixel that shines."""
    return [(x, y) for y, row in enumerate(glass.pixels()) for x, dot in enumerate(row) if dot]


def test_after_power_on_it_is_dark_and_its_memory_is_noise() -> None:
    glass = Glass()
    assert glass.pixels() == (bytes(WIDTH),) * HEIGHT
    commanded(glass, *PUMP, 0xAF)
    assert 1000 < len(lit(glass)) < 7000


@pytest.mark.parametrize(("kind", "offset"), [("ssd1306", 0), ("sh1106", 2)])
def test_page_addressing(kind: Kind, offset: int) -> None:
    """The lowest bit of a byte is its topmost row; the SH1106 begins with its third column."""
    glass = upright(kind)
    column = 20 + offset
    commanded(glass, 0xB2, column & 15, 0x10 | column >> 4)
    written(glass, 0x01, 0x80)
    assert lit(glass) == [(20, 16), (21, 23)]


def test_horizontal_addressing_keeps_to_its_window() -> None:
    glass = upright()
    commanded(glass, 0x20, 0x00, 0x21, 10, 11, 0x22, 1, 2)
    written(glass, 1, 1, 1, 1, 2)
    assert lit(glass) == [(11, 8), (10, 9), (10, 16), (11, 16)]


def test_vertical_addressing_goes_down_first() -> None:
    glass = upright()
    commanded(glass, 0x20, 0x01, 0x21, 10, 11, 0x22, 1, 2)
    written(glass, 1, 1, 1)
    assert lit(glass) == [(10, 8), (11, 8), (10, 16)]


def test_in_page_addressing_an_ssd1306_begins_again_and_an_sh1106_stays() -> None:
    ssd1306, sh1106 = upright("ssd1306"), upright("sh1106")
    for glass, last in ((ssd1306, 127), (sh1106, 131)):
        commanded(glass, 0xB0, last & 15, 0x10 | last >> 4)
        written(glass, 1, 2)
    assert lit(ssd1306) == [(127, 0), (0, 1)]
    assert lit(sh1106) == []
    assert sh1106.memory[131] == 2


def test_a_column_that_is_not_there_keeps_nothing() -> None:
    glass = upright("sh1106")
    commanded(glass, 0xB0, 0x0F, 0x18)
    written(glass, 1)
    assert lit(glass) == []


def test_directions_of_columns_and_rows() -> None:
    """A start-up that forgets them shows the picture turned."""
    glass = upright()
    commanded(glass, 0xB0, 0x00, 0x10)
    written(glass, 0x01)
    commanded(glass, 0xA0)
    assert lit(glass) == [(127, 0)]
    commanded(glass, 0xC0)
    assert lit(glass) == [(127, 63)]


def test_on_off_and_contrast() -> None:
    glass = upright()
    commanded(glass, 0x81, 0x19)
    assert glass.contrast == 0x19
    commanded(glass, 0xAE)
    assert not glass.lit


@pytest.mark.parametrize("kind", ["ssd1306", "sh1106"])
def test_parameters_are_not_taken_for_commands(kind: Kind) -> None:
    glass = upright(kind)
    commanded(glass, 0xA8, 0xAE, 0xD3, 0xAE, 0xD5, 0xAE, 0xD9, 0xAE, 0xDA, 0xAE, 0xDB, 0xAE)
    assert glass.lit


def test_a_command_without_its_parameter_is_not_obeyed() -> None:
    glass = upright()
    commanded(glass, 0x81)
    assert glass.contrast == 0x7F


def test_nobody_answers_at_another_address() -> None:
    glass = Glass(address=0x3D)
    with pytest.raises(OSError, match="no answer"):
        commanded(glass, 0xAF)
    assert glass.bytes_carried == 0


def test_every_byte_on_the_wire_is_counted() -> None:
    """PNL-110: address and control byte included."""
    glass = upright()
    before = glass.bytes_carried
    commanded(glass, 0xB0, 0x00, 0x10)
    written(glass, *range(32))
    assert glass.bytes_carried - before == 5 + 34


def test_a_transfer_that_breaks_off_leaves_what_passed() -> None:
    glass = upright()
    commanded(glass, 0xB0, 0x00, 0x10)
    glass.fails_after = 4
    with pytest.raises(OSError, match="lost"):
        written(glass, 1, 1, 1, 1)
    assert lit(glass) == [(0, 0), (1, 0)]
    with pytest.raises(OSError, match="lost"):
        commanded(glass, 0xAE)
    glass.fails_after = None
    written(glass, 1)
    assert glass.lit


def test_a_failure_comes_after_as_many_bytes_as_said() -> None:
    glass = upright()
    glass.fails_after = 8
    commanded(glass, 0xB0, 0x00, 0x10)
    with pytest.raises(OSError, match="lost"):
        written(glass, 1, 1)


class Message(list[int]):
    """A write as bus libraries hand it over."""

    addr = ADDRESS


def test_long_transactions() -> None:
    glass = upright()
    glass.i2c_rdwr(Message([0x00, 0xB0, 0x00, 0x10]), Message([0x40, *[1] * 128]))
    glass.close()
    assert lit(glass) == [(x, 0) for x in range(128)]


def test_power_lost_and_back() -> None:
    glass = upright()
    glass.power_cycle()
    assert not glass.lit
    commanded(glass, *PUMP, *UPRIGHT)
    assert lit(glass) != []


def test_what_a_start_up_decides() -> None:
    """PNL-110: without its charge pump it is dark; first line, offset, rows, inverse and all-on are seen."""
    glass = Glass()
    commanded(glass, *UPRIGHT)
    assert lit(glass) == []
    glass = upright()
    written(glass, *[0] * 128)
    commanded(glass, 0xB0, 0x00, 0x10)
    written(glass, 0x04)
    assert lit(glass) == [(0, 2)]
    commanded(glass, 0x41)
    assert lit(glass) == [(0, 1)]
    commanded(glass, 0xD3, 0x01)
    assert lit(glass) == [(0, 0)]
    commanded(glass, 0x40, 0xD3, 0x00, 0xA7)
    assert len(lit(glass)) == 128 * 64 - 1
    commanded(glass, 0xA5)
    assert len(lit(glass)) == 128 * 64
    commanded(glass, 0xA8, 0x1F)
    assert len(lit(glass)) == 128 * 32


def test_a_transaction_takes_its_time_on_the_wire() -> None:
    """PNL-110: nine bits a byte."""
    passed_s: list[float] = []
    glass = Glass(bit_rate=100_000, pass_time=passed_s.append)
    commanded(glass, 0xAF)
    assert passed_s == [pytest.approx(3 * 9 / 100_000)]


def test_the_same_display_on_spi() -> None:
    """PNL-110: a pin says whether bytes are commands; nothing is sent once it was released."""
    glass = Glass()
    selected = False
    spi = SpiGlass(glass, lambda: selected)
    spi.open(0, 0)
    spi.writebytes([0x8D, 0x14, *UPRIGHT, 0xB0, 0x00, 0x10])
    selected = True
    spi.writebytes([0xFF] * 4)
    assert glass.memory[:4] == b"\xff" * 4
    assert glass.lit
    spi.close()
    with pytest.raises(OSError, match="not open"):
        spi.writebytes([0])
