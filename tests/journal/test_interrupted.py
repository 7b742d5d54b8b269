"""B-11, CNT-91: counting that is cut again and again ends as counting that was not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from hems.clock import ManualClock
from hems.core.count import resume, step
from hems.core.counting import ChargerSample, CountRules, Sample
from hems.core.cycles import PumpRules, PumpSample
from hems.core.energy import TotalRules
from hems.journal.journal import Journal
from hems.model.instant import Instant
from hems.model.ledger import Ledger
from hems.model.settings import Settings
from hems.model.snapshot import Status
from hems.reactor import Reactor
from hems.sim.media import MemoryMedium, RecordingMedium, torn
from tests.journal.books import blank
from tests.journal.days import ROOMY

pytestmark = pytest.mark.proof

BEGIN = datetime(2026, 3, 28, 22, 30, tzinfo=ZoneInfo("Europe/Vienna"))
STEP_S = 30
SITE = TotalRules(29_000.0)
RULES = CountRules(
    pumps={1: PumpRules(), 2: PumpRules()},
    totals={"grid_import": SITE, "grid_export": SITE},
    chargers={1: SITE},
    contacts=("garage",),
)
SETTINGS = Settings()
STATUSES: tuple[Status, ...] = ("A", "B", "C", "C")


def samples(random: Random, count: int) -> list[Sample]:
    """A night over a change to summer time: two pumps, a meter, a car, a relay; some answers are missing."""
    state, rating, wh = [0, 0], [0, 0], 0.0
    status: Status = "A"
    taken = []
    for n in range(count):
        for pump in (0, 1):
            if random.random() < 0.2:
                state[pump], rating[pump] = random.choice([0, 1, 2, 5, 12]), random.choice([0, 0, 3_000])
        if random.random() < 0.1:
            status = random.choice(STATUSES)
        wh += 80.1 if status == "C" else 0.0
        pumps = {i + 1: PumpSample(state[i], rating[i]) for i in (0, 1) if random.random() < 0.95}
        taken.append(
            Sample(
                pumps,
                {"grid_import": 1_000.0 + 7.3 * n, "grid_export": 50.0 + n // 3},
                {1: ChargerSample(status, 500.0 + wh)},
                {"garage": status == "C"},
            )
        )
    return taken


def at(n: int) -> Instant:
    """The moment of a sample."""
    return Instant(5_000.0 + STEP_S * n, BEGIN + timedelta(seconds=STEP_S * n))


def position(ledger: Ledger) -> int:
    """The sample after the last one that the ledger has seen."""
    last = ledger.last.get("site.grid_import")
    return 0 if last is None else (last.value - 1_000_000) // 7_300 + 1


@dataclass
class Run:
    """One run of the appliance between two cuts."""

    medium: MemoryMedium

    def __post_init__(self) -> None:
        clock = ManualClock(BEGIN)
        self.reactor = Reactor(clock)
        self.journal = Journal(Path("book"), self.reactor, clock, self.medium)
        self.ledger = self.journal.recall().ledger

    def count(self, taken: list[Sample], until: int) -> None:
        """Count the samples from where the book stands."""
        state = resume(self.ledger)
        for n in range(position(self.ledger), until):
            state, events = step(RULES, state, taken[n], at(n))
            self.journal.keep(state.ledger, SETTINGS, events, at(n))
            while self.journal._book.busy:
                assert self.journal._writer.wait(10.0)
        self.ledger = state.ledger

    def end(self) -> Ledger:
        self.journal.flush(at(10_000))
        self.close()
        return self.ledger

    def close(self) -> None:
        self.journal.close()
        self.reactor.close()


def cut(medium: RecordingMedium, random: Random) -> bytes:
    """The image after a cut in one of the last writes of a run."""
    which = max(0, len(medium.writes) - random.randrange(1, 4))
    for i, (before, written) in enumerate(medium.images()):
        if i == which:
            length = random.randrange(len(written.data) + 1)
            return torn(before, written, length, random.choice(["old", "zero", "garbage", "page"]), random)
    return bytes(medium.image)


def lives(taken: list[Sample], random: Random, cuts: int) -> Iterator[Run]:
    """Runs that are cut after a while, and a last one that counts to the end."""
    image = blank(ROOMY)
    for _ in range(cuts):
        medium = RecordingMedium(image)
        run = Run(medium)
        run.count(taken, min(len(taken), position(run.ledger) + random.randrange(2, 40)))
        run.close()
        image = cut(medium, random)
        yield run
    run = Run(MemoryMedium(image))
    run.count(taken, len(taken))
    yield run


@pytest.mark.parametrize("seed", ["first", "second", "third"])
def test_interrupted_counting_ends_as_uninterrupted_counting_does(seed: str) -> None:
    """Through the real journal, cut at random bytes of random writes, over midnight and a clock change."""
    random = Random(seed)
    taken = samples(random, 700)
    whole = resume(Ledger())
    for n, sample in enumerate(taken):
        whole, _ = step(RULES, whole, sample, at(n))
    *cut_off, last = lives(taken, random, 25)
    assert len({position(run.ledger) for run in cut_off}) > 10
    assert last.end() == whole.ledger
    found = Run(MemoryMedium(bytes(last.medium.image)))
    found.close()
    assert found.ledger == whole.ledger
    assert whole.ledger.counters["hp1.compressor_start"].total > 3
    assert whole.ledger.counters["ev1.contactor"].total > 3
