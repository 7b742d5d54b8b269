"""What stands before screens and menus: a question from outside, "sure?", the PIN, the first run.

Theory of operation. The front-most takes the key: a QUESTION is answered by a person here and by nobody else;
what needs it is asked again (SURE); the PIN stands before what is an installer's; while the first run lasts
it stands in the place of the screens (FIRST_RUN) unless the person has left it; all else is the navigator's
(BELOW). What the navigator opens or asks for is looked at once more: an installer's row, or a user's row on
a locked panel, leads to the PIN first; to stop a charge nobody needs one. Going home closes what the PIN has
opened. A key from afar does less (`_here_only`): whoever pressed it may not stand here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from hems.model.instant import Instant
from hems.model.intents import Forget, Refusal, SetMode, SetNetwork
from hems.model.view import View
from hems.panel import digits, navigator, question, wizard
from hems.panel.asks import Asked, NewPin, Reply, TryPin
from hems.panel.house_items import INSTALLER
from hems.panel.items import Entry, entries, entry
from hems.panel.keys import Key, KeyEvent, Kind
from hems.panel.navigator import Light, Patience
from hems.panel.pin import DIGITS, Gate
from hems.panel.question import Question
from hems.panel.screens import HOME
from hems.panel.wizard import Facts, Run
from hems.panel.wizard_checks import CHECK_QUESTIONS, watch
from hems.panel.wizard_devices import DEVICE_QUESTIONS, search
from hems.panel.wizard_steps import HOUSE_QUESTIONS

QUESTIONS: Final = (*HOUSE_QUESTIONS, *DEVICE_QUESTIONS, *CHECK_QUESTIONS)
NO_PIN: Final = "0" * DIGITS
NO_GATE: Final = Gate()
HERE_ONLY: Final = (Forget, NewPin, SetNetwork)
"""What no key from afar asks for: who is locked out by it could not come back."""


class Front(StrEnum):
    """What stands foremost."""

    QUESTION = "question"
    SURE = "sure"
    PIN = "pin"
    FIRST_RUN = "first_run"
    BELOW = "below"


ALLOWED: Final[Mapping[Front, frozenset[Front]]] = {
    front: frozenset(other for other in Front if other is not front) for front in Front
}
"""A question comes and goes before anything; the first run begins and ends elsewhere."""


@dataclass(frozen=True, slots=True)
class Sure:
    """What is asked for, once the person is sure; `entry` is the row it came from."""

    entry: str
    asks: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Entering:
    """The digits of the PIN at the place of the cursor, and the row that is opened by them."""

    then: str
    text: str = NO_PIN
    at: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """The navigator's state, and what stands before it; `at` is the digit that an editor is at.

    `away`: the person has left the first run for the screens.
    """

    below: navigator.State
    gate: Gate = NO_GATE
    question: Question | None = None
    sure: Sure | None = None
    entering: Entering | None = None
    run: Run | None = None
    away: bool = False
    at: int = 0

    @property
    def front(self) -> Front:
        """What stands foremost."""
        if self.question is not None:
            return Front.QUESTION
        if self.below.notice is not None:
            return Front.BELOW
        if self.sure is not None:
            return Front.SURE
        if self.entering is not None:
            return Front.PIN
        return Front.FIRST_RUN if self.run is not None and not self.away else Front.BELOW


Outcome = tuple[State, tuple[Asked, ...]]


def step(state: State, event: KeyEvent | None, view: View, now: Instant, patience: Patience) -> Outcome:
    """One key, or (``None``) time has passed."""
    state = _followed(state, view)
    if event is None:
        return _time(state, view, now, patience)
    after, asks = _pressed(state, event, view, now, patience)
    if event.remote and _here_only(state, event, after, asks, view, now):
        below = replace(state.below, key_mono_s=now.mono_s)
        return replace(state, below=navigator.told(below, Refusal("not_now", HERE))), ()
    return after, asks


def _pressed(state: State, event: KeyEvent, view: View, now: Instant, patience: Patience) -> Outcome:
    """A key, wherever it was pressed."""
    dark = navigator.light(state.below, now.mono_s, patience) is Light.DARK
    if state.front is Front.QUESTION:
        return _on_question(state, event, now, dark=dark)
    swallowed = event.kind is not Kind.TAP and event.key is state.below.swallowed
    if state.front is Front.BELOW or dark or swallowed:
        return _below(state, event, view, now, patience)
    state = replace(state, below=replace(state.below, key_mono_s=now.mono_s, swallowed=None))
    if event.kind is Kind.HOLD and event.key is Key.BACK:
        return _home(state, now), ()
    if event.kind is Kind.HOLD or (event.kind is Kind.REPEAT and event.key not in (Key.UP, Key.DOWN)):
        return state, ()
    match state.front:
        case Front.SURE:
            return _on_sure(state, event)
        case Front.PIN:
            return _on_pin(state, event)
        case _:
            return _on_first_run(state, event, view, now)


def _here_only(
    before: State, event: KeyEvent, after: State, asks: tuple[Asked, ...], view: View, now: Instant
) -> bool:
    """Whether a key from afar does what is done by who stands here.

    That is `HERE_ONLY`, the end of the first run, and whatever is the installer's while no PIN guards it.
    """
    if before.below.notice is not None:
        return False
    if before.front is Front.FIRST_RUN and event.key is Key.OK:
        last = wizard.present(QUESTIONS, facts(before, view, now)) is QUESTIONS[-1]
        if last:
            return True
    if any(isinstance(one, HERE_ONLY) for one in asks):
        return True
    places = (
        after.below.cursor,
        after.below.draft and after.below.draft.entry,
        after.sure and after.sure.entry,
    )
    rows = (entry(view, name) for name in places if name)
    return not before.gate.exists and any(row and row.item.level == "installer" for row in rows)


def facts(state: State, view: View, now: Instant) -> Facts:
    """What the first run's questions may look at."""
    return Facts(view, now, state.run or Run(QUESTIONS[0].key), state.gate)


