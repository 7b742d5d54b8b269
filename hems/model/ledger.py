"""What was counted: raw totals, open windows and last readings, stored and restored as a whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, assert_never

from hems.model.instant import Instant
from hems.model.lessons import Lesson, plain_lesson, read_lesson
from hems.model.plain import integer, integers, iso, mapping, text, time
from hems.model.runs import Figure, Run, Session, plain_session, read_run, read_session, run_figures


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
    """The last accepted reading of one source, and the part that what follows it is booked to.

    `carry_mwh` is what is not yet a whole unit, in thousandths of it: mWh of a Wh, ms of a second, nEUR of a
    micro-euro.
    """

    value: int
    at: datetime | None
    part: str = ""
    carry_mwh: int = 0


@dataclass(frozen=True, slots=True)
class Ledger:
    """All counters, the keys of the open windows and the last readings: one record.

    `runs` are the open runs by ``hp<i>``, `sessions` the open ones by ``ev<i>`` (``ev<i>.ended`` waits for a
    trusted clock to be dated), `word_order` the proven orders of 32-bit totals by source, `lessons` what was
    found out about the chargers, by ``ev<i>``.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    counters: Mapping[str, Counter] = field(default_factory=dict)
    last: Mapping[str, Last] = field(default_factory=dict)
    runs: Mapping[str, Run] = field(default_factory=dict)
    sessions: Mapping[str, Session] = field(default_factory=dict)
    word_order: Mapping[str, str] = field(default_factory=dict)
    lessons: Mapping[str, Lesson] = field(default_factory=dict)

    def counting(self, name: str, counter: Counter) -> "Ledger":
        """The ledger with one counter as it is now."""
        counters = {**self.counters, name: counter}
        rest = (self.last, self.runs, self.sessions, self.word_order, self.lessons)
        return Ledger(self.keys, counters, *rest)

    def remembering(self, source: str, last: Last) -> "Ledger":
        """The ledger with one last reading as it is now."""
        readings = {**self.last, source: last}
        rest = (self.runs, self.sessions, self.word_order, self.lessons)
        return Ledger(self.keys, self.counters, readings, *rest)


@dataclass(frozen=True, slots=True)
class Held:
    """A reading that was not plausible, kept until its successors agree with it."""

    values: tuple[int, ...]
    mono_s: float
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Worded:
    """A pair of registers whose word order is not proven yet, and the part that follows it."""

    words: tuple[int, int]
    part: str
    now: Instant


@dataclass(frozen=True, slots=True)
class Flowing:
    """Where the cars' power comes from at a moment: watts by part for each charger's source.

    `price_ueur_kwh` is the price of what comes from the grid.
    """

    mono_s: float
    parts_w: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    price_ueur_kwh: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What only one run knows, by source; never stored.

    `verdicts` are word orders with how often in a row they were found. `weights` are W·s by part since a
    charger's total stepped. `books_in_future` is true while the open windows lie ahead of a trusted clock,
    and `strange` are values believed outside their range: both have been told.
    """

    seen_mono_s: Mapping[str, float] = field(default_factory=dict)
    held: Mapping[str, Held] = field(default_factory=dict)
    verdicts: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    words: Mapping[str, tuple[Worded, ...]] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    flowing: Flowing | None = None
    books_in_future: bool = False
    strange: frozenset[str] = frozenset()

    def seeing(self, source: str, mono_s: float) -> "Tally":
        """The tally with a source seen at a moment."""
        seen_mono_s = {**self.seen_mono_s, source: mono_s}
        rest = (self.held, self.verdicts, self.words, self.weights, self.flowing, self.books_in_future)
        return Tally(seen_mono_s, *rest, self.strange)


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
    figures: Mapping[str, Figure] = field(default_factory=dict)


LESSON: Final = "lesson."
"""What the name of a document of lessons begins with; the charger's ``ev<i>`` follows."""


