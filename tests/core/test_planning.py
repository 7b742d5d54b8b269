"""When a car is charged so that it costs least and is ready in time (CHG-91, CHG-92, CHG-93)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from math import inf, nan
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.planning import Ask, Planned, cheapest_slots, cheapest_window, plan
from hems.core.rules import PlanRules
from hems.model.prices import Slot

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
RULES = PlanRules()
HOUR_S = 3600.0
Piece = tuple[float, float]
"""Hours after noon."""


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def hourly(*prices: float | None, first: datetime = NOON) -> list[Slot]:
    hours = [first + timedelta(hours=i) for i in range(len(prices) + 1)]
    return [Slot(hours[i], hours[i + 1], price, "night") for i, price in enumerate(prices)]


def pieces(slots: Iterable[Slot]) -> list[Piece]:
    """The slots in hours after noon, those that touch as one."""
    merged: list[Piece] = []
    for slot in slots:
        start, end = ((moment - NOON) / timedelta(hours=1) for moment in (slot.start, slot.end))
        if merged and merged[-1][1] == start:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return [(round(start, 4), round(end, 4)) for start, end in merged]


def seconds(slots: Iterable[Slot]) -> float:
    return sum((slot.end - slot.start).total_seconds() for slot in slots)


def cost(slots: Iterable[Slot]) -> float:
    """EUR for a charger of one kilowatt."""
    return sum((slot.eur_kwh or 0.0) * (slot.end - slot.start).total_seconds() / HOUR_S for slot in slots)


def margin_h(need_h: float) -> float:
    """10 min and 10 % (CHG-93)."""
    return 1 / 6 + need_h / 10


def planned(
    rates: Sequence[Slot],
    need_h: float,
    ends_h: float,
    running: Sequence[Slot] = (),
    now_h: float = 0.0,
    *,
    one_piece: bool = False,
    precondition_h: float = 0.0,
) -> Planned:
    """A plan whose deadline is a margin after `ends_h`."""
    deadline = at(ends_h + margin_h(need_h))
    ask = Ask(need_h * HOUR_S, deadline, one_piece, precondition_h * HOUR_S)
    return plan(RULES, rates, ask, running, at(now_h))


# ------------------------------------------------------------------------------------------- the two doors


def test_the_cheapest_slots_each_with_its_price() -> None:
    """CHG-91: the dearest of them in part; slots that touch stay apart."""
    rates = hourly(0.3, 0.1, 0.2, 0.1, 0.4)
    found = cheapest_slots(rates, 2.5 * HOUR_S, at(0), at(5))
    assert found == (
        Slot(at(1), at(2), 0.1, "night"),
        Slot(at(2.5), at(3), 0.2, "night"),
        Slot(at(3), at(4), 0.1, "night"),
    )


def test_the_first_and_the_last_slot_may_be_parts() -> None:
    """CHG-91: between now and the deadline, never outside."""
    found = cheapest_slots(hourly(0.1, 0.3, 0.1), 1.25 * HOUR_S, at(0.25), at(2.5))
    assert pieces(found) == [(0.25, 1.0), (2.0, 2.5)]
    assert cheapest_window(hourly(0.1, 0.3, 0.1), 1.25 * HOUR_S, at(0.25), at(2.5))[0].start == at(0.25)


def test_a_window_may_end_at_a_border_and_begin_at_none() -> None:
    """CHG-91: a search from slot starts alone would miss it."""
    rates = hourly(0.5, 0.2, 0.1, 0.5)
    assert pieces(cheapest_window(rates, 1.5 * HOUR_S, at(0), at(4))) == [(1.5, 3)]
    assert [slot.eur_kwh for slot in cheapest_window(rates, 1.5 * HOUR_S, at(0), at(4))] == [0.2, 0.1]
    assert pieces(cheapest_window(rates[::-1], 1.5 * HOUR_S, at(0), at(4))) == [(1.5, 3)]


def test_equal_prices_are_charged_late() -> None:
    """CHG-91: equal cost, the later."""
    for search in (cheapest_slots, cheapest_window):
        assert pieces(search(hourly(0.2, 0.2, 0.2, 0.2), 1.5 * HOUR_S, at(0), at(3.75))) == [(2.25, 3.75)]


def test_fewer_pieces_come_before_later() -> None:
    """CHG-91: two hours at night rather than one there and one in the afternoon."""
    rates = hourly(0.1, 0.1, 0.1, 0.3, 0.1, 0.3)
    assert pieces(cheapest_slots(rates, 2 * HOUR_S, at(0), at(6))) == [(1, 3)]
    assert pieces(cheapest_slots(rates, 1 * HOUR_S, at(0), at(6))) == [(4, 5)]


def test_what_is_charged_before_departure_is_cut_out_first() -> None:
    """CHG-92: directly before the deadline, and it counts for the need."""
    rates = hourly(0.3, 0.1, 0.2, 0.4, 0.9)
    for search in (cheapest_slots, cheapest_window):
        assert pieces(search(rates, 2 * HOUR_S, at(0), at(5), 0.5 * HOUR_S)) == [(1, 2.5), (4.5, 5)]
        assert pieces(search(rates, 2 * HOUR_S, at(0), at(5), 9 * HOUR_S)) == [(3, 5)]
    flat = hourly(0.2, 0.2, 0.2, 0.2)
    assert pieces(cheapest_slots(flat, 2 * HOUR_S, at(0), at(4), HOUR_S)) == [(2, 4)]


def test_time_without_a_price_is_charged_in_only_if_there_is_no_other_way() -> None:
    """CHG-91: before the first price, in gaps, behind the last one; of it the latest."""
    rates = [*hourly(0.5, None, 0.9, first=at(1)), *hourly(0.7, first=at(5))]
    for need, expected in (
        (3, [(1, 2), (3, 4), (5, 6)]),
        (4, [(1, 2), (3, 6)]),
        (6, [(1, 7)]),
        (7, [(0, 7)]),
        (9, [(0, 7)]),
    ):
        assert pieces(cheapest_slots(rates, need * HOUR_S, at(0), at(7))) == expected
    assert pieces(cheapest_window(rates, 1 * HOUR_S, at(0), at(7))) == [(1, 2)]
    assert pieces(cheapest_window(rates, 2 * HOUR_S, at(0), at(7))) == [(1, 3)], "the cheaper half"
    assert pieces(cheapest_slots([], HOUR_S, at(0), at(7))) == [(6, 7)]
    assert cheapest_slots([], HOUR_S, at(0), at(7))[0].eur_kwh is None


def test_negative_prices_are_prices() -> None:
    """CHG-91: a sunny Sunday; the need is met and not more."""
    sunday = hourly(0.08, 0.02, -0.04, -0.09, -0.01, 0.05, 0.11)
    assert pieces(cheapest_slots(sunday, 2.5 * HOUR_S, at(0), at(7))) == [(2, 4.5)]
    assert pieces(cheapest_window(sunday, 1.5 * HOUR_S, at(0), at(7))) == [(2.5, 4)]


@pytest.mark.parametrize("search", [cheapest_slots, cheapest_window])
@pytest.mark.parametrize(
    ("need_s", "deadline", "expected"),
    [
        (0.0, at(3), []),
        (-5.0, at(3), []),
        (nan, at(3), []),
        (-inf, at(3), []),
        (HOUR_S, at(0), []),
        (HOUR_S, at(-3), []),
        (HOUR_S, datetime.min.replace(tzinfo=UTC), []),
        (inf, at(3), [(0, 3)]),
        (1e300, at(3), [(0, 3)]),
        (3 * HOUR_S, at(3), [(0, 3)]),
    ],
)
def test_what_makes_no_sense_plans_nothing_or_all(
    search: Callable[..., tuple[Slot, ...]], need_s: float, deadline: datetime, expected: list[Piece]
) -> None:
    assert pieces(search(hourly(0.1, 0.3, 0.2), need_s, at(0), deadline)) == expected


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 3, 28), 23), (date(2026, 10, 25), 25)])
def test_days_on_which_clocks_change_have_the_hours_they_have(day: date, hours: int) -> None:
    """CHG-91: prices told in local time, through the night; the doubled hour is two."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
    utc = midnight.astimezone(UTC)
    borders = [(utc + timedelta(hours=i)).astimezone(BERLIN) for i in range(hours + 1)]
    rates = [Slot(borders[i], borders[i + 1], 0.1 if 1 <= i < 4 else 0.3) for i in range(hours)]
    ends = midnight.replace(hour=8)
    found = cheapest_slots(rates, 3 * HOUR_S, midnight, ends)
    assert seconds(found) == 3 * HOUR_S
    assert [slot.start for slot in found] == [utc + timedelta(hours=i) for i in (1, 2, 3)]
    assert seconds(cheapest_slots(rates, 99 * HOUR_S, midnight, ends)) == (hours - 16) * HOUR_S


