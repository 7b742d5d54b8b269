"""Samples → readings: signs by role and mounting, lines by rotation, codes by the profile. Pure."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from hems.field.decoding import Sample
from hems.field.profile import Positive, Profile, Quantity
from hems.model.site import Charger, Meter
from hems.model.snapshot import BatteryReading, ChargerReading, HeatPumpReading, MeterReading, Status
from hems.model.units import LINES, LineName, PerLine

Samples = Mapping[Quantity, Sample]

DIRECTION: Final[Mapping[tuple[Positive, str], int]] = {
    ("import", "grid"): 1,
    ("import", "circuit"): 1,
    ("import", "charger"): 1,
    ("import", "pv"): -1,
    ("import", "battery"): -1,
    ("export", "grid"): -1,
    ("export", "circuit"): -1,
    ("export", "charger"): -1,
    ("export", "pv"): 1,
    ("export", "battery"): 1,
    ("generate", "pv"): 1,
    ("generate", "battery"): 1,
    ("discharge", "battery"): 1,
    ("charge", "battery"): -1,
    ("draw", "charger"): 1,
}
"""How the maker's positive power turns into the role's; a missing pair is no role for the profile."""

FUSED: Final = frozenset({"grid", "circuit"})
"""Roles of meters behind which a fuse is."""

HOT_WATER: Final = 2
DEFROST: Final = 5
REST: Final = 0
OTHER: Final = 99
"""The code of an operating state that the profile does not know: a real state that counts nothing."""


def meter_reading(meter: Meter, profile: Profile, samples: Samples) -> MeterReading | None:
    """A meter's reading, as old as the older of power and current; ``None`` until its power is known.

    Currents come without a sign and take that of their line's power. Where the meter of a fuse does not know
    it, they count as import: one line may export and another import, and a fuse that is spared in vain is
    whole.
    """
    source = samples.get("line_power_w") or samples.get("power_w")
    if source is None:
        return None
    turn = _turn(meter, profile)
    by_line = samples.get("line_power_w") or (source if len(meter.lines) == 1 else None)
    line_power_w = _on_lines(by_line, meter.lines, turn)
    power_w = sum(line_power_w) if line_power_w is not None else turn * source.value + 0.0
    currents = samples.get("line_a")
    line_a = _on_lines(currents, meter.lines, 1)
    if line_a is not None:
        any_line_w = 0.0 if meter.role in FUSED else power_w
        line_a = _signed(line_a, line_power_w or (any_line_w, any_line_w, any_line_w))
    imported, exported = samples.get("import_wh"), samples.get("export_wh")
    if meter.mounted == "reversed":
        imported, exported = exported, imported
    totals = [sample.at_mono_s for sample in (imported, exported) if sample is not None]
    return MeterReading(
        at_mono_s=min(sample.at_mono_s for sample in (source, currents) if sample is not None),
        power_w=power_w,
        line_power_w=line_power_w,
        line_a=line_a,
        line_v=_on_lines(samples.get("line_v"), meter.lines, 1),
        import_wh=_value(imported),
        export_wh=_value(exported),
        totals_mono_s=min(totals, default=None),
    )


def battery_reading(meter: Meter, profile: Profile, samples: Samples) -> BatteryReading | None:
    """What the meter of a house battery says, or the battery itself."""
    reading = meter_reading(meter, profile, samples)
    if reading is None:
        return None
    return BatteryReading(
        at_mono_s=reading.at_mono_s,
        power_w=reading.power_w,
        level_pct=_value(samples.get("level_pct")),
        charge_wh=reading.import_wh,
        discharge_wh=reading.export_wh,
        totals_mono_s=reading.totals_mono_s,
    )


def charger_reading(
    charger: Charger, profile: Profile, samples: Samples, metered: MeterReading | None
) -> ChargerReading | None:
    """A charger's reading without its command slot; ``None`` until its status is known.

    A meter of its own is believed before the charger's own measurement. One current of a charger on several
    lines says nothing about a line.
    """
    seen = samples.get("status")
    if seen is None:
        return None
    currents, powers = samples.get("line_a"), samples.get("power_w") or samples.get("line_power_w")
    if currents is not None and len(currents.values) < len(charger.lines):
        currents = None
    measured = currents or powers
    line_a = _on_lines(currents, charger.lines, 1)
    power_w, total_wh = None if powers is None else sum(powers.values), _value(samples.get("total_wh"))
    measured_mono_s = None if measured is None else measured.at_mono_s
    total_mono_s = samples["total_wh"].at_mono_s if "total_wh" in samples else None
    if metered is not None:
        line_a, power_w, total_wh = metered.line_a, metered.power_w, metered.import_wh
        measured_mono_s, total_mono_s = metered.at_mono_s, metered.totals_mono_s
    return ChargerReading(
        at_mono_s=seen.at_mono_s,
        status=status(profile, samples),
        measured_mono_s=measured_mono_s,
        line_a=line_a,
        power_w=power_w,
        total_wh=total_wh,
        total_mono_s=total_mono_s,
        cable_max_a=_value(samples.get("cable_max_a")),
    )


def heat_pump_reading(profile: Profile, samples: Samples) -> HeatPumpReading | None:
    """A heat pump's reading, as old as its state if it has one; ``None`` until it has answered."""
    if not samples:
        return None
    electric, thermal = samples.get("electric_wh"), samples.get("thermal_wh")
    state = samples.get("operating_state")
    latest_s = max(sample.at_mono_s for sample in samples.values())
    return HeatPumpReading(
        at_mono_s=latest_s if state is None else state.at_mono_s,
        operating_state=_operating_state(profile, samples),
        machine_state=_raw(samples.get("machine_state")),
        compressor_rating=_raw(samples.get("compressor_rating")),
        power_w=_value(samples.get("power_w")),
        electric_wh=None if _words(electric) else _value(electric),
        thermal_wh=None if _words(thermal) else _value(thermal),
        electric_words=_words(electric),
        thermal_words=_words(thermal),
        totals_mono_s=min((total.at_mono_s for total in (electric, thermal) if total), default=None),
    )


