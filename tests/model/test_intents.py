"""Refusals say why in one sentence."""

from hems.model.intents import Refusal, refused
from hems.model.phrase import Phrase


def test_a_refusal_is_a_template_and_what_fills_its_gaps() -> None:
    """API-6, PNL-62."""
    why = Phrase("{name} has no relay to test", {"name": "garage"})
    assert refused("unsupported", why) == Refusal("unsupported", why.template, why.figures)
    assert refused("unsupported", why).text == "garage has no relay to test"
    assert Refusal("not_now", "a limit needs an end").text == "a limit needs an end"
