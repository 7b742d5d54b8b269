"""When a plan is kept and when it is made anew."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hems.core.need import Need
from hems.core.plans import Inputs, State, step
from hems.core.rules import Rules
from hems.core.tariff import TariffRules
from hems.model.instant import Instant
from hems.model.plans import Plan
from hems.model.prices import Prices
from hems.model.settings import Target
from tests.core.bench import FUSE_A
from tests.core.nights import EVENING, MORNING, SPOT, WINDOWS, by_morning, hourly

SIX = MORNING.astimezone(UTC)
PRICES = Prices("awattar-at", hourly([0.3, 0.3, 0.1, 0.3, 0.2, *[0.3] * 7]))
EARLY = Prices("awattar-at", PRICES.slots[:6])
GOAL = by_morning(energy_wh=10_000.0)
BASE = Inputs(None, GOAL, SIX, Need(10_000.0), 10_000.0, False, PRICES, Instant(0.0, EVENING))


def after(seconds: float) -> Instant:
    return Instant(seconds, EVENING + timedelta(seconds=seconds))


def made(rules: Rules) -> tuple[State, Plan]:
    return step(rules, State(), BASE, 0.0)


def again(seconds: float, **more: Any) -> bool:
    """Whether the plan is another after so many seconds under these inputs."""
    rules = Rules(FUSE_A, tariff=SPOT)
    state, plan = made(rules)
    _, other = step(rules, state, replace(BASE, before=plan, now=after(seconds), **more), seconds)
    return other is not plan


@pytest.mark.parametrize(
    ("seconds", "more", "expected"),
    [
        (1.0, {}, False),
        (7000.0, {}, False),
        (1.0, {"deadline": SIX + timedelta(hours=1)}, True),
        (1.0, {"target": Target(MORNING, energy_wh=9_000.0)}, True),
        (1.0, {"watts": 9_100.0}, False),
        (899.0, {"watts": 8_900.0}, False),
        (900.0, {"watts": 8_900.0}, True),
        (900.0, {"watts": 8_900.0, "pressing": True}, True),
        (1.0, {"watts": 11_100.0}, True),
        (899.0, {"need": Need(5_000.0)}, False),
        (900.0, {"need": Need(5_000.0)}, True),
        (900.0, {"need": Need(9_200.0)}, False),
        (900.0, {"need": Need(9_100.0)}, True),
        (900.0, {"need": Need(10_900.0)}, True),
        (900.0, {"need": Need(5_000.0), "pressing": True}, False),
        (1.0, {"need": Need(10_000.0, ("level",))}, True),
        (1.0, {"prices": None}, False),
        (1.0, {"prices": Prices("awattar-at", PRICES.slots)}, False),
        (1.0, {"prices": Prices("awattar-at", PRICES.slots[:-1])}, True),
    ],
)
def test_made_anew_only_when_what_it_rests_on_changes(
    seconds: float, more: dict[str, Any], expected: bool
) -> None:
    """CHG-94, CHG-96: a need by more than five minutes of charging, less power: at most every quarter of an
    hour."""
    assert again(seconds, **more) is expected


@pytest.mark.parametrize("prices", [PRICES, EARLY])
@pytest.mark.parametrize("tariff", [SPOT, WINDOWS, None])
def test_the_next_run_takes_it_up(tariff: TariffRules | None, prices: Prices) -> None:
    """CHG-94: compared once with what is known then, also where something waits for prices."""
    rules, basis = Rules(FUSE_A, tariff=tariff), replace(BASE, prices=prices)
    _, plan = step(rules, State(), basis, 0.0)
    assert (plan.later_s > 0.0) is (tariff is SPOT and prices is EARLY)
    state, taken = step(rules, State(), replace(basis, before=plan, now=after(5.0)), 5.0)
    assert taken is plan
    assert state.compared
    assert step(rules, state, replace(basis, before=plan, now=after(6.0)), 6.0) == (state, plan)


def test_the_next_run_waits_for_prices_as_long_as_it_can() -> None:
    """The loss matrix: prices. A plan on prices is kept without them until they would have ended."""
    rules = Rules(FUSE_A, tariff=SPOT)
    _, plan = made(rules)
    lost = replace(BASE, before=plan, prices=None, need=Need(4_000.0))
    assert step(rules, State(), replace(lost, now=after(3600.0)), 3600.0)[1] is plan
    assert step(rules, State(), replace(lost, now=after(12 * 3600.0)), 12 * 3600.0)[1] is not plan
    assert (
        step(rules, State(), replace(lost, now=after(5.0), deadline=SIX - timedelta(hours=1)), 5.0)[1]
        is not plan
    )
    unpriced = replace(plan, known_until=None, slots=())
    assert step(rules, State(), replace(lost, before=unpriced, now=after(5.0)), 5.0)[1] is not unpriced


def test_a_plan_of_ranked_periods_says_no_price() -> None:
    """CHG-80: and is taken up all the same."""
    rules = Rules(FUSE_A, tariff=replace(WINDOWS, eur_kwh={}))
    _, plan = made(rules)
    assert {slot.eur_kwh for slot in plan.slots} == {None}
    assert {slot.period for slot in plan.slots} == {"off_peak"}
    assert step(rules, State(), replace(BASE, before=plan, now=after(5.0)), 5.0)[1] is plan
    priced = replace(plan, slots=tuple(replace(slot, eur_kwh=0.2) for slot in plan.slots))
    assert step(rules, State(), replace(BASE, before=priced, now=after(5.0)), 5.0)[1] is not priced


def test_what_is_past_is_not_compared() -> None:
    """A piece that is over may have any price."""
    rules = Rules(FUSE_A, tariff=SPOT)
    _, plan = made(rules)
    over = replace(plan.slots[0], start=SIX - timedelta(hours=24), end=SIX - timedelta(hours=23), eur_kwh=9.0)
    older = replace(plan, slots=(over, *plan.slots))
    assert step(rules, State(), replace(BASE, before=older, now=after(5.0)), 5.0)[1] is older


def test_zones_are_all_the_same_to_it() -> None:
    elsewhere = datetime(2026, 6, 22, 16, 0, tzinfo=UTC)
    rules = Rules(FUSE_A, tariff=SPOT)
    assert step(rules, State(), replace(BASE, now=Instant(0.0, elsewhere)), 0.0)[1] == made(rules)[1]


@pytest.mark.parametrize("former", [SPOT, WINDOWS])
@pytest.mark.parametrize("tariff", [None, TariffRules("file", "standard")])
def test_another_tariff_is_another_plan(former: TariffRules, tariff: TariffRules | None) -> None:
    """API-106: prices that have no say any more, or those of a former provider, choose no hour."""
    state, plan = made(Rules(FUSE_A, tariff=former))
    basis = replace(BASE, before=plan, prices=None, now=after(1.0))
    state, other = step(Rules(FUSE_A, tariff=tariff), state, basis, 1.0)
    assert other.known_until is None
    assert [slot.eur_kwh for slot in other.slots] == [None]
    assert other.slots[0].end == SIX - timedelta(minutes=10) - timedelta(minutes=6), "one piece, at the end"
    assert step(Rules(FUSE_A, tariff=tariff), state, replace(basis, before=other), 2.0)[1] is other
    assert step(Rules(FUSE_A, tariff=former), state, replace(BASE, before=other), 3.0)[1].slots == plan.slots
