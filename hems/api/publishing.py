"""What has changed, as finished lines for whoever wants to hear of it (API-62)."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from hems.api.client_state import Client
from hems.api.codec import encode
from hems.api.house import House
from hems.api.rows import News, Remember, Result
from hems.api.table import Table
from hems.model.view import View

log = logging.getLogger(__name__)


class Publisher:
    """Folds each view into what the namespaces remember, numbers what is new, and encodes it once.

    A namespace that fails is silent this time. Those that remember in the same way share a memory.
    """

    def __init__(self, table: Table, house: House) -> None:
        self._table = table
        self._house = house
        self._numbers = count()
        self._memories: dict[Remember, Any] = {}
        self._view: View | None = None

    def line(self, namespace: str, name: str, params: Result) -> bytes:
        """One notification, with the next number."""
        record = {"id": next(self._numbers), "notification": f"{namespace}.{name}", "params": params}
        return encode(record)

    def memory(self, namespace: str) -> Any:
        """What the namespace with this name remembers."""
        remember = self._table.remembering.get(namespace)
        return None if remember is None else self._memories.get(remember)

    def changes(self, view: View, clients: Iterable[Client]) -> Sequence[News]:
        """What of all that anybody listens to is new in this view."""
        before, self._view = self._view, view
        former, self._memories = self._memories, self._folded(view)
        heard = frozenset[str]().union(*(client.names for client in clients))
        news: list[News] = []
        for namespace in self._table.namespaces:
            if heard.isdisjoint(self._table.spoken(namespace)):
                continue
            if namespace.changes is not None:
                news += _tried(namespace.changes, before, view, self._house.identity)
            if namespace.told is not None and namespace.remember in self._memories:
                told, remember = namespace.told, namespace.remember
                news += _tried(told, former.get(remember), self._memories[remember])
        return news

    def own(self) -> Iterator[News]:
        """What is new about the door's users and tags."""
        for namespace in self._table.namespaces:
            if namespace.heard is not None:
                yield from _tried(namespace.heard, self._house.keyring)

    def lines(self, news: Iterable[News], clients: Sequence[Client]) -> Mapping[int, list[bytes]]:
        """For each client's number what it hears, in order."""
        lines: dict[int, list[bytes]] = defaultdict(list)
        for one in news:
            for name in self._table.names_of(one.namespace):
                hearing = [client for client in clients if _hears(client, name, one)]
                if hearing:
                    line = self.line(name, one.name, one.params)
                    for client in hearing:
                        lines[client.number].append(line)
        return lines

    def _folded(self, view: View) -> dict[Remember, Any]:
        """All memories with this view; one that fails stays as it was."""
        folded = dict(self._memories)
        for remember in dict.fromkeys(self._table.remembering.values()):
            try:
                before = self._memories.get(remember)
                folded[remember] = remember(before, view, self._house.identity, self._house.history)
            except Exception:
                log.exception("a view could not be remembered")
        return folded


def _tried(call: Callable[..., Sequence[News]], *given: Any) -> Sequence[News]:
    try:
        return tuple(call(*given))
    except Exception:
        log.exception("what is new could not be told")
        return ()


def _hears(client: Client, namespace: str, news: News) -> bool:
    if namespace not in client.names or not client.sees(news.thing):
        return False
    if news.scope != "None" and client.scopes.isdisjoint({"Admin", news.scope}):
        return False
    return not news.snapshot or client.backlog <= client.limits.snapshot_bytes
