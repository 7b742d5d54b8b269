"""Connections, limits and turns of the door, without a socket (API-3, API-14, API-62, API-113)."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.api.limits import Limits
from hems.model.intents import SetMode
from tests.api.doorstep import FRAME, Doorstep
from tests.api.drawers import Keys
from tests.panel.views import HOUSE as VIEW

LIMITS = Limits()
ALL = "JSONRPC.SetNotificationStatus"


def moved(w: float) -> object:
    return replace(VIEW, balance=replace(VIEW.balance, grid_w=w))


def test_so_many_clients_in_all_so_many_from_afar_so_many_from_one_place() -> None:
    """API-14: eight places stay for the Unix socket."""
    step = Doorstep()
    for n in range(24):
        step.connect("tcp", f"192.0.2.{n // 8}")
    assert step.door.accept("tcp", "192.0.2.77", step.now) is None
    for _ in range(8):
        step.connect("unix")
    assert step.door.accept("unix", "", step.now) is None
    assert step.door.health().clients == 32
    assert step.door.health().dropped == 2


def test_eight_of_one_address_and_any_number_of_this_machine() -> None:
    step = Doorstep()
    for _ in range(8):
        step.connect("tcp", "192.0.2.1")
    assert step.door.accept("tcp", "192.0.2.1", step.now) is None
    for _ in range(12):
        step.connect("tcp", "127.0.0.1")


@pytest.mark.parametrize("address", ["::1", "::ffff:127.0.0.1", "127.0.0.1"])
def test_this_machine_is_known_by_each_of_its_addresses(address: str) -> None:
    """API-14: a listener for all addresses tells an IPv4 client in the form of IPv6."""
    step = Doorstep()
    for _ in range(12):
        step.connect("tcp", address)


def test_four_strangers_and_no_more_until_one_has_come_in() -> None:
    """API-14."""
    step = Doorstep()
    token = step.let_in()
    strangers = [step.connect("tls", f"192.0.2.{n}") for n in range(4)]
    assert step.door.accept("tls", "192.0.2.9", step.now) is None
    step.greet(strangers[0], token)
    assert step.door.accept("tls", "192.0.2.9", step.now) is not None


def test_ten_handshakes_a_second() -> None:
    """API-14."""
    step = Doorstep(limits=replace(LIMITS, strangers=99, each=99, shakes_per_s=10))
    for _ in range(10):
        step.connect("tls")
    assert step.door.accept("tls", "192.0.2.7", step.now) is None
    step.mono_s += 1.0
    step.connect("tls")


def test_a_handshake_that_does_not_end_is_ended() -> None:
    step = Doorstep()
    number = step.door.accept("tls", "192.0.2.7", step.now)
    assert number is not None
    assert step.door.due_mono_s == 1005.0
    step.tick(5.0)
    assert step.closed == {number: False}


def test_whoever_does_not_log_in_is_dropped_after_five_minutes() -> None:
    """API-14."""
    step = Doorstep()
    client = step.client("tls")
    step.tick(299.9)
    assert not step.closed
    step.tick(0.2)
    assert step.closed == {client: False}
    assert step.door.health().clients == 0


def test_a_mebibyte_without_a_request_closes_once() -> None:
    """API-14."""
    step = Doorstep()
    client = step.connect()
    for _ in range(140):
        step.give(client, b"a" * 8192)
    assert step.closed == {client: False}
    assert step.heard(client) == []
    step.give(client, b"a")


def test_sixteen_broken_packets_in_a_row_close() -> None:
    """API-14."""
    step = Doorstep()
    client = step.client()
    step.give(client, b"x\n" * 15 + b'{"id":1,"method":"Toy.Echo"}' + b"x\n" * 15)
    assert not step.closed
    step.give(client, b"x\n")
    assert step.closed == {client: False}
    assert [line["id"] for line in step.heard(client)] == [-1] * 15 + [1] + [-1] * 16


def test_a_request_that_is_too_long_is_answered_and_skipped() -> None:
    """API-14."""
    step = Doorstep()
    client = step.client()
    long = json.dumps({"id": 1, "method": "Toy.Echo", "params": {"say": "x" * 100_000}}).encode()
    for i in range(0, len(long), 2048):
        step.give(client, long[i : i + 2048])
    step.give(client, b'{"id":2,"method":"Toy.Echo"}')
    broken, echo = step.heard(client)
    assert (broken["id"], broken["error"]) == (-1, "Failed to parse JSON data: it is longer than 96 KiB")
    assert echo["id"] == 2


def test_a_packet_that_stalls_is_answered_by_the_clock() -> None:
    """API-22."""
    step = Doorstep()
    client = step.client()
    step.give(client, b'{"id":1,"params":{}')
    assert step.heard(client) == []
    assert step.door.due_mono_s == 1000.25
    step.tick(0.25)
    assert step.heard(client)[0]["error"] == "Failed to parse JSON data: the object was not closed"


def test_clients_take_turns() -> None:
    """API-14: round robin, whoever has asked most."""
    step = Doorstep()
    greedy, modest = step.client(), step.client()
    asked = b'{"id":1,"method":"Toy.Echo"}'
    step.do(step.door.receive(greedy, asked * 50, step.now))
    step.do(step.door.receive(modest, asked, step.now))
    assert step.door.hungry(greedy) is False
    step.do(step.door.work(step.now))
    step.do(step.door.work(step.now))
    assert len(step.heard(modest)) == 1
    step.work()
    assert len(step.heard(greedy)) == 50
    assert step.door.hungry(greedy)


def test_whoever_takes_nothing_is_asked_nothing_more_and_dropped_in_the_end() -> None:
    """API-14: deaf at 256 KiB, closed after 30 s without a byte taken."""
    step = Doorstep(limits=replace(LIMITS, deaf_bytes=1000))
    client = step.client()
    step.deaf.add(client)
    step.give(client, b'{"id":1,"method":"Toy.Echo","params":{"say":"%s"}}' % (b"x" * 600) * 9)
    assert len(step.heard(client)) == 2
    assert not step.door.hungry(client)
    assert not step.door.waiting
    assert step.door.due_mono_s == 1030.0
    step.mono_s += 20.0
    step.do(step.door.left(client, 1100, step.now))
    step.tick(29.0)
    assert not step.closed, "a byte was taken 29 s ago"
    step.do(step.door.left(client, 900, step.now))
    step.work()
    assert len(step.heard(client)) == 1, "there is room for another answer"
    step.tick(30.0)
    assert step.closed == {client: True}


def test_a_mebibyte_of_backlog_closes_at_once() -> None:
    """API-14."""
    step = Doorstep()
    client = step.client()
    step.do(step.door.left(client, LIMITS.backlog_bytes, step.now))
    assert not step.closed
    step.do(step.door.left(client, LIMITS.backlog_bytes + 1, step.now))
    assert step.closed == {client: True}
    assert step.door.left(client, 0, step.now) == []


def test_news_are_numbered_alike_for_all_and_come_in_one_piece() -> None:
    """API-23, API-61, API-62."""
    step = Doorstep()
    clients = [step.client() for _ in range(3)]
    for client in clients:
        step.call(client, ALL, enabled=True)
    step.show(VIEW)
    lines = [step.heard(client) for client in clients]
    assert lines[0] == lines[1] == lines[2]
    assert [(line["id"], line["notification"]) for line in lines[0]] == [
        (0, "Toy.Changed"),
        (1, "Toy.Moved"),
        (2, "Toy.Big"),
        (3, "Toy.Secret"),
        (4, "Toy.Told"),
    ]
    step.show(VIEW)
    assert [line["notification"] for line in step.heard(clients[0])] == ["Toy.Told"], "nothing else is new"


def test_nobody_hears_what_was_not_asked_for() -> None:
    """API-20, API-61."""
    step = Doorstep()
    client = step.client()
    step.show(VIEW)
    assert step.heard(client) == []
    assert step.call(client, ALL, namespaces=["Toy", "Nothing"])["params"] == {
        "enabled": True,
        "namespaces": ["Toy"],
    }
    assert step.call(client, ALL)["params"] == {"enabled": False, "namespaces": []}
    assert step.call(client, ALL, namespaces=["Toy"], enabled=False)["params"]["namespaces"] == []
    both = step.call(client, ALL, namespaces=["Toy", "Alias"])["params"]["namespaces"]
    assert both == ["Alias", "Toy"]
    step.show(moved(1.0))  # type: ignore[arg-type]
    names = [line["notification"] for line in step.heard(client)]
    assert names[:2] == ["Toy.Changed", "Alias.Changed"]


def test_all_namespaces_are_all_but_second_names() -> None:
    """API-61."""
    step = Doorstep()
    client = step.client()
    said = step.call(client, ALL, enabled=True, namespaces=["Toy"])["params"]
    assert said == {"enabled": True, "namespaces": ["JSONRPC", "Toy", "Users"]}


def test_pictures_are_skipped_while_a_client_is_slow() -> None:
    """API-14: only snapshots are."""
    step = Doorstep()
    client = step.client()
    step.call(client, ALL, enabled=True)
    step.door.left(client, LIMITS.snapshot_bytes + 1, step.now)
    step.deaf.add(client)
    step.show(VIEW)
    assert [line["notification"] for line in step.heard(client)] == [
        "Toy.Changed",
        "Toy.Moved",
        "Toy.Secret",
        "Toy.Told",
    ]


def test_a_guest_hears_only_of_what_it_may_see() -> None:
    """API-40: things and scopes."""
    keys = Keys()
    keys.user("boss")
    keys.user("guest", "Correct horse 7", "ControlThings")
    step = Doorstep(keys=keys)
    guest, boss = step.let_in("guest"), step.let_in("boss")
    clients = {token: step.client("tls", token=token) for token in (guest, boss)}
    for token, client in clients.items():
        step.call(client, ALL, token, enabled=True)
    step.show(VIEW)
    heard = {
        token: [line["notification"] for line in step.heard(client)] for token, client in clients.items()
    }
    assert heard[guest] == ["Toy.Changed", "Toy.Big", "Toy.Told"]
    assert heard[boss] == ["Toy.Changed", "Toy.Moved", "Toy.Big", "Toy.Secret", "Toy.Told"]


def test_followers_get_pictures_ten_times_a_second_at_most() -> None:
    """API-113."""
    step = Doorstep()
    client, other = step.client(), step.client()
    step.door.pictured()
    assert step.door.due_mono_s is None, "nobody follows"
    step.give(client, b'{"id":1,"method":"Toy.Follow","params":{"follow":true}}')
    step.heard(client)
    for _ in range(3):
        step.door.pictured()
        step.tick(0.04)
    (first,) = step.heard(client)
    assert first["notification"] == "Hems.ScreenChanged"
    assert first["params"] == {"sequence": 7, "frame": FRAME}
    step.tick(0.03)
    assert len(step.heard(client)) == 1, "the latest of those that came too soon"
    step.tick(0.3)
    assert step.heard(client) == step.heard(other) == []
    step.give(client, b'{"id":1,"method":"Toy.Follow","params":{"follow":false}}')
    step.heard(client)
    step.door.pictured()
    step.tick(0.2)
    assert step.heard(client) == []


def test_a_client_that_goes_is_forgotten_with_what_it_waits_for() -> None:
    step = Doorstep()
    client = step.client()
    step.give(client, b'{"id":1,"method":"Toy.Move","params":{"names":["a"]}}')
    step.door.gone(client)
    step.door.gone(client)
    assert step.door.health().pending == 1, "it is on its way all the same"
    assert step.box.judge() == [SetMode("a", "fast")]
    step.work()
    assert step.heard(client) == []
    assert step.door.health().pending == 0


@given(st.lists(st.binary(max_size=60) | st.sampled_from([b'{"id":1,', b'"method":"Toy.Echo"', b"}", b"\n"])))
def test_no_bytes_upset_the_door(pieces: list[bytes]) -> None:
    step = Doorstep()
    client = step.client()
    for piece in pieces:
        step.give(client, piece)
        step.tick(0.1)
    step.heard(client)
    other = step.client()
    assert step.call(other, "Toy.Echo")["status"] == "success"


MUTATED = b'{"id":1,"method":"Toy.Move","params":{"names":["a","b"]},"token":""}'


@given(st.integers(0, len(MUTATED) - 1), st.integers(0, 255), st.booleans())
def test_a_mutated_request_is_answered_or_refused_and_the_next_is_heard(
    at: int, byte: int, cut: bool
) -> None:
    step = Doorstep()
    client = step.client()
    step.give(client, MUTATED[:at] + bytes((byte,)) + MUTATED[at + (not cut) :])
    step.box.judge()
    step.tick(0.3)
    step.give(client, b'\n"\n')
    step.tick(0.3)
    step.heard(client)
    if client not in step.closed:
        step.give(client, b'}\n\n{"id":77,"method":"Toy.Echo"}')
        assert step.heard(client)[-1]["id"] == 77


@pytest.mark.parametrize("transport", ["unix", "tcp"])
def test_without_login_everybody_may_everything(transport: str) -> None:
    """API-10."""
    step = Doorstep()
    client = step.client(transport, "127.0.0.1")  # type: ignore[arg-type]
    assert step.call(client, "Toy.Rule")["status"] == "success"


def test_a_follower_that_may_no_longer_look_gets_no_picture() -> None:
    """API-40, API-113."""
    step = Doorstep()
    client = step.client()
    step.give(client, b'{"id":1,"method":"Toy.Follow","params":{"follow":true}}')
    step.heard(client)
    step.door.clients[client].scopes = frozenset({"ConfigureThings"})
    step.door.pictured()
    step.tick(0.2)
    assert step.heard(client) == []
    step.door.clients[client].scopes = frozenset({"ControlThings"})
    step.door.pictured()
    step.tick(0.2)
    assert len(step.heard(client)) == 1
