"""B-7: kill -9 under load; two processes; a reader beside the service (JRN-4, JRN-71)."""

from pathlib import Path

import pytest
from tinydb import TinyDB

from hems.errors import BookInUse
from hems.journal.book import create
from hems.journal.layout import SLOT
from hems.journal.storage import JournalStorage
from tests.journal.kills import kills, read_number, working

pytestmark = pytest.mark.proof


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create(tmp_path / "book", base_bytes=8 * SLOT, log_bytes=40 * SLOT)
    return tmp_path


def test_kill_9_loses_nothing_acknowledged(folder: Path) -> None:
    """Six lives here, sixty at night."""
    assert kills(folder, 6) > 30


def test_a_second_writer_is_refused_until_the_first_is_gone_and_a_reader_never(folder: Path) -> None:
    """JRN-4, JRN-71, B-10: what the reader sees is whole, and never older than what it saw before."""
    with working(folder) as process:
        read_number(process)
        with TinyDB(folder / "book", storage=JournalStorage, access_mode="r") as reader:
            seen = [0]
            for _ in range(6):
                acknowledged = read_number(process)
                reader.clear_cache()
                rows = {row["name"]: row for row in reader.table("ledger")}
                start, heating = (rows["hp1"][f"counters.{key}"] for key in ("compressor_start", "heating"))
                assert heating["total"] == 2 * start["total"]
                assert start["total"] >= max(acknowledged, seen[-1])
                seen.append(start["total"])
                with pytest.raises(BookInUse):
                    JournalStorage(folder / "book")
    JournalStorage(folder / "book").close()
