"""Whether electricity is cheap now."""

from datetime import UTC, datetime, timedelta

import pytest

from hems.core import cheap
from hems.core.cheap import Inputs, State
from hems.core.tariff import TariffRules
from hems.model.instant import Instant
from hems.model.prices import Prices
from hems.model.settings import ChargerSettings
from hems.model.why import Reason
from tests.core.nights import SPOT, ZONE, hourly

MIDNIGHT = datetime(2026, 6, 22, 0, 0, tzinfo=ZONE)
DAY = [0.3, 0.2, 0.1, 0.1, 0.2, 0.3, *[0.4] * 18]
PRICES = Prices("awattar-at", hourly([*DAY, *[0.05] * 24], MIDNIGHT))
CHEAP = ChargerSettings(cheap=True, cheap_pct=100 * 3 / 24)


def look(
    hours: float,
    orders: ChargerSettings = CHEAP,
    prices: Prices | None = PRICES,
    *,
    state: State | None = None,
    period: str | None = None,
    trusted: bool = True,
    tariff: TariffRules | None = SPOT,
) -> tuple[State, bool, Reason | None, float | None]:
    """Whether it is cheap so many hours after midnight, what is awaited, and the seconds left."""
    wall = (MIDNIGHT.astimezone(UTC) + timedelta(hours=hours)).astimezone(ZONE)
    inputs = Inputs(orders, prices, period, 250_000, Instant(hours * 3600.0, wall, trusted))
    state, found = cheap.step(tariff, state or State(), inputs)
    figures = found.demand.figures if found.demand else found.waiting.figures if found.waiting else {}
    left = figures.get("seconds_left")
    return (
        state,
        found.demand is not None,
        found.waiting.code if found.waiting else None,
        float(left) if left is not None else None,
    )


@pytest.mark.parametrize(
    ("hours", "is_cheap", "code", "left_s"),
    [
        (0.5, False, Reason.WAITING_CHEAP, 1800.0),
        (1.0, True, None, 3 * 3600.0),
        (3.99, True, None, 36.0),
        (4.0, False, None, None),
        (23.9, False, None, None),
        (24.0, True, None, 3 * 3600.0),
        (48.1, False, None, None),
    ],
)
def test_the_cheapest_slots_of_the_day(
    hours: float, is_cheap: bool, code: Reason | None, left_s: float | None
) -> None:
    """CHG-83: 3 of 24 hours; of equal prices the earlier; nothing is awaited beyond the day."""
    assert look(hours)[1:] == (is_cheap, code, pytest.approx(left_s) if left_s is not None else None)


def test_the_day_is_looked_at_once() -> None:
    state = look(0.5)[0]
    assert look(0.6, state=state)[0] is state
    assert look(0.6, ChargerSettings(cheap=True, cheap_pct=50.0), state=state)[0] is not state
    assert look(24.6, state=state)[0].paid is state.paid
    other = Prices("awattar-at", PRICES.slots)
    assert look(0.6, prices=other, state=state)[0].prices is other


def test_lost_prices_hold_until_they_end() -> None:
    """The loss matrix: prices."""
    state = look(0.5)[0]
    assert look(1.5, prices=None, state=state)[1]
    assert look(24.5, prices=None, state=state)[1]
    assert not look(49.0, prices=None, state=state)[1]
    assert look(1.5, prices=None)[1:] == (False, None, None)


def test_slots_are_silent_without_a_trusted_clock() -> None:
    """The loss matrix: wall clock."""
    assert look(1.5, trusted=False)[1:] == (False, Reason.CLOCK_UNKNOWN, None)


OFF_PEAK = ChargerSettings(off_peak=True)


@pytest.mark.parametrize(
    ("period", "trusted", "is_cheap", "code"),
    [
        ("off_peak", True, True, None),
        ("peak", True, False, None),
        (None, True, False, None),
        ("off_peak", False, True, None),
        ("peak", False, False, None),
        (None, False, False, Reason.CLOCK_UNKNOWN),
    ],
)
def test_a_cheap_period(period: str | None, trusted: bool, is_cheap: bool, code: Reason | None) -> None:
    """A contact knows the period without a clock."""
    assert look(4.5, OFF_PEAK, period=period, trusted=trusted)[1:3] == (is_cheap, code)


def test_both_switches_together() -> None:
    both = ChargerSettings(cheap=True, cheap_pct=10.0, off_peak=True)
    assert look(0.5, both, period="off_peak")[1:3] == (True, None)
    assert look(0.5, both, period="peak")[1:3] == (False, Reason.WAITING_CHEAP)


def test_nobody_who_did_not_ask_is_called() -> None:
    assert look(1.5, ChargerSettings())[1:] == (False, None, None)
    assert look(1.5, tariff=None)[1:] == (False, None, None)
    assert look(1.5, ChargerSettings(cheap=True))[1:] == (False, None, None)


def test_the_cheap_slots_of_today_and_tomorrow_are_known() -> None:
    """CHG-83, API-104: merged, ascending, and only while they are asked for."""
    wall = MIDNIGHT + timedelta(hours=12)
    now = Instant(0.0, wall)
    _, found = cheap.step(SPOT, State(), Inputs(CHEAP, PRICES, None, None, now))
    spans = [((slot.start - MIDNIGHT).total_seconds() / 3600, slot.end - slot.start) for slot in found.slots]
    assert spans == [(1.0, timedelta(hours=3)), (24.0, timedelta(hours=3))]
    _, idle = cheap.step(SPOT, State(), Inputs(ChargerSettings(), PRICES, None, None, now))
    assert idle.slots == ()


def test_prices_of_a_former_provider_say_nothing() -> None:
    """API-106: neither those at hand nor those remembered."""
    state, is_cheap, _, _ = look(1.5)
    assert is_cheap
    other = TariffRules("file", "standard")
    assert look(1.5, tariff=other)[:3] == (State(), False, None)
    assert look(1.5, prices=None, state=state, tariff=other)[:3] == (State(), False, None)
    assert look(1.5, prices=None, state=state)[1], "lost ones of the same provider hold"
