"""API-40, API-43, API-46: a login story through the door, and what of it nobody else ever sees."""

import json
import logging

import pytest

from hems.api.configuration import CONFIGURATION
from hems.api.jsonrpc import JSONRPC
from hems.api.rows import Method, Namespace, Scope
from hems.api.stubs import RULES, SCRIPTS
from hems.api.system import SYSTEM
from hems.api.table import table
from hems.api.tags import TAGS
from hems.api.thing_ids import thing_id
from hems.api.users import USERS
from tests.api.doorstep import Doorstep
from tests.api.drawers import GOOD, HOUSE, Keys


def _write(namespace: str, scope: Scope) -> Method:
    return Method(namespace, "Write", {}, {}, scope, "intent", lambda ask, params: {}, "Moves something.")


OTHERS = tuple(
    Namespace((_write(name, "ControlThings"),)) for name in ("Integrations", "Actions", "NymeaEnergy", "Hems")
)
ROWS = table((JSONRPC, USERS, TAGS, SYSTEM, CONFIGURATION, RULES, SCRIPTS, *OTHERS), {})
WRONG, LATER = "Wrong horse 777", "Another horse 9"


def wait(step: Doorstep, client: int, method: str, token: str | None = None, /, **params: object) -> object:
    """The answer to what takes a while."""
    record = {"id": 9, "method": method, "params": params} | ({} if token is None else {"token": token})
    step.give(client, json.dumps(record).encode())
    step.keys.hasher.work()
    step.work()
    lines = [line for line in step.heard(client) if line["id"] == 9 and "notification" not in line]
    return lines[0].get("params", lines[0])


