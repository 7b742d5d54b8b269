"""The demo's line: what is old is not shown as now, and words fit a narrow line."""

from dataclasses import replace

from hems.demo_words import status
from hems.model.instant import Instant
from hems.model.view import BusHealth, DeviceHealth, FieldHealth, View
from tests.panel.views import HOUSE


def told(view: View, bus: str = "", device: str = "") -> str:
    """The line of a house whose wires say this."""
    wires = FieldHealth(
        {"rs485-a": BusHealth("idle", "", words=bus)}, {"grid": DeviceHealth("", words=device)}
    )
    return status(replace(view, health=replace(view.health, wires=wires)))


def test_old_powers_are_unknown() -> None:
    """Above 5 s: who looks at the line takes it for now."""
    now = HOUSE.now
    for age_s, shown in ((4.5, True), (4.7, False)):
        later = replace(HOUSE, now=Instant(now.mono_s + age_s, now.wall))
        line = told(later)
        assert ("sun --" not in line) is shown
        assert ("grid --" not in line) is shown


def test_a_house_without_a_roof_has_no_sun() -> None:
    bare = replace(
        HOUSE, installed=replace(HOUSE.installed, pv=False), balance=replace(HOUSE.balance, pv_w=0.0)
    )
    assert "sun 0 W" in told(bare)


def test_troubles_are_short_and_name_lines_and_devices() -> None:
    line = told(
        HOUSE, bus="/tmp/hems-x1/port-a: no such file or directory; ls x", device="no good answer for 5 s"
    )
    assert "  rs485-a: port-a: no such file or directory  grid: no good answer for 5 s" in line
    assert "no good answer for 5 s  longest cycle " in line, "troubles stay on a narrow terminal"
