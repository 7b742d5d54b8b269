"""Switched, tested and learned lines through the whole decision, one second a step."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core import switching
from hems.core.decide import decide
from hems.core.memory import fresh
from hems.core.rules import ChargerRules, Rules, SurplusRules
from hems.model.decision import ChargerDecision, Decision, Hand
from hems.model.instant import Instant
from hems.model.intents import ProveLines
from hems.model.ledger import Event
from hems.model.lessons import Lesson
from hems.model.plans import OptimizerPlan, Step
from hems.model.settings import MODES, ChargerSettings, Settings, VehicleSettings
from hems.model.snapshot import ChargerReading, MeterReading, Snapshot
from hems.model.units import LINES, LineName
from hems.model.why import Reason
from tests.core.bench import FUSE_A, WALL, Bench, Car
from tests.core.reasons import set_point_a

SWITCHED = ChargerRules(lines=("L2", "L3", "L1"), switchable=True)


@dataclass
class House(Bench):
    """A house whose charger hangs on a relay that gives it one line or all, and notes moves under load."""

    position: int = 1
    obedient: bool = True
    car_lines: tuple[LineName, ...] = LINES
    events: list[Event] = field(default_factory=list)
    violations: int = 0
    moves: int = 0

    def step(self) -> Decision:
        """A tick; the relay moves after it, the car draws on what it reaches."""
        ((name, car),) = self.cars.items()
        mine = self.rules.chargers[name]
        if mine.switchable:
            reach = mine.lines[: 3 if self.position == 3 else 1]
            car.lines = tuple(line for line in self.car_lines if line in reach)
            car.extra["lines"] = self.position
        acknowledged_a = car.told[-1] if car.told else 0.0
        drawn_a = max(car.line_a())
        decision = super().step()
        self.events += decision.events
        assert abs(set_point_a(self.one().why) - self.told_a()) < 1e-6
        told = decision.command.chargers[name].lines
        if told is not None and told != self.position and self.obedient:
            self.position, self.moves = told, self.moves + 1
            self.violations += drawn_a >= 1.0 or acknowledged_a > 0.0
        return decision

    def order_all(self, **orders: Any) -> None:
        """All orders of the charger anew."""
        ((name, _),) = self.cars.items()
        self.settings = replace(self.settings, chargers={name: ChargerSettings(**orders)})

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


def house(
    mode: Any = "surplus", charger: ChargerRules = SWITCHED, car: Car | None = None, **more: Any
) -> House:
    made = House(Rules(FUSE_A, {"garage": charger}), {"garage": car or Car()}, Settings(), **more)
    made.order(mode)
    return made


def test_a_day_of_sun_on_one_line_and_on_three() -> None:
    """CHG-22: starts on one line, goes to three and comes back, each time from 0 A to the minimum."""
    home = house(base_a=(1.0, 1.0, 1.0), sun_w=690.0 + 2000.0)
    assert home.until(lambda: home.told_a() > 0.0, 90) == 62
    assert home.one().lines == ("L2",)
    home.run(120)
    assert (home.told_a(), home.position) == (8.0, 1)
    home.sun_w = 690.0 + 6900.0
    home.run(290)
    assert (home.told_a(), home.position) == (16.0, 1)
    assert home.until(lambda: home.one().why.code is Reason.PHASE_SWITCH, 20) <= 20
    assert home.one().why.text == "line switch running"
    home.step()
    assert home.one().lines == LINES
    assert home.until(lambda: home.told_a() > 0.0, 30) <= 20
    assert (home.told_a(), home.position, home.one().lines_level) == (6.0, 3, 3)
    home.run(60)
    assert (home.told_a(), home.one().lines_level) == (10.0, 1)
    home.sun_w = 690.0 + 3000.0
    home.run(330)
    assert (home.position, home.moves, home.violations) == (3, 1, 0)
    home.run(110)
    assert home.until(lambda: home.position == 1 and home.told_a() > 0.0, 60) <= 60
    home.run(60)
    assert home.told_a() == 13.0
    assert home.kinds() == ["lines_switched", "lines_switched"]
    assert home.violations == 0


@pytest.mark.parametrize(("poorest_w", "moves"), [(1250.0, 0), (1600.0, 1)])
def test_where_lines_are_billed_one_by_one_two_of_them_carry_two_minima(poorest_w: float, moves: int) -> None:
    """CHG-10, CHG-22: 1.38 kW on each of the car's two lines, whatever the third one has."""
    per_line = Rules(FUSE_A, {"garage": SWITCHED}, surplus=SurplusRules(per_line=True))
    home = House(per_line, {"garage": Car()}, Settings(), car_lines=("L2", "L3"))
    home.order("surplus")
    lesson = Lesson({"": ("L2", "L3")})
    home.memory = fresh(home.rules, {"ev1": lesson})
    home.base_a, home.sun_w = (1.0, 1.0, 1.0), 690.0 + 3.0 * poorest_w
    home.run(800)
    assert home.moves == moves


