"""Battery, heat pumps and loads beside the chargers, on the scripted bench: what they do to each other."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.appliances import HeatPumpRules, LoadRules, SgReadyRules
from hems.core.loads import path
from hems.core.rules import ChargerRules, DimRules, MeterRules, Rules, SurplusRules
from hems.model.intents import SetHeatPump
from hems.model.settings import Mode, SgByHand
from hems.model.units import LINES, NO_LINES
from hems.model.why import Reason
from tests.core.bench import FUSE_A, WALL
from tests.core.home import House, house
from tests.core.reasons import set_point_a

ONE = {"garage": ChargerRules()}
FIRST = SurplusRules(battery_priority_pct=50.0, battery_buffer_pct=80.0, battery_support_w=2500.0)


def test_a_battery_below_its_level_comes_first_and_that_is_said() -> None:
    """CHG-12: the car gets what the battery cannot take, but 100 W."""
    home = house("surplus", Rules(FUSE_A, ONE, surplus=FIRST), sun_w=9000.0, charge_w=8000.0, level_pct=30.0)
    home.run(300)
    assert home.told_a() == 0.0
    assert home.one().why.code is Reason.BATTERY_FIRST
    assert set_point_a(home.one().why) == 0.0
    assert home.one().why.text == "battery first"
    home.charge_w = 2000.0
    home.run(400)
    assert home.told_a() == 8.0, "9 kW of sun, 1.4 for the house, 2 for the battery"
    assert home.battery is not None
    assert home.battery.power_w == -2000.0


def test_a_battery_gets_back_what_the_car_took_when_the_sun_goes_down() -> None:
    """CHG-12: first means that the car gives way, not that it may keep what it has."""
    home = house(
        "surplus", Rules(FUSE_A, ONE, surplus=FIRST), sun_w=11_000.0, charge_w=3000.0, level_pct=30.0
    )
    home.run(400)
    assert home.told_a() >= 9.0
    home.sun_w = 6000.0
    home.run(300)
    assert home.told_a() == 0.0
    assert home.battery is not None
    assert home.battery.power_w == -3000.0


def test_above_its_buffer_the_battery_gives_the_car_all_and_its_support() -> None:
    """CHG-12."""
    home = house("surplus", Rules(FUSE_A, ONE, surplus=FIRST), sun_w=3400.0, charge_w=5000.0, level_pct=90.0)
    home.run(200)
    assert home.told_a() == 6.0, "2 kW of sun and 2.5 kW of the battery"


def test_too_little_sun_for_a_start_even_with_the_battery_is_too_little_sun() -> None:
    home = house("surplus", Rules(FUSE_A, ONE, surplus=FIRST), sun_w=2000.0, charge_w=8000.0, level_pct=30.0)
    home.run(100)
    assert home.one().why.code is Reason.SURPLUS_LOW


def test_where_lines_are_billed_one_by_one_the_poorest_line_counts() -> None:
    """CHG-10: 13 A of sun on each line, but 11 of them are needed on L1 already."""
    rules = Rules(FUSE_A, ONE, surplus=SurplusRules(per_line=True))
    home = house("surplus", rules, sun_w=9000.0, quiet_a=(11.0, 0.0, 0.0))
    home.run(200)
    assert home.told_a() == 0.0
    home.quiet_a = (3.0, 0.0, 0.0)
    home.run(200)
    assert home.told_a() == 10.0
    one_line = replace(rules, chargers={"garage": ChargerRules(lines=("L2",))})
    home = house("surplus", one_line, sun_w=9000.0, quiet_a=(3.0, 0.0, 0.0))
    home.cars["garage"].lines = ("L2",)
    home.run(200)
    assert home.told_a() == 10.0


def test_where_lines_are_billed_one_by_one_the_first_car_leaves_the_poorest_line() -> None:
    """CHG-10, CHG-41: 13 A on each line; who takes 13 of them on one leaves nothing."""
    chargers = {"a": ChargerRules(lines=("L1",)), "b": ChargerRules(lines=("L2",))}
    rules = Rules(FUSE_A, chargers, surplus=SurplusRules(per_line=True))
    home = house("surplus", rules, sun_w=9000.0, quiet_a=NO_LINES)
    home.cars["a"].lines, home.cars["b"].lines = ("L1",), ("L2",)
    home.run(100)
    assert [one.limit_a for one in home.decision.chargers.values()] == [13.0, 0.0]


def pumped(priority: int, mode: Mode = "surplus", **more: object) -> House:
    pump = HeatPumpRules(surplus="positive", priority=priority, power_w=3000.0)
    return house(mode, Rules(FUSE_A, ONE, heat_pumps={"hp": pump}), pump_w=3000.0, **more)


def test_with_the_same_priority_the_car_comes_first_and_the_pump_has_the_rest() -> None:
    """CHG-102: a pump that draws the sun a car waits for gives way to its start."""
    home = pumped(0, sun_w=1380.0 + 3500.0)
    home.cars["garage"].status = "A"
    home.run(300)
    assert home.drawn_w == 3000.0
    home.cars["garage"].status = "C"
    home.run(400)
    assert home.told_a() == 6.0
    assert home.decision.command.surplus_w["hp"] < 700.0


def test_a_pump_with_the_larger_priority_comes_first() -> None:
    """CHG-102: it keeps what it does not draw yet; the car has what is left."""
    home = pumped(1, sun_w=1380.0 + 3500.0)
    home.run(700)
    assert home.drawn_w == 3000.0
    assert home.told_a() == 0.0
    home.sun_w = 1380.0 + 3000.0 + 4600.0
    home.run(400)
    assert home.told_a() == 6.0
    assert home.drawn_w == 3000.0


def test_a_pump_that_has_no_use_for_the_sun_does_not_keep_it() -> None:
    """CHG-102: after ten minutes the car has it."""
    home = pumped(1, sun_w=1380.0 + 3500.0)
    home.pump_w = 0.0
    home.run(500)
    assert home.told_a() == 0.0
    home.run(300)
    assert home.told_a() == 6.0 - 1.0 or home.told_a() == 6.0


CONTACTS = {"hp": SgReadyRules(("one", "two"), heat_pump="hp")}


def test_sun_recommends_the_pump_to_run() -> None:
    """CHG-101: after 10 min of normal and 5 of sun; the pump's own draw does not end it."""
    home = house("off", Rules(FUSE_A, ONE, sg_ready=CONTACTS), sun_w=4900.0, pump_w=3000.0)
    assert home.until(lambda: home.decision.command.relays["two"], 700) <= 602
    home.run(900)
    assert home.decision.command.relays == {"one": False, "two": True}
    assert home.decision.heat_pumps["hp"].why.text == "sun 3520 W"


