"""Entries of the lists and their bounds (JRN-12, JRN-60, JRN-63)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from hems.journal import change, rings
from hems.journal.change import Documents
from hems.model.ledger import Event
from hems.model.runs import Figure
from tests.journal.books import documents

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
Rows = Mapping[str, Mapping[str, object]]


def told(kind: str, key: str = "hp1", at: datetime | None = AT, **figures: Figure) -> Event:
    return Event(kind, key, at, figures)


def after(*events: Event, before: Documents | None = None) -> dict[str, dict[str, dict[str, object]]]:
    return change.plain(rings.entered(before or {}, events, "1.2"))


def test_a_run_and_a_session_are_entered_whole() -> None:
    """CNT-34, CNT-81: the event carries all of it."""
    state = after(told("run_ended", pump=1, duration_s=1496.0), told("session_ended", "ev2", energy_wh=9_550))
    assert state == {
        "runs": {"1": {"pump": 1, "duration_s": 1496.0}},
        "sessions": {"1": {"charger": "ev2", "energy_wh": 9_550}},
    }
    assert after(told("session_ended", "ev2")) == {}


@pytest.mark.parametrize("kind", sorted(rings.UNTOLD))
def test_what_the_counters_tell_leaves_no_entry(kind: str) -> None:
    before = documents({"ledger": {}})
    assert rings.entered(before, (told(kind, n=1),), "1.2") is before


@pytest.mark.parametrize(
    "kind", ["baseline", "held", "rebased", "gap", "word_order", "booted", "setting", "new"]
)
def test_everything_else_is_an_event_with_its_number(kind: str) -> None:
    state = after(told("baseline"), told(kind, "site.grid_import", None, old=3, new=4.5))
    assert state["events"]["2"] == {
        "seq": 2,
        "time": None,
        "kind": kind,
        "key": "site.grid_import",
        "figures": {"old": 3, "new": 4.5},
        "software": "1.2",
    }
    assert state["events"]["1"]["time"] == "2026-11-24T09:00:00+00:00"


def test_an_alarm_keeps_its_clearing_time() -> None:
    later = AT + timedelta(hours=1)
    raised = (told("alarm_raised", "a"), told("alarm_raised", "b"), told("alarm_raised", "a"))
    state = rings.entered({}, (*raised, told("alarm_cleared", "a", later)), "1.2")
    events = change.plain(state)["events"]
    assert [row.get("cleared") for row in events.values()] == [None, None, later.isoformat()]
    assert rings.open_alarms(state) == {"a", "b"}
    state = rings.entered(state, (told("alarm_cleared", "a", later), told("alarm_cleared", "b")), "1.2")
    assert rings.open_alarms(state) == frozenset()
    alone = after(told("alarm_cleared", "c"))
    assert alone["events"]["1"]["kind"] == "alarm_cleared"


def test_evidence_has_its_beginning_and_its_end() -> None:
    began = told("evidence_began", "operator", limit_w=4_200, before_w=11_000)
    ended = told("evidence_ended", "operator", AT + timedelta(minutes=5), after_w=4_100)
    begun = rings.entered({}, [began], "1.2")
    assert rings.recording(begun)
    assert not rings.recording({})
    assert not rings.recording(rings.entered(begun, [ended], "1.2"))
    assert after(began, ended)["evidence"] == {
        "1": {
            "key": "operator",
            "from": "2026-11-24T09:00:00+00:00",
            "limit_w": 4_200,
            "before_w": 11_000,
            "to": "2026-11-24T09:05:00+00:00",
            "after_w": 4_100,
        }
    }
    assert len(after(began, ended, ended)["evidence"]) == 2, "an end without a beginning is kept as well"


@pytest.mark.parametrize(
    ("table", "kind", "bound"), [("events", "gap", 1_000), ("sessions", "session_ended", 500)]
)
def test_a_full_ring_drops_its_oldest(table: str, kind: str, bound: int) -> None:
    rows: Rows = {str(n): {"n": n} for n in range(1, bound)}
    before = documents({table: rows})
    state = after(told(kind, n=1), told(kind, n=2), told(kind, n=3), before=before)
    assert len(state[table]) == bound
    assert next(iter(state[table])) == "3"
    assert list(state[table])[-1] == str(bound + 2)


def test_runs_are_bounded_for_each_pump() -> None:
    """CNT-34: 200 runs of one pump do not push out those of another."""
    before = documents({"runs": {"1": {"pump": 2}} | {str(n): {"pump": 1} for n in range(2, 202)}})
    state = after(told("run_ended", pump=1), before=before)["runs"]
    assert len(state) == 201
    assert "1" in state
    assert "2" not in state


def test_evidence_leaves_only_when_it_is_old_or_copied() -> None:
    """JRN-60."""
    bound = rings.RINGS["evidence"].bound
    old = (AT - timedelta(days=732)).isoformat()
    young = (AT - timedelta(days=700)).isoformat()
    begun: list[dict[str, object]] = [{"from": old}, {"from": young}, {"from": None}, {"from": "2020-01-01"}]
    begun += [{}] + [{"from": young}] * (bound - 4)
    state = documents({"evidence": {str(n): row for n, row in enumerate(begun, start=1)}})
    assert len(state["evidence"]) == bound + 1
    assert rings.beyond(state, AT) == (("1",), ())
    assert rings.beyond(rings.without(state, "evidence", ("1",)), AT) == ((), ())
    more = rings.entered(state, [told("evidence_began")] * 3, "1.2")
    assert rings.beyond(more, AT) == (("1",), ("2", "3", "4"))
    assert rings.beyond({}, AT) == ((), ())
    for _ in range(2 * rings.EVIDENCE_OVER):
        more = rings.entered(more, (told("evidence_began"),), "1.2")
    assert len(more["evidence"]) == bound + rings.EVIDENCE_OVER


def test_nine_tenths_of_the_evidence_are_told() -> None:
    rows: Rows = {str(n): {} for n in range(1_843)}
    assert not rings.nearly_full(documents({"evidence": rows}))
    assert rings.nearly_full(documents({"evidence": {**rows, "x": {}}}))


def test_what_is_too_large_or_not_finite_is_refused_with_words() -> None:
    """JRN-63: never truncated."""
    refused: list[str] = []
    events = (told("gap", text="x" * 5_000), told("gap", n=float("nan")), told("gap", n=1))
    state = rings.entered({}, events, "1.2", refused)
    assert len(state["events"]) == 1
    assert [words.partition(":")[0] for words in refused] == ["gap of hp1"] * 2
    assert "5120 bytes" in refused[0] or "bytes are more" in refused[0]
    assert rings.entered({}, events[:1], "1.2") == {}
    strange = Event("gap", "hp1", AT, {"n": object()})  # type: ignore[dict-item]
    assert rings.entered({}, (strange, told("gap", n=2**80)), "1.2").get("events", {}).keys() <= {"1"}


def test_the_newest_event_of_some_kinds() -> None:
    state = rings.entered({}, (told("booted"), told("stopped"), told("gap")), "1.2")
    assert rings.last_kind(state, frozenset({"booted", "stopped"})) == "stopped"
    assert rings.last_kind(state, frozenset({"other"})) is None
    assert rings.last_kind(documents({"events": {"1": {}}}), frozenset({"booted"})) is None


def test_an_end_without_figures_ends_only_what_was_left_open() -> None:
    """CHG-51: a run that begins unlimited closes the record of the one before, and makes none."""
    nothing = rings.entered({}, [told("evidence_ended", "operator")], "1.2")
    assert not nothing.get("evidence")
    left_open = rings.entered({}, [told("evidence_began", "operator", limit_w=4_200)], "1.2")
    closed = rings.entered(left_open, [told("evidence_ended", "operator", AT + timedelta(hours=1))], "1.2")
    (row,) = closed["evidence"].values()
    assert {"from", "to", "limit_w"} <= set(row)
