"""What the door costs: answers, news for many, the energy log, and what a hostile client can delay.

``python -m tests.bench.api [SECONDS]``: the real service on a simulated house behind a serial line of 9,600
baud, clients in processes of their own, so long for each (6 s unless told). How long one turn of the loop
takes is processor time, which a busy machine does not spoil; answers are in real time.
"""

import json
import logging
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import gpiozero
from gpiozero.pins.mock import MockFactory
from msgspec import structs

from hems.api.door import Door
from hems.api.house import House as Around
from hems.api.table import TABLE
from hems.assembly import House, build, fitting, open_door, open_face, settle
from hems.clock import FastClock
from hems.config import parse
from hems.demo import BEGINS_AT
from hems.journal.journal import create_book
from hems.journal.rows import Row
from hems.model.decision import Command
from hems.model.edges import Api, Panel
from hems.model.instant import Instant
from hems.model.site import Config
from hems.sim.desk_link import HouseProcess
from hems.sim.scene import demo_house
from tests.api.doorstep import TOYS, Box, Doorstep
from tests.api.drawers import HOUSE, Keys
from tests.bench.targets import Figure, judge
from tests.panel.views import HOUSE as VIEW

ATTACKS: Final = (
    "letters",
    "braces",
    "pairs",
    "nesting",
    "bytes",
    "introspect",
    "never reading",
    "connects",
    "half handshakes",
    "logins",
    "prices",
    "log range",
    "intents",
    "31 of them",
    "31 with prices",
)
STATUS: Final = b'{"id":1,"method":"Toy.Echo","params":{"say":"%s"}}' % (b"x" * 950)
LOGS: Final = {"sampleRate": "SampleRate15Mins", "from": 0}
ROWS: Final = 3_000
SHOWN: Final = 60
"""Views after which the door knows the whole log: it looks at a day of it with each."""

TIMES: Final = 2_000


@dataclass
class Turns:
    """The loop's turns and the cycle's steps, in processor milliseconds of this thread."""

    longest_ms: float = 0.0
    acting_ms: float = 0.0
    _read_s: float = 0.0

    def watch(self, house: House) -> None:
        """Measure every turn, and from the end of reading to the end of acting."""
        turn, read, act = house.reactor._turn, house.field.read, house.field.act

        def turned(deadline_mono_s: float) -> None:
            began_s = time.thread_time()
            turn(deadline_mono_s)
            self.longest_ms = max(self.longest_ms, (time.thread_time() - began_s) * 1000)

        def was_read(now: Instant) -> Any:
            snapshot = read(now)
            self._read_s = time.thread_time()
            return snapshot

        def acted(command: Command, now: Instant) -> None:
            act(command, now)
            self.acting_ms = max(self.acting_ms, (time.thread_time() - self._read_s) * 1000)

        house.reactor._turn = turned  # type: ignore[method-assign]
        house.field.read = was_read  # type: ignore[method-assign]
        house.field.act = acted  # type: ignore[method-assign]

    def reset(self) -> None:
        """Begin anew."""
        self.longest_ms = self.acting_ms = 0.0


class Log:
    """An energy log of so many quarters."""

    def __init__(self) -> None:
        totals = {f"site.{name}": 10_000 for name in ("grid_import", "grid_export", "pv", "home")}
        means = {f"site.{name}": 500 for name in ("grid", "pv", "battery", "home")}
        last_s = int(VIEW.now.wall.timestamp()) // 900 * 900
        self._rows = [Row(last_s - (ROWS - 1 - i) * 900, means, totals) for i in range(ROWS)]

    def minutes(self, begin_s: int, end_s: int) -> Sequence[Row]:
        return ()

    def quarters(self, begin_s: int, end_s: int, at_most: int = ROWS) -> Sequence[Row]:
        return [row for row in self._rows if begin_s <= row.end_s <= end_s][-at_most:]

    def listed(self, name: str) -> Sequence[Mapping[str, Any]]:
        return ()


def certificate(folder: Path) -> tuple[str, str]:
    """An EC certificate and its key; empty where it cannot be made."""
    openssl = shutil.which("openssl")
    if openssl is None:
        return "", ""
    made, key = str(folder / "c"), str(folder / "k")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    command = [openssl, "req", "-x509", *curve, "-nodes", "-subj", "/CN=hems", "-keyout", key, "-out", made]
    subprocess.run(command, check=True, capture_output=True)
    return made, key


def installation(folder: Path, port: str, tls_port: int) -> Config:
    """The demo's house with its door open."""
    made, key = certificate(folder)
    tls = f"127.0.0.1:{tls_port}" if made else ""
    api = Api(socket=str(folder / "sock"), tls=tls, certificate=made, key=key)
    text = files("hems.sim").joinpath("demo.toml").read_text().replace("PORT", port)
    return structs.replace(fitting(parse(text.encode())), api=api, panel=Panel())


