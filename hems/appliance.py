"""The machine that this runs on and the program it runs: addresses, keys, versions, why it started.

Small files of the kernel and of the system are read at the start and once a minute; nothing is asked of a
network. What cannot be read is not known, and nobody guesses it.
"""

import base64
import fcntl
import hashlib
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any, Final

from hems import __version__
from hems.model.instant import Instant
from hems.model.loop import Clock, Loop
from hems.model.surroundings import Appliance, Network, Release

EVERY_S: Final = 60.0
SIOCGIFADDR: Final = 0x8915
"""The request for an interface's address (linux/sockios.h)."""
REQUEST_BYTES: Final = 40
ADDRESS_AT: Final = 20
SSH_LISTENS: Final = ":0016"
"""Port 22 in the kernel's table of sockets."""
LISTENING: Final = "0A"
LOOPBACK: Final = "lo"
COMMIT: Final = Path(__file__).with_name("commit.txt")
"""What the program was made from; only a bundle has it."""
HOST_KEYS: Final = ("var/lib/hems-system/ssh/ssh_host_ed25519_key.pub", "etc/ssh/ssh_host_ed25519_key.pub")
"""Where the host key lies: beside the memory on our own card, else where every system has it."""

Entry = Mapping[str, Any]
STARTS: Final = {"stopped": "stopped", "booted": "cut", None: "first start"}
"""Why the service starts, by the last thing that it noted before."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the journal's list of events tells of former runs.

    `since` is the first start of this version, `starts` how often it has started before. `open_alarms` have
    not been cleared, with their times.
    """

    started_by: str = STARTS[None]
    previous: str = ""
    since: datetime | None = None
    starts: int = 0
    open_alarms: Mapping[str, datetime | None] = field(default_factory=dict)


def record(events: Sequence[Entry], version: str) -> Record:
    """The record of a list of events, oldest first."""
    marks = [entry for entry in events if entry.get("kind") in ("booted", "stopped")]
    boots = [entry for entry in marks if entry["kind"] == "booted" and entry.get("software")]
    others = [str(entry["software"]) for entry in boots if entry["software"] != version]
    begun = len(boots)
    while begun and boots[begun - 1]["software"] == version:
        begun -= 1
    mine = boots[begun:]
    raised = [entry for entry in events if entry.get("kind") == "alarm_raised" and "cleared" not in entry]
    return Record(
        STARTS[str(marks[-1]["kind"]) if marks else None],
        others[-1] if others else "",
        _time(mine[0].get("time")) if mine else None,
        len(mine),
        {str(entry["key"]): _time(entry.get("time")) for entry in raised if entry.get("key")},
    )


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


class Machine:
    """Tells how the appliance stands; looks around at the start and once a minute."""

    def __init__(self, loop: Loop, clock: Clock, past: Record, root: Path = Path("/")) -> None:
        self._loop = loop
        self._clock = clock
        self._past = past
        self._root = root
        self._began_s = clock.mono_s()
        self._told = self._seen()
        self._timer = loop.call_at(self._began_s + EVERY_S, self._again)

    def close(self) -> None:
        """Look no more."""
        self._timer.cancel()

    def __call__(self, now: Instant) -> Appliance:
        """What was seen last, as of now."""
        since = self._past.since
        proven_s = (now.wall - since).total_seconds() if since is not None and now.trusted else None
        return replace(
            self._told,
            uptime_s=now.mono_s - self._began_s,
            proven_s=max(0.0, proven_s) if proven_s is not None else None,
            clock="network" if now.trusted else "nobody",
        )

    def _again(self) -> None:
        self._told = self._seen()
        self._timer = self._loop.call_at(self._clock.mono_s() + EVERY_S, self._again)

    def _seen(self) -> Appliance:
        past = self._past
        return Appliance(
            running=Release(__version__, slot(_read(self._root / "proc/cmdline")), _read(COMMIT).strip()),
            previous=Release(past.previous) if past.previous else None,
            restarts=past.starts,
            started_by=past.started_by,
            serial=_read(self._root / "sys/firmware/devicetree/base/serial-number").strip("\0 \n"),
            network=self._network(),
        )

    def _network(self) -> Network:
        tables = (_read(self._root / f"proc/net/{table}") for table in ("tcp", "tcp6"))
        key = next(filter(None, (_read(self._root / name) for name in HOST_KEYS)), "")
        return Network(
            addresses=merged(plain_addresses(), six(_read(self._root / "proc/net/if_inet6"))),
            name=f"{socket.gethostname()}.local",
            ssh=any(listens(table) for table in tables),
            host_key=fingerprint(key),
        )


def _read(path: Path) -> str:
    """A small file; empty if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def slot(command_line: str) -> str:
    """The letter of the system that runs, by the kernel's command line; "" where there are no slots."""
    words = dict(word.partition("=")[::2] for word in command_line.split())
    return words.get("hems.slot", "").upper()


def fingerprint(key: str) -> str:
    """The SHA-256 of a host key as people compare it; "" for no key."""
    parts = key.split()
    if len(parts) < 2:
        return ""
    try:
        digest = hashlib.sha256(base64.b64decode(parts[1], validate=True)).digest()
    except ValueError:
        return ""
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def listens(table: str) -> bool:
    """Whether somebody listens on port 22, by the kernel's table of sockets."""
    rows = (row.split() for row in table.splitlines()[1:])
    return any(len(row) > 3 and row[1].endswith(SSH_LISTENS) and row[3] == LISTENING for row in rows)


def six(table: str) -> dict[str, tuple[str, ...]]:
    """The IPv6 addresses of each interface, by the kernel's table, without those of this machine alone."""
    found: dict[str, tuple[str, ...]] = {}
    for row in (line.split() for line in table.splitlines()):
        if len(row) == 6 and row[5] != LOOPBACK and len(row[0]) == 32:
            address = str(IPv6Address(int(row[0], 16)))
            found[row[5]] = (*found.get(row[5], ()), address)
    return found


def plain_addresses() -> dict[str, tuple[str, ...]]:
    """The IPv4 address of each interface that has one."""
    found: dict[str, tuple[str, ...]] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            request = struct.pack(f"{REQUEST_BYTES}s", name.encode()[:15])
            try:
                answer = fcntl.ioctl(asking.fileno(), SIOCGIFADDR, request)
            except OSError:
                continue
            if name != LOOPBACK:
                found[name] = (socket.inet_ntoa(answer[ADDRESS_AT : ADDRESS_AT + 4]),)
    return found


def merged(
    plain: Mapping[str, tuple[str, ...]], more: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """All addresses of each interface, the plain ones first."""
    return {name: (*plain.get(name, ()), *more.get(name, ())) for name in sorted({*plain, *more})}
