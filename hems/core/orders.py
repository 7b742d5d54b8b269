"""What may be ordered in this installation, and what is wrong with an order, one sentence each.

Everything is judged as if it came from anywhere: a figure may be no number, a text no text, a time no time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple, get_args

from hems.core.prices import YEARS
from hems.core.rules import Rules
from hems.model.instant import Instant
from hems.model.intents import Refusal
from hems.model.prices import SLOTTED
from hems.model.settings import (
    AIMED,
    LANGUAGES,
    MODES,
    SG_MOST_S,
    Boost,
    ChargerSettings,
    Commissioning,
    Manner,
    PanelSettings,
    SearchMark,
    Sg,
    Target,
    VehicleSettings,
)

AHEAD_MAX: Final = timedelta(days=366)
PERCENT: Final = (0.0, 100.0)
ENERGY_WH: Final = (1.0, 250_000.0)
CAPACITY_WH: Final = (1_000.0, 250_000.0)
VEHICLE_A: Final = (6.0, 80.0)
BOOST_S: Final = (60.0, 28_800.0)
PRECONDITION_S: Final = (0.0, 7_200.0)
SG_S: Final = (60.0, SG_MOST_S)
OPERATOR_W: Final = (0.0, 1_000_000.0)
SG: Final[tuple[Sg, ...]] = get_args(Sg)
MANNERS: Final[tuple[Manner, ...]] = get_args(Manner)
PAIRS: Final = (0, 10_000)
UNITS: Final = (1, 255)
CONTRAST: Final = (1, 5)
DARK_AFTER_S: Final = (30.0, 600.0)
FIRST_CHARGE_S: Final = (0.0, 120.0)
STEP_LETTERS: Final = 32
ANSWERS: Final = 64
ANSWER_LETTERS: Final = 200
SHOWN: Final = 32
"""Characters of a text that is repeated in a refusal."""


class Fault(NamedTuple):
    """What is wrong with one field of a record, as the refusal it leads to."""

    field: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Choice:
    """A figure of the rules that may be changed while they run, by its name in the installation file.

    `none` says that 0 stands for "no such limit" besides.
    """

    name: str
    least: float
    most: float
    unit: str
    text: str
    none: bool = False


def choices(rules: Rules) -> Mapping[str, Choice]:
    """The figures that may be changed in this installation; the rules read them from `Settings.chosen`."""
    rows = (
        Choice("acquisition_tolerance", 0, 1, "", "share of the least charging power that may be bought"),
        Choice("battery_level_consideration", 0, 1, "", "level from which battery charging is surplus"),
        Choice("line_limit_a", 6, max(rules.fuse_a), "A", "limit of each line below its fuse", none=True),
    )
    return {row.name: row for row in rows}


def charger_faults(rules: Rules, name: str, orders: ChargerSettings) -> Iterator[Fault]:
    """What is wrong with a charger's orders whatever the time is; `name` is an installed charger's."""
    charger = rules.chargers[name]
    if words := target_fault(orders.target):
        yield _bad("target", f"{name}: {words}")
    if not _among(orders.mode, MODES):
        yield _bad("mode", f"{said(orders.mode)} is no mode; modes: {', '.join(MODES)}")
    elif orders.mode in AIMED and orders.target is None:
        yield _bad("mode", f"{orders.mode} needs a target; {name} has none")
    if words := outside(orders.user_max_a, charger.min_a, charger.max_a, "A"):
        yield _bad("user_max_a", f"{name} takes {words}")
    for field in ("cheap", "off_peak"):
        if words := _flag_fault(getattr(orders, field)):
            yield _bad(field, f"{name}: {field} is {words}")
    if words := outside(orders.cheap_pct, *PERCENT, "%"):
        yield _bad("cheap_pct", f"{name}: cheap_pct is {words}")
    if orders.vehicle != "" and (refusal := unknown("vehicle", orders.vehicle, rules.vehicles)):
        yield Fault("vehicle", refusal)
    if not _among(orders.lines, (None, 1, 3)):
        yield _bad("lines", f"{name} charges on 1 or 3 lines, not {said(orders.lines)}")
    elif orders.lines is not None and not charger.switchable:
        yield Fault("lines", Refusal("unsupported", f"{name} has nothing that switches its lines"))
    if words := boost_fault(orders.boost):
        yield _bad("boost", f"{name}: {words}")


def panel_fault(panel: object) -> str:
    """What is wrong with the front panel's settings; empty for good ones."""
    if not isinstance(panel, PanelSettings):
        return f"{said(panel)} are no settings of a panel"
    if not _among(panel.language, LANGUAGES):
        return f"{said(panel.language)} is no language here; languages: {', '.join(LANGUAGES)}"
    if words := outside(panel.contrast, *CONTRAST, ""):
        return f"contrast is {words}"
    if words := outside(panel.dark_after_s, *DARK_AFTER_S, "s"):
        return f"the display goes dark after {words}"
    return next((words for flag in (panel.large, panel.locked) if (words := _flag_fault(flag))), "")