def test_a_limit_of_the_operator_locks_the_pump_in_the_same_cycle() -> None:
    """CHG-101, CHG-122: also against a person."""
    rules = Rules(FUSE_A, ONE, sg_ready=CONTACTS, dim=DimRules("contact", contact="dim"))
    home = house("off", rules, sun_w=4900.0, contacts={"dim": True})
    order = SgByHand("forced", WALL + timedelta(hours=1))
    home.settings = replace(home.settings, heat_pumps={"hp": order})
    home.run(650)
    assert home.decision.command.relays == {"one": True, "two": True}
    home.contacts["dim"] = False
    home.step()
    assert home.decision.command.relays == {"one": True, "two": False}


def test_an_order_that_is_over_is_given_back() -> None:
    """CHG-122."""
    home = house("off", Rules(FUSE_A, ONE, sg_ready=CONTACTS))
    home.settings = replace(home.settings, heat_pumps={"hp": SgByHand("locked", WALL + timedelta(hours=1))})
    home.run(10)
    assert home.decision.heat_pumps["hp"].sg == "locked"
    home.wall = WALL + timedelta(hours=2)
    assert SetHeatPump("hp", None) in home.step().asks


def test_without_the_grid_meter_nothing_is_offered() -> None:
    """The loss matrix, to the second."""
    both = HeatPumpRules(surplus="positive")
    home = house("off", Rules(FUSE_A, ONE, sg_ready=CONTACTS, heat_pumps={"hp": both}), sun_w=4900.0)
    home.run(650)
    assert home.decision.command.relays["two"] is True
    home.meter = False
    home.run(11)
    assert home.decision.command.surplus_w["hp"] > 3000.0
    home.run(2)
    assert home.decision.command.surplus_w["hp"] == 0.0
    assert home.decision.heat_pumps["hp"].sg == "normal"
    home.meter = True
    home.run(3)
    assert home.decision.command.surplus_w["hp"] > 3000.0


LOADS = {"boiler": LoadRules("r1", LINES, 6900.0), "pool": LoadRules("r2", ("L1",), 1150.0)}


def test_loads_go_before_a_car_is_paused_and_come_back_after_it() -> None:
    """CHG-36: 25 A, boiler 10 A, pool 5 A; then the house leaves the car no more than its minimum."""
    home = house("fast", Rules(FUSE_A, ONE, loads=LOADS))
    home.run(60)
    assert home.decision.loads == {"boiler": True, "pool": True}
    assert home.told_a() == 7.0
    home.quiet_a = (4.0, 2.0, 2.0)
    home.run(6)
    assert home.decision.loads == {"boiler": False, "pool": True}
    assert home.told_a() >= 6.0
    home.run(60)
    assert home.told_a() == 15.0
    home.quiet_a = (1.5, 2.0, 2.0)
    home.run(400)
    assert home.decision.loads == {"boiler": False, "pool": True}, "2.5 A to spare are not 3"
    home.quiet_a, home.most_a = (1.0, 2.0, 2.0), NO_LINES
    back_s = home.until(lambda: home.decision.loads["boiler"], 400)
    assert 60 <= back_s <= 75
    assert home.told_a() <= 9.0
    home.run(300)
    assert home.decision.loads == {"boiler": True, "pool": True}
    assert home.told_a() == 8.0, "half of what is free, in whole steps"
    assert max(home.most_a) <= 25.0


