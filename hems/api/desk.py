"""What a handler may do with the door itself: ``Ask.door``. Clients go by the number of their `Caller`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from hems.api.access import Login
from hems.api.rows import Method


class Desk(Protocol):
    """The door, as its own methods see it."""

    @property
    def introspection(self) -> Mapping[str, Any]:
        """What Introspect answers."""
        ...

    @property
    def names(self) -> frozenset[str]:
        """The namespaces a client may hear of, second names among them."""
        ...

    @property
    def aliases(self) -> frozenset[str]:
        """Those of them that are second names."""
        ...

    @property
    def cached(self) -> Sequence[Method]:
        """Methods whose answers clients keep as long as their hash is the same."""
        ...

    def memory(self, namespace: str) -> Any:
        """What a namespace remembers."""
        ...

    @property
    def first_user_needs_button(self) -> bool:
        """Whether somebody at the panel must let the first user in."""
        ...

    def handed(self, number: int) -> str | None:
        """The token of the request that is being answered; ``None`` = it has none."""
        ...

    def greet(self, number: int, locale: str, token: str | None) -> Login | None:
        """The client has said hello, in this language, with this token or without; who it is."""
        ...

    def bind(self, number: int, token: str) -> None:
        """From now on this client sends this token; "" after a login that failed."""
        ...

    def wrong(self, number: int) -> None:
        """This client has tried a wrong password."""
        ...

    def in_use(self) -> Collection[str]:
        """Ids of the tokens that have a connection."""
        ...

    def listen(self, number: int, names: Collection[str]) -> None:
        """The client hears of these namespaces and of no others."""
        ...

    def ring(self, number: int, device: str) -> int | None:
        """Ask at the panel whether this client may come in; the transaction's number.

        The client hears how it ended by a notification. A former question of its peer ends with no. ``None``:
        it is not asked, since somebody else is or was a moment ago.
        """
        ...

    def ask(
        self, number: int, device: str, within_s: float, decided: Callable[[bool], None]
    ) -> Callable[[], None] | None:
        """Ask at the panel for this client; the result takes it back. ``None`` as for `ring`."""
        ...

    def follow(self, number: int, follow: bool) -> None:
        """The client wants each new picture of the panel, or no more."""
        ...
