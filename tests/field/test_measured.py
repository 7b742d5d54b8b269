"""What was found on a line, in figures and words: BUS-14, 57."""

import pytest

from hems.field.budget import Pace
from hems.field.measured import paces, read_only, words
from hems.field.profiles import PROFILES
from hems.model.view import BusHealth, DeviceHealth, FieldHealth

FOUND = DeviceHealth(
    "a",
    requests=40,
    accepted=38,
    latency_p50_ms=25.4,
    latency_p95_ms=40.5,
    latency_p99_ms=60.0,
    latency_max_ms=61.2,
    gap_ms=100.0,
    turn_ms=50.0,
)


@pytest.mark.parametrize("key", sorted(PROFILES))
def test_nothing_is_left_to_write(key: str) -> None:
    """Whatever a profile has to be told, whenever: none of it is there."""
    before, after = PROFILES[key], read_only(PROFILES)[key]
    assert (after.write, after.surplus, after.heartbeats, after.setup) == (None, None, (), ())
    assert [variant.write for variant in after.variants] == [None] * len(before.variants)
    assert (after.points, after.limits, after.serial) == (before.points, before.limits, before.serial)


def test_the_pace_is_that_of_nearly_all_answers() -> None:
    found = paces(FieldHealth(devices={"grid": FOUND, "car": DeviceHealth("a", turn_ms=20.0)}))
    assert found == {"grid": Pace(0.0405, 0.05), "car": Pace(0.02, 0.02)}


def test_a_row_for_each_line_and_device() -> None:
    silent = DeviceHealth("a", requests=3, words="has not answered yet")
    health = FieldHealth(
        {
            "a": BusHealth("idle", "9600 8N1", echo=True, exchanges=43),
            "b": BusHealth("absent", "", words="busy"),
            "c": BusHealth("absent", "", exchanges=3, words="gone"),
        },
        {"grid": FOUND, "car": silent, "pv": DeviceHealth("b")},
    )
    assert list(words(health)) == [
        "measured  a                echo, 43 exchanges",
        "measured  b                nothing could be measured: busy",
        "measured  c                no echo, 3 exchanges; gone",
        "measured  grid             half of the answers within 25 ms, 95 of 100 within 40 ms, "
        "all within 61 ms; gap 100 ms, turn 50 ms; 2 of 40 lost",
        "measured  car              no answer (has not answered yet)",
        "measured  pv               no answer",
    ]