def opened(state: State, gate: Gate, *, right: bool) -> State:
    """The digits were right, or not."""
    then = state.entering.then if state.entering is not None else ""
    state = replace(state, gate=gate, entering=None)
    if right:
        return replace(state, below=replace(state.below, cursor=then, draft=None))
    wait_s = gate.waits_until_mono_s - state.below.key_mono_s
    if wait_s >= 1.0:
        figures = {"seconds": round(wait_s)}
        return replace(state, below=navigator.told(state.below, Refusal("not_now", WAIT, figures)))
    return replace(state, below=navigator.told(state.below, Refusal("not_now", WRONG)))


HERE: Final = "this is done with the keys of the appliance itself"
WRONG: Final = "these are not the digits"
WAIT: Final = "these are not the digits; wait {seconds} s"


def asked(state: State, asks: Question, now_s: float) -> State:
    """A question comes to the front and wakes the display."""
    return replace(state, question=asks, below=replace(state.below, key_mono_s=now_s))


def _followed(state: State, view: View) -> State:
    """The first run as the settings have it: it begins and ends there; in between the panel is ahead."""
    told = wizard.resumed(view)
    if told is None:
        return state if state.run is None else replace(state, run=None, away=False)
    return replace(state, run=told) if state.run is None else state


def _time(state: State, view: View, now: Instant, patience: Patience) -> Outcome:
    asks: tuple[Asked, ...] = ()
    if state.question is not None and question.answered(state.question, None, now.mono_s) is False:
        state, asks = replace(state, question=None), (Reply(yes=False),)
    left = now.mono_s - state.below.key_mono_s >= patience.leave_after_s
    below, seen = navigator.navigate(state.below, None, view, now, patience)
    state = replace(state, below=below)
    if left:
        state = replace(state, sure=None, entering=None, away=False, gate=state.gate.closed())
    if state.run is None:
        return state, (*asks, *seen)
    run, searched = search(facts(state, view, now))
    state = replace(state, run=run)
    key = wizard.present(QUESTIONS, facts(state, view, now)).key
    run, watched = watch(facts(state, view, now), key)
    return replace(state, run=run), (*asks, *seen, *searched, *watched)


def _home(state: State, now: Instant) -> State:
    """Home from wherever it is; out of the first run to the screens."""
    below = navigator.State(now.mono_s, known=state.below.known)
    away = state.run is not None
    return replace(state, below=below, sure=None, entering=None, away=away, gate=state.gate.closed())


def _on_question(state: State, event: KeyEvent, now: Instant, *, dark: bool) -> Outcome:
    """Whoever presses a key on a dark display has read nothing: the key only wakes it."""
    assert state.question is not None
    if dark:
        woken = replace(state.below, key_mono_s=now.mono_s, swallowed=event.key)
        return (state if event.remote else replace(state, below=woken)), ()
    answer = question.answered(state.question, event, now.mono_s)
    if answer is None:
        return state, ()
    below = replace(state.below, key_mono_s=now.mono_s, swallowed=event.key)
    return replace(state, question=None, below=below), (Reply(yes=answer),)


def _on_sure(state: State, event: KeyEvent) -> Outcome:
    assert state.sure is not None
    match event.key:
        case Key.OK:
            return replace(state, sure=None), state.sure.asks
        case Key.BACK:
            return replace(state, sure=None), ()
        case _:
            return state, ()


