"""What a kilowatt-hour costs, from the tariff's table to the counters, through the whole service."""

from datetime import timedelta
from pathlib import Path

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory
from msgspec import structs

from hems.config import parse
from hems.model.intents import AmendCharging, PutPrices, SetMode, SetTariff
from hems.model.prices import Slot
from hems.model.settings import TariffChoice
from hems.model.site import Config
from hems.price_file import encoded
from tests.stories.stage import DEMO, NOON, RaiseCurtain, Stage, config

FRENCH = """
[tariff]
provider = "static"
eur_kwh = { peak = 0.2700, off_peak = 0.2068 }
[[tariff.window]]
period = "off_peak"
from = "12:04"
to = "14:34"
"""
SPOT = '[tariff]\nprovider = "awattar-at"\ncharges_eur_kwh = { standard = 0.05 }\ntax_pct = 20'
CONTACT = '[tariff]\nprovider = "contact"\ncontact = "hc"\n[[contact]]\nname = "hc"\npin = 22'


def house(tariff: str) -> Config:
    """The stage's house with a tariff."""
    found = parse((DEMO + tariff).encode())
    return structs.replace(config(), tariff=found.tariff, contacts=found.contacts)


def test_import_and_its_cost_are_counted_by_tariff_period(raise_curtain: RaiseCurtain) -> None:
    """CNT-71, CNT-72, CNT-76: a car charges at full power over the beginning of a window."""
    stage = raise_curtain(house(FRENCH))
    stage.ask(SetMode("garage", "fast"))
    view = stage.play(480)
    periods = [shown.decision.tariff for shown in stage.views]
    assert periods.index("off_peak") in (239, 240, 241)
    assert set(periods[:239]) == {"peak"}
    read = {key: view.counters[f"site.{key}.total"] or 0 for key in (
        "grid_import.all", "grid_import.peak", "grid_import.off_peak", "grid_import.unattributed",
        "grid_cost.all", "grid_cost.peak", "grid_cost.off_peak", "grid_unpriced.all",
    )}  # fmt: skip
    assert read["grid_import.peak"] > 0
    assert read["grid_import.off_peak"] > 0
    assert read["grid_import.unattributed"] == read["grid_unpriced.all"] == 0
    assert read["grid_import.all"] == read["grid_import.peak"] + read["grid_import.off_peak"]
    assert read["grid_cost.peak"] == pytest.approx(read["grid_import.peak"] * 270, abs=1)
    assert read["grid_cost.off_peak"] == pytest.approx(read["grid_import.off_peak"] * 206.8, abs=1)
    assert read["grid_cost.all"] == read["grid_cost.peak"] + read["grid_cost.off_peak"]
    assert view.counters["ev1.energy.grid_peak.total"]
    assert view.counters["ev1.cost.all.total"]


def test_without_a_tariff_nothing_is_counted_by_period(raise_curtain: RaiseCurtain) -> None:
    view = raise_curtain().play(2)
    assert (view.decision.tariff, view.decision.price_ueur_kwh) == (None, None)
    assert not [
        key for key in view.counters if key.startswith(("site.grid_cost.peak", "site.grid_import.peak"))
    ]


def put(folder: Path, *costs: float) -> None:
    """Leave prices as the fetching process does: hours from noon on."""
    hours = [NOON + timedelta(hours=i) for i in range(len(costs) + 1)]
    slots = tuple(Slot(hours[i], hours[i + 1], eur_kwh) for i, eur_kwh in enumerate(costs))
    (folder / "prices.new").write_bytes(encoded(PutPrices("awattar-at", slots)))
    (folder / "prices.new").replace(folder / "prices.json")


def prices(stage: Stage) -> int | None:
    return stage.views[-1].decision.price_ueur_kwh


def test_prices_arrive_while_the_service_runs_and_after_a_restart(
    raise_curtain: RaiseCurtain, tmp_path: Path
) -> None:
    """CHG-80, CHG-82: the file is noticed within a minute; a bad one changes nothing."""
    stage = raise_curtain(house(SPOT))
    stage.play(3)
    assert prices(stage) is None
    put(tmp_path, 0.10, -0.20)
    stage.play(62)
    assert prices(stage) == 180_000, "(0.10 + 0.05) × 1.2"
    told = [event for view in stage.views for event in view.events if event.kind == "setting"]
    assert [(event.key, dict(event.figures)) for event in told] == [
        ("prices", {"by": "prices", "provider": "awattar-at", "slots": 2})
    ]
    (tmp_path / "prices.json").write_text("half a fi")
    stage.play(62)
    assert prices(stage) == 180_000
    assert stage.refusals == []
    stage.leave()
    put(tmp_path, 0.30)
    again = raise_curtain(house(SPOT))
    again.play(3)
    assert prices(again) == 420_000


def test_a_contact_decides_alone(raise_curtain: RaiseCurtain) -> None:
    """CHG-80: the meter's dry contact, at any time of day and while nobody knows the time."""
    stage = raise_curtain(house(CONTACT))
    stage.clock.trusted = False
    assert isinstance(gpiozero.Device.pin_factory, MockFactory)
    pin = gpiozero.Device.pin_factory.pin(22)
    assert stage.play(3).decision.tariff == "peak"
    pin.drive_low()
    assert stage.play(3).decision.tariff == "off_peak"
    pin.drive_high()
    assert stage.play(3).decision.tariff == "peak"
    assert stage.views[0].decision.tariff == "peak", "a tenth of a second is enough to know it"


def test_prices_that_were_told_survive_a_restart(raise_curtain: RaiseCurtain, tmp_path: Path) -> None:
    """API-110: put by any door, kept beside the book by the journal's thread; the chosen provider, too."""
    stage = raise_curtain(house(FRENCH))
    stage.ask(SetTariff(True, "awattar-at"))
    stage.play(2)
    stage.prices(0.10, 0.20, provider="awattar-at")
    stage.play(3)
    assert prices(stage) == 100_000
    stage.written()
    assert (tmp_path / "prices.json").exists()
    stage.restart()
    stage.play(3)
    assert stage.refusals == []
    assert stage.views[-1].settings.tariff == TariffChoice("awattar-at")
    assert prices(stage) == 100_000
    stage.ask(SetTariff(True, ""))
    stage.play(2)
    assert prices(stage) == 270_000, "as it is installed"
    assert stage.views[-1].settings.prices is None


def test_prices_without_a_say_are_counted_all_the_same(raise_curtain: RaiseCurtain) -> None:
    """API-106: a charger that waits for cheap hours waits no more, what is bought has its price."""
    stage = raise_curtain(house(SPOT))
    stage.prices(0.10, 0.20, provider="awattar-at")
    stage.ask(AmendCharging("garage", {"cheap": True, "cheap_pct": 50.0, "mode": "surplus"}))
    stage.play(60, lambda _: stage.garage().state == "spot_market")
    assert stage.garage().cheap_slots
    assert stage.garage().state == "spot_market"
    stage.ask(SetMode("garage", "fast"))
    assert stage.play(2).decision.chargers["garage"].cheap_slots == (), "this mode knows no cheap hours"
    stage.ask(SetMode("garage", "surplus"), SetTariff(False))
    stage.play(3)
    assert stage.garage().cheap_slots == ()
    assert stage.garage().state != "spot_market"
    assert prices(stage) == 180_000
