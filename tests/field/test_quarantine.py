"""Leaving silent devices alone: BUS-40..42, BUS-7."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.field.exchange import Kind
from hems.field.quarantine import (
    CAPPED_S,
    PRESENT,
    STEPS_S,
    Absence,
    after_failure,
    left_alone,
    line_suspect,
    probe_due,
    retry_s,
)


def _silences(times: int, *, capped: bool = False, suspect: bool = False) -> list[float]:
    absence, rests = PRESENT, []
    for tick in range(times):
        absence = after_failure(
            absence, "silence", 100.0, tick_mono_s=float(tick), capped=capped, suspect=suspect
        )
        rests.append(absence.rest_s)
    return rests


def test_steps_up_to_five_minutes() -> None:
    assert _silences(10) == [0, 0, 10, 20, 40, 80, 160, 300, 300, 300]


def test_grid_and_charger_are_asked_every_ten_seconds() -> None:
    assert _silences(6, capped=True) == [0, 0, 10, 10, 10, 10]


def test_under_a_suspect_line_rests_do_not_grow() -> None:
    """BUS-41"""
    assert _silences(6, suspect=True) == [0, 0, 10, 10, 10, 10]


def test_in_a_tick_only_one_silence_counts() -> None:
    """BUS-40: a device with many blocks that is deaf for less than a second is not left alone."""
    absence = PRESENT
    for i in range(30):
        absence = after_failure(
            absence, "silence", i / 10, tick_mono_s=float(i // 10), capped=True, suspect=False
        )
        assert absence.silences == 1 + i // 10
        assert left_alone(absence) is (i >= 20)
    assert absence.until_mono_s == 12.0


@pytest.mark.parametrize("kind", ["crc", "short", "shape", "exception"])
def test_a_broken_answer_is_not_silence(kind: Kind) -> None:
    """BUS-42: it proves a device is there."""
    twice = after_failure(Absence(1), "silence", 0.0, tick_mono_s=0.0, capped=False, suspect=False)
    assert after_failure(twice, kind, 0.0, tick_mono_s=0.0, capped=False, suspect=False) == PRESENT


@pytest.mark.parametrize("kind", ["port", "noise", "unit"])
def test_what_says_nothing_changes_nothing(kind: Kind) -> None:
    twice = Absence(2)
    assert after_failure(twice, kind, 0.0, tick_mono_s=0.0, capped=False, suspect=False) is twice


@given(
    st.lists(st.sampled_from(["silence", "silence", "silence", "crc", "port", "noise", "late"]), max_size=40),
    st.booleans(),
    st.integers(0, 40),
)
@settings(max_examples=100, deadline=None)
def test_a_rest_is_a_step_grows_only_by_silence_and_never_beyond_its_cap(
    kinds: list[Kind], capped: bool, suspect_from: int
) -> None:
    """BUS-40..42: whatever comes, whenever the line falls under suspicion."""
    absence = PRESENT
    for i, kind in enumerate(kinds):
        before = absence
        suspect = i >= suspect_from
        absence = after_failure(
            before, kind, float(i), tick_mono_s=float(i // 2), capped=capped, suspect=suspect
        )
        assert absence.rest_s in (0.0, *STEPS_S)
        assert absence.rest_s <= (CAPPED_S if capped else STEPS_S[-1])
        if absence.rest_s > before.rest_s:
            assert kind == "silence"
            assert before.tick_mono_s < i // 2
            assert not (suspect and before.rest_s)
        if kind == "crc":
            assert absence == PRESENT
        elif kind != "silence" or before.tick_mono_s == i // 2:
            assert absence is before


def test_the_probe_waits_for_the_rest_to_end() -> None:
    absence = Absence(3, 10.0, 110.0)
    assert left_alone(absence)
    assert not probe_due(absence, 109.9)
    assert probe_due(absence, 110.0)
    assert not probe_due(PRESENT, 110.0)


def test_a_line_is_suspect_when_all_are_silent() -> None:
    assert line_suspect([80.0, 89.9], 100.0)
    assert not line_suspect([80.0, 91.0], 100.0)
    assert not line_suspect([], 100.0)


def test_a_lost_port_is_tried_often_then_seldom() -> None:
    assert retry_s(0.0) == retry_s(29.9) == 1.0
    assert retry_s(30.0) == 5.0
