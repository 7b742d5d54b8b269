"""What several tests of the panel need."""

from collections.abc import Iterator

import pytest
from PIL import features

from hems.panel.face import glyph, has_typeface, strip


@pytest.fixture
def without_typeface(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A picture library that was built without its font engine."""

    def forget() -> None:
        for cached in (glyph, strip, has_typeface):
            cached.cache_clear()

    forget()
    monkeypatch.setattr(features, "check", lambda feature: False)
    yield
    forget()
