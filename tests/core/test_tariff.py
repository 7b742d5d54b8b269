"""Which tariff period is in force, and its price: CHG-80, CHG-81 and the loss matrix."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.tariff import (
    TariffRules,
    Window,
    YearDay,
    at,
    begins_on,
    contradiction,
    in_force,
    period_at,
    providers,
)
from hems.model.instant import Instant
from hems.model.prices import SLOTTED, Prices, Slot
from hems.model.settings import TariffChoice

BERLIN, PARIS, LORD_HOWE = (
    ZoneInfo("Europe/Berlin"),
    ZoneInfo("Europe/Paris"),
    ZoneInfo("Australia/Lord_Howe"),
)
ZONES = (BERLIN, ZoneInfo("America/New_York"), LORD_HOWE, ZoneInfo("UTC"))
WEEKDAYS, WEEKEND = frozenset(range(5)), frozenset({5, 6})
NIGHT = Window("off_peak", 22 * 60, 6 * 60)
FRENCH = (Window("off_peak", 94, 454), Window("off_peak", 754, 874))
WINTER = (YearDay(11, 1), YearDay(3, 31))
FROM_APRIL_1, FROM_APRIL_2 = (YearDay(4, 1), YearDay(10, 31)), (YearDay(4, 2), YearDay(10, 31))
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=BERLIN)


def static(*windows: Window, **prices: float) -> TariffRules:
    return TariffRules("static", "peak", windows, eur_kwh=prices)


def now(wall: datetime, *, trusted: bool = True) -> Instant:
    return Instant(1000.0, wall, trusted)


def minutes(rules: TariffRules, first: datetime, count: int) -> list[str | None]:
    """The period of every elapsed minute, as the house's clock shows it."""
    begin = first.astimezone(UTC)
    walls = ((begin + timedelta(minutes=i)).astimezone(first.tzinfo) for i in range(count))
    return [at(rules, None, {}, now(wall))[0] for wall in walls]


@pytest.mark.parametrize(
    ("windows", "time", "period"),
    [
        (FRENCH, "01:33", "peak"),
        (FRENCH, "01:34", "off_peak"),
        (FRENCH, "07:33", "off_peak"),
        (FRENCH, "07:34", "peak"),
        (FRENCH, "12:33", "peak"),
        (FRENCH, "12:34", "off_peak"),
        (FRENCH, "14:33", "off_peak"),
        (FRENCH, "14:34", "peak"),
        ((NIGHT,), "21:59", "peak"),
        ((NIGHT,), "22:00", "off_peak"),
        ((NIGHT,), "23:59", "off_peak"),
        ((NIGHT,), "00:00", "off_peak"),
        ((NIGHT,), "05:59", "off_peak"),
        ((NIGHT,), "06:00", "peak"),
        ((Window("off_peak", 22 * 60, 0),), "23:59", "off_peak"),
        ((Window("off_peak", 22 * 60, 0),), "00:00", "peak"),
        ((Window("off_peak", 0, 24 * 60),), "23:59", "off_peak"),
    ],
)
def test_windows_are_exact_to_the_minute(windows: tuple[Window, ...], time: str, period: str) -> None:
    """CHG-81: inside from the first second of a window to the last."""
    hour, minute = map(int, time.split(":"))
    for second in (0, 59):
        wall = datetime(2026, 11, 18, hour, minute, second, 999_999, tzinfo=PARIS)
        assert at(static(*windows), None, {}, now(wall))[0] == period


