"""PNL-50, 62, 63, 81: what stands foremost, and that every row fits its cells in every state."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.model.intents import Refusal
from hems.model.settings import ChargerSettings, Settings
from hems.model.view import View
from hems.model.why import Reason
from hems.panel.face import Type, has_glyph, strip
from hems.panel.items import entries
from hems.panel.layout import COLUMNS, ROWS, Page, Spot
from hems.panel.navigator import Draft, State, ring
from hems.panel.pages import page
from hems.panel.readings import SOURCES
from tests.panel.any_view import views
from tests.panel.views import HOUSE, NOW, PLANNED, charger, decided, extreme, nothing_known, with_charger

HOME = State(NOW.mono_s)


def states(view: View) -> list[State]:
    """Every screen, source, menu row, editor at both ends, and a notice."""
    return [
        *(replace(HOME, screen=name) for name in ring(view)),
        *(replace(HOME, spot=Spot(cursor=source.key)) for source in SOURCES),
        *(replace(HOME, cursor=entry.name) for entry in entries(view)),
        *(
            replace(HOME, draft=Draft(entry.name, value, before))
            for entry in entries(view)
            for value in (entry.values(view)[0], entry.values(view)[-1])
            for before in (entry.present(view), entry.values(view)[0])
        ),
        replace(HOME, notice=Refusal("not_now", "anybody may say anything " * 9)),
    ]


def assert_fits(shown: Page) -> None:
    """Within the grid, within the cells, no character missing, nothing over anything else."""
    taken: dict[tuple[int, int], str] = {}
    for text in shown.texts:
        assert 0 <= text.row < ROWS, shown.name
        assert text.column + text.width <= COLUMNS, (shown.name, text)
        assert strip(text.text, text.type).width <= text.width * 6, (shown.name, text)
        assert all(has_glyph(character) for character in text.text), (shown.name, text)
        up = {Type.TEXT: 0, Type.WORD: 1, Type.NUMBER: 1, Type.FIGURE: 2}[text.type]
        used = -(-strip(text.text, text.type).width // 6)
        first = text.column + text.width - used if text.right else text.column
        for row in range(text.row - up, text.row + 1):
            for column in range(first, first + used):
                other = taken.setdefault((row, column), text.text)
                assert other is text.text, (shown.name, other, text.text)


@pytest.mark.parametrize(
    "view",
    [HOUSE, PLANNED, nothing_known(HOUSE), nothing_known(PLANNED), extreme(HOUSE)],
    ids=["house", "planned", "none", "none-planned", "extreme"],
)
def test_everything_fits(view: View) -> None:
    """PNL-50, 81: also at -12.3 kW, 100 %, with long names and with nothing known."""
    for state in states(view):
        assert_fits(page(state, view, view.now))


@pytest.mark.usefixtures("without_typeface")
@pytest.mark.parametrize("view", [HOUSE, PLANNED, extreme(HOUSE)], ids=["house", "planned", "extreme"])
def test_everything_fits_without_the_typeface(view: View) -> None:
    """PNL-32, 50."""
    for state in states(view):
        assert_fits(page(state, view, view.now))


@settings(max_examples=25, deadline=None)
@given(views())
def test_everything_fits_in_any_house(view: View) -> None:
    """PNL-50, 81."""
    for state in states(view):
        assert_fits(page(state, view, view.now))


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_fits_on_the_car_screen_and_in_the_editor(reason: Reason) -> None:
    """PNL-81."""
    decision = decided(reason, 80.0, line="L3", status="F", doing="running", seconds_left=35_999)
    view = with_charger(HOUSE, decision, charger())
    assert_fits(page(replace(HOME, screen="car-garage"), view, NOW))
    assert_fits(page(replace(HOME, draft=Draft("garage.user_max", 6.0, 32.0)), view, NOW))


def shown(state: State, view: View = HOUSE) -> list[str]:
    return [text.text for text in page(state, view, view.now).texts]


def test_the_editor_shows_range_and_binding_limit() -> None:
    """PNL-62."""
    texts = shown(replace(HOME, draft=Draft("garage.user_max", 20.0, 32.0)))
    assert texts == [
        "Current limit", "garage", "20", "A", "up", "down", "6..32 A", "most now 16: fuse L2",
    ]  # fmt: skip


def test_the_editor_says_that_somebody_else_has_set_the_value() -> None:
    """PNL-63."""
    changed = replace(HOUSE, settings=Settings({"garage": ChargerSettings("off", 10.0)}))
    assert shown(replace(HOME, draft=Draft("garage.user_max", 20.0, 32.0)), changed)[-1] == "changed to 10 A"
    assert (
        shown(replace(HOME, draft=Draft("garage.mode", "fast", "surplus")), changed)[-1] == "changed to off"
    )
    assert shown(replace(HOME, draft=Draft("garage.mode", "fast", "off")))[-1] == "now min + surplus"


def test_the_chosen_mode_is_a_bar_among_the_others() -> None:
    """PNL-16: inverse only where a key is expected."""
    texts = page(replace(HOME, draft=Draft("garage.mode", "fast", "off")), HOUSE, NOW).texts
    assert [(text.text, text.inverse) for text in texts[2:6]] == [
        ("off", False), ("fast", True), ("surplus", False), ("min + surplus", False),
    ]  # fmt: skip


def test_the_menu_follows_its_cursor() -> None:
    """PNL-60: four rows of however many; the charger's number where there are several."""
    chargers = {f"c{i}": replace(HOUSE.installed.chargers["garage"], number=i) for i in (1, 2, 3)}
    view = replace(HOUSE, installed=replace(HOUSE.installed, chargers=chargers))

    def menu(cursor: str) -> list[str]:
        return [
            f"{'>' if text.inverse else ' '}{text.text[:7]}"
            for text in page(replace(HOME, cursor=cursor), view, NOW).texts[2:6]
        ]

    assert menu("c1.mode") == [">1 Mode ", " 1 Limit", " 1 Boost", " 1 Targe"]
    assert menu("c2.mode") == [" 1 Targe", ">2 Mode ", " 2 Limit", " 2 Boost"]
    assert menu("c3.target") == [" 3 Boost", ">3 Targe", " Languag", " Contras"]
    assert menu(".installer") == [" Contras", " Dark af", " Large f", ">Install"]
    one = replace(view, installed=replace(view.installed, chargers={"c1": chargers["c1"]}))
    assert shown(replace(HOME, cursor="c1.mode"), one)[2] == "Mode          surplus"


def test_the_settings_screen_shows_the_values_before_it_is_entered() -> None:
    entered, before = replace(HOME, screen="settings", cursor="garage.mode"), replace(HOME, screen="settings")
    assert page(before, HOUSE, NOW).name == "settings"
    assert page(entered, HOUSE, NOW).name == "menu"
    assert shown(before)[2] == shown(entered)[2] == "1 Mode  min + surplus"


def test_a_screen_that_is_gone_is_home() -> None:
    assert page(replace(HOME, screen="bus-gone-0"), HOUSE, NOW).name == "home"


@settings(deadline=None)
@given(st.text(max_size=200))
def test_a_notice_says_it_in_words(words: str) -> None:
    """PNL-62."""
    texts = shown(replace(HOME, notice=Refusal("not_now", words or "no")))
    assert texts[0] == "Not granted"
    assert texts[-1] == "OK seen"
