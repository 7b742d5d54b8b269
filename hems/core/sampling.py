"""A snapshot → the sample that was not counted yet: a reading counts once, when it is new.

Powers are no readings: they hold as long as they are fresh, so that they can be told every cycle.
"""

import math
from collections.abc import Mapping
from typing import Final

from hems.core.balance import powers
from hems.core.counting import GRID_IMPORT, ChargerSample, CountRules, Flows, Sample
from hems.core.cycles import PumpSample
from hems.core.sessions import DRAWING_A
from hems.model.decision import Decision
from hems.model.ledger import Tally
from hems.model.snapshot import BatteryReading, ChargerReading, HeatPumpReading, MeterReading, Snapshot
from hems.model.units import NO_LINES
from hems.model.view import Balance

UNCHANGED_S: Final = 5.0
"""How often what stays as it is counts as a reading: outputs, and that the grid meter answers."""


SILENT: Final = HeatPumpReading(at_mono_s=0.0)


class Fresh:
    """Tells new readings from those that were counted, and notes the times of the new ones by their place."""

    def __init__(self, tally: Tally) -> None:
        self.noted_mono_s: dict[str, float] = {}
        self._seen_mono_s = tally.seen_mono_s

    def is_new(self, place: str, at_mono_s: float | None, after_s: float = 0.0) -> bool:
        """Whether a reading is later than the last one of its place, by more than `after_s`."""
        if at_mono_s is None or at_mono_s <= self._seen_mono_s.get(place, -math.inf) + after_s:
            return False
        self.noted_mono_s[place] = at_mono_s
        return True


def sample_of(
    rules: CountRules, tally: Tally, snapshot: Snapshot, decision: Decision
) -> tuple[Sample, Mapping[str, float]]:
    """What the snapshot has that was not counted yet, and the times of those readings by their place."""
    fresh = Fresh(tally)
    balance = powers(
        snapshot,
        rules.charger_numbers,
        rules.pump_numbers,
        pv="pv" in rules.totals,
        battery="battery_charge" in rules.totals,
    )
    sample = Sample(
        pumps={
            number: _pump(name, pump, fresh)
            for name, number in rules.pump_numbers.items()
            if (pump := snapshot.heat_pumps.get(name))
        },
        totals_wh=_totals_wh(snapshot, fresh),
        chargers={
            number: _charger(name, charger, balance, decision, fresh)
            for name, number in rules.charger_numbers.items()
            if (charger := snapshot.chargers.get(name))
        },
        contacts=_contacts(rules, tally, snapshot, fresh),
        flows=_flows(balance),
        tariff=decision.tariff,
        price_ueur_kwh=decision.price_ueur_kwh,
        grid_seen=snapshot.grid is not None and fresh.is_new("grid", snapshot.grid.at_mono_s, UNCHANGED_S),
    )
    return sample, fresh.noted_mono_s


def _pump(name: str, pump: HeatPumpReading, fresh: Fresh) -> PumpSample:
    state = pump if fresh.is_new(f"pump.{name}", pump.at_mono_s) else SILENT
    totals = pump if fresh.is_new(f"pump_totals.{name}", _read_at(pump)) else SILENT
    return PumpSample(
        operating_state=state.operating_state,
        compressor_rating=state.compressor_rating,
        machine_state=state.machine_state,
        electrical_words=totals.electric_words,
        thermal_words=totals.thermal_words,
        electrical_wh=totals.electric_wh,
        thermal_wh=totals.thermal_wh,
    )


def _totals_wh(snapshot: Snapshot, fresh: Fresh) -> dict[str, float | None]:
    totals_wh: dict[str, float | None] = {}
    if (grid := snapshot.grid) and fresh.is_new("totals.grid", _read_at(grid)):
        totals_wh |= {GRID_IMPORT: grid.import_wh, "grid_export": grid.export_wh}
    if (pv := snapshot.pv) and fresh.is_new("totals.pv", _read_at(pv)):
        totals_wh["pv"] = pv.export_wh
    if (battery := snapshot.battery) and fresh.is_new("totals.battery", _read_at(battery)):
        totals_wh |= {"battery_charge": battery.charge_wh, "battery_discharge": battery.discharge_wh}
    return totals_wh


def _read_at(reading: MeterReading | BatteryReading | HeatPumpReading) -> float:
    """When the totals were read."""
    return reading.at_mono_s if reading.totals_mono_s is None else reading.totals_mono_s


def _charger(
    name: str, charger: ChargerReading, balance: Balance, decision: Decision, fresh: Fresh
) -> ChargerSample:
    total_mono_s = charger.measured_mono_s if charger.total_mono_s is None else charger.total_mono_s
    answered = fresh.is_new(f"status.{name}", charger.at_mono_s)
    measured = fresh.is_new(f"measured.{name}", charger.measured_mono_s) and charger.line_a is not None
    totalled = fresh.is_new(f"total.{name}", total_mono_s)
    line_a = charger.line_a or NO_LINES
    decided = decision.chargers.get(name)
    return ChargerSample(
        status=charger.status if answered else None,
        total_wh=charger.total_wh if totalled else None,
        power_w=balance.things_w.get(name),
        current_a=max(line_a) if measured else None,
        lines_used=sum(current_a > DRAWING_A for current_a in line_a) if measured else 0,
        mode=decided.mode if decided else "",
    )


def _contacts(rules: CountRules, tally: Tally, snapshot: Snapshot, fresh: Fresh) -> dict[str, bool | None]:
    """Outputs that were seen some time ago, or that have moved."""
    contacts: dict[str, bool | None] = {}
    for name in rules.contacts:
        closed = snapshot.relays.get(name)
        place = f"contact.{name}.{closed}"
        if closed is not None and fresh.is_new(place, snapshot.now.mono_s, UNCHANGED_S):
            fresh.noted_mono_s[f"contact.{name}.{not closed}"] = -math.inf
            contacts[name] = closed
    return contacts


def _flows(balance: Balance) -> Flows:
    """The powers without the cars; a heat pump that tells no power is part of the house."""
    pv_w, battery_w, ev_w, grid_w = balance.pv_w, balance.battery_w, balance.ev_w, balance.grid_w
    heat_pump_w = balance.heat_pump_w or 0.0
    if grid_w is None or pv_w is None or battery_w is None or ev_w is None:
        return Flows(pv_w, battery_w, None, balance.heat_pump_w)
    return Flows(pv_w, battery_w, grid_w + pv_w + battery_w - ev_w - heat_pump_w, heat_pump_w)
