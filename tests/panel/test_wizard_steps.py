"""The questions about house, person and wiring (PNL-70, steps 1 to 7)."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from hems.model.instant import Instant
from hems.model.intents import Change, SetClock, SetPanel
from hems.model.view import View
from hems.panel.keys import Key, KeyEvent
from hems.panel.pin import Gate
from hems.panel.wizard import Facts, Run, press
from hems.panel.wizard_steps import HOUSE_QUESTIONS, house_changes, house_lines
from tests.panel.first_run_views import FRESH, INSTALLED
from tests.panel.views import NOW

GATE = Gate(offer="4711")
NOTHING: Mapping[str, str] = {}


def facts(
    answers: Mapping[str, str] = NOTHING, view: View = FRESH, question: str = "language", gate: Gate = GATE
) -> Facts:
    return Facts(view, NOW, Run(question, answers), gate)


def arising(where: Facts) -> list[str]:
    return [question.key for question in HOUSE_QUESTIONS if question.options(where)]


def test_what_arises_in_a_fresh_house() -> None:
    assert arising(facts()) == [
        "language", "country", "clock", "lines", "fuse", "pin", "dim", "relay", "charger_a", "sg_ready",
        "tariff",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "more"),
    [
        ({"dim": "in1"}, ["dim_limited"]),
        ({"tariff": "fixed"}, ["price"]),
        ({"tariff": "static"}, ["off_from", "off_to"]),
        ({"tariff": "contact"}, ["tariff_contact"]),
    ],
)
def test_an_answer_leads_to_more_questions(answers: dict[str, str], more: list[str]) -> None:
    where = facts(answers)
    assert [key for key in arising(where) if key not in arising(facts())] == more


def test_what_the_installation_answers_is_not_asked() -> None:
    """PNL-71."""
    assert arising(facts(view=INSTALLED, gate=Gate(exists=True))) == ["language", "clock", "dim"]


def test_without_a_network_the_clock_is_asked_for() -> None:
    unsure = replace(NOW, trusted=False)
    where = replace(facts({"country": "de"}), now=unsure)
    assert "date" in arising(where)
    assert "clock" not in arising(where)
    _, asks = press(HOUSE_QUESTIONS, replace(where, run=Run("date", {"country": "de"})), KeyEvent(Key.OK))
    (set_clock,) = (one for one in asks if isinstance(one, SetClock))
    assert set_clock.wall == unsure.wall.replace(second=0, microsecond=0)


def test_a_date_that_does_not_exist_is_asked_for_again() -> None:
    where = replace(facts(question="date"), now=Instant(1000.0, NOW.wall, trusted=False))
    where = replace(where, run=replace(where.run, draft="2026-02-31 10:00", at=15))
    run, asks = press(HOUSE_QUESTIONS, where, KeyEvent(Key.OK))
    assert run is not None
    assert (run.question, [one for one in asks if isinstance(one, SetClock)]) == ("date", [])


def test_the_language_is_set_at_once() -> None:
    where = facts()
    run, _ = press(HOUSE_QUESTIONS, where, KeyEvent(Key.DOWN))
    assert run is not None
    _, asks = press(HOUSE_QUESTIONS, replace(where, run=run), KeyEvent(Key.OK))
    assert SetPanel(replace(FRESH.settings.panel, language="de")) in asks


def changes(**answers: str) -> dict[str, object]:
    return {".".join(one.place): one.value for one in house_changes(facts(answers))}


def test_the_answers_become_rows_of_the_file() -> None:
    rows = changes(country="de", fuse="50", lines="3", tariff="fixed", price="31")
    assert rows["site"] == {
        "name": "Home", "time_zone": "Europe/Berlin", "main_fuse_a": (50.0,) * 3, "imbalance_a": 20.0,
    }  # fmt: skip
    assert rows["tariff"] == {"provider": "fixed", "eur_kwh": {"standard": 0.31}}
    assert set(rows) == {"site", "tariff"}


def test_a_house_of_one_line_has_no_imbalance() -> None:
    site = changes(country="de", lines="1")["site"]
    assert isinstance(site, dict)
    assert "imbalance_a" not in site
    assert house_lines(facts({"lines": "1"})) == ("L1",)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"tariff": "static", "off_from": "23:00"}, {
            "provider": "static", "otherwise": "peak",
            "window": ({"period": "off_peak", "from": "23:00", "to": "06:00"},),
        }),
        ({"tariff": "contact", "tariff_contact": "in2"}, {
            "provider": "contact", "contact": "in2", "otherwise": "peak", "closed": "off_peak",
        }),
        ({"tariff": "awattar-de"}, {"provider": "awattar-de"}),
    ],
)  # fmt: skip
def test_each_tariff(answers: dict[str, str], expected: dict[str, object]) -> None:
    assert changes(**answers)["tariff"] == expected


def test_contacts_and_relays() -> None:
    rows = changes(dim="in1", dim_limited="closed", sg_ready="k2+k3")
    assert rows["operator"] == {"source": "contact", "contact": "in1", "limited": "closed"}
    assert rows["sg_ready.heat"] == {"relays": ("k2", "k3")}


def test_what_is_installed_already_is_not_written_again() -> None:
    told = facts({"country": "de", "tariff": "fixed"}, INSTALLED)
    assert [one for one in house_changes(told) if isinstance(one, Change)] == []


def test_every_option_and_line_of_each_question_fits_the_display() -> None:
    """PNL-50."""
    for answers in ({}, {"dim": "in1"}, {"tariff": "static"}, {"tariff": "contact"}, {"tariff": "fixed"}):
        where = facts({"country": "gb", **answers})
        for question in HOUSE_QUESTIONS:
            for option in question.options(where) if question.kind != "digits" else ():
                assert 0 < len(question.said(where, option)) <= 21
            assert all(len(line) <= 21 for line in question.lines(where))
