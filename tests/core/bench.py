"""A scripted bench around `decide`: one call is one second, every wire value is a field to set."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from hems.core.circuits import above
from hems.core.decide import decide
from hems.core.memory import Memory, fresh
from hems.core.rules import ChargerRules, Rules
from hems.model.decision import ChargerDecision, Decision
from hems.model.instant import Instant
from hems.model.intents import Errand
from hems.model.ledger import Ledger
from hems.model.plans import OptimizerPlan
from hems.model.settings import ChargerSettings, Mode, Settings
from hems.model.snapshot import (
    BatteryReading,
    ChargerReading,
    HeatPumpReading,
    MeterReading,
    SearchReading,
    Snapshot,
    Status,
)
from hems.model.units import LINES, NO_LINES, LineName, PerLine
from hems.model.why import Reason
from tests.core.reasons import set_point_a

WALL = datetime(2026, 6, 21, 12, 0, tzinfo=UTC)
FUSE_A = (25.0, 25.0, 25.0)
RELAY = ChargerRules(relay=True, watchdog_s=15.0, fail_safe_a=6.0)


@dataclass
class Car:
    """A charger with its car: follows what it was told `delay_s` seconds ago, on `lines`, up to `most_a`.

    `keeps_a` flows whatever it was told until its relay opens, `stuck_a` even then.
    """

    lines: tuple[LineName, ...] = LINES
    status: Status | None = "C"
    most_a: float = 32.0
    delay_s: int = 1
    measured: bool = True
    answers: bool = True
    acknowledges: bool = True
    late_s: float = 0.0
    stuck_a: float | None = None
    keeps_a: float | None = None
    told: list[float] = field(default_factory=list)
    relay_closed: bool = True
    extra: dict[str, Any] = field(default_factory=dict)
    last: ChargerReading | None = None

    def draw_a(self) -> float:
        if self.stuck_a is not None:
            return self.stuck_a
        takes = self.status in ("C", None) and self.relay_closed
        if self.keeps_a is not None:
            return self.keeps_a if takes else 0.0
        heard = self.told[-self.delay_s] if len(self.told) >= self.delay_s else 0.0
        return min(heard, self.most_a) if takes else 0.0

    def line_a(self) -> PerLine:
        one, two, three = (self.draw_a() if line in self.lines else 0.0 for line in LINES)
        return one, two, three


@dataclass
class Bench:
    """A house with base currents per line, sun, a meter and cars.

    `behind_a` are base currents behind circuits with a meter, which is silent while it is in `mute`.
    """

    rules: Rules
    cars: dict[str, Car]
    settings: Settings
    base_a: PerLine = (2.0, 2.0, 2.0)
    sun_w: float = 0.0
    battery: BatteryReading | None = None
    meter: bool = True
    now_s: float = 1000.0
    tick_s: float = 1.0
    memory: Memory = field(init=False)
    decision: Decision = field(init=False)
    snapshot: Snapshot = field(init=False)
    grid: MeterReading | None = None
    line_a: PerLine = NO_LINES
    errands: list[Errand] = field(default_factory=list)
    relays: dict[str, bool] = field(default_factory=dict)
    trusted: bool = True
    wall: datetime = WALL
    ledger: Ledger = field(default_factory=Ledger)
    optimizer: OptimizerPlan | None = None
    contacts: dict[str, bool | None] = field(default_factory=dict)
    heat_pumps: dict[str, HeatPumpReading] = field(default_factory=dict)
    behind_a: dict[str, PerLine] = field(default_factory=dict)
    circuits: dict[str, MeterReading] = field(default_factory=dict)
    mute: set[str] = field(default_factory=set)
    search: SearchReading | None = None

    def __post_init__(self) -> None:
        self.memory = fresh(self.rules)

    def step(self) -> Decision:
        """One tick: the wires, then the decision, then the chargers hear it."""
        self.now_s += self.tick_s
        currents = [car.line_a() for car in self.cars.values()]
        sun_a = self.sun_w / 690.0
        one, two, three = (
            base_a - sun_a + sum(current[line] for current in currents)
            for line, base_a in enumerate(self.base_a)
        )
        self.line_a = (one, two, three)
        if self.meter:
            self.grid = MeterReading(self.now_s, 230.0 * sum(self.line_a), line_a=self.line_a)
        chargers = {
            name: reading for name, car in self.cars.items() if (reading := self._read(car)) is not None
        }
        now = Instant(self.now_s, self.wall, self.trusted)
        self.snapshot = Snapshot(
            now,
            self.grid,
            battery=self.battery,
            chargers=chargers,
            relays=self.relays,
            optimizer=self.optimizer,
            contacts=self.contacts,
            heat_pumps=self.heat_pumps,
            circuits=self._circuits(),
            search=self.search,
        )
        errands, self.errands = self.errands, []
        self.memory, self.decision = decide(
            self.rules, self.memory, self.snapshot, self.settings, self.ledger, errands
        )
        self.relays |= self.decision.command.relays
        for name, command in self.decision.command.chargers.items():
            car = self.cars[name]
            hears = car.answers and car.acknowledges
            car.told.append(command.limit_a if hears else car.told[-1] if car.told else 0.0)
            car.relay_closed = command.relay_closed or not self.rules.chargers[name].relay
            self.relays[self.rules.chargers[name].relay_name] = command.relay_closed
        return self.decision

    def _circuits(self) -> dict[str, MeterReading]:
        """Metered circuits: what is behind them besides cars, and the cars below."""
        for name, base_a in self.behind_a.items():
            below = [
                car.line_a()
                for charger, car in self.cars.items()
                if name in above(self.rules, self.rules.chargers[charger].circuit)
            ]
            one, two, three = (a + sum(drawn[line] for drawn in below) for line, a in enumerate(base_a))
            if name not in self.mute:
                line_a = (one, two, three)
                self.circuits[name] = MeterReading(self.now_s, 230.0 * sum(line_a), line_a=line_a)
        return dict(self.circuits)

    def _read(self, car: Car) -> ChargerReading | None:
        if car.answers:
            car.last = ChargerReading(
                self.now_s,
                status=car.status,
                acknowledged_a=car.told[-1] if car.told else 0.0,
                **car.extra,
            )
        if car.measured and car.last is not None:
            currents = car.line_a()
            car.last = replace(
                car.last,
                measured_mono_s=self.now_s - car.late_s,
                line_a=currents,
                power_w=230.0 * sum(currents),
            )
        return car.last

    def run(self, seconds: int) -> Decision:
        """So many seconds; gives the last decision."""
        for _ in range(seconds):
            self.step()
        return self.decision

    def until(self, true: Callable[[], bool], most_s: int) -> int:
        """Seconds until it is true, counted after each step; at most `most_s`."""
        for second in range(1, most_s + 1):
            self.step()
            if true():
                return second
        raise AssertionError(f"not within {most_s} s; last: {self.decision}")

    def one(self) -> ChargerDecision:
        """The decision of the only charger."""
        (decision,) = self.decision.chargers.values()
        return decision

    def told_a(self) -> float:
        return self.one().limit_a

    def order(self, mode: Mode, user_max_a: float = 32.0) -> None:
        self.settings = Settings({name: ChargerSettings(mode, user_max_a) for name in self.cars})


def bench(
    mode: Mode = "fast",
    *,
    charger: ChargerRules | None = None,
    car: Car | None = None,
    fuse_a: PerLine = FUSE_A,
    **more: Any,
) -> Bench:
    """A house with one charger named ``garage``."""
    rules = Rules(fuse_a, {"garage": charger or ChargerRules()})
    house = Bench(rules, {"garage": car or Car()}, Settings(), **more)
    house.order(mode)
    return house


def charging(house: Bench, amperes: float = 16.0) -> Bench:
    """The house once its charger was told so much, and 5 s later."""
    house.until(lambda: house.told_a() == amperes, 60)
    house.run(5)
    return house


def codes(house: Bench, seconds: int) -> list[tuple[float, Reason]]:
    """Set-points and reasons of so many seconds, each set-point worked out again from its reason."""
    seen = []
    for _ in range(seconds):
        house.step()
        assert abs(set_point_a(house.one().why) - house.told_a()) < 1e-6
        seen.append((house.told_a(), house.one().why.code))
    return seen