# ------------------------------------------------------------------------------------------- a plan's rules


def test_a_plan_ends_a_margin_before_the_deadline() -> None:
    """CHG-93: 10 min and 10 % of the needed time."""
    found = plan(RULES, hourly(*[0.2] * 10), Ask(2 * HOUR_S, at(10)), (), at(0))
    last = at(9) + timedelta(minutes=38)
    assert (found.slots[0].start, found.slots[-1].end) == (last - timedelta(hours=2), last)
    assert (found.latest_start, found.later_s) == (last - timedelta(hours=2), 0)


def test_within_that_it_is_the_cheapest() -> None:
    """CHG-91, CHG-93: what lies in the margin does not count."""
    rates = hourly(0.3, 0.1, 0.2, 0.4, 0.0, 0.0)
    found = planned(rates, 2, 4)
    assert found == Planned(cheapest_slots(rates, 2 * HOUR_S, at(0), at(4)), at(2))
    assert pieces(found.slots) == [(1, 3)]


@pytest.mark.parametrize(
    "rates", [[], hourly(None, None), hourly(0.1, first=at(-2)), hourly(nan, inf)], ids=len
)
def test_without_prices_it_is_one_piece_as_late_as_can_be(rates: list[Slot]) -> None:
    """CHG-92: none, failed, or ended."""
    found = planned(rates, 2, 10)
    assert pieces(found.slots) == [(8, 10)]
    assert (found.latest_start, found.later_s) == (at(8), 0)


