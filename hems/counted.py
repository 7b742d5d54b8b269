"""What an installation counts: configuration and profiles → the parameters of the counting rules."""

from collections.abc import Mapping
from typing import Final

from hems.core.counting import CountRules
from hems.core.cycles import PumpRules
from hems.core.energy import TotalRules
from hems.field.profile import TO_BASE, Profile, Quantity
from hems.field.profiles import PROFILES
from hems.model.site import Charger, Config, HeatPump, Meter
from hems.model.units import NOMINAL_V
from hems.tariffs import tariff_rules

IMPLAUSIBLE_FACTOR: Final = 1.2
"""A meter's total may rise as fast as 1.2 times what the main fuses carry."""

METERED: Final[Mapping[str, tuple[tuple[str, Quantity], ...]]] = {
    "grid": (("grid_import", "import_wh"), ("grid_export", "export_wh")),
    "pv": (("pv", "export_wh"),),
    "battery": (("battery_charge", "import_wh"), ("battery_discharge", "export_wh")),
}
"""The site's totals by the role of the meter they come from, with the value that holds them."""


def counting_rules(config: Config, profiles: Mapping[str, Profile] = PROFILES) -> CountRules:
    """What is counted, how fast each total may rise, and which totals are integrated from power."""
    site_w = IMPLAUSIBLE_FACTOR * NOMINAL_V * sum(config.site.main_fuse_a)
    totals: dict[str, TotalRules] = {}
    estimated: list[str] = []
    for meter in config.meters:
        for name, quantity in METERED.get(meter.role, ()):
            totals[name] = _total(profiles[meter.profile], quantity, meter.role, meter.bound_w or site_w)
            if meter.role != "grid" and profiles[meter.profile].point(quantity, meter.role) is None:
                estimated.append(f"site.{name}")
    chargers: dict[int, TotalRules] = {}
    for charger in config.chargers:
        profile, quantity, bound_w = _charger_total(config, charger, profiles)
        chargers[charger.number] = _total(profile, quantity, "charger", bound_w or site_w)
        if profile.point(quantity, "charger") is None:
            estimated.append(f"ev{charger.number}.energy")
    tariff = tariff_rules(config)
    return CountRules(
        pumps={pump.number: _pump(pump, profiles[pump.profile]) for pump in config.heat_pumps},
        totals=totals,
        chargers=chargers,
        contacts=tuple(relay.name for relay in config.relays),
        tariffs=tariff.periods if tariff else (),
        observed_gap_s=config.counting.observed_gap_s,
        estimated=frozenset(estimated),
        solar_ueur_kwh=config.counting.solar_ueur_kwh,
        battery_ueur_kwh=config.counting.battery_ueur_kwh,
        pump_numbers={pump.name: pump.number for pump in config.heat_pumps},
        charger_numbers={charger.name: charger.number for charger in config.chargers},
    )


def wanted_offsets(config: Config) -> dict[str, object]:
    """The offsets that the installation asks for, in both of their forms."""
    return {**config.offsets, "cycling_offsets": config.cycling_offsets}


def _pump(pump: HeatPump, profile: Profile) -> PumpRules:
    return PumpRules(
        electrical=_total(profile, "electric_wh", "", pump.electrical_bound_w),
        thermal=_total(profile, "thermal_wh", "", pump.thermal_bound_w),
        word_order=pump.word_order,
    )


def _charger_total(
    config: Config, charger: Charger, profiles: Mapping[str, Profile]
) -> tuple[Profile, Quantity, float | None]:
    """Where a charger's total comes from: its own meter before itself."""
    meter: Meter | None = next((meter for meter in config.meters if meter.charger == charger.name), None)
    if meter is not None:
        return profiles[meter.profile], "import_wh", meter.bound_w
    return profiles[charger.profile], "total_wh", None


def _total(profile: Profile, quantity: Quantity, role: str, bound_w: float) -> TotalRules:
    """A total's bound and the step of its register."""
    point = profile.point(quantity, role)
    if point is None or point.wire.startswith("f"):
        return TotalRules(bound_w)
    return TotalRules(bound_w, step_wh=max(1.0, point.scale * TO_BASE[point.unit]))
