"""The simulated house: sun, household, battery, heat pump, chargers and cars on three lines.

Theory of operation: everything moves on a fixed grid of 0.1 s from the start, whoever looks and whenever, so
that a run depends on its seed and its commands alone. Slow things (sun, household, battery, pump) move once a
second. Line currents carry the sign of their power, imports positive; the power factor is 1. The voltage of a
line falls by the current of the step before times the impedance of the supply. What happened is kept by the
witness (`truth`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hems.model.units import NO_LINES, PerLine
from hems.sim import battery as batteries
from hems.sim import car as cars
from hems.sim import heat
from hems.sim.chargers import CHARGERS
from hems.sim.load import household_w
from hems.sim.pdu import ACCEPTED
from hems.sim.points import ChargePoint, charge_point
from hems.sim.scene import HEAT_PUMPS, Scene
from hems.sim.truth import MAIN, Truth, Witness
from hems.sim.weather import pv_fraction

STEPS_PER_S: Final = 10
STEP_S: Final = 1.0 / STEPS_PER_S
SOURCE_V: Final = 231.0
SUPPLY_OHM: Final = 0.05
FLOWING_A: Final = 1.0


@dataclass(slots=True)
class Board:
    """The electrical state after the last step: per line at the grid point, and the powers behind it.

    `extra_a` is what switched loads and those of a story draw.
    """

    line_a: PerLine = NO_LINES
    line_v: PerLine = (SOURCE_V, SOURCE_V, SOURCE_V)
    line_w: PerLine = NO_LINES
    household_w: PerLine = NO_LINES
    extra_a: PerLine = NO_LINES
    pv_w: float = 0.0
    battery_w: float = 0.0
    pump_w: float = 0.0
    ev_w: float = 0.0

    @property
    def grid_w(self) -> float:
        """Power from the grid, negative while exporting."""
        return sum(self.line_w)


class House:
    """All of it; `start_s` is the monotonic second of the start. Call `advance`, then look."""

    def __init__(self, scene: Scene, start_s: float) -> None:
        self.scene = scene
        self.start_s = start_s
        self.board = Board()
        self.points: dict[str, ChargePoint] = {}
        self.pump = heat.HeatPump() if scene.sg_ready else None
        self.battery = None if scene.battery is None else batteries.fresh(scene.battery)
        self.relays: dict[str, bool] = {}
        for device in scene.devices:
            if device.model in CHARGERS:
                self.points[device.name] = charge_point(device, scene.cars.get(device.name), start_s)
            elif device.model in HEAT_PUMPS:
                self.pump = heat.HeatPump()
        self.witness = Witness(scene, self.points)
        self._forced_a: PerLine | None = None
        self._drawn: dict[str, PerLine] = {}
        self._dim_w: float | None = None
        self._steps = 0
        self._start_hour = scene.start.hour + scene.start.minute / 60.0
        self._load()
        self._step(0.0)

    @property
    def truth(self) -> Truth:
        """What really happened."""
        return self.witness.truth

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start, as far as the house has got."""
        return self._steps / STEPS_PER_S

    @property
    def now_s(self) -> float:
        """The monotonic second it has got to."""
        return self.start_s + self.elapsed_s

    def advance(self, mono_s: float) -> None:
        """Let the house come up to this moment."""
        due = int((mono_s - self.start_s) * STEPS_PER_S + 1e-6)
        while self._steps < due:
            self._steps += 1
            self._step(STEP_S)

    def switch(self, relay: str, energised: bool, mono_s: float) -> None:
        """Move a relay: open takes the mains from its chargers' cars, closed is judged like a raise."""
        self.advance(mono_s)
        if self.relays.get(relay) is energised:
            return
        self.relays[relay] = energised
        for point in self.points.values():
            before = (point.relay_closed, len(point.uses))
            if point.device.relay == relay:
                point.energised = energised
                point.follow()
            elif point.device.lines_relay == relay:
                self.truth.moved_under_load += point.choose(energised)
            if (point.relay_closed, len(point.uses)) > before:
                self._judge(point, mono_s)
        self._load()

    def weld(self, charger: str, welded: bool, mono_s: float) -> None:
        """Let the contact of this charger's relay stay where it is, or follow its coil again."""
        self.advance(mono_s)
        self.points[charger].welded = welded
        self.points[charger].follow()

    def ignore(self, charger: str, ignores: bool, mono_s: float) -> None:
        """Let this charger take its orders as ever, but offer what it offers now."""
        self.advance(mono_s)
        point = self.points[charger]
        point.held_a = point.charger.offered_a(mono_s) if ignores else None

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

    def draw(self, load: str, line_a: PerLine, mono_s: float) -> None:
        """Let a load of this name draw these amperes, in the circuits that name it and at the grid point."""
        self.advance(mono_s)
        self._drawn[load] = line_a
        self._load()

    def order_battery(self, level_pct: float | None, power_w: float | None, mono_s: float) -> None:
        """Set the battery's level, and its power; ``None`` leaves the level, gives the power back to it."""
        self.advance(mono_s)
        assert self.scene.battery is not None
        assert self.battery is not None
        if level_pct is not None:
            self.battery = replace(self.battery, stored_wh=self.scene.battery.capacity_wh * level_pct / 100.0)
        self.battery = replace(self.battery, ordered_w=power_w)

    def dim(self, limit_w: float | None, mono_s: float) -> None:
        """The grid operator limits what controllable devices draw from now on; ``None`` ends it."""
        self.advance(mono_s)
        self._dim_w = limit_w

    def write_charger(self, point: ChargePoint, address: int, values: Sequence[int], mono_s: float) -> int:
        """A master's write to a charger; 0 or an exception code."""
        before_a = point.offered_a(mono_s)
        code = point.charger.write(address, values, mono_s)
        if code == ACCEPTED and point.offered_a(mono_s) > before_a:
            self._judge(point, mono_s)
        return code

    def note_write(self, mono_s: float) -> None:
        """Some device has accepted a write."""
        if self.truth.first_write_mono_s is None:
            self.truth.first_write_mono_s = mono_s

    def note_reading(self, circuit: str = MAIN) -> None:
        """The meter of the house, or of this circuit, has told its currents."""
        self.witness.note_reading(circuit, self.loads()[circuit])

    def loads(self) -> Mapping[str, PerLine]:
        """The currents of the house under the name `MAIN`, and of each circuit: its cars and loads."""
        found = {MAIN: self.board.line_a}
        for circuit in self.scene.circuits:
            found[circuit.name] = _sum(
                [
                    *(self.points[name].drawn_a for name in circuit.members if name in self.points),
                    *(self._drawn[name] for name in circuit.members if name in self._drawn),
                    *(
                        load.line_a
                        for load in self.scene.loads
                        if self._runs(load.relay) and load.name in circuit.members
                    ),
                ]
            )
        return found

    def _judge(self, point: ChargePoint, mono_s: float) -> None:
        limit_a = point.offered_a(mono_s)
        if limit_a > 0.0:
            self.witness.judge(point, limit_a, mono_s)

    def _runs(self, relay: str) -> bool:
        return not relay or self.relays.get(relay, False)

    def _load(self) -> None:
        running = [load.line_a for load in self.scene.loads if self._runs(load.relay)]
        self.board.extra_a = _sum([*running, *self._drawn.values()])

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
        e1, e2, e3 = board.extra_a
        for point in self.points.values():
            board.ev_w += self._step_point(point, dt_s)
            d1, d2, d3 = point.drawn_a
            e1, e2, e3 = e1 + d1, e2 + d2, e3 + d3
        third_w = (board.pump_w - board.pv_w - board.battery_w) / 3.0
        h1, h2, h3 = board.household_w
        w1, w2, w3 = h1 + third_w + e1 * v1, h2 + third_w + e2 * v2, h3 + third_w + e3 * v3
        board.line_w = (w1, w2, w3)
        board.line_a = (w1 / v1, w2 / v2, w3 / v3)
        self._count(dt_s)

    def _step_slow(self) -> None:
        scene, board, elapsed_s = self.scene, self.board, self.elapsed_s
        dt_s = 1.0 if self._steps else 0.0
        fraction = pv_fraction(scene.weather, scene.seed, elapsed_s, self._start_hour)
        board.pv_w = scene.pv_peak_w * fraction
        if self._forced_a is None:
            board.household_w = household_w(scene.seed, elapsed_s)
        if self.battery is not None and scene.battery is not None:
            self.battery = batteries.step(scene.battery, self.battery, board.grid_w, dt_s)
            board.battery_w = self.battery.power_w
        if self.pump is not None:
            stood = not self.pump.rating
            told = heat.told(*(self.relays.get(relay, False) for relay in scene.sg_ready))
            self.pump = heat.step(self.pump, scene.seed, elapsed_s, dt_s, told)
            self.truth.pump_starts += stood and self.pump.rating > 0.0
            board.pump_w = heat.power_w(self.pump)

    def _step_point(self, point: ChargePoint, dt_s: float) -> float:
        """Step one car; its power."""
        volts, now_s = self.board.line_v, self.now_s
        volt = sum(volts[line] for line in point.uses) / len(point.uses)
        live = point.relay_closed and point.car.plugged
        offer_a = point.offered_a(now_s) if live else 0.0
        car = point.car = cars.step(point.model, point.car, offer_a, volt, now_s, dt_s, len(point.uses))
        if car.drawn_a > FLOWING_A and not point.flowing:
            self.truth.starts += 1
            point.starts += 1
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
        truth.battery_discharge_wh += max(0.0, board.battery_w) * hours
        truth.battery_charge_wh += max(0.0, -board.battery_w) * hours
        loads = self.loads()
        for circuit, line_a in loads.items():
            if circuit:
                watts = sum(ampere * volt for ampere, volt in zip(line_a, board.line_v, strict=True))
                truth.circuit_wh[circuit] = truth.circuit_wh.get(circuit, 0.0) + watts * hours
        self.witness.see(loads, dt_s)
        if self._dim_w is not None:
            extra_w = sum(ampere * volt for ampere, volt in zip(board.extra_a, board.line_v, strict=True))
            own_w = max(0.0, board.pv_w - sum(board.household_w) - extra_w)
            self.witness.see_dimmed(self._dim_w, board.ev_w + board.pump_w - own_w, dt_s)


def _sum(currents: Sequence[PerLine]) -> PerLine:
    """Currents of several things, line by line."""
    first, second, third = (sum(line) for line in zip(*currents, strict=True)) if currents else NO_LINES
    return first, second, third
