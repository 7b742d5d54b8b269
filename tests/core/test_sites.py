"""Circuits, import power, imbalance and the operator's limit on a scripted bench: one second a step."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, permutations

import pytest

from hems.core import phases, sites
from hems.core.appliances import HeatPumpRules
from hems.core.overload import PauseStage
from hems.core.rules import ChargerRules, CircuitRules, DimRules, Rules
from hems.core.survey import survey
from hems.model.decision import Dim, Hand
from hems.model.intents import SetOperatorLimit
from hems.model.settings import ChargerSettings, OperatorLimit, Settings
from hems.model.snapshot import BatteryReading, HeatPumpReading
from hems.model.units import LINES, NO_LINES, PerLine
from hems.model.why import Reason
from tests.core.bench import FUSE_A, RELAY, WALL, Bench, Car, bench, charging
from tests.core.reasons import set_point_a

WIDE_A = (63.0, 63.0, 63.0)
SIXTEEN_A = (16.0, 16.0, 16.0)
METERED = CircuitRules(SIXTEEN_A, metered=True)


def house(rules: Rules, base_a: PerLine = (2.0, 2.0, 2.0)) -> Bench:
    """All chargers on `fast`, each with a car on the charger's lines."""
    cars = {name: Car(lines=charger.lines or LINES) for name, charger in rules.chargers.items()}
    built = Bench(rules, cars, Settings(), base_a)
    built.order("fast")
    return built


def pair(circuit: str = "") -> dict[str, ChargerRules]:
    return {name: ChargerRules(number, circuit=circuit) for number, name in enumerate("ab", 1)}


def told(built: Bench) -> list[float]:
    """Every set-point, worked out again from its reason."""
    for one in built.decision.chargers.values():
        assert abs(set_point_a(one.why) - one.limit_a) < 1e-6
    return [one.limit_a for one in built.decision.chargers.values()]


def reasons(built: Bench) -> list[Reason]:
    return [one.why.code for one in built.decision.chargers.values()]


def test_a_circuit_without_a_meter_carries_what_its_chargers_draw() -> None:
    """CHG-30, CHG-40: to its last ampere, and nobody outside it is bound."""
    chargers = {**pair(circuit="garage"), "c": ChargerRules(number=3)}
    built = house(Rules(WIDE_A, chargers, circuits={"garage": CircuitRules((17.0, 17.0, 17.0))}))
    for _ in range(60):
        built.step()
        one, two, _ = told(built)
        assert one + two <= 17.0
    assert told(built) == [9.0, 8.0, 16.0]
    assert reasons(built)[:2] == [Reason.CIRCUIT_LIMIT] * 2
    assert built.decision.chargers["a"].why.figures["line"] == "garage.L1"


def test_a_circuit_with_a_meter_obeys_the_same_law_as_the_main_fuse() -> None:
    """CHG-30, CHG-31: what else is behind it counts."""
    rules = Rules(
        WIDE_A,
        {"a": ChargerRules(circuit="garage")},
        circuits={"garage": CircuitRules(SIXTEEN_A, metered=True)},
    )
    built = house(rules, (12.0, 2.0, 2.0))
    built.behind_a = {"garage": (4.0, 0.0, 0.0)}
    built.run(40)
    assert told(built) == [11.0]
    built.behind_a = {"garage": (9.0, 0.0, 0.0)}
    built.step()
    assert (told(built), reasons(built)) == ([7.0], [Reason.CIRCUIT_LIMIT])
    built.behind_a = {"garage": (11.0, 0.0, 0.0)}
    built.step()
    assert (told(built), reasons(built)) == ([0.0], [Reason.CIRCUIT_LIMIT])


def test_a_charger_is_bound_by_every_circuit_above_it() -> None:
    """CHG-30: the yard feeds the garage; 0 A is no limit."""
    circuits = {"yard": CircuitRules((20.0, 20.0, 20.0)), "garage": CircuitRules((0.0, 12.0, 0.0), "yard")}
    chargers = {"a": ChargerRules(circuit="garage"), "b": ChargerRules(number=2, circuit="yard")}
    built = house(Rules(WIDE_A, chargers, circuits=circuits))
    built.run(60)
    assert told(built) == [10.0, 10.0]
    built.cars["b"].status = "A"
    built.run(60)
    assert told(built) == [12.0, 0.0]
    assert built.decision.chargers["a"].why.figures["line"] == "garage.L2"


