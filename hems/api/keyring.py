"""The door's keys: keeps users, tokens and tags in their drawers, and has passwords hashed.

What waits for a hash is a `Begin`: it is told whom to call, later, and gives back how to withdraw it. Nothing
has changed until then, and nothing changes after a withdrawal.
"""

import logging
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeVar

from hems.api import access as gate
from hems.api import passwords, tokens
from hems.api.access import GOOD, Access, Login, User, UserError
from hems.api.passwords import Derivation
from hems.api.records import Shelves, of_entries, token_entries, user_entries
from hems.api.rows import Scope
from hems.api.tag_box import TagBox
from hems.api.tokens import Issued, Random
from hems.model.loop import Drawer

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Withdraw = Callable[[], None]
Begin = Callable[[Callable[[Answer], None]], Withdraw]

SHELVES: Final[Mapping[str, tuple[int, int]]] = {"users": (8, 4), "tokens": (4, 16)}
"""Drawers of each kind, and how many entries one holds."""

MARK: Final = "forgotten"


class Hashing(Protocol):
    """Where passwords are hashed, outside of the loop."""

    @property
    def full(self) -> bool:
        """Whether too many wait already."""
        ...

    def derive(self, asked: Derivation, answer: Callable[[bytes | None], None]) -> Withdraw:
        """Call with the hash, or ``None`` if it could not be made in time; never before this returns."""
        ...


@dataclass(frozen=True, slots=True)
class Tried:
    """How a login ended: with a token, or for a `wrong` name or password; else there was no time for it."""

    issued: Issued | None = None
    login: Login | None = None
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class NewUser:
    """Who is to be made a user."""

    name: str
    password: str = field(repr=False)
    scopes: frozenset[Scope] = gate.ADMIN
    things: tuple[str, ...] = ()
    display_name: str = ""
    email: str = ""


