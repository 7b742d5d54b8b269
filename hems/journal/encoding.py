"""A whole state as the deflated content of a base, a piece in each cycle.

A full state takes a desktop core 30 ms; the loop has 5 ms a cycle for it. What changes while it is being
encoded is not in it: the documents are the ones it began with.
"""

import zlib
from typing import Final

from hems.journal import change
from hems.journal.change import Documents

STEP_BYTES: Final = 65_536
"""So much plain text is deflated in one step: about 2 ms."""


class Encoding:
    """Deflates the documents step by step; `deflated` is whole once it is done."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.deflated = b""
        self.plain_bytes = 0
        self.done = False
        self._pieces = change.pieces(documents)
        self._deflater = zlib.compressobj()
        self._parts: list[bytes] = []

    def step(self, bytes_max: int = STEP_BYTES) -> bool:
        """Encode about so many bytes more; true when everything is."""
        if self.done:
            return True
        gathered = 0
        for piece in self._pieces:
            self._parts.append(self._deflater.compress(piece))
            gathered += len(piece)
            if gathered >= bytes_max:
                self.plain_bytes += gathered
                return False
        self.plain_bytes += gathered
        self.deflated = b"".join((*self._parts, self._deflater.flush()))
        self.done = True
        return True

    def finish(self) -> None:
        """Encode all the rest at once."""
        while not self.step():
            pass
