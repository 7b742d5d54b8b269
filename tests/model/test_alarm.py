"""Alarms and their names."""

from hems.model.alarm import TEXTS, Alarm, AlarmCode


def test_an_alarm_is_acknowledged_by_a_name_of_its_own() -> None:
    """PNL-48: one by one."""
    assert Alarm(AlarmCode.METER_SILENT, "pv").name == "meter_silent.pv"
    assert Alarm(AlarmCode.CLOCK_UNKNOWN).name == "clock_unknown"


def test_every_alarm_has_its_words() -> None:
    """PNL-81: at most 21 characters for what it is, at most four rows of them for what is done."""
    figures: dict[str, float | str] = {"status": "F", "line": "L2", "current_a": 228.0, "fuse_a": 200.0}
    for code in AlarmCode:
        alarm = Alarm(code, figures=figures)
        assert 0 < len(alarm.text) <= 21, alarm.text
        assert 0 < len(alarm.does) <= 84, alarm.does
    assert len({TEXTS[code].does for code in AlarmCode}) == len(AlarmCode)
