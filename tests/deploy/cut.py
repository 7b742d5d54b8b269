"""Runs `hems-update` and takes the power away when it touches the card, or a command, for the n-th time.

``cut.py N ROOT [arguments]``: with N = 0 nothing is cut, and the touches are counted on the error output.
"""

import os
import signal
import sys
from typing import TYPE_CHECKING

from hems_update.__main__ import main

if TYPE_CHECKING:
    from _typeshed import HasFileno

TOUCHES = ("os.rename", "os.symlink", "os.remove", "os.mkdir", "os.rmdir", "subprocess.Popen", "fsync")
WRITES = os.O_WRONLY | os.O_RDWR


class Cut:
    """Counts what is done to the card, and ends everything at one of them."""

    def __init__(self, at: int, root: str) -> None:
        self.at = at
        self.root = root
        self.touches: list[str] = []
        self.sync = os.fsync

    def touch(self, event: str, what: object) -> None:
        """Something is about to happen; the last thing if it is the n-th."""
        self.touches.append(f"{event} {what}")
        if len(self.touches) == self.at:
            os.killpg(0, signal.SIGKILL)

    def audit(self, event: str, arguments: tuple[object, ...]) -> None:
        """Python tells of this before it does it."""
        if event in TOUCHES and (event == "subprocess.Popen" or str(arguments[0]).startswith(self.root)):
            self.touch(event, arguments[0])
        elif event == "open":
            path, _, flags = arguments
            if str(path).startswith(self.root) and isinstance(flags, int) and flags & WRITES:
                self.touch(event, path)

    def fsync(self, fd: "int | HasFileno") -> None:
        """Nobody is told of this one."""
        descriptor = fd if isinstance(fd, int) else fd.fileno()
        self.touch("fsync", os.readlink(f"/proc/self/fd/{descriptor}"))
        self.sync(descriptor)


if __name__ == "__main__":
    cut = Cut(int(sys.argv[1]), sys.argv[2])
    os.fsync = cut.fsync
    sys.addaudithook(cut.audit)
    code = main(sys.argv[3:])
    print("\n".join(cut.touches), file=sys.stderr)
    sys.exit(code)
