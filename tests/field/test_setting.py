"""What a line can be set to: BUS-72."""

from hems.field.profiles import PROFILES
from hems.field.setting import SETTINGS, Setting, candidates, likely


def test_settings_are_written_as_installers_do() -> None:
    assert str(Setting(9600, "N", 1)) == "9600 8N1"
    assert str(Setting(38400, "E", 1, "ascii")) == "38400 8E1 ASCII"
    assert str(SETTINGS[0]) == "9600 8N1"
    assert len(SETTINGS) == len(set(SETTINGS)) == 12


def test_every_likely_setting_of_a_profile_is_searched() -> None:
    known = {str(setting) for setting in SETTINGS}
    for profile in PROFILES.values():
        assert set(likely(profile)) & known, profile.key


def test_only_who_is_able_to_is_asked_and_the_usual_ones_first() -> None:
    profiles = tuple(PROFILES.values())
    ascii_line = next(setting for setting in SETTINGS if setting.framing == "ascii")
    assert [profile.key for profile in candidates(profiles, ascii_line)] == ["abl-emh"]
    keys = [profile.key for profile in candidates(profiles, Setting(19200, "E", 1))]
    assert "gavazzi-em24" not in keys
    assert keys.index("heidelberg-energy-control") < keys.index("eastron-sdm630")
