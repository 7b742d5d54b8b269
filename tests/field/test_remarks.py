"""What a person is told of a device: BUS-26, 43, 46, 47, 50."""

from dataclasses import replace

from hems.field.device import Device
from hems.field.exchange import Accepted, Failed
from hems.field.link import Link
from hems.field.profile import Watchdog
from hems.field.profiles import PROFILES
from hems.field.remarks import remarks
from hems.field.setup import Progress
from hems.field.wire import wire
from hems.model.site import Bus, Charger
from tests.field.houses import GARAGE, GRID

WIRE = wire(Bus(name="a", port="p"))
EVSE = PROFILES["evse-wb"]
BOX = Charger(name="box", number=1, bus="a", unit=2, profile="heidelberg-energy-control")


def met(watchdog: Watchdog | None = None) -> Device:
    """A charger that is set up and has answered at 100 s: nothing to say."""
    device = Device(GARAGE, replace(EVSE, watchdog=watchdog), Link(2, EVSE.limits), WIRE, 100.0)
    device.told.progress = Progress("done")
    device.fast_tasks(100.0)[0].take(Accepted((0, 0, 1, 0)), 100.0)
    return device


def test_all_is_well_or_nobody_asked() -> None:
    assert remarks(met(), 100.0) == ""
    assert remarks(Device(GRID, PROFILES[GRID.profile], Link(1, EVSE.limits), WIRE, 0.0), 0.0) == ""


def test_the_words_stay_the_same_for_as_long_as_something_lasts() -> None:
    """They are logged when they change, not every second."""
    device = met()
    for i in range(3):
        device.fast_tasks(101.0 + i)[0].take(Failed("silence"), 101.0 + i)
    assert {remarks(device, 104.0 + i / 10) for i in range(60)} == {"silent, asked again in 10 s"}


def test_a_watchdog_is_announced_unless_the_device_sleeps() -> None:
    """BUS-47, row 33; BUS-43: who sleeps without a car has nothing to lose."""
    device = met(Watchdog(timeout_s=10, fed_by="access"))
    assert remarks(device, 108.0) == ""
    assert remarks(device, 108.1) == "not fed in time: its own watchdog is about to act"
    profile = PROFILES[BOX.profile]
    box = Device(BOX, profile, Link(2, profile.limits), WIRE, 100.0)
    box.told.progress = Progress("done")
    box.fast_tasks(100.0)[0].take(Accepted((2,) + (0,) * 9), 100.0)
    for i in range(3):
        box.fast_tasks(101.0 + i)[0].take(Failed("silence"), 101.0 + i)
    assert remarks(box, 120.0) == "asleep, no car, asked again in 10 s"


def test_everything_that_is_wrong_stands_in_one_line() -> None:
    device = met()
    device.told.progress = Progress("reading", row=1)
    device.planned[0].refusals = 3
    device.link.turn.turn_s = 0.05
    device.want(0.0, 101.0)
    device.write_task(0.0, 101.0).take(Failed("exception", 4), 101.0)
    assert remarks(device, 102.0) == (
        "setup not confirmed: whole ampere; did not take its set-point 1 times; "
        "does not have confirmed_a; needs 50 ms after a change of unit"
    )
