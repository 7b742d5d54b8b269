"""Each reason at length: what happens, what would change it; at most four rows of 21 characters (PNL-81)."""

from collections.abc import Mapping
from typing import Final

from hems.model.why import Reason

LONG_TEXTS: Final[Mapping[Reason, str]] = {
    Reason.NO_CAR: "No car is plugged in here.",
    Reason.OFF: "Charging is switched off. Choose a mode to charge.",
    Reason.FAULT: "The charger reports a fault. Look at its lamps and its manual.",
    Reason.WAITING_TWO_READINGS: "Two readings of the grid meter are needed before charging.",
    Reason.METER_STALE: "The grid meter answers late. Until it is back the minimum is drawn.",
    Reason.METER_LOST: "The grid meter is silent. Nobody guards the fuses, so nothing is drawn.",
    Reason.CHARGER_LOST: "The charger does not answer. It is counted with its last current.",
    Reason.RELAY_FALLBACK: "The charger does not obey. Its relay holds the car.",
    Reason.STUCK_CONTACTOR: "Current flows though it must not. Switch off the fuse of this charger.",
    Reason.LINE_LIMIT: "A main fuse leaves no more. Others in the house draw the rest.",
    Reason.CHARGER_MAX: "The charger gives no more than this.",
    Reason.CABLE_MAX: "The cable carries no more than this.",
    Reason.USER_MAX: "The limit that was set here.",
    Reason.FAST: "Full current, whatever it costs.",
    Reason.SURPLUS: "The current follows what the sun leaves over.",
    Reason.SURPLUS_LOW: "The sun gives less than a car takes at least.",
    Reason.START_DELAY: "There is enough sun. It starts when that has lasted.",
    Reason.STOP_DELAY: "The sun is gone. It stops if that lasts.",
    Reason.MIN_ON: "It has just begun and goes on for a while, to spare the contactor.",
    Reason.MIN_OFF: "It has just ended and rests for a while, to spare the contactor.",
    Reason.BUDGET: "It started too often this hour. It waits, to spare the contactor.",
    Reason.SETTLING: "The car is still following the last change.",
    Reason.CAR_FULL: "The car takes nothing: it is full or has set a limit.",
    Reason.CIRCUIT_LIMIT: "The fuse of its circuit leaves no more.",
    Reason.POWER_LIMIT: "The house may not draw more than agreed.",
    Reason.IMBALANCE: "The lines may not differ more than this.",
    Reason.OPERATOR_LIMIT: "The grid operator limits cars and heat pumps now.",
    Reason.MANUAL_BOOST: "Full current by hand, then as before.",
    Reason.VEHICLE_MAX: "The car takes no more than this.",
    Reason.TARGET_TIME: "It charges to be ready in time.",
    Reason.CHEAP_PRICE: "Electricity is cheap now.",
    Reason.WAITING_CHEAP: "It waits for cheap hours.",
    Reason.PHASE_SWITCH: "The number of lines is being changed. The car pauses.",
    Reason.BATTERY_FIRST: "The sun fills the house battery first.",
    Reason.OPTIMIZER: "As the optimizer plans it.",
    Reason.CLOCK_UNKNOWN: "The time is not known yet. Plans wait for the clock.",
    Reason.TEST: "A short test finds out on which lines this car charges.",
    Reason.SEARCH: "The line is searched for devices. Chargers are held meanwhile.",
    Reason.COMMISSIONING: "The first run is not finished. Nothing is charged but a first try.",
}
"""Without figures: those stand in the short text."""
