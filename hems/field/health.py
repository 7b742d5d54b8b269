"""What the wires' counters mean: load, latencies, rests, and words for people."""

from collections import deque
from typing import Final

from hems.field.agenda import Agenda
from hems.field.device import Device
from hems.field.line import Line
from hems.field.quarantine import left_alone
from hems.field.remarks import remarks
from hems.field.wire import setting
from hems.model.instant import Instant
from hems.model.view import BusHealth, DeviceHealth

LOAD_OVER_S: Final = 60


class LineHealth:
    """One line and its devices; told of every tick, so that it can say what the last minute was like."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._loads: deque[tuple[float, float]] = deque(maxlen=LOAD_OVER_S + 1)

    def tick(self, now_mono_s: float) -> None:
        """A new tick begins."""
        self._loads.append((now_mono_s, self._agenda.line.counts.busy_s))

    def bus(self, now: Instant) -> BusHealth:
        """The line itself."""
        agenda, line = self._agenda, self._agenda.line
        first_s, first_busy_s = self._loads[0] if self._loads else (now.mono_s, line.counts.busy_s)
        elapsed_s = now.mono_s - first_s
        load = (line.counts.busy_s - first_busy_s) / elapsed_s if elapsed_s > 0 else 0.0
        suspicion = "all devices silent: is the cable connected, the speed right?" if agenda.suspect else ""
        return BusHealth(
            stage=line.stage,
            setting=setting(line.bus),
            load_pct=round(100 * load, 1),
            exchanges=line.counts.exchanges,
            reopenings=max(0, line.counts.openings - 1),
            early=line.counts.early,
            unasked_bytes=line.counts.unasked_bytes,
            words=line.counts.words or suspicion,
        )

    def devices(self, now: Instant) -> dict[str, DeviceHealth]:
        """Its devices by name."""
        return {device.name: _device(device, self._agenda.line, now) for device in self._agenda.devices}


def _device(device: Device, line: Line, now: Instant) -> DeviceHealth:
    link = device.link
    resting_s = device.absence.until_mono_s - now.mono_s if left_alone(device.absence) else 0.0
    return DeviceHealth(
        bus=line.bus.name,
        requests=link.requests,
        accepted=link.accepted,
        errors={kind: count for kind, count in link.errors.items() if count},
        latency_p50_ms=link.latency_ms(0.5),
        latency_p95_ms=link.latency_ms(0.95),
        last_good_mono_s=device.last_good_mono_s,
        back_off_s=max(0.0, resting_s),
        words="" if line.stage == "absent" else remarks(device, now.mono_s),
    )
