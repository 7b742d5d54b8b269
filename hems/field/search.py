"""The machine of `scan` carried out: on a serial port of its own, or beside the work of a line."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from hems.field import scan
from hems.field.device import Task
from hems.field.exchange import Failed, Outcome
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

NAME: Final = "search"
NAMING: Final = Limits(gap_s=0.1, answer_max_s=0.6)
"""Who is there is not hurried: 100 ms of peace suit all meters, the slowest think half a second."""


class Search:
    """One port searched with reads only, while the loop is turned elsewhere.

    `words` say why it ended early; what was found until then stays.
    """

    def __init__(
        self,
        port: str,
        profiles: Sequence[Profile],
        manner: Manner,
        loop: Loop,
        clock: Clock,
        *,
        settings: Sequence[Setting] = SETTINGS,
        start: int = 0,
        open_port: Callable[[Bus], Port] = open_serial,
    ) -> None:
        self.done = False
        self.words = ""
        self._port = port
        self._loop = loop
        self._clock = clock
        self._open_port = open_port
        self._line: Line | None = None
        self._setting: Setting | None = None
        self._link: Link | None = None
        self.state = scan.begin(profiles, manner, clock.mono_s(), settings=settings, start=start)
        self._step(None)

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return scan.progress(self.state)

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
        if errand is None:
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
                line.start(Job(errand.request, self._link, self._took))

    def _took(self, outcome: Outcome, at_mono_s: float) -> None:
        """The next errand leaves in a turn of its own: the line is still in the middle of this one."""
        self._loop.call_at(at_mono_s, lambda: self._step(outcome))

    def _line_at(self, setting: Setting) -> Line:
        if self._line is not None and setting == self._setting:
            return self._line
        if self._line is not None:
            self._line.close()
        bus = Bus(
            name=NAME,
            port=self._port,
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


class Visit:
    """A search for unknown units beside the work of a line: at its setting, in its ticks' spare time."""

    def __init__(
        self, profiles: Sequence[Profile], bus: Bus, owned: Collection[int], now_mono_s: float
    ) -> None:
        setting = Setting(bus.baud, bus.parity, bus.stop_bits, bus.framing)
        begun = scan.begin(profiles, "full", now_mono_s, settings=(setting,), without=owned, listen=False)
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
        if not (isinstance(outcome, Failed) and outcome.kind == "port"):
            self.state, self._errand, self.progress = scan.step(self.state, outcome, at_mono_s)


def link_to(state: Scan, probe: Probe, former: Link | None) -> Link:
    """One link to a unit for as long as it is asked who it is; framed as its likeliest kind does."""
    unit, naming = probe.request.unit, state.stage == "naming"
    if former is not None and former.unit == unit and naming:
        return former
    known = candidates(state.profiles, probe.setting)
    serial = known[0].serial if known else Serial(framing=probe.setting.framing)
    return Link(unit, NAMING if naming else Limits(answer_max_s=PROBE_S), serial)
