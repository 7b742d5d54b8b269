"""Charging by price and by deadline, from the prices told to the minutes charged and the money counted."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hems.model import site
from hems.model.intents import PutPrices, SetCharging
from hems.model.plans import Plan
from hems.model.prices import Slot
from hems.model.settings import ChargerSettings, Target
from hems.sim.car import CarModel
from tests.stories.diary import Diary
from tests.stories.plots import Plot, plot
from tests.stories.stage import RaiseCurtain, Stage

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 6, 22, tzinfo=BERLIN)
QUARTER = timedelta(minutes=15)
FULL_W = 16 * 3 * 230.0
SLACK_S = 2.0
DOZE_S = 30.0
NIGHT = (0.21, 0.18, 0.18, 0.05, -0.02, -0.11, -0.04, 0.02, 0.16, 0.02, 0.03, 0.19, 0.22, 0.25, 0.24, 0.31)
"""Quarter-hours of a night with too much wind."""


def spot_house(**keys: Any) -> Plot:
    tariff = site.Tariff(provider="awattar-de", charges_eur_kwh={"standard": 0.1}, tax_pct=19.0)
    return plot(cars=(CarModel(capacity_wh=120_000.0),), tariff=tariff, **keys)


def paid(eur_kwh: float) -> float:
    return (eur_kwh + 0.1) * 1.19


def put(stage: Stage, begin: datetime, eur_kwh: tuple[float, ...], step: timedelta = QUARTER) -> list[Slot]:
    """Tell these prices; the slots with what is paid."""
    begin = begin.astimezone(UTC)
    slots = [Slot(begin + i * step, begin + (i + 1) * step, price) for i, price in enumerate(eur_kwh)]
    stage.ask(PutPrices("awattar-de", tuple(slots)))
    return [Slot(slot.start, slot.end, paid(slot.eur_kwh or 0.0)) for slot in slots]


def aim(stage: Stage, energy_wh: float, deadline: datetime, **more: Any) -> None:
    target = Target(deadline, energy_wh=energy_wh, **more)
    stage.ask(SetCharging("garage", ChargerSettings("surplus_target", user_max_a=16, target=target)))


def until(stage: Stage, moment: datetime) -> None:
    """Doze there, but awake where something is about to happen or happens."""
    stage.play(2)
    while (left_s := moment.timestamp() - stage.clock.now().wall.timestamp()) > 1:
        wall_s, garage = stage.clock.now().wall.timestamp(), stage.garage()
        pressing_s = garage.plan.latest_start.timestamp() - wall_s if garage.plan else DOZE_S
        edge_s = min(900 - wall_s % 900, pressing_s if pressing_s > 0 else DOZE_S)
        rising = 0.0 < garage.limit_a < 16.0
        nearly = garage.limit_a > 0.0 and garage.need_wh is not None and garage.need_wh < 150.0
        if rising or nearly or edge_s < 4 or left_s < 4:
            stage.play(5)
        else:
            stage.doze(min(left_s, edge_s - 2, DOZE_S), DOZE_S)


def merged(slots: list[Slot]) -> list[tuple[float, float]]:
    """Times in which slots touch, as timestamps."""
    times: list[tuple[float, float]] = []
    for slot in sorted(slots, key=lambda slot: slot.start):
        begin_s, end_s = slot.start.timestamp(), slot.end.timestamp()
        if times and times[-1][1] == begin_s:
            begin_s = times.pop()[0]
        times.append((begin_s, end_s))
    return times


def same(
    charged: list[tuple[datetime, datetime]], wanted: list[tuple[float, float]], late_s: float = SLACK_S
) -> bool:
    """Whether charging was at these times, to the cycle; a piece may last so much longer."""
    found = [(begin.timestamp(), end.timestamp()) for begin, end in charged]
    return len(found) == len(wanted) and all(
        abs(begin - at) <= SLACK_S and -SLACK_S <= end - to <= late_s
        for (begin, end), (at, to) in zip(found, wanted, strict=True)
    )


def least_cost(slots: list[Slot], need_s: float, begin: datetime, end: datetime) -> float:
    """EUR per kW of charging `need_s` in the cheapest seconds there are: no schedule can cost less."""
    pieces = sorted(
        (slot.eur_kwh or 0.0, (min(slot.end, end) - max(slot.start, begin)).total_seconds())
        for slot in slots
        if slot.start < end and slot.end > begin
    )
    cost, left_s = 0.0, need_s
    for eur_kwh, lasts_s in pieces:
        cost += eur_kwh * min(left_s, lasts_s) / 3600
        left_s -= min(left_s, lasts_s)
    assert left_s <= 0
    return cost


def cost(plan: Plan) -> float:
    """EUR per kW of what it plans."""
    return sum((slot.eur_kwh or 0.0) * (slot.end - slot.start).total_seconds() / 3600 for slot in plan.slots)


def plan_of(stage: Stage) -> Plan:
    plan = stage.garage().plan
    assert plan is not None
    return plan


@pytest.mark.proof
def test_a_quarter_of_the_day_is_the_cheapest_quarter(raise_curtain: RaiseCurtain) -> None:
    """CHG-83: four of sixteen slots, two of them at the same price, below zero the dearest of them."""
    begin = MONDAY.replace(hour=1)
    stage = raise_curtain(spot_house(), short=True, start=begin)
    diary = Diary(stage)
    stage.base(1, 1, 1)
    stage.ask(SetCharging("garage", ChargerSettings(user_max_a=16, cheap=True, cheap_pct=32.0)))
    slots = put(stage, begin, NIGHT)
    until(stage, begin + 11 * QUARTER)
    cheapest = sorted(slots, key=lambda slot: (slot.eur_kwh or 0.0, slot.start))[:6]
    assert same(diary.charged(), merged(cheapest))
    assert diary.codes() >= {"cheap_price", "waiting_cheap"}
    assert {entry.state for entry in diary.entries["garage"] if entry.limit_a} == {"spot_market"}
    counters = stage.views[-1].counters
    energy_wh, ueur = counters["ev1.energy.all.total"], counters["ev1.cost.all.total"]
    assert energy_wh == pytest.approx(6 * FULL_W / 4, rel=0.02)
    mean_eur = sum(slot.eur_kwh or 0.0 for slot in cheapest) / 6
    assert ueur == pytest.approx(mean_eur * 6 * FULL_W / 4 * 1000, rel=0.05)
    diary.clean()
    diary.honest()


@pytest.mark.parametrize("restarted", [pytest.param(False, marks=pytest.mark.proof), True])
def test_a_night_is_planned_at_the_least_cost(raise_curtain: RaiseCurtain, restarted: bool) -> None:
    """CHG-91, CHG-93, CHG-94: exactly the optimum; a power cut in the middle changes nothing of the plan."""
    begin, deadline = MONDAY.replace(hour=1), MONDAY.replace(hour=5)
    stage = raise_curtain(spot_house(), short=True, start=begin)
    diary = Diary(stage)
    stage.base(1, 1, 1)
    slots = put(stage, begin, NIGHT)
    stage.play(2)
    asked = stage.clock.now().wall.astimezone(UTC)
    aim(stage, 13_800.0, deadline)
    stage.play(2)
    plan, need_s = plan_of(stage), 13_800 * 3600 / FULL_W
    end = deadline.astimezone(UTC) - timedelta(seconds=600 + 0.1 * need_s)
    assert sum((slot.end - slot.start).total_seconds() for slot in plan.slots) == pytest.approx(need_s)
    assert cost(plan) == pytest.approx(least_cost(slots, need_s, asked, end), abs=1e-6)
    if restarted:
        until(stage, begin + timedelta(minutes=70))
        assert stage.truth["ev_w"] > 10_000
        stage.written()
        stage.restart(killed=True, down_s=20)
        diary.follow()
        stage.play(2)
        assert plan_of(stage) == plan, "without prices"
        put(stage, begin, NIGHT)
        stage.play(2)
        assert plan_of(stage) == plan, "with them"
    until(stage, deadline)
    assert stage.truth["ev_wh"] == pytest.approx(13_800, rel=0.01)
    if not restarted:
        assert diary.charged()[0][0].timestamp() == pytest.approx(
            plan.slots[0].start.timestamp(), abs=SLACK_S
        )
        ueur = stage.views[-1].counters["ev1.cost.all.total"]
        assert ueur == pytest.approx(cost(plan) * FULL_W * 1000, rel=0.05)
    assert diary.told("target_missed") == []
    assert diary.codes() >= {"cheap_price", "waiting_cheap"}
    diary.clean()
    diary.honest(80 if restarted else 30)


@pytest.mark.proof
def test_prices_that_arrive_move_what_can_still_be_moved(raise_curtain: RaiseCurtain) -> None:
    """CHG-92: what need not be charged before the last known price waits for more; at 13:00 they come."""
    begin, deadline = MONDAY.replace(hour=12, minute=30), MONDAY.replace(hour=16, minute=30)
    stage = raise_curtain(spot_house(), short=True, start=begin)
    diary = Diary(stage)
    stage.base(1, 1, 1)
    put(stage, MONDAY.replace(hour=12), (0.30,) * 8)
    aim(stage, 11_040.0, deadline)
    stage.play(5)
    waiting = plan_of(stage)
    assert waiting.slots == ()
    assert waiting.later_s == pytest.approx(3600, abs=5)
    until(stage, MONDAY.replace(hour=13))
    hours = (0.30,) * 8 + (0.25, 0.08, 0.07, 0.31, 0.02, 0.01, 0.3, 0.3, 0.3, 0.3)
    slots = put(stage, MONDAY.replace(hour=12), hours)
    until(stage, deadline)
    cheapest = sorted(slots, key=lambda slot: slot.eur_kwh or 0.0)[:4]
    assert same(diary.charged(), merged(cheapest), late_s=60), "what was lost while the car came up"
    assert stage.truth["ev_wh"] == pytest.approx(11_040, rel=0.01)
    assert diary.told("target_missed") == []
    diary.clean()
    diary.honest()


def test_without_prices_it_begins_as_late_as_it_may(raise_curtain: RaiseCurtain) -> None:
    """CHG-92, CHG-93: one piece that ends 10 min and a tenth of its time before the deadline."""
    begin, deadline = MONDAY.replace(hour=3), MONDAY.replace(hour=4)
    stage = raise_curtain(spot_house(), short=True, start=begin)
    diary = Diary(stage)
    stage.base(1, 1, 1)
    aim(stage, 5520.0, deadline)
    until(stage, deadline)
    ((began, ended),) = diary.charged()
    assert began.timestamp() == pytest.approx(deadline.timestamp() - 1800 - 600 - 180, abs=SLACK_S + 1)
    assert ended < deadline
    assert stage.truth["ev_wh"] == pytest.approx(5520, rel=0.01)
    assert "time_requirement" in {entry.state for entry in diary.entries["garage"]}
    diary.clean()
    diary.honest()


@pytest.mark.proof
def test_a_deadline_comes_again_on_its_weekdays(raise_curtain: RaiseCurtain) -> None:
    """CHG-94: met on Friday morning, it is next needed on Monday, and nothing is charged until then."""
    friday = MONDAY - timedelta(days=3)
    begin, deadline = friday.replace(hour=5, minute=5), friday.replace(hour=6)
    stage = raise_curtain(spot_house(), short=True, start=begin)
    diary = Diary(stage)
    stage.base(1, 1, 1)
    aim(stage, 5520.0, deadline - timedelta(days=4), repeat_days=(1, 2, 3, 4, 5))
    stage.play(5)
    assert plan_of(stage).deadline == deadline
    until(stage, deadline + timedelta(minutes=25))
    assert stage.truth["ev_wh"] == pytest.approx(5520, rel=0.01)
    assert plan_of(stage).deadline == MONDAY.replace(hour=6)
    assert len(diary.charged()) == 1
    assert diary.told("target_missed") == []
    diary.clean()


@pytest.mark.proof
def test_a_day_of_prices_with_a_deep_valley(raise_curtain: RaiseCurtain) -> None:
    """CHG-83: six of twenty-four hours, to the second, and nothing outside of them."""
    hours = (24, 22, 20, 19, 18, 21, 26, 31, 22, 11, 3, -1, -6, -9, -7, -2, 8, 19, 33, 42, 38, 31, 27, 25)
    stage = raise_curtain(spot_house(), short=True, start=MONDAY)
    diary = Diary(stage)
    stage.base(1, 1, 1)
    slots = put(stage, MONDAY, tuple(hour / 100 for hour in hours), timedelta(hours=1))
    stage.ask(SetCharging("garage", ChargerSettings(user_max_a=16, cheap=True, cheap_pct=25.0)))
    until(stage, MONDAY + timedelta(hours=20))
    cheapest = sorted(slots, key=lambda slot: (slot.eur_kwh or 0.0, slot.start))[:6]
    assert same(diary.charged(), merged(cheapest))
    assert all(one[1] < other[0] for one, other in pairwise(diary.charged()))
    assert stage.truth["ev_wh"] == pytest.approx(6 * FULL_W, rel=0.01)
    diary.clean()
    diary.honest()
