"""The first run as rows and keys (PNL-70, PNL-71)."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from hems.model.intents import Commission
from hems.model.settings import Commissioning
from hems.panel.asks import Asked, NewPin
from hems.panel.foremost import QUESTIONS
from hems.panel.keys import Key, KeyEvent
from hems.panel.pin import Gate
from hems.panel.wizard import STEPS, Facts, Question, Run, Taken, cursor, following, present, press, resumed
from tests.panel.first_run_views import FRESH
from tests.panel.views import HOUSE, NOW

GATE = Gate(offer="4711")


def _three(_: Facts) -> Sequence[str]:
    return ("a", "b", "c")


def row(key: str, **change: object) -> Question:
    made = Question(key, 1, key, "choice", _three, lambda _, one: one, lambda _: "b")
    return replace(made, **change)  # type: ignore[arg-type]


ROWS = (
    row("one"),
    row("gone", options=lambda _: ()),
    row("two", kind="digits", options=lambda _: ("x",), usual=lambda _: "1-2"),
    row("three", kind="number", options=lambda _: tuple(map(str, range(10))), usual=lambda _: "5"),
    row("four", usual=lambda _: "nothing"),
    row("five", take=lambda _, __: Taken(onward=False)),
)


def play(strokes: str, run: Run | None = None) -> tuple[Run | None, list[Asked]]:
    asks: list[Asked] = []
    now: Run | None = run or Run("one")
    for stroke in strokes.split():
        assert now is not None
        now, asked = press(ROWS, Facts(HOUSE, NOW, now, GATE), KeyEvent(Key(stroke)))
        asks += asked
    return now, asks


@pytest.mark.parametrize(
    ("strokes", "question", "answers"),
    [
        ("", "one", {}),
        ("ok", "two", {"one": "b"}),
        ("down ok", "two", {"one": "c"}),
        ("up up ok", "two", {"one": "c"}),
        ("ok ok", "three", {"one": "b", "two": "1-2"}),
        ("ok up ok ok", "three", {"one": "b", "two": "2-2"}),
        ("ok up ok down ok", "three", {"one": "b", "two": "2-1"}),
        ("ok up ok down back down ok ok", "three", {"one": "b", "two": "1-1"}),
        ("ok ok up ok", "four", {"one": "b", "two": "1-2", "three": "6"}),
        ("ok ok ok back back", "two", {"one": "b", "two": "1-2", "three": "5"}),
        ("ok back", "one", {"one": "b"}),
        ("ok up back", "one", {"one": "b"}),
        ("ok ok ok ok ok ok", "five", {"one": "b", "two": "1-2", "three": "5", "four": "a", "five": "b"}),
    ],
)
def test_strokes(strokes: str, question: str, answers: dict[str, str]) -> None:
    """PNL-112: OK takes what stands at the cursor, back goes to the question before."""
    run, _ = play(strokes)
    assert run is not None
    assert present(ROWS, Facts(HOUSE, NOW, run, GATE)).key == question
    assert run.answers == answers


def test_every_answer_is_kept_with_what_comes_next() -> None:
    """PNL-71: a power cut costs nothing."""
    _, asks = play("ok ok")
    assert asks == [
        Commission(Commissioning("gone", {"one": "b"})),
        Commission(Commissioning("three", {"one": "b", "two": "1-2"})),
    ]


def test_back_at_the_first_question_leaves_for_the_screens() -> None:
    assert play("back") == (None, [])


def test_a_question_of_another_version_begins_anew() -> None:
    run, _ = play("", Run("nobody knows"))
    assert run is not None
    assert present(ROWS, Facts(HOUSE, NOW, run, GATE)).key == "one"
    assert following(ROWS, "five") == "five"


def test_a_draft_that_is_no_option_any_more_gives_way() -> None:
    facts = Facts(HOUSE, NOW, Run("four", draft="z"), GATE)
    assert cursor(ROWS[4], facts) == "a"


def test_it_goes_on_where_the_settings_say() -> None:
    assert resumed(HOUSE) is None
    told = replace(HOUSE.settings, commissioning=Commissioning("fuse", {"country": "de"}))
    assert resumed(replace(HOUSE, settings=told)) == Run("fuse", {"country": "de"})


def test_the_rows_are_in_the_order_of_the_steps_and_have_names_of_their_own() -> None:
    """PNL-70: twelve steps."""
    steps = [question.step for question in QUESTIONS]
    assert steps == sorted(steps)
    assert set(steps) == set(range(1, STEPS + 1))
    assert len({question.key for question in QUESTIONS}) == len(QUESTIONS)


def test_the_pin_is_never_an_answer() -> None:
    """PNL-64: what was answered can be read by every eye."""
    facts = Facts(FRESH, NOW, Run("pin"), GATE)
    run, asks = press(QUESTIONS, facts, KeyEvent(Key.OK))
    assert NewPin("4711") in asks
    assert run is not None
    assert "4711" not in repr(run) + repr([one for one in asks if not isinstance(one, NewPin)])
