"""Plots: installations for stories and the houses that go with them, both from one description."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from msgspec import structs

from hems.field.profiles import PROFILES
from hems.field.wiring import check
from hems.model import site
from hems.model.units import LINES, LineName, PerLine
from hems.sim.battery import BatteryModel
from hems.sim.car import CarModel
from hems.sim.scene import Bus, Circuit, Device, Load, Model

NAMES: Final = ("garage", "carport", "yard", "barn")
"""The chargers of a house, by their numbers."""
BUS: Final = "rs485-a"
DIM: Final = "dim"
NORTH: Final = "north"
"""The name of the sub-circuit of houses that have one."""


@dataclass(frozen=True, slots=True)
class Plot:
    """An installation, and what its house is like (fields of a `Scene`)."""

    config: site.Config
    scene: Mapping[str, Any]


def plot(
    chargers: int = 1,
    *,
    cars: Sequence[CarModel | None] = (CarModel(),) * len(NAMES),
    lines: Sequence[tuple[LineName, ...]] = (LINES,) * len(NAMES),
    priorities: Sequence[int] = (0,) * len(NAMES),
    max_a: int = 16,
    boot_a: int = 0,
    metered: bool = True,
    relays: bool = True,
    switchable: bool = False,
    pv_peak_w: float = 0.0,
    pump: bool = False,
    sg_ready: site.SgReady | None = None,
    battery: BatteryModel | None = None,
    dim: bool = False,
    fuse_a: PerLine = (25.0, 25.0, 25.0),
    circuit_a: PerLine | None = None,
    behind: Sequence[str] = (),
    loads: Sequence[tuple[str, PerLine]] = (),
    baud: site.Baud = 19_200,
    charging: Mapping[str, Any] | None = None,
    **more: Any,
) -> Plot:
    """A house with so many EVSE-WB and their cars; `None` among the cars is an empty place.

    `metered`: each charger has a meter of its own; `relays`: one that enables it (named like it);
    `switchable`: one (``<name>-lines``) that gives it all its lines. `dim`: the grid operator's contact of
    that name, which begins closed. `circuit_a` is the fuse of a sub-circuit `NORTH` with its own meter,
    `behind` the names of the chargers and loads on it. `loads` have relays named like them, the first is shed
    first.
    `charging` are keys of that table, `more` of the installation.
    """
    names = NAMES[:chargers]
    wired: list[site.Meter | site.Charger | site.HeatPump] = [_meter("grid", 1, "eastron-sdm630", "grid")]
    devices = [Device("grid", "eastron-sdm630", 1, measures="grid")]
    used: list[str] = []
    for i, name in enumerate(names):
        relay, lines_relay = name if relays else "", f"{name}-lines" if switchable else ""
        used += [one for one in (relay, lines_relay) if one]
        wired.append(
            site.Charger(
                name=name,
                number=i + 1,
                bus=BUS,
                unit=11 + i,
                profile="evse-wb",
                lines=lines[i],
                max_a=max_a,
                relay=relay,
                lines_relay=lines_relay,
                priority=priorities[i],
                accept_no_failsafe=not relays,
                circuit=NORTH if circuit_a and name in behind else "",
            )
        )
        devices.append(
            Device(
                name,
                "evse-wb",
                11 + i,
                lines=lines[i],
                relay=relay,
                lines_relay=lines_relay,
                max_a=max_a,
                boot_a=boot_a,
            )
        )
        if metered:
            seen: dict[str, Any] = {"lines": lines[i]} if len(lines[i]) in (1, 3) else {}
            wired.append(_meter(f"{name}-m", 21 + i, "eastron-sdm72dm-v2", "charger", charger=name, **seen))
            devices.append(Device(f"{name}-m", "eastron-sdm72dm-v2", 21 + i, measures=name, **seen))

    def add(name: str, unit: int, model: Model, role: Any, measures: str = "", **keys: Any) -> None:
        wired.append(_meter(name, unit, model, role, **keys))
        devices.append(
            Device(name, model, unit, measures=measures, models=(802,) if role == "battery" else (103,))
        )

    if circuit_a is not None:
        add(f"{NORTH}-m", 31, "eastron-sdm630", "circuit", f"circuit:{NORTH}", circuit=NORTH)
    if pv_peak_w:
        add("pv", 5, "sunspec", "pv")
    if battery is not None:
        add("battery", 6, "sunspec", "battery")
    if pump:
        wired.append(site.HeatPump(name="pump", number=1, bus=BUS, unit=4, profile="lambda-eul"))
        devices.append(Device("pump", "lambda-eul", 4))
    used += [name for name, _ in loads]
    used += list(sg_ready.relays) if sg_ready else []
    config = site.Config(
        site=site.Site(name="Story", time_zone="Europe/Berlin", main_fuse_a=fuse_a),
        buses=(site.Bus(name=BUS, port="far-end", baud=baud, echo="no"),),
        meters=tuple(one for one in wired if isinstance(one, site.Meter)),
        chargers=tuple(one for one in wired if isinstance(one, site.Charger)),
        heat_pumps=tuple(one for one in wired if isinstance(one, site.HeatPump)),
        relays=tuple(site.Relay(name=name, pin=4 + i) for i, name in enumerate(used)),
        contacts=(site.Contact(name=DIM, pin=27),) if dim else (),
        circuits=(site.Circuit(name=NORTH, fuse_a=circuit_a),) if circuit_a else (),
        loads=tuple(
            site.Load(name=name, relay=name, power_w=max(100.0, 230.0 * sum(line_a)), lines=_lines(line_a))
            for name, line_a in loads
        ),
        sg_ready=(sg_ready,) if sg_ready else (),
        operator=site.Operator(source="contact", contact=DIM) if dim else None,
        charging=site.Charging(**(charging or {})),
    )
    config = structs.replace(config, **more)
    check(config, PROFILES)
    scene = {
        "devices": tuple(devices),
        "cars": {name: car for name, car in zip(names, cars, strict=False) if car is not None},
        "fuse_a": fuse_a,
        "pv_peak_w": pv_peak_w,
        "buses": (Bus(BUS, baud, delivery="frame"),),
        "battery": battery,
        "circuits": (Circuit(NORTH, tuple(behind), circuit_a),) if circuit_a else (),
        "loads": tuple(Load(name, line_a, relay=name) for name, line_a in loads),
        "sg_ready": sg_ready.relays if sg_ready else (),
    }
    return Plot(config, scene)


def _meter(name: str, unit: int, profile: str, role: Any, **keys: Any) -> site.Meter:
    return site.Meter(name=name, bus=BUS, unit=unit, profile=profile, role=role, **keys)


def _lines(line_a: PerLine) -> tuple[LineName, ...]:
    """The lines on which it draws anything."""
    return tuple(line for line, ampere in zip(LINES, line_a, strict=True) if ampere)
