"""Settings as documents, and back: one for each charger, car and heat pump, one each for the rest. Pure.

A record is written with all its fields, so that what was cleared does not come back from an older one below.
Prices have a file of their own.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import datetime
from typing import Any, Final, TypeVar, get_type_hints

import msgspec

from hems.model.settings import (
    ChargerSettings,
    Commissioning,
    OperatorLimit,
    PanelSettings,
    Proofs,
    SearchMark,
    Settings,
    SgByHand,
    TariffChoice,
    VehicleSettings,
)

CHARGER: Final = "charger."
VEHICLE: Final = "vehicle."
HEAT_PUMP: Final = "heat_pump."
SEARCH: Final = "search."
OPERATOR: Final = "operator"
PANEL: Final = "panel"
TARIFF: Final = "tariff"
COMMISSIONING: Final = "commissioning"
PROOFS: Final = "proofs"
OFFSETS: Final = "offsets"
CHOSEN: Final = "chosen"
LISTS: Final = (OFFSETS, CHOSEN)
"""Documents whose fields come and go by name: one that was removed leaves nothing."""

Record = TypeVar("Record", ChargerSettings, VehicleSettings, PanelSettings, TariffChoice, Proofs)
Whole = TypeVar("Whole", OperatorLimit, SgByHand, SearchMark, Commissioning)
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
    passing = (
        (OPERATOR, OperatorLimit, settings.operator),
        (COMMISSIONING, Commissioning, settings.commissioning),
    )
    for name, kind, record in passing:
        if record is not None:
            rows[name] = asdict(record)
        elif name in former:
            rows[name] = _nothing(kind)
    for name, told in ((PANEL, settings.panel), (TARIFF, settings.tariff), (PROOFS, settings.proofs)):
        if told != type(told)() or name in former:
            rows[name] = asdict(told)
    for name, values in ((OFFSETS, settings.offsets), (CHOSEN, settings.chosen)):
        if values:
            rows[name] = values
    return rows


def from_documents(rows: Iterable[Mapping[str, object]], words: list[str]) -> Settings | None:
    """The settings of some documents, ``None`` if they hold none; what is broken is left out in `words`."""
    named = {str(row.get("name", "")): row for row in rows}

    def records(prefix: str, kind: type[Record]) -> dict[str, Record]:
        return {short: _record(kind, name, named[name], words) for short, name in about(prefix)}

    def wholes(prefix: str, kind: type[Whole]) -> dict[str, Whole]:
        found = ((short, _whole(kind, name, named[name], words)) for short, name in about(prefix))
        return {short: record for short, record in found if record is not None}

    def about(prefix: str) -> Iterator[tuple[str, str]]:
        return ((name.removeprefix(prefix), name) for name in named if name.startswith(prefix))

    found = Settings(
        chargers=records(CHARGER, ChargerSettings),
        offsets=_numbers(int, "the offset of", named.get(OFFSETS, {}), words),
        vehicles=records(VEHICLE, VehicleSettings),
        operator=_whole(OperatorLimit, OPERATOR, named.get(OPERATOR, {}), words),
        heat_pumps=wholes(HEAT_PUMP, SgByHand),
        chosen=_numbers(float, "the chosen", named.get(CHOSEN, {}), words),
        searches=wholes(SEARCH, SearchMark),
        panel=_record(PanelSettings, PANEL, named.get(PANEL, {}), words),
        tariff=_record(TariffChoice, TARIFF, named.get(TARIFF, {}), words),
        commissioning=_first_run(named.get(COMMISSIONING, {}), words),
        proofs=_record(Proofs, PROOFS, named.get(PROOFS, {}), words),
    )
    return None if found == Settings() else found


def _first_run(row: Mapping[str, object], words: list[str]) -> Commissioning | None:
    """How far the first run has come; a broken record holds the chargers until somebody has begun anew."""
    found = _whole(Commissioning, COMMISSIONING, row, words)
    lasts = any(row.get(field.name) is not None for field in fields(Commissioning))
    return Commissioning("anew") if found is None and lasts else found


def _nothing(kind: type[OperatorLimit | SgByHand | SearchMark | Commissioning]) -> dict[str, object]:
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
