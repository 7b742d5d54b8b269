"""An independent table: from a reason's figures to the set-point they stand for (CHG-1)."""

from collections.abc import Callable, Mapping
from math import ceil, floor
from typing import Final

from hems.model.why import Figure, Reason, Why


def number(figures: Mapping[str, Figure], name: str) -> float:
    value = figures[name]
    assert not isinstance(value, str)
    return float(value)


def steps(value_a: float, step_a: float) -> float:
    return floor(value_a / step_a + 1e-6) * step_a


def nothing(figures: Mapping[str, Figure]) -> float:
    return 0.0


def as_said(figures: Mapping[str, Figure]) -> float:
    return number(figures, "limit_a")


def most(figures: Mapping[str, Figure]) -> float:
    whole_a = steps(number(figures, "limit_a"), number(figures, "step_a"))
    return whole_a if whole_a >= number(figures, "min_a") else 0.0


def fuse(figures: Mapping[str, Figure]) -> float:
    if "seconds_left" in figures:
        return 0.0
    whole_a = steps(number(figures, "room_a"), number(figures, "step_a"))
    return whole_a if whole_a >= number(figures, "min_a") else 0.0


def stale(figures: Mapping[str, Figure]) -> float:
    return min(number(figures, "last_a"), number(figures, "min_a"))


def sun(figures: Mapping[str, Figure]) -> float:
    step_a, last_a = number(figures, "step_a"), number(figures, "last_a")
    carries_a = number(figures, "available_w") / (number(figures, "volts") * number(figures, "lines"))
    return last_a if last_a - step_a <= carries_a < last_a else steps(carries_a, step_a)


def settling(figures: Mapping[str, Figure]) -> float:
    return number(figures, "last_a") + number(figures, "rise_a")


def full(figures: Mapping[str, Figure]) -> float:
    return number(figures, "limit_a") if "limit_a" in figures else 0.0


def pressed(figures: Mapping[str, Figure]) -> float:
    """What the need asks for in the time left, in whole steps upward, between the minimum and the ceiling."""
    step_a, seconds_left = number(figures, "step_a"), number(figures, "seconds_left")
    top_a = steps(number(figures, "ceiling_a"), step_a)
    if "lines" not in figures or seconds_left <= 0.0:
        return top_a
    line_w = number(figures, "need_wh") * 3600.0 / seconds_left / number(figures, "lines")
    whole_a = ceil(line_w / number(figures, "volts") / step_a - 1e-6) * step_a
    return min(top_a, max(number(figures, "min_a"), whole_a))


TABLE: Final[Mapping[Reason, Callable[[Mapping[str, Figure]], float]]] = {
    Reason.NO_CAR: nothing,
    Reason.OFF: nothing,
    Reason.FAULT: nothing,
    Reason.WAITING_TWO_READINGS: as_said,
    Reason.METER_STALE: stale,
    Reason.METER_LOST: nothing,
    Reason.CHARGER_LOST: as_said,
    Reason.RELAY_FALLBACK: as_said,
    Reason.STUCK_CONTACTOR: nothing,
    Reason.LINE_LIMIT: fuse,
    Reason.CHARGER_MAX: most,
    Reason.CABLE_MAX: most,
    Reason.USER_MAX: most,
    Reason.FAST: most,
    Reason.SURPLUS: sun,
    Reason.SURPLUS_LOW: as_said,
    Reason.START_DELAY: nothing,
    Reason.STOP_DELAY: as_said,
    Reason.MIN_ON: as_said,
    Reason.MIN_OFF: nothing,
    Reason.BUDGET: as_said,
    Reason.SETTLING: settling,
    Reason.CAR_FULL: full,
    Reason.CIRCUIT_LIMIT: fuse,
    Reason.POWER_LIMIT: fuse,
    Reason.IMBALANCE: fuse,
    Reason.OPERATOR_LIMIT: fuse,
    Reason.MANUAL_BOOST: most,
    Reason.VEHICLE_MAX: most,
    Reason.TARGET_TIME: pressed,
    Reason.CHEAP_PRICE: most,
    Reason.WAITING_CHEAP: nothing,
    Reason.PHASE_SWITCH: nothing,
    Reason.BATTERY_FIRST: as_said,
    Reason.OPTIMIZER: as_said,
    Reason.CLOCK_UNKNOWN: as_said,
    Reason.TEST: as_said,
    Reason.SEARCH: nothing,
    Reason.COMMISSIONING: as_said,
}


def set_point_a(why: Why) -> float:
    """The set-point a reason's own figures stand for."""
    return TABLE[why.code](why.figures)


def heat_w(why: Why) -> float:
    """The surplus a heat pump is told, as its reason's figures have it (CHG-100)."""
    silent = why.code in (Reason.METER_LOST, Reason.WAITING_TWO_READINGS, Reason.CHARGER_LOST)
    return 0.0 if silent or why.code is Reason.SURPLUS_LOW else number(why.figures, "offer_w")
