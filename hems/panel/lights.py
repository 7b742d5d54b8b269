"""Three lights on their pins: green controls, yellow limits, red alarms; steady or 1 s on and 1 s off.

What they say stands in words on the panel as well. They follow each view and go out when it fails to come.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from hems.errors import HemsError
from hems.model.loop import Clock, Loop, Timer
from hems.model.view import View
from hems.model.why import Reason

if TYPE_CHECKING:
    from gpiozero import OutputDevice

Lamp = Literal["green", "yellow", "red"]
BLINK_S: Final = 1.0
FORSAKEN_AFTER_S: Final = 5.0
"""Without a new view for so long nobody knows what is so."""

BINDING: Final = frozenset(
    {
        Reason.METER_STALE,
        Reason.METER_LOST,
        Reason.LINE_LIMIT,
        Reason.CIRCUIT_LIMIT,
        Reason.POWER_LIMIT,
        Reason.IMBALANCE,
        Reason.OPERATOR_LIMIT,
    }
)
"""Reasons that hold a charger below its wish for the sake of fuse, grid or house."""


class Glow(StrEnum):
    """What a light does."""

    OFF = "off"
    STEADY = "steady"
    BLINKING = "blinking"


def glows(view: View) -> Mapping[Lamp, Glow]:
    """What each light says of this view.

    Green blinks while the first run or a search keeps the rules from control, yellow while the grid operator
    limits, red while the cause of an alarm that nobody has acknowledged is still there.
    """
    decision = view.decision
    limited = decision.dim is not None and decision.dim.limited
    bound = any(decided.why.code in BINDING for decided in decision.chargers.values())
    held = view.settings.commissioning is not None or decision.search is not None
    unseen = [alarm for alarm in view.alarms if not alarm.seen]
    return {
        "green": Glow.BLINKING if held else Glow.STEADY,
        "yellow": Glow.BLINKING if limited else Glow.STEADY if bound else Glow.OFF,
        "red": Glow.BLINKING if any(alarm.holds for alarm in unseen) else Glow.STEADY if unseen else Glow.OFF,
    }


class Lights:
    """The lights that are installed, at GPIO numbers; an eye. `HemsError` where a pin cannot be driven."""

    def __init__(self, loop: Loop, clock: Clock, pins: Mapping[Lamp, int]) -> None:
        self._loop = loop
        self._clock = clock
        self._outputs = _open(pins)
        self._glows: Mapping[Lamp, Glow] = {}
        self._shown_mono_s = clock.mono_s()
        self._phase = False
        self._timer: Timer = loop.call_at(self._shown_mono_s + BLINK_S, self._blink)

    def show(self, view: View) -> None:
        """Follow a new view."""
        self._glows, self._shown_mono_s = glows(view), self._clock.mono_s()
        self._set()

    def close(self) -> None:
        """All lights out."""
        self._timer.cancel()
        for output in self._outputs.values():
            output.off()
            output.close()

    def _blink(self) -> None:
        now_s = self._clock.mono_s()
        self._phase = not self._phase
        if now_s >= self._shown_mono_s + FORSAKEN_AFTER_S:
            self._glows = {}
        self._set()
        self._timer = self._loop.call_at(now_s + BLINK_S, self._blink)

    def _set(self) -> None:
        for lamp, output in self._outputs.items():
            glow = self._glows.get(lamp, Glow.OFF)
            output.value = glow is Glow.STEADY or (glow is Glow.BLINKING and self._phase)


def _open(pins: Mapping[Lamp, int]) -> "dict[Lamp, OutputDevice]":
    from gpiozero import OutputDevice

    outputs: dict[Lamp, OutputDevice] = {}
    try:
        for lamp, pin in pins.items():
            outputs[lamp] = OutputDevice(pin)
    except Exception as error:  # the pin library's own error has no other base
        for output in outputs.values():
            output.close()
        raise HemsError(f"panel.lights: the pins cannot be driven: {error}") from error
    return outputs
