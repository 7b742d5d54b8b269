"""A door without sockets for tests: clients that speak to it, a house that judges when it is told to."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hems.api.door import Door
from hems.api.house import House
from hems.api.jsonrpc import JSONRPC
from hems.api.limits import Limits
from hems.api.rows import (
    Ask,
    Asked,
    Method,
    Namespace,
    News,
    Notice,
    Params,
    Result,
    Transport,
)
from hems.api.sending import Act, Close, Send
from hems.api.table import Table, table
from hems.api.users import USERS
from hems.model.instant import Instant
from hems.model.intents import Intent, Refusal, SetMode, Upkeep
from hems.model.view import View
from tests.api.drawers import HOUSE, NOON, Keys

PIXELS = bytes(range(256)) * 4
FRAME = b64encode(PIXELS).decode()


@dataclass
class Box:
    """An inbox that is emptied when the test says so."""

    waiting: list[tuple[Intent | Upkeep, str, Callable[[Refusal | None], None]]] = field(default_factory=list)

    def put(
        self,
        asked: Intent | Upkeep,
        by: str = "panel",
        answer: Callable[[Refusal | None], None] | None = None,
    ) -> None:
        assert answer is not None
        self.waiting.append((asked, by, answer))

    def judge(self, refusal: Refusal | None = None) -> list[Intent | Upkeep]:
        """One cycle: judge all, those that follow the first ones, too."""
        judged = []
        while self.waiting:
            asked, by, answer = self.waiting.pop(0)
            assert by == "api"
            judged.append(asked)
            answer(refusal)
        return judged


@dataclass
class Question:
    """One question at the panel."""

    device: str
    within_s: float
    answer: Callable[[bool], None]
    taken_back: bool = False


@dataclass
class Porch:
    """A doorbell whose button the test presses."""

    questions: list[Question] = field(default_factory=list)

    def ring(self, device_name: str, within_s: float, answer: Callable[[bool], None]) -> Callable[[], None]:
        question = Question(device_name, within_s, answer)
        self.questions.append(question)

        def take_back() -> None:
            question.taken_back = True
            answer(False)

        return take_back


class Glass:
    """A screen that stands still."""

    sequence = 7

    def frame(self) -> tuple[int, bytes]:
        return self.sequence, PIXELS

    def press(self, key: str, *, hold: bool) -> None:
        raise AssertionError(key, hold)


class NoHistory:
    """Nothing was ever logged."""

    def minutes(self, begin_s: int, end_s: int) -> Sequence[Any]:
        return ()

    def quarters(self, begin_s: int, end_s: int, at_most: int = 3_000) -> Sequence[Any]:
        return ()

    def listed(self, name: str) -> Sequence[Mapping[str, Any]]:
        return ()


def _echo(ask: Ask, params: Params) -> Result:
    return {"said": params.get("say", ""), "who": ask.caller.user, "language": ask.caller.language}


def _move(ask: Ask, params: Params) -> Asked:
    intents = tuple(SetMode(name, "fast") for name in params["names"])
    return Asked(intents, lambda refusal: {"moved": refusal is None, "o": refusal.text if refusal else ""})


def _fail(ask: Ask, params: Params) -> Result:
    raise RuntimeError("a fault of ours")


def _follow(ask: Ask, params: Params) -> Result:
    ask.door.follow(ask.caller.number, params["follow"])
    return {}


def _method(name: str, params: Any, handler: Any, scope: Any = "None", kind: Any = "view") -> Method:
    returns = {"r:said": "String"} if name == "Echo" else {"moved": "Bool"}
    return Method("Toy", name, params, returns, scope, kind, handler, "A toy.")


def _changes(before: View | None, view: View, identity: Any) -> Sequence[News]:
    was = None if before is None else before.balance.grid_w
    if view.balance.grid_w == was:
        return ()
    return (
        News("Toy", "Changed", {"grid": view.balance.grid_w}),
        News("Toy", "Moved", {"thing": "a"}, thing="a"),
        News("Toy", "Big", {"view": "x" * 1000}, snapshot=True),
        News("Toy", "Secret", {}, scope="Admin"),
    )


TOY = Namespace(
    methods=(
        _method("Echo", {"o:say": "String"}, _echo),
        _method("Move", {"names": "StringList"}, _move, "ControlThings", "intent"),
        _method("Rule", {}, _echo, "Admin"),
        _method("Fail", {}, _fail),
        _method("Follow", {"follow": "Bool"}, _follow),
        _method("Unwritable", {}, lambda ask, params: {"said": "\ud800"}),
    ),
    notices=tuple(
        Notice("Toy", name, {}, "Something.") for name in ("Changed", "Moved", "Big", "Secret", "Told")
    ),
    changes=_changes,
    remember=lambda before, view, identity, history: (before or 0) + 1,
    told=lambda before, after: (News("Toy", "Told", {"before": before, "after": after}),),
)
TOYS = table((JSONRPC, USERS, TOY), {"Alias": "Toy"})


class Doorstep:
    """A door and what goes in and out of it; `takes` is how many bytes clients take of what they are sent."""

    def __init__(
        self,
        rows: Table = TOYS,
        limits: Limits | None = None,
        keys: Keys | None = None,
        *,
        panel: bool = True,
        first_user_needs_button: bool = True,
    ) -> None:
        self.keys = keys or Keys()
        self.box, self.porch, self.glass = Box(), Porch(), Glass()
        self.mono_s = 1000.0
        self.woken = 0
        house = House(
            HOUSE,
            self.box,
            NoHistory(),
            self.keys.keyring,
            self.glass if panel else None,
            self.porch if panel else None,
            first_user_needs_button,
        )
        self.door = Door(rows, house, self._wake, limits)
        self.sent: dict[int, bytes] = {}
        self.closed: dict[int, bool] = {}
        self.deaf: set[int] = set()

    def _wake(self) -> None:
        self.woken += 1

    @property
    def now(self) -> Instant:
        return Instant(self.mono_s, NOON + timedelta(seconds=self.mono_s - 1000.0))

    def connect(self, transport: Transport = "unix", address: str = "") -> int:
        number = self.door.accept(
            transport, address or ("" if transport == "unix" else "192.0.2.7"), self.now
        )
        assert number is not None
        if transport == "tls":
            self.door.secured(number, self.now)
        return number

    def do(self, acts: Sequence[Act]) -> None:
        for act in acts:
            match act:
                case Send(client, data):
                    self.sent[client] = self.sent.get(client, b"") + data
                    if client not in self.deaf:
                        self.do(self.door.left(client, 0, self.now))
                case Close(client, at_once):
                    self.closed[client] = at_once

    def work(self) -> None:
        while self.door.waiting:
            self.do(self.door.work(self.now))

    def give(self, client: int, data: bytes) -> None:
        self.do(self.door.receive(client, data, self.now))
        self.work()

    def tick(self, seconds: float = 0.0) -> None:
        self.mono_s += seconds
        self.do(self.door.tick(self.now))
        self.work()

    def show(self, view: View) -> None:
        self.do(self.door.show(view, self.now))
        self.work()

    def heard(self, client: int) -> list[dict[str, Any]]:
        """All lines since the last time."""
        sent = self.sent.pop(client, b"")
        assert sent.endswith(b"\n") or not sent
        return [json.loads(line) for line in sent.splitlines()]

    def call(self, client: int, method: str, token: str | None = None, /, **params: Any) -> dict[str, Any]:
        """The one line that answers a request."""
        record = {"id": 5, "method": method, "params": params} | ({} if token is None else {"token": token})
        self.give(client, json.dumps(record).encode())
        (line,) = self.heard(client)
        return line

    def greet(self, client: int, token: str | None = None) -> dict[str, Any]:
        return self.call(client, "JSONRPC.Hello", token, locale="de_AT")

    def client(self, transport: Transport = "unix", address: str = "", token: str | None = None) -> int:
        """A connection that has said hello."""
        number = self.connect(transport, address)
        self.greet(number, token)
        return number

    def let_in(self, user: str = "", device: str = "tablet") -> str:
        """A token."""
        issued = self.keys.keyring._issue(user, device, 0, ())
        assert issued is not None
        return issued.text
