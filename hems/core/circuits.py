"""The tree of circuits: which a charger hangs on, and how far their meters are trusted (CHG-30).

A circuit's own meter goes through the same stages as the main one (`meter`); when it is silent the chargers
below it are reduced and stopped. A circuit without a meter carries what its chargers draw and what the meters
below it show: where it has a fuse, all its chargers depend on those.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from hems.core import meter, readings
from hems.core.readings import Grid
from hems.core.rules import Rules
from hems.model.snapshot import MeterReading
from hems.model.units import PerLine


@dataclass(frozen=True, slots=True)
class Look:
    """One metered circuit in one cycle: its meter's state, how far it is trusted, its reading."""

    state: meter.State
    trust: meter.Trust
    grid: Grid | None


def look(
    rules: Rules, states: Mapping[str, meter.State], snapshot: Mapping[str, MeterReading], now_s: float
) -> dict[str, Look]:
    """All circuits that have a meter; `snapshot` holds their readings."""
    looks: dict[str, Look] = {}
    for name, circuit in rules.circuits.items():
        if circuit.metered:
            grid = readings.grid(snapshot.get(name), now_s, rules.meter)
            before = states.get(name, meter.State())
            state, trust = meter.step(rules.meter, before, grid.at_mono_s if grid else None, now_s)
            looks[name] = Look(state, replace(trust, circuit=name), grid)
    return looks


def above(rules: Rules, circuit: str) -> tuple[str, ...]:
    """The circuit and all it hangs on, the nearest first; a name that is unknown or comes again ends it."""
    chain: list[str] = []
    while circuit in rules.circuits and circuit not in chain:
        chain.append(circuit)
        circuit = rules.circuits[circuit].parent
    return tuple(chain)


def metered_below(rules: Rules, circuit: str) -> tuple[str, ...]:
    """The circuits with a meter that hang on this one with no other meter between."""
    found: list[str] = []
    for name, mine in rules.circuits.items():
        between = above(rules, mine.parent) if mine.metered else ()
        if circuit in between:
            nearer = between[: between.index(circuit)]
            found += [name] * (name != circuit and not any(rules.circuits[one].metered for one in nearer))
    return tuple(found)


def fuse_a(rules: Rules, circuit: str) -> PerLine:
    """What a circuit's lines may carry; endless where that is not limited."""
    one, two, three = rules.circuits[circuit].fuse_a
    return one or inf, two or inf, three or inf


def trust(rules: Rules, main: meter.Trust, looks: Mapping[str, Look], chain: Sequence[str]) -> meter.Trust:
    """How far the meters above a charger are trusted together: as far as the worst of them.

    A fused circuit without one is trusted as far as the meters by which it is known.
    """
    meters = [name for name in chain if name in looks]
    for name in chain:
        if name not in looks and min(fuse_a(rules, name)) < inf:
            meters += metered_below(rules, name)
    return meter.worst([main, *(looks[name].trust for name in meters)])
