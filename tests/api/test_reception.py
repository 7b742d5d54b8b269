"""Who comes in: buttons, tokens, lockdown (API-42 to API-45)."""

import pytest

from tests.api.doorstep import Doorstep
from tests.api.drawers import GOOD, Keys

BUTTON = "JSONRPC.RequestPushButtonAuth"
CREATE = "JSONRPC.CreateUser"
LOGIN = "JSONRPC.Authenticate"


def pressed(step: Doorstep, yes: bool = True) -> None:
    step.porch.questions[-1].answer(yes)
    step.work()
    step.tick()


def test_the_button_lets_in_whoever_asked() -> None:
    """API-44, S2."""
    step = Doorstep()
    client, other = step.client("tls"), step.client("unix")
    step.call(other, "JSONRPC.SetNotificationStatus", enabled=True)
    assert step.call(client, BUTTON, deviceName="tablet")["params"] == {"success": True, "transactionId": 1}
    assert (step.porch.questions[0].device, step.porch.questions[0].within_s) == ("tablet", 120.0)
    pressed(step)
    (finished,) = step.heard(client)
    assert finished["notification"] == "JSONRPC.PushButtonAuthFinished"
    token = finished["params"].pop("token")
    assert finished["params"] == {"success": True, "transactionId": 1}
    assert step.call(client, "Toy.Rule", token)["status"] == "success"
    assert step.heard(other) == [], "nobody else hears of it"
    (kept,) = step.keys.keyring.access.tokens
    assert (kept.user, kept.device, kept.created_s > 0) == ("", "tablet", True)


def test_no_is_no() -> None:
    step = Doorstep()
    client = step.client("tls")
    step.call(client, BUTTON, deviceName="tablet")
    pressed(step, yes=False)
    (finished,) = step.heard(client)
    assert finished["params"] == {"success": False, "transactionId": 1}
    assert not step.keys.keyring.anybody


def test_a_newer_request_ends_the_older() -> None:
    """API-44."""
    step = Doorstep()
    one, two = step.client("tls"), step.client("tls")
    step.call(one, BUTTON, deviceName="tablet")
    step.call(two, BUTTON, deviceName="phone")
    step.tick()
    assert step.heard(one)[0]["params"] == {"success": False, "transactionId": 1}
    pressed(step)
    assert step.heard(two)[0]["params"]["success"] is True
    assert step.heard(one) == []


def test_a_question_ends_with_its_connection_and_lets_nobody_in() -> None:
    """API-44."""
    step = Doorstep()
    client = step.client("tls")
    step.call(client, BUTTON, deviceName="tablet")
    step.door.gone(client)
    assert step.porch.questions[0].taken_back
    pressed(step)
    assert not step.keys.keyring.anybody


def test_without_a_panel_nobody_is_asked() -> None:
    """API-44."""
    step = Doorstep(panel=False)
    client = step.client("tls")
    assert step.greet(client)["params"]["pushButtonAuthAvailable"] is False
    assert step.call(client, BUTTON, deviceName="a")["params"]["success"] is False


def test_the_button_is_of_no_use_where_the_memory_is_full() -> None:
    keys = Keys()
    step = Doorstep(keys=keys)
    client = step.client("tls")
    step.call(client, BUTTON, deviceName="tablet")
    for drawer in keys.cabinet.drawers.values():
        drawer.room = 2
    pressed(step)
    assert step.heard(client)[0]["params"] == {"success": False, "transactionId": 1}


def test_the_first_user_is_let_in_at_the_panel() -> None:
    """API-45."""
    step = Doorstep()
    client = step.client("tls")
    step.give(
        client,
        b'{"id":5,"method":"JSONRPC.CreateUser","params":{"username":"boss","password":"%s"}}'
        % GOOD.encode(),
    )
    assert step.heard(client) == []
    assert (step.porch.questions[0].device, step.porch.questions[0].within_s) == ("boss", 40.0)
    pressed(step)
    step.keys.hasher.work()
    step.work()
    assert step.heard(client)[0]["params"] == {"error": "UserErrorNoError"}
    assert step.keys.keyring.access.users.keys() == {"boss"}


