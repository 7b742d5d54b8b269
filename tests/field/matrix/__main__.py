"""The fault matrix with its figures: ``python -m tests.field.matrix``."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.field.matrix import terminal_plays
from tests.field.matrix.cases import CASES
from tests.field.matrix.measured import table


def main() -> int:
    """Play every row; 1 if a bound is missed."""
    rows = [case() for case in CASES.values()]
    with TemporaryDirectory(prefix="hems-matrix-") as folder:
        rows += terminal_plays.play(Path(folder))
    print(table(rows))
    return int(not all(row.met for row in rows))


if __name__ == "__main__":
    sys.exit(main())
