"""Relay outputs. De-energised is the safe position, taken at construction and at the end."""

from collections.abc import Mapping


class Pins:
    """Relays by name on GPIO numbers, with active-high drivers."""

    def __init__(self, relays: Mapping[str, int]) -> None:
        if relays:
            from gpiozero import OutputDevice

            self._outputs = {
                name: OutputDevice(pin, active_high=True, initial_value=False) for name, pin in relays.items()
            }
        else:
            self._outputs = {}

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
