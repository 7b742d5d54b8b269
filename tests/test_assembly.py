"""The wired house, and what its eyes must know of it."""

from dataclasses import replace
from pathlib import Path

from hems.config import parse
from hems.controlled import control_rules
from hems.core.tariff import TariffRules
from hems.installed import installed
from hems.model.site import Config
from hems.model.view import InstalledVehicle

EXAMPLE = Path(__file__).resolve().parents[1] / "deploy" / "hems.example.toml"


def config(text: str | None = None) -> Config:
    return parse((text or EXAMPLE.read_text()).encode())


def test_what_is_installed_is_shown() -> None:
    found = config()
    shown = installed(found, control_rules(found))
    assert (shown.pv, shown.battery, shown.heat_pumps) == (True, False, {"pump": 1})
    assert shown.chargers["garage"].max_a == 16.0


def test_what_can_be_set_is_known_to_the_eyes() -> None:
    """PNL-60: cars, a switch of lines, and what the tariff knows of."""
    car = '\n[[vehicle]]\nname = "blue"\ncapacity_wh = 77000\ncharger = "garage"\n'
    found = config(EXAMPLE.read_text() + car)
    rules = control_rules(found)
    shown = installed(found, rules)
    assert shown.vehicles == {"blue": InstalledVehicle(77_000.0, "garage")}
    assert not shown.chargers["garage"].switchable
    peaks, slots = TariffRules("static", otherwise="off_peak"), TariffRules("file", otherwise="peak")
    by_tariff = [installed(found, replace(rules, tariff=tariff)) for tariff in (None, peaks, slots)]
    assert [(one.prices, one.off_peak) for one in by_tariff] == [
        (False, False), (False, True), (True, False),
    ]  # fmt: skip
    chargers = {"garage": replace(rules.chargers["garage"], switchable=True)}
    assert installed(found, replace(rules, chargers=chargers)).chargers["garage"].switchable
