"""The tick's budget: BUS-55..57."""

from dataclasses import replace

import pytest
from msgspec import structs

from hems.field.budget import (
    Pace,
    dead_s,
    grid_refresh_s,
    poll_plan,
    reaction_s,
    reactions_s,
    unfit,
    worst_s,
)
from hems.field.profile import Heartbeat, Identify, Profile, Release, Surplus
from hems.field.profiles import PROFILES
from hems.field.wire import wire
from hems.model.site import Bus, Charger, HeatPump, Meter
from tests.field.houses import CAR, CARPORT, GARAGE, GRID, PUMP, PV, house

LINE = Bus(name="a", port="far-end")
SECOND = Bus(name="b", port="other")
CHAR_S = 10 / 9600
SILENCES_S = 2 * 35 / 9600
SDM_S = 37 * CHAR_S + 0.02 + SILENCES_S
EVSE_S = 21 * CHAR_S + 0.02 + SILENCES_S
WRITE_S = 19 * CHAR_S + 0.02 + SILENCES_S
GAP_S = 0.1
PLAIN_PUMP = replace(PROFILES["lambda-eul"], surplus=None, heartbeats=(), confidence="B")


def known(*changed: Profile) -> dict[str, Profile]:
    return {**PROFILES, **{profile.key: profile for profile in changed}}


def test_the_reaction_time_is_tick_reads_decision_and_writes() -> None:
    """BUS-57, by hand: 66 and 49 ms of reads, 10 ms, 47 ms and the gap of 100 ms for the write."""
    (line,) = poll_plan(house(GRID, GARAGE), PROFILES)
    assert line.fast_s == pytest.approx(SDM_S + EVSE_S)
    assert line.writes_s == pytest.approx(GAP_S + WRITE_S)
    assert reaction_s([line]) == pytest.approx(1 + SDM_S + EVSE_S + 0.01 + GAP_S + WRITE_S)


def test_each_charger_waits_for_the_writes_before_its_own() -> None:
    """BUS-57: computed for each; the last one's is the reaction."""
    lines = poll_plan(house(GRID, GARAGE, CARPORT), PROFILES)
    found = reactions_s(lines)
    decided_s = 1 + SDM_S + 2 * EVSE_S + 0.01
    assert found["garage"] == pytest.approx(decided_s + GAP_S + WRITE_S)
    assert found["carport"] == pytest.approx(decided_s + 2 * (GAP_S + WRITE_S))
    assert reaction_s(lines) == found["carport"]


def test_a_charger_waits_for_its_own_line_only_but_for_the_slowest_reads() -> None:
    apart = structs.replace(CARPORT, bus="b")
    lines = poll_plan(house(GRID, GARAGE, apart, buses=(LINE, SECOND)), PROFILES)
    found = reactions_s(lines)
    assert found["carport"] == found["garage"] == pytest.approx(1 + SDM_S + EVSE_S + 0.11 + WRITE_S)


def test_a_charger_with_a_release_is_told_in_two_writes() -> None:
    """BUS-57: current and release, with the device's gap between them."""
    evse = PROFILES["evse-wb"]
    assert evse.write is not None
    released = replace(evse, write=replace(evse.write, release=Release(function=6, address=1004)))
    (line,) = poll_plan(house(GRID, GARAGE), known(released))
    (row,) = line.set_points
    assert row.addresses == (1000, 1004)
    assert line.writes_s == pytest.approx(2 * GAP_S + WRITE_S + 16 * CHAR_S + 0.02 + SILENCES_S)


def test_read_backs_of_all_chargers_are_in_the_worst_tick() -> None:
    """BUS-46, 57: a block of its own that is read after each write and before each repetition, by hand."""
    box = Charger(name="box", number=1, bus="a", unit=7, profile="heidelberg-energy-control")
    second = structs.replace(box, name="second", number=2, unit=8)
    hasty = PROFILES[box.profile]
    hasty = replace(hasty, limits=replace(hasty.limits, gap_s=0.0, turn_s=0.0))
    (line,) = poll_plan(house(GRID, box, second), known(hasty))
    read_s = 15 * CHAR_S + 0.02 + SILENCES_S
    assert [(row.device, row.block.address) for row in line.read_backs] == [("box", 261), ("second", 261)]
    assert line.picture_s == pytest.approx(line.fast_s + 2 * read_s)
    assert reaction_s([line]) == pytest.approx(1.01 + line.picture_s + line.writes_s)
    others_s = sum(row.whole_s for row in line.others)
    assert line.full_s == pytest.approx(line.picture_s + 0.01 + line.writes_s + others_s)
    (line,) = poll_plan(house(GRID, GARAGE), PROFILES)
    assert (line.read_backs, line.picture_s) == ((), line.fast_s)


