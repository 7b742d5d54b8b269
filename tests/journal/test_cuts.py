"""B-4: a power cut at any byte of any write loses nothing acknowledged and never makes a book unreadable."""

from functools import cache

import pytest

from hems.journal.layout import SLOT
from tests.journal.cuts import Lived, every_cut, lived, lives_in_a_row

pytestmark = pytest.mark.proof


@cache
def life() -> Lived:
    return lived()


def thorough(index: int) -> bool:
    """About 32 writes of all kinds: the first ones, the longest, bases with what follows them, changes."""
    writes = life().medium.writes
    bases = [i for i, written in enumerate(writes) if written.data[:4] == b"HMS1"]
    longest = max(range(len(writes)), key=lambda i: len(writes[i].data))
    chosen = {0, 1, 2, longest, *(i + k for i in bases[:2] for k in (0, 1, 2)), *range(61, 83)}
    return index in chosen


def test_the_life_holds_what_these_proofs_are_about() -> None:
    writes = life().medium.writes
    assert len(writes) >= 200
    assert life().generations >= 5
    assert {written.data[:4] for written in writes} == {b"HMJ1", b"HMS1"}
    assert {written.data[16] for written in writes} == {1, 2, 3}
    assert max(len(written.data) for written in writes if written.data[16] == 1) > SLOT
    assert life().medium.syncs == len(writes)
    assert 28 <= sum(thorough(i) for i in range(len(writes))) <= 36


def test_a_cut_at_any_byte_loses_nothing_acknowledged() -> None:
    """Every byte of 32 writes and every 13th of the rest, every order of blocks, garbage in every page."""
    counts = every_cut(life(), thorough, 13)
    assert counts["prefixes"] > 30_000
    assert counts["subsets"] > 500
    assert counts["lives"] == len(life().medium.writes)


def test_a_thousand_lives_in_a_row() -> None:
    """Each begins with what the cut of the one before has left."""
    assert 100 < lives_in_a_row(1_000, "lives") < 900
