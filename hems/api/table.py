"""Everything the door can be asked, in one table (API-2, API-50)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from hems.api import introspect as door_words
from hems.api.rows import Method, Namespace, Notice, Params
from hems.api.shapes import Words, gathered
from hems.api.validate import Check, record_check

ALIASES: Final[Mapping[str, str]] = {"EnergyPlugin": "NymeaEnergy"}
"""A second name of a namespace, which clients of its first days use (API-100)."""


@dataclass(frozen=True, slots=True)
class Table:
    """All rows by their full names, the checks made of them, and what Introspect answers.

    `names` are those of the namespaces, with `aliases` among them.
    """

    namespaces: tuple[Namespace, ...]
    names: frozenset[str]
    aliases: Mapping[str, str]
    methods: Mapping[str, Method]
    notices: Mapping[str, Notice]
    checks: Mapping[str, Check]
    words: Words
    introspection: Mapping[str, msgspec.Raw]

    def validated(self, method: Method, params: object) -> Params:
        """The parameters as the handler wants them, or `Invalid`."""
        checked: Params = self.checks[method.full](params)
        return checked


def table(namespaces: Sequence[Namespace], aliases: Mapping[str, str] = ALIASES) -> Table:
    """The table of some namespaces; a row that does not hold together is a `ValueError`."""
    words = gathered(tuple(namespaces))
    methods = [row for namespace in namespaces for row in namespace.methods]
    notices = [row for namespace in namespaces for row in namespace.notices]
    for alias, name in aliases.items():
        methods += [replace(row, namespace=alias) for row in methods if row.namespace == name]
        notices += [replace(row, namespace=alias) for row in notices if row.namespace == name]
    door_words.judge(methods, notices, words)
    names = frozenset(row.namespace for row in (*methods, *notices))
    return Table(
        namespaces=tuple(namespaces),
        names=names,
        aliases={alias: name for alias, name in aliases.items() if alias in names},
        methods={row.full: row for row in methods},
        notices={f"{row.namespace}.{row.name}": row for row in notices},
        checks={row.full: record_check(row.params, words) for row in methods},
        words=words,
        introspection=door_words.introspection(methods, notices, words),
    )