def test_the_meters_own_age_counts_where_it_is_known() -> None:
    config, slow = house(GRID, GARAGE), replace(PROFILES["eastron-sdm630"], refresh_s=0.5)
    assert grid_refresh_s(config, known(slow)) == 0.5
    lines = poll_plan(config, known(slow))
    assert reaction_s(lines, 0.5) == pytest.approx(reaction_s(lines) + 0.5)
    assert reaction_s(poll_plan(house(GRID), PROFILES), 0.5) == pytest.approx(1.5 + SDM_S + 0.01)


def test_one_dead_device_costs_its_longest_answer_time() -> None:
    """BUS-57; where another line is slower anyway, only what goes beyond it."""
    assert dead_s(poll_plan(house(GRID, GARAGE), PROFILES)) == pytest.approx(0.3)
    long = replace(
        PROFILES["eastron-sdm630"], limits=replace(PROFILES["eastron-sdm630"].limits, answer_max_s=2)
    )
    assert dead_s(poll_plan(house(GRID), known(long))) == pytest.approx(0.6)
    quick = replace(long, limits=replace(long.limits, answer_max_s=0.0))
    apart = structs.replace(GARAGE, bus="b")
    lines = poll_plan(house(GRID, apart, buses=(LINE, SECOND)), known(quick))
    assert dead_s(lines) == pytest.approx(0.3 - (SDM_S - EVSE_S))


def test_lines_run_side_by_side() -> None:
    one = poll_plan(house(GRID, GARAGE), PROFILES)
    two = poll_plan(house(GRID, GARAGE, buses=(LINE, Bus(name="b", port="other", baud=1200))), PROFILES)
    assert reaction_s(two) == reaction_s(one)


def test_a_gap_counts_only_while_the_line_stands_idle() -> None:
    """BUS-55: two reads of one meter need its gap, which the other one fills as far as it can."""
    sdm = PROFILES["eastron-sdm630"]
    twofold = replace(
        sdm, points=tuple(replace(point, period_s=0.0) for point in sdm.points if point.quantity[0] in "li")
    )
    (alone,) = poll_plan(house(GRID), known(twofold))
    first_s, second_s = 49 * CHAR_S + 0.02 + SILENCES_S, 17 * CHAR_S + 0.02 + SILENCES_S
    assert [row.block.count for row in alone.fast] == [18, 2]
    assert alone.fast_s == pytest.approx(first_s + GAP_S + second_s)
    (shared,) = poll_plan(house(GRID, CAR), known(twofold))
    assert shared.fast_s == pytest.approx(first_s + GAP_S + second_s)


def test_a_turn_is_owed_at_each_change_of_unit() -> None:
    turned = {"car": Pace(turn_s=0.05), "grid": Pace(turn_s=0.02)}
    (line,) = poll_plan(house(GRID, CAR), PROFILES, turned)
    assert line.fast_s == pytest.approx(2 * SDM_S + 0.07)
    (line,) = poll_plan(house(GRID), PROFILES, turned)
    assert line.fast_s == pytest.approx(SDM_S)


def test_measured_latencies_take_the_place_of_the_typical_one() -> None:
    (line,) = poll_plan(house(GRID, GARAGE), PROFILES, {"garage": Pace(answer_s=0.06)})
    assert line.fast_s == pytest.approx(SDM_S + EVSE_S + 0.04)
    assert line.writes_s == pytest.approx(GAP_S + WRITE_S + 0.04)


def test_what_never_fits_is_named() -> None:
    fitting = poll_plan(house(GRID, CAR, PV, GARAGE, PUMP), known(PLAIN_PUMP))
    assert unfit(fitting[0]) == ()
    crowded = house(GRID, PUMP, buses=(Bus(name="a", port="far-end", baud=2400),))
    assert unfit(poll_plan(crowded, known(PLAIN_PUMP))[0]) == ("pump",)
    assert worst_s(wire(LINE), 3, 11, 0.6) == pytest.approx(0.704, abs=1e-3)
    late = wire(structs.replace(LINE, adapter="pl011"))
    assert worst_s(late, 3, 11, 0.6) == pytest.approx(0.716, abs=1e-3)


