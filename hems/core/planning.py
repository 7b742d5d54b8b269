"""When a car is charged so that it costs least and is ready in time (CHG-91, CHG-92, CHG-93).

How it works. The need is laid into the time from now to the deadline: at its end the precondition, at its
beginning a running piece that is not worth breaking, before the precondition a margin that stays free, and
the rest where it is cheapest. Time that no rate prices is dearer than all other time, so it is charged in
only where there is no other way, and without any prices the rest becomes one piece as late as can be.

Instants are aware and compare in UTC. Nothing is planned for a need that is no positive number, nor for a
deadline that has passed. Callers do not plan while the wall clock is not trusted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from hems.core.cheapest import cheapest, window
from hems.core.rules import PlanRules
from hems.core.spans import (
    UNPRICED,
    US_PER_S,
    Span,
    cut,
    microseconds,
    moment,
    row_of,
    since_epoch,
    slots_of,
    spans_of,
)
from hems.model.prices import Slot


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be planned: so many seconds of charging until an aware deadline.

    The last `precondition_s` of the need lie directly before the deadline, whatever they cost. `one_piece`
    asks for a single window besides them.
    """

    need_s: float
    deadline: datetime
    one_piece: bool = False
    precondition_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Planned:
    """When to charge: slots in UTC, in order, each with its price (``None`` where none is known).

    A slot never goes beyond one of the rates: a piece of charging may be several slots that touch. From
    `latest_start` on no time is left to choose. `later_s` waits for prices that are not known yet.
    """

    slots: tuple[Slot, ...]
    latest_start: datetime
    later_s: float = 0.0


class Frame(NamedTuple):
    """The bounds of a plan: charged until `first_us` and from `ready_us` on, to be chosen until `end_us`."""

    now_us: int
    first_us: int
    end_us: int
    ready_us: int
    deadline_us: int


def cheapest_slots(
    rates: Sequence[Slot], need_s: float, now: datetime, deadline: datetime, precondition_s: float = 0.0
) -> tuple[Slot, ...]:
    """The cheapest way to charge `need_s` seconds between now and the deadline; all that time if it is short.

    At equal cost the fewest pieces, then the later. The last `precondition_s` of the need are directly before
    the deadline. Time without a price is used only where other time is short. Slots that touch stay apart.
    """
    frame, rest_us = _framed(need_s, now, deadline, precondition_s)
    spans = spans_of(rates)
    row = row_of(spans, frame.first_us, frame.end_us)
    return _slots(spans, frame, cheapest(row, rest_us, goes_on=frame.end_us < frame.deadline_us))


def cheapest_window(
    rates: Sequence[Slot], need_s: float, now: datetime, deadline: datetime, precondition_s: float = 0.0
) -> tuple[Slot, ...]:
    """As `cheapest_slots`, but in one window, besides what is charged directly before the deadline.

    The window is cut into slots where the price changes. At equal cost the latest.
    """
    frame, rest_us = _framed(need_s, now, deadline, precondition_s)
    spans = spans_of(rates)
    return _slots(spans, frame, window(row_of(spans, frame.first_us, frame.end_us), rest_us))


def plan(
    rules: PlanRules, rates: Sequence[Slot], ask: Ask, running: Sequence[Slot], now: datetime
) -> Planned:
    """The plan for one target (CHG-92, CHG-93); `running` are the slots that are followed now, if any.

    Everything but the precondition ends a margin before the deadline. No price known: one piece as late as
    that allows. No time left to choose: from now on and through, at most to the deadline. Prices that end
    before: only what cannot wait for more of them. The piece of `running` that holds `now` goes on if it
    would end soon, or is the single one. A need too short for a start gets no slot, and until the deadline
    nothing presses.
    """
    frame, rest_us = _framed(ask.need_s, now, ask.deadline, ask.precondition_s)
    need_us = rest_us + frame.deadline_us - frame.ready_us
    left_us = _piece_end(running, frame.now_us) - frame.now_us
    if left_us <= 0 and microseconds(ask.need_s) < microseconds(rules.last_s):
        return Planned((), moment(frame.deadline_us))
    if left_us <= 0 and rest_us < microseconds(rules.last_s):
        frame, rest_us = frame._replace(ready_us=frame.ready_us - rest_us), 0
    margin_us = microseconds(rules.margin_s) + round(rules.margin_share * need_us)
    end_us = min(frame.ready_us, frame.deadline_us - margin_us)
    latest_us = max(frame.now_us, end_us - rest_us if rest_us else frame.ready_us)
    spans = spans_of(rates)
    if latest_us <= frame.now_us:
        through = frame._replace(first_us=frame.now_us + rest_us)
        return Planned(_slots(spans, through, []), moment(latest_us))
    on_us = _carried_on(rules, ask, left_us, rest_us)
    frame = frame._replace(first_us=frame.now_us + on_us, end_us=end_us)
    row, later_us = _until_known(rules, ask, row_of(spans, frame.first_us, end_us), rest_us - on_us)
    need_us, begun = rest_us - on_us - later_us, left_us > 0
    pieces = window(row, need_us) if ask.one_piece else _chosen(rules, frame, row, need_us, begun)
    return Planned(_slots(spans, frame, pieces), moment(latest_us), later_us / US_PER_S)


