"""Users and tokens in their drawers and back (API-40, API-42)."""

import json

from hypothesis import given
from hypothesis import strategies as st

from hems.api.access import Access, User
from hems.api.keyring import SHELVES
from hems.api.records import Recalled, Shelves, of_entries, shelved, token_entries, user_entries
from hems.api.tokens import Token
from tests.api.drawers import Cabinet

ALICE = User("alice", "scrypt$…", frozenset({"ControlThings"}), ("a", "b"), "Alice", "a@b")
TABLET = Token("id", "digest", "alice", "tablet", 17, 3)


def test_what_was_kept_is_what_is_known() -> None:
    known = Access({"alice": ALICE, "boss": User("boss", "")}, (TABLET,))
    users, tokens = (
        json.loads(json.dumps(dict(entries))) for entries in (user_entries(known), token_entries(known))
    )
    assert of_entries(users, tokens) == Recalled(known, whole=True)


def test_tokens_come_back_in_the_order_of_their_use() -> None:
    entries = {
        f"token:{name}": {"digest": name, "user": "", "device": "", "created_s": 0, "turn": turn}
        for name, turn in (("a", 3), ("b", 1), ("c", 2))
    }
    assert [token.id for token in of_entries({}, entries).access.tokens] == ["b", "c", "a"]


def test_what_is_broken_is_left_out_and_the_memory_is_not_whole() -> None:
    """Whoever finds nobody must know whether there was somebody."""
    sound = user_entries(Access({"alice": ALICE}))
    users: tuple[object, ...] = (None, {}, {"password": "", "scopes": ["All"]})
    for broken in users:
        entries = {**sound, "user:bob": broken}
        assert of_entries(entries, {}) == Recalled(Access({"alice": ALICE}), whole=False)
    tokens: tuple[object, ...] = (1, {"digest": "x"})
    for broken in tokens:
        assert of_entries({}, {"token:x": broken}) == Recalled(Access(), whole=False)


def test_an_entry_stays_where_it_lies() -> None:
    lying = {"one": {"a": 1, "b": 2}, "two": {"c": 3}}
    assert shelved(lying, {"b": 5, "c": 3, "d": 4}, 2) == {"one": {"b": 5, "d": 4}, "two": {"c": 3}}
    assert shelved(lying, {"a": 1, "b": 2, "c": 3, "d": 4}, 2) == {**lying, "two": {"c": 3, "d": 4}}
    assert shelved(lying, dict.fromkeys("abcde"), 2) is None


def test_only_the_drawers_that_changed_are_written() -> None:
    cabinet = Cabinet()
    shelves = Shelves({name: cabinet(name) for name in ("one", "two")}, 2)
    assert shelves.keep({"a": [1], "b": [2], "c": [3]})
    assert shelves.keep({"a": [1], "b": [2], "c": [4]})
    assert (cabinet("one").writes, cabinet("two").writes) == (1, 2)
    assert shelves.rows == {"a": [1], "b": [2], "c": [4]}


def test_what_has_no_room_changes_nothing() -> None:
    cabinet = Cabinet(room=30)
    shelves = Shelves({name: cabinet(name) for name in ("one", "two")}, 1)
    assert shelves.keep({"a": 1, "b": 2})
    before = cabinet.text
    assert not shelves.keep({"a": 1, "b": 2, "c": 3})
    assert not shelves.keep({"a": 2, "b": "x" * 30})
    assert cabinet.text == before
    assert shelves.rows == {"a": 1, "b": 2}


@given(st.lists(st.sets(st.integers(0, 9), max_size=8), max_size=6))
def test_whatever_comes_and_goes_all_of_it_lies_somewhere_once(states: list[set[int]]) -> None:
    cabinet = Cabinet()
    names = ("one", "two", "three")
    shelves = Shelves({name: cabinet(name) for name in names}, 3)
    for state in states:
        wanted = {str(number): number for number in state}
        assert shelves.keep(wanted)
        lying = [cabinet(name).recall() for name in names]
        assert all(len(shelf) <= 3 for shelf in lying)
        assert sum(len(shelf) for shelf in lying) == len(wanted)
        assert Shelves({name: cabinet(name) for name in names}, 3).rows == wanted


def test_as_many_as_are_allowed_fit_into_their_drawers() -> None:
    """API-42: 64 tokens with the longest names, as many users as there may be with all their things."""
    wide = "\U0001f600"
    things = tuple(f"7224aee8-b749-5fd2-91dc-93ee245d3{number:03}" for number in range(64))
    users = {
        f"{'u' * 38}{number:02}": User(
            f"{'u' * 38}{number:02}", "x" * 110, frozenset({"Admin"}), things, wide * 64, wide * 128
        )
        for number in range(32)
    }
    tokens = tuple(
        Token(f"{number:036}", "f" * 64, "u" * 40, '"' * 64, 2**33, 2**40 + number) for number in range(64)
    )
    known = Access(users, tokens)
    cabinet = Cabinet()
    for kind, entries in (("users", user_entries(known)), ("tokens", token_entries(known))):
        count, per = SHELVES[kind]
        drawers = {f"{kind}.{number}": cabinet(f"{kind}.{number}") for number in range(count)}
        assert Shelves(drawers, per).keep(entries)
