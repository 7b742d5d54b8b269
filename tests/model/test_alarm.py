"""Alarms and their names."""

from hems.model.alarm import Alarm, AlarmCode


def test_an_alarm_is_acknowledged_by_a_name_of_its_own() -> None:
    """PNL-48: one by one."""
    assert Alarm(AlarmCode.METER_SILENT, "pv").name == "meter_silent.pv"
    assert Alarm(AlarmCode.CLOCK_UNKNOWN).name == "clock_unknown"
