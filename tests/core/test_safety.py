"""What must hold whatever the wires say: random cycles, each judged by plain arithmetic of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf, nan
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core import appetite, charging, hand, meter, overload
from hems.core.decide import decide
from hems.core.memory import Memory, fresh
from hems.core.rules import ChargerRules, CircuitRules, DimRules, Rules
from hems.model.decision import Decision
from hems.model.instant import Instant
from hems.model.settings import MODES, Boost, ChargerSettings, Mode, Settings
from hems.model.snapshot import BatteryReading, ChargerReading, MeterReading, Snapshot, Status
from hems.model.units import LINES, NO_LINES, LineName, PerLine
from tests.core.bench import FUSE_A, WALL
from tests.core.reasons import set_point_a

Stages = TypeVar("Stages", bound=StrEnum)
TINY = 1e-5
ODD = st.sampled_from([nan, inf, -inf, 1e300, -1e300, -1.0, 0.0])

CHARGERS: dict[str, ChargerRules] = {
    "attic": ChargerRules(relay=True, watchdog_s=10.0, fail_safe_a=6.0, priority=1, circuit="garage"),
    "barn": ChargerRules(lines=("L2",), step_a=0.5, max_a=32.0, circuit="yard"),
    "cellar": ChargerRules(relay=True, fallback="on_off", step_a=0.1, circuit="garage"),
    "deck": ChargerRules(lines=()),
    "eaves": ChargerRules(lines=("L1", "L2"), step_a=0.5, circuit="yard"),
}
BELOW: dict[str, tuple[str, ...]] = {
    "garage": ("attic", "cellar"),
    "yard": ("attic", "barn", "cellar", "eaves"),
}
GARAGE_A, YARD_A, POWER_W, APART_A, DEVICE_W = 14.0, 20.0, 15_000.0, 12.0, 2_500.0
FUSES = Rules(FUSE_A, CHARGERS)
ALL = replace(
    FUSES,
    circuits={
        "garage": CircuitRules((GARAGE_A, GARAGE_A, GARAGE_A), "yard", metered=True),
        "yard": CircuitRules((YARD_A, YARD_A, 0.0)),
    },
    power_limit_w=POWER_W,
    imbalance_a=APART_A,
    dim=DimRules(contact="dim", limit_w=DEVICE_W),
)
PAIRS = [(one, other) for one in range(3) for other in range(3) if one != other]


@dataclass(frozen=True)
class Wire:
    """What one charger does in one cycle: how it answers, and by how much its draw misses its set-point."""

    silent: bool = False
    measured: bool = True
    follows: float = 1.0
    status: Status = "C"
    refusals: int = 0
    unsure: bool = False
    ready: bool = True
    deaf: bool = False
    late_s: float = 0.0


@dataclass(frozen=True)
class Second:
    """One cycle: seconds since the last, base currents, whether the meters answered, the wires, the orders.

    `behind_a` flows through the garage's meter besides cars, ``None`` when that is silent.
    """

    gap_s: float
    base_a: tuple[float, float, float]
    meter: bool
    wires: tuple[Wire, Wire, Wire, Wire, Wire]
    mode: Mode
    user_max_a: float
    behind_a: float | None = 0.0
    contact: bool | None = True
    boosts: bool = False


wires = st.one_of(
    st.just(Wire()),
    st.builds(
        Wire,
        silent=st.booleans(),
        measured=st.booleans(),
        follows=st.sampled_from([0.0, 0.5, 1.0, 1.0, 1.1]),
        status=st.sampled_from(["A", "B", "C", "C", "C", "F"]),
        refusals=st.sampled_from([0, 0, 0, 3]),
        unsure=st.booleans(),
        ready=st.booleans(),
        deaf=st.booleans(),
        late_s=st.sampled_from([0.0, 0.0, 0.8, 5.0]),
    ),
)
seconds = st.builds(
    Second,
    gap_s=st.sampled_from([1.0, 1.0, 1.0, 1.0, 1.0, 0.97, 2.5, 6.0, 13.0, 61.0, 400.0]),
    base_a=st.tuples(*[st.sampled_from([-15.0, 0.0, 2.0, 5.0, 10.0, 18.4, 23.0, 31.0, 60.0])] * 3),
    meter=st.sampled_from([True, True, True, True, False]),
    wires=st.tuples(wires, wires, wires, wires, wires),
    mode=st.sampled_from(["fast", "fast", *MODES]),
    user_max_a=st.sampled_from([16.0, 16.0, 9.7, 5.0, 32.0]),
    behind_a=st.sampled_from([0.0, 0.0, 2.0, 9.0, 30.0, None]),
    contact=st.sampled_from([True, True, False, None]),
    boosts=st.booleans(),
)
stories = st.lists(st.tuples(seconds, st.sampled_from([1, 1, 3, 12])), min_size=1, max_size=12).map(
    lambda blocks: [second for second, times in blocks for _ in range(times)]
)


class Story:
    """Plays seconds against `decide` and keeps what a judge needs."""

    def __init__(self, rules: Rules = FUSES) -> None:
        self.rules = rules
        self.memory: Memory = fresh(self.rules)
        self.now_s = 50.0
        self.told = dict.fromkeys(CHARGERS, 0.0)
        self.acknowledged: dict[str, float] = {}
        self.drawn: dict[str, PerLine] = {}
        self.last: dict[str, ChargerReading] = {}
        self.grid: MeterReading | None = None
        self.garage: MeterReading | None = None
        self.readings: list[float] = []

    def play(self, second: Second) -> Decision:
        self.now_s += second.gap_s
        totals = list(second.base_a)
        for (name, charger), wire in zip(CHARGERS.items(), second.wires, strict=True):
            lines: tuple[LineName, ...] = charger.lines or LINES
            current_a = self.acknowledged.get(name, 0.0) * wire.follows if wire.status == "C" else 0.0
            drawn = [current_a if line in lines else 0.0 for line in LINES]
            totals = [total + more for total, more in zip(totals, drawn, strict=True)]
            self.drawn[name] = (drawn[0], drawn[1], drawn[2])
            if not wire.silent:
                if not wire.deaf:
                    self.acknowledged[name] = self.told[name]
                self.last[name] = ChargerReading(
                    self.now_s,
                    status=wire.status,
                    measured_mono_s=self.now_s - wire.late_s if wire.measured else None,
                    line_a=(drawn[0], drawn[1], drawn[2]) if wire.measured else None,
                    acknowledged_a=self.acknowledged.get(name),
                    refusals=wire.refusals,
                    unsure=wire.unsure,
                    ready=wire.ready,
                )
        if second.meter:
            line_a = (totals[0], totals[1], totals[2])
            self.grid = MeterReading(self.now_s, 230.0 * sum(totals), line_a=line_a)
            self.readings.append(self.now_s)
        if second.behind_a is not None:
            line_a = sums(self.drawn[name] for name in BELOW["garage"])
            line_a = (line_a[0] + second.behind_a, line_a[1], line_a[2] + second.behind_a)
            self.garage = MeterReading(self.now_s, 230.0 * sum(line_a), line_a=line_a)
        boost = Boost(None, seconds=600.0) if second.boosts else None
        one = ChargerSettings(second.mode, second.user_max_a, boost=boost)
        orders = Settings(dict.fromkeys(CHARGERS, one))
        snapshot = Snapshot(
            Instant(self.now_s, WALL),
            self.grid,
            chargers=dict(self.last),
            contacts={"dim": second.contact},
            circuits={"garage": self.garage} if self.garage is not None else {},
        )
        before = self.memory
        self.memory, decision = decide(self.rules, before, snapshot, orders)
        self.judge_transitions(before)
        return decision

    def judge_transitions(self, before: Memory) -> None:
        """Only transitions in ALLOWED, for every machine."""
        assert moved(before.meter.stage, self.memory.meter.stage, meter.ALLOWED)
        for name, then in before.chargers.items():
            now = self.memory.chargers[name]
            assert moved(then.charging.stage, now.charging.stage, charging.ALLOWED)
            assert moved(then.appetite.stage, now.appetite.stage, appetite.ALLOWED)
            assert moved(then.pause.stage, now.pause.stage, overload.ALLOWED)
            assert moved(then.hand.stage, now.hand.stage, hand.ALLOWED)

    def judge_set_points(self, decision: Decision) -> None:
        """In range, on the step, and worked out again from the reason's own figures (CHG-1)."""
        for name, one in decision.chargers.items():
            charger = CHARGERS[name]
            assert one.limit_a == 0.0 or charger.min_a <= one.limit_a <= charger.max_a
            assert abs(one.limit_a / charger.step_a - round(one.limit_a / charger.step_a)) < TINY
            assert decision.command.chargers[name].limit_a == one.limit_a
            assert abs(set_point_a(one.why) - one.limit_a) < TINY, one
            assert len(one.why.text) <= 21
            assert one.limit_a <= max(one.wish_a, self.told[name], charger.fallback_a)

    def judge_raises(self, decision: Decision) -> None:
        """CHG-34: all raises of a cycle fit into what the last reading had free; the meter is trusted."""
        raises = {
            name: one.limit_a - self.told[name]
            for name, one in decision.chargers.items()
            if one.limit_a > self.told[name] + TINY
        }
        if not raises:
            return
        assert self.grid is not None
        assert len(self.readings) >= 2
        assert self.now_s - self.readings[-1] <= 2.0
        assert self.readings[-1] - self.readings[-2] <= 3.0
        line_a = self.grid.line_a or (inf, inf, inf)
        for index, line in enumerate(LINES):
            more_a = sum(rise for name, rise in raises.items() if line in (CHARGERS[name].lines or LINES))
            assert more_a <= max(0.0, FUSE_A[index] - line_a[index]) + TINY

    def judge_limits(self, second: Second, decision: Decision) -> None:
        """CHG-31, CHG-34: with one synchronous picture all set-points together fit on every line."""
        one_picture = second.meter and all(
            wire.measured and not wire.silent and not wire.late_s and not wire.refusals
            for wire in second.wires
        )
        if not one_picture or self.grid is None or self.grid.line_a is None:
            return
        told = {name: one.limit_a for name, one in decision.chargers.items()}
        wired = {name: on(charger.lines or LINES, told[name]) for name, charger in CHARGERS.items()}
        line_a, drawn, asked = self.grid.line_a, sums(self.drawn.values()), sums(wired.values())
        for line in range(3):
            assert asked[line] <= max(0.0, FUSE_A[line] - line_a[line] + drawn[line]) + TINY
        if self.rules is not ALL:
            return
        for line in range(3):
            if second.behind_a is not None:
                here = second.behind_a if line != 1 else 0.0
                told_a = sum(wired[name][line] for name in BELOW["garage"])
                assert told_a <= max(0.0, GARAGE_A - here) + TINY
            assert line == 2 or sum(wired[name][line] for name in BELOW["yard"]) <= YARD_A + TINY
        asked_w, drawn_w = 230.0 * sum(asked), 230.0 * sum(drawn)
        assert asked_w <= max(0.0, POWER_W - self.grid.power_w + drawn_w) + 1.0
        if second.contact is not True:
            own_w = max(0.0, drawn_w - self.grid.power_w)
            assert asked_w <= DEVICE_W * (1.0 + 4 * 0.65) + own_w + 1.0
            assert decision.dim is not None
            assert decision.dim.limited
        for high, low in PAIRS:
            apart_a = (line_a[high] - drawn[high]) - (line_a[low] - drawn[low])
            pulls_a = sum(own[high] for own in wired.values() if not own[low])
            assert pulls_a <= max(0.0, APART_A - apart_a) + TINY

    def keep(self, decision: Decision) -> None:
        self.told = {name: one.limit_a for name, one in decision.chargers.items()}