def test_who_wants_all_gets_three_lines_before_it_starts() -> None:
    """CHG-22: the relay rests on one line; `fast` charges on three within a quarter of a minute."""
    home = house("fast")
    assert home.until(lambda: home.told_a() > 0.0, 30) <= 20
    assert (home.position, home.told_a(), home.violations) == (3, 6.0, 0)


def test_no_second_line_without_room_for_it() -> None:
    """CHG-22: a charger on one line is not brought to a stop by a full line that it does not use."""
    home = house("fast", base_a=(19.0, 2.0, 2.0))
    home.run(500)
    assert (home.position, home.told_a()) == (1, 16.0)


@pytest.mark.parametrize(("base_a", "lines"), [(2.0, 3), (4.0, 1)])
def test_room_that_another_charger_uses_is_not_counted(base_a: float, lines: int) -> None:
    """CHG-22, CHG-34: what flows to its car on the third line stays booked."""
    rules = Rules(FUSE_A, {"barn": ChargerRules(lines=("L1",)), "garage": SWITCHED})
    home = Bench(rules, {"barn": Car(lines=("L1",)), "garage": Car(lines=("L2",))}, Settings())
    home.base_a = (base_a, 2.0, 2.0)
    home.cars["garage"].extra = {"lines": 1}
    home.settings = Settings({"barn": ChargerSettings("fast"), "garage": ChargerSettings("fast", lines=1)})
    home.run(60)
    home.order("fast")
    told = [home.step().command.chargers["garage"].lines for _ in range(60)]
    assert told[15] == lines


def test_a_person_keeps_it_on_one_line() -> None:
    home = house("fast")
    home.order_all(mode="fast", lines=1)
    home.run(500)
    assert (home.position, home.told_a(), home.moves) == (1, 16.0, 0)
    home.order_all(mode="surplus", lines=3)
    home.sun_w = 3000.0
    home.run(60)
    assert (home.position, home.violations) == (3, 0)


@pytest.mark.parametrize(("lines", "stands"), [(3, 3), (1, 1), (None, 1), (2, 1)])
def test_an_optimizer_chooses_the_lines(lines: int | None, stands: int) -> None:
    """CHG-22, CHG-110: its step says so, and the sun does not."""
    home = house("surplus", sun_w=9000.0)
    steps = {"garage": (Step(0.0, 9e9, 10.0, lines),)}
    home.optimizer = OptimizerPlan("one", 9e9, steps)
    home.run(500)
    assert (home.position, home.told_a(), home.violations) == (stands, 10.0, 0)


def test_a_car_that_was_seen_on_one_line_stays_there() -> None:
    """CHG-20, CHG-22: three lines would bring it nothing."""
    home = house("fast", car_lines=("L2",))
    home.memory = fresh(home.rules, {"ev1": Lesson(lines={"": ("L2",)})})
    home.run(500)
    assert (home.position, home.moves) == (1, 0)


