"""Tokens: 32 random bytes that a client keeps; here only their digest is known. Pure."""

from base64 import b64encode
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final
from uuid import UUID

TOKEN_BYTES: Final = 32
TOKENS_MAX: Final = 64
DEVICE_CHARACTERS_MAX: Final = 64

Random = Callable[[int], bytes]
"""So many random bytes."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was given out: `id` is a UUID without braces, `user` "" for one that a button let in.

    `created_s` are seconds since 1970, 0 while the clock is not trusted. The higher `turn`, the later it was
    used.
    """

    id: str
    digest: str = field(repr=False)
    user: str
    device: str
    created_s: int
    turn: int


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token: `text` is what the client must send from now on and is never seen again."""

    text: str = field(repr=False)
    token: Token


def digest_of(text: str) -> str:
    """What is remembered of a token."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def issue(
    tokens: tuple[Token, ...],
    user: str,
    device: str,
    created_s: int,
    random: Random,
    in_use: Collection[str] = (),
) -> tuple[tuple[Token, ...], Issued]:
    """All tokens with a new one. Of too many the one unused longest goes, `in_use` (ids) last."""
    text = b64encode(random(TOKEN_BYTES)).decode()
    name = str(UUID(bytes=random(16), version=4))
    shown = device[:DEVICE_CHARACTERS_MAX]
    token = Token(name, digest_of(text), user, shown, created_s, _next_turn(tokens))
    if len(tokens) >= TOKENS_MAX:
        gone = min(tokens, key=lambda other: (other.id in in_use, other.turn))
        tokens = tuple(other for other in tokens if other is not gone)
    return (*tokens, token), Issued(text, token)


def used(tokens: tuple[Token, ...], token: Token) -> tuple[Token, ...]:
    """All tokens, this one being the last that was used."""
    turn = _next_turn(tokens)
    return tuple(replace(other, turn=turn) if other.id == token.id else other for other in tokens)


def _next_turn(tokens: tuple[Token, ...]) -> int:
    return max((token.turn for token in tokens), default=0) + 1
