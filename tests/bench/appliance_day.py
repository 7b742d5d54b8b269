"""The reference day of JRN-44 through the real supervisor and the real journal, in virtual time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from hems.assembly import fitting
from hems.clock import ManualClock
from hems.config import parse
from hems.controlled import control_rules
from hems.core.repair import completed
from hems.counted import counting_rules
from hems.installed import installed
from hems.journal import change
from hems.journal.change import Change, Documents
from hems.journal.frame import Kind, unpack
from hems.journal.history import PLACE_BYTES, PLACES, History, Stage
from hems.journal.journal import Journal
from hems.journal.layout import Layout
from hems.journal.medium import Medium
from hems.journal.recover import recover
from hems.model.decision import Command
from hems.model.instant import Instant
from hems.model.intents import SetMode
from hems.model.ledger import Event
from hems.model.settings import Mode
from hems.model.snapshot import ChargerReading, HeatPumpReading, MeterReading, Snapshot
from hems.model.view import FieldHealth
from hems.reactor import Reactor
from hems.sim.media import RecordingMedium
from hems.supervisor import Rulebook, Supervisor
from tests.journal.books import blank

DAY_S: Final = 86_400
CYCLE_S: Final = 10.0
BEFORE_S: Final = 7_200
MIDNIGHT: Final = datetime(2026, 11, 24, tzinfo=ZoneInfo("Europe/Berlin"))
LAYOUT: Final = Layout(b"a bench's book !")
PUMP_CYCLES: Final = 40
SESSIONS_S: Final = (25_000, 45_000, 65_000)


@dataclass(frozen=True)
class Write:
    """One write of the day: into the book or the history, with what it changed and all documents after it."""

    at_s: float
    into_history: bool
    offset: int
    data: bytes
    changed: Change
    state: Documents


class Clocked(RecordingMedium):
    """Also notes when each write came."""

    def __init__(self, image: bytes, clock: ManualClock) -> None:
        super().__init__(image)
        self.times_s: list[float] = []
        self._clock = clock

    def pwrite(self, offset: int, data: bytes) -> None:
        """Write and note the time."""
        self.times_s.append(self._clock.mono_s())
        super().pwrite(offset, data)


class Wires:
    """One heat pump, one car, a meter: what they say is a function of the time of the day."""

    def __init__(self, begin_mono_s: float, cycles: int) -> None:
        self._begin_mono_s = begin_mono_s
        self._pump_s = DAY_S / cycles
        self.position = False
        self.startled = False

    def read(self, now: Instant) -> Snapshot:
        """The house at this moment."""
        at_s = now.mono_s - self._begin_mono_s
        in_cycle_s, pump_s = at_s % self._pump_s, self._pump_s
        heating, turning = in_cycle_s < pump_s / 2, pump_s * 0.0417 <= in_cycle_s < pump_s * 0.46
        status, charged_s = "A", 0.0
        for begin_s in SESSIONS_S:
            in_session_s = at_s % DAY_S - begin_s
            if 0 <= in_session_s < 7_820:
                status = "C" if 20 <= in_session_s < 7_220 else "B"
            charged_s += max(0.0, min(in_session_s - 20, 7_200.0))
        charged_s += 3 * 7_200.0 * (at_s // DAY_S)
        self.position = status == "C"
        mono_s, watt = now.mono_s, 3_000.0 if status == "C" else 0.0
        amps = (watt / 230.0, 0.0, 0.0)
        return Snapshot(
            now,
            grid=MeterReading(
                mono_s, 400.0 + watt, line_a=amps, import_wh=1e6 + at_s / 9, export_wh=5e5 + at_s // 60
            ),
            pv=MeterReading(mono_s, 100.0, export_wh=2e6 + at_s / 36),
            chargers={
                "garage": ChargerReading(
                    mono_s,
                    "C" if status == "C" else "B" if status == "B" else "A",
                    mono_s,
                    amps,
                    watt,
                    7e5 + charged_s / 1.2,
                )
            },
            heat_pumps={
                "pump": HeatPumpReading(
                    mono_s,
                    operating_state=1 if heating else 0,
                    compressor_rating=4_000 if turning else 0,
                    power_w=1_500.0 if turning else 10.0,
                    electric_wh=3e6 + at_s / 6,
                    thermal_wh=9e6 + at_s / 2,
                )
            },
            relays={"garage": self.position},
        )

    def act(self, command: Command, now: Instant) -> None:
        """The house does as it likes."""

    def safe(self, now: Instant) -> tuple[str, ...]:
        """All is safe."""
        return ()

    def health(self, now: Instant) -> FieldHealth:
        """Nothing to tell."""
        return FieldHealth()


class NoDog:
    """Nobody waits for a sign of life."""

    def cycle_completed(self) -> None:
        """Alive."""

    def stopping(self) -> None:
        """The end."""


class Appliance:
    """The real supervisor with its journal and history on media in memory."""

    def __init__(self, make: Callable[[bytes, ManualClock], Medium], *, cycles: int = PUMP_CYCLES) -> None:
        text = files("hems.sim").joinpath("demo.toml").read_text()
        config = fitting(parse(text.encode()))
        rules = control_rules(config)
        self.clock = ManualClock(MIDNIGHT - timedelta(seconds=BEFORE_S))
        self.reactor = Reactor(self.clock)
        self.book = make(blank(LAYOUT), self.clock)
        self.ring = Clocked(bytes(PLACES * PLACE_BYTES), self.clock)
        self.history = History(self.ring)
        self.journal = Journal(Path("book"), self.reactor, self.clock, self.book, self.history)
        self.supervisor = Supervisor(
            Rulebook(rules, counting_rules(config), installed(config, rules)),
            Wires(self.clock.mono_s() + BEFORE_S, cycles),
            self.journal,
            NoDog(),
            self.reactor,
            self.clock,
            ledger=self.journal.recall().ledger,
            settings=completed(rules, None).settings,
        )
        self.supervisor.eyes.append(self.history)

    def live(self, seconds: int = DAY_S, *, alarms: int = 2) -> None:
        """A day with four settings and so many alarms, or a part of it."""
        begin_s = self.clock.mono_s()
        modes: dict[int, Mode] = {28_000: "fast", 37_000: "off", 46_000: "surplus", 55_000: "min_surplus"}
        told = {30_010 + n * 40_000 // alarms // 10 * 10: "alarm_raised" for n in range(alarms)}
        told |= {at_s + 300: "alarm_cleared" for at_s in tuple(told)}
        for n in range(int(seconds / CYCLE_S)):
            at_s = int(n * CYCLE_S)
            if at_s in modes:
                self.supervisor.put(SetMode("garage", modes[at_s]))
            self.supervisor.cycle(self.clock.now())
            if at_s in told:
                now, supervisor = self.clock.now(), self.supervisor
                event = Event(told[at_s], "grid meter", now.wall)
                self.journal.keep(supervisor.ledger, supervisor.settings, (event,), now)
            while self.journal._book.busy or self.history.stage in (Stage.READING, Stage.WRITING):
                self.journal._writer.wait(10.0)
            self.clock.advance(begin_s + at_s + CYCLE_S - self.clock.mono_s())

    def close(self) -> None:
        """Let go of everything."""
        self.journal.close()
        self.reactor.close()


def writes_of(book: Clocked, ring: Clocked, since_s: float) -> list[Write]:
    """What was written since a moment, in order of time; the state is that of the book."""
    found: list[Write] = []
    state: Documents = {}
    for (before, written), at_s in zip(book.images(), book.times_s, strict=True):
        if not found:
            state = recover(bytes(before)).state
        frame = unpack(LAYOUT.seed, written.data)
        assert frame is not None
        changed = change.parse(frame.payload) or {}
        state = change.applied({}, changed) if frame.kind is Kind.BASE else change.applied(state, changed)
        found.append(Write(at_s, False, written.offset, written.data, changed, state))
    found += [
        Write(at_s, True, written.offset, written.data, {}, {})
        for written, at_s in zip(ring.writes, ring.times_s, strict=True)
    ]
    return sorted((write for write in found if write.at_s >= since_s), key=lambda write: write.at_s)


def reference_day() -> list[Write]:
    """What the day writes; two hours before it have filled the book a little."""
    appliance = Appliance(Clocked)
    appliance.live(BEFORE_S)
    since_s = appliance.clock.mono_s()
    appliance.live()
    appliance.close()
    assert isinstance(appliance.book, Clocked)
    return writes_of(appliance.book, appliance.ring, since_s)
