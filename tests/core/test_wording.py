"""What cannot be is said in one short sentence, with figures."""

from math import nan

import pytest

from hems.core.wording import outside, said, unknown
from hems.model.intents import Refusal
from tests.core.verdicts import flat
from tests.core.verdicts import words as words_of


def test_a_figure_is_a_number_within_its_ends() -> None:
    for good in (6, 6.0, 16, 15.999):
        assert outside(good, 6, 16, "A") is None
    for bad, words in ((5.999, "5.999"), (16.1, "16.1"), (nan, "nan"), (True, "True"), ("7", "'7'")):
        assert words_of(outside(bad, 6, 16, "A")) == f"6 to 16 A, not {words} A"
    assert words_of(outside(None, 0, 1, "")) == "0 to 1, not None"
    assert words_of(outside(True, 0, 1, "")) == "0 to 1, not True"


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
    assert flat(unknown("car", name, {"zoe": 1})) == refusal


def test_no_text_is_repeated_at_length() -> None:
    """Law 9: also where each of its characters takes ten to write."""
    assert said("x" * 99) == repr("x" * 32)
    assert len(said("\U00018cd6" * 99)) == 34
    assert said("\U00018cd6" * 99)[-1] == "'"
