"""What the memory costs on the reference day, beside other stores, and how long it takes.

``python -m tests.bench.journal [SPACING_S COMMIT_S]``. The writes of the day come from the real supervisor in
virtual time. At a block device they are replayed with SPACING_S between two of them on ext4 that commits
every COMMIT_S: an appliance writes farther apart than it commits, and so does the replay (1.2 and 1, or 6
and 5 for a quarter of an hour).
"""

import os
import platform
import statistics
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from hems.journal import change
from hems.journal.change import Documents
from hems.journal.frame import Kind, pack
from hems.journal.layout import SLOT
from hems.journal.medium import OsMedium
from hems.journal.recover import recover
from hems.model.ledger import Counter, Ledger, to_documents
from hems.sim.media import MemoryMedium, SlowMedium
from tests.bench import loops
from tests.bench.appliance_day import LAYOUT, Appliance, Clocked, Write, reference_day
from tests.bench.stores import STORES, Store
from tests.bench.targets import Figure, judge
from tests.journal.books import blank, documents
from tests.journal.days import Service
from tests.journal.days import reference_day as told_day

SPACING_S, COMMIT_S = 1.2, 1
REPEATS: Final = 5
KIB: Final = 1024
FILE_SYSTEM_BYTES: Final = 3_584
"""What ext4 of 1 KiB blocks adds to each write: an inode, and three blocks of its own journal."""


def milliseconds(call: Callable[[], object]) -> float:
    """Median of some runs."""
    taken = []
    for _ in range(REPEATS):
        began_s = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began_s)
    return 1000 * statistics.median(taken)


def with_a_base(day: list[Write]) -> list[Write]:
    """The day with a new base at its end, which in practice comes every third day."""
    last = next(write for write in reversed(day) if write.state)
    base = pack(LAYOUT.seed, 2, 0, Kind.BASE, change.payload(last.state))
    changed: change.Change = {table: dict(rows) for table, rows in last.state.items()}
    return [*day, Write(last.at_s, False, LAYOUT.base_offset(1), base, changed, last.state)]


def own_io() -> tuple[int, int]:
    """Bytes that this process wrote so far, and what of them went to a disk."""
    fields = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(fields["wchar"]), int(fields["write_bytes"])


def by_process(day: list[Write], folder: Path) -> tuple[list[Figure], list[str]]:
    """Every store keeps the day, back to back: bytes as the process counts them, syncs, time, opening."""
    figures, rows = [], []
    for name, make in STORES.items():
        place = folder / name.replace(" ", "-")
        place.mkdir()
        store = make(place)
        asked, written = own_io()
        cpu_s = time.process_time()
        for write in day:
            store.keep(write)
        cpu_ms = 1000 * (time.process_time() - cpu_s) / len(day)
        asked, written = own_io()[0] - asked, own_io()[1] - written
        store.close()
        opening_ms = milliseconds(store.read)
        numbers = f"{asked / 1e6:9.2f} {written / 1e6:9.2f} {store.syncs:6} {cpu_ms:9.3f} {opening_ms:9.2f}"
        rows.append(f"{name:20} {numbers}")
        figures += [Figure(f"{name}, asked", asked / 1e6, "MB"), Figure(f"{name}, syncs", store.syncs, "")]
    return figures, [
        f"{'store':20} {'asked MB':>9} {'disk MB':>9} {'syncs':>6} {'CPU ms':>9} {'open ms':>9}",
        *rows,
    ]


def by_device(day: list[Write], folder: Path, spacing_s: float, commit_s: int) -> list[Figure]:
    """The same at block devices of their own, with the file systems' share."""
    wanted: list[tuple[str, str, int | None]] = [("this journal", "raw", None)]
    wanted += [("this journal", f"ext4 {size // KIB} KiB", size) for size in (KIB, 4 * KIB)]
    wanted += [(name, "ext4 1 KiB", KIB) for name in STORES if name != "this journal"]
    with ExitStack() as stack:
        kept = []
        for n, (name, what, block_bytes) in enumerate(wanted):
            device = stack.enter_context(loops.device(folder, f"device{n}", block_bytes, commit_s))
            store: Store = Raw(device.path) if device.folder is None else STORES[name](device.folder)
            stack.callback(store.close)
            kept.append((f"{name}, {what}", device, store))
        os.sync()
        time.sleep(2.0 * commit_s + 1.0)
        before = [device.written() for _, device, _ in kept]
        for n, write in enumerate(day):
            for _, _, store in kept:
                store.keep(write)
            time.sleep(spacing_s)
            if n % 30 == 29:
                print(f"  {n + 1} of {len(day)} writes", flush=True)
        time.sleep(2.0 * commit_s)
        os.sync()
        figures = []
        for (name, device, _), (bytes_before, requests_before) in zip(kept, before, strict=True):
            written, requests = device.written()
            most = 1.0 if name in ("this journal, raw", "this journal, ext4 1 KiB") else None
            figures.append(Figure(name, (written - bytes_before) / 1e6, "MB", at_most=most))
            figures.append(Figure(f"{name}, requests", requests - requests_before, ""))
        return figures


