"""The settings that may be changed by their name: figures of the rules, the panel's, whose prices are used.

Every door shows these rows and asks by their names; what is wrong with a value is said here.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from hems.core import tariff
from hems.core.orders import CONTRAST, DARK_AFTER_S, choice_fault, choices, panel_fault
from hems.core.rules import Rules
from hems.core.wording import unknown
from hems.model.intents import Refusal, refused
from hems.model.settings import LANGUAGES, PanelSettings, Settings
from hems.model.view import Settable

TARIFF_PROVIDER: Final = "tariff_provider"
SHARE_STEP: Final = 0.05
FIGURES_BELOW: Final = 1e9
"""No setting is anywhere near; what is larger is refused as it came."""

PANEL: Final = frozenset(field.name for field in fields(PanelSettings))


def rows(rules: Rules) -> tuple[Settable, ...]:
    """One for each setting, with what is installed and what it may be in this installation."""
    installed = {
        "acquisition_tolerance": rules.surplus.acquisition_tolerance,
        "battery_level_consideration": rules.surplus.battery_level_consideration,
    }
    figures = (
        Settable(
            name=row.name,
            default=installed.get(row.name, 0.0),
            text=row.text,
            least=row.least,
            most=row.most,
            step=1.0 if row.unit else SHARE_STEP,
            unit=row.unit,
            none=row.none,
        )
        for row in choices(rules).values()
    )
    mine = PanelSettings()
    rest_s = Settable("dark_after_s", mine.dark_after_s, "rest before the display goes dark", *DARK_AFTER_S)
    return (
        *figures,
        Settable(TARIFF_PROVIDER, "", "whose prices are used", choices=("", *tariff.providers(rules.tariff))),
        Settable("language", mine.language, "language of the front panel", choices=LANGUAGES),
        Settable("contrast", mine.contrast, "brightness of the front panel", CONTRAST[0], CONTRAST[1], 1.0),
        replace(rest_s, step=30.0, unit="s"),
        Settable("large", mine.large, "one value per screen at home"),
        Settable("locked", mine.locked, "settings on the panel need its PIN"),
    )


def set_by_name(rules: Rules, settings: Settings, name: str, value: object) -> Settings | Refusal:
    """The settings with a figure of the rules or of the panel changed, or why it cannot be."""
    known: Mapping[str, object] = {row.name: row for row in rows(rules)}
    if refusal := unknown("setting", name, known):
        return refusal
    if name in PANEL:
        panel = replace(settings.panel, **_typed(name, value))
        why = panel_fault(panel)
        return refused("bad_value", why) if why else replace(settings, panel=panel)
    if refusal := choice_fault(rules, name, value):
        return refusal
    assert isinstance(value, int | float)
    return replace(settings, chosen={**settings.chosen, name: float(value)})


def _typed(name: str, value: object) -> dict[str, Any]:
    """A number as the panel keeps it; steps of brightness are whole."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < FIGURES_BELOW:
        if name == "contrast" and value == value // 1:
            return {name: int(value)}
        if name == "dark_after_s":
            return {name: float(value)}
    return {name: value}
