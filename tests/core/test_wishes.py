"""Who gets the sun, and what holds a start or a stop back, on a scripted bench."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from hems.core.rules import ChargerRules, ChargingRules, Rules
from hems.core.tariff import TariffRules, Window
from hems.model.settings import ChargerSettings, Settings, Target
from hems.model.why import Reason
from tests.core.bench import FUSE_A, WALL, Bench, Car, bench, codes


def test_an_unmeasured_surplus_charger_rises_every_10_s() -> None:
    """CHG-11, CHG-15: without a measurement its set-point counts, and it settles for 10 s."""
    house = bench("surplus", car=Car(measured=False, status=None, delay_s=3), sun_w=12_000.0)
    house.until(lambda: house.told_a() == 8.0, 120)
    assert house.until(lambda: house.told_a() == 9.0, 20) == 10
    house.run(200)
    assert 13.0 <= house.told_a() <= 15.0


def test_a_charger_that_tells_no_status_is_offered_current_and_booked_with_what_flows() -> None:
    """CHG-2, CHG-18: nobody says whether a car is there; one that takes little leaves the rest to others."""
    chargers = {"mute": ChargerRules(), "other": ChargerRules()}
    cars = {"mute": Car(status=None, most_a=8.0), "other": Car()}
    house = Bench(Rules(FUSE_A, chargers), cars, Settings())
    house.order("fast")
    house.run(40)
    assert house.decision.chargers["mute"].limit_a > 8.0
    house.run(80)
    assert house.decision.chargers["other"].limit_a >= 12.0, "25 - 2 - 8 A and two of margin"


def test_the_sun_goes_to_the_first_in_turn_and_then_to_the_next() -> None:
    """CHG-40, CHG-41: priority first; what it cannot use is the next one's."""
    chargers = {"low": ChargerRules(lines=("L1",)), "high": ChargerRules(lines=("L2",), priority=1)}
    house = Bench(
        Rules(FUSE_A, chargers), {"low": Car(("L1",)), "high": Car(("L2",))}, Settings(), sun_w=3000.0
    )
    house.order("surplus")
    house.run(150)
    assert house.decision.chargers["high"].limit_a == 7.0
    assert house.decision.chargers["low"].limit_a == 0.0
    house.sun_w = 1380.0 + 230.0 * 24.5
    house.run(150)
    assert house.decision.chargers["high"].limit_a == 16.0
    assert house.decision.chargers["low"].limit_a == 8.0


@pytest.mark.parametrize(
    ("user_max_a", "cable_a", "told_a", "code"),
    [
        (9.5, None, 9.0, Reason.USER_MAX),
        (32.0, 13.0, 13.0, Reason.CABLE_MAX),
        (32.0, None, 16.0, Reason.FAST),
        (float("nan"), None, 0.0, Reason.USER_MAX),
        (5.0, None, 0.0, Reason.USER_MAX),
    ],
)
def test_the_smallest_limit_binds(
    user_max_a: float, cable_a: float | None, told_a: float, code: Reason
) -> None:
    """CHG-14."""
    house = bench(car=Car(extra={"cable_max_a": cable_a}))
    house.order("fast", user_max_a)
    assert codes(house, 40)[-1] == (told_a, code)


def test_pauses_by_a_fuse_cost_no_budget_and_a_stop_waits_for_none() -> None:
    """CHG-17: nobody is charged through the night because clouds or a fuse have used up the starts."""
    quick = ChargingRules(start_delay_s=1.0, stop_delay_s=1.0, min_on_s=1.0, contactor_per_day=2)
    rules = Rules(FUSE_A, {"garage": ChargerRules()}, charging=quick)
    house = Bench(rules, {"garage": Car()}, Settings({"garage": ChargerSettings("surplus")}), sun_w=9000.0)
    for _ in range(2):
        house.until(lambda: house.told_a() > 0.0, 200)
        house.base_a = (40.0, -18.0, -18.0)
        assert house.until(lambda: house.told_a() == 0.0, 5) == 1
        house.base_a = (2.0, 2.0, 2.0)
    assert house.until(lambda: house.told_a() > 0.0, 200) > 50
    assert len(house.memory.chargers["garage"].switchings.times_mono_s) == 1, "the first start"
    house.sun_w = 0.0
    assert house.until(lambda: house.told_a() == 0.0, 30) > 1
    house.sun_w = 9000.0
    house.run(400)
    assert (house.told_a(), house.one().why.code) == (0.0, Reason.BUDGET)


def test_a_pause_whose_mode_gives_up_meanwhile_was_the_modes_stop() -> None:
    """CHG-17: the next start is paid again."""
    quick = ChargingRules(start_delay_s=1.0, stop_delay_s=1.0, min_on_s=1.0, min_off_s=1.0)
    rules = Rules(FUSE_A, {"garage": ChargerRules()}, charging=quick)
    house = Bench(rules, {"garage": Car()}, Settings({"garage": ChargerSettings("surplus")}), sun_w=9000.0)
    house.until(lambda: house.told_a() > 0.0, 90)
    house.base_a, house.sun_w = (40.0, 2.0, 2.0), 0.0
    house.run(30)
    house.base_a, house.sun_w = (2.0, 2.0, 2.0), 9000.0
    house.until(lambda: house.told_a() > 0.0, 200)
    memory = house.memory.chargers["garage"]
    assert (len(memory.starts.times_mono_s), len(memory.switchings.times_mono_s)) == (2, 2)