def test_a_circuit_without_a_meter_carries_what_a_metered_one_below_it_shows() -> None:
    """CHG-30: the sauna behind the garage's meter loads the yard's fuse like a car."""
    circuits = {"yard": CircuitRules((24.0, 24.0, 24.0)), "garage": CircuitRules((20.0,) * 3, "yard", True)}
    chargers = {"a": ChargerRules(circuit="garage"), "b": ChargerRules(number=2, circuit="yard")}
    for measured in (True, False):
        built = house(Rules(WIDE_A, chargers, circuits=circuits))
        for car in built.cars.values():
            car.measured = measured
        built.behind_a = {"garage": NO_LINES}
        built.run(120)
        assert sum(told(built)) == 23.0, "the last ampere is never handed out by a meter"
        built.behind_a = {"garage": (8.0, 0.0, 0.0)}
        built.step()
        assert sum(told(built)) == 16.0
        assert Reason.CIRCUIT_LIMIT in reasons(built)
        for _ in range(60):
            built.step()
            assert sum(told(built)) <= 16.0


def test_a_meter_below_is_one_picture_with_its_own_cars_alone() -> None:
    """CHG-31: and a lowering behind it shows there later, beside it at once."""
    circuits = {"yard": CircuitRules((40.0,) * 3), "garage": CircuitRules((20.0,) * 3, "yard", True)}
    chargers = {"a": ChargerRules(circuit="garage"), "b": ChargerRules(number=2, circuit="yard")}
    built = house(Rules(WIDE_A, chargers, circuits=circuits))
    built.behind_a = {"garage": NO_LINES}
    for late_a_s, late_b_s, together in ((0.0, 0.9, True), (0.9, 0.0, False)):
        built.cars["a"].late_s, built.cars["b"].late_s = late_a_s, late_b_s
        built.run(20)
        seen = survey(built.rules, built.memory, built.snapshot, built.settings, built.now_s)
        yard = next(feed for feed in seen.feeds if feed.name == "yard")
        assert (yard.together, yard.exact) == (together, False)
    for name, unseen_a in (("a", 5.0), ("b", 0.0)):
        after = sites.lowered(seen.laws, [yard], [(seen.courses[name], 5.0)], built.now_s)
        assert after["yard"].unseen_a == (unseen_a,) * 3


def test_who_shares_a_fuse_with_a_metered_circuit_depends_on_its_meter() -> None:
    """CHG-30, the loss matrix: nobody knows what flows there; without a fuse nobody has to."""
    chargers = {"a": ChargerRules(circuit="garage"), "b": ChargerRules(number=2, circuit="yard")}
    for fuse_a, left in ((40.0, [0.0, 0.0]), (0.0, [0.0, 16.0])):
        circuits = {"yard": CircuitRules((fuse_a,) * 3), "garage": CircuitRules(SIXTEEN_A, "yard", True)}
        built = house(Rules(WIDE_A, chargers, circuits=circuits))
        built.behind_a = {"garage": NO_LINES}
        built.run(60)
        assert told(built)[1] == 16.0
        built.mute = {"garage"}
        built.run(13)
        assert told(built) == left
    built.circuits.clear()
    built = house(Rules(WIDE_A, chargers, circuits={**circuits, "yard": CircuitRules(SIXTEEN_A)}))
    built.run(20)
    assert set(reasons(built)) == {Reason.WAITING_TWO_READINGS}


def test_a_silent_circuit_meter_stops_the_chargers_below_it_and_nobody_else() -> None:
    """CHG-30, the loss matrix: frozen, the minimum from 5 s, nothing from 12 s, the relay at 15 s."""
    chargers = {
        "a": replace(RELAY, circuit="garage"),
        "b": ChargerRules(number=2, circuit="shed"),
    }
    circuits = {"garage": METERED, "shed": METERED}
    built = house(Rules(WIDE_A, chargers, circuits=circuits))
    built.behind_a = {"garage": NO_LINES, "shed": NO_LINES}
    built.run(60)
    before_a, beside_a = told(built)
    assert before_a >= 14.0
    built.mute = {"garage"}
    built.cars["a"].stuck_a = 15.0
    seen = []
    for _ in range(16):
        built.step()
        assert told(built)[1] >= beside_a
        seen.append((told(built)[0], reasons(built)[0], built.decision.command.chargers["a"].relay_closed))
    assert [amperes for amperes, _, _ in seen] == [before_a] * 4 + [6.0] * 7 + [0.0] * 5
    assert {code for amperes, code, _ in seen if amperes == 6.0} == {Reason.METER_STALE}
    assert seen[11][1] is Reason.METER_LOST
    assert [closed for _, _, closed in seen] == [True] * 14 + [False] * 2
    assert built.decision.chargers["a"].why.figures["circuit"] == "garage"
    assert built.decision.chargers["b"].hand is Hand.MODBUS


