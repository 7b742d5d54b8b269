"""Meters of sub-circuits, and relays that are no charger's enabling relay (CHG-30, CHG-36, CHG-101)."""

from collections.abc import Iterator
from dataclasses import replace

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory
from msgspec import structs

from hems.field.budget import grid_refresh_s, poll_plan, reaction_s
from hems.field.pins import Pins
from hems.field.profiles import PROFILES
from hems.field.quarantine import urgent
from hems.field.wiring import check
from hems.model.decision import ChargerCommand, Command
from hems.model.site import Charger, Circuit, Config, Contact, Meter, Relay, devices
from tests.field.houses import GARAGE, GRID, PV, Scene, controller, floats, house, inverter, meter
from tests.field.wires import Memory

BARN = Meter(name="barn-m", bus="a", unit=7, profile="eastron-sdm630", role="circuit", circuit="barn")
SWITCHED = Charger(
    name="garage", number=1, bus="a", unit=2, profile="evse-wb", relay="garage", lines_relay="lines"
)
RELAYS = {"lines": 18, "garage": 17, "heater": 27}


@pytest.fixture
def factory() -> Iterator[MockFactory]:
    before = gpiozero.Device.pin_factory
    gpiozero.Device.pin_factory = MockFactory()
    yield gpiozero.Device.pin_factory
    gpiozero.Device.pin_factory.reset()
    gpiozero.Device.pin_factory = before


def with_barn(*more: Meter | Charger, barn: Meter = BARN) -> Config:
    return structs.replace(
        house(PV, barn, GRID, *more), circuits=(Circuit(name="barn", fuse_a=(16, 16, 16)),)
    )


def uneven(*line_w: float) -> Memory:
    """An SDM with a current on each line that fits its power."""
    amps = [abs(watt) / 230 for watt in line_w]
    return Memory(input=floats(0, 230, 230, 230, *amps, *line_w) | floats(70, 50, 12.5, 3.25))


def startled(scene: Scene) -> bool:
    """Whether a contact has changed by now."""
    return scene.field.startled


def test_the_meter_of_a_circuit_is_in_every_picture_by_the_circuits_name() -> None:
    """CHG-30: the same reading as the grid meter's, signs included, read right behind it."""
    config = with_barn()
    assert [device.name for device in devices(config)] == ["grid", "barn-m", "pv"]
    scene = Scene(config, {1: meter(), 5: inverter(), 7: uneven(460, -230, 0)})
    circuits = scene.tick().circuits
    assert circuits.keys() == {"barn"}
    assert circuits["barn"].line_a == pytest.approx((2, -1, 0))
    assert circuits["barn"].power_w == pytest.approx(230)
    seen = [scene.tick().circuits["barn"].at_mono_s for _ in range(3)]
    assert len(set(seen)) == 3, "a new reading every second"
    scene.units[7].mute = True
    scene.run(3)
    assert scene.tick().circuits["barn"].at_mono_s <= seen[-1] + 1, (
        "silence keeps the old reading and its time"
    )
    scene.close()


def test_a_circuit_whose_meter_never_answered_is_not_there() -> None:
    scene = Scene(with_barn(), {1: meter(), 5: inverter()})
    assert scene.tick().circuits == {}
    scene.close()


def test_a_circuit_meter_on_one_line_mounted_the_other_way_round() -> None:
    barn = structs.replace(BARN, lines=("L2",), mounted="reversed")
    scene = Scene(with_barn(barn=barn), {1: meter(), 5: inverter(), 7: uneven(-690, 0, 0)})
    assert scene.tick().circuits["barn"].line_a == pytest.approx((0, 3, 0))
    scene.close()


def test_protection_waits_for_the_meter_of_a_circuit() -> None:
    """It is probed among the fast reads, its reads are in the tick's budget, its own age in the reaction."""
    assert urgent(BARN)
    assert not urgent(PV)
    lines, without = poll_plan(with_barn(GARAGE), PROFILES), poll_plan(house(GRID, PV, GARAGE), PROFILES)
    assert [row.device for row in lines[0].fast][:2] == ["grid", "barn-m"]
    assert reaction_s(lines) > reaction_s(without) + 0.05
    slow = structs.replace(BARN, profile="finder-6m")
    profiles = {**PROFILES, "finder-6m": replace(PROFILES["eastron-sdm630"], refresh_s=0.9)}
    assert grid_refresh_s(with_barn(barn=slow), profiles) == 0.9
    check(with_barn(GARAGE), PROFILES)


