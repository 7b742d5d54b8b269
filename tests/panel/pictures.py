"""Pictures as rows of bits, to compare what was drawn with what the glass shows."""

from functools import cache

from PIL import Image


def bits(picture: Image.Image) -> tuple[bytes, ...]:
    """Rows of 0 and 1, as the glass gives them."""
    grey = picture.convert("L").tobytes()
    width = picture.width
    return tuple(
        bytes(value > 0 for value in grey[y * width : (y + 1) * width]) for y in range(picture.height)
    )


@cache
def noise(seed: int, density: int = 2) -> Image.Image:
    """A picture that looks like nothing, the same for the same seed."""
    state = seed * 2_654_435_761 + 1
    picture = Image.new("1", (128, 64))
    for y in range(64):
        for x in range(128):
            state = (state * 1_103_515_245 + 12_345) & 0x7FFF_FFFF
            if (state >> 16) % density == 0:
                picture.putpixel((x, y), 1)
    return picture
