"""All devices of one serial line, at the far end of its wire, paced to the character.

Theory of operation: a pseudo-terminal or socket carries a request at once, so the bytes heard are taken to
last their character times from the first on. After 3.5 characters (1.75 ms above 19,200 baud) without another
byte what was heard is one frame. A right one for a device here is carried out; after the device's own time
the answer begins, and each of its characters is handed over when its stop bit would be through. Wrong check
sums and unit ids nobody has here get no answer. Devices answer independently of each other, so a late answer
may run into somebody else's time, as on a real line.
"""

import contextlib
import math
import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from hems.model.loop import Clock, Loop, Timer
from hems.sim.faults import Fault, Spoilt, refused, spoil
from hems.sim.pdu import READ_HOLDING, READ_INPUT, REFUSED, Unit, is_sealed, reply, seal

SILENCE_CHARS: Final = 3.5
FAST_BAUD: Final = 19_200
FAST_SILENCE_S: Final = 0.00175
FIFO_TIMEOUT_CHARS: Final = 3.2
"""A FIFO that is not full hands over what it holds after so many characters of silence."""
LOG_ROWS: Final = 20_000
ROUNDING_S: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as the slave's clock saw it, in monotonic seconds.

    `gap_s` is the silence between the last traffic and the request's first byte. Answer times are ``None``
    where nothing was answered. `late_s` is how much too late the slave itself was at worst.
    """

    unit: int
    function: int
    request_s: float
    request_end_s: float
    gap_s: float
    answer_s: float | None = None
    answer_end_s: float | None = None
    late_s: float = 0.0


@dataclass(slots=True)
class Answer:
    """A frame on its way: `pieces` are (bytes handed over by then, characters after the start)."""

    request: Exchange
    frame: bytes
    start_s: float
    pieces: list[tuple[int, float]]
    place: int = 0
    sent: int = 0
    late_s: float = 0.0


def pieces(length: int, chunk_bytes: int) -> list[tuple[int, float]]:
    """How a frame arrives: byte by byte (1), as from a FIFO of `chunk_bytes`, or whole at its end (0)."""
    size = chunk_bytes or length
    rows = [(upto, float(upto)) for upto in range(size, length + 1, size)]
    if length % size:
        rows.append((length, length + FIFO_TIMEOUT_CHARS))
    return rows


class Slave:
    """The far end of one line. It owns `descriptor` and closes it.

    `early` counts requests sent before the silence had passed: it must stay 0. `bits` are those of a
    character on the wire.
    """

    def __init__(
        self,
        units: Mapping[int, Unit],
        descriptor: int,
        loop: Loop,
        clock: Clock,
        *,
        baud: int = 9600,
        bits: int = 10,
        chunk_bytes: int = 1,
        seed: int = 0,
    ) -> None:
        self.log: deque[Exchange] = deque(maxlen=LOG_ROWS)
        self.requests = 0
        self.early = 0
        self.char_s = bits / baud
        self.silence_s = SILENCE_CHARS * self.char_s if baud <= FAST_BAUD else FAST_SILENCE_S
        self._units = units
        self._descriptor = descriptor
        self._loop = loop
        self._clock = clock
        self._chunk_bytes = chunk_bytes
        self._chance = Random(seed)
        self._start_s = clock.mono_s()
        self._faults: list[Fault] = []
        self._heard = bytearray()
        self._began_s = self._ends_s = self._gap_s = 0.0
        self._quiet_since_s = -math.inf
        self._judging: Timer | None = None
        self._open = True
        os.set_blocking(descriptor, False)
        loop.watch(descriptor, self._hear)

    def inject(self, fault: Fault) -> None:
        """Let this happen from now on, or from its own time on."""
        if fault.kind == "vanish":
            self._loop.call_at(self._start_s + fault.from_s, self.close)
        else:
            self._faults.append(fault)

    def heal(self, device: str) -> None:
        """Take all faults of this device back; "" = those which concern all devices."""
        self._faults = [fault for fault in self._faults if fault.device != device]

    def close(self) -> None:
        """Leave the line: close the descriptor and answer nobody."""
        if self._open:
            self._open = False
            self._loop.forget(self._descriptor)
            os.close(self._descriptor)

    def _hear(self) -> None:
        try:
            data = os.read(self._descriptor, 4096)
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        now_s = self._clock.mono_s()
        if not self._heard:
            self._began_s = now_s
            self._gap_s = now_s - self._quiet_since_s
        self._heard += data
        self._ends_s = max(now_s, self._began_s + len(self._heard) * self.char_s)
        self._quiet_since_s = max(self._quiet_since_s, self._ends_s)
        if self._judging is not None:
            self._judging.cancel()
        self._judging = self._loop.call_at(self._ends_s + self.silence_s, self._judge)

    def _judge(self) -> None:
        """A frame is complete: carry it out."""
        frame, self._heard = bytes(self._heard), bytearray()
        if not self._open:
            return
        self.requests += 1
        self.early += self._gap_s < self.silence_s - ROUNDING_S
        number, function = frame[0], frame[1] if len(frame) > 1 else 0
        request = Exchange(number, function, self._began_s, self._ends_s, self._gap_s)
        unit = self._units.get(number)
        if unit is None or not is_sealed(frame):
            self.log.append(request)
            return
        elapsed_s = self._clock.mono_s() - self._start_s
        faults = [fault for fault in self._faults if fault.befalls(unit.name, elapsed_s, self._chance)]
        answer = refused(faults, number, function)
        if answer is None:
            answer = seal(number, reply(unit, frame[1:-2]))
            if not faults:
                _tell(unit, frame, answer)
        spoilt = spoil(faults, answer, self._chance) if answer else Spoilt(answer)
        if spoilt.frame:
            own_s = self._chance.uniform(*unit.answer_s) + spoilt.late_s
            rows = pieces(len(spoilt.frame), self._chunk_bytes)
            self._send_later(Answer(request, spoilt.frame, self._ends_s + self.silence_s + own_s, rows))
        else:
            self.log.append(request)

    def _send_later(self, answer: Answer) -> None:
        self._loop.call_at(self._due_s(answer), lambda: self._send(answer))

    def _send(self, answer: Answer) -> None:
        """Hand over every piece that is due, and come again for the next."""
        if not self._open:
            return
        now_s = self._clock.mono_s()
        passed = (now_s + ROUNDING_S - answer.start_s) / self.char_s
        answer.late_s = max(answer.late_s, now_s - self._due_s(answer))
        last = len(answer.pieces) - 1
        while answer.place < last and answer.pieces[answer.place + 1][1] <= passed:
            answer.place += 1
        upto, _ = answer.pieces[answer.place]
        self._put(answer.frame[answer.sent : upto])
        answer.sent = upto
        late_s = max(0.0, now_s - self._due_s(answer))
        end_s = answer.start_s + upto * self.char_s + late_s
        self._quiet_since_s = max(self._quiet_since_s, end_s)
        if answer.place < last:
            answer.place += 1
            self._send_later(answer)
        else:
            row = replace(answer.request, answer_s=answer.start_s, answer_end_s=end_s, late_s=answer.late_s)
            self.log.append(row)

    def _due_s(self, answer: Answer) -> float:
        return answer.start_s + answer.pieces[answer.place][1] * self.char_s

    def _put(self, data: bytes) -> None:
        """Nobody there to take it, or nobody emptying the buffer: the bytes are gone, as on a wire."""
        with contextlib.suppress(OSError):
            os.write(self._descriptor, data)


def _tell(unit: Unit, request: bytes, answer: bytes) -> None:
    """Let the unit know of a read that was answered."""
    if request[1] in {READ_HOLDING, READ_INPUT} and not answer[1] & REFUSED:
        unit.on_read(int.from_bytes(request[2:4], "big"), int.from_bytes(request[4:6], "big"))
