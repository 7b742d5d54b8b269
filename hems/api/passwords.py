"""What a password must be, and what is remembered of it: ``scrypt$16384$8$1$<salt>$<hash>``. Pure."""

import hmac
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Final
from unicodedata import normalize

CHARACTERS_MIN: Final = 8
CHARACTERS_MAX: Final = 128
SALT_BYTES: Final = 16
HASH_BYTES: Final = 32
COST: Final = (2**14, 8, 1)
"""n, r and p of scrypt: 16 MiB, tens of milliseconds on a desktop core."""

KIND: Final = "scrypt"


@dataclass(frozen=True, slots=True)
class Derivation:
    """One hashing to be done."""

    password: bytes = field(repr=False)
    salt: bytes = field(repr=False)


def good(password: str) -> bool:
    """Whether a password may be chosen: its length, a lower-case and an upper-case letter, a digit."""
    return (
        CHARACTERS_MIN <= len(password) <= CHARACTERS_MAX
        and any(map(str.islower, password))
        and any(map(str.isupper, password))
        and any(map(str.isdecimal, password))
    )


def derivation(password: str, salt: bytes) -> Derivation:
    """The hashing of a password as it was typed; what is too long to be one is hashed as none."""
    typed = password if len(password) <= CHARACTERS_MAX else ""
    return Derivation(normalize("NFC", typed).encode("utf-8", "surrogatepass"), salt)


def record(salt: bytes, hashed: bytes) -> str:
    """What is remembered of a password."""
    parts = (*map(str, COST), b64encode(salt).decode(), b64encode(hashed).decode())
    return "$".join((KIND, *parts))


def salt_of(remembered: str) -> bytes:
    """The salt in a record; of a broken one, or of none, a dummy that is hashed all the same."""
    found = _parts(remembered)
    return found[0] if found else bytes(SALT_BYTES)


def matches(remembered: str, hashed: bytes) -> bool:
    """Whether this is the hash in a record; never for a broken one, or for none."""
    found = _parts(remembered)
    return hmac.compare_digest(found[1] if found else bytes(HASH_BYTES), hashed) and found is not None


def _parts(remembered: str) -> tuple[bytes, bytes] | None:
    head = "$".join((KIND, *map(str, COST), ""))
    salt, _, hashed = remembered.removeprefix(head).partition("$")
    try:
        parts = b64decode(salt, validate=True), b64decode(hashed, validate=True)
    except ValueError:
        return None
    sound = remembered.startswith(head) and (len(parts[0]), len(parts[1])) == (SALT_BYTES, HASH_BYTES)
    return parts if sound else None
