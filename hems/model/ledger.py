"""What was counted: raw totals, open windows and last readings, stored and restored as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


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
    """What only one run knows, by source; never stored."""

    seen_mono_s: Mapping[str, float] = field(default_factory=dict)
    held: Mapping[str, Held] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """Tally and ledger together, as the counting rules step them."""

    tally: Tally
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was counted, judged or noticed; `key` names the counter or source."""

    kind: str
    key: str
    at: datetime | None
    figures: Mapping[str, int | str] = field(default_factory=dict)