@pytest.mark.parametrize("windows", [(NIGHT,), FRENCH])
@pytest.mark.parametrize(
    ("day", "cheap"),
    [(date(2026, 10, 24), 8 * 60), (date(2026, 10, 25), 9 * 60), (date(2027, 3, 28), 7 * 60)],
)
def test_a_repeated_hour_is_inside_twice_and_a_skipped_one_never(
    day: date, cheap: int, windows: tuple[Window, ...]
) -> None:
    """CHG-81: the minutes between midnight and midnight of both clock-change days."""
    begins = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
    ends = datetime(day.year, day.month, day.day, tzinfo=BERLIN) + timedelta(days=1)
    count = int((ends.astimezone(UTC) - begins.astimezone(UTC)).total_seconds()) // 60
    assert minutes(static(*windows), begins, count).count("off_peak") == cheap


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    """CHG-81: different weekends; Friday's night goes on into Saturday, Sunday's night is none."""
    rules = static(
        Window("off_peak", 22 * 60, 6 * 60, WEEKDAYS),
        Window("weekend", 6 * 60, 22 * 60, WEEKEND),
    )
    friday = datetime(2026, 11, 20, tzinfo=BERLIN)
    hours = [
        "peak",  # Thursday's night is Friday's first hours
        *("off_peak", "peak", "off_peak", "off_peak", "weekend", "peak", "peak", "weekend", "peak", "peak"),
    ]
    seen = [
        period_at(rules, friday + timedelta(hours=hour))
        for hour in (6, 5, 21, 22, 24 + 5, 24 + 6, 24 + 22, 48 + 5, 48 + 6, 48 + 22, 72 + 5)
    ]
    assert seen == hours


def test_a_season_may_go_over_new_year() -> None:
    winter = Window("off_peak", 22 * 60, 6 * 60, season=WINTER)
    summer = Window("off_peak", 60, 120, season=(YearDay(4, 1), YearDay(10, 31)))
    assert [begins_on(winter, day) for day in (date(2026, 10, 31), date(2026, 11, 1), date(2027, 3, 31))] == [
        False,
        True,
        True,
    ]
    assert [begins_on(summer, day) for day in (date(2026, 3, 31), date(2026, 4, 1))] == [False, True]
    last_night = datetime(2027, 4, 1, 3, 0, tzinfo=BERLIN)
    assert period_at(static(winter, summer), last_night) == "off_peak", "the night that began in March"


def test_without_a_trusted_clock_no_window_is_in_force() -> None:
    """Loss matrix, wall clock untrusted: tariff rules are off."""
    rules = static(NIGHT, peak=0.3, off_peak=0.2)
    assert at(rules, None, {}, now(NOON)) == ("peak", 300_000)
    assert at(rules, None, {}, now(NOON, trusted=False)) == (None, None)


def test_a_tariff_that_never_changes_needs_no_clock() -> None:
    fixed = TariffRules("fixed", "standard", eur_kwh={"standard": 0.31})
    assert at(fixed, None, {}, now(NOON, trusted=False)) == ("standard", 310_000)


def test_no_tariff_no_price() -> None:
    assert at(None, None, {}, now(NOON)) == (None, None)


@pytest.mark.parametrize(("closed", "period"), [(True, "off_peak"), (False, "peak"), (None, None)])
def test_a_contact_is_the_proof(closed: bool | None, period: str | None) -> None:
    """CHG-80: closed is off-peak, also while nobody knows the time; unknown is unknown."""
    rules = TariffRules("contact", "peak", contact="hc", closed="off_peak", eur_kwh={"off_peak": 0.2068})
    price = 206_800 if period == "off_peak" else None
    assert at(rules, None, {"hc": closed}, now(NOON, trusted=False)) == (period, price)
    assert at(rules, None, {}, now(NOON)) == (None, None)


def hourly(first: datetime, *costs: float | None, period: str = "") -> Prices:
    begin = first.astimezone(UTC)
    hours = [begin + timedelta(hours=i) for i in range(len(costs) + 1)]
    slots = (Slot(hours[i], hours[i + 1], eur_kwh, period) for i, eur_kwh in enumerate(costs))
    return Prices("awattar-at", tuple(slots))


def test_what_is_paid_is_the_price_with_charges_by_window_and_tax() -> None:
    """CHG-80: (price + charges) × (1 + tax); negative prices, and cheaper charges at night."""
    rules = TariffRules(
        "awattar-at",
        "standard",
        (Window("night", 13 * 60, 24 * 60),),
        charges_eur_kwh={"standard": 0.10, "night": 0.05},
        tax_pct=20,
    )
    prices = hourly(NOON, 0.0843, -0.0721)
    assert at(rules, prices, {}, now(NOON)) == ("standard", 221_160)
    assert at(rules, prices, {}, now(NOON + timedelta(hours=1))) == ("night", -26_520)
    assert at(rules, prices, {}, now(NOON, trusted=False)) == (None, None)


