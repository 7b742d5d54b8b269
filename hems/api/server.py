"""The door's sockets on the loop; the only file that moves its bytes (API-14).

A descriptor that has bytes only marks its connection. All work is done in one timer of the same turn: pieces
are read and requests answered, one after the other, until nothing is left or the turn's time is used up.
"""

import logging
import socket
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final

from hems.api.connection import Connection
from hems.api.door import Door
from hems.api.limits import Limits
from hems.api.sending import Act, Send
from hems.api.sockets import Listener, prepare
from hems.api.tls import Parted, Tunnel
from hems.model.instant import Instant
from hems.model.loop import Clock, Loop, Timer
from hems.model.surroundings import DoorHealth
from hems.model.view import View

log = logging.getLogger(__name__)

BREATH_S: Final = 1.0
"""A listener that cannot take a connection (no descriptors left) tries again after so long."""

MOST_FAREWELLS: Final = 16


class Server:
    """Serves a door. A fault of its own closes it and nothing else; `words` say what is closed and why."""

    def __init__(
        self,
        loop: Loop,
        clock: Clock,
        make_door: Callable[[Callable[[], None]], Door],
        listeners: Sequence[Listener],
        *,
        tls: ssl.SSLContext | None = None,
        limits: Limits | None = None,
        words: str = "",
    ) -> None:
        self.words = words
        self._loop = loop
        self._clock = clock
        self._limits = limits or Limits()
        self._listeners = list(listeners)
        self._tls = tls
        self._connections: dict[int, Connection] = {}
        self._readers: deque[Connection] = deque()
        self._farewells: dict[Connection, Timer] = {}
        self._work_timer: Timer | None = None
        self._tick_timer: Timer | None = None
        self._tick_mono_s: float | None = None
        self._longest_s = 0.0
        self._door = make_door(self._wake)
        for listener in self._listeners:
            self._listen(listener)

    def show(self, view: View) -> None:
        """A new page: whoever listens hears what has changed."""

        def shown() -> None:
            self._perform(self._door.show(view, self._clock.now()))
            self._arrange_tick()

        self._guarded(shown)()

    def pictured(self) -> None:
        """The panel shows a new picture."""
        self._door.pictured()

    def health(self) -> DoorHealth:
        """The door's health."""
        return replace(self._door.health(), longest_ms=self._longest_s * 1000, words=self.words)

    def close(self) -> None:
        """Hang up on everybody."""
        for timer in (self._work_timer, self._tick_timer, *self._farewells.values()):
            if timer is not None:
                timer.cancel()
        for listener in self._listeners:
            self._loop.forget(listener.socket.fileno())
            listener.close()
        for connection in (*self._connections.values(), *self._farewells):
            self._loop.forget(connection.descriptor)
            connection.close()
        self._listeners.clear()
        self._connections.clear()
        self._farewells.clear()

    def _guarded(self, call: Callable[[], None]) -> Callable[[], None]:
        """The loop must go on, whatever happens here."""

        def guarded() -> None:
            try:
                call()
            except Exception:
                log.exception("the door failed and is closed")
                self.words = "closed after a fault of its own"
                self.close()

        return guarded

    def _listen(self, listener: Listener) -> None:
        if listener in self._listeners:
            self._loop.watch(listener.socket.fileno(), self._guarded(partial(self._accept, listener)))

    def _accept(self, listener: Listener) -> None:
        for _ in range(self._limits.accepted_per_turn):
            try:
                peer, _ = listener.socket.accept()
            except BlockingIOError:
                break
            except OSError as error:
                log.warning("no connection can be taken: %s", error.strerror)
                self._loop.forget(listener.socket.fileno())
                again = self._guarded(partial(self._listen, listener))
                self._loop.call_at(self._clock.mono_s() + BREATH_S, again)
                break
            try:
                address, words = prepare(peer, listener.transport)
            except OSError:
                peer.close()
                continue
            self._admit(listener, peer, address, words)
        self._arrange_tick()

    def _admit(self, listener: Listener, peer: socket.socket, address: str, words: str) -> None:
        number = self._door.accept(listener.transport, address, self._clock.now(), words)
        if number is None:
            peer.close()
            return
        tunnel = Tunnel(self._tls) if listener.transport == "tls" and self._tls else None
        connection = self._connections[number] = Connection(number, peer, tunnel)
        self._watch(connection)

    def _watch(self, connection: Connection) -> None:
        """Read from it or not, and wait for room if something waits to be sent."""
        hungry = self._door.hungry(connection.number)
        if hungry and not connection.watched:
            self._loop.watch(connection.descriptor, self._guarded(partial(self._has_bytes, connection)))
            if connection.unread or connection.ready:
                self._has_bytes(connection)
        elif connection.watched and not hungry:
            self._loop.forget(connection.descriptor)
        connection.watched = hungry
        if connection.unsent_bytes:
            self._loop.watch_room(connection.descriptor, self._guarded(partial(self._has_room, connection)))

    def _has_bytes(self, connection: Connection) -> None:
        connection.ready = True
        if connection not in self._readers:
            self._readers.append(connection)
        self._wake()

    def _has_room(self, connection: Connection) -> None:
        try:
            connection.flush()
        except Parted:
            self._lost(connection)
            return
        unsent = connection.unsent_bytes
        self._perform(self._door.left(connection.number, unsent, self._clock.now()))
        if connection.number in self._connections:
            self._watch(connection)
        self._arrange_tick()

    def _wake(self) -> None:
        """There is work; it is done at the end of this turn or in the next."""
        if self._work_timer is None:
            self._work_timer = self._loop.call_at(self._clock.mono_s(), self._guarded(self._work))

    def _work(self) -> None:
        now = self._clock.now()
        ends_mono_s = now.mono_s + self._limits.turn_s
        for connection in self._connections.values():
            connection.turn_bytes = 0
        while self._step(now) and self._clock.mono_s() < ends_mono_s:
            pass
        self._work_timer = None
        for connection in tuple(self._connections.values()):
            self._watch(connection)
        if self._door.waiting or self._readers:
            self._wake()
        self._arrange_tick()
        self._longest_s = max(self._longest_s, self._clock.mono_s() - now.mono_s)

    def _step(self, now: Instant) -> bool:
        """Answer one request and read one piece; false if there was nothing to do."""
        waiting = self._door.waiting
        if waiting:
            self._perform(self._door.work(now))
        connection = self._next_reader()
        if connection is not None:
            self._read(connection, now)
        return waiting or connection is not None

    def _next_reader(self) -> Connection | None:
        """Whose turn it is to be read; whoever has had enough for this turn keeps waiting."""
        for _ in range(len(self._readers)):
            connection = self._readers.popleft()
            if connection.number not in self._connections or not self._door.hungry(connection.number):
                continue
            if connection.turn_bytes < self._limits.read_bytes:
                return connection
            self._readers.append(connection)
        return None

    def _read(self, connection: Connection, now: Instant) -> None:
        shaking = not connection.secured
        try:
            data = connection.take(self._limits.piece_bytes)
        except Parted:
            self._lost(connection)
            return
        if shaking and connection.secured:
            self._door.secured(connection.number, now)
        if data:
            self._perform(self._door.receive(connection.number, data, now))
        if connection.ready or connection.unread:
            self._readers.append(connection)

    def _perform(self, acts: Sequence[Act]) -> None:
        todo = deque(acts)
        while todo:
            act = todo.popleft()
            connection = self._connections.get(act.client)
            if connection is None:
                continue
            if isinstance(act, Send):
                try:
                    connection.send(act.data)
                except Parted:
                    self._lost(connection)
                    continue
                left = self._door.left(connection.number, connection.unsent_bytes, self._clock.now())
                todo.extend(left)
            else:
                self._part(connection, at_once=act.at_once)

    def _part(self, connection: Connection, *, at_once: bool) -> None:
        """Hang up, if need be after the client has taken our last words."""
        del self._connections[connection.number]
        self._loop.forget(connection.descriptor)
        if at_once or not connection.unsent_bytes or len(self._farewells) >= MOST_FAREWELLS:
            connection.close()
            return
        end = self._guarded(partial(self._end, connection))
        self._farewells[connection] = self._loop.call_at(self._clock.mono_s() + self._limits.farewell_s, end)
        self._bid_farewell(connection)

    def _bid_farewell(self, connection: Connection) -> None:
        with suppress(Parted):
            connection.flush()
        if connection.unsent_bytes:
            bid = self._guarded(partial(self._bid_farewell, connection))
            self._loop.watch_room(connection.descriptor, bid)
        else:
            self._end(connection)

    def _end(self, connection: Connection) -> None:
        self._farewells.pop(connection).cancel()
        self._loop.forget(connection.descriptor)
        connection.close()

    def _lost(self, connection: Connection) -> None:
        del self._connections[connection.number]
        self._loop.forget(connection.descriptor)
        connection.close()
        self._door.gone(connection.number)

    def _arrange_tick(self) -> None:
        due_mono_s = self._door.due_mono_s
        if due_mono_s == self._tick_mono_s:
            return
        if self._tick_timer is not None:
            self._tick_timer.cancel()
        self._tick_mono_s, self._tick_timer = due_mono_s, None
        if due_mono_s is not None:
            at_s = max(due_mono_s, self._clock.mono_s())
            self._tick_timer = self._loop.call_at(at_s, self._guarded(self._tick))

    def _tick(self) -> None:
        self._tick_timer = self._tick_mono_s = None
        self._perform(self._door.tick(self._clock.now()))
        for connection in tuple(self._connections.values()):
            self._watch(connection)
        self._arrange_tick()
