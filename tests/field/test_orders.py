"""The writes of one decision: BUS-45."""

from hems.field.device import Device
from hems.field.exchange import Accepted, Failed, Outcome
from hems.field.link import Link
from hems.field.orders import Orders
from hems.field.profiles import PROFILES
from hems.field.setup import Progress
from hems.field.wire import wire
from hems.model.site import Bus, Charger

WIRE = wire(Bus(name="a", port="p"))
EVSE = PROFILES["evse-wb"]


def charger(name: str, unit: int, held_a: float | None) -> Device:
    config = Charger(name=name, number=unit, bus="a", unit=unit, profile=EVSE.key)
    device = Device(config, EVSE, Link(unit, EVSE.limits), WIRE, 0.0)
    device.progress = Progress("done")
    if held_a is not None:
        device.want(held_a, 0.0)
        device.told(held_a, 0.0)
        device.write_task(held_a).take(Accepted(), 0.0)
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
    doubtful.told(6, 1.0)
    doubtful.write_task(6).take(Failed("silence"), 1.0)
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
    lost = charger("lost", 2, 16)
    for _ in range(3):
        lost.fast_tasks(0.0)[0].take(Failed("silence"), 0.0)
    assert lost.lost(1.0)
    orders, devices = decided((charger("up", 1, 6), 10), (lost, 6))
    assert leave(orders, devices, Accepted()) == "up"


def test_the_first_word_to_an_unknown_charger_is_a_lowering() -> None:
    new = charger("new", 2, None)
    new.progress = Progress()
    orders, devices = decided((charger("up", 1, 6), 10), (new, 0))
    assert [leave(orders, devices, Accepted()) for _ in range(2)] == ["new", "up"]
