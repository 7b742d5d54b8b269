"""Durations on a line: BUS-10, BUS-55."""

from typing import Literal

import pytest

from hems.field.wire import answer_chars, exchange_s, request_chars, setting, wire
from hems.model.site import Bus


@pytest.mark.parametrize(
    ("bus", "char_ms", "silence_ms"),
    [
        (Bus(name="a", port="p"), 1.0417, 3.646),
        (Bus(name="a", port="p", baud=19200, parity="E"), 0.5729, 2.005),
        (Bus(name="a", port="p", baud=19200, stop_bits=2), 0.5729, 2.005),
        (Bus(name="a", port="p", baud=38400), 0.2604, 1.75),
        (Bus(name="a", port="p", baud=115200, parity="O"), 0.0955, 1.75),
    ],
)
def test_silence_by_setting(bus: Bus, char_ms: float, silence_ms: float) -> None:
    """3.5 characters up to 19,200 baud, 1.75 ms above; a character has 10 or 11 bits."""
    timing = wire(bus)
    assert timing.char_s * 1000 == pytest.approx(char_ms, abs=1e-3)
    assert timing.silence_s * 1000 == pytest.approx(silence_ms, abs=1e-3)


@pytest.mark.parametrize(("baud", "count", "per_s"), [(9600, 2, 33.3), (9600, 60, 6.6), (19200, 20, 27.6)])
def test_exchanges_per_second(baud: int, count: int, per_s: float) -> None:
    """The physical limits with a device that thinks 5 ms."""
    timing = wire(Bus(name="a", port="p", baud=9600 if baud == 9600 else 19200))
    assert 1 / exchange_s(timing, 3, count, 0.005) == pytest.approx(per_s, abs=0.1)


def test_writes() -> None:
    timing = wire(Bus(name="a", port="p"))
    assert exchange_s(timing, 6, 1, 0.02) == pytest.approx(0.04396, abs=1e-4)
    assert exchange_s(timing, 16, 1, 0.02) == pytest.approx(0.04708, abs=1e-4)
    assert setting(Bus(name="a", port="p", parity="E", stop_bits=2)) == "9600 8E2"


@pytest.mark.parametrize("count", [1, 20, 100])
def test_the_cost_of_each_kind_of_exchange(count: int) -> None:
    """BUS-55, section 13: RTU and ASCII reads, bits, and writes; the device's own time comes on top."""
    rtu = wire(Bus(name="a", port="p"))
    ascii = wire(Bus(name="a", port="p", framing="ascii"))
    cost = {
        (rtu, 3): 13 + 2 * count,
        (rtu, 1): 13 + -(-count // 8),
        (rtu, 5): 16,
        (rtu, 6): 16,
        (rtu, 16): 17 + 2 * count,
        (rtu, 15): 17 + -(-count // 8),
        (ascii, 4): 28 + 4 * count,
        (ascii, 2): 28 + 2 * -(-count // 8),
        (ascii, 6): 34,
        (ascii, 16): 36 + 4 * count,
    }
    for (timing, function), chars in cost.items():
        assert request_chars(timing, function, count) + answer_chars(timing, function, count) == chars
        owed_s = 0 if timing.ascii else 2 * timing.silence_s
        found_s = exchange_s(timing, function, count, 0.02)
        assert found_s == pytest.approx(chars * timing.char_s + 0.02 + owed_s)


@pytest.mark.parametrize(("baud", "lag_ms", "stall_ms"), [(19200, 1.667, 55.833), (1200, 26.667, 143.333)])
def test_an_on_board_port_hands_over_in_eights_and_late(
    baud: Literal[1200, 19200], lag_ms: float, stall_ms: float
) -> None:
    """BUS-86: a pause of its own making is no end of a frame."""
    timing = wire(Bus(name="a", port="p", baud=baud, adapter="pl011"))
    assert timing.lag_s * 1000 == pytest.approx(lag_ms, abs=1e-3)
    assert timing.stall_s * 1000 == pytest.approx(stall_ms, abs=1e-3)
    assert wire(Bus(name="a", port="p", baud=baud)).lag_s == 0.0
