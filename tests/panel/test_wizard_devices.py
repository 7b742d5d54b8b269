"""Search and roles in the first run (PNL-70 step 8, PNL-72)."""

from dataclasses import replace

import pytest

from hems.model.intents import Commission, Install, SearchBus
from hems.model.settings import Commissioning
from hems.model.view import SearchHealth, View
from hems.panel.foremost import QUESTIONS
from hems.panel.keys import Key, KeyEvent
from hems.panel.pin import Gate
from hems.panel.wizard import Facts, Question, Run, press
from hems.panel.wizard_devices import DEVICE_QUESTIONS, search
from tests.panel.first_run_views import FOUND, FRESH, INSTALLED, SEARCHED, UNDER_WAY, searched
from tests.panel.views import NOW

DEVICES, UNGUARDED = DEVICE_QUESTIONS
NOBODY = replace(SEARCHED, found=(), words="frames of another master")


def facts(health: SearchHealth = SEARCHED, view: View | None = None, **answers: str) -> Facts:
    shown = searched(health) if view is None else view
    return Facts(shown, NOW, Run("devices", answers, searched={health.bus: health}), Gate(exists=True))


def words(where: Facts, question: Question = DEVICES) -> list[str]:
    return [question.said(where, option) for option in question.options(where)]


def test_the_search_begins_once_the_country_is_known() -> None:
    """PNL-70: in the background from step 2."""
    before = Facts(FRESH, NOW, Run("country"), Gate())
    assert search(before) == (before.run, ())
    run, asks = search(replace(before, run=Run("clock", {"country": "de"})))
    assert asks == (SearchBus("a", "full"),)
    assert search(Facts(FRESH, NOW, run, Gate()))[1] == (), "once"


def test_it_follows_what_is_found() -> None:
    run = Run("devices", {"country": "de"}, searched={"a": SearchHealth("a", "full", False, 0, 0, 0.0)})
    run, asks = search(Facts(searched(UNDER_WAY), NOW, run, Gate()))
    assert (run.searched["a"], asks) == (UNDER_WAY, ())
    run, asks = search(Facts(searched(SEARCHED), NOW, run, Gate()))
    assert (run.searched["a"], asks) == (SEARCHED, ())
    assert search(Facts(INSTALLED, NOW, Run("devices", {"country": "de"}), Gate()))[1] == ()


def test_what_stands_on_the_display() -> None:
    assert words(facts(UNDER_WAY)) == ["grid eastron-sdm6… @1", "charger evse-wb @2", "searching 31 of 60"]
    assert words(facts())[2:] == ["take it over", "search again", "without devices"]
    assert words(facts(NOBODY)) == ["search again", "what to look at", "without devices"]
    assert DEVICES.lines(facts(NOBODY)) == ("frames of another", "master")
    assert DEVICES.options(facts(view=INSTALLED)) == ()
    silent = facts(replace(NOBODY, words=""))
    assert DEVICES.lines(silent) == ("nobody answers", "60 pairs asked")
    assert DEVICES.lines(replace(silent, run=replace(silent.run, draft="hints"))) == (
        "A/B swapped? Ends", "terminated? Address?", "Modbus on in device?",
    )  # fmt: skip


def take(where: Facts, option: str, question: Question = DEVICES) -> tuple[Run, list[Install]]:
    run, asks = press(
        QUESTIONS, replace(where, run=replace(where.run, draft=option, question=question.key)), OK
    )
    assert run is not None
    return run, [one for one in asks if isinstance(one, Install)]


OK = KeyEvent(Key.OK)


def test_ok_on_a_device_turns_its_role() -> None:
    run, asks = take(facts(), "a:1")
    assert (run.answers["role.a:1"], run.question, asks) == ("pv", "devices", [])
    assert words(replace(facts(), run=run))[0].startswith("solar ")
    run, _ = take(facts(), "a:2")
    assert run.answers["role.a:2"] == "none"


def test_a_charger_without_a_relay_is_asked_about() -> None:
    """It is never taken over silently."""
    run, asks = take(facts(country="de"), "take")
    assert (run.question, asks) == ("unguarded", [])
    assert words(facts(country="de"), UNGUARDED) == ["leave charger out", "accept"]
    _, (without,) = take(facts(country="de"), "out", UNGUARDED)
    assert not any(change.place[0] == "charger" for change in without.changes)
    _, (accepted,) = take(facts(country="de"), "accept", UNGUARDED)
    (row,) = (change.value for change in accepted.changes if change.place[0] == "charger")
    assert isinstance(row, dict)
    assert row["accept_no_failsafe"] is True


def test_with_a_relay_it_is_taken_over_at_once() -> None:
    run, (install,) = take(facts(country="de", relay="k1", charger_a="13"), "take")
    assert run.question == "devices", "the installation itself leads on"
    (row,) = (change.value for change in install.changes if change.place[0] == "charger")
    assert isinstance(row, dict)
    assert (row["relay"], row["max_a"], "accept_no_failsafe" in row) == ("k1", 13.0, False)
    assert UNGUARDED.options(facts(relay="k1")) == ()


@pytest.mark.parametrize("option", ["searching", "hints"])
def test_waiting_asks_for_nothing(option: str) -> None:
    run, asks = take(facts(UNDER_WAY if option == "searching" else NOBODY), option)
    assert (run.question, asks) == ("devices", [])


def test_again_and_without() -> None:
    assert take(facts(NOBODY), "again")[0].searched == {}
    run, (install,) = take(facts(NOBODY, country="de"), "skip")
    assert run.question == "summary"
    assert {change.place[0] for change in install.changes} == {"site"}


def test_without_devices_it_is_kept_that_the_end_is_next() -> None:
    """PNL-71: before the installation is asked for, which starts anew; a house that is told of needs none."""
    skip = replace(facts(NOBODY, country="de"), run=Run("devices", {"country": "de"}, draft="skip"))
    skip = replace(skip, run=replace(skip.run, searched={"a": NOBODY}))
    run, (kept, installs) = press(QUESTIONS, skip, KeyEvent(Key.OK))
    assert run is not None
    assert kept == Commission(Commissioning("summary", run.answers))
    assert (run.answers["devices"], isinstance(installs, Install)) == ("skip", True)
    wiring = replace(FRESH.installed.wiring, house=True)
    told = replace(skip.view, installed=replace(skip.view.installed, wiring=wiring))
    assert len(press(QUESTIONS, replace(skip, view=told), KeyEvent(Key.OK))[1]) == 1


def test_everything_found_fits_the_display() -> None:
    assert all(len(row) <= 21 for row in words(facts()))
    many = tuple(replace(FOUND[0], unit=unit) for unit in range(230, 248))
    assert all(len(row) <= 21 for row in words(facts(replace(SEARCHED, found=many))))
