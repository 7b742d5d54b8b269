"""Whether a device names another product: BUS-74 at run time."""

from hems.field.exchange import Accepted, Failed, Request
from hems.field.introduction import STRANGER_RETRY_S, TRIES, Introduction, begun, request, took, words
from hems.field.profile import Identify

MODEL = Identify(function=3, address=11, count=1, ranges=((71, 73),))
NAME = Identify(function=3, address=35168, count=2, texts=("B23",))


def test_it_is_asked_once_after_each_return() -> None:
    met = begun(Introduction(), 100.0)
    assert request(MODEL, met, 7, 99.9) is None
    assert request(MODEL, met, 7, 100.0) == Request(7, 3, 11, 1)
    assert request(None, met, 7, 100.0) is None
    known = took(MODEL, met, Accepted((72,)), 100.1)
    assert (request(MODEL, known, 7, 1e6), words(known)) == (None, "")
    assert request(MODEL, begun(known, 200.0), 7, 200.0) is not None


def test_another_product_is_named_and_asked_again() -> None:
    strange = took(MODEL, begun(Introduction(), 100.0), Accepted((74,)), 100.0)
    assert words(strange) == "answers as another product; check the unit id or the profile"
    assert request(MODEL, strange, 7, 100.0 + STRANGER_RETRY_S - 1) is None
    assert request(MODEL, strange, 7, 100.0 + STRANGER_RETRY_S) is not None
    assert begun(strange, 120.0).stranger
    assert not took(MODEL, strange, Accepted((71,)), 160.0).stranger


def test_a_name_is_a_text_that_begins_so() -> None:
    met = begun(Introduction(), 0.0)
    assert not took(NAME, met, Accepted((0x4232, 0x3320)), 0.0).stranger
    assert took(NAME, met, Accepted((0x4132, 0x3320)), 0.0).stranger


def test_old_firmware_that_does_not_know_the_question_is_believed() -> None:
    met = begun(Introduction(), 0.0)
    for i in range(TRIES):
        assert request(MODEL, met, 7, 10.0 * i) is not None
        met = took(MODEL, met, Failed("exception", 2) if i % 2 else Failed("silence"), 10.0 * i)
    assert request(MODEL, met, 7, 1e6) is None
    assert not met.stranger
