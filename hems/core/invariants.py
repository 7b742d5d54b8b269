"""What holds for every ledger: the self-test of the counters, looked at each midnight."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from hems.core.energy import MWH_PER_WH
from hems.core.periods import Period
from hems.model.ledger import Counter, Ledger

MAY_FALL = (".grid_cost.", ".cost.")
"""Counters of money: with negative prices it also comes back."""

WITH_PARTS = (".energy_electrical", ".energy_thermal", ".energy", ".grid_import")


def broken(periods: Sequence[Period], ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Every counter or source that contradicts itself, with the number of the rule."""
    names = [period.name for period in periods]
    for name, counter in ledger.counters.items():
        if any(mark in name for mark in MAY_FALL):
            continue
        if not _nests(names, counter):
            yield name, "INV-1"
        if counter.total < 0:
            yield name, "INV-2"
    for source in _with_parts(ledger):
        if not _adds_up(names, source, ledger):
            yield source, "INV-3"
    for source, last in ledger.last.items():
        if not 0 <= last.carry_mwh < MWH_PER_WH:
            yield source, "INV-4"


def _nests(names: Sequence[str], counter: Counter) -> bool:
    shown = [counter.windows.get(name, 0) + counter.limbo for name in names]
    return all(shorter <= longer for shorter, longer in pairwise((0, *shown, counter.total)))


def _with_parts(ledger: Ledger) -> Iterator[str]:
    """Sources whose `all` is the sum of their parts."""
    for name in ledger.counters:
        source = name.removesuffix(".all")
        if source != name and source.endswith(WITH_PARTS):
            yield source


def _adds_up(names: Sequence[str], source: str, ledger: Ledger) -> bool:
    parts = [
        counter
        for name, counter in ledger.counters.items()
        if name.startswith(f"{source}.") and name != f"{source}.all"
    ]
    whole = ledger.counters[f"{source}.all"]
    if whole.total != sum(part.total for part in parts):
        return False
    return all(
        whole.windows.get(name, 0) + whole.limbo
        == sum(part.windows.get(name, 0) + part.limbo for part in parts)
        for name in names
    )
