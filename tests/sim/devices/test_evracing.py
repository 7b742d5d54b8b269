"""EVSE-WB registers against values worked out by hand from the maker's table."""

import pytest

from tests.sim.wire import night, wired


def test_evse_wb_registers_follow_the_charger_and_the_car() -> None:
    """C03: 1000 set, 1001 limit, 1002 state, 1003 cable, 1005 firmware, 1006 pilot."""
    with wired(night()) as wire:
        assert wire.registers(2, 3, 1000, 8) == (0, 0, 2, 20, 0, 18, 1, 0)
        assert wire.write(2, 1000, 8) == bytes.fromhex("06 03e8 0008")
        wire.wait(1.0)
        assert wire.registers(2, 3, 1000, 8) == (8, 8, 3, 20, 0, 18, 2, 0)
        wire.desk.order({"plug": {"garage": False}})
        assert wire.registers(2, 3, 1002, 1) == (1,)
        assert wire.ask(2, bytes.fromhex("10 07d0 0001 02 0000")) == bytes.fromhex("10 07d0 0001")
        assert wire.registers(2, 3, 2000, 8) == (0, 1, 6, 0, 0, 0, 0, 16)
        assert wire.desk.truth()["first_write_mono_s"] is not None


@pytest.mark.parametrize(
    ("pdu", "answer"),
    [
        ("06 03e8 0005", "86 03"),
        ("06 03ea 0001", "86 02"),
        ("03 03e7 0002", "83 02"),
        ("03 03e8 0009", "83 02"),
        ("04 03e8 0001", "84 01"),
    ],
)
def test_evse_wb_refusals(pdu: str, answer: str) -> None:
    with wired(night()) as wire:
        assert wire.ask(2, bytes.fromhex(pdu)) == bytes.fromhex(answer)
        assert wire.desk.truth()["first_write_mono_s"] is None
