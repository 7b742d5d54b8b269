"""From a page to a picture of 128 x 64; pure.

All screens draw in 126 x 62, and the whole picture wanders through the nine places that this leaves, so that
no pixel carries the same stroke for hours.
"""

from typing import Final

from PIL import Image, ImageDraw

from hems.panel.face import CELL_HEIGHT, CELL_WIDTH, Type, baseline, strip
from hems.panel.layout import COLUMNS, Page, Shape, Strokes, Text

SIZE: Final = (128, 64)
PAGES: Final = 8
ROW_Y: Final = (0, 12, 22, 32, 42, 52)
RULE_Y: Final = 11
GAUGE_HEIGHT: Final = 7
SHIFT_EVERY_S: Final = 60.0

SHIFTS: Final = ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1), (1, 1))
"""Nine places, each at most one pixel away from the next, round and round."""


def draw(shown: Page, mono_s: float) -> Image.Image:
    """One page at its place of this minute; the dots under the title swap each minute."""
    minute = int(mono_s // SHIFT_EVERY_S)
    right, down = SHIFTS[minute % len(SHIFTS)]
    image = Image.new("1", SIZE)
    dots = range(right + minute % 2, right + COLUMNS * CELL_WIDTH, 2)
    ImageDraw.Draw(image).point([(x, RULE_Y + down) for x in dots], fill=1)
    for text in shown.texts:
        _place(image, text, right, down)
    for shape in shown.shapes:
        _shape(ImageDraw.Draw(image), shape, right, down)
    return image


def pages(picture: Image.Image) -> list[bytes]:
    """A picture as the display takes it: eight pages of 128 bytes, one byte per column, lowest bit on top."""
    turned = picture.transpose(Image.Transpose.ROTATE_270).tobytes()
    return [turned[PAGES - 1 - page :: PAGES] for page in range(PAGES)]


def _place(image: Image.Image, text: Text, right: int, down: int) -> None:
    line = strip(text.text, text.type)
    x = right + text.column * CELL_WIDTH
    if text.right:
        x += text.width * CELL_WIDTH - line.width
    y = down + ROW_Y[text.row] + baseline(Type.TEXT) - baseline(text.type)
    if text.inverse:
        bar = Image.new("1", (text.width * CELL_WIDTH, CELL_HEIGHT), 1)
        bar.paste(0, (0, 0), line)
        image.paste(bar, (x, y))
    else:
        image.paste(1, (x, y), line)


def _shape(pen: ImageDraw.ImageDraw, shape: Shape, right: int, down: int) -> None:
    if isinstance(shape, Strokes):
        for x, first, last in shape.lines:
            pen.line((x + right, first + down, x + right, last + down), fill=1)
        return
    left, top = right + shape.column * CELL_WIDTH, down + ROW_Y[shape.row] + 1
    far, low = left + shape.width * CELL_WIDTH - 2, top + GAUGE_HEIGHT - 1
    if shape.share is None:
        pen.point([(x, y) for x in range(left, far + 1, 2) for y in (top, low)], fill=1)
        return
    pen.rectangle((left, top, far, low), outline=1)
    full = round(min(1.0, max(0.0, shape.share)) * (far - left - 3))
    if full:
        pen.rectangle((left + 2, top + 2, left + 1 + full, low - 2), fill=1)
