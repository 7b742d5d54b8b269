"""Where the person is: `navigate` takes a key or the passing of time and gives the next state and intents.

Theory of operation. In front of the ring of screens may stand the menu, before it an editor, before all a
notice; the front-most takes the key. Back leaves the front-most and, on the ring, goes home. OK held on a car
or in its menu edits the boost. Nothing leaves the panel but by OK in an editor. Left alone, the display dims,
then goes dark and everything returns home unsaved; the first press on a dark display only wakes it, until it
is released.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from hems.model.instant import Instant
from hems.model.intents import Install, Refusal
from hems.model.view import View
from hems.panel.alarm_screen import ALARMS, alarm_key
from hems.panel.asks import Asked
from hems.panel.item import Value
from hems.panel.items import Entry, entries, entry, moved
from hems.panel.keys import REPEATING, Key, KeyEvent, Kind
from hems.panel.layout import LOOKING, Look, Spot
from hems.panel.screen import Place
from hems.panel.screens import CAR_SCREEN, HOME, SETTINGS, places, standing

BOOST: Final = "boost"
"""The item that a held OK edits."""


class Front(StrEnum):
    """What stands foremost."""

    RING = "ring"
    MENU = "menu"
    EDITOR = "editor"
    NOTICE = "notice"


ALLOWED: Final[Mapping[Front, frozenset[Front]]] = {
    Front.RING: frozenset({Front.MENU, Front.NOTICE}),
    Front.MENU: frozenset({Front.RING, Front.EDITOR, Front.NOTICE}),
    Front.EDITOR: frozenset({Front.RING, Front.MENU, Front.NOTICE}),
    Front.NOTICE: frozenset({Front.RING, Front.MENU, Front.EDITOR}),
}


class Light(StrEnum):
    """How bright the display is."""

    BRIGHT = "bright"
    DIM = "dim"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds after the last key until the display dims, goes dark, and an editor is left unsaved."""

    dim_after_s: float = 60.0
    dark_after_s: float = 120.0
    leave_after_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Draft:
    """A value that is being edited: `before` was in force when the editor was opened."""

    entry: str
    value: Value
    before: Value


@dataclass(frozen=True, slots=True)
class State:
    """Screen by name and the spot on it, menu cursor (empty = not in the menu), draft, notice, the last key.

    `known` are the alarms that were in front.
    """

    key_mono_s: float
    screen: str = HOME
    spot: Spot = LOOKING
    cursor: str = ""
    draft: Draft | None = None
    notice: Refusal | None = None
    swallowed: Key | None = None
    known: frozenset[str] = frozenset()

    @property
    def front(self) -> Front:
        """What stands foremost."""
        if self.notice is not None:
            return Front.NOTICE
        if self.draft is not None:
            return Front.EDITOR
        return Front.MENU if self.cursor else Front.RING


Outcome = tuple[State, tuple[Asked, ...]]


def navigate(state: State, event: KeyEvent | None, view: View, now: Instant, patience: Patience) -> Outcome:
    """One key, or (``None``) time has passed."""
    now_s = now.mono_s
    if event is None:
        left = now_s - state.key_mono_s >= patience.leave_after_s
        return _alarmed(_home(state) if left else state, view, now_s), ()
    if event.kind is Kind.TAP and light(state, now_s, patience) is Light.DARK:
        return replace(_woken(state, view), key_mono_s=now_s, swallowed=event.key), ()
    if event.kind is not Kind.TAP and event.key is state.swallowed:
        return replace(state, key_mono_s=now_s), ()
    state = replace(state, key_mono_s=now_s, swallowed=None)
    if event.kind is Kind.HOLD:
        return (_home(state) if event.key is Key.BACK else _boosting(state, view)), ()
    if event.kind is Kind.REPEAT and event.key not in REPEATING:
        return state, ()
    match state.front:
        case Front.NOTICE:
            return replace(state, notice=None), ()
        case Front.EDITOR:
            return _in_editor(state, event, view)
        case Front.MENU:
            return _in_menu(state, event, view), ()
        case Front.RING:
            return _on_ring(state, event, view, now)


def light(state: State, now_s: float, patience: Patience) -> Light:
    """How bright the display should be."""
    idle_s = now_s - state.key_mono_s
    if idle_s < patience.dim_after_s:
        return Light.BRIGHT
    return Light.DIM if idle_s < patience.dark_after_s else Light.DARK


