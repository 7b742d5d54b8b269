"""The measurement of a line itself: nobody is asked too early, nothing is lost; times are not judged."""

from tests.bench.bus import cell
from tests.bench.wire.desk import desk
from tests.bench.wire.masters import hems, pymodbus


def test_a_cell_of_the_table() -> None:
    """BUS-102, 104, 127."""
    with desk({"a": 115200}) as slaves:
        ours = cell(slaves, "hems", hems, 115200, 20, 40)
        theirs = cell(slaves, "pymodbus", pymodbus, 115200, 20, 10)
    assert (ours.failed, ours.early) == (0, 0)
    assert ours.wake_ups is not None
    assert 1 < ours.wake_ups <= 6
    assert theirs.failed == 0
