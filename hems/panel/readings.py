"""What the screens say of a car, the powers of the house and its counters; view in, words out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hems.language import said
from hems.language.words import c, marked, t
from hems.model.decision import ChargerDecision
from hems.model.settings import Mode
from hems.model.snapshot import ChargerReading
from hems.model.units import LINES
from hems.model.view import Balance, Installed, View
from hems.model.why import Reason
from hems.panel.format import UNKNOWN, ampere, count, energy, power, power_parts
from hems.panel.layout import Look

OLD_S: Final = 3.0
"""From here on a value is shown with its age (PNL-41)."""
STALE_S: Final = 12.0
"""From here on a value is unknown: as long as the grid meter may be silent before charging stops."""

MODE_WORDS: Final[dict[Mode, tuple[str, str]]] = {
    "off": (marked("off"), marked("off")),
    "fast": (marked("fast"), marked("fast")),
    "surplus": (marked("surplus"), marked("surplus")),
    "surplus_target": (marked("PV+aim"), marked("PV + target")),
    "min_surplus": (marked("min+PV"), marked("min + surplus")),
    "min_surplus_target": (marked("min+aim"), marked("min + target")),
}
"""Each mode in a title and in the editor."""

PATIENT: Final = frozenset(
    {
        Reason.WAITING_TWO_READINGS,
        Reason.SURPLUS_LOW,
        Reason.BATTERY_FIRST,
        Reason.START_DELAY,
        Reason.MIN_OFF,
        Reason.BUDGET,
        Reason.SETTLING,
        Reason.WAITING_CHEAP,
        Reason.CLOCK_UNKNOWN,
        Reason.PHASE_SWITCH,
    }
)
"""Reasons for which a car without current merely waits; any other pauses it."""

HEAT_PUMP_STATES: Final = {
    0: marked("STANDBY"),
    1: marked("HEATING"),
    2: marked("HOT WATER"),
    3: marked("COOLING"),
    4: marked("CIRCULATE"),
    5: marked("DEFROST"),
    6: marked("OFF"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """A power of the house: its label, its word on home, and the words of its direction."""

    key: str
    label: str
    word: str
    positive: str
    negative: str
    value_w: Callable[[Balance], float | None]
    installed: Callable[[Installed], bool]


SOURCES: Final = (
    Source("grid", "Grid", "GRID", "buys", "sells", lambda b: b.grid_w, lambda _: True),
    Source("pv", "PV", "SOLAR", "gives", "takes", lambda b: b.pv_w, lambda i: i.pv),
    Source("car", "Car", "CAR", "takes", "gives", lambda b: b.ev_w, lambda i: bool(i.chargers)),
    Source(
        "heat_pump", "HP", "HEAT P.", "takes", "gives", lambda b: b.heat_pump_w, lambda i: bool(i.heat_pumps)
    ),
    Source("battery", "Bat", "BATTERY", "gives", "takes", lambda b: b.battery_w, lambda i: i.battery),
    Source("home", "Use", "HOUSE", "takes", "gives", lambda b: b.home_w, lambda _: True),
)


def sources(view: View) -> tuple[Source, ...]:
    """The powers this house has."""
    return tuple(source for source in SOURCES if source.installed(view.installed))


def shown(look: Look) -> Source:
    """The power that stands large on home."""
    return next((source for source in sources(look.view) if source.key == look.spot.cursor), SOURCES[0])


def source_figure(look: Look) -> str:
    """Its magnitude."""
    return power_parts(shown(look).value_w(look.view.balance))[0]


def source_unit(look: Look) -> str:
    """W or kW."""
    return power_parts(shown(look).value_w(look.view.balance))[1]


def source_word(look: Look) -> str:
    """Its name."""
    return t(shown(look).word)


def source_direction(look: Look) -> str:
    """Which way it flows, in a word; none when nothing flows."""
    source = shown(look)
    value_w = source.value_w(look.view.balance)
    if value_w is None or power_parts(value_w)[0] == "0":
        return ""
    return t(source.positive) if value_w > 0 else t(source.negative)


def grid_age(look: Look) -> str:
    """How old the grid's figure is, if it is old (PNL-41)."""
    grid = look.view.snapshot.grid
    return "" if shown(look).key != "grid" or grid is None else old(look.now.mono_s - grid.at_mono_s)


def small_power(place: int, width: int) -> Callable[[Look], str]:
    """One of the powers below home's figure, by place; the grid is left out.

    A charging battery's sign may take one column more than `width`.
    """

    def value(look: Look) -> str:
        others = sources(look.view)[1:]
        if place >= len(others):
            return ""
        source = others[place]
        figure = power(source.value_w(look.view.balance), gap="", signed=source.key == "battery")
        name = c("short", source.label)
        return name + figure.rjust(width - len(name))

    return value


