"""The slaves' process as the measurement uses it, and what its log says."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hems.field.wire import FAST_BAUD, FAST_SILENCE_S
from hems.sim.sending import ROUNDING_S, Exchange

ANSWER_S = 0.005
PUNCTUAL_S = 0.0001
"""A sample in which the slave's last byte was later than this is left out."""
BITS = 10


@dataclass(frozen=True)
class Seen:
    """One run by the slave's clock: overheads in seconds, what was left out, and requests sent too early."""

    overheads_s: Sequence[float]
    left_out: int
    early: int
    exchanges: int

    def ms(self, share: float) -> float:
        """The overhead that a share of the exchanges did not exceed, in milliseconds."""
        if not self.overheads_s:
            return float("nan")
        ordered = sorted(self.overheads_s)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def median_s(self) -> float:
        """The middle overhead."""
        return statistics.median(self.overheads_s) if self.overheads_s else float("nan")


class Desk:
    """Slaves on pseudo-terminals; `ports` by the names of the lines."""

    def __init__(self, process: "subprocess.Popen[str]", ports: Mapping[str, str]) -> None:
        self._process = process
        self.ports = ports

    def seen(self, line: str, baud: int, count: int) -> Seen:
        """What happened on a line with reads of `count` registers since the last time."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        rows = [Exchange(*row) for row in json.loads(self._process.stdout.readline())]
        found = [(row.overhead_s(silence(baud)), _late_s(row, baud, count)) for row in rows]
        good = [over_s for over_s, late_s in found if over_s is not None and late_s <= PUNCTUAL_S]
        counted = sum(over_s is not None for over_s, _ in found)
        early = sum(over_s < -ROUNDING_S for over_s in good)
        return Seen(good, counted - len(good), early, len(rows))


@contextmanager
def desk(lines: Mapping[str, int], delivery: str = "bytewise") -> Iterator[Desk]:
    """Slaves for lines of these speeds."""
    with TemporaryDirectory(prefix="hems-wire-") as folder:
        ports = {name: str(Path(folder, name)) for name in lines}
        words = [f"{name}={baud}:{delivery}:{ports[name]}" for name, baud in lines.items()]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.wire.slave", str(ANSWER_S), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdin is not None
        if process.stdout.readline() != "ready\n":
            raise SystemExit("the slaves did not start")
        try:
            yield Desk(process, ports)
        finally:
            process.communicate()


def _late_s(row: Exchange, baud: int, count: int) -> float:
    """How much too late the slave itself handed over an answer's last byte."""
    if row.answer_s is None or row.answer_end_s is None:
        return 0.0
    return row.answer_end_s - row.answer_s - (5 + 2 * count) * BITS / baud


def silence(baud: int) -> float:
    """3.5 characters, 1.75 ms above 19,200 baud."""
    return 3.5 * BITS / baud if baud <= FAST_BAUD else FAST_SILENCE_S


def limit(baud: int, count: int) -> float:
    """The shortest possible time of a read of so many registers, in seconds."""
    return (13 + 2 * count) * BITS / baud + ANSWER_S + 2 * silence(baud)
