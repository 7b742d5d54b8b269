"""What is new: for whom, under which names, and what a fault in it harms."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from hems.api.jsonrpc import JSONRPC
from hems.api.rows import Identity, Namespace, News
from hems.api.table import table
from hems.api.users import USERS
from hems.model.view import View
from tests.api.doorstep import TOY, Doorstep
from tests.panel.views import HOUSE as VIEW

ALL = "JSONRPC.SetNotificationStatus"


def failing(*_: Any) -> Sequence[News]:
    raise RuntimeError("a fault of ours")


def test_a_namespace_that_fails_is_silent_and_the_others_are_not(caplog: pytest.LogCaptureFixture) -> None:
    faulty = replace(TOY, changes=failing)
    step = Doorstep(table((JSONRPC, USERS, faulty), {}))
    client = step.client()
    step.call(client, ALL, enabled=True)
    step.show(VIEW)
    assert [line["notification"] for line in step.heard(client)] == ["Toy.Told"]
    assert "could not be told" in caplog.text


def test_a_memory_that_fails_stays_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    """API-72: what was known is known on."""
    faulty = replace(TOY, remember=failing, changes=None)
    step = Doorstep(table((JSONRPC, USERS, faulty), {}))
    client = step.client()
    step.call(client, ALL, enabled=True)
    step.show(VIEW)
    assert step.heard(client) == []
    assert "could not be remembered" in caplog.text


def test_memories_are_folded_whether_anybody_listens_or_not() -> None:
    """API-72."""
    step = Doorstep()
    for _ in range(3):
        step.show(VIEW)
    client = step.client()
    step.call(client, ALL, enabled=True)
    step.show(VIEW)
    told = [line["params"] for line in step.heard(client) if line["notification"] == "Toy.Told"]
    assert told == [{"before": 3, "after": 4}]


def test_what_nobody_listens_to_is_not_worked_out() -> None:
    asked = []

    def changes(before: View | None, view: View, identity: Identity) -> Sequence[News]:
        asked.append(view)
        return ()

    counting = Namespace(methods=TOY.methods, notices=TOY.notices, changes=changes)
    step = Doorstep(table((JSONRPC, USERS, counting), {}))
    client = step.client()
    step.show(VIEW)
    assert asked == []
    step.call(client, ALL, namespaces=["Toy"])
    step.show(VIEW)
    assert asked == [VIEW]