def test_a_restart_in_the_middle_takes_the_relay_as_it_is() -> None:
    """CHG-3, CHG-22: whatever was begun is forgotten; the relay is not moved by the restart."""
    home = house("fast")
    home.until(lambda: home.position == 3, 30)
    home.order_all(mode="surplus")
    moves = home.moves
    home.memory = fresh(home.rules)
    home.run(60)
    assert (home.position, home.moves, home.violations) == (3, moves, 0)


def test_a_contactor_that_does_not_open_moves_no_relay() -> None:
    """CHG-22, CHG-61: the hand finds it after 10 s of current with 0 A acknowledged."""
    home = house("fast")
    home.order_all(mode="fast", lines=1)
    home.run(60)
    home.cars["garage"].stuck_a = 8.0
    home.order_all(mode="fast", lines=3)
    assert home.until(lambda: home.one().why.code is Reason.STUCK_CONTACTOR, 20) <= 14
    home.run(60)
    assert (home.position, home.moves) == (1, 0)


def test_a_zero_that_was_not_acknowledged_moves_no_relay() -> None:
    """CHG-22: that no current flows now is not enough."""
    home = house("fast")
    home.order_all(mode="fast", lines=1)
    home.run(60)
    home.cars["garage"].acknowledges, home.cars["garage"].stuck_a = False, 0.0
    home.order_all(mode="fast", lines=3)
    home.run(60)
    assert (home.position, home.moves) == (1, 0)


def test_a_charger_that_falls_silent_before_the_relay_moved_keeps_it_where_it_is() -> None:
    """CHG-22: nobody knows what it does now."""
    home = house("fast", obedient=False)
    home.until(lambda: home.decision.command.chargers["garage"].lines == 3, 30)
    home.cars["garage"].answers = False
    home.cars["garage"].measured = False
    home.run(3)
    assert home.decision.command.chargers["garage"].lines is None


def test_a_switch_costs_no_start_of_the_budget() -> None:
    """CHG-17, CHG-22: changes of lines have their own eight a day."""
    home = house("fast")
    home.order_all(mode="fast", lines=1)
    home.run(60)
    spent = home.memory.chargers["garage"]
    home.order_all(mode="fast", lines=3)
    home.run(400)
    assert (home.position, home.moves, home.told_a()) == (3, 1, 16.0)
    memory = home.memory.chargers["garage"]
    assert (memory.starts, memory.switchings) == (spent.starts, spent.switchings)


def test_a_relay_that_does_not_move_is_locked_and_said() -> None:
    """CHG-23."""
    home = house("fast", obedient=False, position=3)
    home.run(30)
    home.order_all(mode="surplus")
    home.sun_w = 1380.0 + 1500.0
    home.run(330)
    assert home.kinds() == ["lines_unconfirmed"]
    home.run(800)
    assert home.kinds() == ["lines_unconfirmed", "lines_unconfirmed", "lines_locked"]
    home.sun_w = 1380.0 + 800.0
    home.run(500)
    assert (home.told_a(), home.one().why.text) == (0.0, "line switch locked")
    home.cars["garage"].status = "A"
    home.step()
    assert not switching.locked(home.rules.switching, home.memory.chargers["garage"].switching)


def test_an_unmeasured_charger_is_switched_when_it_says_that_it_rests() -> None:
    """CHG-22: B and 0 A acknowledged for ten seconds."""
    car = Car(measured=False)
    home = house("fast", car=car)
    for lines in (3, 1):
        for _ in range(450):
            home.step()
            car.status = "C" if home.told_a() else "B"
        assert (home.position, home.told_a()) == (lines, 16.0)
        home.order_all(mode="fast", lines=1)
    assert (home.moves, home.violations) == (2, 0)


