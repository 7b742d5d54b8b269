"""The parent's end of a desk that runs as a process of its own."""

import contextlib
import json
import os
import subprocess
import sys
import tty
from collections.abc import Mapping
from typing import Any, Final

from hems.sim.scene import Scene, to_row

END_WAIT_S: Final = 5.0


class HouseProcess:
    """A simulated house in another process, on a pseudo-terminal.

    `port` is the path to open as a serial port. `fd` becomes readable when a truth record has come; call
    `take` then, and look at `latest`. The parent keeps the port open itself, so that closing and opening it
    again looks to the desk like a quiet line.
    """

    def __init__(self, scene: Scene) -> None:
        desk_end, self._port_end = os.openpty()
        tty.setraw(self._port_end)
        self.port = os.ttyname(self._port_end)
        self.latest: Mapping[str, Any] = {}
        self._text = b""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hems.sim.desk"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(desk_end,),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._commands = self._process.stdin
        self.fd = self._process.stdout.fileno()
        os.set_blocking(self.fd, False)
        self.send({"descriptor": desk_end, "scene": to_row(scene)})
        os.close(desk_end)

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
        os.close(self._port_end)
        return self.latest

    def _keep(self, data: bytes) -> None:
        *lines, self._text = (self._text + data).split(b"\n")
        if lines:
            self.latest = json.loads(lines[-1])
