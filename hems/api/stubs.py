"""The namespaces Rules and Scripts: there are none here, and clients are told so (API-82)."""

from typing import Final

from hems.api.rows import Method, Namespace

RULES: Final = Namespace(
    methods=(
        Method(
            "Rules",
            "GetRules",
            {},
            {"ruleDescriptions": ["$ref:RuleDescription"]},
            "ExecuteRules",
            "table",
            lambda ask, params: {"ruleDescriptions": []},
            "No rules can be made here.",
        ),
    ),
    types={
        "RuleDescription": {
            "id": "Uuid",
            "name": "String",
            "enabled": "Bool",
            "active": "Bool",
            "executable": "Bool",
        }
    },
)
SCRIPTS: Final = Namespace(
    methods=(
        Method(
            "Scripts",
            "GetScripts",
            {},
            {"scripts": "$ref:Scripts"},
            "Admin",
            "table",
            lambda ask, params: {"scripts": []},
            "No scripts can be made here.",
        ),
    ),
    types={"Script": {"r:id": "Uuid", "name": "String"}, "Scripts": ["$ref:Script"]},
)
