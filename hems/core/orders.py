"""What may be ordered in this installation, and what is wrong with an order, one sentence each.

Everything is judged as if it came from anywhere: a figure may be no number, a text no text, a time no time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple, get_args

from hems.core.rules import Rules
from hems.core.tariff import providers
from hems.core.wording import named, none_of, outside, time_fault, unknown, what
from hems.model.instant import Instant
from hems.model.intents import Refusal, refused
from hems.model.phrase import Phrase
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
    Proofs,
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
BOOST_MIN: Final = (1.0, 480.0)
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
    if why := target_fault(orders.target):
        yield _bad("target", named(name, why))
    if not _among(orders.mode, MODES):
        yield _bad("mode", none_of("{value} is no mode; modes: {known}", orders.mode, MODES))
    elif orders.mode in AIMED and orders.target is None:
        figures = {"mode": orders.mode, "name": name}
        yield _bad("mode", Phrase("{mode} needs a target; {name} has none", figures))
    if why := outside(orders.user_max_a, charger.min_a, charger.max_a, "A"):
        yield _bad("user_max_a", Phrase("{name} takes {range}", {"name": name, "range": why}))
    for field in ("cheap", "off_peak"):
        if why := flag_fault(getattr(orders, field)):
            yield _bad(field, named(name, _field(field, why)))
    if why := outside(orders.cheap_pct, *PERCENT, "%"):
        yield _bad("cheap_pct", named(name, _field("cheap_pct", why)))
    if orders.vehicle != "" and (refusal := unknown("vehicle", orders.vehicle, rules.vehicles)):
        yield Fault("vehicle", refusal)
    if not _among(orders.lines, (None, 1, 3)):
        yield _bad("lines", named(name, what("charges on 1 or 3 lines, not {value}", orders.lines)))
    elif orders.lines is not None and not charger.switchable:
        words = "{name} has nothing that switches its lines"
        yield Fault("lines", Refusal("unsupported", words, {"name": name}))
    if why := boost_fault(orders.boost):
        yield _bad("boost", named(name, why))
    yield from _later_faults(name, orders)


def _later_faults(name: str, orders: ChargerSettings) -> Iterator[Fault]:
    """What is wrong with what is kept for later."""
    if not _among(orders.on_mode, MODES) or orders.on_mode == "off":
        yield _bad("on_mode", none_of("{value} is no mode; modes: {known}", orders.on_mode, MODES))
    if why := outside(orders.level_pct, *PERCENT, "%"):
        yield _bad("level_pct", named(name, _field("level_pct", why)))


def panel_fault(panel: object) -> Phrase | None:
    """What is wrong with the front panel's settings; ``None`` for good ones."""
    if not isinstance(panel, PanelSettings):
        return what("{value} are no settings of a panel", panel)
    if not _among(panel.language, LANGUAGES):
        return none_of("{value} is no language here; languages: {known}", panel.language, LANGUAGES)
    if why := outside(panel.contrast, *CONTRAST, "") or _part_fault(panel.contrast):
        return _field("contrast", why)
    if why := outside(panel.dark_after_s, *DARK_AFTER_S, "s"):
        return Phrase("the display goes dark after {range}", {"range": why})
    return flag_fault(panel.large) or flag_fault(panel.locked)


def commissioning_fault(commissioning: object) -> Phrase | None:
    """What is wrong with how far the first run is said to have come; ``None`` for a good one and for none."""
    if commissioning is None:
        return None
    if not isinstance(commissioning, Commissioning):
        return what("{value} is no first run", commissioning)
    if not isinstance(commissioning.step, str) or not 0 < len(commissioning.step) <= STEP_LETTERS:
        return what("{value} is no step of the first run", commissioning.step)
    answers = commissioning.answers.items()
    texts = all(isinstance(text, str) and len(text) <= ANSWER_LETTERS for one in answers for text in one)
    if texts and len(answers) <= ANSWERS:
        return None
    return Phrase("too much was answered in the first run")


def proofs_fault(proofs: object) -> Phrase | None:
    """What is wrong with what is said to be not proven; ``None`` for a good record."""
    if not isinstance(proofs, Proofs) or not isinstance(proofs.lacking, tuple):
        return what("{value} is no list of what is to be proven", proofs)
    texts = all(isinstance(text, str) and len(text) <= STEP_LETTERS for text in proofs.lacking)
    return None if texts and len(proofs.lacking) <= ANSWERS else Phrase("too much is said to be not proven")


def provider_fault(rules: Rules, provider: object) -> Phrase | None:
    """What is wrong with the choice of whose prices are used; ``None`` for a good one."""
    known = providers(rules.tariff)
    if _among(provider, ("", *known)):
        return None
    return none_of("{value} is no provider; providers: {known}", provider, known)


def target_fault(target: object) -> Phrase | None:
    """What is wrong with a target whatever the time is; ``None`` for a good one and for none."""
    if target is None:
        return None
    if not isinstance(target, Target):
        return what("{value} is no target", target)
    if why := time_fault(target.deadline):
        return Phrase("deadline: {fault}", {"fault": why})
    if why := outside(target.target_pct, *PERCENT, "%"):
        return _field("target_pct", why)
    if target.energy_wh is not None and (why := outside(target.energy_wh, *ENERGY_WH, "Wh")):
        return _field("energy_wh", why)
    if not _is_days(target.repeat_days):
        return Phrase("repeat_days are 1 (Monday) to 7, each once")
    if why := flag_fault(target.one_piece):
        return _field("one_piece", why)
    if why := outside(target.precondition_s, *PRECONDITION_S, "s"):
        return _field("precondition_s", why)
    return None


