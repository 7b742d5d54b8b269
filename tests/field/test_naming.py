"""Who answers, as what: BUS-74."""

import pytest

from hems.field.exchange import Accepted, Failed, Outcome, Request
from hems.field.naming import fits, identities, plausibilities, verdict
from hems.field.profile import Identify, Limits, Point, Profile
from hems.field.profiles import PROFILES


def meter(key: str, *points: Point, even: bool = False) -> Profile:
    return Profile(key=key, kind="meter", maker="m", models=("m",), points=points, limits=Limits(even=even))


VOLTS = Point(quantity="line_v", function=4, addresses=(1, 3, 5), wire="f32", unit="V")
HERTZ = Point(quantity="frequency_hz", function=4, addresses=(49,), wire="f32", unit="Hz")
PLAIN = meter("plain", VOLTS, HERTZ)
EVEN = meter("even", VOLTS, even=True)
STATE = Profile(
    key="state",
    kind="charger",
    maker="m",
    models=("m",),
    points=(Point(quantity="status", function=3, addresses=(100,), wire="u16", unit="raw"),),
    statuses={1: "A", 2: "B"},
)
V230 = (0x4366, 0x0000)
HZ50 = (0x4248, 0x0000)


def test_one_question_serves_all_profiles_that_would_ask_it() -> None:
    assert plausibilities((PLAIN, meter("twin", VOLTS)), 7) == (Request(7, 4, 1, 6), Request(7, 4, 49, 2))
    assert plausibilities((EVEN,), 7) == (Request(7, 4, 0, 8),)
    sunspec = PROFILES["sunspec"]
    assert identities((sunspec, sunspec), 7) == (Request(7, 3, 40_000, 2),)
    assert plausibilities((sunspec,), 7) == ()


def test_a_voltage_and_a_frequency_settle_it() -> None:
    answers: dict[Request, Outcome] = {Request(7, 4, 1, 6): Accepted(V230 * 3)}
    assert verdict((PLAIN,), 7, answers).certainty == "unknown"
    answers[Request(7, 4, 49, 2)] = Accepted(HZ50)
    found = verdict((PLAIN, STATE), 7, answers)
    assert (found.certainty, found.keys, found.settled) == ("likely", ("plain",), True)
    answers[Request(7, 4, 49, 2)] = Failed("exception", 2)
    assert verdict((PLAIN,), 7, answers).certainty == "unknown"


def test_a_state_alone_is_likely_but_not_the_end() -> None:
    answers: dict[Request, Outcome] = {Request(7, 3, 100, 1): Accepted((2,))}
    found = verdict((STATE,), 7, answers)
    assert (found.certainty, found.keys, found.settled) == ("likely", ("state",), False)
    assert verdict((STATE,), 7, {Request(7, 3, 100, 1): Accepted((9,))}).certainty == "unknown"


def test_a_published_map_names_itself() -> None:
    answers: dict[Request, Outcome] = {Request(7, 3, 40_000, 2): Accepted((0x5375, 0x6E53))}
    assert verdict((PROFILES["sunspec"], PLAIN), 7, answers).keys == ("sunspec",)
    answers = {Request(7, 3, 40_000, 2): Accepted((1, 2))}
    assert verdict((PROFILES["sunspec"],), 7, answers).certainty == "unknown"


@pytest.mark.parametrize(
    ("row", "registers", "is_it"),
    [
        (Identify(function=3, address=11, count=1, ranges=((71, 73),)), (72,), True),
        (Identify(function=3, address=11, count=1, ranges=((71, 73), (80, 80))), (74,), False),
        (Identify(function=3, address=0, count=2, texts=("B23",)), (0x4232, 0x3320), True),
        (Identify(function=3, address=0, count=2, texts=("B23",)), (0x4233, 0x3320), False),
        (Identify(function=3, address=0, count=2, texts=("B2",)), (0x0042, 0x3233), True),
        (Identify(function=3, address=0, count=1, texts=("é",)), (0xFFFF,), False),
    ],
)
def test_numbers_and_texts(row: Identify, registers: tuple[int, ...], is_it: bool) -> None:
    assert fits(row, registers) == is_it