def test_a_pause_gives_the_loads_up_so_that_it_can_end() -> None:
    """CHG-36: safety first, the car is paused at once; shedding gives the room back for its minimum."""
    home = house("fast", Rules(FUSE_A, ONE, loads=LOADS))
    home.run(60)
    home.quiet_a = (12.0, 12.0, 12.0)
    home.run(3)
    assert home.told_a() == 0.0
    assert home.decision.loads["boiler"] is False
    home.run(80)
    assert home.told_a() >= 6.0


def test_the_room_of_a_load_that_comes_back_is_no_cars() -> None:
    """CHG-34: while it is about to, the car goes down; not before that does its relay close."""
    home = house("fast", Rules(FUSE_A, ONE, loads={"boiler": LOADS["boiler"]}))
    home.cars["garage"].delay_s = 5
    home.run(60)
    home.quiet_a = (9.0, 9.0, 9.0)
    home.run(20)
    assert home.decision.loads == {"boiler": False}
    home.quiet_a = (2.0, 2.0, 2.0)
    home.most_a = NO_LINES
    home.run(600)
    assert home.decision.loads == {"boiler": True}
    assert max(home.most_a) <= 25.0


def test_a_load_does_not_come_back_into_what_a_deaf_car_may_draw() -> None:
    """CHG-34: it is not spoken for either, so the cars that obey keep the room."""
    home = house("fast", Rules(FUSE_A, ONE, loads={"boiler": LOADS["boiler"]}))
    home.run(60)
    home.quiet_a = (9.0, 9.0, 9.0)
    home.run(60)
    assert home.told_a() == 15.0
    home.cars["garage"].answers, home.cars["garage"].measured = False, False
    home.quiet_a = (2.0, 2.0, 2.0)
    home.run(600)
    assert home.memory.loads.loads["boiler"].stage == "shed"


def test_the_operators_limit_sheds_no_load() -> None:
    """CHG-50 is about devices that can be controlled; a load behind a relay of ours is not told any power."""
    home = house("fast", Rules(FUSE_A, ONE, loads=LOADS, dim=DimRules("contact", contact="dim")))
    home.contacts = {"dim": False}
    home.run(30)
    assert home.decision.loads == {"boiler": True, "pool": True}


def test_loads_stay_as_they_are_while_the_meter_is_silent() -> None:
    """CHG-36."""
    home = house("fast", Rules(FUSE_A, ONE, loads=LOADS))
    home.run(60)
    home.meter, home.quiet_a = False, (20.0, 20.0, 20.0)
    home.run(100)
    assert home.decision.loads == {"boiler": True, "pool": True}


blocks = st.lists(
    st.tuples(
        st.tuples(*[st.sampled_from([0.0, 2.0, 7.0, 11.0, 17.0, 26.0])] * 3),
        st.sampled_from([0.0, 4000.0, 9000.0]),
        st.sampled_from(["fast", "surplus", "min_surplus", "off"]),
        st.sampled_from([3, 40, 90, 330]),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=5, deadline=None)
@given(blocks)
def test_no_load_and_no_car_ever_makes_an_overload(
    story: list[tuple[tuple[float, float, float], float, Mode, int, bool]],
) -> None:
    """CHG-34, CHG-36: above its fuse a line is only by what the house itself draws, and then for seconds.

    Every set-point is worked out again from its reason.
    """
    chargers = {"garage": ChargerRules(), "yard": ChargerRules(lines=("L1",), priority=1)}
    rules = Rules(FUSE_A, chargers, loads=LOADS, sg_ready=CONTACTS, meter=MeterRules(back_s=5.0))
    home = house("fast", rules)
    home.cars["yard"].lines = ("L1",)
    running: Mapping[str, bool] = {}
    for quiet_a, sun_w, mode, times, meter in story:
        home.quiet_a, home.sun_w, home.meter = quiet_a, sun_w, meter
        home.order(mode)
        for second in range(times):
            decision = home.step()
            for one in decision.chargers.values():
                assert abs(set_point_a(one.why) - one.limit_a) < 1e-6, one
            closed = [name for name, on in decision.loads.items() if on and not running.get(name, False)]
            running = decision.loads
            if second > 2 and meter:
                for line, name in enumerate(LINES):
                    more_a = sum(path(LOADS[load]).get(name, 0.0) for load in closed)
                    assert not more_a or home.line_a[line] + more_a <= FUSE_A[line] + 1e-6
