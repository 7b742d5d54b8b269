"""Clients of the door in a process of their own, good ones and bad ones; ``python -m tests.bench.callers``.

Arguments are what to be, the Unix socket, the TLS port and for how many seconds. What a good one measured is
one JSON line at the end.
"""

import json
import select
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Final

HELLO: Final = b'{"id":0,"method":"JSONRPC.Hello"}\n'
ALL: Final = b'{"id":1,"method":"JSONRPC.SetNotificationStatus","params":{"enabled":true}}\n'
READ: Final = b'{"id":2,"method":"Energy.GetPowerBalance"}\n'
INTROSPECT: Final = b'{"id":3,"method":"JSONRPC.Introspect"}\n'
LOGIN: Final = (
    b'{"id":4,"method":"JSONRPC.Authenticate","params":{"username":"boss","password":"x","deviceName":"y"}}\n'
)
LONGEST: Final = (
    b'{"id":5,"method":"Energy.GetPowerBalanceLogs","params":{"sampleRate":"SampleRate15Mins","from":0}}\n'
)
MOVE: Final = b'{"id":6,"method":"Hems.SetMode","params":{"charger":"garage","mode":"surplus"}}\n'
SLOTS: Final = 700


def prices() -> bytes:
    """The largest PutPrices that fits."""
    begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    times = [(begin + timedelta(minutes=15 * i)).isoformat() for i in range(SLOTS + 1)]
    slots = [{"start": times[i], "end": times[i + 1], "price_eur_kwh": 0.1} for i in range(SLOTS)]
    params = {"provider": "awattar-de", "slots": slots}
    return json.dumps({"id": 7, "method": "Hems.PutPrices", "params": params}).encode() + b"\n"


def connected(path: str) -> socket.socket:
    """A connection that has said hello and never waits."""
    made = socket.socket(socket.AF_UNIX)
    made.connect(path)
    made.sendall(HELLO)
    made.setblocking(False)
    return made


def flood(path: str, data: Callable[[], bytes], ends_s: float, *, read: bool = True, each: int = 0) -> None:
    """Send without pause over a connection that is made anew when it is closed."""
    while time.monotonic() < ends_s:
        with suppress(OSError), connected(path) as client:
            client.settimeout(0.2)
            waiting = b""
            while time.monotonic() < ends_s:
                if not waiting:
                    waiting = data()
                readable, writable, _ = select.select([client] if read else [], [client], [], 0.2)
                if readable and not client.recv(1 << 18):
                    break
                if writable:
                    sent = client.send(waiting[: each or len(waiting)])
                    waiting = waiting[sent:]


def crowd(path: str, data: bytes, count: int, ends_s: float) -> None:
    """Many clients that each send this again and again, and read."""
    clients = []
    for _ in range(count):
        with suppress(OSError):
            clients.append(connected(path))
    while time.monotonic() < ends_s and clients:
        readable, writable, _ = select.select(clients, clients, [], 0.2)
        for client in readable:
            with suppress(OSError):
                client.recv(1 << 18)
        for client in writable:
            with suppress(OSError):
                client.send(data)


def polite(path: str, ends_s: float, pause_s: float) -> None:
    """Ask, wait for the answer, rest; the times of all answers in milliseconds."""
    client = connected(path)
    client.setblocking(True)
    reader = client.makefile("rb")
    reader.readline()
    taken_ms = []
    while time.monotonic() < ends_s:
        began_s = time.monotonic()
        client.sendall(READ)
        reader.readline()
        taken_ms.append((time.monotonic() - began_s) * 1000)
        time.sleep(pause_s)
    print(json.dumps(sorted(taken_ms)))


def listening(path: str, ends_s: float, count: int = 20) -> None:
    """Clients that hear everything; how many lines they heard."""
    clients = [connected(path) for _ in range(count)]
    for client in clients:
        client.sendall(ALL)
    lines = 0
    while time.monotonic() < ends_s:
        readable, _, _ = select.select(clients, [], [], 0.2)
        lines += sum(client.recv(1 << 18).count(b"\n") for client in readable)
    print(json.dumps([lines]))


def knocking(port: int, ends_s: float, data: bytes, per_s: float) -> None:
    """So many connections a second to the TLS port, each with a few bytes."""
    clients: list[socket.socket] = []
    while time.monotonic() < ends_s:
        with suppress(OSError):
            client = socket.create_connection(("127.0.0.1", port), 0.2)
            client.sendall(data)
            clients.append(client)
        if len(clients) > 40:
            clients.pop(0).close()
        time.sleep(1 / per_s)


def small() -> Iterator[bytes]:
    """A request, byte by byte."""
    for byte in cycle(READ):
        yield bytes((byte,))


def main() -> None:
    """Be what was asked for."""
    what, path, port, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    ends_s = time.monotonic() + seconds
    largest, byte = prices(), small()
    deep = b'{"a":' * 31 + b"["
    bad: dict[str, Callable[[], None]] = {
        "letters": lambda: flood(path, lambda: b"a" * 1_048_576, ends_s),
        "braces": lambda: flood(path, lambda: b"{" * 1_048_576, ends_s),
        "pairs": lambda: flood(path, lambda: b'{"a":[' + b"{}," * 30_000, ends_s),
        "nesting": lambda: flood(path, lambda: deep * 100_000, ends_s),
        "bytes": lambda: flood(path, lambda: next(byte), ends_s, each=1),
        "introspect": lambda: flood(path, lambda: INTROSPECT * 10_000, ends_s),
        "never reading": lambda: flood(path, lambda: INTROSPECT * 100, ends_s, read=False),
        "connects": lambda: knocking(port, ends_s, b"", 200),
        "half handshakes": lambda: knocking(port, ends_s, b"\x16\x03\x01\x02\x00\x01\x00", 50),
        "logins": lambda: flood(path, lambda: LOGIN, ends_s),
        "prices": lambda: flood(path, lambda: largest, ends_s),
        "log range": lambda: flood(path, lambda: LONGEST, ends_s),
        "intents": lambda: crowd(path, MOVE * 8, 8, ends_s),
        "31 of them": lambda: crowd(path, READ * 50, 31, ends_s),
        "31 with prices": lambda: crowd(path, largest, 31, ends_s),
        "polite": lambda: polite(path, ends_s, 0.007),
        "listening": lambda: listening(path, ends_s),
    }
    bad[what]()


if __name__ == "__main__":
    main()
