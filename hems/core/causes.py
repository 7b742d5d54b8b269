"""Causes of alarms as rows: what is wrong on the page of a cycle, and how long it must last to be told."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from hems.core.hand import stuck_alarm
from hems.core.rules import Rules
from hems.core.wording import unknown
from hems.model.alarm import AlarmCode
from hems.model.intents import Refusal
from hems.model.ledger import Event
from hems.model.units import LINES, PerLine
from hems.model.view import DeviceHealth, Role, View
from hems.model.why import Figure

Figures = Mapping[str, Figure]
Find = Callable[[Rules, View], Iterator[tuple[str, Figures]]]

SILENT_S: Final = 10.0
"""Without a good value for so long a device is silent."""

JOURNAL: Final[Mapping[str, AlarmCode]] = {
    "book_unreadable": AlarmCode.BOOK_UNREADABLE,
    "journal_failing": AlarmCode.CARD_FAILING,
    "journal_unsaved": AlarmCode.NOT_SAVED,
    "evidence_nearly_full": AlarmCode.EVIDENCE_FULL,
}
"""Alarms of the memory that have one of their own; all others of it are named by their code."""

NO_FIGURES: Final[Figures] = {}


@dataclass(frozen=True, slots=True)
class Found:
    """A cause that is there now."""

    code: AlarmCode
    about: str
    figures: Figures = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Watch:
    """How one alarm is found: its causes by what they are about, and for how long they must last.

    Once gone for `calm_s` it is over. A `latched` one waits for a person. One that is not `ours` is told and
    cleared by whoever found it; here it is only shown.
    """

    find: Find
    dwell_s: float = 0.0
    calm_s: float = 10.0
    latched: bool = False
    ours: bool = True


def causes(rules: Rules, view: View) -> dict[str, Found]:
    """All that is wrong now, by the names of the alarms."""
    found = (
        Found(code, about, figures)
        for code, watch in WATCHED.items()
        for about, figures in watch.find(rules, view)
    )
    return {f"{one.code}.{one.about}" if one.about else str(one.code): one for one in found}


def alarm_fault(rules: Rules, name: str) -> Refusal | None:
    """Why something is no name of an alarm; to acknowledge one that does not stand does nothing."""
    code = name.partition(".")[0] if _is_text(name) else ""
    if code in WATCHED and code != AlarmCode.STUCK_CONTACTOR:
        return None
    return unknown("alarm", name, dict.fromkeys(map(stuck_alarm, rules.chargers)))


def _is_text(name: object) -> bool:
    return isinstance(name, str)


def _grid(rules: Rules, view: View) -> Iterator[tuple[str, Figures]]:
    devices = view.health.wires.devices.values()
    grid = view.snapshot.grid
    if any(one.role == "grid" for one in devices) and (
        grid is None or view.now.mono_s - grid.at_mono_s > rules.meter.fresh_s
    ):
        yield "", NO_FIGURES


def _silent(*roles: Role) -> Find:
    """Devices of these roles that say nothing although their line is at work and they are not asleep."""

    def find(_: Rules, view: View) -> Iterator[tuple[str, Figures]]:
        wires, search = view.health.wires, view.decision.search
        for name, one in wires.devices.items():
            bus = wires.buses.get(one.bus)
            still = bus is None or bus.stage == "absent" or (search is not None and search.bus == one.bus)
            if one.role in roles and not still and not one.asleep and _is_silent(one, view):
                yield name, NO_FIGURES

    return find


def _is_silent(one: DeviceHealth, view: View) -> bool:
    return one.last_good_mono_s is None or view.now.mono_s - one.last_good_mono_s > SILENT_S


def _faults(_: Rules, view: View) -> Iterator[tuple[str, Figures]]:
    for name, reading in view.snapshot.chargers.items():
        if reading.status in ("E", "F"):
            yield name, {"status": reading.status}


def _refusing(rules: Rules, view: View) -> Iterator[tuple[str, Figures]]:
    for name, reading in view.snapshot.chargers.items():
        if reading.refusals >= rules.hand.refusals:
            yield name, {"refusals": reading.refusals}


def _not_ready(_: Rules, view: View) -> Iterator[tuple[str, Figures]]:
    for name, reading in view.snapshot.chargers.items():
        silent = view.now.mono_s - reading.at_mono_s > SILENT_S
        if not reading.ready and not reading.asleep and not silent:
            yield name, NO_FIGURES


def _unfed(_: Rules, view: View) -> Iterator[tuple[str, Figures]]:
    for name, one in view.health.wires.devices.items():
        if one.role == "charger" and one.unfed:
            yield name, NO_FIGURES


def _stuck(_: Rules, view: View) -> Iterator[tuple[str, Figures]]:
    return ((name, NO_FIGURES) for name, one in view.decision.chargers.items() if one.stuck)


def _relay_failed(_: Rules, view: View) -> Iterator[tuple[str, Figures]]:
    return ((name, NO_FIGURES) for name, one in view.decision.chargers.items() if one.relay_failed)


def _lines_locked(_: Rules, view: View) -> Iterator[tuple[str, Figures]]:
    return ((name, NO_FIGURES) for name, one in view.decision.chargers.items() if one.lines_locked)


def _over_fuse(rules: Rules, view: View) -> Iterator[tuple[str, Figures]]:
    grid = view.snapshot.grid
    if grid is not None and grid.line_a is not None:
        for figures in _over(grid.line_a, rules.fuse_a):
            yield str(figures["line"]), figures


def _over_circuit(rules: Rules, view: View) -> Iterator[tuple[str, Figures]]:
    for name, reading in view.snapshot.circuits.items():
        circuit = rules.circuits.get(name)
        over = _over(reading.line_a, circuit.fuse_a) if circuit is not None and reading.line_a else ()
        for figures in over:
            yield f"{name}.{figures['line']}", figures


def _over(line_a: PerLine, fuse_a: PerLine) -> Iterator[Figures]:
    """Lines above their fuse, whichever way it flows; 0 A is no fuse."""
    for line, flows_a, most_a in zip(LINES, line_a, fuse_a, strict=True):
        if 0.0 < most_a < abs(flows_a):
            yield {"line": line, "current_a": abs(flows_a), "fuse_a": most_a}


def _dim_unknown(rules: Rules, view: View) -> Iterator[tuple[str, Figures]]:
    dim = rules.dim
    if dim is not None and dim.source == "contact" and view.snapshot.contacts.get(dim.contact) is None:
        yield "", NO_FIGURES


def _absent(_: Rules, view: View) -> Iterator[tuple[str, Figures]]:
    return ((name, NO_FIGURES) for name, bus in view.health.wires.buses.items() if bus.stage == "absent")


def _foreign(_: Rules, view: View) -> Iterator[tuple[str, Figures]]:
    for name, bus in view.health.wires.buses.items():
        if bus.foreign_lately > FOREIGN_FRAMES:
            yield name, {"frames": bus.foreign_lately}


FOREIGN_FRAMES: Final = 5
"""More frames of somebody else within 60 s are another master."""


def _told(kind: str, mark: str = "") -> Find:
    """What an event of this kind tells, with the figure `mark` if that makes the difference."""

    def means(event: Event) -> bool:
        return event.kind == kind and (not mark or mark in event.figures)

    return lambda _, view: ((event.key, NO_FIGURES) for event in view.events if means(event))


def _memory(code: AlarmCode) -> Find:
    """What the memory itself tells, without its words, which may be long."""

    def find(_: Rules, view: View) -> Iterator[tuple[str, Figures]]:
        for name in view.health.journal.alarms:
            if JOURNAL.get(name, AlarmCode.MEMORY) is code:
                yield "" if name in JOURNAL else name, NO_FIGURES

    return find


def _no_clock(_: Rules, view: View) -> Iterator[tuple[str, Figures]]:
    if not view.now.trusted:
        yield "", NO_FIGURES


def _refused(_: Rules, view: View) -> Iterator[tuple[str, Figures]]:
    if view.around.appliance.refused:
        yield "", NO_FIGURES


WATCHED: Final[Mapping[AlarmCode, Watch]] = {
    AlarmCode.STUCK_CONTACTOR: Watch(_stuck, latched=True, ours=False),
    AlarmCode.GRID_METER_SILENT: Watch(_grid, dwell_s=10.0, calm_s=60.0),
    AlarmCode.LINE_OVER_FUSE: Watch(_over_fuse, dwell_s=60.0, calm_s=60.0),
    AlarmCode.CIRCUIT_OVER_FUSE: Watch(_over_circuit, dwell_s=60.0, calm_s=60.0),
    AlarmCode.DIM_CONTACT_UNKNOWN: Watch(_dim_unknown, dwell_s=5.0, calm_s=60.0),
    AlarmCode.BUS_ABSENT: Watch(_absent, dwell_s=5.0, calm_s=60.0),
    AlarmCode.CHARGER_FAULT: Watch(_faults, dwell_s=5.0, calm_s=60.0),
    AlarmCode.CHARGER_UNFED: Watch(_unfed, calm_s=60.0),
    AlarmCode.CHARGER_SILENT: Watch(_silent("charger"), dwell_s=20.0, calm_s=60.0),
    AlarmCode.CHARGER_REFUSES: Watch(_refusing, dwell_s=5.0, calm_s=60.0),
    AlarmCode.CHARGER_NOT_SET_UP: Watch(_not_ready, dwell_s=60.0, calm_s=60.0),
    AlarmCode.RELAY_TEST_FAILED: Watch(_relay_failed, latched=True, ours=False),
    AlarmCode.SWITCH_LOCKED_OUT: Watch(_lines_locked, latched=True),
    AlarmCode.METER_SILENT: Watch(
        _silent("pv", "battery", "circuit", "charger_meter"), dwell_s=60.0, calm_s=60.0
    ),
    AlarmCode.HEAT_PUMP_SILENT: Watch(_silent("heat_pump"), dwell_s=60.0, calm_s=60.0),
    AlarmCode.OTHER_MASTER: Watch(_foreign, calm_s=300.0),
    AlarmCode.WORD_ORDER: Watch(_told("word_order", "set"), latched=True),
    AlarmCode.COUNTERS_DISAGREE: Watch(_told("invariant"), latched=True),
    AlarmCode.COUNTERS_AHEAD: Watch(_told("books_in_future"), latched=True),
    AlarmCode.BOOK_UNREADABLE: Watch(_memory(AlarmCode.BOOK_UNREADABLE), ours=False),
    AlarmCode.CARD_FAILING: Watch(_memory(AlarmCode.CARD_FAILING), ours=False),
    AlarmCode.NOT_SAVED: Watch(_memory(AlarmCode.NOT_SAVED), ours=False),
    AlarmCode.EVIDENCE_FULL: Watch(_memory(AlarmCode.EVIDENCE_FULL), ours=False),
    AlarmCode.MEMORY: Watch(_memory(AlarmCode.MEMORY), ours=False),
    AlarmCode.CLOCK_UNKNOWN: Watch(_no_clock, dwell_s=900.0),
    AlarmCode.INSTALLATION_REFUSED: Watch(_refused),
}
"""Every alarm, those that endanger people first."""
