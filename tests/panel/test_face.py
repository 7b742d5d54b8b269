"""PNL-30, 32, 81: the three types."""

import pytest
from PIL import Image

from hems.model.why import TEXTS
from hems.panel.face import ABOVE, BELOW, OWN, Type, baseline, glyph, has_glyph, strip

EUROPEAN = "äöüßÄÖÜ éèêëàâîïôùûçœŒÉÈÊËÀÂÎÏÔÙÛÇ ñÑ €²°→←↑↓…"


def dots(picture: Image.Image) -> list[str]:
    return [
        "".join("#" if picture.getpixel((x, y)) else "." for x in range(picture.width))
        for y in range(picture.height)
    ]


def test_all_ascii_and_the_neighbours_letters_have_glyphs() -> None:
    """PNL-32."""
    assert all(has_glyph(chr(code)) for code in range(32, 127))
    assert [character for character in EUROPEAN if not has_glyph(character)] == []


def test_every_reason_can_be_written() -> None:
    """PNL-81."""
    assert all(has_glyph(character) for text in TEXTS.values() for character in text)


def test_no_two_letters_look_alike() -> None:
    characters = [chr(code) for code in range(33, 127)] + [c for c in EUROPEAN if c != " "]
    pictures = {glyph(character, Type.TEXT).tobytes() for character in characters}
    assert len(pictures) == len(characters)


def test_rows_are_as_wide_as_the_cell_and_not_higher() -> None:
    """PNL-30: 5 x 7 with room above and below."""
    for rows in (*OWN.values(), *ABOVE.values(), *BELOW.values()):
        assert {len(row) for row in rows.split()} == {5}
        assert len(rows.split()) <= 9


def test_accents_stand_above_and_hooks_below() -> None:
    """PNL-30: accents are composed."""
    assert dots(glyph("é", Type.TEXT))[:2] == ["...#..", "..#..."]
    assert dots(glyph("É", Type.TEXT))[2] == "#####."
    assert dots(glyph("ï", Type.TEXT))[:3] == ["......", ".#.#..", "......"]
    assert dots(glyph("Ü", Type.TEXT))[:3] == [".#.#..", "......", "#...#."]
    assert dots(glyph("ç", Type.TEXT))[8:] == ["..#...", ".##..."]


def test_a_missing_character_is_a_hollow_box() -> None:
    """PNL-32."""
    for missing in ("漢", "ệ", "ǖ", "ř"):
        assert not has_glyph(missing)
        assert glyph(missing, Type.TEXT).tobytes() == glyph("\N{SNOWMAN}", Type.TEXT).tobytes()
    assert dots(glyph("漢", Type.TEXT))[1:8] == ["#####.", *["#...#."] * 5, "#####."]


def test_words_are_text_doubled() -> None:
    """PNL-30."""
    word = strip("FULL", Type.WORD)
    assert word.size == (48, 20)
    assert word.resize((24, 10), Image.Resampling.NEAREST).tobytes() == strip("FULL").tobytes()


@pytest.mark.parametrize(("kind", "advance", "height"), [(Type.FIGURE, 17, 20), (Type.NUMBER, 10, 13)])
def test_figures_stand_on_a_tabular_advance(kind: Type, advance: int, height: int) -> None:
    """PNL-30, 84: 20 px and 13 px high, so that figures do not jump."""
    assert {glyph(digit, kind).width for digit in "0123456789-"} == {advance}
    assert strip("3.24", kind).width == 3 * advance + advance // 2
    left, top, right, bottom = strip("0123456789", kind).getbbox() or (0, 0, 0, 0)
    assert left >= 0
    assert right <= 10 * advance
    assert bottom - top == pytest.approx(height, abs=1)
    assert bottom == pytest.approx(baseline(kind), abs=1)


def test_no_figure_hangs_into_the_row_below() -> None:
    """PNL-31, 83: a decimal comma has the two rows of pixels that are free below the line."""
    for kind in (Type.FIGURE, Type.NUMBER):
        _, _, _, bottom = glyph(",", kind).getbbox() or (0, 0, 0, 0)
        assert baseline(kind) < bottom <= baseline(kind) + 2


@pytest.mark.usefixtures("without_typeface")
def test_without_typeface_figures_are_enlarged_text() -> None:
    """PNL-32."""
    assert strip("3.24", Type.FIGURE).size == (59, 30)
    assert strip("62.5", Type.NUMBER).tobytes() == strip("62.5").tobytes()
    digit = strip("4", Type.FIGURE).crop((0, 0, 15, 30)).resize((5, 10), Image.Resampling.NEAREST)
    assert dots(digit) == [row[:5] for row in dots(strip("4"))]
    point = strip(".", Type.FIGURE)
    assert point.getbbox() == (1, 18, 7, 24)
    assert (baseline(Type.FIGURE), baseline(Type.NUMBER)) == (24, 8)


def test_an_empty_line_has_no_width() -> None:
    assert strip("").size == (0, 10)
