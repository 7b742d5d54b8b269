"""What a person must be told: the closed list of alarms, each with what the appliance does about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hems.model.why import Figure


class AlarmCode(StrEnum):
    """Every alarm there is."""

    GRID_METER_SILENT = "grid_meter_silent"
    METER_SILENT = "meter_silent"
    CHARGER_SILENT = "charger_silent"
    CHARGER_FAULT = "charger_fault"
    CHARGER_REFUSES = "charger_refuses"
    HEAT_PUMP_SILENT = "heat_pump_silent"
    STUCK_CONTACTOR = "stuck_contactor"
    RELAY_TEST_FAILED = "relay_test_failed"
    SWITCH_LOCKED_OUT = "switch_locked_out"
    LINE_OVER_FUSE = "line_over_fuse"
    DIM_CONTACT_UNKNOWN = "dim_contact_unknown"
    BUS_ABSENT = "bus_absent"
    BOOK_UNREADABLE = "book_unreadable"
    MEMORY = "memory"
    CLOCK_UNKNOWN = "clock_unknown"
    INSTALLATION_REFUSED = "installation_refused"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm: what it is about ("" = the house), since when (``None`` = the clock was not known).

    `name` tells it from all others. `holds`: its cause is still there. `seen`: a person has acknowledged it.
    `latched` ones stay until they are cleared by a person.
    """

    code: AlarmCode
    about: str = ""
    since: datetime | None = None
    since_mono_s: float = 0.0
    holds: bool = True
    seen: bool = False
    latched: bool = False
    figures: Mapping[str, Figure] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How an acknowledgement refers to it."""
        return f"{self.code}.{self.about}" if self.about else str(self.code)
