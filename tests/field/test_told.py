"""What a device is told: BUS-45..50, 64, CHG-100."""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hems.field.decoding import Sample
from hems.field.exchange import Accepted, Failed, Outcome, Request
from hems.field.profile import Heartbeat, Point, Profile, Quantity, Release, Setup, Surplus, Watchdog, Write
from hems.field.profiles import PROFILES
from hems.field.setup import Progress
from hems.field.told import Sequence, Told
from hems.model.site import Charger, HeatPump

WRITE = Write(
    function=6,
    address=6,
    scale_a=1,
    step_a=1,
    min_a=6,
    max_a=32,
    refresh_s=5,
    release=Release(function=6, address=5),
)
PROFILE = Profile(key="x", kind="charger", maker="x", models=("x",), points=(), write=WRITE)
CHARGER = Charger(name="c", number=1, bus="a", unit=7, profile="x")
CURRENT_16, CURRENT_10 = (Request(7, 6, 6, values=(value,)) for value in (16, 10))
ON, OFF = Request(7, 6, 5, values=(1,)), Request(7, 6, 5, values=(0,))


def told(profile: Profile = PROFILE) -> Told:
    return Told(CHARGER, profile, 0.0)


def send(device: Told, limit_a: float, now_s: float = 0.0) -> Sequence:
    device.want(limit_a, now_s)
    return device.begin(limit_a, now_s)


def on(device: Told) -> bool:
    return device.going_on


def test_a_set_point_of_two_requests_is_one_command() -> None:
    """The current before the release; acknowledged only when both are."""
    device = told()
    sequence = send(device, 16.0)
    assert device.leave(sequence) == CURRENT_16
    assert not on(device)
    device.took_write(sequence, Accepted(), 0.1, readable=True)
    assert (device.slot.stage, device.slot.acknowledged_a, device.slot.highest_a) == ("in_flight", None, 16.0)
    assert on(device)
    assert device.raising
    assert device.due_a(0.1, ready=True) is None
    assert device.leave(sequence) == ON
    device.took_write(sequence, Accepted(), 0.2, readable=True)
    assert (device.slot.stage, device.slot.acknowledged_a, device.going_on) == ("acknowledged", 16.0, False)
    pause = send(device, 0.0, 1.0)
    assert (device.leave(pause), len(pause.requests)) == (OFF, 1)


@pytest.mark.parametrize("failure", [Failed("silence"), Failed("exception", 4), Failed("crc")])
def test_a_failure_at_the_second_request_books_both_currents(failure: Failed) -> None:
    device = told()
    first = send(device, 10.0)
    for _ in range(2):
        device.leave(first)
        device.took_write(first, Accepted(), 0.1, readable=True)
    second = send(device, 16.0, 1.0)
    device.leave(second)
    device.took_write(second, Accepted(), 1.1, readable=True)
    device.leave(second)
    device.took_write(second, failure, 1.2, readable=True)
    assert (device.slot.stage, device.slot.highest_a, device.slot.refusals) == ("unsure", 16.0, 1)
    assert not on(device)


def test_less_than_is_on_its_way_ends_what_has_not_left_yet() -> None:
    """A release must not follow when 0 A is wanted by now."""
    device = told()
    sequence = send(device, 16.0)
    device.leave(sequence)
    device.took_write(sequence, Accepted(), 0.1, readable=True)
    device.want(16.0, 0.5)
    assert on(device)
    device.want(0.0, 0.6)
    assert not on(device)
    assert (device.slot.highest_a, device.due_a(0.6, ready=False)) == (16.0, 0.0)


def test_less_wanted_while_a_request_is_on_the_wire_ends_the_rest() -> None:
    device = told()
    sequence = send(device, 16.0)
    device.leave(sequence)
    device.want(10.0, 0.1)
    device.took_write(sequence, Accepted(), 0.2, readable=True)
    assert not on(device)
    assert (device.slot.stage, device.slot.highest_a) == ("wanted", 16.0)


def test_the_answer_to_a_forgotten_command_changes_nothing() -> None:
    device = told()
    sequence = send(device, 16.0)
    device.leave(sequence)
    device.forget_set_point()
    device.want(0.0, 0.1)
    device.took_write(sequence, Accepted(), 0.2, readable=True)
    assert (device.slot.stage, device.going_on, device.due_a(0.2, ready=False)) == ("wanted", False, 0.0)


