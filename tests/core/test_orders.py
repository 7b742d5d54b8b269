"""What may be ordered, told apart from what may not, one sentence each."""

from math import nan

import pytest

from hems.core.orders import boost_fault, choices, outside, said, unknown
from hems.core.rules import Rules
from hems.model.intents import Refusal
from hems.model.settings import Boost
from tests.core.bench import WALL


def test_a_figure_is_a_number_within_its_ends() -> None:
    for good in (6, 6.0, 16, 15.999):
        assert outside(good, 6, 16, "A") == ""
    for bad, words in ((5.999, "5.999"), (16.1, "16.1"), (nan, "nan"), (True, "True"), ("7", "'7'")):
        assert outside(bad, 6, 16, "A") == f"6 to 16 A, not {words} A"
    assert outside(None, 0, 1, "") == "0 to 1, not None"
    assert outside(True, 0, 1, "") == "0 to 1, not True"


def test_what_is_repeated_is_short() -> None:
    assert said("x" * 1_000) == repr("x" * 32)
    assert said(10**5_000) == "a huge number"
    assert said(-(10**14)) == "-100000000000000"
    assert said([1] * 1_000) == "a list"
    assert said(1e300) == "1e+300"


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        (None, Refusal("missing", "no car is named")),
        ("", Refusal("missing", "no car is named")),
        ([], Refusal("unknown_name", "there is no car a list; known: zoe")),
        ("bus", Refusal("unknown_name", "there is no car 'bus'; known: zoe")),
        ("zoe", None),
    ],
)
def test_a_name_is_known_missing_or_unknown(name: object, refusal: Refusal | None) -> None:
    assert unknown("car", name, {"zoe": 1}) == refusal


def test_the_figures_that_may_be_changed() -> None:
    """API-107: a limit of the lines reaches up to the largest fuse."""
    rows = choices(Rules((16.0, 35.0, 25.0)))
    assert [(row.name, row.least, row.most, row.none) for row in rows.values()] == [
        ("acquisition_tolerance", 0, 1, False),
        ("battery_level_consideration", 0, 1, False),
        ("line_limit_a", 6, 35.0, True),
    ]
    assert all(row.text for row in rows.values())


@pytest.mark.parametrize(
    ("boost", "words"),
    [
        (None, ""),
        (Boost(WALL, 60.0), ""),
        (Boost(None, None, 1_000.0), ""),
        (Boost(WALL), "a boost needs a time or an energy"),
        (Boost(WALL.replace(tzinfo=None), 60.0), "boost: the time lacks its offset from UTC"),
        ("now", "'now' is no boost"),
    ],
)
def test_a_boost_has_a_time_or_an_energy(boost: object, words: str) -> None:
    assert boost_fault(boost) == words


def test_no_text_is_repeated_at_length() -> None:
    """Law 9: also where each of its characters takes ten to write."""
    assert said("x" * 99) == repr("x" * 32)
    assert len(said("\U00018cd6" * 99)) == 34
    assert said("\U00018cd6" * 99)[-1] == "'"
