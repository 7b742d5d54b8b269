"""Who tells how it stands around the cycle: each edge that opens puts its teller here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from hems.model.instant import Instant
from hems.model.surroundings import Appliance, DoorHealth, FaceHealth, OptimizerHealth, Surroundings

Told = TypeVar("Told")
Teller = Callable[[Instant], Told]


@dataclass(slots=True)
class Around:
    """The tellers of one run; an edge that is not there tells what stands for that."""

    door: Teller[DoorHealth] = field(default=lambda _: DoorHealth())
    face: Teller[FaceHealth] = field(default=lambda _: FaceHealth())
    optimizer: Teller[OptimizerHealth] = field(default=lambda _: OptimizerHealth())
    appliance: Teller[Appliance] = field(default=lambda _: Appliance())

    def __call__(self, now: Instant) -> Surroundings:
        """All of it at this moment."""
        return Surroundings(self.door(now), self.face(now), self.optimizer(now), self.appliance(now))
