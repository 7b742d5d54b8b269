"""The command slot: BUS-34, 45..48, 50, CHG-70."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hems.field.exchange import Accepted, Failed, Kind
from hems.field.profile import Write
from hems.field.slot import (
    ALLOWED,
    Slot,
    again,
    broken_off,
    due,
    lost_it,
    read_back,
    sent,
    took,
    unread,
    want,
)

WRITE = Write(function=6, address=261, scale_a=0.1, step_a=0.1, min_a=6, max_a=16, refresh_s=7.5, pace_s=20)
COARSE = Write(function=16, address=1000, scale_a=1, step_a=1, min_a=6, max_a=80, refresh_s=10)


def acknowledged(limit_a: float, at_s: float = 0.0) -> Slot:
    slot = want(Slot(), limit_a, at_s)
    return took(sent(slot, limit_a, at_s), Accepted(), at_s)


def test_the_way_of_a_set_point() -> None:
    slot = want(Slot(), 10.0, 0.0)
    assert (slot.stage, due(slot, WRITE, 0.0, ready=True)) == ("wanted", 10.0)
    slot = sent(slot, 10.0, 0.1)
    assert (slot.stage, slot.unsure, slot.highest_a) == ("in_flight", True, 10.0)
    assert due(slot, WRITE, 0.1, ready=True) is None
    assert read_back(slot, 6.0, 0.05, 0.1) == (slot, False)
    slot = took(slot, Accepted(), 0.2)
    assert (slot.stage, slot.acknowledged_a, slot.unsure) == ("acknowledged", 10.0, False)
    slot, missed = read_back(slot, 10.04, 0.05, 0.3)
    assert (slot.stage, missed) == ("confirmed", False)
    assert due(slot, WRITE, 7.6, ready=True) is None
    assert due(slot, WRITE, 7.7, ready=True) == 10.0


def test_a_difference_goes_at_once_and_replaces_what_waits() -> None:
    slot = want(acknowledged(10.0), 12.0, 30.0)
    slot = want(slot, 8.0, 30.1)
    assert due(slot, WRITE, 30.1, ready=True) == 8.0
    slot = want(slot, 10.0, 30.2)
    assert (slot.stage, due(slot, WRITE, 30.2, ready=False)) == ("acknowledged", None)
    in_flight = want(sent(want(slot, 7.0, 31), 7.0, 31), 6.0, 31.1)
    after = took(in_flight, Accepted(), 31.2)
    assert (after.stage, after.acknowledged_a, due(after, WRITE, 31.2, ready=True)) == ("wanted", 7.0, 6.0)


def test_raises_keep_the_pace_lowerings_do_not() -> None:
    """BUS-48: 20 s between two raises; meanwhile the old value is refreshed."""
    slot = want(acknowledged(10.0, at_s=100.0), 12.0, 101.0)
    assert due(slot, WRITE, 101.0, ready=True) is None
    assert due(slot, WRITE, 108.0, ready=True) == 10.0
    assert due(slot, WRITE, 120.0, ready=True) == 12.0
    assert due(want(slot, 6.0, 102.0), WRITE, 102.0, ready=True) == 6.0


def test_before_the_setup_only_lowerings_and_a_first_zero_leave() -> None:
    """BUS-50"""
    assert due(want(Slot(), 10.0, 0), WRITE, 0, ready=False) is None
    assert due(want(Slot(), 0.0, 0), WRITE, 0, ready=False) == 0.0
    slot = acknowledged(10.0)
    assert due(want(slot, 6.0, 1), WRITE, 1, ready=False) == 6.0
    assert due(want(slot, 12.0, 50), WRITE, 50, ready=False) is None
    assert due(again(slot, 50), WRITE, 50, ready=False) is None
    assert due(again(slot, 50), WRITE, 50, ready=True) == 10.0


@pytest.mark.parametrize("kind", ["silence", "crc", "short", "shape", "unit", "noise", "port"])
def test_a_write_without_answer_is_unsure_until_it_is_read_back(kind: Kind) -> None:
    """BUS-34: nothing else is sent meanwhile, the higher of both currents counts."""
    slot = took(sent(want(acknowledged(10.0), 6.0, 1), 6.0, 1), Failed(kind), 1.3)
    assert (slot.stage, slot.unsure, slot.highest_a) == ("unsure", True, 10.0)
    assert due(slot, WRITE, 50, ready=True) is None
    taken, missed = read_back(slot, 6.0, 0.05, 2.0)
    assert (taken.stage, taken.acknowledged_a, missed) == ("confirmed", 6.0, False)
    lost, missed = read_back(slot, 10.0, 0.05, 2.0)
    assert (lost.stage, lost.acknowledged_a, missed) == ("wanted", 10.0, False)
    assert due(lost, WRITE, 2.0, ready=True) == 6.0


def test_a_raise_that_may_have_arrived_is_booked() -> None:
    slot = took(sent(want(acknowledged(6.0), 16.0, 30), 16.0, 30), Failed("silence"), 30.3)
    assert slot.highest_a == 16.0


def test_a_read_back_that_differs_is_an_alarm_and_sent_again() -> None:
    """BUS-46"""
    for slot in (acknowledged(10.0), read_back(acknowledged(10.0), 10.0, 0.05, 1)[0]):
        after, missed = read_back(slot, 16.0, 0.05, 2)
        assert missed
        assert due(after, WRITE, 2, ready=True) == 10.0
    waiting = want(acknowledged(10.0), 12.0, 1)
    after, missed = read_back(waiting, 10.0, 0.05, 2)
    assert (after.stage, missed, due(after, WRITE, 2, ready=True)) == ("wanted", False, None)


def test_a_zero_that_reads_back_higher_is_written_again_before_the_setup() -> None:
    """BUS-46, 50: a charger that restarted at a current of its own; what it says is booked."""
    for slot in (acknowledged(0.0), read_back(acknowledged(0.0), 0.0, 0.05, 1)[0]):
        after, missed = read_back(slot, 16.0, 0.05, 2)
        assert (missed, after.highest_a, after.refusals) == (True, 16.0, 1)
        assert due(after, WRITE, 2, ready=False) == 0.0
    waiting, _ = read_back(want(acknowledged(6.0), 10.0, 1), 16.0, 0.05, 2)
    assert due(waiting, WRITE, 2, ready=False) == 10.0
    assert read_back(Slot(), 16.0, 0.05, 2)[0].highest_a == 16.0
    assert not Slot().known


def test_a_charger_that_takes_no_writes_is_counted_like_one_that_refuses() -> None:
    """CHG-70: cleared only by a write that is acknowledged and read back."""
    slot, now_s = want(acknowledged(10.0), 6.0, 0.0), 0.0
    for refusals in (1, 2, 3):
        now_s = max(now_s + 1, slot.retry_mono_s)
        assert due(slot, WRITE, now_s, ready=True) == 6.0
        slot = took(sent(slot, 6.0, now_s), Failed("silence"), now_s)
        slot, _ = read_back(slot, 10.0, 0.05, now_s)
        assert slot.refusals == refusals
    assert due(slot, WRITE, now_s, ready=True) is None
    assert due(again(slot, now_s), WRITE, now_s, ready=True) == 6.0
    slot = took(sent(slot, 6.0, now_s), Accepted(), now_s)
    assert slot.refusals == 3
    assert read_back(slot, 10.0, 0.05, now_s)[0].refusals == 4
    assert read_back(slot, 6.0, 0.05, now_s)[0].refusals == 0


def test_an_equal_value_read_back_does_not_prove_that_a_write_was_taken() -> None:
    slot = acknowledged(10.0)
    for refusals in (1, 2, 3):
        slot = took(sent(slot, 10.0, 10), Failed("silence"), 10)
        slot, _ = read_back(slot, 10.0, 0.05, 11)
        slot, _ = read_back(slot, 10.0, 0.05, 12)
        assert (slot.stage, slot.refusals) == ("confirmed", refusals)
    changed = took(sent(want(slot, 6.0, 20), 6.0, 20), Failed("silence"), 20)
    assert read_back(changed, 6.0, 0.05, 21)[0].refusals == 0
    lower = read_back(acknowledged(16.0), 13.0, 0.05, 1)
    assert (lower[0].refusals, lower[1]) == (0, True)


def test_a_lost_port_says_nothing_of_the_charger() -> None:
    slot = took(sent(want(acknowledged(10.0), 6.0, 1), 6.0, 1), Failed("port"), 1)
    assert (slot.stage, slot.refusals) == ("unsure", 0)


def test_a_write_that_never_left_is_still_wanted() -> None:
    """Its slot is as before; but not when an earlier request of the same set-point was taken."""
    flying = sent(want(acknowledged(10.0), 16.0, 30), 16.0, 30)
    slot = took(flying, Failed("withdrawn"), 31)
    assert (slot.stage, slot.highest_a, slot.unsure, slot.refusals) == ("wanted", 10.0, False, 0)
    assert due(slot, WRITE, 31, ready=True) == 16.0
    slot = took(flying, Failed("withdrawn"), 31, partly=True)
    assert (slot.stage, slot.highest_a, slot.refusals) == ("unsure", 16.0, 0)


def test_a_lowering_in_doubt_is_sent_again_after_two_failed_read_backs() -> None:
    slot = took(sent(want(acknowledged(10.0), 0.0, 1), 0.0, 1), Failed("silence"), 1)
    slot = unread(slot, 2)
    assert due(slot, WRITE, 2, ready=False) is None
    slot = unread(slot, 3)
    assert (due(slot, WRITE, 3, ready=False), slot.unsure, slot.highest_a) == (0.0, True, 10.0)
    assert unread(slot, 4) is slot


def test_a_raise_in_doubt_is_not_sent_again_before_a_lower_value_is_acknowledged() -> None:
    raised = sent(want(acknowledged(6.0), 16.0, 30), 16.0, 30)
    slot = took(raised, Failed("silence"), 30.3, readable=False)
    assert (slot.stage, slot.highest_a, due(slot, WRITE, 31, ready=False)) == ("wanted", 16.0, 6.0)
    assert want(slot, 6.0, 31).stage == "wanted"
    told = took(sent(slot, 6.0, 31), Accepted(), 31)
    assert (told.unsure, told.highest_a, due(told, WRITE, 31, ready=True)) == (False, 6.0, 16.0)
    assert read_back(slot, 16.0, 0.05, 31)[0].stage == "confirmed"


def test_refusals_are_counted_and_repeated_later_and_later() -> None:
    slot = want(acknowledged(10.0), 6.0, 100)
    pauses = []
    now_s = 100.0
    for _ in range(8):
        slot = took(sent(slot, 6.0, now_s), Failed("exception", 3), now_s)
        pauses.append(slot.retry_mono_s - now_s)
        assert due(slot, WRITE, now_s + 0.5, ready=True) is None
        now_s = slot.retry_mono_s
    assert pauses == [1, 2, 4, 8, 15, 30, 60, 60]
    assert slot.refusals == 8
    assert due(want(slot, 0.0, now_s - 10), WRITE, now_s - 10, ready=True) == 0.0
    slot = took(sent(slot, 6.0, now_s), Accepted(), now_s)
    assert read_back(slot, 6.0, 0.05, now_s)[0].refusals == 0


def test_an_answer_to_a_write_that_was_given_up_changes_nothing() -> None:
    slot = want(Slot(), 0.0, 1)
    assert took(slot, Accepted(), 2) is slot


def test_a_refusal_after_another_request_was_taken_leaves_a_doubt() -> None:
    """10 A → 16 A: the current was taken, the release refused; the charger may well hold 16 A."""
    slot = took(sent(want(acknowledged(10.0), 16.0, 30), 16.0, 30), Failed("exception", 4), 30, partly=True)
    assert (slot.stage, slot.highest_a, slot.refusals) == ("unsure", 16.0, 1)
    slot = took(sent(want(acknowledged(10.0), 16.0, 30), 16.0, 30), Failed("exception", 4), 30)
    assert (slot.stage, slot.highest_a) == ("wanted", 10.0)


def test_a_set_point_that_is_broken_off_may_have_been_taken() -> None:
    """Less is wanted before its last request left: that goes at once, and counts from its answer on."""
    slot = broken_off(want(sent(want(acknowledged(10.0), 16.0, 30), 16.0, 30), 0.0, 30.5), 30.5)
    assert (slot.stage, slot.highest_a, slot.unsure) == ("wanted", 16.0, True)
    assert due(slot, WRITE, 30.5, ready=False) == 0.0
    told = took(sent(slot, 0.0, 31), Accepted(), 31)
    assert (told.highest_a, told.unsure) == (0.0, False)
    assert broken_off(told, 32) is told


def test_a_lower_read_back_is_repeated_later_and_later_but_never_missed_by_a_refresh() -> None:
    """BUS-46: a cable or a derating may hold it down; that is told, and is no refusal."""
    slot = acknowledged(16.0)
    slot, missed = read_back(slot, 13.0, 0.05, 0.5)
    assert (missed, slot.misses, due(slot, WRITE, 0.5, ready=True)) == (True, 1, 16.0)
    slot = took(sent(slot, 16.0, 0.5), Accepted(), 0.6)
    slot, missed = read_back(slot, 13.0, 0.05, 1.0)
    assert (missed, slot.misses, slot.refusals) == (True, 2, 0)
    assert due(slot, WRITE, 1.9, ready=True) is None
    assert due(slot, WRITE, 2.0, ready=True) == 16.0
    for _ in range(6):
        slot, _ = read_back(took(sent(slot, 16.0, 3), Accepted(), 3), 13.0, 0.05, 3)
    assert due(slot, WRITE, 3 + 7.4, ready=True) is None
    assert due(slot, WRITE, 3 + 7.5, ready=True) == 16.0
    assert due(want(slot, 6.0, 4), WRITE, 4, ready=True) == 6.0
    slot, _ = read_back(took(sent(slot, 16.0, 11), Accepted(), 11), 16.0, 0.05, 12)
    assert (slot.misses, slot.stage) == (0, "confirmed")


def test_a_set_point_that_is_gone_without_us_is_the_sign_of_a_restart() -> None:
    """Row 32, also while a raise waits for its pace."""
    confirmed, _ = read_back(acknowledged(10.0), 10.0, 0.05, 1)
    waiting = want(confirmed, 12.0, 2)
    for before in (confirmed, waiting):
        assert lost_it(before, 0.0, 0.05)
        after, _ = read_back(before, 0.0, 0.05, 3)
        assert not lost_it(after, 0.0, 0.05)
    assert not lost_it(acknowledged(10.0), 0.0, 0.05)
    assert not lost_it(confirmed, 10.04, 0.05)
    assert not lost_it(sent(confirmed, 6.0, 4), 0.0, 0.05)
    unsure = took(sent(confirmed, 6.0, 4), Failed("silence"), 4)
    assert [lost_it(unsure, value_a, 0.05) for value_a in (6.0, 10.0, 0.0)] == [False, False, True]


def test_a_device_that_may_have_restarted_is_told_zero_unless_it_says_that_it_holds_more() -> None:
    """BUS-50: it may be paused, so that even a lowering of what it was told would be a raise."""
    lower = want(again(acknowledged(16.0), 1), 10.0, 2)
    assert due(lower, WRITE, 2, ready=False) == 0.0
    assert due(lower, WRITE, 2, ready=True) == 10.0
    told = took(sent(lower, 0.0, 2), Accepted(), 2)
    assert (told.stage, told.highest_a, due(told, WRITE, 3, ready=False)) == ("wanted", 0.0, None)
    for held_a, due_a in ((32.0, 10.0), (10.0, 10.0), (6.0, 0.0), (0.0, 0.0)):
        seen, _ = read_back(lower, held_a, 0.05, 2)
        assert due(seen, WRITE, 2, ready=False) == due_a
    known = want(again(acknowledged(16.0), 1, forgotten=False), 10.0, 2)
    assert due(known, WRITE, 2, ready=False) == 10.0
    unsure = took(sent(lower, 0.0, 2), Failed("silence"), 2)
    assert due(read_back(unsure, 16.0, 0.05, 3)[0], WRITE, 3, ready=False) == 10.0


class SlotMachine(RuleBasedStateMachine):
    """Any order of events: only allowed transitions, no raise without readiness or pace."""

    def __init__(self) -> None:
        super().__init__()
        self.slot = Slot()
        self.now_s = 0.0
        self.raised_s = -100.0

    def _step(self, after: Slot) -> None:
        if after.stage != self.slot.stage:
            assert after.stage in ALLOWED[self.slot.stage]
        self.slot = after

    @rule(limit_a=st.sampled_from([0.0, 6.0, 10.0, 16.0]), later_s=st.sampled_from([0.1, 1.0, 9.0, 25.0]))
    def want(self, limit_a: float, later_s: float) -> None:
        self.now_s += later_s
        self._step(want(self.slot, limit_a, self.now_s))

    @rule(
        ready=st.booleans(),
        kind=st.sampled_from(["", "silence", "exception", "less"]),
        readable=st.booleans(),
        partly=st.booleans(),
    )
    def write(self, ready: bool, kind: str, readable: bool, partly: bool) -> None:
        value_a = due(self.slot, WRITE, self.now_s, ready=ready)
        if value_a is None:
            return
        raising = value_a > self.slot.highest_a
        assert not (raising and self.slot.unsure)
        assert ready or not raising
        assert ready or value_a == 0 or not self.slot.forgotten
        assert not raising or self.now_s - self.raised_s >= WRITE.pace_s
        self._step(sent(self.slot, value_a, self.now_s))
        if kind == "less":
            self._step(broken_off(self.slot, self.now_s))
            assert self.slot.highest_a >= value_a
            return
        outcome = Accepted() if not kind else Failed("silence" if kind == "silence" else "exception", 4)
        self._step(took(self.slot, outcome, self.now_s, readable=readable, partly=partly))
        assert self.slot.highest_a >= value_a or (kind == "exception" and not partly)
        if raising and not kind:
            self.raised_s = self.now_s

    @rule(value_a=st.sampled_from([0.0, 6.0, 10.0, 16.0]))
    def read(self, value_a: float) -> None:
        self._step(read_back(self.slot, value_a, 0.05, self.now_s)[0])

    @rule()
    def read_in_vain(self) -> None:
        self._step(unread(self.slot, self.now_s))

    @rule()
    def lose(self) -> None:
        self._step(again(self.slot, self.now_s))

    @invariant()
    def unsure_books_the_higher(self) -> None:
        assert self.slot.highest_a >= (self.slot.acknowledged_a or 0.0)


TestSlotMachine = SlotMachine.TestCase
TestSlotMachine.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
