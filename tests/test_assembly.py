"""Configuration → rules: every figure a person may choose arrives where it is used."""

from importlib.resources import files
from pathlib import Path

from msgspec import structs

from hems.assembly import control_rules, installed
from hems.config import parse
from hems.core.rules import ChargingRules, SurplusRules
from hems.model.site import Charger, Config

EXAMPLE = Path(__file__).resolve().parents[1] / "deploy" / "hems.example.toml"
HEIDELBERG = Charger(
    name="yard",
    number=2,
    bus="b",
    unit=9,
    profile="heidelberg-energy-control",
    lines=("L2", "L3", "L1"),
    max_a=32,
    relay="yard",
    fallback="on_off",
    fallback_a=8,
    priority=3,
)


def config(text: str | None = None) -> Config:
    return parse((text or EXAMPLE.read_text()).encode())


def test_the_examples_figures_are_the_rules_own_defaults() -> None:
    """A key that is left out and a key as documented mean the same, in both places."""
    rules = control_rules(config())
    assert rules.charging == ChargingRules()
    assert rules.surplus == SurplusRules()
    assert rules.fuse_a == (25.0, 25.0, 25.0)


def test_a_chosen_figure_arrives() -> None:
    chosen = config(files("hems.sim").joinpath("demo.toml").read_text())
    assert control_rules(chosen).charging.start_delay_s == 15.0


def test_a_charger_is_what_its_profile_and_its_table_allow() -> None:
    rules = control_rules(structs.replace(config(), chargers=(HEIDELBERG,))).chargers["yard"]
    assert (rules.min_a, rules.max_a, rules.step_a) == (6.0, 16.0, 0.1), "the box itself ends at 16 A"
    assert rules.watchdog_s == 15.0
    assert rules.fail_safe_a == 8.0, "the fallback current is what the box is told to fall to"
    assert rules.lines == ("L2", "L3", "L1")
    assert (rules.relay, rules.fallback, rules.fallback_a, rules.priority) == (True, "on_off", 8.0, 3)
    stop = structs.replace(HEIDELBERG, fallback="stop")
    assert control_rules(structs.replace(config(), chargers=(stop,))).chargers["yard"].fail_safe_a == 0.0
    evse = control_rules(config()).chargers["garage"]
    assert (evse.step_a, evse.watchdog_s, evse.fail_safe_a) == (1.0, None, 0.0)


def test_what_is_installed_is_shown() -> None:
    found = config()
    shown = installed(found, control_rules(found))
    assert (shown.pv, shown.battery, shown.heat_pumps) == (True, False, {"pump": 1})
    assert shown.chargers["garage"].max_a == 16.0
