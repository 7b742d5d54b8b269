"""The search over a line, against simulated devices, in virtual time: BUS-70..74."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from hems.clock import ManualClock
from hems.errors import PortError
from hems.field.device import Task
from hems.field.exchange import Failed, Kind
from hems.field.port import Port
from hems.field.profiles import PROFILES
from hems.field.scan import Manner
from hems.field.search import Search, Visit
from hems.model import site
from hems.reactor import Reactor
from hems.sim import scene as sim
from hems.sim.faults import Fault
from hems.sim.house import House
from hems.sim.maps import units
from hems.sim.ports import PairPlace
from hems.sim.slave import Slave
from tests.field.houses import GRID, Scene, controller, house, meter
from tests.field.wires import PairPort

NOON = datetime(2026, 6, 21, 12, 0, tzinfo=UTC)
READS = {1, 2, 3, 4}
HOUSE = (
    sim.Device("grid", "eastron-sdm630", 1, measures="grid"),
    sim.Device("garage", "evse-wb", 2, relay="garage"),
    sim.Device("pv", "sunspec", 77),
)


@dataclass
class Desk:
    """Simulated devices on one line that is set to 19,200 or whatever `bus` says, and a port to it."""

    devices: Sequence[sim.Device] = HOUSE
    bus: sim.Bus = field(default_factory=sim.Bus)
    faults: Sequence[Fault] = ()
    present: bool = True

    def __post_init__(self) -> None:
        self.clock = ManualClock(NOON)
        self.loop = Reactor(self.clock)
        self.place = PairPlace()
        self.start_s = self.clock.mono_s()
        self._deaf: list[socket.socket] = []
        scene = sim.Scene(1, "sunny", NOON, tuple(self.devices), buses=(self.bus,))
        house = House(scene, self.clock.mono_s())
        known = units(house, self.bus, self.clock)
        self.slave = Slave(known, self.place, self.loop, self.clock, self.bus, faults=self.faults)
        if not self.present:
            self.place.vanish()

    def open(self, bus: site.Bus) -> Port:
        """Only the right speed is understood: at others the device hears nothing that makes sense."""
        try:
            near = self.place.open()
        except OSError as error:
            raise PortError(f"{bus.port}: {error.strerror}") from None
        if (bus.baud, bus.framing) == (self.bus.baud, self.bus.framing):
            return PairPort(near)
        near.close()
        mine, nobody = socket.socketpair()
        self._deaf.append(nobody)
        return PairPort(mine)

    def search(self, manner: Manner, start: int = 0) -> Search:
        return Search(
            site.Bus(name="search", port="port"),
            tuple(PROFILES.values()),
            manner,
            self.loop,
            self.clock,
            start=start,
            open_port=self.open,
        )

    def run(self, manner: Manner) -> Search:
        search = self.search(manner)
        self.loop.run_until(self.clock.mono_s() + 3600, lambda: search.done)
        return search

    @property
    def elapsed_s(self) -> float:
        return self.clock.mono_s() - self.start_s

    def close(self) -> None:
        self.slave.close()
        self.place.vanish()
        self.loop.close()
        for end in self._deaf:
            end.close()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def names(search: Search) -> dict[int, tuple[str, str]]:
    found = search.state.found
    return {one.unit: (one.verdict.certainty, (*one.verdict.keys, "")[0]) for one in found}


def test_a_house_is_found_with_reads_only(desk: Desk) -> None:
    search = desk.run("normal")
    assert names(search) == {
        1: ("likely", "eastron-sdm630"),
        2: ("likely", "evse-wb"),
        77: ("sure", "sunspec"),
    }
    assert {row.function for row in desk.slave.log} <= READS
    assert desk.slave.early == 0
    assert search.words == ""
    desk.close()


def test_it_takes_no_longer_than_promised(desk: Desk) -> None:
    """BUS-73: all ids of one setting within 45 s, after the two of listening; then who they are."""
    search = desk.search("normal")
    desk.loop.run_until(desk.clock.mono_s() + 3600, lambda: search.state.stage == "naming")
    assert desk.elapsed_s <= 45 + 2
    search.close()
    desk.close()


def test_the_first_pass_finds_another_speed() -> None:
    desk = Desk(bus=sim.Bus(baud=19200))
    search = desk.run("quick")
    assert str(search.state.found[0].setting) == "19200 8E1"
    assert desk.elapsed_s <= 30 + 2 + 20
    desk.close()


def test_a_port_that_is_not_there_is_said_in_words() -> None:
    desk = Desk(present=False)
    search = desk.run("normal")
    assert search.done
    assert "No such file" in search.words
    desk.close()


def test_a_port_that_vanishes_ends_it_and_keeps_what_was_found(desk: Desk) -> None:
    search = desk.search("normal")
    desk.loop.run_until(desk.clock.mono_s() + 10, lambda: len(search.state.present) == 2)
    desk.slave.close()
    desk.place.vanish()
    desk.loop.run_until(desk.clock.mono_s() + 10, lambda: search.done)
    assert search.done
    assert search.words
    assert len(search.state.present) == 2
    desk.loop.close()


def test_broken_off_it_lets_go_of_the_port_at_once_and_goes_on_later(desk: Desk) -> None:
    """BUS-71, 73."""
    search = desk.search("normal")
    desk.loop.run_until(desk.clock.mono_s() + 4)
    reached = search.progress.at
    search.close()
    asked = desk.slave.requests
    desk.loop.run_until(desk.clock.mono_s() + 5)
    assert desk.slave.requests == asked
    again = desk.search("normal", start=search.state.at)
    assert again.progress.at == reached
    again.close()
    desk.close()


def test_another_master_is_heard_before_anything_is_asked() -> None:
    """BUS-70."""
    desk = Desk(faults=[Fault("foreign_master", value=2.0)])
    search = desk.run("normal")
    assert "another master" in search.words
    assert not search.state.found
    desk.close()


def test_a_line_at_work_is_searched_in_its_spare_time() -> None:
    """BUS-71: unknown ids are found, and no tick reads later than without the guest."""
    units = {1: meter(), 9: controller()}
    scene = Scene(house(GRID), units)
    scene.run(3)
    usual_s = max(scene.read_s)
    visit = Visit(tuple(PROFILES.values()), scene.bench.bus, {1}, scene.bench.clock.mono_s())
    scene.field.invite("a", visit)
    for _ in range(200):
        scene.tick()
        if visit.done:
            break
    assert visit.done
    assert [one.unit for one in visit.state.found] == [9]
    assert "evse-wb" in visit.state.found[0].verdict.keys
    assert max(scene.read_s) <= usual_s + 1e-6
    assert not units[9].writes
    scene.field.invite("a", None)
    asked = len(scene.asked(77))
    scene.run(3)
    assert len(scene.asked(77)) == asked
    scene.close()


def asks(visit: Visit) -> Task:
    task = visit.task(0.0)
    assert task is not None
    return task


def test_what_could_not_be_asked_is_asked_again() -> None:
    """BUS-71: a tick that begins early takes the line back from a guest."""
    visit = Visit(tuple(PROFILES.values()), site.Bus(name="a", port="port"), {1}, 0.0)
    first = asks(visit)
    kinds: tuple[Kind, ...] = ("withdrawn", "port")
    for kind in kinds:
        asks(visit).take(Failed(kind), 1.0)
        assert asks(visit).request == first.request
    first.take(Failed("silence"), 2.0)
    assert asks(visit).request != first.request
