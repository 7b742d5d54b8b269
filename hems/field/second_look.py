"""A second look at the meters of fuses in the middle of a tick: an overload waits half as long for the next.

Theory of operation: a little less than half a second after a tick began, whoever measures a fuse and was
believed in that tick is asked once more for its line currents, in time that nobody else needs: behind the
writes, in turn with what is slow, and only where its worst case ends before the next tick. A line that is
above its fuse now and was not in the tick's own picture startles: the next tick comes at once. It does so
once; what a picture showed above its fuse startles nobody, so that an overload that lasts is left to the
ticks. What is read is a sample like any other, but silence says nothing of the meter: it has answered in this
tick already.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf
from typing import Final

from hems.field.budget import LOOK_AFTER_S, TICK_S, LineBudget, Pace, ReadRow, hold_s, worst_s
from hems.field.device import Device, Task
from hems.field.exchange import Outcome
from hems.field.profile import Quantity
from hems.field.readings import FUSED, meter_reading
from hems.model.site import Config, Meter
from hems.model.units import LINES, LineName, PerLine

LOOKED_AT: Final[tuple[Quantity, ...]] = ("line_a",)

Fuse = tuple[str, LineName]
"""The name of the meter behind it, and its line."""


class SecondLook:
    """What is above its fuse as far as the last picture knows; `startled`, whether more has come since.

    `startle` is called when it has.
    """

    def __init__(self, config: Config, devices: Mapping[str, Device], startle: Callable[[], None]) -> None:
        self.startled = False
        self._startle = startle
        self._devices = devices
        self._meters = tuple(
            (meter, _fuse_a(config, meter)) for meter in config.meters if meter.role in FUSED
        )
        self._known: frozenset[Fuse] = frozenset()

    def pictured(self) -> None:
        """A picture was made: what is above its fuse is known from now on."""
        self.startled = False
        self._known = frozenset(self._above())

    def tasks(
        self, here: Sequence[Device], began_mono_s: float, now_mono_s: float
    ) -> list[tuple[Device, Task]]:
        """What to ask those of a line once more, in a tick that began then."""
        names = {meter.name for meter, _ in self._meters}
        return [
            (device, self._noticing(task, now_mono_s))
            for device in here
            if device.name in names and _sound(device, began_mono_s)
            for task in device.reads_of(LOOKED_AT, silent=True)
        ]

    def _noticing(self, task: Task, now_mono_s: float) -> Task:
        """The same task, whose outcome may startle."""

        def take(outcome: Outcome, at_mono_s: float) -> None:
            task.take(outcome, at_mono_s)
            if not self.startled and not self._known.issuperset(self._above()):
                self.startled = True
                self._startle()

        return Task(task.request, take, now_mono_s)

    def _above(self) -> Iterator[Fuse]:
        """The fuses that carry more than they may, by the newest samples."""
        for meter, fuse_a in self._meters:
            device = self._devices[meter.name]
            reading = meter_reading(meter, device.profile, device.samples)
            if reading is not None and reading.line_a is not None:
                for line, current_a, most_a in zip(LINES, reading.line_a, fuse_a, strict=True):
                    if current_a > most_a:
                        yield meter.name, line


def planned(
    config: Config, line: LineBudget, paces: Mapping[str, Pace] | None = None
) -> tuple[ReadRow, ...] | None:
    """The second looks that an ordinary tick of a line has room for, though they took their longest.

    ``None`` where no fuse's meter is on the line. They are no part of the reaction.
    """
    names = {meter.name for meter in config.meters if meter.role in FUSED}
    rows = [row for row in line.fast if row.device in names and _holds_currents(row)]
    found = []
    at_s = max(LOOK_AFTER_S, TICK_S - line.room_s)
    for row in rows:
        pause_s = max(row.turn_s, row.gap_s)
        longest_s = hold_s(row.profile.limits, (paces or {}).get(row.device, Pace()))
        owed_s = max(other.gap_s if other.unit == row.unit else other.turn_s for other in line.fast)
        held_s = worst_s(line.wire, row.block.function, row.block.count, longest_s)
        if at_s + pause_s + held_s + owed_s <= TICK_S:
            found.append(row)
            at_s += row.turn_s + row.seconds_s
    return tuple(found) if rows else None


def _holds_currents(row: ReadRow) -> bool:
    return any(point.quantity in LOOKED_AT for point in row.block.points)


def _sound(device: Device, began_mono_s: float) -> bool:
    """Whether what it said in the tick that began then is believed, all of it."""
    seen = device.samples.get("line_a")
    return seen is not None and seen.at_mono_s >= began_mono_s and not device.beliefs.doubtful


def _fuse_a(config: Config, meter: Meter) -> PerLine:
    """The fuse that a meter is behind, per line; endless where there is none."""
    circuits = {circuit.name: circuit.fuse_a for circuit in config.circuits}
    first, second, third = (most_a or inf for most_a in circuits.get(meter.circuit, config.site.main_fuse_a))
    return first, second, third
