"""The writes of one decision: BUS-45."""

from dataclasses import replace

from hems.field.device import Device
from hems.field.exchange import Accepted, Failed, Outcome
from hems.field.link import Link
from hems.field.orders import Orders
from hems.field.profiles import PROFILES
from hems.field.setup import Progress
from hems.field.wire import wire
from hems.model.site import Bus, Charger, HeatPump

WIRE = wire(Bus(name="a", port="p"))
EVSE = PROFILES["evse-wb"]


def charger(name: str, unit: int, held_a: float | None) -> Device:
    config = Charger(name=name, number=unit, bus="a", unit=unit, profile=EVSE.key)
    device = Device(config, EVSE, Link(unit, EVSE.limits), WIRE, 0.0)
    device.told.progress = Progress("done")
    if held_a is not None:
        device.want(held_a, 0.0)
        device.write_task(held_a, 0.0).take(Accepted(), 0.0)
    return device


def decided(*pairs: tuple[Device, float]) -> tuple[Orders, list[Device]]:
    orders = Orders(lambda: None)
    devices = [device for device, _ in pairs]
    for device, limit_a in pairs:
        device.want(limit_a, 1.0)
    orders.decide(devices, 1.0)
    return orders, devices


def leave(orders: Orders, devices: list[Device], outcome: Outcome) -> str | None:
    found = orders.next(devices, 1.0)
    if found is None:
        return None
    device, task = found
    task.take(outcome, 1.1)
    return device.name


def test_lowerings_then_raises_then_repeats() -> None:
    same = charger("same", 3, 8)
    orders, devices = decided((same, 8), (charger("up", 1, 6), 10), (charger("down", 2, 16), 6))
    assert [leave(orders, devices, Accepted()) for _ in range(3)] == ["down", "up", None]
    assert not orders.open
    orders.decide([same], 20.0)
    assert leave(orders, [same], Accepted()) == "same"


def test_a_failed_lowering_drops_the_raises() -> None:
    orders, devices = decided((charger("up", 1, 6), 10), (charger("down", 2, 16), 6))
    assert [leave(orders, devices, Failed("silence")) for _ in range(2)] == ["down", None]
    assert orders.open
    orders.clear()
    assert not orders.open


def test_a_lowering_in_doubt_holds_the_raises_back() -> None:
    doubtful = charger("doubtful", 2, 16)
    doubtful.want(6, 1.0)
    doubtful.write_task(6, 1.0).take(Failed("silence"), 1.0)
    orders, devices = decided((charger("up", 1, 6), 10), (doubtful, 6))
    assert leave(orders, devices, Accepted()) is None


def test_an_older_answer_does_not_release_a_newer_raise() -> None:
    """The acknowledgement of 10 A is not that of the 6 A wanted since."""
    late = charger("late", 2, 16)
    late.want(10, 0.5)
    first = Orders(lambda: None)
    first.decide([late], 0.5)
    found = first.next([late], 0.5)
    assert found is not None
    up = charger("up", 1, 6)
    late.want(6, 1.0)
    up.want(10, 1.0)
    first.decide([late, up], 1.0)
    found[1].take(Accepted(), 1.1)
    assert leave(first, [late, up], Accepted()) is None


def test_a_lost_charger_is_not_awaited() -> None:
    """BUS-45: 5 s without an answer, as the decision reckons it; one that is only left alone still counts."""
    lost, deaf = charger("lost", 2, 16), charger("deaf", 3, 16)
    for device in (lost, deaf):
        for at_s in (-2.0, -1.0, 0.0):
            device.fast_tasks(at_s)[0].take(Failed("silence"), at_s)
    lost.last_good_mono_s, deaf.last_good_mono_s = -4.1, -3.9
    assert (lost.lost(1.0), deaf.lost(1.0)) == (True, False)
    orders, devices = decided((charger("up", 1, 6), 10), (lost, 6))
    assert leave(orders, devices, Accepted()) == "up"
    orders, devices = decided((charger("up", 1, 6), 10), (deaf, 6))
    assert leave(orders, devices, Accepted()) is None


def test_a_lowering_that_cannot_leave_for_want_of_its_line_holds_the_raises_back() -> None:
    """BUS-45"""
    up, gone = charger("up", 1, 6), charger("gone", 2, 16)
    up.want(10, 1.0)
    gone.want(6, 1.0)
    orders = Orders(lambda: None)
    orders.decide([up], 1.0, [gone])
    assert leave(orders, [up], Accepted()) is None
    orders.decide([up], 5.2, [gone])
    assert leave(orders, [up], Accepted()) == "up"


