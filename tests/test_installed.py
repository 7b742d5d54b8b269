"""What the eyes know of an installation, as far as an installer wants to see it."""

from pathlib import Path

from hems.config import parse
from hems.controlled import control_rules
from hems.installed import installed

EXAMPLE = Path(__file__).resolve().parents[1] / "deploy" / "hems.example.toml"


def test_an_installer_sees_the_wiring() -> None:
    """PNL-60."""
    config = parse(EXAMPLE.read_bytes())
    shown = installed(config, control_rules(config))
    assert (shown.wiring.house, shown.wiring.time_zone, shown.wiring.tariff) == (
        True,
        "Europe/Berlin",
        "static",
    )
    assert shown.wiring.relays == tuple(relay.name for relay in config.relays)
    assert (shown.meters["grid"].mounted, shown.chargers["garage"].lines) == ("normal", ("L1", "L2", "L3"))


def test_a_fresh_card_has_no_house() -> None:
    config = parse(b'[[bus]]\nname = "a"\nport = "/dev/x"\n')
    shown = installed(config, control_rules(config))
    assert not shown.wiring.house
    assert shown.chargers == {}


def test_the_door_knows_what_a_meter_tells() -> None:
    """API-71: optional states are those of the device."""
    config = parse(EXAMPLE.read_bytes())
    shown = installed(config, control_rules(config))
    assert shown.meters["grid"].role == "grid"
    assert "line_a" in shown.meters["grid"].by_line
    assert shown.sg_ready == {pair.name: pair.heat_pump for pair in config.sg_ready}


def test_the_panel_knows_what_it_tells_of_the_installation() -> None:
    """PNL-47, PNL-49, CNT-84: limits beside the fuse, the battery's order, reaction times, rated contacts."""
    text = EXAMPLE.read_text().replace("# rated_operations", "rated_operations")
    config = parse(text.encode())
    shown = installed(config, control_rules(config))
    assert shown.imbalance_a == config.site.imbalance_a
    assert shown.car_first_pct == config.charging.battery_buffer_pct
    assert shown.battery_first_pct == config.charging.battery_priority_pct
    assert shown.rated == {"relay.garage": 100_000, "ev1.contactor": 100_000}
    assert all(0.5 < reaction_s <= 2.0 for reaction_s in shown.reaction_s.values())
    assert shown.reaction_s.keys() <= {bus.name for bus in config.buses}
    assert shown.reaction_s