@pytest.mark.parametrize(
    ("orders", "starts"),
    [
        (ChargerSettings("surplus"), 5),
        (ChargerSettings("surplus", off_peak=True), 2),
        (ChargerSettings("surplus", cheap=True), 2),
        (ChargerSettings("surplus_target", target=Target(WALL + timedelta(days=2), energy_wh=9e3)), 2),
        (ChargerSettings("surplus", target=Target(WALL + timedelta(days=2), energy_wh=9e3)), 5),
    ],
)
def test_the_sun_leaves_switchings_to_the_night(orders: ChargerSettings, starts: int) -> None:
    """CHG-17: a cloudy day does not cost the cheap hours that were ordered."""
    quick = ChargingRules(
        start_delay_s=1.0,
        stop_delay_s=1.0,
        min_on_s=1.0,
        min_off_s=1.0,
        starts_per_hour=20,
        contactor_per_day=10,
    )
    tariff = TariffRules("contact", otherwise="peak", contact="hc", closed="off_peak")
    rules = Rules(FUSE_A, {"garage": ChargerRules()}, charging=quick, tariff=tariff)
    house = Bench(rules, {"garage": Car()}, Settings({"garage": orders}), contacts={"hc": False})
    for second in range(400):
        house.sun_w = 9000.0 if second % 40 < 20 else 0.0
        house.step()
    assert len(house.memory.chargers["garage"].starts.times_mono_s) == starts
    if orders.off_peak:
        house.contacts = {"hc": True}
        assert house.until(lambda: house.told_a() > 0.0, 10) < 5


@pytest.mark.parametrize("flaps", ["contact", "clock"])
def test_a_tariff_that_flaps_moves_no_contactor(flaps: str) -> None:
    """CHG-16, CHG-17: every 5 s for an hour; at most four starts."""
    house = bench("surplus")
    tariff = TariffRules("contact", otherwise="peak", contact="hc", closed="off_peak")
    if flaps == "clock":
        tariff = TariffRules("static", otherwise="peak", windows=(Window("off_peak", 0, 1439),))
    house.rules = replace(house.rules, tariff=tariff)
    house.settings = Settings({"garage": ChargerSettings("surplus", off_peak=True)})
    told = []
    for second in range(3600):
        on = second // 5 % 2 == 0
        house.contacts, house.trusted = {"hc": on}, flaps == "contact" or on
        house.step()
        told.append(house.told_a())
    moves = [second for second in range(1, 3600) if (told[second] > 0.0) is not (told[second - 1] > 0.0)]
    assert len(moves) <= 8
    assert all(later - earlier >= 300 for earlier, later in pairwise(moves))


def test_budgets_hold_over_a_cloudy_hour() -> None:
    """CHG-17: four starts an hour, and ten a day with their stops; then it waits and says so."""
    quick = ChargingRules(start_delay_s=5.0, stop_delay_s=5.0, min_on_s=10.0, min_off_s=10.0)
    rules = Rules(FUSE_A, {"garage": ChargerRules()}, charging=quick)
    house = Bench(rules, {"garage": Car()}, Settings({"garage": ChargerSettings("surplus")}))
    starts, said, last_a = [], set(), 0.0
    for second in range(8000):
        house.sun_w = 9000.0 if second % 120 < 60 else 0.0
        house.step()
        said.add(house.one().why.code)
        if house.told_a() > last_a == 0.0:
            starts.append(house.now_s)
        last_a = house.told_a()
    assert len(starts) == 10
    assert all(later - earlier >= 3600.0 for earlier, later in zip(starts, starts[4:], strict=False))
    assert Reason.BUDGET in said


def test_switchings_of_a_day_are_a_budget_too() -> None:
    """CHG-17: with the last two gone it does not start."""
    quick = ChargingRules(
        start_delay_s=1.0,
        stop_delay_s=1.0,
        min_on_s=1.0,
        min_off_s=1.0,
        starts_per_hour=20,
        contactor_per_day=5,
    )
    rules = Rules(FUSE_A, {"garage": ChargerRules()}, charging=quick)
    house = Bench(rules, {"garage": Car()}, Settings({"garage": ChargerSettings("surplus")}))
    switchings, last_a = 0, 0.0
    for second in range(600):
        house.sun_w = 9000.0 if second % 60 < 30 else 0.0
        house.step()
        switchings += (house.told_a() > 0.0) is not (last_a > 0.0)
        last_a = house.told_a()
    assert switchings == 4
    assert house.one().why.code in (Reason.BUDGET, Reason.SURPLUS_LOW)


def test_energy_since_plug_in_decides_between_equals() -> None:
    """CHG-40: of two cars plugged in together the one that got less goes first."""
    rules = Rules((9.0, 9.0, 9.0), {"a": ChargerRules(), "b": ChargerRules()})
    house = Bench(rules, {"a": Car(), "b": Car()}, Settings(), base_a=(2.0, 2.0, 2.0))
    house.order("off")
    house.cars["a"].extra = house.cars["b"].extra = {"total_wh": 100.0}
    house.run(2)
    house.cars["a"].extra = {"total_wh": 5100.0}
    house.order("fast")
    house.run(5)
    assert [one.limit_a for one in house.decision.chargers.values()] == [0.0, 6.0]