def dispatch() -> Iterator[Figure]:
    """Processor time of one request, bytes in to bytes out."""
    step = Doorstep(TOYS)
    client = step.client()
    began_s = time.process_time()
    for _ in range(TIMES):
        step.door.receive(client, STATUS, step.now)
        (sent,) = step.door.work(step.now)
        step.door.left(client, 0, step.now)
    yield Figure("dispatch of a 1 kB status", (time.process_time() - began_s) / TIMES * 1e6, "us", at_most=50)
    keys = Keys()
    door = Door(TABLE, Around(HOUSE, Box(), Log(), keys.keyring), lambda: None)
    number = door.accept("unix", "", step.now)
    assert number is not None
    taken_ms = []
    for _ in range(SHOWN):
        door.show(VIEW, step.now)
    for method, params in (("JSONRPC.Hello", {}), *[("Energy.GetPowerBalanceLogs", LOGS)] * 9):
        request = json.dumps({"id": 1, "method": method, "params": params}).encode()
        began_s = time.process_time()
        door.receive(number, request, step.now)
        (sent,) = door.work(step.now)
        taken_ms.append((time.process_time() - began_s) * 1000)
        door.left(number, 0, step.now)
    rows = json.loads(getattr(sent, "data", b"{}"))["params"]["powerBalanceLogEntries"]
    yield Figure("rows of the log in that reply", len(rows), "", at_least=ROWS)
    yield Figure("3,000 rows of the log", sorted(taken_ms[1:])[4], "ms", at_most=5)


def resident_mib() -> float:
    """Memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024 / 1024


@dataclass
class Scene:
    """The running service and how to put clients before it."""

    house: House
    turns: Turns
    path: str
    port: int
    seconds: float

    def play(self, what: str = "") -> list[float]:
        """Run for a while, with such clients or without any; what they say at their end."""
        command = [sys.executable, "-m", "tests.bench.callers", what, self.path, str(self.port)]
        supervisor = self.house.supervisor
        child = None
        if what:
            child = subprocess.Popen([*command, str(self.seconds)], stdout=subprocess.PIPE)
        until_s = supervisor.clock.mono_s() + self.seconds + (1.0 if what else 0.0)
        supervisor.run(lambda: False, until_s)
        said = child.communicate()[0] if child else b""
        found: list[float] = json.loads(said or b"[]")
        return found

    def cost(self, what: str = "") -> float:
        """Processor time in per cent of one core."""
        cpu_s, wall_s = time.process_time(), time.monotonic()
        said = self.play(what)
        assert not what or said[0] > 0, "nobody heard anything"
        return (time.process_time() - cpu_s) / (time.monotonic() - wall_s) * 100


def service(scene: Scene) -> Iterator[Figure]:
    """Answers, twenty listeners, and every hostile client."""
    scene.play()
    scene.turns.reset()
    alone_pct = scene.cost()
    base_ms, base_acting_ms = scene.turns.longest_ms, scene.turns.acting_ms
    taken_ms = scene.play("polite")
    yield Figure("answers", len(taken_ms), "", at_least=100)
    yield Figure("answer, median", taken_ms[len(taken_ms) // 2], "ms", at_most=10)
    yield Figure("answer on a busy line, p99", taken_ms[int(len(taken_ms) * 0.99)], "ms", at_most=100)
    before_mib = resident_mib()
    crowd_pct = scene.cost("listening")
    yield Figure("cost of 20 listeners", crowd_pct - alone_pct, "%", at_most=2)
    yield Figure("memory of 20 listeners", resident_mib() - before_mib, "MB", at_most=8)
    yield Figure("longest turn, nobody there", base_ms, "ms")
    for attack in ATTACKS:
        scene.turns.reset()
        scene.play(attack)
        yield Figure(f"{attack}: longest turn", scene.turns.longest_ms - base_ms, "ms", at_most=5)
        acting_ms = scene.turns.acting_ms - base_acting_ms
        yield Figure(f"{attack}: read to act", acting_ms, "ms", at_most=5)


def main() -> int:
    """Measure all of it."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 6.0
    logging.disable()
    figures = [*dispatch()]
    with ExitStack() as resources:
        folder = Path(resources.enter_context(TemporaryDirectory(prefix="hems-door-")))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        create_book(folder)
        outside = HouseProcess(demo_house(1, "sunny", BEGINS_AT))
        resources.callback(outside.stop)
        gpiozero.Device.pin_factory = MockFactory()
        config = installation(folder, outside.port, port)
        house = build(config, FastClock(BEGINS_AT, 1.0), folder, resources=resources)
        outside.wait()
        turns = Turns()
        turns.watch(house)
        house.supervisor.start()
        open_door(house, open_face(house, resources), resources)
        settle()
        figures += service(Scene(house, turns, config.api.socket, port, seconds))
        assert house.supervisor.view is not None
        door = house.supervisor.view.around.door
        figures.append(Figure("longest time in the door", door.longest_ms, "ms"))
        house.supervisor.stop()
    return judge(figures)


if __name__ == "__main__":
    sys.exit(main())
