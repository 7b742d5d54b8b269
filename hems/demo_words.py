"""The demo in words: its line of status, and its outcome at the end."""

import re
from collections.abc import Mapping
from typing import Any, Final

from hems.model.snapshot import MeterReading
from hems.model.view import View
from hems.panel.format import power

OLD_S: Final = 5.0
PATH: Final = re.compile(r"^/\S*/(?=\w)")
"""All of a path but its name: the line is narrow."""


def status(view: View) -> str:
    """One line, what matters most first: how to leave, what each car gets and why, the powers, the wire."""
    balance = view.balance
    cars = "  ".join(
        f"{name} {decided.limit_a:.0f} A: {decided.why.text}"
        for name, decided in view.decision.chargers.items()
    )
    seen, now_s = view.snapshot, view.now.mono_s
    sun_w = None if view.installed.pv and _old(seen.pv, now_s) else balance.pv_w
    grid_w = None if _old(seen.grid, now_s) else balance.grid_w
    wires = view.health.wires
    said = {name: bus.words for name, bus in wires.buses.items()}
    said |= {name: device.words for name, device in wires.devices.items()}
    troubles = "".join(f"  {name}: {_first(words)}" for name, words in said.items() if words)
    return (
        f"{view.now.wall:%H:%M:%S}  {cars}  sun {power(sun_w)}  {_grid(grid_w)}{troubles}"
        f"  longest cycle {view.health.cycle.max_ms:.0f} ms"
    )


def _first(words: str) -> str:
    """What matters most, without the folders of a path."""
    return PATH.sub("", words.partition("; ")[0])


def _old(reading: MeterReading | None, now_mono_s: float) -> bool:
    """Whether it tells of a moment too long ago to be called now."""
    return reading is None or now_mono_s - reading.at_mono_s > OLD_S


def _grid(grid_w: float | None) -> str:
    if grid_w is None:
        return "grid --"
    return f"{'sells' if grid_w < 0 else 'buys'} {power(grid_w)}"


def report(
    view: View, reasons: Mapping[str, int], truth: Mapping[str, Any], exceptions: int
) -> dict[str, Any]:
    """The outcome as plain figures; `truth` is what the house itself measured."""
    cycle, wires = view.health.cycle, view.health.wires
    return {
        "cycles": cycle.cycles,
        "cycle_ms": {
            "p50": round(cycle.p50_ms, 1),
            "p99": round(cycle.p99_ms, 1),
            "max": round(cycle.max_ms, 1),
        },
        "overruns": cycle.overruns,
        "exceptions": exceptions,
        "transactions": sum(device.requests for device in wires.devices.values()),
        "errors": sum(sum(device.errors.values()) for device in wires.devices.values()),
        "early_requests": sum(bus.early for bus in wires.buses.values()),
        "charger_starts": view.counters.get("ev1.contactor.total"),
        "ev_wh": view.counters.get("ev1.energy.all.total"),
        "grid_import_wh": view.counters.get("site.grid_import.all.total"),
        "grid_export_wh": view.counters.get("site.grid_export.all.total"),
        "counters": dict(view.counters),
        "reasons": dict(reasons),
        "truth": dict(truth),
    }


def summary(outcome: Mapping[str, Any]) -> str:
    """The outcome in a few lines."""
    cycle_ms = outcome["cycle_ms"]
    return (
        f"{outcome['cycles']} cycles, median {cycle_ms['p50']} ms, p99 {cycle_ms['p99']} ms,"
        f" {outcome['overruns']} overruns, {outcome['exceptions']} exceptions\n"
        f"{outcome['transactions']} exchanges on the wire, {outcome['errors']} errors\n"
        f"{outcome['charger_starts']} charger starts, {outcome['ev_wh']} Wh into the car,"
        f" {outcome['grid_import_wh']} Wh bought, {outcome['grid_export_wh']} Wh sold"
    )
