"""What the service writes into its log: set-points with their reasons, troubles in words, a health line."""

import logging
import re
import sys

from hems.chores import Chores
from hems.model.view import FieldHealth, View

log = logging.getLogger(__name__)

HEALTH_LINE_MINUTES = 15
IN_ORDER = "in order"
TIMES = re.compile(r"(\d+) times")
FORMAT = "%(levelname)s %(name)s: %(message)s"


def log_to_standard_error() -> None:
    """Levels, names and messages; with the time where a person looks on, else whoever takes it adds that."""
    stamp = "%(asctime)s " if sys.stderr.isatty() else ""
    logging.basicConfig(level=logging.INFO, format=f"{stamp}{FORMAT}")


def _class_of(times: int) -> int:
    """1, 3, 10, 30, 100 …: the largest that is not above it."""
    tens = int("1".ljust(len(str(times)), "0"))
    return 3 * tens if times >= 3 * tens else tens


class Housekeeping:
    """The eye that writes the log: set-points with their reasons, troubles in words, a health line."""

    def __init__(self) -> None:
        self._chores = Chores()
        self._chores.every(HEALTH_LINE_MINUTES, self._log_health)
        self._view: View | None = None
        self._told: dict[str, str] = {}
        self._running = False

    def show(self, view: View) -> None:
        """Log what changed, and do the chores that are due."""
        self._view = view
        for name, decided in view.decision.chargers.items():
            limit = f"{decided.limit_a:g} A"
            self._tell(name, f"{limit}, {decided.why.code}", f"{limit}, {decided.why.text}", logging.INFO)
        wires = view.health.wires
        for name, bus in wires.buses.items():
            self._trouble(f"bus {name}", bus.words)
        for name, device in wires.devices.items():
            self._trouble(
                f"device {name}", "; ".join(words for words in (device.words, device.warning) if words)
            )
        self._trouble("journal", view.health.journal.words)
        self._tell_running(wires)
        self._chores.sweep()

    def _tell(self, what: str, key: str, words: str, level: int) -> None:
        """Log the words when their key is not what was last told."""
        if self._told.get(what, IN_ORDER) != key:
            self._told[what] = key
            log.log(level, "%s: %s", what, words)

    def _trouble(self, what: str, words: str) -> None:
        """Words of trouble, or that it is over; a number of times counts by its class only."""
        key = TIMES.sub(lambda found: f"{_class_of(int(found[1]))} times", words)
        self._tell(what, key or IN_ORDER, words or IN_ORDER, logging.WARNING if words else logging.INFO)

    def _tell_running(self, wires: FieldHealth) -> None:
        """Once: everything has been met and set up."""
        if self._running or not all(device.set_up for device in wires.devices.values()):
            return
        self._running = True
        log.info("running: %d devices on %d lines", len(wires.devices), len(wires.buses))

    def _log_health(self) -> None:
        if self._view is None:
            return
        cycle, wires = self._view.health.cycle, self._view.health.wires
        loads = ", ".join(
            f"{name} {bus.load_pct:.0f} % {bus.exchanges_per_s:.1f}/s" for name, bus in wires.buses.items()
        )
        errors = {
            name: 100 * (device.requests - device.accepted) / device.requests
            for name, device in wires.devices.items()
            if device.requests > device.accepted
        }
        log.info(
            "%d cycles, p99 %.0f ms, %d overruns; load %s; errors %s",
            cycle.cycles,
            cycle.p99_ms,
            cycle.overruns,
            loads,
            ", ".join(f"{name} {share:.1f} %" for name, share in errors.items()) or "none",
        )
