"""What is asked of the appliance and its machine: fixed commands, and what waits for the next start.

A command runs in a process of its own; its words are the answer. Where it is not there, as on a machine that
is no appliance, that is said. What concerns the whole memory is written down and done at the next start,
before anything opens the memory.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv4Address, IPv4Interface, NetmaskValueError
from pathlib import Path
from typing import Final

from hems import archive
from hems.child import Child
from hems.errors import BookError
from hems.installing import Answer, Installer
from hems.journal.beside import sync_folder, written
from hems.model.intents import (
    ChangeRelease,
    Forget,
    Install,
    Reboot,
    Refusal,
    Rekey,
    Restart,
    SetClock,
    SetNetwork,
    Upkeep,
)
from hems.model.loop import Clock, Loop

log = logging.getLogger(__name__)

WITHIN_S: Final = 30.0
EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is set by hand lies before this program was made."""

ASK: Final = "hems-upkeep"
"""Asks the machine, to which the service itself has no right; an answer other than ``ok`` says why not."""

AT_START: Final = "at-start"
TRIES: Final = 3
BACKUP: Final = "counters-before-reset.json"

Command = Sequence[str]
Commands = Mapping[type, Callable[[Upkeep], Sequence[Command]]]


def _reboot(_: Upkeep) -> Sequence[Command]:
    return ((ASK, "reboot"),)


def _set_clock(asked: Upkeep) -> Sequence[Command]:
    assert isinstance(asked, SetClock)
    return ((ASK, "clock", asked.wall.astimezone(UTC).isoformat(timespec="seconds")),)


def _set_network(asked: Upkeep) -> Sequence[Command]:
    assert isinstance(asked, SetNetwork)
    turn = (ASK, "ssh", "on" if asked.ssh else "off")
    if asked.address is None:
        return (turn,)
    address = (asked.address, *filter(None, [asked.gateway])) if asked.address else ("dhcp",)
    return ((ASK, "network", *address), turn)


def _change_release(asked: Upkeep) -> Sequence[Command]:
    assert isinstance(asked, ChangeRelease)
    return ((ASK, "release", asked.to),)


MACHINE: Final[Commands] = {
    Reboot: _reboot,
    SetClock: _set_clock,
    SetNetwork: _set_network,
    ChangeRelease: _change_release,
}
"""How an appliance does what is asked of its machine; a demo has nothing of it."""


def network_fault(asked: SetNetwork) -> str:
    """What is wrong with an address, in words; empty for a good one and for none."""
    if not asked.address:
        return ""
    try:
        address, gateway = IPv4Interface(asked.address), IPv4Address(asked.gateway) if asked.gateway else None
    except (AddressValueError, NetmaskValueError, ValueError):
        return "an address is written as 192.168.1.40/24, a gateway as 192.168.1.1"
    if gateway is not None and gateway not in address.network:
        return f"the gateway {gateway} is not in the network of {address}"
    return ""


class Upkeeper:
    """Does what is asked of the appliance; one command after the other, `stop` is its orderly end."""

    def __init__(
        self,
        installer: Installer,
        data: Path,
        loop: Loop,
        clock: Clock,
        stop: Callable[[], None],
        *,
        commands: Commands = MACHINE,
    ) -> None:
        self._installer = installer
        self._data = data
        self._loop = loop
        self._clock = clock
        self._stop = stop
        self._commands = commands
        self._child: Child | None = None

    def close(self) -> None:
        """End a command that is under way."""
        if self._child is not None:
            self._child.close()

    def ask(self, upkeep: Upkeep, by: str, answer: Answer) -> None:
        """Do it, or say why not."""
        log.info("%s asks for %s", by, type(upkeep).__name__)
        match upkeep:
            case Install() | Restart():
                self._installer.ask(upkeep, answer)
            case Forget(counters=counters):
                self._at_start("reset counters" if counters else "reset", answer)
            case Rekey():
                self._at_start("rekey", answer)
            case _:
                self._command(upkeep, answer)

    def _at_start(self, what: str, answer: Answer) -> None:
        """Write down what is to be done before the memory is opened again, then stop."""
        try:
            _note(self._data, what)
        except OSError as error:
            answer(Refusal("not_now", f"it cannot be written down: {error.strerror}"))
            return
        answer(None)
        self._stop()

    def _command(self, upkeep: Upkeep, answer: Answer) -> None:
        row = self._commands.get(type(upkeep))
        if row is None:
            answer(Refusal("unsupported", "there is no machine here that could do this"))
        elif self._child is not None:
            answer(Refusal("not_now", "the machine is busy with something else"))
        elif refusal := self._prepared(upkeep):
            answer(refusal)
        else:
            self._next(list(row(upkeep)), answer)

    def _prepared(self, upkeep: Upkeep) -> Refusal | None:
        """What must be right before the first command."""
        if isinstance(upkeep, SetClock) and (upkeep.wall.utcoffset() is None or upkeep.wall < EARLIEST):
            return Refusal("bad_value", f"the time lies before {EARLIEST:%Y}")
        if isinstance(upkeep, SetNetwork) and (words := network_fault(upkeep)):
            return Refusal("bad_value", words)
        return None

    def _next(self, commands: list[Command], answer: Answer) -> None:
        if not commands:
            self._child = None
            answer(None)
            return

        def ended(code: int | None, words: str) -> None:
            if code == 0:
                self._next(commands[1:], answer)
                return
            self._child = None
            last = words.splitlines()[-1] if words else f"it ended with {code}"
            answer(Refusal("unsupported" if code is None else "not_now", last))

        self._child = Child(commands[0], WITHIN_S, self._loop, self._clock, ended)


def do_at_start(data: Path) -> str:
    """What the last run wrote down to be done before the memory is opened; told in words if it is not done.

    The note goes once that is done, or has failed at `TRIES` starts.
    """
    note = data / AT_START
    try:
        what, *tried = note.read_text(errors="replace").strip().split("\n")
        last = len(tried) + 1 >= TRIES
        _note(data, "\n".join([what, *tried, "tried"]))
    except OSError:
        return ""
    words = _done(data, note, what)
    if not words or last:
        note.unlink()
        sync_folder(data)
    return words


def _note(data: Path, what: str) -> None:
    """Write down what is to be done, so that a cut does not forget it."""
    written(data / AT_START, f"{what}\n".encode())
    sync_folder(data)


def _done(data: Path, note: Path, what: str) -> str:
    """Do it; in words why not."""
    try:
        match what:
            case "reset":
                archive.reset(data, None)
            case "reset counters":
                archive.reset(data, data / BACKUP)
            case "rekey":
                archive.rekey(data)
            case _:
                return f"{note}: nobody knows how to do {what[:40]!r}"
    except (BookError, OSError) as error:
        return f"{what}: {error}"
    return ""
