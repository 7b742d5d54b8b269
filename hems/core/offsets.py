"""Offsets of shown totals: a matter of display, judged when they are wanted (CNT-40 to CNT-43)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from hems.core.counting import CountRules
from hems.core.reading import TOTAL, rows
from hems.model.ledger import Counter, State

OLDER: Final = re.compile(r"cycling_offsets\.(?P<pump>hp\d+)\.(?P<counter>\w+)_cycling_total")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An offset that is not applied, and why."""

    key: str
    offset: object
    why: str


def accept_offsets(
    rules: CountRules, state: State, wanted: Mapping[str, object], former: Mapping[str, int]
) -> tuple[dict[str, int], tuple[Refusal, ...]]:
    """The offsets that hold from now on, and what was refused; a refused one keeps the one accepted before.

    Keys are flat, or tables within tables; the older form of cycle offsets means the same.
    """
    counters = {f"{row.name}.{TOTAL}": row.name for row in rows(rules) if row.sensor != "observed"}
    accepted: dict[str, int] = {}
    refused: list[Refusal] = []
    for key, offset in _flat(wanted):
        name = counters.get(key)
        raw = state.ledger.counters.get(name or "", Counter()).total
        if name is None:
            refused.append(Refusal(key, offset, "no total has this key"))
        elif not isinstance(offset, int) or isinstance(offset, bool):
            refused.append(Refusal(key, offset, "an offset is a whole number"))
        elif raw + offset < 0:
            refused.append(Refusal(key, offset, f"the total would be {raw + offset}, below 0"))
        else:
            accepted[key] = offset
            continue
        if name is not None and key in former:
            accepted[key] = former[key]
    return accepted, tuple(refused)


def _flat(wanted: Mapping[str, object], path: str = "") -> Iterator[tuple[str, object]]:
    for name, value in wanted.items():
        key = f"{path}.{name}" if path else name
        if isinstance(value, Mapping):
            yield from _flat(value, key)
        elif older := OLDER.fullmatch(key):
            yield f"{older['pump']}.{older['counter']}.{TOTAL}", value
        else:
            yield key, value
