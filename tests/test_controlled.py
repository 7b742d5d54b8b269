"""Configuration → control rules: every key a person may choose arrives where it is used."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct, structs

from hems.config import parse
from hems.controlled import control_rules
from hems.core.rules import ChargingRules, CircuitRules, DimRules, SurplusRules, VehicleRules
from hems.model.site import (
    Bus,
    Charger,
    Charging,
    Circuit,
    Config,
    HeatPump,
    Load,
    Operator,
    SgReady,
    Site,
    Tariff,
    Vehicle,
)

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
    assert rules.relay_name == "yard"
    assert (rules.relay, rules.fallback, rules.fallback_a, rules.priority) == (True, "on_off", 8.0, 3)
    stop = structs.replace(HEIDELBERG, fallback="stop")
    assert control_rules(structs.replace(config(), chargers=(stop,))).chargers["yard"].fail_safe_a == 0.0
    evse = control_rules(config()).chargers["garage"]
    assert (evse.step_a, evse.watchdog_s, evse.fail_safe_a) == (1.0, None, 0.0)


def test_circuits_cars_contacts_and_the_operator_have_their_rules() -> None:
    """CHG-30, CHG-50: a circuit is measured where a meter names it."""
    rules = control_rules(WHOLE)
    assert rules.circuits == {
        "annex": CircuitRules((20.0, 20.0, 20.0), "", True),
        "yard": CircuitRules((16.0, 16.0, 0.0), "annex", False),
    }
    assert rules.vehicles == {"zoe": VehicleRules(52_000.0, 16.0, 2, "garage")}
    assert rules.dim == DimRules("contact", "dim", True, 4_200.0)
    assert (rules.power_limit_w, rules.imbalance_a) == (9_000.0, 20.0)
    assert list(rules.loads) == ["boiler", "oven"], "in the order of the file, in which they are shed"


def test_who_may_not_charge_while_a_line_is_out_of_control() -> None:
    """BUS-71: who is on it, and whom a meter on it protects; a line with neither concerns nobody."""
    meters = WHOLE.meters
    annex = next(meter for meter in meters if meter.role == "circuit")
    grid = next(meter for meter in meters if meter.role == "grid")
    yard = structs.replace(HEIDELBERG, circuit="")
    barn = structs.replace(HEIDELBERG, name="barn", number=3, bus="c", circuit="yard")
    spread = structs.replace(
        WHOLE,
        buses=tuple(Bus(name=name, port=name) for name in "abcdef"),
        meters=(
            structs.replace(grid, bus="d"),
            structs.replace(annex, bus="e"),
            structs.replace(grid, name="pv", bus="f", role="pv"),
        ),
        chargers=(GARAGE, yard, barn),
    )
    everyone = frozenset({"garage", "yard", "barn"})
    assert control_rules(spread).buses == {
        "a": frozenset({"garage"}),
        "b": frozenset({"yard"}),
        "c": frozenset({"barn"}),
        "d": everyone,
        "e": frozenset({"garage", "barn"}),
        "f": frozenset(),
    }


SITE = Site(name="Home", time_zone="UTC", main_fuse_a=(25, 25, 25), power_limit_w=9_000.0, imbalance_a=20.0)
GARAGE = Charger(
    name="garage", number=1, bus="a", unit=2, profile="evse-wb", relay="k1", circuit="annex", lines_relay="k2"
)
PUMP = HeatPump(name="pump", number=1, bus="a", unit=4, profile="lambda-eul", surplus="positive")
EXAMPLE_CONFIG = config()
WHOLE = structs.replace(
    EXAMPLE_CONFIG,
    site=SITE,
    meters=(
        *EXAMPLE_CONFIG.meters,
        structs.replace(EXAMPLE_CONFIG.meters[0], name="annex", unit=8, role="circuit", circuit="annex"),
    ),
    circuits=(
        Circuit(name="annex", fuse_a=(20, 20, 20)),
        Circuit(name="yard", fuse_a=(16, 16, 0), parent="annex"),
    ),
    chargers=(GARAGE,),
    vehicles=(Vehicle(name="zoe", capacity_wh=52_000.0, max_a=16.0, lines=2, charger="garage"),),
    heat_pumps=(PUMP,),
    loads=(Load(name="boiler", relay="k3", power_w=2_000), Load(name="oven", relay="k4", power_w=3_000)),
    sg_ready=(SgReady(name="heat", relays=("k5", "k6"), forced_w=6_000.0),),
    operator=Operator(source="contact", contact="dim"),
)

OTHER: dict[str, Any] = {
    "main_fuse_a": (16, 25, 25),
    "fuse_a": (13, 13, 13),
    "parent": "yard",
    "lines": ("L1",),
    "relay": "",
    "relays": ("k6", "k5"),
    "lines_relay": "",
    "billing": "per_line",
    "fallback": "on_off",
    "min_a": 8.0,
    "max_a": 10.0,
    "surplus": "negative",
    "source": "api",
    "limited": "closed",
    "cheap": ("peak",),
    "charges_eur_kwh": {"peak": 0.1},
    "eur_kwh": {"peak": 0.1},
}
"""Values of another kind than one more; those of a car's lines and of names are made below."""

ELSEWHERE = {
    Site: {"name", "time_zone"},
    Circuit: {"name"},
    Charger: {"name", "bus", "unit", "profile", "accept_no_failsafe", "rated_operations"},
    HeatPump: {
        "name", "bus", "unit", "profile", "module", "electrical_bound_w", "thermal_bound_w", "word_order",
    },
    Vehicle: {"name"},
    Load: {"name"},
    SgReady: {"name"},
    Operator: set(),
    Charging: set(),
    Tariff: {"provider", "otherwise", "contact", "closed", "file", "windows"},
}  # fmt: skip
"""Not the charging rules' business: wiring, counters, who is called how; the tariff's shape has its tests."""

PLACES: dict[type[Struct], str] = {
    Site: "site",
    Circuit: "circuits",
    Charger: "chargers",
    HeatPump: "heat_pumps",
    Vehicle: "vehicles",
    Load: "loads",
    SgReady: "sg_ready",
    Operator: "operator",
    Charging: "charging",
    Tariff: "tariff",
}


def keys() -> Iterator[tuple[type[Struct], str]]:
    for shape, place in PLACES.items():
        assert place
        for field in structs.fields(shape):
            if field.name not in ELSEWHERE[shape]:
                yield shape, field.name


def other(shape: type[Struct], key: str, value: Any) -> Any:
    """A value that is not the present one."""
    if key == "lines" and shape is Vehicle:
        return 3
    if isinstance(value, bool):
        return not value
    if key in OTHER and OTHER[key] != value:
        return OTHER[key]
    if isinstance(value, int | float):
        return value + 1
    return "other" if isinstance(value, str) else 5_000.0


@pytest.mark.parametrize(
    ("shape", "key"), tuple(keys()), ids=lambda one: one if isinstance(one, str) else one.__name__
)
def test_every_key_reaches_its_rule(shape: type[Struct], key: str) -> None:
    """What a person writes into the installation file changes the rules, key by key."""
    place = PLACES[shape]
    present: Any = getattr(WHOLE, place)
    first = present[0] if isinstance(present, tuple) else present
    assert isinstance(first, shape)
    changed: Any = structs.replace(first, **{key: other(shape, key, getattr(first, key))})
    rows = (changed, *present[1:]) if isinstance(present, tuple) else changed
    assert control_rules(structs.replace(WHOLE, **{place: rows})) != control_rules(WHOLE)
