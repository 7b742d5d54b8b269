"""PNL-46: a heat pump's cycles, its power, and what is behind OK."""

from dataclasses import replace
from datetime import timedelta

from hems.model.instant import Instant
from tests.panel.rich_view import RICH
from tests.panel.seen import rows
from tests.panel.test_navigator import HOME, stroke
from tests.panel.views import HOUSE, NOW, START, extreme, nothing_known


def test_cycles() -> None:
    assert rows(RICH, "heat_pump-lambda") == [
        "Heat pump     HEATING",
        "      today 2h  total",
        "Heat      4  1 12,345",
        "Water     1  0  2,210",
        "Defrost   2  0    805",
        "620 W   starts/h  0.4",
    ]
    assert rows(extreme(HOUSE), "heat_pump-a-very-long-name")[0] == "a-very-lo… CODE 65535"


def test_more_is_behind_ok() -> None:
    assert rows(RICH, "heat_pump-lambda", 1)[1:] == [
        "      today 2h  total",
        "Cool     -- --     --",
        "Starts    6  1 15,120",
        "Ran today        3:12",
        "COP today         3.5",
    ]
    here = replace(HOME, screen="heat_pump-lambda")
    levels = [stroke(keys, RICH, here)[0].spot.level for keys in ("ok", "ok ok", "ok back", "ok down")]
    assert levels == [1, 0, 0, 0]


def test_nothing_is_made_up() -> None:
    """PNL-41: unknown and stale values, the first hour of a day, a clock nobody set."""
    unknown = nothing_known(HOUSE)
    assert rows(unknown, "heat_pump-lambda")[5] == "--      starts/h   --"
    assert rows(unknown, "heat_pump-lambda", 1)[4:] == ["Ran today          --", "COP today          --"]
    for now in (replace(NOW, trusted=False), Instant(NOW.mono_s, START - timedelta(hours=14))):
        assert rows(replace(RICH, now=now), "heat_pump-lambda")[5].endswith("--")
    stale = replace(RICH, now=replace(NOW, mono_s=NOW.mono_s + 12))
    assert rows(stale, "heat_pump-lambda")[5].startswith("-- ")
