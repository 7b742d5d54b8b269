"""The fault matrix through the real machines: outcome, bound, no early request, a good exchange after it."""

import pytest

from tests.field.matrix.cases import CASES
from tests.field.matrix.measured import Measured, table

pytestmark = pytest.mark.proof

ROWS = 33


@pytest.mark.parametrize("name", CASES)
def test_row(name: str) -> None:
    """BUS-120: rows 1 to 33, RTU and ASCII, in virtual time."""
    measured = CASES[name]()
    assert measured.met, table([measured])


def test_no_row_is_missing() -> None:
    found = {int(name.split()[0].rstrip(",")) for name in CASES}
    assert found == set(range(1, ROWS + 1)) - {27}, "row 27 needs a real terminal"


def test_a_missed_bound_is_seen() -> None:
    assert Measured(1, "x", "rtu", "silence", 100.2, 100.0).met
    assert not Measured(1, "x", "rtu", "silence", 100.4, 100.0).met
    assert "MISSED" in table([Measured(1, "x", "rtu", "silence", 100.4, 100.0)])
    assert Measured(15, "x", "rtu", "late", 9.0, None).met
