"""Views of a house in its first run: before anything is installed, and afterwards."""

from dataclasses import replace

from hems.model.settings import Commissioning, Settings
from hems.model.snapshot import ChargerReading, MeterReading, Snapshot
from hems.model.view import (
    BusHealth,
    DeviceHealth,
    FieldHealth,
    FoundDevice,
    Health,
    Installed,
    InstalledMeter,
    InstalledWiring,
    SearchHealth,
    View,
)
from tests.panel.views import HOUSE, NOW

METER = ("grid", "pv", "battery", "charger", "circuit")
FOUND = (
    FoundDevice("9600 8N1", 1, "sure", ("eastron-sdm630",), kind="meter", roles=METER),
    FoundDevice("9600 8N1", 2, "sure", ("evse-wb",), kind="charger", most_a=80.0),
)
SEARCHED = SearchHealth("a", "full", True, 60, 60, 0.0, found=FOUND)
UNDER_WAY = replace(SEARCHED, ended=False, at=31, seconds_left=12.4)

WIRES = FieldHealth(buses={"a": BusHealth("idle", "9600 8N1")})

FRESH = replace(
    HOUSE,
    installed=Installed(
        "hems",
        (6.0, 6.0, 6.0),
        {},
        wiring=InstalledWiring(house=False, contacts=("in1", "in2"), relays=("k1", "k2", "k3")),
    ),
    snapshot=Snapshot(NOW, contacts={"in1": True, "in2": None}),
    decision=replace(HOUSE.decision, chargers={}),
    settings=Settings(commissioning=Commissioning("language")),
    health=Health(wires=WIRES),
)


def at(view: View, step: str, **answers: str) -> View:
    """The same house at another question."""
    return replace(view, settings=replace(view.settings, commissioning=Commissioning(step, answers)))


def searched(health: SearchHealth, view: View = FRESH) -> View:
    return replace(view, health=Health(wires=replace(WIRES, search=health)))


INSTALLED = replace(
    FRESH,
    installed=replace(
        HOUSE.installed,
        chargers={"garage": HOUSE.installed.chargers["garage"]},
        meters={"grid": InstalledMeter("grid"), "sun": InstalledMeter("pv")},
        wiring=InstalledWiring(contacts=("in1",), relays=("k1",), tariff="fixed"),
    ),
    snapshot=Snapshot(
        NOW,
        grid=MeterReading(999.6, 600.0, line_power_w=(300.0, 200.0, 100.0)),
        chargers={"garage": ChargerReading(999.6, "B", line_a=(0.0, 0.0, 0.0))},
    ),
    decision=replace(HOUSE.decision, chargers={"garage": HOUSE.decision.chargers["garage"]}),
    health=Health(wires=replace(WIRES, devices={"garage": DeviceHealth("a", set_up=True)})),
)
