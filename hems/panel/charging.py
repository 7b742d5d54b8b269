"""How a charger charges: mode, limit, boost, cheap hours and lines as rows of the table (PNL-60)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Final, Literal

from hems.language import said
from hems.language.words import digits, marked, t
from hems.model.intents import Intent, SetBoost, SetCharging, SetLines, SetMode, SetUserMax
from hems.model.prices import SLOTTED
from hems.model.settings import AIMED, MODES, SUNNY
from hems.model.view import View
from hems.model.why import Reason
from hems.panel.item import Item, Value, nearest, orders, said_choice
from hems.panel.readings import MODE_WORDS
from hems.panel.targets import is_due

BOOSTS: Final[Mapping[Value, tuple[float | None, float | None]]] = {
    marked("off"): (None, None),
    marked("30 min"): (1800.0, None),
    marked("60 min"): (3600.0, None),
    marked("120 min"): (7200.0, None),
    marked("5 kWh"): (None, 5_000.0),
    marked("10 kWh"): (None, 10_000.0),
    marked("20 kWh"): (None, 20_000.0),
}
"""How long or for how much a boost lasts, in s and Wh, by its words."""

USUAL_BOOST: Final = "60 min"

LINES: Final[Mapping[Value, Literal[1, 3] | None]] = {
    marked("auto"): None,
    marked("one line"): 1,
    marked("three lines"): 3,
}

YES_NO: Final = (marked("no"), marked("yes"))


def _modes(view: View, charger: str) -> tuple[Value, ...]:
    """Every mode; one with a target only where there is one to reach, or where it is in force."""
    told = view.settings.charger(charger)
    reachable = told.target is not None and is_due(view, told.target)
    return tuple(mode for mode in MODES if reachable or mode not in AIMED or mode == told.mode)


def _mode(view: View, charger: str) -> Value:
    return view.settings.charger(charger).mode


def _set_mode(_: View, charger: str, value: Value) -> Intent:
    return SetMode(charger, next(mode for mode in MODES if mode == value))


def _mode_text(value: Value) -> str:
    return t(MODE_WORDS[next(mode for mode in MODES if mode == value)][1])


def _currents(view: View, charger: str) -> tuple[Value, ...]:
    limits = view.installed.chargers[charger]
    steps = int((limits.max_a - limits.min_a) / limits.step_a + 1e-9)
    return tuple(round(limits.min_a + i * limits.step_a, 3) for i in range(steps + 1))


def _user_max(view: View, charger: str) -> Value:
    """The greatest value of the range that is not above the setting; a setting may exceed the charger."""
    set_a = view.settings.charger(charger).user_max_a
    values = _currents(view, charger)
    return max((value for value in values if float(value) <= set_a), default=values[0])


def _set_user_max(_: View, charger: str, value: Value) -> Intent:
    return SetUserMax(charger, float(value))


def _boosts(view: View, charger: str) -> tuple[Value, ...]:
    """None for a charger that is switched off, except the end of one that runs."""
    told = view.settings.charger(charger)
    if told.mode == "off":
        return ("off",) if told.boost else ()
    return tuple(BOOSTS)


def _boost(view: View, charger: str) -> Value:
    """The words of the one that runs; one that was asked for elsewhere has those of a usual one."""
    told = view.settings.charger(charger)
    if told.boost is None or told.mode == "off":
        return "off"
    asked = told.boost.seconds, told.boost.energy_wh
    return next((words for words, known in BOOSTS.items() if known == asked), USUAL_BOOST)


def _opening_boost(view: View, charger: str) -> Value:
    """The editor begins at what a person most likely wants: a boost, or the end of one."""
    return "off" if view.settings.charger(charger).boost else USUAL_BOOST


def _set_boost(_: View, charger: str, value: Value) -> Intent:
    seconds, energy_wh = BOOSTS[value]
    return SetBoost(charger, seconds, energy_wh)


def boost_left(view: View, charger: str) -> str:
    """What is left of a boost: ``41:20`` or ``3.2 kWh``; ``on`` where nobody can say, empty without one."""
    boost = view.settings.charger(charger).boost
    if boost is None:
        return ""
    decision = view.decision.chargers.get(charger)
    figures = decision.why.figures if decision and decision.why.code is Reason.MANUAL_BOOST else {}
    if "seconds_left" in figures:
        return said.countdown(float(figures["seconds_left"]))
    if "energy_left_wh" in figures:
        return digits(f"{float(figures['energy_left_wh']) / 1000:.1f} kWh")
    if boost.told is None or boost.seconds is None or not view.now.trusted:
        return t("on")
    since_s = (view.now.wall.astimezone(UTC) - boost.told).total_seconds()
    return said.countdown(boost.seconds - max(0.0, since_s))


def _boost_note(view: View, charger: str) -> str:
    left = boost_left(view, charger)
    return t("{time} left").format(time=left) if left[:1].isdigit() else t("then as before")


def _boost_shown(view: View, charger: str) -> str:
    return boost_left(view, charger) or t("off")


def _shares(view: View, _: str) -> tuple[Value, ...]:
    """Where prices come in slots: by the installed tariff, or by the one that somebody chose."""
    priced = view.installed.prices or view.settings.tariff.provider in SLOTTED
    return tuple(float(pct) for pct in range(0, 101, 5)) if priced else ()


def _cheap_pct(view: View, charger: str) -> float:
    told = view.settings.charger(charger)
    return told.cheap_pct if told.cheap else 0.0


def _share(view: View, charger: str) -> Value:
    return nearest(_shares(view, charger), _cheap_pct(view, charger))


def _set_share(view: View, charger: str, value: Value) -> Intent:
    pct = float(value)
    return SetCharging(charger, replace(orders(view, charger), cheap=pct > 0, cheap_pct=pct))


def _share_shown(view: View, charger: str) -> str:
    pct = _cheap_pct(view, charger)
    return f"{pct:.0f} %" if pct > 0 else t("off")


def _cheap_note(view: View, charger: str) -> str:
    """Where cheap electricity has no say, that is said."""
    mode = view.settings.charger(charger).mode
    return t("beside the sun") if mode in SUNNY else t("not in mode {mode}").format(mode=_mode_text(mode))


def _off_peaks(view: View, _: str) -> tuple[Value, ...]:
    return YES_NO if view.installed.off_peak else ()


def _off_peak(view: View, charger: str) -> Value:
    return YES_NO[view.settings.charger(charger).off_peak]


def _set_off_peak(view: View, charger: str, value: Value) -> Intent:
    return SetCharging(charger, replace(orders(view, charger), off_peak=value == "yes"))


def _line_choices(view: View, charger: str) -> tuple[Value, ...]:
    return tuple(LINES) if view.installed.chargers[charger].switchable else ()


def _lines(view: View, charger: str) -> Value:
    lines = view.settings.charger(charger).lines
    return next(words for words, known in LINES.items() if known == lines)


def _set_lines(_: View, charger: str, value: Value) -> Intent:
    return SetLines(charger, LINES[value])


CHARGING_ITEMS: Final = (
    Item("mode", "Mode", "Mode", "choice", _modes, _mode, _mode_text, _set_mode),
    Item(
        "user_max",
        "Limit",
        "Current limit",
        "number",
        _currents,
        _user_max,
        lambda value: digits(f"{value:g} A"),
        _set_user_max,
    ),
    Item(
        "boost",
        "Boost",
        "Boost",
        "choice",
        _boosts,
        _boost,
        said_choice,
        _set_boost,
        shown=_boost_shown,
        opens=_opening_boost,
        note=_boost_note,
    ),
)

CHEAP_ITEMS: Final = (
    Item(
        "cheap",
        "Cheap hours",
        "Cheap hours",
        "number",
        _shares,
        _share,
        lambda value: f"{value:g} %",
        _set_share,
        shown=_share_shown,
        note=_cheap_note,
    ),
    Item(
        "off_peak",
        "Off-peak",
        "Off-peak",
        "choice",
        _off_peaks,
        _off_peak,
        said_choice,
        _set_off_peak,
        note=_cheap_note,
    ),
    Item("lines", "Lines", "Lines", "choice", _line_choices, _lines, said_choice, _set_lines),
)
