"""What one device is told: its set-point, its setup, its heartbeats; its surplus is an `offer`.

Requests come out, outcomes go in; nothing is sent here. A set-point may take several requests: they are one
command, given up as a whole when a smaller one is wanted before the last of them has left.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from hems.field import heartbeats, setpoint, setup
from hems.field import slot as commands
from hems.field.decoding import Sample
from hems.field.exchange import Accepted, Outcome, Request
from hems.field.offer import Offer
from hems.field.profile import Profile, Quantity
from hems.model import site

Samples = Mapping[Quantity, Sample]

CONFIRMING: Final[tuple[Quantity, ...]] = ("confirmed_a", "released")
"""What a charger says of the set-point it holds."""

FED_SHARE: Final = 0.8
"""The share of a device's own watchdog time after which a missing sign of life is an alarm."""


@dataclass(slots=True, eq=False)
class Sequence:
    """The requests of one set-point and how many were acknowledged; `leaves` while none is on the wire."""

    requests: tuple[Request, ...]
    acknowledged: int = 0
    leaves: bool = True


class Told:
    """What a device was told, is being told, and must be told again.

    `unread_mono_s`: since then its set-point ought to have been read back, because it had been silent.
    """

    def __init__(self, config: site.Device, profile: Profile, now_mono_s: float) -> None:
        self.unit = config.unit
        self.profile = profile
        self.write = profile.write
        lines = len(config.lines) if isinstance(config, site.Charger) else 0
        self.charge = setup.Charge(_fail_safe_a(config), lines)
        self.slot = commands.Slot()
        self.sequence: Sequence | None = None
        self.written_mono_s = -math.inf
        self.unread_mono_s: float | None = None
        self.progress = setup.begun(profile.setup, setup.Progress(), now_mono_s)
        self.beats = heartbeats.begun(profile.heartbeats, now_mono_s)
        self.offer = Offer(profile.surplus, config.unit, now_mono_s)

    @property
    def set_up(self) -> bool:
        """Whether its setup is confirmed."""
        return self.progress.stage == "done"

    @property
    def unread(self) -> bool:
        """Whether its set-point was not read back since it had been silent."""
        return self.unread_mono_s is not None

    @property
    def unanswerable(self) -> bool:
        """Whether the setup reads what some firmware does not answer."""
        progress = self.progress
        return progress.stage == "reading" and not self.profile.setup[progress.row].readable

    @property
    def going_on(self) -> bool:
        """Whether a set-point was begun and its next request may leave."""
        sequence = self.sequence
        return sequence is not None and sequence.acknowledged > 0 and sequence.leaves

    @property
    def raising(self) -> bool:
        """Whether the set-point on its way is above all that the device may hold without it."""
        return (self.slot.sent_a or 0.0) > replace(self.slot, sent_a=None).highest_a

    def want(self, limit_a: float, now_mono_s: float) -> None:
        """Take a decision's set-point; less than is on its way ends what has not left yet."""
        if self.write is None:
            return
        self.slot = commands.want(self.slot, setpoint.bounded(self.write, limit_a), now_mono_s)
        if self.going_on:
            self._break_off_if_less_is_wanted(now_mono_s)

    def due_a(self, now_mono_s: float, *, ready: bool) -> float | None:
        """The set-point to send now, if any."""
        if self.write is None:
            return None
        return commands.due(self.slot, self.write, now_mono_s, ready=ready)

    def begin(self, limit_a: float, now_mono_s: float) -> Sequence:
        """A set-point leaves: the command, of which `leave` gives the requests."""
        assert self.write is not None
        self.slot = commands.sent(self.slot, limit_a, now_mono_s)
        asked = setpoint.requests(self.write, self.unit, limit_a, self.charge.lines)
        self.sequence = Sequence(asked)
        return self.sequence

    def leave(self, sequence: Sequence) -> Request:
        """The next request of a command goes on the wire."""
        sequence.leaves = False
        return self.checked(sequence.requests[sequence.acknowledged])

    def took_write(self, sequence: Sequence, outcome: Outcome, at_mono_s: float, *, readable: bool) -> None:
        """The outcome of a command's request; that of a command given up changes nothing."""
        self.written_mono_s = at_mono_s
        if sequence is not self.sequence:
            return
        partly = sequence.acknowledged > 0
        if isinstance(outcome, Accepted) and sequence.acknowledged + 1 < len(sequence.requests):
            sequence.acknowledged += 1
            sequence.leaves = True
            self._break_off_if_less_is_wanted(at_mono_s)
            return
        self.sequence = None
        self.slot = commands.took(self.slot, outcome, at_mono_s, readable=readable, partly=partly)

    @property
    def confirming(self) -> tuple[Quantity, ...]:
        """The quantities that together say which set-point it holds."""
        return CONFIRMING if self.write is not None and self.write.release is not None else CONFIRMING[:1]

    def held_a(self, profile: Profile, samples: Samples) -> float | None:
        """The current it says it holds; `profile` is the variant that read the samples."""
        point, released = profile.point("confirmed_a"), samples.get("released")
        if self.write is None or point is None:
            return None
        if self._paused(samples):
            return 0.0
        if any(samples.get(one) is None for one in self.confirming):
            return None
        confirmed, paused = samples["confirmed_a"], None if released is None else released.value
        return setpoint.held_a(self.write, point, confirmed.value, paused, self.charge.lines)

    def read_back(self, profile: Profile, samples: Samples, at_mono_s: float) -> bool:
        """What it says it holds, if all of it was read since it was told; true if it did not take it.

        A set-point that was confirmed and is gone means that the device has restarted.
        """
        held_a, point, before = self.held_a(profile, samples), profile.point("confirmed_a"), self.slot
        if self.write is None or point is None or held_a is None:
            return False
        said: tuple[Quantity, ...] = ("released",) if self._paused(samples) else self.confirming
        read_s = min(samples[quantity].at_mono_s for quantity in said)
        if read_s < max(self.written_mono_s, self.unread_mono_s or -math.inf):
            return False
        doubted, self.unread_mono_s = self.unread, None
        tolerance_a = setpoint.tolerance_a(self.write, point, self.charge.lines)
        self.slot, missed = commands.read_back(before, held_a, tolerance_a, at_mono_s)
        if commands.lost_it(before, held_a, tolerance_a):
            if not doubted:
                self.progress = setup.begun(self.profile.setup, self.progress, at_mono_s)
            self._tell_again(at_mono_s, forgotten=False)
        return missed

    def read_in_vain(self, now_mono_s: float) -> None:
        """A read-back failed."""
        self.unread_mono_s = None
        self.slot = commands.unread(self.slot, now_mono_s)

    def forget_set_point(self) -> None:
        """Nothing is known of what it holds, and nothing is on its way."""
        self.sequence = None
        self.slot = commands.Slot()

    def doubt(self, now_mono_s: float) -> None:
        """It was silent for a moment, perhaps to restart: it is looked after before it is told more."""
        self.progress = setup.begun(self.profile.setup, self.progress, now_mono_s)
        if self.slot.acknowledged_a is not None:
            self.unread_mono_s = now_mono_s

    def prove_again(self, now_mono_s: float) -> None:
        """It may have restarted: setup, set-point, heartbeats and surplus are told anew."""
        self.doubt(now_mono_s)
        self._tell_again(now_mono_s, forgotten=True)

    def setup_request(self, now_mono_s: float) -> Request | None:
        """The next step of the setup, if one is due."""
        rows = self.profile.setup
        request = setup.request(rows, self.progress, self.unit, self.charge, now_mono_s)
        return None if request is None else self.checked(request)

    def took_setup(self, issued: setup.Progress, outcome: Outcome, at_mono_s: float) -> tuple[bool, float]:
        """A step's outcome: whether a write had no effect, and how long the device is left in peace.

        A step that was begun before the device returned counts for nothing.
        """
        if self.progress is not issued:
            return False, 0.0
        self.progress = setup.took(self.profile.setup, issued, outcome, self.charge, at_mono_s)
        if issued.stage == "done" and not self.set_up:
            self.prove_again(at_mono_s)
        written = issued.stage == "writing" and isinstance(outcome, Accepted)
        rest_s = self.profile.setup[issued.row].rest_s if written else 0.0
        return setup.not_taken(issued, self.progress), rest_s

    def beats_due(self, now_mono_s: float, until_mono_s: float) -> list[tuple[int, Request]]:
        """Heartbeats that fall due before `until_mono_s`, with the row each belongs to."""
        rows = self.profile.heartbeats
        return [
            (i, self.checked(Request(self.unit, rows[i].function, rows[i].address, values=(rows[i].value,))))
            for i in heartbeats.due(self.beats, now_mono_s, until_mono_s)
        ]

    def took_beat(self, row: int, outcome: Outcome, at_mono_s: float) -> None:
        """A heartbeat's outcome."""
        beat = heartbeats.took(self.profile.heartbeats, self.beats[row], row, outcome, at_mono_s)
        self.beats = (*self.beats[:row], beat, *self.beats[row + 1 :])

    def surplus_request(self, now_mono_s: float) -> Request | None:
        """The surplus to tell now, if any."""
        request = self.offer.request(now_mono_s)
        return None if request is None else self.checked(request)

    def starving(self, now_mono_s: float, last_good_mono_s: float | None) -> bool:
        """Whether its own watchdog is about to act, because it was not fed for too long."""
        watchdog = self.profile.watchdog
        if watchdog is None:
            return False
        match watchdog.fed_by:
            case "access":
                fed_s = -math.inf if last_good_mono_s is None else last_good_mono_s
            case "write":
                fed_s = self.slot.acknowledged_mono_s
            case "heartbeat":
                fed_s = min((beat.taken_mono_s for beat in self.beats), default=-math.inf)
        return fed_s > -math.inf and now_mono_s - fed_s > FED_SHARE * watchdog.timeout_s

    def words(self, *, new: bool = False) -> list[str]:
        """What a person should know of it; while it is `new`, not that its setup is under way."""
        said = []
        if not self.set_up and not new:
            said.append(f"setup not confirmed: {self.profile.setup[self.progress.row].what}")
        slot = self.slot
        if slot.misses:
            said.append("holds another current than it was told")
        if slot.refusals:
            said.append(f"did not take its set-point {slot.refusals} times")
        return [*said, *self.offer.words]

    def checked(self, request: Request) -> Request:
        """No write may touch a register the profile calls dangerous, whatever its function."""
        touched = range(request.address, request.address + len(request.values))
        for address in touched:
            if address in self.profile.never:
                raise ValueError(f"{self.profile.key}: register {address} must never be written")
        return request

    def _paused(self, samples: Samples) -> bool:
        """Whether its release is off: then it holds 0 A, whatever current it was told."""
        release, released = None if self.write is None else self.write.release, samples.get("released")
        return release is not None and released is not None and released.value == release.off

    def _tell_again(self, now_mono_s: float, *, forgotten: bool) -> None:
        if self.sequence is not None and self.sequence.leaves:
            self._break_off(now_mono_s)
        self.slot = commands.again(self.slot, now_mono_s, forgotten=forgotten)
        self.beats = heartbeats.begun(self.profile.heartbeats, now_mono_s)
        self.offer.again(now_mono_s)

    def _break_off_if_less_is_wanted(self, now_mono_s: float) -> None:
        if self.slot.wanted_a < (self.slot.sent_a or 0.0):
            self._break_off(now_mono_s)

    def _break_off(self, now_mono_s: float) -> None:
        self.sequence = None
        self.slot = commands.broken_off(self.slot, now_mono_s)


def _fail_safe_a(config: site.Device) -> float:
    """The current it falls back to by itself: 0, or what an on-off relay then switches."""
    if isinstance(config, site.Charger) and config.fallback == "on_off":
        return config.fallback_a
    return 0.0
