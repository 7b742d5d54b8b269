"""The stage for every story."""

from tests.stories.stage import raise_curtain

__all__ = ["raise_curtain"]
