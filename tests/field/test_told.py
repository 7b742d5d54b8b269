"""What a device is told: BUS-45..50, 64, CHG-100."""

from dataclasses import replace

import pytest

from hems.field.exchange import Accepted, Failed, Request
from hems.field.profile import Heartbeat, Profile, Release, Setup, Surplus, Watchdog, Write
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
    device.want_surplus(5.0, 0.0)
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
    device.want_surplus(1500.0, 0.0)
    assert device.surplus_request(0.0) == Request(4, 16, 102, values=(1500,))
    device.took_surplus(Accepted(), 0.1)
    device.want_surplus(1600.0, 1.0)
    assert device.surplus_request(1.0) is None
    assert device.surplus_request(9.1) == Request(4, 16, 102, values=(1600,))
    device.took_surplus(Failed("silence"), 9.2)
    device.want_surplus(1700.0, 10.0)
    assert device.surplus_request(10.0) == Request(4, 16, 102, values=(1700,))
    device.want_surplus(None, 11.0)
    assert device.surplus_request(30.0) is None
    device.want_surplus(1.0, 31.0)
    assert device.surplus_request(31.0) is not None


def test_who_has_no_such_register_is_told_none() -> None:
    device = told()
    device.want_surplus(1500.0, 0.0)
    assert device.surplus_request(0.0) is None
    assert device.beats_due(0.0, 9.0) == []
    assert pump().due_a(0.0, ready=True) is None
    assert pump().held_a(PUMP, {}) is None
    assert not pump().read_back(PUMP, {}, 0.0)


def test_a_restart_makes_everything_due_again() -> None:
    device = pump()
    device.want_surplus(1500.0, 0.0)
    device.took_surplus(Accepted(), 0.1)
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
