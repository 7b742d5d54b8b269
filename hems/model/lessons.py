"""What the rules found out or decided about a charger and must not forget over a restart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hems.model.plans import Plan
from hems.model.units import LineName


@dataclass(frozen=True, slots=True)
class Lesson:
    """One charger's lessons.

    `lines` are those each vehicle really used ("" = a car nobody named). `stuck` is a contactor that did not
    open, until somebody acknowledges it. `base_wh` is the charger's counted energy when its car came or its
    level was told (`told` says what), so that what was charged since is known. `plan` is the plan in force.
    `boost_wh` is the counted energy when a boost began. `relay_tested` is the last test of the relay's path,
    `relay_failed` whether the relay did not pass it.
    """

    lines: Mapping[str, tuple[LineName, ...]] = field(default_factory=dict)
    stuck: bool = False
    base_wh: int | None = None
    told: str = ""
    plan: Plan | None = None
    boost_wh: int | None = None
    relay_tested: datetime | None = None
    relay_failed: bool = False
