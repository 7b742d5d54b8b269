"""Plays the service manager: asks the updater, starts the service, and starts it again however it ended.

``keeper.py FOLDER`` keeps; ``keeper.py FOLDER restart`` has it restart the service.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

AGAIN_AFTER_S = 0.2


class Keeper:
    """One service in one folder, which holds ``hems-update`` and ``hems`` in its ``bin``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.service: subprocess.Popen[bytes] | None = None
        self.ending = False

    def end(self, *_: object) -> None:
        """End the service, and then itself."""
        self.ending = True
        self.restart()

    def restart(self, *_: object) -> None:
        """End the service, which is started again."""
        if self.service is not None:
            self.service.terminate()

    def keep(self) -> None:
        """Until it is ended."""
        signal.signal(signal.SIGTERM, self.end)
        signal.signal(signal.SIGHUP, self.restart)
        (self.folder / "keeper.pid").write_text(str(os.getpid()))
        run = ["run", "--config", str(self.folder / "hems.toml"), "--data", str(self.folder / "data")]
        with (self.folder / "log").open("ab") as log:
            while not self.ending:
                subprocess.run([self.folder / "bin/hems-update", "--starting"], stdout=log, check=False)
                self.service = subprocess.Popen([self.folder / "bin/hems", *run], stderr=log)
                (self.folder / "service.pid").write_text(str(self.service.pid))
                self.service.wait()
                time.sleep(AGAIN_AFTER_S)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    if len(sys.argv) > 2:
        os.kill(int((place / "keeper.pid").read_text()), signal.SIGHUP)
    else:
        Keeper(place).keep()
