"""A key that is made once, an appliance for each test, and no waiting."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hems_update import programs, service
from hems_update.place import Place

from tests.deploy.workshop import appliance, make_key

Build = Callable[..., Place]


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The key that the appliance knows."""
    return make_key(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def strange_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key that it does not know."""
    return make_key(tmp_path_factory.mktemp("strange"))


@pytest.fixture
def place(tmp_path: Path, key: Path) -> Place:
    """An appliance that runs 0.1.0."""
    return appliance(tmp_path, key, "0.1.0")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks at the service follow each other at once."""
    monkeypatch.setattr(service, "AGAIN_AFTER_S", 0.005)
    monkeypatch.setattr(programs, "RETURNED_S", 0.02)