def test_when_prices_have_ended_there_is_none() -> None:
    """Loss matrix, prices: the last known hold until they end, then none is known."""
    rules = TariffRules("awattar-at", "standard")
    prices = hourly(NOON, 0.1)
    assert at(rules, prices, {}, now(NOON + timedelta(minutes=59, seconds=59)))[1] == 100_000
    assert at(rules, prices, {}, now(NOON + timedelta(hours=1))) == ("standard", None)
    assert at(rules, prices, {}, now(NOON - timedelta(seconds=1))) == ("standard", None)
    assert at(rules, None, {}, now(NOON)) == ("standard", None)


def test_the_colour_of_a_day_comes_with_the_file() -> None:
    """CHG-81: a slot that names a period has that period's price; outside of all slots none is known."""
    colours = {"blue_peak": 0.1612, "red_peak": 0.7060}
    rules = TariffRules("file", None, eur_kwh=colours)
    prices = hourly(NOON, None, None, period="red_peak")
    assert at(rules, prices, {}, now(NOON)) == ("red_peak", 706_000)
    assert at(rules, prices, {}, now(NOON + timedelta(hours=2))) == (None, None)
    assert rules.periods == ("blue_peak", "red_peak")


def test_every_period_is_named_once() -> None:
    rules = TariffRules("static", "peak", (*FRENCH, NIGHT), eur_kwh={"peak": 0.3, "off_peak": 0.2})
    assert rules.periods == ("peak", "off_peak")


@pytest.mark.parametrize(
    ("one", "two", "clash"),
    [
        (Window("a", 0, 60), Window("b", 60, 120), False),
        (Window("a", 0, 61), Window("b", 60, 120), True),
        (Window("a", 60, 61), Window("b", 0, 120), True),
        (NIGHT, Window("b", 5 * 60, 7 * 60), True),
        (NIGHT, Window("b", 6 * 60, 7 * 60), False),
        (NIGHT, Window("off_peak", 5 * 60, 7 * 60), False),
        (Window("a", 1320, 360, WEEKDAYS), Window("b", 300, 420, frozenset({5})), True),
        (Window("a", 1320, 360, WEEKDAYS), Window("b", 300, 420, frozenset({6})), False),
        (Window("a", 1320, 360, season=WINTER), Window("b", 60, 120, season=FROM_APRIL_2), False),
        (Window("a", 1320, 360, season=WINTER), Window("b", 60, 120, season=FROM_APRIL_1), True),
        (
            Window("a", 1320, 360, season=(YearDay(2, 28), YearDay(2, 28))),
            Window("b", 60, 120, season=(YearDay(3, 1), YearDay(3, 1))),
            True,
        ),
    ],
)
def test_contradictions_are_found(one: Window, two: Window, clash: bool) -> None:
    for windows in ((one, two), (two, one)):
        assert (contradiction(windows) is not None) is clash


year_days = st.dates(date(2028, 1, 1), date(2028, 12, 31)).map(lambda day: YearDay(day.month, day.day))
any_window = st.builds(
    Window,
    st.sampled_from(["a", "b", "c"]),
    st.integers(0, 1439),
    st.integers(0, 1440),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.none() | st.tuples(year_days, year_days),
).filter(lambda window: window.begins_min != window.ends_min)


