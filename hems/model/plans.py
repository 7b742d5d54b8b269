"""Plans: when a car is to be charged, by our own rules or by an external optimizer's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hems.model.prices import Slot


@dataclass(frozen=True, slots=True)
class Plan:
    """What a target needs, and the pieces of time in which it is charged; all instants aware, in UTC.

    `need_wh` is what was missing when it was made, `power_w` what the charger gives then. `slots` carry the
    price paid. From `latest_start` on there is no time left to choose. `assumed` names what nobody told
    (``level``, ``capacity``), `later_s` is charging time that waits for prices still unknown. Prices were
    known until `known_until`, ``None`` without any.
    """

    deadline: datetime
    latest_start: datetime
    need_wh: float
    power_w: float
    slots: tuple[Slot, ...] = ()
    assumed: tuple[str, ...] = ()
    later_s: float = 0.0
    known_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an optimizer's plan: a current from `start_mono_s` until `end_mono_s`."""

    start_mono_s: float
    end_mono_s: float
    limit_a: float
    lines: int | None = None


@dataclass(frozen=True, slots=True)
class OptimizerPlan:
    """An external optimizer's set-points by charger, fresh until `until_mono_s`."""

    plan_id: str
    until_mono_s: float
    steps: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
