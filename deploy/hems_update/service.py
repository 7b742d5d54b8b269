"""The running service, asked through its socket: which version it is, whether it works, what it is doing.

Theory of operation. A version is healthy when it has been seen in order, completing cycles, for long enough:
its own version, a memory that can be written, no alarm that was not there before. What is not in order, or
starts again, or stands still, begins that time anew. How long it may take is the caller's patience. No wall
clock is asked.
"""

import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ANSWER_WITHIN_S = 3.0
AGAIN_AFTER_S = 0.5
STALLED_S = 5.0
"""Without a new cycle for so long it stands still: the watchdog bites after ten."""
CHARGES_W = 100.0
SILENT = "it does not answer"


@dataclass(frozen=True, slots=True)
class Told:
    """What the service says: its version, cycles since its start, whether a car charges, who limits it."""

    version: str
    cycle: int
    charging: bool = False
    limited: bool = False
    alarms: frozenset[str] = frozenset()
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """The version that shall answer, and the alarms it may raise (``None`` = any)."""

    version: str
    alarms: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Watch:
    """Since when a version has been in order (``None`` = it is not), its last cycle, and what is wrong."""

    since_s: float | None = None
    cycle: int = -1
    moved_s: float = 0.0
    words: str = SILENT

    def proven_s(self) -> float:
        """For how long it has completed cycles in order."""
        return self.moved_s - self.since_s if self.since_s is not None else 0.0


def look(watch: Watch, told: Told | None, wanted: Wanted, now_s: float) -> Watch:
    """One more look at it."""
    if told is None:
        return Watch()
    if words := _wrong(told, wanted):
        return Watch(words=words)
    stands = told.cycle == watch.cycle
    if watch.since_s is None or told.cycle < watch.cycle or (stands and now_s - watch.moved_s > STALLED_S):
        return Watch(now_s, told.cycle, now_s, "it does not complete its cycles")
    moved_s = watch.moved_s if stands else now_s
    words = "it has not run for long enough" if moved_s > watch.since_s else watch.words
    return Watch(watch.since_s, told.cycle, moved_s, words)


def healthy(
    path: Path,
    wanted: Wanted,
    patience_s: float,
    proof_s: float,
    given_up: Callable[[], bool] = lambda: False,
) -> str:
    """Wait until it is proven: "" if so, else what was wrong in the end, in words."""
    began_s, watch = time.monotonic(), Watch()
    while time.monotonic() - began_s < patience_s and not given_up():
        watch = look(watch, ask(path), wanted, time.monotonic())
        if watch.proven_s() >= proof_s:
            return ""
        time.sleep(AGAIN_AFTER_S)
    return watch.words


def ask(path: Path) -> Told | None:
    """What it says now; ``None`` if nobody answers."""
    try:
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(ANSWER_WITHIN_S)
            peer.connect(str(path))
            with peer.makefile("rwb") as lines:
                version = _call(lines, 1, "JSONRPC.Hello", {"locale": "en"})["version"]
                health = _call(lines, 2, "Hems.GetHealth", {})["health"]
                wanted = ["cycle", "chargers", "operator", "alarms"]
                view = _call(lines, 3, "Hems.GetView", {"parts": wanted})["view"]
        return Told(
            version=str(version),
            cycle=int(view["cycle"]),
            charging=any((charger["power_w"] or 0) > CHARGES_W for charger in view["chargers"]),
            limited=bool(view["operator"]["limited"]),
            alarms=frozenset(str(alarm["name"]) for alarm in view["alarms"]),
            writable=health["journal"]["state"] != "failing",
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def greet(path: Path) -> dict[str, Any]:
    """How it greets; empty if nobody answers."""
    try:
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(ANSWER_WITHIN_S)
            peer.connect(str(path))
            with peer.makefile("rwb") as lines:
                return _call(lines, 1, "JSONRPC.Hello", {"locale": "en"})
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _wrong(told: Told, wanted: Wanted) -> str:
    if told.version != wanted.version:
        return f"version {told.version} answers"
    if not told.writable:
        return "its memory cannot be written"
    fresh = told.alarms - wanted.alarms if wanted.alarms is not None else ()
    return f"it raises an alarm: {', '.join(sorted(fresh))}" if fresh else ""


def _call(lines: Any, number: int, method: str, params: dict[str, Any]) -> dict[str, Any]:
    lines.write(json.dumps({"id": number, "method": method, "params": params}).encode() + b"\n")
    lines.flush()
    while line := lines.readline():
        reply = json.loads(line)
        if reply.get("id") == number and "notification" not in reply:
            answer: dict[str, Any] = reply["params"]
            return answer
    raise ValueError("no reply")
