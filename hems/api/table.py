"""Everything the door can be asked, in one table (API-2, API-50).

A namespace is added by naming it here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from hems.api import introspect as door_words
from hems.api.charging import NYMEA_ENERGY
from hems.api.configuration import CONFIGURATION
from hems.api.energy import ENERGY
from hems.api.integrations import INTEGRATIONS
from hems.api.jsonrpc import JSONRPC
from hems.api.legacy import ACTIONS, STATES
from hems.api.own import HEMS
from hems.api.rows import Method, Namespace, Notice, Params, Remember
from hems.api.shapes import Words, gathered
from hems.api.stubs import RULES, SCRIPTS
from hems.api.system import SYSTEM
from hems.api.tags import TAGS
from hems.api.users import USERS
from hems.api.validate import Check, record_check

ALIASES: Final[Mapping[str, str]] = {"EnergyPlugin": "NymeaEnergy"}
"""A second name of a namespace, which clients of its first days use (API-100)."""

NAMESPACES: Final = (
    JSONRPC,
    INTEGRATIONS,
    ACTIONS,
    STATES,
    ENERGY,
    NYMEA_ENERGY,
    HEMS,
    USERS,
    SYSTEM,
    CONFIGURATION,
    TAGS,
    RULES,
    SCRIPTS,
)


@dataclass(frozen=True, slots=True)
class Table:
    """All rows by their full names, the checks made of them, and what Introspect answers.

    `names` are those of the namespaces, with `aliases` among them; `remembering` is how each of them folds
    views into its memory, if it does.
    """

    namespaces: tuple[Namespace, ...]
    names: frozenset[str]
    aliases: Mapping[str, str]
    methods: Mapping[str, Method]
    notices: Mapping[str, Notice]
    checks: Mapping[str, Check]
    remembering: Mapping[str, Remember]
    words: Words
    introspection: Mapping[str, msgspec.Raw]

    def validated(self, method: Method, params: object) -> Params:
        """The parameters as the handler wants them, or `Invalid`."""
        checked: Params = self.checks[method.full](params)
        return checked

    def names_of(self, namespace: str) -> tuple[str, ...]:
        """All names under which a namespace's notifications go out, its own first."""
        return (namespace, *(alias for alias, name in self.aliases.items() if name == namespace))

    def spoken(self, namespace: Namespace) -> frozenset[str]:
        """The names of all notifications that a namespace declares."""
        return frozenset(name for row in namespace.notices for name in self.names_of(row.namespace))


def table(namespaces: Sequence[Namespace], aliases: Mapping[str, str] = ALIASES) -> Table:
    """The table of some namespaces; a row that does not hold together is a `ValueError`."""
    words = gathered(tuple(namespaces))
    methods = [row for namespace in namespaces for row in namespace.methods]
    notices = [row for namespace in namespaces for row in namespace.notices]
    for alias, name in aliases.items():
        methods += [replace(row, namespace=alias) for row in methods if row.namespace == name]
        notices += [replace(row, namespace=alias) for row in notices if row.namespace == name]
    door_words.judge(methods, notices, words)
    rows: list[Method | Notice] = [*methods, *notices]
    names = frozenset(row.namespace for row in rows)
    return Table(
        namespaces=tuple(namespaces),
        names=names,
        aliases={alias: name for alias, name in aliases.items() if alias in names},
        methods={row.full: row for row in methods},
        notices={f"{row.namespace}.{row.name}": row for row in notices},
        checks={row.full: record_check(row.params, words) for row in methods},
        remembering={
            name: namespace.remember
            for namespace in namespaces
            if namespace.remember is not None
            for name in _named(namespace, aliases)
        },
        words=words,
        introspection=door_words.introspection(methods, notices, words),
    )


def _named(namespace: Namespace, aliases: Mapping[str, str]) -> set[str]:
    own = {row.namespace for row in namespace.methods}
    return own | {alias for alias, name in aliases.items() if name in own}


TABLE: Final = table(NAMESPACES)
"""All there is; a program whose table does not hold together does not start."""
