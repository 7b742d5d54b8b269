"""The namespace Users: who may come in, what each may, and by which tokens (API-80)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast, get_args

from hems.api.access import ADMIN, GOOD, Access, User, UserError
from hems.api.jsonrpc import scope_keys
from hems.api.keyring import Begin, Keyring, NewUser
from hems.api.rows import (
    Answer,
    Ask,
    Handler,
    Later,
    Method,
    Namespace,
    News,
    Notice,
    Params,
    Result,
    Scope,
    Shape,
)
from hems.api.tokens import Token

NAME: Final = "Users"
SCOPE: Final = "PermissionScope"
DENIED: Final[Result] = {"error": "UserErrorPermissionDenied"}


def scopes_of(keys: Sequence[str]) -> frozenset[Scope]:
    """Scopes as they came over the wire; "None" says nothing."""
    return frozenset(cast(Scope, key.removeprefix(SCOPE)) for key in keys) - {"None"}


def bare(ids: Sequence[str]) -> tuple[str, ...]:
    """Ids of things as they are kept: without braces, each once."""
    return tuple(dict.fromkeys(thing.strip("{}") for thing in ids if thing))


def info(user: User) -> Mapping[str, Any]:
    """A user as it is told."""
    return {
        "username": user.name,
        "displayName": user.display_name,
        "email": user.email,
        "scopes": scope_keys(user.scopes),
        "allowedThingIds": [f"{{{thing}}}" for thing in user.things],
    }


def heard(keyring: Keyring) -> Sequence[News]:
    """Who was added, changed or removed since the last call."""
    before, now = keyring.take_changes()
    if before.users is now.users:
        return ()
    added = [user for name, user in now.users.items() if name not in before.users]
    changed = [
        user
        for name, user in now.users.items()
        if name in before.users and info(before.users[name]) != info(user)
    ]
    return (
        *(_news("UserAdded", {"userInfo": info(user)}) for user in added),
        *(_news("UserChanged", {"userInfo": info(user)}) for user in changed),
        *(_news("UserRemoved", {"username": name}) for name in before.users if name not in now.users),
    )


def answered(made: UserError | Begin[UserError]) -> Answer:
    """The reply to what succeeds, or fails, now or once a password is hashed."""
    if isinstance(made, str):
        return {"error": made}
    begin = made

    def begun(answer: Callable[[Result], None]) -> Callable[[], None]:
        return begin(lambda error: answer({"error": error}))

    return Later(begun)


def _news(name: str, params: Result) -> News:
    return News(NAME, name, params, scope="Admin")


def _keyring(ask: Ask) -> Keyring:
    keyring: Keyring = ask.access
    return keyring


def _tokens(access: Access, user: str) -> list[Mapping[str, Any]]:
    return [_token_info(token) for token in access.tokens if token.user == user]


def _token_info(token: Token) -> Mapping[str, Any]:
    return {
        "id": f"{{{token.id}}}",
        "username": token.user,
        "deviceName": token.device,
        "creationTime": token.created_s,
    }


def _create_user(ask: Ask, params: Params) -> Answer:
    scopes = scopes_of(params["scopes"]) if "scopes" in params else ADMIN
    user = NewUser(
        params["username"],
        params["password"],
        scopes,
        bare(params.get("allowedThingIds", ())),
        params.get("displayName", ""),
        params.get("email", ""),
    )
    return answered(_keyring(ask).create(user))


def _get_user_info(ask: Ask, _: Params) -> Result:
    if not ask.caller.token:
        return DENIED
    nameless = User("", "", ADMIN)
    user = _keyring(ask).access.users.get(ask.caller.user, nameless)
    return {"error": GOOD, "userInfo": info(user)}


def _get_users(ask: Ask, _: Params) -> Result:
    users = [info(user) for user in _keyring(ask).access.users.values()]
    return {"error": GOOD, "users": users}


def _get_tokens(ask: Ask, _: Params) -> Result:
    if not ask.caller.token:
        return DENIED
    return {"error": GOOD, "tokenInfoList": _tokens(_keyring(ask).access, ask.caller.user)}


def _get_user_tokens(ask: Ask, params: Params) -> Result:
    name, access = params["username"].lower(), _keyring(ask).access
    if name and name not in access.users:
        return {"error": "UserErrorInvalidUserId"}
    return {"error": GOOD, "tokenInfoList": _tokens(access, name)}


def _remove_token(ask: Ask, params: Params) -> Result:
    own = None if "Admin" in ask.caller.scopes else ask.caller.user
    return {"error": _keyring(ask).remove_token(params["tokenId"].strip("{}"), own)}


def _change_password(ask: Ask, params: Params) -> Answer:
    if not ask.caller.token:
        return DENIED
    changed = _keyring(ask).set_password(ask.caller.user, params["newPassword"], end_logins=False)
    return answered(changed)


def _change_user_password(ask: Ask, params: Params) -> Answer:
    name = params["username"].lower()
    return answered(_keyring(ask).set_password(name, params["newPassword"], end_logins=True))


def _remove_user(ask: Ask, params: Params) -> Result:
    return {"error": _keyring(ask).remove_user(params["username"].lower())}


def _set_user_scopes(ask: Ask, params: Params) -> Result:
    things = bare(params["allowedThingIds"]) if "allowedThingIds" in params else None
    name, scopes = params["username"].lower(), scopes_of(params["scopes"])
    return {"error": _keyring(ask).set_scopes(name, scopes, things)}


def _set_user_info(ask: Ask, params: Params) -> Result:
    name = params.get("username", "").lower()
    if not name and not ask.caller.token:
        return DENIED
    display_name, email = params.get("displayName"), params.get("email")
    return {"error": _keyring(ask).set_info(name or ask.caller.user, display_name, email)}


def _method(
    name: str, params: Mapping[str, Shape], returns: Mapping[str, Shape], handler: Handler, text: str
) -> Method:
    scope: Scope = "None" if name == "GetUserInfo" else "Admin"
    return Method(NAME, name, params, {**returns, "error": "$ref:UserError"}, scope, "door", handler, text)


_TOKENS: Final = {"o:tokenInfoList": "$ref:TokenInfoList"}
_ABOUT: Final = {"o:displayName": "String", "o:email": "String"}
_MAY: Final = "$ref:PermissionScopes"

USERS: Final = Namespace(
    methods=(
        _method(
            "CreateUser",
            {
                "username": "String",
                "password": "String",
                **_ABOUT,
                "o:scopes": _MAY,
                "o:allowedThingIds": ["Uuid"],
            },
            {},
            _create_user,
            "Make a user; without scopes one who may everything.",
        ),
        _method("GetUserInfo", {}, {"o:userInfo": "$ref:UserInfo"}, _get_user_info, "Who one is."),
        _method("GetUsers", {}, {"users": "$ref:UserInfoList"}, _get_users, "All users."),
        _method("GetTokens", {}, _TOKENS, _get_tokens, "One's own tokens."),
        _method("GetUserTokens", {"username": "String"}, _TOKENS, _get_user_tokens, "The tokens of a user."),
        _method("RemoveToken", {"tokenId": "Uuid"}, {}, _remove_token, "Make a token invalid."),
        _method("ChangePassword", {"newPassword": "String"}, {}, _change_password, "One's own new password."),
        _method(
            "ChangeUserPassword",
            {"username": "String", "newPassword": "String"},
            {},
            _change_user_password,
            "Give a user a new password; all its logins end.",
        ),
        _method("RemoveUser", {"username": "String"}, {}, _remove_user, "Remove a user and its tokens."),
        _method(
            "SetUserScopes",
            {"username": "String", "scopes": _MAY, "o:allowedThingIds": ["Uuid"]},
            {},
            _set_user_scopes,
            "What a user may; the last one who may everything keeps that.",
        ),
        _method(
            "SetUserInfo",
            {"o:username": "String", **_ABOUT},
            {},
            _set_user_info,
            "How a user, or oneself, is called and written to.",
        ),
    ),
    notices=(
        Notice(NAME, "UserAdded", {"userInfo": "$ref:UserInfo"}, "There is a new user."),
        Notice(NAME, "UserChanged", {"userInfo": "$ref:UserInfo"}, "What is told of a user has changed."),
        Notice(NAME, "UserRemoved", {"username": "String"}, "A user is gone."),
    ),
    types={
        "UserInfo": {
            "r:username": "String",
            "r:displayName": "String",
            "r:email": "String",
            "r:scopes": _MAY,
            "r:allowedThingIds": ["Uuid"],
        },
        "UserInfoList": ["$ref:UserInfo"],
        "TokenInfo": {
            "r:id": "Uuid",
            "r:username": "String",
            "r:deviceName": "String",
            "r:creationTime": "Uint",
        },
        "TokenInfoList": ["$ref:TokenInfo"],
    },
    enums={"UserError": get_args(UserError), SCOPE: tuple(f"{SCOPE}{scope}" for scope in get_args(Scope))},
    flags={"PermissionScopes": SCOPE},
    heard=heard,
)
