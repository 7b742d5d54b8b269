"""How often and how much was written to the card in the last 24 hours."""

from collections import deque
from typing import Final

DAY_S: Final = 86_400.0


class Wear:
    """Writes since the start, by their monotonic seconds; what is older than a day is forgotten."""

    def __init__(self) -> None:
        self.bytes_total = 0
        self._writes: deque[tuple[float, int]] = deque()
        self._bytes_24h = 0

    def add(self, size: int, mono_s: float) -> None:
        """One write of so many bytes."""
        self.bytes_total += size
        self._bytes_24h += size
        self._writes.append((mono_s, size))

    def last_day(self, mono_s: float) -> tuple[int, int]:
        """Writes and bytes of the last 24 hours."""
        while self._writes and mono_s - self._writes[0][0] >= DAY_S:
            self._bytes_24h -= self._writes.popleft()[1]
        return len(self._writes), self._bytes_24h
