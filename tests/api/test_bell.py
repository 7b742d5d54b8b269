"""One question at a time, and no storm of them."""

from collections.abc import Callable

import pytest

from hems.api.bell import Bell, Question
from tests.api.doorstep import Porch


class Hall:
    """A bell at a door whose time the test moves."""

    def __init__(self) -> None:
        self.told: list[tuple[Question, bool]] = []
        self.now_s = 1000.0
        self.porch = Porch()
        self.bell = Bell(self.porch, self.ended, lambda: self.now_s)

    def ended(self, question: Question, yes: bool) -> None:
        self.told.append((question, yes))


def test_a_question_is_asked_for_two_minutes_and_answered_once() -> None:
    """API-44."""
    hall = Hall()
    assert hall.bell.ring(4, "a", "tablet") == 1
    (question,) = hall.porch.questions
    assert (question.device, question.within_s) == ("tablet", 120.0)
    question.answer(True)
    question.answer(False)
    assert hall.told == [(Question(4, 1, "tablet"), True)]


def test_a_newer_question_ends_the_older_of_its_peer_with_no() -> None:
    """API-44."""
    hall = Hall()
    hall.bell.ring(4, "a", "tablet")
    assert hall.bell.ring(5, "a", "phone") == 2
    assert hall.porch.questions[0].taken_back
    assert hall.told == [(Question(4, 1, "tablet"), False)]
    hall.porch.questions[0].answer(True)
    assert hall.told == [(Question(4, 1, "tablet"), False)], "an old button press lets nobody in"
    hall.bell.hang_up(4)
    hall.porch.questions[1].answer(True)
    assert hall.told[1:] == [(Question(5, 2, "phone"), True)]


def test_nobody_takes_away_what_somebody_else_is_asked() -> None:
    """API-44: a stranger could else keep every honest device out."""
    hall = Hall()
    hall.bell.ring(4, "a", "tablet")
    hall.now_s += 60.0
    assert hall.bell.ring(5, "b", "evil") is None
    assert hall.bell.ask("b", "evil", 40.0, lambda yes: None) is None
    hall.porch.questions[0].answer(True)
    assert hall.told == [(Question(4, 1, "tablet"), True)]
    assert hall.bell.ring(5, "b", "evil") == 2


def test_ten_seconds_lie_between_two_questions() -> None:
    """API-44: five hundred requests in one turn of the loop ask thrice."""
    hall = Hall()
    assert [hall.bell.ring(4, "a", "tablet") for _ in range(500)] == [1, 2, 3] + [None] * 497
    hall.porch.questions[2].answer(False)
    hall.now_s += 9.9
    assert hall.bell.ring(5, "b", "phone") is None
    hall.now_s += 0.1
    assert hall.bell.ring(5, "b", "phone") == 4
    assert len(hall.porch.questions) == 4
    hall.porch.questions[3].answer(True)
    assert hall.bell.ring(6, "c", "next") == 5, "who says yes is at the panel and may be asked again"


@pytest.mark.parametrize("how", ["no", "left"])
def test_who_was_refused_waits_a_minute(how: str) -> None:
    """API-44: nor does it help to hang up and to come again."""
    hall = Hall()
    hall.bell.ring(4, "a", "tablet")
    hall.now_s += 20.0
    if how == "no":
        hall.porch.questions[0].answer(False)
    else:
        hall.bell.hang_up(4)
    hall.now_s += 59.0
    assert hall.bell.ring(6, "a", "tablet") is None
    assert hall.bell.ring(7, "b", "phone") == 2
    hall.porch.questions[1].answer(True)
    hall.now_s += 1.0
    assert hall.bell.ring(6, "a", "tablet") == 3


def test_only_its_own_question_ends_with_a_client() -> None:
    hall = Hall()
    hall.bell.hang_up(4)
    hall.bell.ring(4, "a", "tablet")
    hall.bell.hang_up(5)
    assert hall.told == []
    hall.bell.hang_up(4)
    assert hall.porch.questions[0].taken_back
    assert hall.told == [(Question(4, 1, "tablet"), False)]


def test_a_question_is_withdrawn_once() -> None:
    answers: list[bool] = []
    hall = Hall()
    withdraw = hall.bell.ask("a", "tablet", 40.0, answers.append)
    assert withdraw is not None
    withdraw()
    withdraw()
    assert answers == [False]


def test_a_panel_that_answers_at_once_is_understood() -> None:
    class Busy:
        def ring(
            self, device_name: str, within_s: float, answer: Callable[[bool], None]
        ) -> Callable[[], None]:
            answer(False)
            return lambda: None

    hall = Hall()
    bell = Bell(Busy(), hall.ended, lambda: hall.now_s)
    assert bell.ring(4, "a", "tablet") == 1
    assert hall.told == [(Question(4, 1, "tablet"), False)]
    bell.hang_up(4)
    assert len(hall.told) == 1
