"""Runs of a compressor and sessions of a car: what happened as a whole, with its energies."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from hems.model.plain import integer, integers, iso, number, text, time

Figure = int | float | str | bool | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a compressor, from its first to its last running reading.

    `mode` is the first of heating, hot_water and cooling seen in it, else defrost, else other. `partial`:
    start or end was not seen. Times are empty while the clock is not trusted.
    """

    pump: int
    start: datetime | None = None
    end: datetime | None = None
    duration_s: float = 0.0
    mode: str = "other"
    defrosts: int = 0
    electrical_wh: int = 0
    thermal_wh: int = 0
    partial: bool = False

    @property
    def cop(self) -> float | None:
        """Heat per electricity, two decimals; ``None`` while there is no electricity."""
        return round(self.thermal_wh / self.electrical_wh, 2) if self.electrical_wh > 0 else None


@dataclass(frozen=True, slots=True)
class Session:
    """One car at one charger, from plugging in to leaving.

    `reason` of the end: unplugged, silent, replaced; empty while the session is open. `grid_wh` is by
    tariff. `mode` is the charger's at the start. `partial`: the start was not seen; `estimated`: integrated
    from power.
    """

    id: str
    charger: int
    vehicle: str = ""
    start: datetime | None = None
    end: datetime | None = None
    reason: str = ""
    energy_wh: int = 0
    solar_wh: int = 0
    battery_wh: int = 0
    grid_wh: Mapping[str, int] = field(default_factory=dict)
    unattributed_wh: int = 0
    cost_ueur: int = 0
    charging_s: int = 0
    power_max_w: float = 0.0
    lines_used: int = 0
    contactor: int = 0
    mode: str = ""
    total_start_wh: int | None = None
    total_end_wh: int | None = None
    partial: bool = False
    estimated: bool = False


def run_figures(run: Run) -> dict[str, Figure]:
    """A whole run in plain values; times are ISO 8601."""
    return {
        "pump": run.pump,
        "start": iso(run.start),
        "end": iso(run.end),
        "duration_s": run.duration_s,
        "mode": run.mode,
        "defrosts": run.defrosts,
        "electrical_wh": run.electrical_wh,
        "thermal_wh": run.thermal_wh,
        "cop": run.cop,
        "partial": run.partial,
    }


def session_figures(session: Session) -> dict[str, Figure]:
    """A whole session in plain values, the grid's share as one ``grid_<tariff>_wh`` for each tariff."""
    figures: dict[str, Figure] = {}
    for item in fields(session):
        value = getattr(session, item.name)
        if item.name == "grid_wh":
            figures |= {f"grid_{tariff}_wh": wh for tariff, wh in session.grid_wh.items()}
        else:
            figures[item.name] = iso(value) if isinstance(value, datetime) else value
    return figures


def plain_session(session: Session) -> dict[str, object]:
    """An open session in plain values, as `read_session` understands them."""
    figures: dict[str, object] = dict(session_figures(replace(session, grid_wh={})))
    return {**figures, "grid_wh": dict(session.grid_wh)}


def read_run(row: Mapping[str, object]) -> Run:
    """The run that plain values hold; `KeyError` or `ValueError` names what is wrong."""
    return Run(
        pump=integer(row["pump"]),
        start=time(row["start"]),
        end=time(row["end"]),
        duration_s=number(row["duration_s"]),
        mode=text(row["mode"]),
        defrosts=integer(row["defrosts"]),
        electrical_wh=integer(row["electrical_wh"]),
        thermal_wh=integer(row["thermal_wh"]),
        partial=bool(row["partial"]),
    )


def read_session(row: Mapping[str, object]) -> Session:
    """The session that plain values hold; `KeyError` or `ValueError` names what is wrong."""
    return Session(
        id=text(row["id"]),
        charger=integer(row["charger"]),
        vehicle=text(row["vehicle"]),
        start=time(row["start"]),
        end=time(row["end"]),
        reason=text(row["reason"]),
        energy_wh=integer(row["energy_wh"]),
        solar_wh=integer(row["solar_wh"]),
        battery_wh=integer(row["battery_wh"]),
        grid_wh=integers(row["grid_wh"]),
        unattributed_wh=integer(row["unattributed_wh"]),
        cost_ueur=integer(row["cost_ueur"]),
        charging_s=integer(row["charging_s"]),
        power_max_w=number(row["power_max_w"]),
        lines_used=integer(row["lines_used"]),
        contactor=integer(row["contactor"]),
        mode=text(row["mode"]),
        total_start_wh=None if row["total_start_wh"] is None else integer(row["total_start_wh"]),
        total_end_wh=None if row["total_end_wh"] is None else integer(row["total_end_wh"]),
        partial=bool(row["partial"]),
        estimated=bool(row["estimated"]),
    )
