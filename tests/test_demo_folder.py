"""The demo's own folder."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image

from hems.demo_folder import INSTALLATION, demo_folder, saver
from hems.errors import HemsError


def test_without_a_wish_it_is_gone_afterwards() -> None:
    with ExitStack() as resources:
        folder = demo_folder(None, resources)
        assert (folder / "book").exists()
    assert not folder.exists()


def test_a_wanted_one_is_made_and_kept(tmp_path: Path) -> None:
    with ExitStack() as resources:
        assert demo_folder(tmp_path / "mine", resources) == tmp_path / "mine"
        (tmp_path / "mine" / INSTALLATION).write_text("")
        assert demo_folder(tmp_path / "mine", resources) == tmp_path / "mine", "and again"


@pytest.mark.parametrize("name", ["hems.toml", "book"])
def test_it_keeps_off_an_appliances_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("precious")
    with ExitStack() as resources, pytest.raises(HemsError, match="belongs to an appliance"):
        demo_folder(tmp_path, resources)


def test_pictures_are_numbered(tmp_path: Path) -> None:
    save = saver(tmp_path / "pictures")
    assert save is not None
    for name in ("home", "car"):
        save(name, Image.new("1", (128, 64)))
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == ["001-home.png", "002-car.png"]
    assert saver(None) is None
