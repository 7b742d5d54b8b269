"""PNL-41, 82, 83: figures as people read them."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.panel.format import (
    age,
    ampere,
    count,
    current,
    date,
    energy,
    power,
    power_parts,
    shortened,
    time_of_day,
    wrapped,
)
from tests.panel.views import NOW


@pytest.mark.parametrize(
    ("watts", "text"),
    [
        (None, "--"),
        (float("nan"), "--"),
        (0.0, "0 W"),
        (-0.4, "0 W"),
        (0.5, "1 W"),
        (840.0, "840 W"),
        (999.4, "999 W"),
        (999.6, "1.00 kW"),
        (1240.0, "1.24 kW"),
        (1245.0, "1.25 kW"),
        (-1245.0, "1.25 kW"),
        (9994.9, "9.99 kW"),
        (9995.0, "10.0 kW"),
        (11_200.0, "11.2 kW"),
        (99_950.0, "100 kW"),
        (1_234_567.0, "1,235 kW"),
    ],
)
def test_power(watts: float | None, text: str) -> None:
    """PNL-82: the unit is decided after rounding, half away from zero."""
    assert power(watts) == text


def test_a_sign_only_where_it_is_asked_for() -> None:
    """PNL-82: direction in words; "-0" does not exist."""
    assert power(-12_300.0, signed=True) == "-12.3 kW"
    assert power(-0.3, signed=True) == "0 W"
    assert power(None, signed=True) == "--"
    assert power(12_300.0, gap="", signed=True) == "12.3kW"


@given(st.floats(min_value=-99_999, max_value=99_999))
def test_a_shown_power_is_near_the_power(watts: float) -> None:
    number, unit = power_parts(watts)
    shown_w = Decimal(number) * (1000 if unit == "kW" else 1)
    assert abs(float(shown_w) - abs(watts)) <= max(0.5, abs(watts) * 0.0051)
    assert len(number) <= 4


@pytest.mark.parametrize(
    ("watt_hours", "text"),
    [
        (None, "--"),
        (999, "999 Wh"),
        (8420, "8.42 kWh"),
        (999_500, "1.00 MWh"),
        (123_456_789, "123 MWh"),
        (12_345_678_900, "12,346 MWh"),
    ],
)
def test_energy(watt_hours: float | None, text: str) -> None:
    """PNL-82: energy alike."""
    assert energy(watt_hours) == text


def test_current_has_one_decimal() -> None:
    """PNL-82."""
    assert [current(a) for a in (21.75, -3.14, -0.04, None)] == ["21.8 A", "-3.1 A", "0.0 A", "--"]
    assert [ampere(21.5), ampere(-21.5), ampere(7.4, 1), ampere(None)] == ["22", "22", "7.4", "--"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "--"),
        (-1.0, "0.0 s"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (9.95, "9 s"),
        (99.9, "99 s"),
        (100.0, "1 min"),
        (3599.0, "59 min"),
        (3600.0, "1 h"),
        (172_799.0, "47 h"),
        (172_800.0, "2 d"),
        (1e12, "9999 d"),
    ],
)
def test_age(seconds: float | None, text: str) -> None:
    assert age(seconds) == text
    assert len(age(seconds)) <= 6


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        (None, 3, "--"),
        (0, 2, "0"),
        (12_345, 6, "12,345"),
        (12_345, 5, "12345"),
        (12_345, 4, "12k"),
        (1_234_567, 4, "1M"),
        (100, 2, ">>"),
    ],
)
def test_count(value: int | None, width: int, text: str) -> None:
    assert count(value, width) == text


@given(st.integers(min_value=0, max_value=10**12), st.integers(min_value=2, max_value=9))
def test_a_count_never_exceeds_its_cells(value: int, width: int) -> None:
    """PNL-50."""
    assert len(count(value, width)) <= width


def test_calendar_texts_say_when_the_clock_is_not_known() -> None:
    """PNL-83."""
    assert time_of_day(NOW) == "14:32"
    assert date(NOW) == "12 Mar"
    assert date(replace(NOW, wall=datetime(2026, 12, 1, tzinfo=NOW.wall.tzinfo))) == "1 Dec"
    lost = replace(NOW, trusted=False)
    assert time_of_day(lost) == "clock? --:--"
    assert date(lost) == "clock?"


def test_foreign_text_is_cleaned_and_cut() -> None:
    """PNL-50."""
    assert shortened("a\x1b[2Jb\n", 20) == "a[2Jb"
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"


def test_sentences_are_broken_at_spaces() -> None:
    assert wrapped("held by its relay now", 10, 4) == ("held by", "its relay", "now")
    assert wrapped("", 10, 4) == ()
    assert wrapped("one two three four", 5, 2) == ("one", "two…")
    assert wrapped("incomprehensible words", 8, 2) == ("incompr…", "words")


@settings(deadline=None)
@given(st.text(max_size=300), st.integers(min_value=3, max_value=21), st.integers(min_value=1, max_value=5))
def test_wrapped_rows_fit(words: str, width: int, rows: int) -> None:
    """PNL-50."""
    lines = wrapped(words, width, rows)
    assert len(lines) <= rows
    assert all(len(line) <= width for line in lines)


def test_a_mark_that_stands_apart_does_not_begin_a_row() -> None:
    """PNL-80: as French writes it."""
    assert wrapped("le comptage continue ; voir", 20, 2) == ("le comptage", "continue ; voir")
