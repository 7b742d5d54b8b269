"""From a packet to its answer: at once, after the rules have judged, or when a person or helper is done."""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from hems.api.access import Login
from hems.api.checks import Refused, Standing, admitted, request, unreadable
from hems.api.client_state import Client
from hems.api.codec import Broken, Heard, decode
from hems.api.house import House
from hems.api.limits import Limits
from hems.api.publishing import Publisher
from hems.api.reception import Reception
from hems.api.rows import Answer, Ask, Asked, Caller, Later, Method, Params, Result
from hems.api.sending import Outgoing
from hems.api.table import Table
from hems.api.tickets import Tickets
from hems.language.words import speaking
from hems.model.instant import Instant
from hems.model.intents import Intent, Refusal, Upkeep
from hems.model.view import View

log = logging.getLogger(__name__)

DOOR: Final = "api"
TOO_MANY: Final = "Too many pending requests"
TOO_LATE: Final = "Command timed out"
FAILED: Final = "Internal error"


class Answers:
    """Answers requests; what comes from elsewhere waits in `ready` until it is called."""

    def __init__(
        self,
        table: Table,
        house: House,
        limits: Limits,
        clients: Mapping[int, Client],
        reception: Reception,
        publisher: Publisher,
        outgoing: Outgoing,
        wake: Callable[[], None],
    ) -> None:
        self.tickets = Tickets(limits)
        self.ready: deque[Callable[[], None]] = deque()
        self._table = table
        self._house = house
        self._limits = limits
        self._clients = clients
        self._reception = reception
        self._publisher = publisher
        self._outgoing = outgoing
        self._wake = wake

    def answer(self, client: Client, heard: Heard, view: View | None, now: Instant) -> None:
        """Answer one packet, or begin to."""
        record = heard if isinstance(heard, Broken) else decode(heard)
        if isinstance(record, Broken):
            client.broken += 1
            client.doomed |= client.broken >= self._limits.broken_in_a_row
            self._outgoing.tell(client, unreadable(record).reply())
            return
        client.broken = 0
        asked = request(record)
        if isinstance(asked, Refused):
            self._refuse(client, asked)
            return
        login = self._login(asked.token)
        verdict = admitted(self._table, asked, self._standing(client, login))
        if isinstance(verdict, Refused):
            self._refuse(client, verdict)
            return
        row, params = verdict
        client.handed = asked.token
        if asked.token is not None:
            client.know(login)
        ask = self._ask(client, row, view, now)
        answer = self._handled(row, ask, params)
        if answer is None:
            self._fail(client, asked.id, FAILED)
        else:
            self._pursue(client, asked.id, row, answer, now)

    def _ask(self, client: Client, row: Method, view: View | None, now: Instant) -> Ask:
        """What a handler may look at."""
        house = self._house
        return Ask(
            caller=caller(client),
            view=view,
            now_mono_s=now.mono_s,
            wall=now.wall,
            trusted=now.trusted,
            identity=house.identity,
            inbox=house.inbox,
            history=house.history,
            screen=house.screen,
            doorbell=house.doorbell,
            access=house.keyring,
            door=self._reception,
            memory=self._publisher.memory(row.namespace),
        )

    def expire(self, now_mono_s: float) -> None:
        """Tell those who have waited too long."""
        for number, ticket in self.tickets.expired(now_mono_s).items():
            self.tickets.take(number)
            client = self._clients.get(ticket.client)
            if client is None:
                continue
            if not ticket.judged and client.busy is not None:
                client.busy()
                client.busy = None
            self._fail(client, ticket.request, TOO_LATE)

    def _pursue(self, client: Client, number: int, row: Method, answer: Answer, now: Instant) -> None:
        if not isinstance(answer, Asked | Later):
            self._succeed(client, number, answer)
            return
        judged = isinstance(answer, Asked)
        ticket = self.tickets.open(client.number, number, now.mono_s, judged=judged)
        if ticket is None:
            self._fail(client, number, TOO_MANY)
        elif isinstance(answer, Asked):
            self._put(ticket, client, row, answer, answer.intents)
        else:
            self._begin(ticket, client, answer)

    def _begin(self, ticket: int, client: Client, answer: Later) -> None:
        client.busy = _nothing
        try:
            client.busy = answer.begin(partial(self._later, ticket, _as_it_is))
        except Exception:
            log.exception("an answer could not be begun")
            self._later(ticket, _failed, None)

    def _put(
        self, ticket: int, client: Client, row: Method, asked: Asked, rest: tuple[Intent | Upkeep, ...]
    ) -> None:
        """Ask for one intent after the other until one is refused."""
        if not rest:
            self._later(ticket, asked.reply, None)
            return

        def judged(refusal: Refusal | None) -> None:
            if refusal is not None:
                self._later(ticket, asked.reply, refusal)
                return
            log.info("granted to client %d (%s): %s", client.number, client.words, row.full)
            self._put(ticket, client, row, asked, rest[1:])

        self._house.inbox.put(rest[0], DOOR, judged)

    def _later(self, ticket: int, reply: Callable[[Any], Result], outcome: Any) -> None:
        """Note what became of a request; it is told when there is time for it."""
        self.ready.append(partial(self._settle, ticket, reply, outcome))
        self._wake()

    def _settle(self, number: int, reply: Callable[[Any], Result], outcome: Any) -> None:
        ticket = self.tickets.take(number)
        client = self._clients.get(ticket.client) if ticket else None
        if ticket is None or client is None:
            return
        if not ticket.judged:
            client.busy = None
        try:
            with speaking(client.language):
                result = reply(outcome)
        except Exception:
            log.exception("an answer failed")
            self._fail(client, ticket.request, FAILED)
            return
        self._succeed(client, ticket.request, result)

    def _handled(self, row: Method, ask: Ask, params: Params) -> Answer | None:
        """The handler's answer; ``None`` if it failed, which is a fault of ours and not the client's."""
        try:
            with speaking(ask.caller.language):
                return row.handler(ask, params)
        except Exception:
            log.exception("%s failed", row.full)
            return None

    def _login(self, token: str | None) -> Login | None:
        """Whom a token stands for now."""
        return self._house.keyring.login_of(token) if token else None

    def _standing(self, client: Client, login: Login | None) -> Standing:
        return Standing(
            login=client.login,
            greeted=client.greeted,
            bound=client.bound,
            scopes=login.scopes if login else None,
            anybody=self._house.keyring.anybody,
        )

    def _refuse(self, client: Client, refused: Refused) -> None:
        self._outgoing.tell(client, refused.reply())
        client.doomed |= refused.drop
        if refused.lock:
            self._reception.wrong(client.number)

    def _fail(self, client: Client, number: int, text: str) -> None:
        self._outgoing.tell(client, Refused(number, text).reply())

    def _succeed(self, client: Client, number: int, result: Result) -> None:
        try:
            self._outgoing.tell(client, {"id": number, "status": "success", "params": result})
        except (TypeError, ValueError):
            log.exception("an answer cannot be written")
            self._fail(client, number, FAILED)


def caller(client: Client) -> Caller:
    """Who asks, as handlers see it."""
    return Caller(
        number=client.number,
        transport=client.transport,
        language=client.language,
        locale=client.locale,
        user=client.user,
        token=client.token,
        scopes=client.scopes,
        things=client.things,
    )


def _as_it_is(result: Result) -> Result:
    return result


def _failed(_: None) -> Result:
    raise RuntimeError("it could not be begun")


def _nothing() -> None:
    """There is nothing to withdraw yet."""
