"""A whole desk: the house and its devices at the far ends of its serial lines; also as a process of its own.

As a process (``python -m hems.sim.desk``) it reads on standard input one line with the scene, the path of
each serial line's port and the inherited descriptors of its two ends, then one command a line; on standard
output it writes what really happened, one line a second and a last one at the end. It ends with its input or
on {"end": true}.
"""

import json
import math
import os
import signal
from collections.abc import Mapping
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

from hems.clock import ExactClock, FastClock
from hems.model.loop import Clock, Loop
from hems.reactor import Reactor
from hems.sim.battery import level_pct
from hems.sim.faults import Fault, fault_of
from hems.sim.house import House
from hems.sim.maps import units
from hems.sim.ports import Place, PtyPlace
from hems.sim.scene import Scene, from_row
from hems.sim.slave import Slave

Record = Mapping[str, Any]
"""What is true at a moment: the fields of `hems.sim.truth.Truth`, the board, and the slave's counts."""


class Desk:
    """House and serial lines together, on any loop; `places` are where their near ends can be found.

    A `house` that has lived before goes on.
    """

    def __init__(
        self,
        scene: Scene,
        places: Mapping[str, Place],
        loop: Loop,
        clock: Clock,
        house: House | None = None,
    ) -> None:
        self._clock = clock
        self.house = house or House(scene, clock.mono_s())
        self.slaves = {
            bus.name: Slave(
                units(self.house, bus, clock),
                places[bus.name],
                loop,
                clock,
                bus,
                seed=scene.seed + place,
                faults=[fault for fault in scene.faults if scene.concerns(fault, bus)],
            )
            for place, bus in enumerate(scene.buses)
        }

    def order(self, command: Mapping[str, Any]) -> None:
        """Carry out what a command line says, key by key.

        - ``{"relay": {"garage": true}}`` closes a relay,
        - ``{"plug": {"garage": false}}`` takes a charger's cable out,
        - ``{"base_a": [30, 0, 0]}`` forces the household's amperes; null gives it its own life back,
        - ``{"draw": {"kettle": [11, 0, 0]}}`` lets a load of this name draw so many amperes,
        - ``{"battery": {"level_pct": 20, "power_w": 1500}}`` sets either; a power that is missing or null is
          its own affair,
        - ``{"dim": 4200}`` is the grid operator's limit from now on, for the record; null ends it,
        - ``{"weld": {"garage": true}}`` welds the contact of a charger's relay, false frees it,
        - ``{"ignore": {"garage": true}}`` lets a charger acknowledge its orders and offer what it offers now,
        - ``{"fault": {"kind": "silence", "device": "grid", "for_s": 10}}`` injects a `Fault` from now on,
        - ``{"heal": "grid"}`` takes this device's faults back; "" those of no device, and a lost port's.
        """
        now_s = self._clock.mono_s()
        for relay, closed in command.get("relay", {}).items():
            self.house.switch(relay, closed, now_s)
        for charger, plugged in command.get("plug", {}).items():
            self.house.plug(charger, plugged, now_s)
        if "base_a" in command:
            base_a = command["base_a"]
            self.house.force(tuple(base_a) if base_a is not None else None, now_s)
        for load, line_a in command.get("draw", {}).items():
            self.house.draw(load, tuple(line_a), now_s)
        if "battery" in command:
            orders = command["battery"]
            self.house.order_battery(orders.get("level_pct"), orders.get("power_w"), now_s)
        if "dim" in command:
            self.house.dim(command["dim"], now_s)
        for charger, welded in command.get("weld", {}).items():
            self.house.weld(charger, welded, now_s)
        for charger, ignores in command.get("ignore", {}).items():
            self.house.ignore(charger, ignores, now_s)
        if "fault" in command:
            self.inject(fault_of(command["fault"], now_s - self.house.start_s))
        if "heal" in command:
            for slave in self.slaves.values():
                slave.heal(command["heal"])

    def truth(self) -> Record:
        """What is true at this moment."""
        now_s = self._clock.mono_s()
        self.house.advance(now_s)
        board, scene, battery = self.house.board, self.house.scene, self.house.battery
        points = self.house.points.items()
        return {
            **asdict(self.house.truth),
            "elapsed_s": self.house.elapsed_s,
            "line_a": board.line_a,
            "grid_w": board.grid_w,
            "pv_w": board.pv_w,
            "ev_w": board.ev_w,
            "heat_pump_w": board.pump_w,
            "battery_w": board.battery_w,
            "battery_pct": None if not (scene.battery and battery) else level_pct(scene.battery, battery),
            "circuit_a": {name: line_a for name, line_a in self.house.loads().items() if name},
            "limit_a": {name: point.offered_a(now_s) for name, point in points},
            "ev_a": {name: point.drawn_a for name, point in points},
            "starts_of": {name: point.starts for name, point in points},
            "stored_wh": {name: point.car.stored_wh for name, point in points},
            "requests": sum(slave.requests for slave in self.slaves.values()),
            "early": sum(slave.early for slave in self.slaves.values()),
        }

    def close(self) -> None:
        """Leave all lines."""
        for slave in self.slaves.values():
            slave.close()

    def inject(self, fault: Fault) -> None:
        """Let this fault happen on the serial lines it concerns."""
        for slave in self.slaves.values():
            if self.house.scene.concerns(fault, slave.bus):
                slave.inject(fault)