def _on_pin(state: State, event: KeyEvent) -> Outcome:
    assert state.entering is not None
    typed = state.entering
    match event.key:
        case Key.UP | Key.DOWN:
            text = digits.turned(typed.text, typed.at, 1 if event.key is Key.UP else -1)
            return replace(state, entering=replace(typed, text=text)), ()
        case Key.OK:
            after = digits.onward(typed.text, typed.at)
            if after is None:
                return state, (TryPin(typed.text),)
            return replace(state, entering=replace(typed, at=after)), ()
        case Key.BACK:
            return replace(state, entering=None), ()


def _on_first_run(state: State, event: KeyEvent, view: View, now: Instant) -> Outcome:
    run, asks = wizard.press(QUESTIONS, facts(state, view, now), event)
    if run is None:
        return replace(state, away=True), ()
    return replace(state, run=run), asks


def _below(state: State, event: KeyEvent, view: View, now: Instant, patience: Patience) -> Outcome:
    """The navigator's turn, what it opens and asks for looked at once more."""
    before = state.below
    edited = entry(view, before.draft.entry) if before.draft is not None else None
    if edited is not None and edited.item.kind == "digits" and before.notice is None:
        moved = _digit(state, event, now)
        if moved is not None:
            return moved, ()
    returns = before.front is navigator.Front.RING and before.screen == HOME and event.key is Key.BACK
    below, asks = navigator.navigate(before, event, view, now, patience)
    state = replace(state, below=below)
    if before.draft is None and below.draft is not None:
        return _opening(state, before, view, now)
    if asks and edited is not None and not _may(state, edited, asks, view, now):
        return replace(
            state, below=replace(before, key_mono_s=now.mono_s), entering=Entering(edited.name)
        ), ()
    if asks and edited is not None and edited.item.sure:
        return replace(state, sure=Sure(edited.name, asks)), ()
    if below.front is navigator.Front.RING and below.screen == HOME:
        state = replace(state, gate=state.gate.closed(), away=state.away and not returns)
    return state, asks


def _opening(state: State, before: navigator.State, view: View, now: Instant) -> Outcome:
    """A row was chosen in the menu: its editor, the PIN before it, or what it does."""
    assert state.below.draft is not None
    chosen = entry(view, state.below.draft.entry)
    assert chosen is not None
    stays = replace(state, below=replace(before, key_mono_s=now.mono_s), at=0)
    first = next((found.name for found in entries(view, "installer")), "")
    then = first if chosen.item.key == INSTALLER else chosen.name
    if _guarded(chosen, view) and not state.gate.open(now.mono_s):
        return replace(stays, entering=Entering(then)), ()
    if chosen.item.key == INSTALLER:
        return replace(stays, below=replace(stays.below, cursor=first)), ()
    if chosen.item.kind == "act":
        does = chosen.intent(view, "yes")
        asks = () if does is None else (does,)
        return (replace(stays, sure=Sure(chosen.name, asks)), ()) if chosen.item.sure else (stays, asks)
    at = digits.first(str(state.below.draft.value)) if chosen.item.kind == "digits" else 0
    return replace(state, at=at), ()


def _guarded(chosen: Entry, view: View) -> bool:
    """Whether the PIN stands before a row; the mode's editor opens for all, since it stops a charge."""
    locked = view.settings.panel.locked and chosen.item.key != "mode"
    return chosen.item.level == "installer" or chosen.item.key == INSTALLER or locked


def _may(state: State, edited: Entry, asks: tuple[Asked, ...], view: View, now: Instant) -> bool:
    """Whether this may be asked for now: the PIN's time may be over, the panel may be locked."""
    if state.gate.open(now.mono_s):
        return True
    stops = all(isinstance(one, SetMode) and one.mode == "off" for one in asks)
    return stops or not (edited.item.level == "installer" or view.settings.panel.locked)


def _digit(state: State, event: KeyEvent, now: Instant) -> State | None:
    """A key in an editor of digits; ``None`` where it leaves or saves."""
    draft = state.below.draft
    if draft is None or event.kind is Kind.HOLD:
        return None
    text, at = str(draft.value), state.at
    below = replace(state.below, key_mono_s=now.mono_s, swallowed=None)
    match event.key:
        case Key.UP | Key.DOWN:
            text = digits.turned(text, at, 1 if event.key is Key.UP else -1)
            return replace(state, below=replace(below, draft=replace(draft, value=text)))
        case Key.OK:
            there = digits.onward(text, at)
        case Key.BACK:
            there = digits.backward(text, at)
    return None if there is None else replace(state, below=below, at=there)
