"""The first run's check of the grid meter (PNL-66; PNL-70, step 9): order of its lines, and its direction."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hems.language.words import marked, t
from hems.model.intents import Change, Install
from hems.model.units import LINES, LineName, PerLine
from hems.model.view import View
from hems.panel.format import power
from hems.panel.meter_check import Stage
from hems.panel.wizard import Facts, Question, Taken

SKIP: Final = "skip"
ON: Final = "on"
AGAIN: Final = "again"
SWAP: Final = "swap"
REVERSE: Final = "reverse"
BASE_V: Final = 230.0
METER_WORDS: Final = {
    ON: marked("go on"),
    SKIP: marked("skip, not proven"),
    AGAIN: marked("check again"),
    SWAP: marked("swap the order"),
    REVERSE: marked("reverse direction"),
    "install": marked("take it over"),
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
    return facts.answer("mounted") not in ("", facts.view.installed.meters[grid_name(facts.view)].mounted)


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
        return (SKIP, AGAIN, REVERSE)
    if check.line == line:
        return (ON, AGAIN, SKIP)
    return (SKIP, AGAIN) if check.line in proven(facts) else (SKIP, AGAIN, SWAP)


def proven(facts: Facts) -> tuple[LineName, ...]:
    """The lines that a load was found on as it should be, with order and direction as they are answered."""
    return tuple(line for line in LINES if facts.answer(f"meter.{line}") == "ok")


def _check_lines(line: LineName, facts: Facts) -> Sequence[str]:
    """What is to be done or was seen, and the powers, first of the lines this is about."""
    check, powers = facts.run.meter, line_powers(facts)
    told = [t("Turn kettle on at {line}").format(line=line)]
    if check is not None and check.stage is Stage.FOUND:
        if check.falls:
            told = [t("{line} falls: turned?").format(line=check.line)]
        elif check.line != line:
            told = [t("{line} answered").format(line=check.line)]
        else:
            told = [t("{line} rose: is it on?").format(line=line)]
    of_interest = (line, check.line if check is not None and check.stage is Stage.FOUND else line)
    shown = sorted(zip(LINES, powers or (None,) * 3, strict=True), key=lambda one: one[0] not in of_interest)
    return (*told, *(f"{name} {power(one_w, signed=True):>9}" for name, one_w in shown))


def _take_check(line: LineName, facts: Facts, option: str) -> Taken:
    """Another order or direction puts every line in doubt: all are checked again, from the first."""
    check = facts.run.meter
    found = check.line if check is not None and check.stage is Stage.FOUND else ""
    doubted = {f"meter.{one}": "" for one in LINES}
    match option:
        case "reverse":
            meter = facts.view.installed.meters[grid_name(facts.view)]
            normal = (meter.mounted == "normal") is reversed_now(facts)
            told = {**doubted, "mounted": "normal" if normal else "reversed"}
            return Taken(answers=told, to="meter.L1", run=lambda run: replace(run, load=found))
        case "swap" if found:
            swapped = {line: found, found: line}
            new = " ".join(swapped.get(one, one) for one in order(facts))
            told = {**doubted, "order": new}
            return Taken(answers=told, to="meter.L1", run=lambda run: replace(run, load=line))
        case "again":
            return Taken(instead="", to=f"meter.{line}", run=lambda run: replace(run, load=""))
        case _:
            rose = "" if check is None or check.falls else found
            answer = {f"meter.{line}": "ok" if option == ON else SKIP}
            return Taken(answers=answer, run=lambda run: replace(run, load=rose))


def _meter_question(line: LineName) -> Question:
    return Question(
        f"meter.{line}", 9, marked("Meter check"), "choice",
        lambda facts: _checked(line, facts), lambda _, option: t(METER_WORDS[option]),
        lambda facts: _checked(line, facts)[0],
        lines=lambda facts: _check_lines(line, facts),
        take=lambda facts, option: _take_check(line, facts, option),
    )  # fmt: skip


def corrections(facts: Facts) -> tuple[Change, ...]:
    """What the check has shown to be otherwise than it is installed."""
    name = grid_name(facts.view)
    if not name:
        return ()
    meter = facts.view.installed.meters[name]
    told: list[Change] = []
    if facts.answer("order") and order(facts) != meter.lines:
        told.append(Change(("meter", name, "lines"), order(facts)))
    if reversed_now(facts):
        told.append(Change(("meter", name, "mounted"), facts.answer("mounted")))
    return tuple(told)


def _corrects(facts: Facts) -> Sequence[str]:
    return ("install", SKIP) if corrections(facts) else ()


def _correct(facts: Facts, option: str) -> Taken:
    """The question stands until the installation says the same: one that was refused proves nothing."""
    if option == SKIP:
        return Taken()
    return Taken((Install(corrections(facts), over_hand=True),), onward=False)


def loaded(facts: Facts) -> tuple[LineName, ...]:
    """Where a fall is a load taken away: where one was found; everywhere once the direction is proven."""
    if proven(facts):
        return LINES
    return () if facts.run.load == "" else (facts.run.load,)


METER_QUESTIONS: Final = (
    *(_meter_question(line) for line in LINES),
    Question(
        "meter.take", 9, marked("Meter check"), "choice", _corrects,
        lambda _, option: t(METER_WORDS[option]), lambda _: "install", take=_correct,
        lines=lambda facts: (" ".join(order(facts)), t("turned round") if reversed_now(facts) else ""),
    ),
)  # fmt: skip
