"""`hems counters` and `hems sessions`: from the book, while the service runs (CNT-40, CNT-44)."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hems.errors import BookError
from hems.figures import SPANS, counters, sessions, unit_of
from hems.journal import rings
from hems.journal.documents import Meta, updated
from hems.journal.journal import create_book
from hems.journal.medium import OsMedium
from hems.journal.restore import write_base
from hems.model.ledger import Counter, Event, Ledger
from hems.model.runs import Session, session_figures
from hems.model.settings import Settings

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
KEYS = {
    "2h": "2026-11-24T08",
    "4h": "2026-11-24T08",
    "daily": "2026-11-24",
    "monthly": "2026-11",
    "yearly": "2026",
}
LEDGER = Ledger(
    KEYS,
    {
        "hp10.heating": Counter(3),
        "hp1.heating": Counter(
            37, {"2h": 1, "4h": 2, "daily": 3, "monthly": 4, "yearly": 5}, {"yesterday": 6}, 1, AT
        ),
        "hp1.energy_electrical.heating": Counter(26, {"daily": 0}),
        "hp1.energy_thermal.heating": Counter(97, {"daily": 40}),
        "hp1.run_time_s": Counter(1_496),
        "site.grid_cost.all": Counter(3_100),
        "relay.garage": Counter(4),
    },
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    create_book(tmp_path)
    settings = Settings({}, {"hp1.heating.total": 1_200, "relay.garage.total": -1})
    state = updated({}, LEDGER, settings, Meta(last_trusted=AT))
    session = Session("s1", 1, start=AT, end=AT, reason="unplugged", energy_wh=9_550, cost_ueur=5)
    ended = Event("session_ended", "ev1", AT, session_figures(session))
    write_base(tmp_path / "book", rings.entered(state, (ended,), "1"))
    return tmp_path


def test_json_has_the_flat_keys_with_offsets_on_totals_alone(data: Path) -> None:
    held = OsMedium(data / "book")
    found = json.loads(counters(data, "json"))
    held.close()
    assert found["as_of"] == "2026-11-24T08:00:00+00:00"
    assert found["keys"] == KEYS
    shown = found["counters"]
    assert [shown[f"hp1.heating.{span}"] for span in SPANS] == [1_237, 2, 3, 4, 6, 5, 6]
    assert shown["relay.garage.total"] == 3
    assert (shown["hp1.cop.heating.total"], shown["hp1.cop.heating.daily"]) == (3.73, None)
    assert found["attributes"]["hp1.heating.total"] == {
        "unit": "", "since": "2026-11-24T08:00:00+00:00", "applied_offset": 1_200,
    }  # fmt: skip
    assert found["attributes"]["site.grid_cost.all.total"]["unit"] == "µEUR"


def test_a_person_reads_a_table_by_owner(data: Path) -> None:
    lines = counters(data, "table").splitlines()
    assert lines[0].startswith("as of 2026-11-24 ")
    assert lines[1].startswith("open windows: 2h 2026-11-24T08, 4h ")
    owners = [line.split()[0] for line in lines[2:] if line and line[0] != " "]
    assert owners == ["hp1", "hp10", "relay", "site"]
    (heating,) = [line for line in lines if line.startswith("  heating") and "1,237" in line]
    assert heating.split() == [
        "heating",
        "1,237",
        "2",
        "3",
        "4",
        "6",
        "5",
        "6",
        "2026-11-24",
        "(offset",
        "+1200)",
    ]
    (cop,) = [line for line in lines if line.startswith("  cop.heating")]
    assert cop.split()[1:3] == ["3.73", "-"]
    (run_time,) = [line for line in lines if line.startswith("  run_time_s")]
    assert run_time.split()[-1] == "s"


def test_csv_has_a_line_for_each_counter(data: Path) -> None:
    rows = list(csv.DictReader(counters(data, "csv").splitlines()))
    (heating,) = [row for row in rows if row["counter"] == "hp1.heating"]
    assert (heating["total"], heating["yesterday"], heating["unit"]) == ("1237", "6", "")
    assert heating["since"] == "2026-11-24T08:00:00+00:00"


def test_sessions_in_three_forms(data: Path) -> None:
    (entry,) = json.loads(sessions(data, "json"))
    assert (entry["charger"], entry["energy_wh"], entry["reason"]) == (1, 9_550, "unplugged")
    (row,) = csv.DictReader(sessions(data, "csv").splitlines())
    assert (row["id"], row["energy_wh"]) == ("s1", "9550")
    lines = sessions(data, "table").splitlines()
    assert lines[1].split() == [
        "2026-11-24",
        "08:00",
        "2026-11-24",
        "08:00",
        "1",
        "9550",
        "0",
        "5",
        "unplugged",
    ]
    assert lines[-1] == "1 sessions"


def test_an_empty_book_has_nothing_and_says_so(tmp_path: Path) -> None:
    create_book(tmp_path)
    assert counters(tmp_path, "table").splitlines() == [
        "as of an unknown time: the clock was never set",
        "open windows: none yet",
    ]
    assert sessions(tmp_path, "table").splitlines()[-1] == "0 sessions"
    assert json.loads(sessions(tmp_path, "json")) == []
    (tmp_path / "book").write_bytes(b"rubbish")
    with pytest.raises(BookError, match="the book cannot be read"):
        counters(tmp_path, "json")


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("hp1.heating", ""),
        ("hp1.energy_thermal.all", "Wh"),
        ("site.battery_charge.all", "Wh"),
        ("site.grid_unpriced.all", "Wh"),
        ("ev1.cost.all", "µEUR"),
        ("ev1.charge_time_s", "s"),
        ("site.home.all", "Wh"),
        ("hp1.coverage_pct", "%"),
        ("relay.pv", ""),
        ("relay.boiler_s", ""),
    ],
)
def test_units(name: str, unit: str) -> None:
    assert unit_of(name) == unit
