"""API-42: tokens."""

from base64 import b64decode
from uuid import UUID

from hems.api.tokens import TOKEN_BYTES, TOKENS_MAX, Token, digest_of, issue, used
from tests.api.drawers import NOON_S, Counting


def issued(count: int) -> tuple[Token, ...]:
    """So many tokens."""
    tokens: tuple[Token, ...] = ()
    random = Counting()
    for number in range(count):
        tokens, _ = issue(tokens, "alice", f"device {number}", NOON_S, random)
    return tokens


def test_a_token_is_32_random_bytes_and_only_its_digest_is_kept() -> None:
    random = Counting()
    tokens, new = issue((), "alice", "tablet", NOON_S, random)
    assert b64decode(new.text) == Counting()(TOKEN_BYTES)
    assert tokens == (new.token,)
    assert new.token.digest == digest_of(new.text)
    assert len(new.token.digest) == 64
    assert UUID(new.token.id).version == 4
    assert (new.token.user, new.token.device, new.token.created_s) == ("alice", "tablet", NOON_S)


def test_no_secret_is_seen_when_a_token_is_printed() -> None:
    """API-46."""
    _, new = issue((), "alice", "tablet", NOON_S, Counting())
    for text in (repr(new), repr(new.token), str(new)):
        assert new.text not in text
        assert new.token.digest not in text


def test_a_device_name_is_cut() -> None:
    tokens, _ = issue((), "", "x" * 65, 0, Counting())
    assert tokens[0].device == "x" * 64


def test_of_65_tokens_the_one_unused_longest_goes() -> None:
    tokens = issued(TOKENS_MAX)
    tokens = used(tokens, tokens[0])
    more, _ = issue(tokens, "", "new", 0, Counting())
    assert len(more) == TOKENS_MAX
    assert {token.device for token in tokens} - {token.device for token in more} == {"device 1"}


def test_a_token_with_a_connection_stays_as_long_as_another_can_go() -> None:
    tokens = issued(TOKENS_MAX)
    busy = {token.id for token in tokens[:-1]}
    more, _ = issue(tokens, "", "new", 0, Counting(), busy)
    assert {token.device for token in tokens} - {token.device for token in more} == {"device 63"}
    more, _ = issue(tokens, "", "new", 0, Counting(), {token.id for token in tokens})
    assert {token.device for token in tokens} - {token.device for token in more} == {"device 0"}


def test_a_text_that_is_no_token_has_a_digest_too() -> None:
    assert digest_of("\ud800") != digest_of("")
