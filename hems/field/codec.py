"""How requests become bytes and bytes answers: one row of functions for each framing."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import attrgetter
from typing import Final

from hems.field import ascii as digits
from hems.field import exchange as rtu
from hems.field.exchange import Outcome, Pending, Request
from hems.field.profile import Framing, Serial

REMEMBERED: Final = 512


@dataclass(frozen=True, slots=True)
class Codec:
    """A framing. `head_chars` hold a whole exception, and the head of any other answer.

    A device begins no answer sooner than `pause_chars` after a request.
    """

    frame: Callable[[Request], bytes]
    judge: Callable[[Request, bytes], Outcome | Pending]
    sound: Callable[[bytes], bool]
    answer_chars: Callable[[Request], int]
    head_chars: int
    pause_chars: float


RTU: Final = Codec(
    frame=lru_cache(REMEMBERED)(rtu.frame),
    judge=rtu.judge,
    sound=rtu.sound,
    answer_chars=attrgetter("answer_bytes"),
    head_chars=rtu.EXCEPTION_BYTES,
    pause_chars=3.5,
)


@lru_cache
def codec(framing: Framing, serial: Serial) -> Codec:
    """The framing of a line, as one of its devices speaks it."""
    if framing == "rtu":
        return RTU
    start, echo = serial.answer_start, serial.low_address_echo
    return Codec(
        frame=lru_cache(REMEMBERED)(digits.frame),
        judge=partial(digits.judge, start=start, low_address_echo=echo),
        sound=digits.sound,
        answer_chars=digits.answer_chars,
        head_chars=digits.EXCEPTION_CHARS,
        pause_chars=1.5,
    )
