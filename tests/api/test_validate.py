"""Check 10: exact texts, places, and what passes for what (API-31, API-32)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.api.shapes import Words
from hems.api.validate import Invalid, record_check, shown

WORDS = Words(
    {
        "Info": {"id": "Uuid", "o:mode": "$ref:Mode", "r:state": "Int", "o:list": ["$ref:Info"]},
        "Infos": ["$ref:Info"],
    },
    {"Mode": ("ModeOff", "ModeOn")},
    {"Modes": "Mode"},
)
NO_THING = "{00000000-0000-0000-0000-000000000000}"
THING = "{7224aee8-b749-5fd2-91dc-93ee245d319c}"


def checked(shape: Any, value: Any) -> Any:
    return record_check({"k": shape}, WORDS)({"k": value})["k"]


def refused(shape: Any, value: Any) -> tuple[str, str]:
    with pytest.raises(Invalid) as caught:
        record_check({"k": shape}, WORDS)({"k": value})
    return caught.value.why, caught.value.where


@pytest.mark.parametrize(
    ("shape", "value", "meant"),
    [
        ("Uuid", THING, THING),
        ("Uuid", THING.strip("{}").upper(), THING),
        ("Uuid", "", ""),
        ("Uuid", NO_THING, ""),
        ("String", "a", "a"),
        ("String", 3, "3"),
        ("String", 1.5, "1.5"),
        ("StringList", ["a", 1], ["a", "1"]),
        ("Int", 3, 3),
        ("Int", "-3", -3),
        ("Int", 3.0, 3),
        ("Uint", "7", 7),
        ("Uint", 0, 0),
        ("Double", 3, 3.0),
        ("Double", "1e3", 1000.0),
        ("Double", ".5", 0.5),
        ("Bool", True, True),
        ("Bool", "true", True),
        ("Bool", "false", False),
        ("Variant", {"any": [1]}, {"any": [1]}),
        ("Time", "06:30", "06:30"),
        ("Object", {"a": 1}, {"a": 1}),
        ("$ref:Mode", "ModeOn", "ModeOn"),
        ("$ref:Modes", ["ModeOn", "ModeOff"], ["ModeOn", "ModeOff"]),
        (["Uint"], [1, "2"], [1, 2]),
        ("$ref:Info", {"id": "", "list": [{"id": ""}]}, {"id": "", "list": [{"id": ""}]}),
        ("$ref:Infos", [], []),
    ],
)
def test_what_passes(shape: Any, value: Any, meant: Any) -> None:
    """API-32."""
    found = checked(shape, value)
    assert found == meant
    assert type(found) is type(meant)


@pytest.mark.parametrize(
    ("shape", "value", "why"),
    [
        ("Uuid", "garage", "Invalid Uuid: garage"),
        ("Uuid", "g" * 36, f"Invalid Uuid: {'g' * 36}"),
        ("Uuid", 5, "Invalid Uuid: 5"),
        ("String", True, "Invalid String: true"),
        ("String", None, "Invalid String: null"),
        ("String", ["a"], 'Invalid String: ["a"]'),
        ("StringList", "a", "Invalid value. Expected a list but received: a"),
        ("Int", 3.5, "Invalid Int: 3.5"),
        ("Int", True, "Invalid Int: true"),
        ("Int", "x", "Invalid Int: x"),
        ("Int", 2**63, f"Invalid Int: {2**63}"),
        ("Uint", -1, "Invalid UInt: -1"),
        ("Uint", "nan", "Invalid UInt: nan"),
        ("Double", "NaN", "Invalid Double: NaN"),
        ("Double", "1e999", "Invalid Double: 1e999"),
        ("Double", 2**63, "Invalid Double: 9223372036854775808"),
        ("Double", 10**400, f"Invalid Double: 1{'0' * 79}"),
        ("Double", False, "Invalid Double: false"),
        ("Double", [], "Invalid Double: []"),
        ("Bool", 1, "Invalid Bool: 1"),
        ("Bool", "yes", "Invalid Bool: yes"),
        ("Time", "24:00", "Invalid Time: 24:00"),
        ("Time", 6, "Invalid Time: 6"),
        ("Object", [], "Invalid value. Expected a map but received: []"),
        ("$ref:Info", "a", "Invalid value. Expected a map but received: a"),
        (["Int"], {"a": 1}, 'Invalid value. Expected a list but received: {"a":1}'),
        ("$ref:Mode", "on", "Expected enum value for Mode but got on"),
        ("$ref:Mode", 1, "Expected enum value for Mode but got 1"),
        ("$ref:Modes", "ModeOn", "Expected flags Modes but got ModeOn"),
        ("$ref:Modes", ["on"], 'Expected flags Modes but got ["on"]'),
    ],
)
def test_what_does_not(shape: Any, value: Any, why: str) -> None:
    """API-31."""
    assert refused(shape, value) == (why, "k.")


def test_missing_keys_come_before_invalid_ones_each_in_alphabetical_order() -> None:
    """API-31."""
    check = record_check({"b": "Int", "a": "Int", "o:c": "Int", "r:d": "Int"}, WORDS)
    for params, verdict in (
        ({}, ("Missing required key: a", "a")),
        ({"a": "x", "zz": 1}, ("Missing required key: b", "b")),
        ({"b": "x", "a": "y"}, ("Invalid Int: y", "a.")),
        ({"b": 1, "a": 1, "z": 1, "y": 1}, ("Invalid key: y", "")),
    ):
        with pytest.raises(Invalid) as caught:
            check(params)
        assert (caught.value.why, caught.value.where) == verdict
    assert check({"a": 1, "b": 2, "c": None, "d": "ignored"}) == {"a": 1, "b": 2}


def test_the_place_of_a_nested_value_is_its_path() -> None:
    """API-31: ``a.b.``."""
    assert refused("$ref:Info", {}) == ("Missing required key: id", "k.id")
    assert refused("$ref:Info", {"id": 1}) == ("Invalid Uuid: 1", "k.id.")
    assert refused("$ref:Info", {"id": "", "x": 1}) == ("Invalid key: x", "k.")
    assert refused("$ref:Infos", [{"id": "", "mode": 1}]) == (
        "Expected enum value for Mode but got 1",
        "k.mode.",
    )


def test_what_is_shown_of_a_value_is_short() -> None:
    assert shown("x" * 500) == "x" * 80
    assert refused("Int", "9" * 300)[0] == "Invalid Int: " + "9" * 80


def test_what_we_send_has_its_read_only_members() -> None:
    check = record_check({"info": "$ref:Info"}, WORDS, sent=True)
    with pytest.raises(Invalid):
        check({"info": {"id": THING}})
    assert check({"info": {"id": THING, "state": 1}}) == {"info": {"id": THING, "state": 1}}


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(THING),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
SHAPES = ("Uuid", "String", "StringList", "Int", "Uint", "Double", "Bool", "Variant", "Time", "Object")


@given(st.sampled_from([*SHAPES, "$ref:Info", "$ref:Infos", "$ref:Mode", "$ref:Modes", ["Int"]]), ANY)
def test_any_value_passes_or_is_refused_and_what_passed_passes_again(shape: Any, value: Any) -> None:
    try:
        found = checked(shape, value)
    except Invalid:
        return
    if shape != "Variant":
        assert checked(shape, found) == found
