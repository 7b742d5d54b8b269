"""One row of functions for each framing: BUS-2, BUS-21."""

import pytest

from hems.field.codec import RTU, codec
from hems.field.exchange import Accepted, Request
from hems.field.profile import Serial
from tests.field.wires import framed, lettered

READ = Request(1, 3, 0x2E, 1)


def test_the_line_decides_the_framing() -> None:
    """A device that speaks both follows its line."""
    assert codec("rtu", Serial(framing="ascii")) is RTU
    assert RTU.judge(READ, framed("0103020007")) == Accepted((7,))
    assert RTU.answer_chars(READ) == 7
    digits = codec("ascii", Serial())
    assert digits.frame(READ) == lettered("0103002e0001")
    assert digits.judge(READ, lettered("0103020007")) == Accepted((7,))
    assert digits.sound(lettered("0103020007"))
    assert digits.answer_chars(READ) == 15


def test_a_device_has_its_own_start_sign_and_repeats_its_address() -> None:
    own = codec("ascii", Serial(framing="ascii", answer_start=">", low_address_echo=True))
    assert own.judge(READ, lettered("0103022e07", ">")) == Accepted((0x2E07,))
    assert own.judge(READ, lettered("0103020007", ">")) != Accepted((7,))


@pytest.mark.parametrize("row", [RTU, codec("ascii", Serial())])
def test_equal_requests_are_framed_once(row: object) -> None:
    """BUS-103: and bounds of the protocol are refused before anything is sent."""
    assert isinstance(row, type(RTU))
    assert row.frame(Request(1, 3, 5, 2)) is row.frame(Request(1, 3, 5, 2))
    with pytest.raises(ValueError, match="126"):
        row.frame(Request(1, 3, 5, 126))
