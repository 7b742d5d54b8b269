"""Ceilings, pace and relays on a scripted bench: one second a step."""

import pytest

from hems.core import hand
from hems.core.rules import ChargerRules, Rules
from hems.model.decision import Hand
from hems.model.settings import Boost, ChargerSettings, Mode, Settings
from hems.model.why import Reason
from tests.core.bench import FUSE_A, RELAY, Bench, Car, bench, charging, codes

ON_OFF = ChargerRules(relay=True, watchdog_s=15.0, fallback="on_off")


@pytest.mark.parametrize("mode", ["fast", "min_surplus"])
def test_a_silent_meter_ends_charging_step_by_step_in_every_mode(mode: Mode) -> None:
    """The loss matrix: frozen, the minimum from 5 s, nothing from 12 s; back after two readings and 60 s."""
    house = charging(bench(mode, sun_w=14_000.0))
    house.meter = False
    told = codes(house, 12)
    assert [amperes for amperes, _ in told] == [16.0] * 4 + [6.0] * 7 + [0.0]
    assert {code for amperes, code in told if amperes == 6.0} == {Reason.METER_STALE}
    assert told[-1][1] is Reason.METER_LOST
    house.run(20)
    house.meter = True
    assert house.until(lambda: house.told_a() > 0.0, 100) == 62
    assert house.told_a() == 6.0


def test_no_raise_while_the_meter_is_late() -> None:
    house = charging(bench(), 8.0)
    before = house.told_a()
    house.meter = False
    house.step()
    assert (house.told_a(), house.one().why.code) == (before, Reason.WAITING_TWO_READINGS)


@pytest.mark.parametrize(("stuck_a", "opens"), [(None, False), (16.0, True)])
def test_the_relay_opens_at_15_s_if_current_still_flows(stuck_a: float | None, opens: bool) -> None:
    """The loss matrix, first row, measured."""
    house = charging(bench(charger=RELAY))
    (car,) = house.cars.values()
    house.meter, car.stuck_a = False, stuck_a
    closed = []
    for _ in range(16):
        closed.append(house.step().command.chargers["garage"].relay_closed)
    assert closed == [True] * 14 + [not opens] * 2
    assert house.one().hand is (Hand.RELAY if opens else Hand.MODBUS)
    assert house.one().why.code is Reason.METER_LOST


def test_the_relay_opens_at_15_s_if_nobody_knows_whether_current_flows() -> None:
    house = charging(bench(charger=RELAY, car=Car(measured=False)), 6.0)
    house.meter = False
    assert house.until(lambda: not house.decision.command.chargers["garage"].relay_closed, 30) == 15
    house.meter = True
    assert house.until(lambda: house.decision.command.chargers["garage"].relay_closed, 200) == 62


@pytest.mark.parametrize(("measured", "stuck_a", "seconds"), [(True, 16.0, 20), (False, None, 20)])
def test_the_relay_ends_a_lost_charger(measured: bool, stuck_a: float | None, seconds: int) -> None:
    """The loss matrix: its watchdog of 15 s and 5 s more; back after 30 s of good answers (CHG-71)."""
    house = charging(bench(charger=RELAY, car=Car(measured=measured)), 6.0)
    (car,) = house.cars.values()
    car.answers, car.stuck_a = False, stuck_a
    assert house.until(lambda: house.one().hand is Hand.RELAY, 60) == seconds
    assert (house.told_a(), house.one().why.code) == (0.0, Reason.RELAY_FALLBACK)
    car.answers, car.stuck_a = True, None
    assert house.until(lambda: house.one().hand is Hand.MODBUS, 60) == 31
    house.run(3)
    assert house.told_a() >= 6.0


def test_a_charger_out_of_hand_says_so_whatever_the_sun_does() -> None:
    house = bench("surplus", charger=RELAY)
    house.run(5)
    assert house.one().why.code is Reason.SURPLUS_LOW
    (car,) = house.cars.values()
    car.answers = False
    house.run(8)
    assert house.one().why.code is Reason.CHARGER_LOST
    house.order("off")
    house.step()
    assert house.one().why.code is Reason.OFF


def test_a_charger_that_is_not_set_up_is_not_raised() -> None:
    house = charging(bench(), 8.0)
    before = house.told_a()
    (car,) = house.cars.values()
    car.extra = {"ready": False}
    assert codes(house, 2) == [(before, Reason.SETTLING)] * 2


