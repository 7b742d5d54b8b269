"""A command in a process of its own, in real time: it is never waited for."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC

import pytest

from hems.child import MOST_BYTES, Child
from hems.clock import SystemClock
from hems.reactor import Reactor


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    loop = Reactor(SystemClock(UTC))
    yield loop
    loop.close()


def outcome(reactor: Reactor, *command: str, within_s: float = 20.0) -> tuple[int | None, str]:
    """How a command ends; it is told once, and not at once."""
    told: list[tuple[int | None, str]] = []
    child = Child(command, within_s, reactor, reactor.clock, lambda code, words: told.append((code, words)))
    assert told == []
    reactor.run_until(reactor.clock.mono_s() + 30.0, lambda: bool(told))
    child.close()
    assert len(told) == 1
    return told[0]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("print('good'); import sys; print('end', file=sys.stderr)", (0, "good\nend")),
        ("raise SystemExit('hems: no')", (1, "hems: no")),
        ("raise SystemExit(7)", (7, "")),
        ("import os, time; os.close(1); os.close(2); time.sleep(0.2); os._exit(3)", (3, "")),
        (f"print('x' * {3 * MOST_BYTES})", (0, "x" * MOST_BYTES)),
    ],
)
def test_its_end_and_its_words_are_told(reactor: Reactor, program: str, expected: tuple[int, str]) -> None:
    assert outcome(reactor, sys.executable, "-S", "-c", program) == expected


def test_one_that_takes_too_long_is_ended(reactor: Reactor) -> None:
    program = "import time; time.sleep(60)"
    assert outcome(reactor, sys.executable, "-c", program, within_s=0.1) == (None, "it took too long")


def test_one_that_is_not_there_is_named(reactor: Reactor) -> None:
    assert outcome(reactor, "/no/such/tool") == (None, "/no/such/tool: No such file or directory")


def test_nobody_waits_for_one_that_does_not_die(reactor: Reactor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that a card holds up dies late; until then the loop turns."""
    told: list[object] = []
    program = "import time; time.sleep(1.5)"
    monkeypatch.setattr(subprocess.Popen, "kill", lambda process: None)
    begun_s = reactor.clock.mono_s()
    child = Child(
        (sys.executable, "-S", "-c", program), 0.1, reactor, reactor.clock, lambda *how: told.append(how)
    )
    reactor.run_until(begun_s + 30.0, lambda: bool(told))
    assert told == [(None, "it took too long")]
    assert reactor.clock.mono_s() - begun_s < 1.0
    child.close()


def test_whoever_ends_it_is_not_told(reactor: Reactor) -> None:
    told: list[object] = []
    child = Child((sys.executable, "-c", "pass"), 9.0, reactor, reactor.clock, lambda *how: told.append(how))
    child.close()
    child.close()
    reactor.run_until(reactor.clock.mono_s() + 0.1)
    assert told == []
