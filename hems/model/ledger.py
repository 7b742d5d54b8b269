"""What was counted: raw totals, open windows and last readings, stored and restored as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, assert_never


@dataclass(frozen=True, slots=True)
class Counter:
    """One counted thing: its raw total, its open windows, what closed windows handed over.

    `limbo` holds counts made while the wall clock was not trusted; `since` is its first trusted instant.
    """

    total: int = 0
    windows: Mapping[str, int] = field(default_factory=dict)
    previous: Mapping[str, int] = field(default_factory=dict)
    limbo: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Last:
    """The last accepted reading of one source, the part it is booked to, and what is not yet a whole Wh."""

    value: int
    at: datetime | None
    part: str = ""
    carry_mwh: int = 0


@dataclass(frozen=True, slots=True)
class Ledger:
    """All counters, the keys of the open windows and the last readings: one record."""

    keys: Mapping[str, str] = field(default_factory=dict)
    counters: Mapping[str, Counter] = field(default_factory=dict)
    last: Mapping[str, Last] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """A reading that was not plausible, kept until its successors agree with it."""

    values: tuple[int, ...]
    mono_s: float
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """What only one run knows, by source; never stored.

    `books_in_future` is true while the open windows lie ahead of a trusted clock, which has been told.
    """

    seen_mono_s: Mapping[str, float] = field(default_factory=dict)
    held: Mapping[str, Held] = field(default_factory=dict)
    books_in_future: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Tally and ledger together, as the counting rules step them."""

    tally: Tally
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was counted, judged or noticed; `key` names the counter or source.

    The end of a run or of a session carries the whole of it in its figures.
    """

    kind: str
    key: str
    at: datetime | None
    figures: Mapping[str, int | float | str | bool | None] = field(default_factory=dict)


def to_documents(ledger: Ledger) -> dict[str, dict[str, object]]:
    """The ledger in plain JSON types: one document per owner, one field per counter and per last reading.

    Times are ISO 8601 with their full precision; `from_documents` gives an equal ledger back.
    """
    documents: dict[str, dict[str, object]] = {"keys": dict(ledger.keys)}
    for kind, rows in (("counters", ledger.counters), ("last", ledger.last)):
        for name, row in rows.items():
            owner, _, rest = name.partition(".")
            document = documents.setdefault(_DOCUMENT_OF.get(owner, owner), {})
            document[f"{kind}.{rest}"] = _plain(row)
    return documents


def from_documents(documents: Mapping[str, Mapping[str, object]]) -> Ledger:
    """The ledger that the documents hold; fields of kinds it does not know are left alone.

    Raises `ValueError` with the field's name when one does not have its shape.
    """
    keys: dict[str, str] = {}
    counters: dict[str, Counter] = {}
    last: dict[str, Last] = {}
    for document, fields in documents.items():
        owner = _OWNER_OF.get(document, document)
        for name, value in fields.items():
            kind, _, rest = name.partition(".")
            try:
                if document == "keys":
                    keys[name] = _text(value)
                elif kind == "counters":
                    counters[f"{owner}.{rest}"] = _counter(_mapping(value))
                elif kind == "last":
                    last[f"{owner}.{rest}"] = _last(_mapping(value))
            except (KeyError, ValueError) as error:
                raise ValueError(f"{document}.{name}: {error}") from None
    return Ledger(keys, counters, last)


_DOCUMENT_OF: Final = {"relay": "relays"}
_OWNER_OF: Final = {document: owner for owner, document in _DOCUMENT_OF.items()}


def _plain(row: Counter | Last) -> dict[str, object]:
    match row:
        case Counter():
            return {
                "total": row.total,
                "windows": dict(row.windows),
                "previous": dict(row.previous),
                "limbo": row.limbo,
                "since": row.since and row.since.isoformat(),
            }
        case Last():
            return {
                "value": row.value,
                "at": row.at and row.at.isoformat(),
                "part": row.part,
                "carry_mwh": row.carry_mwh,
            }
        case _ as unreachable:
            assert_never(unreachable)


def _counter(fields: Mapping[str, object]) -> Counter:
    return Counter(
        total=_integer(fields["total"]),
        windows={name: _integer(value) for name, value in _mapping(fields["windows"]).items()},
        previous={name: _integer(value) for name, value in _mapping(fields["previous"]).items()},
        limbo=_integer(fields["limbo"]),
        since=_time(fields["since"]),
    )


def _last(fields: Mapping[str, object]) -> Last:
    return Last(
        value=_integer(fields["value"]),
        at=_time(fields["at"]),
        part=_text(fields["part"]),
        carry_mwh=_integer(fields["carry_mwh"]),
    )


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ValueError(f"a mapping was expected, not {value!r}")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int):
        raise ValueError(f"a whole number was expected, not {value!r}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"a text was expected, not {value!r}")
    return value


def _time(value: object) -> datetime | None:
    if value is None:
        return None
    time = datetime.fromisoformat(_text(value))
    if time.tzinfo is None:
        raise ValueError(f"a time with its offset was expected, not {value!r}")
    return time