def _carried_on(rules: PlanRules, ask: Ask, left_us: int, rest_us: int) -> int:
    """How long charging goes on from now whatever it costs, because a running piece is not broken."""
    if left_us <= 0:
        return 0
    if ask.one_piece or rest_us < microseconds(rules.last_s):
        return rest_us
    if left_us >= microseconds(rules.finish_s):
        return 0
    return rest_us if rest_us - left_us < microseconds(rules.last_s) else left_us


def _until_known(rules: PlanRules, ask: Ask, row: list[Span], need_us: int) -> tuple[list[Span], int]:
    """The row up to its last known price, and how much of the need waits for those behind it.

    Neither part is too short for a start, else nothing waits.
    """
    known = len(row)
    while known and row[known - 1].rank == UNPRICED:
        known -= 1
    if not known or known == len(row):
        return row, 0
    wait_us = row[-1].ends_us - row[known - 1].ends_us
    if need_us <= wait_us:
        return row[:known], need_us
    later_us = min(wait_us, need_us - microseconds(rules.last_s))
    if ask.one_piece or later_us < microseconds(rules.last_s):
        return row, 0
    return row[:known], later_us


def _chosen(rules: PlanRules, frame: Frame, row: list[Span], need_us: int, begun: bool) -> list[Span]:
    """The cheapest spans of a row; a last piece too short for a start is charged earlier, or else grows."""
    goes_on = bool(row) and row[-1].ends_us == frame.ready_us < frame.deadline_us
    pieces = cheapest(row, need_us, begun, goes_on)
    short = _short_end(rules, pieces, frame, goes_on)
    if short is None:
        return pieces
    begins_us, ends_us = short
    earlier = [span for span in row if span.begins_us <= begins_us]
    rank = earlier[-1].rank
    while earlier and earlier[-1].rank == rank:
        earlier.pop()
    if earlier and need_us <= earlier[-1].ends_us - earlier[0].begins_us:
        moved = cheapest(earlier, need_us, begun)
        if _short_end(rules, moved, frame, goes_on) is None:
            return moved
    last_us = min(microseconds(rules.last_s), need_us)
    before = cut(row, row[0].begins_us, ends_us - last_us)
    return [*cheapest(before, need_us - last_us, begun, True), *cut(row, ends_us - last_us, ends_us)]


def _framed(need_s: float, now: datetime, deadline: datetime, precondition_s: float) -> tuple[Frame, int]:
    """The time there is, without a margin, and how much of the need comes before the precondition."""
    now_us = since_epoch(now)
    deadline_us = max(now_us, since_epoch(deadline))
    need_us = min(microseconds(need_s), deadline_us - now_us)
    ready_us = deadline_us - min(microseconds(precondition_s), need_us)
    return Frame(now_us, now_us, ready_us, ready_us, deadline_us), need_us - (deadline_us - ready_us)


def _piece_end(slots: Sequence[Slot], now_us: int) -> int:
    """When the piece of charging that holds now ends; now, if none does."""
    end_us = now_us
    for span in spans_of(slots):
        if span.begins_us <= end_us:
            end_us = max(end_us, span.ends_us)
    return end_us


def _short_end(rules: PlanRules, pieces: list[Span], frame: Frame, goes_on: bool) -> tuple[int, int] | None:
    """The last piece, if it is too short for a start and does not lead into the precondition."""
    if not pieces:
        return None
    begins_us = ends_us = pieces[-1].ends_us
    for span in reversed(pieces):
        if span.ends_us == begins_us:
            begins_us = span.begins_us
    joined = goes_on and ends_us == frame.ready_us
    return None if joined or ends_us - begins_us >= microseconds(rules.last_s) else (begins_us, ends_us)


def _slots(spans: Sequence[Span], frame: Frame, pieces: Sequence[Span]) -> tuple[Slot, ...]:
    """Chosen spans, and those that are charged anyway, as slots."""
    begun = row_of(spans, frame.now_us, frame.first_us)
    kept = row_of(spans, frame.ready_us, frame.deadline_us)
    return slots_of([*begun, *pieces, *kept])