class DeskProcess:
    """The desk behind two pipes: commands come in by one descriptor, truth goes out by the other."""

    def __init__(self, commands: int, truths: int) -> None:
        self._commands = commands
        self._truths = truths
        self._text = b""
        self._ended = False
        setup = json.loads(self._first_line())
        scene = from_row(setup["scene"])
        self._period_s = max(1.0, scene.speed)
        self._clock = (ExactClock if scene.exact else FastClock)(scene.start, scene.speed)
        self._reactor = Reactor(self._clock)
        places = {
            name: PtyPlace(Path(port["path"]), tuple(port["pair"]) if port["pair"] else None)
            for name, port in setup["ports"].items()
        }
        self._desk = Desk(scene, places, self._reactor, self._clock)

    def run(self) -> None:
        """Turn until the commands end."""
        os.set_blocking(self._truths, False)
        self._reactor.watch(self._commands, self._hear)
        self._obey()
        self._tell_again()
        self._reactor.run_until(math.inf, lambda: self._ended)
        os.set_blocking(self._truths, True)
        self._tell()
        self._desk.close()
        self._reactor.close()

    def _first_line(self) -> bytes:
        while b"\n" not in self._text:
            data = os.read(self._commands, 65_536)
            if not data:
                raise EOFError("the scene was expected on standard input, in one line of JSON")
            self._text += data
        line, self._text = self._text.split(b"\n", 1)
        return line

    def _hear(self) -> None:
        data = os.read(self._commands, 65_536)
        self._text += data
        self._ended = not data
        self._obey()

    def _obey(self) -> None:
        *lines, self._text = self._text.split(b"\n")
        for line in lines:
            command = json.loads(line)
            self._desk.order(command)
            if "log" in command:
                self._tell_log(command["log"])
            self._ended = self._ended or command.get("end", False)

    def _tell_again(self) -> None:
        """Once a second of the machine, however fast the desk's own seconds pass."""
        self._tell()
        self._reactor.call_at(self._clock.mono_s() + self._period_s, self._tell_again)

    def _tell_log(self, bus: str) -> None:
        """Write the exchanges of one serial line, however long the reader takes."""
        rows = [astuple(exchange) for exchange in self._desk.slaves[bus].log]
        os.set_blocking(self._truths, True)
        line = json.dumps({"log": rows}).encode() + b"\n"
        while line:
            line = line[os.write(self._truths, line) :]
        os.set_blocking(self._truths, False)

    def _tell(self) -> None:
        """Write a record; a reader who lags misses some, one who has gone ends the desk."""
        line = json.dumps(self._desk.truth()).encode() + b"\n"
        try:
            os.write(self._truths, line)
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._ended = True


def main() -> None:
    """Run on the standard streams; Ctrl-C is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    DeskProcess(0, 1).run()


if __name__ == "__main__":
    main()