@pytest.mark.parametrize(
    ("need_h", "deadline_h", "expected"),
    [(2, 2.3, [(0, 2)]), (2, 2, [(0, 2)]), (3, 2, [(0, 2)]), (inf, 2, [(0, 2)]), (2, 2 + 22 / 60, [(0, 2)])],
)
def test_without_time_to_choose_it_begins_now_and_goes_through(
    need_h: float, deadline_h: float, expected: list[Piece]
) -> None:
    """CHG-92: need >= time left, the margin counted; whatever it costs."""
    rates = hourly(0.9, 0.9, 0.1)
    found = plan(RULES, rates, Ask(need_h * HOUR_S, at(deadline_h)), (), at(0))
    assert pieces(found.slots) == expected
    assert (found.latest_start, found.later_s) == (at(0), 0)


def test_a_deadline_that_has_passed_presses_and_holds_no_slots() -> None:
    for deadline in (at(-1), at(0), datetime.min.replace(tzinfo=UTC)):
        assert plan(RULES, hourly(0.1), Ask(HOUR_S, deadline), (), at(0)) == Planned((), at(0))


def test_what_can_wait_for_prices_waits() -> None:
    """CHG-92: prices end at 18:00, and six hours fit behind that."""
    rates = hourly(0.5, 0.1, 0.3, 0.2, 0.4, 0.6)
    assert planned(rates, 5, 12) == Planned((), at(7), 5 * HOUR_S)
    assert planned(rates, 6, 12) == Planned((), at(6), 6 * HOUR_S)
    found = planned(rates, 8, 12)
    assert pieces(found.slots) == [(1, 2), (3, 4)]
    assert (found.latest_start, found.later_s) == (at(4), 6 * HOUR_S)


def test_no_part_before_or_behind_the_last_price_is_too_short_for_a_start() -> None:
    """CHG-92: what waits and what does not are both worth one."""
    rates = hourly(0.5, 0.1, 0.3, 0.2, 0.4, 0.6)
    found = planned(rates, 6 + 1 / 60, 12)
    assert (pieces(found.slots), found.later_s) == ([(round(2 - 1 / 12, 4), 2)], 6 * HOUR_S - 240)
    found = planned(rates, 2, 6 + 1 / 60)
    assert (pieces(found.slots), found.later_s) == ([(1, 2), (3, 4)], 0)


