"""The wired house, and what its eyes must know of it."""

from pathlib import Path

from hems.assembly import installed
from hems.config import parse
from hems.controlled import control_rules
from hems.model.site import Config

EXAMPLE = Path(__file__).resolve().parents[1] / "deploy" / "hems.example.toml"


def config(text: str | None = None) -> Config:
    return parse((text or EXAMPLE.read_text()).encode())


def test_what_is_installed_is_shown() -> None:
    found = config()
    shown = installed(found, control_rules(found))
    assert (shown.pv, shown.battery, shown.heat_pumps) == (True, False, {"pump": 1})
    assert shown.chargers["garage"].max_a == 16.0
