"""An electric car behind a charger.

Theory of operation: the charger offers a current by its pilot signal. The car sees each new offer at once but
acts on it only `delay_s` later; several changes may be under way. It then falls to the new current at once
and rises to it by `rise_a_per_s`. Below 6 A there is no charging (IEC 61851), above its own maximum it takes
its maximum, and a full battery takes nothing. Without mains (relay open) or cable the current is gone in the
same instant, and the next offer begins a new delay.
"""

from dataclasses import dataclass, replace
from typing import Final

MIN_A: Final = 6.0
EFFICIENCY: Final = 0.9


@dataclass(frozen=True, slots=True)
class CarModel:
    """What a car is: the number of lines it uses, in the charger's order, its most current, its battery.

    A car that draws less than it is offered is one with a small `max_a`; a full one has
    `stored_wh` = `capacity_wh`.
    """

    lines: int = 3
    max_a: float = 16.0
    delay_s: float = 3.0
    rise_a_per_s: float = 2.0
    capacity_wh: float = 60_000.0
    stored_wh: float = 20_000.0
    plugged: bool = True


@dataclass(frozen=True, slots=True)
class Car:
    """How a car is: the offers not yet followed as (due, ampere), the one it follows, what it draws."""

    plugged: bool
    stored_wh: float
    seen_a: float = 0.0
    coming: tuple[tuple[float, float], ...] = ()
    follows_a: float = 0.0
    drawn_a: float = 0.0


def parked(model: CarModel) -> Car:
    """A car as it stands before anything was offered."""
    return Car(model.plugged, model.stored_wh)


def is_full(model: CarModel, car: Car) -> bool:
    """Whether the battery takes nothing more."""
    return car.stored_wh >= model.capacity_wh


def cut_off(car: Car) -> Car:
    """The car in the instant in which mains or cable are taken from it."""
    return Car(car.plugged, car.stored_wh)


def step(
    model: CarModel, car: Car, offer_a: float, volt: float, mono_s: float, dt_s: float, lines: int = 0
) -> Car:
    """The car `dt_s` later, at `mono_s`; `offer_a` is what the pilot says, 0 = pilot off.

    It charges on so many `lines`, 0 = all that it can.
    """
    coming, follows_a = car.coming, car.follows_a
    if offer_a != car.seen_a:
        coming = (*coming, (mono_s + model.delay_s, offer_a))
    while coming and coming[0][0] <= mono_s + 1e-9:
        follows_a, coming = coming[0][1], coming[1:]
    wanted_a = min(follows_a, model.max_a)
    if wanted_a < MIN_A or is_full(model, car):
        wanted_a = 0.0
    drawn_a = min(wanted_a, car.drawn_a + model.rise_a_per_s * dt_s)
    gained_wh = EFFICIENCY * drawn_a * (lines or model.lines) * volt * dt_s / 3600.0
    stored_wh = min(model.capacity_wh, car.stored_wh + gained_wh)
    return Car(car.plugged, stored_wh, offer_a, coming, follows_a, drawn_a)


def plugged(car: Car, is_plugged: bool) -> Car:
    """The car with its cable put in or taken out."""
    return replace(cut_off(car), plugged=is_plugged)
