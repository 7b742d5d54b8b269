"""Runs and sessions as plain values."""

from datetime import UTC, datetime

import pytest

from hems.model.runs import Run, Session, read_run, read_session, run_figures, session_figures

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(("electrical", "thermal", "cop"), [(100, 373, 3.73), (0, 5, None), (30, 0, 0.0)])
def test_cop_is_heat_per_electricity(electrical: int, thermal: int, cop: float | None) -> None:
    """CNT-34, CNT-60."""
    assert Run(1, electrical_wh=electrical, thermal_wh=thermal).cop == cop


def test_a_whole_run_in_plain_values() -> None:
    """CNT-34: all of its fields, as an event carries them."""
    run = Run(2, NOON, None, 1496.0, "heating", 1, 100, 350, partial=True)
    assert run_figures(run) == {
        "pump": 2, "start": "2026-11-24T12:00:00+00:00", "end": None, "duration_s": 1496.0, "mode": "heating",
        "defrosts": 1, "electrical_wh": 100, "thermal_wh": 350, "cop": 3.5, "partial": True,
    }  # fmt: skip
    assert read_run(run_figures(run)) == run


def test_a_whole_session_in_plain_values() -> None:
    """CNT-81: one figure for each tariff."""
    session = Session("ev1-4", 1, start=NOON, energy_wh=9, grid_wh={"peak": 4, "unknown": 5}, reason="silent")
    figures = session_figures(session)
    assert (figures["grid_peak_wh"], figures["grid_unknown_wh"]) == (4, 5)
    assert (figures["start"], figures["end"], figures["reason"]) == (NOON.isoformat(), None, "silent")
    assert set(figures) == {
        "id", "charger", "vehicle", "start", "end", "reason", "energy_wh", "solar_wh", "battery_wh",
        "grid_peak_wh", "grid_unknown_wh", "unattributed_wh", "cost_ueur", "charging_s", "power_max_w",
        "lines_used", "contactor", "mode", "total_start_wh", "total_end_wh", "partial", "estimated",
    }  # fmt: skip


def test_what_is_no_run_and_no_session_is_named() -> None:
    with pytest.raises(ValueError, match="a number was expected, not 'long'"):
        read_run({**run_figures(Run(1)), "duration_s": "long"})
    with pytest.raises(KeyError, match="grid_wh"):
        read_session(session_figures(Session("ev1-1", 1)))
