"""API-40 to API-46: logins, users and tokens through restarts, and nothing that leaks."""

import logging
from pathlib import Path

import pytest

from hems.api.access import Login
from hems.api.keyring import Keyring, NewUser, Tried
from hems.api.tag_box import Tag
from hems.clock import ManualClock
from hems.journal.journal import Journal, create_book
from hems.model.ledger import Ledger
from hems.model.settings import Settings
from hems.reactor import Reactor
from tests.api.drawers import GOOD, NOON, NOON_S, Cabinet, Hasher, Keys, hashed


def login(keys: Keys, name: str = "alice", password: str = GOOD) -> Tried:
    outcomes: list[Tried] = []
    keys.keyring.log_in(name, password, "tablet", NOON_S)(outcomes.append)
    keys.hasher.work()
    return outcomes[0]


def test_a_user_logs_in_and_is_known_by_the_token_from_then_on() -> None:
    """API-41, API-42: also after a restart."""
    keys = Keys()
    assert not keys.keyring.anybody
    keys.user("Alice")
    outcome = login(keys, "aLiCe")
    assert outcome.issued is not None
    expected = Login("alice", outcome.issued.token.id, frozenset({"Admin"}), None)
    assert outcome.login == expected
    for ring in (keys.keyring, keys.again().keyring):
        assert ring.anybody
        assert ring.login_of(outcome.issued.text) == expected
        assert ring.bind(outcome.issued.text) == expected
        assert ring.login_of("") is None
        assert ring.bind("wrong") is None


def test_a_wrong_password_or_name_is_nobody_and_takes_as_long() -> None:
    """API-41: an unknown user is hashed, too, and against a salt of the same kind."""
    keys = Keys()
    keys.user()
    for name, password in (("alice", "Correct horse 8"), ("alice", ""), ("bob", GOOD), ("", ""), ("", GOOD)):
        keys.hasher.seen.clear()
        assert login(keys, name, password) == Tried(wrong=True)
        assert len(keys.hasher.seen) == 1
        assert len(keys.hasher.seen[0].salt) == 16
    assert not keys.keyring.access.tokens


def test_each_user_has_a_salt_of_its_own() -> None:
    keys = Keys()
    keys.user("alice")
    keys.user("bob")
    assert len({user.password for user in keys.keyring.access.users.values()}) == 2


def test_who_cannot_be_hashed_is_not_let_in_and_was_not_wrong() -> None:
    """API-41: no time for it; that is no try that counts."""
    keys = Keys()
    keys.user()
    outcomes: list[Tried] = []
    keys.keyring.log_in("alice", GOOD, "tablet", 0)(outcomes.append)
    keys.hasher.work(fail=True)
    assert outcomes == [Tried()]
    errors: list[str] = []
    made = keys.keyring.create(NewUser("bob", GOOD))
    assert not isinstance(made, str)
    made(errors.append)
    keys.hasher.work(fail=True)
    assert errors == ["UserErrorBackendError"]
    keys.hasher.full = True
    assert keys.keyring.create(NewUser("bob", GOOD)) == "UserErrorBackendError"
    assert keys.keyring.set_password("alice", GOOD, end_logins=True) == "UserErrorBackendError"


def test_who_is_removed_while_the_password_is_hashed_does_not_come_in() -> None:
    keys = Keys()
    keys.user()
    keys.user("boss")
    outcomes: list[Tried] = []
    keys.keyring.log_in("alice", GOOD, "tablet", 0)(outcomes.append)
    assert keys.keyring.remove_user("alice") == "UserErrorNoError"
    keys.hasher.work()
    assert outcomes == [Tried(wrong=True)]
    assert not keys.keyring.access.tokens


def test_a_password_that_changes_while_the_old_one_is_hashed_is_the_one_that_counts() -> None:
    keys = Keys()
    keys.user()
    outcomes: list[Tried] = []
    errors: list[str] = []
    changed = keys.keyring.set_password("alice", "Another horse 9", end_logins=True)
    assert not isinstance(changed, str)
    changed(errors.append)
    keys.keyring.log_in("alice", GOOD, "tablet", 0)(outcomes.append)
    keys.hasher.work()
    assert errors == ["UserErrorNoError"]
    assert outcomes == [Tried(wrong=True)]


