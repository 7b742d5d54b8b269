"""The first run: until somebody has looked at everything, no car is charged (PNL-71).

While it lasts every charger is held at 0 A. One whose first charge is asked for may have its least current
for so many seconds, if everything else allows it; no relay takes over for a charger that falls silent. All of
it ends with the first run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hems.core.orders import FIRST_CHARGE_S
from hems.core.rules import ChargerRules
from hems.core.wording import outside
from hems.model.intents import Errand, Refusal, TryCharge
from hems.model.settings import Settings
from hems.model.why import Reason, Why


@dataclass(frozen=True, slots=True)
class State:
    """Until when each charger's first charge lasts, in monotonic seconds."""

    until_mono_s: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Most:
    """The most a charger may be told in the first run, and why."""

    limit_a: float
    why: Why


def step(
    state: State,
    chargers: Mapping[str, ChargerRules],
    errands: Sequence[Errand],
    *,
    lasts: bool,
    now_s: float,
) -> tuple[State, dict[str, Most]]:
    """One cycle; the most that each charger may be told, nothing once the first run is over."""
    if not lasts:
        return State(), {}
    asked = {one.charger: now_s + one.seconds for one in errands if isinstance(one, TryCharge)}
    until = {name: end_s for name, end_s in {**state.until_mono_s, **asked}.items() if end_s > now_s}
    return State(until), {name: _most(charger, until.get(name), now_s) for name, charger in chargers.items()}


def _most(charger: ChargerRules, until_mono_s: float | None, now_s: float) -> Most:
    if until_mono_s is None:
        return Most(0.0, Why(Reason.COMMISSIONING, {"limit_a": 0.0}))
    figures = {"limit_a": charger.lowest_a, "seconds_left": until_mono_s - now_s}
    return Most(charger.lowest_a, Why(Reason.COMMISSIONING, figures))


def first_charge_fault(settings: Settings, errand: TryCharge) -> Refusal | None:
    """Why a first charge cannot be now; ``None`` if it can."""
    if settings.commissioning is None:
        return Refusal("not_now", "a first charge belongs to the first run")
    if why := outside(errand.seconds, *FIRST_CHARGE_S, "s"):
        return Refusal("bad_value", "a first charge lasts {range}", {"range": why})
    if settings.charger(errand.charger).mode == "off":
        return Refusal("not_now", "{name} is switched off; choose a mode first", {"name": errand.charger})
    return None
