"""Cycle time, overruns and own violations of the demo on a 9600-baud line, in real time.

``python -m tests.bench.cycle [SECONDS]``; 60 s unless told.
"""

import json
import subprocess
import sys

from tests.bench.targets import Figure, judge


def main() -> int:
    """Run the demo and judge what it says at its end."""
    seconds = sys.argv[1] if len(sys.argv) > 1 else "60"
    command = [sys.executable, "-m", "hems", "demo", "--headless", "--json", "--for", seconds]
    outcome = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    cycle_ms, truth = outcome["cycle_ms"], outcome["truth"]
    return judge(
        [
            Figure("cycle, median", cycle_ms["p50"], "ms"),
            Figure("cycle, p99", cycle_ms["p99"], "ms", at_most=1000),
            Figure("cycle, longest", cycle_ms["max"], "ms"),
            Figure("overruns", outcome["overruns"], "", at_most=0),
            Figure("exceptions", outcome["exceptions"], "", at_most=0),
            Figure("exchanges", outcome["transactions"], "", at_least=1),
            Figure("errors on the wire", outcome["errors"], "", at_most=0),
            Figure("requests before the silence", truth["early"], "", at_most=0),
            Figure("charger starts", outcome["charger_starts"], "", at_least=1),
            Figure("set-points above a fuse", truth["violations"], "", at_most=0),
            Figure("time above a fuse", truth["over_fuse_s"], "s"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