def test_a_late_answer_to_a_forgotten_command_is_not_that_of_the_next() -> None:
    device = told()
    first = send(device, 16.0)
    device.leave(first)
    device.forget_set_point()
    second = send(device, 0.0, 0.1)
    device.leave(second)
    device.took_write(first, Accepted(), 0.2, readable=True)
    device.took_write(first, Accepted(), 0.2, readable=True)
    assert (device.slot.stage, device.slot.acknowledged_a) == ("in_flight", None)
    device.took_write(second, Accepted(), 0.3, readable=True)
    assert device.slot.acknowledged_a == 0.0


def test_a_line_that_returns_breaks_off_what_had_not_left() -> None:
    device = told()
    sequence = send(device, 16.0)
    device.leave(sequence)
    device.took_write(sequence, Accepted(), 0.1, readable=True)
    device.prove_again(9.0)
    assert (device.slot.stage, device.slot.highest_a, device.going_on) == ("wanted", 16.0, False)


@pytest.mark.parametrize(
    "request_",
    [
        Request(7, 6, 21, values=(1,)),
        Request(7, 5, 21, values=(1,)),
        Request(7, 16, 20, values=(1, 2)),
        Request(7, 15, 19, values=(1, 0, 1)),
    ],
)
def test_a_dangerous_register_is_refused_to_every_kind_of_write(request_: Request) -> None:
    """BUS-50: also as the second of two registers."""
    device = told(replace(PROFILE, never=frozenset({21})))
    with pytest.raises(ValueError, match="x: register 21 must never be written"):
        device.checked(request_)
    read = Request(7, 3, 21)
    assert device.checked(read) is read


def test_nothing_is_sent_unchecked() -> None:
    """BUS-50: set-point, setup, heartbeat and surplus all pass the same gate."""
    never = frozenset({6, 50, 60, 70})
    device = told(
        replace(
            PROFILE,
            never=never,
            setup=(Setup(what="s", function=6, address=50, value=1),),
            heartbeats=(Heartbeat(function=6, address=60, value=1, every_s=5),),
            surplus=Surplus(function=16, address=70, wire="s16", refresh_s=9),
        )
    )
    sequence = send(device, 16.0)
    device.progress = Progress("writing")
    device.offer.want(5.0, 0.0)
    with pytest.raises(ValueError, match="register 6 "):
        device.leave(sequence)
    with pytest.raises(ValueError, match="register 50 "):
        device.setup_request(0.0)
    with pytest.raises(ValueError, match="register 60 "):
        device.beats_due(0.0, 2.0)
    with pytest.raises(ValueError, match="register 70 "):
        device.surplus_request(0.0)


PUMP = PROFILES["lambda-eul"]


def pump() -> Told:
    return Told(HeatPump(name="p", number=1, bus="a", unit=4, profile=PUMP.key), PUMP, 0.0)


def test_a_surplus_is_repeated_and_is_always_what_is_wanted() -> None:
    """CHG-100: never a 0 between two values; what failed is told again with what is wanted then."""
    device = pump()
    assert device.surplus_request(0.0) is None
    device.offer.want(1500.0, 0.0)
    assert device.surplus_request(0.0) == Request(4, 16, 102, values=(1500,))
    device.offer.took(Accepted(), 0.1)
    device.offer.want(1600.0, 1.0)
    assert device.surplus_request(1.0) is None
    assert device.surplus_request(9.1) == Request(4, 16, 102, values=(1600,))
    device.offer.took(Failed("silence"), 9.2)
    device.offer.want(1700.0, 10.0)
    assert device.surplus_request(10.0) == Request(4, 16, 102, values=(1700,))
    device.offer.want(None, 11.0)
    assert device.surplus_request(30.0) is None
    device.offer.want(1.0, 31.0)
    assert device.surplus_request(31.0) is not None


def test_who_has_no_such_register_is_told_none() -> None:
    device = told()
    device.offer.want(1500.0, 0.0)
    assert device.surplus_request(0.0) is None
    assert device.beats_due(0.0, 9.0) == []
    assert pump().due_a(0.0, ready=True) is None
    assert pump().held_a(PUMP, {}) is None
    assert not pump().read_back(PUMP, {}, 0.0)


def test_a_restart_makes_everything_due_again() -> None:
    device = pump()
    device.offer.want(1500.0, 0.0)
    device.offer.took(Accepted(), 0.1)
    device.prove_again(1.0)
    assert device.surplus_request(1.0) is not None
    amtron = told(PROFILES["mennekes-amtron-compact"])
    amtron.took_beat(0, Accepted(), 0.1)
    assert amtron.beats_due(0.2, 2.2) == []
    amtron.prove_again(1.0)
    assert amtron.beats_due(1.0, 3.0) == [(0, Request(7, 6, 3328, values=(0x55AA,)))]


