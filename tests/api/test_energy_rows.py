"""Packed rows of the energy log."""

from hypothesis import given
from hypothesis import strategies as st

from hems.api.energy_rows import MISSING, Columns, columns, flat, gathered, packed, rows_of, together
from hems.journal.rows import Row
from tests.api.thing_house import INSTALLED

SHAPE = Columns(("site.grid", "ev1"), ("site.pv",))
FIGURES = st.integers(MISSING, 2**31 - 1)
ROWS = st.lists(st.tuples(*[FIGURES] * SHAPE.width), max_size=5)


def test_what_is_logged_of_a_house() -> None:
    """API-91: the balance, and each thing that has a power."""
    assert columns(INSTALLED) == Columns(
        ("site.grid", "site.pv", "site.battery", "ev1", "ev2", "hp1"),
        (
            "site.grid_import",
            "site.grid_export",
            "site.pv",
            "site.battery_charge",
            "site.battery_discharge",
            "ev1.energy",
            "ev2.energy",
            "hp1.energy_electrical",
        ),
    )


def test_a_row_keeps_what_is_missing() -> None:
    """API-91: never 0 W."""
    assert packed(SHAPE, Row(1200, {"site.grid": 5, "other": 7}, {"site.pv": 9})) == (20, 1, 5, MISSING, 9)
    assert packed(SHAPE, Row(60, {}, {})) == (1, 1, MISSING, MISSING, MISSING)


def test_figures_beyond_any_house_stay_within_their_room() -> None:
    """API-91."""
    huge = packed(SHAPE, Row(60, {"site.grid": -(10**12)}, {"site.pv": 10**12}))
    assert list(flat([huge])) == [1, 1, MISSING, MISSING, 2**31 - 1]


@given(ROWS)
def test_what_was_packed_is_there_again(rows: list[tuple[int, ...]]) -> None:
    assert [tuple(row) for row in rows_of(SHAPE, flat(rows))] == rows


def test_means_are_weighed_and_totals_are_the_last_known() -> None:
    """API-91."""
    rows = [(15, 3, 100, MISSING, 7), (30, 1, 500, 40, 9), (45, 1, MISSING, MISSING, MISSING)]
    assert together(SHAPE, rows, 3600) == (60, 5, 200, 40, 9)
    assert together(SHAPE, rows[2:], 3600) == (60, 1, MISSING, MISSING, MISSING)


def test_a_slot_without_rows_has_none() -> None:
    """API-91: a missing row is missing."""
    rows = [(15, 1, 10, 0, 1), (60, 1, 30, 0, 2), (195, 1, 50, 0, 3), (300, 1, 1, 1, 1)]
    found = gathered(SHAPE, rows, [3600, 7200, 10_800, 14_400])
    assert [tuple(row) for row in found] == [(60, 2, 20, 0, 2), (240, 1, 50, 0, 3)]