def test_nothing_starts_behind_a_circuit_meter_that_never_answered() -> None:
    rules = Rules(
        WIDE_A,
        {"a": ChargerRules(circuit="garage")},
        circuits={"garage": CircuitRules(SIXTEEN_A, metered=True)},
    )
    built = house(rules)
    built.run(20)
    assert (told(built), reasons(built)) == ([0.0], [Reason.WAITING_TWO_READINGS])


def test_a_charger_that_draws_too_much_for_its_circuit_defies_us() -> None:
    """CHG-33 on a circuit: 32 A through a 16 A fuse while the main fuse has room, measured or not."""
    for metered in (True, False):
        charger = replace(RELAY, circuit="garage", max_a=32.0)
        rules = Rules(WIDE_A, {"a": charger}, circuits={"garage": CircuitRules(SIXTEEN_A, metered=metered)})
        built = house(rules)
        built.behind_a = {"garage": NO_LINES} if metered else {}
        built.run(30)
        built.cars["a"].keeps_a = 32.0
        assert _seconds_in_hand(built) <= 8


def _seconds_in_hand(built: Bench) -> int:
    return built.until(lambda: built.decision.chargers["a"].hand is Hand.RELAY, 20)


def test_the_import_of_the_house_is_limited() -> None:
    """CHG-34: 8 kW with 1.38 kW of base load leave 6.62 kW: 9 A on three lines, up to half a step less."""
    built = house(Rules(WIDE_A, {"a": ChargerRules()}, power_limit_w=8000.0))
    built.run(60)
    assert (told(built), reasons(built)) == ([8.0], [Reason.POWER_LIMIT])
    built.base_a = (6.0, 2.0, 2.0)
    built.step()
    assert (told(built), reasons(built)) == ([8.0], [Reason.POWER_LIMIT])
    built.base_a = (8.0, 2.0, 2.0)
    built.step()
    assert told(built) == [7.0]
    built.sun_w = 8000.0
    built.run(60)
    assert told(built) == [16.0]


def test_one_line_charging_keeps_the_lines_together() -> None:
    """CHG-35: 20 A; a load on the same line takes from it, one on another line gives."""
    rules = Rules(WIDE_A, {"a": ChargerRules(lines=("L1",), max_a=32.0)}, imbalance_a=20.0)
    built = house(rules)
    built.run(60)
    assert (told(built), reasons(built)) == ([19.0], [Reason.IMBALANCE])
    built.base_a = (7.0, 2.0, 2.0)
    built.step()
    assert told(built) == [15.0]
    built.base_a = (2.0, 7.0, 2.0)
    built.run(30)
    assert told(built) == [19.0], "L3 is still as low"


def test_a_charger_on_three_lines_may_draw_on_one() -> None:
    """CHG-35: unmeasured and never tested it is counted everywhere, measured as soon as it shows."""
    chargers = {"a": ChargerRules(max_a=32.0)}
    for measured, most_a in ((False, 10.0), (True, 19.0)):
        built = house(Rules(WIDE_A, chargers, imbalance_a=20.0))
        built.cars["a"].lines, built.cars["a"].measured = ("L1",), measured
        for _ in range(90):
            built.step()
            assert max(built.line_a) - min(built.line_a) <= 20.0
        assert (told(built), reasons(built)) == ([most_a], [Reason.IMBALANCE])
    full = house(Rules(WIDE_A, chargers, imbalance_a=20.0), (12.0, 2.0, 2.0))
    full.cars["a"].lines = ("L1",)
    for _ in range(30):
        full.step()
        assert max(full.line_a) - min(full.line_a) <= 20.0, "before its lines are learned"
    built.cars["a"].lines = LINES
    built.run(60)
    assert told(built) == [32.0], "measured on all three it binds nobody"


def test_a_tested_charger_is_counted_everywhere_while_it_measures_nothing() -> None:
    """CHG-21, CHG-35: the test may have been wrong."""
    built = house(Rules(WIDE_A, {"a": ChargerRules(max_a=20.0)}, imbalance_a=20.0), (9.0, 2.0, 2.0))
    built.cars["a"].measured = False
    built.run(90)
    assert (told(built), reasons(built)) == ([12.0], [Reason.IMBALANCE])
    before = built.memory.chargers["a"]
    found = replace(before, lines=phases.proven(before.lines, LINES, built.now_s))
    built.memory = replace(built.memory, chargers={"a": found})
    built.run(90)
    assert told(built) == [12.0]
    built.cars["a"].measured = True
    built.run(90)
    assert told(built) == [20.0]


