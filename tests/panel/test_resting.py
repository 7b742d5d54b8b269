"""PNL-16: a screen that nobody touches rests."""

from dataclasses import replace

from hems.panel.foremost import State as Foremost
from hems.panel.layout import Page
from hems.panel.navigator import State
from hems.panel.pages import page
from hems.panel.panel import at_rest
from hems.panel.resting import resting
from hems.panel.standing import drifting
from tests.panel.views import HOUSE, NOW


def shown(screen: str) -> Page:
    return page(State(NOW.mono_s, screen), HOUSE, NOW)


def test_the_largest_value_and_the_title_drift() -> None:
    home = resting(shown("home"), NOW.mono_s)
    figure = next(text.text for text in shown("home").texts if text.type == "figure" and text.text)
    expected = drifting(f"{figure.strip()} kW", "Home 14:32", NOW.mono_s)
    assert home is not None
    assert home.tobytes() == expected.tobytes()
    later = resting(shown("home"), NOW.mono_s + 60.0)
    assert later is not None
    assert later.tobytes() != home.tobytes()


def test_a_screen_of_rows_alone_stays_as_it_is() -> None:
    assert resting(shown("bus-rs485-a-0"), NOW.mono_s) is None


def test_nothing_rests_while_something_is_asked_chosen_or_edited() -> None:
    ring = State(NOW.mono_s)
    assert at_rest(Foremost(ring))
    assert not at_rest(Foremost(replace(ring, cursor="garage.mode")))
