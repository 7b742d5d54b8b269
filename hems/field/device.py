"""A profile at an address: what is due, what was read, what it was told.

Every exchange is a `Task`: a request and what to do with its outcome. The device never sends anything itself;
its line's agenda picks tasks in the order of the tick. `told` keeps what it is told, `beliefs` what is
believed of what it says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from hems.field import chain, quarantine, setup, timetable
from hems.field import slot as commands
from hems.field.beliefs import Beliefs
from hems.field.budget import TICK_S, module, role
from hems.field.checks import fell
from hems.field.decoding import Sample, values
from hems.field.exchange import Accepted, Failed, Outcome, Request
from hems.field.link import Link
from hems.field.plan import blocks, placed
from hems.field.profile import Point, Profile, Quantity
from hems.field.quarantine import PRESENT, SIGNS_OF_LIFE, Absence, left_alone, probe_due, urgent
from hems.field.readings import status
from hems.field.timetable import FAILED_RETRY_S, PLAN_AT_FAULT, Planned
from hems.field.told import Sequence, Told
from hems.field.wire import Wire
from hems.model import site

Take = Callable[[Outcome, float], None]

LOST_AFTER_S: Final = 5.0
MODES: Final[frozenset[Quantity]] = frozenset({"operating_state", "compressor_rating"})
TOTALS: Final[tuple[Quantity, ...]] = ("electric_wh", "thermal_wh")
"""A heat pump's totals are read at once when one of its modes changes."""


@dataclass(frozen=True, slots=True)
class Task:
    """One exchange, what takes its outcome, and since when it is due."""

    request: Request
    take: Take
    due_mono_s: float = 0.0


