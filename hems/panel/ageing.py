"""What keeps a display good for years: how bright it is, when it goes dark, when it was shaken; pure.

An unacknowledged alarm keeps it lit, dim, with a picture of its own that drifts (`standing`). While somebody
may be waiting for it (first run, search, tests, a question) it does not go dark.
"""

from dataclasses import replace
from math import inf
from typing import Final

from hems.model.alarm import Alarm
from hems.model.view import View
from hems.model.why import Reason
from hems.panel.navigator import Light, Patience

MOST_CONTRAST: Final = 5
FULL: Final = 0xCF
"""The contrast of the display library's own start-up."""
DIM_SHARE: Final = 8
DIM_AFTER_S: Final = 60.0

CHARGING: Final = frozenset({"C", "D"})


def contrast(light: Light, step: int) -> int:
    """What the controller is told for a brightness; 0 = off. Dim is an eighth of the chosen step."""
    full = FULL * step // MOST_CONTRAST
    return {Light.BRIGHT: full, Light.DIM: max(1, full // DIM_SHARE), Light.DARK: 0}[light]


def patience(view: View, told: Patience | None = None, *, asking: bool = False) -> Patience:
    """When this panel dims and goes dark: as it was `told`, else as a person set it.

    `asking`: a question stands in front; nobody answers one that cannot be read.
    """
    dark_after_s = view.settings.panel.dark_after_s
    dim_after_s = min(DIM_AFTER_S, dark_after_s / 2)
    found = told or Patience(dim_after_s=dim_after_s, dark_after_s=dark_after_s)
    return replace(found, dark_after_s=inf) if asking or watched(view) else found


def watched(view: View) -> bool:
    """Somebody may be waiting for what it shows: the first run, a search, a test."""
    testing = any(decided.why.code is Reason.TEST for decided in view.decision.chargers.values())
    return view.settings.commissioning is not None or view.decision.search is not None or testing


def standing_alarm(view: View) -> Alarm | None:
    """The alarm that keeps the display lit: the newest that nobody has acknowledged."""
    unseen = [alarm for alarm in view.alarms if not alarm.seen]
    return max(unseen, key=lambda alarm: alarm.since_mono_s, default=None)


def shaken(before: View, after: View) -> bool:
    """Whether contacts moved between two views that may have garbled a display: our relays, a charger's."""
    return _relays(before) != _relays(after) or _charging(before) != _charging(after)


def _relays(view: View) -> dict[str, bool]:
    command = view.decision.command
    return {**command.relays, **{name: told.relay_closed for name, told in command.chargers.items()}}


def _charging(view: View) -> set[str]:
    return {name for name, reading in view.snapshot.chargers.items() if reading.status in CHARGING}
