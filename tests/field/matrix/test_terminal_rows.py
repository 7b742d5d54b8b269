"""Rows 25 to 29 over real pseudo-terminals."""

from pathlib import Path

import pytest

from tests.field.matrix import terminal_plays
from tests.field.matrix.measured import table

pytestmark = pytest.mark.proof


def test_ports_come_and_go(tmp_path: Path) -> None:
    """BUS-1, BUS-7, BUS-120: another terminal under the same name included."""
    rows = terminal_plays.play(tmp_path)
    assert {row.row for row in rows} == {25, 26, 27, 28, 29}
    assert all(row.met for row in rows), table(rows)
