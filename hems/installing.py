"""A new installation: the file is written beside, judged in a process of its own, then the service restarts.

Theory of operation. Nothing is asked for (RESTING) until somebody changes what is installed, or wants the
file as it is to be taken. The new text lies beside the file and is judged by the decoder of the start
(JUDGING), at most 10 s, while everything goes on. Refused, it is taken away again and the words are told. A
good one stops the service in order, chargers at their fail-safe (LEAVING); only then, when nobody waits any
more, the file in force becomes ``hems.toml.1`` and the new one takes its place, whole or not at all. A file
that cannot be used at the start gives way to the former one, and that is told as long as it is so; what is
changed then is changed of the one in use, which stays the former; the other becomes ``hems.toml.refused``.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

from hems.amendment import amended
from hems.child import Child, Ended
from hems.errors import ConfigError
from hems.model.intents import Install, Refusal, Restart
from hems.model.loop import Clock, Loop
from hems.model.site import Config
from hems.model.surroundings import Appliance

JUDGED_WITHIN_S: Final = 10.0
PREFIX: Final = "hems: "

Answer = Callable[[Refusal | None], None]
Judge = Callable[[Path, Ended], object]
"""Judges a file and tells the exit code (0 = good) and the words."""


class Stage(StrEnum):
    """How far a new installation is."""

    RESTING = "resting"
    JUDGING = "judging"
    LEAVING = "leaving"


ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.RESTING: frozenset({Stage.JUDGING}),
    Stage.JUDGING: frozenset({Stage.RESTING, Stage.LEAVING}),
    Stage.LEAVING: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Opened:
    """The installation the service starts with; `refused` says why the newer file could not be used."""

    config: Config
    refused: str = ""


def beside(path: Path, what: str) -> Path:
    """A file of the installation file's: ``1`` the former one, ``new`` a candidate, ``refused``, ``mark``."""
    return path.with_name(f"{path.name}.{what}")


def opened(path: Path, load: Callable[[Path], Config]) -> Opened:
    """The installation of a file, or of the former one if that cannot be used (PNL-68)."""
    try:
        return Opened(load(path))
    except ConfigError as error:
        try:
            return Opened(load(beside(path, "1")), str(error))
        except ConfigError:
            raise error from None


def judge_in_child(loop: Loop, clock: Clock, within_s: float = JUDGED_WITHIN_S) -> Judge:
    """Judges by ``hems check`` in a process of its own."""

    def judge(path: Path, ended: Ended) -> Child:
        command = (sys.executable, "-m", "hems", "check", str(path))
        return Child(command, within_s, loop, clock, ended)

    return judge


class Installer:
    """Whoever changes the installation file; `leave` asks for the orderly end of the service.

    `refused` are the words with which this start refused the newer file.
    """

    def __init__(self, path: Path, judge: Judge, leave: Callable[[], None], refused: str = "") -> None:
        self.stage = Stage.RESTING
        self._path = path
        self._judge = judge
        self._leave = leave
        self._refused = refused
        self._candidate: Path | None = None
        self._by_hand = self._edited()

    def told(self, appliance: Appliance) -> Appliance:
        """What every eye is told, with how the file stands."""
        return replace(appliance, refused=self._refused, by_hand=self._by_hand)

    def ask(self, asked: Install | Restart, answer: Answer) -> None:
        """Take a new installation, or the file as it is; `answer` is told before the service stops."""
        if self.stage is not Stage.RESTING:
            answer(Refusal("not_now", "a new installation is being taken already"))
            return
        try:
            candidate = self._written(asked) if isinstance(asked, Install) else None
        except ConfigError as error:
            answer(Refusal("bad_value", str(error)))
            return
        except OSError as error:
            answer(Refusal("not_now", f"the installation file cannot be changed: {error.strerror}"))
            return
        if isinstance(asked, Install) and candidate is None:
            answer(Refusal("not_now", "the file was edited by hand; say that it may be changed"))
            return
        self.stage = Stage.JUDGING
        self._candidate = candidate

        def judged(code: int | None, words: str) -> None:
            if code != 0:
                self.stage = Stage.RESTING
                self._drop()
                answer(Refusal("bad_value", _said(words)))
                return
            self.stage = Stage.LEAVING
            answer(None)
            self._leave()

        self._judge(candidate or self._path, judged)

    def finish(self) -> None:
        """Once the service has stopped: put the new file in its place, the former beside it."""
        if self.stage is not Stage.LEAVING or self._candidate is None:
            self._drop()
            return
        _sync(self._candidate)
        if self._path.exists():
            former = beside(self._path, "refused" if self._refused else "1")
            former.unlink(missing_ok=True)
            os.link(self._path, former)
        beside(self._path, "mark").write_text(_hash(self._candidate) + "\n")
        os.replace(self._candidate, self._path)
        self._candidate = None
        _sync(self._path.parent)

    def _written(self, asked: Install) -> Path | None:
        """The candidate beside the file; ``None`` where that was edited by hand and nobody allowed it."""
        self._by_hand = self._edited()
        if self._by_hand and not asked.over_hand:
            return None
        candidate = beside(self._path, "new")
        used = beside(self._path, "1") if self._refused else self._path
        candidate.write_text(amended(used.read_text(encoding="utf-8"), asked.changes), encoding="utf-8")
        return candidate

    def _edited(self) -> bool:
        """Whether the file is not as it was when it was last written here."""
        try:
            mark = beside(self._path, "mark").read_text(encoding="ascii", errors="replace").strip()
            return mark != _hash(self._path)
        except OSError:
            return False

    def _drop(self) -> None:
        if self._candidate is not None:
            self._candidate.unlink(missing_ok=True)
            self._candidate = None


def _said(words: str) -> str:
    """The one sentence of a refusal."""
    last = words.splitlines()[-1] if words else "it cannot be used"
    return last.removeprefix(PREFIX)


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
