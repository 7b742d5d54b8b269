"""What clients wait for: each request whose answer takes a while has a ticket (API-3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hems.api.limits import Limits


@dataclass(frozen=True, slots=True)
class Ticket:
    """One request without an answer yet; `judged` by the rules, else by a person or a helper."""

    client: int
    request: int
    ends_mono_s: float
    judged: bool


@dataclass(slots=True)
class Tickets:
    """All that are open. Those of a client that has gone stay: what it asked for is still on its way."""

    limits: Limits
    _open: dict[int, Ticket] = field(default_factory=dict)
    _last: int = 0

    @property
    def pending(self) -> int:
        """How many wait for the rules."""
        return sum(ticket.judged for ticket in self._open.values())

    @property
    def due_mono_s(self) -> float | None:
        """When the first has waited too long."""
        return min((ticket.ends_mono_s for ticket in self._open.values()), default=None)

    def open(self, client: int, request: int, now_mono_s: float, *, judged: bool) -> int | None:
        """The number of a new ticket; ``None`` if too many wait for the rules."""
        if judged:
            here = sum(ticket.judged and ticket.client == client for ticket in self._open.values())
            if here >= self.limits.pending_each or self.pending >= self.limits.pending:
                return None
        self._last += 1
        self._open[self._last] = Ticket(client, request, now_mono_s + self.limits.answer_s, judged)
        return self._last

    def take(self, number: int) -> Ticket | None:
        """Close a ticket; ``None`` if it has been closed already."""
        return self._open.pop(number, None)

    def expired(self, now_mono_s: float) -> Mapping[int, Ticket]:
        """Those that have waited too long."""
        return {number: one for number, one in self._open.items() if one.ends_mono_s <= now_mono_s}
