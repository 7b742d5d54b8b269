"""Bytes nobody asked for: late answers, and frames of somebody else who takes this line for his."""

from typing import Final

from hems.field.codec import Codec
from hems.field.link import DOUBT_S, LineCounts, Link

FRAME_MAX: Final = 520


class Unasked:
    """What a line heard between two exchanges; it is counted and thrown away."""

    def __init__(self, counts: LineCounts) -> None:
        self._counts = counts
        self._heard = bytearray()
        self._blamed: Link | None = None
        self._sent_s = 0.0

    def blame(self, link: Link, sent_mono_s: float) -> None:
        """The next bytes, if soon, are the late answer of this unit to the request that ended then."""
        self._blamed, self._sent_s = link, sent_mono_s

    def forget(self) -> None:
        """A request leaves, or the port is lost: what comes now is nobody's late answer."""
        self._blamed = None
        self._heard.clear()

    def take(self, fresh: bytes, now_mono_s: float) -> None:
        """These bytes came."""
        self._counts.unasked_bytes += len(fresh)
        blamed, self._blamed = self._blamed, None
        if blamed is not None and now_mono_s - self._sent_s < DOUBT_S:
            blamed.late(now_mono_s - self._sent_s)
        elif len(self._heard) < FRAME_MAX:
            self._heard += fresh

    def silence(self, codec: Codec, now_mono_s: float) -> None:
        """It was silent long enough for a frame to have ended; count it if it was a sound one."""
        if self._heard:
            if codec.sound(bytes(self._heard)):
                self._counts.overheard(now_mono_s)
            self._heard.clear()
