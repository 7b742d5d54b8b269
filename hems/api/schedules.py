"""What chargers are going to do, as far as prices tell: the plan of a target and cheap hours (API-104).

Pieces that touch are one; where a plan and cheap hours meet the plan counts. What the sun will give is not
scheduled.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from hems.api.rows import Identity, Result, Shape
from hems.api.thing_ids import thing_id
from hems.model.settings import SUNNY
from hems.model.view import View

SPOT_MARKET: Final = "ChargingActionIssuerSpotMarketCharging"
TIME_REQUIREMENT: Final = "ChargingActionIssuerTimeRequirement"
ISSUERS: Final = (
    "ChargingActionIssuerUnknown",
    "ChargingActionIssuerSurplusCharging",
    SPOT_MARKET,
    TIME_REQUIREMENT,
    "ChargingActionIssuerOverloadProtection",
)
CHARGING_ACTION: Final[Mapping[str, Shape]] = {
    "issuer": "$ref:ChargingActionIssuer",
    "chargingEnabled": "Bool",
    "maxChargingCurrent": "Double",
    "o:desiredPhaseCount": "Uint",
}
CHARGING_SCHEDULE: Final[Mapping[str, Shape]] = {
    "evChargerId": "Uuid",
    "startDateTime": "Uint",
    "endDateTime": "Uint",
    "action": "$ref:ChargingAction",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of time in which a charger is going to charge, and who wants it."""

    start: datetime
    end: datetime
    issuer: str


def schedules(view: View | None, identity: Identity, wanted: str = "") -> list[Result]:
    """All pieces of all chargers, or of the one with this id; nothing while the time is not known."""
    if view is None or not view.now.trusted:
        return []
    return [
        {
            "evChargerId": thing_id(identity, name),
            "startDateTime": round(piece.start.timestamp()),
            "endDateTime": round(piece.end.timestamp()),
            "action": _action(view, name, piece.issuer),
        }
        for name in view.installed.chargers
        if wanted in ("", thing_id(identity, name))
        for piece in pieces(view, name)
    ]


def pieces(view: View, charger: str) -> tuple[Piece, ...]:
    """What is not over yet, ascending."""
    orders, decision = view.settings.charger(charger), view.decision.chargers.get(charger)
    if decision is None or orders.mode not in SUNNY:
        return ()
    slots = decision.plan.slots if decision.plan else ()
    planned = _merged(
        Piece(slot.start, slot.end, TIME_REQUIREMENT if slot.eur_kwh is None else SPOT_MARKET)
        for slot in slots
    )
    cheap = [Piece(slot.start, slot.end, SPOT_MARKET) for slot in decision.cheap_slots]
    if orders.off_peak and view.settings.tariff.enabled:
        cheap += [
            Piece(slot.start, slot.end, SPOT_MARKET) for slot in view.decision.outlook.slots if slot.cheap
        ]
    left = [rest for piece in _merged(sorted(cheap, key=_start)) for rest in _without(piece, planned)]
    now = view.now.wall
    return tuple(piece for piece in sorted((*planned, *left), key=_start) if piece.end > now)


def _merged(ascending: Iterable[Piece]) -> tuple[Piece, ...]:
    """Pieces of one issuer that touch or overlap as one."""
    merged: list[Piece] = []
    for piece in ascending:
        if merged and merged[-1].issuer == piece.issuer and piece.start <= merged[-1].end:
            merged[-1] = replace(merged[-1], end=max(merged[-1].end, piece.end))
        else:
            merged.append(piece)
    return tuple(merged)


def _without(piece: Piece, taken: Sequence[Piece]) -> Iterator[Piece]:
    """What is left of a piece beside others, which are in order."""
    start = piece.start
    for other in taken:
        if other.end <= start or other.start >= piece.end:
            continue
        if other.start > start:
            yield replace(piece, start=start, end=other.start)
        start = other.end
    if start < piece.end:
        yield replace(piece, start=start)


def _action(view: View, charger: str, issuer: str) -> Result:
    orders, limits = view.settings.charger(charger), view.installed.chargers[charger]
    action: dict[str, object] = {
        "issuer": issuer,
        "chargingEnabled": True,
        "maxChargingCurrent": round(min(orders.user_max_a, limits.max_a), 2),
    }
    return action if orders.lines is None else action | {"desiredPhaseCount": orders.lines}


def _start(piece: Piece) -> datetime:
    return piece.start
