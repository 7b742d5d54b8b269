"""One line's tick: fast reads, writes, then whatever fits before the next tick.

A slow exchange begins only if its worst case ends before the next tick, so nothing slow delays a fast read.
One that has been kept waiting for `STARVED_S` goes anyway: a line whose fast reads leave no room would
otherwise never meet its slow devices.
"""

from collections.abc import Sequence
from typing import Final

from hems.field.budget import TICK_S, worst_s
from hems.field.device import Device, Task
from hems.field.exchange import Outcome
from hems.field.line import Line
from hems.field.link import Job
from hems.field.orders import Orders
from hems.field.quarantine import REOPEN_EVERY_S, left_alone, line_suspect
from hems.model.loop import Clock

STARVED_S: Final = 10.0


class Agenda:
    """What a line does, in order; `devices` have the grid meter first."""

    def __init__(self, line: Line, devices: Sequence[Device], orders: Orders, clock: Clock) -> None:
        self.line = line
        self.devices = devices
        self._orders = orders
        self._clock = clock
        self._fast: list[tuple[Device, Task]] = []
        self._fast_in_flight = False
        self._writing = False
        self._spare = False
        self._probed = False
        self._tick_end_s = 0.0
        self._openings = line.counts.openings
        self._reopened_s = clock.mono_s()

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
        """A new tick: start the fast reads."""
        self._tick_end_s = now_mono_s + TICK_S
        self._writing = self._spare = self._probed = False
        self._notice_line(now_mono_s)
        self._fast = []
        if self.line.stage != "absent":
            self._fast = [(device, task) for device in self.devices for task in device.fast_tasks(now_mono_s)]
        self.pump()

    def write(self, *, spare: bool) -> None:
        """The decision is made: what was not read by now is left for the next tick."""
        self._fast = []
        self._writing = True
        self._spare = spare
        self.pump()

    def pump(self) -> None:
        """Give the line its next exchange, if it is free and one is due."""
        if not self.line.free:
            return
        now_s = self._clock.mono_s()
        chosen = self._next_fast(now_s) or self._next_write(now_s) or self._next_spare(now_s)
        if chosen is None:
            return
        device, task = chosen

        def done(outcome: Outcome, at_mono_s: float) -> None:
            self._fast_in_flight = False
            task.take(outcome, at_mono_s)
            self.pump()

        self.line.start(Job(task.request, device.link, done))

    def _next_fast(self, now_s: float) -> tuple[Device, Task] | None:
        """The one that may leave first, so that one device's gap is another one's time."""
        if not self._fast:
            return None
        chosen = min(self._fast, key=lambda pair: max(now_s, self.line.earliest_mono_s(pair[0].link)))
        self._fast.remove(chosen)
        self._fast_in_flight = True
        return chosen

    def _next_write(self, now_s: float) -> tuple[Device, Task] | None:
        return self._orders.next(self.devices, now_s) if self._writing else None

    def _next_spare(self, now_s: float) -> tuple[Device, Task] | None:
        if not self._spare:
            return None
        tasks = [(device, task) for device in self.devices for task in device.spare_tasks(now_s)]
        for device, task in sorted(tasks, key=lambda pair: pair[1].due_mono_s):
            probe = left_alone(device.absence)
            if probe and self._probed:
                continue
            if self._fits(device, task, now_s) or now_s - task.due_mono_s > STARVED_S:
                self._probed = self._probed or probe
                return device, task
        return None

    def _fits(self, device: Device, task: Task, now_s: float) -> bool:
        link = device.link
        start_s = max(now_s, self.line.earliest_mono_s(link), link.rest_until_mono_s)
        request, longest_s = task.request, max(link.timeout_s, link.hold_s)
        count = len(request.values) or request.count
        held_s = worst_s(self.line.wire, request.function, count, longest_s)
        return start_s + held_s <= self._tick_end_s

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
