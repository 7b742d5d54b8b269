"""How fast the display's I2C bus is, as the kernel tells it; pure but for one file."""

from pathlib import Path
from typing import Final

from hems.model.edges import Panel

ADAPTERS: Final = Path("/sys/class/i2c-adapter")
WANTED_HZ: Final = 400_000
PAGE_BITS: Final = 135 * 9
"""A page with its address and commands; each byte is acknowledged."""

REMEDY: Final = "dtparam=i2c_arm_baudrate=400000 in config.txt"


def display_words(panel: Panel, adapters: Path = ADAPTERS) -> list[str]:
    """What there is to say of the display's bus; nothing where there is none."""
    if panel.display == "none" or panel.spi is not None:
        return []
    return [f"display  {speed_words(panel.i2c_bus, _told(adapters / f'i2c-{panel.i2c_bus}'))}"]


def speed_words(bus: int, told: bytes | None) -> str:
    """In words, from the device tree's number of 32 bits in big-endian order, ``None`` if it has none."""
    if told is None or len(told) != 4:
        return f"I2C bus {bus}: its speed is not known here; set {REMEDY}"
    hz = int.from_bytes(told, "big")
    page_ms = 1000 * PAGE_BITS / max(1, hz)
    words = f"I2C bus {bus}: {hz // 1000} kHz, {page_ms:.0f} ms for a page of eight"
    return words if hz >= WANTED_HZ else f"{words}; {WANTED_HZ // 1000} kHz is better: set {REMEDY}"


def _told(adapter: Path) -> bytes | None:
    try:
        return (adapter / "of_node" / "clock-frequency").read_bytes()
    except OSError:
        return None
