"""What a person must be told, from the whole page of a cycle: alarms are raised, seen, cleared (PNL-48).

Theory of operation. Each row of `causes.WATCHED` looks at the view and names what is wrong there. A cause is
RISING until it has lasted; then the alarm is STANDING and told. Once the cause is gone it is FADING for a
while, so that something that comes and goes is one alarm, and then cleared. A latched one fades until a
person clears it; clearing what still holds keeps it, as new. Any other stays listed as seen. An alarm that a
former run left open goes on without being told again; if it does not come back soon, it is cleared.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf
from typing import Final, assert_never

from hems.core.causes import WATCHED, Found, Watch, causes
from hems.core.rules import Rules
from hems.core.sources import event, stamp
from hems.model.alarm import PAST_KEPT, Alarm, AlarmCode, PastAlarm
from hems.model.instant import Instant
from hems.model.intents import Acknowledge, Errand
from hems.model.ledger import Event
from hems.model.view import View

RECALL_S: Final = 120.0
"""An alarm of a former run that is not raised again within this time of the new one is over."""


class Stage(StrEnum):
    """How far a cause has become an alarm."""

    RESTING = "resting"
    RISING = "rising"
    STANDING = "standing"
    FADING = "fading"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.RESTING: frozenset({Stage.RISING, Stage.STANDING}),
    Stage.RISING: frozenset({Stage.RESTING, Stage.STANDING}),
    Stage.STANDING: frozenset({Stage.FADING, Stage.RESTING}),
    Stage.FADING: frozenset({Stage.STANDING, Stage.RESTING}),
}


@dataclass(frozen=True, slots=True)
class Course:
    """One alarm's stage, since when, and the alarm as it will be or is told."""

    alarm: Alarm
    stage: Stage = Stage.RESTING
    since_mono_s: float = -inf


@dataclass(frozen=True, slots=True)
class State:
    """The alarms that are not at rest, oldest first; names and times of those that a former run left open.

    `past` are the last that were over, newest first.
    """

    courses: Mapping[str, Course] = field(default_factory=dict)
    recalled: Mapping[str, datetime | None] = field(default_factory=dict)
    began_mono_s: float | None = None
    past: tuple[PastAlarm, ...] = ()


Outcome = tuple[State, tuple[Alarm, ...], tuple[Event, ...]]


def step(rules: Rules, state: State, view: View, errands: Sequence[Errand] = ()) -> Outcome:
    """One cycle: what is to be told now, and what has changed. `errands` are what was asked for once."""
    now = view.now
    began_s = now.mono_s if state.began_mono_s is None else state.began_mono_s
    acknowledged = {errand.alarm for errand in errands if isinstance(errand, Acknowledge)}
    found = causes(rules, view)
    courses: dict[str, Course] = {}
    told: list[Event] = []
    past = state.past
    for name in (*state.courses, *(name for name in found if name not in state.courses)):
        cause = found.get(name)
        before = state.courses.get(name) or _new(found[name], state.recalled, now)
        after = _next(WATCHED[before.alarm.code], before, cause, name in acknowledged, now.mono_s)
        after = replace(after, alarm=_dated(after.alarm, now))
        told += _told(before, after, state.recalled, name in acknowledged, now)
        if after.stage is not Stage.RESTING:
            courses[name] = after
        elif before.stage is not Stage.RISING:
            past = (PastAlarm(after.alarm, stamp(now)), *past)[:PAST_KEPT]
    recalled, over = _recalled(state.recalled, courses, now.mono_s - began_s)
    told += [event("alarm_cleared", name, now) for name in over]
    alarms = tuple(one.alarm for one in courses.values() if one.stage is not Stage.RISING)
    return State(courses, recalled, began_s, past), alarms, tuple(told)


def begun(left: Mapping[str, datetime | None]) -> State:
    """The state of a new run, with the names of alarms that the former one `left` open and their times."""
    codes = {str(code): watch for code, watch in WATCHED.items()}
    ours = {
        name: since
        for name, since in left.items()
        if (watch := codes.get(name.partition(".")[0])) is not None and watch.ours
    }
    kept = {name: since for name, since in ours.items() if WATCHED[_code(name)].latched}
    courses = {name: _left(name, since) for name, since in kept.items()}
    return State(courses, {name: since for name, since in ours.items() if name not in kept})


