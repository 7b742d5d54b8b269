"""The writes of one decision, over all lines: no raise leaves before every lowering is acknowledged.

A set-point that takes several requests counts when the last is acknowledged, and goes on before anything new
is begun. A charger that is lost holds nobody back: the decision books it as lost. If a lowering fails, the
raises of this decision are dropped; the next decision asks for them again. What heat pumps are told comes
after all chargers.
"""

from collections.abc import Callable, Iterable, Sequence

from hems.field.device import Device, Task
from hems.field.exchange import Accepted, Outcome


class Orders:
    """What is still to be written; `settled` is called after each write, so that other lines can go on."""

    def __init__(self, settled: Callable[[], None]) -> None:
        self._settled = settled
        self._lower: dict[str, float] = {}
        self._raise: dict[str, float] = {}
        self._refresh: dict[str, float] = {}
        self._surplus: set[str] = set()
        self._awaited: set[str] = set()
        self._ignoring: set[str] = set()
        self._proofs: list[tuple[Device, Task]] = []
        self._devices: tuple[Device, ...] = ()
        self._in_flight = 0

    @property
    def open(self) -> bool:
        """Whether a charger's write is still to be sent or answered."""
        going_on = any(device.told.going_on or self._to_prove(device) for device in self._devices)
        queued = self._lower or self._raise or self._refresh or self._proofs
        return bool(queued or self._in_flight or going_on)

    def decide(self, devices: Iterable[Device], now_mono_s: float, gone: Iterable[Device] = ()) -> None:
        """Take everything that is due now; who is `gone` with its line is awaited, but not told."""
        self.clear()
        self._devices = tuple(devices)
        for device in (*self._devices, *gone):
            if _above(device) and not device.lost(now_mono_s):
                self._awaited.add(device.name)
        for device in self._devices:
            due_a, held_a = device.due_a(now_mono_s), device.slot.highest_a
            if device.base.surplus is not None:
                self._surplus.add(device.name)
            if due_a is None:
                continue
            if due_a < held_a or (device.slot.acknowledged_a is None and not due_a):
                self._lower[device.name] = due_a
                self._awaited.add(device.name)
            elif due_a > held_a:
                self._raise[device.name] = due_a
            else:
                self._refresh[device.name] = due_a

    def prove(self, devices: Iterable[Device]) -> None:
        """Those that ignore us without their heartbeats are fed before they are told, and read back after."""
        self._ignoring = {device.name for device in devices if device.base.heartbeats}

    def next(self, devices: Iterable[Device], now_mono_s: float) -> tuple[Device, Task] | None:
        """The next write among the devices of one line."""
        here = list(devices)
        return (
            self._next_beat(here, now_mono_s)
            or self._next_set_point(here, now_mono_s)
            or self._next_proof(here)
            or self._next_surplus(here, now_mono_s)
        )

    def clear(self) -> None:
        """Nothing new is to be written; what was begun may go on."""
        for queue in (self._lower, self._raise, self._refresh):
            queue.clear()
        self._surplus.clear()
        self._awaited.clear()
        self._ignoring.clear()
        self._proofs.clear()

    def _next_beat(self, here: Sequence[Device], now_mono_s: float) -> tuple[Device, Task] | None:
        for device in here:
            beats = device.beat_tasks(now_mono_s, now_mono_s) if device.name in self._ignoring else []
            if beats:
                return device, beats[0]
        return None

    def _next_set_point(self, here: Sequence[Device], now_mono_s: float) -> tuple[Device, Task] | None:
        for device in here:
            if device.told.going_on and not (device.told.raising and self._awaited - {device.name}):
                return device, self._counted(device, device.next_write_task())
        for queue in (self._lower, {} if self._awaited else self._raise, self._refresh):
            for device in here:
                if device.name in queue:
                    task = device.write_task(queue.pop(device.name), now_mono_s)
                    return device, self._counted(device, task)
        return None

    def _next_proof(self, here: Sequence[Device]) -> tuple[Device, Task] | None:
        for device in here:
            if self._to_prove(device):
                self._ignoring.discard(device.name)
                self._proofs += [(device, task) for task in device.reads_of(device.told.confirming)]
        names = {device.name for device in here}
        at = next((i for i, (device, _) in enumerate(self._proofs) if device.name in names), None)
        if at is None:
            return None
        device, task = self._proofs.pop(at)
        return device, self._counted(device, task)

    def _next_surplus(self, here: Sequence[Device], now_mono_s: float) -> tuple[Device, Task] | None:
        for device in here:
            if device.name in self._surplus:
                self._surplus.discard(device.name)
                told = device.surplus_task(now_mono_s)
                if told is not None:
                    return device, told
        return None

    def _to_prove(self, device: Device) -> bool:
        return device.name in self._ignoring and device.slot.stage == "acknowledged"

    def _counted(self, device: Device, task: Task) -> Task:
        self._in_flight += 1

        def take(outcome: Outcome, at_mono_s: float) -> None:
            self._in_flight -= 1
            task.take(outcome, at_mono_s)
            if isinstance(outcome, Accepted) and not _above(device):
                self._awaited.discard(device.name)
            self._settled()

        return Task(task.request, take)


def _above(device: Device) -> bool:
    """Whether it may still hold more than is wanted."""
    return device.slot.stage != "empty" and device.slot.wanted_a < device.slot.highest_a
