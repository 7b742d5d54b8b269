"""Which variant of a profile is in force: BUS-64, BUS-68."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.field.profile import Point, Profile, Proof, Variant, Write
from hems.field.variants import ALLOWED, REST_S, Trial, applied, begun, differing, took, words

VOLTAGE = Point(quantity="line_v", function=3, addresses=(0, 2, 4), wire="f32", unit="V", scale=0.1)
POWER = Point(quantity="power_w", function=3, addresses=(20,), wire="f32", unit="W")
STATUS = Point(quantity="status", function=3, addresses=(30,), wire="u16", unit="raw", role="pv")
WRITE = Write(function=16, address=9, scale_a=1, step_a=1, min_a=6, max_a=16, refresh_s=5, wire="f32")
LOW_FIRST = Write(
    function=16, address=9, scale_a=1, step_a=1, min_a=6, max_a=16, refresh_s=5, wire="f32", order="L"
)
WHOLE_V = Point(quantity="line_v", function=3, addresses=(0, 2, 4), wire="f32", unit="V")
BY_4 = Point(quantity="line_v", function=4, addresses=(0, 2, 4), wire="f32", unit="V")
METER = Profile(
    key="m",
    kind="meter",
    maker="m",
    models=("m",),
    points=(VOLTAGE, POWER, STATUS),
    proof=Proof(quantity="line_v", low=50, high=500),
    variants=(
        Variant(what="whole volts", points=(WHOLE_V,)),
        Variant(what="by function 4", points=(BY_4,), write=LOW_FIRST),
    ),
    write=WRITE,
)
PLAIN = Profile(key="p", kind="meter", maker="m", models=("m",), points=(POWER,))
LONE = Profile(
    key="l", kind="meter", maker="m", models=("m",), points=(VOLTAGE, POWER), proof=METER.proof
)  # fmt: skip


def trying() -> Trial:
    return begun(METER, Trial(), 0.0)


def test_what_proves_itself_is_kept_until_the_device_returns() -> None:
    proved = took(METER, trying(), (230.0, 231.0, 229.0), 1.0)
    assert (proved.stage, proved.since_mono_s, proved.index) == ("proved", 1.0, 0)
    assert took(METER, proved, (23.0, 23.0, 23.0), 2.0) is proved
    assert took(METER, proved, None, 2.0) is proved
    assert begun(METER, proved, 3.0).stage == "trying"


@pytest.mark.parametrize("found", [(23.0, 23.1, 22.9), None, (230.0, 23.0, 230.0), (0.0, 0.0, 0.0)])
def test_what_does_not_prove_itself_gives_way_to_the_next(found: tuple[float, ...] | None) -> None:
    """Out of range, refused or absent; one line out of range is enough, no voltage at all proves nothing."""
    after = took(METER, trying(), found, 1.0)
    assert (after.stage, after.index) == ("trying", 1)


def test_a_line_that_is_not_connected_says_nothing() -> None:
    assert took(METER, trying(), (230.0, 0.0, 0.0), 1.0).stage == "proved"


def test_after_a_round_in_vain_there_is_a_rest_and_then_another_round() -> None:
    trial = trying()
    for index in (1, 2, 0):
        trial = took(METER, trial, None, 5.0)
        assert trial.index == index
    assert took(METER, trial, None, 5.0 + REST_S - 0.1) is trial
    assert took(METER, trial, None, 5.0 + REST_S).index == 1
    assert took(METER, trial, (230.0,), 6.0).stage == "proved"


def test_what_held_before_is_tried_first_after_a_return() -> None:
    second = took(METER, took(METER, trying(), None, 1.0), (230.0,), 2.0)
    assert (second.index, second.stage) == (1, "proved")
    again = begun(METER, second, 9.0)
    assert (again.index, again.stage, again.failed) == (1, "trying", 0)


def test_a_variant_replaces_points_of_the_same_quantity_and_role_and_the_write() -> None:
    assert applied(METER, 0) is METER
    assert applied(METER, 1).points == (POWER, STATUS, WHOLE_V)
    assert (applied(METER, 1).write, applied(METER, 2).write) == (WRITE, LOW_FIRST)
    assert applied(METER, 2).point("line_v") == BY_4
    assert applied(replace(METER, write=None), 2).write is None


def test_only_what_differs_waits_for_the_proof() -> None:
    assert differing(METER) == {"line_v"}
    assert differing(LONE) == {"line_v", "power_w"}
    assert differing(PLAIN) == frozenset()
    assert begun(PLAIN, Trial(), 0.0).stage == "proved"


def test_health_says_as_what_it_reads_or_why_not() -> None:
    trial = trying()
    assert words(METER, trial) == ""
    trial = took(METER, trial, None, 1.0)
    assert words(METER, trial) == "not believed: line_v is not 50..500; wrong profile?"
    assert words(METER, took(METER, trial, (230.0,), 2.0)) == "reads as whole volts"
    assert words(METER, took(METER, trying(), (230.0,), 2.0)) == ""
    assert words(PLAIN, begun(PLAIN, Trial(), 0.0)) == ""


@given(st.lists(st.sampled_from([None, (230.0,), (23.0,)]), max_size=30))
def test_no_other_transition_ever_happens(readings: list[tuple[float, ...] | None]) -> None:
    trial = trying()
    for i, found in enumerate(readings):
        after = took(METER, trial, found, float(i)) if i % 7 else begun(METER, trial, float(i))
        assert after.stage == trial.stage or after.stage in ALLOWED[trial.stage]
        assert 0 <= after.index <= len(METER.variants)
        trial = after
