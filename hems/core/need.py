"""What a car still lacks to its target, and how its battery stands (CHG-90).

A level that somebody told is advanced by what the charger has counted since, as far as it reaches the
battery. What was told about a car counts until that car leaves: what it used on the road nobody told. Without
a level it is reckoned to be empty, without a capacity to be of a usual size, and the plan says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hems.core.readings import figure
from hems.core.rules import TargetRules, VehicleRules
from hems.model.lessons import Lesson
from hems.model.settings import ChargerSettings, Target, VehicleSettings

LEFT = "left "
"""Marks what was told about a car before it left."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """The car at a charger, as far as it is known; `told` names the statement about its level.

    `named`: somebody said that it is this one; else it is the one that mostly uses the charger.
    """

    name: str = ""
    level_pct: float | None = None
    told: str = ""
    capacity_wh: float | None = None
    max_a: float | None = None
    lines: int | None = None
    named: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """Energy to be drawn from the charger, and what had to be assumed for it."""

    wh: float
    assumed: tuple[str, ...] = ()


def vehicle(
    charger: str,
    orders: ChargerSettings,
    installed: Mapping[str, VehicleRules],
    told: Mapping[str, VehicleSettings],
) -> Vehicle:
    """The car that was named for a charger, else the one that mostly uses it.

    What was told about it counts before what is installed.
    """
    name = orders.vehicle or next((name for name, car in installed.items() if car.charger == charger), "")
    if not name:
        return Vehicle()
    mine, said = installed.get(name), told.get(name, VehicleSettings())
    capacity_wh, max_a, lines = (mine.capacity_wh, mine.max_a, mine.lines) if mine else (None, None, None)
    level_pct = figure(said.level_pct)
    when = said.told.isoformat() if said.told is not None else ""
    return Vehicle(
        name,
        level_pct,
        f"{name} {level_pct:g} {when}" if level_pct is not None else name,
        said.capacity_wh if said.capacity_wh is not None else capacity_wh,
        said.max_a if said.max_a is not None else max_a,
        said.lines if said.lines is not None else lines,
        bool(orders.vehicle),
    )


def statement(car: Vehicle, target: Target | None, deadline: datetime | None) -> str:
    """What charged energy is reckoned from: a level, a car, or an amount of energy by a deadline."""
    if target is None or _energy_wh(target) is None:
        return car.told
    by = deadline.astimezone(UTC).isoformat() if deadline is not None else ""
    return f"{target.energy_wh:g} Wh {by}"


def anchored(lesson: Lesson, said: str, counted_wh: int, gone: bool) -> Lesson:
    """The lesson with the energy count at which a statement began to hold; none while no car is there.

    A count that begins anew, as without a register in each run, takes the statement with it.
    """
    if gone:
        return lesson if lesson.base_wh is None else replace(lesson, base_wh=None)
    stale = f"{LEFT}{said}"
    if lesson.base_wh is not None and lesson.told in (said, stale):
        return lesson if lesson.base_wh <= counted_wh else replace(lesson, base_wh=counted_wh)
    if lesson.base_wh is not None:
        return replace(lesson, base_wh=counted_wh, told=said)
    came_back = lesson.told in (said, stale)
    return replace(lesson, base_wh=counted_wh, told=stale if came_back else said)


def need(rules: TargetRules, car: Vehicle, target: Target, lesson: Lesson, counted_wh: int) -> Need:
    """What is still to be drawn until the target is met; 0 when it is."""
    charged_wh = max(0, counted_wh - lesson.base_wh) if lesson.base_wh is not None else 0
    energy_wh = _energy_wh(target)
    if energy_wh is not None:
        return Need(max(0.0, energy_wh - charged_wh))
    assumed = []
    capacity_wh, level_pct = figure(car.capacity_wh), car.level_pct
    if level_pct is None or lesson.told.startswith(LEFT):
        assumed.append("level")
        level_pct = 0.0
    if capacity_wh is None or capacity_wh <= 0.0:
        assumed.append("capacity")
        capacity_wh = rules.capacity_wh
    target_pct = figure(target.target_pct)
    wanted_pct = min(100.0, max(0.0, 100.0 if target_pct is None else target_pct))
    lacks_wh = (wanted_pct - min(100.0, max(0.0, level_pct))) / 100.0 * capacity_wh / rules.efficiency
    return Need(max(0.0, lacks_wh - charged_wh), tuple(assumed))


def _energy_wh(target: Target) -> float | None:
    """An amount of energy to charge, ``None`` where a level is the target."""
    wanted_wh = figure(target.energy_wh)
    return wanted_wh if wanted_wh is not None and wanted_wh > 0.0 else None
