"""API-80: users over the wire; every row, every error, as the wire declares it."""

from collections.abc import Iterator

import pytest

from hems.api.access import Login
from hems.api.jsonrpc import JSONRPC
from hems.api.rows import Caller, Namespace, Result, Scope
from hems.api.table import table
from hems.api.users import USERS, bare, heard, scopes_of
from hems.api.validate import Invalid, record_check
from tests.api.drawers import ADMIN, GOOD, NOON_S, Keys

THING = "{7224aee8-b749-5fd2-91dc-93ee245d319c}"
TABLE = table((JSONRPC, USERS), {})


@pytest.fixture
def keys() -> Iterator[Keys]:
    """A house with an Admin, a guest, and nothing waiting."""
    keys = Keys()
    keys.user("boss")
    keys.user("guest", GOOD, "ControlThings")
    heard(keys.keyring)
    yield keys
    assert not keys.hasher.asked


def caller(login: Login) -> Caller:
    return Caller(7, "tls", "en", "en_US", login.user, login.token, login.scopes, login.things)


def logged_in(keys: Keys, user: str) -> Caller:
    """Who has a token of this user; "" = by the button."""
    issued = keys.keyring._issue(user, "tablet", NOON_S, ())
    assert issued is not None
    login = keys.keyring.bind(issued.text)
    assert login is not None
    return caller(login)


def call(keys: Keys, name: str, who: Caller | None = None, /, **params: object) -> Result:
    """The reply, after parameters and before the reply itself have been held against their declarations."""
    row = TABLE.methods[f"Users.{name}"]
    reply = keys.call(Namespace((row,)), name, who, **TABLE.validated(row, params))
    assert record_check(row.returns, TABLE.words, sent=True)(reply) == reply
    return reply


def info(keys: Keys, user: str) -> Result:
    users = call(keys, "GetUsers")["users"]
    found: Result = next(one for one in users if one["username"] == user)
    return found


def test_a_user_is_made_as_it_is_told(keys: Keys) -> None:
    reply = call(
        keys,
        "CreateUser",
        username="Anna",
        password=GOOD,
        displayName="Anna B.",
        email="a@b",
        scopes=["PermissionScopeControlThings", "PermissionScopeNone"],
        allowedThingIds=[THING, THING, ""],
    )
    assert reply == {"error": "UserErrorNoError"}
    expected = {
        "username": "anna",
        "displayName": "Anna B.",
        "email": "a@b",
        "scopes": ["PermissionScopeControlThings"],
        "allowedThingIds": [THING],
    }
    assert info(keys, "anna") == expected
    assert keys.keyring.access.users["anna"].things == (THING.strip("{}"),)


def test_a_user_without_scopes_may_everything_and_one_with_none_nothing(keys: Keys) -> None:
    call(keys, "CreateUser", username="anna", password=GOOD)
    call(keys, "CreateUser", username="bert", password=GOOD, scopes=[])
    assert info(keys, "anna")["scopes"] == ["PermissionScopeAdmin"]
    assert info(keys, "bert")["scopes"] == []


@pytest.mark.parametrize(
    ("name", "params", "error"),
    [
        ("CreateUser", {"username": "x", "password": GOOD}, "InvalidUserId"),
        ("CreateUser", {"username": "BOSS", "password": GOOD}, "DuplicateUserId"),
        ("CreateUser", {"username": "anna", "password": "secret"}, "BadPassword"),
        (
            "CreateUser",
            {"username": "anna", "password": GOOD, "scopes": ["PermissionScopeExecuteRules"]},
            "InconsistantScopes",
        ),
        ("GetUserTokens", {"username": "anna"}, "InvalidUserId"),
        ("RemoveToken", {"tokenId": THING}, "TokenNotFound"),
        ("ChangeUserPassword", {"username": "anna", "newPassword": GOOD}, "InvalidUserId"),
        ("ChangeUserPassword", {"username": "", "newPassword": GOOD}, "InvalidUserId"),
        ("ChangeUserPassword", {"username": "guest", "newPassword": "secret"}, "BadPassword"),
        ("RemoveUser", {"username": "anna"}, "InvalidUserId"),
        ("RemoveUser", {"username": ""}, "InvalidUserId"),
        ("RemoveUser", {"username": "Boss"}, "PermissionDenied"),
        ("SetUserScopes", {"username": "boss", "scopes": []}, "PermissionDenied"),
        ("SetUserScopes", {"username": "anna", "scopes": []}, "InvalidUserId"),
        (
            "SetUserScopes",
            {"username": "guest", "scopes": ["PermissionScopeConfigureThings"]},
            "InconsistantScopes",
        ),
        ("SetUserInfo", {"username": "anna", "email": "x"}, "InvalidUserId"),
        ("GetUserInfo", {}, "PermissionDenied"),
        ("GetTokens", {}, "PermissionDenied"),
        ("ChangePassword", {"newPassword": GOOD}, "PermissionDenied"),
        ("SetUserInfo", {"email": "x"}, "PermissionDenied"),
    ],
)
def test_each_error_changes_nothing(keys: Keys, name: str, params: dict[str, object], error: str) -> None:
    """Asked over the Unix socket: every scope, and no token."""
    before = keys.keyring.access
    assert call(keys, name, **params) == {"error": f"UserError{error}"}
    assert keys.keyring.access is before
    assert heard(keys.keyring) == ()


def test_a_method_that_waits_says_so_when_too_many_do(keys: Keys) -> None:
    keys.hasher.full = True
    assert call(keys, "CreateUser", username="anna", password=GOOD) == {"error": "UserErrorBackendError"}


