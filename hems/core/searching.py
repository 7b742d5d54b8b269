"""A search for devices in one cycle: who stands still, what the wires are told, what is kept and told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from hems.core import hand, search
from hems.core.rules import Rules, SearchRules
from hems.core.scene import Scene
from hems.core.search import Stage, Verdict
from hems.core.sources import event, stamp
from hems.model.decision import SearchDecision, SearchOrder
from hems.model.instant import Instant
from hems.model.intents import Errand, Intent, KeepSearch, SearchBus
from hems.model.ledger import Event
from hems.model.runs import Figure
from hems.model.settings import SearchMark, Settings
from hems.model.snapshot import SearchReading, Snapshot


@dataclass(frozen=True, slots=True)
class Searching:
    """What follows: who stands still for which line, and what the wires, every eye and the book are told."""

    state: search.State
    still: Mapping[str, str]
    order: SearchOrder | None
    decision: SearchDecision | None
    events: tuple[Event, ...]
    asks: tuple[Intent, ...]


def step(
    rules: Rules,
    state: search.State,
    scenes: Sequence[Scene],
    snapshot: Snapshot,
    settings: Settings,
    errands: Sequence[Errand],
    now_s: float,
) -> Searching:
    """One cycle, before anybody wishes anything."""
    reading, now = snapshot.search, snapshot.now
    asked = [errand for errand in errands if isinstance(errand, SearchBus)]
    waits_for = _waits_for(rules, state.bus, scenes)
    after, verdict = search.step(rules.search, state, _inputs(state, asked, waits_for, reading), now_s)
    full = after.stage is not Stage.RESTING and after.manner == "full"
    return Searching(
        after,
        dict.fromkeys(rules.buses.get(after.bus, ()), after.bus) if full else {},
        _order(rules.search, after, settings, now),
        _decision(rules, after, scenes),
        (*_refused(state, asked, now), *_ended(verdict, state, waits_for, reading, now)),
        _kept(rules.search, reading, settings),
    )


def obstacle(rules: SearchRules, scene: Scene) -> str:
    """What speaks against a charger's standing still, whatever happens on its line; "" for nothing.

    Silence proves nothing: who does not answer is still only if its relay is open.
    """
    sight, name = scene.sight, scene.name
    if sight.line_a is not None and scene.peak_a >= rules.still_a:
        return f"{name} still draws current"
    opened = scene.charger.relay and scene.memory.hand.stage in (hand.Stage.SAFE, hand.Stage.OPEN)
    if opened and not sight.answers:
        return ""
    if not (sight.answers and scene.memory.told_a == 0.0 and sight.acknowledged_a == 0.0):
        return f"{name} has not acknowledged 0 A"
    if not opened and sight.line_a is None and sight.status not in ("A", "B"):
        return f"nobody knows whether {name} draws current"
    return ""


def _inputs(
    state: search.State, asked: Sequence[SearchBus], waits_for: str, reading: SearchReading | None
) -> search.Inputs:
    begins = next((errand for errand in asked if errand.manner != "stop"), None)
    return search.Inputs(
        begin=begins.bus if begins is not None else "",
        manner="full" if begins is not None and begins.manner == "full" else "live",
        stop=SearchBus(state.bus, "stop") in asked,
        still=not waits_for,
        ended=reading is None or reading.bus != state.bus or reading.ended,
    )


def _waits_for(rules: Rules, bus: str, scenes: Sequence[Scene]) -> str:
    """What is not yet still of all that depends on a line, in words."""
    concerned = rules.buses.get(bus, frozenset())
    found = (obstacle(rules.search, scene) for scene in scenes if scene.name in concerned)
    return next((words for words in found if words), "")


def _order(rules: SearchRules, state: search.State, settings: Settings, now: Instant) -> SearchOrder | None:
    if state.stage is not Stage.SEARCHING:
        return None
    mark = settings.searches.get(state.bus)
    holds = mark is not None and mark.manner == state.manner and _recent(rules, mark, now)
    return SearchOrder(state.bus, state.manner, mark if holds else None)


def _recent(rules: SearchRules, mark: SearchMark, now: Instant) -> bool:
    """Whether a mark is young enough; one with a date needs a trusted clock to tell."""
    wall = stamp(now)
    if mark.told is None or wall is None:
        return mark.told is None
    return timedelta(0) <= wall - mark.told <= timedelta(seconds=rules.holds_s)


def _decision(rules: Rules, state: search.State, scenes: Sequence[Scene]) -> SearchDecision | None:
    if state.stage is Stage.RESTING:
        return None
    if state.stage is Stage.STOPPING:
        return SearchDecision(state.bus, state.manner, "stopping", _waits_for(rules, state.bus, scenes))
    return SearchDecision(state.bus, state.manner, "searching")


def _refused(state: search.State, asked: Sequence[SearchBus], now: Instant) -> tuple[Event, ...]:
    """One search at a time: whoever asks for another one is told why not."""
    begins = [errand for errand in asked if errand.manner != "stop"]
    resting = state.stage is Stage.RESTING
    words = f"{begins[0].bus if resting and begins else state.bus} is being searched"
    refused = begins[1:] if resting else begins
    return tuple(event("search_refused", errand.bus, now, because=words) for errand in refused)


def _ended(
    verdict: Verdict | None,
    state: search.State,
    waits_for: str,
    reading: SearchReading | None,
    now: Instant,
) -> tuple[Event, ...]:
    if verdict is None:
        return ()
    figures: dict[str, Figure] = {"verdict": str(verdict)}
    words = waits_for if verdict is Verdict.GIVEN_UP else ""
    if state.stage is Stage.SEARCHING and reading is not None and reading.bus == state.bus:
        figures["found"] = reading.found
        words = reading.words
    if words:
        figures["because"] = words
    return (event("searched", state.bus, now, **figures),)


def _kept(rules: SearchRules, reading: SearchReading | None, settings: Settings) -> tuple[Intent, ...]:
    """Where a search could be taken up again, told from time to time and when it has ended (BUS-73)."""
    if reading is None:
        return ()
    known, mark = settings.searches.get(reading.bus), reading.mark
    former = replace(known, told=None) if known is not None else None
    if mark == former:
        return ()
    if mark is None or former is None or reading.ended:
        return (KeepSearch(reading.bus, mark),)
    elsewhere = replace(mark, start=former.start) != former
    far = abs(mark.start - former.start) >= rules.keep_pairs
    return (KeepSearch(reading.bus, mark),) if elsewhere or far else ()