def on(lines: tuple[LineName, ...], current_a: float) -> PerLine:
    one, two, three = (current_a if line in lines else 0.0 for line in LINES)
    return one, two, three


def sums(currents: Iterable[PerLine]) -> PerLine:
    one, two, three = (sum(column) for column in zip(NO_LINES, *currents, strict=True))
    return one, two, three


def moved(then: Stages, now: Stages, allowed: Mapping[Stages, frozenset[Stages]]) -> bool:
    return then == now or now in allowed[then]


@settings(max_examples=120, deadline=None)
@given(stories, st.sampled_from([FUSES, ALL, ALL]))
def test_no_set_point_breaks_a_law(story: list[Second], rules: Rules) -> None:
    """CHG-1, CHG-3, CHG-30 to CHG-35, CHG-50 and every ALLOWED table, whatever chargers and meters do."""
    play = Story(rules)
    for second in story:
        decision = play.play(second)
        play.judge_set_points(decision)
        play.judge_raises(decision)
        play.judge_limits(second, decision)
        play.keep(decision)


figures = st.one_of(st.none(), ODD, st.floats(allow_nan=True, allow_infinity=True))
numbers = st.one_of(ODD, st.floats(allow_nan=True, allow_infinity=True))
triples = st.one_of(st.none(), st.tuples(numbers, numbers, numbers))
anything = st.builds(
    Snapshot,
    now=st.builds(Instant, numbers, st.just(WALL)),
    grid=st.one_of(st.none(), st.builds(MeterReading, numbers, numbers, line_a=triples, line_v=triples)),
    battery=st.one_of(st.none(), st.builds(BatteryReading, numbers, numbers, figures)),
    contacts=st.dictionaries(st.just("dim"), st.one_of(st.none(), st.booleans())),
    circuits=st.dictionaries(
        st.sampled_from(["garage", "yard", "nowhere"]),
        st.builds(MeterReading, numbers, numbers, line_a=triples),
    ),
    chargers=st.dictionaries(
        st.sampled_from([*CHARGERS, "nobody"]),
        st.builds(
            ChargerReading,
            numbers,
            status=st.sampled_from([None, "A", "B", "C", "D", "E", "F"]),
            measured_mono_s=figures,
            line_a=triples,
            power_w=figures,
            total_wh=figures,
            acknowledged_a=figures,
            confirmed_a=figures,
            highest_a=figures,
            unsure=st.booleans(),
            refusals=st.integers(-5, 5),
            ready=st.booleans(),
            cable_max_a=figures,
        ),
    ),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(anything, st.sampled_from(MODES), numbers), max_size=6), stories)
def test_decides_whatever_the_wires_say(
    noise: list[tuple[Snapshot, Mode, float]], story: list[Second]
) -> None:
    """Law 3: NaN, infinities, absent values, unknown names and odd times raise nothing and leave no mark.

    What follows the noise obeys the same laws as ever.
    """
    play = Story(ALL)
    for snapshot, mode, user_max_a in noise:
        orders = Settings(
            {"garage": ChargerSettings(mode, user_max_a), "attic": ChargerSettings(mode, user_max_a)}
        )
        play.memory, decision = decide(play.rules, play.memory, snapshot, orders)
        play.judge_set_points(decision)
        assert all(one.why.text for one in decision.chargers.values())
        play.keep(decision)
    for second in story[:5]:
        decision = play.play(second)
        play.judge_set_points(decision)
        play.keep(decision)
