"""What the eyes must know of an installation."""

from hems.core.rules import Rules
from hems.core.settable import rows
from hems.core.tariff import providers
from hems.field.budget import grid_refresh_s, poll_plan, reactions_s
from hems.field.profiles import PROFILES
from hems.model.prices import SLOTTED
from hems.model.site import UNKNOWN_SITE, Config, Meter
from hems.model.view import Installed, InstalledCharger, InstalledMeter, InstalledVehicle, InstalledWiring


def installed(config: Config, rules: Rules) -> Installed:
    """What the eyes must know."""
    roles = {meter.role for meter in config.meters}
    tariff = rules.tariff
    return Installed(
        site=config.site.name,
        main_fuse_a=config.site.main_fuse_a,
        chargers={
            name: InstalledCharger(
                rule.number,
                rule.lowest_a,
                rule.max_a,
                rule.step_a,
                rule.relay,
                rule.switchable,
                rule.lines,
                rule.relay_test,
            )
            for name, rule in rules.chargers.items()
        },
        heat_pumps={pump.name: pump.number for pump in config.heat_pumps},
        pv="pv" in roles,
        battery="battery" in roles,
        vehicles={
            name: InstalledVehicle(rule.capacity_wh, rule.charger, rule.max_a, rule.lines)
            for name, rule in rules.vehicles.items()
        },
        prices=tariff is not None and tariff.provider in SLOTTED,
        off_peak=tariff is not None and not set(tariff.cheap).isdisjoint(tariff.periods),
        meters={meter.name: _meter(meter) for meter in config.meters},
        sg_ready={pair.name: pair.heat_pump for pair in config.sg_ready},
        settable=rows(rules),
        providers=providers(tariff),
        operator=config.operator.source if config.operator else "",
        wiring=_wiring(config),
        imbalance_a=config.site.imbalance_a,
        battery_first_pct=config.charging.battery_priority_pct,
        car_first_pct=config.charging.battery_buffer_pct,
        reaction_s=_reactions_s(config),
        rated=_rated(config),
    )


def _reactions_s(config: Config) -> dict[str, float]:
    """How long the slowest charger of each line takes to hear of an overload."""
    lines = poll_plan(config, PROFILES)
    found = reactions_s(lines, grid_refresh_s(config, PROFILES) or 0.0)
    longest = {line.bus.name: [found[row.device] for row in line.set_points] for line in lines}
    return {name: max(times) for name, times in longest.items() if times}


def _rated(config: Config) -> dict[str, int]:
    """The operations that contacts are made for, by their counter."""
    relays = {f"relay.{relay.name}": relay.rated_operations for relay in config.relays}
    cars = {f"ev{charger.number}.contactor": charger.rated_operations for charger in config.chargers}
    return {name: rated for name, rated in {**relays, **cars}.items() if rated is not None}


def _wiring(config: Config) -> InstalledWiring:
    return InstalledWiring(
        house=config.site is not UNKNOWN_SITE,
        time_zone=config.site.time_zone,
        circuits={circuit.name: circuit.fuse_a for circuit in config.circuits},
        contacts=tuple(contact.name for contact in config.contacts),
        relays=tuple(relay.name for relay in config.relays),
        dim_contact=config.operator.contact if config.operator else "",
        dim_limited=config.operator.limited if config.operator else "open",
        tariff=config.tariff.provider if config.tariff else "",
    )


def _meter(meter: Meter) -> InstalledMeter:
    points = PROFILES[meter.profile].points_for(meter.role)
    by_line = frozenset(str(point.quantity) for point in points if point.quantity.startswith("line_"))
    of = meter.charger or meter.circuit
    return InstalledMeter(meter.role, of, meter.lines, by_line, meter.mounted)
