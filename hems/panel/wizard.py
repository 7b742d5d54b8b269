"""The first run (PNL-70 to 72): one question after the other, from a flashed card to the first charge.

Theory of operation. The questions are rows in their order (`wizard_steps`, `wizard_checks`). The one that is
next, and what was answered, is the panel's own state for the time of a run and is kept in the settings with
every answer, so that a power cut costs nothing. A question without options does not arise here: its answer
stands in the installation already, or makes no sense in this house; it is passed in both directions. OK takes
the option at the cursor; back goes to the question before, and out of the first one to the screens. What has
to be waited for (search, meter, first charge) goes on in the background with every view (`tick`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from hems.model.instant import Instant
from hems.model.intents import Commission
from hems.model.settings import Commissioning
from hems.model.units import LineName
from hems.model.view import SearchHealth, View
from hems.panel import digits
from hems.panel.asks import Asked
from hems.panel.item import next_value
from hems.panel.keys import Key, KeyEvent
from hems.panel.meter_check import State as MeterCheck
from hems.panel.pin import Gate
from hems.panel.proposals import Here

Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Trial:
    """A first charge: since when it was asked for, since when current flows, and on which lines."""

    asked_mono_s: float
    flows_mono_s: float | None = None
    lines: tuple[str, ...] = ()
    done: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """The question that is next and what was answered; the draft at the cursor; what the background knows.

    `searched` are the searches of this run by the line's name, `meter` the check of one line, `load` the line
    a load was last found on ("" = none), `trial` the first charge, `tested` the verdicts of relays by
    charger.
    """

    question: str
    answers: Answers = field(default_factory=dict)
    draft: str = ""
    at: int = 0
    searched: Mapping[str, SearchHealth] = field(default_factory=dict)
    meter: MeterCheck | None = None
    load: LineName | Literal[""] = ""
    trial: Trial | None = None
    tested: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a question may look at."""

    view: View
    now: Instant
    run: Run
    gate: Gate

    def answer(self, key: str, otherwise: str = "") -> str:
        """What was answered."""
        return self.run.answers.get(key, otherwise)

    @property
    def found(self) -> tuple[Here, ...]:
        """The devices that were found, line by line."""
        return tuple(Here(bus, one) for bus, health in self.run.searched.items() for one in health.found)


@dataclass(frozen=True, slots=True)
class Taken:
    """What an answer leads to: asks in their order, what is kept besides, whether the next question comes.

    `instead` is kept in the place of the option itself, which must not be kept where it is a secret. `to` is
    a question that comes in the place of the next one.
    """

    asks: tuple[Asked, ...] = ()
    answers: Answers = field(default_factory=dict)
    onward: bool = True
    instead: str | None = None
    run: Callable[[Run], Run] | None = None
    to: str = ""


def _nothing(_: Facts) -> tuple[str, ...]:
    return ()


def _kept(_: Facts, __: str) -> Taken:
    return Taken()


@dataclass(frozen=True, slots=True)
class Question:
    """A question: its step of twelve, title, options in order (none = it does not arise), their words.

    `usual` is where the cursor begins, `lines` are shown above the options, `take` is what an answer does.
    """

    key: str
    step: int
    title: str
    kind: Literal["choice", "number", "digits"]
    options: Callable[[Facts], Sequence[str]]
    said: Callable[[Facts, str], str]
    usual: Callable[[Facts], str]
    lines: Callable[[Facts], Sequence[str]] = _nothing
    take: Callable[[Facts, str], Taken] = _kept


Questions = Sequence[Question]
Outcome = tuple[Run, tuple[Asked, ...]]

STEPS: Final = 12
INSTALLING: Final = "installing"
"""Said while a new installation is judged and taken."""


def resumed(view: View) -> Run | None:
    """Where the first run stands; ``None`` when there is none."""
    told = view.settings.commissioning
    return None if told is None else Run(told.step, told.answers)


def present(questions: Questions, facts: Facts) -> Question:
    """The question that is next: the first from there on that arises."""
    keys = [question.key for question in questions]
    start = keys.index(facts.run.question) if facts.run.question in keys else 0
    arising = (question for question in questions[start:] if question.options(facts))
    return next(arising, questions[-1])


def cursor(question: Question, facts: Facts) -> str:
    """The option that OK would take."""
    draft, options = facts.run.draft, question.options(facts)
    if question.kind == "digits" or draft in options:
        return draft or question.usual(facts)
    usual = question.usual(facts)
    return usual if usual in options else options[0]


def press(questions: Questions, facts: Facts, event: KeyEvent) -> tuple[Run | None, tuple[Asked, ...]]:
    """A key; without a run the person has left the first question for the screens."""
    question = present(questions, facts)
    run = replace(facts.run, question=question.key)
    if question.kind == "digits":
        return _digits(questions, facts, question, run, event)
    match event.key:
        case Key.UP | Key.DOWN:
            return replace(run, draft=_moved(question, facts, event)), ()
        case Key.BACK:
            return _back(questions, facts, run), ()
        case Key.OK:
            return _answered(questions, facts, question, cursor(question, facts))


def following(questions: Questions, key: str) -> str:
    """The key of the next question, the last one's own at the end."""
    keys = [question.key for question in questions]
    return keys[min(keys.index(key) + 1, len(keys) - 1)]


def kept(run: Run) -> Commission:
    """Remember how far it has come."""
    return Commission(Commissioning(run.question, run.answers))


def _moved(question: Question, facts: Facts, event: KeyEvent) -> str:
    kind: Literal["choice", "number"] = "number" if question.kind == "number" else "choice"
    direction: Literal[-1, 1] = 1 if event.key is Key.UP else -1
    options = tuple(question.options(facts))
    return str(next_value(kind, options, cursor(question, facts), direction, event.count))


def _digits(
    questions: Questions, facts: Facts, question: Question, run: Run, event: KeyEvent
) -> tuple[Run | None, tuple[Asked, ...]]:
    """Up and down turn a digit, OK goes to the next one and takes the last, back to the one before."""
    text = cursor(question, facts)
    at = run.at if run.draft else digits.first(text)
    match event.key:
        case Key.UP | Key.DOWN:
            turned = digits.turned(text, at, 1 if event.key is Key.UP else -1)
            return replace(run, draft=turned, at=at), ()
        case Key.OK:
            after = digits.onward(text, at) if run.draft else None
            if after is not None:
                return replace(run, draft=text, at=after), ()
            return _answered(questions, facts, question, text)
        case Key.BACK:
            before = digits.backward(text, at)
            if before is None:
                return _back(questions, facts, run), ()
            return replace(run, draft=text, at=before), ()


def _answered(
    questions: Questions, facts: Facts, question: Question, option: str
) -> tuple[Run | None, tuple[Asked, ...]]:
    taken = question.take(replace(facts, run=replace(facts.run, question=question.key)), option)
    kept_option = option if taken.instead is None else taken.instead
    answers = {**facts.run.answers, question.key: kept_option, **taken.answers}
    run = replace(facts.run, question=question.key, answers=answers, draft="", at=0)
    run = taken.run(run) if taken.run is not None else run
    if not taken.onward:
        return replace(run, draft=option if question.kind == "choice" else ""), taken.asks
    run = replace(run, question=taken.to or following(questions, question.key), meter=None)
    return run, (kept(run), *taken.asks)


def _back(questions: Questions, facts: Facts, run: Run) -> Run | None:
    """The question before that arises; ``None`` before the first."""
    keys = [question.key for question in questions]
    before = [question for question in questions[: keys.index(run.question)] if question.options(facts)]
    return replace(run, question=before[-1].key, draft="", at=0, meter=None) if before else None
