"""Digits that are set one by one (PNL-61)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.panel.digits import backward, first, onward, turned


@pytest.mark.parametrize(
    ("text", "places"), [("0000", [0, 1, 2, 3]), ("2026-03", [0, 1, 2, 3, 5, 6]), ("-1.2/3", [1, 3, 5])]
)
def test_the_cursor_stands_at_digits_only(text: str, places: list[int]) -> None:
    there, at = [first(text)], onward(text, first(text))
    while at is not None:
        there.append(at)
        at = onward(text, at)
    assert there == places
    assert [backward(text, at) for at in places] == [None, *places[:-1]]


@given(st.from_regex(r"[0-9./:-]{0,8}[0-9][0-9./:-]{0,8}", fullmatch=True), st.sampled_from([1, -1]))
def test_a_digit_turns_and_everything_else_stays(text: str, step: int) -> None:
    at = first(text)
    new = turned(text, at, step)
    assert turned(new, at, -step) == text
    assert (new[:at], new[at + 1 :], new[at].isdecimal()) == (text[:at], text[at + 1 :], True)


def test_digits_wrap() -> None:
    assert (turned("9", 0, 1), turned("0", 0, -1)) == ("0", "9")