def test_what_is_withdrawn_changes_nothing() -> None:
    """The client, or its right, has gone meanwhile."""
    keys = Keys()
    keys.user()
    made = keys.keyring.create(NewUser("bob", GOOD))
    assert not isinstance(made, str)
    made(lambda error: pytest.fail("nobody waits for it"))()
    keys.hasher.work()
    assert keys.hasher.withdrawn == 1
    assert set(keys.keyring.access.users) == {"alice"}


def test_two_who_want_the_same_name_at_once_do_not_both_get_it() -> None:
    keys = Keys()
    errors: list[str] = []
    for _ in range(2):
        made = keys.keyring.create(NewUser("alice", GOOD))
        assert not isinstance(made, str)
        made(errors.append)
    keys.hasher.work()
    assert errors == ["UserErrorNoError", "UserErrorDuplicateUserId"]


def test_only_one_can_be_the_first() -> None:
    """API-45: two strangers at once while there is nobody."""
    keys = Keys()
    errors: list[str] = []
    for name in ("alice", "mallory"):
        made = keys.keyring.create(NewUser(name, GOOD), first=True)
        assert not isinstance(made, str)
        made(errors.append)
    keys.hasher.work()
    assert errors == ["UserErrorNoError", "UserErrorPermissionDenied"]
    assert keys.keyring.create(NewUser("eve", GOOD), first=True) == "UserErrorPermissionDenied"
    assert set(keys.keyring.access.users) == {"alice"}


def test_a_memory_that_may_have_forgotten_somebody_lets_nobody_be_the_first() -> None:
    broken = Cabinet()
    broken("users.0").keep({"user:alice": {"password": 1}})
    for keys in (Keys(remembered=False), Keys(broken)):
        for run in (keys, keys.again(), keys.again()):
            assert run.keyring.anybody
            assert run.keyring.create(NewUser("mallory", GOOD), first=True) == "UserErrorPermissionDenied"
        keys.user("alice")
        assert set(keys.keyring.access.users) == {"alice"}


def test_a_memory_in_which_somebody_is_known_again_is_like_any_other() -> None:
    keys = Keys(remembered=False)
    issued = keys.keyring.let_in("phone", 0)
    assert issued is not None
    assert keys.keyring.remove_token(issued.token.id, None) == "UserErrorNoError"
    assert not keys.keyring.anybody
    assert not keys.again().keyring.anybody


def test_a_memory_that_lost_something_else_is_as_it_was() -> None:
    keys = Keys()
    keys.user("alice")
    damaged = keys.again(remembered=False)
    assert damaged.keyring.anybody
    assert damaged.keyring.access == keys.keyring.access
    assert "forgotten" not in keys.cabinet("forgotten").text


@pytest.mark.parametrize(
    ("user", "error"),
    [
        (NewUser("al", GOOD), "UserErrorInvalidUserId"),
        (NewUser("ALICE", GOOD), "UserErrorDuplicateUserId"),
        (NewUser("bob", "password"), "UserErrorBadPassword"),
        (NewUser("bob", GOOD, frozenset({"ConfigureRules"})), "UserErrorInconsistantScopes"),
    ],
)
def test_what_is_wrong_with_a_new_user_is_said_before_anything_is_hashed(user: NewUser, error: str) -> None:
    keys = Keys()
    keys.user("alice")
    keys.hasher.seen.clear()
    assert keys.keyring.create(user) == error
    assert not keys.hasher.seen


def test_a_new_password_ends_logins_where_it_is_meant_to() -> None:
    """API-80: another's does, one's own does not."""
    keys = Keys()
    keys.user()
    for end_logins in (False, True):
        outcome = login(keys, password=GOOD)
        assert outcome.issued is not None
        changed = keys.keyring.set_password("alice", GOOD, end_logins=end_logins)
        assert not isinstance(changed, str)
        changed(lambda error: None)
        keys.hasher.work()
        assert (keys.keyring.login_of(outcome.issued.text) is None) is end_logins
        assert (outcome.issued.token.id in keys.keyring.take_gone()) is end_logins
    assert keys.keyring.set_password("nobody", GOOD, end_logins=True) == "UserErrorInvalidUserId"
    assert keys.keyring.set_password("alice", "short", end_logins=True) == "UserErrorBadPassword"


