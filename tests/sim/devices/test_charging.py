"""What all chargers share: the way from a register to the house and back."""

from hems.sim.scene import Device
from tests.sim.wire import night, wired


def test_a_restart_on_the_wire_takes_what_is_not_stored() -> None:
    """C03: 1000 follows 2000 again; the device is silent meanwhile."""
    with wired(night(Device("box", "evse-wb", 2, boot_a=6))) as wire:
        wire.write(2, 1000, 13)
        wire.wait(1.0)
        assert wire.desk.truth()["limit_a"] == {"box": 13.0}
        wire.desk.order({"fault": {"kind": "restart", "device": "box", "value": 1.0}})
        assert wire.desk.truth()["limit_a"] == {"box": 6.0}
        assert wire.ask(2, bytes.fromhex("03 03e8 0001")) == b""
        wire.wait(1.0)
        assert wire.registers(2, 3, 1000, 1) == (6,)


def test_a_box_tells_its_lines_in_its_own_order() -> None:
    device = Device("box", "mennekes-amtron-compact", 50, lines=("L3", "L1", "L2"))
    with wired(night(device)) as wire:
        wire.desk.order({"base_a": [20, 0, 0]})
        wire.wait(2.0)
        seen = wire.floats(50, 3, 0x0506, 6)
        line_v = wire.desk.house.board.line_v
        assert [round(volt, 2) for volt in seen] == [round(line_v[place], 2) for place in (2, 0, 1)]
