"""PNL-45: prices, the cursor in them, and what is planned."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hems.model.plans import Plan
from hems.model.prices import Outlook, Rated, Slot
from hems.model.view import View
from hems.panel.layout import Look, Spot
from hems.panel.navigator import State
from hems.panel.pages import page
from hems.panel.plan_screen import bars, pieces, price
from hems.panel.screens import standing
from tests.panel.rich_view import NOON, RICH
from tests.panel.seen import rows
from tests.panel.test_navigator import HOME, stroke
from tests.panel.views import BEFORE_SEVEN, HOUSE, NOW, PLAN

HERE = replace(HOME, screen="plan")
HOUR = timedelta(hours=1)


def told(outlook: Outlook, view: View = RICH) -> View:
    return replace(view, decision=replace(view.decision, outlook=outlook))


def test_prices_begin_now_and_the_planned_are_chosen() -> None:
    shown = bars(Look(RICH, NOW))
    assert (shown[0].start.hour, len(shown)) == (14, 34)
    assert shown[0].start.utcoffset() == HOUR, "local time"
    assert [bar.start.hour for bar in shown if bar.chosen] == [2, 3, 5]


def test_the_title_tells_what_it_costs_now() -> None:
    assert rows(RICH, "plan") == ["Plan  24.03ct 14:00 >", "", "", "", "", "  18 00 06 12 18"]


@pytest.mark.parametrize(
    ("strokes", "title"),
    [
        ("ok", "Plan  24.03ct 14:00 >"),
        ("ok down", "Plan  26.52ct 15:00 >"),
        ("ok up", "Plan  24.03ct 14:00 >"),
        ("ok down*99", None),
        ("ok down back", "Plan  24.03ct 14:00 >"),
    ],
)
def test_the_cursor_tells_the_price_and_stops_at_both_ends(strokes: str, title: str | None) -> None:
    spot = stroke(strokes, RICH, HERE)[0].spot
    last = bars(Look(RICH, NOW))[-1]
    found = rows(RICH, "plan", spot.level, spot.cursor)[0]
    assert found == (title or f"Plan{price(last.eur_kwh):>9} {last.start:%H:%M} >")


def test_a_cursor_whose_price_has_passed_stands_at_the_first() -> None:
    spot = stroke("ok", RICH, HERE)[0].spot
    later = replace(RICH, now=replace(NOW, wall=NOW.wall + 3 * HOUR))
    assert rows(later, "plan", spot.level, spot.cursor)[0].endswith("17:00 >")


def test_the_list_of_what_is_chosen() -> None:
    """Energy spread evenly over the time that is chosen, at its price; slots that touch are one piece."""
    state, _ = stroke("ok ok", RICH, HERE)
    assert state.spot == Spot(2, "piece:0")
    assert rows(RICH, "plan", 2, "piece:0") == [
        "Chosen",
        "02:00-04:00",
        "       9.47kWh  0.88€",
        "05:00-06:00",
        "       4.73kWh  0.52€",
        "",
    ]
    assert sum(piece.energy_wh for piece in pieces(RICH)) == pytest.approx(14_200)
    assert stroke("ok ok back", RICH, HERE)[0].spot == Spot(1)


def many() -> View:
    """Two chargers, three pieces, one without a price and one beyond tomorrow."""
    start = BEFORE_SEVEN + 30 * HOUR
    other = Plan(start, start, 3000.0, 3000.0, (Slot(start, start + HOUR),))
    decisions = RICH.decision.chargers
    carport = replace(decisions["garage"], plan=other)
    installed = replace(RICH.installed, chargers=HOUSE.installed.chargers)
    decision = replace(RICH.decision, chargers={**decisions, "carport": carport})
    return replace(RICH, installed=installed, decision=decision)


def test_the_list_scrolls_and_names_the_charger_where_there_are_several() -> None:
    assert rows(many(), "plan", 2, "piece:1") == [
        "Chosen          2-3/3",
        "05:00-06:00",
        "garage 4.73kWh  0.52€",
        "Sat 13:00-14:00",
        "carpo… 3.00kWh     --",
        "",
    ]
    spots = [
        stroke(f"ok ok {keys}", many(), HERE)[0].spot.cursor for keys in ("down", "down*5", "down up*3", "ok")
    ]
    assert spots == ["piece:1", "piece:1", "piece:0", "piece:0"]


def test_nothing_planned_is_said() -> None:
    bare = replace(RICH, decision=replace(RICH.decision, chargers={}))
    assert rows(bare, "plan", 2, "piece:0") == ["Chosen", "nothing is planned", "", "", "", ""]
    without = replace(RICH.decision.chargers["garage"], plan=replace(PLAN, slots=()))
    assert pieces(replace(RICH, decision=replace(RICH.decision, chargers={"garage": without}))) == ()


@pytest.mark.parametrize(
    ("outlook", "trusted", "words"),
    [
        (
            Outlook("awattar-de", (), NOON + HOUR),
            True,
            ["Plan          14:32 >", "no prices since", "12 Mar 13:00"],
        ),
        (Outlook(), True, ["Plan          14:32 >", "no prices yet", ""]),
        (RICH.decision.outlook, False, ["Plan         clock? >", "time not known", ""]),
    ],
)
def test_without_prices_it_says_since_when(outlook: Outlook, trusted: bool, words: list[str]) -> None:
    view = replace(told(outlook), now=replace(NOW, trusted=trusted))
    shown = rows(view, "plan")
    assert [shown[0], shown[2], shown[3]] == words
    assert page(State(NOW.mono_s, "plan"), view, view.now).shapes[0].lines == ()  # type: ignore[union-attr]
    if trusted:
        assert stroke("ok down", view, HERE)[0].spot.cursor == "piece:0"


def test_only_a_house_with_prices_has_it() -> None:
    assert standing(HOUSE, "plan") is None
    period = Outlook("static", (Rated(NOON, NOON + 9 * HOUR, 0.2, period="peak"),))
    assert standing(told(period, HOUSE), "plan") is not None
    assert standing(told(Outlook("static", (Rated(NOON, NOON + HOUR),)), HOUSE), "plan") is None


@pytest.mark.parametrize(
    ("eur_kwh", "words"),
    [(None, "--"), (0.113, "11.30ct"), (-0.1234, "-12.34ct"), (-0.00001, "0.00ct"), (1.5, "150.00ct")],
)
def test_prices_have_two_decimals_of_the_hundredth(eur_kwh: float | None, words: str) -> None:
    """PNL-82."""
    assert price(eur_kwh) == words


def test_two_days_of_quarter_hours_are_shown_as_hours() -> None:
    quarter = timedelta(minutes=15)
    start = datetime(2026, 3, 12, 13, 0, tzinfo=UTC)
    slots = tuple(Rated(start + i * quarter, start + (i + 1) * quarter, 0.1) for i in range(192))
    shown = bars(Look(told(Outlook("awattar-de", slots)), NOW))
    assert (len(shown), shown[0].start.minute, shown[1].start.hour) == (48, 30, 15)
