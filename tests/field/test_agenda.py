"""One line's tick: what goes when, and what does not fit."""

from collections.abc import Iterator

import pytest

from hems.field.agenda import Agenda
from hems.field.device import Device
from hems.field.line import Line
from hems.field.link import Link
from hems.field.orders import Orders
from hems.field.profiles import PROFILES
from hems.model import site
from tests.field.houses import CAR, GRID, PUMP, PV, inverter, meter, pump
from tests.field.wires import Bench, Memory

rigs: list["Rig"] = []


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    yield
    while rigs:
        rigs.pop().close()


class Rig:
    """An agenda over the scripted line."""

    def __init__(self, units: dict[int, Memory], *configs: site.Device) -> None:
        self.bench = Bench()
        self.bench.slave.units = units
        self.line = Line(self.bench.bus, self.bench.loop, self.bench.clock, self.bench.slave.open)
        self.devices = [
            Device(
                config,
                PROFILES[config.profile],
                Link(config.unit, PROFILES[config.profile].limits),
                self.line.wire,
                self.bench.clock.mono_s(),
            )
            for config in configs
        ]
        rigs.append(self)
        self.agenda = Agenda(self.line, self.devices, Orders(lambda: None), self.bench.clock)

    def tick(self, decide_after_s: float = 0.0) -> list[tuple[float, int, int]]:
        """One tick; time in it, unit and address of each request."""
        start_s = self.bench.clock.mono_s()
        number = len(self.bench.slave.requests)
        self.agenda.begin(start_s)
        self.bench.loop.run_until(start_s + 0.7, lambda: not self.agenda.reading)
        self.bench.loop.run_until(max(self.bench.clock.mono_s(), start_s + decide_after_s))
        self.agenda.write(spare=True)
        self.bench.loop.run_until(start_s + 1.0)
        return [
            (at_s - start_s, data[0], int.from_bytes(data[2:4], "big"))
            for at_s, data in self.bench.slave.requests[number:]
        ]

    def close(self) -> None:
        self.line.close()
        self.bench.slave.close()
        self.bench.loop.close()


def test_fast_then_slow_the_longest_overdue_first() -> None:
    """BUS-56: both meters first in every tick; the slow pump once a tick has room for it."""
    rig = Rig({1: meter(), 3: meter(), 4: pump(), 5: inverter()}, GRID, CAR, PUMP, PV)
    first, second, third, fourth = ([request[1:] for request in rig.tick()] for _ in range(4))
    assert first[:2] == second[:2] == [(1, 6), (3, 6)]
    assert {unit for unit, _ in first[2:]} == {1, 3}
    assert second[2:4] == [(4, 1002), (4, 1020)]
    assert {unit for unit, _ in second[4:]} == {5}
    assert third == [(1, 6), (3, 6)]
    assert fourth == [(1, 6), (3, 6), (4, 1002), (5, 40_073)]


def test_nothing_slow_begins_that_might_not_end_in_time() -> None:
    """BUS-56: a device that may think 0.6 s is not asked in the last 0.6 s of a tick."""
    rig = Rig({1: meter(), 4: pump()}, GRID, PUMP)
    late = rig.tick(decide_after_s=0.5)
    assert [unit for _, unit, _ in late if unit == 4] == []
    rig.tick()
    assert "power_w" in rig.devices[1].samples


def test_a_starved_device_is_asked_after_all() -> None:
    rig = Rig({1: meter(), 4: pump()}, GRID, PUMP)
    asked = [i for i in range(13) if any(unit == 4 for _, unit, _ in rig.tick(decide_after_s=0.5))]
    assert asked[0] in (10, 11)


def test_at_most_one_probe_in_a_tick() -> None:
    """BUS-40"""
    rig = Rig({1: meter()}, GRID, PV, PUMP)
    probes = []
    for _ in range(60):
        tick = rig.tick()
        silent = [unit for _, unit, _ in tick if unit in (4, 5)]
        if all(device.absence.rest_s > 0 for device in rig.devices[1:]):
            probes.append(len(silent))
    assert max(probes) == 1


def test_one_devices_gap_is_anothers_time() -> None:
    """BUS-14: while the meter rests, the other is read."""
    rig = Rig({1: meter(), 3: meter()}, GRID, CAR)
    rig.tick()
    rig.tick()
    rig.devices[0].planned[1].block = rig.devices[0].planned[0].block
    order = [unit for _, unit, _ in rig.tick()]
    assert order[:3] == [1, 3, 1]


def test_an_absent_line_reads_nothing_and_waits_for_nothing() -> None:
    rig = Rig({1: meter()}, GRID)
    rig.tick()
    rig.bench.slave.absent = True
    rig.bench.slave.close()
    rig.bench.run(0.01)
    rig.agenda.begin(rig.bench.clock.mono_s())
    assert not rig.agenda.reading
    assert not rig.agenda.suspect
