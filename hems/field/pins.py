"""Relay outputs. De-energised is the safe position, taken at construction and at the end."""

import os
from collections.abc import Mapping

from hems.errors import HemsError

PIN_FACTORY = "lgpio"
"""The only library that knows every board's pins; another one is taken only if the environment names it."""


class Pins:
    """Relays by name on GPIO numbers, with active-high drivers; `HemsError` where there are no pins."""

    def __init__(self, relays: Mapping[str, int]) -> None:
        self._outputs = {}
        if not relays:
            return
        os.environ.setdefault("GPIOZERO_PIN_FACTORY", PIN_FACTORY)
        from gpiozero import OutputDevice

        try:
            for name, pin in relays.items():
                self._outputs[name] = OutputDevice(pin, active_high=True, initial_value=False)
        except Exception as error:  # the pin library's own error has no other base
            self.close()
            where = f"relay {name!r}: GPIO {pin} cannot be driven ({error})"
            raise HemsError(f"{where}; install hems[pi] on a Raspberry Pi, or remove the relay") from None

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

    def close(self) -> None:
        """De-energise all and release the pins."""
        for output in self._outputs.values():
            output.off()
            output.close()
        self._outputs = {}
