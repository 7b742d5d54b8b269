"""The ledger as documents: exact there and back, and a plain refusal of what is no ledger."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hems.model.ledger import Counter, Last, Ledger, from_documents, to_documents
from hems.model.runs import Run, Session
from tests.model.test_lessons import LESSONS

NAMES = st.sampled_from(
    ["hp1.heating", "site.grid_import.all", "ev1.contactor", "relay.k1", "relay.garage-2"]
)
PERIODS = st.sampled_from(["2h", "daily", "yearly"])
TIMES = st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))
COUNTERS = st.builds(
    Counter,
    st.integers(0),
    st.dictionaries(PERIODS, st.integers(0)),
    st.dictionaries(st.just("yesterday"), st.integers(0)),
    st.integers(0),
    TIMES,
)
LASTS = st.builds(Last, st.integers(), TIMES, st.sampled_from(["", "heating"]), st.integers(0, 999))
RUNS = st.builds(
    Run,
    st.integers(1, 8),
    TIMES,
    TIMES,
    st.floats(0, 1e6),
    st.just("defrost"),
    st.integers(0),
    st.integers(0),
)
SESSIONS = st.builds(
    Session,
    st.just("ev1-7"),
    st.integers(1, 8),
    start=TIMES,
    grid_wh=st.dictionaries(st.sampled_from(["peak", "unknown"]), st.integers(0)),
    total_start_wh=st.none() | st.integers(0),
    total_end_wh=st.none() | st.integers(0),
    partial=st.booleans(),
)
LEDGERS = st.builds(
    Ledger,
    st.dictionaries(PERIODS, st.text(max_size=13)),
    st.dictionaries(NAMES, COUNTERS),
    st.dictionaries(NAMES, LASTS),
    st.dictionaries(st.sampled_from(["hp1", "hp2"]), RUNS),
    st.dictionaries(st.sampled_from(["ev1", "ev1.ended", "ev2"]), SESSIONS),
    st.dictionaries(st.just("hp1.energy_thermal"), st.sampled_from(["high_first", "low_first"])),
    st.dictionaries(st.sampled_from(["ev1", "ev8"]), LESSONS),
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LEDGERS)
def test_documents_and_back_is_the_same_ledger(ledger: Ledger) -> None:
    """CNT-90, through JSON."""
    assert from_documents(json.loads(json.dumps(to_documents(ledger)))) == ledger


def test_one_document_holds_all_of_an_owner() -> None:
    ledger = Ledger({"daily": "2026-11-24"}, {"relay.k1": Counter(3)}, {"relay.k1": Last(1, None)})
    assert to_documents(ledger) == {
        "keys": {"daily": "2026-11-24"},
        "relays": {
            "counters.k1": {"total": 3, "windows": {}, "previous": {}, "limbo": 0, "since": None},
            "last.k1": {"value": 1, "at": None, "part": "", "carry_mwh": 0},
        },
    }


def test_a_closed_run_or_session_is_told_as_closed() -> None:
    """JRN-12: fields replace fields, so what is no longer open must be written as nothing."""
    ledger = Ledger(last={"hp1.running": Last(1, None), "ev1.energy": Last(1, None)})
    documents = to_documents(ledger)
    assert documents["hp1"]["run"] is None
    assert (documents["ev1"]["session"], documents["ev1"]["session.ended"]) == (None, None)
    assert from_documents(documents) == ledger


def test_a_ledger_of_an_older_program_is_understood() -> None:
    """JRN-80: documents from before runs, sessions and word orders were kept."""
    last = {"value": 1, "at": "2026-11-24T08:00:00+00:00", "part": "", "carry_mwh": 7}
    documents: dict[str, dict[str, object]] = {
        "keys": {"2h": "2026-11-24T08"},
        "hp1": {"counters.heating": {**GOOD, "windows": {"2h": 1}}, "last.operating_state": last},
        "site": {"counters.grid_import.all": GOOD},
    }
    ledger = from_documents(documents)
    assert ledger.counters["hp1.heating"].windows == {"2h": 1}
    assert ledger.last["hp1.operating_state"].carry_mwh == 7
    assert (ledger.runs, ledger.sessions, ledger.word_order) == ({}, {}, {})


def test_fields_of_another_kind_are_left_alone() -> None:
    """What a later program added does not disturb this one."""
    assert from_documents({"hp1": {"offsets.last": [1, 2], "name": "hp1"}}) == Ledger()


GOOD = {"total": 1, "windows": {}, "previous": {}, "limbo": 0, "since": None}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("counters.x", None, "hp1.counters.x: a mapping was expected, not None"),
        ("counters.x", {**GOOD, "total": 1.5}, "hp1.counters.x: a whole number was expected, not 1.5"),
        ("counters.x", {**GOOD, "since": "2026-11-24T08:00:00"}, "hp1.counters.x: a time with its offset"),
        ("counters.x", {**GOOD, "since": "yesterday"}, "hp1.counters.x: Invalid isoformat string"),
        ("counters.x", {"total": 1}, "hp1.counters.x: 'windows'"),
        (
            "last.x",
            {"value": 1, "at": None, "part": 7, "carry_mwh": 0},
            "hp1.last.x: a text was expected, not 7",
        ),
    ],
)
def test_a_malformed_field_is_named(field: str, value: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        from_documents({"hp1": {field: value}})
