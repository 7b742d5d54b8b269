"""Tells the neighbourhood of the door, where it is open for TLS: a service for Avahi, a gap in our firewall.

The service itself speaks no mDNS and may not change a firewall; its unit calls this whenever it has started.
"""

import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from hems_update import durable, service
from hems_update.acts import run
from hems_update.place import Place

NEIGHBOURS = Path("/etc/avahi/services/hems.service")
FIREWALL = Path("/etc/nftables.conf")
TRIES = 10


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The files of the system that are concerned."""

    neighbours: Path = NEIGHBOURS
    firewall: Path = FIREWALL


def tell(place: Place, installation: Path, around: Surroundings) -> None:
    """Let both files say what the installation says; what has not changed is not written."""
    port = tls_port(installation)
    greeting = _greeting(place) if port else {}
    if around.neighbours.parent.is_dir():
        _lay(around.neighbours, card(greeting, port) if port and greeting else "")
    folder = place.root / "nftables"
    if not folder.is_dir() or not _is_ours(around.firewall, folder):
        return
    if _lay(folder / "door.nft", gap(port) if port else ""):
        run(("nft", "-f", str(around.firewall)))


def tls_port(installation: Path) -> int:
    """Where the door is open for everybody who logs in; 0 = nowhere."""
    try:
        told = tomllib.loads(installation.read_text(encoding="utf-8"))
        return int(str(told.get("api", {}).get("tls", "")).rpartition(":")[2] or 0)
    except (OSError, ValueError, AttributeError):
        return 0


def card(greeting: Mapping[str, Any], port: int) -> str:
    """The service as Avahi reads it."""
    name = escape(str(greeting["name"]))
    told = {
        "uuid": greeting["uuid"],
        "name": greeting["name"],
        "serverVersion": greeting["version"],
        "jsonrpcVersion": greeting["protocol version"],
        "manufacturer": "hems",
        "sslEnabled": "true",
    }
    rows = "".join(f"<txt-record>{escape(f'{key}={value}')}</txt-record>" for key, value in told.items())
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE service-group SYSTEM "avahi-service.dtd">\n'
        f"<service-group><name>{name}</name>"
        f"<service><type>_jsonrpc._tcp</type><port>{port}</port>{rows}</service></service-group>\n"
    )


def gap(port: int) -> str:
    """The rule that lets them in, a few at a time."""
    few = "limit rate 60/minute burst 32 packets"
    return f"add rule inet hems input tcp dport {port} ct state new {few} accept\n"


def _greeting(place: Place) -> dict[str, Any]:
    """Who answers at the door, once it does; empty if nobody does in time."""
    for _ in range(TRIES):
        if greeting := service.greet(place.socket):
            return greeting
        time.sleep(service.AGAIN_AFTER_S)
    return {}


def _is_ours(firewall: Path, folder: Path) -> bool:
    """Whether the machine's firewall is the one that includes our folder."""
    try:
        return f'include "{folder}/' in firewall.read_text(encoding="utf-8")
    except OSError:
        return False


def _lay(file: Path, text: str) -> bool:
    """Let a file hold this ("" = not be there); whether that changed anything."""
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    if text == before:
        return False
    if text:
        durable.write(file, text.encode())
    else:
        file.unlink()
    return True
