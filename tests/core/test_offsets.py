"""Offsets are accepted or refused in words (CNT-40 to CNT-43), with EX-8."""

import pytest

from hems.core.count import Sample, accept_offsets, read, step
from tests.core.counting import RULES, Counted, berlin

HEATING = "hp1.heating.total"


def heated(times: int) -> Counted:
    house = Counted(berlin("2026-11-24 09:00:00"))
    for _ in range(times):
        for code in (0, 1):
            house.pump(code)
            house.wait(5)
    return house


def test_ex_8_an_offset_comes_and_goes() -> None:
    """EX-8: raw 37, offset 1,200; one more edge; removed; −50 refused."""
    house = heated(37)
    accepted, refused = accept_offsets(RULES, house.state, {HEATING: 1_200}, {})
    assert refused == ()
    assert read(RULES, house.state, house.now, accepted)[HEATING] == 1_237
    for code in (0, 1):
        house.pump(code)
        house.wait(5)
    assert read(RULES, house.state, house.now, accepted)[HEATING] == 1_238
    accepted, refused = accept_offsets(RULES, house.state, {}, accepted)
    assert (accepted, refused) == ({}, ())
    assert read(RULES, house.state, house.now, accepted)[HEATING] == 38
    accepted, refused = accept_offsets(RULES, house.state, {HEATING: -50}, accepted)
    assert accepted == {}
    assert (refused[0].key, refused[0].offset, refused[0].why) == (
        HEATING, -50, "the total would be -12, below 0",
    )  # fmt: skip
    assert read(RULES, house.state, house.now, accepted)[HEATING] == 38
    assert house.state.ledger.counters["hp1.heating"].total == 38


@pytest.mark.parametrize(
    ("key", "offset", "why"),
    [
        (HEATING, 1.5, "an offset is a whole number"),
        (HEATING, "12", "an offset is a whole number"),
        (HEATING, True, "an offset is a whole number"),
        (HEATING, None, "an offset is a whole number"),
        (HEATING, -4, "the total would be -1, below 0"),
    ],
)
def test_a_refused_offset_keeps_the_one_before(key: str, offset: object, why: str) -> None:
    """CNT-42."""
    house = heated(3)
    accepted, refused = accept_offsets(
        RULES, house.state, {key: offset}, {HEATING: 7, "hp2.heating.total": 1}
    )
    assert accepted == {HEATING: 7}
    assert [(refusal.key, refusal.why) for refusal in refused] == [(key, why)]
    assert accept_offsets(RULES, house.state, {key: offset}, {})[0] == {}


@pytest.mark.parametrize(
    "key", ["hp1.heating.daily", "hp7.heating.total", "hp1.cop.all.total", "site.coverage_pct.total", "x"]
)
def test_only_totals_that_are_counted_have_offsets(key: str) -> None:
    """CNT-40, CNT-42."""
    accepted, refused = accept_offsets(RULES, heated(1).state, {key: 5}, {key: 4})
    assert accepted == {}
    assert refused[0].why == "no total has this key"


def test_both_forms_mean_the_same() -> None:
    """CNT-41: flat keys, tables within tables, and the older form."""
    state = heated(3).state
    forms: list[dict[str, object]] = [
        {HEATING: -3},
        {"hp1": {"heating": {"total": -3}}},
        {"cycling_offsets.hp1.heating_cycling_total": -3},
        {"cycling_offsets": {"hp1": {"heating_cycling_total": -3}}},
    ]
    for form in forms:
        assert accept_offsets(RULES, state, form, {}) == ({HEATING: -3}, ())
    older = {"cycling_offsets": {"hp2": {"compressor_start_cycling_total": 9, "odd": 1}}}
    accepted, refused = accept_offsets(RULES, state, older, {})
    assert accepted == {"hp2.compressor_start.total": 9}
    assert [refusal.key for refusal in refused] == ["cycling_offsets.hp2.odd"]


def test_counting_knows_no_offsets() -> None:
    """INV-8: the ledger is the same with and without."""
    house = heated(2)
    state, _ = step(RULES, house.state, Sample(), house.now)
    assert state.ledger is house.state.ledger
