"""Every screen and editor, drawn from fixed views.

``python -m tests.bench.screens DIR`` writes them four times enlarged into DIR; ``--accept`` instead renews
the pictures the tests compare with.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import PIL
from PIL import Image

from hems.model.intents import Refusal
from hems.model.settings import LANGUAGES, Language
from hems.model.view import View
from hems.panel.draw import SIZE, draw
from hems.panel.items import entries
from hems.panel.keys import Key, KeyEvent
from hems.panel.layout import Spot
from hems.panel.navigator import Draft, Patience, State, navigate, ring
from hems.panel.pages import page
from tests.panel import rich_view, views

GOLDEN = Path(__file__).parents[1] / "panel" / "golden"
MADE_WITH = GOLDEN / "made_with.txt"
SCALE = 4

KEYS = {"ok": Key.OK, "up": Key.UP, "down": Key.DOWN, "back": Key.BACK}


def after(strokes: str, view: View, state: State) -> State:
    """The state after keys such as ``down ok ok``."""
    for stroke in strokes.split():
        state, _ = navigate(state, KeyEvent(KEYS[stroke]), view, view.now, Patience())
    return state


def pictures() -> Iterator[tuple[str, Image.Image]]:
    """Name and picture of each, in English and, with the language before their names, in the others."""
    for language in LANGUAGES:
        prefix = "" if language == "en" else f"{language}-"
        for name, view, state in situations(language):
            yield prefix + name, draw(page(state, view, view.now), view.now.mono_s)


def situations(language: Language) -> Iterator[tuple[str, View, State]]:
    """What a person may look at."""
    for prefix, view in scenes(language):
        start = State(view.now.mono_s)
        states = {name: State(view.now.mono_s, screen=name) for name in ring(view)}
        states["menu"] = after("up ok", view, start)
        states["edit-mode"] = after("up ok ok up", view, start)
        states["edit-current"] = after("up ok down ok down", view, start)
        states["notice"] = State(view.now.mono_s, notice=NOT_GRANTED)
        for name, state in states.items():
            yield prefix + name, view, state
    yield from settings(speaking(views.PLANNED, language))
    yield from inside(speaking(rich_view.ALARMED, language))


def speaking(view: View, language: Language) -> View:
    """The same house with a panel that speaks this language."""
    panel = replace(view.settings.panel, language=language)
    return replace(view, settings=replace(view.settings, panel=panel))


def inside(view: View) -> Iterator[tuple[str, View, State]]:
    """What stands behind OK on screens that have an inside."""
    for name, (screen, spot) in SPOTS.items():
        yield f"inside-{name}", view, State(view.now.mono_s, screen, spot)


NOT_GRANTED = Refusal("not_now", "{name} is switched off; choose a mode first", {"name": "garage"})

SPOTS = {
    "plan": ("plan", Spot(1, "2026-03-13T02:00:00+01:00")),
    "pieces": ("plan", Spot(2, "piece:0")),
    "heat_pump": ("heat_pump-lambda", Spot(1)),
    "alarm": ("alarms", Spot(1, "stuck.carport")),
    "clear": ("alarms", Spot(2, "no:stuck.carport")),
    "past": ("alarms", Spot(2, "past:0")),
    "starts": ("counters", Spot(1, "hp1.heating")),
    "energy": ("counters", Spot(1, "hp1.energy_electrical.heating")),
    "energy-more": ("counters", Spot(1, "hp1.energy_electrical.heating#more")),
    "rated": ("counters", Spot(1, "ev1.contactor#rated")),
    "device": ("bus-rs485-a-0", Spot(1, "garage")),
    "address": ("network", Spot(1, "2")),
}


def settings(view: View) -> Iterator[tuple[str, View, State]]:
    """What can be set in a house where everything can: all rows, each editor as it opens; an act has none."""
    now = view.now
    states = {"car": State(now.mono_s, screen="car-garage")}
    for place, found in enumerate(entries(view)):
        if place % 4 == 1:
            states[f"row-{found.item.key}"] = State(now.mono_s, cursor=found.name)
        if found.item.kind == "act":
            continue
        draft = Draft(found.name, found.opening(view), found.present(view))
        states[f"edit-{found.item.key}"] = State(now.mono_s, draft=draft)
    for name, state in states.items():
        yield f"planned-{name}", view, state


def scenes(language: Language) -> Iterator[tuple[str, View]]:
    """The views, and what stands before the names of their pictures."""
    unknown, extreme = views.nothing_known(views.HOUSE), views.extreme(views.HOUSE)
    named = {"": views.HOUSE, "unknown-": unknown, "extreme-": extreme, "rich-": rich_view.ALARMED}
    for prefix, view in named.items():
        yield prefix, speaking(view, language)


def main(arguments: list[str]) -> None:
    """Write all pictures."""
    if arguments == ["--accept"]:
        for old in GOLDEN.glob("*.png"):
            old.unlink()
        for name, image in pictures():
            image.save(GOLDEN / f"{name}.png")
        MADE_WITH.write_text(f"Pillow {PIL.__version__}\n", encoding="ascii")
        return
    (folder,) = arguments
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, image in pictures():
        enlarged = image.resize((SIZE[0] * SCALE, SIZE[1] * SCALE), Image.Resampling.NEAREST)
        enlarged.save(Path(folder) / f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1:])
