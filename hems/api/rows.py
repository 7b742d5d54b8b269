"""What a method of the door is made of: one row each, and what its handler may look at.

A namespace is a module that makes one `Namespace`. Declarations are nymea's own: ``"Uuid"``,
``["$ref:Thing"]``, members with the prefixes ``o:`` (optional), ``r:`` (read-only) and ``d:`` (deprecated).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from hems.model.intents import Intent, Refusal, Upkeep
from hems.model.settings import Language
from hems.model.view import View

Kind = Literal["view", "table", "door", "history", "panel", "intent"]
"""Where an answer comes from: last view, constant, the door's own state, log, panel, rules."""

Scope = Literal[
    "None",
    "ControlThings",
    "ConfigureThings",
    "AccessAllThings",
    "ExecuteRules",
    "ConfigureRules",
    "Admin",
]
Transport = Literal["unix", "tcp", "tls"]
Shape = str | Sequence[Any] | Mapping[str, Any]
Params = Mapping[str, Any]
"""Checked and converted parameters, by their names without prefixes; what was left out is not there."""

Result = Mapping[str, Any]


class Inbox(Protocol):
    """Where what is asked for is put."""

    def put(
        self,
        asked: Intent | Upkeep,
        by: str = "panel",
        answer: Callable[[Refusal | None], None] | None = None,
    ) -> None:
        """It is judged between two cycles; then `answer` is called, with ``None`` if it was granted."""
        ...


class LogRow(Protocol):
    """One row of the energy log: the end of its slot, mean powers and totals at its end by quantity."""

    @property
    def end_s(self) -> int:
        """Seconds since 1970 at which the slot ends."""
        ...

    @property
    def mean_w(self) -> Mapping[str, int]:
        """Mean powers by quantity."""
        ...

    @property
    def totals_wh(self) -> Mapping[str, int]:
        """Totals at the end by quantity."""
        ...


class History(Protocol):
    """The energy log and the lists of the memory."""

    def minutes(self, begin_s: int, end_s: int) -> Sequence[LogRow]:
        """Minute rows whose end lies in the range, both ends included; ascending."""
        ...

    def quarters(self, begin_s: int, end_s: int, at_most: int = 3_000) -> Sequence[LogRow]:
        """Quarter-hour rows likewise, the newest of many."""
        ...

    def listed(self, name: Literal["sessions", "events", "evidence", "runs"]) -> Sequence[Mapping[str, Any]]:
        """Entries of a list, oldest first, with their number as ``seq``."""
        ...


class Screen(Protocol):
    """The front panel's picture and keys."""

    def frame(self) -> tuple[int, bytes]:
        """Sequence and 1,024 bytes of the last picture."""
        ...

    def press(self, key: str, *, hold: bool) -> None:
        """A key from afar."""
        ...


class Doorbell(Protocol):
    """The question on the panel, answered by its physical buttons only."""

    def ring(self, device_name: str, within_s: float, answer: Callable[[bool], None]) -> Callable[[], None]:
        """Ask; `answer` is called once. The result takes the question back (it is answered with no)."""
        ...


@dataclass(frozen=True, slots=True)
class Listener:
    """Where the door listens on the network."""

    name: str
    address: str
    port: int
    tls: bool


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this appliance is: ids are made from `server`, a UUID as text without braces."""

    server: str
    name: str
    version: str
    time_zone: str
    serial: str = ""
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: by which transport, in which language, as whom (`token` = id of the bound token, "" = none).

    `things` are those it may see and move (ids without braces), ``None`` = all.
    """

    number: int
    transport: Transport
    language: Language = "en"
    locale: str = "en_US"
    user: str = ""
    token: str = ""
    scopes: frozenset[Scope] = frozenset({"Admin"})
    things: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a handler of kind "intent" answers with: the intents in order, and the reply made of the verdict.

    The first refusal ends it and is the verdict; ``None`` = all were granted.
    """

    intents: tuple[Intent | Upkeep, ...]
    reply: Callable[[Refusal | None], Result]


@dataclass(frozen=True, slots=True)
class Later:
    """An answer that takes a while (a password, a button): `begin` is handed what to call with the reply.

    It gives back what to call when the client has gone meanwhile.
    """

    begin: Callable[[Callable[[Result], None]], Callable[[], None]]


Answer = Result | Asked | Later


@dataclass(frozen=True, slots=True)
class Ask:
    """What a handler may look at: who asks, the last view (``None`` before the first), and the house around.

    `now` is the moment of the request, `access` the door's own users and tags, `door` the door itself (for
    what only it knows: notification settings, the bound token); both are typed where they are made.
    """

    caller: Caller
    view: View | None
    now_mono_s: float
    wall: datetime
    trusted: bool
    identity: Identity
    inbox: Inbox
    history: History
    screen: Screen | None
    doorbell: Doorbell | None
    access: Any
    door: Any
    memory: Any = None
    """What the namespace of the method remembers (`Namespace.remember`), ``None`` before the first view."""


Handler = Callable[[Ask, Params], Answer]


@dataclass(frozen=True, slots=True)
class Method:
    """One method: its declaration, what it needs, who answers it, one line of text."""

    namespace: str
    name: str
    params: Mapping[str, Shape]
    returns: Mapping[str, Shape]
    scope: Scope
    kind: Kind
    handler: Handler
    text: str
    deprecated: str = ""

    @property
    def full(self) -> str:
        """``Namespace.Name``."""
        return f"{self.namespace}.{self.name}"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification: its declaration and one line of text."""

    namespace: str
    name: str
    params: Mapping[str, Shape]
    text: str


@dataclass(frozen=True, slots=True)
class News:
    """One notification to be sent to all who asked for its namespace.

    `thing` is the thing it is about: callers who may not see that do not hear of it. `snapshot`: a newer one
    of the same name replaces it while a client is slow. Callers without its `scope` do not hear of it either.
    """

    namespace: str
    name: str
    params: Result
    thing: str = ""
    snapshot: bool = False
    scope: Scope = "None"


Changes = Callable[[View | None, View, Identity], Sequence[News]]
"""What of a namespace has changed from one view to the next; before the first there is ``None``."""


Remember = Callable[[Any, View, Identity, History], Any]
"""What was remembered (``None`` before the first view), folded with the new view; pure."""

Told = Callable[[Any, Any], Sequence[News]]
"""What has changed from one memory of a namespace to the next; before the first there is ``None``."""

Heard = Callable[[Any], Sequence[News]]
"""What of the door's own users and tags (`Ask.access`) has changed since the last call."""


@dataclass(frozen=True, slots=True)
class Namespace:
    """All rows of one namespace.

    One that must know more than the last view says how each view is folded into its memory (`remember`),
    which its handlers find in `Ask.memory`; what is new then comes from two memories (`told`) instead of two
    views.
    """

    methods: tuple[Method, ...] = ()
    notices: tuple[Notice, ...] = ()
    types: Mapping[str, Shape] = field(default_factory=dict)
    enums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    flags: Mapping[str, str] = field(default_factory=dict)
    changes: Changes | None = None
    remember: Remember | None = None
    told: Told | None = None
    heard: Heard | None = None
