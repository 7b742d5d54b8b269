"""What a person must be told: the closed list of alarms, each with what the appliance does about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from hems.model.why import Figure


class AlarmCode(StrEnum):
    """Every alarm there is."""

    GRID_METER_SILENT = "grid_meter_silent"
    METER_SILENT = "meter_silent"
    CHARGER_SILENT = "charger_silent"
    CHARGER_FAULT = "charger_fault"
    CHARGER_REFUSES = "charger_refuses"
    CHARGER_NOT_SET_UP = "charger_not_set_up"
    CHARGER_UNFED = "charger_unfed"
    HEAT_PUMP_SILENT = "heat_pump_silent"
    STUCK_CONTACTOR = "stuck"
    RELAY_TEST_FAILED = "relay_test"
    SWITCH_LOCKED_OUT = "switch_locked_out"
    LINE_OVER_FUSE = "line_over_fuse"
    CIRCUIT_OVER_FUSE = "circuit_over_fuse"
    DIM_CONTACT_UNKNOWN = "dim_contact_unknown"
    BUS_ABSENT = "bus_absent"
    OTHER_MASTER = "other_master"
    WORD_ORDER = "word_order"
    COUNTERS_DISAGREE = "counters_disagree"
    COUNTERS_AHEAD = "counters_ahead"
    BOOK_UNREADABLE = "book_unreadable"
    CARD_FAILING = "card_failing"
    NOT_SAVED = "not_saved"
    EVIDENCE_FULL = "evidence_full"
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

    @property
    def text(self) -> str:
        """What it is, in at most 21 characters, figures filled in."""
        return TEXTS[self.code].short.format_map(self.figures)

    @property
    def does(self) -> str:
        """What the appliance does about it, or what a person has to, in at most 84 characters."""
        return TEXTS[self.code].does


@dataclass(frozen=True, slots=True)
class PastAlarm:
    """An alarm that is over, and since when (``None`` = the clock was not known)."""

    alarm: Alarm
    until: datetime | None = None


PAST_KEPT: Final = 50
"""So many alarms that are over are remembered for the eyes."""


class AlarmText(NamedTuple):
    """What an alarm is (at most 21 characters with its figures), and what is done about it (at most 84)."""

    short: str
    does: str


TEXTS: Final[Mapping[AlarmCode, AlarmText]] = {
    AlarmCode.GRID_METER_SILENT: AlarmText("Grid meter silent", "Chargers held at 0 A"),
    AlarmCode.METER_SILENT: AlarmText("Meter silent", "Its power is unknown, its energy waits"),
    AlarmCode.CHARGER_SILENT: AlarmText("Charger silent", "Counted as drawing its last current"),
    AlarmCode.CHARGER_FAULT: AlarmText("Charger fault {status}", "No charging there; look at the charger"),
    AlarmCode.CHARGER_REFUSES: AlarmText("Orders are refused", "Tried again; if need be its relay opens"),
    AlarmCode.CHARGER_NOT_SET_UP: AlarmText("Charger not set up", "Its fail-safe is not confirmed: 0 A"),
    AlarmCode.CHARGER_UNFED: AlarmText("Charger not fed", "It will soon fall back to its fail-safe"),
    AlarmCode.HEAT_PUMP_SILENT: AlarmText("Heat pump silent", "No surplus for it; cycles go uncounted"),
    AlarmCode.STUCK_CONTACTOR: AlarmText("Contactor stuck", "Held at 0 A: switch off its fuse at once"),
    AlarmCode.RELAY_TEST_FAILED: AlarmText("Relay test failed", "It may not stop a car: have it mended"),
    AlarmCode.SWITCH_LOCKED_OUT: AlarmText("Line switch locked", "Its lines stay until the car leaves"),
    AlarmCode.LINE_OVER_FUSE: AlarmText(
        "{line} {current_a:.0f} A, fuse {fuse_a:.0f} A", "Cars have given way: switch something off"
    ),
    AlarmCode.CIRCUIT_OVER_FUSE: AlarmText(
        "{line} {current_a:.0f} A, fuse {fuse_a:.0f} A", "Cars there gave way: switch something off"
    ),
    AlarmCode.DIM_CONTACT_UNKNOWN: AlarmText(
        "Dim contact unknown", "Limited as if the operator asked for it"
    ),
    AlarmCode.BUS_ABSENT: AlarmText("Serial port is gone", "All on it is silent: is it plugged in?"),
    AlarmCode.OTHER_MASTER: AlarmText("Another bus master", "Values come late: unplug the other one"),
    AlarmCode.WORD_ORDER: AlarmText("Word order is wrong", "Its energy waits until it is set right"),
    AlarmCode.COUNTERS_DISAGREE: AlarmText("Counters disagree", "Counting goes on; please save a copy"),
    AlarmCode.COUNTERS_AHEAD: AlarmText("Counters are ahead", "A clock was wrong: periods wait for it"),
    AlarmCode.BOOK_UNREADABLE: AlarmText("Book unreadable", "Counting goes on in a rescue book"),
    AlarmCode.CARD_FAILING: AlarmText("Card fails", "Counts are kept in memory: renew it"),
    AlarmCode.NOT_SAVED: AlarmText("Counts not saved", "They wait for a slow card, nothing is lost"),
    AlarmCode.EVIDENCE_FULL: AlarmText("Evidence nearly full", "Save a copy soon: the oldest must go"),
    AlarmCode.MEMORY: AlarmText("Memory was damaged", "Counting goes on; the log says what is lost"),
    AlarmCode.CLOCK_UNKNOWN: AlarmText("Time not known", "Tariffs and targets wait for the clock"),
    AlarmCode.INSTALLATION_REFUSED: AlarmText("New setup refused", "The former one is in use"),
}
"""Each alarm in words."""
