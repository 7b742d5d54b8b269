"""PNL-41, 47, 49: lines and battery."""

from dataclasses import replace

import pytest

from hems.model.decision import Dim
from hems.model.snapshot import BatteryReading, MeterReading
from hems.model.view import View
from hems.panel.layout import Gauge
from hems.panel.navigator import State
from hems.panel.pages import page
from tests.panel.rich_view import RICH
from tests.panel.seen import rows
from tests.panel.views import HOUSE, NOW, nothing_known


def limited(dim: Dim | None, imbalance_a: float | None) -> View:
    return replace(
        HOUSE,
        decision=replace(HOUSE.decision, dim=dim),
        installed=replace(HOUSE.installed, imbalance_a=imbalance_a),
    )


def gauges(view: View) -> list[float | None]:
    shapes = page(State(NOW.mono_s, "lines"), view, view.now).shapes
    return [shape.share for shape in shapes if isinstance(shape, Gauge)]


def test_lines() -> None:
    assert rows(limited(Dim(False, 4200.0), None), "lines") == [
        "Lines       fuse 25 A",
        "L1              9.4 A",
        "L2             21.8 A",
        "L3             -3.1 A",
        "least room L2   3.2 A",
        "operator limit    off",
    ]
    assert gauges(HOUSE) == [pytest.approx(share) for share in (0.376, 0.872, 0.124)]


@pytest.mark.parametrize(
    ("dim", "imbalance_a", "row"),
    [
        (None, None, ""),
        (None, 20.0, "uneven lines  25/20 A"),
        (Dim(False, 4200.0), 20.0, "uneven lines  25/20 A"),
        (Dim(True, 4200.0), 20.0, "operator limit 4.20kW"),
        (Dim(True, 12_345.0), None, "operator limit 12.3kW"),
    ],
)
def test_the_limit_in_force(dim: Dim | None, imbalance_a: float | None, row: str) -> None:
    assert rows(limited(dim, imbalance_a), "lines")[5] == row


def test_currents_that_are_old_or_unknown() -> None:
    """PNL-41: an age from 3 s on, nothing once they are stale."""
    old = replace(HOUSE, now=replace(NOW, mono_s=NOW.mono_s + 8))
    assert rows(old, "lines")[0] == "Lines         8 s old"
    for view in (
        nothing_known(limited(None, 20.0)),
        replace(HOUSE, now=replace(NOW, mono_s=NOW.mono_s + 13)),
    ):
        shown = [row.split() for row in rows(view, "lines")]
        assert shown[1:5] == [["L1", "--"], ["L2", "--"], ["L3", "--"], ["least", "room", "--"]]
        assert gauges(view) == [None, None, None]
    assert rows(nothing_known(limited(None, 20.0)), "lines")[5] == "uneven lines  --/20 A"


def test_fuses_may_differ_and_room_may_be_wanting() -> None:
    view = replace(
        HOUSE,
        installed=replace(HOUSE.installed, main_fuse_a=(25.0, 35.0, 200.0)),
        snapshot=replace(HOUSE.snapshot, grid=MeterReading(999.6, 0.0, line_a=(180.0, 1.0, 1.0))),
    )
    shown = rows(view, "lines")
    assert (shown[0], shown[4]) == ("Lines     25/35/200 A", "least room L1  -155 A")


def test_battery() -> None:
    assert rows(RICH, "battery") == [
        "Battery",
        "",
        "                gives",
        "       62%    1.20 kW",
        "today in 4.1 out 3.2",
        "car first above  70 %",
    ]


def battery(reading: BatteryReading | None, battery_w: float | None, **installed: float) -> View:
    return replace(
        RICH,
        snapshot=replace(RICH.snapshot, battery=reading),
        balance=replace(RICH.balance, battery_w=battery_w),
        installed=replace(RICH.installed, **installed),  # type: ignore[arg-type]
        counters={},
    )


@pytest.mark.parametrize(
    ("view", "second", "third", "last"),
    [
        (battery(None, None), "", "        --%        --", "car first above  70 %"),
        (
            battery(BatteryReading(999.0, 0.0), 0.0, car_first_pct=100.0, battery_first_pct=30.0),
            "                rests",
            "        --%        0 W",
            "car waits below 30 %",
        ),
        (
            battery(BatteryReading(980.0, 0.0, 50.0), -900.0, car_first_pct=100.0),
            "                takes",
            "        --%      900 W",
            "",
        ),
    ],
)
def test_a_battery_of_which_less_is_known(view: View, second: str, third: str, last: str) -> None:
    shown = rows(view, "battery")
    assert (shown[2], shown[3].split(), shown[5]) == (second, third.split(), last)
    assert shown[4] == "today in -- out --"


def test_the_age_of_an_old_level() -> None:
    """PNL-41."""
    assert rows(battery(BatteryReading(993.0, 0.0, 50.0), 0.0), "battery")[0] == "Battery       7 s old"