def test_setup_and_walk_need_room_too() -> None:
    """A charger that can never be set up would never charge; a map that is never walked has no points."""
    config = house(GRID, GARAGE, PV, buses=(Bus(name="a", port="far-end", baud=1200),))
    long = replace(
        PROFILES["sunspec"],
        points=tuple(point for point in PROFILES["sunspec"].points if point.quantity == "line_a"),
        identify=None,
    )
    (line,) = poll_plan(config, known(long))
    assert "garage" not in {row.device for row in line.slow}
    assert "garage" in unfit(line)
    worst = {(row.device, round(row.worst_s, 6)) for row in line.spare}
    assert ("pv", round(worst_s(line.wire, 3, 2, 0.3), 6)) in worst
    assert ("garage", round(worst_s(line.wire, 16, 1, 0.1) + 2 * GAP_S, 6)) in worst


def test_who_it_is_needs_room_too() -> None:
    """The read that names a product may be the longest of all."""
    sdm = PROFILES["eastron-sdm630"]
    named = replace(sdm, identify=Identify(function=3, address=100, count=60, texts=("SDM",)))
    (line,) = poll_plan(house(GRID), known(named))
    assert max(row.worst_s for row in line.spare) == pytest.approx(worst_s(line.wire, 3, 60, 0.1) + 2 * GAP_S)


def test_the_peace_around_a_slow_read_needs_room_too() -> None:
    """BUS-56: a meter's gap after its slow read would else delay its fast one."""
    (line,) = poll_plan(house(GRID), PROFILES)
    worst = [round(row.worst_s, 4) for row in line.spare]
    longest = max(row.block.count for row in line.slow)
    assert round(worst_s(wire(LINE), 4, longest, 0.1) + 2 * GAP_S, 4) in worst


def test_a_meter_that_may_think_long_but_does_not_fits() -> None:
    """BUS-30, 56: what it was seen to need counts once it has answered, which it does in every tick."""
    (line,) = poll_plan(house(structs.replace(GRID, profile="gavazzi-em24")), PROFILES)
    assert PROFILES["gavazzi-em24"].limits.answer_max_s == 0.5
    assert unfit(line) == ()
    (slow,) = poll_plan(
        house(structs.replace(GRID, profile="gavazzi-em24")), PROFILES, {"grid": Pace(answer_s=0.4)}
    )
    assert unfit(slow) == ("grid",)


def test_heartbeats_and_watts_are_part_of_the_tick() -> None:
    """BUS-56: what is written at least every second tick leaves that much less for what is slow."""
    beating = replace(
        PLAIN_PUMP,
        surplus=Surplus(function=16, address=102, wire="s16", refresh_s=10),
        heartbeats=(Heartbeat(function=6, address=7, value=1, every_s=2),),
    )
    (plain,) = poll_plan(house(GRID, PUMP), known(PLAIN_PUMP))
    (line,) = poll_plan(house(GRID, PUMP), known(beating))
    beat_s = 16 * CHAR_S + 0.02 + SILENCES_S
    assert [(row.addresses, row.every_s) for row in line.others] == [((102,), 10), ((7,), 2)]
    assert line.room_s == pytest.approx(plain.room_s - beat_s)
    assert line.full_s == pytest.approx(plain.full_s + beat_s + WRITE_S)
    assert line.load == pytest.approx(plain.load + beat_s / 2 + WRITE_S / 10)
    assert reaction_s([line]) == reaction_s([plain])


def test_a_second_module_has_its_own_block() -> None:
    second = HeatPump(name="second", number=2, bus="a", unit=4, profile="lambda-eul", module=2)
    (line,) = poll_plan(house(GRID, PUMP, second), known(PLAIN_PUMP))
    addresses = {row.device: row.block.address for row in line.slow if row.device != "grid"}
    assert addresses["second"] == addresses["pump"] + 100


def test_load_counts_everything() -> None:
    (line,) = poll_plan(house(GRID, CAR, PV, GARAGE, CARPORT, PUMP), PROFILES)
    assert 0.2 < line.load < 0.6
    assert line.load > line.fast_s


def test_models_of_a_published_map_are_apart() -> None:
    """No read spans two models, and a quantity in several models counts once."""
    inverter = PROFILES["sunspec"]
    power = next(point for point in inverter.points if point.quantity == "power_w")
    other = replace(power, models=(160,), addresses=(20,), scale_at=None, quantity="level_pct")
    again = replace(power, models=(113,), scale_at=None)
    mixed = replace(inverter, points=(power, other, again))
    meter = Meter(name="pv", bus="a", unit=5, profile="sunspec", role="pv")
    (line,) = poll_plan(house(GRID, meter), known(mixed))
    assert len([row for row in line.slow if row.device == "pv"]) == 2
