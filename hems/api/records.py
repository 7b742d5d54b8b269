"""Users and tokens as entries of drawers, and which drawer an entry lies in. Pure but for the drawers.

A drawer is one document of limited size, so entries of one kind are spread over several. One stays where it
lies: a change is as small on the card as it is here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from msgspec import ValidationError, convert, to_builtins

from hems.api.access import Access, User
from hems.api.tokens import Token
from hems.model.loop import Drawer

USER: Final = "user:"
TOKEN: Final = "token:"

Rows = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the drawers held; it is not `whole` if some entry could not be understood."""

    access: Access
    whole: bool


class Shelves:
    """Drawers of one kind of entries, `per` in each, and what lies in them."""

    def __init__(self, drawers: Mapping[str, Drawer], per: int) -> None:
        self._drawers = drawers
        self._per = per
        self._lying: Mapping[str, Rows] = {name: dict(drawer.recall()) for name, drawer in drawers.items()}

    @property
    def rows(self) -> Rows:
        """All entries."""
        return {key: entry for lying in self._lying.values() for key, entry in lying.items()}

    def keep(self, rows: Rows) -> bool:
        """Keep these entries and no others; false, and nothing else, where there is no room for them."""
        wanted = shelved(self._lying, rows, self._per)
        if wanted is None:
            return False
        changed = [name for name in wanted if wanted[name] != self._lying[name]]
        for done, name in enumerate(changed):
            if not self._drawers[name].keep(wanted[name]):
                for former in changed[:done]:
                    self._drawers[former].keep(self._lying[former])
                return False
        self._lying = wanted
        return True


def shelved(lying: Mapping[str, Rows], rows: Rows, per: int) -> Mapping[str, Rows] | None:
    """Where entries lie: those that were there stay, a new one takes the first gap; ``None`` without one."""
    wanted = {name: {key: rows[key] for key in shelf if key in rows} for name, shelf in lying.items()}
    known = {key for shelf in wanted.values() for key in shelf}
    for key in rows:
        if key not in known:
            shelf = next((shelf for shelf in wanted.values() if len(shelf) < per), None)
            if shelf is None:
                return None
            shelf[key] = rows[key]
    return wanted


def of_entries(users: Rows, tokens: Rows) -> Recalled:
    """Everybody who may come in, as the entries say."""
    people = [_user(key, entry) for key, entry in users.items()]
    given = [_token(key, entry) for key, entry in tokens.items()]
    known = {user.name: user for user in people if user is not None}
    valid = (token for token in given if token is not None)
    ordered = tuple(sorted(valid, key=lambda token: token.turn))
    return Recalled(Access(known, ordered), None not in people and None not in given)


def user_entries(access: Access) -> Rows:
    """Users as entries."""
    return {f"{USER}{name}": _entry(user, "name") for name, user in access.users.items()}


def token_entries(access: Access) -> Rows:
    """Tokens as entries."""
    return {f"{TOKEN}{token.id}": _entry(token, "id") for token in access.tokens}


def _entry(record: User | Token, key: str) -> Mapping[str, object]:
    fields: dict[str, Any] = to_builtins(record)
    if isinstance(record, User):
        fields["scopes"] = sorted(record.scopes)
    return {name: value for name, value in fields.items() if name != key}


def _user(key: str, entry: object) -> User | None:
    fields = entry if isinstance(entry, Mapping) else {}
    try:
        return convert({**fields, "name": key.removeprefix(USER)}, User)
    except ValidationError:
        return None


def _token(key: str, entry: object) -> Token | None:
    fields = entry if isinstance(entry, Mapping) else {}
    try:
        return convert({**fields, "id": key.removeprefix(TOKEN)}, Token)
    except ValidationError:
        return None