def test_no_secret_leaves_the_door_but_the_token_to_whom_it_is_given(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """API-46: grepped are the log, all that others hear, all error texts, and the card."""
    caplog.set_level(logging.DEBUG)
    step = Doorstep(ROWS)
    spy = step.client()
    step.call(spy, "JSONRPC.SetNotificationStatus", enabled=True)
    heard: list[str] = []

    client = step.client("tls", "192.0.2.7")
    first = {"username": "anna", "password": GOOD}
    step.give(client, json.dumps({"id": 9, "method": "JSONRPC.CreateUser", "params": first}).encode())
    step.porch.questions[0].answer(True)
    step.keys.hasher.work()
    step.work()
    heard += map(json.dumps, step.heard(client))

    login = {"username": "anna", "deviceName": "tablet"}
    for broken in ({**login, "password": [GOOD]}, {**login, "password": {"is": GOOD}}, {**login, GOOD: 1}):
        text = step.call(client, "JSONRPC.Authenticate", **broken)
        if GOOD not in broken:
            heard.append(json.dumps(text))
    step.give(client, b'{"id": 1,, "method": "JSONRPC.Authenticate", "password": "' + GOOD.encode() + b'"}')
    heard += map(json.dumps, step.heard(client))
    heard.append(json.dumps(wait(step, client, "JSONRPC.Authenticate", **login, password=WRONG)))
    step.tick(4.0)
    reply = wait(step, client, "JSONRPC.Authenticate", **login, password=GOOD)
    assert isinstance(reply, dict)
    token = reply["token"]
    for method in ("GetUserInfo", "GetUsers", "GetTokens"):
        heard.append(json.dumps(step.call(client, f"Users.{method}", token)))
    heard.append(json.dumps(wait(step, client, "Users.ChangePassword", token, newPassword=LATER)))
    heard.append(json.dumps(step.call(client, "Users.ChangePassword", token, newPassword=[LATER])))

    guest = step.client("tls", "192.0.2.8")
    step.call(guest, "JSONRPC.RequestPushButtonAuth", deviceName="phone")
    step.porch.questions[-1].answer(True)
    step.tick()
    (finished,) = step.heard(guest)
    button = finished["params"]["token"]
    heard.append(json.dumps(step.call(guest, "Users.GetUserInfo", token)))

    heard += map(json.dumps, step.heard(spy))
    kept = [user.password for user in step.keys.keyring.access.users.values()]
    digests = [entry.digest for entry in step.keys.keyring.access.tokens]
    assert len(digests) == 2
    assert "anna" in "\n".join(heard)
    secrets = (GOOD, WRONG, LATER, token, button, *kept, *digests)
    for seen in (caplog.text, *heard, repr(step.door.health())):
        assert not [secret for secret in secrets if secret in seen], seen
    assert not [secret for secret in (GOOD, WRONG, LATER, token, button) if secret in step.keys.cabinet.text]


def test_who_may_see_one_thing_writes_only_where_things_are_told_apart() -> None:
    """API-40: there every write names a thing that is looked at; elsewhere none is let through."""
    keys = Keys()
    keys.user("guest", GOOD, "ControlThings")
    keys.user("owner", GOOD, "ControlThings", "AccessAllThings")
    step = Doorstep(ROWS, keys=keys)
    for name, everywhere in (("guest", False), ("owner", True)):
        token = step.let_in(name)
        client = step.client("tls", token=token)
        for namespace in ("Integrations", "Actions", "NymeaEnergy", "Hems"):
            answer = step.call(client, f"{namespace}.Write", token)
            told_apart = namespace in ("Integrations", "Actions")
            assert (answer["status"] == "success") is (everywhere or told_apart), namespace
            assert answer.get("error", "") in ("", "Permission denied.")
        assert step.call(client, "Tags.GetTags", token)["status"] == "success"
        assert step.call(client, "Configuration.GetConfigurations", token)["status"] == "success"
        assert step.call(client, "System.GetTime", token)["error"] == "Permission denied."


def test_what_a_user_may_no_longer_is_refused_in_the_next_request() -> None:
    """API-80: the connection stays, the right does not."""
    keys = Keys()
    keys.user("boss")
    keys.user("anna")
    step = Doorstep(ROWS, keys=keys)
    tokens = {name: step.let_in(name) for name in ("boss", "anna")}
    boss, anna = (step.client("tls", f"192.0.2.{n}", tokens[name]) for n, name in enumerate(tokens))
    assert step.call(anna, "Users.GetUsers", tokens["anna"])["status"] == "success"
    demoted = {"username": "anna", "scopes": ["PermissionScopeControlThings"]}
    assert step.call(boss, "Users.SetUserScopes", tokens["boss"], **demoted)["status"] == "success"
    assert step.call(anna, "Users.GetUsers", tokens["anna"])["error"] == "Permission denied."
    assert anna not in step.closed
    step.call(boss, "Users.RemoveUser", tokens["boss"], username="anna")
    assert anna in step.closed
    assert boss not in step.closed


def test_what_a_user_may_see_no_longer_is_not_shown_in_the_next_reply() -> None:
    """API-80: before the next view."""
    keys = Keys()
    keys.user("guest", GOOD, "ControlThings", "AccessAllThings")
    step = Doorstep(ROWS, keys=keys)
    here, token = step.client(), step.let_in("guest")
    guest = step.client("tls", token=token)
    things = [thing_id(HOUSE, name) for name in ("garage", "grid")]
    for thing in things:
        step.call(here, "Tags.AddTag", tag={"appId": "app", "tagId": "favorites", "thingId": thing})
    for allowed in (things, things[:1]):
        tags = step.call(guest, "Tags.GetTags", token)["params"]["tags"]
        assert [tag["thingId"] for tag in tags] == allowed
        narrowed = {"scopes": ["PermissionScopeControlThings"], "allowedThingIds": things[:1]}
        step.call(here, "Users.SetUserScopes", username="guest", **narrowed)


def test_only_admins_hear_of_users() -> None:
    """API-80."""
    keys = Keys()
    keys.user("boss")
    keys.user("guest", GOOD, "ControlThings", "AccessAllThings")
    step = Doorstep(ROWS, keys=keys)
    tokens = {name: step.let_in(name) for name in ("boss", "guest")}
    clients = {
        name: step.client("tls", f"192.0.2.{number}", token)
        for number, (name, token) in enumerate(tokens.items())
    }
    for name, client in clients.items():
        step.call(client, "JSONRPC.SetNotificationStatus", tokens[name], namespaces=["Users"])
    here = step.client()
    step.call(here, "Users.SetUserInfo", username="boss", email="boss@example.org")
    heard = {name: [line["notification"] for line in step.heard(client)] for name, client in clients.items()}
    assert heard == {"boss": ["Users.UserChanged"], "guest": []}


def test_a_memory_that_has_lost_something_is_no_open_door() -> None:
    """API-45: on the network nobody becomes the first user of a house that may have had one."""
    step = Doorstep(ROWS, keys=Keys(remembered=False), panel=False)
    stranger = step.connect("tls")
    assert step.greet(stranger)["params"]["initialSetupRequired"] is False
    answer = step.call(stranger, "JSONRPC.CreateUser", username="mallory", password=GOOD)
    assert answer["error"] == "Forbidden: Invalid token."
    assert stranger in step.closed
    here = step.client()
    assert wait(step, here, "JSONRPC.CreateUser", username="anna", password=GOOD) == {
        "error": "UserErrorNoError"
    }
