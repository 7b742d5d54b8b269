"""Who may come in: users, their scopes and their tokens. Pure; passwords are hashed elsewhere.

Names are compared without case and kept in lower case. The user "" has no password and no record: it is
whoever was let in by the button on the panel, and may everything.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from hems.api.rows import Scope
from hems.api.tokens import Token, digest_of

UserError = Literal[
    "UserErrorNoError",
    "UserErrorBackendError",
    "UserErrorInvalidUserId",
    "UserErrorDuplicateUserId",
    "UserErrorBadPassword",
    "UserErrorTokenNotFound",
    "UserErrorPermissionDenied",
    "UserErrorInconsistantScopes",
]
GOOD: Final = "UserErrorNoError"
ADMIN: Final[frozenset[Scope]] = frozenset({"Admin"})

NAME: Final = re.compile(r"[A-Za-z0-9_.+@-]{3,40}")
USERS_MAX: Final = 32
DISPLAY_CHARACTERS_MAX: Final = 64
EMAIL_CHARACTERS_MAX: Final = 128
THINGS_MAX: Final = 64
"""A user beyond these has no room in the memory."""

NEEDS: Final[Mapping[Scope, frozenset[Scope]]] = {
    "ConfigureThings": frozenset({"ControlThings", "AccessAllThings"}),
    "ExecuteRules": frozenset({"AccessAllThings"}),
    "ConfigureRules": frozenset({"AccessAllThings", "ExecuteRules"}),
}
"""Scopes that make no sense without others."""


@dataclass(frozen=True, slots=True)
class User:
    """One user: what is remembered of the password, and the ids (without braces) of the allowed things."""

    name: str
    password: str = field(repr=False)
    scopes: frozenset[Scope] = ADMIN
    things: tuple[str, ...] = ()
    display_name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Access:
    """Everybody who may come in: users by name, and the tokens that were given out."""

    users: Mapping[str, User] = field(default_factory=dict)
    tokens: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Login:
    """Whom a token stands for at this moment: its id, scopes, and the things it may see (``None`` = all)."""

    user: str
    token: str
    scopes: frozenset[Scope]
    things: frozenset[str] | None


def anybody(access: Access) -> bool:
    """Whether anybody may come in yet."""
    return bool(access.users or access.tokens)


def token_of(access: Access, text: str) -> Token | None:
    """The token with this text."""
    digest = digest_of(text)
    return next((token for token in access.tokens if token.digest == digest), None)


def login_of(access: Access, text: str) -> Login | None:
    """Whom this token stands for, with the scopes of now; ``None`` if it is not valid."""
    token = token_of(access, text)
    if token is None:
        return None
    if token.user == "":
        return Login("", token.id, ADMIN, None)
    user = access.users.get(token.user)
    if user is None:
        return None
    everything = bool(user.scopes & {"Admin", "AccessAllThings"})
    return Login(user.name, token.id, user.scopes, None if everything else frozenset(user.things))


def consistent(scopes: Collection[Scope]) -> bool:
    """Whether each scope comes with those it needs."""
    return "Admin" in scopes or all(NEEDS.get(scope, frozenset()) <= set(scopes) for scope in scopes)


def judged(access: Access, user: User) -> UserError:
    """What is wrong with a user that is to be made."""
    if not NAME.fullmatch(user.name) or not _fits(user):
        return "UserErrorInvalidUserId"
    if user.name in access.users:
        return "UserErrorDuplicateUserId"
    if not consistent(user.scopes):
        return "UserErrorInconsistantScopes"
    if len(access.users) >= USERS_MAX or len(user.things) > THINGS_MAX:
        return "UserErrorBackendError"
    return GOOD


def with_user(access: Access, user: User) -> tuple[Access, UserError]:
    """A new user."""
    error = judged(access, user)
    return (access, error) if error != GOOD else (_with(access, user), GOOD)


def without_user(access: Access, name: str) -> tuple[Access, UserError]:
    """A user and its tokens are gone; the last Admin stays."""
    user = access.users.get(name)
    if user is None:
        return access, "UserErrorInvalidUserId"
    if _last_admin(access, user):
        return access, "UserErrorPermissionDenied"
    users = {other: record for other, record in access.users.items() if other != name}
    return replace(without_tokens(access, name), users=users), GOOD


def with_scopes(
    access: Access, name: str, scopes: frozenset[Scope], things: tuple[str, ...] | None
) -> tuple[Access, UserError]:
    """What a user may from now on; `things` ``None`` leaves the allowed things. The last Admin stays one."""
    user = access.users.get(name)
    if user is None:
        return access, "UserErrorInvalidUserId"
    if not consistent(scopes):
        return access, "UserErrorInconsistantScopes"
    if "Admin" not in scopes and _last_admin(access, user):
        return access, "UserErrorPermissionDenied"
    if len(things or ()) > THINGS_MAX:
        return access, "UserErrorBackendError"
    changed = replace(user, scopes=scopes, things=user.things if things is None else things)
    return _with(access, changed), GOOD


def with_info(
    access: Access, name: str, display_name: str | None, email: str | None
) -> tuple[Access, UserError]:
    """How a user is called and written to; ``None`` leaves it."""
    user = access.users.get(name)
    if user is None:
        return access, "UserErrorInvalidUserId"
    changed = replace(
        user,
        display_name=user.display_name if display_name is None else display_name,
        email=user.email if email is None else email,
    )
    return (_with(access, changed), GOOD) if _fits(changed) else (access, "UserErrorInvalidUserId")


def with_password(access: Access, name: str, remembered: str) -> tuple[Access, UserError]:
    """A user's new password, hashed."""
    user = access.users.get(name)
    if user is None:
        return access, "UserErrorInvalidUserId"
    return _with(access, replace(user, password=remembered)), GOOD


def without_token(access: Access, token_id: str, user: str | None) -> tuple[Access, UserError]:
    """One token is gone; one of `user` only, if that is given."""
    tokens = tuple(token for token in access.tokens if token.id != token_id)
    token = next((token for token in access.tokens if token.id == token_id), None)
    if token is None or user not in (None, token.user):
        return access, "UserErrorTokenNotFound"
    return replace(access, tokens=tokens), GOOD


def without_tokens(access: Access, user: str) -> Access:
    """All tokens of a user are gone."""
    return replace(access, tokens=tuple(token for token in access.tokens if token.user != user))


def gone(before: Access, after: Access) -> frozenset[str]:
    """Ids of tokens that are not valid any more."""
    return frozenset(token.id for token in before.tokens) - {token.id for token in after.tokens}


def _with(access: Access, user: User) -> Access:
    return replace(access, users={**access.users, user.name: user})


def _fits(user: User) -> bool:
    return len(user.display_name) <= DISPLAY_CHARACTERS_MAX and len(user.email) <= EMAIL_CHARACTERS_MAX


def _last_admin(access: Access, user: User) -> bool:
    others = (other for other in access.users.values() if other.name != user.name)
    return "Admin" in user.scopes and not any("Admin" in other.scopes for other in others)
