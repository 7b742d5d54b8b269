"""The wires as the cycle sees them: one picture, one command, and the way to safety."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from hems.field.agenda import Agenda, Guest
from hems.field.budget import LOOK_AFTER_S, READ_S
from hems.field.contacts import Contacts
from hems.field.device import Device
from hems.field.health import LineHealth
from hems.field.line import Line
from hems.field.link import Link
from hems.field.orders import Orders
from hems.field.pins import Pins
from hems.field.port import Port, open_serial
from hems.field.profile import Profile
from hems.field.readings import battery_reading, charger_reading, heat_pump_reading, meter_reading
from hems.field.second_look import SecondLook
from hems.field.seeking import Seeking
from hems.model.decision import Command
from hems.model.instant import Instant
from hems.model.loop import Clock, Loop, Timer
from hems.model.site import Bus, Charger, Config, HeatPump, Meter, devices
from hems.model.snapshot import BatteryReading, ChargerReading, MeterReading, Snapshot
from hems.model.view import DeviceHealth, FieldHealth

SAFE_S: Final = 1.5


class Field:
    """All lines, all devices, all relays of one installation, which `wiring.check` has accepted."""

    def __init__(
        self,
        config: Config,
        profiles: Mapping[str, Profile],
        loop: Loop,
        clock: Clock,
        pins: Pins,
        open_port: Callable[[Bus], Port] = open_serial,
    ) -> None:
        self._config = config
        self._loop = loop
        self._clock = clock
        self._pins = pins
        self._contacts = Contacts(pins.contacts, loop, clock)
        self._orders = Orders(self._pump)
        self._devices: dict[str, Device] = {}
        self._agendas: list[Agenda] = []
        self._healths: dict[str, LineHealth] = {}
        for bus in config.buses:
            units = {device.unit for device in devices(config) if device.bus == bus.name}
            line = Line(bus, loop, clock, open_port, units)
            here = self._devices_on(line, profiles)
            agenda = Agenda(line, here, self._orders, clock)
            self._agendas.append(agenda)
            self._healths[bus.name] = LineHealth(agenda)
        self._look = SecondLook(config, self._devices, self._hush)
        self._timer: Timer | None = None
        by_name = {agenda.line.bus.name: agenda for agenda in self._agendas}
        self._seeking = Seeking(by_name, profiles, loop, clock, open_port)

    def read(self, now: Instant) -> Snapshot:
        """One picture; turns the loop while the wires talk, at most 0.7 s. What is missing stays old."""
        self._orders.clear()
        self._rest()
        self._timer = self._loop.call_at(now.mono_s + LOOK_AFTER_S, self._look_again)
        for agenda in self._agendas:
            self._healths[agenda.line.bus.name].tick(now.mono_s)
            agenda.begin(now.mono_s)
        if self._reading():
            self._loop.run_until(now.mono_s + READ_S, lambda: not self._reading())
        return self._picture(now)

    def act(self, command: Command, now: Instant) -> None:
        """Relays at once; writes and slow reads follow while the loop is turned elsewhere.

        A relay of a charger takes its position from that charger's own command alone.
        """
        self._move(command)
        self._seeking.obey(command.search, now.mono_s)
        for pump in self._config.heat_pumps:
            self._devices[pump.name].told.offer.want(command.surplus_w.get(pump.name), now.mono_s)
        for charger in self._config.chargers:
            told = command.chargers.get(charger.name)
            if told is None:
                continue
            self._devices[charger.name].want(told.limit_a, now.mono_s)
        self._orders.decide(self._reachable(), now.mono_s, self._gone())
        for agenda in self._agendas:
            agenda.write(spare=True)

    def safe(self, now: Instant) -> tuple[str, ...]:
        """Relays de-energised, every charger told 0 A; waits for it, also for lost lines, at most 1.5 s.

        Relays that choose a charger's lines follow last: they are not made to break a current.
        Returns the names of the chargers that did not acknowledge it now; empty = all are told. One that
        ignores what it acknowledges unless it is fed counts when it was read back.
        """
        choosing = {charger.lines_relay for charger in self._config.chargers}
        for name in self._pins.positions().keys() - choosing:
            self._pins.set(name, False)
        self._seeking.release()
        end_s = now.mono_s + SAFE_S
        told: set[str] = set()

        def untold() -> list[Device]:
            return [device for device in self._reachable_chargers() if device.name not in told]

        while len(told) < len(self._config.chargers) and self._clock.mono_s() < end_s:
            here = untold()
            if here:
                told |= self._tell_zero(here, end_s)
            else:
                self._loop.run_until(end_s, lambda: bool(untold()))
        for name in self._pins.positions():
            self._pins.set(name, False)
        return tuple(charger.name for charger in self._config.chargers if charger.name not in told)

    @property
    def startled(self) -> bool:
        """Whether a contact has changed or a fuse carries too much since the last picture.

        It need not wait for the next second.
        """
        return self._contacts.changed or self._look.startled

    def health(self, now: Instant) -> FieldHealth:
        """What the wires counted since the start, and how loaded they were in the last minute."""
        buses = {name: health.bus(now) for name, health in self._healths.items()}
        found: dict[str, DeviceHealth] = {}
        for health in self._healths.values():
            found |= health.devices(now)
        return FieldHealth(buses, found, self._seeking.health(now.mono_s))

    def invite(self, bus: str, guest: Guest | None) -> None:
        """Let somebody ask on a line in the time nobody else needs; ``None`` sends the last one away."""
        for agenda in self._agendas:
            if agenda.line.bus.name == bus:
                agenda.guest = guest

    def close(self) -> None:
        """Release ports and pins."""
        self._contacts.close()
        self._seeking.close()
        self._rest()
        for agenda in self._agendas:
            agenda.line.close()
        self._pins.close()

    def _devices_on(self, line: Line, profiles: Mapping[str, Profile]) -> list[Device]:
        links: dict[int, Link] = {}
        here = [device for device in devices(self._config) if device.bus == line.bus.name]
        alone = len({device.unit for device in here}) == 1
        found = []
        for config in here:
            profile = profiles[config.profile]
            link = links.setdefault(config.unit, Link(config.unit, profile.limits, profile.serial))
            link.alone = alone
            device = Device(config, profile, link, line.wire, self._clock.mono_s())
            self._devices[config.name] = device
            found.append(device)
        return found

    def _move(self, command: Command) -> None:
        """Move every relay that is named and there."""
        wanted = dict(command.relays)
        for charger in self._config.chargers:
            told = command.chargers.get(charger.name)
            wanted.pop(charger.relay, None)
            wanted.pop(charger.lines_relay, None)
            if told is not None:
                wanted[charger.relay] = told.relay_closed
            if told is not None and told.lines is not None:
                wanted[charger.lines_relay] = told.lines > 1
        for relay in self._pins.positions():
            if relay in wanted:
                self._pins.set(relay, wanted[relay])

    def _pump(self) -> None:
        for agenda in self._agendas:
            agenda.pump()

    def _look_again(self) -> None:
        for agenda in self._agendas:
            agenda.look_again(self._look)

    def _hush(self) -> None:
        for agenda in self._agendas:
            agenda.hush()

    def _rest(self) -> None:
        """No second look in this tick any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _reading(self) -> bool:
        return any(agenda.reading for agenda in self._agendas)

    def _reachable(self) -> list[Device]:
        lines = [agenda for agenda in self._agendas if agenda.line.stage != "absent"]
        return [device for agenda in lines for device in agenda.devices]

    def _gone(self) -> list[Device]:
        lines = [agenda for agenda in self._agendas if agenda.line.stage == "absent"]
        return [device for agenda in lines for device in agenda.devices]

    def _reachable_chargers(self) -> list[Device]:
        return [device for device in self._reachable() if isinstance(device.config, Charger)]

    def _tell_zero(self, chargers: Sequence[Device], end_mono_s: float) -> set[str]:
        """One attempt; the names of those that acknowledged it."""
        now_s = self._clock.mono_s()
        for device in chargers:
            device.forget_set_point()
            device.want(0.0, now_s)
        self._orders.decide(chargers, now_s)
        self._orders.prove(chargers)
        for agenda in self._agendas:
            agenda.write(spare=False)
        self._loop.run_until(end_mono_s, lambda: not self._orders.open)
        return {
            device.name
            for device in chargers
            if device.slot.acknowledged_a == 0
            and (not device.base.heartbeats or device.slot.stage == "confirmed")
        }

    def _picture(self, now: Instant) -> Snapshot:
        self._look.pictured()
        meters = {(meter.role, meter.charger or meter.circuit): meter for meter in self._config.meters}
        metered = {key: self._metered(meter) for key, meter in meters.items()}
        battery = meters.get(("battery", ""))
        circuits = {name: reading for (role, name), reading in metered.items() if role == "circuit"}
        chargers = {
            charger.name: self._charger(charger, metered.get(("charger", charger.name)))
            for charger in self._config.chargers
        }
        pumps = {
            name: heat_pump_reading(device.profile, device.samples)
            for name, device in self._devices.items()
            if isinstance(device.config, HeatPump)
        }
        return Snapshot(
            now=now,
            grid=metered.get(("grid", "")),
            pv=metered.get(("pv", "")),
            battery=None if battery is None else self._battery(battery),
            chargers={name: reading for name, reading in chargers.items() if reading is not None},
            heat_pumps={name: reading for name, reading in pumps.items() if reading is not None},
            relays=self._pins.positions(),
            contacts=self._contacts.positions(),
            strange=frozenset(
                f"{name}.{quantity}"
                for name, device in self._devices.items()
                for quantity in device.beliefs.strange
            ),
            circuits={name: reading for name, reading in circuits.items() if reading is not None},
            search=self._seeking.reading(),
        )

    def _metered(self, meter: Meter) -> MeterReading | None:
        device = self._devices[meter.name]
        return meter_reading(meter, device.profile, device.samples)

    def _battery(self, meter: Meter) -> BatteryReading | None:
        device = self._devices[meter.name]
        return battery_reading(meter, device.profile, device.samples)

    def _charger(self, charger: Charger, metered: MeterReading | None) -> ChargerReading | None:
        device = self._devices[charger.name]
        reading = charger_reading(charger, device.profile, device.samples, metered)
        if reading is None:
            return None
        slot = device.slot
        return replace(
            reading,
            confirmed_a=device.told.held_a(device.profile, device.samples),
            asleep=device.asleep,
            acknowledged_a=slot.acknowledged_a,
            acknowledged_mono_s=None if slot.acknowledged_a is None else slot.acknowledged_mono_s,
            highest_a=slot.highest_a if slot.known else None,
            unsure=slot.unsure,
            refusals=slot.refusals,
            ready=device.ready,
            lines=self._lines(charger),
        )

    def _lines(self, charger: Charger) -> int | None:
        """On how many lines its relay puts it; ``None`` where there is none."""
        energised = self._pins.positions().get(charger.lines_relay)
        return None if energised is None else len(charger.lines) if energised else 1
