"""Nights with off-peak hours: charged in the minutes of the wall clock, also where the clocks turn."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hems.model import site
from hems.model.intents import SetCharging
from hems.model.settings import ChargerSettings
from hems.sim.car import CarModel
from tests.stories.diary import Diary
from tests.stories.plots import Plot, plot
from tests.stories.stage import RaiseCurtain

PARIS = ZoneInfo("Europe/Paris")
SLACK_S = 2.0
AHEAD_S = 1500.0
TWICE = (("01:34", "07:34"), ("12:34", "14:34"))
EVENING = (("22:00", "06:00"),)
UEUR_WH = {"off_peak": 206.8, "peak": 270.0}


def french(windows: tuple[tuple[str, str], ...]) -> Plot:
    """A house without sun whose tariff knows these off-peak hours, and a car that is never full."""
    tariff = site.Tariff(
        provider="static",
        eur_kwh={period: ueur_wh / 1000 for period, ueur_wh in UEUR_WH.items()},
        windows=tuple(
            site.TariffWindow(period="off_peak", begins=begins, ends=ends) for begins, ends in windows
        ),
    )
    place = site.Site(name="Nuit", time_zone="Europe/Paris", main_fuse_a=(25.0, 25.0, 25.0))
    return plot(cars=(CarModel(capacity_wh=250_000.0),), tariff=tariff, site=place)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("windows", "begins", "ends", "hours"),
    [
        (TWICE, wall("2026-03-29T12:34"), wall("2026-03-29T14:34"), 2),
        pytest.param(TWICE, wall("2026-03-29T01:34"), wall("2026-03-29T07:34"), 5, marks=pytest.mark.proof),
        pytest.param(TWICE, wall("2026-10-25T01:34"), wall("2026-10-25T07:34"), 7, marks=pytest.mark.proof),
        pytest.param(EVENING, wall("2026-03-28T22:00"), wall("2026-03-29T06:00"), 7, marks=pytest.mark.proof),
        pytest.param(EVENING, wall("2026-10-24T22:00"), wall("2026-10-25T06:00"), 9, marks=pytest.mark.proof),
    ],
)
def test_off_peak_is_what_the_wall_clock_says(
    raise_curtain: RaiseCurtain,
    windows: tuple[tuple[str, str], ...],
    begins: datetime,
    ends: datetime,
    hours: int,
) -> None:
    """CHG-81, CNT-72: an hour is missing or there twice; what is charged, and at what price, follows it."""
    stage = raise_curtain(french(windows), short=True, start=begins - timedelta(seconds=AHEAD_S))
    diary = Diary(stage)
    stage.base(1, 1, 1)
    stage.ask(SetCharging("garage", ChargerSettings(user_max_a=16, off_peak=True)))
    stage.play(5)
    for moment in (begins, ends):
        stage.doze(moment.timestamp() - stage.clock.now().wall.timestamp() - 30, 30.0)
        stage.play(60)
    stage.doze(600, 30.0)
    ((began, ended),) = diary.charged()
    assert abs(began.timestamp() - begins.timestamp()) <= SLACK_S
    assert abs(ended.timestamp() - ends.timestamp()) <= SLACK_S
    assert abs((ended.timestamp() - began.timestamp()) - 3600 * hours) <= 2 * SLACK_S
    assert diary.codes() == {"waiting_two_readings", "surplus_low", "cheap_price", "settling"}
    diary.clean()
    diary.honest()
    counters, truth = stage.views[-1].counters, stage.truth
    assert truth["starts"] == 1
    assert truth["ev_wh"] == pytest.approx(hours * 11_040, rel=0.01)
    assert counters["ev1.energy.grid_off_peak.total"] == pytest.approx(truth["ev_wh"], rel=0.001)
    assert (counters["ev1.energy.grid_peak.total"] or 0) <= 11_100 * 5 / 3600, "the car's own delay"
    for period, ueur_wh in UEUR_WH.items():
        used_wh = counters[f"site.grid_import.{period}.total"]
        assert used_wh is not None
        assert counters[f"site.grid_cost.{period}.total"] == pytest.approx(used_wh * ueur_wh, abs=2)
