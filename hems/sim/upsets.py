"""What goes wrong with the port and the line itself: gone, held, stuck, others' traffic, no supply."""

import contextlib
import math
import os
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from hems.model.loop import Clock, Loop
from hems.sim.faults import Fault, Faults
from hems.sim.frames import seal
from hems.sim.pdu import Unit
from hems.sim.ports import Place
from hems.sim.scene import Bus
from hems.sim.sending import Sender

FOREIGN_UNIT: Final = 99
FOREIGN_READ: Final = bytes.fromhex("03 0000 0002")
FOREIGN_THINKS_S: Final = 0.02


class Upsets:
    """The port of one line, with all that may happen to it.

    `hear` is called when bytes have come, `lose` when what came before is lost with the port. A fault begins
    at its own time (`arrange`) or with a request (`strike`), and ends after its seconds.
    """

    def __init__(
        self,
        place: Place,
        loop: Loop,
        clock: Clock,
        bus: Bus,
        sender: Sender,
        faults: Faults,
        hear: Callable[[], None],
        lose: Callable[[], None],
    ) -> None:
        self._place = place
        self._loop = loop
        self._clock = clock
        self._bus = bus
        self._sender = sender
        self._faults = faults
        self._hear = hear
        self._lose = lose
        self._start_s = clock.mono_s()
        self._gone = self._stuck = self._closed = False
        self._down_until_s: dict[str, float] = {}
        self._chance = Random(0)

    def begin(self) -> None:
        """Be there, unless a fault says otherwise."""
        if not self._gone:
            self._appear()

    def arrange(self, fault: Fault, units: Sequence[Unit]) -> None:
        """Let this begin at its time; at once if that has passed."""
        begin_s = self._start_s + fault.from_s
        if begin_s <= self._clock.mono_s():
            self.strike(fault, units)
        else:
            self._loop.call_at(begin_s, lambda: self._begin(fault, units))

    def strike(self, fault: Fault, units: Sequence[Unit]) -> None:
        """Let this begin now; kinds that concern no line do nothing here."""
        match fault.kind:
            case "vanish":
                self._vanish()
                self._later(fault, self._appear)
            case "back":
                self._appear()
            case "busy":
                self._place.occupy(held=True)
                self._later(fault, lambda: self._place.occupy(held=False))
            case "stuck":
                self._stick(stuck=True)
                self._later(fault, lambda: self._stick(stuck=False))
            case "restart":
                for unit in units:
                    unit.on_restart()
                    self._down_until_s[unit.name] = self._clock.mono_s() + fault.figure
            case "foreign_master":
                self._intrude(fault)

    @property
    def is_there(self) -> bool:
        """Whether there is a port."""
        return self._sender.descriptor >= 0

    def is_down(self, unit: Unit) -> bool:
        """Whether it is still starting up."""
        return self._clock.mono_s() < self._down_until_s.get(unit.name, -math.inf)

    def heal(self) -> None:
        """The port is there, free and takes bytes."""
        self._place.occupy(held=False)
        self._stick(stuck=False)
        self._appear()

    def close(self) -> None:
        """Leave the line for good."""
        self._vanish()
        self._closed = True

    def _begin(self, fault: Fault, units: Sequence[Unit]) -> None:
        if self._faults.holds(fault):
            self.strike(fault, units)

    def _later(self, fault: Fault, end: Callable[[], None]) -> None:
        end_s = self._clock.mono_s() + fault.figure if fault.figure else self._start_s + fault.until_s
        if end_s < math.inf:
            self._loop.call_at(end_s, end)

    def _appear(self) -> None:
        self._gone = False
        if not self.is_there and not self._closed:
            self._sender.descriptor = self._place.appear()
            os.set_blocking(self._sender.descriptor, False)
            self._loop.watch(self._sender.descriptor, self._hear)

    def _vanish(self) -> None:
        self._gone, self._stuck = True, False
        if self.is_there:
            self._loop.forget(self._sender.descriptor)
            os.close(self._sender.descriptor)
            self._sender.descriptor = -1
            self._sender.drop()
            self._lose()
        self._place.vanish()

    def _stick(self, stuck: bool) -> None:
        """While it is stuck nobody reads; what gathered meanwhile has never been on the wire."""
        if stuck == self._stuck or not self.is_there:
            return
        self._stuck = stuck
        if stuck:
            self._loop.forget(self._sender.descriptor)
            self._place.stick(stuck=True)
            return
        with contextlib.suppress(BlockingIOError):
            while os.read(self._sender.descriptor, 65_536):
                pass
        self._place.stick(stuck=False)
        self._loop.watch(self._sender.descriptor, self._hear)

    def _intrude(self, fault: Fault) -> None:
        """One exchange of the other master, and the next when it is due."""
        now_s = self._clock.mono_s()
        if not self._faults.holds(fault) or now_s >= self._start_s + fault.until_s:
            return
        framing = self._bus.framing
        asked_s = self._sender.send(seal(FOREIGN_UNIT, FOREIGN_READ, framing), now_s)
        answer = seal(FOREIGN_UNIT, bytes((3, 4)) + self._chance.randbytes(4), framing)
        self._sender.send(answer, asked_s + FOREIGN_THINKS_S)
        self._loop.call_at(now_s + 1.0 / fault.figure, lambda: self._intrude(fault))
