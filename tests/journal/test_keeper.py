"""What is due, and when (JRN-40, JRN-52, JRN-53)."""

import pytest

from hems.journal.keeper import Urgency, due, merged, noted, overdue, retry_at, unsaved_s, urgency
from hems.model.ledger import Event

NOW, SOON, LATE = Urgency.NOW, Urgency.SOON, Urgency.LATE


@pytest.mark.parametrize(
    ("kind", "key", "expected"),
    [
        ("counted", "hp1.compressor_start", NOW),
        ("rolled", "2h", NOW),
        ("counted", "hp1.heating", SOON),
        ("counted", "relay.garage", SOON),
        ("counted", "ev1.contactor", SOON),
        ("baseline", "hp1.operating_state", LATE),
        ("rebased", "site.grid_import", LATE),
    ],
)
def test_classes(kind: str, key: str, expected: Urgency) -> None:
    """JOURNAL section 7."""
    assert urgency(Event(kind, key, None)) is expected


def test_the_oldest_change_of_a_class_counts() -> None:
    pending = noted(noted({}, SOON, 10.0), SOON, 50.0)
    assert pending == {SOON: 10.0}
    assert merged({SOON: 10.0, NOW: 3.0}, {SOON: 5.0, LATE: 7.0}) == {SOON: 5.0, NOW: 3.0, LATE: 7.0}


@pytest.mark.parametrize(
    ("pending", "mono_s", "expected"),
    [
        ({}, 1e9, False),
        ({NOW: 10.0}, 10.0, True),
        ({SOON: 10.0}, 189.9, False),
        ({SOON: 10.0}, 190.0, True),
        ({LATE: 10.0}, 909.9, False),
        ({LATE: 10.0, SOON: 500.0}, 680.0, True),
        ({LATE: 10.0}, 910.0, True),
    ],
)
def test_what_is_due(pending: dict[Urgency, float], mono_s: float, expected: bool) -> None:
    """JRN-40: at once, after 180 s, after 900 s."""
    assert due(pending, mono_s) is expected


@pytest.mark.parametrize(("kind", "limit_s"), [(NOW, 60.0), (SOON, 300.0), (LATE, 1_200.0)])
def test_what_is_overdue(kind: Urgency, limit_s: float) -> None:
    """JRN-52."""
    assert not overdue({kind: 10.0}, 10.0 + limit_s)
    assert overdue({kind: 10.0}, 10.1 + limit_s)
    assert unsaved_s({kind: 10.0, LATE: 4.0}, 12.0) == 8.0
    assert unsaved_s({}, 12.0) == 0.0


def test_a_failed_card_is_tried_less_and_less_often() -> None:
    """JRN-53: 10, 30, 60 s … 15 min."""
    assert [retry_at(failures, 100.0) - 100.0 for failures in range(1, 9)] == [
        10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 900.0, 900.0,
    ]  # fmt: skip
