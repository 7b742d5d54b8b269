"""How bytes reach the reader (BUS-86, BUS-90)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.sim.delivery import PACKINGS, Delivery, pieces, stop_bits

DELIVERIES = sorted(PACKINGS)


def at(*rows: tuple[int, float]) -> object:
    return [(upto, pytest.approx(second)) for upto, second in rows]


@pytest.mark.parametrize(
    ("length", "delivery", "rows"),
    [
        (3, "bytewise", [(1, 1.0), (2, 2.0), (3, 3.0)]),
        (3, "frame", [(3, 3.0)]),
        (16, "fifo8", [(8, 8.0), (16, 16.0)]),
        (9, "fifo8", [(8, 8.0), (9, 12.2)]),
        (3, "fifo8", [(3, 6.2)]),
    ],
)
def test_pieces_in_characters(length: int, delivery: Delivery, rows: list[tuple[int, float]]) -> None:
    """A FIFO gives eights, and the rest 3.2 characters after its last byte."""
    assert pieces(stop_bits(length, 1.0), delivery, 1.0) == at(*rows)


def test_a_usb_bridge_sends_what_it_has_when_its_timer_runs_out() -> None:
    """1 ms bytes, timer 16 ms from a packet's first byte on: 17 bytes, then the rest."""
    times = stop_bits(30, 0.001)
    assert pieces(times, "usb16", 0.001) == at((17, 0.017), (30, 0.034))
    assert pieces(times[:3], "usb1", 0.001) == at((2, 0.002), (3, 0.004))


def test_a_usb_packet_is_full_with_62_bytes() -> None:
    times = stop_bits(70, 0.0001)
    assert pieces(times, "usb16", 0.0001) == at((62, 0.0062), (70, 0.0063 + 0.016))


def test_a_pause_ends_a_packet() -> None:
    times = stop_bits(4, 0.001, {2: 0.05})
    assert times == pytest.approx([0.001, 0.002, 0.053, 0.054])
    assert pieces(times, "frame", 0.001) == at((2, 0.002), (4, 0.054))
    assert pieces(times, "fifo8", 0.001) == at((2, 0.0052), (4, 0.0572))
    assert pieces(times, "usb16", 0.001) == at((2, 0.017), (4, 0.069))
    assert pieces(times, "bytewise", 0.001) == at((1, 0.001), (2, 0.002), (3, 0.053), (4, 0.054))


@settings(max_examples=60)
@given(
    length=st.integers(1, 300),
    delivery=st.sampled_from(DELIVERIES),
    pauses=st.dictionaries(st.integers(0, 299), st.floats(0.0, 0.1), max_size=4),
)
def test_every_byte_arrives_once_in_order_and_never_early(
    length: int, delivery: Delivery, pauses: dict[int, float]
) -> None:
    times = stop_bits(length, 0.001, pauses)
    rows = pieces(times, delivery, 0.001)
    assert [upto for upto, _ in rows] == sorted({upto for upto, _ in rows})
    assert rows[-1][0] == length
    seconds = [second for _, second in rows]
    assert seconds == sorted(seconds)
    for upto, second in rows:
        assert second > times[upto - 1] - 1e-8
