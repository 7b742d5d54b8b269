"""PNL-49, BUS-80: serial lines and their devices."""

from dataclasses import replace

import pytest

from hems.model.view import DeviceHealth, FieldHealth, View
from tests.panel.rich_view import RICH
from tests.panel.seen import rows
from tests.panel.test_navigator import HOME, stroke
from tests.panel.views import HOUSE, extreme, nothing_known

BUS = "bus-rs485-a-0"


def test_a_line() -> None:
    """Load, age of the last good value, errors, back-off, reaction, early requests."""
    assert rows(RICH, BUS) == [
        "Bus rs485-a      32 %",
        "grid     0.4 s     ok",
        "garage   0.6 s  2 err",
        "carport  1.2 s     ok",
        "reaction       1.30 s",
        "9600 8N1      early 0",
    ]
    assert rows(RICH, "bus-rs485-a-1")[1] == "lambda   back in 40 s"
    unknown = rows(nothing_known(HOUSE), BUS)
    assert (unknown[1], unknown[4]) == ("grid        --     --", "no port")
    assert rows(HOUSE, BUS)[4] == "reaction           --"


def test_more_than_three_devices_take_a_second_page() -> None:
    first, second = (rows(extreme(HOUSE), f"bus-a-very-long-name-{page}") for page in (0, 1))
    assert first[1:4] == ["a-very… 58 min 12kerr"] * 3
    assert second[1:4] == ["a-very… 58 min 12kerr"] * 3
    assert first[5] == "115200 8E1  early 99k"


def with_device(**health: object) -> View:
    device = replace(DeviceHealth("rs485-a"), **health)  # type: ignore[arg-type]
    wires = FieldHealth(HOUSE.health.wires.buses, {"grid": device})
    return replace(HOUSE, health=replace(HOUSE.health, wires=wires))


def test_a_device_behind_ok() -> None:
    view = with_device(
        requests=12_345,
        errors={"crc": 2, "silence": 13, "late": 1, "echo": 0},
        latency_p95_ms=41.6,
        last_good_mono_s=999.6,
        set_up=True,
    )
    assert rows(view, BUS, 1, "grid") == [
        "grid",
        "Last good       0.4 s",
        "95 % in         42 ms",
        "Requests       12,345",
        "silent 13  crc 2",
        "set up",
    ]


@pytest.mark.parametrize(
    ("health", "last_rows"),
    [
        ({}, ["no errors", "not set up yet"]),
        ({"asleep": True}, ["no errors", "asleep, no car"]),
        ({"back_off_s": 40.0, "asleep": True}, ["no errors", "back in 40 s"]),
        ({"errors": {"something_new": 3}}, ["something 3", "not set up yet"]),
    ],
)
def test_how_a_device_stands(health: dict[str, object], last_rows: list[str]) -> None:
    assert rows(with_device(**health), BUS, 1)[4:] == last_rows


@pytest.mark.parametrize(
    ("strokes", "level", "cursor"),
    [
        ("ok", 1, "grid"),
        ("ok down", 1, "garage"),
        ("ok up", 1, "carport"),
        ("ok down*3", 1, "grid"),
        ("ok down ok", 1, "garage"),
        ("ok down back", 0, ""),
    ],
)
def test_strokes_among_devices(strokes: str, level: int, cursor: str) -> None:
    spot = stroke(strokes, HOUSE, replace(HOME, screen=BUS))[0].spot
    assert (spot.level, spot.cursor) == (level, cursor)


def test_a_line_without_devices_has_no_inside() -> None:
    empty = replace(HOUSE, health=replace(HOUSE.health, wires=FieldHealth(HOUSE.health.wires.buses)))
    state, _ = stroke("ok", empty, replace(HOME, screen=BUS))
    assert state.spot.level == 0
    assert rows(empty, BUS, 1)[0] == "Bus rs485-a      32 %"
