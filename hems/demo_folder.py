"""Where the demo keeps its installation and its memory, and where it saves pictures."""

from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import TYPE_CHECKING, Final

from hems.errors import HemsError
from hems.journal.journal import create_book

if TYPE_CHECKING:
    from PIL.Image import Image

INSTALLATION: Final = "demo.toml"


def demo_folder(wanted: Path | None, resources: ExitStack) -> Path:
    """The demo's own folder with a book in it; never one that an appliance uses."""
    if wanted is None:
        folder = Path(resources.enter_context(TemporaryDirectory(prefix="hems-demo-")))
        create_book(folder)
        return folder
    _make_folder(wanted)
    mine = (wanted / INSTALLATION).exists()
    if not mine and any((wanted / name).exists() for name in ("hems.toml", "book")):
        raise HemsError(f"{wanted}: belongs to an appliance; name another folder for the demo")
    if not (wanted / "book").exists():
        create_book(wanted)
    return wanted


def _make_folder(folder: Path) -> None:
    """Make a folder that can be written, or say why not."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise HemsError(f"{folder}: cannot be written ({error.strerror}); name another folder") from None


def saver(folder: Path | None) -> "Callable[[str, Image], None] | None":
    """Saves a numbered picture at each change of screen."""
    if folder is None:
        return None
    _make_folder(folder)
    numbers = count(1)

    def save(name: str, picture: "Image") -> None:
        picture.resize((512, 256)).save(folder / f"{next(numbers):03d}-{name}.png")

    return save