class Keyring:
    """Users, tokens and tags as they are now.

    `drawer` opens a drawer of the memory by its name. Where the memory may have forgotten everybody
    (`remembered` is false), nobody counts as the first to come, nor in later runs, until somebody was let in
    by who is trusted anyway: the button, or the Unix socket.
    """

    def __init__(
        self,
        drawer: Callable[[str], Drawer],
        hashing: Hashing,
        random: Random = os.urandom,
        *,
        remembered: bool = True,
    ) -> None:
        self.tags = TagBox(drawer)
        self._hashing = hashing
        self._random = random
        shelves = {
            kind: Shelves({f"{kind}.{number}": drawer(f"{kind}.{number}") for number in range(count)}, per)
            for kind, (count, per) in SHELVES.items()
        }
        self._users, self._tokens = shelves["users"], shelves["tokens"]
        recalled = of_entries(self._users.rows, self._tokens.rows)
        self._access = self._told = recalled.access
        self._mark = drawer("forgotten")
        forgotten = not (remembered and recalled.whole) and not gate.anybody(self._access)
        if forgotten:
            self._mark.keep({MARK: True})
        self._forgotten = forgotten or MARK in self._mark.recall()
        self._gone: frozenset[str] = frozenset()

    @property
    def access(self) -> Access:
        """Everybody who may come in."""
        return self._access

    @property
    def anybody(self) -> bool:
        """Whether anybody may come in yet: as long as not, whoever comes first may make himself a user."""
        return self._forgotten or gate.anybody(self._access)

    def login_of(self, text: str) -> Login | None:
        """Whom a token stands for now; asked for each request, what changed since the last one counts."""
        return gate.login_of(self._access, text)

    def bind(self, text: str) -> Login | None:
        """The same for a connection that begins with this token: it is the last that was used."""
        token = gate.token_of(self._access, text)
        if token is not None:
            self._access = replace(self._access, tokens=tokens.used(self._access.tokens, token))
        return gate.login_of(self._access, text)

    def take_gone(self) -> frozenset[str]:
        """Ids of tokens that became invalid since the last call: their connections are to be dropped."""
        gone, self._gone = self._gone, frozenset()
        return gone

    def take_changes(self) -> tuple[Access, Access]:
        """Everybody as of the last call (or the start), and as of now."""
        told, self._told = self._told, self._access
        return told, self._access

    def let_in(self, device: str, created_s: int, in_use: Collection[str] = ()) -> Issued | None:
        """The token for whom a button let in; ``None`` if the memory has no room.

        `in_use` are ids of tokens with a connection, `created_s` seconds since 1970, 0 if untrusted.
        """
        return self._issue("", device, created_s, in_use)

    def log_in(
        self, name: str, password: str, device: str, created_s: int, in_use: Collection[str] = ()
    ) -> Begin[Tried]:
        """Try a name and a password; a name that is not known takes as long as one that is."""
        wanted = name.lower()
        user = self._access.users.get(wanted)
        remembered = user.password if user else ""

        def begin(answer: Callable[[Tried], None]) -> Withdraw:
            def judge(hashed: bytes | None) -> None:
                if hashed is None:
                    answer(Tried())
                    return
                present = self._access.users.get(wanted)
                same = present is not None and present.password == remembered
                if not passwords.matches(remembered, hashed) or not same:
                    log.warning("a wrong name or password")
                    answer(Tried(wrong=True))
                    return
                issued = self._issue(wanted, device, created_s, in_use)
                answer(Tried(issued, self.login_of(issued.text)) if issued else Tried())

            asked = passwords.derivation(password, passwords.salt_of(remembered))
            return self._hashing.derive(asked, judge)

        return begin

    def create(self, asked: NewUser, *, first: bool = False) -> UserError | Begin[UserError]:
        """Make a user, or what is wrong with that; `first`: only as long as there is nobody else."""
        user = User(asked.name.lower(), "", asked.scopes, asked.things, asked.display_name, asked.email)
        error = self._judged(user, asked.password, first)
        if error != GOOD:
            return error

        def keep(remembered: str) -> UserError:
            if first and self.anybody:
                return "UserErrorPermissionDenied"
            return self._settle(gate.with_user(self._access, replace(user, password=remembered)))

        return self._hashed(asked.password, keep)

    def set_password(self, name: str, password: str, *, end_logins: bool) -> UserError | Begin[UserError]:
        """Give a user a new password; `end_logins`: all its tokens become invalid."""
        if name not in self._access.users:
            return "UserErrorInvalidUserId"
        if not passwords.good(password):
            return "UserErrorBadPassword"

        def keep(remembered: str) -> UserError:
            access, error = gate.with_password(self._access, name, remembered)
            if end_logins and error == GOOD:
                access = gate.without_tokens(access, name)
            return self._settle((access, error))

        return self._hashed(password, keep)

    def remove_user(self, name: str) -> UserError:
        """Remove a user with its tokens."""
        return self._settle(gate.without_user(self._access, name))

    def set_scopes(self, name: str, scopes: frozenset[Scope], things: tuple[str, ...] | None) -> UserError:
        """What a user may from now on."""
        return self._settle(gate.with_scopes(self._access, name, scopes, things))

    def set_info(self, name: str, display_name: str | None, email: str | None) -> UserError:
        """How a user is called."""
        return self._settle(gate.with_info(self._access, name, display_name, email))

    def remove_token(self, token_id: str, user: str | None) -> UserError:
        """Make a token invalid, one of `user` only if that is given."""
        return self._settle(gate.without_token(self._access, token_id, user))

    def _judged(self, user: User, password: str, first: bool) -> UserError:
        if first and self.anybody:
            return "UserErrorPermissionDenied"
        error = gate.judged(self._access, user)
        if error == "UserErrorNoError" and not passwords.good(password):
            return "UserErrorBadPassword"
        return error

    def _hashed(self, password: str, keep: Callable[[str], UserError]) -> UserError | Begin[UserError]:
        """Keep what is remembered of a password once it is hashed."""
        if self._hashing.full:
            return "UserErrorBackendError"
        salt = self._random(passwords.SALT_BYTES)

        def begin(answer: Callable[[UserError], None]) -> Withdraw:
            def judge(hashed: bytes | None) -> None:
                answer("UserErrorBackendError" if hashed is None else keep(passwords.record(salt, hashed)))

            return self._hashing.derive(passwords.derivation(password, salt), judge)

        return begin

    def _issue(self, user: str, device: str, created_s: int, in_use: Collection[str]) -> Issued | None:
        given, issued = tokens.issue(self._access.tokens, user, device, created_s, self._random, in_use)
        error = self._settle((replace(self._access, tokens=given), GOOD))
        return issued if error == GOOD else None

    def _settle(self, changed: tuple[Access, UserError]) -> UserError:
        """Keep what has changed; where there is no room for it nothing has."""
        access, error = changed
        if error != GOOD:
            return error
        if not self._users.keep(user_entries(access)) or not self._tokens.keep(token_entries(access)):
            log.error("the memory has no room for users and tokens")
            return "UserErrorBackendError"
        self._gone |= gate.gone(self._access, access)
        self._access = access
        if self._forgotten:
            self._forgotten = False
            self._mark.keep({})
        return GOOD
