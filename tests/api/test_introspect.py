"""What the door says of itself."""

import json

import pytest

from hems.api.introspect import introspection, judge
from hems.api.rows import Method, Notice
from hems.api.shapes import Words

WORDS = Words({"Thing": {"id": "Uuid"}}, {"Mode": ("ModeOff",)}, {"Modes": "Mode"})
ROW = Method("Ns", "Get", {"o:a": "Int"}, {"b": "$ref:Thing"}, "Admin", "view", lambda a, p: {}, "Get it.")
OLD = Method("Ns", "Old", {}, {}, "None", "view", lambda a, p: {}, "Get it.", deprecated="Use Get.")
NOTICE = Notice("Ns", "Changed", {"thing": "$ref:Thing"}, "It has changed.")


def test_rows_are_told_as_clients_read_them() -> None:
    """API-50."""
    said = {name: json.loads(bytes(raw)) for name, raw in introspection((ROW, OLD), (NOTICE,), WORDS).items()}
    assert said == {
        "methods": {
            "Ns.Get": {
                "description": "Get it.",
                "params": {"o:a": "Int"},
                "returns": {"b": "$ref:Thing"},
                "permissionScope": "PermissionScopeAdmin",
            },
            "Ns.Old": {
                "description": "Get it.",
                "params": {},
                "returns": {},
                "permissionScope": "PermissionScopeNone",
                "deprecated": "Use Get.",
            },
        },
        "notifications": {
            "Ns.Changed": {"description": "It has changed.", "params": {"thing": "$ref:Thing"}}
        },
        "types": {"Thing": {"id": "Uuid"}},
        "enums": {"Mode": ["ModeOff"]},
        "flags": {"Modes": "Mode"},
    }


def test_a_row_that_is_there_twice_or_refers_to_nothing_is_refused() -> None:
    """API-50."""
    judge((ROW, OLD), (NOTICE,), WORDS)
    with pytest.raises(ValueError, match=r"Ns\.Get: there twice"):
        judge((ROW, ROW), (), WORDS)
    with pytest.raises(ValueError, match=r"Ns\.Get: nothing is called 'Thing'"):
        judge((ROW,), (), Words({}, {}, {}))
    with pytest.raises(ValueError, match=r"Ns\.Changed: nothing is called 'Thing'"):
        judge((), (NOTICE,), Words({}, {}, {}))
