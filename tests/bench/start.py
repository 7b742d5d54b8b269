"""From process start to the first safe command, and the memory of the idle service.

``python -m tests.bench.start``: the real ``hems run`` at a simulated house, five times.
"""

import os
import signal
import statistics
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from hems.demo import BEGINS_AT
from hems.journal.journal import create_book
from hems.sim.desk_link import HouseProcess
from hems.sim.scene import demo_house
from tests.bench.targets import Figure, judge

RUNS = 5
SETTLED_S = 8.0


def measure(folder: Path) -> tuple[float, float]:
    """One start: seconds to the first write that a device accepted, and MB of resident memory afterwards."""
    house = HouseProcess(demo_house(1, "sunny", BEGINS_AT))
    installation = folder / "hems.toml"
    text = files("hems.sim").joinpath("demo.toml").read_text()
    installation.write_text(text.replace("PORT", house.port))
    if not (folder / "book").exists():
        create_book(folder)
    time.sleep(1.0)  # the desk itself must be up
    began_s = time.monotonic()
    service = subprocess.Popen(
        [sys.executable, "-m", "hems", "run", "--config", str(installation)],
        env={**os.environ, "GPIOZERO_PIN_FACTORY": "mock"},
        stderr=subprocess.DEVNULL,
    )
    time.sleep(SETTLED_S)
    status = Path(f"/proc/{service.pid}/status").read_text()
    resident_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    house.take()
    first_write_s = house.latest["first_write_mono_s"]
    service.send_signal(signal.SIGTERM)
    code = service.wait(timeout=10)
    house.stop()
    if code != 0 or first_write_s is None:
        raise SystemExit(f"the service ended with {code}, first write at {first_write_s}")
    return first_write_s - began_s, resident_kb / 1024


def main() -> int:
    """Several starts, the median judged."""
    with TemporaryDirectory() as folder:
        runs = [measure(Path(folder)) for _ in range(RUNS)]
    starts_s, memory_mb = zip(*runs, strict=True)
    return judge(
        [
            Figure("start to first command, median", statistics.median(starts_s) * 1000, "ms", at_most=1000),
            Figure("start to first command, longest", max(starts_s) * 1000, "ms"),
            Figure("resident memory, median", statistics.median(memory_mb), "MB", at_most=45),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
