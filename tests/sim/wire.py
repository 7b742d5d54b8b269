"""A desk on a socket pair in virtual time, and a master's side of it."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hems.clock import ManualClock
from hems.reactor import Reactor
from hems.sim.car import CarModel
from hems.sim.desk import Desk
from hems.sim.frames import seal
from hems.sim.ports import PairPlace
from hems.sim.scene import Device, Scene, demo_house

NOON = datetime(2027, 6, 15, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
CHAR_S = 10 / 9600
SILENCE_S = 3.5 * CHAR_S


class Wire:
    """The near end: sends frames, keeps every byte with the moment of its arrival."""

    def __init__(self, near: socket.socket, loop: Reactor, clock: ManualClock, desk: Desk) -> None:
        self.near, self.loop, self.clock, self.desk = near, loop, clock, desk
        self.came: list[tuple[float, bytes]] = []
        self.gone = False
        loop.watch(near.fileno(), self._hear)

    def _hear(self) -> None:
        data = self.near.recv(4096)
        if not data:
            self.gone = True
            self.loop.forget(self.near.fileno())
        self.came.append((self.clock.mono_s(), data))

    def send(self, frame: bytes) -> None:
        self.near.send(frame)

    def wait(self, seconds: float) -> None:
        self.loop.run_until(self.clock.mono_s() + seconds)

    def take(self) -> bytes:
        data = b"".join(data for _, data in self.came)
        self.came.clear()
        return data

    def ask(self, unit: int, pdu: bytes) -> bytes:
        """The answer's function code and data; b"" if none came within 0.4 s."""
        self.take()
        self.send(seal(unit, pdu))
        self.wait(0.4)
        answer = self.take()
        assert not answer or answer == seal(unit, answer[1:-2])
        return answer[1:-2]

    def registers(self, unit: int, function: int, address: int, count: int) -> tuple[int, ...]:
        answer = self.ask(unit, struct.pack(">BHH", function, address, count))
        assert answer[:2] == bytes((function, 2 * count)), answer.hex()
        return struct.unpack(f">{count}H", answer[2:])

    def floats(self, unit: int, function: int, address: int, count: int) -> tuple[float, ...]:
        """`count` is in registers, as on the wire."""
        answer = self.ask(unit, struct.pack(">BHH", function, address, count))
        return struct.unpack(f">{count // 2}f", answer[2:])

    def write(self, unit: int, address: int, value: int) -> bytes:
        return self.ask(unit, struct.pack(">BHH", 6, address, value))


QUICK = CarModel(delay_s=0.0, rise_a_per_s=100.0)
METERS = (
    Device("grid", "eastron-sdm630", 1, measures="grid"),
    Device("garage", "evse-wb", 2, boot_a=0),
    Device("car", "eastron-sdm72dm-v2", 3, measures="garage", lines=("L3", "L1", "L2")),
)


def scene(**changes: Any) -> Scene:
    """The demo's house with other fields; whole answers, so that virtual hours are cheap."""
    return replace(demo_house(7, "sunny", NOON, delivery="frame"), **changes)


def night(*devices: Device, **changes: Any) -> Scene:
    """These devices (or two meters and a charger) without sun, and cars that follow at once."""
    cars = {"garage": QUICK, "box": QUICK}
    return scene(**{"pv_peak_w": 0.0, "devices": devices or METERS, "cars": cars, **changes})


@contextmanager
def wired(setup: Scene) -> Iterator[Wire]:
    clock = ManualClock(NOON)
    loop = Reactor(clock)
    place = PairPlace()
    desk = Desk(setup, {bus.name: place for bus in setup.buses}, loop, clock)
    near = place.open()
    try:
        yield Wire(near, loop, clock, desk)
    finally:
        desk.close()
        loop.close()
        near.close()
