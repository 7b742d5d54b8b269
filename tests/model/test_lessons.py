"""Lessons in plain values: exact there and back, and a refusal in words of what is none."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hems.model.lessons import Lesson, plain_lesson, read_lesson
from hems.model.plain import mapping
from hems.model.plans import Plan
from hems.model.prices import Slot
from hems.model.units import LINES

TIMES = st.datetimes(datetime(2000, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC))
FIGURES = st.floats(-1e6, 1e6)
SLOTS = st.builds(
    lambda start, span, price, period: Slot(start, start + span, price, period),
    TIMES,
    st.timedeltas(timedelta(microseconds=1), timedelta(days=7)),
    st.none() | FIGURES,
    st.sampled_from(["", "off_peak"]),
)
PLANS = st.builds(
    Plan,
    TIMES,
    TIMES,
    FIGURES,
    FIGURES,
    st.lists(SLOTS, max_size=3).map(tuple),
    st.sampled_from([(), ("level",), ("level", "capacity")]),
    FIGURES,
)
LESSONS = st.builds(
    Lesson,
    st.dictionaries(
        st.sampled_from(["", "zoe"]), st.lists(st.sampled_from(LINES), unique=True, max_size=3).map(tuple)
    ),
    st.booleans(),
    st.none() | st.integers(),
    st.text(max_size=9),
    st.none() | PLANS,
    st.none() | st.integers(),
    st.none() | TIMES,
    st.booleans(),
    st.none() | TIMES,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LESSONS)
def test_plain_and_back_is_the_same_lesson(lesson: Lesson) -> None:
    """CHG-94: a plan survives a restart unchanged, to the microsecond."""
    assert read_lesson(json.loads(json.dumps(plain_lesson(lesson))), Lesson()) == lesson


def test_every_field_is_written() -> None:
    """What was cleared is told as cleared."""
    assert list(plain_lesson(Lesson())) == [field.name for field in fields(Lesson)]


def test_one_field_changes_one_field() -> None:
    """JRN-80: a field of a later program is left alone."""
    former = Lesson(stuck=True, base_wh=7)
    assert read_lesson({"base_wh": 8, "colour": "blue"}, former) == replace(former, base_wh=8)


AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
PLANNED = Lesson(plan=Plan(AT, AT, 1.0, 2.0, (Slot(AT, AT, 0.1),)))
PLAN = dict(mapping(plain_lesson(PLANNED)["plan"]))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("lines", ["L1"], "a mapping was expected"),
        ("lines", {"": "L1"}, "a list was expected, not 'L1'"),
        ("lines", {"": ["L4"]}, "a line was expected, not 'L4'"),
        ("stuck", 1, "true or false was expected, not 1"),
        ("base_wh", 1.5, "a whole number was expected, not 1.5"),
        ("plan", "soon", "a mapping was expected, not 'soon'"),
        ("plan", {}, "no plan: 'deadline'"),
        ("plan", PLAN | {"deadline": None}, "a time with its offset was expected, not None"),
        ("plan", PLAN | {"slots": [[]]}, "no piece of a plan: not enough values"),
        ("plan", PLAN | {"slots": [["2026-11-24T08:00:00Z", 1e300, None, ""]]}, "no plan: "),
        ("relay_tested", "2026-11-24T08:00:00", "a time with its offset was expected"),
    ],
)
def test_what_is_no_lesson_is_refused_in_words(field: str, value: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_lesson({field: value}, Lesson())