def test_a_single_piece_waits_whole_or_not_at_all() -> None:
    """CHG-91, CHG-92: it goes on behind the last price where it must."""
    rates = hourly(0.5, 0.1, 0.3, 0.2, 0.4, 0.6)
    assert planned(rates, 3, 10, one_piece=True) == Planned((), at(7), 3 * HOUR_S)
    assert pieces(planned(rates, 4.5, 10, one_piece=True).slots) == [(0.5, 5)]
    assert pieces(planned(rates, 6.5, 10, one_piece=True).slots) == [(0, 6.5)]
    assert pieces(planned(rates, 8, 10, one_piece=True).slots) == [(0, 8)]


def test_a_single_piece_is_one_and_once_begun_goes_through() -> None:
    """CHG-91: new prices do not break it in two."""
    rates = hourly(0.1, 0.3, 0.1, 0.1, 0.2, 0.3)
    assert pieces(planned(rates, 2, 6).slots) == [(2, 4)]
    assert pieces(planned(rates, 3, 6, one_piece=True).slots) == [(2, 5)]
    following = planned(rates, 3, 6, one_piece=True).slots
    changed = hourly(0.1, 0.3, 0.9, 0.9, 0.1, 0.1)
    assert pieces(planned(changed, 2.5, 6, following, 2.5, one_piece=True).slots) == [(2.5, 5)]
    assert pieces(planned(changed, 2.5, 6, following, 1.9, one_piece=True).slots) == [(3.5, 6)]


def test_before_departure_the_margin_ends_where_the_last_charge_begins() -> None:
    """CHG-92, CHG-93: cut out first; the rest keeps the margin, or the precondition where that is longer."""
    rates = hourly(0.3, 0.1, 0.2, 0.4, 0.9, 0.9)
    deadline = at(6)
    found = plan(RULES, rates, Ask(2 * HOUR_S, deadline, precondition_s=HOUR_S), (), at(0))
    assert (pieces(found.slots), found.latest_start) == ([(1, 2), (5, 6)], at(4))
    found = plan(RULES, rates, Ask(2 * HOUR_S, deadline, precondition_s=360), (), at(0))
    assert pieces(found.slots) == [(1, 2.9), (5.9, 6)]
    assert found.latest_start == deadline - timedelta(minutes=22 + 114)
    found = plan(RULES, rates, Ask(360, deadline, precondition_s=HOUR_S), (), at(0))
    assert (pieces(found.slots), found.latest_start) == ([(5.9, 6)], deadline - timedelta(minutes=6))
    found = plan(RULES, rates, Ask(2 * HOUR_S, deadline, precondition_s=9 * HOUR_S), (), at(0))
    assert (pieces(found.slots), found.latest_start) == ([(4, 6)], at(4))
    found = plan(RULES, [], Ask(2 * HOUR_S, deadline, precondition_s=HOUR_S), (), at(0))
    assert (pieces(found.slots), found.latest_start) == ([(4, 6)], at(4))


def test_to_charge_on_before_departure_is_no_new_piece() -> None:
    """CHG-91, CHG-92: where the margin lies between, it is one."""
    rates = hourly(0.1, 0.3, 0.5, 0.3, 0.3, 0.9)
    assert pieces(cheapest_slots(rates, 2.5 * HOUR_S, at(0), at(5), HOUR_S)) == [(0, 1), (3.5, 5)]
    found = plan(RULES, rates, Ask(2.5 * HOUR_S, at(5), precondition_s=HOUR_S), (), at(0))
    assert pieces(found.slots) == [(0, 1), (3.5, 5)]
    found = plan(RULES, rates, Ask(1.6 * HOUR_S, at(5), precondition_s=360), (), at(0))
    assert pieces(found.slots) == [(0, 1.5), (4.9, 5)]
    rates = hourly(0.1, 0.5, 0.5, 0.2, 0.9)
    found = plan(RULES, rates, Ask(2.05 * HOUR_S, at(5), precondition_s=HOUR_S), (), at(0))
    assert pieces(found.slots) == [(0, 1), (3.95, 5)], "three minutes, but no start"


