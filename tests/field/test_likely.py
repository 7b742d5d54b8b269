"""What many errors probably mean: BUS-81, fault rows 23 and 24."""

from dataclasses import replace

import pytest

from hems.field.exchange import Kind
from hems.field.likely import Tally, Window, causes, everywhere, foreign_words, line_words, stale_words

GOOD = Tally(1000, 1000)
NOISY = Tally(1000, 980, errors={"crc": 20})


def cause(tally: Tally, *others: Tally) -> str:
    return causes(dict(enumerate((tally, *others))))[0]


@pytest.mark.parametrize(
    ("tally", "others", "words"),
    [
        (NOISY, (GOOD,), "two devices with this id? or its gap too short"),
        (NOISY, (), "two devices with this id? or its gap too short, or termination, bias, ground"),
        (
            Tally(1000, 980, errors={"crc": 8, "short": 12}),
            (GOOD,),
            "two devices with this id? or its gap too",
        ),
        (NOISY, (NOISY,), "all devices of its line have them: termination, bias, ground?"),
        (Tally(1000, 980, errors={"short": 20}), (GOOD,), "answers break off: USB latency too long?"),
        (Tally(1000, 980, errors={"short": 15, "silence": 5}), (NOISY,), "answers break off: USB latency"),
        (Tally(1000, 980, 16, {"silence": 20}), (GOOD,), "only after a change of unit: turn time too short?"),
        (Tally(1000, 980, 15, {"silence": 20}), (GOOD,), "it misses requests: its gap too short, its cable"),
        (Tally(1000, 980, errors={"exception": 20}), (GOOD,), "it refuses what it is asked"),
        (Tally(50, 0, errors={"silence": 50}), (GOOD,), "it never answers: powered"),
        (Tally(50, 0, errors={"exception": 50}), (GOOD,), "it refuses what it is asked"),
        (Tally(50, 0, errors={"exception": 50}), (NOISY, NOISY), "it refuses what it is asked"),
        (Tally(50, 0, errors={"crc": 50}), (GOOD,), "two devices with this id?"),
        (Tally(50, 0, errors={"short": 50}), (GOOD,), "answers break off: USB latency too long?"),
        (Tally(50, 0, 50, errors={"silence": 50}), (GOOD,), "it never answers: powered"),
    ],
)
def test_the_likely_cause(tally: Tally, others: tuple[Tally, ...], words: str) -> None:
    found = cause(tally, *others)
    assert found.startswith(f"more than 1 % errors: {words}")


@pytest.mark.parametrize(
    ("tally", "noisy"),
    [
        (Tally(1000, 990, errors={"crc": 10}), False),
        (Tally(1000, 989, errors={"crc": 11}), True),
        (Tally(10, 8, errors={"crc": 2}), False),
        (Tally(100, 97, errors={"crc": 3}), True),
        (Tally(100, 90, errors={"port": 10}), False),
        (Tally(1000, 1000, errors={"noise": 500, "implausible": 30, "late": 20}), False),
        (Tally(), False),
    ],
)
def test_more_than_one_in_a_hundred_and_more_than_chance(tally: Tally, noisy: bool) -> None:
    """A lost port is the line's fault, stray bytes before an accepted answer lose nothing."""
    assert tally.noisy is noisy
    assert bool(cause(tally, GOOD)) is noisy


def test_a_line_is_blamed_when_all_who_are_there_lose_answers() -> None:
    assert everywhere([NOISY, NOISY])
    assert everywhere([NOISY, NOISY, Tally()])
    assert everywhere([NOISY, NOISY, Tally(50, 0, errors={"silence": 50})])
    assert not everywhere([NOISY, GOOD])
    assert not everywhere([NOISY])
    assert not everywhere([NOISY, Tally(50, 0, errors={"silence": 50})])


def test_what_is_wrong_with_a_line_as_a_whole() -> None:
    """Row 23: more than five frames of somebody else within 60 s; a load above 85 %."""
    assert line_words(85.0, together=False) == ""
    assert line_words(85.1, together=False).startswith("load above 85 %")
    both = line_words(99.0, together=True)
    assert both.startswith("errors on all devices: termination, bias, ground?; load")
    assert foreign_words(5) == ""
    assert "another master" in foreign_words(6)


def test_the_window_forgets_what_is_older_than_ten_minutes() -> None:
    window = Window()
    assert window.lately == Tally()
    total = Tally()
    for minute in range(30):
        total = replace(total, requests=total.requests + 100, accepted=total.accepted + 100)
        if minute == 12:
            total = replace(total, requests=total.requests + 5, errors={"crc": 5}, turned_lost=2)
        assert window.mark(minute * 60.0, total)
        assert not window.mark(minute * 60.0 + 59.9, total)
        if minute == 21:
            assert window.lately == Tally(1005, 1000, 2, {"crc": 5})
        if minute == 22:
            assert window.lately == Tally(1000, 1000)
    assert len(window._marks) == 11


@pytest.mark.parametrize(
    ("age_s", "errors", "words"),
    [
        (5.0, {"crc": 9}, ""),
        (
            5.1,
            {"crc": 2, "silence": 1},
            "no good answer for 5 s: broken check sums: two devices with this id?",
        ),
        (61, {"crc": 1, "silence": 2}, "no good answer for a minute: it is silent"),
        (601, {}, "no good answer for ten minutes"),
        (3601, {"port": 3, "crc": 0}, "no good answer for an hour"),
    ],
)
def test_what_is_said_of_old_values(age_s: float, errors: dict[Kind, int], words: str) -> None:
    assert stale_words(age_s, errors) == words
