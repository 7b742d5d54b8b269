"""API-40, API-41: what a password must be, and what is kept of it."""

import pytest

from hems.api.passwords import (
    COST,
    HASH_BYTES,
    SALT_BYTES,
    derivation,
    good,
    matches,
    record,
    salt_of,
)

SALT, HASH = b"s" * SALT_BYTES, b"h" * HASH_BYTES


@pytest.mark.parametrize(
    ("password", "allowed"),
    [
        ("Abcdefg1", True),
        ("Abcdef1", False),
        ("abcdefg1", False),
        ("ABCDEFG1", False),
        ("Abcdefgh", False),
        ("Äöüäöüä1", True),
        ("Aa1" + "x" * 125, True),
        ("Aa1" + "x" * 126, False),
        ("", False),
    ],
)
def test_a_password_has_length_both_cases_and_a_digit(password: str, allowed: bool) -> None:
    assert good(password) is allowed


def test_what_is_kept_of_a_password_says_how_it_was_made() -> None:
    kept = record(SALT, HASH)
    assert kept.split("$")[:4] == ["scrypt", "16384", "8", "1"]
    assert COST == (16384, 8, 1)
    assert salt_of(kept) == SALT
    assert matches(kept, HASH)
    assert not matches(kept, HASH[:-1] + b"x")
    assert not matches(kept, b"")


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "scrypt",
        "scrypt$16384$8$1$$",
        "scrypt$16384$8$1$c2FsdA==$aGFzaA==",
        "bcrypt$16384$8$1$" + record(SALT, HASH).split("$", 4)[4],
        "scrypt$1024$8$1$" + record(SALT, HASH).split("$", 4)[4],
        "scrypt$16384$8$1$ä$ö",
        record(SALT, HASH) + "$",
        record(SALT, HASH).split("$", 4)[4],
    ],
)
def test_a_broken_record_is_hashed_against_all_the_same_and_never_matches(broken: str) -> None:
    """Nobody can tell from the time that there is nothing to match."""
    assert len(salt_of(broken)) == SALT_BYTES
    assert not matches(broken, HASH)
    assert not matches(broken, bytes(HASH_BYTES))


def test_one_password_typed_in_two_ways_is_one_password() -> None:
    assert derivation("\u00c4b", SALT) == derivation("A\u0308b", SALT)


def test_what_cannot_be_a_password_is_hashed_in_no_more_time() -> None:
    assert derivation("x" * 100_000, SALT).password == b""
    assert len(derivation("\U0001f600" * 128, SALT).password) == 512
    assert derivation("\ud800", SALT).password


def test_no_secret_is_seen_when_a_derivation_is_printed() -> None:
    """API-46."""
    assert "hunter" not in repr(derivation("hunter2", SALT))
