"""One line's tick: fast reads, writes, heartbeats, then whatever fits before the next tick.

A slow exchange begins only if its worst case, and the peace owed after it, end before the next tick, so
nothing slow delays a fast read. On a line that `hems check` accepted every slow block fits into an ordinary
tick, and as the longest overdue goes first, each has its turn. Only where devices are slower than the plan
took them for could one wait for ever: then one exchange that has been kept waiting for `STARVED_S` goes
anyway, at most once in so long a time, and may cost one tick its punctuality. For a charger whose setup is
not confirmed it is `UNREADY_S`, reckoned apart: without its fail-safe current no car is charged. A second
look at a fuse's meter waits among what is slow for its turn and its room, and is left out without them.

Whom protection waits for, the grid meter, a charger or its meter, is probed among the fast reads, one device
in a tick and after all that answer: on a full line it would wait for room too long.

What a unit may not be asked now waits: a late answer to another request could be taken for its answer.
"""

import math
from collections.abc import Sequence
from typing import Final, Protocol

from hems.field import timetable
from hems.field.budget import READ_S, TICK_S, worst_s
from hems.field.device import Device, Task
from hems.field.exchange import Outcome
from hems.field.line import Line
from hems.field.link import Job, Link
from hems.field.orders import Orders
from hems.field.quarantine import REOPEN_EVERY_S, left_alone, line_suspect, urgent
from hems.field.second_look import SecondLook
from hems.field.wire import exchange_s
from hems.model.loop import Clock

STARVED_S: Final = 10.0
UNREADY_S: Final = 2.0
REPLAN_EVERY_S: Final = 600.0
LATE_MAX_S: Final = 0.3
"""What begins later than that after the end of a tick begins a row of ticks of its own."""
TWICE: Final = 2


class Guest(Protocol):
    """Somebody who asks in the time that nobody else needs: a search for unknown units."""

    link: Link

    def task(self, now_mono_s: float) -> Task | None:
        """What to ask next by `link`, if anything."""
        ...


