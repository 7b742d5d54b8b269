"""Each reason at length."""

from textwrap import wrap

from hems.model.reasons import LONG_TEXTS
from hems.model.why import Reason


def test_every_reason_has_its_own_sentence_in_the_room_there_is() -> None:
    """PNL-81: at most four rows of 21 characters, without figures."""
    assert set(LONG_TEXTS) == set(Reason)
    assert len(set(LONG_TEXTS.values())) == len(Reason)
    for text in LONG_TEXTS.values():
        assert len(wrap(text, 21)) <= 4
        assert "{" not in text
