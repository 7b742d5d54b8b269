"""One serial line: a transaction machine that never waits.

Theory of operation. The line takes one exchange at a time and is woken by bytes or by one timer. It owes
silence before every request, predicts when the request has left and when the answer must be complete, and
sleeps in between: while an answer is on its way the descriptor is not watched, only a timer runs until one
character before the predicted end. Every wake looks at the input first, so a loop that was held up still
finds the answer before it calls a timeout. After a timeout the line says and believes nothing until the
device's longest answer time has passed: a late answer is thrown away instead of answering the next request.
Deadlines are absolute monotonic seconds.
"""

import os
import termios
from collections.abc import Callable, Mapping
from typing import Final, Literal

from hems.errors import PortError
from hems.field.exchange import Accepted, Failed, Kind, Outcome, frame
from hems.field.link import Job, LineCounts, Link
from hems.field.port import DescriptorPort, Port, told
from hems.field.quarantine import retry_s
from hems.field.reception import Reception, Wait
from hems.field.wire import Wire, wire
from hems.model.loop import Clock, Loop, Timer
from hems.model.site import Bus

Stage = Literal["absent", "hush", "idle", "sending", "waiting", "gathering", "quarantine"]
ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    "absent": frozenset({"hush"}),
    "hush": frozenset({"idle", "absent"}),
    "idle": frozenset({"sending", "hush", "absent"}),
    "sending": frozenset({"waiting", "absent"}),
    "waiting": frozenset({"gathering", "quarantine", "absent"}),
    "gathering": frozenset({"hush", "quarantine", "absent"}),
    "quarantine": frozenset({"hush", "absent"}),
}
NEVER_ANSWERED_CHARS: Final = 1.5
"""Bytes sooner than this after a request are no answer; a device owes 3.5 characters of silence."""
FIRST_BYTE_CHARS: Final = 4.5
READ_BYTES: Final = 4096
NEVER: Final = float("inf")


def open_serial(bus: Bus) -> Port:
    """Open a line's port with pyserial; raises `PortError` with the reason in words."""
    import serial

    # A pseudo-terminal has no parity: asking for it fails.
    plain = os.path.realpath(bus.port).startswith("/dev/pts/")
    with told(bus.port):
        device = serial.Serial(
            bus.port,
            bus.baud,
            parity="N" if plain else bus.parity,
            stopbits=1 if plain else bus.stop_bits,
            timeout=0,
            write_timeout=0,
            exclusive=True,
        )
        # Nothing to read must differ from a hang-up: with VMIN = 1 only the latter is an empty read.
        attributes = termios.tcgetattr(device.fileno())
        attributes[6][termios.VMIN] = 1
        termios.tcsetattr(device.fileno(), termios.TCSANOW, attributes)
    return DescriptorPort(bus.port, device)


