"""Charging sessions: one car at one charger (CNT-80 to CNT-85).

Theory of operation. A session begins when the status leaves A and ends when two readings in a row say A; a
charger without a status begins one after 10 s above 1 A and ends it after 15 min below. Nothing heard for a
day ends it as silent, another vehicle as replaced. After a restart B to D continues the open session, A
closes it as it was stored. A session that ends while the clock is not trusted waits for it to be dated, but
not beyond this run.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from hems.core.counting import ChargerSample
from hems.core.energy import MWH_PER_WH, UNATTRIBUTED
from hems.core.origin import GRID
from hems.core.sources import GAP_S, count_one, elapsed_s, event, moment, remember, risen, stamp
from hems.model.instant import Instant
from hems.model.ledger import Event, Last, State
from hems.model.runs import Session, session_figures

STATUSES: Final = "ABCDEF"
PLUGGED: Final = ("B", "C", "D")
DRAWING_A: Final = 1.0
BEGIN_S: Final = 10.0
END_S: Final = 900.0
SILENT_S: Final = 86_400.0
COUNTED_WH: Final = 100
"""A session counts when it has reached so much."""

FIRST_SIGHT: Final = "partial"


@dataclass(frozen=True, slots=True)
class Gained:
    """What a car got by one sample: its Wh by origin and what they cost."""

    parts_wh: Mapping[str, int]
    cost_ueur: int = 0


def resumed(owner: str, state: State, sample: ChargerSample, now: Instant) -> tuple[State, tuple[Event, ...]]:
    """After a restart: a car that is gone takes its session along, as it was stored."""
    source = f"{owner}.status"
    if sample.status != "A" or owner not in state.ledger.sessions or source in state.tally.seen_mono_s:
        return state, ()
    return _close(owner, state, "unplugged", moment(state, source, now), now)


def step(
    owner: str,
    before: State,
    state: State,
    sample: ChargerSample,
    gained: Gained,
    estimated: bool,
    now: Instant,
) -> tuple[State, tuple[Event, ...]]:
    """Follow the session of one charger through one sample.

    `before` is the state before the sample was counted, `state` after that. What was gained belongs to the
    session that was open before.
    """
    state, events = _dated(owner, state, now)
    state, told = _credit(owner, before, state, sample, gained, now)
    events += told
    state, told = _hushed(owner, state, sample, now)
    events += told
    if sample.status is not None:
        state, told = _by_status(owner, before, state, sample, estimated, now)
    elif f"{owner}.status" not in state.ledger.last and sample.current_a is not None:
        state, told = _by_current(owner, before, state, sample, estimated, now)
    else:
        told = ()
    return state, events + told


def _credit(
    owner: str, before: State, state: State, sample: ChargerSample, gained: Gained, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    """Add what was counted to the open session, and its start once the clock can tell it."""
    session = state.ledger.sessions.get(owner)
    if session is None:
        return state, ()
    wh = risen(before.ledger, state.ledger, f"{owner}.energy.all")
    grid_wh = dict(session.grid_wh)
    for part, part_wh in gained.parts_wh.items():
        if part.startswith(GRID):
            tariff = part.removeprefix(GRID)
            grid_wh[tariff] = grid_wh.get(tariff, 0) + part_wh
    power_w = sample.power_w if sample.power_w is not None and math.isfinite(sample.power_w) else 0.0
    changed = replace(
        session,
        vehicle=session.vehicle or sample.vehicle,
        start=session.start or _begun(owner, state, now),
        energy_wh=session.energy_wh + wh,
        solar_wh=session.solar_wh + gained.parts_wh.get("solar", 0),
        battery_wh=session.battery_wh + gained.parts_wh.get("battery", 0),
        grid_wh=grid_wh,
        unattributed_wh=session.unattributed_wh + gained.parts_wh.get(UNATTRIBUTED, 0),
        cost_ueur=session.cost_ueur + gained.cost_ueur,
        charging_s=session.charging_s + risen(before.ledger, state.ledger, f"{owner}.charge_time_s"),
        power_max_w=max(session.power_max_w, power_w),
        lines_used=max(session.lines_used, sample.lines_used),
        contactor=session.contactor + risen(before.ledger, state.ledger, f"{owner}.contactor"),
        total_start_wh=_total_wh(owner, state) if session.total_start_wh is None else session.total_start_wh,
    )
    if changed == session:
        return state, ()
    state = _put(state, owner, changed)
    if session.energy_wh < COUNTED_WH <= changed.energy_wh:
        state, counted = count_one(state, f"{owner}.sessions", now)
        return state, (counted,)
    return state, ()


def _hushed(owner: str, state: State, sample: ChargerSample, now: Instant) -> tuple[State, tuple[Event, ...]]:
    """End the session of a charger that was not heard for a day, or whose vehicle is another one."""
    session = state.ledger.sessions.get(owner)
    if session is None:
        return state, ()
    heard = f"{owner}.status" if f"{owner}.status" in state.ledger.last else f"{owner}.charge_time_s"
    if SILENT_S < elapsed_s(state, heard, now) < math.inf:
        return _close(owner, state, "silent", moment(state, heard, now), now)
    if sample.vehicle not in ("", session.vehicle):
        return _close(owner, state, "replaced", stamp(now), now)
    return state, ()


def _by_status(
    owner: str, before: State, state: State, sample: ChargerSample, estimated: bool, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    assert sample.status is not None
    source, code = f"{owner}.status", STATUSES.index(sample.status)
    last, too_old = state.ledger.last.get(source), elapsed_s(state, source, now) > GAP_S
    events: tuple[Event, ...] = ()
    if owner not in state.ledger.sessions and sample.status in PLUGGED:
        partial = last is None or too_old
        state, events = _begin(owner, before, state, sample, partial, estimated, now)
    elif owner in state.ledger.sessions and code == 0 and last is not None and last.value == 0:
        state, events = _close(owner, state, "unplugged", moment(state, source, now), now)
    return remember(state, source, Last(code, stamp(now)), now), events


def _by_current(
    owner: str, before: State, state: State, sample: ChargerSample, estimated: bool, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    """For a charger without a status: `drawing` is remembered only when it changes."""
    assert sample.current_a is not None
    source, drawing = f"{owner}.drawing", sample.current_a > DRAWING_A
    last, since_s = state.ledger.last.get(source), elapsed_s(state, source, now)
    if last is None or bool(last.value) is not drawing:
        part = FIRST_SIGHT if last is None and drawing else ""
        return remember(state, source, Last(int(drawing), stamp(now), part), now), ()
    is_open = owner in state.ledger.sessions
    if drawing and not is_open and since_s >= BEGIN_S:
        return _begin(owner, before, state, sample, last.part == FIRST_SIGHT, estimated, now)
    if not drawing and is_open and since_s >= END_S:
        return _close(owner, state, "unplugged", moment(state, source, now), now)
    return state, ()


def _begin(
    owner: str,
    before: State,
    state: State,
    sample: ChargerSample,
    partial: bool,
    estimated: bool,
    now: Instant,
) -> tuple[State, tuple[Event, ...]]:
    source = f"{owner}.session"
    former = state.ledger.last.get(source)
    number = former.value + 1 if former else 1
    session = Session(
        id=f"{owner}-{number}",
        charger=int(owner.removeprefix("ev")),
        vehicle=sample.vehicle,
        start=stamp(now),
        contactor=risen(before.ledger, state.ledger, f"{owner}.contactor"),
        mode=sample.mode,
        total_start_wh=_total_wh(owner, state),
        partial=partial,
        estimated=estimated,
    )
    state = _put(remember(state, source, Last(number, stamp(now)), now), owner, session)
    return state, (event("session_began", owner, now, id=session.id),)


def _close(
    owner: str, state: State, reason: str, end: datetime | None, now: Instant
) -> tuple[State, tuple[Event, ...]]:
    """End the open session; one without energy leaves no trace, one without a date waits for it."""
    session = replace(
        state.ledger.sessions[owner], reason=reason, end=end, total_end_wh=_total_wh(owner, state)
    )
    state = _put(state, owner, None)
    if session.energy_wh == 0:
        return state, ()
    if end is not None or now.trusted:
        return state, (_ended(owner, session, now),)
    state, events = _dismissed(owner, state, now)
    seen = state.tally.seen_mono_s
    dates = {f"{owner}.ended": now.mono_s, f"{owner}.begun": seen.get(f"{owner}.session", now.mono_s)}
    state = replace(state, tally=replace(state.tally, seen_mono_s={**seen, **dates}))
    return _put(state, f"{owner}.ended", session), events


def _dated(owner: str, state: State, now: Instant) -> tuple[State, tuple[Event, ...]]:
    """Tell the session that waits for the clock, once it is trusted or its run is over."""
    place = f"{owner}.ended"
    session = state.ledger.sessions.get(place)
    if session is None or (not now.trusted and place in state.tally.seen_mono_s):
        return state, ()
    at, seen = stamp(now), state.tally.seen_mono_s
    if at is not None and place in seen:
        end = at - timedelta(seconds=now.mono_s - seen[place])
        begun = at - timedelta(seconds=now.mono_s - seen[f"{owner}.begun"])
        state = _put(state, place, replace(session, start=session.start or begun, end=end))
    return _dismissed(owner, state, now)


def _dismissed(owner: str, state: State, now: Instant) -> tuple[State, tuple[Event, ...]]:
    place = f"{owner}.ended"
    session = state.ledger.sessions.get(place)
    if session is None:
        return state, ()
    return _put(state, place, None), (_ended(owner, session, now),)


def _ended(owner: str, session: Session, now: Instant) -> Event:
    return event("session_ended", owner, now, **session_figures(session))


def _begun(owner: str, state: State, now: Instant) -> datetime | None:
    """When the open session began, if this run saw it and the clock can tell by now."""
    at, began_mono_s = stamp(now), state.tally.seen_mono_s.get(f"{owner}.session")
    if at is None or began_mono_s is None:
        return None
    return at - timedelta(seconds=now.mono_s - began_mono_s)


def _total_wh(owner: str, state: State) -> int | None:
    last = state.ledger.last.get(f"{owner}.energy")
    return None if last is None else last.value // MWH_PER_WH


def _put(state: State, place: str, session: Session | None) -> State:
    sessions = {name: known for name, known in state.ledger.sessions.items() if name != place}
    if session is not None:
        sessions[place] = session
    return State(state.tally, replace(state.ledger, sessions=sessions))
