"""The simulated house: sun, household, heat pump, chargers and cars on three lines.

Theory of operation: everything moves on a fixed grid of 0.1 s from the start, whoever looks and whenever, so
that a run depends on its seed and its commands alone. Slow things (sun, household, pump) move once a second.
Line currents carry the sign of their power, imports positive; the power factor is 1. The voltage of a line
falls by the current of the step before times the impedance of the supply.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hems.model.units import LINES, NO_LINES, PerLine
from hems.sim import car as cars
from hems.sim import heat
from hems.sim.car import Car, CarModel
from hems.sim.chargers import CHARGERS, Charger
from hems.sim.load import household_w
from hems.sim.pdu import ACCEPTED
from hems.sim.scene import HEAT_PUMPS, Device, Scene
from hems.sim.weather import pv_fraction

STEPS_PER_S: Final = 10
STEP_S: Final = 1.0 / STEPS_PER_S
SOURCE_V: Final = 231.0
SUPPLY_OHM: Final = 0.05
FLOWING_A: Final = 1.0
TOLERANCE_A: Final = 0.05


@dataclass(slots=True)
class ChargePoint:
    """A charger in the house: its controller, its relay, its car, and what went through it.

    `uses` are the site's lines (0..2) its car draws on. `read_a` is what the car drew when the grid meter was
    read last, `raised` whether its limit has been raised since.
    """

    device: Device
    charger: Charger
    model: CarModel
    car: Car
    relay_closed: bool
    uses: tuple[int, ...]
    energy_wh: float = 0.0
    flowing: bool = False
    read_a: float = 0.0
    raised: bool = False

    @property
    def drawn_a(self) -> PerLine:
        """What the car draws on each of the site's lines."""
        drawn_a = self.car.drawn_a
        return (
            drawn_a if 0 in self.uses else 0.0,
            drawn_a if 1 in self.uses else 0.0,
            drawn_a if 2 in self.uses else 0.0,
        )


@dataclass(slots=True)
class Board:
    """The electrical state after the last step: per line at the grid point, and the powers behind it."""

    line_a: PerLine = NO_LINES
    line_v: PerLine = (SOURCE_V, SOURCE_V, SOURCE_V)
    line_w: PerLine = NO_LINES
    household_w: PerLine = NO_LINES
    pv_w: float = 0.0
    pump_w: float = 0.0
    ev_w: float = 0.0

    @property
    def grid_w(self) -> float:
        """Power from the grid, negative while exporting."""
        return sum(self.line_w)


@dataclass(slots=True)
class Truth:
    """What really happened, whatever the appliance believes.

    `over_fuse_s` is the time in which any line carried more than its fuse; `violations` counts own actions
    that could not fit (`House.judge`); `starts` counts 0 → above 1 A of any car.
    """

    over_fuse_s: float = 0.0
    violations: int = 0
    starts: int = 0
    ev_wh: float = 0.0
    import_wh: float = 0.0
    export_wh: float = 0.0
    pv_wh: float = 0.0
    first_write_mono_s: float | None = None


