"""What a row of the fault matrix costs, and its bound."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

TOLERANCE_MS: Final = 0.3
"""A line may look a tenth of a character after it could; more overhead than this is a miss."""


@dataclass(frozen=True)
class Measured:
    """One row, played: until the next exchange, or what `what` says; without a bound it is only told."""

    row: int
    what: str
    framing: str
    outcome: str
    took_ms: float
    bound_ms: float | None

    @property
    def met(self) -> bool:
        """Whether the bound was kept."""
        return self.bound_ms is None or self.took_ms <= self.bound_ms + TOLERANCE_MS


def table(rows: Iterable[Measured]) -> str:
    """All of them, for people."""
    lines = [f"{'row':>3}  {'situation':52} {'framing':7} {'outcome':34} {'ms':>10} {'bound':>10}"]
    for one in sorted(rows, key=lambda one: (one.row, one.what, one.framing)):
        bound = "–" if one.bound_ms is None else f"{one.bound_ms:.1f}"
        took = f"{one.took_ms:10.1f} {bound:>10}{'' if one.met else '  MISSED'}"
        lines.append(f"{one.row:3}  {one.what:52} {one.framing:7} {one.outcome:34} {took}")
    return "\n".join(lines)
