"""Bytes in, requests out; records in, lines out (API-20 to API-23). No sockets, no clock.

Theory of operation. A stream is cut where the bracket closes that closes the outermost object; line breaks
between packets mean nothing. Each byte is looked at once. *Between* packets white space is skipped; a brace
opens a *packet*, whose brackets are kept on a stack and where a quote opens a *string*; all else is *noise*,
which ends with its line or with the brace that balances it; a packet that is too long or too deep is
complained of at once and *skipped*, unread, to its end. Where one is broken the scanner starts afresh.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from hems.api.limits import Limits

Stage = Literal["between", "packet", "string", "noise", "skipped"]
ALLOWED: Final[dict[Stage, frozenset[Stage]]] = {
    "between": frozenset({"packet", "noise"}),
    "packet": frozenset({"between", "string", "skipped"}),
    "string": frozenset({"between", "packet", "skipped"}),
    "noise": frozenset({"between"}),
    "skipped": frozenset({"between"}),
}

SPACE: Final = re.compile(rb"[ \t\r\n]*")
TEXT: Final = re.compile(rb'[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+')
MARK: Final = re.compile(rb'"' + TEXT.pattern + rb'"|["{}\[\]]')
"""A bracket, a whole text, or the quote that opens one which does not end here."""

NOISE: Final = re.compile(rb"[{}\n]")
OPENS: Final = {ord("{"): ord("}"), ord("["): ord("]")}
QUOTE, SLASH, BRACE, CLOSED, LF = b'"\\{}\n'

WORDS: Final = {
    "object keys must be strings": "a member name was expected",
    "trailing comma in object": "a member was expected after the comma",
    "trailing comma in array": "an element was expected after the comma",
    "expected ':'": "a colon was expected",
    "expected ',' or '}'": "a comma or the end of the object was expected",
    "expected ',' or ']'": "a comma or the end of the list was expected",
    "invalid number": "a number is malformed",
    "invalid escape character in string": "an escape in a text is malformed",
    "invalid character in unicode escape": "an escape in a text is malformed",
    "invalid character": "a value was expected",
}
"""The decoder's complaints in our words; what is missing here is only said to be malformed."""

_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_DECODER: Final = msgspec.json.Decoder()
_AT: Final = re.compile(r"JSON is malformed: (.*) \(byte (\d+)\)")


