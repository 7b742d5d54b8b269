"""Why a set-point is what it is: the closed list of reasons, and their words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from hems.model.phrase import Phrase

Figure = float | int | str


class Reason(StrEnum):
    """Every reason a set-point can have."""

    NO_CAR = "no_car"
    OFF = "off"
    FAULT = "fault"
    WAITING_TWO_READINGS = "waiting_two_readings"
    METER_STALE = "meter_stale"
    METER_LOST = "meter_lost"
    CHARGER_LOST = "charger_lost"
    RELAY_FALLBACK = "relay_fallback"
    STUCK_CONTACTOR = "stuck_contactor"
    LINE_LIMIT = "line_limit"
    CHARGER_MAX = "charger_max"
    CABLE_MAX = "cable_max"
    USER_MAX = "user_max"
    FAST = "fast"
    SURPLUS = "surplus"
    SURPLUS_LOW = "surplus_low"
    START_DELAY = "start_delay"
    STOP_DELAY = "stop_delay"
    MIN_ON = "min_on"
    MIN_OFF = "min_off"
    BUDGET = "budget"
    SETTLING = "settling"
    CAR_FULL = "car_full"
    CIRCUIT_LIMIT = "circuit_limit"
    POWER_LIMIT = "power_limit"
    IMBALANCE = "imbalance"
    OPERATOR_LIMIT = "operator_limit"
    MANUAL_BOOST = "manual_boost"
    VEHICLE_MAX = "vehicle_max"
    TARGET_TIME = "target_time"
    CHEAP_PRICE = "cheap_price"
    WAITING_CHEAP = "waiting_cheap"
    PHASE_SWITCH = "phase_switch"
    BATTERY_FIRST = "battery_first"
    OPTIMIZER = "optimizer"
    CLOCK_UNKNOWN = "clock_unknown"
    TEST = "test"
    SEARCH = "search"
    COMMISSIONING = "commissioning"


@dataclass(frozen=True, slots=True)
class Why:
    """The rule that bound a set-point, with the figures from which the set-point can be worked out again."""

    code: Reason
    figures: Mapping[str, Figure] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """One line of at most 21 characters, figures and countdown filled in."""
        return short(self)


TEXTS: Final[Mapping[Reason, str]] = {
    Reason.NO_CAR: "no car",
    Reason.OFF: "switched off",
    Reason.FAULT: "charger fault {status}",
    Reason.WAITING_TWO_READINGS: "waits for the meter",
    Reason.METER_STALE: "meter late: minimum",
    Reason.METER_LOST: "meter silent: stop",
    Reason.CHARGER_LOST: "charger silent",
    Reason.RELAY_FALLBACK: "held by the relay",
    Reason.STUCK_CONTACTOR: "contactor stuck!",
    Reason.LINE_LIMIT: "fuse {line} holds {limit_a:.0f} A",
    Reason.CHARGER_MAX: "charger max {limit_a:.0f} A",
    Reason.CABLE_MAX: "cable max {limit_a:.0f} A",
    Reason.USER_MAX: "your limit {limit_a:.0f} A",
    Reason.FAST: "fast, {limit_a:.0f} A",
    Reason.SURPLUS: "follows sun, {limit_a:.0f} A",
    Reason.SURPLUS_LOW: "too little sun",
    Reason.START_DELAY: "starts in {countdown}",
    Reason.STOP_DELAY: "solar ends in {countdown}",
    Reason.MIN_ON: "stays on {countdown}",
    Reason.MIN_OFF: "rests {countdown}",
    Reason.BUDGET: "too many starts",
    Reason.SETTLING: "car is settling",
    Reason.CAR_FULL: "car takes nothing",
    Reason.CIRCUIT_LIMIT: "circuit holds {limit_a:.0f} A",
    Reason.POWER_LIMIT: "power limit, {limit_a:.0f} A",
    Reason.IMBALANCE: "uneven lines, {limit_a:.0f} A",
    Reason.OPERATOR_LIMIT: "grid operator, {limit_a:.0f} A",
    Reason.MANUAL_BOOST: "boost, {countdown} left",
    Reason.VEHICLE_MAX: "car max {limit_a:.0f} A",
    Reason.TARGET_TIME: "for departure, {limit_a:.0f} A",
    Reason.CHEAP_PRICE: "cheap now, {limit_a:.0f} A",
    Reason.WAITING_CHEAP: "cheap hours in {countdown}",
    Reason.PHASE_SWITCH: "line switch {doing}",
    Reason.BATTERY_FIRST: "battery first",
    Reason.OPTIMIZER: "optimizer, {limit_a:.0f} A",
    Reason.CLOCK_UNKNOWN: "clock? not yet known",
    Reason.TEST: "test of lines, {limit_a:.0f} A",
    Reason.SEARCH: "bus is searched",
    Reason.COMMISSIONING: "first charge, {limit_a:.0f} A",
}


HEAT_TEXTS: Final[Mapping[Reason, str]] = {
    Reason.METER_LOST: "meter silent",
    Reason.CHARGER_LOST: "heat pump silent",
    Reason.SURPLUS: "sun {offer_w:.0f} W",
    Reason.OPERATOR_LIMIT: "grid operator: locked",
    Reason.MANUAL_BOOST: "by hand, {countdown} left",
}
"""Where a heat pump, whose reasons all say the watts it is offered, needs other words than a charger."""


PAUSE_TEXTS: Final[Mapping[Reason, str]] = {
    Reason.LINE_LIMIT: "fuse {line} has no room",
    Reason.CIRCUIT_LIMIT: "circuit has no room",
    Reason.POWER_LIMIT: "no import left",
    Reason.IMBALANCE: "lines too uneven",
    Reason.OPERATOR_LIMIT: "grid operator: pause",
    Reason.COMMISSIONING: "held: first run",
}
"""Where a limit leaves a charger nothing."""


def time_left(seconds: float) -> Phrase:
    """``m:ss`` below an hour, ``h:mm`` above, days from 100 hours on."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    if minutes >= 6000:
        return Phrase("{days} d", {"days": minutes // 1440})
    return Phrase(f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}")


def countdown(seconds: float) -> str:
    """The same in English."""
    return time_left(seconds).text


def phrase(why: Why) -> Phrase:
    """The reason in few words; what has no time left but energy counts that down."""
    figures = why.figures
    text = TEXTS[why.code]
    if figures.get("limit_a") == 0.0:
        text = PAUSE_TEXTS.get(why.code, text)
    if "offer_w" in figures:
        text = HEAT_TEXTS.get(why.code, text)
    doing = Phrase(str(figures.get("doing", "")))
    return Phrase(text, {**figures, "doing": doing, "countdown": _left(figures)})


def short(why: Why) -> str:
    """The reason in English, in at most 21 characters."""
    return phrase(why).text


def _left(figures: Mapping[str, Figure]) -> Phrase:
    seconds, energy_wh = figures.get("seconds_left"), figures.get("energy_left_wh")
    if seconds is None and isinstance(energy_wh, int | float):
        return Phrase("{energy_kwh:.1f} kWh", {"energy_kwh": energy_wh / 1000})
    return Phrase(seconds) if isinstance(seconds, str) else time_left(seconds or 0)
