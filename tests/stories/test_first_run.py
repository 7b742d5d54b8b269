"""From a flashed card to the first charge with the buttons alone (PNL-70, 71, 114), in virtual time."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hems.config import load
from hems.first_run import FIRST_RUN
from hems.model.site import devices
from hems.model.view import View
from hems.panel.keys import Key
from hems.panel.meter_check import Stage
from hems.sim.scene import Scene, demo_house
from tests.stories.first_run import Card
from tests.stories.stage import NOON

OK, DOWN, UP = Key.OK, Key.DOWN, Key.UP
KETTLE_A = 8.7
CHOICES = {
    "en": {"language": (), "country": (DOWN, DOWN)},
    "de": {"language": (DOWN,), "country": ()},
    "fr": {"language": (DOWN, DOWN), "country": (DOWN, DOWN, DOWN)},
}
"""What a person changes before OK: Germany twice, Luxembourg for who speaks French; all else is proposed."""


def house() -> Scene:
    return demo_house(1, "cloudy", NOON, delivery="frame")


class Person:
    """Somebody who reads, presses, switches a kettle on and plugs the car in when asked."""

    def __init__(self, card: Card, language: str) -> None:
        self.card = card
        self.keys = CHOICES[language]

    def answer(self) -> None:
        """Do what the page in front asks for."""
        name = self.card.look().removeprefix("first-run-")
        if name == "devices":
            self.card.play(120.0, self._searched)
        if name.startswith("meter.L"):
            self._kettle(int(name[-1]) - 1)
        if name == "charge":
            self.card.press(OK)
            self.card.play(60.0, self._charged)
        self.card.press(*self.keys.get(name, ()), OK)
        self.card.play(1.5)

    def _searched(self) -> bool:
        run = self.card.panel.state.run
        searched = run.searched.values() if run is not None else ()
        return bool(searched) and all(one.ended for one in searched)

    def _kettle(self, place: int) -> None:
        line_a = [0.0, 0.0, 0.0]
        line_a[place] = KETTLE_A
        self.card.kettle(line_a[0], line_a[1], line_a[2])
        self.card.play(30.0, self._measured)
        self.card.kettle(0.0, 0.0, 0.0)

    def _measured(self) -> bool:
        run = self.card.panel.state.run
        return run is not None and run.meter is not None and run.meter.stage is Stage.FOUND

    def _charged(self) -> bool:
        run = self.card.panel.state.run
        return run is not None and run.trial is not None and run.trial.done


def finished(view: View) -> bool:
    return view.settings.commissioning is None


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Callable[[], Card]]:
    cards: list[Card] = []

    def make() -> Card:
        cards.append(Card(tmp_path, house()))
        return cards[-1]

    yield make
    for card in cards:
        card.end()


def play(card: Card, language: str, *, cut: bool = False) -> set[str]:
    """The whole first run; with `cut` the power goes at each new page. The pages that were seen."""
    person, seen = Person(card, language), set[str]()
    for _ in range(60):
        if finished(card.views[-1]):
            break
        if cut and card.name not in seen:
            seen.add(card.name)
            card.cut()
            card.play(12.0, lambda: card.name in seen)
        seen.add(card.name)
        person.answer()
    return seen


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_from_a_flashed_card_to_the_first_charge(fresh: Callable[[], Card], language: str) -> None:
    """PNL-70, PNL-114: at most 60 presses and 180 s of a person's time."""
    card = fresh()
    play(card, language)
    view = card.views[-1]
    assert finished(view)
    assert view.settings.proofs.lacking in ((), ("relay.garage",)), "the car was there all the time"
    assert view.settings.panel.language == language
    assert card.presses <= 60
    assert card.person_s <= 180.0
    config = load(card.path)
    assert sorted(one.name for one in devices(config)) == ["car", "garage", "grid", "pump", "pv"]
    assert card.told_a == {6.0}, "one charge, at the least current"


def test_a_power_cut_at_every_step_costs_nothing_but_time(fresh: Callable[[], Card]) -> None:
    """PNL-71: taken up again where it was; chargers stay at 0 A until somebody tries one."""
    card = fresh()
    seen = play(card, "de", cut=True)
    assert finished(card.views[-1])
    assert card.starts > len(seen), "each page was cut once"
    assert card.presses <= 60


def test_a_run_that_began_is_marked_for_the_next_start(fresh: Callable[[], Card]) -> None:
    """PNL-71: with the settings lost it begins anew."""
    assert (fresh().folder / FIRST_RUN).exists()