def to_documents(ledger: Ledger) -> dict[str, dict[str, object]]:
    """The ledger in plain JSON types: one document per owner, one field per counter and per last reading.

    A charger's lessons are a document of their own, so that no plan takes the room of a counter.
    Times are ISO 8601 with their full precision; `from_documents` gives an equal ledger back. What may be
    open or not is a field in any case, so that a field laid over an older one also tells that it has closed.
    """
    documents: dict[str, dict[str, object]] = {"keys": dict(ledger.keys)}
    documents |= {f"{LESSON}{owner}": plain_lesson(lesson) for owner, lesson in ledger.lessons.items()}
    for kind, name, value in _rows(ledger):
        owner, _, rest = name.partition(".")
        document = documents.setdefault(_DOCUMENT_OF.get(owner, owner), {})
        document[f"{kind}.{rest}" if rest else kind] = value
    for owner, document in documents.items():
        for prefix, kinds in _OPEN.items():
            if owner.startswith(prefix):
                documents[owner] = {**dict.fromkeys(kinds), **document}
    return documents


def from_documents(documents: Mapping[str, Mapping[str, object]]) -> Ledger:
    """The ledger that the documents hold; fields of kinds it does not know are left alone.

    Raises `ValueError` with the field's name when one does not have its shape.
    """
    keys: dict[str, str] = {}
    counters: dict[str, Counter] = {}
    last: dict[str, Last] = {}
    runs: dict[str, Run] = {}
    sessions: dict[str, Session] = {}
    word_order: dict[str, str] = {}
    lessons: dict[str, Lesson] = {}
    for document, row in documents.items():
        owner = _OWNER_OF.get(document, document)
        for name, value in row.items():
            kind, dot, rest = name.partition(".")
            try:
                if document.startswith(LESSON):
                    owner = document.removeprefix(LESSON)
                    lessons[owner] = read_lesson({name: value}, lessons.get(owner, Lesson()))
                elif document == "keys":
                    keys[name] = text(value)
                elif value is None and kind in ("run", "session"):
                    continue
                elif kind == "counters":
                    counters[f"{owner}.{rest}"] = _counter(mapping(value))
                elif kind == "last":
                    last[f"{owner}.{rest}"] = _last(mapping(value))
                elif kind == "run":
                    runs[f"{owner}{dot}{rest}"] = read_run(mapping(value))
                elif kind == "session":
                    sessions[f"{owner}{dot}{rest}"] = read_session(mapping(value))
                elif kind == "word_order":
                    word_order[f"{owner}.{rest}"] = text(value)
            except (KeyError, ValueError) as error:
                raise ValueError(f"{document}.{name}: {error}") from None
    return Ledger(keys, counters, last, runs, sessions, word_order, lessons)


_DOCUMENT_OF: Final = {"relay": "relays"}
_OWNER_OF: Final = {document: owner for owner, document in _DOCUMENT_OF.items()}
_OPEN: Final = {"hp": ("run",), "ev": ("session", "session.ended")}


def _rows(ledger: Ledger) -> Iterator[tuple[str, str, object]]:
    """Every row as its kind, its name and its plain value."""
    yield from (("counters", name, _plain(counter)) for name, counter in ledger.counters.items())
    yield from (("last", name, _plain(last)) for name, last in ledger.last.items())
    yield from (("run", name, _plain(run)) for name, run in ledger.runs.items())
    yield from (("session", name, _plain(session)) for name, session in ledger.sessions.items())
    yield from (("word_order", name, order) for name, order in ledger.word_order.items())


def _plain(row: Counter | Last | Run | Session) -> dict[str, object]:
    match row:
        case Counter():
            return {
                "total": row.total,
                "windows": dict(row.windows),
                "previous": dict(row.previous),
                "limbo": row.limbo,
                "since": iso(row.since),
            }
        case Last():
            return {"value": row.value, "at": iso(row.at), "part": row.part, "carry_mwh": row.carry_mwh}
        case Run():
            return {name: value for name, value in run_figures(row).items() if name != "cop"}
        case Session():
            return plain_session(row)
        case _ as unreachable:
            assert_never(unreachable)


def _counter(row: Mapping[str, object]) -> Counter:
    return Counter(
        total=integer(row["total"]),
        windows=integers(row["windows"]),
        previous=integers(row["previous"]),
        limbo=integer(row["limbo"]),
        since=time(row["since"]),
    )


def _last(row: Mapping[str, object]) -> Last:
    return Last(
        value=integer(row["value"]),
        at=time(row["at"]),
        part=text(row["part"]),
        carry_mwh=integer(row["carry_mwh"]),
    )