class Agenda:
    """What a line does, in order; `devices` have the grid meter first."""

    def __init__(self, line: Line, devices: Sequence[Device], orders: Orders, clock: Clock) -> None:
        self.line = line
        self.devices = devices
        self.guest: Guest | None = None
        self._orders = orders
        self._clock = clock
        self._fast: list[tuple[Device, Task]] = []
        self._again: list[tuple[Device, Task]] = []
        self._hurried: frozenset[Link] = frozenset()
        self._fast_in_flight = False
        self._writing = False
        self._spare = False
        self._probed = False
        self._began_s = self._tick_end_s = 0.0
        self._starved_s = {True: -math.inf, False: -math.inf}
        self._openings = line.counts.openings
        self._reopened_s = self._replanned_s = clock.mono_s()

    @property
    def reading(self) -> bool:
        """Whether fast reads are still to be made or answered."""
        return self.line.stage != "absent" and (bool(self._fast) or self._fast_in_flight)

    @property
    def suspect(self) -> bool:
        """Whether the line itself is suspected, because all its devices are silent."""
        signs = [device.last_sign_mono_s for device in self.devices]
        return self.line.stage != "absent" and line_suspect(signs, self._clock.mono_s())

    def begin(self, now_mono_s: float) -> None:
        """A new tick, perhaps a little late: start the fast reads."""
        late_s = (now_mono_s - self._tick_end_s) % TICK_S if now_mono_s > self._tick_end_s else 0.0
        self._tick_end_s = now_mono_s + TICK_S - (late_s if late_s <= LATE_MAX_S else 0.0)
        self._began_s = now_mono_s
        self._writing = self._spare = self._probed = False
        self.line.withdraw()
        self._notice_line(now_mono_s)
        self._replan(now_mono_s)
        self._fast = []
        self._again = []
        if self.line.stage != "absent":
            self._fast = [(device, task) for device in self.devices for task in device.fast_tasks(now_mono_s)]
        self._hurried = frozenset(device.link for device, _ in self._fast)
        self._allow_turns()
        self._fast += self._urgent_probe(now_mono_s)
        self.pump()

    def write(self, *, spare: bool) -> None:
        """The decision is made: what was not read by now is left for the next tick."""
        self._fast = []
        self._writing = True
        self._spare = spare
        self.pump()

    def look_again(self, look: SecondLook) -> None:
        """The middle of the tick: what there is to be asked once more."""
        self._again = look.tasks(self.devices, self._began_s, self._clock.mono_s())
        self.pump()

    def hush(self) -> None:
        """Begin nothing slow any more: the next tick comes at once."""
        self._spare = False

    def pump(self) -> None:
        """Give the line its next exchange, if it is free and one is due."""
        if not self.line.free:
            return
        now_s = self._clock.mono_s()
        chosen = self._next_fast(now_s) or self._next_write(now_s)
        if chosen is None and self._spare:
            chosen = self._next_beat(now_s) or self._next_slow(now_s)
        asked: tuple[Device | Guest, Task] | None = chosen or self._next_guest(now_s)
        if asked is None:
            return
        who, task = asked

        def done(outcome: Outcome, at_mono_s: float) -> None:
            self._fast_in_flight = False
            task.take(outcome, at_mono_s)
            self._spare_the_silent()
            self.pump()

        self.line.start(Job(task.request, who.link, done))

    def _next_fast(self, now_s: float) -> tuple[Device, Task] | None:
        """The one that may leave first, so that one device's gap is another one's time; the silent last.

        Where none may be asked now, waiting does not help: an answer decides, and none is on its way.
        """
        asked = [(device, task) for device, task in self._fast if device.link.admits(task.request, now_s)]
        if not asked:
            self._fast = []
            return None
        chosen = min(asked, key=lambda pair: self._when(pair[0], now_s))
        self._fast.remove(chosen)
        self._fast_in_flight = True
        self._probed = self._probed or left_alone(chosen[0].absence)
        return chosen

    def _when(self, device: Device, now_s: float) -> tuple[bool, float]:
        """Who may leave when; last who did not answer when it was asked last."""
        return device.absence.silences > 0, max(now_s, self.line.earliest_mono_s(device.link))

    def _spare_the_silent(self) -> None:
        """Who was silent in the last tick and is in this one costs its line one answer time, no more."""
        self._fast = [
            (device, task)
            for device, task in self._fast
            if device.absence.silences < TWICE or device.absence.tick_mono_s < self._began_s
        ]

    def _urgent_probe(self, now_s: float) -> list[tuple[Device, Task]]:
        """Of those that protection waits for and whose rest is over, the one that waits longest."""
        due = [
            (device, task)
            for device in self.devices
            if urgent(device.config)
            for task in device.probes(now_s)
        ]
        here = self.line.stage != "absent"
        return sorted(due, key=lambda pair: pair[1].due_mono_s)[:here]

    def _allow_turns(self) -> None:
        """No unit may need so long after a change that the fast reads of a tick would not end in time."""
        wires_s = sum(
            exchange_s(self.line.wire, task.request.function, task.request.count, device.link.answer_s)
            for device, task in self._fast
        )
        free_s = READ_S - wires_s - sum(link.turn_s for link in self._hurried)
        for link in self._hurried:
            before_s = link.turn_s
            link.turn.allow(before_s + free_s)
            free_s += before_s - link.turn_s

    def _next_write(self, now_s: float) -> tuple[Device, Task] | None:
        return self._orders.next(self.devices, now_s) if self._writing else None

    def _next_beat(self, now_s: float) -> tuple[Device, Task] | None:
        """A heartbeat that cannot wait for the writes of the next tick."""
        until_s = self._tick_end_s + TICK_S
        beats = ((device, task) for device in self.devices for task in device.beat_tasks(now_s, until_s))
        return next(beats, None)

    def _next_slow(self, now_s: float) -> tuple[Device, Task] | None:
        """The longest overdue that fits; of devices left alone at most one."""
        slow = [(device, task) for device in self.devices for task in device.spare_tasks(now_s)]
        for device, task in sorted((*slow, *self._again), key=lambda pair: pair[1].due_mono_s):
            probe = left_alone(device.absence)
            if (probe and self._probed) or not device.link.admits(task.request, now_s):
                continue
            fits = self._fits(device.link, task, now_s)
            if fits or self._starved(device, task, now_s):
                self._probed = self._probed or probe
                if not fits:
                    self._starved_s[device.ready] = now_s
                self._again = [pair for pair in self._again if pair[1] is not task]
                return device, task
        return None

    def _next_guest(self, now_s: float) -> tuple[Guest, Task] | None:
        """What a search asks, when the line has nothing else to do in this tick."""
        task = None if self.guest is None or not self._spare else self.guest.task(now_s)
        if self.guest is None or task is None or not self._fits(self.guest.link, task, now_s):
            return None
        return self.guest, task

    def _fits(self, link: Link, task: Task, now_s: float) -> bool:
        """Whether even its worst case leaves the fast reads of the next tick their time."""
        start_s = max(now_s, self.line.earliest_mono_s(link), link.rest_until_mono_s)
        request, longest_s = task.request, max(link.timeout_s, link.hold_s)
        count = len(request.values) or request.count
        held_s = worst_s(self.line.wire, request.function, count, longest_s)
        owed = (other.gap_s if other is link else other.turn_due_s for other in self._hurried)
        return start_s + held_s + max(owed, default=0.0) <= self._tick_end_s

    def _starved(self, device: Device, task: Task, now_s: float) -> bool:
        patience_s = STARVED_S if device.ready else UNREADY_S
        return now_s - max(task.due_mono_s, self._starved_s[device.ready]) > patience_s

    def _replan(self, now_s: float) -> None:
        """From time to time: new plans for devices that think much longer or shorter than was planned for."""
        if now_s - self._replanned_s < REPLAN_EVERY_S:
            return
        self._replanned_s = now_s
        for device in self.devices:
            if timetable.outdated(device.planned, device.link.answer_s):
                before = device.planned
                device.plan(now_s)
                timetable.inherit(device.planned, before)

    def _notice_line(self, now_s: float) -> None:
        """A port that came back, or an answer on a suspected line, clears all rests.

        A suspected line is opened anew from time to time.
        """
        suspected = any(device.line_suspect for device in self.devices)
        suspect = self.suspect
        if self.line.counts.openings != self._openings or (suspected and not suspect):
            for device in self.devices:
                device.line_returned(now_s)
        for device in self.devices:
            device.line_suspect = suspect
        if suspect and self.line.free and now_s - self._reopened_s >= REOPEN_EVERY_S:
            self._reopened_s = now_s
            self.line.reopen()
        self._openings = self.line.counts.openings
