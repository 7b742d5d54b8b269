"""The parent's end of a desk that runs as a process of its own."""

import contextlib
import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hems.sim.ports import PtyPlace
from hems.sim.scene import Bus, Scene, to_row
from hems.sim.sending import Exchange

END_WAIT_S: Final = 5.0


class HouseProcess:
    """A simulated house in another process, on a pseudo-terminal for each of its serial lines.

    `ports` are the paths to open as serial ports, by the names of the lines, `port` that of the first. The
    names stay while what is behind them comes and goes. `fd` becomes readable when a truth record has come;
    call `take` then, and look at `latest`.
    """

    def __init__(self, scene: Scene) -> None:
        self._folder = TemporaryDirectory(prefix="hems-desk-")
        self.ports = {bus.name: str(Path(self._folder.name, bus.name)) for bus in scene.buses}
        self.port = self.ports[scene.buses[0].name]
        self.latest: Mapping[str, Any] = {}
        self._logs: list[list[list[Any]]] = []
        self._text = b""
        pairs = {bus.name: _first_pair(scene, bus, self.ports[bus.name]) for bus in scene.buses}
        inherited = [end for pair in pairs.values() for end in pair]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hems.sim.desk"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=inherited,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._commands = self._process.stdin
        self.fd = self._process.stdout.fileno()
        os.set_blocking(self.fd, False)
        ports = {name: {"path": self.ports[name], "pair": pair} for name, pair in pairs.items()}
        self.send({"ports": ports, "scene": to_row(scene)})
        for end in inherited:
            os.close(end)

    def send(self, command: Mapping[str, Any]) -> None:
        """Send a command as `hems.sim.desk.Desk.order` takes it; a desk that has ended hears nothing."""
        with contextlib.suppress(BrokenPipeError):
            self._commands.write(json.dumps(command).encode() + b"\n")
            self._commands.flush()

    def take(self) -> bool:
        """Take over the records that have come, without waiting; false once the desk has ended."""
        try:
            data = os.read(self.fd, 65_536)
        except BlockingIOError:
            return True
        self._keep(data)
        return bool(data)

    def wait(self) -> None:
        """Wait until the desk is there, which its first record says, or has ended."""
        while not self.latest and self.take():
            select.select([self.fd], [], [], END_WAIT_S)

    def log(self, bus: str) -> list[Exchange]:
        """The last exchanges of one serial line, by the desk's own clock; waits for them."""
        self._logs.clear()
        self.send({"log": bus})
        while not self._logs and self.take():
            select.select([self.fd], [], [], END_WAIT_S)
        return [Exchange(*row) for rows in self._logs for row in rows]

    def stop(self) -> Mapping[str, Any]:
        """End the desk, once, and give back its last record; kills it if it does not end by itself."""
        if self._commands.closed:
            return self.latest
        self.send({"end": True})
        try:
            rest, _ = self._process.communicate(timeout=END_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            rest, _ = self._process.communicate()
        self._keep(rest)
        self._folder.cleanup()
        return self.latest

    def _keep(self, data: bytes) -> None:
        *lines, self._text = (self._text + data).split(b"\n")
        for line in lines:
            record = json.loads(line)
            if "log" in record:
                self._logs.append(record["log"])
            else:
                self.latest = record


def _first_pair(scene: Scene, bus: Bus, path: str) -> tuple[int, ...]:
    """The two ends with which a line begins: none if it begins absent, held if it begins busy."""
    begins = {fault.kind for fault in scene.faults if fault.begins_at_once and scene.concerns(fault, bus)}
    if "vanish" in begins:
        return ()
    place = PtyPlace(Path(path))
    far = place.appear()
    place.occupy(held="busy" in begins)
    return far, place.near
