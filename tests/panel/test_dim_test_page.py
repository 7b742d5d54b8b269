"""The page of the contact's test (PNL-50, PNL-67)."""

from dataclasses import replace
from typing import get_args

import pytest

from hems.language.words import speaking
from hems.model.decision import Dim, DimTest
from hems.model.intents import ProveDim
from hems.model.settings import LANGUAGES, Language
from hems.model.view import View
from hems.panel.dim_test_page import dim_test_page
from hems.panel.items import entry
from hems.panel.navigator import State
from hems.panel.pages import page
from tests.panel.test_pages import assert_fits
from tests.panel.views import HOUSE, extreme

HOUSES = (HOUSE, extreme(HOUSE))


def house(told: DimTest | None, view: View = HOUSE, *, closed: bool | None = True) -> View:
    wiring = replace(view.installed.wiring, dim_contact="fnn")
    return replace(
        view,
        installed=replace(view.installed, wiring=wiring, operator="contact"),
        snapshot=replace(view.snapshot, contacts={"fnn": closed}),
        decision=replace(view.decision, dim=Dim(not closed, 4_200.0, "contact"), dim_test=told),
    )


def said(told: DimTest, *, closed: bool = True) -> list[str]:
    return [text.text for text in dim_test_page(told, house(told, closed=closed)).texts]


def test_it_asks_for_the_contact_and_shows_it_live() -> None:
    waits = said(DimTest("waiting"))
    assert waits[:5] == ["Contact", "closed", "open the contact", "limit", "off"]
    writes = said(DimTest("writing"), closed=False)
    assert writes[:5] == ["Contact", "open", "writing", "limit", "4.20kW"]
    told = DimTest("waiting")
    other = house(told)
    wiring = replace(other.installed.wiring, dim_limited="closed")
    other = replace(other, installed=replace(other.installed, wiring=wiring))
    assert dim_test_page(told, other).texts[2].text == "close the contact"


def test_a_set_point_is_ok_once_it_is_acknowledged() -> None:
    view = house(DimTest("writing"))
    name, decision = next(iter(view.decision.chargers.items()))
    for acknowledged_a, words in ((decision.limit_a, "ok"), (31.0, "...")):
        reading = replace(view.snapshot.chargers[name], acknowledged_a=acknowledged_a)
        chargers = {**view.snapshot.chargers, name: reading}
        seen = replace(view, snapshot=replace(view.snapshot, chargers=chargers))
        assert dim_test_page(DimTest("writing"), seen).texts[6].text.endswith(words)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (DimTest("resting", "passed", 0.312), "ok: 0.31 s"),
        (DimTest("resting", "passed"), "ok, nothing to lower"),
        (DimTest("resting", "late", 1.42), "late: 1.42 s"),
        (DimTest("resting", "unanswered", None, "garage"), "no answer garage"),
        (DimTest("resting", "nothing"), "contact not seen"),
        (DimTest("resting", "limited"), "limited already"),
        (DimTest("resting", "released", None, "garage"), "released too soon"),
    ],
)
def test_what_came_of_it(told: DimTest, words: str) -> None:
    assert said(told)[2] == words


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits(language: Language) -> None:
    """PNL-50, PNL-80: whatever it says."""
    verdicts = get_args(DimTest.__annotations__["verdict"])
    for view in HOUSES:
        for verdict in verdicts:
            for stage in ("waiting", "writing", "resting"):
                for closed in (True, False, None):
                    told = DimTest(stage, verdict, 9.99, "a-charger-of-a-long-name")
                    with speaking(language):
                        assert_fits(dim_test_page(told, house(told, view, closed=closed)))


def test_its_row_asks_for_it_and_is_its_page() -> None:
    """PNL-67: where there is a contact."""
    before, begun = house(None), house(DimTest("waiting"))
    row = entry(before, ".dim_test")
    assert row is not None
    assert (row.intent(before, "yes"), row.item.level, row.item.sure) == (ProveDim(), "installer", False)
    assert entry(HOUSE, ".dim_test") is None
    at_row = State(0.0, cursor=".dim_test")
    assert page(at_row, before, before.now).name == "menu"
    assert page(at_row, begun, begun.now).name == "dim-test"
    assert page(replace(at_row, cursor=".fuse_l1"), begun, begun.now).name == "menu"
