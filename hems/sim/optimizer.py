"""A reference optimizer behind a Unix socket: it follows the sun, or misbehaves on order."""

import itertools
import json
import os
import socket
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import floor
from typing import Any, Final, Literal, get_args

from hems.model.loop import Clock, Loop

Manner = Literal[
    "good",
    "plain",
    "unready",
    "refuses",
    "silent",
    "slow",
    "half",
    "garbage",
    "status_500",
    "huge",
    "expired",
    "limit_63",
    "unknown_charger",
    "other_request",
    "chunked",
]
"""What it does with a question for a plan; `unready`, `silent`, `slow`, `refuses` concern every question.

A `plain` one has plans and neither weather nor prices.
"""

MANNERS: Final[tuple[Manner, ...]] = get_args(Manner)
PROTOCOL: Final = "hems-optimizer/1"
VALID_S: Final = 300
HUGE_BYTES: Final = 10 * 1024 * 1024
SLOW_EVERY_S: Final = 1.0
VOLTS: Final = 230.0


@dataclass(slots=True)
class _Call:
    """One connection: what came, what still goes."""

    peer: socket.socket
    received: bytes = b""
    waiting: bytes = b""
    answered: bool = False


@dataclass(slots=True)
class ReferenceOptimizer:
    """Answers floor(available / (230 V x lines)) as one step of five minutes.

    `manner` may be changed at any time; `manners` are used up first, one for each plan. `asked` are the
    questions for plans, `paths` all requests.
    """

    loop: Loop
    clock: Clock
    path: str
    manner: Manner = "good"
    manners: deque[Manner] = field(default_factory=deque)
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    _listener: socket.socket | None = None
    _calls: dict[int, _Call] = field(default_factory=dict)

    def open(self) -> None:
        """Be there."""
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self._listener.bind(self.path)
        self._listener.listen(4)
        self.loop.watch(self._listener.fileno(), self._accept)

    def close(self) -> None:
        """Be gone, the file as well."""
        for call in tuple(self._calls.values()):
            self._hang_up(call)
        if self._listener is not None:
            self.loop.forget(self._listener.fileno())
            self._listener.close()
            self._listener = None
            os.unlink(self.path)

    def _accept(self) -> None:
        assert self._listener is not None
        peer, _ = self._listener.accept()
        peer.setblocking(False)
        call = _Call(peer)
        self._calls[peer.fileno()] = call
        if self.manner == "refuses":
            self._hang_up(call)
            return
        self.loop.watch(peer.fileno(), lambda: self._read(call))

    def _read(self, call: _Call) -> None:
        data = call.peer.recv(65_536)
        if not data:
            self._hang_up(call)
            return
        call.received += data
        head, whole, body = call.received.partition(b"\r\n\r\n")
        if call.answered or not whole or len(body) < _length(head):
            return
        call.answered = True
        method, path, _ = head.split(b"\r\n")[0].decode().split(" ")
        self.paths.append(f"{method} {path}")
        self._answer(call, path, body)

    def _answer(self, call: _Call, path: str, body: bytes) -> None:
        manner = self.manner
        if path == "/optimize":
            self.asked.append(json.loads(body))
            manner = self.manners.popleft() if self.manners else self.manner
        if manner == "silent":
            return
        call.waiting = self._bytes(path, manner)
        if manner == "slow":
            self._drip(call)
        else:
            self._send(call)

    def _bytes(self, path: str, manner: Manner) -> bytes:
        match path:
            case "/health":
                return _response({"protocol": PROTOCOL, "ready": manner != "unready"})
            case "/optimize":
                return _plan_bytes(self.asked[-1], manner)
            case "/weather" | "/tariff" if manner == "plain":
                return _response({}, 404)
            case "/weather":
                return _response(_weather(self.clock.now().wall))
            case "/tariff":
                return _response(_tariff(self.clock.now().wall))
        return _response({}, 404)

    def _send(self, call: _Call) -> None:
        try:
            while call.waiting:
                call.waiting = call.waiting[call.peer.send(call.waiting[:65_536]) :]
        except BlockingIOError:
            self.loop.watch_room(call.peer.fileno(), lambda: self._send(call))
        except OSError:
            self._hang_up(call)
        else:
            self._hang_up(call)

    def _drip(self, call: _Call) -> None:
        """One byte a second."""
        if call.peer.fileno() not in self._calls or not call.waiting:
            return
        try:
            call.peer.send(call.waiting[:1])
        except OSError:
            self._hang_up(call)
            return
        call.waiting = call.waiting[1:]
        self.loop.call_at(self.clock.mono_s() + SLOW_EVERY_S, lambda: self._drip(call))

    def _hang_up(self, call: _Call) -> None:
        number = call.peer.fileno()
        if self._calls.pop(number, None) is not None:
            self.loop.forget(number)
            call.peer.close()


