"""Rows 25 to 29 over real pseudo-terminals, in real time: four lines at once, so it takes two seconds."""

import os
from datetime import UTC
from pathlib import Path
from typing import Final

from hems.clock import SystemClock
from hems.field.exchange import Accepted, Failed, Outcome
from hems.field.line import Line
from hems.field.link import Job, Link
from hems.field.port import open_serial
from hems.field.profile import Limits
from hems.model.site import Bus
from hems.reactor import Reactor
from hems.sim import scene
from hems.sim.faults import Fault
from hems.sim.ports import PtyPlace
from hems.sim.slave import Slave
from tests.field.matrix.measured import Measured
from tests.field.matrix.rig import READ, T_DEV_S, device, true_answer

AWAY_S: Final = 0.4
STUCK_S: Final = 0.9
LONG_S: Final = 4.0
"""Longer than anything here takes."""


class Terminal:
    """A line on a terminal under a name of its own, and its slave."""

    def __init__(self, loop: Reactor, path: Path, *faults: Fault) -> None:
        self.path = path
        self.loop = loop
        units = {1: device(1, T_DEV_S, [])}
        bus = scene.Bus(baud=19_200)
        self.slave = Slave(units, PtyPlace(path), loop, loop.clock, bus, faults=faults)
        self.line = Line(Bus(name="a", port=str(path), baud=19_200, echo="no"), loop, loop.clock, open_serial)
        self.link = Link(1, Limits())
        self.ended: list[tuple[Outcome, float]] = []

    @property
    def asked(self) -> int:
        """How many exchanges were begun."""
        return len(self.ended) + (not self.line.free)

    def come_back(self) -> None:
        """As soon as the line can be used, ask."""
        self.loop.run_until(self.loop.clock.mono_s() + LONG_S, lambda: self.line.free)
        self.ask()

    def ask(self) -> None:
        self.line.start(Job(READ, self.link, lambda outcome, at_s: self.ended.append((outcome, at_s))))

    def settle(self, wanted: int) -> Outcome:
        self.loop.run_until(self.loop.clock.mono_s() + LONG_S, lambda: len(self.ended) >= wanted)
        return self.ended[wanted - 1][0]

    def close(self) -> None:
        assert self.line.counts.early == 0, "a request left before the silence had passed (BUS-102)"
        self.line.close()
        self.slave.close()


def _row(row: int, what: str, outcome: str, took_s: float, bound_s: float) -> Measured:
    return Measured(row, what, "rtu pty", outcome, 1000 * took_s, 1000 * bound_s)


def play(folder: Path) -> list[Measured]:
    """All of them; whoever is to be good afterwards is."""
    loop = Reactor(SystemClock(UTC))
    now_s = loop.clock.mono_s
    began_s = now_s()
    pulled, stuck = Terminal(loop, folder / "pulled"), Terminal(loop, folder / "stuck")
    absent = Terminal(loop, folder / "absent", Fault("vanish", value=AWAY_S))
    busy = Terminal(loop, folder / "busy", Fault("busy", value=AWAY_S))
    assert absent.line.counts.words.startswith(f"{absent.path}: no such file or directory")
    assert busy.line.counts.words.startswith(f"{busy.path}: another program holds it")
    for one in (pulled, stuck):
        one.ask()
    for one in (pulled, stuck):
        assert one.settle(1) == Accepted(true_answer(READ))

    stuck.slave.inject(Fault("stuck", value=STUCK_S))
    stuck_s = now_s()
    stuck.ask()
    first_tty = os.path.realpath(pulled.path)
    pulled.slave.inject(Fault("silence", nth=1))
    pulled.ask()
    loop.run_until(now_s() + 0.03)
    gone_s = now_s()
    pulled.slave.inject(Fault("vanish", value=AWAY_S))
    assert pulled.settle(2) == Failed("port")
    rows = [_row(25, "port vanishes, waiting", "port", pulled.ended[1][1] - gone_s, 0.05)]
    taken = os.openpty()
    assert stuck.settle(2) == Failed("port")
    assert stuck.line.counts.words == f"{stuck.path}: output is stuck"
    rows.append(_row(29, "output stuck", "port", stuck.ended[1][1] - stuck_s, 0.55))

    everybody = (pulled, absent, busy, stuck)
    for one in everybody:
        one.come_back()
    for one in everybody:
        assert one.settle(one.asked) == Accepted(true_answer(READ))
    assert os.path.realpath(pulled.path) != first_tty, "the same terminal came back"
    back_s = gone_s + AWAY_S
    rows += [
        _row(26, "port returns, same path", "good again", pulled.ended[-1][1] - back_s, 2.0),
        _row(27, "port returns, another terminal", "good again", pulled.ended[-1][1] - back_s, 2.0),
        _row(28, "absent at start", "retried", absent.ended[-1][1] - began_s - AWAY_S, 1.2),
        _row(28, "busy at start", "retried", busy.ended[-1][1] - began_s - AWAY_S, 1.2),
    ]
    for one in everybody:
        one.close()
    for end in taken:
        os.close(end)
    loop.close()
    return rows
