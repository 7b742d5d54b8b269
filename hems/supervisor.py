"""The cycle: read, decide, act, count, show."""

import logging
import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol, runtime_checkable

from hems.core import alarms
from hems.core.balance import balance
from hems.core.count import CountRules, count, read
from hems.core.decide import decide
from hems.core.grant import grant
from hems.core.memory import fresh
from hems.core.rules import Rules
from hems.model.decision import Command, Decision
from hems.model.instant import Instant
from hems.model.intents import Errand, Intent, PutPrices, Refusal
from hems.model.ledger import Event, Ledger, State, Tally
from hems.model.loop import Clock, Loop
from hems.model.plans import OptimizerPlan
from hems.model.runs import Figure
from hems.model.settings import Settings
from hems.model.snapshot import Snapshot
from hems.model.surroundings import Surroundings
from hems.model.view import CycleHealth, FieldHealth, Health, Installed, JournalHealth, View

log = logging.getLogger(__name__)

TICK_S = 1.0
OPEN_AGAIN_AFTER_S = 60.0
ABOUT = ("vehicle", "heat_pump", "name", "alarm", "charger", "bus")
"""Fields of intents that say what an intent is about."""

REMEMBERED_CYCLES = 600
BOOK_UNREADABLE = "book_unreadable"
"""An alarm of the memory: what was counted before is not known, so no counter is (JRN-25)."""


class Field(Protocol):
    """The wires."""

    @property
    def startled(self) -> bool:
        """Whether something has changed that need not wait for the next second."""
        ...

    def read(self, now: Instant) -> Snapshot:
        """One picture; turns the loop while the wires talk, at most 0.7 s."""
        ...

    def act(self, command: Command, now: Instant) -> None:
        """Take the whole command of this cycle; does not wait."""
        ...

    def safe(self, now: Instant) -> tuple[str, ...]:
        """Relays de-energised, chargers told 0 A, at most 1.5 s; names those that did not acknowledge."""
        ...

    def health(self, now: Instant) -> FieldHealth:
        """What the wires counted."""
        ...


class Journal(Protocol):
    """The memory."""

    def keep(self, ledger: Ledger, settings: Settings, events: Sequence[Event], now: Instant) -> None:
        """Take what changed; never waits, never raises."""
        ...

    def flush(self, now: Instant) -> None:
        """Everything on the card, at most 5 s."""
        ...

    def health(self, now: Instant) -> JournalHealth:
        """What is not yet on the card."""
        ...


class Watchdog(Protocol):
    """Whoever waits for a sign of life."""

    def cycle_completed(self) -> None:
        """Alive."""
        ...

    def stopping(self) -> None:
        """The end, on purpose."""
        ...


Answer = Callable[[Refusal | None], None]
"""Told once what became of an intent: ``None`` = it was granted."""


class Eye(Protocol):
    """Whoever looks at the view; an eye that fails is closed, the loop goes on."""

    def show(self, view: View) -> None:
        """A new page."""
        ...


@runtime_checkable
class Reopening(Eye, Protocol):
    """An eye that is worth a new try some time after it has failed; until then it shows nothing."""

    def failed(self) -> None:
        """It has failed."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rule parameters and what the eyes must know of the installation."""

    control: Rules
    counting: CountRules
    installed: Installed


