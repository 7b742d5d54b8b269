"""A bench on which nights pass: a step is a minute, the wall clock goes on, what is drawn is counted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hems.core.memory import fresh
from hems.core.rules import ChargerRules, MeterRules, OverloadRules, Rules, VehicleRules
from hems.core.tariff import TariffRules, Window
from hems.model.decision import ChargingState, Decision
from hems.model.ledger import Counter, Event
from hems.model.plans import OptimizerPlan, Step
from hems.model.prices import Prices, Slot
from hems.model.settings import ChargerSettings, Settings, Target
from hems.model.why import Reason
from tests.core.bench import FUSE_A, Bench, Car
from tests.core.reasons import set_point_a

ZONE = ZoneInfo("Europe/Vienna")
EVENING = datetime(2026, 6, 22, 18, 0, tzinfo=ZONE)
MORNING = datetime(2026, 6, 23, 6, 0, tzinfo=ZONE)
SPOT = TariffRules("awattar-at")
WINDOWS = TariffRules(
    "static",
    "peak",
    (Window("off_peak", 22 * 60, 6 * 60),),
    eur_kwh={"peak": 0.30, "off_peak": 0.20},
)
CAR = VehicleRules(capacity_wh=60_000.0)
FULL_W = 11_040.0
"""16 A on three lines."""

Row = tuple[str, float, Reason, ChargingState]


@dataclass
class Night(Bench):
    """One charger through a night; `begins` is the wall time at the start."""

    begins: datetime = EVENING
    counted_wh: float = 0.0
    events: tuple[Event, ...] = ()
    plans: int = 0

    def step(self) -> Decision:
        passed = timedelta(seconds=self.now_s + self.tick_s - 1000.0)
        self.wall = (self.begins.astimezone(UTC) + passed).astimezone(self.begins.tzinfo)
        (car,) = self.cars.values()
        self.counted_wh += 230.0 * sum(car.line_a()) * self.tick_s / 3600.0
        counters = {"ev1.energy.all": Counter(int(self.counted_wh))}
        self.ledger = replace(self.ledger, counters=counters)
        decision = super().step()
        one = decision.chargers["garage"]
        assert abs(set_point_a(one.why) - one.limit_a) < 1e-6, one
        before = self.ledger.lessons.get("ev1")
        if "ev1" in decision.lessons and (before is None or before.plan != decision.lessons["ev1"].plan):
            self.plans += 1
        self.ledger = replace(self.ledger, lessons={**self.ledger.lessons, **decision.lessons})
        self.events += decision.events
        return decision

    def row(self) -> Row:
        """The wall time, what is told, why, and the state."""
        one = self.one()
        return self.wall.strftime("%H:%M"), one.limit_a, one.why.code, one.state

    def at(self, wall: datetime) -> Row:
        """The first step not before a wall time."""
        while self.wall < wall or self.now_s == 1000.0:
            self.step()
        return self.row()

    def order_all(self, **orders: Any) -> None:
        """All orders of the charger."""
        self.settings = replace(self.settings, chargers={"garage": ChargerSettings(**orders)})

    def restart(self, away_s: float = 0.0) -> None:
        """The run ends and another begins: only the ledger and the settings are left."""
        self.begins += timedelta(seconds=away_s)
        self.memory = fresh(self.rules, self.ledger.lessons)


def night(
    tariff: TariffRules | None = None,
    prices: Iterable[float] = (),
    *,
    begins: datetime = EVENING,
    charger: ChargerRules | None = None,
    tick_s: float = 60.0,
    **orders: Any,
) -> Night:
    """A house with a car of 60 kWh in its garage, hourly prices from `begins` on."""
    rules = Rules(
        FUSE_A,
        {"garage": charger or ChargerRules()},
        meter=MeterRules(fresh_s=90.0, pair_s=90.0, reduce_s=90.0, stop_s=90.0),
        overload=OverloadRules(rise_a_s=16.0, ease=1.0),
        tariff=tariff,
        vehicles={"zoe": replace(CAR, charger="garage")},
    )
    house = Night(rules, {"garage": Car()}, Settings(), begins=begins, tick_s=tick_s)
    slots = hourly(prices, begins)
    if slots:
        house.settings = Settings(prices=Prices("awattar-at", slots))
    house.order_all(**orders)
    return house


def hourly(prices: Iterable[float], begins: datetime = EVENING) -> tuple[Slot, ...]:
    """Slots of an hour each."""
    first, hour = begins.astimezone(UTC), timedelta(hours=1)
    return tuple(
        Slot(first + number * hour, first + (number + 1) * hour, price) for number, price in enumerate(prices)
    )


def by_morning(**target: Any) -> Target:
    """A target at six."""
    return Target(MORNING, **target)


def ordered(house: Night, limit_a: float, for_s: float = 3600.0) -> None:
    """An optimizer's plan from now on."""
    until_s = house.now_s + for_s
    house.optimizer = OptimizerPlan(
        "plan", until_s, {"garage": (Step(house.now_s, until_s + 99.0, limit_a),)}
    )
