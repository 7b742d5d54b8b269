"""The word order of 32-bit totals (CNT-59), with EX-13."""

import pytest

from hems.core.count import CountRules, Sample
from hems.core.cycles import PumpRules, PumpSample, WordOrder
from hems.core.energy import TotalRules, of_words, word_order
from tests.core.counting import Counted, berlin

RULES = TotalRules(15_000.0)
SOURCE = "hp1.energy_electrical"


def house_with(setting: WordOrder) -> Counted:
    return Counted(berlin("2026-11-24 10:00:00"), CountRules(pumps={1: PumpRules(word_order=setting)}))


def words(house: Counted, *pairs: tuple[int, int]) -> None:
    for pair in pairs:
        house.take(Sample({1: PumpSample(1, electrical_words=pair)}))
        house.wait(30)


def swapped(*pairs: tuple[int, int]) -> list[tuple[int, int]]:
    return [(low, high) for high, low in pairs]


EX_13 = ((17, 20_210), (17, 20_236), (17, 20_261))


@pytest.mark.parametrize(
    ("first", "second", "elapsed_s", "verdict"),
    [
        ((17, 20_210), (17, 20_236), 30, "high_first"),
        ((20_210, 17), (20_236, 17), 30, "low_first"),
        ((17, 20_210), (17, 20_210), 30, None),
        ((17, 20_236), (17, 20_210), 30, None),
        ((0, 1), (1, 0), 30, None),
        ((0, 1), (1, 1), 200_000, None),
        ((0xFFFF, 1), (0xFFFF, 2), 30, None),
        ((3, 0xFFFF), (4, 10), 30, "high_first"),
    ],
)
def test_exactly_one_order_must_fit(
    first: tuple[int, int], second: tuple[int, int], elapsed_s: float, verdict: str | None
) -> None:
    """CNT-59."""
    assert word_order(RULES, first, second, elapsed_s) == verdict


def test_words_are_a_signed_number() -> None:
    assert of_words((17, 20_261), "high_first") == 1_134_373
    assert of_words((20_261, 17), "low_first") == 1_134_373
    assert of_words((0xFFFF, 0xFFFF), "high_first") == -1
    assert of_words((0, -1), "high_first") == 0xFFFF


def test_ex_13_the_order_is_proven_and_books_from_the_first_pair_on() -> None:
    """EX-13."""
    house = house_with("auto")
    words(house, *EX_13)
    assert house.state.ledger.word_order == {SOURCE: "high_first"}
    assert house.state.ledger.last[SOURCE].value == 1_134_373_000
    assert house.counted(SOURCE) == {"heating": 51, "all": 51}
    words(house, (17, 20_300))
    assert house.counted(SOURCE)["all"] == 90
    assert [told.figures for told in house.events if told.kind == "word_order"] == [
        {"before": None, "found": "high_first"}
    ]


def test_a_proven_order_survives_a_restart() -> None:
    """CNT-90: the verdicts start again, the proof does not."""
    house = house_with("auto")
    words(house, *swapped(*EX_13))
    house.cut()
    words(house, *swapped((17, 20_300)))
    assert house.counted(SOURCE)["all"] == 90
    assert house.state.ledger.word_order == {SOURCE: "low_first"}


def test_pairs_that_prove_nothing_begin_the_row_anew() -> None:
    """CNT-59: two equal verdicts in a row."""
    house = house_with("auto")
    words(house, (17, 20_210), (17, 20_236), (9, 9), (17, 20_261), (17, 20_261), (17, 20_270))
    assert house.state.ledger.word_order == {}
    words(house, (17, 20_280))
    assert house.counted(SOURCE) == {"heating": 19, "all": 19}


def test_verdicts_that_disagree_prove_nothing() -> None:
    house = house_with("auto")
    words(house, (17, 17), (17, 30), (18, 30), (18, 40), (18, 41))
    assert house.state.ledger.word_order == {SOURCE: "high_first"}
    assert house.counted(SOURCE)["all"] == 11


def test_three_verdicts_to_the_contrary_change_a_proven_order() -> None:
    """CNT-59; the rises between them are booked, the jump is not."""
    house = house_with("auto")
    words(house, *EX_13)
    later = swapped((17, 30_000), (17, 30_010), (17, 30_030))
    words(house, *later)
    assert house.state.ledger.word_order == {SOURCE: "high_first"}
    words(house, *swapped((17, 30_060)))
    assert house.state.ledger.word_order == {SOURCE: "low_first"}
    assert house.counted(SOURCE)["all"] == 51 + 60
    words(house, *swapped((17, 30_061)))
    assert house.counted(SOURCE)["all"] == 51 + 61


def test_what_proves_nothing_breaks_the_row_against_a_proven_order() -> None:
    """CNT-59: three in a row."""
    house = house_with("auto")
    words(house, *EX_13, *swapped((17, 30_000), (17, 30_010), (17, 30_030), (9, 9), (17, 30_060)))
    words(house, *swapped((17, 30_070), (17, 30_080)))
    assert house.state.ledger.word_order == {SOURCE: "high_first"}
    words(house, *swapped((17, 30_090)))
    assert house.state.ledger.word_order == {SOURCE: "low_first"}


def test_falling_pairs_change_nothing() -> None:
    """CNT-59: no verdict is no verdict, however often."""
    house = house_with("auto")
    words(house, *EX_13, (16, 50), (15, 40), (14, 30), (13, 20))
    assert house.state.ledger.word_order == {SOURCE: "high_first"}
    assert house.state.tally.verdicts == {}


@pytest.mark.parametrize(("setting", "pairs"), [("high_first", EX_13), ("low_first", swapped(*EX_13))])
def test_a_setting_that_is_right_books_at_once(
    setting: WordOrder, pairs: tuple[tuple[int, int], ...]
) -> None:
    house = house_with(setting)
    words(house, *pairs[:2])
    assert house.counted(SOURCE) == {"heating": 26, "all": 26}
    words(house, *pairs[2:])
    assert house.counted(SOURCE) == {"heating": 51, "all": 51}
    assert house.state.ledger.word_order == {}


def test_a_setting_that_is_contradicted_twice_is_an_alarm_and_books_nothing() -> None:
    """CNT-59."""
    house = house_with("low_first")
    words(house, *EX_13, (17, 20_300), (17, 20_310))
    assert [(told.kind, dict(told.figures)) for told in house.events if told.kind == "word_order"] == [
        ("word_order", {"set": "low_first", "found": "high_first"})
    ]
    assert house.counted(SOURCE) == {}
    words(house, *swapped(*EX_13))
    assert house.counted(SOURCE) == {}
