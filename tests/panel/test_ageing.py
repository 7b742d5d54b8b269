"""PNL-13, 14, 15: how bright, when dark, when shaken."""

from dataclasses import replace
from math import inf

import pytest

from hems.model.alarm import Alarm, AlarmCode
from hems.model.decision import ChargerCommand, Command, SearchDecision
from hems.model.settings import Commissioning, PanelSettings
from hems.model.view import View
from hems.model.why import Reason
from hems.panel.ageing import contrast, patience, shaken, standing_alarm, watched
from hems.panel.navigator import Light, Patience
from tests.panel.views import HOUSE, charger, decided


def test_contrast_in_five_steps_and_dim_is_an_eighth() -> None:
    bright = [contrast(Light.BRIGHT, step) for step in range(1, 6)]
    assert bright == [41, 82, 124, 165, 207]
    assert [contrast(Light.DIM, step) for step in range(1, 6)] == [full // 8 for full in bright]
    assert contrast(Light.DARK, 5) == 0
    assert all(contrast(light, 1) > 0 for light in (Light.BRIGHT, Light.DIM))


def with_panel(**chosen: object) -> View:
    return replace(HOUSE, settings=replace(HOUSE.settings, panel=PanelSettings(**chosen)))  # type: ignore[arg-type]


@pytest.mark.parametrize(("dark_after_s", "dim_after_s"), [(30, 15), (60, 30), (120, 60), (600, 60)])
def test_a_person_sets_when_it_goes_dark(dark_after_s: float, dim_after_s: float) -> None:
    """PNL-14: dim after 60 s, and always before it is dark."""
    found = patience(with_panel(dark_after_s=dark_after_s))
    assert (found.dim_after_s, found.dark_after_s) == (dim_after_s, dark_after_s)
    assert found.leave_after_s == 120.0


def test_a_patience_that_was_told_is_kept() -> None:
    told = Patience(dark_after_s=17.0)
    assert patience(with_panel(dark_after_s=30.0), told) == told


WATCHED = {
    "first run": replace(HOUSE, settings=replace(HOUSE.settings, commissioning=Commissioning("language"))),
    "search": replace(
        HOUSE, decision=replace(HOUSE.decision, search=SearchDecision("rs485-a", "full", "searching"))
    ),
    "test": replace(HOUSE, decision=replace(HOUSE.decision, chargers={"garage": decided(Reason.TEST, 6.0)})),
}


@pytest.mark.parametrize("why", WATCHED)
def test_it_does_not_go_dark_while_somebody_may_wait(why: str) -> None:
    """PNL-14: it only dims."""
    assert watched(WATCHED[why])
    found = patience(WATCHED[why])
    assert (found.dim_after_s, found.dark_after_s) == (60.0, inf)
    assert patience(WATCHED[why], Patience(dark_after_s=5.0)).dark_after_s == inf
    assert not watched(HOUSE)


def test_the_newest_alarm_that_nobody_has_seen_stands() -> None:
    """PNL-15."""
    old = Alarm(AlarmCode.CLOCK_UNKNOWN, since_mono_s=1.0)
    new = Alarm(AlarmCode.METER_SILENT, "pv", since_mono_s=2.0)
    seen = Alarm(AlarmCode.CHARGER_FAULT, "garage", since_mono_s=3.0, seen=True)
    assert standing_alarm(HOUSE) is None
    assert standing_alarm(replace(HOUSE, alarms=(old, new, seen))) is new
    assert standing_alarm(replace(HOUSE, alarms=(seen,))) is None


def commanded(view: View, command: Command) -> View:
    return replace(view, decision=replace(view.decision, command=command))


def test_relays_and_a_beginning_or_end_of_charging_shake_it() -> None:
    """PNL-13."""
    open_relay = Command({"garage": ChargerCommand(0.0, False)})
    closed = Command({"garage": ChargerCommand(16.0, True)})
    load = Command({"garage": ChargerCommand(16.0, True)}, relays={"boiler": True})
    assert shaken(commanded(HOUSE, open_relay), commanded(HOUSE, closed))
    assert shaken(commanded(HOUSE, closed), commanded(HOUSE, load))
    assert not shaken(
        commanded(HOUSE, closed), commanded(HOUSE, Command({"garage": ChargerCommand(6.0, True)}))
    )
    waiting = replace(HOUSE, snapshot=replace(HOUSE.snapshot, chargers={"garage": charger("B")}))
    charging = replace(HOUSE, snapshot=replace(HOUSE.snapshot, chargers={"garage": charger("C")}))
    assert shaken(waiting, charging)
    assert shaken(charging, waiting)
    assert not shaken(charging, charging)
