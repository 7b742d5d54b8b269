"""PNL-14, 16, 31, 93: pages to pictures, and the pictures themselves."""

import PIL
import pytest
from PIL import Image, ImageChops

from hems.panel.draw import SHIFTS, draw
from hems.panel.face import FIGURES, Type, strip
from hems.panel.layout import Page, Text
from tests.bench.screens import GOLDEN, MADE_WITH, pictures
from tests.panel.pictures import bits

FULL = Page("full", tuple(Text(row, 0, 21, "H" * 21) for row in range(6)))


def test_everything_is_drawn_in_126_by_62_and_shifted() -> None:
    """PNL-14, 31: nine places, one pixel a minute, nothing cut at any of them."""
    first = draw(FULL, 0.0)
    assert first.getbbox() is not None
    for minute, (right, down) in enumerate(SHIFTS):
        picture = draw(FULL, minute * 60.0)
        left, top, past, below = picture.getbbox() or (0, 0, 0, 0)
        assert (past, below) <= (128, 64)
        letters = first.crop((0, 12, 126, 62))
        moved = picture.crop((right, 12 + down, right + 126, 62 + down))
        assert moved.tobytes() == letters.tobytes()
        assert (left, top) >= (right, down)


def test_the_nine_places_are_all_different_and_one_pixel_apart() -> None:
    """PNL-14."""
    assert sorted(SHIFTS) == sorted((x, y) for x in range(3) for y in range(3))
    for (x0, y0), (x1, y1) in zip(SHIFTS, SHIFTS[1:] + SHIFTS[:1], strict=True):
        assert max(abs(x1 - x0), abs(y1 - y0)) == 1


def test_the_dots_of_the_rule_swap_each_minute() -> None:
    """PNL-16."""
    rows = [bits(draw(Page("empty", ()), minute * 60.0)) for minute in (0, 1)]
    assert rows[0][11][:126] == b"\1\0" * 63
    assert rows[1][11][1:127] == b"\0\1" * 63


def test_words_and_figures_stand_on_the_line_of_their_row() -> None:
    """PNL-31."""
    bottoms = set()
    for kind in Type:
        picture = draw(Page("one", (Text(3, 0, 21, "1", kind),)), 0.0).crop((0, 12, 128, 64))
        bottoms.add((picture.getbbox() or (0, 0, 0, 0))[3] + 12)
    assert bottoms == {40}


def test_right_aligned_text_ends_with_its_cells() -> None:
    left = bits(draw(Page("one", (Text(1, 3, 2, "42"),)), 0.0))
    right = bits(draw(Page("one", (Text(1, 0, 5, "42", right=True),)), 0.0))
    assert left == right


def test_a_bar_is_the_text_inverted_over_its_whole_width() -> None:
    """PNL-16."""
    plain = draw(Page("one", (Text(2, 0, 21, "fast"),)), 0.0).crop((0, 22, 126, 32))
    bar = draw(Page("one", (Text(2, 0, 21, "fast", inverse=True),)), 0.0).crop((0, 22, 126, 32))
    assert bits(bar) == tuple(bytes(1 - dot for dot in row) for row in bits(plain))
    assert strip("fast").width < 126


MADE_PICTURES = dict(pictures())


@pytest.mark.parametrize("name", sorted(MADE_PICTURES))
def test_golden(name: str) -> None:
    """PNL-93: pixel by pixel; figures only with the picture library they were made with."""
    with Image.open(GOLDEN / f"{name}.png") as file:
        expected = file.convert("1")
    made_with = MADE_WITH.read_text(encoding="ascii").strip()
    if made_with != f"Pillow {PIL.__version__}" and any(part in name for part in ("home", "car", "edit-")):
        pytest.skip(f"figures were drawn by {made_with}, here is Pillow {PIL.__version__}")
    found = MADE_PICTURES[name]
    difference = ImageChops.logical_xor(expected, found).getbbox()
    assert difference is None, f"{name} differs within {difference}"


def test_no_golden_picture_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.png")} == set(MADE_PICTURES)
    assert set(FIGURES) == {Type.FIGURE, Type.NUMBER}
