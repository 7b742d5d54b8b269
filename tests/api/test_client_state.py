"""How far a client has come, and who it is."""

import pytest

from hems.api.access import Login
from hems.api.client_state import ALLOWED, Client, Stage
from hems.api.limits import Limits
from hems.api.rows import Transport

LIMITS = Limits()
LOGIN = Login("alice", "id", frozenset({"ControlThings"}), frozenset({"a"}))


def client(transport: Transport = "tls", stage: Stage = "silent", address: str = "192.0.2.7") -> Client:
    return Client(1, transport, address, "", 10.0, LIMITS, stage=stage)


@pytest.mark.parametrize(
    ("stage", "ends"), [("shaking", 15.0), ("silent", 20.0), ("stranger", 310.0), ("served", None)]
)
def test_every_stage_but_the_last_ends(stage: Stage, ends: float | None) -> None:
    """API-14."""
    assert client(stage=stage).ends_mono_s == ends
    assert client(stage=stage).greeted is (stage in ("stranger", "served"))


def test_the_time_for_hello_counts_from_the_connection() -> None:
    """API-14: ten seconds after connect, however long the handshake took."""
    one = client(stage="shaking")
    one.enter("silent", 14.0)
    assert one.ends_mono_s == 20.0
    one.enter("stranger", 15.0)
    assert one.ends_mono_s == 315.0
    one.enter("stranger", 99.0)
    assert one.ends_mono_s == 315.0, "another hello gives no more time"


def test_every_stage_can_be_come_to() -> None:
    assert {"silent", "stranger", "served"} == frozenset().union(*ALLOWED.values())
    assert ALLOWED.keys() == {"shaking", "silent", "stranger", "served"}


def test_whoever_must_log_in_is_who_the_token_says() -> None:
    one = client()
    assert (one.scopes, one.things) == (frozenset(), None)
    one.know(LOGIN)
    assert (one.user, one.token, one.scopes, one.things) == ("alice", "id", LOGIN.scopes, LOGIN.things)
    assert one.sees("{a}")
    assert one.sees("a")
    assert one.sees("")
    assert not one.sees("b")
    one.know(None)
    assert (one.user, one.token, one.scopes) == ("", "", frozenset())


def test_whoever_need_not_log_in_may_everything() -> None:
    """API-10."""
    for transport in ("unix", "tcp"):
        one = client(transport)
        one.know(LOGIN)
        assert (one.user, one.scopes, one.things) == ("alice", frozenset({"Admin"}), None)


def test_the_unix_socket_has_no_peer_that_could_be_locked() -> None:
    """API-43."""
    assert client("unix", address="").peer == ""
    assert client("tcp", address="127.0.0.1").peer == "127.0.0.1"


def test_whoever_takes_nothing_is_deaf() -> None:
    one = client()
    one.backlog = LIMITS.deaf_bytes
    assert not one.deaf
    one.backlog += 1
    assert one.deaf
