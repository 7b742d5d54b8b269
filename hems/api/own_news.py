"""What Hems tells unasked: the page of each cycle, other decisions, events, the optimizer (API-114)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from hems.api.own_history import happened
from hems.api.own_view import figure, page
from hems.api.rows import Identity, News, Result
from hems.language.said import reason
from hems.model.view import View
from hems.model.why import Why

NAME: Final = "Hems"
QUIET: Final = frozenset({"counted", "rolled", "glitch", "session_began"})
"""Events that only counters tell."""


def changes(before: View | None, view: View, identity: Identity) -> Sequence[News]:
    """The news of one cycle."""
    return tuple(_news(before, view))


def _news(before: View | None, view: View) -> Iterator[News]:
    yield News(NAME, "ViewChanged", {"view": page(view)}, snapshot=True)
    if others := _decisions(before, view):
        yield News(NAME, "DecisionChanged", {"changes": others})
    for event in view.events:
        if event.kind not in QUIET:
            yield News(NAME, "EventAdded", {"event": happened(event)})
    former, bridge = before.around.optimizer if before else None, view.around.optimizer
    available = bridge.stage in ("ready", "asking")
    if available is not (former is not None and former.stage in ("ready", "asking")):
        told = {"available": available, "reason": bridge.words}
        yield News(NAME, "OptimizerAvailableChanged", told)
    if bridge.plan_id and (former is None or former.plan_id != bridge.plan_id):
        yield News(NAME, "OptimizationReceived", _received(view))


def _decisions(before: View | None, view: View) -> list[Result]:
    """Chargers and heat pumps with another limit or another reason."""
    former = _told(before) if before else {}
    return [
        {"name": name, "limit_a": limit_a, "code": str(why.code), "text": reason(why)}
        for name, (limit_a, why) in _told(view).items()
        if name not in former or (former[name][0], former[name][1].code) != (limit_a, why.code)
    ]


def _told(view: View) -> dict[str, tuple[float | None, Why]]:
    chargers = view.decision.chargers.items()
    pumps = view.decision.heat_pumps.items()
    return {
        **{name: (None, pump.why) for name, pump in pumps},
        **{name: (figure(charger.limit_a), charger.why) for name, charger in chargers},
    }


def _received(view: View) -> Result:
    """An optimizer's plan, in seconds from now."""
    bridge, plan, now_s = view.around.optimizer, view.snapshot.optimizer, view.now.mono_s
    setpoints: list[dict[str, Any]] = []
    for charger, steps in (plan.steps if plan else {}).items():
        rows = [
            {
                "start_s": figure(step.start_mono_s - now_s, 1),
                "end_s": figure(step.end_mono_s - now_s, 1),
                "limit_a": figure(step.limit_a),
                **({} if step.lines is None else {"lines": step.lines}),
            }
            for step in steps
        ]
        setpoints.append({"charger": charger, "steps": rows})
    return {"plan_id": bridge.plan_id, "valid_s": round(bridge.seconds_left), "setpoints": setpoints}
