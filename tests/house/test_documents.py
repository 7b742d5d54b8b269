"""What the documents show must be what the code does."""

from tests.house.machines import MACHINES, picture
from tests.house.tree import ROOT, modules


def test_the_pictures_of_the_machines_are_drawn_from_their_tables() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for name, allowed in MACHINES.items():
        assert picture(allowed) in text, f"the picture of {name} is old: python -m tests.house.machines"


def test_every_file_has_its_place_in_the_tree() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for module in modules():
        if module.path.name != "__init__.py" and "profiles" not in module.path.parts:
            assert f"`{module.path.stem}`" in text, f"ARCHITECTURE.md does not name {module.path}"


def test_readme_shows_pictures_that_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = [part.split(")")[0] for part in text.split("](")[1:]]
    assert any(name.endswith(".png") for name in shown)
    for name in shown:
        assert (ROOT / name).exists(), f"README.md shows {name}, which is not there"
