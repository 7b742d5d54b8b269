"""Plain JSON values with their shapes checked; what is not of its shape is a `ValueError` in words."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

Found = TypeVar("Found")


def mapping(value: object) -> Mapping[str, object]:
    """A mapping."""
    if not isinstance(value, Mapping):
        raise ValueError(f"a mapping was expected, not {value!r}")
    return value


def integers(value: object) -> dict[str, int]:
    """A mapping of whole numbers."""
    return {name: integer(number) for name, number in mapping(value).items()}


def items(value: object) -> Sequence[object]:
    """A list."""
    if not isinstance(value, list):
        raise ValueError(f"a list was expected, not {value!r}")
    return value


def flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"true or false was expected, not {value!r}")
    return value


def optional(read: Callable[[object], Found], value: object) -> Found | None:
    """What `read` makes of a value that may be ``None``."""
    return None if value is None else read(value)


def integer(value: object) -> int:
    """A whole number."""
    if not isinstance(value, int):
        raise ValueError(f"a whole number was expected, not {value!r}")
    return value


def number(value: object) -> float:
    """A number."""
    if not isinstance(value, int | float):
        raise ValueError(f"a number was expected, not {value!r}")
    return value


def text(value: object) -> str:
    """A text."""
    if not isinstance(value, str):
        raise ValueError(f"a text was expected, not {value!r}")
    return value


def time(value: object) -> datetime | None:
    """A time with its offset, or ``None``."""
    if value is None:
        return None
    found = datetime.fromisoformat(text(value))
    if found.tzinfo is None:
        raise ValueError(f"a time with its offset was expected, not {value!r}")
    return found


def instant(value: object) -> datetime:
    """A time with its offset."""
    found = time(value)
    if found is None:
        raise ValueError("a time with its offset was expected, not None")
    return found


def iso(moment: datetime | None) -> str | None:
    """A time as ISO 8601 with its full precision."""
    return None if moment is None else moment.isoformat()