def _operating_state(profile: Profile, samples: Samples) -> int | None:
    """The code that is counted; bits beside it say defrost, and hot water unless the pump rests."""
    state = _raw(samples.get("operating_state"))
    if state is not None and profile.operating:
        state = profile.operating.get(state, OTHER)
    if _raw(samples.get("defrosting")):
        return DEFROST
    if _raw(samples.get("hot_water")) and state not in (None, REST):
        return HOT_WATER
    return state


def status(profile: Profile, samples: Samples) -> Status | None:
    """What a charger's code means; ``None`` where that hangs on a pilot that was not read."""
    code, pilot = _raw(samples.get("status")), _value(samples.get("pilot"))
    if code is None or code not in profile.unplugged_below:
        return None if code is None else profile.statuses.get(code)
    if pilot is None:
        return None
    return "A" if pilot < profile.unplugged_below[code] else profile.statuses.get(code)


def _turn(meter: Meter, profile: Profile) -> int:
    point = profile.point("line_power_w", meter.role) or profile.point("power_w", meter.role)
    turn = 1 if point is None else DIRECTION[point.positive, meter.role]
    return -turn if meter.mounted == "reversed" else turn


def _on_lines(sample: Sample | None, lines: Sequence[LineName], turn: int) -> PerLine | None:
    """A device's values on the site's lines; a line the device is not on has 0, and no 0 is negative."""
    if sample is None:
        return None
    by_line = dict(zip(lines, sample.values, strict=False))
    first, second, third = (turn * by_line.get(line, 0.0) + 0.0 for line in LINES)
    return first, second, third


def _signed(line_a: PerLine, directions: PerLine) -> PerLine:
    first, second, third = (
        math.copysign(current_a, direction) for current_a, direction in zip(line_a, directions, strict=True)
    )
    return first, second, third


def _value(sample: Sample | None) -> float | None:
    return None if sample is None else sample.value


def _words(sample: Sample | None) -> tuple[int, int] | None:
    """The two registers of a value whose word order is not known."""
    if sample is None or len(sample.values) != 2:
        return None
    high, low = sample.values
    return int(high), int(low)


def _raw(sample: Sample | None) -> int | None:
    return None if sample is None else int(sample.value)
