"""What may be ordered, told apart from what may not, one sentence each."""

import pytest

from hems.core.orders import boost_fault, choices
from hems.core.rules import Rules
from hems.model.settings import Boost
from tests.core.bench import WALL
from tests.core.verdicts import words as words_of


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
        (Boost(WALL, 599_940.0), "a boost lasts 1 to 480 min, not 9999 min"),
        (Boost(WALL, 10**400), "a boost lasts 1 to 480 min, not a huge number min"),
    ],
)
def test_a_boost_has_a_time_or_an_energy(boost: object, words: str) -> None:
    assert words_of(boost_fault(boost)) == words