def test_whoever_has_a_token_is_told_who_one_is(keys: Keys) -> None:
    guest = call(keys, "GetUserInfo", logged_in(keys, "guest"))
    assert guest == {"error": "UserErrorNoError", "userInfo": info(keys, "guest")}
    nameless = call(keys, "GetUserInfo", logged_in(keys, ""))["userInfo"]
    assert (nameless["username"], nameless["scopes"]) == ("", ["PermissionScopeAdmin"])


def test_tokens_are_listed_without_what_they_are(keys: Keys) -> None:
    guest, boss, button = (logged_in(keys, name) for name in ("guest", "boss", ""))
    own = call(keys, "GetTokens", guest)["tokenInfoList"]
    shown = {"id": f"{{{guest.token}}}", "username": "guest", "deviceName": "tablet", "creationTime": NOON_S}
    assert own == [shown]
    for who, name in ((boss, "BOSS"), (button, "")):
        listed = call(keys, "GetUserTokens", boss, username=name)["tokenInfoList"]
        assert [token["id"] for token in listed] == [f"{{{who.token}}}"]


def test_a_token_is_removed_by_an_admin_or_by_its_owner(keys: Keys) -> None:
    guest, boss = logged_in(keys, "guest"), logged_in(keys, "boss")
    other = {"tokenId": f"{{{boss.token}}}"}
    assert call(keys, "RemoveToken", guest, **other) == {"error": "UserErrorTokenNotFound"}
    assert call(keys, "RemoveToken", guest, tokenId=guest.token) == {"error": "UserErrorNoError"}
    assert call(keys, "RemoveToken", boss, **other) == {"error": "UserErrorNoError"}
    assert keys.keyring.take_gone() == {guest.token, boss.token}


def test_passwords_change_and_another_s_ends_its_logins(keys: Keys) -> None:
    guest = logged_in(keys, "guest")
    former = keys.keyring.access.users["guest"].password
    assert call(keys, "ChangePassword", guest, newPassword=GOOD + "!") == {"error": "UserErrorNoError"}
    assert keys.keyring.access.users["guest"].password != former
    assert not keys.keyring.take_gone()
    params = {"username": "GUEST", "newPassword": GOOD}
    assert call(keys, "ChangeUserPassword", **params) == {"error": "UserErrorNoError"}
    assert keys.keyring.take_gone() == {guest.token}


def test_who_came_by_the_button_has_no_password_to_change(keys: Keys) -> None:
    button = logged_in(keys, "")
    assert call(keys, "ChangePassword", button, newPassword=GOOD) == {"error": "UserErrorInvalidUserId"}
    assert call(keys, "SetUserInfo", button, email="x") == {"error": "UserErrorInvalidUserId"}


def test_scopes_and_things_are_set(keys: Keys) -> None:
    scopes = ["PermissionScopeAccessAllThings", "PermissionScopeControlThings"]
    assert call(keys, "SetUserScopes", username="Guest", scopes=scopes, allowedThingIds=[THING]) == {
        "error": "UserErrorNoError"
    }
    assert call(keys, "SetUserScopes", username="guest", scopes=scopes) == {"error": "UserErrorNoError"}
    assert info(keys, "guest")["scopes"] == scopes
    assert info(keys, "guest")["allowedThingIds"] == [THING]


def test_one_s_own_name_and_another_s_are_set(keys: Keys) -> None:
    call(keys, "SetUserInfo", logged_in(keys, "guest"), displayName="Gast")
    call(keys, "SetUserInfo", username="GUEST", email="g@b")
    assert (info(keys, "guest")["displayName"], info(keys, "guest")["email"]) == ("Gast", "g@b")


def test_what_changes_is_told_to_admins_once(keys: Keys) -> None:
    """Whoever changed it, and not what must not be told: a new password is no news."""
    call(keys, "CreateUser", username="anna", password=GOOD)
    call(keys, "SetUserInfo", username="guest", email="g@b")
    call(keys, "ChangeUserPassword", username="boss", newPassword=GOOD)
    news = heard(keys.keyring)
    assert [(one.name, one.params) for one in news] == [
        ("UserAdded", {"userInfo": info(keys, "anna")}),
        ("UserChanged", {"userInfo": info(keys, "guest")}),
    ]
    assert {one.scope for one in news} == {"Admin"}
    assert heard(keys.keyring) == ()
    call(keys, "RemoveUser", username="anna")
    (gone,) = heard(keys.keyring)
    assert (gone.name, gone.params) == ("UserRemoved", {"username": "anna"})
    for one in (*news, gone):
        row = TABLE.notices[f"Users.{one.name}"]
        assert record_check(row.params, TABLE.words, sent=True)(one.params) == one.params


def test_the_first_user_made_by_the_handshake_is_told_too(keys: Keys) -> None:
    """API-45: over the Unix socket it is free."""
    desk = Keys()
    reply = desk.call(JSONRPC, "CreateUser", ADMIN, username="anna", password=GOOD)
    assert reply == {"error": "UserErrorNoError"}
    assert [one.name for one in heard(desk.keyring)] == ["UserAdded"]


def test_every_row_is_for_admins_but_one() -> None:
    scopes: dict[str, Scope] = {row.name: row.scope for row in USERS.methods}
    assert len(scopes) == 11
    assert {name for name, scope in scopes.items() if scope != "Admin"} == {"GetUserInfo"}


def test_scopes_of_the_wire_are_known_ones() -> None:
    assert scopes_of(["PermissionScopeAdmin", "PermissionScopeNone"]) == {"Admin"}
    with pytest.raises(Invalid):
        TABLE.validated(
            TABLE.methods["Users.SetUserScopes"], {"username": "x", "scopes": ["PermissionScopeRoot"]}
        )


def test_ids_of_things_are_kept_once_and_bare() -> None:
    assert bare([THING, "", THING, "x"]) == (THING.strip("{}"), "x")
