"""A bench with a house battery, a heat pump and loads that do what they are told."""

from dataclasses import dataclass

from hems.core.loads import path
from hems.core.rules import Rules
from hems.model.decision import Decision
from hems.model.settings import ChargerSettings, Mode, Settings
from hems.model.snapshot import BatteryReading, HeatPumpReading
from hems.model.units import LINES, NO_LINES, PerLine
from tests.core.bench import Bench, Car


@dataclass
class House(Bench):
    """A bench with a pump ``hp`` and loads that draw what they may, a second later.

    The pump draws `pump_w` once it was asked to, by its contacts or by a value, on all lines.
    """

    quiet_a: PerLine = (2.0, 2.0, 2.0)
    pump_w: float = 0.0
    own_w: float = 0.0
    answers: bool = True
    drawn_w: float = 0.0
    loads_a: PerLine = NO_LINES
    most_a: PerLine = NO_LINES
    charge_w: float = 0.0
    level_pct: float | None = None

    def step(self) -> Decision:
        pump_a = self.drawn_w / 690.0
        base = [quiet + load + pump_a for quiet, load in zip(self.quiet_a, self.loads_a, strict=True)]
        self.base_a = (base[0], base[1], base[2])
        if self.level_pct is not None:
            self._charge()
        if self.answers:
            rating = 10_000 if self.drawn_w else 0
            self.heat_pumps = {
                "hp": HeatPumpReading(self.now_s + 1.0, compressor_rating=rating, power_w=self.drawn_w)
            }
        decision = super().step()
        command = decision.command
        asked = command.surplus_w.get("hp", 0.0) > 0.0 or command.relays.get("two", False)
        self.drawn_w = self.pump_w if asked else self.own_w
        running = [load for load in self.rules.loads.values() if command.relays[load.relay]]
        one, two, three = (sum(path(load).get(line, 0.0) for load in running) for line in LINES)
        self.loads_a = (one, two, three)
        top = [max(before, now) for before, now in zip(self.most_a, self.line_a, strict=True)]
        self.most_a = (top[0], top[1], top[2])
        return decision

    def _charge(self) -> None:
        """A battery takes what would be exported, up to `charge_w`."""
        cars_w = 230.0 * sum(sum(car.line_a()) for car in self.cars.values())
        left_w = self.sun_w - 230.0 * sum(self.base_a) - cars_w
        taken_w = min(max(0.0, left_w), self.charge_w)
        self.battery = BatteryReading(self.now_s + 1.0, -taken_w, self.level_pct)
        self.base_a = (
            self.base_a[0] + taken_w / 690.0,
            self.base_a[1] + taken_w / 690.0,
            self.base_a[2] + taken_w / 690.0,
        )


def house(mode: Mode, rules: Rules, **more: object) -> House:
    cars = {name: Car() for name in rules.chargers}
    built = House(rules, cars, Settings({name: ChargerSettings(mode) for name in cars}))
    for name, value in more.items():
        setattr(built, name, value)
    return built