def test_relays_follow_the_command_and_a_chargers_own_only_its_own(factory: MockFactory) -> None:
    """What the command names beside the chargers moves loads; it can move no charger's relay."""
    config = structs.replace(
        house(GRID, SWITCHED), relays=tuple(Relay(name=name, pin=pin) for name, pin in RELAYS.items())
    )
    scene = Scene(config, {1: meter(), 2: controller()}, Pins(RELAYS))
    field, now = scene.field, scene.bench.clock.now()

    def act(told: ChargerCommand | None, **relays: bool) -> dict[str, bool]:
        field.act(Command({} if told is None else {"garage": told}, relays=relays), now)
        return scene.pins.positions()

    everything = {"garage": True, "lines": True, "heater": True, "nowhere": True}
    assert act(None, **everything) == {"lines": False, "garage": False, "heater": True}
    assert act(ChargerCommand(0, False), **everything) == {"lines": False, "garage": False, "heater": True}
    assert act(ChargerCommand(6, True, 3), heater=False) == {"lines": True, "garage": True, "heater": False}
    assert field.read(now).chargers["garage"].lines == 3
    assert act(ChargerCommand(0, True)) == {"lines": True, "garage": True, "heater": False}
    assert act(ChargerCommand(0, True, 1))["lines"] is False
    assert field.read(scene.bench.clock.now()).chargers["garage"].lines == 1
    scene.close()


def test_a_charger_that_cannot_be_switched_says_nothing_about_its_lines() -> None:
    scene = Scene(house(GRID, GARAGE), {1: meter(), 2: controller()})
    assert scene.tick().chargers["garage"].lines is None
    scene.close()


@pytest.mark.parametrize("mute", [False, True])
def test_safe_lets_go_of_the_lines_last(factory: MockFactory, mute: bool) -> None:
    """CHG-72, CHG-22: the relay that chooses lines falls after the charger was told 0 A, or could not be."""
    config = structs.replace(
        house(GRID, SWITCHED), relays=tuple(Relay(name=name, pin=pin) for name, pin in RELAYS.items())
    )
    scene = Scene(config, {1: meter(), 2: controller()}, Pins(RELAYS))
    scene.run(3)
    begin_s = scene.bench.clock.mono_s()
    scene.field.act(
        Command({"garage": ChargerCommand(10, True, 3)}, relays={"heater": True}), scene.bench.clock.now()
    )
    scene.bench.loop.run_until(begin_s + 0.5)
    scene.units[2].mute = mute
    seen = {}

    def look() -> None:
        seen.update(scene.pins.positions())

    now = scene.bench.clock.now()
    scene.bench.loop.call_at(now.mono_s + 0.001, look)
    assert scene.field.safe(now) == (("garage",) if mute else ())
    assert seen == {"lines": True, "garage": False, "heater": False}
    assert scene.pins.positions() == dict.fromkeys(RELAYS, False)
    assert scene.bench.clock.mono_s() - now.mono_s <= 1.51
    scene.close()


def test_a_contact_startles_the_wires(factory: MockFactory) -> None:
    """CHG-50: a change of a contact is in the picture, and need not wait for the next tick."""
    config = structs.replace(house(GRID), contacts=(Contact(name="dim", pin=22),))
    pins = Pins({}, {"dim": 22})
    factory.pin(22).drive_low()
    scene = Scene(config, {1: meter()}, pins)
    assert scene.tick().contacts == {"dim": None}, "this picture took less than a tenth"
    assert startled(scene), "so there is reason for another one at once"
    assert scene.tick().contacts == {"dim": True}
    assert not startled(scene)
    factory.pin(22).drive_high()
    now_s = scene.bench.clock.mono_s()
    scene.bench.loop.run_until(now_s + 1, lambda: startled(scene))
    assert 0.1 <= scene.bench.clock.mono_s() - now_s <= 0.151
    assert scene.field.read(scene.bench.clock.now()).contacts == {"dim": False}
    assert not startled(scene)
    scene.close()
