"""Relay outputs and dry contacts. De-energised is the safe position, taken at construction and at the end."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from hems.errors import HemsError

if TYPE_CHECKING:
    from gpiozero import InputDevice

PIN_FACTORY = "lgpio"
"""The only library that knows every board's pins; another one is taken only if the environment names it."""


class Pins:
    """Relays and contacts by name on GPIO numbers; `HemsError` where there are no pins.

    Relays have active-high drivers, contacts close to ground.
    """

    def __init__(self, relays: Mapping[str, int], contacts: Mapping[str, int] | None = None) -> None:
        self._outputs = {}
        self._inputs = {}
        if not relays and not contacts:
            return
        os.environ.setdefault("GPIOZERO_PIN_FACTORY", PIN_FACTORY)
        from gpiozero import InputDevice, OutputDevice

        what = ""
        try:
            for name, pin in relays.items():
                what = f"relay {name!r}: GPIO {pin} cannot be driven"
                self._outputs[name] = OutputDevice(pin, active_high=True, initial_value=False)
            for name, pin in (contacts or {}).items():
                what = f"contact {name!r}: GPIO {pin} cannot be read"
                self._inputs[name] = InputDevice(pin, pull_up=True)
        except Exception as error:  # the pin library's own error has no other base
            self.close()
            kind = what.split()[0]
            raise HemsError(
                f"{what} ({error}); install hems[pi] on a Raspberry Pi, or remove the {kind}"
            ) from None

    def set(self, name: str, energised: bool) -> None:
        """Move one relay."""
        output = self._outputs[name]
        if energised:
            output.on()
        else:
            output.off()

    def positions(self) -> dict[str, bool]:
        """Every relay's position; true = energised."""
        return {name: bool(output.value) for name, output in self._outputs.items()}

    def contacts(self) -> dict[str, bool | None]:
        """Every contact at this moment, bouncing as it may; true = closed, ``None`` = cannot be read."""
        return {name: _closed(contact) for name, contact in self._inputs.items()}

    def close(self) -> None:
        """De-energise all and release the pins."""
        for contact in self._inputs.values():
            contact.close()
        self._inputs = {}
        for output in self._outputs.values():
            output.off()
            output.close()
        self._outputs = {}


def _closed(contact: "InputDevice") -> bool | None:
    try:
        return bool(contact.is_active)
    except Exception:  # the pin library's own error has no other base
        return None