def test_an_unmeasured_charger_that_always_charges_is_not_switched() -> None:
    """CHG-22, CHG-23: nobody knows whether current flows; twice given up, then left alone."""
    home = house("fast", car=Car(measured=False))
    home.run(600)
    assert (home.position, home.moves, home.told_a()) == (1, 0, 16.0)
    assert home.kinds() == ["lines_unconfirmed", "lines_unconfirmed", "lines_locked"]


def test_what_a_car_showed_outlives_the_run_under_its_name() -> None:
    """CHG-20 level 2."""
    home = house("fast", ChargerRules(), Car(lines=("L3",)))
    home.order_all(mode="fast", vehicle="zoe")
    home.run(30)
    assert home.decision.lessons["ev1"].lines == {"zoe": ("L3",)}
    home.memory = fresh(home.rules, home.decision.lessons)
    home.step()
    assert (home.one().lines, home.one().lines_level) == (("L3",), 2)
    home.order_all(mode="fast", vehicle="ioniq")
    home.cars["garage"].status = "B"
    home.step()
    assert (home.one().lines, home.one().lines_level) == (LINES, 3)


def test_a_charger_that_was_lost_may_have_another_car() -> None:
    """CHG-20: silence ends what was learned of a car."""
    home = house("fast", ChargerRules(), Car(lines=("L3",)))
    home.run(30)
    assert home.one().lines == ("L3",)
    home.cars["garage"].answers = False
    home.run(7)
    assert home.one().lines == LINES


def test_surplus_reckons_with_the_lines_of_the_car() -> None:
    """CHG-20: what is installed about a vehicle starts it on less sun; nothing is measured."""
    home = house("surplus", ChargerRules(), Car(measured=False, lines=("L1",)), base_a=(0.0, 0.0, 0.0))
    home.sun_w = 1000.0
    home.run(90)
    assert home.told_a() == 0.0
    home.order_all(mode="surplus", vehicle="zoe")
    home.settings = replace(home.settings, vehicles={"zoe": VehicleSettings(lines=1)})
    assert home.until(lambda: home.told_a() > 0.0, 90) <= 61
    home.run(5)
    assert home.decision.available_w == pytest.approx(1000.0)


def proven(home: House, seconds: int = 90) -> Event:
    """Ask for a test and wait for its end."""
    home.errands.append(ProveLines("garage"))
    home.until(lambda: bool(home.events) and home.events[-1].kind.startswith("lines_"), seconds)
    return home.events[-1]


def steady(mode: Any = "fast", user_max_a: float = 10.0, **car: Any) -> House:
    """A charger that measures nothing and has charged for a while."""
    home = house(mode, ChargerRules(lines=("L2", "L3", "L1")), Car(**{"measured": False, **car}))
    home.order(mode, user_max_a)
    home.run(150)
    assert home.told_a() == user_max_a
    return home


@pytest.mark.parametrize("delay_s", [1, 2, 4])
@pytest.mark.parametrize("lines", [("L2",), ("L1", "L3"), LINES])
def test_pulses_find_the_lines(lines: tuple[LineName, ...], delay_s: int) -> None:
    """CHG-21, BUS-75: three pulses of 2 A, here downwards."""
    home = steady(lines=lines, delay_s=delay_s)
    found = proven(home)
    assert (found.kind, found.figures["lines"]) == ("lines_found", " ".join(lines))
    assert home.decision.lessons["ev1"].lines == {"": lines}
    assert (home.one().why.code, home.told_a()) == (Reason.USER_MAX, 10.0)
    home.step()
    assert (home.one().lines, home.one().lines_level) == (lines, 2)


def test_pulses_go_up_where_it_is_too_low_for_down() -> None:
    """CHG-21: 5 s 2 A more, 5 s back, three times; the set-point says that it is a test."""
    home = house("surplus", ChargerRules(), Car(measured=False), base_a=(0.0, 0.0, 0.0), sun_w=5000.0)
    home.run(300)
    assert home.told_a() == 7.0
    home.errands.append(ProveLines("garage"))
    seen: list[tuple[float, Reason]] = []
    while not home.events:
        home.step()
        seen.append((home.told_a(), home.one().why.code))
    assert {told_a for told_a, _ in seen} == {7.0, 8.0, 9.0}
    high = "".join("#" if told_a == 9.0 else "." for told_a, _ in seen)
    assert [len(pulse) for pulse in high.split(".") if pulse] == [6, 6, 6]
    assert all(code in (Reason.TEST, Reason.SETTLING) for _, code in seen[1:-1])
    assert home.events[-1].figures["lines"] == "L1 L2 L3"


