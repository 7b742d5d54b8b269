"""Words with gaps: an English template and what fills it."""

import pytest

from hems.model.intents import Refusal, refused
from hems.model.phrase import Gap, Phrase, Speaker


@pytest.mark.parametrize(
    ("template", "figures", "text"),
    [
        ("plain", {}, "plain"),
        ("not {a} gap without figures", {}, "not {a} gap without figures"),
        ("{value} A", {"value": 40.0}, "40 A"),
        ("{value} A", {"value": 0.1 + 0.2}, "0.3 A"),
        ("{value:.2f} A", {"value": 1.005}, "1.00 A"),
        ("slot {number}", {"number": 7}, "slot 7"),
        ("a {name}", {"name": "{odd} name"}, "a {odd} name"),
        ("{value}", {"value": None}, "None"),
        ("outer {inner}!", {"inner": Phrase("inner {x}", {"x": 1.5})}, "outer inner 1.5!"),
    ],
)
def test_gaps_are_filled(template: str, figures: dict[str, Gap], text: str) -> None:
    assert Phrase(template, figures).text == text


def test_another_speaker_says_it_in_other_words() -> None:
    """PNL-80: also what stands within, and its numbers."""

    class Loud(Speaker):
        def words(self, template: str) -> str:
            return template.replace("is", "IS")

        def number(self, digits: str) -> str:
            return digits.replace(".", ",")

    inner = Phrase("is {low:.1f}", {"low": 2.0})
    assert Loud().say(Phrase("{name} is {inner}", {"name": "is", "inner": inner})) == "is IS IS 2,0"


def test_a_refusal_is_a_phrase_with_a_code() -> None:
    why = Phrase("{name} is off", {"name": "yard"})
    assert refused("not_now", why) == Refusal("not_now", "{name} is off", {"name": "yard"})
    assert refused("not_now", why).text == "yard is off"
    assert Refusal("not_now", "{ is no gap").text == "{ is no gap"
