"""Fixed views of a house: the pictures and most tests of the panel look at these."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hems.model.decision import ChargerCommand, ChargerDecision, Command, Decision, Hand, Stage
from hems.model.instant import Instant
from hems.model.plans import Plan
from hems.model.prices import Slot
from hems.model.settings import ChargerSettings, Settings, Target, VehicleSettings
from hems.model.snapshot import BatteryReading, ChargerReading, HeatPumpReading, MeterReading, Snapshot
from hems.model.view import (
    Balance,
    BusHealth,
    DeviceHealth,
    FieldHealth,
    Health,
    Installed,
    InstalledCharger,
    InstalledVehicle,
    JournalHealth,
    View,
)
from hems.model.why import Reason, Why

START = datetime(2026, 3, 12, 14, 32, tzinfo=ZoneInfo("Europe/Berlin"))
NOW = Instant(1000.0, START)

INSTALLED = Installed(
    site="Home",
    main_fuse_a=(25.0, 25.0, 25.0),
    chargers={
        "garage": InstalledCharger(number=1, min_a=6.0, max_a=32.0, step_a=1.0, relay=True),
        "carport": InstalledCharger(number=2, min_a=6.0, max_a=16.0, step_a=0.1, relay=False),
    },
    heat_pumps={"lambda": 1},
    pv=True,
)

COUNTERS: dict[str, int | float | None] = {
    "site.grid_import.all.daily": 8420,
    "site.grid_export.all.daily": 3100,
    "site.pv.all.daily": 14_700,
    "ev1.energy.all.daily": 5200,
    "ev2.energy.all.daily": 4600,
    "ev1.charge_time_s.daily": 4320,
    "hp1.heating.daily": 4,
    "hp1.heating.2h": 1,
    "hp1.heating.total": 12_345,
    "hp1.hot_water.daily": 1,
    "hp1.hot_water.2h": 0,
    "hp1.hot_water.total": 2210,
    "hp1.defrost.daily": 2,
    "hp1.defrost.2h": 0,
    "hp1.defrost.total": 805,
    "hp1.compressor_start.daily": 6,
    "hp1.compressor_start.2h": 1,
    "hp1.compressor_start.total": 15_120,
}

WIRES = FieldHealth(
    buses={"rs485-a": BusHealth(stage="idle", setting="9600 8N1", load_pct=32.4)},
    devices={
        "grid": DeviceHealth("rs485-a", last_good_mono_s=999.6),
        "garage": DeviceHealth("rs485-a", errors={"crc": 2}, last_good_mono_s=999.4),
        "carport": DeviceHealth("rs485-a", last_good_mono_s=998.8),
        "lambda": DeviceHealth("rs485-a", errors={"timeout": 12}, back_off_s=40.0),
    },
)


def decided(reason: Reason, limit_a: float, **figures: float | str) -> ChargerDecision:
    """A decision of a charger that may have `limit_a`, which is one of the figures of its reason."""
    return ChargerDecision(
        Stage.CHARGING, Hand.MODBUS, wish_a=limit_a, cap_a=limit_a, limit_a=limit_a, booked_a=limit_a,
        why=Why(reason, {"limit_a": limit_a, **figures}),
    )  # fmt: skip


def charger(status: str = "C", power_w: float | None = 11_040.0, age_s: float = 0.6) -> ChargerReading:
    """A charger that answered `age_s` ago."""
    at_s = NOW.mono_s - age_s
    return ChargerReading(at_s, status, at_s, power_w=power_w, line_a=(16.0, 16.0, 16.0))  # type: ignore[arg-type]


DECISIONS = {
    "garage": decided(Reason.LINE_LIMIT, 16.0, line="L2"),
    "carport": decided(Reason.SURPLUS, 7.4),
}

HOUSE = View(
    now=NOW,
    installed=INSTALLED,
    snapshot=Snapshot(
        NOW,
        grid=MeterReading(999.6, 3240.0, line_a=(9.4, 21.8, -3.1)),
        pv=MeterReading(999.6, 1840.0),
        chargers={"garage": charger(), "carport": charger(power_w=1_700.0)},
        heat_pumps={"lambda": HeatPumpReading(999.0, operating_state=1, power_w=620.0)},
    ),
    decision=Decision(
        DECISIONS,
        Command({"garage": ChargerCommand(16.0, True), "carport": ChargerCommand(7.4, True)}),
        available_w=1700.0,
    ),
    settings=Settings({"garage": ChargerSettings("min_surplus", 32.0)}),
    balance=Balance(grid_w=3240.0, pv_w=1840.0, battery_w=0.0, ev_w=4120.0, heat_pump_w=620.0, home_w=340.0),
    counters=COUNTERS,
    health=Health(wires=WIRES, journal=JournalHealth(unsaved_s=84.0, writes_24h=133, bytes_24h=692_000)),
)


MIDNIGHT = START.replace(hour=0, minute=0)
BEFORE_SEVEN = MIDNIGHT.astimezone(UTC) + timedelta(hours=31)
PLAN = Plan(
    deadline=BEFORE_SEVEN,
    latest_start=BEFORE_SEVEN - timedelta(hours=2),
    need_wh=14_200.0,
    power_w=11_040.0,
    slots=tuple(
        Slot(BEFORE_SEVEN - timedelta(hours=hours), BEFORE_SEVEN - timedelta(hours=hours - 1), eur_kwh)
        for hours, eur_kwh in ((5, 0.091), (4, 0.094), (2, 0.11))
    ),
)
"""For 07:00 of the next day, in two pieces: from 02:00 to 04:00 and from 05:00 to 06:00."""

PLANNED = replace(
    HOUSE,
    installed=replace(
        INSTALLED,
        chargers={"garage": replace(INSTALLED.chargers["garage"], switchable=True)},
        vehicles={
            "blue": InstalledVehicle(77_000.0, "garage"),
            "a-very-long-name": InstalledVehicle(9_000.0),
        },
        prices=True,
        off_peak=True,
    ),
    settings=Settings(
        {
            "garage": ChargerSettings(
                "surplus_target",
                16.0,
                Target(BEFORE_SEVEN, 80.0, repeat_days=(1, 3, 5)),
                cheap=True,
                cheap_pct=30.0,
                off_peak=True,
            )
        },
        vehicles={"blue": VehicleSettings(level_pct=42.0, told=START.astimezone(UTC))},
    ),
    snapshot=replace(HOUSE.snapshot, chargers={"garage": charger("B", 0.0)}),
    decision=Decision(
        {
            "garage": replace(
                decided(Reason.WAITING_CHEAP, 0.0, seconds_left=41_280.0), plan=PLAN, need_wh=14_200.0
            )
        },
        Command({"garage": ChargerCommand(0.0, True)}),
        available_w=0.0,
    ),
)
"""A house where everything can be set, its car waiting for cheap hours."""


def ordered(view: View, **changes: object) -> View:
    """The house with other orders for its garage."""
    orders = replace(view.settings.charger("garage"), **changes)  # type: ignore[arg-type]
    return replace(view, settings=replace(view.settings, chargers={"garage": orders}))


def with_charger(view: View, decision: ChargerDecision, reading: ChargerReading) -> View:
    """The house with another garage."""
    return replace(
        view,
        decision=replace(view.decision, chargers={**view.decision.chargers, "garage": decision}),
        snapshot=replace(view.snapshot, chargers={**view.snapshot.chargers, "garage": reading}),
    )


def nothing_known(view: View) -> View:
    """The same house before any wire has answered, with a clock nobody set."""
    now = replace(view.now, trusted=False)
    wires = FieldHealth(
        buses={"rs485-a": BusHealth(stage="absent", setting="")},
        devices={name: DeviceHealth("rs485-a") for name in view.health.wires.devices},
    )
    return View(
        now=now,
        installed=view.installed,
        snapshot=Snapshot(now),
        decision=Decision({}, Command(), available_w=None),
        settings=Settings(),
        balance=Balance(),
        counters={},
        health=Health(wires=wires),
    )


def extreme(view: View) -> View:
    """Everything at its widest: long names, great figures, worst reasons."""
    long = "a-very-long-name"
    chargers = {long: InstalledCharger(8, 6.5, 62.5, 0.01, relay=True)}
    installed = Installed(
        site="x" * 16, main_fuse_a=(200.0, 200.0, 200.0), chargers=chargers, heat_pumps={long: 8, "b": 2},
        pv=True, battery=True,
    )  # fmt: skip
    counters: dict[str, int | float | None] = {
        key.replace("hp1", "hp8").replace("ev1", "ev8"): 999_999 for key in COUNTERS
    }
    counters["ev8.charge_time_s.daily"] = 90_000
    wires = FieldHealth(
        buses={long: BusHealth(stage="quarantine", setting="115200 8E1", load_pct=100.0, early=99_999)},
        devices={
            f"{long[:15]}{i}": DeviceHealth(long, errors={"crc": 12_345}, last_good_mono_s=-2500.0)
            for i in range(6)
        },
    )
    return replace(
        view,
        installed=installed,
        snapshot=Snapshot(
            NOW,
            grid=MeterReading(991.0, -123_000.0, line_a=(-199.6, 12.3, 0.0)),
            battery=BatteryReading(999.0, -12_300.0, 100.0),
            chargers={long: charger(power_w=22_080.0, age_s=9.0)},
            heat_pumps={long: HeatPumpReading(999.0, operating_state=65_535)},
        ),
        decision=Decision({long: decided(Reason.STOP_DELAY, 62.49, seconds_left=35_990)}, Command(), None),
        settings=Settings({long: ChargerSettings("min_surplus", 62.49)}),
        balance=Balance(-12_300.0, 99_940.0, -12_300.0, 99_940.0, 12_300.0, -12_300.0),
        counters=counters,
        health=Health(
            wires=wires,
            journal=JournalHealth(
                state="failing",
                unsaved_s=99_999.0,
                writes_24h=123_456,
                bytes_24h=987_654_321,
                alarms=dict.fromkeys(
                    ("book_unreadable", "records_lost", "invariant_broken"), "2026-11-21: …"
                ),
            ),
        ),
    )
