"""All rules in order: one snapshot in, the whole decision out. Each later rule can only narrow.

meters, chargers, limits · tariff · calls · surplus · modes (per charger) · heat pumps, loads · lines ·
ceilings and pause · share · pace · hand
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hems.core import (
    chosen,
    commissioning,
    custody,
    dim_test,
    evidence,
    heat,
    household,
    ladder,
    lines,
    outlook,
    readings,
    searching,
    sites,
    surplus,
    tariff,
)
from hems.core.cycle import Cycle
from hems.core.ladder import Call
from hems.core.limits import hold, limits, protect, shares
from hems.core.memory import ChargerMemory, Memory
from hems.core.outcome import Outcome, decided, lowered, remember
from hems.core.rules import Rules
from hems.core.scene import Scene
from hems.core.survey import Survey, survey
from hems.core.wishes import Wished, wishes
from hems.model.decision import Command, Decision
from hems.model.intents import Errand, Intent, ProveDim, SetOperatorLimit
from hems.model.ledger import Event, Ledger
from hems.model.lessons import Lesson
from hems.model.settings import Settings
from hems.model.snapshot import Snapshot

MISSED_MAX_S = 10.0
"""A gap between two cycles is integrated over at most so long; nobody saw the rest."""

NOTHING_COUNTED = Ledger()


def decide(
    rules: Rules,
    memory: Memory,
    snapshot: Snapshot,
    settings: Settings,
    ledger: Ledger = NOTHING_COUNTED,
    errands: Sequence[Errand] = (),
) -> tuple[Memory, Decision]:
    """One cycle of everything. Total: whatever the wires said and whoever asked, there is a decision."""
    snapshot, now_s = _placed(snapshot, memory)
    figures = chosen.step(memory.chosen, rules, settings.chosen, settings.tariff)
    rules = figures.rules
    seen = survey(rules, memory, snapshot, settings, now_s)
    basis = _basis(figures, memory, snapshot, settings, ledger, now_s)
    prospect = outlook.step(figures.tariff, memory.outlook, settings.prices, snapshot.now)
    first_run, held = commissioning.step(
        memory.first_run, rules.chargers, errands, lasts=settings.commissioning is not None, now_s=now_s
    )
    calls = _calls(basis, seen, held)
    sought = searching.step(rules, memory.search, seen.scenes, snapshot, settings, errands, now_s)
    surplus_state, cycle = _cycle(basis, memory, seen, calls, snapshot, errands, sought.still, held)
    wished, offers = wishes(cycle, seen.scenes)
    home = household.step(cycle, memory, seen.scenes, wished, offers, snapshot, settings)
    cycle = home.cycle
    outcomes = _outcomes(cycle, seen.scenes, wished, snapshot)
    chargers = {name: remember(cycle, one) for name, one in outcomes.items()}
    evidence_state, contact_test, recorded = _limited(memory, cycle, seen, outcomes, snapshot)
    after = Memory(
        meter=seen.meter_state,
        surplus=surplus_state,
        chargers=chargers,
        mono_s=now_s,
        circuits={name: look.state for name, look in seen.looks.items()},
        feeds=sites.lowered(seen.laws, seen.feeds, lowered(cycle, outcomes.values()), now_s),
        dim=seen.dim_state,
        evidence=evidence_state,
        chosen=figures,
        heat=home.heat_state,
        loads=home.loads_state,
        search=sought.state,
        first_run=first_run,
        outlook=prospect,
        dim_test=contact_test,
    )
    return after, Decision(
        {name: decided(cycle, one) for name, one in outcomes.items()},
        _command(outcomes, home, sought),
        cycle.available_w,
        basis.period,
        basis.price_ueur_kwh,
        heat_pumps=home.heat.decisions,
        loads=home.running,
        dim=cycle.dim,
        lessons=_lessons(rules, chargers, ledger),
        events=(*_told(calls, outcomes), *recorded, *sought.events),
        asks=(*_asked(calls, seen), *home.heat.asks, *sought.asks),
        search=sought.decision,
        outlook=prospect.outlook,
        dim_test=contact_test.told,
    )


def _placed(snapshot: Snapshot, memory: Memory) -> tuple[Snapshot, float]:
    """The picture at a time that can be, and its monotonic seconds."""
    now = readings.believed(snapshot.now)
    now_s = readings.figure(now.mono_s)
    placed = snapshot if now is snapshot.now else replace(snapshot, now=now)
    return placed, memory.mono_s or 0.0 if now_s is None else now_s


def _basis(
    figures: chosen.State,
    memory: Memory,
    snapshot: Snapshot,
    settings: Settings,
    ledger: Ledger,
    now_s: float,
) -> ladder.Basis:
    """What all chargers' calls rest on."""
    return ladder.Basis(
        figures.rules,
        ledger,
        settings.prices,
        *tariff.at(figures.tariff, settings.prices, snapshot.contacts, snapshot.now),
        snapshot.optimizer,
        snapshot.now,
        now_s,
        min(MISSED_MAX_S, max(0.0, now_s - memory.mono_s)) if memory.mono_s is not None else 0.0,
    )


def _calls(basis: ladder.Basis, seen: Survey, held: Mapping[str, commissioning.Most]) -> dict[str, Call]:
    """What each charger is called to do."""
    return {one.name: ladder.first_charge(ladder.call(basis, one), held.get(one.name)) for one in seen.scenes}


