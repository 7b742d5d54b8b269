"""A house for the tests of the door: two chargers, two cars, prices; what is asked for is really granted."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hems.api.charging import NYMEA_ENERGY
from hems.api.own import HEMS
from hems.api.rows import Ask, Asked, Caller, Identity, Namespace, Params, Result
from hems.api.table import Table, table
from hems.api.thing_ids import server_id, thing_id
from hems.api.validate import record_check
from hems.core import chosen, outlook
from hems.core.grant import grant
from hems.core.repair import completed
from hems.core.rules import ChargerRules, Rules, VehicleRules
from hems.core.settable import rows
from hems.core.tariff import TariffRules, providers
from hems.model.decision import ChargerDecision, Command, Decision, Hand, Stage
from hems.model.instant import Instant
from hems.model.intents import Intent, Refusal, Upkeep
from hems.model.prices import Prices, Slot
from hems.model.settings import ChargerSettings, Settings
from hems.model.snapshot import Snapshot
from hems.model.view import Balance, Health, Installed, InstalledCharger, InstalledVehicle, View
from hems.model.why import Reason, Why

VIENNA = ZoneInfo("Europe/Vienna")
NOON = datetime(2026, 7, 1, 12, tzinfo=VIENNA)
IDENTITY = Identity(server_id("0" * 32), "House", "0.4.0", "Europe/Vienna")
GARAGE, YARD, ZOE = (thing_id(IDENTITY, name) for name in ("garage", "yard", "zoe"))
SPOT = TariffRules("awattar-at", "standard")
RULES = Rules(
    (25.0, 25.0, 25.0),
    {"garage": ChargerRules(1, max_a=16.0, switchable=True), "yard": ChargerRules(2, max_a=32.0)},
    vehicles={"zoe": VehicleRules(), "leaf": VehicleRules(charger="yard")},
    tariff=SPOT,
)
ERRORS = Namespace(
    enums={
        "EnergyError": ("EnergyErrorNoError", "EnergyErrorMissingParameter", "EnergyErrorInvalidParameter")
    }
)
"""Declared by the namespace Energy."""

TABLE: Table = table([NYMEA_ENERGY, HEMS, ERRORS])


def decided(reason: Reason = Reason.SURPLUS, limit_a: float = 6.0, **more: Any) -> ChargerDecision:
    return replace(
        ChargerDecision(
            Stage.CHARGING,
            Hand.MODBUS,
            wish_a=limit_a,
            cap_a=16.0,
            limit_a=limit_a,
            booked_a=limit_a,
            why=Why(reason, {"limit_a": limit_a}),
        ),
        **more,
    )


def hours(begin: datetime, *eur_kwh: float, provider: str = "awattar-at") -> Prices:
    marks = [begin.astimezone(UTC) + timedelta(hours=i) for i in range(len(eur_kwh) + 1)]
    return Prices(provider, tuple(Slot(marks[i], marks[i + 1], price) for i, price in enumerate(eur_kwh)))


@dataclass
class Desk:
    """A door whose intents are granted at once, between two views."""

    rules: Rules = RULES
    settings: Settings = field(default_factory=Settings)
    now: Instant = field(default_factory=lambda: Instant(1000.0, NOON))
    decisions: Mapping[str, ChargerDecision] = field(default_factory=dict)
    history: Any = None
    screen: Any = None
    door: Any = None
    language: Any = "en"
    asked: list[Intent | Upkeep] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = completed(self.rules, self.settings).settings

    def view(self) -> View:
        rules = self.rules
        tariff = chosen.step(None, rules, self.settings.chosen, self.settings.tariff).tariff
        seen = outlook.step(tariff, outlook.State(), self.settings.prices, self.now)
        return View(
            now=self.now,
            installed=Installed(
                "House",
                rules.fuse_a,
                {
                    name: InstalledCharger(one.number, one.min_a, one.max_a, one.step_a, one.relay)
                    for name, one in rules.chargers.items()
                },
                vehicles={
                    name: InstalledVehicle(one.capacity_wh, one.charger)
                    for name, one in rules.vehicles.items()
                },
                settable=rows(rules),
                providers=providers(rules.tariff),
                operator=rules.dim.source if rules.dim else "",
            ),
            snapshot=Snapshot(self.now),
            decision=Decision(
                {name: self.decisions.get(name, decided()) for name in rules.chargers},
                Command(),
                None,
                outlook=seen.outlook,
            ),
            settings=self.settings,
            balance=Balance(),
            counters={},
            health=Health(),
        )

    def asking(self, view: View | None) -> Ask:
        fields: dict[str, Any] = {
            "caller": Caller(1, "unix", language=self.language),
            "view": view,
            "now_mono_s": self.now.mono_s,
            "wall": self.now.wall,
            "trusted": self.now.trusted,
            "identity": IDENTITY,
            "inbox": None,
            "history": self.history,
            "screen": self.screen,
            "doorbell": None,
            "access": None,
            "door": self.door,
            "memory": {},
        }
        return Ask(**{name: value for name, value in fields.items() if name in Ask.__dataclass_fields__})

    def call(self, method: str, params: Params | None = None, *, view: View | None = None) -> Result:
        """The reply, after everything asked for has been granted or refused."""
        row = TABLE.methods[method]
        answer = row.handler(self.asking(view or self.view()), TABLE.validated(row, dict(params or {})))
        reply = self._granted(answer) if isinstance(answer, Asked) else answer
        assert isinstance(reply, Mapping)
        record_check(row.returns, TABLE.words, sent=True)(reply)
        return reply

    def _granted(self, asked: Asked) -> Result:
        for intent in asked.intents:
            self.asked.append(intent)
            if isinstance(intent, Upkeep):
                continue
            verdict = grant(self.rules, self.settings, intent, self.now)
            if isinstance(verdict, Refusal):
                return asked.reply(verdict)
            self.settings = verdict
        return asked.reply(None)

    def orders(self, charger: str = "garage") -> ChargerSettings:
        return self.settings.charger(charger)
