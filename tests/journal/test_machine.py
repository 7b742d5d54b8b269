"""B-10: TinyDB's public operations on a journal and in memory, re-opened at random: equal contents."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tinydb import Query, TinyDB, where
from tinydb.operations import add, decrement, delete, increment, subtract
from tinydb.operations import set as set_field
from tinydb.queries import QueryLike
from tinydb.storages import MemoryStorage
from tinydb.table import Document

from hems.journal.recover import recover
from hems.journal.storage import JournalStorage
from hems.sim.media import MemoryMedium
from tests.journal.books import blank

pytestmark = pytest.mark.proof

VALUES = st.integers(0, 3) | st.text(max_size=3) | st.lists(st.integers(0, 2), max_size=2) | st.none()
FIELDS = st.dictionaries(st.sampled_from(["a", "b", "n"]), VALUES, max_size=3)
TABLES = st.sampled_from(["_default", "one", "two"])
NUMBERS = st.integers(0, 3)
OPERATIONS = st.sampled_from(
    [increment("n"), decrement("n"), add("n", 2), subtract("n", 1), set_field("b", 7)]
)


def numeric(value: object) -> bool:
    """Whether TinyDB can reckon with it."""
    return isinstance(value, int)


def ask(table: str, act: str, query: QueryLike, db: TinyDB) -> object:
    """One of TinyDB's questions."""
    return getattr(db.table(table), act)(query)


class LikeMemory(RuleBasedStateMachine):
    """Whatever is done, both say the same and hold the same, and so does the book when it is opened again."""

    def __init__(self) -> None:
        super().__init__()
        self.medium = MemoryMedium(blank())
        self.memory = TinyDB(storage=MemoryStorage)
        self.journal = TinyDB("book", storage=JournalStorage, medium=self.medium)

    def both(self, act: Callable[[TinyDB], Any]) -> None:
        answers = []
        for db in (self.memory, self.journal):
            try:
                answers.append(act(db))
            except (ValueError, KeyError, RuntimeError) as error:
                answers.append(type(error))
        assert answers[0] == answers[1]

    @rule(table=TABLES, document=FIELDS)
    def insert(self, table: str, document: dict[str, object]) -> None:
        self.both(lambda db: db.table(table).insert(document))

    @rule(table=TABLES, document=FIELDS, number=st.integers(1, 9))
    def insert_with_an_id(self, table: str, document: dict[str, object], number: int) -> None:
        """An id that is taken is refused by both, and nothing has changed."""
        self.both(lambda db: db.table(table).insert(Document(dict(document), number)))

    @rule(table=TABLES, several=st.lists(FIELDS, max_size=3))
    def insert_multiple(self, table: str, several: list[dict[str, object]]) -> None:
        self.both(lambda db: db.table(table).insert_multiple(several))

    @rule(table=TABLES, document=FIELDS, n=NUMBERS)
    def update(self, table: str, document: dict[str, object], n: int) -> None:
        self.both(lambda db: db.table(table).update(document, Query().a == n))

    @rule(table=TABLES, operation=OPERATIONS)
    def operate(self, table: str, operation: Callable[[Any], None]) -> None:
        self.both(lambda db: db.table(table).update(operation, Query().n.test(numeric)))

    @rule(table=TABLES, document=FIELDS, n=NUMBERS)
    def update_multiple(self, table: str, document: dict[str, object], n: int) -> None:
        changes: list[tuple[Any, Any]] = [(document, where("a") == n), (delete("b"), where("b").exists())]
        self.both(lambda db: db.table(table).update_multiple(changes))

    @rule(table=TABLES, document=FIELDS, n=NUMBERS)
    def upsert(self, table: str, document: dict[str, object], n: int) -> None:
        self.both(lambda db: db.table(table).upsert(document, Query().a == n))

    @rule(table=TABLES, n=NUMBERS)
    def remove(self, table: str, n: int) -> None:
        self.both(lambda db: db.table(table).remove(Query().a == n))

    @rule(table=TABLES, number=st.integers(1, 9))
    def remove_by_id(self, table: str, number: int) -> None:
        self.both(lambda db: db.table(table).remove(doc_ids=[number]))

    @rule(table=TABLES, n=NUMBERS)
    def look(self, table: str, n: int) -> None:
        query = (Query().a == n) | Query().n.test(numeric) if n else Query().b.exists()
        for act in ("search", "get", "count", "contains"):
            self.both(partial(ask, table, act, query))

    @rule(table=TABLES)
    def truncate(self, table: str) -> None:
        self.both(lambda db: db.table(table).truncate())

    @rule(table=TABLES)
    def drop_table(self, table: str) -> None:
        self.both(lambda db: db.drop_table(table))

    @rule()
    def drop_tables(self) -> None:
        self.both(lambda db: db.drop_tables())

    @rule()
    def open_again(self) -> None:
        """Both, because TinyDB remembers the next id only while it is open."""
        memory = self.memory.storage
        self.memory = TinyDB(storage=lambda: memory)
        self.journal.close()
        self.medium = MemoryMedium(bytes(self.medium.image))
        self.journal = TinyDB("book", storage=JournalStorage, medium=self.medium)

    @invariant()
    def contents_are_equal(self) -> None:
        assert self.memory.tables() == self.journal.tables()
        for table in self.memory.tables():
            here, there = self.memory.table(table), self.journal.table(table)
            assert {doc.doc_id: dict(doc) for doc in here} == {doc.doc_id: dict(doc) for doc in there}
            assert len(here) == len(there)
        assert not recover(bytes(self.medium.image)).damaged


LikeMemory.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
test_tinydb_does_not_notice_the_journal = LikeMemory.TestCase