def test_nobody_at_the_panel_is_no_first_user() -> None:
    """API-45."""
    step = Doorstep()
    client = step.client("tls")
    step.give(
        client,
        b'{"id":5,"method":"JSONRPC.CreateUser","params":{"username":"boss","password":"%s"}}'
        % GOOD.encode(),
    )
    pressed(step, yes=False)
    assert step.heard(client)[0]["params"] == {"error": "UserErrorPermissionDenied"}
    assert not step.keys.keyring.anybody


@pytest.mark.parametrize(
    ("panel", "needed", "transport"), [(False, True, "tls"), (True, False, "tls"), (True, True, "unix")]
)
def test_where_nobody_needs_to_be_asked(panel: bool, needed: bool, transport: str) -> None:
    """API-45."""
    step = Doorstep(panel=panel, first_user_needs_button=needed)
    client = step.client(transport)  # type: ignore[arg-type]
    step.give(
        client,
        b'{"id":5,"method":"JSONRPC.CreateUser","params":{"username":"boss","password":"%s"}}'
        % GOOD.encode(),
    )
    step.keys.hasher.work()
    step.work()
    assert step.heard(client)[0]["params"] == {"error": "UserErrorNoError"}
    assert step.porch.questions == []


def test_a_wrong_user_is_refused_before_anybody_is_asked() -> None:
    step = Doorstep()
    client = step.client("tls")
    assert step.call(client, CREATE, username="b", password=GOOD)["params"] == {
        "error": "UserErrorInvalidUserId"
    }
    assert step.porch.questions == []


def test_a_client_that_goes_takes_its_first_user_with_it() -> None:
    step = Doorstep()
    client = step.client("tls")
    step.give(
        client,
        b'{"id":5,"method":"JSONRPC.CreateUser","params":{"username":"boss","password":"%s"}}'
        % GOOD.encode(),
    )
    step.door.gone(client)
    assert step.porch.questions[0].taken_back
    step.work()
    assert not step.keys.hasher.asked


def entered(step: Doorstep, client: int, password: str = GOOD) -> dict[str, object]:
    who = b'"username":"boss","password":"%s","deviceName":"pc"'
    request = b'{"id":5,"method":"JSONRPC.Authenticate","params":{' + who + b"}}"
    step.give(client, request % password.encode())
    step.keys.hasher.work()
    step.work()
    found: dict[str, object] = step.heard(client)[0]["params"]
    return found


def test_a_password_is_worth_a_token() -> None:
    """API-42, S3."""
    keys = Keys()
    keys.user("boss")
    step = Doorstep(keys=keys)
    client = step.client("tls")
    said = entered(step, client)
    assert said == {
        "success": True,
        "token": said["token"],
        "username": "boss",
        "scopes": ["PermissionScopeAdmin"],
    }
    assert step.call(client, "Toy.Echo", str(said["token"]))["params"]["who"] == "boss"
    later = step.connect("tls")
    hello = step.greet(later, str(said["token"]))["params"]
    assert (hello["authenticated"], hello["username"]) == (True, "boss")
    assert hello["permissionScopes"] == ["PermissionScopeAdmin"]


def test_two_wrong_passwords_in_three_seconds_drop_the_client() -> None:
    """API-43."""
    keys = Keys()
    keys.user("boss")
    step = Doorstep(keys=keys)
    client = step.client("tls")
    assert entered(step, client, "wrong") == {"success": False}
    assert not step.closed
    assert step.door.accept("tls", "192.0.2.7", step.now) is None, "locked out"
    assert step.door.accept("tls", "192.0.2.8", step.now) is not None, "others are not"
    assert step.door.accept("unix", "", step.now) is not None
    step.mono_s += 2.9
    assert entered(step, client, "wrong") == {"success": False}
    assert client in step.closed


def test_wrong_passwords_three_seconds_apart_do_not() -> None:
    """API-43."""
    keys = Keys()
    keys.user("boss")
    step = Doorstep(keys=keys)
    client = step.client("tls")
    for _ in range(4):
        assert entered(step, client, "wrong") == {"success": False}
        step.mono_s += 3.0
    assert not step.closed
    assert step.door.accept("tls", "192.0.2.7", step.now) is not None