def overdue(target: Target, now: Instant) -> Phrase | None:
    """Why a good target cannot be for its deadline now; ``None`` if it can, or if nobody knows the time."""
    if not now.trusted:
        return None
    if target.deadline - now.wall > AHEAD_MAX:
        return Phrase("the deadline is more than {days} days ahead", {"days": AHEAD_MAX.days})
    if target.deadline <= now.wall and not target.repeat_days:
        return Phrase("the deadline has passed; name a later one, or days on which it comes again")
    return None


def boost_fault(boost: object) -> Phrase | None:
    """What is wrong with a boost; ``None`` for a good one and for none."""
    if boost is None:
        return None
    if not isinstance(boost, Boost):
        return what("{value} is no boost", boost)
    if boost.told is not None and (why := time_fault(boost.told)):
        return Phrase("boost: {fault}", {"fault": why})
    if boost.seconds is None and boost.energy_wh is None:
        return Phrase("a boost needs a time or an energy")
    if boost.seconds is not None and (why := outside(_minutes(boost.seconds), *BOOST_MIN, "min")):
        return Phrase("a boost lasts {range}", {"range": why})
    if boost.energy_wh is not None and (why := outside(boost.energy_wh, *ENERGY_WH, "Wh")):
        return Phrase("a boost takes {range}", {"range": why})
    return None


def _minutes(seconds: object) -> object:
    """A time as people give it; what is no believable number stays what it is."""
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and abs(seconds) < 1e12:
        return seconds / 60.0
    return seconds


def vehicle_faults(name: str, told: VehicleSettings) -> Iterator[Fault]:
    """What is wrong with what somebody said about a car."""
    if told.level_pct is not None and (why := outside(told.level_pct, *PERCENT, "%")):
        yield _bad("level_pct", named(name, _field("level_pct", why)))
    if told.told is not None and (why := time_fault(told.told)):
        yield _bad("told", named(name, why))
    if told.capacity_wh is not None and (why := outside(told.capacity_wh, *CAPACITY_WH, "Wh")):
        yield _bad("capacity_wh", named(name, _field("capacity_wh", why)))
    if told.max_a is not None and (why := outside(told.max_a, *VEHICLE_A, "A")):
        yield _bad("max_a", named(name, _field("max_a", why)))
    if not _among(told.lines, (None, 1, 2, 3)):
        yield _bad("lines", named(name, what("charges on 1, 2 or 3 lines, not {value}", told.lines)))


def operator_fault(limit_w: object, until: object) -> Phrase | None:
    """What is wrong with a limit of the grid operator whatever the time is."""
    if why := outside(limit_w, *OPERATOR_W, "W"):
        return Phrase("a limit is {range}", {"range": why})
    why = time_fault(until)
    return Phrase("the end of the limit: {fault}", {"fault": why}) if why else None


def manner_fault(manner: object) -> Phrase | None:
    """What is wrong with a manner in which a serial line shall be searched; "stop" is one."""
    known = (*MANNERS, "stop")
    return None if _among(manner, known) else none_of("{value} is no manner; manners: {known}", manner, known)


def mark_fault(mark: object) -> Phrase | None:
    """What is wrong with the place a search is said to have come to."""
    if not isinstance(mark, SearchMark):
        return what("{value} is no place of a search", mark)
    if not _among(mark.manner, MANNERS):
        return what("{value} is no manner of a search", mark.manner)
    if why := outside(mark.start, *PAIRS, ""):
        return _field("start", why)
    if any(outside(unit, *UNITS, "") for unit in mark.present):
        return Phrase("present units are {least} to {most}", {"least": UNITS[0], "most": UNITS[1]})
    return time_fault(mark.told) if mark.told is not None else None


def sg_fault(state: object) -> Phrase | None:
    """What is wrong with a state that a heat pump's contacts shall tell it."""
    return None if _among(state, SG) else none_of("{value} is no state; states: {known}", state, SG)


def choice_fault(rules: Rules, name: object, value: object) -> Refusal | None:
    """Why a figure of the rules cannot be changed so; ``None`` if it can."""
    known = choices(rules)
    if refusal := unknown("setting", name, known):
        return refusal
    row = known[str(name)]
    if row.none and not outside(value, 0, 0, ""):
        return None
    why = outside(value, row.least, row.most, row.unit)
    if why and row.none:
        why = Phrase("0 or {range}", {"range": why})
    return refused("bad_value", _field(row.name, why)) if why else None


def _bad(field: str, why: Phrase) -> Fault:
    return Fault(field, refused("bad_value", why))


def _field(name: str, why: Phrase) -> Phrase:
    return Phrase("{field} is {range}", {"field": name, "range": why})


def _part_fault(value: object) -> Phrase | None:
    return None if isinstance(value, int) else what("a whole number, not {value}", value)


def flag_fault(value: object) -> Phrase | None:
    """What is wrong with what should be true or false."""
    return None if isinstance(value, bool) else what("true or false, not {value}", value)


def _among(value: object, known: tuple[object, ...]) -> bool:
    """Whether a value is one of these; true is not 1 here."""
    return not isinstance(value, bool) and any(type(value) is type(one) and value == one for one in known)


def _is_days(days: object) -> bool:
    return (
        isinstance(days, tuple)
        and all(_among(day, (1, 2, 3, 4, 5, 6, 7)) for day in days)
        and len(set(days)) == len(days)
    )
