"""The fault matrix with its figures: ``python -m tests.field.matrix``."""

import sys

from tests.field.matrix.cases import CASES
from tests.field.matrix.measured import table


def main() -> int:
    """Play every row; 1 if a bound is missed."""
    rows = [case() for case in CASES.values()]
    print(table(rows))
    return int(not all(row.met for row in rows))


if __name__ == "__main__":
    sys.exit(main())
