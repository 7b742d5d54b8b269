"""What a serial line can be set to, and who may speak at it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from hems.field.profile import Framing, Profile
from hems.model.site import Baud


@dataclass(frozen=True, slots=True)
class Setting:
    """What a line can be set to."""

    baud: Baud
    parity: Literal["N", "E", "O"]
    stop_bits: Literal[1, 2]
    framing: Framing = "rtu"

    def __str__(self) -> str:
        """As installers write it, ``9600 8N1``."""
        ascii_mode = " ASCII" if self.framing == "ascii" else ""
        return f"{self.baud} 8{self.parity}{self.stop_bits}{ascii_mode}"


SETTINGS: Final = (
    Setting(9600, "N", 1),
    Setting(9600, "E", 1),
    Setting(19200, "E", 1),
    Setting(19200, "N", 1),
    Setting(38400, "N", 1),
    Setting(57600, "N", 2),
    Setting(57600, "N", 1),
    Setting(115200, "N", 1),
    Setting(38400, "E", 1, "ascii"),
    Setting(2400, "N", 1),
    Setting(4800, "N", 1),
    Setting(1200, "N", 1),
)
"""The likeliest first."""


def candidates(profiles: Sequence[Profile], setting: Setting) -> tuple[Profile, ...]:
    """The profiles that may speak at a setting, those for which it is usual first."""
    able = [profile for profile in profiles if _able(profile, setting)]
    return tuple(sorted(able, key=lambda profile: str(setting) not in likely(profile)))


def likely(profile: Profile) -> tuple[str, ...]:
    """The settings a product is likely to have, as installers write them, the factory's first."""
    ascii_mode = " ASCII" if profile.serial.framing == "ascii" else ""
    return tuple(text + ascii_mode for text in profile.serial.likely)


def _able(profile: Profile, setting: Setting) -> bool:
    serial = profile.serial
    speeds = not serial.bauds or setting.baud in serial.bauds
    framings = not serial.framings or f"8{setting.parity}{setting.stop_bits}" in serial.framings
    return speeds and framings and serial.framing == setting.framing
