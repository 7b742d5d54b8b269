"""How the appliance is, as Hems tells it (API-110, GetHealth)."""

from typing import Final

from hems.api.own_view import figure
from hems.api.rows import Identity, Result
from hems.model.view import View

ALIVE_S: Final = 60.0
"""A device that has been silent for so long is not well."""


def health(view: View, identity: Identity) -> Result:
    """Cycle, wires, memory, door, what nobody has proven (PNL-66), optimizer, version."""
    cycle, journal, around = view.health.cycle, view.health.journal, view.around
    return {
        "cycle_ms": {
            "p50": figure(cycle.p50_ms, 1),
            "p99": figure(cycle.p99_ms, 1),
            "max": figure(cycle.max_ms, 1),
        },
        "overruns": cycle.overruns,
        "lines": {
            name: {"stage": bus.stage, "load_pct": figure(bus.load_pct, 1), "words": bus.words}
            for name, bus in view.health.wires.buses.items()
        },
        "devices": {
            name: {
                "answers": device.accepted,
                "requests": device.requests,
                "errors": dict(device.errors),
                "silent_s": _silent_s(view, device.last_good_mono_s),
                "words": device.words or device.warning,
            }
            for name, device in view.health.wires.devices.items()
        },
        "api": {
            "clients": around.door.clients,
            "dropped": around.door.dropped,
            "pending": around.door.pending,
            "door_ms_max": figure(around.door.longest_ms, 2),
            "words": around.door.words,
        },
        "journal": {
            "state": journal.state,
            "unsaved_s": figure(journal.unsaved_s, 1),
            "alarms": dict(journal.alarms),
        },
        "panel": {"display": around.face.display, "stuck": list(around.face.stuck)},
        "not_proven": list(view.settings.proofs.lacking),
        "clock_ok": view.now.trusted,
        "optimizer": around.optimizer.stage,
        "version": identity.version,
        "uptime_s": figure(around.appliance.uptime_s, 0),
    }


def is_well(view: View) -> bool:
    """Whether nothing needs a person: no alarm holds, the memory is kept, every device has answered."""
    silent = [_silent_s(view, device.last_good_mono_s) for device in view.health.wires.devices.values()]
    heard = all(silent_s is not None and silent_s < ALIVE_S for silent_s in silent)
    return heard and view.health.journal.state == "ok" and not any(one.holds for one in view.alarms)


def _silent_s(view: View, last_good_mono_s: float | None) -> float | None:
    return figure(view.now.mono_s - last_good_mono_s if last_good_mono_s is not None else None, 1)
