"""From the last byte of a grid meter's answer to a charger's acknowledged write, in real time.

``python -m tests.bench.reaction [SECONDS]``; 60 s unless told. Five devices on one 9,600 baud line think 20
to 60 ms, and one answer in a thousand is broken (BUS-108). Times are taken by the desk's clock.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from hems.demo import BEGINS_AT
from hems.journal.journal import create_book
from hems.sim.desk_link import HouseProcess
from hems.sim.faults import Fault
from hems.sim.scene import demo_house
from hems.sim.sending import Exchange
from tests.bench.targets import Figure, judge

GRID, GARAGE, WRITE_MANY = 1, 2, 16
READ_INPUT = 4


def reactions_s(log: Sequence[Exchange]) -> list[float]:
    """For every acknowledged set-point: how old the grid reading was on which it can have been decided."""
    found = []
    sampled_s = None
    for row in log:
        if row.answer_end_s is None:
            continue
        if (row.unit, row.function) == (GRID, READ_INPUT):
            sampled_s = row.answer_end_s
        if (row.unit, row.function) == (GARAGE, WRITE_MANY) and sampled_s is not None:
            found.append(row.answer_end_s - sampled_s)
    return sorted(found)


def measure(folder: Path, seconds: float) -> list[Exchange]:
    """Run the service on a house with broken answers; what its line saw."""
    house = HouseProcess(demo_house(1, "mixed", BEGINS_AT, faults=(Fault("crc", share=0.001),)))
    house.wait()
    installation = folder / "hems.toml"
    installation.write_text(files("hems.sim").joinpath("demo.toml").read_text().replace("PORT", house.port))
    create_book(folder)
    service = subprocess.Popen(
        [sys.executable, "-m", "hems", "run", "--config", str(installation)],
        env={**os.environ, "GPIOZERO_PIN_FACTORY": "mock"},
        stderr=subprocess.DEVNULL,
    )
    house.send({"relay": {"garage": True}})
    time.sleep(seconds)
    log = house.log("rs485-a")
    service.send_signal(signal.SIGTERM)
    service.wait(timeout=10)
    house.stop()
    return log


def main() -> int:
    """Measure and judge."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with TemporaryDirectory() as folder:
        log = measure(Path(folder), seconds)
    found = reactions_s(log)
    return judge(
        [
            Figure("acknowledged set-points", len(found), "", at_least=3),
            Figure("meter to acknowledged write, median", 1000 * found[len(found) // 2], "ms"),
            Figure(
                "meter to acknowledged write, p99", 1000 * found[int(0.99 * len(found))], "ms", at_most=1000
            ),
            Figure("exchanges", len(log), ""),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
