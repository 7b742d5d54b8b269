"""Settings as documents, and back: one for each charger, car and heat pump, one each for the rest. Pure.

A record is written with all its fields, so that what was cleared does not come back from an older one below.
Prices have a file of their own.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import datetime
from typing import Any, Final, TypeVar, get_type_hints

import msgspec

from hems.model.settings import (
    ChargerSettings,
    OperatorLimit,
    SearchMark,
    Settings,
    SgByHand,
    VehicleSettings,
)

CHARGER: Final = "charger."
VEHICLE: Final = "vehicle."
HEAT_PUMP: Final = "heat_pump."
SEARCH: Final = "search."
OPERATOR: Final = "operator"
OFFSETS: Final = "offsets"
CHOSEN: Final = "chosen"
LISTS: Final = (OFFSETS, CHOSEN)
"""Documents whose fields come and go by name: one that was removed leaves nothing."""

Record = TypeVar("Record", ChargerSettings, VehicleSettings)
Whole = TypeVar("Whole", OperatorLimit, SgByHand, SearchMark)
Number = TypeVar("Number", int, float)


def to_documents(settings: Settings, former: Collection[str]) -> dict[str, Mapping[str, object]]:
    """The settings by document; a limit, state or search that is over is told to a `former` document of it.

    Where a search came to without a date holds for its run only and is not written.
    """
    rows: dict[str, Mapping[str, object]] = {
        **{f"{CHARGER}{name}": asdict(orders) for name, orders in settings.chargers.items()},
        **{f"{VEHICLE}{name}": asdict(told) for name, told in settings.vehicles.items()},
        **{name: _nothing(SgByHand) for name in former if name.startswith(HEAT_PUMP)},
        **{f"{HEAT_PUMP}{name}": asdict(told) for name, told in settings.heat_pumps.items()},
        **{name: _nothing(SearchMark) for name in former if name.startswith(SEARCH)},
        **{f"{SEARCH}{name}": asdict(mark) for name, mark in settings.searches.items() if mark.told},
    }
    if settings.operator is not None:
        rows[OPERATOR] = asdict(settings.operator)
    elif OPERATOR in former:
        rows[OPERATOR] = _nothing(OperatorLimit)
    for name, values in ((OFFSETS, settings.offsets), (CHOSEN, settings.chosen)):
        if values:
            rows[name] = values
    return rows


def from_documents(rows: Iterable[Mapping[str, object]], words: list[str]) -> Settings | None:
    """The settings of some documents, ``None`` if they hold none; what is broken is left out in `words`."""
    chargers: dict[str, ChargerSettings] = {}
    vehicles: dict[str, VehicleSettings] = {}
    heat_pumps: dict[str, SgByHand] = {}
    operator: OperatorLimit | None = None
    offsets: dict[str, int] = {}
    chosen: dict[str, float] = {}
    searches: dict[str, SearchMark] = {}
    for row in rows:
        name = str(row.get("name", ""))
        if name.startswith(CHARGER):
            chargers[name.removeprefix(CHARGER)] = _record(ChargerSettings, name, row, words)
        elif name.startswith(VEHICLE):
            vehicles[name.removeprefix(VEHICLE)] = _record(VehicleSettings, name, row, words)
        elif name.startswith(HEAT_PUMP):
            if by_hand := _whole(SgByHand, name, row, words):
                heat_pumps[name.removeprefix(HEAT_PUMP)] = by_hand
        elif name.startswith(SEARCH):
            if mark := _whole(SearchMark, name, row, words):
                searches[name.removeprefix(SEARCH)] = mark
        elif name == OPERATOR:
            operator = _whole(OperatorLimit, name, row, words)
        elif name == OFFSETS:
            offsets = _numbers(int, "the offset of", row, words)
        elif name == CHOSEN:
            chosen = _numbers(float, "the chosen", row, words)
    found = Settings(chargers, offsets, None, vehicles, operator, heat_pumps, chosen, searches)
    return None if found == Settings() else found


def _nothing(kind: type[OperatorLimit | SgByHand | SearchMark]) -> dict[str, object]:
    return dict.fromkeys(field.name for field in fields(kind))


def _record(kind: type[Record], name: str, row: Mapping[str, object], words: list[str]) -> Record:
    """A record whose fields stand for themselves: a broken one has its default."""
    hints, found = get_type_hints(kind), {}
    for key in (key for key in hints if key in row):
        try:
            found[key] = _read(row[key], hints[key])
        except msgspec.ValidationError as error:
            words.append(f"settings of {name}: {key} is ignored: {error}")
    return kind(**found)


def _whole(kind: type[Whole], name: str, row: Mapping[str, object], words: list[str]) -> Whole | None:
    """A record that means something as a whole only; ``None`` if it is over, or broken."""
    hints = get_type_hints(kind)
    if all(row.get(key) is None for key in hints):
        return None
    told = {field.name: field.default for field in fields(kind) if field.default is not MISSING} | dict(row)
    try:
        return kind(**{key: _read(told.get(key), hint) for key, hint in hints.items()})
    except msgspec.ValidationError as error:
        words.append(f"settings of {name} are ignored: {error}")
        return None


def _read(value: object, hint: Any) -> Any:
    """A field of a record; a `ValidationError` in words."""
    found = msgspec.convert(value, hint)
    if not _placed(found):
        raise msgspec.ValidationError("a time lacks its offset from UTC")
    return found


def _placed(value: object) -> bool:
    """Whether all times in a value have their offset."""
    if isinstance(value, datetime):
        return value.tzinfo is not None
    if is_dataclass(value):
        return all(_placed(getattr(value, field.name)) for field in fields(value))
    return True


def _numbers(kind: type[Number], what: str, row: Mapping[str, object], words: list[str]) -> dict[str, Number]:
    found = {}
    for key, value in row.items():
        try:
            if key != "name":
                found[key] = msgspec.convert(value, kind)
        except msgspec.ValidationError:
            words.append(f"{what} {key} is ignored")
    return found
