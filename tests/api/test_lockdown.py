"""API-43: two tries in three seconds for each peer, and one bad client does not shut the door for all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.api.lockdown import LOCK_S, PEERS_MAX, Lockdown, bad, locked, peer_of


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.168.1.7", "192.168.1.7", True),
        ("192.168.1.7", "192.168.1.8", False),
        ("192.168.1.7", "::ffff:192.168.1.7", True),
        ("::ffff:192.168.1.7", "::ffff:192.168.1.8", False),
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:0:ffff:ffff:ffff:ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%wlan0", True),
    ],
)
def test_a_peer_is_an_address_or_a_network(one: str, other: str, same: bool) -> None:
    assert peer_of(one)
    assert peer_of(other)
    assert (peer_of(one) == peer_of(other)) is same


@pytest.mark.parametrize("address", ["", "/run/hems/hems.sock", "1.2.3", "@"])
def test_who_has_no_address_is_never_locked(address: str) -> None:
    """The Unix socket."""
    lockdown = Lockdown()
    for _ in range(5):
        lockdown, drop = bad(lockdown, peer_of(address), 10.0)
        assert not drop
        assert not locked(lockdown, peer_of(address), 10.0)


def test_the_second_bad_one_within_three_seconds_is_dropped() -> None:
    steps = [(10.0, False), (12.9, True), (15.8, True), (18.8, False), (21.9, False), (22.0, True)]
    lockdown = Lockdown()
    for now_mono_s, dropped in steps:
        lockdown, drop = bad(lockdown, "a", now_mono_s)
        assert drop is dropped, now_mono_s


def test_a_peer_is_refused_for_three_seconds_after_a_bad_try_and_no_other_is() -> None:
    lockdown, _ = bad(Lockdown(), "a", 10.0)
    assert not locked(Lockdown(), "a", 10.0)
    assert locked(lockdown, "a", 10.0)
    assert locked(lockdown, "a", 10.0 + LOCK_S - 0.001)
    assert not locked(lockdown, "a", 10.0 + LOCK_S)
    assert not locked(lockdown, "b", 10.0)
    assert not bad(lockdown, "b", 10.0)[1]


def test_what_is_remembered_is_bounded_and_the_newest_stay() -> None:
    lockdown = Lockdown()
    for number in range(3 * PEERS_MAX):
        lockdown, _ = bad(lockdown, f"peer {number}", 10.0 + number / 1000)
    assert len(lockdown.until_mono_s) == PEERS_MAX
    newest, oldest = 3 * PEERS_MAX - 1, 2 * PEERS_MAX
    assert all(locked(lockdown, f"peer {number}", 10.8) for number in (newest, newest - 1, oldest))
    assert not locked(lockdown, f"peer {oldest - 1}", 10.8)
    lockdown, _ = bad(lockdown, "late", 100.0)
    assert set(lockdown.until_mono_s) == {"late"}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.0, 2.0)), max_size=30))
def test_never_more_than_two_tries_in_three_seconds(tries: list[tuple[str, float]]) -> None:
    """Whoever keeps trying is dropped each time; what is not dropped lies at least three seconds apart."""
    lockdown, now_mono_s = Lockdown(), 0.0
    let: dict[str, float] = {}
    for peer, pause_s in tries:
        now_mono_s += pause_s
        lockdown, drop = bad(lockdown, peer, now_mono_s)
        if not drop:
            assert now_mono_s - let.get(peer, -LOCK_S) >= LOCK_S - 1e-9
            let[peer] = now_mono_s
