"""A house where every screen has something to say: prices, battery, network, alarms, a search."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hems.model.alarm import Alarm, AlarmCode, PastAlarm
from hems.model.decision import Dim
from hems.model.prices import Outlook, Rated
from hems.model.settings import Proofs
from hems.model.snapshot import BatteryReading
from hems.model.surroundings import Appliance, Network, Release, Surroundings
from hems.model.view import FoundDevice, SearchHealth
from tests.panel.views import PLANNED, START

NOON = START.replace(hour=12, minute=0).astimezone(UTC)
HOUR = timedelta(hours=1)

OUTLOOK = Outlook(
    "awattar-de",
    tuple(
        Rated(NOON + i * HOUR, NOON + (i + 1) * HOUR, round(0.18 + 0.12 * math.sin(i / 3.8), 4))
        for i in range(36)
    ),
    NOON + 36 * HOUR,
)

PERIODS = ("total", "daily", "yesterday", "2h", "4h", "monthly", "yearly")


def counted(name: str, *values: float | None) -> dict[str, float | None]:
    """A counter with all of its periods."""
    return {f"{name}.{period}": value for period, value in zip(PERIODS, values, strict=True)}


COUNTERS: dict[str, int | float | None] = {
    **PLANNED.counters,
    **counted("hp1.heating", 12_345, 4, 6, 1, 1, 61, 1204),
    **counted("hp1.energy_electrical.heating", 8_123_456, 8420, 10_100, 640, 1200, 210_000, 1_204_000),
    **counted("hp1.run_time_s", 12_345_678, 11_520, 22_000, 1800, 4000, 700_000, 5_000_000),
    **counted("hp1.cop.all", 3.71, 3.52, 3.6, None, 3.4, 3.7, 3.71),
    **counted("site.grid_cost.all", 812_345_678, 2_041_000, 3_000_000, 0, 210_000, 40_000_000, 300_000_000),
    **counted("site.battery_charge.all", 1_000_000, 4100, 6000, 0, 0, 90_000, 800_000),
    **counted("site.battery_discharge.all", 900_000, 3210, 5000, 0, 0, 80_000, 700_000),
    **counted("ev1.contactor", 12_345, 3, 5, 0, 1, 80, 900),
    **counted("relay.garage", 12_345, 3, 5, 0, 1, 80, 900),
    **counted("ev1.energy.solar", 700_000, 3700, 5000, 0, 500, 80_000, 700_000),
    "ev2.energy.solar.daily": 3258,
    "hp1.coverage_pct.daily": 98,
    "hp1.coverage_pct.yearly": 100,
    "new.thing.total": 7,
}

SILENT = Alarm(AlarmCode.GRID_METER_SILENT, "", START - timedelta(seconds=29), 971.0)
STUCK = Alarm(AlarmCode.STUCK_CONTACTOR, "carport", START - timedelta(days=3), 1.0, latched=True)

APPLIANCE = Appliance(
    running=Release("1.4.0", "A", "abcdef012"),
    previous=Release("1.3.2", "B"),
    proven_s=6 * 86_400.0 + 77,
    restarts=1,
    started_by="cut",
    offered="1.5.0",
    serial="10000000a1b2c3d4",
    uptime_s=7 * 86_400.0,
    network=Network(
        {"eth0": ("192.168.1.40", "fe80:1234:5678:9abc:def0:1234:5678:9abc"), "wlan0": ("10.0.0.7",)},
        "hems-a1b2.local",
        True,
        "SHA256:9fKqx3LrTz0mQdpV7uWnR2sYb1cHe5aGtJ4kMi8oX+/",
    ),
    clock="network",
)

SEARCH = SearchHealth(
    "rs485-a",
    "full",
    False,
    31,
    60,
    12.0,
    found=(
        FoundDevice("9600 8N1", 1, "sure", ("eastron-sdm630",)),
        FoundDevice("9600 8N1", 2, "likely", ("evse-wb",)),
        FoundDevice("9600 8N1", 33, "unknown"),
        FoundDevice("9600 8N1", 247, "likely", ("gavazzi-em24-very-long",)),
    ),
)

RICH = replace(
    PLANNED,
    settings=replace(PLANNED.settings, proofs=Proofs(("meter.L2", "relay.garage", "car.garage"))),
    installed=replace(
        PLANNED.installed,
        site="Home",
        battery=True,
        imbalance_a=20.0,
        car_first_pct=70.0,
        reaction_s={"rs485-a": 1.3},
        rated={"ev1.contactor": 100_000},
    ),
    snapshot=replace(
        PLANNED.snapshot,
        battery=BatteryReading(999.5, 1200.0, 62.0),
        heat_pumps={"lambda": replace(PLANNED.snapshot.heat_pumps["lambda"], power_w=620.0)},
    ),
    decision=replace(PLANNED.decision, outlook=OUTLOOK, dim=Dim(False, 4200.0, "contact")),
    balance=replace(PLANNED.balance, battery_w=1200.0),
    counters=COUNTERS,
    health=replace(PLANNED.health, wires=replace(PLANNED.health.wires, search=SEARCH)),
    around=Surroundings(appliance=APPLIANCE),
    since={"hp1.heating": datetime(2025, 11, 3, 8, 0, tzinfo=UTC)},
    past_alarms=(PastAlarm(replace(SILENT, about=""), START),),
)

ALARMED = replace(RICH, alarms=(SILENT, STUCK))
"""The same house in trouble."""
