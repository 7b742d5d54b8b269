"""PNL-15, 16: the standing picture of an alarm and its drift."""

from collections import Counter
from itertools import pairwise

import pytest

from hems.language.words import speaking
from hems.model.alarm import Alarm, AlarmCode
from hems.model.settings import LANGUAGES, Language
from hems.panel.standing import standing, to_and_fro
from tests.panel.pictures import bits

MINUTE_S = 60.0
DAY_MINUTES = 1440
FIGURES: dict[str, float | int | str] = {"status": "F", "line": "L2", "current_a": 31.2, "fuse_a": 25.0}
LINE_OVER_FUSE = Alarm(AlarmCode.LINE_OVER_FUSE, figures=FIGURES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_pixel_is_lit_for_more_than_half_of_a_day_of_alarm(language: Language) -> None:
    """PNL-16: a picture that wandered through nine places only would keep some lit all the time."""
    lit: Counter[tuple[int, int]] = Counter()
    with speaking(language):
        for minute in range(DAY_MINUTES):
            rows = bits(standing(LINE_OVER_FUSE, minute * MINUTE_S))
            lit.update((x, y) for y, row in enumerate(rows) for x, dot in enumerate(row) if dot)
    assert max(lit.values()) <= 0.5 * DAY_MINUTES


def test_it_drifts_a_pixel_a_minute_over_the_full_height() -> None:
    """PNL-15."""
    alarm = Alarm(AlarmCode.GRID_METER_SILENT)
    tops = []
    bottoms = []
    for minute in range(200):
        rows = [y for y, row in enumerate(bits(standing(alarm, minute * MINUTE_S))) if any(row)]
        tops.append(rows[0])
        bottoms.append(rows[-1])
    assert all(abs(later - earlier) <= 1 for earlier, later in pairwise(tops))
    assert min(tops) <= 4
    assert max(bottoms) >= 59
    assert bits(standing(alarm, 61.0)) == bits(standing(alarm, 119.0))


@pytest.mark.parametrize("code", AlarmCode)
def test_every_alarm_has_its_picture(code: AlarmCode) -> None:
    """PNL-15: the word and the line are whole wherever they are."""
    counts = {
        sum(sum(row) for row in bits(standing(Alarm(code, figures=FIGURES), minute * MINUTE_S)))
        for minute in range(0, 99, 7)
    }
    assert len(counts) == 1
    assert counts.pop() > 300


def test_back_and_forth() -> None:
    assert [to_and_fro(step, 3) for step in range(8)] == [0, 1, 2, 3, 2, 1, 0, 1]
    assert to_and_fro(5, 0) == 0
