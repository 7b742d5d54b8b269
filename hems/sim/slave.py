"""All devices of one serial line, at the far end of its wire, paced to the character.

Theory of operation: a pseudo-terminal or socket carries a request at once, so the bytes heard are taken to
last their character times from the first on. After 3.5 characters (1.75 ms above 19,200 baud) without another
byte, or in ASCII with the end of its line, what was heard is one frame. A right one for a device here is
carried out; after the device's own time the answer begins, and each of its characters is handed over when its
stop bit would be through. Wrong check sums and unit ids nobody has here get no answer, broadcasts are carried
out unanswered. Devices answer independently of each other, so a late answer may run into somebody else's
time, as on a real line. What goes wrong with the port and the line itself is in `upsets`.
"""

import os
from collections import deque
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

from hems.model.loop import Clock, Loop, Timer
from hems.sim.faults import Fault, Faults, refusal_of
from hems.sim.frames import ASCII_END, opened
from hems.sim.pdu import BROADCAST, READS, REFUSED, WRITES, Unit, refusal, reply
from hems.sim.ports import Place
from hems.sim.scene import BUS, Bus
from hems.sim.sending import ROUNDING_S, Exchange, Sender
from hems.sim.spoiling import spoil
from hems.sim.upsets import Upsets

SILENCE_CHARS: Final = 3.5
FAST_BAUD: Final = 19_200
FAST_SILENCE_S: Final = 0.00175
ASCII_PATIENCE_S: Final = 1.0
"""An ASCII frame that does not go on for so long is given up."""
LOG_ROWS: Final = 20_000
READ_BYTES: Final = 4096


