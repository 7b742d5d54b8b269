"""One text that outlives the program, and lists as CSV (JRN-82)."""

import json
from datetime import UTC, datetime

import pytest

from hems.errors import BookError
from hems.journal.export import Origin, content, named, pieces, table_csv
from tests.journal.books import documents

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ORIGIN = Origin("0a0b", AT, "1.2")
STATE = documents(
    {
        "meta": {"1": {"boots": 3, "format": 1}},
        "ledger": {
            "2": {"name": "hp1", "counters.heating": {"total": 3, "limbo": 0}},
            "1": {"name": "keys", "2h": "x"},
        },
        "settings": {"1": {"name": "offsets", "hp1.heating.total": 5}, "panel": {"brightness": 3}},
        "events": {"10": {"b": 1, "a": 2}, "9": {"c": [1, {"z": 1, "y": 2}]}},
        "access": {"1": {"hash": "secret"}},
        "quarters": {},
    }
)


def text(**wishes: bool) -> bytes:
    return b"".join(pieces(STATE, ORIGIN, **wishes))


def test_it_is_one_json_text_with_sorted_keys_and_a_crc_line() -> None:
    whole = json.loads(text())
    assert list(whole) == ["content", "crc32"]
    held = whole["content"]
    assert json.dumps(held) == json.dumps(held, sort_keys=True)
    assert held == content(text())
    assert held["counters"]["hp1"] == {"counters.heating": {"limbo": 0, "total": 3}}
    assert held["settings"] == {"offsets": {"hp1.heating.total": 5}, "#panel": {"brightness": 3}}
    assert held["rings"]["events"] == {"10": {"a": 2, "b": 1}, "9": {"c": [1, {"y": 2, "z": 1}]}}
    assert held["tables"] == {"meta": {"1": {"boots": 3, "format": 1}}, "quarters": {}}
    assert (held["book_id"], held["format"], held["software"]) == ("0a0b", 1, "1.2")
    assert held["time"] == "2026-11-24T09:00:00+00:00"
    assert text().count(b"\n") > 20, "a line for each document"


def test_secrets_only_when_asked_for_and_counters_alone() -> None:
    assert b"secret" not in text()
    assert json.loads(text(secrets=True))["content"]["tables"]["access"] == {"1": {"hash": "secret"}}
    assert set(json.loads(text(counters_only=True))["content"]) == {
        "book_id", "counters", "format", "software", "time",
    }  # fmt: skip
    assert content(b"".join(pieces({}, ORIGIN)))["rings"] == {
        "events": {}, "evidence": {}, "runs": {}, "sessions": {},
    }  # fmt: skip


def test_every_changed_byte_is_noticed() -> None:
    whole = text()
    for at in range(len(whole)):
        with pytest.raises(BookError, match="it is no export, or it was changed"):
            content(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    for length in range(len(whole)):
        with pytest.raises(BookError):
            content(whole[:length])


def test_documents_go_by_their_names() -> None:
    rows = documents(
        {
            "x": {
                "1": {"name": "a", "n": 1},
                "2": {"name": "a"},
                "3": {"n": 3},
                "4": {"name": 5},
                "5": {"name": "#1"},
            }
        }
    )["x"]
    assert list(named(rows)) == ["a", "#2", "#3", "#4", "#5"]


def test_a_list_as_csv_has_a_column_for_every_field() -> None:
    assert table_csv(STATE, "events").splitlines() == [
        "id,c,b,a",
        '9,"[1,{""y"":2,""z"":1}]",,',
        "10,,1,2",
    ]
    assert table_csv(STATE, "runs") == "id\r\n"