def test_a_measured_car_starts_only_where_one_line_alone_may_carry_it() -> None:
    """CHG-34, CHG-35: nobody knows its lines before it draws; the spread is 15 A."""
    built = house(Rules(WIDE_A, {"a": ChargerRules(max_a=32.0)}, imbalance_a=20.0), (17.0, 2.0, 2.0))
    built.cars["a"].lines = ("L1",)
    built.run(30)
    assert (told(built), reasons(built)) == ([0.0], [Reason.IMBALANCE])
    built.base_a = (15.0, 2.0, 2.0)
    for _ in range(60):
        built.step()
        assert max(built.line_a) - min(built.line_a) <= 20.0
    assert told(built) == [6.0]


def test_what_another_car_draws_on_the_lower_line_is_not_counted_on() -> None:
    """CHG-35: it may stop in the next second."""
    chargers = {
        "a": ChargerRules(lines=("L1",), max_a=32.0),
        "b": ChargerRules(2, lines=("L2",), max_a=32.0),
        "c": ChargerRules(3, lines=("L3",), max_a=32.0),
        "d": ChargerRules(4),
    }
    built = house(Rules((99.0, 99.0, 99.0), chargers, imbalance_a=20.0))
    built.run(60)
    assert told(built) == [19.0, 19.0, 19.0, 16.0]
    for gone in ("b", "c"):
        built.cars[gone].status = "A"
        built.step()
        assert max(built.line_a) - min(built.line_a) <= 20.0


def test_a_lowering_of_an_unmeasured_car_on_the_lower_line_is_not_room() -> None:
    """CHG-35: its current still holds the lower line up for some seconds."""
    chargers = {
        "a": ChargerRules(lines=("L1",), max_a=32.0),
        "b": ChargerRules(2, lines=("L2",), max_a=32.0),
    }
    built = house(Rules((99.0, 99.0, 99.0), chargers, imbalance_a=20.0), (2.0, 2.0, 40.0))
    built.cars["b"] = Car(lines=("L2",), measured=False, delay_s=5)
    built.run(200)
    before_a = told(built)[0]
    built.settings = Settings({"a": ChargerSettings("fast"), "b": ChargerSettings("off")})
    for _ in range(8):
        built.step()
        assert told(built)[0] <= before_a + 1.0


def test_a_charger_whose_wiring_nobody_knows_may_be_on_any_line() -> None:
    """CHG-20, CHG-35."""
    built = house(Rules(WIDE_A, {"a": ChargerRules(lines=(), max_a=32.0)}, imbalance_a=16.0))
    built.run(5)
    assert 0.0 < told(built)[0] <= 16.0
    built.run(60)
    assert told(built) == [32.0], "it was seen to use all three"
    built = house(Rules(WIDE_A, {"a": ChargerRules(lines=(), max_a=32.0)}, imbalance_a=16.0))
    built.cars["a"] = Car(lines=("L2",), measured=False)
    built.run(120)
    assert told(built)[0] > 0.0
    assert max(built.line_a) - min(built.line_a) <= 16.0


def test_a_person_may_lower_the_lines() -> None:
    """Only lower: a larger figure, none and what is no figure change nothing."""
    built = house(Rules(FUSE_A, {"a": ChargerRules()}))
    for chosen, most_a in [(12.0, 9.0), (0.0, 16.0), (99.0, 16.0), (float("nan"), 16.0), (14.0, 12.0)]:
        built.settings = replace(built.settings, chosen={"line_limit_a": chosen})
        built.run(40)
        assert most_a <= told(built)[0] <= most_a + 1.0


def test_two_unmeasured_cars_do_not_start_into_the_same_room() -> None:
    """CHG-34: the first is told its minimum, the meter does not show it yet."""
    built = house(Rules(FUSE_A, pair()), (15.0, 2.0, 2.0))
    for name in ("a", "b"):
        built.cars[name] = Car(measured=False, delay_s=4)
    for _ in range(60):
        built.step()
        assert 15.0 + sum(told(built)) <= 25.0
    assert max(built.line_a) <= 25.0


CONTACT = DimRules("contact", "dim")


def dimmable(rules: Rules, base_a: PerLine = (2.0, 2.0, 2.0)) -> Bench:
    built = house(rules, base_a)
    built.contacts = {"dim": True}
    return built


