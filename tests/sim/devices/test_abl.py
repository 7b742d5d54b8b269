"""ABL registers against values worked out by hand from the maker's paper, on an ASCII line."""

from hems.sim.frames import opened, seal
from hems.sim.scene import Bus, Device
from tests.sim.wire import Wire, night, wired

ABL = Bus("abl", 38_400, 11, "ascii", delivery="frame")


def ask_abl(wire: Wire, pdu: str, number: int = 1) -> bytes | None:
    """The answer's function and data; every request is sent twice, since the first may only wake the box."""
    request = seal(number, bytes.fromhex(pdu), "ascii")
    wire.send(request)
    wire.wait(0.2)
    wire.take()
    wire.send(request)
    wire.wait(0.2)
    answer = wire.take()
    assert not answer or answer.startswith(b">")
    read = opened(b":" + answer[1:], "ascii")
    return read[1] if read else None


def test_abl_blocks_states_and_currents() -> None:
    """C02: state byte in the hexadecimal text, duty in tenths of a percent, currents in 0.1 A and 1 A."""
    with wired(night(Device("box", "abl-emh", 1), buses=(ABL,))) as wire:
        wire.desk.order({"base_a": [0, 0, 0]})
        assert ask_abl(wire, "10 0014 0001 02 00A6") == bytes.fromhex("10 0014 0001")
        wire.wait(0.5)
        assert ask_abl(wire, "03 002E 0005") == bytes.fromhex("03 0A 2EC2 B0A6 0064 0064 0064")
        assert ask_abl(wire, "03 0033 0003") == bytes.fromhex("03 06 33C2 0A0A0A 00")
        assert ask_abl(wire, "03 000F 0005") == bytes.fromhex("03 0A 0F00 0000 0000 00A6 0000")
        assert ask_abl(wire, "10 0014 0001 02 03E8") == bytes.fromhex("10 0014 0001")
        wire.wait(0.5)
        assert ask_abl(wire, "03 0033 0003") == bytes.fromhex("03 06 33B1 000000 00")
        wire.desk.order({"plug": {"box": False}})
        assert ask_abl(wire, "03 002E 0005") == bytes.fromhex("03 0A 2EA1 33E8 0000 0000 0000")
        assert ask_abl(wire, "10 0005 0001 02 E0E0") == bytes.fromhex("10 0005 0001")
        assert ask_abl(wire, "03 0033 0003") == bytes.fromhex("03 06 33E0 000000 00")
        assert ask_abl(wire, "10 0005 0001 02 A1A1") == bytes.fromhex("10 0005 0001")
        wire.desk.order({"plug": {"box": True}, "fault": {"kind": "restart", "device": "box", "value": 0}})
        wire.wait(0.5)
        assert ask_abl(wire, "03 0033 0003") == bytes.fromhex("03 06 33C2 101010 00")


def test_abl_identity_silence_and_refusals() -> None:
    """C02: wrong requests meet silence, a wrong value 0x90 code 4; a read without unit finds the box."""
    with wired(night(Device("box", "abl-emh", 3), buses=(ABL,))) as wire:
        assert ask_abl(wire, "03 0001 0002", 3) == bytes.fromhex("03 04 0103 0123")
        assert ask_abl(wire, "03 0001 0002", 0) == bytes.fromhex("03 04 0103 0123")
        assert ask_abl(wire, "03 0003 0001", 3) == bytes.fromhex("03 02 0300")
        assert ask_abl(wire, "03 0006 0002", 3) == bytes.fromhex("03 04 0600 0000")
        serial = ask_abl(wire, "03 0050 0008", 3)
        assert serial is not None
        assert serial[:8] == b"\x03\x10P2W220"
        for wrong in ("03 0030 0001", "04 002E 0005", "06 0014 0064", "10 0015 0001 02 0064"):
            assert ask_abl(wire, wrong, 3) is None
        assert ask_abl(wire, "10 0014 0001 02 0001", 3) == bytes.fromhex("90 04")


def test_an_abl_asleep_loses_the_request_that_wakes_it() -> None:
    with wired(night(Device("box", "abl-emh", 1), buses=(ABL,))) as wire:
        request = seal(1, bytes.fromhex("03 0001 0002"), "ascii")
        answers = []
        for pause_s in (0.1, 0.8, 0.8, 1.2, 0.1):
            wire.send(request)
            wire.wait(pause_s)
            answers.append(bool(wire.take()))
        assert answers == [False, True, True, True, False]
