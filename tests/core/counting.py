"""A counted house for tests: one clock, one state, samples in, figures out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hems.core.count import ChargerSample, CountRules, Sample, fresh, read, resume, step
from hems.core.cycles import PumpRules, PumpSample
from hems.core.energy import TotalRules
from hems.model.instant import Instant
from hems.model.ledger import Event, State, from_documents, to_documents
from hems.model.runs import Figure

BERLIN = ZoneInfo("Europe/Berlin")
NO_VALUE = 0x8000
WHOLES = ("run_ended", "session_began", "session_ended")

RULES = CountRules(
    pumps={1: PumpRules(), 2: PumpRules()},
    totals={"grid_import": TotalRules(29_000.0), "pv": TotalRules(12_000.0)},
    chargers={1: TotalRules(22_080.0)},
    contacts=("k1",),
    pump_numbers={"lambda": 1, "cellar": 2},
    charger_numbers={"garage": 1},
)


def berlin(text: str, fold: int = 0) -> datetime:
    """``2026-11-24 08:00:05`` on the wall in Berlin; `fold=1` is the second time round."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)


@dataclass
class Counted:
    """A state of counters at a moment; the wall clock runs with the monotonic one unless it is set."""

    wall: datetime
    rules: CountRules = RULES
    trusted: bool = True
    mono_s: float = 5_000.0
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state: State = fresh(self.rules)

    @property
    def now(self) -> Instant:
        return Instant(self.mono_s, self.wall, self.trusted)

    def wait(self, seconds: float) -> None:
        self.mono_s += seconds
        self.wall = (self.wall.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(BERLIN)

    def go_to(self, wall: datetime) -> None:
        self.wait((wall.astimezone(UTC) - self.wall.astimezone(UTC)).total_seconds())

    def take(self, sample: Sample) -> tuple[Event, ...]:
        self.state, events = step(self.rules, self.state, sample, self.now)
        self.events += events
        return events

    def pump(self, operating_state: int | None = None, rating: int | None = None, number: int = 1) -> None:
        self.take(Sample(pumps={number: PumpSample(operating_state, rating)}))

    def total(self, wh: float | None, quantity: str = "grid_import") -> None:
        self.take(Sample(totals_wh={quantity: wh}))

    def charger(self, sample: ChargerSample) -> None:
        self.take(Sample(chargers={1: sample}))

    def cut(self, off_s: float = 0.0) -> None:
        """A power cut: what was stored comes back, the monotonic clock begins anew."""
        self.wait(off_s)
        self.mono_s = 30.0
        self.state = resume(from_documents(to_documents(self.state.ledger)))

    def show(self, name: str) -> dict[str, int | float | None]:
        """All periods of one counter."""
        figures = read(self.rules, self.state, self.now)
        return {
            key.rsplit(".", 1)[1]: value for key, value in figures.items() if key.rsplit(".", 1)[0] == name
        }

    def follow(self, codes: Mapping[str, int], day: str, step_s: float = 5.0) -> None:
        """Operating states by time of day, each read again every `step_s` until the next."""
        for text, code in codes.items():
            next_wall = berlin(f"{day} {text}")
            while self.wall + timedelta(seconds=step_s) < next_wall and self.state.ledger.last:
                self.wait(step_s)
                self.pump(self.state.ledger.last["hp1.operating_state"].value)
            self.go_to(next_wall)
            self.pump(code)

    def kinds(self) -> list[str]:
        """What was told, but for the beginnings and ends of runs and sessions."""
        return [event.kind for event in self.events if event.kind not in WHOLES]

    def ended(self, kind: str) -> list[Mapping[str, Figure]]:
        """The figures of the runs or sessions that have ended."""
        return [event.figures for event in self.events if event.kind == f"{kind}_ended"]

    def counted(self, owner: str) -> dict[str, int]:
        """Raw totals above nothing of one owner or source, by the rest of their names."""
        return {
            name.removeprefix(f"{owner}."): counter.total
            for name, counter in self.state.ledger.counters.items()
            if name.startswith(f"{owner}.") and counter.total
        }


def without_tally(state: State) -> State:
    """The state as the next run would find it."""
    return replace(state, tally=type(state.tally)())
