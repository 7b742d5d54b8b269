"""Wires so short that nothing travels on them: whole days of virtual time at a fraction of the cost.

The service reads the house itself, every second, and its orders are carried out in the same instant. No
frame, no silence, no late answer: a story on short wires proves the rules over a day, and nothing of the
wires.
"""

from hems.field.pins import Pins
from hems.model.decision import Command
from hems.model.instant import Instant
from hems.model.site import Charger, Config
from hems.model.snapshot import (
    BatteryReading,
    ChargerReading,
    HeatPumpReading,
    MeterReading,
    Snapshot,
)
from hems.model.units import PerLine
from hems.model.view import FieldHealth
from hems.sim import battery as batteries
from hems.sim import heat
from hems.sim.chargers import EVSE_SET
from hems.sim.devices.metering import CHARGER_WH, CIRCUIT_WH, GRID_EXPORT_WH, GRID_IMPORT_WH, PV_WH
from hems.sim.house import House


class ShortWires:
    """The field of a house of EVSE-WB, without its wires; what is not installed is not there."""

    startled = False

    def __init__(self, config: Config, house: House, pins: Pins) -> None:
        self._config = config
        self._house = house
        self._pins = pins
        self._told: dict[str, float] = {}

    def read(self, now: Instant) -> Snapshot:
        """What the house is at this moment."""
        self._house.advance(now.mono_s)
        self._house.note_reading()
        for circuit in self._config.circuits:
            self._house.note_reading(circuit.name)
        return self._picture(now)

    def act(self, command: Command, now: Instant) -> None:
        """Set-points and relays at once; lower currents first."""
        self._house.advance(now.mono_s)
        told = sorted(
            command.chargers.items(), key=lambda item: item[1].limit_a - self._told.get(item[0], 0.0)
        )
        for name, order in told:
            limit_a = int(order.limit_a)
            if limit_a != self._told.get(name):
                self._house.write_charger(self._house.points[name], EVSE_SET, [limit_a], now.mono_s)
                self._told[name] = limit_a
        relays = dict(command.relays)
        for charger in self._config.chargers:
            if charger.name in command.chargers:
                order = command.chargers[charger.name]
                relays |= {charger.relay: order.relay_closed}
                relays |= {} if order.lines is None else {charger.lines_relay: order.lines > 1}
        for relay in relays.keys() & self._pins.positions().keys():
            self._pins.set(relay, relays[relay])

    def safe(self, now: Instant) -> tuple[str, ...]:
        """All relays released, all chargers at 0 A."""
        for name in self._pins.positions():
            self._pins.set(name, False)
        for name, point in self._house.points.items():
            self._house.write_charger(point, EVSE_SET, [0], now.mono_s)
            self._told[name] = 0.0
        return ()

    def health(self, now: Instant) -> FieldHealth:
        """No wires, no counts."""
        return FieldHealth()

    def _picture(self, now: Instant) -> Snapshot:
        house, board, truth = self._house, self._house.board, self._house.truth
        roles = {meter.role for meter in self._config.meters}
        loads = house.loads()
        totals = GRID_IMPORT_WH + truth.import_wh, GRID_EXPORT_WH + truth.export_wh
        return Snapshot(
            now=now,
            grid=self._meter(now, board.line_a, *totals),
            pv=MeterReading(now.mono_s, board.pv_w, export_wh=PV_WH + truth.pv_wh) if "pv" in roles else None,
            battery=self._battery(now) if "battery" in roles else None,
            chargers={charger.name: self._charger(now, charger) for charger in self._config.chargers},
            heat_pumps={pump.name: self._pump(now) for pump in self._config.heat_pumps},
            relays=self._pins.positions(),
            contacts=dict(self._pins.contacts()),
            circuits={
                meter.circuit: self._meter(
                    now, loads[meter.circuit], CIRCUIT_WH + truth.circuit_wh.get(meter.circuit, 0.0), 0.0
                )
                for meter in self._config.meters
                if meter.role == "circuit"
            },
        )

    def _meter(self, now: Instant, line_a: PerLine, import_wh: float, export_wh: float) -> MeterReading:
        line_v = self._house.board.line_v
        first, second, third = (ampere * volt for ampere, volt in zip(line_a, line_v, strict=True))
        power_w = first + second + third
        return MeterReading(
            now.mono_s, power_w, (first, second, third), line_a, line_v, import_wh, export_wh, now.mono_s
        )

    def _battery(self, now: Instant) -> BatteryReading | None:
        model, battery = self._house.scene.battery, self._house.battery
        if model is None or battery is None:
            return None
        return BatteryReading(now.mono_s, battery.power_w, batteries.level_pct(model, battery))

    def _charger(self, now: Instant, charger: Charger) -> ChargerReading:
        point = self._house.points[charger.name]
        told_a, position = self._told.get(charger.name), self._pins.positions().get(charger.lines_relay)
        measured = any(meter.charger == charger.name for meter in self._config.meters)
        volts = self._house.board.line_v
        power_w = sum(ampere * volt for ampere, volt in zip(point.drawn_a, volts, strict=True))
        return ChargerReading(
            now.mono_s,
            "A" if not point.car.plugged else "C" if point.car.drawn_a else "B",
            now.mono_s if measured else None,
            point.drawn_a if measured else None,
            power_w if measured else None,
            CHARGER_WH + point.energy_wh if measured else None,
            told_a,
            told_a,
            told_a,
            lines=None if position is None else len(charger.lines) if position else 1,
        )

    def _pump(self, now: Instant) -> HeatPumpReading:
        pump = self._house.pump or heat.HeatPump()
        state, words = heat.operating(pump), divmod(int(pump.electric_wh), 1 << 16)
        return HeatPumpReading(
            now.mono_s,
            state,
            int(pump.rating > 0.0),
            round(pump.rating),
            heat.power_w(pump),
            electric_words=words,
            thermal_words=divmod(int(pump.thermal_wh), 1 << 16),
            totals_mono_s=now.mono_s,
        )