def test_what_little_is_left_before_departure_joins_it() -> None:
    """CHG-92: no start for four minutes of it."""
    rates = hourly(0.3, 0.1, 0.2, 0.4, 0.9, 0.9)
    found = plan(RULES, rates, Ask(HOUR_S + 240, at(6), precondition_s=HOUR_S), (), at(0))
    assert (seconds(found.slots), found.slots[0].start) == (HOUR_S + 240, at(5) - timedelta(minutes=4))
    assert found.latest_start == found.slots[0].start


FOLLOWED = hourly(0.1, 0.1, 0.1)


@pytest.mark.parametrize(
    ("now_h", "need_h", "expected"),
    [
        (2.5, 1.5, [(4.5, 6)]),
        (2.75, 1.5, [(4.5, 6)]),
        (2.8, 1.5, [(2.8, 3), (4.7, 6)]),
        (2.9, 0.15, [(2.9, 3.05)]),
        (2.9, 0.06, [(2.9, 2.96)]),
        (2.5, 0.06, [(2.5, 2.56)]),
        (3.0, 1.5, [(4.5, 6)]),
    ],
    ids=[
        "half an hour to go: broken",
        "a quarter of an hour to go: broken",
        "less: finished",
        "and what is left is too short for a start: goes on",
        "the need ends before the piece",
        "the need is soon met: goes on",
        "over",
    ],
)
def test_a_running_piece_is_finished_if_it_would_soon_end(
    now_h: float, need_h: float, expected: list[Piece]
) -> None:
    """CHG-92: prices have changed while a car charges."""
    changed = hourly(0.5, 0.5, 0.5, 0.5, 0.3, 0.1)
    assert pieces(planned(changed, need_h, 6, FOLLOWED, now_h).slots) == expected


def test_a_running_piece_is_several_slots_that_touch() -> None:
    """CHG-92: it ends where the last of them ends, and one that has not begun does not run."""
    quarters = [Slot(at(i / 4), at((i + 1) / 4), 0.1) for i in (0, 1, 3)]
    changed = hourly(0.5, 0.1, 0.5)
    assert pieces(planned(changed, 0.5, 3, quarters, 0.1).slots) == [(1.5, 2)]
    assert pieces(planned(changed, 0.5, 3, quarters, 0.4).slots) == [(0.4, 0.5), (1.6, 2)]
    assert pieces(planned(changed, 0.5, 3, quarters, 0.6).slots) == [(1.5, 2)]


def test_to_go_on_is_no_new_piece() -> None:
    """CHG-91: among equal prices a car that charges goes on charging."""
    flat = hourly(0.2, 0.2, 0.2, 0.2, 0.2)
    following = planned(flat, 2, 2.0).slots
    assert pieces(following) == [(0, 2)]
    assert pieces(planned(flat, 1, 4.5, following, 1.0).slots) == [(1, 2)]
    assert pieces(planned(flat, 1, 4.5, (), 1.0).slots) == [(3.5, 4.5)]


def test_no_start_for_a_last_piece_of_less_than_five_minutes() -> None:
    """CHG-92: it goes to earlier pieces."""
    rates = hourly(0.3, 0.1, 0.3, 0.5, 0.2, 0.5)
    assert pieces(planned(rates, 1 + 6 / 60, 6).slots) == [(1, 2), (4.9, 5)]
    assert pieces(planned(rates, 1 + 3 / 60, 6).slots) == [(1, 2.05)]
    rates = hourly(0.3, 0.1, 0.3, 0.2, 0.2)
    assert pieces(planned(rates, 1 + 3 / 60, 5).slots) == [(1, 2.05)], "nor in the slot before"


def test_where_there_is_no_earlier_time_the_last_piece_grows() -> None:
    """CHG-92: the hour before it gives what the piece takes over."""
    rates = [Slot(at(0), at(1), 0.1), Slot(at(1), at(1.04), 0.5), Slot(at(1.04), at(3), 0.2)]
    assert pieces(planned(rates, 1.05, 1.2).slots) == [(0.0333, 1), (1.1167, 1.2)]
    rates = hourly(0.1, 0.5, 0.3, 0.5, 0.2)
    assert pieces(planned(rates, 1.05, 5).slots) == [(0.0333, 1), (4.9167, 5)], "not three minutes elsewhere"