@dataclass(frozen=True, slots=True)
class Packet:
    """One object, complete by its brackets; whether it is JSON has not been asked yet."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """Bytes that can be no packet, and why."""

    reason: str


Heard = Packet | Broken


class Scanner:
    """Cuts one client's stream into packets; `unfinished_bytes` have come since the last complete one."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.stage: Stage = "between"
        self.unfinished_bytes = 0
        self.due_mono_s: float | None = None
        self._limits = limits or Limits()
        self._kept = bytearray()
        self._closing: list[int] = []
        self._depth = 0
        self._within = False
        self._escaped = False

    def feed(self, data: bytes, now_mono_s: float) -> tuple[Heard, ...]:
        """What the bytes complete; without bytes, what has stalled for so long that it will not go on.

        `due_mono_s` is when that is so, ``None`` = nothing stalls.
        """
        if not data:
            return self._stalled(now_mono_s)
        self.unfinished_bytes += len(data)
        found: list[Heard] = []
        at = 0
        while at < len(data):
            at = self._step(data, at, found)
        stalls = self.stage in ("packet", "string", "skipped") and data[-1] == CLOSED
        self.due_mono_s = now_mono_s + self._limits.stalled_s if stalls else None
        return tuple(found)

    def _stalled(self, now_mono_s: float) -> tuple[Heard, ...]:
        if self.due_mono_s is None or now_mono_s < self.due_mono_s:
            return ()
        said = self.stage != "skipped"
        self._start_afresh()
        return (Broken("the object was not closed"),) if said else ()

    def _step(self, data: bytes, at: int, found: list[Heard]) -> int:
        """Go on from `at` to the next byte that means something; where that is."""
        match self.stage:
            case "between":
                return self._between(data, at, found)
            case "packet":
                return self._packet(data, at, found)
            case "string":
                return self._string(data, at, found)
            case "noise":
                return self._noise(data, at, found)
            case "skipped":
                return self._skipped(data, at)

    def _between(self, data: bytes, at: int, found: list[Heard]) -> int:
        space = SPACE.match(data, at)
        at = space.end() if space else at
        if at == len(data):
            return at
        if data[at] == BRACE:
            self.stage = "packet"
            return at
        if data[at] == CLOSED:
            found.append(Broken("a bracket closes that was not opened"))
            return at + 1
        self.stage, self._depth = "noise", 0
        return at

    def _packet(self, data: bytes, at: int, found: list[Heard]) -> int:
        for mark in MARK.finditer(data, at):
            byte, end = data[mark.start()], mark.end()
            if byte == QUOTE:
                if end - mark.start() > 1:
                    continue
                self.stage, self._escaped = "string", False
                return self._keep(data, at, end, found)
            if byte in OPENS:
                self._closing.append(OPENS[byte])
                if len(self._closing) > self._limits.nesting:
                    return self._skip(end, f"it is nested deeper than {self._limits.nesting}", found)
            elif byte != self._closing.pop():
                return self._break(end, "a bracket closes that was not opened", found)
            elif not self._closing:
                return self._complete(data, at, end, found)
        return self._keep(data, at, len(data), found)

    def _complete(self, data: bytes, at: int, end: int, found: list[Heard]) -> int:
        self._keep(data, at, end, found)
        if self.stage == "packet":
            found.append(Packet(bytes(self._kept)))
            self.unfinished_bytes = len(data) - end
        self._start_afresh()
        return end

    def _string(self, data: bytes, at: int, found: list[Heard]) -> int:
        end = self._text_end(data, at)
        if end == len(data):
            return self._keep(data, at, end, found)
        if data[end] == LF:
            return self._break(end + 1, "a line break stands inside a text", found)
        self.stage = "packet"
        return self._keep(data, at, end + 1, found)

    def _text_end(self, data: bytes, at: int) -> int:
        """Where the text ends: at its quote, at a raw line break, or not yet."""
        if self._escaped:
            self._escaped = False
            if data[at] == LF:
                return at
            at += 1
        text = TEXT.match(data, at)
        end = text.end() if text else at
        if end < len(data) and data[end] == SLASH:
            end += 1
            self._escaped = end == len(data)
        return end

    def _noise(self, data: bytes, at: int, found: list[Heard]) -> int:
        for mark in NOISE.finditer(data, at):
            byte = data[mark.start()]
            self._depth += 1 if byte == BRACE else -1
            if byte == LF or (byte == CLOSED and self._depth <= 0):
                return self._break(mark.end(), "an object was expected", found)
        return len(data)

    def _skipped(self, data: bytes, at: int) -> int:
        if self._within:
            end = self._text_end(data, at)
            self._within = end == len(data)
            if not self._within and data[end] == LF:
                self._start_afresh()
            return min(end + 1, len(data))
        for mark in MARK.finditer(data, at):
            byte, end = data[mark.start()], mark.end()
            if byte == QUOTE:
                if end - mark.start() > 1:
                    continue
                self._within, self._escaped = True, False
                return end
            self._depth += 1 if byte in OPENS else -1
            if self._depth == 0:
                self._start_afresh()
                return end
        return len(data)

    def _keep(self, data: bytes, at: int, end: int, found: list[Heard]) -> int:
        self._kept += data[at:end]
        if len(self._kept) > self._limits.request_bytes:
            return self._skip(end, f"it is longer than {self._limits.request_bytes // 1024} KiB", found)
        return end

    def _skip(self, end: int, reason: str, found: list[Heard]) -> int:
        found.append(Broken(reason))
        self._depth, self._within = len(self._closing), self.stage == "string"
        self._forget()
        self.stage = "skipped"
        return end

    def _break(self, end: int, reason: str, found: list[Heard]) -> int:
        found.append(Broken(reason))
        self._start_afresh()
        return end

    def _start_afresh(self) -> None:
        self._forget()
        self.stage = "between"
        self.due_mono_s = None

    def _forget(self) -> None:
        self._kept = bytearray()
        self._closing.clear()


def decode(packet: Packet) -> dict[str, Any] | Broken:
    """The object in a packet, or why it is none."""
    try:
        found = _DECODER.decode(packet.text)
    except UnicodeDecodeError:
        return Broken("its bytes are not UTF-8")
    except msgspec.ValidationError:
        return Broken("a number is too large")
    except msgspec.DecodeError as error:
        place = _AT.fullmatch(str(error))
        if place is None:
            return Broken("it is malformed")
        return Broken(f"{WORDS.get(place[1], 'it is malformed')} at byte {place[2]}")
    assert isinstance(found, dict)
    return found


def encode(record: object) -> bytes:
    """One compact line: UTF-8, members sorted by name, exactly one line break at its end."""
    return _ENCODER.encode(record) + b"\n"
