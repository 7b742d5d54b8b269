"""One client of the door: how far it has come, whom it speaks for, what waits for it.

Theory of operation. A TLS connection is *shaking* hands until it is encrypted; whoever has not said hello is
*silent*; who must log in and has not is a *stranger*; all others are *served*. A stage that lasts too long
ends the connection, but the last. A login that fails makes a stranger of who was served.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from hems.api.access import Login
from hems.api.codec import Heard, Scanner
from hems.api.jsonrpc import FALLBACK_LOCALE, language_of
from hems.api.limits import Limits
from hems.api.lockdown import peer_of
from hems.api.rows import Scope, Transport
from hems.model.settings import Language

Stage = Literal["shaking", "silent", "stranger", "served"]
ALLOWED: Final[dict[Stage, frozenset[Stage]]] = {
    "shaking": frozenset({"silent"}),
    "silent": frozenset({"stranger", "served"}),
    "stranger": frozenset({"served"}),
    "served": frozenset({"stranger"}),
}

EVERY_SCOPE: Final[frozenset[Scope]] = frozenset({"Admin"})


@dataclass(slots=True)
class Client:
    """A connection. `bound` is the token's text, `token` its id where it is valid.

    `queue` are packets that have been cut and not been answered; `busy` takes back what the client waits for
    before anything else is answered. `backlog` bytes have not been taken since `taken_mono_s`. It `follows`
    the panel's pictures. One that is `doomed` is told how its request ended and nothing more.
    """

    number: int
    transport: Transport
    address: str
    words: str
    since_mono_s: float
    limits: Limits
    stage: Stage = "silent"
    scanner: Scanner = field(init=False)
    queue: deque[Heard] = field(default_factory=deque)
    broken: int = 0
    locale: str = FALLBACK_LOCALE
    bound: str = ""
    token: str = ""
    user: str = ""
    handed: str | None = None
    scopes: frozenset[Scope] = frozenset()
    things: frozenset[str] | None = None
    names: frozenset[str] = frozenset()
    busy: Callable[[], None] | None = None
    backlog: int = 0
    taken_mono_s: float = 0.0
    follows: bool = False
    doomed: bool = False

    def __post_init__(self) -> None:
        self.scanner = Scanner(self.limits)
        self.know(None)

    @property
    def login(self) -> bool:
        """Whether it must log in."""
        return self.transport == "tls"

    @property
    def greeted(self) -> bool:
        """Whether it has said hello."""
        return self.stage in ("stranger", "served")

    @property
    def language(self) -> Language:
        """What it reads."""
        return language_of(self.locale)

    @property
    def peer(self) -> str:
        """Who it is for the lockdown; "" = never locked."""
        return "" if self.transport == "unix" else peer_of(self.address)

    @property
    def deaf(self) -> bool:
        """Whether it takes so little of what it is sent that it is asked nothing more."""
        return self.backlog > self.limits.deaf_bytes

    @property
    def ends_mono_s(self) -> float | None:
        """When its stage has lasted too long; ``None`` = never."""
        match self.stage:
            case "shaking":
                return self.since_mono_s + self.limits.shake_s
            case "silent":
                return self.since_mono_s + self.limits.hello_s
            case "stranger":
                return self.since_mono_s + self.limits.login_s
            case "served":
                return None

    def know(self, login: Login | None) -> None:
        """Who it is: what it may and sees from now on. Whoever need not log in may everything."""
        self.token = login.token if login else ""
        self.user = login.user if login else ""
        self.scopes = EVERY_SCOPE if not self.login else login.scopes if login else frozenset()
        self.things = login.things if login and self.login else None

    def sees(self, thing: str) -> bool:
        """Whether it may hear of a thing; "" is none."""
        return not thing or self.things is None or thing.strip("{}") in self.things

    def enter(self, stage: Stage, now_mono_s: float) -> None:
        """Come to another stage; silence counts from when the connection was made."""
        if stage != self.stage:
            self.since_mono_s = self.since_mono_s if stage == "silent" else now_mono_s
            self.stage = stage
