"""Power cuts: a long life of a small book, and every way in which one of its writes may have arrived.

A proof gives back how many images it judged; what it finds wrong it asserts.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final
from unittest.mock import patch

from hems.journal import book
from hems.journal.change import Documents
from hems.journal.layout import SLOT, Layout
from hems.journal.recover import Recovery, recover
from hems.sim.media import MemoryMedium, RecordingMedium, Written, torn
from tests.journal.books import Notebook, Plain, blank, documents

SMALL: Final = Layout(b"a book of a cut!", base_bytes=3 * SLOT, log_bytes=7 * SLOT)
sparing = patch.object(book, "SLOTS_SPARE", 3)
"""So small a log is renewed when three slots are left, not sixteen."""
RESTS: Final = ("old", "zero", "garbage")
SUBSETS_MAX: Final = 256
PADDING_STEP: Final = 13
"""Of the zeros that fill a write up to whole blocks not every byte is tried."""

Say = Callable[[str], None]


def quiet(_: str) -> None:
    """Nobody is there to be told."""


@dataclass(frozen=True)
class Lived:
    """A medium with all of its writes; the states, each with the number of writes that made it durable."""

    medium: RecordingMedium
    durable: tuple[tuple[int, Documents], ...]
    generations: int

    def allowed_after(self, writes: int) -> list[Documents]:
        """The last acknowledged state after so many whole writes, and the one that was in flight."""
        acknowledged = max(i for i, (done, _) in enumerate(self.durable) if done <= writes)
        return [state for _, state in self.durable[acknowledged : acknowledged + 2]]


def state(n: int) -> Plain:
    """A state that is another for each `n`: counters, settings, a ring that turns, a long text at times."""
    noise = Random(n).randbytes(4_200 if n % 23 == 5 else 30).hex()
    return {
        "ledger": {"1": {"name": "hp1", "n": n}, "2": {"name": "site", "sum": n * n, "noise": noise}},
        "settings": {str(n % 3): {"n": n // 3}},
        "events": {str(k): {"at": k} for k in range(max(1, n - 4), n + 1)},
    }


@sparing
def lived(records: int = 200) -> Lived:
    """A book that has been written so often, with checkpoints, records of several slots and recyclings."""
    medium = RecordingMedium(blank(SMALL))
    notebook = Notebook(medium)
    durable: list[tuple[int, Documents]] = [(0, {})]
    for n in range(1, records + 1):
        assert notebook.store(state(n), checkpoint=n % 9 == 0)
        durable.append((len(medium.writes), documents(state(n))))
    return Lived(medium, tuple(durable), notebook.book.place.generation)


def prefixes(
    image: bytes, written: Written, step: int, random: Random, padding_step: int = PADDING_STEP
) -> Iterator[bytes]:
    """So many bytes of a write arrived, the rest is as it was, zero or random.

    At each byte all three, but every image once; with a greater step they take turns.
    """
    data = written.data
    content, fresh = len(data.rstrip(b"\0")), not any(written.before)
    for length in range(0, len(data) + 1, step):
        if step > 1:
            yield torn(image, written, length, RESTS[length // step % 3], random)
            continue
        if content < length < len(data) and length % padding_step:
            continue
        for rest, former in zip(RESTS, (written.before[length - 1], 0, None), strict=True):
            known = 0 < length < len(data) and data[length - 1] == former
            if not known and not (rest == "zero" and fresh):
                yield torn(image, written, length, rest, random)


def subsets(image: bytes, written: Written, random: Random) -> Iterator[bytes]:
    """Any of the blocks of a write arrived: all subsets if they are few, else so many random ones."""
    for block in (512, 1024, 4096):
        starts = range(0, len(written.data), block)
        whole = 2 ** len(starts)
        chosen: Iterable[int] = (
            range(whole) if whole <= SUBSETS_MAX else (random.randrange(whole) for _ in range(SUBSETS_MAX))
        )
        for mask in chosen:
            mixed = bytearray(image)
            for i, at in enumerate(starts):
                if mask >> i & 1:
                    part = written.data[at : at + block]
                    mixed[written.offset + at : written.offset + at + len(part)] = part
            yield bytes(mixed)


def pages(image: bytes, written: Written, times: int, random: Random) -> Iterator[bytes]:
    """Every page in flight is garbage."""
    for _ in range(times):
        yield torn(image, written, 0, "page", random)


def judged(cut: bytes, allowed: list[Documents]) -> Recovery:
    """What comes out is what was acknowledged, or that and the record in flight, and it is no alarm."""
    recovery = recover(cut)
    assert not recovery.unreadable
    assert recovery.state in allowed
    assert not recovery.damaged
    return recovery


@sparing
def goes_on(cut: bytes) -> None:
    """A book that was cut can be written and read again, through a recycling."""
    notebook = Notebook(MemoryMedium(cut))
    for n in (1_000, 1_005):
        assert notebook.store(state(n))
        assert recover(notebook.medium.pread(0, notebook.medium.size)).state == documents(state(n))


def every_cut(
    life: Lived,
    whole: Callable[[int], bool],
    step: int,
    *,
    noises: int = 3,
    padding_step: int = PADDING_STEP,
    say: Say = quiet,
) -> dict[str, int]:
    """Judge the cuts of every write: of `whole` ones at each byte, of the others at every so many."""
    random = Random("every cut")
    counts = {"prefixes": 0, "subsets": 0, "pages": 0, "lives": 0}
    for i, (before, written) in enumerate(life.medium.images()):
        image, allowed, cut = bytes(before), life.allowed_after(i), b""
        thorough = whole(i)
        kinds = (
            ("prefixes", prefixes(image, written, 1 if thorough else step, random, padding_step)),
            ("subsets", subsets(image, written, random) if thorough else ()),
            ("pages", pages(image, written, noises, random)),
        )
        for kind, cuts in kinds:
            for cut in cuts:
                judged(cut, allowed)
                counts[kind] += 1
        goes_on(cut)
        counts["lives"] += 1
        if i % 20 == 19:
            say(f"{i + 1} of {len(life.medium.writes)} writes, {sum(counts.values()):,} cuts")
    return counts


@sparing
def lives_in_a_row(times: int, seed: str) -> int:
    """A cut in each life, each life begins with what the cut before left; how many records were in flight."""
    random = Random(seed)
    image, last, n, arrived = blank(SMALL), documents({}), 0, 0
    for _ in range(times):
        medium = RecordingMedium(image)
        notebook = Notebook(medium)
        assert notebook.state == last
        durable = [(0, last)]
        for _ in range(random.randrange(1, 4)):
            n += 1
            assert notebook.store(state(n), checkpoint=random.random() < 0.1)
            durable.append((len(medium.writes), documents(state(n))))
        life = Lived(medium, tuple(durable), 0)
        cut_at = random.randrange(len(medium.writes))
        before, written = next((bytes(b), w) for i, (b, w) in enumerate(medium.images()) if i == cut_at)
        rest = random.choice((*RESTS, "page"))
        image = torn(before, written, random.randrange(len(written.data) + 1), rest, random)
        recovery = judged(image, life.allowed_after(cut_at))
        arrived += recovery.state != life.allowed_after(cut_at)[0]
        last = recovery.state
    return arrived
