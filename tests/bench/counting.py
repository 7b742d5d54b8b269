"""How long one step of the counters takes: 3 heat pumps, 10 meters, 4 chargers, everything new at once.

``python -m tests.bench.counting``
"""

import sys
import time
from datetime import UTC, datetime, timedelta

from hems.core.count import ChargerSample, CountRules, Flows, PumpRules, PumpSample, Sample, fresh, read, step
from hems.core.energy import TotalRules
from hems.model.instant import Instant
from tests.bench.targets import Figure, judge

STEPS = 600
NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
METERS = ("grid_import", "grid_export", "pv", "battery_charge", "battery_discharge", *"abcde")
RULES = CountRules(
    pumps={number: PumpRules() for number in (1, 2, 3)},
    totals=dict.fromkeys(METERS, TotalRules(30_000.0)),
    chargers=dict.fromkeys((1, 2, 3, 4), TotalRules(22_080.0)),
    contacts=("k1", "k2"),
)


def sample(k: int) -> Sample:
    """Everything there is, a little further than before."""
    return Sample(
        dict.fromkeys((1, 2, 3), PumpSample(1 + k % 2, 3_000, None, None, None, 900 + 10.3 * k, 33.3 * k)),
        dict.fromkeys(METERS, 1_000 + 12.7 * k),
        dict.fromkeys((1, 2, 3, 4), ChargerSample("C", 1_000 + 9.0 * k, 3_000.0, 13.0, 3)),
        {"k1": k % 2 == 0, "k2": False},
        Flows(5_000.0, 0.0, 500.0, 1_000.0),
        "peak",
        310_000,
    )


def main() -> int:
    """Measure full steps, idle steps and reading-out."""
    state, full_ms, idle_ms, read_ms = fresh(RULES), [], [], []
    for k in range(STEPS):
        new, now = sample(k), Instant(5.0 * k, NINE + timedelta(seconds=5 * k))
        begin_s = time.perf_counter()
        state, _ = step(RULES, state, new, now)
        full_s = time.perf_counter()
        step(RULES, state, Sample(), now)
        idle_s = time.perf_counter()
        read(RULES, state, now)
        read_ms.append((time.perf_counter() - idle_s) * 1000)
        idle_ms.append((idle_s - full_s) * 1000)
        full_ms.append((full_s - begin_s) * 1000)
    middle = STEPS // 2
    return judge(
        [
            Figure("full step, median", sorted(full_ms)[middle], "ms", at_most=1.0),
            Figure("idle step, median", sorted(idle_ms)[middle], "ms"),
            Figure("reading out, median", sorted(read_ms)[middle], "ms"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
