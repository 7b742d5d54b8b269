"""Who has knocked wrongly of late: two tries in three seconds for each peer, and no try more. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

LOCK_S: Final = 3.0
PEERS_MAX: Final = 256
"""More peers than this in three seconds: those that are free again first are forgotten."""

NETWORK_BITS: Final = 64
"""Of an IPv6 address: whoever has one has all the others of its network."""


@dataclass(frozen=True, slots=True)
class Lockdown:
    """Until when each peer is locked, in monotonic seconds."""

    until_mono_s: Mapping[str, float] = field(default_factory=dict)


def peer_of(address: str) -> str:
    """The peer that an address is counted as, "" (never locked) for one that is no IP address.

    An IPv4 address is one peer however it is written, an IPv6 address stands for its network.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), NETWORK_BITS), strict=False))


def locked(lockdown: Lockdown, peer: str, now_mono_s: float) -> bool:
    """Whether a new connection of this peer is refused."""
    return now_mono_s < lockdown.until_mono_s.get(peer, now_mono_s)


def bad(lockdown: Lockdown, peer: str, now_mono_s: float) -> tuple[Lockdown, bool]:
    """A bad authentication of this peer, and whether it is dropped for it: it was locked already."""
    if not peer:
        return lockdown, False
    drop = locked(lockdown, peer, now_mono_s)
    lasting = [
        (until_mono_s, other)
        for other, until_mono_s in lockdown.until_mono_s.items()
        if other != peer and now_mono_s < until_mono_s
    ]
    newest = sorted(lasting)[-(PEERS_MAX - 1) :]
    until = {other: until_mono_s for until_mono_s, other in newest}
    return Lockdown({**until, peer: now_mono_s + LOCK_S}), drop