def _plan_bytes(asked: dict[str, Any], manner: Manner) -> bytes:
    """A plan, whole or spoiled."""
    plan = _plan(asked)
    match manner:
        case "half":
            whole = _response(plan)
            return whole[: len(whole) // 2]
        case "garbage":
            return _response(None, body=b"{]")
        case "status_500":
            return _response({}, 500)
        case "huge":
            return _response(None, body=b" " * HUGE_BYTES)
        case "expired":
            plan["valid_s"] = 1
        case "limit_63":
            plan["setpoints"] = [_setpoint(charger["name"], 63.0) for charger in asked["chargers"]]
        case "unknown_charger":
            plan["setpoints"].append(_setpoint("somebody", 16.0))
        case "other_request":
            plan["request"] -= 1
        case "chunked":
            head, _, body = _response(plan).partition(b"\r\n\r\n")
            return head + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    return _response(plan)


def _plan(asked: dict[str, Any]) -> dict[str, Any]:
    available_w = asked["site"]["available_w"] or 0.0
    setpoints = [
        _setpoint(charger["name"], max(0.0, floor(available_w / (VOLTS * (charger["lines"] or 1)))))
        for charger in asked["chargers"]
    ]
    return {
        "protocol": PROTOCOL,
        "request": asked["request"],
        "plan_id": f"p-{asked['request']}",
        "valid_s": VALID_S,
        "setpoints": setpoints,
        "comment": "follows the sun",
    }


def _setpoint(charger: str, limit_a: float) -> dict[str, Any]:
    return {"charger": charger, "steps": [{"start_s": 0, "end_s": VALID_S, "limit_a": limit_a}]}


def _weather(now: datetime) -> dict[str, Any]:
    """A day of sunshine, by the hour."""
    first = now.replace(minute=0, second=0, microsecond=0)
    hours = [first + timedelta(hours=hour) for hour in range(25)]
    slots = [
        {"start": start.isoformat(), "end": end.isoformat(), "temperature_c": 21.0, "cloud_pct": 10.0}
        for start, end in itertools.pairwise(hours)
    ]
    return {"issued": now.isoformat(), "slots": slots}


def _tariff(now: datetime) -> dict[str, Any]:
    """A day of prices, cheap at night."""
    first = now.replace(minute=0, second=0, microsecond=0)
    hours = [first + timedelta(hours=hour) for hour in range(25)]
    slots = [
        {
            "start": start.isoformat(),
            "end": end.isoformat(),
            "price_eur_kwh": 0.10 if start.hour < 6 else 0.25,
            "feed_in_eur_kwh": 0.07,
        }
        for start, end in itertools.pairwise(hours)
    ]
    return {"slots": slots}


def _response(content: object, status: int = 200, body: bytes | None = None) -> bytes:
    sent = json.dumps(content).encode() if body is None else body
    reasons = {200: "OK", 404: "Not Found", 500: "Internal Server Error"}
    head = f"HTTP/1.1 {status} {reasons[status]}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent


def _length(head: bytes) -> int:
    for row in head.split(b"\r\n")[1:]:
        name, _, value = row.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0
