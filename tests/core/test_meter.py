import pytest

from hems.core.meter import Stage, State, step
from hems.core.rules import MeterRules

W, G, F, R, L, B = (
    Stage.WAITING,
    Stage.GOOD,
    Stage.FROZEN,
    Stage.REDUCED,
    Stage.LOST,
    Stage.RETURNING,
)

Row = tuple[float, float | None, Stage, bool]
"""Now, the time of the last reading, and what must come of it: stage, may raise."""

TABLES: dict[str, list[Row]] = {
    "no raise before two readings at most 3 s apart (CHG-3)": [
        (1, None, W, False),
        (2, 2, W, False),
        (3, 2, W, False),
        (6, 6, W, False),
        (9, 9, G, True),
        (10, 9, G, False),
        (11, 11, G, True),
    ],
    "2 s freeze, 5 s minimum, 12 s nothing, back after two readings and 60 s": [
        (1, 1, W, False),
        (2, 2, G, True),
        (4, 2, G, False),
        (4.1, 2, F, False),
        (6.9, 2, F, False),
        (7, 2, R, False),
        (13.9, 2, R, False),
        (14, 2, L, False),
        (100, 100, L, False),
        (101, 101, B, False),
        (102, 102, B, False),
        (104.5, 102, B, False),
        (105, 105, B, False),
        (160, 160, B, False),
        (160.9, 160.9, B, False),
        (161.9, 161.9, G, True),
    ],
    "a short silence is over with the next pair": [
        (1, 1, W, False),
        (2, 2, G, True),
        (4.9, 2, F, False),
        (5, 5, G, True),
        (7.5, 5, F, False),
        (8.5, 8.5, F, False),
        (9.5, 9.5, G, True),
    ],
    "silence while returning is silence again": [
        (1, 1, W, False),
        (2, 2, G, True),
        (8, 2, R, False),
        (9, 9, R, False),
        (10, 10, B, False),
        (15, 10, R, False),
        (16, 16, R, False),
        (17, 17, B, False),
        (29, 17, L, False),
    ],
    "a loop that stood still trusts nothing": [
        (1, 1, W, False),
        (2, 2, G, True),
        (20, 2, L, False),
        (21, 21, L, False),
        (22, 22, B, False),
        (90, 90, B, False),
        (91, 91, G, True),
    ],
    "a reading that stays what it was, or is old when it comes, is none": [
        (1, 1, W, False),
        (2, 1, W, False),
        (10, 3, W, False),
        (11, 10, W, False),
        (12, 12, G, True),
    ],
}


@pytest.mark.parametrize("name", TABLES)
def test_trust_over_time(name: str) -> None:
    state = State()
    for now_s, at_s, stage, may_raise in TABLES[name]:
        state, trust = step(MeterRules(), state, at_s, now_s)
        assert (now_s, trust.stage, trust.may_raise) == (now_s, stage, may_raise)
