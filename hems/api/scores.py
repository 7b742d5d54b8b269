"""Prices as nymea's spot market: whose they are, whether they are used, how cheap each slot is (API-105).

Prices are in ct/kWh here, with charges and tax: those that the rules use.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import isfinite
from typing import Final

from hems.api.rows import Params, Result, Shape
from hems.api.thing_ids import provider_id
from hems.model.intents import Refusal, SetTariff
from hems.model.prices import Rated
from hems.model.view import View

SCORE_ENTRY: Final[Mapping[str, Shape]] = {
    "startDateTime": "Uint",
    "endDateTime": "Uint",
    "value": "Double",
    "weighting": "Double",
}
PROVIDER_INFO: Final[Mapping[str, Shape]] = {
    "providerId": "Uuid",
    "name": "String",
    "countryCode": "String",
    "website": "String",
}
CT_PER_EUR: Final = 100.0


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of prices that clients may choose by its id."""

    name: str
    country: str
    website: str


PROVIDERS: Final[Mapping[str, Provider]] = {
    "awattar-at": Provider("aWATTar Austria", "AT", "https://www.awattar.at"),
    "awattar-de": Provider("aWATTar Germany", "DE", "https://www.awattar.de"),
    "static": Provider("HP/HC", "FR", ""),
}
STATIC: Final = "static"


def providers(view: View | None) -> list[Result]:
    """Those that may be chosen here; windows only where there are some."""
    known = view.installed.providers if view is not None else ()
    return [
        {
            "providerId": provider_id(key),
            "name": row.name,
            "countryCode": row.country,
            "website": row.website,
        }
        for key, row in PROVIDERS.items()
        if key != STATIC or key in known
    ]


def configuration(view: View | None) -> Result:
    """Whether prices have a say, whether they are known now, and whose they are."""
    if view is None:
        return {"enabled": False, "available": False}
    provider = view.decision.outlook.provider
    enabled = view.settings.tariff.enabled and bool(provider)
    found: dict[str, object] = {"enabled": enabled, "available": enabled and slot_now(view) is not None}
    return found | {"providerId": provider_id(provider)} if provider else found


def slot_now(view: View) -> Rated | None:
    """The slot of the tariff that holds this moment, if anybody knows it."""
    slots = view.decision.outlook.slots
    index = bisect_right(slots, view.now.wall, key=_start) - 1
    inside = view.now.trusted and index >= 0 and view.now.wall < slots[index].end
    return slots[index] if inside else None


def chosen(view: View | None, told: Params) -> SetTariff | Refusal:
    """Whose prices shall be used, and whether; without an id it stays whose they are."""
    wanted = told.get("providerId", "")
    if not wanted:
        return SetTariff(told["enabled"], view.settings.tariff.provider if view is not None else "")
    known = (*PROVIDERS, *(view.installed.providers if view is not None else ()))
    key = next((key for key in known if provider_id(key) == wanted), None)
    return Refusal("bad_value", "no provider has this id") if key is None else SetTariff(told["enabled"], key)


def entries(view: View | None, day: object = None) -> list[Result]:
    """The priced slots of a local day, or all from today on; nothing for a day that is none."""
    if view is None or not view.settings.tariff.enabled:
        return []
    begins, ends = _today(view), None
    if day is not None:
        wanted = local_day(view, day)
        if wanted is None:
            return []
        begins, ends = _midnight(view, wanted), _midnight(view, wanted + timedelta(days=1))
    return [
        {
            "startDateTime": round(slot.start.timestamp()),
            "endDateTime": round(slot.end.timestamp()),
            "value": round(slot.eur_kwh * CT_PER_EUR, 4),
            "weighting": round(slot.weighting, 3),
        }
        for slot in view.decision.outlook.slots
        if slot.eur_kwh is not None
        and slot.weighting is not None
        and begins <= slot.start
        and (ends is None or slot.start < ends)
    ]


def local_day(view: View, told: object) -> date | None:
    """A local day from seconds inside it, as number or text, or from its ISO form; ``None`` if it is none."""
    try:
        if isinstance(told, str) and "-" in told[1:]:
            return date.fromisoformat(told)
        if isinstance(told, bool) or not isinstance(told, int | float | str):
            return None
        seconds = float(told)
        if not isfinite(seconds):
            return None
        found = datetime.fromtimestamp(seconds, UTC).astimezone(view.now.wall.tzinfo).date()
        return found if date.min < found < date.max else None
    except (ValueError, OverflowError, OSError):
        return None


def _today(view: View) -> datetime:
    return _midnight(view, view.now.wall.date())


def _midnight(view: View, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=view.now.wall.tzinfo).astimezone(UTC)


def _start(slot: Rated) -> datetime:
    return slot.start