class Line:
    """One serial port with everything on it; takes one job at a time."""

    def __init__(self, bus: Bus, loop: Loop, clock: Clock, open_port: Callable[[Bus], Port]) -> None:
        self.bus = bus
        self.wire: Wire = wire(bus)
        self.counts = LineCounts()
        self.stage: Stage = "absent"
        self.since_mono_s = clock.mono_s()
        self._loop = loop
        self._clock = clock
        self._open_port = open_port
        self._port: Port | None = None
        self._job: Job | None = None
        self._asked: Link | None = None
        self._blamed: Link | None = None
        self._turned = False
        self._timer: Timer | None = None
        self._listening = False
        self._stepping = False
        self._fresh = b""
        self._coming: Reception | None = None
        self._lost_s = self._retry_s = self.since_mono_s
        self._quiet_s = self._began_s = self._sent_s = self._until_s = 0.0
        self._step()

    @property
    def free(self) -> bool:
        """Whether it takes a job."""
        return self._job is None and self._port is not None

    def start(self, job: Job) -> None:
        """Make an exchange as soon as silence, gap and turn allow; only while the line is free."""
        self._job = job
        if not self._stepping:
            self._step()

    def earliest_mono_s(self, link: Link) -> float:
        """When a request to this unit may leave."""
        turn_s = link.turn_due_s if self._asked not in (None, link) else 0.0
        quiet_s = self.wire.silence_s
        return max(self._quiet_s + quiet_s + turn_s, link.last_end_mono_s + quiet_s + link.gap_s)

    def reopen(self) -> None:
        """Close and open the port; only while the line is free."""
        now_s = self._clock.mono_s()
        self._lose("", now_s)
        self._retry_s = now_s
        self._step()

    def close(self) -> None:
        """Release the port for good."""
        self._retry_s = NEVER
        if self._port is not None:
            self._lose("closed", NEVER)
        self._arm(NEVER, listen=False)

    def _step(self) -> None:
        """Look at the input, then move on until the stage stays; sleep until the next thing is due."""
        self._stepping = True
        now_s = self._clock.mono_s()
        try:
            self._fresh = b"" if self._port is None else self._port.read(READ_BYTES)
        except PortError as error:
            self._lose(str(error), now_s)
        while True:
            before = self.stage
            wake_s, listen = self._advance(now_s)
            if self.stage == before:
                break
        self._stepping = False
        self._arm(wake_s, listen)

    def _advance(self, now_s: float) -> tuple[float, bool]:
        """One look at the stage: the next wake, and whether bytes wake it too."""
        match self.stage:
            case "absent":
                if now_s >= self._retry_s:
                    self._open(now_s)
                return self._retry_s, False
            case "hush":
                self._take_unasked(now_s)
                due_s = self._quiet_s + self.wire.silence_s
                if now_s >= due_s:
                    self._enter("idle", now_s)
                return due_s, True
            case "idle":
                if self._take_unasked(now_s):
                    self._enter("hush", now_s)
                return self._send_when_due(now_s), True
            case "sending":
                return self._leave(now_s), False
            case "waiting":
                return self._wait(now_s), True
            case "gathering":
                return self._gather(now_s)
            case "quarantine":
                self._take_unasked(now_s)
                if now_s >= self._until_s:
                    self._enter("hush", now_s)
                return self._until_s, True

    def _send_when_due(self, now_s: float) -> float:
        job = self._job
        if job is None or self.stage != "idle":
            return NEVER
        due_s = self.earliest_mono_s(job.link)
        if now_s >= due_s:
            self._send(job)
        return due_s

    def _send(self, job: Job) -> None:
        assert self._port is not None
        data = frame(job.request)
        now_s = self._clock.mono_s()
        self.counts.early += now_s < self._quiet_s + self.wire.silence_s
        try:
            if self._port.write(data) < len(data):
                raise PortError(f"{self.bus.port}: output is stuck")
        except PortError as error:
            self._lose(str(error), now_s)
            return
        self._turned = self._asked not in (None, job.link)
        self._asked, self._blamed = job.link, None
        self._began_s = now_s
        self._quiet_s = self._sent_s = now_s + len(data) * self.wire.char_s
        job.link.requests += 1
        self._enter("sending", now_s)

    def _leave(self, now_s: float) -> float:
        """The request leaves; what comes before a device may speak is no answer."""
        if now_s < self._sent_s + FIRST_BYTE_CHARS * self.wire.char_s:
            self._take_unasked(now_s)
        due_s = self._sent_s + NEVER_ANSWERED_CHARS * self.wire.char_s
        if now_s >= due_s:
            self._enter("waiting", now_s)
        return due_s

    def _wait(self, now_s: float) -> float:
        assert self._job is not None
        link = self._job.link
        due_s = self._sent_s + link.timeout_s
        if self._fresh:
            self._coming = Reception(
                self._job.request, self.wire.char_s, self._sent_s, link.timeout_s, now_s, now_s
            )
            self._enter("gathering", now_s)
        elif now_s >= due_s:
            self._give_up("silence", now_s)
        return due_s

    def _gather(self, now_s: float) -> tuple[float, bool]:
        assert self._coming is not None
        fresh, self._fresh = self._fresh, b""
        if fresh:
            self._quiet_s = now_s
        verdict = self._coming.take(fresh, now_s, self._listening)
        if not isinstance(verdict, Wait):
            self._finish(verdict, "hush", now_s)
            return now_s, True
        if now_s >= verdict.end_mono_s:
            self._give_up(verdict.kind, now_s)
        return verdict.wake_mono_s, verdict.listen

    def _give_up(self, kind: Kind, now_s: float) -> None:
        """After a broken frame nothing more is owed; else an answer may still come, and finds nobody."""
        assert self._job is not None
        link = self._job.link
        if kind in ("crc", "short"):
            self._finish(Failed(kind), "hush", now_s)
            return
        self._blamed = link
        self._until_s = max(now_s, self._sent_s + link.hold_s)
        self.counts.busy_s += self._until_s - now_s
        self._finish(Failed(kind), "quarantine", now_s)

    def _finish(self, outcome: Outcome, stage: Stage, now_s: float) -> None:
        assert self._job is not None
        job, self._job = self._job, None
        link = job.link
        link.last_end_mono_s = now_s
        if isinstance(outcome, Accepted) and self._coming is not None:
            link.answered(self._coming.first_mono_s - self._sent_s)
            link.errors["noise"] += outcome.noise_bytes > 0
            self.counts.unasked_bytes += outcome.extra_bytes
        elif isinstance(outcome, Failed):
            link.errors[outcome.kind] += 1
        if self._turned:
            link.turned(outcome == Failed("silence"))
        self.counts.exchanges += 1
        self.counts.busy_s += now_s - self._began_s + self.wire.silence_s
        self._enter(stage, now_s)
        job.done(outcome, now_s)

    def _take_unasked(self, now_s: float) -> bool:
        """Throw away bytes nobody asked for; the first after a timeout are its late answer."""
        taken, self._fresh = self._fresh, b""
        if taken:
            self.counts.unasked_bytes += len(taken)
            self._quiet_s = now_s
        if taken and self._blamed is not None:
            self._blamed.late(now_s - self._sent_s)
            self._blamed = None
        return bool(taken)

    def _open(self, now_s: float) -> None:
        try:
            self._port = self._open_port(self.bus)
        except PortError as error:
            self.counts.words = str(error)
            self._retry_s = now_s + retry_s(now_s - self._lost_s)
            return
        self.counts.words = ""
        self.counts.openings += 1
        self._quiet_s = now_s
        self._enter("hush", now_s)

    def _lose(self, words: str, now_s: float) -> None:
        assert self._port is not None
        self._arm(NEVER, listen=False)
        self._port.close()
        self._port = None
        self._fresh = b""
        self._blamed = None
        self.counts.words = words
        self._lost_s, self._retry_s = now_s, now_s + retry_s(0.0)
        self._enter("absent", now_s)
        job, self._job = self._job, None
        if job is not None:
            job.link.errors["port"] += 1
            job.done(Failed("port"), now_s)

    def _enter(self, stage: Stage, now_s: float) -> None:
        self.stage = stage
        self.since_mono_s = now_s

    def _arm(self, wake_s: float, listen: bool) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(wake_s, self._step) if wake_s < NEVER else None
        if self._port is not None and listen != self._listening:
            if listen:
                self._loop.watch(self._port.fileno(), self._step)
            else:
                self._loop.forget(self._port.fileno())
            self._listening = listen
