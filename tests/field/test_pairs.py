"""Whom a search asks, and in which order (BUS-72)."""

from hems.field.pairs import UNITS, Pair, all_pairs, likely_pairs
from hems.field.profiles import PROFILES
from hems.field.setting import SETTINGS

ALL = tuple(PROFILES.values())
ASCII = next(setting for setting in SETTINGS if setting.framing == "ascii")


def test_every_unit_of_every_setting_once() -> None:
    pairs = all_pairs(ALL, SETTINGS)
    assert len(pairs) == len({(pair.setting, pair.unit) for pair in pairs})
    assert {(pair.setting, pair.unit) for pair in pairs} >= {
        (one, unit) for one in SETTINGS for unit in UNITS
    }


def test_the_likely_ones_of_all_settings_come_first() -> None:
    pairs = all_pairs(ALL, SETTINGS[:2])
    firsts = [pair.likely for pair in pairs]
    assert firsts == sorted(firsts, reverse=True)
    assert pairs[0] == Pair(SETTINGS[0], 1, likely=True)


def test_usual_ids_and_the_makers_own() -> None:
    assert [pair.unit for pair in likely_pairs((), SETTINGS[0])] == [1, 2, 3]
    assert [pair.unit for pair in likely_pairs((), ASCII)] == [1]
    own = {unit for profile in ALL if "9600 8N1" in profile.serial.likely for unit in profile.serial.units}
    assert {pair.unit for pair in likely_pairs(ALL, SETTINGS[0])} == {1, 2, 3} | own


def test_without_those_that_are_known() -> None:
    assert not {1, 77} & {pair.unit for pair in all_pairs(ALL, SETTINGS[:1], without={1, 77})}
