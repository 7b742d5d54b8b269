from collections import Counter

from hems.field.exchange import Accepted, Failed, Kind, Request
from hems.field.offer import READ_BACK_S, Offer
from hems.field.profiles import PROFILES

ROW = PROFILES["lambda-eul"].surplus
SAID = ("does not keep the surplus it is told",)


def offering(power_w: float = 1500.0) -> tuple[Offer, Counter[Kind]]:
    """A pump that has acknowledged its first value."""
    offer = Offer(ROW, 4, 0.0)
    offer.want(power_w, 0.0)
    assert offer.request(0.0) == Request(4, 16, 102, values=(round(power_w) & 0xFFFF,))
    offer.took(Accepted(), 0.1)
    return offer, Counter[Kind]()


def test_a_surplus_is_read_where_it_was_written_once_a_minute() -> None:
    """CHG-100: the value that was acknowledged last, whatever is wanted meanwhile."""
    offer, errors = offering(-1500.0)
    offer.want(900.0, 1.0)
    assert offer.question(1.0) == Request(4, 3, 102, count=1)
    offer.took_back(errors, Accepted((0x10000 - 1500,)), 1.1)
    assert offer.question(60.0) is None
    assert offer.question(1.1 + READ_BACK_S) is not None
    assert offer.request(2.0) is None, "in its own time"
    assert (offer.words, errors) == ((), Counter())


def test_a_surplus_that_was_not_kept_twice_is_spoken_of_and_told_again() -> None:
    """CHG-100: counted each time, told again at once, and never a reason to stop."""
    offer, errors = offering()
    for i, said in enumerate([(), SAID, SAID], start=1):
        at_s = i * (READ_BACK_S + 1.0)
        offer.took_back(errors, Accepted((0,)), at_s)
        assert (offer.words, errors["not_taken"]) == (said, i)
        assert offer.request(at_s) is not None
        offer.took(Accepted(), at_s + 0.1)
    offer.took_back(errors, Accepted((1500,)), 999.0)
    assert (offer.words, errors["not_taken"]) == ((), 3)


def test_what_is_not_known_to_hold_a_value_is_not_asked_for_it() -> None:
    """A write without an answer may have been taken; one that is told nothing keeps what it likes."""
    offer, errors = offering()
    offer.took(Failed("silence"), 10.0)
    assert offer.question(10.0) is None
    offer.took_back(errors, Accepted((7,)), 10.0)
    assert not errors["not_taken"]
    offer, errors = offering()
    offer.want(None, 10.0)
    assert offer.question(10.0) is None
    assert Offer(None, 4, 0.0).question(10.0) is None


def test_an_answer_that_fails_is_asked_for_again_a_refused_one_not_before_it_returns() -> None:
    offer, errors = offering()
    offer.took_back(errors, Failed("crc"), 1.0)
    assert offer.question(1.0 + READ_BACK_S) is not None
    offer.took_back(errors, Failed("exception", 2), 100.0)
    assert offer.question(1e9) is None
    offer.again(200.0)
    assert offer.request(200.0) is not None
    offer.took(Accepted(), 200.1)
    assert offer.question(200.2) is not None
    assert not errors