def commissioning_fault(commissioning: object) -> str:
    """What is wrong with how far the first run is said to have come; empty for a good one and for none."""
    if commissioning is None:
        return ""
    if not isinstance(commissioning, Commissioning):
        return f"{said(commissioning)} is no first run"
    if not isinstance(commissioning.step, str) or not 0 < len(commissioning.step) <= STEP_LETTERS:
        return f"{said(commissioning.step)} is no step of the first run"
    answers = commissioning.answers.items()
    texts = all(isinstance(text, str) and len(text) <= ANSWER_LETTERS for one in answers for text in one)
    return "" if texts and len(answers) <= ANSWERS else "too much was answered in the first run"


def provider_fault(rules: Rules, provider: object) -> str:
    """What is wrong with the choice of whose prices are used; empty for a good one."""
    installed = rules.tariff.provider if rules.tariff else "none"
    known = dict.fromkeys(("", installed, *SLOTTED))
    if _among(provider, tuple(known)):
        return ""
    return f"{said(provider)} is no provider; providers: {', '.join(filter(None, known))}"


def target_fault(target: object) -> str:
    """What is wrong with a target whatever the time is; empty for a good one and for none."""
    if target is None:
        return ""
    if not isinstance(target, Target):
        return f"{said(target)} is no target"
    if words := time_fault(target.deadline):
        return f"deadline: {words}"
    if words := outside(target.target_pct, *PERCENT, "%"):
        return f"target_pct is {words}"
    if target.energy_wh is not None and (words := outside(target.energy_wh, *ENERGY_WH, "Wh")):
        return f"energy_wh is {words}"
    if not _is_days(target.repeat_days):
        return "repeat_days are 1 (Monday) to 7, each once"
    if words := _flag_fault(target.one_piece):
        return f"one_piece is {words}"
    if words := outside(target.precondition_s, *PRECONDITION_S, "s"):
        return f"precondition_s is {words}"
    return ""


def overdue(target: Target, now: Instant) -> str:
    """Why a good target cannot be for its deadline now; empty if it can, or if nobody knows the time."""
    if not now.trusted:
        return ""
    if target.deadline - now.wall > AHEAD_MAX:
        return f"the deadline is more than {AHEAD_MAX.days} days ahead"
    if target.deadline <= now.wall and not target.repeat_days:
        return "the deadline has passed; name a later one, or days on which it comes again"
    return ""


def boost_fault(boost: object) -> str:
    """What is wrong with a boost; empty for a good one and for none."""
    if boost is None:
        return ""
    if not isinstance(boost, Boost):
        return f"{said(boost)} is no boost"
    if boost.told is not None and (words := time_fault(boost.told)):
        return f"boost: {words}"
    if boost.seconds is None and boost.energy_wh is None:
        return "a boost needs a time or an energy"
    if boost.seconds is not None and (words := outside(boost.seconds, *BOOST_S, "s")):
        return f"a boost lasts {words}"
    if boost.energy_wh is not None and (words := outside(boost.energy_wh, *ENERGY_WH, "Wh")):
        return f"a boost takes {words}"
    return ""


def vehicle_faults(name: str, told: VehicleSettings) -> Iterator[Fault]:
    """What is wrong with what somebody said about a car."""
    if told.level_pct is not None and (words := outside(told.level_pct, *PERCENT, "%")):
        yield _bad("level_pct", f"{name}: level_pct is {words}")
    if told.told is not None and (words := time_fault(told.told)):
        yield _bad("told", f"{name}: {words}")
    if told.capacity_wh is not None and (words := outside(told.capacity_wh, *CAPACITY_WH, "Wh")):
        yield _bad("capacity_wh", f"{name}: capacity_wh is {words}")
    if told.max_a is not None and (words := outside(told.max_a, *VEHICLE_A, "A")):
        yield _bad("max_a", f"{name}: max_a is {words}")
    if not _among(told.lines, (None, 1, 2, 3)):
        yield _bad("lines", f"{name} charges on 1, 2 or 3 lines, not {said(told.lines)}")


