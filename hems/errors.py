"""The errors a person is meant to read."""

from typing import ClassVar


class HemsError(Exception):
    """Something a person can mend; its text is one sentence that names the place and the remedy."""

    exit_code: ClassVar[int] = 2
    """What a command ends with that fails by it."""


class ConfigError(HemsError):
    """The installation file is wrong; the text begins with the key's path."""


class BookError(HemsError):
    """The journal's book cannot be opened or read."""


class BookInUse(BookError):  # noqa: N818 (a state of the book, not of the program)
    """Another process holds the book open for writing."""


class SafeError(HemsError):
    """A charger was not told 0 A, or a relay could not be released; the text names every one."""

    exit_code: ClassVar[int] = 3


class PortError(HemsError):
    """A serial port cannot be opened."""
