"""Every row of the fault matrix with every framing, by name."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from tests.field.matrix import house_plays, line_plays, line_rows, port_plays
from tests.field.matrix.line_rows import BOTH, LINE_ROWS
from tests.field.matrix.measured import Measured


def _cases() -> Mapping[str, Callable[[], Measured]]:
    found: dict[str, Callable[[], Measured]] = {}
    for row in LINE_ROWS:
        for framing in row.framings:
            found[f"{row.row} {row.what} {framing}"] = partial(line_rows.play, row, framing)
    for name, play in (line_plays.PLAYS | port_plays.PLAYS).items():
        for framing in BOTH:
            found[f"{name} {framing}"] = partial(play, framing)
    for name, play in house_plays.PLAYS.items():
        for framing in BOTH[:1] if name in house_plays.RTU_ONLY else BOTH:
            found[f"{name} {framing}, house"] = partial(play, framing)
    return found


CASES: Final = _cases()
