"""What all chargers share in one cycle, and a set-point on its way down the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hems.core import meter
from hems.core.commissioning import Most
from hems.core.heat import Taker
from hems.core.ladder import Call
from hems.core.readings import Grid
from hems.core.rules import Rules
from hems.core.sites import Course, Site
from hems.model.decision import Dim
from hems.model.intents import Errand
from hems.model.why import Why


@dataclass(frozen=True, slots=True)
class Cycle:
    """What all chargers share in this cycle; `available_w` is ``None`` while nobody knows the surplus.

    `errands` are what was asked for once since the last cycle. `sites` is all that has room for a sum of
    current or power; `courses` says what each charger costs there, `trusts` how far the meters above it are
    trusted together, `calls` what it is called to do. `dim` is the grid operator's limit.
    `takers` stand in the queue for surplus with the chargers; `withheld_w` is what the battery charges with
    and no charger gets. `searched` are the chargers that stand still for a search, each with its line's name;
    `held` is the most each may be told in the first run.
    """

    rules: Rules
    now_s: float
    elapsed_s: float
    grid: Grid | None
    trust: meter.Trust
    available_w: float | None
    errands: Sequence[Errand] = ()
    sites: Mapping[str, Site] = field(default_factory=dict)
    courses: Mapping[str, Course] = field(default_factory=dict)
    trusts: Mapping[str, meter.Trust] = field(default_factory=dict)
    calls: Mapping[str, Call] = field(default_factory=dict)
    dim: Dim | None = None
    takers: Sequence[Taker] = ()
    withheld_w: float = 0.0
    searched: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, Most] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """A set-point on its way down the rules, and the reason that made it as small as it is."""

    limit_a: float
    why: Why

    def narrow(self, limit_a: float, why: Why) -> "Claim":
        """Whichever is smaller; on a tie the earlier reason stays."""
        return Claim(limit_a, why) if limit_a < self.limit_a else self