def _left(name: str, since: datetime | None) -> Course:
    """A latched alarm of the former run: nobody has cleared it, whatever has become of its cause."""
    code, about = _code(name), name.partition(".")[2]
    return Course(Alarm(code, about, since, holds=False, latched=True), Stage.FADING)


def _code(name: str) -> AlarmCode:
    return next(code for code in WATCHED if code == name.partition(".")[0])


def _new(cause: Found, recalled: Mapping[str, datetime | None], now: Instant) -> Course:
    """A cause nobody knew of; if a former run told it, it dates from then."""
    alarm = Alarm(
        cause.code,
        cause.about,
        since_mono_s=now.mono_s,
        latched=WATCHED[cause.code].latched,
        figures=cause.figures,
    )
    return Course(replace(alarm, since=recalled.get(alarm.name)))


def _next(watch: Watch, before: Course, cause: Found | None, acknowledged: bool, now_s: float) -> Course:
    """One alarm in one cycle."""
    lasted_s = now_s - before.since_mono_s
    match before.stage:
        case Stage.RESTING:
            return _enter(before, Stage.RISING if watch.dwell_s else Stage.STANDING, now_s)
        case Stage.RISING:
            if cause is None:
                return _enter(before, Stage.RESTING, now_s)
            fresh = replace(before, alarm=replace(before.alarm, figures=cause.figures))
            return _enter(fresh, Stage.STANDING, now_s) if lasted_s >= watch.dwell_s else fresh
        case Stage.STANDING:
            seen = before if watch.latched else _seen(before, acknowledged)
            if cause is not None:
                return seen
            gone = replace(seen, alarm=replace(seen.alarm, holds=False))
            cleared = watch.latched and (acknowledged or not watch.ours)
            return _enter(gone, Stage.RESTING if cleared else Stage.FADING, now_s)
        case Stage.FADING:
            if cause is not None:
                back = replace(before.alarm, holds=True, figures=cause.figures)
                return _enter(replace(before, alarm=back), Stage.STANDING, now_s)
            over = acknowledged if watch.latched else lasted_s >= watch.calm_s
            return _enter(before, Stage.RESTING, now_s) if over else _seen(before, acknowledged)
        case _ as unreachable:
            assert_never(unreachable)


def _enter(course: Course, stage: Stage, now_s: float) -> Course:
    return Course(course.alarm, stage, now_s)


def _seen(course: Course, acknowledged: bool) -> Course:
    return replace(course, alarm=replace(course.alarm, seen=True)) if acknowledged else course


def _dated(alarm: Alarm, now: Instant) -> Alarm:
    """An alarm that began before anybody knew the time is dated once somebody does."""
    if alarm.since is not None or not now.trusted:
        return alarm
    return replace(alarm, since=now.wall - timedelta(seconds=now.mono_s - alarm.since_mono_s))


def _told(
    before: Course, after: Course, recalled: Mapping[str, datetime | None], acknowledged: bool, now: Instant
) -> Iterator[Event]:
    """Told once when it stands and once when it is over, unless the rule that found it tells it itself."""
    alarm = after.alarm
    if not WATCHED[alarm.code].ours:
        return
    stood = before.stage in (Stage.STANDING, Stage.FADING)
    stands = after.stage in (Stage.STANDING, Stage.FADING)
    if stands and not stood and alarm.name not in recalled:
        yield event("alarm_raised", alarm.name, now, **alarm.figures)
    elif stood and not stands:
        yield event("alarm_cleared", alarm.name, now)
    elif stood and acknowledged and alarm.latched:
        yield event("alarm_kept", alarm.name, now)


def _recalled(
    recalled: Mapping[str, datetime | None], courses: Mapping[str, Course], running_s: float
) -> tuple[Mapping[str, datetime | None], tuple[str, ...]]:
    """What a former run left open and is not accounted for yet, and what of it is over."""
    if not recalled:
        return recalled, ()
    left = {
        name: since
        for name, since in recalled.items()
        if name not in courses or courses[name].stage is Stage.RISING
    }
    if running_s < RECALL_S:
        return left, ()
    waiting = {name: since for name, since in left.items() if name in courses}
    return waiting, tuple(name for name in left if name not in courses)
