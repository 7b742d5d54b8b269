from itertools import product
from string import Formatter

import pytest

from hems.model.units import LINES
from hems.model.why import HEAT_TEXTS, PAUSE_TEXTS, TEXTS, Figure, Reason, Why, countdown, short

EXTREMES: dict[str, list[Figure]] = {
    "limit_a": [0.0, 6, 31.96, 80.0],
    "line": list(LINES),
    "status": ["E", "F"],
    "doing": ["running", "locked"],
    "seconds_left": [0.0, 59.6, 599.0, 3599.4, 3600.0, 86_399.0, 604_800.0],
}


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_fits_the_panel_with_any_figures(reason: Reason) -> None:
    """PNL-81: at most 21 characters."""
    for values in product(*EXTREMES.values()):
        text = Why(reason, dict(zip(EXTREMES, values, strict=True))).text
        assert 0 < len(text) <= 21, text


@pytest.mark.parametrize("reason", HEAT_TEXTS)
def test_a_heat_pumps_reasons_fit_as_well(reason: Reason) -> None:
    """PNL-81: at most 21 characters, whatever the surplus."""
    for offer_w, seconds_left in product([0.0, -1e12, 1e12, 31_999.6], EXTREMES["seconds_left"]):
        text = Why(reason, {"offer_w": offer_w, "seconds_left": seconds_left}).text
        assert 0 < len(text) <= 21, text
        assert text.startswith(HEAT_TEXTS[reason].partition("{")[0])


@pytest.mark.parametrize("reason", PAUSE_TEXTS)
def test_a_limit_that_leaves_nothing_says_so(reason: Reason) -> None:
    """PNL-81: no figure where there is none to give."""
    paused, held = (Why(reason, {"limit_a": limit_a, "line": "L2"}).text for limit_a in (0.0, 6.0))
    assert paused == PAUSE_TEXTS[reason].format(line="L2")
    assert "6 A" in held


def test_every_reason_has_its_own_words() -> None:
    assert set(TEXTS) == set(Reason)
    assert len(set(TEXTS.values())) == len(Reason)


def test_texts_ask_only_for_figures_that_exist() -> None:
    asked = {name for text in TEXTS.values() for _, name, _, _ in Formatter().parse(text) if name}
    assert asked <= {*EXTREMES, "countdown"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5.0, "0:00"),
        (41.6, "0:42"),
        (599.0, "9:59"),
        (3599.4, "59:59"),
        (3599.6, "1:00"),
        (3661.0, "1:01"),
        (86_340.0, "23:59"),
        (359_999.6, "4 d"),
        (359_969.0, "99:59"),
        (31_622_400.0, "366 d"),
    ],
)
def test_counts_down_in_minutes_and_then_in_hours(seconds: float, text: str) -> None:
    assert countdown(seconds) == text


def test_the_words_carry_the_figures() -> None:
    assert short(Why(Reason.LINE_LIMIT, {"line": "L2", "limit_a": 32.0})) == "fuse L2 holds 32 A"
    assert short(Why(Reason.STOP_DELAY, {"seconds_left": 161})) == "solar ends in 2:41"
    assert short(Why(Reason.MIN_OFF, {"seconds_left": "soon"})) == "rests soon"
    assert short(Why(Reason.NO_CAR)) == "no car"


def test_a_boost_by_energy_counts_that_down() -> None:
    """CHG-120: time where there is an end in time, else energy."""
    assert short(Why(Reason.MANUAL_BOOST, {"energy_left_wh": 250_000.0})) == "boost, 250.0 kWh left"
    both: dict[str, Figure] = {"energy_left_wh": 1234, "seconds_left": 61.0}
    assert short(Why(Reason.MANUAL_BOOST, both)) == "boost, 1:01 left"