@dataclass
class Device:
    """One configured device on its line; `base` is its profile without variants.

    `answered`, whether it ever gave a sign of life, is ``None`` until it was asked. `barren`: its last map
    held nothing for its role.
    """

    config: site.Device
    base: Profile
    link: Link
    wire: Wire
    started_mono_s: float
    told: Told = field(init=False)
    beliefs: Beliefs = field(init=False)
    absence: Absence = PRESENT
    walk: chain.Walk = field(default_factory=chain.Walk)
    walk_due_mono_s: float = 0.0
    planned: list[Planned] = field(default_factory=list)
    answered: bool | None = None
    last_good_mono_s: float | None = None
    last_sign_mono_s: float = 0.0
    line_suspect: bool = False
    barren: bool = False
    _tick_mono_s: float = 0.0

    def __post_init__(self) -> None:
        self.last_sign_mono_s = self.walk_due_mono_s = self.started_mono_s
        self.told = Told(self.config, self.base, self.started_mono_s)
        self.beliefs = Beliefs(self.base, self.started_mono_s)
        if self.base.chain is None:
            self.plan(self.started_mono_s)

    @property
    def name(self) -> str:
        """Its configured name."""
        return self.config.name

    @property
    def profile(self) -> Profile:
        """Its profile as the variant in force has it."""
        return self.beliefs.profile

    @property
    def samples(self) -> Mapping[Quantity, Sample]:
        """What is believed of what it said, by quantity."""
        return self.beliefs.samples

    @property
    def slot(self) -> commands.Slot:
        """Its set-point, where it stands."""
        return self.told.slot

    @property
    def ready(self) -> bool:
        """Whether a current may be raised: set up, variant proved, no stranger, read back since a silence."""
        return self.told.set_up and self.beliefs.settled and not (self.told.unread and self._readable)

    @property
    def asleep(self) -> bool:
        """Whether it is silent as its kind may be while no car is plugged in, and none was."""
        silent = self.absence.silences > 0 and self.base.sleeps
        return silent and status(self.profile, self.samples) == "A"

    @property
    def unmapped(self) -> bool:
        """Whether the map it publishes is still to be found."""
        return self.base.chain is not None and not self.walk.done

    def lost(self, now_mono_s: float) -> bool:
        """Whether it has not answered for so long that decisions book it as lost, or it refuses writes."""
        last_s = self.started_mono_s if self.last_good_mono_s is None else self.last_good_mono_s
        return now_mono_s - last_s > LOST_AFTER_S or self.slot.refusals >= commands.LOST_AFTER_REFUSALS

    def fast_tasks(self, now_mono_s: float) -> list[Task]:
        """What is read in the tick that begins; an unsure set-point before all else, a new one after.

        So is one that is about to be repeated, or was not since a silence: telling it would hide a restart.
        """
        self._tick_mono_s = now_mono_s
        if self._in_peace(now_mono_s):
            return []
        entries = timetable.fast(self.planned, *(self.told.confirming if self.slot.stage == "unsure" else ()))
        told_a, new = self.slot.acknowledged_a, self.slot.stage == "acknowledged"
        again = self.told.unread or (told_a is not None and self.due_a(now_mono_s + TICK_S) == told_a)
        entries += [
            entry
            for entry in timetable.holding(self.planned, self.told.confirming)
            if entry not in entries and (again or (new and now_mono_s >= entry.due_mono_s))
        ]
        return [self._read(entry) for entry in entries]

    def beat_tasks(self, now_mono_s: float, until_mono_s: float) -> list[Task]:
        """Heartbeats that fall due before `until_mono_s`; none while it is left alone."""
        if self._in_peace(now_mono_s):
            return []
        return [
            self._task(request, partial(self.told.took_beat, row))
            for row, request in self.told.beats_due(now_mono_s, until_mono_s)
        ]

    def spare_tasks(self, now_mono_s: float) -> list[Task]:
        """What may be done in the rest of a tick, the most urgent first."""
        if left_alone(self.absence):
            return self.probes(now_mono_s)
        found = []
        if self.unmapped and now_mono_s >= self.walk_due_mono_s:
            found.append(self._walk_task())
        met, issued = self.beliefs.introduction, self.told.progress
        request = self.beliefs.question(self.link.unit, now_mono_s)
        if request is not None:
            found.append(self._task(request, self.beliefs.took_name, met.due_mono_s or now_mono_s))
        request = None if met.stranger else self.told.setup_request(now_mono_s)
        if request is not None:
            take = partial(self._took_setup, issued)
            found.append(self._task(request, take, issued.due_mono_s, silent=self.told.unanswerable))
        offer = self.told.offer
        if (asked := offer.question(now_mono_s)) is not None:
            found.append(self._task(asked, partial(offer.took_back, self.link.errors), offer.check_mono_s))
        return found + [self._read(entry) for entry in timetable.due(self.planned, now_mono_s)]

    def want(self, limit_a: float, now_mono_s: float) -> None:
        """Take a decision's set-point."""
        self.told.want(limit_a, now_mono_s)

    def due_a(self, now_mono_s: float) -> float | None:
        """The set-point to send now, if any; no raise after a question without an answer."""
        ready = self.ready and not self.absence.silences
        return None if self._in_peace(now_mono_s) else self.told.due_a(now_mono_s, ready=ready)

    def write_task(self, limit_a: float, now_mono_s: float) -> Task:
        """The first request of a set-point, which is on its way from now on."""
        return self._write(self.told.begin(limit_a, now_mono_s))

    def next_write_task(self) -> Task:
        """The next request of the set-point that is on its way."""
        assert self.told.sequence is not None
        return self._write(self.told.sequence)

    def reads_of(self, quantities: tuple[Quantity, ...], *, silent: bool = False) -> list[Task]:
        """The reads that hold any of these, as far as the device has them."""
        return [self._read(entry, silent=silent) for entry in timetable.holding(self.planned, quantities)]

    def surplus_task(self, now_mono_s: float) -> Task | None:
        """The surplus to tell now, if any."""
        request = None if self._in_peace(now_mono_s) else self.told.surplus_request(now_mono_s)
        return None if request is None else self._task(request, self.told.offer.took)

    def forget_set_point(self) -> None:
        """Before the last word of a unit that stops: nothing is known, and nothing keeps from telling it."""
        self.told.forget_set_point()
        self.absence = PRESENT
        self.link.rest_until_mono_s = 0.0

    def line_returned(self, now_mono_s: float) -> None:
        """Its line came back: it is read at once, and everything it was told is proved again."""
        self.absence = PRESENT
        self._returned(now_mono_s)

    def _in_peace(self, now_mono_s: float) -> bool:
        return left_alone(self.absence) or now_mono_s < self.link.rest_until_mono_s

    def probes(self, now_mono_s: float) -> list[Task]:
        """Its smallest block, once it was left alone for long enough."""
        if not probe_due(self.absence, now_mono_s):
            return []
        smallest = timetable.smallest(self.planned)
        probe = self._read(smallest) if smallest else self._walk_task()
        return [replace(probe, due_mono_s=self.absence.until_mono_s)]

    def plan(self, now_mono_s: float) -> None:
        """Make its reads anew, for the time it is known to think."""
        models = {identity: model.header for identity, model in self.walk.found.items()}
        points = placed(self.profile, role(self.config), module(self.config), models)
        found = blocks(points, self.base.limits, self.wire, self.link.answer_s, alone=self.link.alone)
        self.link.declare(found)
        kept = urgent(self.config)
        self.planned = timetable.planned(found, now_mono_s, kept=kept, answer_s=self.link.answer_s)

    def _returned(self, now_mono_s: float) -> None:
        """It may have restarted, or be another one: all that was proved is proved again."""
        self.walk = chain.Walk()
        self.walk_due_mono_s = now_mono_s
        self.beliefs.meet_again(now_mono_s)
        self.told.prove_again(now_mono_s)
        if self.base.chain is None:
            self.plan(now_mono_s)

    def _task(self, request: Request, take: Take, due_mono_s: float = 0.0, *, silent: bool = False) -> Task:
        """An exchange whose outcome tells whether the device is there, unless it may be `silent` to it."""

        def heard(outcome: Outcome, at_mono_s: float) -> None:
            if outcome == Failed("withdrawn") and not request.values:
                return
            if not (silent and outcome == Failed("silence")):
                self._seen(outcome, at_mono_s)
            take(outcome, at_mono_s)

        return Task(request, heard, due_mono_s)

    def _read(self, entry: Planned, *, silent: bool = False) -> Task:
        request = Request(self.link.unit, entry.block.function, entry.block.address, entry.block.count)
        return self._task(request, partial(self._took_block, entry), entry.due_mono_s, silent=silent)

    def _write(self, sequence: Sequence) -> Task:
        return self._task(self.told.leave(sequence), partial(self._took_write, sequence))

    def _walk_task(self) -> Task:
        assert self.base.chain is not None
        request = chain.request(self.walk, self.base.chain, self.link.unit)
        return self._task(request, partial(self._took_step, self.walk), self.walk_due_mono_s)

    def _took_block(self, entry: Planned, outcome: Outcome, at_mono_s: float) -> None:
        if isinstance(outcome, Failed):
            self._missed_block(entry, outcome, at_mono_s)
            return
        timetable.answered(entry, at_mono_s)
        proof = self.base.proof
        found = {point: values(point, entry.block, outcome.registers) for point in entry.block.points}
        for point, read in found.items():
            if proof is not None and point.quantity == proof.quantity:
                self._prove(read, at_mono_s)
        for point, read in found.items():
            self._keep(point, read, at_mono_s)

    def _missed_block(self, entry: Planned, failed: Failed, at_mono_s: float) -> None:
        proof = self.base.proof
        timetable.failed(self.planned, entry, failed, at_mono_s, even=self.base.limits.even)
        if any(map(entry.holds, self.told.confirming)):
            self.told.read_in_vain(at_mono_s)
        refused = failed.kind == "exception" and failed.code in PLAN_AT_FAULT
        if refused and proof is not None and entry in self.planned and entry.holds(proof.quantity):
            self._prove(None, at_mono_s)

    def _prove(self, found: tuple[float, ...] | None, at_mono_s: float) -> None:
        """The proof's point was read or refused; another variant reads other registers."""
        if self.beliefs.prove(found, at_mono_s):
            self.told.write = self.profile.write
            self.plan(at_mono_s)

    def _keep(self, point: Point, found: tuple[float, ...] | None, at_mono_s: float) -> None:
        """A value was read: what follows from it, if it is believed."""
        quantity, beliefs = point.quantity, self.beliefs
        before, refused = self.samples.get(quantity), beliefs.implausible
        believed = beliefs.keep(point, found, at_mono_s)
        self.link.errors["implausible"] += beliefs.implausible - refused
        if quantity in self.told.confirming:
            missed = believed and self.told.read_back(self.profile, self.samples, at_mono_s)
            self.link.errors["not_taken"] += missed
            if not believed:
                self.told.read_in_vain(at_mono_s)
        if not believed or found is None:
            return
        if quantity == "started" and fell(before, found):
            self.told.prove_again(at_mono_s)
        if quantity in MODES and before is not None and before.values != found:
            timetable.soon(self.planned, TOTALS, at_mono_s)

    @property
    def _readable(self) -> bool:
        """Whether the set-point can be read back."""
        asked = self.told.confirming
        return timetable.readable(self.planned, asked) and all(map(self.beliefs.may_believe, asked))

    def _took_write(self, sequence: Sequence, outcome: Outcome, at_mono_s: float) -> None:
        self.told.took_write(sequence, outcome, at_mono_s, readable=self._readable)
        timetable.soon(self.planned, self.told.confirming, at_mono_s)

    def _took_setup(self, issued: setup.Progress, outcome: Outcome, at_mono_s: float) -> None:
        missed, rest_s = self.told.took_setup(issued, outcome, at_mono_s)
        self.link.errors["not_taken"] += missed
        self.link.rest_until_mono_s = max(self.link.rest_until_mono_s, at_mono_s + rest_s)

    def _took_step(self, issued: chain.Walk, outcome: Outcome, at_mono_s: float) -> None:
        """A step of the walk, unless it was begun before the device returned."""
        if self.walk is not issued or self.base.chain is None:
            return
        self.walk_due_mono_s = at_mono_s + (FAILED_RETRY_S if isinstance(outcome, Failed) else 0.0)
        self.walk = chain.took(issued, self.base.chain, outcome)
        if self.walk.done:
            self.plan(at_mono_s)
            self.barren = not self.planned
            if self.barren:
                self.walk, self.walk_due_mono_s = chain.Walk(), at_mono_s + chain.AGAIN_S

    def _seen(self, outcome: Outcome, at_mono_s: float) -> None:
        rested, missed = left_alone(self.absence), self.absence.silences > 0
        if isinstance(outcome, Accepted):
            self.absence = PRESENT
            self.answered = True
            self.last_good_mono_s = at_mono_s
        else:
            self.answered = bool(self.answered) or outcome.kind in SIGNS_OF_LIFE
            tick_s, capped, suspect = self._tick_mono_s, urgent(self.config), self.line_suspect
            self.absence = quarantine.after_failure(
                self.absence, outcome.kind, at_mono_s, tick_mono_s=tick_s, capped=capped, suspect=suspect
            )
        if self.absence is PRESENT:
            self.last_sign_mono_s = at_mono_s
            if rested:
                self._returned(at_mono_s)
            elif missed:
                timetable.soon(self.planned, self.told.confirming, at_mono_s)
                self.told.doubt(at_mono_s)
