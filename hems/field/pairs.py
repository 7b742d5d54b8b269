"""Whom a search asks, and in which order: unit ids at settings of a line, the likeliest first. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from hems.field.profile import Profile
from hems.field.setting import Setting, likely

UNITS: Final = range(1, 248)
USUAL_UNITS: Final = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Pair:
    """A unit id at a setting; `likely` ones are asked in more than one way."""

    setting: Setting
    unit: int
    likely: bool


def all_pairs(
    profiles: Sequence[Profile], settings: Sequence[Setting], without: Collection[int] = ()
) -> tuple[Pair, ...]:
    """All units at these settings, the likely ones of each setting first."""
    pairs = [pair for setting in settings for pair in likely_pairs(profiles, setting)]
    pairs += [pair for setting in settings for pair in rest_of(pairs, setting)]
    return tuple(pair for pair in pairs if pair.unit not in without)


def likely_pairs(profiles: Sequence[Profile], setting: Setting) -> tuple[Pair, ...]:
    """The usual unit ids and those which makers give at this setting."""
    makers = [
        unit for profile in profiles if str(setting) in likely(profile) for unit in profile.serial.units
    ]
    usual = USUAL_UNITS if setting.framing == "rtu" else USUAL_UNITS[:1]
    return tuple(Pair(setting, unit, likely=True) for unit in dict.fromkeys((*usual, *makers)))


def rest_of(asked: Sequence[Pair], setting: Setting) -> list[Pair]:
    """The units of a setting that are not among these pairs."""
    known = {pair.unit for pair in asked if pair.setting == setting}
    return [Pair(setting, unit, likely=False) for unit in UNITS if unit not in known]
