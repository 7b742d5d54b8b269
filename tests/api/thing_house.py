"""A house with a thing of every kind, and who asks for it; a history that can be written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from hems.api.rows import Ask, Caller, Identity, LogRow, Method, Namespace, Notice, Params, Result, Shape
from hems.api.shapes import gathered
from hems.api.thing_ids import server_id
from hems.api.things import Known, Thing, remembered
from hems.api.validate import record_check
from hems.model.decision import (
    ChargerCommand,
    ChargerDecision,
    Command,
    Decision,
    Hand,
    HeatPumpDecision,
    Stage,
)
from hems.model.instant import Instant
from hems.model.intents import Intent, Upkeep
from hems.model.runs import Session
from hems.model.settings import ChargerSettings, Settings, VehicleSettings
from hems.model.snapshot import BatteryReading, ChargerReading, HeatPumpReading, MeterReading, Snapshot
from hems.model.view import (
    Balance,
    Health,
    Installed,
    InstalledCharger,
    InstalledMeter,
    InstalledVehicle,
    View,
)
from hems.model.why import Reason, Why

ZONE = ZoneInfo("Europe/Vienna")
NOW = Instant(5000.0, datetime(2026, 7, 1, 12, 0, tzinfo=ZONE))
IDENTITY = Identity(server_id("0" * 32), "House", "0.4.0", "Europe/Vienna")
BY_LINE = frozenset({"line_a", "line_v", "line_power_w"})

INSTALLED = Installed(
    site="House",
    main_fuse_a=(25.0, 25.0, 25.0),
    chargers={
        "garage": InstalledCharger(1, 6.0, 16.0, 1.0, relay=True, switchable=True),
        "carport": InstalledCharger(2, 6.0, 32.0, 0.1, relay=False),
    },
    heat_pumps={"pump": 1},
    pv=True,
    battery=True,
    vehicles={
        "zoe": InstalledVehicle(52_000.0, "garage", 32.0, 3),
        "bike": InstalledVehicle(1_500.0, "", 10),
    },
    meters={
        "grid": InstalledMeter("grid", by_line=BY_LINE),
        "roof": InstalledMeter("pv"),
        "cell": InstalledMeter("battery"),
        "shed": InstalledMeter("circuit", "barn", ("L2",), frozenset({"line_a"})),
        "wallmeter": InstalledMeter("charger", "garage", by_line=BY_LINE),
    },
    sg_ready={"sg": "pump", "attic": ""},
)


def decided(limit_a: float) -> ChargerDecision:
    """A charger on one line that follows the sun."""
    why = Why(Reason.SURPLUS, {"limit_a": limit_a})
    return ChargerDecision(
        Stage.CHARGING, Hand.MODBUS, limit_a, 16.0, limit_a, limit_a, why, "surplus", lines=("L1",)
    )


VIEW = View(
    now=NOW,
    installed=INSTALLED,
    snapshot=Snapshot(
        NOW,
        grid=MeterReading(
            4999.5, 1200.4, (400.0, 500.0, 300.4), (1.739, 2.174, 1.306), (230.12, 229.98, 231.0), 1.0, 2.0
        ),
        pv=MeterReading(4999.5, 3000.0),
        battery=BatteryReading(4999.0, -800.0, 55.4),
        chargers={
            "garage": ChargerReading(4999.2, "C", 4999.2, power_w=2990.0, line_a=(13.0, 0.0, 0.0)),
            "carport": ChargerReading(4999.2, "A", 4999.2, power_w=0.0),
        },
        heat_pumps={"pump": HeatPumpReading(4998.0, operating_state=1, power_w=640.0)},
        circuits={"barn": MeterReading(4999.0, 50.0, None, (0.0, 0.22, 0.0), None, 123_456.0, 0.0)},
    ),
    decision=Decision(
        {"garage": decided(13.0), "carport": replace(decided(0.0), lines=())},
        Command({"garage": ChargerCommand(13.0, True, 1), "carport": ChargerCommand(0.0, True)}),
        available_w=3000.0,
        heat_pumps={
            "sg": HeatPumpDecision(Why(Reason.SURPLUS), "recommended"),
            "attic": HeatPumpDecision(Why(Reason.SURPLUS_LOW), "normal"),
        },
    ),
    settings=Settings(
        {
            "garage": ChargerSettings("surplus", 16.0, vehicle="zoe"),
            "carport": ChargerSettings("off", 32.0, on_mode="fast"),
        },
        vehicles={"zoe": VehicleSettings(level_pct=9.0)},
    ),
    balance=Balance(
        1200.4, 3000.0, -800.0, 2990.0, 640.0, -229.6, {"garage": 2990.0, "carport": 0.0, "pump": 640.0}
    ),
    counters={
        "site.grid_import.all.total": 1_234_567,
        "site.grid_export.all.total": 234_567,
        "site.pv.all.total": 9_876_543,
        "site.battery_charge.all.total": 400_000,
        "site.battery_discharge.all.total": 300_000,
        "ev1.energy.all.total": 555_555,
        "ev2.energy.all.total": 1,
        "hp1.energy_electrical.all.total": 77_000,
    },
    health=Health(),
    sessions={"ev1": Session("s", 1, energy_wh=4_321)},
)


def later(view: View, seconds: float) -> View:
    """The same view so much later: nothing has answered since."""
    now = Instant(view.now.mono_s + seconds, view.now.wall + timedelta(seconds=seconds))
    return replace(view, now=now, snapshot=replace(view.snapshot, now=now))


@dataclass
class WrittenHistory:
    """An energy log whose rows are given."""

    minute_rows: Sequence[LogRow] = ()
    quarter_rows: Sequence[LogRow] = ()

    def minutes(self, begin_s: int, end_s: int) -> Sequence[LogRow]:
        """Minute rows."""
        return [row for row in self.minute_rows if begin_s <= row.end_s <= end_s]

    def quarters(self, begin_s: int, end_s: int, at_most: int = 3_000) -> Sequence[LogRow]:
        """Quarter-hour rows."""
        return [row for row in self.quarter_rows if begin_s <= row.end_s <= end_s][-at_most:]

    def listed(self, name: Literal["sessions", "events", "evidence", "runs"]) -> Sequence[Mapping[str, Any]]:
        """No lists here."""
        return []


NO_HISTORY = WrittenHistory()


@dataclass
class Letters:
    """An inbox that keeps what was put."""

    put_in: list[Intent | Upkeep] = field(default_factory=list)

    def put(self, asked: Intent | Upkeep, by: str = "panel", answer: object = None) -> None:
        """Keep it."""
        self.put_in.append(asked)


def fold(*views: View) -> Known:
    """What is known after these views."""
    known = None
    for view in views:
        known = remembered(known, view, IDENTITY, NO_HISTORY)
    assert known is not None
    return known


def thing(known: Known, name: str) -> Thing:
    """A thing by its configured name."""
    return next(one for one in known.things.values() if one.name == name)


def values(known: Known, name: str) -> dict[str, object]:
    """The values of a thing's states."""
    return {state: stated.value for state, stated in thing(known, name).states.items()}


def ask(
    view: View | None = VIEW,
    caller: Caller | None = None,
    memory: object = None,
    history: object = NO_HISTORY,
) -> Ask:
    """Who asks; of things it remembers this view alone."""
    if memory is None and view is not None:
        memory = fold(view)
    assert isinstance(history, WrittenHistory)
    now = view.now if view is not None else NOW
    return Ask(
        caller or Caller(1, "unix"),
        view,
        now.mono_s,
        now.wall,
        now.trusted,
        IDENTITY,
        Letters(),
        history,
        None,
        None,
        None,
        None,
        memory,
    )


def fits(row: Method | Notice, record: Result, *namespaces: Namespace) -> bool:
    """Whether a reply or notification is as its row declares it, once it has been sent."""
    declared: Mapping[str, Shape] = row.returns if isinstance(row, Method) else row.params
    sent = msgspec.json.decode(msgspec.json.encode(record))
    checked: Params = record_check(declared, gathered(namespaces), sent=True)(sent)
    return bool(checked == sent)