def told(state: State, refusal: Refusal) -> State:
    """Show why what was asked here is not granted."""
    return replace(state, notice=refusal)


def ring(view: View) -> tuple[str, ...]:
    """The names of all screens, home first, the settings last if there is anything to set."""
    return (*(place.name for place in places(view)), *((SETTINGS,) if entries(view) else ()))


def _home(state: State) -> State:
    return State(state.key_mono_s, known=state.known)


def _woken(state: State, view: View) -> State:
    """What stands on a display that was dark: what was not seen yet, else home."""
    unseen = any(not alarm.seen for alarm in view.alarms)
    return replace(_home(state), screen=ALARMS, spot=Spot(1)) if unseen else _home(state)


def _alarmed(state: State, view: View, now_s: float) -> State:
    """A new alarm comes to the front and wakes the display, unless somebody is editing (PNL-48)."""
    told = {alarm_key(alarm): alarm for alarm in view.alarms}
    new = [key for key, alarm in told.items() if key not in state.known and not alarm.seen]
    if not new or state.front not in (Front.RING, Front.MENU):
        return state if state.known <= told.keys() else replace(state, known=state.known & told.keys())
    spot = Spot(1, told[new[0]].name)
    return State(now_s, ALARMS, spot, known=frozenset(told))


def _on_ring(state: State, event: KeyEvent, view: View, now: Instant) -> Outcome:
    place, inside = standing(view, state.screen), state.spot.level > 0
    if event.key is Key.BACK:
        return (replace(state, spot=Spot(state.spot.level - 1)) if inside else _home(state)), ()
    if place is not None and place.screen.keys is not None and (inside or event.key is Key.OK):
        taken = place.screen.keys(Look(view, now, place.subject, state.spot), event)
        return replace(state, spot=taken.spot), taken.intents
    if event.key is Key.OK:
        return replace(state, cursor=_first_entry(view, state.screen, place)), ()
    names = ring(view)
    index = names.index(state.screen) if state.screen in names else 0
    step = 1 if event.key is Key.DOWN else -1
    return replace(state, screen=names[(index + step) % len(names)], spot=Spot()), ()


def _first_entry(view: View, screen: str, place: Place | None) -> str:
    """The first row of the menu that OK opens: of a car, or of all settings; "" for none."""
    if screen == SETTINGS:
        return entries(view)[0].name if entries(view) else ""
    charger = place.subject if place is not None and place.screen is CAR_SCREEN else ""
    return next((found.name for found in entries(view) if charger and found.charger == charger), "")


def _in_menu(state: State, event: KeyEvent, view: View) -> State:
    chosen = entry(view, state.cursor)
    if chosen is None or event.key is Key.BACK:
        return replace(state, cursor="")
    names = [found.name for found in entries(view, chosen.item.level)]
    index = names.index(chosen.name)
    match event.key:
        case Key.UP:
            return replace(state, cursor=names[(index - 1) % len(names)])
        case Key.DOWN:
            return replace(state, cursor=names[(index + 1) % len(names)])
        case Key.OK:
            return _editing(state, chosen, view)


def _editing(state: State, chosen: Entry, view: View) -> State:
    return replace(state, draft=Draft(chosen.name, chosen.opening(view), chosen.present(view)))


def _boosting(state: State, view: View) -> State:
    """OK held on a car, whose menu its press has opened: the editor of the boost (CHG-120)."""
    chosen = entry(view, state.cursor) if state.front is Front.MENU else None
    boost = entry(view, f"{chosen.charger}.{BOOST}") if chosen is not None else None
    return state if boost is None else _editing(replace(state, cursor=boost.name), boost, view)


def _in_editor(state: State, event: KeyEvent, view: View) -> Outcome:
    draft = state.draft
    edited = entry(view, draft.entry) if draft is not None else None
    if draft is None or edited is None or event.key is Key.BACK:
        return replace(state, draft=None), ()
    known = edited.item.kind == "digits" or draft.value in edited.values(view)
    if event.key is Key.OK and not known:
        return replace(state, draft=replace(draft, value=edited.present(view))), ()
    if event.key is Key.OK:
        asked = edited.intent(view, draft.value)
        if isinstance(asked, Install) and draft.value == edited.present(view):
            return replace(state, draft=None), ()
        return (replace(state, draft=None), (asked,)) if asked is not None else (state, ())
    value = moved(view, edited, draft.value, 1 if event.key is Key.UP else -1, event.count)
    return replace(state, draft=replace(draft, value=value)), ()