@pytest.mark.parametrize("mode", ["fast", "min_surplus"])
def test_the_operator_limits_in_the_same_cycle_and_releases_at_once(mode: str) -> None:
    """CHG-50: 4.2 kW are 6 A on three lines; back by 1 A a second."""
    built = dimmable(Rules(WIDE_A, {"a": ChargerRules()}, dim=CONTACT))
    built.settings = Settings({"a": ChargerSettings("fast" if mode == "fast" else "min_surplus")})
    built.sun_w = 0.0 if mode == "fast" else 9000.0
    built.run(60)
    assert built.decision.dim == Dim(False, 4200.0, "")
    before_a = told(built)[0]
    built.sun_w = 0.0
    built.contacts = {"dim": False}
    built.step()
    assert (told(built), built.decision.dim) == ([6.0], Dim(True, 4200.0, "contact"))
    built.contacts = {}
    built.step()
    assert (told(built), built.decision.dim) == ([6.0], Dim(True, 4200.0, "unknown"))
    built.contacts = {"dim": True}
    built.sun_w = 0.0 if mode == "fast" else 9000.0
    built.run(3)
    assert 6.0 < told(built)[0] <= 9.0
    built.run(30)
    assert told(built)[0] == before_a


def test_a_pause_of_the_operator_s_ends_a_minute_after_the_limit() -> None:
    """CHG-50: two chargers, one pump that nobody measures: 10.5 kW less 4.2 kW are 6 A for one of them."""
    rules = Rules(WIDE_A, pair(), heat_pumps={"hp": HeatPumpRules()}, dim=CONTACT)
    built = dimmable(rules)
    built.run(60)
    built.contacts = {"dim": False}
    built.step()
    assert told(built) == [9.0, 0.0]
    assert reasons(built) == [Reason.OPERATOR_LIMIT] * 2
    assert built.memory.chargers["b"].pause.stage is PauseStage.PAUSED
    built.contacts = {"dim": True}
    built.run(30)
    assert (told(built)[1], reasons(built)[1]) == (0.0, Reason.OPERATOR_LIMIT), (
        "its limit is away, its rest not"
    )
    assert built.decision.chargers["b"].why.figures["seconds_left"] == 31.0
    built.run(32)
    assert told(built)[1] >= 6.0


def test_a_charger_that_the_operator_stops_again_within_an_hour_rests_longer() -> None:
    """CHG-50: a fuse's pause would be a new one 20 min later."""
    built = dimmable(Rules(WIDE_A, {"a": ChargerRules()}, dim=replace(CONTACT, limit_w=1000.0)))
    built.run(60)
    left_s = []
    for _ in range(2):
        built.contacts = {"dim": False}
        built.run(2)
        built.contacts = {"dim": True}
        built.run(2)
        left_s.append(built.decision.chargers["a"].why.figures["seconds_left"])
        built.run(1200)
    assert left_s == [59.0, 117.0]


