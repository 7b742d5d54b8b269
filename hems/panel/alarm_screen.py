"""The screen of alarms: what stands, what a person has seen, and what was before (PNL-48).

A cursor names an alarm and one of the pages of its words; ``no:`` or ``yes:`` before it is the question
whether a latched one shall be cleared, ``past:`` a place in the history.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from hems.language import said
from hems.language.words import marked, t
from hems.model.alarm import Alarm
from hems.model.intents import Acknowledge
from hems.model.view import View
from hems.panel.format import UNKNOWN, age, day, shortened, wrapped
from hems.panel.keys import Key, KeyEvent
from hems.panel.layout import COLUMNS, Cell, Look, Spot, label
from hems.panel.screen import Rows, Screen, Taken, everyone, step_of, turned

ALARMS: Final = "alarms"
WORD_ROWS: Final = 2
PAST: Final = "past:"
NO: Final = "no:"
YES: Final = "yes:"


def alarm_key(alarm: Alarm) -> str:
    """What tells an alarm from all others, also from itself at another time."""
    return f"{alarm.name}@{alarm.since_mono_s:.1f}"


def words_of(alarm: Alarm) -> str:
    """What an alarm is."""
    return said.alarm(alarm)


def does(alarm: Alarm) -> tuple[str, ...]:
    """What is done about it, in rows."""
    return wrapped(said.alarm_long(alarm), COLUMNS, 4)


def _cursors(view: View) -> tuple[str, ...]:
    """All that the cursor stands at in turn: ``name`` for the first words of an alarm, ``name+`` for more."""
    return tuple(
        name
        for alarm in view.alarms
        for name in (alarm.name, f"{alarm.name}+")[: 1 + (len(does(alarm)) > WORD_ROWS)]
    )


def _named(look: Look) -> str:
    return look.spot.cursor.removeprefix(NO).removeprefix(YES).removesuffix("+")


def _here(look: Look) -> Alarm | None:
    """The alarm at the cursor, else the first that was not seen, else the first."""
    alarms = look.view.alarms
    named = (alarm for alarm in alarms if alarm.name == _named(look))
    unseen = (alarm for alarm in alarms if not alarm.seen)
    return next(named, None) or next(unseen, None) or next(iter(alarms), None)


def _past(look: Look) -> tuple[int, int]:
    """Place in the history and its length."""
    length, place = len(look.view.past_alarms), look.spot.cursor.removeprefix(PAST)
    return (min(int(place), length - 1) if place.isdecimal() and length else 0), length


def _past_number(look: Look) -> str:
    place, length = _past(look)
    return f"{place + 1}/{length}" if length else ""


def _take(look: Look, event: KeyEvent) -> Taken:
    """OK goes inside, marks as seen, asks before it clears, and shows the history once all is seen."""
    cursor, alarm, ok = look.spot.cursor, _here(look), event.key is Key.OK
    if cursor.startswith(PAST):
        place, length = _past(look)
        step = 0 if ok or not length else step_of(event)
        return Taken(Spot(2, f"{PAST}{(place + step) % max(1, length)}"))
    if cursor.startswith((NO, YES)):
        named = _named(look)
        if not ok:
            return Taken(Spot(2, (YES if cursor.startswith(NO) else NO) + named))
        return Taken(Spot(1, named), (Acknowledge(named),) if cursor.startswith(YES) else ())
    if not ok:
        names = _cursors(look.view)
        standing = cursor if cursor in names else alarm.name if alarm else ""
        return Taken(Spot(1, turned(names, standing, step_of(event))))
    if look.spot.level == 0 and alarm is not None:
        return Taken(Spot(1, alarm.name))
    if alarm is None or alarm.seen:
        return Taken(Spot(2, f"{PAST}0"))
    if alarm.latched:
        return Taken(Spot(2, NO + alarm.name))
    return Taken(Spot(1, alarm.name), (Acknowledge(alarm.name),))


def _of(value: Callable[[Alarm, Look], str]) -> Callable[[Look], str]:
    """Words about the alarm at the cursor; none without one."""

    def words(look: Look) -> str:
        alarm = _here(look)
        return "" if alarm is None else value(alarm, look)

    return words


def _number(alarm: Alarm, look: Look) -> str:
    return f"{look.view.alarms.index(alarm) + 1}/{len(look.view.alarms)}"


def _since(alarm: Alarm, look: Look) -> str:
    if alarm.since is None:
        return t("for {time}").format(time=age(look.now.mono_s - alarm.since_mono_s))
    return t("since {time}").format(time=_moment(alarm.since, look))


def _moment(moment: datetime | None, look: Look) -> str:
    """``14:02:31`` today, ``3 Nov 14:02`` on another day."""
    if moment is None:
        return UNKNOWN
    local = moment.astimezone(look.now.wall.tzinfo)
    if look.now.trusted and local.date() == look.now.wall.date():
        return f"{local:%H:%M:%S}"
    return f"{day(local)} {local:%H:%M}"


def _title(look: Look) -> str:
    """Whether the alarm stands, was seen, or is over and waits for a person."""
    alarm = _here(look)
    if alarm is not None and not alarm.holds:
        return t("Over")
    return t("Seen") if alarm is not None and alarm.seen else t("Alarm")


def _word_row(place: int) -> Callable[[Look], str]:
    def words(alarm: Alarm, look: Look) -> str:
        rows = does(alarm)
        first = WORD_ROWS if look.spot.cursor.endswith("+") else 0
        return rows[first + place] if first + place < len(rows) else ""

    return _of(words)


def _foot(look: Look) -> str:
    """What OK and down do here."""
    alarm = _here(look)
    if look.spot.level == 0 and alarm is not None:
        return t("OK look")
    more = t("down next") if len(_cursors(look.view)) > 1 else ""
    ok = t("OK past") if more else t("OK past alarms")
    if alarm is not None and not alarm.seen:
        ok = t("OK clear") if alarm.latched else t("OK seen")
    return ok + more.rjust(COLUMNS - len(ok))


def _answer(prefix: str, words: str) -> tuple[Cell, Cell]:
    """An answer to the question, as a bar where the cursor stands."""
    row = 3 if prefix == NO else 4

    def chosen(look: Look) -> str:
        return t(words) if look.spot.cursor.startswith(prefix) else ""

    def other(look: Look) -> str:
        return "" if look.spot.cursor.startswith(prefix) else t(words)

    return Cell(row, 0, COLUMNS, chosen, inverse=True), Cell(row, 0, COLUMNS, other)


def _bygone(value: Callable[[Alarm, datetime | None, Look], str]) -> Callable[[Look], str]:
    def words(look: Look) -> str:
        place, length = _past(look)
        if not length:
            return ""
        past = look.view.past_alarms[place]
        return value(past.alarm, past.until, look)

    return words


def _when(moment: datetime | None, look: Look, words: str) -> str:
    return t(words).format(time=_moment(moment, look))


_ABOUT: Final = _of(lambda alarm, _: shortened(alarm.about, 9))
_TITLE: Final = (Cell(0, 0, 6, _title), Cell(0, 7, 9, _ABOUT), Cell(0, 16, 5, _of(_number), right=True))
_WORDS: Final = Cell(1, 0, COLUMNS, _of(lambda alarm, _: words_of(alarm)))

QUESTION: Final[Rows] = (
    *_TITLE,
    _WORDS,
    Cell(2, 0, COLUMNS, lambda _: t("Clear it?")),
    *_answer(NO, marked("no")),
    *_answer(YES, marked("yes")),
)

HISTORY: Final[Rows] = (
    label(0, marked("Before")),
    Cell(0, 7, 8, _bygone(lambda alarm, _, __: shortened(alarm.about, 8))),
    Cell(0, 16, 5, _past_number, right=True),
    Cell(1, 0, COLUMNS, _bygone(lambda alarm, _, __: words_of(alarm))),
    Cell(2, 0, COLUMNS, _bygone(lambda alarm, _, look: _when(alarm.since, look, "from {time}"))),
    Cell(3, 0, COLUMNS, _bygone(lambda _, until, look: _when(until, look, "to {time}"))),
    Cell(3, 0, COLUMNS, lambda look: "" if look.view.past_alarms else t("nothing so far")),
)


def _inside(look: Look) -> Rows | None:
    if look.spot.cursor.startswith(PAST):
        return HISTORY
    return QUESTION if look.spot.cursor.startswith((NO, YES)) else None


ALARM_SCREEN: Final = Screen(
    ALARMS,
    everyone,
    (
        *_TITLE,
        _WORDS,
        Cell(2, 0, COLUMNS, _of(_since)),
        Cell(2, 0, COLUMNS, lambda look: "" if look.view.alarms else t("no alarms")),
        Cell(3, 0, COLUMNS, _word_row(0)),
        Cell(4, 0, COLUMNS, _word_row(1)),
        Cell(5, 0, COLUMNS, _foot, inverse=True),
    ),
    keys=_take,
    inside=_inside,
)
