"""What really happened in the house, whatever the appliance believes, and whose doing it was.

Theory of operation: behind every fuse of every line the witness keeps what a master has learned last: the
load without cars and what each car drew then. A raise is a violation if it could not fit by that. Current
above a fuse is our own doing when cars flow there and the load without them is not above the one by which the
latest raise was made; whatever is above it after that, the house has added itself.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from hems.model.units import LINES, PerLine
from hems.sim.points import ChargePoint
from hems.sim.scene import Scene

TOLERANCE_A: Final = 0.05
TOLERANCE_W: Final = 50.0
MAIN: Final = ""
"""The name of the circuit that is the whole house."""


@dataclass(slots=True)
class Truth:
    """What happened since the start.

    `over_fuse_s` is the time in which any line carried more than its main fuse, `own_over_s` and
    `house_over_s` that above each fuse ("L1", "barn.L1") by whose doing it was, `over_as` the ampere-seconds
    above it. `violations` counts own actions that could not fit, `moved_under_load` relays of lines that
    switched a current, `starts` 0 → above 1 A of any car, `pump_starts` those of the compressor.
    `over_dim_s` is the time above the operator's limit, `over_dim_w` the most.
    """

    over_fuse_s: float = 0.0
    violations: int = 0
    starts: int = 0
    ev_wh: float = 0.0
    import_wh: float = 0.0
    export_wh: float = 0.0
    pv_wh: float = 0.0
    first_write_mono_s: float | None = None
    own_over_s: dict[str, float] = field(default_factory=dict)
    house_over_s: dict[str, float] = field(default_factory=dict)
    over_as: dict[str, float] = field(default_factory=dict)
    moved_under_load: int = 0
    pump_starts: int = 0
    over_dim_s: float = 0.0
    over_dim_w: float = 0.0
    battery_charge_wh: float = 0.0
    battery_discharge_wh: float = 0.0
    circuit_wh: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Fuse:
    """One line of one circuit, and what a master knows of it.

    `base_a` is the load without cars at the last reading, ``None`` before the first, `read_a` what each car
    drew then, `raised` whose limit has been raised since. `granted_a` is the load by which the latest raise
    was made.
    """

    name: str
    circuit: str
    line: int
    fuse_a: float
    base_a: float | None
    read_a: dict[str, float] = field(default_factory=dict)
    raised: set[str] = field(default_factory=set)
    granted_a: float = -math.inf


class Witness:
    """Sees every step of the house; `points` are its chargers by name."""

    def __init__(self, scene: Scene, points: Mapping[str, ChargePoint]) -> None:
        self.truth = Truth()
        self._points = points
        self._behind: dict[str, frozenset[str]] = {MAIN: frozenset(points)}
        self._fuses = [Fuse(name, MAIN, i, scene.fuse_a[i], None) for i, name in enumerate(LINES)]
        metered = {device.measures for device in scene.devices}
        for circuit in scene.circuits:
            self._behind[circuit.name] = frozenset(circuit.members) & points.keys()
            unknown_a = None if f"circuit:{circuit.name}" in metered else 0.0
            for i, (line, fuse_a) in enumerate(zip(LINES, circuit.fuse_a, strict=True)):
                if fuse_a:
                    self._fuses.append(Fuse(f"{circuit.name}.{line}", circuit.name, i, fuse_a, unknown_a))

    def note_reading(self, circuit: str, line_a: PerLine) -> None:
        """A meter has told its currents: this is what a master now knows of these fuses."""
        for fuse in self._fuses:
            if fuse.circuit == circuit:
                fuse.read_a = {point.device.name: point.drawn_a[fuse.line] for point in self._on(fuse)}
                fuse.base_a = line_a[fuse.line] - sum(fuse.read_a.values())
                fuse.raised.clear()

    def judge(self, point: ChargePoint, limit_a: float, mono_s: float) -> None:
        """Count a raise as a violation if it could not fit by the last readings.

        Booked on each line the car uses: the reading without all cars, the new limit, and for every other
        charger its limit if that was raised since the reading, else what its car drew then. A raise before
        any reading is one as well.
        """
        fits = True
        for fuse in self._fuses:
            if point not in self._on(fuse):
                continue
            fuse.raised.add(point.device.name)
            fuse.granted_a = math.inf if fuse.base_a is None else fuse.base_a
            others = (other for other in self._on(fuse) if other is not point)
            booked_a = fuse.granted_a + limit_a + sum(self._booked_a(fuse, one, mono_s) for one in others)
            fits &= booked_a <= fuse.fuse_a + TOLERANCE_A
        self.truth.violations += not fits

    def see(self, loads: Mapping[str, PerLine], dt_s: float) -> None:
        """One step: the currents of the house and of each circuit."""
        truth, above = self.truth, False
        for fuse in self._fuses:
            over_a = abs(loads[fuse.circuit][fuse.line]) - fuse.fuse_a
            if over_a <= 0.0:
                continue
            above |= fuse.circuit == MAIN
            cars_a = sum(point.drawn_a[fuse.line] for point in self._on(fuse))
            base_a = loads[fuse.circuit][fuse.line] - cars_a
            own = cars_a > 0.0 and base_a <= fuse.granted_a + TOLERANCE_A
            _add(truth.own_over_s if own else truth.house_over_s, fuse.name, dt_s)
            _add(truth.over_as, fuse.name, over_a * dt_s)
        truth.over_fuse_s += dt_s * above

    def see_dimmed(self, limit_w: float, drawn_w: float, dt_s: float) -> None:
        """One step under the grid operator's limit; `drawn_w` is what controllable devices take from it."""
        over_w = drawn_w - limit_w
        if over_w > TOLERANCE_W:
            self.truth.over_dim_s += dt_s
            self.truth.over_dim_w = max(self.truth.over_dim_w, over_w)

    def _on(self, fuse: Fuse) -> Sequence[ChargePoint]:
        behind = self._behind[fuse.circuit]
        return [one for name, one in self._points.items() if name in behind and fuse.line in one.uses]

    def _booked_a(self, fuse: Fuse, point: ChargePoint, mono_s: float) -> float:
        name = point.device.name
        return point.offered_a(mono_s) if name in fuse.raised else fuse.read_a.get(name, 0.0)


def _add(totals: dict[str, float], name: str, amount: float) -> None:
    totals[name] = totals.get(name, 0.0) + amount