class Raw:
    """The book on a device without a file system, the history behind it."""

    def __init__(self, path: Path) -> None:
        self.syncs = 0
        self._path = path
        self._medium = OsMedium(path)
        self._medium.pwrite(0, blank(LAYOUT))
        self._medium.fdatasync()

    def keep(self, write: Write) -> None:
        """One write and one sync."""
        self._medium.pwrite(write.offset + LAYOUT.size * write.into_history, write.data)
        self._medium.fdatasync()
        self.syncs += 1

    def read(self) -> object:
        """Recovery."""
        return recover(self._medium.pread(0, LAYOUT.size))

    def close(self) -> None:
        """Let go of the device."""
        self._medium.close()


def full_state(random: Random) -> Documents:
    """All rings full, each entry of its typical size: 1.3 MiB of plain documents."""
    bounds = {"sessions": (500, 16), "runs": (600, 7), "events": (1_000, 5), "evidence": (2_048, 13)}

    def entry(n: int, fields: int) -> dict[str, object]:
        times = {"start": f"2026-11-{n % 28 + 1:02}T{n % 24:02}:15:07+01:00", "name": f"ev{n % 3}.session"}
        return times | {f"figure_{k}_wh": random.randrange(10**6) for k in range(fields)}

    return documents(
        {table: {str(n): entry(n, fields) for n in range(count)} for table, (count, fields) in bounds.items()}
    )


