"""Declarations as nymea writes them: prefixes of members, and what a shape refers to (API-32)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from hems.api.rows import Namespace, Shape

PLAIN: Final = frozenset(
    {"Uuid", "String", "StringList", "Int", "Uint", "Double", "Bool", "Variant", "Time", "Object"}
)
REFERENCE: Final = "$ref:"
Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a record: its name, and what its prefixes say about it."""

    declared: str
    name: str
    optional: bool = False
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """Everything shapes may refer to."""

    types: Mapping[str, Shape]
    enums: Mapping[str, tuple[str, ...]]
    flags: Mapping[str, str]


def member(declared: str) -> Member:
    """What a declared name says, as ``r:o:chargingState``."""
    *prefixes, name = declared.split(":")
    return Member(declared, name, "o" in prefixes, "r" in prefixes)


def referred(shape: Shape) -> str | None:
    """The name a shape refers to, ``None`` if it is none of the references."""
    if isinstance(shape, str) and shape.startswith(REFERENCE):
        return shape.removeprefix(REFERENCE)
    return None


def complaints(shape: Shape, words: Words) -> Iterator[str]:
    """What a declaration cannot mean."""
    if isinstance(shape, Mapping):
        for declared, inner in shape.items():
            yield from _prefix_complaints(declared)
            yield from complaints(inner, words)
    elif not isinstance(shape, str):
        if len(shape) != 1:
            yield f"a list is declared by one element, not by {len(shape)}"
        for inner in shape:
            yield from complaints(inner, words)
    elif (name := referred(shape)) is None:
        if shape not in PLAIN:
            yield f"no type is called {shape!r}"
    elif name not in words.types and name not in words.enums and name not in words.flags:
        yield f"nothing is called {name!r}"


def _prefix_complaints(declared: str) -> Iterator[str]:
    *prefixes, name = declared.split(":")
    if not name or not set(prefixes) <= {"o", "r", "d"}:
        yield f"{declared!r} is no name of a member"


def gathered(namespaces: tuple[Namespace, ...]) -> Words:
    """All words of all namespaces; two that give one name different meanings are a `ValueError`."""
    types: dict[str, Shape] = {}
    enums: dict[str, tuple[str, ...]] = {}
    flags: dict[str, str] = {}
    for namespace in namespaces:
        _add(types, namespace.types)
        _add(enums, namespace.enums)
        _add(flags, namespace.flags)
    shared = (types.keys() & enums.keys()) | (types.keys() & flags.keys()) | (enums.keys() & flags.keys())
    if shared:
        raise ValueError(f"{', '.join(sorted(shared))}: one name for two things")
    for name, shape in types.items():
        if referred(shape) is not None:
            raise ValueError(f"{name}: a definition is no reference")
        for words in complaints(shape, Words(types, enums, flags)):
            raise ValueError(f"{name}: {words}")
    for name, enum in flags.items():
        if enum not in enums:
            raise ValueError(f"{name}: no enum is called {enum!r}")
    return Words(types, enums, flags)


def _add(into: dict[str, Meaning], more: Mapping[str, Meaning]) -> None:
    for name, meaning in more.items():
        if into.setdefault(name, meaning) != meaning:
            raise ValueError(f"{name}: it is defined twice")
