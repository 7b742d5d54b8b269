"""Where a door listens: an address and a port, as they are written in the installation file."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

WRITTEN: Final = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An IP address and a TCP port; an IPv6 address has no brackets here."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return ip_address(self.host).is_loopback

    @property
    def six(self) -> bool:
        """Whether it is an IPv6 address."""
        return ":" in self.host


def endpoint(text: str) -> Endpoint | None:
    """What ``127.0.0.1:2223`` or ``[::]:2222`` means; ``None`` if it means nothing, or port 0."""
    written = WRITTEN.fullmatch(text)
    if written is None:
        return None
    host, port = written[1] or written[2], int(written[3])
    try:
        ip_address(host)
    except ValueError:
        return None
    return Endpoint(host, port) if 0 < port < 65536 else None
