"""The first run's proofs (PNL-70, steps 9 to 12): meter, chargers, first charge, what protects now."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hems.language.words import digits, marked, t
from hems.model.intents import Commission, ProveRelay, SetMode, TryCharge
from hems.model.settings import AIMED, MODES, Proofs
from hems.model.units import LINES
from hems.model.view import View
from hems.panel import meter_check
from hems.panel.asks import Asked
from hems.panel.format import current, shortened
from hems.panel.proofs_screen import proof_said
from hems.panel.readings import MODE_WORDS
from hems.panel.wizard import Facts, Question, Run, Taken, Trial
from hems.panel.wizard_meter import (
    METER_QUESTIONS,
    ON,
    SKIP,
    corrections,
    grid_name,
    line_powers,
    loaded,
    proven,
)

TRY_S: Final = 60.0
FLOWS_S: Final = 15.0
FLOWS_A: Final = 1.0
POINTS: Final = "points"
OPTION_WORDS: Final = {
    ON: marked("go on"),
    SKIP: marked("skip, not proven"),
    "begin": marked("begin"),
    "wait": marked("wait"),
    "end": marked("end it"),
    "start": marked("start"),
}


def _chargers(facts: Facts) -> Sequence[str]:
    chargers = facts.view.installed.chargers
    testable = [name for name, one in chargers.items() if one.relay and name not in facts.run.tested]
    return (*([*testable, ON] if testable else [ON]),) if chargers else ()


def _charger_words(facts: Facts, option: str) -> str:
    return t("test relay {name}").format(name=shortened(option, 9)) if option != ON else t(OPTION_WORDS[ON])


def _charger_lines(facts: Facts) -> Sequence[str]:
    rows = []
    for name in facts.view.installed.chargers:
        health = facts.view.health.wires.devices.get(name)
        ready = health is not None and health.set_up
        words = facts.run.tested.get(name, "ok" if ready else "waits")
        rows.append(f"{shortened(name, 9):9} {t(TEST_WORDS.get(words, words)):>11}")
    return rows[:3]


TEST_WORDS: Final = {
    "ok": marked("set up"),
    "waits": marked("waits"),
    "asked": marked("is tested"),
    "passed": marked("relay obeys"),
    "failed": marked("relay fails"),
    "refused": marked("no test now"),
    "broken_off": marked("broken off"),
}


def _take_charger(facts: Facts, option: str) -> Taken:
    if option == ON:
        return Taken()
    return Taken((ProveRelay(option),), onward=False, run=lambda run: _tested(run, option, "asked"))


def _tested(run: Run, charger: str, verdict: str) -> Run:
    return replace(run, tested={**run.tested, charger: verdict})


def first_charger(view: View) -> str:
    """The charger of the first charge, "" = none."""
    return next(iter(view.installed.chargers), "")


def _charges(facts: Facts) -> Sequence[str]:
    if not first_charger(facts.view):
        return ()
    if facts.run.trial is None:
        return ("begin", SKIP)
    return (ON,) if facts.run.trial.done else ("wait", "end")


def _charge_lines(facts: Facts) -> Sequence[str]:
    name, trial = first_charger(facts.view), facts.run.trial
    reading = facts.view.snapshot.chargers.get(name)
    decision = facts.view.decision.chargers.get(name)
    if trial is None:
        plugged = reading is not None and reading.status not in (None, "A")
        return (t("The car is there.") if plugged else t("Plug in the car."),)
    told = f"{shortened(name, 9)} {current(decision.limit_a if decision is not None else None)}"
    if trial.done:
        return (told, t("charges on {lines}").format(lines=" ".join(trial.lines)))
    return (told, t("measuring") if trial.flows_mono_s is not None else t("waits for the car"))


def _take_charge(facts: Facts, option: str) -> Taken:
    name = first_charger(facts.view)
    match option:
        case "begin":
            trial = Trial(facts.now.mono_s)
            return Taken((TryCharge(name, TRY_S),), onward=False, run=lambda run: replace(run, trial=trial))
        case "end":
            return Taken((TryCharge(name, 0.0),), onward=False, run=lambda run: replace(run, trial=None))
        case "on":
            return Taken((TryCharge(name, 0.0),), answers={"charge": "ok"})
        case "wait":
            return Taken(onward=False)
        case _:
            return Taken(answers={"charge": SKIP})


def _modes(facts: Facts) -> Sequence[str]:
    return [mode for mode in MODES if mode not in AIMED] if first_charger(facts.view) else ()


def _set_mode(facts: Facts, option: str) -> Taken:
    return Taken((SetMode(first_charger(facts.view), next(mode for mode in MODES if mode == option)),))


def lacking(facts: Facts) -> tuple[str, ...]:
    """What nobody has proven."""
    lines = LINES[:1] if facts.answer("lines") == "1" else LINES
    waits = corrections(facts)
    found = [f"meter.{line}" for line in lines if waits or line not in proven(facts)]
    for name, one in facts.view.installed.chargers.items():
        if (
            one.relay
            and facts.run.tested.get(name) != "passed"
            and facts.answer(f"tested.{name}") != "passed"
        ):
            found.append(f"relay.{name}")
    if facts.view.installed.chargers and facts.answer("charge") != "ok":
        found.append(f"car.{first_charger(facts.view)}")
    return tuple(found)


def _ends(facts: Facts) -> Sequence[str]:
    return ("start", POINTS) if lacking(facts) else ("start",)


def _end_words(facts: Facts, option: str) -> str:
    if option == POINTS:
        return t("open points: {count}").format(count=len(lacking(facts)))
    return t(OPTION_WORDS[option])


def _summary(facts: Facts) -> Sequence[str]:
    """What protects now; at the open points themselves, which they are."""
    view = facts.view
    if facts.run.draft == POINTS:
        return [proof_said(one) for one in lacking(facts)]
    fuse_a = "/".join(f"{one_a:g}" for one_a in dict.fromkeys(view.installed.main_fuse_a))
    slowest_s = max(view.installed.reaction_s.values(), default=None)
    rows = [t("fuse {fuse} A protects").format(fuse=digits(fuse_a))]
    if not grid_name(view):
        rows = [t("no grid meter!")]
    elif corrections(facts):
        rows = [t("meter not mended!")]
    if slowest_s is not None:
        rows.append(t("reaction {seconds} s").format(seconds=digits(f"{slowest_s:.2f}")))
    return rows


def _end(facts: Facts, option: str) -> Taken:
    if option == POINTS:
        return Taken(onward=False)
    return Taken((Commission(None, Proofs(lacking(facts))),), onward=False)


CHECK_QUESTIONS: Final = (
    *METER_QUESTIONS,
    Question(
        "chargers", 10, marked("Chargers"), "choice", _chargers, _charger_words,
        lambda facts: _chargers(facts)[0], lines=_charger_lines, take=_take_charger,
    ),
    Question(
        "charge", 11, marked("First charge"), "choice", _charges,
        lambda _, option: t(OPTION_WORDS[option]), lambda facts: _charges(facts)[0],
        lines=_charge_lines, take=_take_charge,
    ),
    Question(
        "mode", 11, marked("Charging mode"), "choice", _modes,
        lambda _, option: t(MODE_WORDS[next(mode for mode in MODES if mode == option)][1]),
        lambda facts: "surplus" if facts.view.installed.pv else "fast", take=_set_mode,
    ),
    Question(
        "summary", 12, marked("Ready"), "choice", _ends, _end_words, lambda _: "start",
        lines=_summary, take=_end,
    ),
)  # fmt: skip


def watch(facts: Facts, question: str) -> tuple[Run, tuple[Asked, ...]]:
    """What goes on by itself at a question: the meter's check, verdicts of relays, the first charge."""
    run = facts.run
    for event in facts.view.events:
        if event.kind == "relay_tested" and event.key in facts.view.installed.chargers:
            run = _tested(run, event.key, str(event.figures.get("verdict", "failed")))
    if question.startswith("meter.L"):
        grid = facts.view.snapshot.grid
        check = run.meter or meter_check.begin(facts.now.mono_s, loaded(facts))
        at_s = grid.at_mono_s if grid is not None else facts.now.mono_s
        run = replace(run, meter=meter_check.step(check, at_s, line_powers(facts), facts.now.mono_s))
    if run.trial is not None and not run.trial.done:
        run = replace(run, trial=_tried(facts, run.trial))
    return run, ()


def _tried(facts: Facts, trial: Trial) -> Trial | None:
    """The first charge has come to something once current flowed for its time; without any it ends."""
    reading = facts.view.snapshot.chargers.get(first_charger(facts.view))
    now_s = facts.now.mono_s
    line_a = reading.line_a if reading is not None else None
    drawn = [line for line, one_a in zip(LINES, line_a or (), strict=False) if one_a >= FLOWS_A]
    charging = reading is not None and reading.status in ("C", "D") and (bool(drawn) or line_a is None)
    if not charging:
        return None if now_s - trial.asked_mono_s >= TRY_S else replace(trial, flows_mono_s=None)
    since_s = now_s if trial.flows_mono_s is None else trial.flows_mono_s
    return replace(trial, flows_mono_s=since_s, lines=tuple(drawn), done=now_s - since_s >= FLOWS_S)
