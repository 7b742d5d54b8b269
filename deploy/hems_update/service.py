"""The running service, asked through its socket: which version it is, whether it works, what it is doing."""

import json
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ANSWER_WITHIN_S = 3.0
AGAIN_AFTER_S = 0.5


@dataclass(frozen=True, slots=True)
class Told:
    """What the service says: its version, cycles since its start, whether a car charges, who limits it."""

    version: str
    cycles: int
    charging: bool
    limited: bool
    alarms: frozenset[str] = frozenset()
    writable: bool = True
    metered: bool = True


def ask(path: Path) -> Told | None:
    """What it says now; ``None`` if nobody answers."""
    try:
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(ANSWER_WITHIN_S)
            peer.connect(str(path))
            with peer.makefile("rwb") as lines:
                version = _call(lines, 1, "JSONRPC.Hello", {"locale": "en"})["version"]
                health = _call(lines, 2, "Hems.GetHealth", {})["health"]
                view = _call(lines, 3, "Hems.GetView", {"parts": ["chargers", "operator", "alarms", "site"]})
        return _told(version, health, view["view"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def healthy(path: Path, version: str, patience_s: float, proof_s: float, before: frozenset[str]) -> str:
    """Wait until this version has completed cycles for `proof_s` with no alarm it had not `before`.

    "" if so, else what was wrong after `patience_s`, in words.
    """
    began_s = time.monotonic()
    since_s, cycles, words = None, -1, "it does not answer"
    while time.monotonic() - began_s < patience_s:
        told = ask(path)
        good, words = _judged(told, version, cycles, before)
        cycles = told.cycles if told else -1
        since_s = (since_s or time.monotonic()) if good else None
        if since_s is not None and time.monotonic() - since_s >= proof_s:
            return ""
        time.sleep(AGAIN_AFTER_S)
    return words


def _judged(told: Told | None, version: str, cycles: int, before: frozenset[str]) -> tuple[bool, str]:
    if told is None:
        return False, "it does not answer"
    if told.version != version:
        return False, f"version {told.version} answers"
    if not told.writable:
        return False, "its memory cannot be written"
    if fresh := told.alarms - before:
        return False, f"it raises an alarm: {', '.join(sorted(fresh))}"
    return told.cycles >= cycles >= 0 and told.cycles > 0, "it does not complete its cycles"


def _call(lines: Any, number: int, method: str, params: dict[str, Any]) -> dict[str, Any]:
    lines.write(json.dumps({"id": number, "method": method, "params": params}).encode() + b"\n")
    lines.flush()
    while line := lines.readline():
        reply = json.loads(line)
        if reply.get("id") == number and "notification" not in reply:
            params = reply["params"]
            return params
    raise ValueError("no reply")


def _told(version: str, health: dict[str, Any], view: dict[str, Any]) -> Told:
    operator = view.get("operator") or {}
    journal = health.get("journal") or {}
    return Told(
        version=version,
        cycles=int(health["cycles"]),
        charging=any((charger.get("power_w") or 0) > 100 for charger in view.get("chargers", [])),
        limited=bool(operator.get("limited")),
        alarms=frozenset(alarm["name"] for alarm in view.get("alarms", [])),
        writable=journal.get("state", "ok") != "failing",
    )
