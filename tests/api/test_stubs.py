"""API-82: no rules and no scripts."""

from hems.api.stubs import RULES, SCRIPTS
from tests.api.drawers import Keys


def test_there_are_none() -> None:
    assert Keys().call(RULES, "GetRules") == {"ruleDescriptions": []}
    assert Keys().call(SCRIPTS, "GetScripts") == {"scripts": []}
    assert [row.scope for space in (RULES, SCRIPTS) for row in space.methods] == ["ExecuteRules", "Admin"]
