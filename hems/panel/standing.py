"""The standing picture: what a display shows for days while nobody acknowledges an alarm; pure.

One large word and one line. Both drift over the full height, one pixel a minute, so that no pixel is lit for
more than half of the time: a picture that only wandered through nine places would burn itself in. With each
way down or up they are one pixel further to the side.
"""

from typing import Final

from PIL import Image

from hems.language import said
from hems.language.words import c
from hems.model.alarm import Alarm
from hems.panel.draw import SHIFT_EVERY_S, SIZE
from hems.panel.face import Type, strip
from hems.panel.format import shortened
from hems.panel.layout import COLUMNS

APART: Final = 4
"""Empty rows between the word and the line."""


def standing(alarm: Alarm, mono_s: float) -> Image.Image:
    """The picture of this minute, in the language in force."""
    return drifting(c("word", "ALARM"), words(alarm), mono_s)


def drifting(large: str, small: str, mono_s: float) -> Image.Image:
    """A large word over a line, where they are in this minute."""
    word, line = strip(large, Type.WORD), strip(small)
    height_px = word.height + APART + line.height
    minute = int(mono_s // SHIFT_EVERY_S)
    down_px = to_and_fro(minute, SIZE[1] - height_px)
    turn = minute // (SIZE[1] - height_px)
    image = Image.new("1", SIZE)
    for strip_, y in ((word, down_px), (line, down_px + word.height + APART)):
        image.paste(1, (to_and_fro(turn, SIZE[0] - strip_.width), y), strip_)
    return image


def to_and_fro(step: int, way_px: int) -> int:
    """Where something is after so many steps of one pixel, back and forth on a way of so many pixels."""
    if way_px <= 0:
        return 0
    place = step % (2 * way_px)
    return min(place, 2 * way_px - place)


def words(alarm: Alarm) -> str:
    """What the alarm is, as one line of the panel."""
    return shortened(said.alarm(alarm), COLUMNS)
