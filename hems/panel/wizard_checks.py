"""The first run's proofs (PNL-70, steps 9 to 12): meter, chargers, first charge, what protects now."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hems.language.words import digits, marked, t
from hems.model.intents import Change, Commission, Install, ProveRelay, SetMode, TryCharge
from hems.model.settings import AIMED, MODES, Proofs
from hems.model.units import LINES, LineName, PerLine
from hems.model.view import View
from hems.panel import meter_check
from hems.panel.asks import Asked
from hems.panel.format import current, power, shortened
from hems.panel.meter_check import Stage
from hems.panel.readings import MODE_WORDS
from hems.panel.wizard import Facts, Question, Run, Taken, Trial

SKIP: Final = "skip"
ON: Final = "on"
SWAP: Final = "swap"
REVERSE: Final = "reverse"
TRY_S: Final = 60.0
FLOWS_S: Final = 15.0
FLOWS_A: Final = 1.0
BASE_V: Final = 230.0
OPTION_WORDS: Final = {
    ON: marked("go on"),
    SKIP: marked("skip, not proven"),
    SWAP: marked("swap the order"),
    REVERSE: marked("reverse direction"),
    "install": marked("take it over"),
    "begin": marked("begin"),
    "wait": marked("wait"),
    "end": marked("end it"),
    "start": marked("start"),
}


def grid_name(view: View) -> str:
    """The name of the grid meter, "" = none."""
    return next((name for name, meter in view.installed.meters.items() if meter.role == "grid"), "")


def order(facts: Facts) -> tuple[LineName, ...]:
    """The site's lines in the grid meter's own order, as far as they are known now."""
    told = facts.answer("order").split()
    known: tuple[LineName, ...] = tuple(line for one in told for line in LINES if line == one)
    return known if len(known) == len(LINES) else facts.view.installed.meters[grid_name(facts.view)].lines


def reversed_now(facts: Facts) -> bool:
    """Whether the grid meter is to be mounted the other way than it is installed."""
    return facts.answer("turned") == "yes"


def line_powers(facts: Facts) -> PerLine | None:
    """The power of each line as it will be read with what was found out; ``None`` while nobody knows."""
    grid = facts.view.snapshot.grid
    if grid is None or not grid_name(facts.view):
        return None
    line_w = grid.line_power_w
    if line_w is None and grid.line_a is not None:
        one_a, two_a, three_a = grid.line_a
        line_w = (one_a * BASE_V, two_a * BASE_V, three_a * BASE_V)
    if line_w is None:
        return None
    installed = facts.view.installed.meters[grid_name(facts.view)].lines
    sign = -1.0 if reversed_now(facts) else 1.0
    powers = dict.fromkeys(LINES, 0.0)
    for channel, line in zip(installed, order(facts), strict=False):
        powers[line] = sign * line_w[LINES.index(channel)]
    return powers["L1"], powers["L2"], powers["L3"]


def _checked(line: LineName, facts: Facts) -> Sequence[str]:
    if not grid_name(facts.view) or (line != "L1" and facts.answer("lines") == "1"):
        return ()
    check = facts.run.meter
    if check is None or check.stage is not Stage.FOUND:
        return (SKIP,)
    if check.falls:
        return (REVERSE, SKIP)
    return (ON,) if check.line == line else (SWAP, SKIP)


def _check_lines(line: LineName, facts: Facts) -> Sequence[str]:
    check, powers = facts.run.meter, line_powers(facts)
    told = [t("Load on {line}: kettle").format(line=line)]
    if check is not None and check.stage is Stage.FOUND:
        if check.falls:
            told = [t("{line} falls: turned?").format(line=check.line)]
        elif check.line != line:
            told = [t("{line} answered").format(line=check.line)]
        else:
            told = [t("{line} is right").format(line=line)]
    shown = powers or (None, None, None)
    return (
        *told,
        *(f"{name} {power(one_w, signed=True):>9}" for name, one_w in zip(LINES, shown, strict=True)),
    )


def _take_check(line: LineName, facts: Facts, option: str) -> Taken:
    check = facts.run.meter
    if option == REVERSE:
        return Taken(answers={"turned": "no" if reversed_now(facts) else "yes"}, onward=False, run=_anew)
    if option == SWAP and check is not None:
        swapped = {line: check.line, check.line: line}
        new = " ".join(swapped.get(one, one) for one in order(facts))
        return Taken(answers={"order": new, f"meter.{line}": "ok"})
    return Taken(answers={f"meter.{line}": "ok" if option == ON else SKIP})


def _anew(run: Run) -> Run:
    return replace(run, meter=None)


def _meter_question(line: LineName) -> Question:
    return Question(
        f"meter.{line}", 9, marked("Meter check"), "choice",
        lambda facts: _checked(line, facts), lambda _, option: t(OPTION_WORDS[option]),
        lambda facts: _checked(line, facts)[0],
        lines=lambda facts: _check_lines(line, facts),
        take=lambda facts, option: _take_check(line, facts, option),
    )  # fmt: skip


def _corrections(facts: Facts) -> tuple[Change, ...]:
    """What the check has shown to be otherwise than it is installed."""
    name = grid_name(facts.view)
    if not name:
        return ()
    meter = facts.view.installed.meters[name]
    told: list[Change] = []
    if facts.answer("order") and order(facts) != meter.lines:
        told.append(Change(("meter", name, "lines"), order(facts)))
    if reversed_now(facts):
        told.append(
            Change(("meter", name, "mounted"), "normal" if meter.mounted == "reversed" else "reversed")
        )
    return tuple(told)


def _corrects(facts: Facts) -> Sequence[str]:
    return ("install",) if _corrections(facts) else ()


def _correct(facts: Facts, _: str) -> Taken:
    """Taken over once; after the restart nothing is left to be corrected."""
    answers = {"turned": "no", "order": ""}
    return Taken((Install(_corrections(facts), over_hand=True),), answers=answers)


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
    found = [f"meter.{line}" for line in lines if facts.answer(f"meter.{line}") != "ok"]
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


def _summary(facts: Facts) -> Sequence[str]:
    view = facts.view
    fuse_a = "/".join(f"{one_a:g}" for one_a in dict.fromkeys(view.installed.main_fuse_a))
    slowest_s = max(view.installed.reaction_s.values(), default=None)
    rows = [
        t("fuse {fuse} A protects").format(fuse=digits(fuse_a)) if grid_name(view) else t("no grid meter!")
    ]
    if slowest_s is not None:
        rows.append(t("reaction {seconds} s").format(seconds=digits(f"{slowest_s:.2f}")))
    rows.append(t("open points: {count}").format(count=len(lacking(facts))))
    return rows


def _start(facts: Facts, _: str) -> Taken:
    return Taken((Commission(None, Proofs(lacking(facts))),), onward=False)


CHECK_QUESTIONS: Final = (
    *(_meter_question(line) for line in LINES),
    Question(
        "meter.take", 9, marked("Meter check"), "choice", _corrects,
        lambda _, option: t(OPTION_WORDS[option]), lambda _: "install", take=_correct,
        lines=lambda facts: (" ".join(order(facts)), t("turned round") if reversed_now(facts) else ""),
    ),
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
        "summary", 12, marked("Ready"), "choice", lambda _: ("start",),
        lambda _, option: t(OPTION_WORDS[option]), lambda _: "start", lines=_summary, take=_start,
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
        check = run.meter or meter_check.begin(facts.now.mono_s)
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
