"""The grid operator's limit: whether it holds, and what it leaves the cars (CHG-50, CHG-121).

A contact limits in the position that was agreed, and whenever its position is not known; a message limits
until its end, and for as long as nobody knows the time, but no longer than a message may. Where both hold the
smaller counts. All controllable devices share one pot: the limit for the first, a share of it for each
further one. What heat pumps draw comes out of it, one that nobody measures takes a whole limit unless its
contacts have locked it. What would be exported if no controllable device drew anything is on top; what the
battery discharges is not one's own surplus.

The limit holds from the cycle in which it is known, in all modes; it is gone as fast, and cars come back at
the pace of every raise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf

from hems.core.readings import figure
from hems.core.rules import DimRules
from hems.core.timing import Dwell
from hems.model.decision import Dim
from hems.model.settings import OperatorLimit

CONTACT = "contact"
MESSAGE = "api"


@dataclass(frozen=True, slots=True)
class State:
    """What was left for the cars in the last cycle, how long the contact has been unknown.

    `expired`: that a message has come to its end has been told. `message` has been there since
    `message_mono_s`.
    """

    room_w: float = inf
    unknown: Dwell = field(default_factory=Dwell)
    expired: bool = False
    message: OperatorLimit | None = None
    message_mono_s: float = -inf


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the limit looks at.

    `devices` counts the controllable ones. `wall` is ``None`` while nobody knows the time. `pumps_w` is what
    each heat pump draws, ``None`` where nobody measures it. `grid_w` and `battery_w` (``None``: unknown, or
    no battery where `battery` is false) say what own surplus there is beside `ev_w`, what cars are measured
    to draw: what is only assumed is no surplus.
    """

    devices: int
    contact: bool | None = None
    message: OperatorLimit | None = None
    wall: datetime | None = None
    pumps_w: Sequence[float | None] = ()
    ev_w: float = 0.0
    grid_w: float | None = None
    battery: bool = False
    battery_w: float | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """What the grid operator's limit comes to in one cycle.

    `device_w` is the limit of one device, `own_w` the own surplus on top, `room_w` what is left for the cars,
    `steady_w` what this cycle and the one before it had; endless while nothing is limited. `known` says that
    it rests on a position of the contact, or on one that has been unknown for long. `expired`: the message
    has just come to its end.
    """

    dim: Dim
    device_w: float
    own_w: float
    room_w: float
    steady_w: float
    known: bool
    expired: bool


def step(rules: DimRules, state: State, inputs: Inputs, now_s: float) -> tuple[State, Limit]:
    """One cycle."""
    unknown = state.unknown.step(rules.source == "contact" and inputs.contact is None, now_s)
    message, came_s = inputs.message, state.message_mono_s if inputs.message == state.message else now_s
    lasted = now_s - came_s >= rules.message_most_s
    ended = message is not None and (lasted or not stands(message, inputs.wall))
    device_w, source = _limit(rules, inputs, ended)
    pot = pot_w(rules, inputs.devices, device_w if source else rules.limit_w)
    extra_w = own_w(inputs)
    room_w = pot + extra_w - _pumps_w(device_w, inputs) if source else inf
    known = unknown.value is not True or unknown.held(rules.unknown_s, now_s)
    limit = Limit(
        Dim(bool(source), pot, source),
        device_w,
        extra_w,
        room_w,
        min(room_w, state.room_w),
        known,
        ended and not state.expired,
    )
    return State(room_w, unknown, ended, message, came_s), limit


def stands(message: OperatorLimit, wall: datetime | None) -> bool:
    """Whether a message still holds; one whose end nobody can tell does."""
    if wall is None or message.until.tzinfo is None:
        return True
    return wall.astimezone(UTC) < message.until.astimezone(UTC)


def pot_w(rules: DimRules, devices: int, device_w: float) -> float:
    """What so many controllable devices may draw together."""
    others = max(0, devices - 1)
    if not others or not rules.factors:
        return device_w
    return device_w * (1.0 + others * rules.factors[min(others, len(rules.factors)) - 1])


def own_w(inputs: Inputs) -> float:
    """What would be exported without the controllable devices; nothing where that is not known."""
    if inputs.grid_w is None or (inputs.battery and inputs.battery_w is None):
        return 0.0
    pumps_w = sum(power_w for power_w in inputs.pumps_w if power_w is not None)
    discharge_w = max(0.0, inputs.battery_w or 0.0)
    return max(0.0, inputs.ev_w + pumps_w - inputs.grid_w - discharge_w)


def _limit(rules: DimRules, inputs: Inputs, ended: bool) -> tuple[float, str]:
    """The limit of one device and who says so, "" for nobody; a message without a figure is as strict."""
    limits: list[tuple[float, str]] = []
    if rules.source == "contact" and inputs.contact is not rules.limited_when_open:
        limits.append((rules.limit_w, CONTACT if inputs.contact is not None else "unknown"))
    if inputs.message is not None and not ended:
        said_w = figure(inputs.message.limit_w)
        limits.append((max(0.0, said_w) if said_w is not None else rules.limit_w, MESSAGE))
    return min(limits, default=(inf, ""))


def _pumps_w(device_w: float, inputs: Inputs) -> float:
    return sum(device_w if power_w is None else max(0.0, power_w) for power_w in inputs.pumps_w)
