"""The panel's own rows of the table of settings, for everybody (PNL-60)."""

from dataclasses import replace
from typing import Final

from hems.language.words import marked, t
from hems.model.intents import SetPanel
from hems.model.settings import LANGUAGES
from hems.panel.item import Item, Value, nearest, said_choice

INSTALLER: Final = "installer"
"""The row that leads to an installer's rows."""

YES_NO: Final[tuple[Value, ...]] = (marked("no"), marked("yes"))
NAMES: Final = {"en": "English", "de": "Deutsch", "fr": "Français"}
CONTRASTS: Final[tuple[Value, ...]] = (1.0, 2.0, 3.0, 4.0, 5.0)
DARK_AFTER_S: Final[tuple[Value, ...]] = (30.0, 60.0, 120.0, 180.0, 300.0, 600.0)


def _seconds(value: Value) -> str:
    seconds = float(value)
    return f"{seconds:.0f} s" if seconds < 120.0 else t("{minutes} min").format(minutes=f"{seconds / 60:g}")


HOUSE_ITEMS: Final = (
    Item(
        "language", marked("Language"), marked("Language"), "choice",
        lambda _, __: LANGUAGES, lambda view, _: view.settings.panel.language,
        lambda value: NAMES[str(value)],
        lambda view, _, value: SetPanel(
            replace(view.settings.panel, language=next(one for one in LANGUAGES if one == value))
        ),
        note=lambda _, __: "",
    ),
    Item(
        "contrast", marked("Contrast"), marked("Contrast"), "number",
        lambda _, __: CONTRASTS, lambda view, _: float(view.settings.panel.contrast),
        lambda value: f"{value:g}",
        lambda view, _, value: SetPanel(replace(view.settings.panel, contrast=int(value))),
        note=lambda _, __: "",
    ),
    Item(
        "dark_after", marked("Dark after"), marked("Dark after"), "choice",
        lambda _, __: DARK_AFTER_S, lambda view, _: nearest(DARK_AFTER_S, view.settings.panel.dark_after_s),
        _seconds,
        lambda view, _, value: SetPanel(replace(view.settings.panel, dark_after_s=float(value))),
        note=lambda _, __: "",
    ),
    Item(
        "large", marked("Large figures"), marked("Large figures"), "choice",
        lambda _, __: YES_NO, lambda view, _: YES_NO[view.settings.panel.large], said_choice,
        lambda view, _, value: SetPanel(replace(view.settings.panel, large=value == "yes")),
        note=lambda _, __: "",
    ),
    Item(
        INSTALLER, marked("Installer"), marked("Installer"), "act",
        lambda _, __: ("yes",), lambda _, __: "yes", lambda _: ">", lambda _, __, ___: None,
    ),
)  # fmt: skip
