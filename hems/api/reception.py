"""Who the door's clients are: greeting, tokens, lockdown, the question at the panel (API-42 to API-44)."""

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

from hems.api import lockdown
from hems.api.access import Login
from hems.api.bell import Bell, Question
from hems.api.client_state import Client
from hems.api.house import House
from hems.api.jsonrpc import CACHED, FINISHED, NAME
from hems.api.publishing import Publisher
from hems.api.sending import Outgoing
from hems.api.table import Table
from hems.model.instant import Instant

log = logging.getLogger(__name__)


class Reception:
    """The door itself as its methods see it (`Desk`).

    What happened outside of a request is only noted, with `wake` called, and done by `settle`.
    """

    def __init__(
        self,
        table: Table,
        house: House,
        clients: Mapping[int, Client],
        outgoing: Outgoing,
        publisher: Publisher,
        wake: Callable[[], None],
    ) -> None:
        self.introspection = table.introspection
        self.names = table.names
        self.aliases = frozenset(table.aliases)
        self.memory = publisher.memory
        self.cached = tuple(table.methods[name] for name in CACHED if name in table.methods)
        self.first_user_needs_button = house.first_user_needs_button
        self._house = house
        self._clients = clients
        self._outgoing = outgoing
        self._publisher = publisher
        self._wake = wake
        self._lockdown = lockdown.Lockdown()
        self._wrong: list[int] = []
        self._ended: list[tuple[Question, bool]] = []
        self._bell = Bell(house.doorbell, self._rung, self._now_mono_s) if house.doorbell else None

    def handed(self, number: int) -> str | None:
        """The token of the request that is being answered; ``None`` = it has none."""
        return self._clients[number].handed

    def greet(self, number: int, locale: str, token: str | None) -> Login | None:
        """The client has said hello, in this language, with this token or without; who it is."""
        client = self._clients[number]
        client.locale = locale
        login = self._bind(client, token or "")
        if token and login is None and client.login:
            self.wrong(number)
        return login

    def bind(self, number: int, token: str) -> None:
        """From now on this client sends this token; "" after a login that failed."""
        client = self._clients.get(number)
        if client is not None:
            self._bind(client, token)

    def wrong(self, number: int) -> None:
        """This client has tried a wrong password or token."""
        self._wrong.append(number)
        self._wake()

    def in_use(self) -> Collection[str]:
        """Ids of the tokens that have a connection."""
        return {client.token for client in self._clients.values() if client.token}

    def listen(self, number: int, names: Collection[str]) -> None:
        """The client hears of these namespaces and of no others."""
        self._clients[number].names = frozenset(names)

    def ring(self, number: int, device: str) -> int | None:
        """Ask at the panel whether this client may come in; the transaction's number."""
        assert self._bell is not None
        return self._bell.ring(number, self._clients[number].peer, device)

    def ask(
        self, number: int, device: str, within_s: float, decided: Callable[[bool], None]
    ) -> Callable[[], None] | None:
        """Ask at the panel for this client; the result takes it back."""
        assert self._bell is not None
        return self._bell.ask(self._clients[number].peer, device, within_s, decided)

    def follow(self, number: int, follow: bool) -> None:
        """The client wants each new picture of the panel, or no more."""
        self._clients[number].follows = follow

    def locked(self, client: Client, now_mono_s: float) -> bool:
        """Whether its peer has tried wrongly a moment ago."""
        return lockdown.locked(self._lockdown, client.peer, now_mono_s)

    def left(self, client: Client) -> None:
        """This client is gone: a question of its own at the panel ends."""
        if self._bell is not None:
            self._bell.hang_up(client.number)

    def settle(self, now: Instant) -> None:
        """Do what was noted: tell how questions ended, count wrong tries, doom whose token is gone."""
        ended, self._ended = self._ended, []
        for question, yes in ended:
            self._finish(question, yes, now)
        wrong, self._wrong = self._wrong, []
        for number in wrong:
            client = self._clients.get(number)
            if client is not None:
                self._lockdown, drop = lockdown.bad(self._lockdown, client.peer, now.mono_s)
                client.doomed |= drop
        gone = self._house.keyring.take_gone()
        for client in self._clients.values() if gone else ():
            client.doomed |= client.token in gone

    def refresh(self) -> None:
        """What each of those who logged in may and sees as of now."""
        for client in self._clients.values():
            if client.login and client.bound:
                client.know(self._house.keyring.login_of(client.bound))

    def _now_mono_s(self) -> float:
        return self._outgoing.now_mono_s

    def _bind(self, client: Client, token: str) -> Login | None:
        login = self._house.keyring.bind(token) if token else None
        client.bound = token
        client.know(login)
        stranger = client.login and login is None
        if stranger:
            client.names, client.follows = frozenset(), False
        client.enter("stranger" if stranger else "served", self._outgoing.now_mono_s)
        return login

    def _rung(self, question: Question, yes: bool) -> None:
        self._ended.append((question, yes))
        self._wake()

    def _finish(self, question: Question, yes: bool, now: Instant) -> None:
        """Tell who asked how it ended, with a token if the answer was yes."""
        client = self._clients.get(question.client)
        if client is None:
            return
        said: dict[str, Any] = {"success": False, "transactionId": question.transaction}
        created_s = int(now.wall.timestamp()) if now.trusted else 0
        issued = self._house.keyring.let_in(question.device, created_s, self.in_use()) if yes else None
        if issued is not None:
            log.info("client %d was let in by the button", client.number)
            self._bind(client, issued.text)
            said |= {"success": True, "token": issued.text}
        self._outgoing.send(client, self._publisher.line(NAME, FINISHED, said))