def full_book(state: Documents, log_bytes: int) -> bytes:
    """A book with this base in both pairs, and logs filled so far with typical records."""
    image = bytearray(blank(LAYOUT))
    random = Random(1)
    for pair in (0, 1):
        base = pack(LAYOUT.seed, pair + 1, 0, Kind.BASE, change.payload(state))
        image[LAYOUT.base_offset(pair) : LAYOUT.base_offset(pair) + len(base)] = base
        for slot in range(log_bytes // SLOT):
            counters = {f"hp1.counter{k}": Counter(random.randrange(10**6), {"daily": k}) for k in range(20)}
            fields = {"name": "hp1", **to_documents(Ledger({}, counters))["hp1"]}
            kind = Kind.CHANGE if slot else Kind.CHECKPOINT
            content = change.payload(documents({"ledger": {"1": fields}}))
            frame = pack(LAYOUT.seed, pair + 1, slot + 1, kind, content)
            offset = LAYOUT.slot_offset(pair, slot)
            image[offset : offset + len(frame)] = frame
    return bytes(image)


def recoveries() -> list[Figure]:
    """B-3."""
    state = full_state(Random(2))
    small, full = full_book({}, KIB * KIB), full_book(state, LAYOUT.log_bytes)
    assert len(recover(full).state["evidence"]) == 2_048
    return [
        Figure("recovery, 1 MiB of log", milliseconds(lambda: recover(small)), "ms", at_most=100),
        Figure("recovery, full book", milliseconds(lambda: recover(full)), "ms", at_most=300),
    ]


def loop_times() -> list[Figure]:
    """B-12: what one cycle pays for the memory: idle, with a record, and while a full base is encoded."""
    service = Service(MemoryMedium(full_book(full_state(Random(2)), 32 * SLOT)))
    basing, recording, idle = [], [], []
    service.journal.keep(service.ledger, service.settings, (), service.now)
    service.settle()
    service.journal._renew = True
    for _ in range(400):
        began_s = time.perf_counter()
        service.journal.keep(service.ledger, service.settings, (), service.now)
        basing.append(time.perf_counter() - began_s)
        if service.journal._book.busy:
            break
    service.settle()
    for moment in told_day():
        events = service._told(moment)
        began_s = time.perf_counter()
        service.journal.keep(service.ledger, service.settings, events, service.now)
        took_s = time.perf_counter() - began_s
        if service.journal._book.busy:
            recording.append(took_s)
        service.settle()
        service.clock.advance(10.0)
    service.journal.flush(service.now)
    for _ in range(5_000):
        began_s = time.perf_counter()
        service.journal.keep(service.ledger, service.settings, (), service.now)
        idle.append(time.perf_counter() - began_s)
    service.close()
    return [
        Figure("keep, idle, median", 1000 * statistics.median(idle), "ms", at_most=0.1),
        Figure("keep, a record, median", 1000 * statistics.median(recording), "ms", at_most=2),
        Figure("keep, a full base, steps", len(basing), ""),
        Figure("keep, a full base, step, median", 1000 * statistics.median(basing), "ms", at_most=5),
        Figure("keep, a full base, longest step", 1000 * max(basing), "ms"),
    ]


def stalls() -> list[Figure]:
    """B-8: the time of a cycle in real milliseconds, with a card that answers and with one that stalls."""
    free = threading.Event()
    free.set()
    appliance = Appliance(lambda image, _: SlowMedium(image, free.wait))
    taken: dict[bool, list[float]] = {True: [], False: []}
    appliance.live(3_600)
    for n in range(1_200):
        if n % 100 == 0:
            free.clear() if free.is_set() else free.set()
        began_s = time.perf_counter()
        appliance.supervisor.cycle(appliance.clock.now())
        taken[free.is_set()].append(1000 * (time.perf_counter() - began_s))
        appliance.reactor.run_until(appliance.clock.mono_s() + 10.0)
    free.clear()
    began_s = time.perf_counter()
    appliance.supervisor.stop()
    ended_s = time.perf_counter() - began_s
    free.set()
    appliance.close()
    p99 = {well: statistics.quantiles(times, n=100)[98] for well, times in taken.items()}
    return [
        Figure("cycle, p99, card well", p99[True], "ms"),
        Figure("cycle, p99, card stalled, more", p99[False] - p99[True], "ms", at_most=2),
        Figure("end during a stall", ended_s, "s", at_most=5.5),
    ]


def wild_day() -> Figure:
    """B-1: two hundred pump cycles, twenty alarms, after a day of the same; the wear guard holds."""
    appliance = Appliance(Clocked, cycles=200)
    appliance.live(alarms=20)
    writes, _ = appliance.journal._wear.last_day(appliance.clock.mono_s())
    appliance.close()
    return Figure("writes of a wild day", writes, "", at_most=400)


def main() -> int:
    """All figures; 1 if a target is missed."""
    spacing_s, commit_s = (
        (float(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (SPACING_S, COMMIT_S)
    )
    cpu = next((row for row in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in row), "")
    print(f"{platform.platform()}, {os.cpu_count()} cores, {cpu.partition(': ')[2]}", flush=True)
    day = reference_day()
    figures = [Figure("writes of the reference day", len(day), "", at_most=150)]
    whole = with_a_base(day)
    own = sum(len(write.data) for write in whole)
    estimate = sum(-(-len(write.data) // KIB) * KIB + FILE_SYSTEM_BYTES for write in whole)
    figures += [
        Figure("bytes of records and a base", own / 1e6, "MB"),
        Figure("bytes at ext4 1 KiB, reckoned", estimate / 1e6, "MB", at_most=1),
        wild_day(),
    ]
    with TemporaryDirectory(prefix="hems-bench-") as name:
        folder = Path(name)
        told, table = by_process(whole, folder)
        print("\n".join(["", f"{len(whole)} updates back to back, as the process counts them:", *table, ""]))
        figures += told
        if refused := loops.possible():
            print(f"no block devices here ({refused}): the figures above and the reckoned one stand alone")
        else:
            print(f"at block devices, {spacing_s:g} s apart, commit={commit_s}:", flush=True)
            figures += by_device(whole, folder, spacing_s, commit_s)
    return judge([*figures, *recoveries(), *loop_times(), *stalls()])


if __name__ == "__main__":
    sys.exit(main())
