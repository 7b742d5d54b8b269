"""What stands around the cycle."""

from datetime import UTC, datetime

from hems.around import Around
from hems.model.instant import Instant
from hems.model.surroundings import FaceHealth, Surroundings

NOW = Instant(7.0, datetime(2026, 6, 21, 12, tzinfo=UTC))


def test_an_edge_that_is_not_there_tells_what_stands_for_that() -> None:
    assert Around()(NOW) == Surroundings()


def test_an_edge_that_has_opened_tells_how_it_stands_now() -> None:
    """PNL-5: health says so."""
    around = Around()
    around.face = lambda now: FaceHealth("lost", words=f"since {now.mono_s:.0f}")
    assert around(NOW).face == FaceHealth("lost", words="since 7")
