"""What may go wrong on a wire, as rows: which requests a fault strikes, and what it does then.

`KINDS` says of every kind what it does and what its figures mean. Where it acts decides what it can spoil:

- *request*: the device does not carry the request out;
- *answer*: the request is carried out and its answer is spoilt, kinds piling up in the order of their rows;
- *line*: nothing to do with an answer: it begins at `from_s`, or with `nth` when that request has been heard.

Some situations are made of more than a kind's name: a write that is carried out while its answer is lost is
`short` with 0; stray bytes without an answer are that and then `noise`; a write that is not taken is `deaf`.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from random import Random
from typing import Any, Final, Literal

from hems.sim.frames import HEX_DIGITS
from hems.sim.pdu import READS

FaultKind = Literal[
    "silence",
    "deaf",
    "exception",
    "late",
    "crc",
    "short",
    "noise",
    "prefix",
    "suffix",
    "other_unit",
    "other_function",
    "other_count",
    "other_address",
    "pause",
    "babble",
    "twin",
    "echo",
    "echo_short",
    "vanish",
    "back",
    "busy",
    "stuck",
    "restart",
    "foreign_master",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind does; `value` names its figure ("" = it has none) and `usual` is that without being told.

    A figure lies between `least` and `most`; a kind that `needs_data` is nothing without. The answer of a
    `readable` kind may still be accepted by a careful master.
    """

    acts_on: Literal["request", "answer", "line"]
    does: str
    value: str = ""
    usual: float = 0.0
    least: float = 0.0
    most: float = 3600.0
    readable: bool = False
    needs_data: bool = False


KINDS: Final[Mapping[FaultKind, Kind]] = {
    "silence": Kind("request", "no answer"),
    "deaf": Kind("request", "no answer to anything but reads"),
    "exception": Kind("request", "an exception answer", "its code", 4, most=255),
    "late": Kind("answer", "the answer comes later", "seconds", 0.4),
    "crc": Kind("answer", "a wrong check sum (CRC or LRC)"),
    "short": Kind(
        "answer", "the answer ends early", "bytes that are left of it, 0 = a lost answer", 3, most=300
    ),
    "noise": Kind("answer", "stray bytes before the answer", "their number", 3, most=300, readable=True),
    "prefix": Kind("answer", "the bytes of `data` before the answer", readable=True, needs_data=True),
    "suffix": Kind("answer", "the bytes of `data` after the answer", readable=True, needs_data=True),
    "other_unit": Kind("answer", "the answer names another unit", "how much its id is higher", 1, most=255),
    "other_function": Kind(
        "answer", "the answer has another function", "its code, 0 = the sibling's", most=255
    ),
    "other_count": Kind(
        "answer",
        "more registers or bytes of bits; after a write another value or quantity",
        "how many",
        1,
        -250,
        250,
    ),
    "other_address": Kind(
        "answer", "a write's answer names another address", "how much higher", 1, -65_535, 65_535
    ),
    "pause": Kind("answer", "a silence before the byte `at` of the answer", "seconds", 0.04, readable=True),
    "babble": Kind("answer", "random bytes from the answer's begin on, instead of it", "seconds", 3, most=60),
    "twin": Kind(
        "answer", "a second device with the same id answers too", "seconds after the first", most=60
    ),
    "echo": Kind("line", "the near end hears its own requests", readable=True),
    "echo_short": Kind("line", "as echo, with bytes lost", "how many", 1, most=300, readable=True),
    "vanish": Kind("line", "the port is gone", "seconds, 0 = until `until_s`"),
    "back": Kind("line", "the port that vanished is there again, under its old name"),
    "busy": Kind("line", "another program holds the port", "seconds, 0 = until `until_s`"),
    "stuck": Kind("line", "the port takes no bytes", "seconds, 0 = until `until_s`"),
    "restart": Kind("line", "the device loses what is not stored and is silent", "seconds of silence", 2),
    "foreign_master": Kind(
        "line", "requests and answers of another master", "exchanges per second", 2, 0.01, 50
    ),
}

ECHOES: Final = frozenset({"echo", "echo_short"})
STILL_WAITED_S: Final = 0.1
"""An answer that is no later than this is still waited for by every master."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what (`kind`, `value`, `at`, `data`), and which requests it strikes (the rest).

    It strikes requests to `device` ("" = all) by `function` (0 = all), heard from `from_s` until `until_s`
    seconds after the desk's start; of these only the `nth` since it was injected (0 = all, 1 = the first),
    and of what is left a `share` (0..1) by chance. `value` means what `KINDS` says, ``None`` = the usual one.
    `at` is the byte before which a pause falls, `data` hexadecimal bytes for prefix and suffix. `bus` names
    the serial line of kinds that concern no device ("" = all).
    """

    kind: FaultKind
    device: str = ""
    value: float | None = None
    from_s: float = 0.0
    until_s: float = math.inf
    share: float = 1.0
    function: int = 0
    nth: int = 0
    at: int = 2
    data: str = ""
    bus: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot strike: `ValueError` in words."""
        if self.kind not in KINDS:
            raise ValueError(f"there is no fault {self.kind!r}; there are {', '.join(KINDS)}")
        for complaint in _complaints(self):
            raise ValueError(complaint)

    @property
    def figure(self) -> float:
        """Its value, or the usual one."""
        return KINDS[self.kind].usual if self.value is None else self.value

    @property
    def by_time(self) -> bool:
        """Whether it begins by itself at `from_s`; the others wait for a request."""
        return KINDS[self.kind].acts_on == "line" and self.kind not in ECHOES and not self.nth

    @property
    def begins_at_once(self) -> bool:
        """Whether it is there before the desk's first moment."""
        return self.by_time and self.from_s <= 0.0

    @property
    def is_readable(self) -> bool:
        """Whether the answer may still be accepted."""
        return KINDS[self.kind].readable or (self.kind == "late" and self.figure <= STILL_WAITED_S)

    def meets(self, device: str, function: int, elapsed_s: float) -> bool:
        """Whether this request is one of those it may strike."""
        return (
            self.device in {"", device}
            and self.function in {0, function}
            and self.from_s <= elapsed_s < self.until_s
        )


