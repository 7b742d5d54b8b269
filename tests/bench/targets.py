"""Figures against their targets: a table for people, JSON lines for machines, and the exit code."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure; `at_most` and `at_least` are its target."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        low_enough = self.at_most is None or self.value <= self.at_most
        return low_enough and (self.at_least is None or self.value >= self.at_least)

    @property
    def target(self) -> str:
        """The target in words."""
        bounds = ((self.at_most, "≤"), (self.at_least, "≥"))
        return " ".join(f"{sign} {bound:g}" for bound, sign in bounds if bound is not None) or "–"


def judge(figures: Sequence[Figure]) -> int:
    """Print all figures; 1 if a target is missed."""
    print(f"{'figure':34} {'measured':>12} {'target':>10}")
    for figure in figures:
        mark = "" if figure.met else "  MISSED"
        print(f"{figure.name:34} {figure.value:9.1f} {figure.unit:2} {figure.target:>10}{mark}")
    for figure in figures:
        print(json.dumps(asdict(figure) | {"met": figure.met}))
    return int(not all(figure.met for figure in figures))
