"""What a serial line costs beyond physics, beside the masters of others on the same slave, in real time.

``python -m tests.bench.bus [--short]``. Overheads are taken by the slave's clock: from the true end of an
answer to the first byte of the next request, less the silence owed. Samples in which the slave was late are
left out. Processor time counts beyond what the machine spends on the same waits of a process that does
nothing: on a desktop a wake costs a few microseconds, on a virtual machine up to a tenth of a millisecond.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC
from tempfile import TemporaryDirectory
from typing import Final

from hems.clock import SystemClock
from hems.field.exchange import Outcome, Request
from hems.field.line import Line
from hems.field.link import Job, Link
from hems.field.port import open_serial
from hems.field.profile import Limits
from hems.model.site import Baud, Bus
from hems.reactor import Reactor
from tests.bench.targets import Figure, judge
from tests.bench.wire.desk import Desk, desk, limit
from tests.bench.wire.masters import Master, hems, others
from tests.bench.wire.slave import UNIT

BAUDS: Final[Sequence[Baud]] = (9600, 19200, 38400, 115200)
COUNTS: Final = (2, 20, 60, 120)
OURS, THEIRS, FEW = 200, 60, 40
ROUNDS: Final = 40
LOOP_SAMPLES: Final = 150


@dataclass(frozen=True)
class Cell:
    """One master at one speed with one length of read; overheads in ms, `share_pct` of the physical limit.

    `idle_cpu_ms` is what this machine spends on the same waits of a process that does nothing.
    """

    master: str
    baud: int
    count: int
    delivery: str
    exchanges: int
    overhead_p50_ms: float
    overhead_p99_ms: float
    share_pct: float
    cpu_ms: float
    idle_cpu_ms: float | None
    wake_ups: float | None
    early: int
    failed: int
    left_out: int


def cell(slaves: Desk, name: str, master: Master, baud: Baud, count: int, exchanges: int) -> Cell:
    """Measure one master."""
    spent = master(slaves.ports["a"], baud, count, exchanges)
    seen = slaves.seen("a", baud, count)
    limit_s = limit(baud, count)
    return Cell(
        master=name,
        baud=baud,
        count=count,
        delivery="bytewise",
        exchanges=exchanges,
        overhead_p50_ms=seen.ms(0.5),
        overhead_p99_ms=seen.ms(0.99),
        share_pct=100 * limit_s / (limit_s + seen.median_s),
        cpu_ms=1000 * spent.cpu_s,
        idle_cpu_ms=None if spent.idle_cpu_s is None else 1000 * spent.idle_cpu_s,
        wake_ups=spent.wake_ups,
        early=seen.early,
        failed=spent.failed,
        left_out=seen.left_out,
    )


def table(bauds: Sequence[Baud], counts: Sequence[int], exchanges: int) -> Iterator[Cell]:
    """Ours and the others, cell by cell, on one slave."""
    with TemporaryDirectory() as folder:
        rivals, missing = others(folder)
        for words in missing:
            print(words)
        for baud in bauds:
            with desk({"a": baud}) as slaves:
                for count in counts:
                    yield cell(slaves, "hems", hems, baud, count, exchanges)
                    for name, master in rivals.items():
                        yield cell(slaves, name, master, baud, count, min(exchanges, THEIRS))


def parallel(number: int, baud: Baud = 9600, count: int = 20) -> float:
    """Seconds of one read on each of so many lines at once, the median of many rounds."""
    names = [f"line{i}" for i in range(number)]
    with desk(dict.fromkeys(names, baud)) as slaves:
        clock = SystemClock(UTC)
        reactor = Reactor(clock)
        lines = [
            Line(Bus(name=name, port=slaves.ports[name], baud=baud, echo="no"), reactor, clock, open_serial)
            for name in names
        ]
        links = [Link(UNIT, Limits()) for _ in names]
        reactor.run_until(clock.mono_s() + 1, lambda: all(line.stage == "idle" for line in lines))
        rounds = []
        for _ in range(ROUNDS):
            ends: list[float] = []

            def took(outcome: Outcome, at_mono_s: float, ends: list[float] = ends) -> None:
                ends.append(at_mono_s)

            began_s = clock.mono_s()
            for line, link in zip(lines, links, strict=True):
                line.start(Job(Request(UNIT, 3, 0, count), link, took))
            reactor.run_until(began_s + 2, lambda: len(ends) == number)  # noqa: B023 – the loop waits for it
            rounds.append(max(ends) - began_s)
        for line in lines:
            line.close()
        reactor.close()
    return statistics.median(rounds)


def dead_device(baud: Baud = 9600) -> float:
    """Seconds that a unit which never answers holds a line, from the end of its request."""
    with desk({"a": baud}) as slaves:
        clock = SystemClock(UTC)
        reactor = Reactor(clock)
        bus = Bus(name="a", port=slaves.ports["a"], baud=baud, echo="no")
        line = Line(bus, reactor, clock, open_serial)
        moments: list[float] = []
        dead, alive = Link(UNIT + 1, Limits()), Link(UNIT, Limits())

        def answered(outcome: Outcome, at_mono_s: float) -> None:
            moments.append(at_mono_s)

        def given_up(outcome: Outcome, at_mono_s: float) -> None:
            line.start(Job(Request(UNIT, 3, 0, 2), alive, answered))

        reactor.run_until(clock.mono_s() + 1, lambda: line.stage == "idle")
        began_s = clock.mono_s()
        line.start(Job(Request(UNIT + 1, 3, 0, 2), dead, given_up))
        reactor.run_until(began_s + 3, lambda: bool(moments))
        line.close()
        reactor.close()
    return moments[0] - began_s - 8 * 10 / baud - limit(baud, 2)


def loop_latency(baud: Baud = 9600) -> list[float]:
    """Seconds between the moment a call was due and its start, while the line is never idle."""
    with desk({"a": baud}) as slaves:
        clock = SystemClock(UTC)
        reactor = Reactor(clock)
        line = Line(Bus(name="a", port=slaves.ports["a"], baud=baud, echo="no"), reactor, clock, open_serial)
        link = Link(UNIT, Limits())
        delays: list[float] = []

        def again(outcome: Outcome, at_mono_s: float) -> None:
            line.start(Job(Request(UNIT, 3, 0, 60), link, again))

        def press(due_s: float) -> None:
            delays.append(clock.mono_s() - due_s)
            next_s = due_s + 0.037
            reactor.call_at(next_s, lambda: press(next_s))

        reactor.run_until(clock.mono_s() + 1, lambda: line.stage == "idle")
        line.start(Job(Request(UNIT, 3, 0, 60), link, again))
        press(clock.mono_s())
        reactor.run_until(clock.mono_s() + 60, lambda: len(delays) >= LOOP_SAMPLES)
        line.close()
        reactor.close()
    return sorted(delays)


def show(one: Cell) -> None:
    """One row of the table, as soon as it is there."""
    wake_ups = f"{one.wake_ups:5.1f}" if one.wake_ups is not None else "    –"
    idle = f"{one.idle_cpu_ms:7.2f}" if one.idle_cpu_ms is not None else "      –"
    head = f"{one.baud:>6} {one.count:>4}  {one.master:14}"
    times = f"{one.overhead_p50_ms:8.2f} {one.overhead_p99_ms:8.2f} {one.share_pct:7.1f} {one.cpu_ms:7.2f}"
    print(head, times, idle, wake_ups, f"{one.early:6} {one.failed:7} {one.left_out:9}", flush=True)


def figures(cells: Sequence[Cell]) -> Iterator[Figure]:
    """The targets, as far as these cells tell."""
    ours = {(one.baud, one.count): one for one in cells if one.master == "hems"}
    for count in (2, 20, 60):
        if one := ours.get((19200, count)):
            yield Figure(f"overhead at 19200, {count} registers", one.overhead_p50_ms, "ms", at_most=0.3)
    if one := ours.get((9600, 20)):
        yield Figure("share of the limit, 9600, 20", one.share_pct, "%", at_least=98)
    yield Figure("requests before the silence", sum(one.early for one in ours.values()), "", at_most=0)
    yield Figure("exchanges that failed", sum(one.failed for one in ours.values()), "", at_most=0)
    cpu_ms = [one.cpu_ms - (one.idle_cpu_ms or 0.0) for one in ours.values()]
    yield Figure("work per exchange, idle waits aside", statistics.median(cpu_ms), "ms", at_most=0.4)
    short, long = ours.get((19200, 2)), ours.get((19200, 120))
    if short and long:
        yield Figure("the same, 120 over 2 registers", long.cpu_ms / short.cpu_ms, "x", at_most=2)
    yield Figure("wake-ups per exchange", max(one.wake_ups or 0 for one in ours.values()), "", at_most=6)


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a quarter of a minute, fewer cells")
    short = parser.parse_args().short
    print(
        f"{'baud':>6} {'regs':>4}  {'master':14} {'p50 ms':>8} {'p99 ms':>8} {'limit %':>7} {'cpu ms':>7} "
        f"{'idle':>7} "
        f"{'wakes':>5} {'early':>6} {'failed':>7} {'left out':>9}"
    )
    began_s = time.monotonic()
    cells = []
    rows = table(BAUDS[1:2], COUNTS[:3], FEW) if short else table(BAUDS, COUNTS, OURS)
    for one in rows:
        show(one)
        cells.append(one)
    found = list(figures(cells))
    if not short:
        alone_s = parallel(1)
        for number in (2, 4):
            found.append(
                Figure(f"{number} lines at once over one", parallel(number) / alone_s, "x", at_most=1.1)
            )
        found.append(Figure("a dead device, 9600", 1000 * dead_device(), "ms", at_most=300))
    delays = loop_latency()
    late_s = delays[int(0.99 * len(delays))]
    found.append(Figure("a call while the line is busy, p99", 1000 * late_s, "ms", at_most=100))
    print(f"\n{time.monotonic() - began_s:.0f} s\n")
    for one in cells:
        print(json.dumps(asdict(one)))
    return judge(found)


if __name__ == "__main__":
    sys.exit(main())