def table(window: Window, first: date, days: int) -> set[tuple[date, int]]:
    """Every minute of a window as a day and a minute, counted off one by one."""
    inside = set()
    for offset in range(-1, days):
        day = first + timedelta(days=offset)
        if begins_on(window, day):
            length = (window.ends_min - window.begins_min - 1) % 1440 + 1
            for minute in range(window.begins_min, window.begins_min + length):
                inside.add((day + timedelta(days=minute // 1440), minute % 1440))
    return inside


@settings(max_examples=20, deadline=None)
@given(st.lists(any_window, min_size=1, max_size=3), st.dates(date(2026, 1, 1), date(2031, 12, 1)))
def test_any_windows_equal_a_table_of_minutes(windows: Sequence[Window], first: date) -> None:
    """CHG-81: over midnight, over new year and over every weekday, against counting minute by minute."""
    rules = TariffRules("static", None, tuple(windows))
    tables = [table(window, first, 3) for window in windows]
    for minute in range(0, 3 * 1440, 13):
        face = datetime(first.year, first.month, first.day) + timedelta(minutes=minute)
        here = (face.date(), face.hour * 60 + face.minute)
        inside = [window.period for window, rows in zip(windows, tables, strict=True) if here in rows]
        assert period_at(rules, face) == (inside[0] if inside else None)
        if contradiction(windows) is None:
            assert len(set(inside)) <= 1, "at most one period is in force"


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.lists(any_window, max_size=3),
)
def test_any_instant_of_a_year_follows_the_face_of_its_clock(
    zone: ZoneInfo, moment: datetime, windows: Sequence[Window]
) -> None:
    wall = moment.replace(tzinfo=UTC).astimezone(zone)
    rules = TariffRules("static", "peak", tuple(windows))
    expected = period_at(rules, wall.replace(tzinfo=None, fold=0)) if windows else "peak"
    assert at(rules, None, {}, now(wall)) == (expected, None)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(ZONES), st.sampled_from([(10, 24), (3, 27), (4, 4), (10, 3), (11, 1), (3, 8)]))
def test_the_nights_of_clock_changes_equal_a_table_of_minutes(zone: ZoneInfo, day: tuple[int, int]) -> None:
    """CHG-81, minute by minute of elapsed time through two days in four zones."""
    begins = datetime(2027, *day, tzinfo=zone)
    rules = static(Window("off_peak", 94, 454), Window("off_peak", 22 * 60 + 11, 0))
    walls = [(begins.astimezone(UTC) + timedelta(minutes=i)).astimezone(zone) for i in range(2 * 1440)]
    faces = [wall.hour * 60 + wall.minute for wall in walls]
    expected = ["off_peak" if 94 <= face < 454 or face >= 22 * 60 + 11 else "peak" for face in faces]
    assert minutes(rules, begins, 2 * 1440) == expected


@pytest.mark.parametrize("eur_kwh", [float("nan"), float("inf"), 1e300, -6.0])
def test_a_price_that_cannot_be_is_none(eur_kwh: float) -> None:
    """CHG-82: nobody pays it, and nothing of ours breaks over it."""
    slot = Slot(datetime(2026, 6, 21, tzinfo=UTC), datetime(2026, 6, 22, tzinfo=UTC), eur_kwh)
    now = Instant(0.0, datetime(2026, 6, 21, 12, tzinfo=UTC))
    assert at(TariffRules("awattar-at"), Prices("awattar-at", (slot,)), {}, now) == (None, None)


def test_whose_prices_may_be_chosen() -> None:
    """API-106: windows can be followed only where there are some."""
    assert providers(None) == SLOTTED
    assert providers(TariffRules("fixed")) == ("fixed", *SLOTTED)
    assert providers(static(NIGHT)) == ("static", *SLOTTED)
    assert providers(TariffRules("awattar-de", windows=(NIGHT,))) == (
        "awattar-de",
        "static",
        "awattar-at",
        "file",
        "optimizer",
    )


def test_a_chosen_provider_has_the_houses_periods_and_not_its_prices() -> None:
    """API-106: what another contract costs in a period is no price of this one."""
    house = static(NIGHT, peak=0.3)
    assert in_force(house, TariffChoice()) is in_force(house, TariffChoice("static")) is house
    spot = in_force(house, TariffChoice("awattar-at"))
    assert spot == TariffRules("awattar-at", "peak", (NIGHT,))
    assert at(spot, None, {}, now(NOON)) == ("peak", None)
    assert in_force(None, TariffChoice()) is None
    assert in_force(None, TariffChoice("file")) == TariffRules("file")
