"""A witness of a story: what a car and its charger really do, ten times a second."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from tests.stories.stage import Stage

LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Sight:
    """What was so at a moment: the current on offer, what the car drew on its strongest line, the relay."""

    mono_s: float
    offered_a: float
    drawn_a: float
    relay_closed: bool


class Witness:
    """Looks at one charger of a stage from now on."""

    def __init__(self, stage: Stage, charger: str = "garage") -> None:
        self._stage = stage
        self._charger = charger
        self.sights: list[Sight] = []
        self._look()

    def _look(self) -> None:
        now_s = self._stage.clock.mono_s()
        house = self._stage.desk.house
        house.advance(now_s)
        point = house.points[self._charger]
        self.sights.append(Sight(now_s, point.offered_a(now_s), max(point.drawn_a), point.relay_closed))
        self._stage.house.reactor.call_at(now_s + LOOK_S, self._look)

    def between(self, from_s: float, to_s: float = inf) -> Iterator[Sight]:
        """The sights of a time."""
        return (sight for sight in self.sights if from_s <= sight.mono_s <= to_s)

    def first(self, from_s: float, *, offered_a: float = inf, drawn_a: float = inf) -> float:
        """When it was first true that no more was on offer, and no more drawn."""
        return next(
            sight.mono_s
            for sight in self.between(from_s)
            if sight.offered_a <= offered_a and sight.drawn_a <= drawn_a
        )

    def opened(self, from_s: float) -> float:
        """When the relay was first open."""
        return next(sight.mono_s for sight in self.between(from_s) if not sight.relay_closed)

    def rose(self, from_s: float, to_s: float = inf) -> bool:
        """Whether the offer was raised in this time."""
        offers_a = [sight.offered_a for sight in self.between(from_s, to_s)]
        return any(after > before for before, after in pairwise(offers_a))
