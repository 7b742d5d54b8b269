"""Measuring an installation: reads only, on lines in virtual time (BUS-14, 57)."""

import pytest

from hems.errors import ConfigError
from hems.field.profiles import PROFILES
from hems.field.wire import READS
from hems.measure import MEASURE_TICKS, judge, measure, report
from hems.model.site import Bus, Charger, Config
from hems.model.view import FieldHealth
from tests.field.houses import CAR, GARAGE, GRID, PUMP, PV, box, controller, house, inverter, meter, pump
from tests.field.wires import Bench, Memory

LINE = Bus(name="a", port="far-end")
BOX = Charger(name="box", number=2, bus="a", unit=7, profile="heidelberg-energy-control")


def measured(
    config: Config, units: dict[int, Memory], think_s: float = 0.02, ticks: int | None = None
) -> tuple[FieldHealth, Bench, list[int]]:
    """What was found, the bench, and the ticks that were told."""
    bench, told = Bench(config.buses[0]), list[int]()
    bench.slave.units, bench.slave.think_s = units, think_s
    health = measure(config, bench.loop, lambda: len(told) == ticks, told.append, bench.slave.open)
    bench.slave.close()
    bench.loop.close()
    return health, bench, told


def test_nothing_but_reads_leaves() -> None:
    """Not even what a charger must be told before it may charge, nor what a heat pump wants to hear."""
    units = {1: meter(), 2: controller(), 3: meter(), 4: pump(), 5: inverter(), 7: box()}
    units[2].holding[2000] = 6
    assert PROFILES["lambda-eul"].surplus is not None
    assert PROFILES[BOX.profile].setup
    health, bench, told = measured(house(GRID, CAR, PV, GARAGE, PUMP, BOX, buses=(LINE,)), units)
    assert {data[1] for _, data in bench.slave.requests} <= READS
    assert not any(memory.writes for memory in units.values())
    assert {data[0] for _, data in bench.slave.requests} >= {1, 2, 3, 4, 5, 7}
    assert all(device.accepted for device in health.devices.values())
    assert told == list(range(MEASURE_TICKS))


def test_the_plan_with_what_was_found() -> None:
    config = house(GRID, GARAGE, buses=(LINE,))
    health, _, _ = measured(config, {1: meter()}, think_s=0.06)
    text = report(config, health)
    grid = next(row.split() for row in text if "each tick" in row)
    assert 105 < int(grid[-2]) < 125
    assert any(row.startswith("measured  a ") and "no echo" in row for row in text)
    found = next(row for row in text if row.startswith("measured  grid"))
    assert "all within 6" in found
    assert "gap 100 ms, turn 0 ms; 0 of" in found
    assert any(row.startswith("measured  garage           no answer (has not answered yet") for row in text)
    judge(config, health)


def test_an_installation_that_is_too_slow_as_it_is_is_refused() -> None:
    """BUS-57: above 2.0 s with measured figures."""
    chargers = [
        Charger(name=f"c{i}", number=i, bus="a", unit=10 + i, profile="evse-wb", accept_no_failsafe=True)
        for i in range(1, 4)
    ]
    config = house(GRID, *chargers, buses=(LINE,))
    units = {1: meter(), **{10 + i: controller() for i in range(1, 4)}}
    judge(config, measured(config, units, think_s=0.02)[0])
    with pytest.raises(ConfigError, match=r"as measured the reaction to an overload takes 2\.\d\d s"):
        judge(config, measured(config, units, think_s=0.1)[0])


def test_broken_off_it_tells_what_it_found_so_far() -> None:
    health, bench, told = measured(house(GRID, buses=(LINE,)), {1: meter()}, ticks=3)
    assert told == [0, 1, 2]
    assert health.devices["grid"].accepted >= 3
    assert bench.clock.mono_s() < 1004.1


def test_lines_without_a_port_are_not_waited_for() -> None:
    """Why nothing was measured is told, and the plan of guesses is not taken for an answer."""
    config = house(GRID, buses=(LINE,))
    bench, told = Bench(LINE), list[int]()
    bench.slave.absent = True
    began_s = bench.clock.mono_s()
    health = measure(config, bench.loop, lambda: False, told.append, bench.slave.open)
    assert told == [0]
    assert bench.clock.mono_s() - began_s < 1
    assert any("nothing could be measured: far-end: no such file" in row for row in report(config, health))
    with pytest.raises(ConfigError, match=r"^bus\[0\]\.port: nothing could be measured: far-end: no such"):
        judge(config, health)
    bench.loop.close()


def test_a_line_on_which_nobody_answers_is_no_success() -> None:
    config = house(GRID, buses=(LINE,))
    health, _, _ = measured(config, {}, ticks=3)
    with pytest.raises(ConfigError, match=r"^bus: nobody answered; is the cable connected"):
        judge(config, health)


def test_an_echo_that_is_promised_and_not_heard_is_told() -> None:
    deaf = Bus(name="a", port="far-end", echo="yes")
    health, _, _ = measured(house(GRID, buses=(deaf,)), {1: meter()}, ticks=3)
    assert 'no echo heard: set echo = "auto"' in health.buses["a"].words
