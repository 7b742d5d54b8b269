"""The slaves of the measurement in a process of their own: one unit with 125 registers on each line.

``python -m tests.bench.wire.slave ANSWER_S LINE=BAUD:DELIVERY:PATH …``; "ready" on standard output, then the
name of a line on standard input gives its exchanges as one line of JSON. It ends with its input.
"""

import json
import os
import selectors
import struct
import sys
from dataclasses import astuple
from datetime import UTC
from pathlib import Path
from typing import get_args

from hems.clock import Ready, SystemClock
from hems.reactor import Reactor
from hems.sim.delivery import Delivery
from hems.sim.pdu import READ_HOLDING, Block, Unit
from hems.sim.ports import PtyPlace
from hems.sim.scene import Bus
from hems.sim.slave import Slave

UNIT = 1
REGISTERS = 125
LONGEST_S = 86_400.0
LOOKING_S = 0.0008
IMAGE = struct.pack(f">{REGISTERS}H", *range(REGISTERS))


class PunctualClock(SystemClock):
    """The machine's clock with a wait that ends on time: its last part is spent looking, not sleeping."""

    def rest(self, selector: selectors.BaseSelector, wait_s: float) -> Ready:
        """Sleep until shortly before the end, then look again and again."""
        until_s = self.mono_s() + wait_s
        ready = super().rest(selector, wait_s - LOOKING_S) if wait_s > LOOKING_S else []
        while not ready and self.mono_s() < until_s:
            ready = super().rest(selector, 0.0)
        return ready


def delivery(name: str) -> Delivery:
    """A delivery by its name."""
    return next(known for known in get_args(Delivery) if known == name)


def main() -> None:
    """Answer until standard input ends."""
    answer_s = float(sys.argv[1])
    reactor = Reactor(PunctualClock(UTC))
    slaves = {}
    for word in sys.argv[2:]:
        name, _, rest = word.partition("=")
        baud, how, path = rest.split(":", 2)
        unit = Unit(name, (Block(READ_HOLDING, 0, REGISTERS, lambda: IMAGE),), answer_s=(answer_s, answer_s))
        bus = Bus(name, int(baud), 10, delivery=delivery(how))
        slaves[name] = Slave({UNIT: unit}, PtyPlace(Path(path)), reactor, reactor.clock, bus)
    ended = False

    def hear() -> None:
        nonlocal ended
        asked = os.read(0, 4096).decode().split()
        ended = not asked
        for name in asked:
            print(json.dumps([astuple(row) for row in slaves[name].log]), flush=True)
            slaves[name].log.clear()

    reactor.watch(0, hear)
    print("ready", flush=True)
    reactor.run_until(reactor.clock.mono_s() + LONGEST_S, lambda: ended)


if __name__ == "__main__":
    main()
