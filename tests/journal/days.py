"""The reference day of a site, told to a journal in virtual time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from hems.clock import ManualClock
from hems.journal.history import History
from hems.journal.journal import Journal
from hems.journal.layout import SLOT, Layout
from hems.journal.medium import Medium
from hems.model.instant import Instant
from hems.model.ledger import Counter, Event, Last, Ledger
from hems.model.settings import ChargerSettings, Settings
from hems.reactor import Reactor

MIDNIGHT: Final = datetime(2026, 11, 24, tzinfo=UTC)
DAY_S: Final = 86_400
ROOMY: Final = Layout(b"a book of a day!", base_bytes=64 * SLOT, log_bytes=256 * SLOT)
OWNERS: Final = ("hp1.heating", "hp1.hot_water", "hp1.compressor_start", "ev1.contactor", "relay.garage")
TOTALS: Final = ("site.grid_import", "site.grid_export", "site.pv", "ev1.energy", "hp1.electrical")
WINDOWS: Final = ("2h", "4h", "daily", "monthly", "yearly")


@dataclass(frozen=True)
class Moment:
    """What happens in one cycle."""

    at_s: int
    events: tuple[tuple[str, str], ...] = ()
    mode: str = ""


def reference_day(*, cycles: int = 40, alarms: int = 2) -> list[Moment]:
    """Pump cycles, three sessions, twelve roll-overs, four settings and alarms (JRN-44)."""
    moments = []
    for n in range(cycles):
        begin_s = 300 + n * (DAY_S - 1_800) // cycles
        moments += [
            Moment(begin_s, (("counted", "hp1.heating"),)),
            Moment(begin_s + 90, (("counted", "hp1.compressor_start"),)),
            Moment(begin_s + 990, (("run_ended", "hp1.run"),)),
        ]
    for begin_s in (25_000, 45_000, 65_000):
        closes_s, opens_s, ends_s = begin_s + 20, begin_s + 7_220, begin_s + 7_820
        moments += [
            Moment(begin_s, (("session_began", "ev1.session"),)),
            Moment(closes_s, (("counted", "ev1.contactor"), ("counted", "relay.garage"))),
            Moment(opens_s),
            Moment(ends_s, (("session_ended", "ev1.session"),)),
        ]
    for n in range(12):
        moments.append(Moment(7_200 * n, (("rolled", "2h"), *((("rolled", "daily"),) if n == 0 else ()))))
    moments += [Moment(28_003 + 9_000 * n, mode=("fast", "off", "surplus", "fast")[n]) for n in range(4)]
    for n in range(alarms):
        at_s = 30_017 + n * 40_000 // alarms
        moments += [
            Moment(at_s, (("alarm_raised", "grid meter"),)),
            Moment(at_s + 600 // alarms, (("alarm_cleared", "grid meter"),)),
        ]
    return sorted(moments, key=lambda moment: moment.at_s)


@dataclass
class Service:
    """A journal with its loop, told of days; `acknowledged` is the newest ledger that is on the card."""

    medium: Medium
    history: History | None = None
    clock: ManualClock = field(default_factory=lambda: ManualClock(MIDNIGHT))

    def __post_init__(self) -> None:
        self.reactor = Reactor(self.clock)
        self.journal = Journal(Path("book"), self.reactor, self.clock, self.medium, self.history)
        recalled = self.journal.recall()
        self.ledger = recalled.ledger
        self.settings = recalled.settings or Settings()

    @property
    def now(self) -> Instant:
        return self.clock.now()

    def live(self, day: Sequence[Moment], *, step_s: int = 300) -> Iterator[Moment | None]:
        """One day; gives back every moment after it was told, ``None`` for those in which only meters ran."""
        begin_s = self.clock.mono_s()
        pending = list(day)
        for at_s in sorted({*(moment.at_s for moment in day), *range(0, DAY_S, step_s)}):
            self.clock.advance(begin_s + at_s - self.clock.mono_s())
            events: list[Event] = []
            if at_s % 900 == 0:
                self._energies()
            while pending and pending[0].at_s <= at_s:
                events += self._told(pending.pop(0))
            self.journal.keep(self.ledger, self.settings, events, self.now)
            self.settle()
            yield None
        self.clock.advance(begin_s + DAY_S - self.clock.mono_s())

    def settle(self) -> None:
        """Let the card answer."""
        while self.journal._book.busy:
            assert self.journal._writer.wait(10.0)

    def close(self) -> None:
        self.journal.close()
        self.reactor.close()

    def _told(self, moment: Moment) -> list[Event]:
        if moment.mode:
            orders = ChargerSettings("fast" if moment.mode == "fast" else "off", 6.0 + moment.at_s % 7)
            self.settings = Settings({"garage": orders})
        for _, key in moment.events:
            if key in OWNERS:
                self.ledger = replace(self.ledger, counters=self._raised(key, 1))
        figures: dict[str, int | float | str | bool | None] = {
            "start": self.now.wall.isoformat(),
            "n": moment.at_s,
            "electrical_wh": 900,
        }
        return [Event(kind, key, self.now.wall, figures) for kind, key in moment.events]

    def _energies(self) -> None:
        for name in TOTALS:
            counters = self._raised(f"{name}.all", 150)
            last = {
                **self.ledger.last,
                name: Last(counters[f"{name}.all"].total * 1_000, self.now.wall, "sun"),
            }
            self.ledger = replace(self.ledger, counters=counters, last=last)

    def _raised(self, key: str, by: int) -> dict[str, Counter]:
        counter = self.ledger.counters.get(key, Counter(since=MIDNIGHT))
        windows = {name: counter.windows.get(name, 0) + by for name in WINDOWS}
        raised = replace(counter, total=counter.total + by, windows=windows, previous={"yesterday": by})
        return {**self.ledger.counters, key: raised}


def recalled(image: bytes, begin: datetime = MIDNIGHT + timedelta(days=2)) -> tuple[Ledger, Settings]:
    """What another run would find on a medium."""
    from hems.sim.media import MemoryMedium

    service = Service(MemoryMedium(image), clock=ManualClock(begin))
    service.close()
    return service.ledger, service.settings
