"""Drawers, hashing and requests made of memory, for tests of the door's keys."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from hems.api.keyring import Keyring
from hems.api.passwords import Derivation
from hems.api.rows import Answer, Ask, Caller, Identity, Later, Namespace, Result, Scope

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NOON_S = int(NOON.timestamp())
SERVER = "00b49323-3deb-543c-abbe-40fa1cb8889f"
HOUSE = Identity(SERVER, "House", "0.4.0", "Europe/Vienna", "1000000abc")
GOOD = "Correct horse 7"


class MemoryDrawer:
    """A drawer that forgets when it is thrown away; it takes JSON of no more than `room` bytes."""

    def __init__(self, room: int = 16_384) -> None:
        self.text = "{}"
        self.room = room
        self.writes = 0

    def recall(self) -> Mapping[str, object]:
        """As it comes back from the card."""
        found: dict[str, object] = json.loads(self.text)
        return found

    def keep(self, fields: Mapping[str, object]) -> bool:
        """Keep it if there is room."""
        text = json.dumps(dict(fields), ensure_ascii=False)
        if len(text.encode()) > self.room:
            return False
        self.text = text
        self.writes += 1
        return True


class Cabinet:
    """All drawers by their names."""

    def __init__(self, room: int = 16_384) -> None:
        self.drawers: dict[str, MemoryDrawer] = {}
        self.room = room

    def __call__(self, name: str) -> MemoryDrawer:
        return self.drawers.setdefault(name, MemoryDrawer(self.room))

    @property
    def text(self) -> str:
        """Everything that was kept."""
        return "\n".join(drawer.text for drawer in self.drawers.values())


def hashed(asked: Derivation) -> bytes:
    """Stands for scrypt: it needs all that scrypt needs and takes no time."""
    return sha256(asked.salt + b"|" + asked.password).digest()


@dataclass
class Hasher:
    """Hashes when it is told to; `withdrawn` counts those nobody waits for any more."""

    asked: list[tuple[Derivation, Callable[[bytes | None], None]]] = field(default_factory=list)
    seen: list[Derivation] = field(default_factory=list)
    withdrawn: int = 0
    full: bool = False

    def derive(self, asked: Derivation, answer: Callable[[bytes | None], None]) -> Callable[[], None]:
        """Note it for later."""
        entry = (asked, answer)
        self.asked.append(entry)
        self.seen.append(asked)

        def withdraw() -> None:
            self.asked.remove(entry)
            self.withdrawn += 1

        return withdraw

    def work(self, *, fail: bool = False) -> None:
        """Answer all that wait."""
        while self.asked:
            asked, answer = self.asked.pop(0)
            answer(None if fail else hashed(asked))


class Counting:
    """Random bytes that are no two times the same, and known."""

    def __init__(self) -> None:
        self.drawn = 0

    def __call__(self, size: int) -> bytes:
        self.drawn += 1
        return sha256(b"%d" % self.drawn).digest()[:size]


class Keys:
    """A keyring with all around it."""

    def __init__(self, cabinet: Cabinet | None = None, *, remembered: bool = True) -> None:
        self.cabinet = cabinet or Cabinet()
        self.hasher = Hasher()
        self.keyring = Keyring(self.cabinet, self.hasher, Counting(), remembered=remembered)

    def again(self, *, remembered: bool = True) -> "Keys":
        """The same after a restart."""
        return Keys(self.cabinet, remembered=remembered)

    def ask(self, caller: Caller, **others: Any) -> Ask:
        """What a handler is asked with."""
        given: dict[str, Any] = {
            "view": None,
            "now_mono_s": 1000.0,
            "wall": NOON,
            "trusted": True,
            "identity": HOUSE,
            "inbox": None,
            "history": None,
            "screen": None,
            "doorbell": None,
            "access": self.keyring,
            "door": None,
        }
        return Ask(caller, **(given | others))

    def call(self, namespace: Namespace, name: str, caller: Caller | None = None, /, **params: Any) -> Result:
        """The reply to a method, once everything that waits is hashed."""
        row = next(row for row in namespace.methods if row.name == name)
        replies: list[Result] = []
        answer: Answer = row.handler(self.ask(caller or ADMIN), params)
        if isinstance(answer, Later):
            answer.begin(replies.append)
            assert not replies, "an answer that takes a while is never given at once"
            self.hasher.work()
            return replies[0]
        assert isinstance(answer, Mapping)
        return answer

    def user(self, name: str = "alice", password: str = GOOD, *scopes: Scope) -> None:
        """Make a user."""
        from hems.api.keyring import NewUser

        made = self.keyring.create(NewUser(name, password, frozenset(scopes or ("Admin",))))
        assert not isinstance(made, str), made
        errors: list[str] = []
        made(errors.append)
        self.hasher.work()
        assert errors == ["UserErrorNoError"]


ADMIN = Caller(1, "unix")