def _cycle(
    basis: ladder.Basis,
    memory: Memory,
    seen: Survey,
    calls: Mapping[str, Call],
    snapshot: Snapshot,
    errands: Sequence[Errand],
    searched: Mapping[str, str],
    held: Mapping[str, commissioning.Most],
) -> tuple[surplus.State, Cycle]:
    """The surplus, and all that the chargers share."""
    rules, now_s, rooms = basis.rules, seen.now_s, seen.sites(basis.rules)
    drawing = [scene for scene in seen.scenes if calls[scene.name].sunny(scene)]
    sky = household.sky(seen.fresh_grid(rules), drawing, snapshot.battery)
    surplus_state, available_w = surplus.step(rules.surplus, memory.surplus, sky, now_s)
    return surplus_state, Cycle(
        rules=rules,
        now_s=now_s,
        elapsed_s=basis.elapsed_s,
        grid=seen.grid,
        trust=seen.trust,
        available_w=available_w,
        errands=errands,
        sites=rooms,
        courses={name: course.over(rooms) for name, course in seen.courses.items()},
        trusts=seen.trusts(rules),
        calls=calls,
        dim=seen.limit.dim if seen.limit is not None else None,
        takers=heat.takers(rules, memory.heat, snapshot.heat_pumps, now_s),
        searched=searched,
        held=held,
        withheld_w=surplus.withheld_w(rules.surplus, surplus_state, sky, now_s),
    )


def _outcomes(
    cycle: Cycle, scenes: Sequence[Scene], wished: Wished, snapshot: Snapshot
) -> dict[str, Outcome]:
    """Every charger's way from its mode's wish to its hand."""
    lined = {
        scene.name: lines.step(cycle, scenes, scene, *wished[scene.name][1:], snapshot.now)
        for scene in scenes
    }
    claims = {scene.name: protect(cycle, scene, lined[scene.name].claim) for scene in scenes}
    parts = shares(cycle, scenes, claims)
    held = hold(cycle, scenes, claims, parts, limits(cycle, scenes, claims, parts))
    return {
        scene.name: Outcome(
            scene,
            *wished[scene.name][:2],
            lined[scene.name],
            claims[scene.name],
            parts[scene.name],
            held[scene.name],
            custody.keep(cycle, scene, held[scene.name], snapshot, lined[scene.name].lesson),
        )
        for scene in scenes
    }


def _command(outcomes: Mapping[str, Outcome], home: household.Home, sought: searching.Searching) -> Command:
    chargers = {name: one.command for name, one in outcomes.items()}
    return Command(chargers, home.heat.surplus_w, home.relays, sought.order)


def _evidence(
    rules: Rules, memory: Memory, seen: Survey, outcomes: Mapping[str, Outcome], snapshot: Snapshot
) -> tuple[evidence.State, tuple[Event, ...]]:
    """The record of the grid operator's limit, with this cycle's readings and set-points."""
    if seen.limit is None or rules.dim is None:
        return memory.evidence, ()
    dim, figures = seen.limit.dim, seen.readings()
    for name, one in outcomes.items():
        figures[f"{name}.before_a"] = one.scene.memory.told_a
        figures[f"{name}.after_a"] = one.held.claim.limit_a
    record = evidence.Record(seen.limit.device_w, dim.source) if dim.limited else None
    known = seen.limit.known
    return evidence.step(rules.dim, memory.evidence, record, known, figures, snapshot.now, seen.now_s)


def _limited(
    memory: Memory, cycle: Cycle, seen: Survey, outcomes: Mapping[str, Outcome], snapshot: Snapshot
) -> tuple[evidence.State, dim_test.State, tuple[Event, ...]]:
    """The grid operator's limit on record, and the test of his contact."""
    evidence_state, recorded = _evidence(cycle.rules, memory, seen, outcomes, snapshot)
    contact_test, tested = _contact_test(memory, cycle, outcomes, snapshot)
    return evidence_state, contact_test, (*recorded, *tested)


def _contact_test(
    memory: Memory, cycle: Cycle, outcomes: Mapping[str, Outcome], snapshot: Snapshot
) -> tuple[dim_test.State, tuple[Event, ...]]:
    """The test of the grid operator's contact, with what the chargers are told in this cycle."""
    told_a = {name: one.command.limit_a for name, one in outcomes.items()}
    source = cycle.dim.source if cycle.dim is not None else ""
    inputs = dim_test.Inputs(ProveDim() in cycle.errands, source, told_a, snapshot.chargers)
    return dim_test.step(memory.dim_test, inputs, snapshot.now, cycle.now_s)


def _told(calls: Mapping[str, Call], outcomes: Mapping[str, Outcome]) -> tuple[Event, ...]:
    return (
        *(told for one in calls.values() for told in one.events),
        *(told for one in outcomes.values() for told in one.events),
    )


def _asked(calls: Mapping[str, Call], seen: Survey) -> tuple[Intent, ...]:
    """Orders that have come to their end."""
    ended = seen.limit is not None and seen.limit.expired
    return (
        *(asked for one in calls.values() for asked in one.asks),
        *((SetOperatorLimit(None),) if ended else ()),
    )


def _lessons(rules: Rules, chargers: Mapping[str, ChargerMemory], ledger: Ledger) -> dict[str, Lesson]:
    """The lessons that are not in the ledger yet."""
    lessons = {f"ev{rules.chargers[name].number}": memory.lesson for name, memory in chargers.items()}
    return {key: lesson for key, lesson in lessons.items() if lesson != ledger.lessons.get(key, Lesson())}