def test_a_dead_token_is_told_so_and_may_use_the_button() -> None:
    """S3."""
    keys = Keys()
    keys.user("boss")
    step = Doorstep(keys=keys)
    client = step.connect("tls")
    assert step.greet(client, "dead")["params"]["authenticated"] is False
    assert step.call(client, BUTTON, "dead", deviceName="a")["params"]["success"] is True
    step.give(client, b'{"id":5,"method":"JSONRPC.RequestPushButtonAuth","params":{"deviceName":"a"}}')
    assert [line["params"]["success"] for line in step.heard(client)] == [True, False]
    assert not step.closed


def test_two_dead_tokens_in_a_row_are_two_wrong_tries() -> None:
    """API-43."""
    keys = Keys()
    keys.user("boss")
    step = Doorstep(keys=keys)
    client = step.connect("tls")
    step.greet(client, "dead")
    step.greet(client, "dead too")
    assert client in step.closed


def test_another_token_drops_the_client_and_is_a_wrong_try() -> None:
    """API-30, check 4."""
    step = Doorstep()
    token = step.let_in()
    client = step.client("tls", token=token)
    assert step.call(client, "Toy.Echo", "other")["status"] == "unauthorized"
    assert client in step.closed
    assert step.door.accept("tls", "192.0.2.7", step.now) is None


def test_a_login_that_fails_ends_the_one_before_and_what_it_listened_to() -> None:
    """API-42: a failed login binds the empty token."""
    keys = Keys()
    keys.user("boss")
    step = Doorstep(keys=keys)
    token = step.let_in("boss")
    client = step.client("tls", token=token)
    step.call(client, "JSONRPC.SetNotificationStatus", token, enabled=True)
    step.call(client, "Toy.Follow", token, follow=True)
    assert entered(step, client, "wrong") == {"success": False}
    served = step.door.clients[client]
    assert (served.stage, served.names, served.follows, served.token) == ("stranger", frozenset(), False, "")
    assert step.call(client, "Toy.Echo", token)["status"] == "unauthorized"


def test_removing_a_token_drops_its_connections() -> None:
    """API-42."""
    step = Doorstep()
    mine, theirs = step.let_in(), step.let_in("", "phone")
    me, they = step.client("tls", token=mine), step.client("tls", token=theirs)
    (wanted,) = [token.id for token in step.keys.keyring.access.tokens if token.device == "phone"]
    answer = step.call(me, "Users.RemoveToken", mine, tokenId=wanted)
    assert answer["params"] == {"error": "UserErrorNoError"}
    assert step.closed == {they: False}
    (own,) = [token.id for token in step.keys.keyring.access.tokens]
    assert step.call(me, "Users.RemoveToken", mine, tokenId=own)["status"] == "success"
    assert me in step.closed


def test_a_scope_that_is_taken_away_is_gone_at_the_next_request() -> None:
    """API-40."""
    keys = Keys()
    keys.user("boss")
    keys.user("guest")
    step = Doorstep(keys=keys)
    token = step.let_in("guest")
    client = step.client("tls", token=token)
    assert step.call(client, "Toy.Rule", token)["status"] == "success"
    keys.keyring.set_scopes("guest", frozenset({"ControlThings"}), None)
    assert step.call(client, "Toy.Rule", token)["error"] == "Permission denied."


def test_admins_hear_of_a_new_user() -> None:
    """API-80."""
    step = Doorstep()
    client = step.client()
    step.call(client, "JSONRPC.SetNotificationStatus", namespaces=["Users"])
    step.keys.user("boss")
    step.tick()
    assert [line["notification"] for line in step.heard(client)] == ["Users.UserAdded"]


def test_nobody_takes_away_what_is_asked_at_the_panel() -> None:
    """API-44: nor may another peer's first user take away what is asked."""
    step = Doorstep()
    client, other = step.client("tls"), step.client("tls", "192.0.2.9")
    asked = step.call(client, BUTTON, deviceName="tablet")["params"]
    assert asked == {"success": True, "transactionId": 1}
    assert step.call(other, BUTTON, deviceName="evil")["params"] == {"success": False, "transactionId": -1}
    user = {"username": "evil", "password": "Passw0rdd"}
    assert step.call(other, "JSONRPC.CreateUser", **user)["params"] == {"error": "UserErrorPermissionDenied"}
    assert [question.device for question in step.porch.questions] == ["tablet"]
    pressed(step)
    assert step.heard(client)[0]["params"]["success"] is True