class Slave:
    """The far end of one line, at its `place`.

    `log` holds the last exchanges, `requests` counts all frames heard, `early` those sent before the silence
    had passed or into an answer: it must stay 0.
    """

    def __init__(
        self,
        units: Mapping[int, Unit],
        place: Place,
        loop: Loop,
        clock: Clock,
        bus: Bus = BUS,
        *,
        seed: int = 0,
        faults: Sequence[Fault] = (),
    ) -> None:
        self.log: deque[Exchange] = deque(maxlen=LOG_ROWS)
        self.requests = 0
        self.early = 0
        self.bus = bus
        self.char_s = bus.bits / bus.baud
        self.silence_s = silence_s(bus)
        self._units = units
        self._loop = loop
        self._clock = clock
        self._chance = Random(seed)
        self._start_s = clock.mono_s()
        self._faults = Faults(self._chance)
        self._sender = Sender(loop, clock, self.char_s, bus.delivery)
        self._heard = bytearray()
        self._began_s = self._ends_s = self._gap_s = 0.0
        self._into_answer = False
        self._echo: Sequence[Fault] | None = None
        self._judging: Timer | None = None
        self._upsets = Upsets(place, loop, clock, bus, self._sender, self._faults, self._hear, self._forget)
        for fault in faults:
            self.inject(fault)
        self._upsets.begin()

    def inject(self, fault: Fault) -> None:
        """Let this happen from now on, or from its own time on."""
        self._faults.add(fault)
        if fault.by_time:
            self._upsets.arrange(fault, self._named(fault.device))

    def heal(self, device: str) -> None:
        """Take all faults of this device back; "" = those which concern all devices, and the port's."""
        self._faults.heal(device)
        if not device:
            self._upsets.heal()

    def close(self) -> None:
        """Leave the line for good."""
        self._upsets.close()

    def _named(self, device: str) -> list[Unit]:
        return [unit for unit in self._units.values() if device in {"", unit.name}]

    def _elapsed_s(self) -> float:
        return self._clock.mono_s() - self._start_s

    def _hear(self) -> None:
        try:
            data = os.read(self._sender.descriptor, READ_BYTES)
        except OSError:
            data = b""
        if not data:
            self._upsets.close()
            return
        now_s = self._clock.mono_s()
        if not self._heard:
            self._begin(data, now_s)
        self._resound(data, max(now_s, self._ends_s))
        self._heard += data
        self._ends_s = max(now_s, self._began_s + len(self._heard) * self.char_s)
        self._sender.quiet_since_s = max(self._sender.quiet_since_s, self._ends_s)
        if self._judging is not None:
            self._judging.cancel()
        self._judging = self._loop.call_at(self._ends_s + self._patience_s(), self._judge)

    def _forget(self) -> None:
        """What was heard leads to nothing."""
        self._heard.clear()
        if self._judging is not None:
            self._judging.cancel()

    def _patience_s(self) -> float:
        """How long after the last byte a frame is known to be whole."""
        if self.bus.framing == "rtu":
            return self.silence_s
        return 0.0 if self._heard.endswith(ASCII_END) else ASCII_PATIENCE_S

    def _begin(self, data: bytes, now_s: float) -> None:
        """The first byte of a request."""
        self._began_s = self._ends_s = now_s
        self._gap_s = now_s - self._sender.quiet_since_s
        self._into_answer = self._sender.is_heard
        if self.log and self.log[-1].next_s is None:
            self.log[-1].next_s = now_s
        number, function = _addressed(data, self.bus.framing == "ascii")
        unit = self._units.get(number)
        device = unit.name if unit is not None else ""
        self._echo = self._faults.striking(device, function, self._elapsed_s(), echoes=True)

    def _resound(self, data: bytes, start_s: float) -> None:
        """What the near end hears of itself."""
        if self._echo or self.bus.echo:
            lost = sum(int(fault.figure) for fault in self._echo or () if fault.kind == "echo_short")
            self._sender.send(data[: max(0, len(data) - lost)], start_s)

    def _judge(self) -> None:
        """A frame is complete: note it, and carry it out."""
        frame, self._heard = bytes(self._heard), bytearray()
        self.requests += 1
        self.early += self._into_answer or self._gap_s < self.silence_s - ROUNDING_S
        number, function = _addressed(frame, self.bus.framing == "ascii")
        exchange = Exchange(number, function, self._began_s, self._ends_s, self._gap_s)
        self.log.append(exchange)
        request = opened(frame, self.bus.framing)
        if request is None:
            return
        number, pdu = request
        for unit in self._meant(number, pdu[0]):
            self._ask(unit, number, pdu, exchange)

    def _meant(self, number: int, function: int) -> list[Unit]:
        """The units that take this request, if they hear it."""
        if number != BROADCAST:
            unit = self._units.get(number)
            return [] if unit is None else [unit]
        return [unit for unit in self._units.values() if unit.found or function in WRITES]

    def _ask(self, unit: Unit, number: int, pdu: bytes, exchange: Exchange) -> None:
        faults = self._faults.striking(unit.name, pdu[0], self._elapsed_s())
        for fault in faults:
            self._upsets.strike(fault, self._named(fault.device))
        if not self._upsets.is_there or self._upsets.is_down(unit):
            return
        if self._gap_s > unit.wake_after_s or not unit.awake():
            return
        refused = refusal_of(faults, pdu[0])
        if refused is None:
            answer = reply(unit, pdu)
        elif refused.kind == "exception":
            answer = refusal(pdu[0], int(refused.figure))
        else:
            answer = b""
        if not answer or (number == BROADCAST and pdu[0] in WRITES):
            return
        if pdu[0] in READS and not answer[0] & REFUSED and all(fault.is_readable for fault in faults):
            unit.on_read(int.from_bytes(pdu[1:3], "big"), int.from_bytes(pdu[3:5], "big"))
        self._answer(unit, answer, faults, exchange)

    def _answer(self, unit: Unit, answer: bytes, faults: Sequence[Fault], exchange: Exchange) -> None:
        number = next(number for number, other in self._units.items() if other is unit)
        spoilt = spoil(
            faults,
            number,
            answer,
            self._chance,
            self.char_s,
            framing=self.bus.framing,
            start=unit.start,
        )
        own_s = self._chance.uniform(*unit.answer_s) + spoilt.late_s
        start_s = self._ends_s + self.silence_s + own_s
        self._sender.send(spoilt.frame, start_s, exchange=exchange, pauses=spoilt.pauses)


def silence_s(bus: Bus) -> float:
    """The silence a request owes: 3.5 characters, 1.75 ms above 19,200 baud, none in ASCII."""
    if bus.framing == "ascii":
        return 0.0
    return SILENCE_CHARS * bus.bits / bus.baud if bus.baud <= FAST_BAUD else FAST_SILENCE_S


def _addressed(frame: bytes, is_ascii: bool) -> tuple[int, int]:
    """Unit and function as far as they can be made out, 0 for what cannot."""
    if is_ascii:
        digits = frame[1:5].ljust(4, b"0")
        try:
            frame = bytes.fromhex(digits.decode())
        except ValueError:
            return 0, 0
    return frame[0], frame[1] if len(frame) > 1 else 0