def test_a_measured_charger_is_checked() -> None:
    home = steady(measured=True, lines=("L2",))
    assert proven(home).figures["lines"] == "L2"


def test_two_pulses_of_three_are_enough() -> None:
    """BUS-75: a lamp that is switched hides one of them."""
    home = steady(lines=("L2",))
    home.errands.append(ProveLines("garage"))
    home.run(8)
    home.base_a = (2.0, 3.9, 4.0)
    home.run(13)
    home.base_a = (2.0, 2.0, 2.0)
    home.until(lambda: bool(home.events), 60)
    assert home.events[-1].figures["lines"] == "L2"


def test_a_line_that_is_not_wired_is_no_answer() -> None:
    home = house("fast", ChargerRules(lines=("L1",)), Car(measured=False, lines=("L2",)))
    home.order("fast", 10.0)
    home.run(120)
    found = proven(home)
    assert (found.kind, found.figures["because"]) == ("lines_unknown", "wiring")
    assert home.decision.lessons["ev1"].lines == {}


def test_a_test_on_one_line_teaches_nothing_about_the_car() -> None:
    """CHG-20, CHG-22."""
    home = house("fast")
    home.order_all(mode="fast", lines=1, user_max_a=10.0)
    home.run(60)
    assert proven(home).figures["lines"] == "L2"
    assert home.decision.lessons["ev1"].lines == {}


def test_a_car_that_does_not_follow_is_unknown() -> None:
    home = steady(most_a=5.0)
    assert proven(home).figures["because"] == "no_answer"


def trouble(home: House, name: str) -> None:
    match name:
        case "orders":
            home.order("min_surplus", 10.0)
        case "car":
            home.cars["garage"].status = "B"
        case "overload":
            home.base_a = (26.0, 2.0, 2.0)
        case "meter":
            home.meter = False
        case "charger":
            home.cars["garage"].answers = False
        case "held_back":
            home.cars["garage"].acknowledges = False
        case "standstill":
            home.order("off", 10.0)
            home.memory = replace(
                home.memory, chargers={"garage": replace(home.memory.chargers["garage"], mode="off")}
            )
        case _:
            home.errands.append(ProveLines(name))


@pytest.mark.parametrize(
    ("name", "within_s"),
    [
        ("orders", 1),
        ("car", 1),
        ("overload", 1),
        ("meter", 4),
        ("charger", 4),
        ("held_back", 17),
        ("standstill", 1),
        ("garage", 1),
        ("elsewhere", 1),
    ],
)
def test_what_ends_a_test(name: str, within_s: int) -> None:
    """CHG-21: at once, and the set-point is the mode's again."""
    home = steady()
    home.errands.append(ProveLines("garage"))
    home.run(8)
    assert home.one().why.code is Reason.TEST
    trouble(home, name)
    assert home.until(lambda: bool(home.events), within_s) <= within_s
    assert home.events[-1].kind == "lines_unknown"
    assert home.events[-1].figures["because"] == ("another" if name in ("garage", "elsewhere") else name)
    assert home.one().why.code is not Reason.TEST


@pytest.mark.parametrize(
    ("because", "user_max_a", "base_a"), [("no_room", 10.0, 13.0), ("no_range", 7.0, 2.0)]
)
def test_a_test_that_cannot_begin(because: str, user_max_a: float, base_a: float) -> None:
    """CHG-21: never while an overload is near; a minute is waited."""
    home = steady(user_max_a=user_max_a)
    home.base_a = (2.0, base_a, 2.0)
    home.errands.append(ProveLines("garage"))
    home.run(60)
    assert home.events == []
    home.run(2)
    assert home.events[-1].figures["because"] == because


