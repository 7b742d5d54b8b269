"""What was counted beside an unreadable book, added to a backup of it. Pure.

Cycles, starts, operations, times, sessions and costs are added. Energies are not: the meters counted on, and
what they have counted since the backup is booked when they are next read.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from hems.journal.change import Documents
from hems.journal.rings import RINGS
from hems.model.ledger import Counter, Ledger
from hems.model.lessons import Lesson

FROM_METERS: Final = frozenset(
    {"energy", "energy_electrical", "energy_thermal", "grid_import", "grid_export", "grid_unpriced", "pv"}
    | {"battery_charge", "battery_discharge"}
)


def ledger_with(backup: Ledger, rescue: Ledger) -> Ledger:
    """The backup's ledger and what was counted since; last readings are the backup's where it has them.

    Of a window that is open in both the counts are added, otherwise the later window counts. A contactor that
    was found stuck in either is stuck.
    """
    keys = {
        name: max(ledger.keys.get(name, "") for ledger in (backup, rescue))
        for name in _periods(backup, rescue)
    }
    counters = {}
    for name in (*backup.counters, *(rescue.counters.keys() - backup.counters.keys())):
        counted = [
            _aged(ledger.counters[name], ledger.keys, keys)
            for ledger in (backup, rescue)
            if name in ledger.counters
        ]
        counters[name] = counted[0] if _from_meter(name) else _sum(counted)
    return replace(
        backup,
        keys=keys,
        counters=counters,
        last={**rescue.last, **backup.last},
        word_order={**rescue.word_order, **backup.word_order},
        lessons={
            **backup.lessons,
            **{owner: _learned(backup.lessons.get(owner), new) for owner, new in rescue.lessons.items()},
        },
    )


def lists_with(backup: Documents, rescue: Documents) -> Documents:
    """The backup's documents with the rescue's entries behind its own, within the bounds of each list."""
    documents = dict(backup)
    for table, ring in RINGS.items():
        rows = dict(backup.get(table, {}))
        begin = max((int(row) for row in rows if row.isdecimal()), default=0) + 1
        rows |= {str(begin + n): fields for n, fields in enumerate(rescue.get(table, {}).values())}
        kept = {}
        alike: dict[bytes, int] = {}
        for row in sorted(rows, key=int, reverse=True):
            group = bytes(rows[row].get(ring.per, b""))
            alike[group] = alike.get(group, 0) + 1
            if alike[group] <= ring.bound:
                kept[row] = rows[row]
        documents[table] = {row: kept[row] for row in sorted(kept, key=int)}
    return documents


def _learned(known: Lesson | None, new: Lesson) -> Lesson:
    """What was known, and what was found out since; counted energies began anew in the rescue book."""
    if known is None:
        return replace(new, base_wh=None, boost_wh=None, plan=None)
    lines, tested = {**known.lines, **new.lines}, new.relay_tested or known.relay_tested
    return replace(known, lines=lines, stuck=known.stuck or new.stuck, relay_tested=tested)


def _periods(backup: Ledger, rescue: Ledger) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*backup.keys, *rescue.keys)))


def _from_meter(name: str) -> bool:
    return name.split(".")[1] in FROM_METERS


def _aged(counter: Counter, own: Mapping[str, str], keys: Mapping[str, str]) -> Counter:
    """The counter in the windows of `keys`: one that was closed meanwhile begins anew."""
    windows = {
        name: counter.windows.get(name, 0) if own.get(name) == key else 0 for name, key in keys.items()
    }
    same_day = own.get("daily") == keys.get("daily")
    previous = {name: value if same_day else 0 for name, value in counter.previous.items()}
    return replace(counter, windows=windows, previous=previous)


def _sum(counted: list[Counter]) -> Counter:
    first, *others = counted
    for other in others:
        first = replace(
            first,
            total=first.total + other.total,
            windows={name: value + other.windows.get(name, 0) for name, value in first.windows.items()},
            previous={
                name: first.previous.get(name, 0) + other.previous.get(name, 0)
                for name in {**first.previous, **other.previous}
            },
            limbo=first.limbo + other.limbo,
            since=first.since or other.since,
        )
    return first