def tightest_line(look: Look) -> str:
    """The line with least room: its current against its fuse, sign left out; at most ten characters."""
    grid = look.view.snapshot.grid
    fuses = look.view.installed.main_fuse_a
    if grid is None or grid.line_a is None or look.now.mono_s - grid.at_mono_s > STALE_S:
        words = f"L? {UNKNOWN}/{ampere(min(fuses))}"
    else:
        amperes = grid.line_a
        tightest = min(range(3), key=lambda i: fuses[i] - abs(amperes[i]))
        words = f"{LINES[tightest]} {ampere(amperes[tightest])}/{ampere(fuses[tightest])}"
    return f"{words} A" if len(words) <= 8 else words


def charger_decision(look: Look) -> ChargerDecision | None:
    """What this screen's charger was told, and why."""
    return look.view.decision.chargers.get(look.subject)


def set_current(*, whole: bool) -> Callable[[Look], str]:
    """The current this charger is told; empty in the type that its step does not need."""

    def value(look: Look) -> str:
        steps_whole = look.view.installed.chargers[look.subject].step_a >= 1
        if steps_whole is not whole:
            return ""
        decision = charger_decision(look)
        return ampere(decision.limit_a if decision else None, 0 if whole else 1)

    return value


def car_word(look: Look) -> str:
    """The state of a car in at most six letters (PNL-44)."""
    reading = fresh(look)
    decision = charger_decision(look)
    if reading is None or reading.status is None or decision is None:
        return UNKNOWN
    code = decision.why.code
    if reading.status in "EF" or code in (Reason.FAULT, Reason.STUCK_CONTACTOR):
        return c("word", "FAULT")
    if reading.status == "A":
        return c("word", "FREE")
    if reading.status in "CD":
        return c("word", "CHARGE")
    if code is Reason.CAR_FULL:
        return c("word", "FULL")
    waits = decision.limit_a > 0 or code in PATIENT
    return c("word", "WAIT") if waits else c("word", "PAUSE")


def car_mode(look: Look) -> str:
    """Its mode, short enough for a title."""
    return t(MODE_WORDS[look.view.settings.charger(look.subject).mode][0])


def car_power(look: Look) -> str:
    """What the car draws."""
    reading = fresh(look)
    return power(reading.power_w if reading else None, gap="")


def car_today(look: Look) -> str:
    """Energy it has had today."""
    number = look.view.installed.chargers[look.subject].number
    return energy(look.view.counters.get(f"ev{number}.energy.all.daily"), gap="")


def car_time(look: Look) -> str:
    """Time it has charged today, where that is counted."""
    number = look.view.installed.chargers[look.subject].number
    charged_s = look.view.counters.get(f"ev{number}.charge_time_s.daily")
    return "" if charged_s is None else said.countdown(charged_s)


def car_age(look: Look) -> str:
    """How old the charger's answer is, if it is old."""
    reading = look.view.snapshot.chargers.get(look.subject)
    return "" if reading is None else old(look.now.mono_s - reading.at_mono_s)


def car_reason(look: Look) -> str:
    """Why its current is what it is."""
    decision = charger_decision(look)
    return said.reason(decision.why) if decision else t("no decision yet")


def today(key: str) -> Callable[[Look], str]:
    """A site counter of today."""
    return lambda look: energy(look.view.counters.get(f"site.{key}.all.daily"))


def cars_today(look: Look) -> str:
    """What all cars have had today; unknown if one of them is."""
    parts = [
        look.view.counters.get(f"ev{charger.number}.energy.all.daily")
        for charger in look.view.installed.chargers.values()
    ]
    return energy(None if None in parts else sum(part for part in parts if part is not None))


def heat_pump_state(look: Look) -> str:
    """What the pump says it does."""
    reading = look.view.snapshot.heat_pumps.get(look.subject)
    if reading is None or reading.operating_state is None:
        return UNKNOWN
    if look.now.mono_s - reading.at_mono_s > STALE_S:
        return UNKNOWN
    code = reading.operating_state
    return t(HEAT_PUMP_STATES[code]) if code in HEAT_PUMP_STATES else t("CODE {code}").format(code=code)


def cycles(kind: str, period: str, width: int) -> Callable[[Look], str]:
    """A cycle counter of this screen's pump."""

    def value(look: Look) -> str:
        number = look.view.installed.heat_pumps.get(look.subject)
        return count(look.view.counters.get(f"hp{number}.{kind}.{period}"), width)

    return value


def fresh(look: Look) -> ChargerReading | None:
    """What this screen's charger last said, unless that is stale."""
    reading = look.view.snapshot.chargers.get(look.subject)
    if reading is None or look.now.mono_s - reading.at_mono_s > STALE_S:
        return None
    return reading


def old(age_s: float) -> str:
    """How old a value is, if it is old and not yet stale (PNL-41)."""
    return t("{seconds} s old").format(seconds=int(age_s)) if OLD_S < age_s <= STALE_S else ""