def test_a_raise_waits_until_the_last_one_is_acknowledged() -> None:
    house = charging(bench(), 8.0)
    (car,) = house.cars.values()
    car.acknowledges = False
    before = house.told_a()
    assert [amperes for amperes, _ in codes(house, 3)] == [before + 1.0] * 3
    car.acknowledges = True
    house.run(2)
    assert house.told_a() == before + 2.0


def test_the_pace_of_a_raise_does_not_depend_on_the_cycle() -> None:
    """CHG-32: 1 A per second at four cycles a second as well."""
    house = bench(tick_s=0.25)
    house.until(lambda: house.told_a() == 6.0, 20)
    told = [house.step().chargers["garage"].limit_a for _ in range(24)]
    assert told[0] <= 7.0
    assert all(after - before <= 1.0 for before, after in zip(told, told[4:], strict=False))
    assert told[-1] >= 11.0


def test_the_relay_charges_where_that_is_declared() -> None:
    """CHG-71, on_off: 300 s open, then closed with the fixed current while it fits with 1 A to spare."""
    house = charging(bench(charger=ON_OFF, car=Car(measured=False)), 6.0)
    (car,) = house.cars.values()
    car.answers = False
    house.until(lambda: house.one().hand is Hand.RELAY, 60)
    assert house.until(lambda: house.decision.command.chargers["garage"].relay_closed, 400) == 300
    assert (house.told_a(), house.one().why.code) == (6.0, Reason.RELAY_FALLBACK)
    assert house.one().hand is Hand.RELAY
    house.run(400)
    assert house.told_a() == 6.0
    house.order("off")
    assert house.until(lambda: not house.decision.command.chargers["garage"].relay_closed, 5) == 1


def test_the_relay_waits_until_its_current_fits_and_opens_when_it_does_not() -> None:
    house = charging(bench(charger=ON_OFF, car=Car(measured=False)), 6.0)
    (car,) = house.cars.values()
    car.answers = False
    house.until(lambda: house.one().hand is Hand.RELAY, 60)
    car.stuck_a = 0.0
    house.base_a = (18.5, 2.0, 2.0)
    house.run(400)
    assert house.told_a() == 0.0
    house.base_a = (18.0, 2.0, 2.0)
    assert house.until(lambda: house.told_a() == 6.0, 5) == 2
    car.stuck_a = 6.0
    house.run(3)
    house.base_a = (20.0, 2.0, 2.0)
    assert house.until(lambda: house.told_a() == 0.0, 5) == 1
    assert not house.decision.command.chargers["garage"].relay_closed


@pytest.mark.parametrize(
    ("charger", "highest_a", "base_a", "closes"),
    [
        (ChargerRules(relay=True, fallback="on_off"), None, 8.5, False),
        (ChargerRules(relay=True, fallback="on_off"), None, 8.0, True),
        (ChargerRules(relay=True, fallback="on_off"), 20.0, 8.0, False),
        (ChargerRules(relay=True, watchdog_s=15.0, fail_safe_a=10.0, fallback="on_off"), None, 8.5, False),
        (ChargerRules(relay=True, watchdog_s=15.0, fail_safe_a=6.0, fallback="on_off"), 20.0, 18.0, True),
    ],
)
def test_a_relay_closes_only_where_the_most_its_charger_may_hold_fits(
    charger: ChargerRules, highest_a: float | None, base_a: float, closes: bool
) -> None:
    """CHG-71: a charger that does not fall back to the fixed current keeps what it had, here 16 A."""
    house = charging(bench(charger=charger))
    (car,) = house.cars.values()
    car.extra = {"highest_a": highest_a}
    house.step()
    car.answers, car.most_a = False, 6.0
    house.until(lambda: house.one().hand is Hand.RELAY, 60)
    house.base_a = (base_a, 2.0, 2.0)
    house.run(400)
    assert house.decision.command.chargers["garage"].relay_closed is closes


@pytest.mark.parametrize(("base_a", "closes"), [(8.5, False), (8.0, True)])
def test_a_charger_that_never_answered_may_hold_its_maximum(base_a: float, closes: bool) -> None:
    house = bench(charger=ChargerRules(relay=True, fallback="on_off"), base_a=(base_a, 2.0, 2.0))
    (car,) = house.cars.values()
    car.answers = False
    house.run(400)
    assert house.decision.command.chargers["garage"].relay_closed is closes


