"""API-40, API-42, API-80: users, scopes and tokens."""

from dataclasses import replace
from itertools import combinations
from typing import get_args

import pytest

from hems.api import access
from hems.api.access import GOOD, Access, User
from hems.api.rows import Scope
from hems.api.tokens import Issued, issue
from tests.api.drawers import Counting

SCOPES: tuple[Scope, ...] = get_args(Scope)
THING = "7224aee8-b749-5fd2-91dc-93ee245d319c"


def house(*users: User) -> Access:
    return Access({user.name: user for user in users})


def with_token(known: Access, user: str) -> tuple[Access, Issued]:
    tokens, new = issue(known.tokens, user, "tablet", 0, Counting())
    return replace(known, tokens=tokens), new


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("abc", True),
        ("a.b_c+d-e@f0", True),
        ("a" * 40, True),
        ("ab", False),
        ("a" * 41, False),
        ("a b c", False),
        ("müller", False),
        ("abc\n", False),
        ("", False),
    ],
)
def test_a_name_is_plain(name: str, allowed: bool) -> None:
    expected = GOOD if allowed else "UserErrorInvalidUserId"
    assert access.with_user(Access(), User(name, ""))[1] == expected


def test_a_name_is_there_once() -> None:
    assert access.with_user(house(User("alice", "")), User("alice", "x"))[1] == "UserErrorDuplicateUserId"


@pytest.mark.parametrize("size", range(len(SCOPES) + 1))
def test_scopes_come_with_those_they_need(size: int) -> None:
    """Each combination, against the three sentences of the rule."""
    for chosen in combinations(SCOPES, size):
        scopes = frozenset(chosen)
        things = not {"ConfigureThings"} <= scopes or {"ControlThings", "AccessAllThings"} <= scopes
        rules = not {"ExecuteRules"} <= scopes or {"AccessAllThings"} <= scopes
        makes = not {"ConfigureRules"} <= scopes or {"AccessAllThings", "ExecuteRules"} <= scopes
        expected = "Admin" in scopes or (things and rules and makes)
        assert access.consistent(scopes) is expected, scopes
        error = GOOD if expected else "UserErrorInconsistantScopes"
        assert access.with_user(Access(), User("alice", "", scopes))[1] == error
        admins = house(User("alice", ""), User("other", ""))
        assert access.with_scopes(admins, "alice", scopes, None)[1] == error


def test_there_is_room_for_so_many_users_of_such_a_size() -> None:
    known = Access()
    for number in range(access.USERS_MAX):
        known, error = access.with_user(known, User(f"user{number}", ""))
        assert error == GOOD
    assert access.with_user(known, User("one.more", ""))[1] == "UserErrorBackendError"
    many = tuple(str(number) for number in range(access.THINGS_MAX + 1))
    assert access.with_user(Access(), User("alice", "", things=many))[1] == "UserErrorBackendError"
    two = house(User("alice", ""), User("other", ""))
    assert access.with_scopes(two, "alice", frozenset(), many)[1] == "UserErrorBackendError"
    assert access.with_user(Access(), User("alice", "", display_name="x" * 65))[1] == "UserErrorInvalidUserId"
    assert access.with_info(two, "alice", None, "x" * 129) == (two, "UserErrorInvalidUserId")


def test_the_last_admin_is_neither_removed_nor_demoted() -> None:
    known = house(User("alice", ""), User("bob", "", frozenset({"ControlThings"})))
    assert access.without_user(known, "alice") == (known, "UserErrorPermissionDenied")
    demoted = access.with_scopes(known, "alice", frozenset({"ControlThings"}), None)
    assert demoted == (known, "UserErrorPermissionDenied")
    known, error = access.with_scopes(known, "bob", access.ADMIN, None)
    assert error == GOOD
    known, error = access.with_scopes(known, "alice", frozenset({"ControlThings"}), None)
    assert error == GOOD
    assert access.without_user(known, "bob")[1] == "UserErrorPermissionDenied"
    assert access.without_user(known, "alice")[1] == GOOD


