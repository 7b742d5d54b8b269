"""`hems panel`: the appliance's front panel in this terminal, over its local socket (PNL-92, API-151).

The picture is the one that the real display shows, and keys are pressed on the real panel, marked as remote.
Every two seconds it is asked for anew: a service that does not answer is told of, and hears no keys then.
"""

import sys
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC
from typing import Any, Final

from hems.api.client import GRANTED, Client, NotRunning, Refused, told
from hems.clients import READ_WITHIN_S, connected, locale, socket_path
from hems.clients_told import Screen
from hems.clock import SystemClock
from hems.errors import HemsError
from hems.panel.keys import KeyEvent, Kind
from hems.panel.mirror import FRAME_BYTES, Pixels, Terminal, render, unpaged
from hems.reactor import Reactor
from hems.signals import StopSign

PULSE_S: Final = 2.0
LATE_S: Final = 3.0
TICK_S: Final = 0.25
STATUS: Final = "q ends  shared with who stands before the appliance"
AS_TEXT: Final = (128, 33)


def panel(named: str | None, *, small: bool = False) -> int:
    """Show and press until `q` or the service's end; where there is no terminal, print one picture."""
    path = socket_path(named)
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    with connected(path, READ_WITHIN_S) as client:
        reply = client.call("Hems.GetScreen")
        if reply.get("hemsError") != GRANTED:
            raise Refused(str(reply.get("reason", reply.get("hemsError"))))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("\n".join(line.rstrip() for line in render(picture(reply), "", *AS_TEXT, unicode=unicode)[:-1]))
        return 0
    with Client(path, timeout_s=READ_WITHIN_S, locale=locale()) as client, ExitStack() as resources:
        Mirrored(client, resources, small=small, unicode=unicode).run()
    return 0


def picture(reply: object) -> Pixels:
    """The picture of a reply or notification."""
    try:
        frame = b64decode(told(Screen, reply).frame, validate=True)
    except (NotBase64, ValueError):
        frame = b""
    if len(frame) != FRAME_BYTES:
        raise NotRunning("the service tells a picture that is none; is it of this program's version?")
    return unpaged(frame)


class Mirrored:
    """A terminal and the service's socket in one loop."""

    def __init__(self, client: Client, resources: ExitStack, *, small: bool, unicode: bool) -> None:
        self._client = client
        self._clock = SystemClock(UTC)
        self._reactor = Reactor(self._clock)
        resources.callback(self._reactor.close)
        self._stop = StopSign(self._reactor)
        resources.callback(self._stop.close)
        self._ended: HemsError | None = None
        self._heard_mono_s = self._clock.mono_s()
        self._pulse_mono_s = 0.0
        self._pixels = picture(client.call("Hems.GetScreen", follow=True))
        self._terminal = Terminal(
            self._reactor,
            self._clock,
            sys.stdin.fileno(),
            sys.stdout.fileno(),
            self._press,
            self._stop.ask,
            unicode=unicode,
            small=small,
        )
        resources.callback(self._terminal.close)
        self._small = small
        self._reactor.watch(client.fileno(), self._guarded(lambda: self._take(client.listen())))

    def run(self) -> None:
        """Until somebody asks for the end; a `HemsError` if the service ended first."""
        self._guarded(lambda: self._take(self._client.take()))()
        while not self._stop():
            self._guarded(self._tick)()
            self._reactor.run_until(self._clock.mono_s() + TICK_S, self._stop)
        if self._ended is not None:
            raise self._ended

    def _tick(self) -> None:
        """Ask anew now and then, and draw: the terminal may have another size."""
        now_s = self._clock.mono_s()
        if now_s >= self._pulse_mono_s and not self._late_s():
            self._pulse_mono_s = now_s + PULSE_S
            self._client.send("Hems.GetScreen")
        self._draw()

    def _take(self, packets: list[dict[str, Any]]) -> None:
        for packet in packets:
            self._heard_mono_s = self._clock.mono_s()
            params = packet.get("params")
            if isinstance(params, dict) and "frame" in params:
                self._pixels = picture(params)
        if packets and not self._small:
            self._draw()

    def _draw(self) -> None:
        late_s = self._late_s()
        status = f"q ends  the service has not answered for {late_s:.0f} s" if late_s else STATUS
        self._terminal.show(self._pixels, status)

    def _late_s(self) -> float:
        """How long nothing has been heard, 0 while that is usual."""
        silent_s = self._clock.mono_s() - self._heard_mono_s
        return silent_s if silent_s > LATE_S else 0.0

    def _press(self, event: KeyEvent) -> None:
        """A key is lost while nobody answers: pressed later it would mean something else."""
        if not self._late_s():
            hold = event.kind is Kind.HOLD
            self._guarded(lambda: self._client.send("Hems.PressKey", key=str(event.key), hold=hold))()

    def _guarded(self, call: Callable[[], object]) -> Callable[[], None]:
        """What goes wrong with the service ends the loop, and is said when the terminal is given back."""

        def guarded() -> None:
            try:
                call()
            except HemsError as error:
                self._ended = error
                self._stop.ask()

        return guarded