def test_a_charger_that_reads_back_more_than_it_was_told_does_not_wait_for_itself() -> None:
    """BUS-45: two that restarted in the same moment, each told more than before, but less than it holds."""
    first, second, up = paused("first", 2, 10), paused("second", 3, 10), charger("up", 1, 6)
    for device in (first, second):
        device.told.slot = replace(device.slot, reported_a=32.0, stage="wanted")
    orders, devices = decided((first, 11), (second, 11), (up, 10))
    assert first.told.slot.highest_a == 32
    told = [leave(orders, devices, Accepted()) for _ in range(5)]
    assert told == ["first", "first", "second", "second", "up"]
    assert (first.slot.acknowledged_a, second.slot.acknowledged_a, orders.open) == (11, 11, False)


def test_the_first_word_to_an_unknown_charger_is_a_lowering() -> None:
    new = charger("new", 2, None)
    new.told.progress = Progress()
    orders, devices = decided((charger("up", 1, 6), 10), (new, 0))
    assert [leave(orders, devices, Accepted()) for _ in range(2)] == ["new", "up"]


ION = PROFILES["obo-ion"]


def paused(name: str, unit: int, held_a: float) -> Device:
    """A charger with a release of its own: two requests for every current."""
    config = Charger(name=name, number=unit, bus="a", unit=unit, profile=ION.key)
    device = Device(config, ION, Link(unit, ION.limits), WIRE, 0.0)
    device.told.progress = Progress("done")
    device.want(held_a, 0.0)
    device.write_task(held_a, 0.0).take(Accepted(), 0.0)
    if device.told.going_on:
        device.next_write_task().take(Accepted(), 0.0)
    return device


def test_a_lowering_counts_after_its_last_request() -> None:
    """BUS-45"""
    orders, devices = decided((charger("up", 1, 6), 10), (paused("down", 2, 16), 8))
    assert [leave(orders, devices, Accepted()) for _ in range(4)] == ["down", "down", "up", None]
    assert not orders.open


def test_a_lowering_that_fails_half_way_holds_the_raises_back() -> None:
    orders, devices = decided((charger("up", 1, 6), 10), (paused("down", 2, 16), 8))
    assert leave(orders, devices, Accepted()) == "down"
    assert [leave(orders, devices, Failed("exception", 4)) for _ in range(2)] == ["down", None]
    assert devices[1].slot.highest_a == 16


def test_what_was_begun_goes_on_in_the_next_tick() -> None:
    half = paused("half", 2, 16)
    orders, devices = decided((half, 8))
    assert leave(orders, devices, Accepted()) == "half"
    orders.clear()
    assert orders.open
    half.want(8, 2.0)
    orders.decide(devices, 2.0)
    assert leave(orders, devices, Accepted()) == "half"
    assert (half.slot.acknowledged_a, orders.open) == (8, False)


def test_what_was_begun_on_a_line_that_is_lost_is_waited_for_by_nobody() -> None:
    """The way to safety of the others does not stand open for it."""
    half, other = paused("half", 2, 16), charger("other", 1, 16)
    orders, devices = decided((half, 8))
    assert leave(orders, devices, Accepted()) == "half"
    other.want(0.0, 2.0)
    orders.decide([other], 2.0)
    assert leave(orders, [other], Accepted()) == "other"
    assert not orders.open


def test_half_a_raise_waits_for_the_lowerings_of_a_newer_decision() -> None:
    """BUS-45: its release must not leave before them."""
    half = paused("half", 2, 6)
    half.told.slot = replace(half.slot, raised_mono_s=-100.0)
    orders, _ = decided((half, 16))
    assert leave(orders, [half], Accepted()) == "half"
    down = charger("down", 1, 16)
    for device, limit_a in ((half, 16.0), (down, 6.0)):
        device.want(limit_a, 2.0)
    orders.decide([half, down], 2.0)
    assert leave(orders, [half], Accepted()) is None
    assert [leave(orders, [half, down], Accepted()) for _ in range(3)] == ["down", "half", None]


def test_heat_pumps_are_told_after_all_chargers() -> None:
    config = HeatPump(name="pump", number=1, bus="a", unit=4, profile="lambda-eul")
    profile = PROFILES["lambda-eul"]
    pump = Device(config, profile, Link(4, profile.limits), WIRE, 0.0)
    pump.told.offer.want(900.0, 0.0)
    up, down = charger("up", 1, 6), charger("down", 2, 16)
    up.want(10, 1.0)
    down.want(6, 1.0)
    orders = Orders(lambda: None)
    devices = [pump, up, down]
    orders.decide(devices, 1.0)
    assert [leave(orders, devices, Accepted()) for _ in range(4)] == ["down", "up", "pump", None]
    orders.decide(devices, 2.0)
    assert leave(orders, devices, Accepted()) is None