@pytest.mark.parametrize("measured", [True, False])
@pytest.mark.parametrize(("base_a", "opens"), [(9.0, False), (9.5, True)])
def test_a_relay_opens_when_what_really_flows_no_longer_fits(
    base_a: float, opens: bool, measured: bool
) -> None:
    """CHG-71: 16 A flow where 6 A were declared; 6 A would still fit."""
    charger = ChargerRules(relay=True, watchdog_s=15.0, fail_safe_a=6.0, fallback="on_off")
    house = charging(bench(charger=charger, car=Car(measured=measured)), 8.0)
    (car,) = house.cars.values()
    car.answers = False
    house.until(lambda: house.one().hand is Hand.RELAY, 60)
    car.stuck_a = 0.0
    assert house.until(lambda: house.decision.command.chargers["garage"].relay_closed, 400) == 300
    car.stuck_a = 16.0
    house.base_a = (base_a, 2.0, 2.0)
    house.step()
    assert house.decision.command.chargers["garage"].relay_closed is not opens


@pytest.mark.parametrize(("highest_a", "base_a"), [(None, 12.5), (8.0, 9.5)])
def test_relays_that_close_together_book_what_may_flow_through_both(
    highest_a: float | None, base_a: float
) -> None:
    """CHG-34, CHG-71: room for one fixed current with 1 A to spare is not room for two."""
    rules = Rules(FUSE_A, {"a": ON_OFF, "b": ON_OFF})
    house = Bench(rules, {"a": Car(measured=False), "b": Car(measured=False)}, Settings())
    house.order("fast")
    for car in house.cars.values():
        car.extra = {"highest_a": highest_a}
    house.run(10)
    for car in house.cars.values():
        car.answers, car.most_a = False, 6.0
    house.base_a = (base_a, base_a, base_a)
    house.run(350)
    assert [one.limit_a for one in house.decision.chargers.values()] == [6.0, 0.0]


def test_a_relay_that_cannot_interrupt_is_a_latched_alarm() -> None:
    """CHG-61: 10 s after the relay opened."""
    house = charging(bench(charger=RELAY))
    (car,) = house.cars.values()
    car.stuck_a = 16.0
    house.order("off")
    house.until(lambda: house.one().hand is Hand.RELAY, 30)
    assert house.until(lambda: house.one().why.code is Reason.STUCK_CONTACTOR, 30) == 10
    car.stuck_a = None
    house.order("fast")
    house.run(100)
    assert (house.told_a(), house.one().why.code) == (0.0, Reason.STUCK_CONTACTOR)
    assert house.memory.chargers["garage"].hand.stage is hand.Stage.STUCK


def test_above_twice_the_fuse_the_relay_opens_after_3_s() -> None:
    """CHG-33: the command is out at once."""
    house = charging(bench(charger=RELAY))
    house.base_a = (51.0, 2.0, 2.0)
    (car,) = house.cars.values()
    car.stuck_a = 16.0
    seen = [(house.step().command.chargers["garage"].relay_closed, house.told_a()) for _ in range(4)]
    assert seen == [(True, 0.0), (True, 0.0), (True, 0.0), (False, 0.0)]


def relieved(house: Bench) -> int:
    """Seconds until every line is back under its fuse."""
    return house.until(lambda: max(house.line_a) <= 25.0, 60)


@pytest.mark.parametrize("measured", [True, False])
@pytest.mark.parametrize(("base_a", "most_s"), [(18.0, 16), (22.0, 9)])
def test_a_charger_that_takes_no_writes_is_cut_off_by_its_relay(
    base_a: float, most_s: int, measured: bool
) -> None:
    """CHG-33: it answers every read, so it is never lost; 34 A and 38 A on 25 A fuses."""
    house = charging(bench(charger=RELAY, car=Car(measured=measured)), 12.0)
    (car,) = house.cars.values()
    car.acknowledges, car.keeps_a, car.extra = False, 16.0, {"unsure": True}
    house.base_a = (base_a, 2.0, 2.0)
    assert relieved(house) <= most_s
    assert (house.told_a(), house.one().why.code) == (0.0, Reason.RELAY_FALLBACK)
    house.run(600)
    assert max(house.line_a) <= 25.0


