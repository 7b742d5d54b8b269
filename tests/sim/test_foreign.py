"""Masters of other makers talk with our slaves, over real pseudo-terminals (BUS-128).

mbpoll 1.4 speaks RTU only; ASCII is proved against pymodbus.
"""

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from pymodbus import FramerType
from pymodbus.client import ModbusSerialClient

from hems.sim.desk_link import HouseProcess
from hems.sim.scene import Bus, Device, Scene
from tests.sim.wire import NOON

DEVICES = (
    Device("grid", "eastron-sdm630", 1, measures="grid"),
    Device("box", "evse-wb", 2),
    Device("lambda", "lambda-eul", 4),
    Device("roof", "sunspec", 5),
    Device("pump", "lg-therma-v", 33),
    Device("meter", "eastron-sdm630", 1, measures="grid", bus="text"),
    Device("car", "evse-wb", 2, bus="text"),
    Device("water", "lg-therma-v", 33, bus="text"),
)
SETUP = Scene(
    seed=1,
    weather="sunny",
    start=NOON,
    devices=DEVICES,
    buses=(Bus("rtu", 19_200), Bus("text", 38_400, framing="ascii")),
)


@pytest.fixture(scope="module")
def process() -> Iterator[HouseProcess]:
    built = HouseProcess(SETUP)
    yield built
    built.stop()


@pytest.mark.parametrize(("bus", "framer"), [("rtu", FramerType.RTU), ("text", FramerType.ASCII)])
def test_pymodbus_reads_writes_and_is_refused(process: HouseProcess, bus: str, framer: FramerType) -> None:
    port = process.ports[bus]
    with ModbusSerialClient(port, framer=framer, baudrate=19_200, timeout=0.5, retries=0) as client:
        grid = client.read_input_registers(0, count=18, device_id=1)
        values = client.convert_from_registers(grid.registers, client.DATATYPE.FLOAT32)
        assert isinstance(values, list)
        volts, amps, watts = values[0:3], values[3:6], values[6:9]
        for volt, ampere, watt in zip(volts, amps, watts, strict=True):
            assert watt == pytest.approx(-volt * ampere, rel=1e-5)
        assert not client.write_register(1000, 8, device_id=2).isError()
        assert client.read_holding_registers(1000, count=1, device_id=2).registers == [8]
        assert not client.write_registers(2000, [0, 1], device_id=2).isError()
        assert client.read_input_registers(1, count=2, device_id=1).exception_code == 2
        assert client.read_coils(0, count=7, device_id=33).bits[:7] == [True, True, *[False] * 5]
        assert not client.write_coil(2, True, device_id=33).isError()
        assert not client.write_coils(3, [True, False], device_id=33).isError()
        assert client.read_coils(2, count=3, device_id=33).bits[:3] == [True, True, False]
        assert client.read_discrete_inputs(0, count=14, device_id=33).bits[:1] == [False]


def test_pymodbus_walks_a_chain_and_writes_by_function_16_only(process: HouseProcess) -> None:
    with ModbusSerialClient(process.ports["rtu"], baudrate=19_200, timeout=0.5, retries=0) as client:
        assert client.read_holding_registers(40000, count=124, device_id=5).registers[-2:] == [0xFFFF, 0]
        assert not client.write_registers(102, [1500], device_id=4).isError()
        assert client.write_register(102, 1500, device_id=4).exception_code == 1


MBPOLL = shutil.which("mbpoll")
SPEED = ["-m", "rtu", "-b", "19200", "-P", "none", "-0", "-1", "-o", "0.5"]


@pytest.mark.skipif(MBPOLL is None, reason="mbpoll is not installed")
@pytest.mark.parametrize(
    ("question", "values", "said"),
    [
        (["-a", "5", "-r", "40000", "-c", "2"], [], "21365"),
        (["-a", "1", "-t", "3:float", "-B", "-r", "70", "-c", "1"], [], "50"),
        (["-a", "33", "-t", "0", "-r", "0", "-c", "2"], [], "[1]: \t1"),
        (["-a", "33", "-t", "1", "-r", "0", "-c", "14"], [], "[13]: \t0"),
        (["-a", "2", "-r", "1000"], ["9"], "Written 1 references."),
        (["-a", "33", "-t", "0", "-r", "6"], ["1"], "Written 1 references."),
        (["-a", "1", "-t", "3", "-r", "1", "-c", "2"], [], "Illegal data address"),
        (["-a", "2", "-r", "1000"], ["3"], "Illegal data value"),
        (["-a", "9", "-r", "0"], [], "Connection timed out"),
    ],
)
def test_mbpoll_reads_writes_and_is_refused(
    process: HouseProcess, question: list[str], values: list[str], said: str
) -> None:
    assert MBPOLL is not None
    line = [MBPOLL, *SPEED, *question, process.ports["rtu"], *values]
    done = subprocess.run(line, capture_output=True, text=True, timeout=5, check=False)
    assert said in done.stdout + done.stderr
