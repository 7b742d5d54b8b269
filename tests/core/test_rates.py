"""What charging costs when, out of prices and tariffs."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.rates import NO_RATES, by_slot, rates
from hems.core.tariff import TariffRules, Window, YearDay, period_at
from hems.model.prices import Prices, Slot

PARIS = ZoneInfo("Europe/Paris")
NIGHT = Window("off_peak", 22 * 60, 6 * 60)
HC = TariffRules("static", "peak", (NIGHT,), eur_kwh={"peak": 0.30, "off_peak": 0.20}, tax_pct=10.0)


def local(day: int, hour: int, minute: int = 0, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS)


def faces(tariff: TariffRules, since: datetime, until: datetime) -> list[object]:
    """The slots by the local clock."""
    found = rates(tariff, None, since, until, PARIS)
    return [(f"{slot.start.astimezone(PARIS):%d %H:%M}", slot.period, slot.eur_kwh) for slot in found.slots]


def test_windows_give_slots_with_what_is_paid() -> None:
    """CHG-80: (price + charges) x (1 + tax)."""
    assert faces(HC, local(22, 18), local(23, 12)) == [
        ("22 18:00", "peak", pytest.approx(0.33)),
        ("22 22:00", "off_peak", pytest.approx(0.22)),
        ("23 06:00", "peak", pytest.approx(0.33)),
    ]


def test_periods_without_a_price_are_ranked() -> None:
    """Off-peak counts as cheaper, and no price is invented."""
    bare = TariffRules("static", "peak", (NIGHT,), eur_kwh={"peak": 0.3})
    found = rates(bare, None, local(22, 18), local(23, 12), PARIS)
    assert found.ranked
    assert [slot.eur_kwh for slot in found.slots] == [1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    "tariff",
    [
        None,
        TariffRules(
            "contact", "peak", contact="hc", closed="off_peak", eur_kwh={"peak": 0.3, "off_peak": 0.2}
        ),
        TariffRules("awattar-at", "peak", (NIGHT,), eur_kwh={"peak": 0.3, "off_peak": 0.2}),
    ],
)
def test_what_says_nothing_about_the_future_has_no_rates(tariff: TariffRules | None) -> None:
    assert rates(tariff, None, local(22, 18), local(23, 12), PARIS) == NO_RATES


def test_one_price_for_ever_is_one_slot() -> None:
    fixed = TariffRules("fixed", "all", eur_kwh={"all": 0.25})
    assert faces(fixed, local(22, 18), local(23, 12)) == [("22 18:00", "all", 0.25)]
    assert rates(fixed, None, local(23, 12), local(22, 18), PARIS) == NO_RATES


def test_told_prices_are_cut_where_charges_change() -> None:
    """CHG-80: charges by window; a period that a slot names itself, and one without a price."""
    spot = TariffRules(
        "awattar-at",
        "high",
        (Window("low", 22 * 60 + 30, 6 * 60),),
        eur_kwh={"blue": 0.1},
        charges_eur_kwh={"high": 0.1, "low": 0.02},
    )
    start = local(22, 21).astimezone(UTC)
    hour = timedelta(hours=1)
    told = Prices(
        "awattar-at",
        (
            Slot(start - hour, start, 0.5),
            Slot(start, start + hour, 0.1),
            Slot(start + hour, start + 2 * hour, 0.2),
            Slot(start + 2 * hour, start + 3 * hour, None, "blue"),
            Slot(start + 3 * hour, start + 4 * hour, None, "red"),
        ),
    )
    found = rates(spot, told, local(22, 21), local(22, 22), PARIS)
    cut: list[object] = [(slot.start - start, slot.eur_kwh, slot.period) for slot in found.slots]
    assert cut == [
        (0 * hour, pytest.approx(0.2), "high"),
        (hour, pytest.approx(0.3), "high"),
        (1.5 * hour, pytest.approx(0.22), "low"),
        (2 * hour, pytest.approx(0.1), "blue"),
    ]
    whole = by_slot(spot, told, PARIS)
    uncut: list[object] = [(slot.start - start, slot.eur_kwh) for slot in whole]
    assert uncut == [
        (-hour, pytest.approx(0.6)),
        (0 * hour, pytest.approx(0.2)),
        (hour, pytest.approx(0.3)),
        (2 * hour, pytest.approx(0.1)),
    ]


minutes = st.sampled_from([0, 90, 120, 150, 180, 420, 754, 1290, 1320, 1439])
windows = st.lists(
    st.builds(
        Window,
        st.just("off_peak"),
        minutes,
        minutes,
        st.sampled_from([frozenset(range(7)), frozenset({5, 6}), frozenset({0})]),
        st.sampled_from([None, (YearDay(3, 29), YearDay(10, 25))]),
    ),
    max_size=3,
)


@settings(max_examples=25, deadline=None)
@given(windows, st.sampled_from([local(28, 20, month=3), local(24, 20, month=10), local(20, 0)]), minutes)
def test_every_minute_has_the_period_of_its_clock(
    drawn: list[Window], since: datetime, later_min: int
) -> None:
    """CHG-81: both clock-change nights, windows over midnight, weekends, seasons; minute by minute."""
    tariff = TariffRules("static", "peak", tuple(drawn), eur_kwh={"peak": 0.3, "off_peak": 0.2})
    begins, until = since.astimezone(UTC), since.astimezone(UTC) + timedelta(minutes=60 + later_min)
    slots = rates(tariff, None, begins, until, PARIS).slots
    assert slots[0].start == begins
    assert slots[-1].end == until
    assert all(before.end == after.start for before, after in pairwise(slots))
    for slot in slots:
        for minute in range(int((slot.end - slot.start).total_seconds() // 60)):
            wall = (slot.start + timedelta(minutes=minute)).astimezone(PARIS)
            assert period_at(tariff, wall) == slot.period
