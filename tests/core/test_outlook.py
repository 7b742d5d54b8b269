"""What electricity costs when, for the eyes (CHG-83, API-105)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hems.core.outlook import State, step
from hems.core.tariff import TariffRules, Window
from hems.model.instant import Instant
from hems.model.prices import Outlook, Prices, Slot

ZONE = ZoneInfo("Europe/Vienna")
MIDNIGHT = datetime(2026, 7, 2, tzinfo=ZONE)
NOW = Instant(0.0, MIDNIGHT + timedelta(hours=9))
SPOT = TariffRules("awattar-at", "standard")
NIGHT = TariffRules("static", "peak", (Window("off_peak", 1320, 360),))
PRICED = replace(NIGHT, eur_kwh={"peak": 0.27, "off_peak": 0.2068}, tax_pct=10.0)


def prices(*eur_kwh: float, begin: datetime = MIDNIGHT) -> Prices:
    hours = [begin.astimezone(UTC) + timedelta(hours=i) for i in range(len(eur_kwh) + 1)]
    return Prices("awattar-at", tuple(Slot(hours[i], hours[i + 1], price) for i, price in enumerate(eur_kwh)))


def test_the_example_of_four_hours() -> None:
    """API-105: 1 is the cheapest of its day, equal prices weigh the same."""
    outlook = step(SPOT, State(), prices(0.112, 0.098, 0.098, 0.14), NOW).outlook
    assert [slot.eur_kwh for slot in outlook.slots] == [0.112, 0.098, 0.098, 0.14]
    assert [round(slot.weighting or 0.0, 3) for slot in outlook.slots] == [0.667, 1.0, 1.0, 0.0]
    assert outlook.known_until == MIDNIGHT + timedelta(hours=4)
    assert outlook.provider == "awattar-at"


@pytest.mark.parametrize(
    ("day", "hours"),
    [(datetime(2026, 3, 29, tzinfo=ZONE), 23), (datetime(2026, 10, 25, tzinfo=ZONE), 25)],
)
def test_a_day_weighs_its_own_hours(day: datetime, hours: int) -> None:
    """API-105: 23 or 25 entries where the clocks turn; the next day begins anew."""
    told = prices(*[0.1 + i / 100 for i in range(hours)], *[0.5, 0.6], begin=day)
    slots = step(SPOT, State(), told, Instant(0.0, day + timedelta(hours=12))).outlook.slots
    assert [slot.weighting for slot in slots if slot.weighting in (0.0, 1.0)] == [1.0, 0.0, 1.0, 0.0]
    assert slots[hours].weighting == 1.0


def test_windows_give_today_and_tomorrow() -> None:
    """CHG-80: what is paid, with tax; cheap are the periods a waiting charger charges in."""
    outlook = step(PRICED, State(), None, NOW).outlook
    assert outlook.slots[0].start == MIDNIGHT
    assert outlook.slots[-1].end == MIDNIGHT + timedelta(days=2)
    assert {(slot.period, slot.eur_kwh, slot.weighting, slot.cheap) for slot in outlook.slots} == {
        ("off_peak", 0.22748, 1.0, True),
        ("peak", 0.297, 0.0, False),
    }
    assert outlook.known_until is None


def test_an_order_of_periods_is_no_price() -> None:
    slots = step(NIGHT, State(), None, NOW).outlook.slots
    assert {(slot.period, slot.eur_kwh, slot.weighting) for slot in slots} == {
        ("off_peak", None, None),
        ("peak", None, None),
    }


def test_nothing_is_known_without_a_tariff_prices_or_the_day() -> None:
    assert step(None, State(), None, NOW).outlook == Outlook()
    assert step(SPOT, State(), None, NOW).outlook == Outlook("awattar-at")
    blind = replace(NOW, trusted=False)
    assert step(PRICED, State(), None, blind).outlook == Outlook("static")
    known = step(PRICED, State(), None, NOW)
    assert step(PRICED, known, None, blind) is known, "what was known before stays"
    assert step(SPOT, State(), Prices("awattar-at", ()), NOW).outlook == Outlook("awattar-at")


def test_it_is_made_anew_only_for_a_reason() -> None:
    told = prices(0.1, 0.2)
    state = step(SPOT, State(), told, NOW)
    assert step(SPOT, state, told, NOW) is state
    assert step(replace(SPOT), state, told, NOW) is state, "an equal tariff is the same"
    assert step(SPOT, state, prices(0.3), NOW).outlook.slots[0].eur_kwh == 0.3
    taxed = step(replace(SPOT, tax_pct=100.0), state, told, NOW)
    assert taxed.outlook.slots[0].eur_kwh == pytest.approx(0.2)
    tomorrow = Instant(0.0, NOW.wall + timedelta(days=1))
    assert step(NIGHT, step(NIGHT, State(), None, NOW), None, tomorrow).outlook.slots[0].start > MIDNIGHT
