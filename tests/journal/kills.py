"""Lives of a real process on a real file, each ended without warning (B-7)."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from hems.journal.change import plain
from hems.journal.recover import recover
from tests.journal.cuts import Say, quiet


@contextmanager
def working(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that counts into the book of a folder; it is killed at the end."""
    command = [sys.executable, "-m", "tests.journal.worker", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def read_number(process: "subprocess.Popen[str]") -> int:
    """The number at the end of the next line."""
    assert process.stdout is not None
    return int(process.stdout.readline().split()[-1])


def kills(folder: Path, times: int, *, say: Say = quiet) -> int:
    """So many lives; each recalls at least what was acknowledged, and all of a record or nothing of it."""
    random = Random("kills")
    acknowledged = 0
    for life in range(times):
        with working(folder) as process:
            assert read_number(process) >= acknowledged
            for _ in range(random.randrange(1, 12)):
                acknowledged = read_number(process)
            process.send_signal(signal.SIGKILL)
            assert process.stdout is not None
            told = process.stdout.read().split("\n")[:-1]
            acknowledged = max([acknowledged, *map(int, told)])
        assert whole(folder / "book") >= acknowledged
        if life % 10 == 9:
            say(f"{life + 1} of {times} kills, {acknowledged:,} updates acknowledged")
    return acknowledged


def whole(book: Path) -> int:
    """The number that counters, settings and the list of runs agree upon; nothing is damaged."""
    recovery = recover(book.read_bytes())
    assert not recovery.unreadable
    assert not recovery.damaged
    tables = plain(recovery.state)
    if "runs" not in tables:
        return 0
    fields = {str(row["name"]): row for row in tables["ledger"].values()}["hp1"]
    start, heating = fields["counters.compressor_start"], fields["counters.heating"]
    assert isinstance(start, dict)
    assert isinstance(heating, dict)
    total = int(start["total"])
    assert heating["total"] == 2 * total
    runs = [row["n"] for row in tables["runs"].values()]
    assert runs == list(range(total - len(runs) + 1, total + 1))
    (orders,) = tables["settings"].values()
    assert orders["user_max_a"] == 6 + total % 10
    return total