def test_nobody_is_changed_who_is_not_there() -> None:
    known = house(User("alice", ""))
    for changed in (
        access.without_user(known, "bob"),
        access.without_user(known, ""),
        access.with_scopes(known, "bob", access.ADMIN, None),
        access.with_info(known, "bob", "Bob", None),
        access.with_password(known, "bob", "x"),
    ):
        assert changed == (known, "UserErrorInvalidUserId")


def test_what_is_not_named_stays() -> None:
    known = house(User("alice", "hash", things=(THING,), display_name="Alice", email="a@b"), User("bob", ""))
    known, _ = access.with_info(known, "alice", None, "c@d")
    known, _ = access.with_scopes(known, "alice", frozenset(), None)
    assert known.users["alice"] == User("alice", "hash", frozenset(), (THING,), "Alice", "c@d")
    known, _ = access.with_info(known, "alice", "Al", None)
    known, _ = access.with_scopes(known, "alice", frozenset(), ())
    known, _ = access.with_password(known, "alice", "other")
    assert known.users["alice"] == User("alice", "other", frozenset(), (), "Al", "c@d")


def test_a_token_stands_for_its_user_as_that_is_now() -> None:
    """What changed since counts for the next request."""
    user = User("alice", "", frozenset({"ControlThings"}), (THING,))
    known, new = with_token(house(user, User("boss", "")), "alice")
    login = access.login_of(known, new.text)
    assert login is not None
    assert login == access.Login("alice", new.token.id, frozenset({"ControlThings"}), frozenset({THING}))
    known, _ = access.with_scopes(known, "alice", frozenset({"AccessAllThings"}), None)
    login = access.login_of(known, new.text)
    assert login is not None
    assert login.scopes == frozenset({"AccessAllThings"})
    assert login.things is None
    known, _ = access.with_scopes(known, "alice", access.ADMIN, None)
    login = access.login_of(known, new.text)
    assert login is not None
    assert login.things is None


def test_a_token_of_the_button_may_everything_and_belongs_to_nobody() -> None:
    """API-44."""
    known, new = with_token(house(User("alice", "")), "")
    assert access.login_of(known, new.text) == access.Login("", new.token.id, frozenset({"Admin"}), None)


def test_a_wrong_token_is_nobody() -> None:
    known, new = with_token(house(User("alice", "")), "alice")
    for text in ("", new.text[:-1], new.text.lower(), new.token.digest, new.token.id):
        assert access.login_of(known, text) is None


def test_the_token_of_a_user_who_is_not_there_is_nobody() -> None:
    known, new = with_token(Access(), "ghost")
    assert access.login_of(known, new.text) is None


def test_with_a_user_go_its_tokens_and_no_others() -> None:
    known, first = with_token(house(User("alice", ""), User("boss", "")), "alice")
    tokens, button = issue(known.tokens, "", "phone", 0, lambda size: b"x" * size)
    known = replace(known, tokens=tokens)
    after, error = access.without_user(known, "alice")
    assert error == GOOD
    assert access.gone(known, after) == {first.token.id}
    assert access.login_of(after, first.text) is None
    assert access.login_of(after, button.text) is not None


def test_a_token_is_removed_by_its_owner_or_by_whoever_may() -> None:
    known, new = with_token(house(User("alice", "")), "alice")
    assert access.without_token(known, new.token.id, "bob") == (known, "UserErrorTokenNotFound")
    assert access.without_token(known, "unknown", None) == (known, "UserErrorTokenNotFound")
    for owner in ("alice", None):
        after, error = access.without_token(known, new.token.id, owner)
        assert (after.tokens, error) == ((), GOOD)


def test_whether_anybody_is_there() -> None:
    assert not access.anybody(Access())
    assert access.anybody(house(User("alice", "")))
    assert access.anybody(with_token(Access(), "")[0])


def test_no_secret_is_seen_when_a_user_is_printed() -> None:
    """API-46."""
    assert "hash" not in repr(house(User("alice", "hash", email="hash@example.org")))
