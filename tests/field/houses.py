"""Small installations on the scripted line."""

import struct

from hems.field.field import Field
from hems.field.pins import Pins
from hems.field.profiles import PROFILES
from hems.model.decision import ChargerCommand, Command
from hems.model.site import Bus, Charger, Config, Device, HeatPump, Meter, Site
from hems.model.snapshot import Snapshot
from tests.field.wires import Bench, Memory, PairPort, Slave

GRID = Meter(name="grid", bus="a", unit=1, profile="eastron-sdm630", role="grid")
GARAGE = Charger(name="garage", number=1, bus="a", unit=2, profile="evse-wb", accept_no_failsafe=True)
CAR = Meter(name="car", bus="a", unit=3, profile="eastron-sdm72dm-v2", role="charger", charger="garage")
PUMP = HeatPump(name="pump", number=1, bus="a", unit=4, profile="lambda-eul")
PV = Meter(name="pv", bus="a", unit=5, profile="sunspec", role="pv")
CARPORT = Charger(name="carport", number=2, bus="a", unit=6, profile="evse-wb", accept_no_failsafe=True)


def house(*devices: Device, buses: tuple[Bus, ...] = (Bus(name="a", port="far-end"),)) -> Config:
    return Config(
        site=Site(name="house", time_zone="UTC", main_fuse_a=(25, 25, 25)),
        buses=buses,
        meters=tuple(device for device in devices if isinstance(device, Meter)),
        chargers=tuple(device for device in devices if isinstance(device, Charger)),
        heat_pumps=tuple(device for device in devices if isinstance(device, HeatPump)),
    )


def floats(at: int, *values: float) -> dict[int, int]:
    words = [word for value in values for word in struct.unpack(">HH", struct.pack(">f", value))]
    return {at + i: word for i, word in enumerate(words)}


def words(at: int, *values: int) -> dict[int, int]:
    return {at + i: value for i, value in enumerate(values)}


def meter(power_w: float = 1000.0) -> Memory:
    """An SDM: three equal lines of 230 V."""
    a, w = abs(power_w) / 230, power_w
    return Memory(input=floats(0, 230, 230, 230, a, a, a, w, w, w) | floats(70, 50, 12.5, 3.25))


def controller(current_a: int = 0) -> Memory:
    """An EVSE-WB with a car connected, set up already."""
    return Memory(holding=words(1000, current_a, current_a, 2, 32) | {2000: 0, 2005: 0x20})


def box() -> Memory:
    """A Heidelberg with a car charging, as it leaves the factory."""
    return Memory(
        input=words(5, 7, 60, 0, 0, 300, 230, 230, 230, 1, 1380) | words(17, 0, 9000),
        holding={257: 15_000, 258: 0, 261: 0, 262: 0},
    )


def pump() -> Memory:
    return Memory(holding=words(1002, 5, 1, 0, 0, 0, 0, 0, 0, 5000, 0, 900) | words(1020, 0, 7000, 0, 9000))


def inverter() -> Memory:
    model = [103, 50, 100, 40, 30, 30, 0xFFFF, *[0xFFFF] * 7, 500, 1, *[0xFFFF] * 8, 1, 0x86A0, 0]
    chain = words(40_000, 0x5375, 0x6E53, 1, 66) | {40_004 + i: 0 for i in range(66)}
    return Memory(holding=chain | words(40_070, *model))


class Scene:
    """A running field, tick by tick, and what it said."""

    def __init__(self, config: Config, units: dict[int, Memory], pins: Pins | None = None) -> None:
        self.bench = Bench(config.buses[0])
        self.units = self.bench.slave.units = units
        self.slaves = {bus.name: Slave(bus, self.bench.loop, self.bench.clock) for bus in config.buses[1:]}
        for slave in self.slaves.values():
            slave.units = units
        self.slaves[config.buses[0].name] = self.bench.slave
        self.pins = Pins({}) if pins is None else pins
        self.field = Field(config, PROFILES, self.bench.loop, self.bench.clock, self.pins, self._open)
        self.start_s = self.bench.clock.mono_s()
        self.ticks = 0
        self.read_s: list[float] = []

    def _open(self, bus: Bus) -> PairPort:
        return self.slaves[bus.name].open(bus)

    def tick(self, **limits_a: float) -> Snapshot:
        """Read, act, and turn the loop until the next tick."""
        now = self.bench.clock.now()
        snapshot = self.field.read(now)
        self.read_s.append(self.bench.clock.mono_s() - now.mono_s)
        command = Command({name: ChargerCommand(limit, limit > 0) for name, limit in limits_a.items()})
        self.field.act(command, self.bench.clock.now())
        self.ticks += 1
        self.bench.loop.run_until(self.start_s + self.ticks)
        return snapshot

    def run(self, ticks: int, **limits_a: float) -> Snapshot:
        """Several ticks with the same command."""
        snapshots = [self.tick(**limits_a) for _ in range(ticks)]
        return snapshots[-1]

    def writes(self, unit: int) -> list[tuple[int, int]]:
        return [(address, value) for _, address, value in self.units[unit].writes]

    def asked(self, unit: int, since_s: float = 0.0) -> list[tuple[int, int]]:
        """Reads of one unit since a moment: address and count."""
        return [
            (int.from_bytes(data[2:4], "big"), int.from_bytes(data[4:6], "big"))
            for at_s, data in self.bench.slave.requests
            if data[0] == unit and data[1] in (3, 4) and at_s >= since_s
        ]

    def close(self) -> None:
        early = [bus.early for bus in self.field.health(self.bench.clock.now()).buses.values()]
        self.field.close()
        for slave in self.slaves.values():
            slave.close()
        self.bench.loop.close()
        assert early == [0] * len(early), "a request left before the silence had passed"
