"""The stage for every story, and the street before its door."""

from tests.stories.clients import open_street
from tests.stories.stage import raise_curtain

__all__ = ["open_street", "raise_curtain"]
