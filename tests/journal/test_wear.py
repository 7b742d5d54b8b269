"""What the card has taken in a day (JRN-43)."""

from hems.journal.wear import Wear


def test_a_day_is_remembered_and_no_more() -> None:
    wear = Wear()
    for hour in range(30):
        wear.add(100, hour * 3600.0)
    assert wear.last_day(29 * 3600.0) == (24, 2_400)
    assert wear.last_day(100 * 3600.0) == (0, 0)
    assert wear.bytes_total == 3_000
