"""One serial line: a transaction machine that never waits.

Theory of operation. The line takes one exchange at a time and is woken by bytes or by one timer. It owes
silence before every request, predicts when the request has left and when the answer must be complete, and
sleeps in between: while an answer is on its way the descriptor is not watched, only a timer runs until one
character before the predicted end. Every wake looks at the input first, so a loop that was held up still
finds the answer before it calls a timeout. After a timeout the line says and believes nothing until the
device's longest answer time has passed: a late answer is thrown away instead of answering the next request.
It does so once more after the first answer that may have been a late one.

What it hears of itself (`echo`) is counted off, never compared; "auto" is found out by one read to a unit
nobody has, right after the port opened. A request to unit 0 is for all and gets no answer. A device that
sleeps while the line is silent is asked twice, and the first answer, or 50 ms of nothing, is thrown away.
Deadlines are absolute monotonic seconds.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Final, Literal

from hems.errors import PortError
from hems.field.codec import codec
from hems.field.exchange import READS, Failed, Outcome, Request
from hems.field.flight import Errand, Flight
from hems.field.link import ANSWER_OWED, Job, LineCounts, Link
from hems.field.port import Port, latency_warning
from hems.field.profile import Serial
from hems.field.quarantine import retry_s
from hems.field.reception import Wait
from hems.field.unasked import Unasked
from hems.field.wire import Wire, wire
from hems.model.loop import Clock, Loop, Timer
from hems.model.site import Bus

Stage = Literal["absent", "hush", "idle", "sending", "waiting", "gathering", "quarantine"]
ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    "absent": frozenset({"hush"}),
    "hush": frozenset({"idle", "absent"}),
    "idle": frozenset({"sending", "hush", "absent"}),
    "sending": frozenset({"waiting", "hush", "absent"}),
    "waiting": frozenset({"gathering", "quarantine", "absent"}),
    "gathering": frozenset({"hush", "quarantine", "absent"}),
    "quarantine": frozenset({"hush", "absent"}),
}
WAKE_S: Final = 0.05
BROADCAST_S: Final = 0.2
"""All units digest a broadcast so long."""
STUCK_S: Final = 0.5
STUCK_RETRY_S: Final = 0.02
UNITS: Final = range(1, 248)
READ_BYTES: Final = 4096
NEVER: Final = float("inf")
SILENCE: Final = Failed("silence")


class Line:
    """One serial port with all `owned` units; takes one job at a time. `echo`: it hears what it sends."""

    def __init__(
        self,
        bus: Bus,
        loop: Loop,
        clock: Clock,
        open_port: Callable[[Bus], Port],
        owned: Collection[int] = (),
    ) -> None:
        self.bus = bus
        self.wire: Wire = wire(bus)
        self.counts = LineCounts()
        self.stage: Stage = "absent"
        self.since_mono_s = clock.mono_s()
        self.echo = bus.echo == "yes"
        self._loop = loop
        self._clock = clock
        self._open_port = open_port
        self._nobody = max(set(UNITS).difference(owned), default=max(UNITS))
        self._port: Port | None = None
        self._job: Job | None = None
        self._flight: Flight | None = None
        self._codec = codec(bus.framing, Serial())
        self._asked: Link | None = None
        self._unasked = Unasked(self.counts)
        self._measured = self._turned = self._listening = self._stepping = False
        self._timer: Timer | None = None
        self._timer_s, self._fresh = NEVER, b""
        self._stuck_s: float | None = None
        self._lost_s = self._retry_s = self.since_mono_s
        self._quiet_s = self._until_s = 0.0
        self._step()

    @property
    def free(self) -> bool:
        """Whether it takes a job."""
        return self._job is None and self._port is not None

    def start(self, job: Job) -> None:
        """Make an exchange as soon as silence, gap and turn allow; only while the line is free.

        A request to unit 0 is for all: a write that ends `Accepted` when it has left. Raises ``ValueError``
        for a request the protocol does not know.
        """
        if job.request.unit == 0 and job.request.function in READS:
            raise ValueError("nobody answers a read to unit 0")
        codec(self.bus.framing, job.link.serial).frame(job.request)
        self._job = job
        if not self._stepping:
            self._step()

    def withdraw(self) -> None:
        """Give a job back that has not left yet: what it asks or tells may be out of date by now."""
        job, flight = self._job, self._flight
        if job is not None and (flight is None or flight.request is not job.request):
            self._job = None
            job.done(Failed("withdrawn"), self._clock.mono_s())

    def earliest_mono_s(self, link: Link) -> float:
        """When a request to this unit may leave."""
        turn_s = link.turn_due_s if self._asked not in (None, link) else 0.0
        quiet_s = self.wire.silence_s
        return max(self._quiet_s + quiet_s + turn_s, link.last_end_mono_s + quiet_s + link.gap_s)

    def reopen(self) -> None:
        """Open the port anew, or again after it was closed; only while nobody awaits an answer."""
        self.close("")
        self._lost_s = self._retry_s = self._clock.mono_s()
        self._step()

    def close(self, words: str = "closed") -> None:
        """Release the port until it is reopened; who awaits an answer gets none."""
        if self._port is not None:
            self._lose(words, self._clock.mono_s())
        self.counts.words, self._retry_s = words, NEVER
        self._arm(NEVER, listen=False)

    def _step(self) -> None:
        """Look at the input, then move on until the stage stays; sleep until the next thing is due."""
        self._stepping = True
        if self._port is not None:
            try:
                self._fresh = self._port.read(READ_BYTES)
            except PortError as error:
                self._lose(str(error), self._clock.mono_s())
        # Asked after the read: a byte that came between the two would else be taken for older than it is.
        now_s = self._clock.mono_s()
        while True:
            before = self.stage
            wake_s, listen = self._advance(now_s)
            if self.stage == before:
                break
        self._stepping = False
        self._arm(wake_s, listen)

    def _ring(self) -> None:
        self._timer = None
        self._step()

    def _advance(self, now_s: float) -> tuple[float, bool]:
        """One look at the stage: the next wake, and whether bytes wake it too."""
        match self.stage:
            case "absent":
                if now_s >= self._retry_s:
                    self._open(now_s)
                return self._retry_s, False
            case "hush":
                return self._hush(now_s), True
            case "idle":
                if self._fresh:
                    self._take_unasked(now_s)
                    self._enter("hush", now_s)
                return self._send_when_due(now_s), True
            case "sending" | "waiting" | "gathering":
                return self._fly(now_s)
            case "quarantine":
                self._take_unasked(now_s)
                if now_s >= self._until_s:
                    self._enter("hush", now_s)
                return self._until_s, True

    def _hush(self, now_s: float) -> float:
        """Silence is owed since the last byte of anybody."""
        self._take_unasked(now_s)
        due_s = max(self._quiet_s + self.wire.silence_s, self._until_s)
        if now_s >= due_s:
            self._unasked.silence(self._codec, now_s)
            self._enter("idle", now_s)
        return due_s

    def _send_when_due(self, now_s: float) -> float:
        if self.stage != "idle":
            return NEVER
        if not self._measured:
            return self._send("measure", Request(self._nobody, 3, 0))
        job = self._job
        if job is None:
            return NEVER
        due_s = self.earliest_mono_s(job.link)
        if now_s < due_s:
            return due_s
        self._codec = codec(self.bus.framing, job.link.serial)
        return self._send(self._errand_of(job, now_s), job.request)

    def _errand_of(self, job: Job, now_s: float) -> Errand:
        if job.request.unit == 0:
            return "tell"
        wake_after_s = job.link.serial.wake_after_s
        asleep = wake_after_s is not None and now_s - self._quiet_s >= wake_after_s
        return "wake" if asleep else "ask"

    def _send(self, errand: Errand, request: Request) -> float:
        """The request leaves; an output that is stuck is tried again for a while."""
        assert self._port is not None
        data = self._codec.frame(request)
        now_s = self._clock.mono_s()
        early = now_s < self._quiet_s + self.wire.silence_s
        try:
            taken = self._port.write(data)
            if taken < len(data) and (taken or now_s >= (self._stuck_s or now_s) + STUCK_S):
                raise PortError(f"{self.bus.port}: output is stuck")
        except PortError as error:
            self._lose(str(error), now_s)
            return self._retry_s
        if not taken:
            self._stuck_s = self._stuck_s or now_s
            return min(now_s + STUCK_RETRY_S, self._stuck_s + STUCK_S)
        self.counts.early += early
        self._stuck_s = None
        timeout_s = self._depart(errand)
        self._flight = Flight(
            request, self._codec, self.wire, errand, now_s, len(data), timeout_s, echo=self.echo
        )
        self._enter("sending", now_s)
        return NEVER

    def _depart(self, errand: Errand) -> float:
        """It has left; how long its answer is awaited."""
        self._measured = True
        job = self._job
        if errand == "measure" or job is None:
            return 0.0
        self._turned = self._asked not in (None, job.link)
        self._asked = job.link
        self._unasked.forget()
        job.link.asked(job.request)
        return WAKE_S if errand == "wake" else job.link.timeout_s

    def _fly(self, now_s: float) -> tuple[float, bool]:
        flight = self._flight
        assert flight is not None
        assert self._port is not None
        fresh, self._fresh = self._fresh, b""
        verdict = flight.look(fresh, now_s, self._listening)
        self._quiet_s = flight.quiet_mono_s
        if isinstance(verdict, Wait):
            if flight.stage != self.stage:
                self._enter(flight.stage, now_s)
            self._loop.expect(self._port.fileno(), *flight.last_chars_mono_s)
            return verdict.wake_mono_s, verdict.listen
        self.counts.unasked_bytes += flight.unasked_bytes
        self.counts.busy_s += now_s - flight.began_mono_s + self.wire.silence_s
        if flight.errand == "measure":
            self.echo = flight.echo_owed == 0
            self._enter("hush", now_s)
        elif flight.errand == "wake":
            self._discard(flight, verdict, now_s)
        else:
            self._finish(flight, verdict, now_s)
        return now_s, True

    def _discard(self, flight: Flight, outcome: Outcome, now_s: float) -> None:
        """The unit is awake now; it is asked again."""
        if self._asked is not None and isinstance(outcome, Failed) and outcome.kind in ANSWER_OWED:
            self._asked.owed(flight.request, flight.sent_mono_s)
        self._until_s = now_s
        self._enter("quarantine" if flight.overdue else "hush", now_s)

    def _finish(self, flight: Flight, outcome: Outcome, now_s: float) -> None:
        """The outcome goes to who asked; while another answer may come, nobody is asked."""
        job, self._job = self._job, None
        assert job is not None
        link, owed = job.link, flight.overdue
        if isinstance(outcome, Failed):
            link.failed(outcome.kind, job.request, flight.sent_mono_s)
        elif flight.errand == "tell":
            link.accepted += 1
            self._until_s = flight.sent_mono_s + BROADCAST_S
        else:
            owed = not link.settled(job.request, flight.sent_mono_s + flight.latency_s)
            link.answered(None if owed else flight.latency_s)
            link.errors["noise"] += outcome.noise_bytes > 0
            self.counts.unasked_bytes += outcome.extra_bytes
        if owed:
            self._unasked.blame(link, flight.sent_mono_s)
            self._until_s = max(now_s, flight.sent_mono_s + link.hold_s)
            self.counts.busy_s += self._until_s - now_s
        if flight.errand == "ask":
            link.ended(turned=self._turned, missed=outcome == SILENCE)
        link.last_end_mono_s = now_s
        self.counts.exchanges += 1
        self._enter("quarantine" if owed else "hush", now_s)
        job.done(outcome, now_s)

    def _take_unasked(self, now_s: float) -> None:
        if self._fresh:
            self._unasked.take(self._fresh, now_s)
            self._quiet_s, self._fresh = now_s, b""

    def _open(self, now_s: float) -> None:
        try:
            self._port = self._open_port(self.bus)
        except PortError as error:
            self.counts.words = str(error)
            self._retry_s = now_s + retry_s(now_s - self._lost_s)
            return
        self.counts.words = ""
        self.counts.warning = latency_warning(self.bus.port)
        self.counts.openings += 1
        self.echo = self.bus.echo == "yes"
        self._measured = self.bus.echo != "auto"
        self._quiet_s = now_s
        self._enter("hush", now_s)

    def _lose(self, words: str, now_s: float) -> None:
        assert self._port is not None
        self._arm(NEVER, listen=False)
        self._port.close()
        self._port = None
        self._fresh, self._stuck_s = b"", None
        self._unasked.forget()
        self.counts.words = words
        self._lost_s, self._retry_s = now_s, now_s + retry_s(0.0)
        self._enter("absent", now_s)
        job, self._job = self._job, None
        if job is not None:
            job.link.errors["port"] += 1
            job.done(Failed("port"), now_s)

    def _enter(self, stage: Stage, now_s: float) -> None:
        self.stage, self.since_mono_s = stage, now_s

    def _arm(self, wake_s: float, listen: bool) -> None:
        if self._timer is None or wake_s != self._timer_s:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(wake_s, self._ring) if wake_s < NEVER else None
            self._timer_s = wake_s
        if self._port is not None and listen != self._listening:
            if listen:
                self._loop.watch(self._port.fileno(), self._step)
            else:
                self._loop.forget(self._port.fileno())
            self._listening = listen
