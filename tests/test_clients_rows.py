"""The rows of the command line against the door's own table (API-2, API-150)."""

import pytest

from hems.api.table import TABLE
from hems.clients_options import LINES, SETTERS
from hems.clients_rows import PAGE_PARTS, ROWS
from hems.clients_told import Page
from tests.test_clients_params import KNOWN

GIVEN = {
    "name": "garage",
    "charger": "garage",
    "alarm": "a",
    "minutes": 60,
    "kwh": 5e3,
    "from": "2026-07-01",
    "to": "2026-07-01",
    "limit": 5,
    "by": "07:00",
    "days": [1],
    "level": 40.0,
    "value": "10",
    "what": "line_limit_a",
}


def test_every_line_has_its_row() -> None:
    assert ROWS.keys() == {
        *(line.name for line in LINES),
        *(f"set {name}" for name in SETTERS),
        "set NAME",
    }


@pytest.mark.parametrize("name", ROWS)
def test_every_row_asks_what_the_door_knows(name: str) -> None:
    row = ROWS[name]
    method = TABLE.methods[row.method]
    assert TABLE.validated(method, dict(row.params(GIVEN, KNOWN))) is not None
    assert row.waits is (method.kind == "intent")


def test_the_page_is_asked_for_what_is_printed() -> None:
    assert set(PAGE_PARTS) == set(Page.__dataclass_fields__)