def test_a_test_waits_until_the_set_point_stands() -> None:
    home = steady()
    home.order("fast", 12.0)
    home.run(9)
    assert proven(home).kind == "lines_found"


def test_protection_stays_above_a_test() -> None:
    """CHG-21, CHG-34: the whole test stays under the fuse, and what holds it back ends it."""
    home = steady(lines=("L2",))
    home.errands.append(ProveLines("garage"))
    for second in range(60):
        if second == 12:
            home.base_a = (2.0, 17.0, 2.0)
        home.step()
        if second > 14:
            assert home.line_a[1] <= FUSE_A[1] + 1e-6
    assert home.events[-1].figures["because"] == "held_back"


amperes = st.sampled_from([0.0, 0.0, 0.0, 0.9, 1.0, 6.0, 16.0])
seconds = st.tuples(
    st.sampled_from([1.0, 1.0, 1.0, 2.0, 60.0, 301.0]),
    st.sampled_from(["A", "B", "C", "C", None, "F"]),
    st.one_of(st.none(), st.tuples(amperes, amperes, amperes)),
    st.sampled_from(["told", "told", "told", "old", "none", "silent"]),
    st.sampled_from([None, 1, 1, 3, 3, 0, -2, 7, "told", "told", "told", "told"]),
    st.sampled_from(["fast", *MODES]),
    st.sampled_from([None, None, 1, 3]),
    st.sampled_from([-9000.0, -3000.0, 500.0]),
    st.booleans(),
    st.sampled_from([1, 1, 6, 20]),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(seconds, max_size=14))
def test_no_relay_moves_under_load_whatever_the_wires_say(story: list[tuple[Any, ...]]) -> None:
    """CHG-22: over readings, positions, statuses, orders and restarts."""
    rules = Rules(FUSE_A, {"garage": SWITCHED})
    memory, told_a, told_lines, now_s = fresh(rules), 0.0, 1, 100.0
    for gap_s, status, line_a, hears, position, mode, lines, grid_w, again, times in story:
        memory = fresh(rules) if again else memory
        for _ in range(times):
            now_s += gap_s
            stands = told_lines if position == "told" else position
            reading = ChargerReading(
                now_s if hears != "silent" else now_s - 20.0,
                status=status,
                measured_mono_s=None if line_a is None else now_s,
                line_a=line_a,
                acknowledged_a={"told": told_a, "old": 6.0}.get(hears),
                lines=stands,
            )
            grid = MeterReading(now_s, grid_w, line_a=(grid_w / 690,) * 3)
            orders = Settings({"garage": ChargerSettings(mode, lines=lines)})
            snapshot = Snapshot(Instant(now_s, WALL), grid, chargers={"garage": reading})
            errands = [ProveLines("garage")] if times == 6 else []
            memory, decision = decide(rules, memory, snapshot, orders, errands=errands)
            one: ChargerDecision = decision.chargers["garage"]
            command = decision.command.chargers["garage"].lines
            judge(reading, stands, command, told_lines)
            assert abs(set_point_a(one.why) - one.limit_a) < 1e-6
            assert one.limit_a == 0.0 or 6.0 <= one.limit_a <= 16.0
            assert one.hand is Hand.MODBUS
            told_a, told_lines = one.limit_a, command or told_lines


def judge(reading: ChargerReading, stands: Any, command: int | None, told_lines: int) -> None:
    """A relay that does not stand where it is told is moving, and only without load."""
    at = {None: None, 1: 1}.get(stands, 3) if stands is None or stands > 0 else None
    if command is None or command == at or (at is None and command == told_lines):
        return
    assert reading.acknowledged_a == 0.0
    if reading.line_a is not None:
        assert max(reading.line_a) < 1.0
    else:
        assert reading.status in ("A", "B")