FUNCTIONS: Final = (0, 1, 2, 3, 4, 5, 6, 15, 16)
LONGEST_S: Final = 31 * 86_400.0
BYTES_MAX: Final = 300


def _complaints(fault: Fault) -> Iterator[str]:
    """Why it could not strike, each with the key and what it may be."""
    kind = KINDS[fault.kind]
    ranges = {
        "from": (fault.from_s, 0.0, LONGEST_S),
        "share": (fault.share, 0.0, 1.0),
        "nth": (fault.nth, 0, 1_000_000),
        "at": (fault.at, 0, BYTES_MAX),
        "value": (fault.figure, kind.least, kind.most),
    }
    for key, (figure, least, most) in ranges.items():
        if not least <= figure <= most:
            what = f" ({kind.value})" if key == "value" and kind.value else ""
            yield f"{key} {figure:g} is out of range; use {least:.10g} to {most:.10g}{what}"
    if not fault.until_s > fault.from_s:
        yield f"until {fault.until_s:g} is not after from {fault.from_s:g}; use a later one"
    if fault.function not in FUNCTIONS:
        known = ", ".join(map(str, FUNCTIONS))
        yield f"function {fault.function} is not one of {known} (0 = all)"
    if len(fault.data) % 2 or not HEX_DIGITS.issuperset(fault.data.encode()):
        yield f"data {fault.data!r} are no hexadecimal bytes; write two digits for each, as 00FF"
    if len(fault.data) > 2 * BYTES_MAX:
        yield f"data are {len(fault.data) // 2} bytes; use 1 to {BYTES_MAX}"
    if kind.needs_data and not fault.data:
        yield f"data are missing; {fault.kind} needs 1 to {BYTES_MAX} hexadecimal bytes, as data=00FF"


class Faults:
    """The faults of a line that are in force; counts for each the requests it met."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._met: list[tuple[Fault, int]] = []

    def add(self, fault: Fault) -> None:
        """From now on, or from its own time on."""
        self._met.append((fault, 0))

    def heal(self, device: str) -> None:
        """Take all faults of this device back; "" = those which concern all devices."""
        self._met = [(fault, met) for fault, met in self._met if fault.device != device]

    def holds(self, fault: Fault) -> bool:
        """Whether it has not been taken back."""
        return any(fault is other for other, _ in self._met)

    def striking(self, device: str, function: int, elapsed_s: float, *, echoes: bool = False) -> list[Fault]:
        """What strikes this request, or what its `echoes` meet; it is counted."""
        struck = []
        for place, (fault, met) in enumerate(self._met):
            if fault.by_time or (fault.kind in ECHOES) is not echoes:
                continue
            if fault.meets(device, function, elapsed_s):
                self._met[place] = fault, met + 1
                if fault.nth in {0, met + 1} and (fault.share >= 1.0 or self._chance.random() < fault.share):
                    struck.append(fault)
        return struck


def refusal_of(faults: Sequence[Fault], function: int) -> Fault | None:
    """The fault for which a request is not carried out: `exception`, or one that means silence."""
    for fault in faults:
        if fault.kind in {"silence", "exception"} or (fault.kind == "deaf" and function not in READS):
            return fault
    return None


KEYS: Final = {"from": "from_s", "until": "until_s", "for": "for_s"} | {
    field.name: field.name for field in fields(Fault) if field.name not in {"kind", "from_s", "until_s"}
}
"""The words of `parse`, and what they are called in a row."""
TEXTS: Final = frozenset({"device", "data", "bus"})
COUNTS: Final = frozenset({"function", "nth", "at"})


def parse(text: str) -> Fault:
    """A fault in the words of a command line: ``late:device=pump,value=0.4,share=0.1``.

    Raises `ValueError` with one sentence that names what there is.
    """
    kind, _, rest = text.partition(":")
    row: dict[str, Any] = {"kind": kind}
    for part in filter(None, rest.split(",")):
        key, _, word = part.partition("=")
        if key not in KEYS or not word:
            raise ValueError(f"{part!r} is no key=value; the keys are {', '.join(KEYS)}")
        try:
            row[KEYS[key]] = word if key in TEXTS else int(word) if key in COUNTS else float(word)
        except ValueError:
            raise ValueError(f"{key} needs a number, not {word!r}") from None
    return fault_of(row)


def fault_of(row: Mapping[str, Any], now_s: float = 0.0) -> Fault:
    """A fault from its fields; `for_s` says how long from its begin, which is `now_s` if nothing is said."""
    words = {"from_s": now_s, **row}
    if "for_s" in words:
        lasting_s = words.pop("for_s")
        if not 0 < lasting_s <= LONGEST_S:
            raise ValueError(
                f"for {lasting_s:g} is out of range; use more than 0, up to {LONGEST_S:.10g} (seconds)"
            )
        words["until_s"] = words["from_s"] + lasting_s
    return Fault(**words)
