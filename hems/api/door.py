"""The door without its sockets: connections and bytes in, bytes and partings out (API-3, API-14, API-62).

What comes from a client is cut into requests and put into its queue; `work` answers one request at a time,
the clients in turn, so that whoever turns the loop decides how much time the door may have. Verdicts, logins
and keys arrive by calls from elsewhere; they are noted, `wake` is called, and `work` sends what they mean.
"""

import logging
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Final

from hems.api.answers import Answers
from hems.api.client_state import Client
from hems.api.codec import Heard
from hems.api.house import House
from hems.api.limits import Limits
from hems.api.publishing import Publisher
from hems.api.reception import Reception
from hems.api.rows import News, Transport
from hems.api.sending import Act, Outgoing
from hems.api.table import Table
from hems.model.instant import Instant
from hems.model.surroundings import DoorHealth
from hems.model.view import View

log = logging.getLogger(__name__)

PICTURE_S: Final = 0.1
"""Pictures of the panel go out no more often (API-113)."""

LOOPBACK: Final = ("127.", "::/")
"""How peers on this machine begin, as they are counted."""


class Door:
    """All clients and what they wait for."""

    def __init__(
        self, table: Table, house: House, wake: Callable[[], None], limits: Limits | None = None
    ) -> None:
        self.clients: dict[int, Client] = {}
        self._limits = limits or Limits()
        self._house = house
        self._wake = wake
        self._outgoing = Outgoing()
        self._publisher = Publisher(table, house)
        self._reception = Reception(table, house, self.clients, self._outgoing, self._publisher, wake)
        self._answers = Answers(
            table, house, self._limits, self.clients, self._reception, self._publisher, self._outgoing, wake
        )
        self._numbers = count(1)
        self._turn: deque[int] = deque()
        self._shakes: deque[float] = deque()
        self._view: View | None = None
        self._dropped = 0
        self._pictured = False
        self._pictured_mono_s = float("-inf")

    def accept(self, transport: Transport, address: str, now: Instant, words: str = "") -> int | None:
        """A new connection's number, or ``None``: there is no place for it, or its peer is locked out.

        `address` is the peer's IP address, `words` say who that is for the log.
        """
        stage: Final = "shaking" if transport == "tls" else "silent"
        client = Client(next(self._numbers), transport, address, words, now.mono_s, self._limits, stage=stage)
        if not self._has_place(client) or self._reception.locked(client, now.mono_s):
            self._dropped += 1
            return None
        if stage == "shaking" and not self._may_shake(now.mono_s):
            self._dropped += 1
            return None
        self.clients[client.number] = client
        log.info("client %d by %s: %s", client.number, transport, words or address)
        return client.number

    def secured(self, number: int, now: Instant) -> None:
        """The connection is encrypted from now on."""
        if number in self.clients:
            self.clients[number].enter("silent", now.mono_s)

    def receive(self, number: int, data: bytes, now: Instant) -> list[Act]:
        """Bytes of a client; the requests in them wait for `work`."""
        client = self.clients.get(number)
        if client is None:
            return []
        self._outgoing.now_mono_s = now.mono_s
        self._queue(client, client.scanner.feed(data, now.mono_s))
        if client.scanner.unfinished_bytes > self._limits.unfinished_bytes:
            self._drop(client)
        return self._outgoing.take()

    def hungry(self, number: int) -> bool:
        """Whether a client is to be read from: it has been answered and takes what it is sent."""
        client = self.clients.get(number)
        return client is not None and not client.queue and not client.deaf and client.busy is None

    @property
    def waiting(self) -> bool:
        """Whether there is anything for `work`."""
        return bool(self._turn or self._answers.ready)

    def work(self, now: Instant) -> list[Act]:
        """Tell one outcome, or answer one request of the client whose turn it is."""
        self._outgoing.now_mono_s = now.mono_s
        if self._answers.ready:
            self._answers.ready.popleft()()
        elif self._turn:
            client = self.clients.get(self._turn.popleft())
            if client is not None and _may_be_answered(client):
                self._answered(client, now)
                self._line_up(client)
        self._settle(now)
        return self._outgoing.take()

    def _answered(self, client: Client, now: Instant) -> None:
        """One packet; what nobody foresaw costs the client that sent it its connection, and nobody else."""
        try:
            self._answers.answer(client, client.queue.popleft(), self._view, now)
        except Exception:
            log.exception("client %d sent what could not be answered", client.number)
            client.doomed = True

    def show(self, view: View, now: Instant) -> list[Act]:
        """What has changed since the last view, each client's in one piece."""
        self._outgoing.now_mono_s = now.mono_s
        self._view = view
        self._reception.refresh()
        self._tell(self._publisher.changes(view, self.clients.values()))
        self._settle(now)
        return self._outgoing.take()

    def pictured(self) -> None:
        """The panel shows a new picture."""
        if any(client.follows for client in self.clients.values()):
            self._pictured = True
            self._wake()

    def tick(self, now: Instant) -> list[Act]:
        """Everything that is due by now: stages, stalled packets, slow readers, answers, pictures."""
        self._outgoing.now_mono_s = now.mono_s
        for client in tuple(self.clients.values()):
            if client.ends_mono_s is not None and client.ends_mono_s <= now.mono_s:
                self._drop(client)
                continue
            if client.backlog and client.taken_mono_s + self._limits.backlog_s <= now.mono_s:
                self._drop(client, at_once=True)
                continue
            self._queue(client, client.scanner.feed(b"", now.mono_s))
        self._answers.expire(now.mono_s)
        for client in self.clients.values():
            self._line_up(client)
        if self._pictured and self._pictured_mono_s + PICTURE_S <= now.mono_s:
            self._send_picture(now)
        self._settle(now)
        return self._outgoing.take()

    @property
    def due_mono_s(self) -> float | None:
        """When `tick` has something to do."""
        return min(self._dues(), default=None)

    def left(self, number: int, unsent_bytes: int, now: Instant) -> list[Act]:
        """How much of what a client was sent it has not taken yet."""
        client = self.clients.get(number)
        if client is None:
            return []
        if unsent_bytes < client.backlog:
            client.taken_mono_s = now.mono_s
        client.backlog = unsent_bytes
        if unsent_bytes > self._limits.backlog_bytes:
            self._drop(client, at_once=True)
        else:
            self._line_up(client)
        return self._outgoing.take()

    def gone(self, number: int) -> None:
        """A client has hung up, or its connection is broken."""
        client = self.clients.pop(number, None)
        if client is not None:
            self._forget(client)

    def health(self) -> DoorHealth:
        """How many clients there are, were dropped, and wait."""
        return DoorHealth(len(self.clients), self._dropped, self._answers.tickets.pending)

    def _has_place(self, client: Client) -> bool:
        others = self.clients.values()
        if len(others) >= self._limits.clients:
            return False
        if client.transport == "unix":
            return True
        if sum(other.transport != "unix" for other in others) >= self._limits.remote:
            return False
        here = sum(other.peer == client.peer for other in others)
        if not client.peer.startswith(LOOPBACK) and here >= self._limits.each:
            return False
        strangers = sum(other.login and other.stage != "served" for other in others)
        return not client.login or strangers < self._limits.strangers

    def _may_shake(self, now_mono_s: float) -> bool:
        while self._shakes and self._shakes[0] <= now_mono_s - 1.0:
            self._shakes.popleft()
        if len(self._shakes) >= self._limits.shakes_per_s:
            return False
        self._shakes.append(now_mono_s)
        return True

    def _queue(self, client: Client, heard: tuple[Heard, ...]) -> None:
        client.queue.extend(heard)
        self._line_up(client)

    def _line_up(self, client: Client) -> None:
        if _may_be_answered(client) and client.number not in self._turn:
            self._turn.append(client.number)
            self._wake()

    def _tell(self, news: Iterable[News]) -> None:
        for number, lines in self._publisher.lines(news, tuple(self.clients.values())).items():
            self._outgoing.send(self.clients[number], b"".join(lines))

    def _settle(self, now: Instant) -> None:
        self._reception.settle(now)
        self._tell(self._publisher.own())
        for client in tuple(self.clients.values()):
            if client.doomed:
                self._drop(client)

    def _drop(self, client: Client, *, at_once: bool = False) -> None:
        del self.clients[client.number]
        self._dropped += 1
        self._outgoing.close(client, at_once=at_once)
        self._forget(client)

    def _forget(self, client: Client) -> None:
        if client.busy is not None:
            client.busy()
        self._reception.left(client)

    def _send_picture(self, now: Instant) -> None:
        assert self._house.screen is not None
        self._pictured, self._pictured_mono_s = False, now.mono_s
        sequence, frame = self._house.screen.frame()
        following = [
            client
            for client in self.clients.values()
            if client.follows
            and not client.scopes.isdisjoint({"Admin", "ControlThings"})
            and client.backlog <= self._limits.snapshot_bytes
        ]
        params = {"sequence": sequence, "frame": b64encode(frame).decode()}
        line = self._publisher.line("Hems", "ScreenChanged", params)
        for client in following:
            self._outgoing.send(client, line)

    def _dues(self) -> Iterator[float]:
        for client in self.clients.values():
            if client.ends_mono_s is not None:
                yield client.ends_mono_s
            if client.scanner.due_mono_s is not None:
                yield client.scanner.due_mono_s
            if client.backlog:
                yield client.taken_mono_s + self._limits.backlog_s
        if self._answers.tickets.due_mono_s is not None:
            yield self._answers.tickets.due_mono_s
        if self._pictured:
            yield self._pictured_mono_s + PICTURE_S


def _may_be_answered(client: Client) -> bool:
    return bool(client.queue) and not client.deaf and client.busy is None