@pytest.mark.parametrize(("base_a", "told_a", "most_s"), [(18.0, 7.0, 16), (22.0, 0.0, 9)])
def test_a_car_that_draws_more_than_was_acknowledged_is_stopped_then_cut_off(
    base_a: float, told_a: float, most_s: int
) -> None:
    """CHG-33: nothing is told in the cycle in which it is known, 3 s later the relay opens."""
    house = charging(bench(charger=RELAY))
    (car,) = house.cars.values()
    car.keeps_a = 16.0
    house.base_a = (base_a, 2.0, 2.0)
    told = codes(house, most_s - 5)
    assert {amperes for amperes, _ in told} == {told_a}
    assert codes(house, 1) == [(0.0, Reason.LINE_LIMIT)]
    assert relieved(house) <= 4
    assert house.one().hand is Hand.RELAY


def test_an_unmeasured_car_at_0_a_on_a_line_above_its_fuse_is_cut_off() -> None:
    """CHG-33: acknowledged, but nobody knows whether its current fell, and the line has not."""
    house = charging(bench(charger=RELAY, car=Car(measured=False)), 12.0)
    (car,) = house.cars.values()
    car.keeps_a = 12.0
    house.base_a = (20.0, 2.0, 2.0)
    house.run(12)
    assert house.one().hand is Hand.MODBUS
    assert relieved(house) <= 4


def test_without_a_relay_nothing_is_told_for_as_long_as_it_lasts() -> None:
    """CHG-33: no writes, no relay: the 0 A stays wanted."""
    house = charging(bench())
    (car,) = house.cars.values()
    car.acknowledges, car.keeps_a, car.extra = False, 16.0, {"unsure": True}
    house.base_a = (16.0, 2.0, 2.0)
    assert codes(house, 11)[-1] == (9.0, Reason.LINE_LIMIT)
    assert set(codes(house, 300)) == {(0.0, Reason.LINE_LIMIT)}
    car.acknowledges, car.keeps_a, car.extra = True, None, {}
    assert house.until(lambda: house.told_a() > 0.0, 400) >= 300


@pytest.mark.parametrize(("delay_s", "base_a", "told_a"), [(5, 8.0, 17.0), (3, 15.0, 10.0), (5, 15.0, 0.0)])
def test_a_car_that_follows_late_keeps_its_relay(delay_s: int, base_a: float, told_a: float) -> None:
    """CHG-33: 30 A for 5 s and 37 A for 3 s are the car's delay; 37 A for 5 s are a pause."""
    charger = ChargerRules(max_a=32.0, relay=True, watchdog_s=15.0)
    house = charging(bench(charger=charger, car=Car(delay_s=delay_s)), 22.0)
    house.base_a = (base_a, 2.0, 2.0)
    house.run(12)
    assert (house.told_a(), house.one().hand) == (told_a, Hand.MODBUS)


def test_a_meter_that_is_silent_shows_no_defiance() -> None:
    """CHG-33 needs a reading; without one the loss of the meter says what happens."""
    house = charging(bench(charger=RELAY))
    (car,) = house.cars.values()
    car.keeps_a = 16.0
    house.base_a = (22.0, 2.0, 2.0)
    house.run(2)
    house.meter = False
    house.run(8)
    assert house.one().hand is Hand.MODBUS


def test_a_relay_that_would_cut_nothing_stays_closed() -> None:
    house = bench("off", charger=RELAY)
    house.run(5)
    house.base_a = (60.0, 2.0, 2.0)
    house.run(10)
    assert house.one().hand is Hand.MODBUS


def test_pause_and_resume() -> None:
    """CHG-33: nothing when the minimum no longer fits; back when it and 1 A more have fitted for 60 s."""
    house = charging(bench())
    house.base_a = (20.0, 2.0, 2.0)
    house.step()
    assert (house.told_a(), house.one().why.code) == (0.0, Reason.LINE_LIMIT)
    house.base_a = (18.5, 2.0, 2.0)
    house.run(200)
    assert house.told_a() == 0.0
    house.base_a = (18.0, 2.0, 2.0)
    assert house.until(lambda: house.told_a() > 0.0, 100) == 62
    assert codes(house, 1)[0][0] == 6.0


@pytest.mark.parametrize("measured", [True, False])
def test_only_who_follows_the_sun_waits_for_it_to_settle(measured: bool) -> None:
    """CHG-15, CHG-32: a boost rises as fast as a fast mode."""
    fast = bench("fast", car=Car(measured=measured))
    boosted = bench("surplus", car=Car(measured=measured))
    boosted.settings = Settings({"garage": ChargerSettings("surplus", boost=Boost(None, 3600.0))})
    seconds = fast.until(lambda: fast.told_a() == 16.0, 120)
    assert boosted.until(lambda: boosted.told_a() == 16.0, 120) == seconds
