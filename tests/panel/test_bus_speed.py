"""PNL-1: what is said of the speed of the display's bus."""

from pathlib import Path

import pytest

from hems.model.edges import Panel, Spi
from hems.panel.bus_speed import display_words, speed_words


@pytest.mark.parametrize(
    ("hz", "words"),
    [
        (400_000, "I2C bus 1: 400 kHz, 3 ms for a page of eight"),
        (1_000_000, "I2C bus 1: 1000 kHz, 1 ms for a page of eight"),
        (
            100_000,
            "I2C bus 1: 100 kHz, 12 ms for a page of eight; 400 kHz is better: "
            "set dtparam=i2c_arm_baudrate=400000 in config.txt",
        ),
    ],
)
def test_speeds(hz: int, words: str) -> None:
    assert speed_words(1, hz.to_bytes(4, "big")) == words


@pytest.mark.parametrize("told", [None, b"", b"\0" * 3])
def test_an_unknown_speed_is_said(told: bytes | None) -> None:
    assert speed_words(3, told).startswith("I2C bus 3: its speed is not known here; set dtparam=")


def test_the_device_tree_is_read_where_there_is_one(tmp_path: Path) -> None:
    node = tmp_path / "i2c-1" / "of_node"
    node.mkdir(parents=True)
    (node / "clock-frequency").write_bytes((400_000).to_bytes(4, "big"))
    (row,) = display_words(Panel(display="sh1106"), tmp_path)
    assert row == "display  I2C bus 1: 400 kHz, 3 ms for a page of eight"
    (row,) = display_words(Panel(display="sh1106", i2c_bus=4), tmp_path)
    assert "not known" in row


def test_nothing_is_said_without_an_i2c_display() -> None:
    assert display_words(Panel()) == []
    assert display_words(Panel(display="sh1106", spi=Spi())) == []
