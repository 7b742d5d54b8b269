"""The self-test of the counters finds what contradicts itself, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from hems.core.count import Sample
from hems.core.cycles import PumpSample
from hems.core.invariants import broken
from hems.core.periods import PERIODS
from hems.model.ledger import Counter, Last, Ledger, State
from tests.core.counting import Counted, berlin


def counted() -> Counted:
    house = Counted(berlin("2026-11-24 23:50:00"))
    for i in range(4):
        pump = PumpSample(i % 2, 3_000 * (i % 2), electrical_wh=100.0 + 5 * i, thermal_wh=300.0 + 9 * i)
        house.take(Sample({1: pump}, {"grid_import": 500.0 + 9 * i}, tariff="peak", price_ueur_kwh=-5_000))
        house.wait(30)
    return house


def spoiled(ledger: Ledger, name: str, spoil: Callable[[Counter], Counter]) -> Ledger:
    return ledger.counting(name, spoil(ledger.counters[name]))


def test_a_sound_ledger_breaks_no_rule() -> None:
    ledger = counted().state.ledger
    assert ledger.counters["site.grid_cost.all"].total < 0
    assert list(broken(PERIODS, ledger)) == []


@pytest.mark.parametrize(
    ("name", "spoil", "found"),
    [
        ("hp1.heating", lambda c: replace(c, windows={"2h": 9}), [("hp1.heating", "INV-1")]),
        ("hp1.heating", lambda c: replace(c, total=0), [("hp1.heating", "INV-1")]),
        ("hp1.heating", lambda c: replace(c, limbo=1), [("hp1.heating", "INV-1")]),
        ("hp2.heating", lambda c: replace(c, total=-1), [("hp2.heating", "INV-1"), ("hp2.heating", "INV-2")]),
        ("hp1.energy_thermal.heating", lambda c: replace(c, total=99_999), [("hp1.energy_thermal", "INV-3")]),
        ("site.grid_import.peak", lambda c: replace(c, windows={}), [("site.grid_import", "INV-3")]),
        ("ev1.energy.solar", lambda c: replace(c, total=1), [("ev1.energy", "INV-3")]),
    ],
)
def test_what_contradicts_itself_is_named(
    name: str, spoil: Callable[[Counter], Counter], found: list[tuple[str, str]]
) -> None:
    """INV-1 to INV-3."""
    assert list(broken(PERIODS, spoiled(counted().state.ledger, name, spoil))) == found


def test_a_carry_is_less_than_a_unit() -> None:
    """INV-4."""
    ledger = counted().state.ledger.remembering("site.pv", Last(1, None, "", 1_000))
    assert list(broken(PERIODS, ledger)) == [("site.pv", "INV-4")]


def test_a_counter_without_windows_yet_is_sound() -> None:
    assert list(broken(PERIODS, Ledger(counters={"relay.k1": Counter()}))) == []


def test_the_self_test_is_made_at_midnight() -> None:
    """INV-1 to INV-4 as an event with the key; counting goes on."""
    house = counted()
    house.state = State(
        house.state.tally, spoiled(house.state.ledger, "hp1.heating", lambda c: replace(c, total=0))
    )
    house.take(Sample())
    assert "invariant" not in house.kinds()
    house.go_to(berlin("2026-11-25 00:00:00"))
    told = house.take(Sample())
    assert [(event.key, dict(event.figures)) for event in told if event.kind == "invariant"] == [
        ("hp1.heating", {"rule": "INV-1"})
    ]
    assert house.take(Sample()) == ()
