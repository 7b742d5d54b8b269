"""Cycles folded into rows of minutes and quarters of an hour (JRN-61)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.journal.change import encode
from hems.journal.rows import (
    MINUTE_S,
    QUARTER_S,
    Row,
    Slot,
    day_of,
    document,
    end_of,
    fold,
    powers_of,
    row_id,
    row_of,
    totals_of,
)
from hems.model.instant import Instant
from tests.journal.pages import page

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NINE_S = int(NINE.timestamp())


class Day:
    """Cycles, one after the other, and the rows they gave."""

    def __init__(self, length_s: int = MINUTE_S) -> None:
        self.slot = Slot(length_s)
        self.rows: list[Row] = []

    def cycle(
        self,
        at_s: float,
        powers_w: Mapping[str, float | None],
        *,
        total_wh: int = 0,
        trusted: bool = True,
        wall_shift_s: float = 0.0,
    ) -> None:
        now = Instant(500.0 + at_s, NINE + timedelta(seconds=at_s + wall_shift_s), trusted)
        self.slot, row = fold(self.slot, powers_w, {"site.grid_import.all.total": total_wh}, now)
        if row is not None:
            self.rows.append(row)


def test_a_row_is_the_mean_of_its_slot_and_the_total_at_its_end() -> None:
    day = Day()
    for second in range(121):
        day.cycle(second, {"site.grid": 100.0 if second < 15 else 300.0}, total_wh=second)
    assert day.rows == [
        Row(NINE_S + 60, {"site.grid": 250}, {"site.grid_import": 59}),
        Row(NINE_S + 120, {"site.grid": 300}, {"site.grid_import": 119}),
    ]


def test_powers_hold_until_the_next_cycle_but_not_for_ever() -> None:
    """A loop that skips ticks weighs what it saw by time; after 12 s of nothing it knows nothing."""
    day = Day()
    for second, power_w in ((0, 0.0), (10, 600.0), (20, 0.0), (30, 0.0), (40, 0.0), (50, 0.0), (60, 0.0)):
        day.cycle(second, {"site.grid": power_w})
    assert day.rows == [Row(NINE_S + 60, {"site.grid": 100}, {"site.grid_import": 0})]
    day = Day()
    for second in (0, 29, 60, 120):
        day.cycle(second, {"site.grid": 1.0})
    assert day.rows == []


@pytest.mark.parametrize(("known_s", "row"), [(30, True), (29, False)])
def test_what_was_unknown_for_half_of_a_slot_is_absent(known_s: int, *, row: bool) -> None:
    """Missing is missing, never 0."""
    day = Day()
    for second in range(61):
        day.cycle(second, {"site.grid": 5.0, "ev1": 1000.0 if second < known_s else None})
    assert day.rows[0].mean_w == ({"site.grid": 5, "ev1": 1000} if row else {"site.grid": 5})
    day = Day()
    for second in range(61):
        day.cycle(second, {"site.grid": 5.0 if second < known_s else None})
    assert bool(day.rows) == row


def test_an_untrusted_clock_belongs_to_no_slot() -> None:
    day = Day()
    for second in range(60):
        day.cycle(second, {"site.grid": 5.0}, trusted=second != 40)
    day.cycle(60, {"site.grid": 5.0})
    assert day.rows == []
    for second in range(61, 121):
        day.cycle(second, {"site.grid": 5.0})
    assert [row.end_s for row in day.rows] == [NINE_S + 120]


def test_a_clock_that_jumps_ends_the_slot_with_what_was_known() -> None:
    day = Day()
    for second in range(40):
        day.cycle(second, {"site.grid": 5.0})
    for second in range(40, 62):
        day.cycle(second, {"site.grid": 9.0}, wall_shift_s=7_200.0)
    assert [(row.end_s, row.mean_w["site.grid"]) for row in day.rows] == [(NINE_S + 60, 5)]


@given(st.lists(st.tuples(st.floats(0.1, 30.0), st.none() | st.floats(-9e3, 9e3)), max_size=80))
@settings(max_examples=60, deadline=None)
def test_means_lie_between_what_was_seen_and_ends_ascend(cycles: list[tuple[float, float | None]]) -> None:
    day = Day()
    at_s = 0.0
    for step_s, power_w in cycles:
        at_s += step_s
        day.cycle(at_s, {"site.grid": power_w})
    seen = [power_w for _, power_w in cycles if power_w is not None]
    assert all(min(seen) - 1 <= row.mean_w["site.grid"] <= max(seen) + 1 for row in day.rows)
    ends = [row.end_s for row in day.rows]
    assert ends == sorted(set(ends))
    assert all(end % MINUTE_S == 0 for end in ends)


def test_a_page_is_taken_by_owners_as_counters_are() -> None:
    """Numbers never change, names may."""
    view = page(1.0, NINE, 700.0, import_wh=1_234)
    assert powers_of(view) == {
        "site.grid": 700.0,
        "site.pv": 0.0,
        "site.battery": 0.0,
        "site.ev": 700.0,
        "site.heat_pump": None,
        "site.home": None,
        "ev1": 700.0,
        "hp2": None,
    }
    assert totals_of(view.counters) == {"site.grid_import": 1_234}
    assert totals_of(page(1.0, NINE, import_wh=None).counters) == {}


def test_a_row_is_a_document_and_comes_back() -> None:
    row = Row(NINE_S, {"site.grid": -20}, {"site.grid_import": 5})
    fields = document(row)
    assert bytes(fields["name"]) == b'"2026-11-24T09:00:00+00:00"'
    assert row_of(row_id(NINE_S), fields) == row
    assert end_of(row_id(NINE_S)) == NINE_S
    assert NINE_S % QUARTER_S == 0


@pytest.mark.parametrize("name", ["x", "-3", "9" * 9])
def test_a_foreign_document_is_no_row(name: str) -> None:
    assert end_of(name) is None
    assert row_of(name, document(Row(NINE_S, {}, {}))) is None
    assert row_of("3", {}) is None
    assert row_of("3", {"mean_w": encode([1]), "totals_wh": encode({})}) is None


def test_the_greatest_id_still_has_a_day() -> None:
    assert day_of(end_of("9" * 8) or 0, NINE) > NINE.toordinal()


def test_a_row_at_midnight_belongs_to_the_day_that_ends() -> None:
    vienna = ZoneInfo("Europe/Vienna")
    midnight = datetime(2026, 11, 25, tzinfo=vienna)
    assert day_of(int(midnight.timestamp()), midnight) == datetime(2026, 11, 24, tzinfo=UTC).toordinal()
    assert day_of(int(midnight.timestamp()) + 900, midnight) == midnight.toordinal()
