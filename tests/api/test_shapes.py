"""Declarations: prefixes, references, and what cannot be meant."""

import pytest

from hems.api.rows import Namespace
from hems.api.shapes import Member, Words, complaints, gathered, member, referred

WORDS = Words({"Thing": {"id": "Uuid"}}, {"Mode": ("ModeOff",)}, {"Modes": "Mode"})


@pytest.mark.parametrize(
    ("declared", "meant"),
    [
        ("thingId", Member("thingId", "thingId")),
        ("o:name", Member("o:name", "name", optional=True)),
        ("d:o:enabled", Member("d:o:enabled", "enabled", optional=True)),
        ("r:o:chargingState", Member("r:o:chargingState", "chargingState", optional=True, read_only=True)),
        ("r:id", Member("r:id", "id", read_only=True)),
    ],
)
def test_prefixes_say_what_a_member_is(declared: str, meant: Member) -> None:
    """API-32."""
    assert member(declared) == meant


def test_a_reference_names_a_type() -> None:
    assert referred("$ref:Thing") == "Thing"
    assert referred("Uuid") is None
    assert referred(["$ref:Thing"]) is None


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("Uuid", []),
        (["$ref:Thing"], []),
        ({"o:a": {"b": ["$ref:Mode"]}, "c": "$ref:Modes"}, []),
        ("Integer", ["no type is called 'Integer'"]),
        (["$ref:Think"], ["nothing is called 'Think'"]),
        ({"x:a": "Int"}, ["'x:a' is no name of a member"]),
        ({"o:": "Int"}, ["'o:' is no name of a member"]),
        (["Int", "Int"], ["a list is declared by one element, not by 2"]),
    ],
)
def test_what_a_declaration_cannot_mean(shape: object, said: list[str]) -> None:
    """API-50."""
    assert list(complaints(shape, WORDS)) == said  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "two", "words"),
    [
        (
            Namespace(types={"A": {"a": "Int"}}),
            Namespace(types={"A": {"a": "Uint"}}),
            "A: it is defined twice",
        ),
        (Namespace(types={"A": {"a": "Int"}}), Namespace(enums={"A": ("AB",)}), "A: one name for two things"),
        (Namespace(types={"A": "$ref:B"}), Namespace(types={"B": "Int"}), "A: a definition is no reference"),
        (Namespace(types={"A": ["$ref:B"]}), Namespace(), "A: nothing is called 'B'"),
        (Namespace(flags={"As": "A"}), Namespace(), "As: no enum is called 'A'"),
    ],
)
def test_words_that_do_not_hold_together_are_refused(one: Namespace, two: Namespace, words: str) -> None:
    """API-50."""
    with pytest.raises(ValueError, match=words):
        gathered((one, two))


def test_two_namespaces_may_say_the_same() -> None:
    same = Namespace(types={"A": {"a": "$ref:B"}, "B": {"b": ["$ref:B"]}})
    assert gathered((same, same)).types.keys() == {"A", "B"}
