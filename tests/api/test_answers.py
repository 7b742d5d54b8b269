"""What takes a while: verdicts of the rules, passwords, and faults of ours (API-3, API-4)."""

from dataclasses import replace
from typing import Any

import pytest

from hems.api.limits import Limits
from hems.model.intents import Refusal, SetMode
from tests.api.doorstep import Doorstep
from tests.api.drawers import GOOD, Keys

MOVE = b'{"id":%d,"method":"Toy.Move","params":{"names":["a","b"]}}'
LOGIN = (
    b'{"id":1,"method":"JSONRPC.Authenticate","params":{"username":"boss","password":"%s","deviceName":"pc"}}'
)
NO: Any = Refusal("not_now", "not at night")


def test_an_intent_is_answered_after_it_was_judged() -> None:
    """API-3: and may be overtaken by reads."""
    step = Doorstep()
    client = step.client()
    step.give(client, MOVE % 1 + b'{"id":2,"method":"Toy.Echo"}')
    assert [line["id"] for line in step.heard(client)] == [2]
    assert step.box.judge() == [SetMode("a", "fast"), SetMode("b", "fast")]
    assert step.heard(client) == [], "nothing is sent in the middle of the cycle"
    assert step.woken
    step.work()
    assert step.heard(client) == [{"id": 1, "params": {"moved": True, "o": ""}, "status": "success"}]


def test_the_first_refusal_ends_it() -> None:
    step = Doorstep()
    client = step.client()
    step.give(client, MOVE % 1)
    assert step.box.judge(NO) == [SetMode("a", "fast")]
    step.work()
    assert step.heard(client)[0]["params"] == {"moved": False, "o": "not at night"}


def test_nothing_to_ask_is_granted() -> None:
    step = Doorstep()
    client = step.client()
    assert step.call(client, "Toy.Move", names=[])["params"]["moved"] is True


def test_so_many_may_be_pending() -> None:
    """API-3: eight of a client, sixty-four of all."""
    step = Doorstep(limits=replace(Limits(), pending=12))
    one, two = step.client(), step.client()
    step.give(one, b"".join(MOVE % n for n in range(9)))
    (refused,) = step.heard(one)
    assert refused == {"id": 8, "status": "error", "error": "Too many pending requests"}
    step.give(two, b"".join(MOVE % n for n in range(5)))
    assert [line["id"] for line in step.heard(two)] == [4]
    assert step.door.health().pending == 12
    step.box.judge()
    step.work()
    assert step.door.health().pending == 0
    assert len(step.heard(one)) == 8


def test_no_verdict_in_time() -> None:
    """API-3."""
    step = Doorstep()
    client = step.client()
    step.give(client, MOVE % 3)
    step.tick(44.9)
    assert step.heard(client) == []
    step.tick(0.2)
    assert step.heard(client) == [{"id": 3, "status": "error", "error": "Command timed out"}]
    step.box.judge()
    step.work()
    assert step.heard(client) == [], "it has been answered already"


def test_a_granted_intent_is_in_the_log_with_who_asked(caplog: pytest.LogCaptureFixture) -> None:
    """API-11."""
    caplog.set_level("INFO")
    step = Doorstep()
    number = step.door.accept("unix", "", step.now, "uid 1000, pid 77")
    assert number is not None
    step.greet(number)
    step.give(number, MOVE % 3)
    step.box.judge()
    assert f"granted to client {number} (uid 1000, pid 77): Toy.Move" in caplog.text


def test_a_fault_of_ours_is_answered_and_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    step = Doorstep()
    client = step.client()
    for method in ("Toy.Fail", "Toy.Unwritable"):
        answer = step.call(client, method)
        assert answer == {"id": 5, "status": "error", "error": "Internal error"}
    assert "Toy.Fail failed" in caplog.text
    assert step.call(client, "Toy.Echo")["status"] == "success"


def test_nothing_of_a_client_is_answered_while_it_logs_in() -> None:
    """API-4."""
    keys = Keys()
    keys.user("boss")
    step = Doorstep(keys=keys)
    client = step.client("tls")
    step.give(client, LOGIN % GOOD.encode() + b'{"id":2,"method":"JSONRPC.Version"}')
    assert step.heard(client) == []
    assert not step.door.hungry(client)
    keys.hasher.work()
    step.work()
    login, version = step.heard(client)
    assert login["params"]["success"] is True
    assert version["status"] == "unauthorized", "the second request had no token yet"


def test_a_login_that_takes_too_long_is_withdrawn() -> None:
    keys = Keys()
    keys.user("boss")
    step = Doorstep(keys=keys)
    client = step.client("tls")
    step.give(client, LOGIN % GOOD.encode())
    step.tick(45.0)
    assert step.heard(client) == [{"id": 1, "status": "error", "error": "Command timed out"}]
    assert keys.hasher.withdrawn == 1
    assert step.door.hungry(client)


def test_a_login_ends_with_its_connection() -> None:
    keys = Keys()
    keys.user("boss")
    step = Doorstep(keys=keys)
    client = step.client("tls")
    step.give(client, LOGIN % GOOD.encode())
    step.door.gone(client)
    assert keys.hasher.withdrawn == 1


def test_an_id_is_echoed_as_an_integer_whatever_it_came_as() -> None:
    """API-23."""
    step = Doorstep()
    client = step.client()
    step.give(client, b'{"id":"12","method":"Toy.Echo","more":1}')
    assert step.heard(client)[0]["id"] == 12


def test_words_are_said_in_the_language_of_the_caller() -> None:
    step = Doorstep()
    client = step.client()
    assert step.call(client, "Toy.Echo")["params"]["language"] == "de"
