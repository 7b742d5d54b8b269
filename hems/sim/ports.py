"""Places where a line's near end is found under a name that stays, while the pair behind it comes and goes.

A port that vanishes hangs up on whoever holds it open, and its name is gone; when it returns there is a new
pair of ends under the same name, as with an adapter that is pulled out and plugged in again.
"""

import contextlib
import fcntl
import os
import socket
import termios
import tty
from pathlib import Path
from typing import Final, Protocol

JUNK: Final = bytes(4096)


class Place(Protocol):
    """Where one line's near end can be found."""

    def appear(self) -> int:
        """Be there; the descriptor of the far end, owned by the caller."""
        ...

    def vanish(self) -> None:
        """Be gone, once the far end has been closed."""
        ...

    def occupy(self, held: bool) -> None:
        """Let another program hold the port, now and whenever it appears, or not any more."""
        ...

    def stick(self, stuck: bool) -> None:
        """Take no bytes from the near end any more, or take them again."""
        ...


class PtyPlace:
    """A pseudo-terminal under a symbolic link.

    The near end is kept open here too, so that closing and opening the port looks to the far end like a quiet
    line. `handed` is a pair (far, near) another process made, whose link exists: it is the first to appear.
    """

    def __init__(self, path: Path, handed: tuple[int, int] | None = None) -> None:
        self.near = -1
        self._path = path
        self._handed = handed
        self._held = False

    def appear(self) -> int:
        """The far end of a pair that was handed over, or of a new one under the same name."""
        handed, self._handed = self._handed, None
        far, self.near = handed or os.openpty()
        if handed is None:
            tty.setraw(self.near)
            self._path.symlink_to(os.ttyname(self.near))
        if self._held:
            self.occupy(held=True)
        return far

    def vanish(self) -> None:
        """Remove the link and let go of the near end."""
        self._path.unlink(missing_ok=True)
        if self.near >= 0:
            os.close(self.near)
            self.near = -1

    def occupy(self, held: bool) -> None:
        """Hold the lock by which programs keep a serial port to themselves; one who has it keeps it."""
        self._held = held
        if self.near >= 0:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self.near, fcntl.LOCK_EX | fcntl.LOCK_NB if held else fcntl.LOCK_UN)

    def stick(self, stuck: bool) -> None:
        """Stop the flow of the near end's output, or let it go on."""
        if self.near >= 0:
            termios.tcflow(self.near, termios.TCOOFF if stuck else termios.TCOON)


class PairPlace:
    """A socket pair, for virtual time: bytes pass at once. `open` gives what a port would open.

    It is there from the beginning, also before anybody has taken its far end.
    """

    def __init__(self) -> None:
        self._near: socket.socket | None
        self._far: socket.socket | None
        self._near, self._far = socket.socketpair()
        self._held = False

    def open(self) -> socket.socket:
        """The near end, without waiting; raises `FileNotFoundError` or, while held, `BlockingIOError`."""
        if self._near is None:
            raise FileNotFoundError(2, "No such file or directory")
        if self._held:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        near = self._near.dup()
        near.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while near.recv(len(JUNK)):
                pass
        return near

    def appear(self) -> int:
        """The far end of the pair that is there, or of a new one."""
        if self._far is None:
            self._near, self._far = socket.socketpair()
        far, self._far = self._far, None
        return far.detach()

    def vanish(self) -> None:
        """Close the near end that is kept here; whoever has opened it sees the hang-up."""
        for end in (self._near, self._far):
            if end is not None:
                end.close()
        self._near = self._far = None

    def occupy(self, held: bool) -> None:
        """Refuse to open, or not any more."""
        self._held = held

    def stick(self, stuck: bool) -> None:
        """Stuff the near end's output until it takes nothing more; the far end throws all of that away."""
        if stuck and self._near is not None:
            with contextlib.suppress(BlockingIOError):
                while self._near.send(JUNK, socket.MSG_DONTWAIT):
                    pass