class Supervisor:
    """Owns everything that can change, and runs one cycle a second.

    Missed ticks are skipped, never replayed. Intents are applied between two cycles, in order; those of the
    rules before all that came meanwhile, so that they end an order and not its successor. Wires that are
    startled get the next tick at once; the one after it comes a whole second later, whatever startles them.
    `recording`: the last run left a record of the grid operator's limit open; `told`: these alarms.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        field: Field,
        journal: Journal,
        watchdog: Watchdog,
        loop: Loop,
        clock: Clock,
        *,
        ledger: Ledger,
        settings: Settings,
        recording: bool = False,
        told: Mapping[str, datetime | None] | None = None,
    ) -> None:
        self.rulebook = rulebook
        self.field = field
        self.journal = journal
        self.watchdog = watchdog
        self.loop = loop
        self.clock = clock
        self.ledger = ledger
        self.settings = settings
        self.memory = fresh(rulebook.control, ledger.lessons, recording=recording)
        self.tally = Tally()
        self.alarms = alarms.begun(told or {})
        self.eyes: list[Eye] = []
        self.view: View | None = None
        self.advice: Callable[[Instant], OptimizerPlan | None] = _nobody_advises
        self.surroundings: Callable[[Instant], Surroundings] = lambda _: Surroundings()
        self._inbox: deque[tuple[Intent, str, Answer | None]] = deque()
        self._cycle_ms: deque[float] = deque(maxlen=REMEMBERED_CYCLES)
        self._cycles = 0
        self._overruns = 0

    def put(self, intent: Intent, by: str = "panel", answer: Answer | None = None) -> None:
        """Ask for something; it is judged between two cycles. `by` names the door it came through."""
        self._inbox.append((intent, by, answer))

    def start(self) -> None:
        """Leave the house safe before anything is read (CHG-3), then run the first cycle."""
        self.field.safe(self.clock.now())
        self.cycle(self.clock.now())

    def tried(self, eye: Eye, call: Callable[[], None]) -> None:
        """Call something of an open eye; one that fails is closed and gets neither views nor keys any more.

        An eye is for people; protection does not depend on it. One that may be opened again gets a new try.
        """
        if eye not in self.eyes:
            return
        try:
            call()
        except Exception:
            log.exception("%s failed and is closed", type(eye).__name__)
            self.eyes.remove(eye)
            if isinstance(eye, Reopening):
                self.loop.call_at(self.clock.mono_s() + OPEN_AGAIN_AFTER_S, partial(self.eyes.append, eye))
                with suppress(Exception):
                    eye.failed()

    def run(self, ended: Callable[[], bool], until_mono_s: float = math.inf) -> None:
        """Cycle once a second until `ended()` or the deadline."""
        tick_s = self.clock.mono_s()
        while not ended() and tick_s < until_mono_s:
            self.loop.run_until(tick_s, lambda: ended() or self.field.startled)
            if self.clock.mono_s() < tick_s and not ended():
                tick_s = self.clock.mono_s() + TICK_S
                self.cycle(self.clock.now())
                self.loop.run_until(tick_s, ended)
            if ended():
                return
            self.cycle(self.clock.now())
            missed = int((self.clock.mono_s() - tick_s) / TICK_S)
            self._overruns += missed > 0
            tick_s += (missed + 1) * TICK_S

    def cycle(self, now: Instant) -> None:
        """One cycle; between reading, deciding and acting stands nothing."""
        granted, errands = self._judge_intents(now)
        snapshot = self._advised(self.field.read(now))
        self.memory, decision = decide(
            self.rulebook.control, self.memory, snapshot, self.settings, self.ledger, errands
        )
        self.field.act(decision.command, now)
        self.tally, self.ledger, counted = count(
            self.rulebook.counting, self.tally, self.ledger, snapshot, decision
        )
        self._inbox.extendleft((intent, "rules", None) for intent in reversed(decision.asks))
        events = (*granted, *decision.events, *counted)
        view = self._alarmed(self._page(snapshot, decision, events), errands)
        self.journal.keep(self.ledger, self.settings, view.events, now)
        for eye in tuple(self.eyes):
            self.tried(eye, partial(eye.show, view))
        self.view = view
        self._cycles += 1
        self._cycle_ms.append((self.clock.mono_s() - now.mono_s) * 1000)
        self.watchdog.cycle_completed()

    def stop(self) -> None:
        """Leave the house safe and everything stored."""
        self.watchdog.stopping()
        self.field.safe(self.clock.now())
        now = self.clock.now()
        self.journal.keep(self.ledger, self.settings, (Event("stopped", "service", _at(now)),), now)
        self.journal.flush(now)

    def _verdict(self, intent: Intent, now: Instant) -> Settings | Refusal:
        """What the rules say to an intent; what they did not foresee is refused, and the loop goes on."""
        try:
            return grant(self.rulebook.control, self.settings, intent, now)
        except Exception:
            log.exception("an intent could not be judged")
            return Refusal("bad_value", "this cannot be judged; the log says more")

    def _judge_intents(self, now: Instant) -> tuple[tuple[Event, ...], tuple[Errand, ...]]:
        """What was granted, as events that name the door and the new value, and what is to be done once."""
        granted: list[Event] = []
        errands: list[Errand] = []
        while self._inbox:
            intent, by, answer = self._inbox.popleft()
            verdict = self._verdict(intent, now)
            _reply(answer, verdict if isinstance(verdict, Refusal) else None)
            if isinstance(verdict, Settings):
                self.settings = verdict
                kind, what, figures = "setting", *_told(intent)
                if isinstance(intent, Errand):
                    errands.append(intent)
                    kind, figures = "asked", {"for": type(intent).__name__}
                granted.append(Event(kind, what, _at(now), {"by": by, **figures}))
            else:
                log.info("refused to %s: %s", by, verdict.text)
        return tuple(granted), tuple(errands)

    def _advised(self, snapshot: Snapshot) -> Snapshot:
        """The picture with an external optimizer's plan in it, as long as that is fresh (CHG-110)."""
        plan = self.advice(snapshot.now)
        return replace(snapshot, optimizer=plan) if plan is not None else snapshot

    def _page(self, snapshot: Snapshot, decision: Decision, events: tuple[Event, ...]) -> View:
        now = snapshot.now
        counters = read(self.rulebook.counting, State(self.tally, self.ledger), now, self.settings.offsets)
        memory = self.journal.health(now)
        return View(
            now=now,
            installed=self.rulebook.installed,
            snapshot=snapshot,
            decision=decision,
            settings=self.settings,
            balance=balance(self.rulebook.installed, snapshot),
            counters=dict.fromkeys(counters) if BOOK_UNREADABLE in memory.alarms else counters,
            health=Health(self._cycle_health(), self.field.health(now), memory),
            events=events,
            around=self.surroundings(now),
            since={name: counter.since for name, counter in self.ledger.counters.items()},
            sessions=self.ledger.sessions,
        )

    def _alarmed(self, view: View, errands: Sequence[Errand]) -> View:
        """The page with what a person must be told of it."""
        self.alarms, told, events = alarms.step(self.rulebook.control, self.alarms, view, errands)
        past = self.alarms.past
        return replace(view, alarms=told, past_alarms=past, events=(*view.events, *events))

    def _cycle_health(self) -> CycleHealth:
        if not self._cycle_ms:
            return CycleHealth()
        ordered = sorted(self._cycle_ms)
        return CycleHealth(
            cycles=self._cycles,
            overruns=self._overruns,
            p50_ms=ordered[len(ordered) // 2],
            p99_ms=ordered[min(len(ordered) - 1, math.ceil(len(ordered) * 0.99) - 1)],
            max_ms=ordered[-1],
        )


def _reply(answer: Answer | None, refusal: Refusal | None) -> None:
    """Whoever asked is told; if that fails it is their trouble and not the loop's."""
    if answer is None:
        return
    try:
        answer(refusal)
    except Exception:
        log.exception("whoever asked could not be told")


def _nobody_advises(_: Instant) -> OptimizerPlan | None:
    return None


def _told(intent: Intent) -> tuple[str, dict[str, Figure]]:
    """What an intent is about, and the figures to remember of it."""
    if isinstance(intent, PutPrices):
        return "prices", {"provider": intent.provider, "slots": len(intent.slots)}
    figures = dict(_flat(asdict(intent)))
    about = next((name for name in ABOUT if name in figures), "")
    return str(figures.pop(about)) if about else "operator", figures


def _flat(fields: Mapping[str, object], path: str = "") -> Iterator[tuple[str, Figure]]:
    """A record's figures by their paths; times as text."""
    for name, value in fields.items():
        match value:
            case dict():
                yield from _flat(value, f"{path}{name}.")
            case datetime():
                yield f"{path}{name}", value.isoformat()
            case tuple():
                yield f"{path}{name}", " ".join(map(str, value))
            case int() | float() | str() | None:
                yield f"{path}{name}", value


def _at(now: Instant) -> datetime | None:
    return now.wall if now.trusted else None
