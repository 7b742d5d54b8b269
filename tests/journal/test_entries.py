"""The lists of the book as whoever asks for them reads them (API-110)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import Raw

from hems.journal import rings
from hems.journal.entries import Entries, Memories
from hems.journal.history import History
from hems.model.ledger import Event
from hems.sim.media import MemoryMedium
from tests.journal.books import blank
from tests.journal.test_journal import ROOMY, Desk

AT = datetime(2026, 7, 1, 10, tzinfo=UTC)


def hand(number: int) -> Event:
    return Event("hand", "garage", AT, {"n": number})


def test_numbers_stay_when_the_oldest_go() -> None:
    """API-110: what a client knows a number of is still that; the ring drops its oldest."""
    documents = rings.entered({}, [hand(n) for n in range(1, 1004)], "1.2")
    found = Entries(documents["events"])
    assert len(found) == 1000
    assert [(row["seq"], row["figures"]["n"]) for row in found[:2]] == [(4, 4), (5, 5)]
    assert found[-1]["seq"] == 1003
    assert [row["seq"] for row in list(reversed(found))[:2]] == [1003, 1002]
    later = Entries(rings.entered(documents, [hand(9)], "1.2")["events"])
    assert (later[0]["seq"], later[-1]["seq"]) == (5, 1004)


def test_they_are_in_the_order_of_their_numbers() -> None:
    """A book may hold them in any order; a foreign row is none of them, a damaged field is not known."""
    found = Entries({"10": {"n": Raw(b"10"), "name": Raw(b'"10"')}, "9": {"n": Raw(b"{")}, "x": {}})
    assert list(found) == [{"n": None, "seq": 9}, {"n": 10, "seq": 10}]
    with pytest.raises(IndexError):
        found[2]


def test_a_journal_lists_what_it_has_entered() -> None:
    """Also before it is on the card; nothing is read from a file."""
    desk = Desk(MemoryMedium(blank(ROOMY)))
    desk.keep(hand(1))
    desk.keep(hand(2))
    memories = Memories(History(), desk.journal)
    assert [(row["kind"], row["seq"]) for row in memories.listed("events")][-2:] == [("hand", 2), ("hand", 3)]
    assert list(memories.listed("sessions")) == []
    assert memories.minutes(0, 2**31) == memories.quarters(0, 2**31) == ()
    desk.close()


def test_a_file_beside_the_book_is_written_by_the_journals_thread(tmp_path: Path) -> None:
    desk = Desk(MemoryMedium(blank(ROOMY)))
    desk.journal.keep_beside(tmp_path / "prices.json", b"{}")
    desk.journal.flush(desk.now)
    desk.close()
    assert (tmp_path / "prices.json").read_bytes() == b"{}"
