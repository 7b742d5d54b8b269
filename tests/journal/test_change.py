"""What differs between two states (JRN-12)."""

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hems.journal.change import applied, difference, encode, parse, payload, pieces, plain, replaced
from tests.journal.books import Plain, documents

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4)
)
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=2), SCALARS, max_size=2)
FIELDS = st.dictionaries(st.sampled_from(["x", "y", "z"]), VALUES, max_size=3)
ROWS = st.dictionaries(st.sampled_from(["1", "2", "3"]), FIELDS, max_size=3)
STATES = st.dictionaries(st.sampled_from(["a", "b", "c"]), ROWS, max_size=3)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STATES, STATES)
def test_a_change_leads_from_one_state_to_the_other(before: Plain, after: Plain) -> None:
    """JRN-12, through JSON; the former state stays as it was."""
    one, other = documents(before), documents(after)
    content = parse(payload(difference(one, other)))
    assert content is not None
    assert plain(applied(one, content)) == json.loads(json.dumps(after))
    assert plain(one) == before
    assert difference(other, documents(plain(other))) == {}


def test_only_changed_fields_travel() -> None:
    """JRN-12: fields replace fields, null deletes, a list replaces a document that lost a field."""
    before = documents({"a": {"1": {"x": 1, "y": 2}, "2": {"x": 1}, "3": {"x": 1, "y": 1}}, "b": {}})
    after = documents({"a": {"1": {"x": 1, "y": 3}, "3": {"x": 1}, "4": {"x": 9}}, "c": {}})
    assert json.loads(payload(difference(before, after))) == {
        "b": None,
        "a": {"2": None, "1": {"y": 3}, "3": [{"x": 1}], "4": [{"x": 9}]},
        "c": {},
    }


def test_values_that_are_equal_in_python_but_not_in_json_differ() -> None:
    assert difference(documents({"a": {"1": {"x": 1}}}), documents({"a": {"1": {"x": True}}}))


def test_a_checkpoint_replaces_whole_tables() -> None:
    state = documents({"a": {"1": {"x": 1}, "2": {"x": 2}}, "b": {"1": {"x": 1}}})
    content = parse(b'{"a":{"3":{"x":3}}}')
    assert content is not None
    assert plain(replaced(state, content)) == {"a": {"3": {"x": 3}}, "b": {"1": {"x": 1}}}


def test_an_empty_replacement_is_an_empty_document() -> None:
    assert plain(applied({}, {"a": {"1": []}})) == {"a": {"1": {}}}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a":1}', b'{"a":{"1":2}}'])
def test_what_is_no_change_is_none(content: bytes) -> None:
    assert parse(content) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, [1.0, -math.inf], {"a": ({"b": math.nan},)}])
def test_numbers_that_json_does_not_know_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="store a finite number"):
        encode(value)


@given(STATES)
def test_the_pieces_of_a_state_are_its_payload(state: Plain) -> None:
    """JRN-32."""
    assert b"".join(pieces(documents(state))) == payload(documents(state))


def test_what_is_the_same_object_is_not_looked_into() -> None:
    """JRN-50: lists of thousands of entries cost nothing while they stay."""
    state = documents({"events": {"1": {"n": 1}}, "ledger": {"1": {"n": 1}, "2": {"n": 2}}})
    after = {**state, "ledger": {**state["ledger"], "2": documents({"x": {"2": {"n": 3}}})["x"]["2"]}}
    assert json.loads(payload(difference(state, after))) == {"ledger": {"2": {"n": 3}}}
    assert difference(state, dict(state)) == {}
