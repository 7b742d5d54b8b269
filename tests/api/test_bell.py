"""One question at a time."""

from collections.abc import Callable

from hems.api.bell import Bell, Question
from tests.api.doorstep import Porch


class Ends:
    def __init__(self) -> None:
        self.told: list[tuple[Question, bool]] = []

    def __call__(self, question: Question, yes: bool) -> None:
        self.told.append((question, yes))


def test_a_question_is_asked_for_two_minutes_and_answered_once() -> None:
    """API-44."""
    porch, ends = Porch(), Ends()
    bell = Bell(porch, ends)
    assert bell.ring(4, "tablet") == 1
    (question,) = porch.questions
    assert (question.device, question.within_s) == ("tablet", 120.0)
    question.answer(True)
    question.answer(False)
    assert ends.told == [(Question(4, 1, "tablet"), True)]


def test_a_newer_question_ends_the_older_with_no() -> None:
    """API-44."""
    porch, ends = Porch(), Ends()
    bell = Bell(porch, ends)
    bell.ring(4, "tablet")
    assert bell.ring(5, "phone") == 2
    assert porch.questions[0].taken_back
    assert ends.told == [(Question(4, 1, "tablet"), False)]
    porch.questions[0].answer(True)
    assert ends.told == [(Question(4, 1, "tablet"), False)], "an old button press lets nobody in"
    porch.questions[1].answer(True)
    assert ends.told[1:] == [(Question(5, 2, "phone"), True)]


def test_only_its_own_question_ends_with_a_client() -> None:
    porch, ends = Porch(), Ends()
    bell = Bell(porch, ends)
    bell.hang_up(4)
    bell.ring(4, "tablet")
    bell.hang_up(5)
    assert ends.told == []
    bell.hang_up(4)
    assert porch.questions[0].taken_back
    assert ends.told == [(Question(4, 1, "tablet"), False)]


def test_a_panel_that_answers_at_once_is_understood() -> None:
    class Busy:
        def ring(
            self, device_name: str, within_s: float, answer: Callable[[bool], None]
        ) -> Callable[[], None]:
            answer(False)
            return lambda: None

    ends = Ends()
    bell = Bell(Busy(), ends)
    assert bell.ring(4, "tablet") == 1
    assert ends.told == [(Question(4, 1, "tablet"), False)]
    bell.hang_up()
    assert len(ends.told) == 1
