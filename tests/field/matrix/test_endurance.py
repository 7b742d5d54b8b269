"""Faults without end: nothing wrong, nothing that hangs, nothing that grows."""

import pytest

from hems.sim.faults import KINDS
from tests.field.matrix.endurance import endure
from tests.field.matrix.endurance_house import ANSWERS, UPSETS

pytestmark = pytest.mark.proof

SEED = 20261121


def test_every_fault_at_one_per_cent() -> None:
    """BUS-111 in short: 20 minutes of five devices; the day is a target of its own."""
    tally = endure(1 / 3, SEED, lambda words: None)
    assert not tally.wrong
    assert tally.sound, f"longest {tally.longest_s} s, {tally.growth} blocks more"
    assert tally.accepted > 3000
    assert set(tally.errors) >= {"silence", "crc", "short", "noise", "unit", "shape", "exception", "port"}


def test_no_kind_of_fault_is_missing() -> None:
    """BUS-91: "back" is the end of "vanish"."""
    assert {fault.kind for fault in (*ANSWERS, *UPSETS)} == set(KINDS) - {"back"}
