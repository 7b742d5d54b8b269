"""What an installation controls: configuration and profiles → the parameters of the charging rules."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from hems.core.appliances import HeatPumpRules, LoadRules, SgReadyRules
from hems.core.circuits import above
from hems.core.rules import (
    ChargerRules,
    ChargingRules,
    CircuitRules,
    DimRules,
    Rules,
    SurplusRules,
    VehicleRules,
)
from hems.field.profile import Profile
from hems.field.profiles import PROFILES
from hems.model.site import Charger, Charging, Config, HeatPump, Operator, SgReady, Vehicle
from hems.tariffs import tariff_rules


def control_rules(config: Config, profiles: Mapping[str, Profile] = PROFILES) -> Rules:
    """The parameters of the charging rules."""
    site = config.site
    metered = {meter.circuit for meter in config.meters if meter.role == "circuit"}
    rules = Rules(
        fuse_a=site.main_fuse_a,
        power_limit_w=site.power_limit_w,
        imbalance_a=site.imbalance_a,
        circuits={
            circuit.name: CircuitRules(circuit.fuse_a, circuit.parent, circuit.name in metered)
            for circuit in config.circuits
        },
        chargers={one.name: _charger(one, profiles[one.profile]) for one in config.chargers},
        vehicles={vehicle.name: _vehicle(vehicle) for vehicle in config.vehicles},
        heat_pumps={pump.name: _heat_pump(pump) for pump in config.heat_pumps},
        sg_ready={one.name: _sg_ready(one) for one in config.sg_ready},
        loads={load.name: LoadRules(load.relay, load.lines, load.power_w) for load in config.loads},
        surplus=SurplusRules(**_chosen(SurplusRules, config.charging), per_line=site.billing == "per_line"),
        charging=ChargingRules(**_chosen(ChargingRules, config.charging)),
        tariff=tariff_rules(config),
        dim=_dim(config.operator) if config.operator else None,
    )
    buses = {bus.name: frozenset(_depending(config, rules, bus.name)) for bus in config.buses}
    return replace(rules, buses=buses)


def _depending(config: Config, rules: Rules, bus: str) -> Iterator[str]:
    """The chargers on a line, and those that a meter on it protects: all of them, or those of a circuit."""
    here = [meter for meter in config.meters if meter.bus == bus]
    measured = {meter.circuit for meter in here if meter.role == "circuit"}
    everywhere = any(meter.role == "grid" for meter in here)
    for charger in config.chargers:
        behind = measured.intersection(above(rules, charger.circuit))
        if everywhere or behind or charger.bus == bus:
            yield charger.name


def _chosen(rules: type[SurplusRules | ChargingRules], charging: Charging) -> dict[str, Any]:
    """The figures of some rules that a person may change, under the same names."""
    return {row.name: getattr(charging, row.name) for row in fields(rules) if hasattr(charging, row.name)}


def _charger(charger: Charger, profile: Profile) -> ChargerRules:
    assert profile.write is not None
    told_its_fallback = charger.fallback == "on_off" and any(row.fail_safe_scale_a for row in profile.setup)
    return ChargerRules(
        number=charger.number,
        lines=charger.lines,
        min_a=max(charger.min_a, profile.write.min_a),
        max_a=min(charger.max_a, profile.write.max_a),
        step_a=profile.write.step_a,
        watchdog_s=profile.watchdog.timeout_s if profile.watchdog else None,
        fail_safe_a=charger.fallback_a if told_its_fallback else 0.0,
        relay=bool(charger.relay),
        fallback=charger.fallback,
        fallback_a=charger.fallback_a,
        priority=charger.priority,
        circuit=charger.circuit,
        switchable=bool(charger.lines_relay),
        relay_test=charger.relay_test,
        relay_name=charger.relay,
    )


def _vehicle(vehicle: Vehicle) -> VehicleRules:
    return VehicleRules(vehicle.capacity_wh, vehicle.max_a, vehicle.lines, vehicle.charger)


def _heat_pump(pump: HeatPump) -> HeatPumpRules:
    return HeatPumpRules(
        number=pump.number,
        surplus=pump.surplus,
        with_own_draw=pump.surplus_with_own_draw,
        priority=pump.priority,
        power_w=pump.power_w,
    )


def _sg_ready(contacts: SgReady) -> SgReadyRules:
    return SgReadyRules(
        relays=contacts.relays,
        heat_pump=contacts.heat_pump,
        recommended_w=contacts.recommended_w,
        forced_w=contacts.forced_w,
        power_w=contacts.power_w,
        priority=contacts.priority,
    )


def _dim(operator: Operator) -> DimRules:
    return DimRules(
        source=operator.source,
        contact=operator.contact,
        limited_when_open=operator.limited == "open",
        limit_w=operator.limit_w,
    )
