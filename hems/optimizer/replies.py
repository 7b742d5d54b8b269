"""What the optimizer answers: decoded, judged as a whole, and turned into our nouns (API-120, 123)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Final, Literal, TypeVar

from msgspec import DecodeError, Meta, Struct, json

from hems.model.plans import OptimizerPlan, Step
from hems.model.prices import Slot
from hems.model.surroundings import Forecast
from hems.optimizer.bridge import Learned
from hems.optimizer.enquiry import PROTOCOL

PLAN_HOLDS_S: Final = 300.0
"""No plan is believed for longer, whatever it says."""

YEARS: Final = range(2000, 2200)
"""Times outside of these cannot be placed in every zone."""

Seconds = Annotated[float, Meta(ge=0, le=86_400)]


class _Step(Struct, frozen=True):
    """A current from `start_s` to `end_s` after the question was sent."""

    start_s: Seconds
    end_s: Seconds
    limit_a: Annotated[float, Meta(ge=0)]
    lines: Literal[1, 3] | None = None


class _Setpoint(Struct, frozen=True):
    """What one charger shall do."""

    charger: str
    steps: Annotated[tuple[_Step, ...], Meta(max_length=512)]


class _Plan(Struct, frozen=True):
    """The answer to a question for a plan."""

    protocol: str
    request: int
    plan_id: Annotated[str, Meta(max_length=64)]
    valid_s: Annotated[int, Meta(ge=1, le=900)]
    setpoints: tuple[_Setpoint, ...]
    comment: Annotated[str, Meta(max_length=200)] = ""


class _Health(Struct, frozen=True):
    """The answer to the question for its health."""

    protocol: str
    ready: bool


class _Weather(Struct, frozen=True):
    """A slot of weather."""

    start: datetime
    end: datetime
    temperature_c: float | None = None
    cloud_pct: float | None = None
    irradiance_w_m2: float | None = None
    pv_w: float | None = None


class _Forecasts(Struct, frozen=True):
    """All weather."""

    issued: datetime
    slots: Annotated[tuple[_Weather, ...], Meta(max_length=1_000)]


class _Price(Struct, frozen=True):
    """A slot of prices."""

    start: datetime
    end: datetime
    price_eur_kwh: float


class _Prices(Struct, frozen=True):
    """All prices."""

    slots: Annotated[tuple[_Price, ...], Meta(max_length=700)]


Shape = TypeVar("Shape", _Plan, _Health, _Forecasts, _Prices)


def ready(body: bytes) -> Learned:
    """Whether it is there for us; `ValueError` in words if not."""
    found = _decoded(_Health, body)
    if found.protocol != PROTOCOL:
        raise ValueError(f"it speaks {found.protocol[:40]!r} and not {PROTOCOL}")
    if not found.ready:
        raise ValueError("it is not ready")
    return Learned()


def plan(body: bytes, number: int, sent_mono_s: float, least_a: dict[str, float]) -> Learned:
    """A plan; currents below a charger's least (`least_a`) count as 0. `ValueError`: all of it is void."""
    found = _decoded(_Plan, body)
    if found.protocol != PROTOCOL or found.request != number:
        raise ValueError("it answers something else")
    steps: dict[str, tuple[Step, ...]] = {}
    for setpoint in found.setpoints:
        name = setpoint.charger
        if name not in least_a or name in steps:
            raise ValueError(f"charger {name[:16]!r} is not known, or named twice")
        _check_order(name, setpoint.steps)
        steps[name] = tuple(
            Step(
                sent_mono_s + step.start_s,
                sent_mono_s + step.end_s,
                step.limit_a if step.limit_a >= least_a[name] else 0.0,
                step.lines,
            )
            for step in setpoint.steps
        )
    until_mono_s = sent_mono_s + min(float(found.valid_s), PLAN_HOLDS_S)
    return Learned(OptimizerPlan(found.plan_id, until_mono_s, steps), words=_printable(found.comment))


def weather(body: bytes) -> Learned:
    """The forecast; `ValueError` in words if it is none."""
    found = _decoded(_Forecasts, body)
    _check_times(found.slots)
    return Learned(
        weather=tuple(
            Forecast(
                slot.start,
                slot.end,
                slot.temperature_c,
                slot.cloud_pct,
                slot.irradiance_w_m2,
                slot.pv_w,
            )
            for slot in found.slots
        )
    )


def tariff(body: bytes) -> tuple[Slot, ...]:
    """Prices, to be judged by the rules as all prices are; `ValueError` in words if they are none."""
    found = _decoded(_Prices, body)
    _check_times(found.slots)
    return tuple(Slot(slot.start, slot.end, slot.price_eur_kwh) for slot in found.slots)


def _decoded(shape: type[Shape], body: bytes) -> Shape:
    try:
        return json.decode(body, type=shape)
    except (DecodeError, RecursionError) as error:
        raise ValueError(f"its answer cannot be used: {error}") from None


def _check_order(name: str, steps: Sequence[_Step]) -> None:
    """Steps must not be empty of time, overlap or run backwards; no JSON number is infinite."""
    ends_s = 0.0
    for step in steps:
        if step.start_s < ends_s or step.end_s <= step.start_s:
            raise ValueError(f"the steps of {name} are out of order or overlap")
        ends_s = step.end_s


def _check_times(slots: Iterable[_Weather | _Price]) -> None:
    for slot in slots:
        if slot.start.tzinfo is None or slot.end.tzinfo is None or slot.end <= slot.start:
            raise ValueError("a time lacks its offset from UTC, or a slot ends before it begins")
        if not {slot.start.year, slot.end.year} <= set(YEARS):
            raise ValueError("a slot lies outside of all calendars")


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
