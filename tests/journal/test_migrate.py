"""From older formats to today's (JRN-80, JRN-81); books of every released format are read for ever."""

import gzip
from pathlib import Path

import pytest

from hems.journal import change
from hems.journal.change import Documents, encode
from hems.journal.documents import understood
from hems.journal.layout import FORMAT
from hems.journal.migrate import STEPS, format_of, migrated
from hems.journal.recover import recover
from tests.journal.books import documents

BOOKS = Path(__file__).parent / "books"


def renamed(state: Documents) -> Documents:
    return {**state, "ledger": {"1": {"n": state["ledger"]["1"]["old"]}}}


def doubled(state: Documents) -> Documents:
    return {**state, "ledger": {"1": {"n": encode(2)}}}


def test_steps_follow_each_other_and_the_page_tells_the_format() -> None:
    old = documents({"meta": {"1": {"format": 1, "boots": 4}}, "ledger": {"1": {"old": 1}}})
    new = change.plain(migrated(old, {1: renamed, 2: doubled}, 3))
    assert new == {"meta": {"1": {"format": 3, "boots": 4}}, "ledger": {"1": {"n": 2}}}
    assert change.plain(old)["ledger"] == {"1": {"old": 1}}, "a step changes nothing in place"
    assert (
        migrated(migrated(old, {1: renamed}, 2), {2: doubled}, 3)["ledger"]
        == migrated(old, {1: renamed, 2: doubled}, 3)["ledger"]
    )


@pytest.mark.parametrize("page", [{}, {"format": "x"}, {"format": FORMAT}])
def test_a_book_of_today_stays_as_it_is(page: dict[str, object]) -> None:
    state = documents({"meta": {"1": page}})
    assert format_of(state) == FORMAT
    assert migrated(state) is state
    assert migrated({}) == {}


def test_every_format_has_its_step_and_its_book() -> None:
    assert sorted(STEPS) == list(range(1, FORMAT))
    assert {path.name for path in BOOKS.glob("*.gz")} == {f"format-{n}.book.gz" for n in range(1, FORMAT + 1)}


def test_the_book_of_format_1() -> None:
    """Three generations: counters, an open session, settings with an offset, lists."""
    recovery = recover(gzip.decompress((BOOKS / "format-1.book.gz").read_bytes()))
    assert not recovery.damaged
    assert recovery.generation == 3
    state = migrated(recovery.state)
    known = understood(state)
    assert known.words == ()
    assert known.ledger.counters["hp1.heating"].total == 41
    assert known.ledger.counters["hp1.heating"].previous == {"yesterday": 4}
    assert known.ledger.last["site.grid_import"].carry_mwh == 250
    assert known.ledger.sessions["ev1"].energy_wh == 9_550
    assert known.settings is not None
    assert known.settings.charger("garage").user_max_a == 13.0
    assert known.settings.offsets == {"hp1.heating.total": 1_200}
    assert known.meta.boots == 2
    assert {
        table: len(rows) for table, rows in state.items() if table in ("runs", "sessions", "evidence")
    } == {
        "runs": 1,
        "sessions": 1,
        "evidence": 1,
    }