def test_connections_of_tokens_that_are_gone_are_named_once() -> None:
    """API-42: removed, pushed out, or their user is gone."""
    keys = Keys()
    keys.user("boss")
    keys.user()
    first = keys.keyring.let_in("phone", 0)
    second = login(keys).issued
    assert first is not None
    assert second is not None
    assert keys.keyring.take_gone() == frozenset()
    assert keys.keyring.remove_token(first.token.id, None) == "UserErrorNoError"
    assert keys.keyring.remove_user("alice") == "UserErrorNoError"
    assert keys.keyring.take_gone() == {first.token.id, second.token.id}
    assert keys.keyring.take_gone() == frozenset()
    oldest, *_ = [keys.keyring.let_in("phone", 0) for _ in range(65)]
    assert oldest is not None
    assert keys.keyring.take_gone() == {oldest.token.id}


def test_the_last_use_of_a_token_survives_a_restart_with_the_next_change() -> None:
    keys = Keys()
    tokens = [keys.keyring.let_in(f"phone {number}", 0) for number in range(64)]
    assert tokens[0] is not None
    keys.keyring.bind(tokens[0].text)
    written = sum(drawer.writes for drawer in keys.cabinet.drawers.values())
    keys.keyring.bind(tokens[0].text)
    assert sum(drawer.writes for drawer in keys.cabinet.drawers.values()) == written
    keys.user()
    again = keys.again()
    again.keyring.let_in("one more", 0)
    devices = {token.device for token in again.keyring.access.tokens}
    assert "phone 0" in devices
    assert "phone 1" not in devices


def test_what_the_memory_has_no_room_for_has_not_happened() -> None:
    keys = Keys(Cabinet(room=10))
    errors: list[str] = []
    made = keys.keyring.create(NewUser("alice", GOOD))
    assert not isinstance(made, str)
    made(errors.append)
    keys.hasher.work()
    assert errors == ["UserErrorBackendError"]
    assert not keys.keyring.anybody
    assert keys.keyring.let_in("phone", 0) is None
    assert not keys.keyring.anybody


def test_who_logs_in_where_no_token_has_room_does_not_come_in() -> None:
    keys = Keys()
    keys.user()
    for name, drawer in keys.cabinet.drawers.items():
        if name.startswith("tokens"):
            drawer.room = 10
    assert login(keys) == Tried()


def test_everybody_and_everything_fits_into_a_book_and_comes_back(tmp_path: Path) -> None:
    """API-42, API-82: 32 users, 64 tokens and 200 tags of 256 characters, through a real memory."""
    path = create_book(tmp_path)
    clock = ManualClock(NOON)
    for run in range(2):
        reactor = Reactor(clock)
        journal = Journal(path, reactor, clock)
        assert not journal.recall().forgetful
        hasher = Hasher()
        keyring = Keyring(journal.drawer, hasher)
        if run == 0:
            for number in range(32):
                made = keyring.create(NewUser(f"user{number}", GOOD, display_name="\U0001f600" * 64))
                assert not isinstance(made, str)
                made(lambda error: None)
            hasher.work()
            issued = [keyring.let_in("x" * 64, NOON_S) for _ in range(64)]
            for number in range(200):
                assert keyring.tags.add(Tag("app", f"{number:03}", "thing", "\U0001f600" * 250))
            journal.keep(Ledger(), Settings(), (), clock.now())
            journal.flush(clock.now())
            known, tags = keyring.access, keyring.tags.tags
        assert keyring.access == known
        assert dict(keyring.tags.tags) == dict(tags)
        assert all(one is not None and keyring.login_of(one.text) for one in issued)
        assert len(known.users) == 32
        journal.close()
        reactor.close()


def test_no_secret_is_kept_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    """API-46: what lies on the card lets nobody in."""
    caplog.set_level(logging.DEBUG)
    keys = Keys()
    keys.user()
    outcome = login(keys)
    button = keys.keyring.let_in("phone", 0)
    login(keys, password="Wrong horse 77")
    assert outcome.issued is not None
    assert button is not None
    secrets = (GOOD, "Wrong horse 77", outcome.issued.text, button.text)
    records = [entry.password for entry in keys.keyring.access.users.values()]
    digests = [token.digest for token in keys.keyring.access.tokens]
    shown = (caplog.text, repr(outcome), repr(button), repr(keys.keyring.access), repr(keys.hasher.seen))
    for text in (keys.cabinet.text, *shown):
        assert not [secret for secret in secrets if secret in text]
    for text in shown:
        assert not [kept for kept in (*records, *digests) if kept in text]
    assert hashed(keys.hasher.seen[0])
