"""Relays: de-energised is safe, at construction and at the end."""

from collections.abc import Iterator

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory

from hems.errors import HemsError
from hems.field.pins import Pins


@pytest.fixture
def factory() -> Iterator[MockFactory]:
    before = gpiozero.Device.pin_factory
    gpiozero.Device.pin_factory = MockFactory()
    yield gpiozero.Device.pin_factory
    gpiozero.Device.pin_factory.reset()
    gpiozero.Device.pin_factory = before


def test_relays_start_move_and_end_de_energised(factory: MockFactory) -> None:
    pins = Pins({"garage": 17, "heater": 27})
    assert pins.positions() == {"garage": False, "heater": False}
    assert factory.pin(17).function == "output"
    pins.set("garage", True)
    assert pins.positions() == {"garage": True, "heater": False}
    assert factory.pin(17).state
    pins.set("garage", False)
    assert not factory.pin(17).state
    pins.set("heater", True)
    levels = factory.pin(27)
    pins.close()
    assert [bool(state.state) for state in levels.states] == [False, True, False]
    assert pins.positions() == {}


def test_opening_never_pulses_the_relay(factory: MockFactory) -> None:
    Pins({"garage": 17}).close()
    assert not any(state.state for state in factory.pin(17).states)


def test_a_pin_that_another_process_holds_is_an_error_in_words(
    factory: MockFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pin library's own error has no other base than Exception; what could be had is released."""

    class PinError(Exception):
        pass

    def output(pin: int, **options: bool) -> gpiozero.OutputDevice:
        if pin == 27:
            raise PinError("GPIO busy")
        return real(pin, **options)

    real = gpiozero.OutputDevice
    monkeypatch.setattr(gpiozero, "OutputDevice", output)
    with pytest.raises(HemsError, match=r"^relay 'heater': GPIO 27 cannot be driven \(GPIO busy\); "):
        Pins({"garage": 17, "heater": 27})
    monkeypatch.undo()
    Pins({"garage": 17}).close()


def test_without_relays_no_pin_library_is_needed() -> None:
    pins = Pins({})
    assert pins.positions() == {}
    pins.close()


def test_a_contact_that_closes_to_ground_is_true(factory: MockFactory) -> None:
    pins = Pins({}, {"hc": 22})
    pin = factory.pin(22)
    assert pin.pull == "up"
    assert pins.contacts() == {"hc": False}
    pin.drive_low()
    assert pins.contacts() == {"hc": True}
    pin.drive_high()
    assert pins.contacts() == {"hc": False}
    pins.close()
    assert pins.contacts() == {}


def test_a_contact_that_cannot_be_read_is_an_error_in_words(
    factory: MockFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(pin: int, **options: bool) -> gpiozero.InputDevice:
        raise RuntimeError("GPIO busy")

    monkeypatch.setattr(gpiozero, "InputDevice", refuse)
    with pytest.raises(
        HemsError, match=r"^contact 'hc': GPIO 22 cannot be read \(GPIO busy\); .* the contact$"
    ):
        Pins({"garage": 17}, {"hc": 22})
    monkeypatch.undo()
    Pins({"garage": 17}).close()


def test_a_contact_whose_pin_fails_later_is_unknown(
    factory: MockFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop goes on; what unknown means is for the rules (CHG-50)."""
    pins = Pins({}, {"dim": 22})

    def fail(device: gpiozero.InputDevice) -> bool:
        raise RuntimeError("GPIO not allocated")

    monkeypatch.setattr(gpiozero.InputDevice, "is_active", property(fail))
    assert pins.contacts() == {"dim": None}
    monkeypatch.undo()
    assert pins.contacts() == {"dim": False}
    pins.close()
