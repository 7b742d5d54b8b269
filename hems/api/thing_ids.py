"""The names by which clients know things, kinds of things, states and price providers: made, never stored.

Every id is a UUID of version 5, printed with braces. Those of things hang on the appliance's own id, so that
two houses never share one; those of kinds are the same everywhere.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final
from uuid import NAMESPACE_DNS, UUID, uuid5

from hems.api.rows import Identity

ROOT: Final = uuid5(NAMESPACE_DNS, "hems.local")
"""What all other ids hang on."""


def braced(number: UUID) -> str:
    """As ids are printed."""
    return f"{{{number}}}"


def bare(number: str) -> str:
    """An id without its braces, as it is kept."""
    return number.strip("{}")


@cache
def fixed_id(path: str) -> str:
    """The id of what is the same in every house: ``plugin``, ``class:evcharger``, ``provider:static`` …"""
    return braced(uuid5(ROOT, path))


def server_id(machine_id: str) -> str:
    """The appliance's own id, without braces as `Identity.server` holds it."""
    return str(uuid5(ROOT, f"server:{machine_id}"))


@cache
def _thing_id(server: str, name: str) -> str:
    return braced(uuid5(UUID(server), f"thing:{name}"))


def thing_id(identity: Identity, name: str) -> str:
    """The id of the device of this house with a configured name."""
    return _thing_id(identity.server, name)


def named(identity: Identity, wanted: str, names: Iterable[str]) -> str | None:
    """Which of the names a thing's id belongs to; ``None`` = to none of them."""
    return next((name for name in names if thing_id(identity, name) == wanted), None)


def class_id(name: str) -> str:
    """The id of a class of things, as ``evcharger``."""
    return fixed_id(f"class:{name}")


def state_id(class_name: str, state: str) -> str:
    """The id of a class's state, of the action that sets it, and of that action's one parameter."""
    return fixed_id(f"state:{class_name}.{state}")


def provider_id(key: str) -> str:
    """The id of a provider of prices, as ``awattar-at``."""
    return fixed_id(f"provider:{key}")


PLUGIN: Final = fixed_id("plugin")
VENDOR: Final = fixed_id("vendor")
