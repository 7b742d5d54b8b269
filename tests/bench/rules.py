"""How fast the rules answer, and what their answer does to a line: step response, planner, one decision.

``python -m tests.bench.rules``. The step response is simulated; everything else is processor time.
"""

import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from hems.core.decide import decide
from hems.core.planning import Ask, plan
from hems.core.rules import ChargerRules, PlanRules, Rules
from hems.model.prices import Slot
from hems.model.settings import ChargerSettings, Mode, Settings
from tests.bench.response import LAWS, responses, worst
from tests.bench.targets import Figure, judge
from tests.core.bench import Bench, Car

DELAYS_S: Final = (1, 2, 3, 4, 5)
WIRE_S: Final = 0.3
"""From the meter's sample to the acknowledged set-point on a line of five devices at 9,600 baud."""

MIDNIGHT: Final = datetime(2026, 11, 23, tzinfo=UTC)
QUARTER: Final = timedelta(minutes=15)
SLOTS: Final = 672
NEEDS_H: Final = (1.3, 4.0, 11.7, 26.2)
CYCLES: Final = 400
MODES: Final[tuple[Mode, ...]] = ("fast", "surplus", "min_surplus", "surplus")


def step_response() -> Iterator[Figure]:
    """The table of laws and delays; the targets are those of the law in use, wires aside."""
    print(
        f"{'law':18} {'car follows after':>18} {'above s':>8} {'A s':>8} {'crossings':>10} {'with wires':>16}"
    )
    for name, law in LAWS.items():
        for delay_s in DELAYS_S:
            bare, wired = worst(responses(law, delay_s)), worst(responses(law, delay_s, WIRE_S))
            row = f"{name:18} {delay_s:>16} s {bare.above_s:8.1f} {bare.above_as:8.1f} {bare.crossings:>10}"
            print(f"{row} {wired.above_s:7.1f} {wired.above_as:8.1f}", flush=True)
            print(json.dumps({"law": name, "delay_s": delay_s, "bare": asdict(bare), "wired": asdict(wired)}))
            if name != "measured current":
                continue
            if delay_s == 3:
                yield Figure("above the fuse, car after 3 s", bare.above_s, "s", at_most=4)
                yield Figure("the same", bare.above_as, "As", at_most=40)
            if delay_s == 5:
                yield Figure("above the fuse, car after 5 s", bare.above_s, "s", at_most=6)
                yield Figure("crossings of the fuse", bare.crossings, "", at_most=1)


def planner() -> Iterator[Figure]:
    """A week of quarter-hours for four chargers, each need planned anew."""
    chance = Random(1)
    rates = [
        Slot(MIDNIGHT + i * QUARTER, MIDNIGHT + (i + 1) * QUARTER, round(chance.uniform(-0.05, 0.45), 5))
        for i in range(SLOTS)
    ]
    asks = [Ask(need_h * 3600, MIDNIGHT + timedelta(days=6, hours=7, minutes=10)) for need_h in NEEDS_H]
    now, spent_ms = MIDNIGHT + timedelta(hours=9, minutes=3), []
    for _ in range(15):
        began_s = time.process_time()
        for ask in asks:
            plan(PlanRules(), rates, ask, (), now)
        spent_ms.append((time.process_time() - began_s) * 1000)
    yield Figure("planner, 672 slots x 4 chargers", statistics.median(spent_ms), "ms", at_most=10)


def house(chargers: int) -> Bench:
    """So many chargers in all modes, cars that follow, sun for some of them."""
    names = [f"car{i}" for i in range(chargers)]
    rules = Rules((200.0, 200.0, 200.0), {name: ChargerRules(number=i) for i, name in enumerate(names)})
    orders = {name: ChargerSettings(MODES[i % len(MODES)]) for i, name in enumerate(names)}
    return Bench(rules, {name: Car() for name in names}, Settings(orders), sun_w=3000.0 * chargers)


def decision_us(chargers: int) -> float:
    """The median time of one decision while the house lives."""
    lived = house(chargers)
    lived.run(60)
    spent_us = []
    for _ in range(CYCLES):
        memory = lived.memory
        lived.step()
        began_s = time.perf_counter()
        decide(lived.rules, memory, lived.snapshot, lived.settings)
        spent_us.append((time.perf_counter() - began_s) * 1e6)
    return statistics.median(spent_us)


def decisions() -> Iterator[Figure]:
    """One decision for 1, 4 and 16 chargers."""
    one_us, four_us, sixteen_us = decision_us(1), decision_us(4), decision_us(16)
    yield Figure("one decision, 1 charger", one_us, "us", at_most=200)
    yield Figure("one decision, 4 chargers", four_us, "us")
    yield Figure("one decision, 16 chargers", sixteen_us, "us")
    growth = (sixteen_us - four_us) / 12 / ((four_us - one_us) / 3)
    yield Figure("a charger more: 4 to 16 over 1 to 4", growth, "x", at_most=1.5)


def main() -> int:
    """Measure, print, judge."""
    found = [*step_response(), *planner(), *decisions()]
    print()
    return judge(found)


if __name__ == "__main__":
    sys.exit(main())