class House:
    """All of it; `start_s` is the monotonic second of the start. Call `advance`, then look."""

    def __init__(self, scene: Scene, start_s: float) -> None:
        self.scene = scene
        self.start_s = start_s
        self.board = Board()
        self.truth = Truth()
        self.points: dict[str, ChargePoint] = {}
        self.pump: heat.HeatPump | None = None
        for device in scene.devices:
            if device.model in CHARGERS:
                self.points[device.name] = charge_point(device, scene.cars.get(device.name), start_s)
            elif device.model in HEAT_PUMPS:
                self.pump = heat.HeatPump()
        self._forced_a: PerLine | None = None
        self._read_base_a: PerLine | None = None
        self._steps = 0
        self._start_hour = scene.start.hour + scene.start.minute / 60.0
        self._step(0.0)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start, as far as the house has got."""
        return self._steps / STEPS_PER_S

    def advance(self, mono_s: float) -> None:
        """Let the house come up to this moment."""
        due = int((mono_s - self.start_s) * STEPS_PER_S + 1e-6)
        while self._steps < due:
            self._steps += 1
            self._step(STEP_S)

    def switch(self, relay: str, closed: bool, mono_s: float) -> None:
        """Move a relay: open takes the mains from its chargers' cars, closed is judged like a raise."""
        self.advance(mono_s)
        for point in self.points.values():
            if point.device.relay != relay or point.relay_closed == closed:
                continue
            point.relay_closed = closed
            limit_a = point.charger.offered_a(mono_s)
            if not closed:
                point.car = cars.cut_off(point.car)
            elif limit_a > 0.0:
                self.judge(point, limit_a)

    def plug(self, charger: str, is_plugged: bool, mono_s: float) -> None:
        """Put the cable of this charger's car in, or take it out."""
        self.advance(mono_s)
        point = self.points[charger]
        point.car = cars.plugged(point.car, is_plugged)
        point.charger.plug(is_plugged, mono_s)

    def force(self, base_a: PerLine | None, mono_s: float) -> None:
        """Let the household draw exactly these amperes; ``None`` gives it its own life back."""
        self.advance(mono_s)
        self._forced_a = base_a

    def write_charger(self, point: ChargePoint, address: int, values: Sequence[int], mono_s: float) -> int:
        """A master's write to a charger; 0 or an exception code."""
        before_a = point.charger.offered_a(mono_s)
        code = point.charger.write(address, values, mono_s)
        after_a = point.charger.offered_a(mono_s)
        if code == ACCEPTED and after_a > before_a:
            self.judge(point, after_a)
        return code

    def note_write(self, mono_s: float) -> None:
        """Some device has accepted a write."""
        if self.truth.first_write_mono_s is None:
            self.truth.first_write_mono_s = mono_s

    def note_grid_reading(self) -> None:
        """The grid meter has told its currents: this is what a master now knows of the lines."""
        base_a = list(self.board.line_a)
        for point in self.points.values():
            for line in point.uses:
                base_a[line] -= point.car.drawn_a
            point.read_a, point.raised = point.car.drawn_a, False
        self._read_base_a = (base_a[0], base_a[1], base_a[2])

    def judge(self, point: ChargePoint, limit_a: float) -> None:
        """Count a raise as a violation if it could not fit by the last reading the grid meter gave.

        Booked on each line the car uses: that reading without all cars, the new limit, and for every other
        charger its limit if that was raised since the reading, else what its car drew then. A raise before
        any reading is one as well.
        """
        point.raised = True
        if self._read_base_a is None:
            self.truth.violations += 1
            return
        now_s = self.start_s + self.elapsed_s
        booked_a = list(self._read_base_a)
        for other in self.points.values():
            other_a = other.charger.offered_a(now_s) if other.raised else other.read_a
            for line in other.uses:
                booked_a[line] += limit_a if other is point else other_a
        fuse_a = self.scene.fuse_a
        if any(booked_a[line] > fuse_a[line] + TOLERANCE_A for line in point.uses):
            self.truth.violations += 1

    def _step(self, dt_s: float) -> None:
        board = self.board
        if self._steps % STEPS_PER_S == 0:
            self._step_slow()
        v1, v2, v3 = (SOURCE_V - SUPPLY_OHM * ampere for ampere in board.line_a)
        board.line_v = (v1, v2, v3)
        if self._forced_a is not None:
            f1, f2, f3 = self._forced_a
            board.household_w = (f1 * v1, f2 * v2, f3 * v3)
        board.ev_w = 0.0
        e1 = e2 = e3 = 0.0
        for point in self.points.values():
            board.ev_w += self._step_point(point, dt_s)
            d1, d2, d3 = point.drawn_a
            e1, e2, e3 = e1 + d1, e2 + d2, e3 + d3
        third_w = (board.pump_w - board.pv_w) / 3.0
        h1, h2, h3 = board.household_w
        w1, w2, w3 = h1 + third_w + e1 * v1, h2 + third_w + e2 * v2, h3 + third_w + e3 * v3
        board.line_w = (w1, w2, w3)
        board.line_a = (w1 / v1, w2 / v2, w3 / v3)
        self._count(dt_s)

    def _step_slow(self) -> None:
        scene, board, elapsed_s = self.scene, self.board, self.elapsed_s
        fraction = pv_fraction(scene.weather, scene.seed, elapsed_s, self._start_hour)
        board.pv_w = scene.pv_peak_w * fraction
        if self._forced_a is None:
            board.household_w = household_w(scene.seed, elapsed_s)
        if self.pump is not None:
            self.pump = heat.step(self.pump, scene.seed, elapsed_s, 1.0 if self._steps else 0.0)
            board.pump_w = heat.power_w(self.pump)

    def _step_point(self, point: ChargePoint, dt_s: float) -> float:
        """Step one car; its power."""
        now_s = self.start_s + self.elapsed_s
        volts = self.board.line_v
        volt = sum(volts[line] for line in point.uses) / len(point.uses)
        live = point.relay_closed and point.car.plugged
        offer_a = point.charger.offered_a(now_s) if live else 0.0
        car = point.car = cars.step(point.model, point.car, offer_a, volt, now_s, dt_s)
        if car.drawn_a > FLOWING_A and not point.flowing:
            self.truth.starts += 1
            point.flowing = True
        elif car.drawn_a == 0.0:
            point.flowing = False
        power_w = car.drawn_a * volt * len(point.uses)
        point.energy_wh += power_w * dt_s / 3600.0
        return power_w

    def _count(self, dt_s: float) -> None:
        board, truth, hours = self.board, self.truth, dt_s / 3600.0
        grid_w = board.grid_w
        if grid_w > 0.0:
            truth.import_wh += grid_w * hours
        else:
            truth.export_wh -= grid_w * hours
        truth.pv_wh += board.pv_w * hours
        truth.ev_wh += board.ev_w * hours
        for ampere, fuse_a in zip(board.line_a, self.scene.fuse_a, strict=True):
            if abs(ampere) > fuse_a:
                truth.over_fuse_s += dt_s
                break


def charge_point(device: Device, model: CarModel | None, mono_s: float) -> ChargePoint:
    """The charger of this row with its car, or with nothing plugged; a relay begins open."""
    model = model or CarModel(plugged=False)
    charger = CHARGERS[device.model](device.boot_a, device.max_a)
    charger.plug(model.plugged, mono_s)
    uses = tuple(LINES.index(line) for line in device.lines[: model.lines])
    return ChargePoint(device, charger, model, cars.parked(model), not device.relay, uses)
