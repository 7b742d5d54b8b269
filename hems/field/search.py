"""The machine of `scan` carried out: on a serial port of its own, or beside the work of a line."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from hems.field import scan
from hems.field.device import Task
from hems.field.exchange import Failed, Kind, Outcome
from hems.field.line import Line
from hems.field.link import Job, Link
from hems.field.port import Port, open_serial
from hems.field.profile import Limits, Profile, Serial
from hems.field.scan import (
    LISTEN_S,
    PROBE_S,
    Errand,
    Heard,
    Listen,
    Manner,
    Probe,
    Progress,
    Result,
    Scan,
)
from hems.field.setting import SETTINGS, Setting, candidates
from hems.model.loop import Clock, Loop
from hems.model.site import Bus

NAMING: Final = Limits(gap_s=0.1, answer_max_s=0.6)
"""Who is there is not hurried: 100 ms of peace suit all meters, the slowest think half a second."""

NOT_ASKED: Final[tuple[Kind, ...]] = ("port", "withdrawn")
"""Failures that say nothing of who was to be asked."""


class Search:
    """The port of a line searched with reads only, while the loop is turned elsewhere.

    `words` say why it ended early; what was found until then stays. `ended` is called when it is done, unless
    it was closed.
    """

    def __init__(
        self,
        bus: Bus,
        profiles: Sequence[Profile],
        manner: Manner,
        loop: Loop,
        clock: Clock,
        *,
        settings: Sequence[Setting] = SETTINGS,
        start: int = 0,
        present: Collection[int] = (),
        open_port: Callable[[Bus], Port] = open_serial,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self.done = False
        self.words = ""
        self._bus = bus
        self._ended = ended
        self._asking = self._stopped = False
        self._loop = loop
        self._clock = clock
        self._open_port = open_port
        self._line: Line | None = None
        self._setting: Setting | None = None
        self._link: Link | None = None
        self.state = scan.begin(
            profiles, manner, clock.mono_s(), settings=settings, start=start, present=present
        )
        self._step(None)

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return scan.progress(self.state)

    def stop(self) -> None:
        """Break it off as soon as nobody can answer any more: at once, or within the time of one answer."""
        self._stopped = True
        if not self._asking and not self.done:
            self._end("")

    def close(self) -> None:
        """Break it off and release the port; harmless when it has ended."""
        self.done = True
        if self._line is not None:
            self._line.close()
            self._line = None

    def _step(self, result: Result | None) -> None:
        if self.done:
            return
        if isinstance(result, Failed) and result.kind == "port":
            self._end(self._line.counts.words if self._line is not None else "")
            return
        self.state, errand, _ = scan.step(self.state, result, self._clock.mono_s())
        if errand is None or self._stopped:
            self._end(self.state.words)
        else:
            self._carry_out(errand)

    def _carry_out(self, errand: Errand) -> None:
        line = self._line_at(errand.setting)
        if not line.free:
            self._end(line.counts.words)
            return
        match errand:
            case Listen():
                frames, heard = line.counts.foreign, line.counts.unasked_bytes

                def listened() -> None:
                    counts = line.counts
                    self._step(Heard(counts.foreign - frames, counts.unasked_bytes - heard))

                self._loop.call_at(self._clock.mono_s() + LISTEN_S, listened)
            case Probe():
                self._link = link_to(self.state, errand, self._link)
                self._asking = True
                line.start(Job(errand.request, self._link, self._took))

    def _took(self, outcome: Outcome, at_mono_s: float) -> None:
        """The next errand leaves in a turn of its own: the line is still in the middle of this one."""
        self._loop.call_at(at_mono_s, lambda: self._answered(outcome))

    def _answered(self, outcome: Outcome) -> None:
        self._asking = False
        self._step(outcome)

    def _line_at(self, setting: Setting) -> Line:
        if self._line is not None and setting == self._setting:
            return self._line
        if self._line is not None:
            self._line.close()
        bus = Bus(
            name=self._bus.name,
            port=self._bus.port,
            echo=self._bus.echo,
            adapter=self._bus.adapter,
            baud=setting.baud,
            parity=setting.parity,
            stop_bits=setting.stop_bits,
            framing=setting.framing,
        )
        self._line = Line(bus, self._loop, self._clock, self._open_port)
        self._setting = setting
        return self._line

    def _end(self, words: str) -> None:
        self.words = words
        self.close()
        self._ended()


class Visit:
    """A search for unknown units beside the work of a line: at its setting, in its ticks' spare time."""

    def __init__(
        self,
        profiles: Sequence[Profile],
        bus: Bus,
        owned: Collection[int],
        now_mono_s: float,
        *,
        start: int = 0,
        present: Collection[int] = (),
    ) -> None:
        begun = scan.begin(
            profiles,
            "full",
            now_mono_s,
            settings=(setting_of(bus),),
            without=owned,
            listen=False,
            start=start,
            present=present,
        )
        self.state, self._errand, self.progress = scan.step(begun, None, now_mono_s)
        self.link = Link(0, Limits())

    @property
    def done(self) -> bool:
        """Whether everyone has been asked."""
        return self._errand is None

    def task(self, now_mono_s: float) -> Task | None:
        """The next probe, to be sent by `link`; none once it is done."""
        if not isinstance(self._errand, Probe):
            return None
        self.link = link_to(self.state, self._errand, self.link)
        return Task(self._errand.request, self._took, now_mono_s)

    def _took(self, outcome: Outcome, at_mono_s: float) -> None:
        if not (isinstance(outcome, Failed) and outcome.kind in NOT_ASKED):
            self.state, self._errand, self.progress = scan.step(self.state, outcome, at_mono_s)


def setting_of(bus: Bus) -> Setting:
    """What a line is set to."""
    return Setting(bus.baud, bus.parity, bus.stop_bits, bus.framing)


def link_to(state: Scan, probe: Probe, former: Link | None) -> Link:
    """One link to a unit for as long as it is asked who it is; framed as its likeliest kind does."""
    unit, naming = probe.request.unit, state.stage == "naming"
    if former is not None and former.unit == unit and naming:
        return former
    known = candidates(state.profiles, probe.setting)
    serial = known[0].serial if known else Serial(framing=probe.setting.framing)
    return Link(unit, NAMING if naming else Limits(answer_max_s=PROBE_S), serial)
