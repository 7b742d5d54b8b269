"""A profile at an address: what is due, what was read, what it was told.

Every exchange is a `Task`: a request and what to do with its outcome. The device never sends anything itself;
its line's agenda picks tasks in the order of the tick.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from hems.field import chain, setup, timetable
from hems.field import slot as commands
from hems.field.budget import module, role
from hems.field.decoding import Sample, alike, plausible, values
from hems.field.exchange import Accepted, Failed, Outcome, Request
from hems.field.link import Link
from hems.field.plan import blocks, placed
from hems.field.profile import Point, Profile, Quantity
from hems.field.quarantine import PRESENT, SIGNS_OF_LIFE, Absence, after_failure, left_alone, probe_due
from hems.field.setpoint import bounded
from hems.field.timetable import FAILED_RETRY_S, Planned
from hems.field.wire import Wire
from hems.model import site

BELIEVED_AFTER: Final = 3
LOST_AFTER_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Task:
    """One exchange, what takes its outcome, and since when it is due."""

    request: Request
    take: Callable[[Outcome, float], None]
    due_mono_s: float = 0.0


@dataclass(slots=True)
class Doubt:
    """An implausible reading and how often it was repeated."""

    values: tuple[float, ...]
    times: int = 1


@dataclass
class Device:
    """One configured device on its line.

    `answered` is ``None`` until it was asked; then whether it ever gave a sign of life.
    """

    config: site.Device
    profile: Profile
    link: Link
    wire: Wire
    started_mono_s: float
    samples: dict[Quantity, Sample] = field(default_factory=dict)
    absence: Absence = PRESENT
    slot: commands.Slot = field(default_factory=commands.Slot)
    progress: setup.Progress = field(default_factory=setup.Progress)
    walk: chain.Walk = field(default_factory=chain.Walk)
    walk_due_mono_s: float = 0.0
    planned: list[Planned] = field(default_factory=list)
    doubts: dict[Quantity, Doubt] = field(default_factory=dict)
    answered: bool | None = None
    last_good_mono_s: float | None = None
    last_sign_mono_s: float = 0.0
    line_suspect: bool = False

    def __post_init__(self) -> None:
        self.last_sign_mono_s = self.walk_due_mono_s = self.started_mono_s
        self.progress = setup.begun(self.profile.setup, self.progress, self.started_mono_s)
        if self.profile.chain is None:
            self._plan(self.started_mono_s)

    @property
    def name(self) -> str:
        """Its configured name."""
        return self.config.name

    @property
    def ready(self) -> bool:
        """Whether its setup is confirmed."""
        return self.progress.stage == "done"

    def lost(self, now_mono_s: float) -> bool:
        """Whether it has not answered for long, or refuses what it is told."""
        last_s = self.started_mono_s if self.last_good_mono_s is None else self.last_good_mono_s
        silent = left_alone(self.absence) or now_mono_s - last_s > LOST_AFTER_S
        return silent or self.slot.refusals >= commands.LOST_AFTER_REFUSALS

    @property
    def fail_safe_a(self) -> float:
        """The current it falls back to by itself: 0, or what an on-off relay then switches."""
        config = self.config
        if isinstance(config, site.Charger) and config.fallback == "on_off":
            return config.fallback_a
        return 0.0

    def fast_tasks(self, now_mono_s: float) -> list[Task]:
        """What is read in every tick; an unsure set-point is read back before all else."""
        if left_alone(self.absence) or now_mono_s < self.link.rest_until_mono_s:
            return []
        first: Quantity | None = "confirmed_a" if self.slot.stage == "unsure" else None
        return [self._read(entry) for entry in timetable.fast(self.planned, first)]

    def spare_tasks(self, now_mono_s: float) -> list[Task]:
        """What may be done in the rest of a tick, the most urgent first."""
        if left_alone(self.absence):
            return self._probes(now_mono_s)
        found = []
        if self._unmapped and now_mono_s >= self.walk_due_mono_s:
            found.append(self._walk_task())
        rows, fail_safe_a = self.profile.setup, self.fail_safe_a
        request = setup.request(rows, self.progress, self.link.unit, fail_safe_a, now_mono_s)
        if request is not None:
            found.append(self._setup_task(request))
        return found + [self._read(entry) for entry in timetable.due(self.planned, now_mono_s)]

    def want(self, limit_a: float, now_mono_s: float) -> None:
        """Take a decision's set-point."""
        if self.profile.write is not None:
            self.slot = commands.want(self.slot, bounded(self.profile.write, limit_a), now_mono_s)

    def due_a(self, now_mono_s: float) -> float | None:
        """The set-point to send now, if any."""
        if self.profile.write is None or left_alone(self.absence) or now_mono_s < self.link.rest_until_mono_s:
            return None
        return commands.due(self.slot, self.profile.write, now_mono_s, ready=self.ready)

    def write_task(self, limit_a: float) -> Task:
        """The write of a set-point."""
        write = self.profile.write
        assert write is not None
        value = round(limit_a / write.scale_a)
        request = Request(self.link.unit, write.function, write.address, values=(value,))
        return Task(self._checked(request), self._took_write)

    def told(self, limit_a: float, now_mono_s: float) -> None:
        """A set-point is on its way."""
        self.slot = commands.sent(self.slot, limit_a, now_mono_s)

    def forget_set_point(self) -> None:
        """Before the last word of a unit that stops: nothing is known, and nothing keeps from telling it."""
        self.slot = commands.Slot()
        self.absence = PRESENT
        self.link.rest_until_mono_s = 0.0

    def words(self) -> str:
        """What a person should know, in one line; empty if all is well or it was not asked yet.

        A rest is told by its whole length: the same words for as long as it lasts.
        """
        rest = f", asked again in {self.absence.rest_s:.0f} s" if left_alone(self.absence) else ""
        if not self.answered:
            return "" if self.answered is None else f"has not answered yet{rest}"
        said = []
        if rest:
            said.append(f"silent{rest}")
        if self._unmapped:
            said.append("its map is not found")
        if not self.ready:
            said.append(f"setup not confirmed: {self.profile.setup[self.progress.row].what}")
        if self.slot.refusals:
            said.append(f"did not take its set-point {self.slot.refusals} times")
        refused = [entry.block.points[0].quantity for entry in self.planned if entry.refused]
        if refused:
            said.append(f"does not have {', '.join(refused)}")
        if self.link.turn_s > self.profile.limits.turn_s:
            said.append(f"needs {self.link.turn_s * 1000:.0f} ms after a change of unit")
        return "; ".join(said)

    def line_returned(self, now_mono_s: float) -> None:
        """Its line came back: it is read at once, and everything it was told is proved again."""
        self.absence = PRESENT
        self._returned(now_mono_s)

    @property
    def _unmapped(self) -> bool:
        return self.profile.chain is not None and not self.walk.done

    def _probes(self, now_mono_s: float) -> list[Task]:
        """Its smallest block, once its rest is over."""
        if not probe_due(self.absence, now_mono_s):
            return []
        smallest = timetable.smallest(self.planned)
        probe = self._walk_task() if smallest is None else self._read(smallest)
        return [replace(probe, due_mono_s=self.absence.until_mono_s)]

    def _checked(self, request: Request) -> Request:
        """No write may touch a register the profile calls dangerous."""
        if request.values and request.address in self.profile.never:
            raise ValueError(f"{self.profile.key}: register {request.address} must never be written")
        return request

    def _plan(self, now_mono_s: float) -> None:
        models = {identity: model.header for identity, model in self.walk.found.items()}
        points = placed(self.profile, role(self.config), module(self.config), models)
        found = blocks(points, self.profile.limits, self.wire)
        self.planned = timetable.planned(found, now_mono_s, kept=self._urgent)

    def _returned(self, now_mono_s: float) -> None:
        """It may have restarted: its map, its setup and its set-point are proved again."""
        self.walk = chain.Walk()
        self.walk_due_mono_s = now_mono_s
        if self.profile.chain is None:
            self._plan(now_mono_s)
        self.progress = setup.begun(self.profile.setup, self.progress, now_mono_s)
        self.slot = commands.again(self.slot, now_mono_s)

    def _read(self, entry: Planned) -> Task:
        block = entry.block
        request = Request(self.link.unit, block.function, block.address, block.count)
        return Task(request, lambda outcome, at_s: self._took_block(entry, outcome, at_s), entry.due_mono_s)

    def _setup_task(self, request: Request) -> Task:
        issued = self.progress
        return Task(
            self._checked(request),
            lambda outcome, at_s: self._took_setup(issued, outcome, at_s),
            issued.due_mono_s,
        )

    def _walk_task(self) -> Task:
        assert self.profile.chain is not None
        issued = self.walk
        request = chain.request(issued, self.profile.chain, self.link.unit)
        return Task(
            request, lambda outcome, at_s: self._took_step(issued, outcome, at_s), self.walk_due_mono_s
        )

    def _took_block(self, entry: Planned, outcome: Outcome, at_mono_s: float) -> None:
        self._seen(outcome, at_mono_s)
        if isinstance(outcome, Failed):
            timetable.failed(self.planned, entry, outcome, at_mono_s, even=self.profile.limits.even)
            if entry.holds("confirmed_a"):
                self.slot = commands.unread(self.slot, at_mono_s)
            return
        timetable.answered(entry, at_mono_s)
        for point in entry.block.points:
            self._keep(point, values(point, entry.block, outcome.registers), at_mono_s)

    def _keep(self, point: Point, found: tuple[float, ...] | None, at_mono_s: float) -> None:
        if found is None:
            self.samples.pop(point.quantity, None)
            return
        if plausible(point, found):
            self.doubts.pop(point.quantity, None)
        elif not self._believed(point, found):
            self.link.errors["implausible"] += 1
            return
        self.samples[point.quantity] = Sample(found, at_mono_s)
        if point.quantity == "confirmed_a" and self.profile.write is not None:
            self.slot, missed = commands.read_back(self.slot, found[0], self.profile.write, at_mono_s)
            self.link.errors["not_taken"] += missed

    def _believed(self, point: Point, found: tuple[float, ...]) -> bool:
        """An implausible value is believed when it comes three times in a row alike."""
        doubt = self.doubts.get(point.quantity)
        if doubt is None or not alike(found, doubt.values):
            self.doubts[point.quantity] = Doubt(found)
            return False
        doubt.times += 1
        return doubt.times >= BELIEVED_AFTER

    def _took_write(self, outcome: Outcome, at_mono_s: float) -> None:
        self._seen(outcome, at_mono_s)
        readable = timetable.readable(self.planned, "confirmed_a")
        self.slot = commands.took(self.slot, outcome, at_mono_s, readable=readable)
        for entry in self.planned:
            if entry.holds("confirmed_a") and not entry.lapsed:
                entry.due_mono_s = at_mono_s

    def _took_setup(self, issued: setup.Progress, outcome: Outcome, at_mono_s: float) -> None:
        """A step of the setup; one that was begun before the device returned counts for nothing."""
        self._seen(outcome, at_mono_s)
        if self.progress is not issued:
            return
        self.progress = setup.took(self.profile.setup, issued, outcome, self.fail_safe_a, at_mono_s)
        self.link.errors["not_taken"] += setup.not_taken(issued, self.progress)
        if issued.stage == "writing" and isinstance(outcome, Accepted):
            self.link.rest_until_mono_s = at_mono_s + self.profile.setup[issued.row].rest_s

    def _took_step(self, issued: chain.Walk, outcome: Outcome, at_mono_s: float) -> None:
        """A step of the walk; one that was begun before the device returned counts for nothing."""
        self._seen(outcome, at_mono_s)
        if self.walk is not issued or self.profile.chain is None:
            return
        self.walk_due_mono_s = at_mono_s + (FAILED_RETRY_S if isinstance(outcome, Failed) else 0.0)
        self.walk = chain.took(issued, self.profile.chain, outcome)
        if self.walk.done:
            self._plan(at_mono_s)

    @property
    def _urgent(self) -> bool:
        """Whether protection waits for its return: the grid meter, a charger, a charger's meter."""
        if isinstance(self.config, site.Meter):
            return self.config.role in ("grid", "charger")
        return isinstance(self.config, site.Charger)

    def _seen(self, outcome: Outcome, at_mono_s: float) -> None:
        rested = left_alone(self.absence)
        if isinstance(outcome, Accepted):
            self.absence = PRESENT
            self.answered = True
            self.last_good_mono_s = at_mono_s
        else:
            self.answered = bool(self.answered) or outcome.kind in SIGNS_OF_LIFE
            self.absence = after_failure(
                self.absence, outcome.kind, at_mono_s, capped=self._urgent, suspect=self.line_suspect
            )
        if self.absence is PRESENT:
            self.last_sign_mono_s = at_mono_s
            if rested:
                self._returned(at_mono_s)
