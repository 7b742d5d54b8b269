"""The PIN of the installer's level (PNL-64): four digits as a salted hash, and how long one has to wait.

It lies in a drawer of the memory of its own, never in a view or a setting. Wrong digits are counted there, so
that a restart does not help anybody: with it the wait begins anew. Four digits are no secret from whoever
holds the card in his hands; a costly hash would only hold up the loop.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import pbkdf2_hmac
from typing import Final

from hems.model.loop import Clock, Drawer

DIGITS: Final = 4
ROUNDS: Final = 1_000
FREE_TRIES: Final = 3
WAIT_S: Final = 60.0
LONGEST_WAIT_S: Final = 900.0
OPEN_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class Gate:
    """What the panel knows: whether there is a PIN, until when one has to wait, until when it is open.

    `offer` is a random one that may be taken.
    """

    exists: bool = False
    waits_until_mono_s: float = 0.0
    open_until_mono_s: float = 0.0
    offer: str = "0000"

    def open(self, now_s: float) -> bool:
        """Whether an installer may set things now."""
        return not self.exists or now_s < self.open_until_mono_s

    def closed(self) -> "Gate":
        """As it is once the person went home."""
        return replace(self, open_until_mono_s=0.0)


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies in the drawer; an empty digest is no PIN."""

    salt: bytes = b""
    digest: bytes = b""
    wrong: int = 0

    def fits(self, digits: str) -> bool:
        """Whether these are the digits."""
        return bool(self.digest) and hmac.compare_digest(_digest(self.salt, digits), self.digest)

    @property
    def wait_s(self) -> float:
        """How long to wait after the last wrong one: from the third on, doubling."""
        if self.wrong < FREE_TRIES:
            return 0.0
        return min(LONGEST_WAIT_S, WAIT_S * 2.0 ** min(self.wrong - FREE_TRIES, 10))


def kept(fields: Mapping[str, object]) -> Kept:
    """What a drawer holds; something that is none of ours is no PIN."""
    salt, digest, wrong = fields.get("salt"), fields.get("digest"), fields.get("wrong")
    if not (isinstance(salt, str) and isinstance(digest, str) and isinstance(wrong, int)):
        return Kept()
    try:
        return Kept(bytes.fromhex(salt), bytes.fromhex(digest), wrong)
    except ValueError:
        return Kept()


def chosen(digits: str, salt: bytes) -> Kept:
    """A new PIN."""
    return Kept(salt, _digest(salt, digits))


class Lock:
    """The PIN in its drawer."""

    def __init__(self, drawer: Drawer, clock: Clock) -> None:
        self._drawer = drawer
        self._clock = clock
        self._kept = kept(drawer.recall())
        self._waits_until_mono_s = clock.mono_s() + self._kept.wait_s

    def gate(self, *, opened: bool = False) -> Gate:
        """How it stands; `opened` for as long as digits that were right hold."""
        now_s = self._clock.mono_s()
        return Gate(
            bool(self._kept.digest),
            self._waits_until_mono_s,
            now_s + OPEN_S if opened else 0.0,
            f"{secrets.randbelow(10**DIGITS):0{DIGITS}}",
        )

    def fits(self, digits: str) -> bool:
        """Whether these are the digits; while one has to wait none are."""
        now_s = self._clock.mono_s()
        if now_s < self._waits_until_mono_s:
            return False
        right = self._kept.fits(digits)
        wrong = 0 if right else self._kept.wrong + 1
        if wrong != self._kept.wrong:
            self._keep(replace(self._kept, wrong=wrong))
        self._waits_until_mono_s = now_s + (0.0 if right else self._kept.wait_s)
        return right

    def choose(self, digits: str) -> None:
        """These are the digits from now on."""
        self._keep(chosen(digits, secrets.token_bytes(16)))
        self._waits_until_mono_s = 0.0

    def _keep(self, new: Kept) -> None:
        self._kept = new
        self._drawer.keep({"salt": new.salt.hex(), "digest": new.digest.hex(), "wrong": new.wrong})


def _digest(salt: bytes, digits: str) -> bytes:
    return pbkdf2_hmac("sha256", digits.encode(), salt, ROUNDS)