def operator_fault(limit_w: object, until: object) -> str:
    """What is wrong with a limit of the grid operator whatever the time is."""
    if words := outside(limit_w, *OPERATOR_W, "W"):
        return f"a limit is {words}"
    words = time_fault(until)
    return f"the end of the limit: {words}" if words else ""


def manner_fault(manner: object) -> str:
    """What is wrong with a manner in which a serial line shall be searched; "stop" is one."""
    known = (*MANNERS, "stop")
    return "" if _among(manner, known) else f"{said(manner)} is no manner; manners: {', '.join(known)}"


def mark_fault(mark: object) -> str:
    """What is wrong with the place a search is said to have come to."""
    if not isinstance(mark, SearchMark):
        return f"{said(mark)} is no place of a search"
    if not _among(mark.manner, MANNERS):
        return f"{said(mark.manner)} is no manner of a search"
    if words := outside(mark.start, *PAIRS, ""):
        return f"start is {words}"
    if any(outside(unit, *UNITS, "") for unit in mark.present):
        return f"present units are {UNITS[0]} to {UNITS[1]}"
    return time_fault(mark.told) if mark.told is not None else ""


def sg_fault(state: object) -> str:
    """What is wrong with a state that a heat pump's contacts shall tell it."""
    return "" if _among(state, SG) else f"{said(state)} is no state; states: {', '.join(SG)}"


def choice_fault(rules: Rules, name: object, value: object) -> Refusal | None:
    """Why a figure of the rules cannot be changed so; ``None`` if it can."""
    known = choices(rules)
    if refusal := unknown("setting", name, known):
        return refusal
    row = known[str(name)]
    if row.none and not outside(value, 0, 0, ""):
        return None
    words = outside(value, row.least, row.most, row.unit)
    none = "0 or " if row.none else ""
    return Refusal("bad_value", f"{row.name} is {none}{words}") if words else None


def unknown(kind: str, name: object, known: Mapping[str, object]) -> Refusal | None:
    """Why a name means nothing here; ``None`` for a known one."""
    if name is None or name == "":
        return Refusal("missing", f"no {kind} is named")
    if isinstance(name, str) and name in known:
        return None
    names = ", ".join(sorted(known)) or "none"
    return Refusal("unknown_name", f"there is no {kind} {said(name)}; known: {names}")


def outside(value: object, least: float, most: float, unit: str) -> str:
    """How a figure misses its range: ``6 to 16 A, not 40 A``; empty for a number that is in it."""
    mark = f" {unit}" if unit else ""
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
        return ""
    return f"{least:.10g} to {most:.10g}{mark}, not {said(value)}{mark}"


def time_fault(moment: object) -> str:
    """What is wrong with an instant; empty for one with its offset in a believable year."""
    if not isinstance(moment, datetime):
        return f"{said(moment)} is no time"
    if moment.utcoffset() is None:
        return "the time lacks its offset from UTC"
    return "" if moment.year in YEARS else f"the year {moment.year} is not believable"


def said(value: object) -> str:
    """A value as it may be repeated to whoever told it, never long."""
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**15 else "a huge number"
    if isinstance(value, str):
        shown = repr(value[:SHOWN])
        return shown if len(shown) <= SHOWN + 2 else shown[: SHOWN + 1] + shown[0]
    return str(value) if value is None or isinstance(value, bool) else f"a {type(value).__name__}"


def _bad(field: str, words: str) -> Fault:
    return Fault(field, Refusal("bad_value", words))


def _flag_fault(value: object) -> str:
    return "" if isinstance(value, bool) else f"true or false, not {said(value)}"


def _among(value: object, known: tuple[object, ...]) -> bool:
    """Whether a value is one of these; true is not 1 here."""
    return not isinstance(value, bool) and any(type(value) is type(one) and value == one for one in known)


def _is_days(days: object) -> bool:
    return (
        isinstance(days, tuple)
        and all(_among(day, (1, 2, 3, 4, 5, 6, 7)) for day in days)
        and len(set(days)) == len(days)
    )
