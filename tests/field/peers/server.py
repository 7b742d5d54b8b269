"""A pymodbus server on a serial port: server.py PORT rtu|ascii UNIT; the registers of the libmodbus slave."""

import asyncio
import sys

from pymodbus import FramerType
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice


async def serve(port: str, framing: str, unit: int) -> None:
    """Serve until killed."""
    words = [1000 + i for i in range(100)]
    bits = [bool(i % 2) for i in range(96)]
    device = SimDevice(
        unit,
        simdata=(
            [SimData(0, values=bits, datatype=DataType.BITS)],
            [SimData(0, values=bits, datatype=DataType.BITS)],
            [SimData(0, values=words, datatype=DataType.REGISTERS)],
            [SimData(0, values=words, datatype=DataType.REGISTERS)],
        ),
    )
    framer = FramerType.RTU if framing == "rtu" else FramerType.ASCII
    server = ModbusSerialServer(
        [device], framer=framer, port=port, baudrate=9600, ignore_missing_devices=True
    )
    await server.serve_forever(background=True)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], int(sys.argv[3])))
