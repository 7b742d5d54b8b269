"""What one run remembers: the states of all machines. It does not survive the run, on purpose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Final

from hems.core.appetite import State as AppetiteState
from hems.core.boost import State as BoostState
from hems.core.charging import State as ChargingState
from hems.core.cheap import State as CheapState
from hems.core.chosen import State as ChosenState
from hems.core.commissioning import State as CommissioningState
from hems.core.dim import State as DimState
from hems.core.dim_test import State as DimTestState
from hems.core.evidence import State as EvidenceState
from hems.core.hand import Stage as HandStage
from hems.core.hand import State as HandState
from hems.core.heat import State as HeatState
from hems.core.loads import State as LoadsState
from hems.core.meter import State as MeterState
from hems.core.outlook import State as OutlookState
from hems.core.overload import Defiance, Pause
from hems.core.overload import State as FeedState
from hems.core.phases import State as LinesState
from hems.core.pulses import State as PulsesState
from hems.core.relay_test import State as RelayTestState
from hems.core.rules import Rules
from hems.core.search import State as SearchState
from hems.core.surplus import State as SurplusState
from hems.core.switching import State as SwitchingState
from hems.core.target import State as TargetState
from hems.core.timing import Budget, RateLimit
from hems.model.lessons import Lesson
from hems.model.settings import Mode
from hems.model.why import Reason

NO_LESSONS: Final[Mapping[str, Lesson]] = {}


@dataclass(frozen=True, slots=True)
class Rungs:
    """The machines of the ladder's upper rungs; `drawn_wh` is what the charger drew in this run.

    `called` is why something was demanded in the last cycle, `began` whether that had just begun.
    """

    boost: BoostState = field(default_factory=BoostState)
    cheap: CheapState = field(default_factory=CheapState)
    target: TargetState = field(default_factory=TargetState)
    drawn_wh: float = 0.0
    called: Reason | None = None
    began: bool = False


@dataclass(frozen=True, slots=True)
class ChargerMemory:
    """The machines of one charger, and what it was told last.

    `told_mono_s` is when its set-point last changed, `raised_a` by how much it rose then, `switched_mono_s`
    when it last started or stopped, `interrupted` whether it was stopped while its mode goes on wanting
    current. `cap_a` is what protection left it in the last cycle. `plugged_mono_s` and `plugged_wh` belong to
    the car that is there; `mode` is what its last orders were. `lesson` is what must outlive the run.
    """

    charging: ChargingState = field(default_factory=ChargingState)
    lines: LinesState = field(default_factory=LinesState)
    appetite: AppetiteState = field(default_factory=AppetiteState)
    pause: Pause = field(default_factory=Pause)
    defiance: Defiance = field(default_factory=Defiance)
    hand: HandState = field(default_factory=HandState)
    rise: RateLimit = field(default_factory=RateLimit)
    starts: Budget = field(default_factory=Budget)
    switchings: Budget = field(default_factory=Budget)
    told_a: float = 0.0
    told_mono_s: float = -inf
    switched_mono_s: float = -inf
    cap_a: float = inf
    raised_a: float = 0.0
    mode: Mode | None = None
    plugged_mono_s: float | None = None
    plugged_wh: float | None = None
    lesson: Lesson = field(default_factory=Lesson)
    relay_test: RelayTestState = field(default_factory=RelayTestState)
    rungs: Rungs = field(default_factory=Rungs)
    switching: SwitchingState = field(default_factory=SwitchingState)
    pulses: PulsesState = field(default_factory=PulsesState)
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """The machines of the site and of its chargers; `mono_s` is the last cycle's moment.

    `circuits` are the states of their meters, `feeds` those of the law on whatever has room (`sites`).
    `dim` and `evidence` belong to the grid operator's limit.
    """

    meter: MeterState
    surplus: SurplusState
    chargers: Mapping[str, ChargerMemory]
    mono_s: float | None = None
    circuits: Mapping[str, MeterState] = field(default_factory=dict)
    feeds: Mapping[str, FeedState] = field(default_factory=dict)
    dim: DimState = field(default_factory=DimState)
    evidence: EvidenceState = field(default_factory=EvidenceState)
    chosen: ChosenState | None = None
    heat: HeatState = field(default_factory=HeatState)
    loads: LoadsState = field(default_factory=LoadsState)
    search: SearchState = field(default_factory=SearchState)
    first_run: CommissioningState = field(default_factory=CommissioningState)
    outlook: OutlookState = field(default_factory=OutlookState)
    dim_test: DimTestState = field(default_factory=DimTestState)


def fresh(rules: Rules, lessons: Mapping[str, Lesson] = NO_LESSONS, *, recording: bool = False) -> Memory:
    """The memory a run begins with: every machine in its safe stage, and the `lessons` of former runs.

    `recording`: one of them left a record of the grid operator's limit open.
    """
    chargers = {
        name: _taught(lessons.get(f"ev{charger.number}", Lesson()))
        for name, charger in rules.chargers.items()
    }
    return Memory(MeterState(), SurplusState(), chargers, evidence=EvidenceState(left=recording))


def _taught(lesson: Lesson) -> ChargerMemory:
    """A contactor that was stuck still is (CHG-61)."""
    hand = HandState(HandStage.STUCK) if lesson.stuck else HandState()
    return ChargerMemory(lesson=lesson, hand=hand)