def test_a_limit_that_flaps_stops_a_charger_once_and_is_one_record() -> None:
    """CHG-50, CHG-51: every 4 s for a quarter of an hour; set-points that flow come and go with it."""
    built = dimmable(Rules(WIDE_A, pair(), heat_pumps={"hp": HeatPumpRules()}, dim=CONTACT))
    built.run(60)
    tolds, kinds = [told(built)], []
    for second in range(1000):
        built.contacts = {"dim": second >= 900 or second // 4 % 2 == 1}
        kinds += [event.kind for event in built.step().events if event.kind.startswith("evidence")]
        tolds.append(told(built))
    assert sum((one[1] > 0.0) is not (two[1] > 0.0) for one, two in pairwise(tolds)) == 2
    assert len({one[0] for one in tolds[:900]}) > 2
    assert kinds == ["evidence_began", "evidence_ended"]


def test_own_surplus_is_on_top_of_the_limit_but_not_the_battery_s() -> None:
    """CHG-50."""
    built = dimmable(Rules(WIDE_A, {"a": ChargerRules()}, dim=CONTACT))
    built.contacts = {"dim": False}
    built.sun_w = 1380.0 + 2760.0
    built.run(40)
    assert told(built) == [9.0]
    for power_w, most_a in [(-500.0, 9.0), (2000.0, 7.0)]:
        built.battery = BatteryReading(built.now_s + 1.0, power_w, 50.0)
        built.step()
        assert told(built)[0] <= most_a
    built.battery = BatteryReading(built.now_s - 60.0, -500.0, 50.0)
    built.step()
    assert told(built) == [6.0]


def test_what_heat_pumps_draw_is_theirs_as_long_as_it_is_fresh() -> None:
    """CHG-50: 7.56 kW for two; a pump that has fallen silent takes a whole limit."""
    rules = Rules(WIDE_A, {"a": ChargerRules()}, heat_pumps={"hp": HeatPumpRules()}, dim=CONTACT)
    built = dimmable(rules, (5.0, 5.0, 5.0))
    built.contacts = {"dim": False}
    for _ in range(40):
        built.heat_pumps = {"hp": HeatPumpReading(built.now_s, power_w=1000.0)}
        built.step()
    assert told(built) == [9.0]
    built.run(12)
    assert told(built) == [0.0]


def test_a_message_limits_until_its_end_which_is_told_once() -> None:
    """CHG-121."""
    built = dimmable(Rules(WIDE_A, {"a": ChargerRules(max_a=32.0)}, dim=DimRules("api")))
    limit = OperatorLimit(9000.0, WALL + timedelta(hours=1))
    built.settings = replace(built.settings, operator=limit)
    built.run(30)
    assert (told(built), built.decision.dim) == ([13.0], Dim(True, 9000.0, "api"))
    built.trusted, built.wall = False, WALL + timedelta(hours=2)
    built.step()
    assert told(built) == [13.0]
    built.trusted = True
    assert built.step().asks == (SetOperatorLimit(None),)
    assert built.step().asks == ()
    built.settings = replace(built.settings, operator=None)
    built.run(5)
    assert told(built)[0] > 13.0


def test_a_limitation_is_recorded_with_what_it_did() -> None:
    """CHG-51."""
    built = dimmable(Rules(WIDE_A, {"a": ChargerRules()}, dim=CONTACT))
    built.contacts = {}
    assert built.step().events == (), "nobody knows the contact yet"
    built.contacts = {"dim": True}
    assert built.step().events == ()
    built.run(60)
    built.contacts = {"dim": False}
    (event,) = built.step().events
    assert (event.kind, event.key, event.at) == ("evidence_began", "operator", WALL)
    assert event.figures == {
        "limit_w": 4200.0,
        "source": "contact",
        "began.ev_w": 11040,
        "began.grid_w": 12420,
        "began.pot_w": 4200,
        "began.own_w": 0,
        "began.a.before_a": 16.0,
        "began.a.after_a": 6.0,
    }
    assert built.step().events == ()
    built.contacts, built.wall = {"dim": True}, WALL + timedelta(seconds=9)
    assert built.run(60).events == ()
    built.wall += timedelta(seconds=60)
    (event,) = built.step().events
    assert (event.kind, event.at) == ("evidence_ended", WALL + timedelta(seconds=9))
    assert (event.figures["ended.a.before_a"], event.figures["ended.ev_w"]) == (6.0, 4140)


def test_a_car_that_never_obeys_rests_longer_and_longer() -> None:
    """CHG-33: its relay opens a few times in the first hours, not every minute; a new car begins anew."""
    built = charging(bench(charger=RELAY), 12.0)
    (car,) = built.cars.values()
    car.keeps_a, built.base_a = 16.0, (18.0, 2.0, 2.0)
    opened, closed = [], True
    for second in range(2400):
        now_closed = built.step().command.chargers["garage"].relay_closed
        if closed and not now_closed:
            opened.append(second)
        closed = now_closed
    rests = [after - before for before, after in pairwise(opened)]
    assert [rest // 300 for rest in rests] == [1, 2, 4]
    assert built.memory.chargers["garage"].pause.defied == len(opened)
    car.keeps_a, car.status = None, "A"
    built.run(60)
    car.status = "C"
    built.base_a = (2.0, 2.0, 2.0)
    built.run(60)
    assert (built.told_a(), built.memory.chargers["garage"].pause.defied) == (16.0, 0)


def test_a_car_that_ignores_0_a_does_not_make_its_relay_chatter() -> None:
    """CHG-33, CHG-61: off, but it draws as soon as its relay closes."""
    built = charging(bench(charger=RELAY))
    (car,) = built.cars.values()
    car.keeps_a = 10.0
    built.order("off")
    opened, closed = 0, True
    for _ in range(1800):
        now_closed = built.step().command.chargers["garage"].relay_closed
        opened, closed = opened + (closed and not now_closed), now_closed
    assert 1 <= opened <= 3


@pytest.mark.parametrize(("more_a", "line_a"), [(2.0, 25.0), (3.0, 25.0)])
def test_a_car_that_draws_a_little_too_much_is_told_less(more_a: float, line_a: float) -> None:
    """CHG-33: 27 A on 25 A is no reason to pause at once, and none to let it be."""
    built = charging(bench(charger=ChargerRules(step_a=0.1)), 16.0)
    (car,) = built.cars.values()
    built.base_a = (13.0, 2.0, 2.0)
    for second in range(400):
        built.step()
        car.keeps_a = built.told_a() + more_a if built.told_a() else None
        assert built.told_a() > 0.0
        if second > 75:
            assert max(built.line_a) <= line_a + 1e-6


def test_a_car_that_a_lower_set_point_does_not_help_is_paused() -> None:
    """CHG-33: 60 s, and 60 s more."""
    built = charging(bench(), 16.0)
    (car,) = built.cars.values()
    car.keeps_a, built.base_a = 13.0, (14.0, 2.0, 2.0)
    built.run(3)
    before_a = built.told_a()
    built.run(65)
    assert 0.0 < built.told_a() < before_a
    assert built.until(lambda: built.told_a() == 0.0, 80) >= 50
    assert built.one().why.code is Reason.LINE_LIMIT


@pytest.mark.parametrize("rooms_a", [*permutations((9.0, 11.0, 14.0)), *permutations((3.0, 5.0, 14.0))])
@pytest.mark.parametrize("metered", [True, False])
def test_of_several_limits_the_tightest_is_named(metered: bool, rooms_a: tuple[float, ...]) -> None:
    """CHG-1: fuse, circuit and operator at once, on the way up and on the way down."""
    fuse_a, circuit_a, pot_a = rooms_a
    codes = (Reason.LINE_LIMIT, Reason.CIRCUIT_LIMIT, Reason.OPERATOR_LIMIT)
    wide = Rules(
        WIDE_A,
        {"a": ChargerRules(circuit="garage")},
        circuits={"garage": CircuitRules(WIDE_A, metered=metered)},
        dim=replace(CONTACT, limit_w=690.0 * pot_a + 1.0),
    )
    tight = replace(
        wide,
        fuse_a=(fuse_a + 2.0,) * 3,
        circuits={"garage": CircuitRules((circuit_a,) * 3, metered=metered)},
    )
    for first, dimmed, seconds in ((tight, False, 60), (wide, True, 1)):
        built = dimmable(first)
        built.behind_a = {"garage": NO_LINES} if metered else {}
        built.contacts = {"dim": dimmed}
        built.run(60)
        built.rules, built.contacts = tight, {"dim": False}
        built.run(seconds)
        assert told(built) == [min(rooms_a) if min(rooms_a) >= 6.0 else 0.0] or seconds > 1
        assert reasons(built) == [codes[rooms_a.index(min(rooms_a))]]


def test_a_paused_charger_names_who_holds_it_now() -> None:
    """CHG-1: the fuse has room again, the operator leaves none; then the fuse's minute runs."""
    built = dimmable(Rules(FUSE_A, {"a": ChargerRules()}, dim=replace(CONTACT, limit_w=2000.0)))
    built.run(60)
    built.base_a = (22.0, 2.0, 2.0)
    built.run(5)
    assert (told(built), reasons(built)) == ([0.0], [Reason.LINE_LIMIT])
    built.base_a, built.contacts = (2.0, 8.0, 2.0), {"dim": False}
    built.run(30)
    assert (told(built), reasons(built)) == ([0.0], [Reason.OPERATOR_LIMIT])
    built.contacts = {"dim": True}
    built.step()
    assert (told(built), reasons(built)) == ([0.0], [Reason.LINE_LIMIT])
    assert built.decision.chargers["a"].why.figures["seconds_left"] == 60.0
    assert built.decision.chargers["a"].why.figures["line"] == "L1", "though L2 has less"
    built.rules = replace(built.rules, chargers={"a": ChargerRules(lines=("L2",))})
    elsewhere = replace(built.memory.chargers["a"], lines=phases.State())
    built.memory = replace(built.memory, chargers={"a": elsewhere})
    built.step()
    assert built.decision.chargers["a"].why.figures["line"] == "L2", "L1 concerns it no more"


@pytest.mark.parametrize("rules", [Rules(FUSE_A, dim=CONTACT), Rules(FUSE_A, power_limit_w=5600.0)])
def test_a_pause_under_an_agreed_power_ends_once_the_minimum_fits(rules: Rules) -> None:
    """CHG-33, CHG-50: 4.2 kW are 6 A and no 7 A; a kettle for 3 s is no reason to stand still for hours."""
    built = dimmable(replace(rules, chargers={"a": ChargerRules()}))
    built.contacts = {"dim": False}
    built.run(60)
    assert told(built) == [6.0]
    built.base_a = (22.0, 2.0, 2.0)
    built.run(3)
    assert told(built) == [0.0]
    built.base_a = (2.0, 2.0, 2.0)
    built.step()
    left_s = built.decision.chargers["a"].why.figures["seconds_left"]
    assert isinstance(left_s, float)
    assert built.until(lambda: told(built) == [6.0], 70) <= left_s + 2.0


def test_a_full_fuse_keeps_its_ampere_to_spare_under_a_tighter_power() -> None:
    """CHG-33: the pot is the tightest, and L1 has 6.5 A."""
    built = dimmable(Rules(FUSE_A, {"a": ChargerRules()}, dim=CONTACT))
    built.contacts = {"dim": False}
    built.run(60)
    built.base_a = (22.0, 2.0, 2.0)
    built.run(3)
    built.base_a = (18.5, 2.0, 2.0)
    built.run(120)
    assert told(built) == [0.0]
    built.base_a = (17.9, 2.0, 2.0)
    built.run(70)
    assert told(built) == [6.0]


def stubborn(rules: Rules) -> Bench:
    """A car on 16 A that hears nothing any more, while its charger acknowledges all."""
    built = house(replace(rules, chargers={"a": RELAY}))
    built.contacts = {"dim": True}
    built.run(60)
    built.cars["a"].keeps_a = 16.0
    return built


def test_who_draws_on_while_the_operator_limits_is_paused_and_its_relay_opens() -> None:
    """CHG-50: as for a fuse, after 10 s and 3 s more; the car then rests."""
    built = stubborn(Rules(WIDE_A, dim=CONTACT))
    built.contacts = {"dim": False}
    built.step()
    assert (told(built), reasons(built)) == ([6.0], [Reason.OPERATOR_LIMIT])
    built.run(10)
    assert told(built) == [6.0]
    built.step()
    assert (told(built), reasons(built)) == ([0.0], [Reason.OPERATOR_LIMIT])
    relay = []
    for _ in range(3):
        relay.append(built.step().command.chargers["a"].relay_closed)
    assert relay == [True, True, False]
    assert built.decision.chargers["a"].hand is Hand.RELAY
    built.run(60)
    assert (told(built), built.cars["a"].draw_a()) == ([0.0], 0.0)


def test_who_keeps_the_house_above_its_import_is_paused_after_a_minute() -> None:
    """CHG-34: 12.4 kW in place of 8."""
    built = stubborn(Rules(WIDE_A, power_limit_w=8000.0))
    assert built.until(lambda: not built.decision.command.chargers["a"].relay_closed, 80) == 64


def test_an_import_that_nobody_sees_is_not_held_against_a_car() -> None:
    built = stubborn(Rules(WIDE_A, power_limit_w=8000.0))
    built.run(57)
    built.meter = False
    built.run(4)
    built.meter = True
    built.run(20)
    assert built.decision.command.chargers["a"].relay_closed


def test_only_who_draws_more_than_it_is_told_defies_a_limit_of_power() -> None:
    """CHG-50: nobody is blamed for what others draw, for less than its minimum, or unmeasured."""
    for keeps_a, measured in ((11.0, True), (16.0, False)):
        built = stubborn(Rules(WIDE_A, dim=CONTACT))
        built.cars["a"].keeps_a, built.cars["a"].measured = keeps_a, measured
        built.contacts = {"dim": False}
        built.run(60)
        assert (told(built), built.decision.chargers["a"].hand) == ([6.0], Hand.MODBUS)
    built = stubborn(Rules(WIDE_A, dim=CONTACT))
    built.cars["a"].measured = built.cars["a"].answers = False
    built.contacts = {"dim": False}
    built.run(18)
    assert built.decision.command.chargers["a"].relay_closed, "only its own watchdog is waited for"
    chargers = {"a": RELAY, "b": replace(RELAY, number=2)}
    built = house(Rules(WIDE_A, chargers, dim=replace(CONTACT, factors=())))
    built.contacts = {"dim": True}
    built.run(60)
    built.cars["b"].keeps_a = 16.0
    built.contacts = {"dim": False}
    built.run(30)
    assert [one.hand for one in built.decision.chargers.values()] == [Hand.MODBUS, Hand.RELAY]
