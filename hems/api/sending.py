"""What the door wants done with its connections: bytes to be sent, and partings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hems.api.client_state import Client
from hems.api.codec import encode


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes for a client."""

    client: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """The end of a connection, once the client has taken what it was sent, or `at_once`."""

    client: int
    at_once: bool = False


Act = Send | Close


class Outgoing:
    """Gathers acts until they are taken; `now_mono_s` is the moment in which they are made."""

    def __init__(self) -> None:
        self.now_mono_s = 0.0
        self._acts: list[Act] = []

    def send(self, client: Client, data: bytes) -> None:
        """Add to a client's backlog, which begins to age when there was none."""
        if client.backlog == 0:
            client.taken_mono_s = self.now_mono_s
        client.backlog += len(data)
        self._acts.append(Send(client.number, data))

    def tell(self, client: Client, record: Mapping[str, Any]) -> None:
        """Send one record."""
        self.send(client, encode(record))

    def close(self, client: Client, *, at_once: bool = False) -> None:
        """End a connection."""
        self._acts.append(Close(client.number, at_once))

    def take(self) -> list[Act]:
        """All since the last time."""
        taken, self._acts = self._acts, []
        return taken
