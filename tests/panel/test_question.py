"""The question of the door (PNL-65): answered here, by a person, and by nobody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.panel.keys import Key, KeyEvent, Kind
from hems.panel.question import Question, answered, question_page

ASKS = Question("Tablet Küche", 1000.0, 1120.0)


@pytest.mark.parametrize(
    ("event", "now_s", "answer"),
    [
        (KeyEvent(Key.OK), 1001.0, True),
        (KeyEvent(Key.BACK), 1001.0, False),
        (KeyEvent(Key.UP), 1001.0, None),
        (KeyEvent(Key.OK), 1000.9, None),
        (KeyEvent(Key.BACK), 1000.5, None),
        (KeyEvent(Key.OK, remote=True), 1010.0, None),
        (KeyEvent(Key.BACK, remote=True), 1010.0, None),
        (KeyEvent(Key.OK, Kind.HOLD), 1010.0, None),
        (None, 1119.9, None),
        (None, 1120.0, False),
        (KeyEvent(Key.OK), 1120.0, False),
    ],
)
def test_only_a_tap_here_after_its_first_second_answers(
    event: KeyEvent | None, now_s: float, answer: bool | None
) -> None:
    assert answered(ASKS, event, now_s) is answer


@given(st.sampled_from(Key), st.sampled_from(Kind), st.floats(0.0, 1e6))
def test_no_remote_key_answers(key: Key, kind: Kind, now_s: float) -> None:
    """PNL-91."""
    assert answered(ASKS, KeyEvent(key, kind, remote=True), now_s) is not True


def test_it_shows_who_asks_and_how_long() -> None:
    texts = [text.text for text in question_page(ASKS, 1022.0).texts]
    assert texts[:2] == ["Access request", '"Tablet Küche"']
    assert texts[-1] == "back no  OK yes  98 s"
    evil = Question("x" * 60 + "\n", 0.0, 40.0)
    assert all(len(text.text) <= 21 for text in question_page(evil, 500.0).texts)