@pytest.mark.parametrize("fed_by", ["access", "write", "heartbeat"])
def test_a_watchdog_is_announced_before_it_acts(fed_by: str) -> None:
    """BUS-47, row 33: from 0.8 of its time on, each by what feeds it; never fed is not missed."""
    feeds: dict[str, Watchdog] = {
        "access": Watchdog(timeout_s=10, fed_by="access"),
        "write": Watchdog(timeout_s=10, fed_by="write"),
        "heartbeat": Watchdog(timeout_s=10, fed_by="heartbeat"),
    }
    beats = (Heartbeat(function=6, address=60, value=1, every_s=5),)
    device = told(replace(PROFILE, watchdog=feeds[fed_by], heartbeats=beats))
    assert not device.starving(1000.0, None)
    last_good_s = 100.0 if fed_by == "access" else 1000.0
    if fed_by == "write":
        pause = send(device, 0.0, 99.0)
        device.leave(pause)
        device.took_write(pause, Accepted(), 100.0, readable=True)
    if fed_by == "heartbeat":
        device.took_beat(0, Accepted(), 100.0)
    assert not device.starving(108.0, last_good_s)
    assert device.starving(108.1, last_good_s)
    assert not told().starving(1e6, 0.0)


CONFIRMED = Point(quantity="confirmed_a", function=3, addresses=(6,), wire="u16", unit="A")
FATES = ("taken", "request lost", "answer lost", "refused")


class Paused(RuleBasedStateMachine):
    """A charger with a release on a bad line: what is booked is never less than what it holds.

    Requests or answers are lost, refused, or broken off; it is read back now and then, one register or both.
    """

    def __init__(self) -> None:
        super().__init__()
        self.told = Told(CHARGER, replace(PROFILE, points=(CONFIRMED,)), 0.0)
        self.held = {6: 0, 5: 0}
        self.samples: dict[Quantity, Sample] = {}
        self.now_s = 0.0
        self.sequence: Sequence | None = None

    @property
    def held_a(self) -> float:
        return float(self.held[6] if self.held[5] else 0)

    @rule(limit_a=st.sampled_from([0.0, 6.0, 10.0, 16.0]), later_s=st.sampled_from([0.2, 1.0, 9.0]))
    def decide(self, limit_a: float, later_s: float) -> None:
        self.now_s += later_s
        self.told.want(limit_a, self.now_s)

    @rule(fate=st.sampled_from(FATES), ready=st.booleans(), readable=st.booleans())
    def write(self, fate: str, ready: bool, readable: bool) -> None:
        self.now_s += 0.1
        if self.told.going_on:
            assert self.told.sequence is not None
            sequence = self.told.sequence
        else:
            due_a = self.told.due_a(self.now_s, ready=ready)
            if due_a is None:
                return
            assert ready or due_a <= self.told.slot.highest_a
            sequence = self.told.begin(due_a, self.now_s)
        request = self.told.leave(sequence)
        if fate in ("taken", "answer lost"):
            self.held[request.address] = request.values[0]
        outcome: Outcome = Accepted()
        if fate != "taken":
            outcome = Failed("exception", 4) if fate == "refused" else Failed("silence")
        self.told.took_write(sequence, outcome, self.now_s, readable=readable)

    @rule(quantities=st.sampled_from([("confirmed_a",), ("released",), ("confirmed_a", "released")]))
    def read(self, quantities: tuple[Quantity, ...]) -> None:
        self.now_s += 0.1
        for quantity in quantities:
            value = self.held[6 if quantity == "confirmed_a" else 5]
            self.samples[quantity] = Sample((float(value),), self.now_s)
            self.told.read_back(self.told.profile, self.samples, self.now_s)

    @rule()
    def read_in_vain(self) -> None:
        self.told.read_in_vain(self.now_s)

    @rule()
    def lose_the_line(self) -> None:
        self.told.prove_again(self.now_s)

    @invariant()
    def booked_is_never_less_than_held(self) -> None:
        assert self.told.slot.highest_a >= self.held_a

    @invariant()
    def acknowledged_and_confirmed_is_what_it_holds(self) -> None:
        if self.told.slot.stage == "confirmed":
            assert self.told.slot.acknowledged_a == self.held_a


TestPaused = Paused.TestCase
TestPaused.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
