"""A house that suddenly takes more, and the law that makes room for it: ours, and the habits of others.

A line of 25 A carries a car with 16 A and a house with 8 A; then the house takes 11 A more. Time runs in
tenths of a second, so that the moment of the step can lie anywhere between two samples of the meter.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from hems.core.decide import decide
from hems.core.memory import fresh
from hems.core.rules import ChargerRules, Rules
from hems.model.instant import Instant
from hems.model.settings import ChargerSettings, Settings
from hems.model.snapshot import ChargerReading, MeterReading, Snapshot
from hems.model.units import NOMINAL_V
from tests.core.bench import WALL

FUSE_A: Final = 25.0
CAR_A: Final = 16.0
LEAST_A: Final = 6.0
HOUSE_A: Final = 8.0
MORE_A: Final = 11.0
TENTHS: Final = 10
SETTLING_S: Final = 60
WATCHED_S: Final = 120

Law = Callable[[float, float, float, int], float]
"""(current on the line, the car's own, what it is told, second) → what it is told next; all in A."""


@dataclass(frozen=True)
class Response:
    """What happened on the line: seconds and A·s above the fuse, crossings of it, the least current told."""

    above_s: float
    above_as: float
    crossings: int
    least_a: float


def ours() -> Law:
    """The whole of `decide` with one measured charger in mode fast."""
    rules = Rules((FUSE_A, FUSE_A, FUSE_A), {"car": ChargerRules()})
    memory = fresh(rules)
    settings = Settings({"car": ChargerSettings("fast")})

    def law(line_a: float, car_a: float, told_a: float, second: int) -> float:
        nonlocal memory
        now_s = 1000.0 + second
        lines = (line_a, 2.0 + car_a, 2.0 + car_a)
        draws = (car_a, car_a, car_a)
        power_w = NOMINAL_V * sum(draws)
        reading = ChargerReading(
            now_s, "C", measured_mono_s=now_s, line_a=draws, power_w=power_w, acknowledged_a=told_a
        )
        grid = MeterReading(now_s, NOMINAL_V * sum(lines), line_a=lines)
        snapshot = Snapshot(Instant(now_s, WALL), grid, chargers={"car": reading})
        memory, decision = decide(rules, memory, snapshot, settings)
        return decision.command.chargers["car"].limit_a

    return law


def commanded() -> Law:
    """What is often done: the room is reckoned with what the car was told, as if it drew that already."""

    def law(line_a: float, car_a: float, told_a: float, second: int) -> float:
        return _kept(FUSE_A - (line_a - told_a), told_a)

    return law


def slewed() -> Law:
    """The other habit: down by 1 A a second, however much is too much."""

    def law(line_a: float, car_a: float, told_a: float, second: int) -> float:
        room_a = told_a + FUSE_A - line_a
        return _kept(max(room_a, told_a - 1.0), told_a)

    return law


LAWS: Final[dict[str, Callable[[], Law]]] = {
    "measured current": ours,
    "commanded current": commanded,
    "1 A a second": slewed,
}


def responses(law: Callable[[], Law], delay_s: int, wire_s: float = 0.0) -> Iterator[Response]:
    """One for each moment between two samples; `wire_s` lie between sample and acknowledged set-point."""
    for phase in range(TENTHS):
        yield _respond(law(), delay_s, round(wire_s * TENTHS), phase)


def worst(found: Iterator[Response]) -> Response:
    """The worst of each figure."""
    rows = list(found)
    return Response(
        max(row.above_s for row in rows),
        max(row.above_as for row in rows),
        max(row.crossings for row in rows),
        min(row.least_a for row in rows),
    )


def _respond(law: Law, delay_s: int, wire_tenths: int, phase: int) -> Response:
    """`phase` tenths after a sample the house takes more; the car follows `delay_s` after it was told."""
    step_at = SETTLING_S * TENTHS + phase
    heard_a = [0.0] * (delay_s * TENTHS)
    pending: dict[int, float] = {}
    told_a, next_a, above, above_as, crossings, least_a = 0.0, 0.0, 0, 0.0, 0, CAR_A
    was_above = False
    for tenth in range((SETTLING_S + WATCHED_S) * TENTHS):
        after = tenth > step_at
        car_a = heard_a[-delay_s * TENTHS]
        line_a = HOUSE_A + car_a + (MORE_A if after else 0.0)
        if tenth % TENTHS == 0:
            next_a = law(line_a, car_a, told_a, tenth // TENTHS)
            pending[tenth + wire_tenths] = next_a
        told_a = pending.pop(tenth, told_a)
        heard_a.append(told_a)
        is_above = line_a > FUSE_A + 1e-9
        above += is_above
        above_as += max(0.0, line_a - FUSE_A) / TENTHS
        crossings += is_above and not was_above
        was_above = is_above
        least_a = min(least_a, told_a) if after else least_a
    return Response(above / TENTHS, above_as, crossings, least_a)


def _kept(room_a: float, told_a: float) -> float:
    """Within the car's bounds, up by at most 1 A, in whole amperes, nothing below the minimum."""
    wanted_a = float(int(min(CAR_A, room_a, max(told_a + 1.0, LEAST_A)) + 1e-9))
    return wanted_a if wanted_a >= LEAST_A else 0.0
