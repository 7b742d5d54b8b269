"""The first run's search and what it found (PNL-70, step 8, PNL-72): roles are proposed and confirmed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hems.language.words import marked, t
from hems.model.intents import Install, SearchBus
from hems.model.view import SearchHealth
from hems.panel.asks import Asked
from hems.panel.format import shortened, wrapped
from hems.panel.layout import COLUMNS
from hems.panel.proposals import Here, changes, proposed, roles, unguarded
from hems.panel.wizard import Facts, Question, Run, Taken
from hems.panel.wizard_steps import NONE, USUAL_CHARGER_A, house_changes, house_lines

TAKE: Final = "take"
SEARCHING: Final = "searching"
AGAIN: Final = "again"
HINTS: Final = "hints"
SKIP: Final = "skip"

ROLE_WORDS: Final = {
    "grid": marked("grid"),
    "pv": marked("solar"),
    "battery": marked("battery"),
    "charger": marked("of car"),
    "car": marked("charger"),
    "heat_pump": marked("heat pump"),
    "none": marked("leave out"),
}
HINT: Final = marked("A/B swapped? Ends terminated? Address? Modbus on in device?")


def role_key(here: Here) -> str:
    """Where a person's word about a device is kept."""
    return f"role.{here.key}"


def given(facts: Facts) -> dict[str, str]:
    """The role of every device that was found."""
    told = {one.key: facts.answer(role_key(one)) for one in facts.found}
    return proposed(facts.found, told)


def over(facts: Facts) -> bool:
    """Whether every serial line was searched to the end."""
    searched = facts.run.searched
    return all(bus in searched and searched[bus].ended for bus in facts.view.health.wires.buses)


def search(facts: Facts) -> tuple[Run, tuple[Asked, ...]]:
    """Follow the search that is under way; begin with the next line once it has ended."""
    run, health = facts.run, facts.view.health.wires.search
    if health is not None and run.searched.get(health.bus) not in (None, health):
        run = replace(run, searched={**run.searched, health.bus: health})
    if facts.view.decision.search is not None or facts.view.installed.meters:
        return run, ()
    if health is not None and not health.ended:
        return run, ()
    next_bus = next((bus for bus in facts.view.health.wires.buses if bus not in run.searched), None)
    answered = "country" in run.answers or facts.view.installed.wiring.house
    if next_bus is None or not answered:
        return run, ()
    begun = SearchHealth(next_bus, "full", False, 0, 0, 0.0)
    return replace(run, searched={**run.searched, next_bus: begun}), (SearchBus(next_bus, "full"),)


def _options(facts: Facts) -> Sequence[str]:
    if facts.view.installed.meters:
        return ()
    if not over(facts):
        return (*(one.key for one in facts.found), SEARCHING)
    if not facts.found:
        return (AGAIN, HINTS, SKIP)
    return (*(one.key for one in facts.found), TAKE, AGAIN, SKIP)


def _usual(facts: Facts) -> str:
    if not over(facts):
        return SEARCHING
    return TAKE if facts.found else AGAIN


def _said(facts: Facts, option: str) -> str:
    here = next((one for one in facts.found if one.key == option), None)
    if here is not None:
        product = here.device.products[0] if here.device.products else t("unknown")
        role = t(ROLE_WORDS[given(facts)[here.key]])
        unit = f"@{here.device.unit}"
        return f"{role} {shortened(product, COLUMNS - len(role) - len(unit) - 2)} {unit}"
    return {
        TAKE: t("take it over"),
        AGAIN: t("search again"),
        HINTS: t("what to look at"),
        SKIP: t("without devices"),
    }.get(option) or _progress(facts)


def _progress(facts: Facts) -> str:
    """How far the search is."""
    health = facts.view.health.wires.search
    if health is None or health.ended or not health.of:
        return t("searching")
    return t("searching {at} of {of}").format(at=health.at, of=health.of)


def _lines(facts: Facts) -> Sequence[str]:
    """What was heard, where nobody was found."""
    if not over(facts) or facts.found:
        return ()
    if facts.run.draft == HINTS:
        return wrapped(t(HINT), COLUMNS, 3)
    words = next((health.words for health in facts.run.searched.values() if health.words), "")
    if words:
        return wrapped(words, COLUMNS, 2)
    asked = sum(health.of for health in facts.run.searched.values())
    return (t("nobody answers"), t("{count} pairs asked").format(count=asked))


def _take(facts: Facts, option: str) -> Taken:
    here = next((one for one in facts.found if one.key == option), None)
    if here is not None:
        choices = roles(here)
        now = given(facts)[here.key]
        turned = choices[(choices.index(now) + 1) % len(choices)]
        return Taken(answers={role_key(here): turned}, onward=False)
    match option:
        case "take" if not _unguarded(facts):
            return Taken((install(facts),), onward=False)
        case "again":
            return Taken(onward=False, run=_forget_search)
        case "take":
            return Taken()
        case "skip":
            bare = install(facts, bare=True)
            return Taken((bare,) if bare.changes else (), to="summary")
        case _:
            return Taken(onward=False)


def _forget_search(run: Run) -> Run:
    return replace(run, searched={})


def _unguarded(facts: Facts) -> tuple[str, ...]:
    relay = facts.answer("relay", NONE)
    return unguarded(facts.found, given(facts), "" if relay == NONE else relay)


def _guards(facts: Facts) -> Sequence[str]:
    if facts.view.installed.meters or not over(facts) or not _unguarded(facts):
        return ()
    return ("out", "accept")


def _take_guard(facts: Facts, option: str) -> Taken:
    return Taken((install(facts, accepted=option == "accept", without=option == "out"),), onward=False)


def install(facts: Facts, *, bare: bool = False, accepted: bool = False, without: bool = False) -> Install:
    """Everything that was answered as one new installation; `bare` = without devices, `without` unguarded."""
    rows = list(house_changes(facts))
    if not bare:
        relay, roles_of = facts.answer("relay", NONE), given(facts)
        if without:
            roles_of |= dict.fromkeys(_unguarded(facts), NONE)
        most_a = float(facts.answer("charger_a", USUAL_CHARGER_A))
        own = "" if relay == NONE else relay
        rows += changes(facts.found, roles_of, house_lines(facts), own, most_a, accepted=accepted)
    return Install(tuple(rows), over_hand=True)


DEVICE_QUESTIONS: Final = (
    Question("devices", 8, marked("Devices"), "choice", _options, _said, _usual, lines=_lines, take=_take),
    Question(
        "unguarded", 8, marked("No relay"), "choice", _guards,
        lambda _, option: t("leave charger out") if option == "out" else t("accept"),
        lambda _: "out", take=_take_guard,
        lines=lambda _: (t("Charger goes on when"), t("this unit stops!")),
    ),
)  # fmt: skip