@pytest.mark.parametrize("need_s", [0.0, 299.0, nan, -1.0, -inf])
def test_a_need_too_short_for_a_start_gets_no_slot_and_presses_not_before_the_deadline(need_s: float) -> None:
    """CHG-92."""
    for precondition_s in (0.0, HOUR_S):
        ask = Ask(need_s, at(5), precondition_s=precondition_s)
        assert plan(RULES, hourly(0.1, 0.2), ask, (), at(0)) == Planned((), at(5))


PRICE = st.none() | st.integers(-3, 3).map(lambda cents: cents / 100)
RATE = st.tuples(st.sampled_from([2, 15, 60]), PRICE)


def in_a_row(told: Sequence[tuple[int, float | None]], first: datetime) -> list[Slot]:
    rates = []
    for length, price in told:
        rates.append(Slot(first, first + timedelta(minutes=length), price))
        first = rates[-1].end
    return rates


@settings(max_examples=150, deadline=None)
@given(
    st.lists(RATE, max_size=25),
    st.integers(-60, 60),
    st.integers(0, 600),
    st.integers(-30, 900),
    st.sampled_from([0, 0, 3, 40, 200]),
    st.booleans(),
    st.lists(RATE, max_size=3),
)
def test_whatever_is_asked_a_plan_keeps_its_rules(
    told: list[tuple[int, float | None]],
    begin_min: int,
    need_min: int,
    deadline_min: int,
    before_min: int,
    one_piece: bool,
    followed: list[tuple[int, float | None]],
) -> None:
    """CHG-91 to CHG-93, with any prices, any need, and a piece that runs or does not."""
    rates, running = in_a_row(told, at(begin_min / 60)), in_a_row(followed, at(-5 / 60))
    ask = Ask(60.0 * need_min, at(deadline_min / 60), one_piece, 60.0 * before_min)
    found = plan(RULES, rates, ask, running, at(0))
    left_s = max(0.0, 60.0 * deadline_min)
    need_s = min(ask.need_s, left_s)
    runs_s = max(0.0, (running[-1].end - at(0)).total_seconds()) if running else 0.0
    if ask.need_s < RULES.last_s and not runs_s:
        assert found == Planned((), max(at(0), ask.deadline))
        return
    assert seconds(found.slots) + found.later_s == pytest.approx(need_s, abs=1e-5)
    assert at(0) <= found.latest_start <= max(at(0), ask.deadline)
    borders = [at(0), *(moment for slot in found.slots for moment in (slot.start, slot.end))]
    assert borders == sorted(borders)
    assert borders[-1] <= max(at(0), ask.deadline)
    for slot in found.slots:
        holding = [rate for rate in rates if rate.start <= slot.start and slot.end <= rate.end]
        assert [rate.eur_kwh for rate in holding] == [slot.eur_kwh] or (not holding and slot.eur_kwh is None)
    if found.latest_start == at(0):
        assert found.later_s == 0
        return
    last = [slot for slot in found.slots if slot.end > ask.deadline - timedelta(minutes=before_min)]
    assert seconds(last) <= 60.0 * before_min + RULES.last_s
    margin_s = RULES.margin_s + RULES.margin_share * need_s
    for slot in found.slots[: len(found.slots) - len(last)]:
        assert (ask.deadline - slot.end).total_seconds() >= margin_s - 1e-5
    if not before_min and found.slots and not runs_s:
        start, end = pieces(found.slots)[-1]
        assert (end - start) * HOUR_S >= RULES.last_s - 1


@settings(max_examples=60, deadline=None)
@given(st.lists(PRICE, min_size=1, max_size=48), st.integers(5, 600), st.booleans())
def test_where_no_other_rule_speaks_a_plan_is_the_cheapest(
    prices: list[float | None], need_min: int, one_piece: bool
) -> None:
    """CHG-91: by quarter-hours to the last known price."""
    rates = in_a_row([(15, price) for price in prices], at(0))
    search = cheapest_window if one_piece else cheapest_slots
    found = planned(rates, need_min / 60, len(prices) / 4, one_piece=one_piece)
    best = search(rates, 60.0 * need_min, at(0), at(len(prices) / 4))
    ends = pieces(best)[-1]
    if prices[-1] is not None and (ends[1] - ends[0]) * 60 >= 5 and found.latest_start > at(0):
        assert found.slots == best
