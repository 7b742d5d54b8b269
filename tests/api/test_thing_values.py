"""Freshness, totals and powers of any thing."""

from dataclasses import replace

from hems.api.classes import Look
from hems.api.thing_values import FRESH_S, connected, counted, drawn_w
from hems.model.snapshot import ChargerReading, MeterReading
from tests.api.thing_house import NOW, VIEW

LOOK = Look(VIEW, "garage")


def test_a_device_is_connected_while_it_was_heard_of_just_now() -> None:
    """API-72."""
    assert connected(LOOK, MeterReading(NOW.mono_s - FRESH_S, 0.0))
    assert not connected(LOOK, MeterReading(NOW.mono_s - FRESH_S - 0.1, 0.0))
    assert not connected(LOOK, None)


def test_a_charger_that_sleeps_is_not_lost() -> None:
    """API-72."""
    assert connected(LOOK, ChargerReading(0.0, asleep=True))


def test_totals_are_kilowatt_hours_of_the_counters() -> None:
    """API-71."""
    read = counted(lambda look: f"ev{look.view.installed.chargers[look.name].number}.energy.all.total")
    assert read(LOOK) == 555.555
    assert read(Look(replace(VIEW, counters={}), "garage")) is None


def test_what_is_not_there_draws_nothing() -> None:
    """API-72."""
    assert drawn_w(LOOK, there=True) == 2990.0
    assert drawn_w(LOOK, there=False) == 0.0
