"""The reference optimizer: what it answers, and how it misbehaves."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hems.clock import ManualClock
from hems.reactor import Reactor
from hems.sim.optimizer import HUGE_BYTES, MANNERS, ReferenceOptimizer

ASKED = {
    "request": 17,
    "site": {"available_w": 3000},
    "chargers": [{"name": "garage", "lines": 1}, {"name": "yard", "lines": 3}],
}


class Caller:
    """Asks over a real socket, on virtual time."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(datetime(2026, 7, 1, 12, tzinfo=UTC))
        self.loop = Reactor(self.clock)
        self.there = ReferenceOptimizer(self.loop, self.clock, str(folder / "o.sock"))
        self.there.open()

    def ask(self, path: str, body: object = None, seconds: float = 1.0) -> bytes:
        """All bytes of an answer that come within so many seconds."""
        sent = b"" if body is None else json.dumps(body).encode()
        head = f"{'POST' if sent else 'GET'} {path} HTTP/1.1\r\nContent-Length: {len(sent)}\r\n\r\n"
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(self.there.path)
            peer.sendall(head.encode() + sent)
            peer.setblocking(False)
            received, ended = b"", False
            until_s = self.clock.mono_s() + seconds
            while not ended and self.clock.mono_s() < until_s:
                self.loop.run_until(self.clock.mono_s() + 0.01)
                while not ended:
                    try:
                        piece = peer.recv(1 << 20)
                    except BlockingIOError:
                        break
                    except ConnectionResetError:
                        return received
                    received += piece
                    ended = not piece
        return received

    def told(self, path: str, body: object = None) -> dict[str, Any]:
        """The JSON of a good answer."""
        head, _, content = self.ask(path, body).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK")
        found = json.loads(content)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[Caller]:
    made = Caller(tmp_path)
    yield made
    made.there.close()
    made.loop.close()


def test_it_follows_the_sun(caller: Caller) -> None:
    """API-127: floor(3,000 W / 230 V) on one line, on three."""
    plan = caller.told("/optimize", ASKED)
    assert [(row["charger"], row["steps"][0]["limit_a"]) for row in plan["setpoints"]] == [
        ("garage", 13.0),
        ("yard", 4.0),
    ]
    assert (plan["request"], plan["plan_id"], plan["valid_s"]) == (17, "p-17", 300)
    assert caller.told("/health")["ready"] is True
    assert len(caller.told("/weather")["slots"]) == len(caller.told("/tariff")["slots"]) == 24
    assert caller.ask("/nothing").startswith(b"HTTP/1.1 404")


def test_each_misdeed_is_one(caller: Caller) -> None:
    """API-127."""
    good = caller.ask("/optimize", ASKED)
    for manner in MANNERS:
        caller.there.manner = manner
        answer = caller.ask("/optimize", ASKED)
        assert (answer == good) == (manner in ("good", "plain", "unready")), manner
    caller.there.manner = "huge"
    assert len(caller.ask("/optimize", ASKED, seconds=30.0)) > HUGE_BYTES
    caller.there.manner = "slow"
    assert len(caller.ask("/health", seconds=5.0)) in (4, 5, 6)


def test_misdeeds_may_be_ordered_one_by_one(caller: Caller) -> None:
    caller.there.manners.extend(["status_500", "expired"])
    assert caller.ask("/optimize", ASKED).startswith(b"HTTP/1.1 500")
    assert caller.told("/optimize", ASKED)["valid_s"] == 1
    assert caller.told("/optimize", ASKED)["valid_s"] == 300
    assert len(caller.there.asked) == 3
