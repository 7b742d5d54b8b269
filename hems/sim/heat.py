"""A heat pump with a speed-controlled compressor, as a Lambda shows itself.

Theory of operation: the pump walks through a fixed programme of rows (state, duration, compressor rating) and
begins again at its end; each duration is stretched by up to a fifth either way by the seed. The rating moves
towards the row's by 1.5 % a second; electrical power follows the rating, heat follows the power. What its
two contacts tell it (SG-Ready) comes first: locked it stands, recommended or forced it heats, and so much.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from hems.sim.noise import noise


class Operating(IntEnum):
    """The maker's codes of register 1003, as far as this pump uses them."""

    STANDBY = 0
    HEATING = 1
    HOT_WATER = 2
    DEFROST = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the programme; `rating` is the compressor's, 0..10000 in 0.01 %."""

    operating: Operating
    duration_s: float
    rating: int


PROGRAMME: Final = (
    Row(Operating.STANDBY, 30.0, 0),
    Row(Operating.HEATING, 1500.0, 5500),
    Row(Operating.DEFROST, 240.0, 3500),
    Row(Operating.HEATING, 900.0, 4500),
    Row(Operating.STANDBY, 1200.0, 0),
    Row(Operating.HOT_WATER, 1500.0, 9500),
    Row(Operating.STANDBY, 1800.0, 0),
)
STANDBY_W: Final = 20.0
FULL_W: Final = 2000.0
RATING_PER_S: Final = 150.0
TOLD_RATING: Final = {"recommended": 6000, "forced": 10_000}
"""The least rating while a contact says so."""
HEAT_PER_POWER: Final = {
    Operating.STANDBY: 0.0,
    Operating.HEATING: 4.2,
    Operating.HOT_WATER: 3.1,
    Operating.DEFROST: 0.0,
}


@dataclass(frozen=True, slots=True)
class HeatPump:
    """How the pump is: `place` counts the programme's rows since the start; energies are totals.

    `told` is what its contacts say: normal, locked, recommended or forced.
    """

    place: int = 0
    since_s: float = 0.0
    told: str = "normal"
    rating: float = 0.0
    electric_wh: float = 2_345_000.0
    thermal_wh: float = 9_876_000.0


def row(pump: HeatPump) -> Row:
    """The programme's row the pump is in."""
    return PROGRAMME[pump.place % len(PROGRAMME)]


def told(locked: bool = False, recommended: bool = False) -> str:
    """What the contacts 1 and 2 mean together."""
    if locked:
        return "forced" if recommended else "locked"
    return "recommended" if recommended else "normal"


def operating(pump: HeatPump) -> Operating:
    """What it does."""
    now = row(pump).operating
    if pump.told == "locked":
        return Operating.STANDBY
    return Operating.HEATING if now is Operating.STANDBY and pump.told in TOLD_RATING else now


def power_w(pump: HeatPump) -> float:
    """Electrical power, evenly on three lines."""
    return STANDBY_W + FULL_W * pump.rating / 10_000.0


def heat_w(pump: HeatPump) -> float:
    """Heat given to the house."""
    return HEAT_PER_POWER[operating(pump)] * (power_w(pump) - STANDBY_W)


def step(pump: HeatPump, seed: int, elapsed_s: float, dt_s: float, contacts: str = "normal") -> HeatPump:
    """The pump `dt_s` later, `elapsed_s` after the start; `contacts` is what they tell it."""
    electric_wh = pump.electric_wh + power_w(pump) * dt_s / 3600.0
    thermal_wh = pump.thermal_wh + heat_w(pump) * dt_s / 3600.0
    stretched_s = row(pump).duration_s * (0.8 + 0.4 * noise(seed, pump.place))
    if elapsed_s - pump.since_s >= stretched_s:
        pump = replace(pump, place=pump.place + 1, since_s=elapsed_s)
    most = RATING_PER_S * dt_s
    wanted = 0 if contacts == "locked" else max(row(pump).rating, TOLD_RATING.get(contacts, 0))
    change = min(most, max(-most, wanted - pump.rating))
    return replace(
        pump, told=contacts, rating=pump.rating + change, electric_wh=electric_wh, thermal_wh=thermal_wh
    )
