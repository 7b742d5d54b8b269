"""The time to plan in, as a seamless row of spans: where each begins and ends, and how dear it is.

Instants are whole microseconds since 1970 and prices whole nano-euro per kWh (prices closer than that are
equal), so that no sum is ever rounded. Rates are what is paid, charges and tax included. They may come in any
order; where two overlap, the one that begins earlier counts, and the other from where that ends.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Final, NamedTuple

from hems.model.prices import Slot

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
US: Final = timedelta(microseconds=1)
US_PER_S: Final = 1_000_000
FIRST_US: Final = (datetime.min.replace(tzinfo=UTC) - EPOCH) // US
LAST_US: Final = (datetime.max.replace(tzinfo=UTC) - EPOCH) // US
LONGEST_S: Final = 1e12
"""Longer than the calendar."""

NANO: Final = 1_000_000_000
DEAREST_EUR_KWH: Final = 1e6
"""A price beyond this, either way, is no price."""

UNPRICED: Final = 10**40
"""The rank of time without a price: one microsecond of it costs more than all priced time there is."""

BEGINNING: Final = attrgetter("begins_us")


class Span(NamedTuple):
    """A stretch of time at one price; `rank` is what it is ordered by."""

    begins_us: int
    ends_us: int
    rank: int
    eur_kwh: float | None
    period: str


def spans_of(rates: Iterable[Slot]) -> list[Span]:
    """Slots as spans, by their beginnings; one that does not end after it begins is none."""
    found = [
        Span(_us(slot.start), _us(slot.end), _ranked(slot.eur_kwh), slot.eur_kwh, slot.period)
        for slot in rates
    ]
    return sorted((span for span in found if span.begins_us < span.ends_us), key=BEGINNING)


def row_of(spans: Iterable[Span], begins_us: int, ends_us: int) -> list[Span]:
    """The time between two instants, seamless; what no span holds has no price."""
    row, at_us = [], begins_us
    for span in spans:
        if at_us >= ends_us or span.begins_us >= ends_us:
            break
        if span.ends_us > at_us:
            if span.begins_us > at_us:
                row.append(Span(at_us, span.begins_us, UNPRICED, None, ""))
            row.append(_inside(span, at_us, ends_us))
            at_us = row[-1].ends_us
    if at_us < ends_us:
        row.append(Span(at_us, ends_us, UNPRICED, None, ""))
    return row


def cut(row: Iterable[Span], begins_us: int, ends_us: int) -> list[Span]:
    """What of a row lies between two instants."""
    return [
        _inside(span, begins_us, ends_us)
        for span in row
        if span.begins_us < ends_us and span.ends_us > begins_us
    ]


def slots_of(spans: Iterable[Span]) -> tuple[Slot, ...]:
    """Spans as slots in UTC."""
    return tuple(
        Slot(moment(span.begins_us), moment(span.ends_us), span.eur_kwh, span.period) for span in spans
    )


def since_epoch(moment: datetime) -> int:
    """In UTC, held inside the years that UTC has."""
    return min(max(_us(moment), FIRST_US), LAST_US)


def microseconds(seconds: float) -> int:
    """Whole microseconds; none of a negative time or of what is no number."""
    return round(min(seconds, LONGEST_S) * US_PER_S) if seconds > 0 else 0


def moment(us: int) -> datetime:
    """An instant in UTC."""
    return EPOCH + us * US


def _us(moment: datetime) -> int:
    passed = moment - EPOCH
    return (passed.days * 86_400 + passed.seconds) * US_PER_S + passed.microseconds


def _inside(span: Span, begins_us: int, ends_us: int) -> Span:
    if begins_us <= span.begins_us and span.ends_us <= ends_us:
        return span
    return span._replace(begins_us=max(span.begins_us, begins_us), ends_us=min(span.ends_us, ends_us))


def _ranked(eur_kwh: float | None) -> int:
    if eur_kwh is None or not abs(eur_kwh) <= DEAREST_EUR_KWH:
        return UNPRICED
    return round(eur_kwh * NANO)
