"""Plain values have their shapes or are refused in words."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from hems.model.plain import integer, integers, iso, mapping, number, text, time


@pytest.mark.parametrize(
    ("check", "value", "words"),
    [
        (mapping, [1], "a mapping was expected"),
        (integers, {"a": 1.5}, "a whole number was expected, not 1.5"),
        (integer, "1", "a whole number was expected, not '1'"),
        (number, None, "a number was expected, not None"),
        (text, 7, "a text was expected, not 7"),
        (time, "2026-11-24T08:00:00", "a time with its offset was expected"),
    ],
)
def test_what_is_not_of_its_shape_is_refused(
    check: Callable[[object], object], value: object, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        check(value)


def test_times_keep_their_precision() -> None:
    moment = datetime(2026, 11, 24, 8, 0, 0, 123456, tzinfo=UTC)
    assert time(iso(moment)) == moment
    assert iso(None) is None
    assert time(None) is None
