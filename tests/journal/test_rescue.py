"""What was counted beside an unreadable book, added to a backup (JRN-25)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hems.core.count import CountRules, Sample, resume, step
from hems.core.cycles import PumpRules, PumpSample
from hems.core.energy import TotalRules
from hems.core.invariants import broken
from hems.core.periods import PERIODS
from hems.journal import change
from hems.journal.rescue import ledger_with, lists_with
from hems.model.instant import Instant
from hems.model.ledger import Counter, Last, Ledger
from hems.model.lessons import Lesson
from tests.journal.books import documents

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OLD = {"2h": "2026-11-24T08", "daily": "2026-11-24", "yearly": "2026"}
NEW = {"2h": "2026-11-25T10", "daily": "2026-11-25", "yearly": "2026"}
LATER = AT + timedelta(days=1)


def test_cycles_are_added_and_energies_are_not() -> None:
    """Energies come back from the meters' totals: the last reading is the backup's."""
    backup = Ledger(
        OLD,
        {
            "hp1.heating": Counter(40, {"2h": 1, "daily": 5, "yearly": 40}, {"yesterday": 3}, 1, AT),
            "site.grid_import.all": Counter(500, {"2h": 5, "daily": 50, "yearly": 500}),
        },
        {"site.grid_import": Last(81_000, AT, "peak", 7)},
        word_order={"hp1.energy_electrical": "low_first"},
    )
    rescue = Ledger(
        NEW,
        {
            "hp1.heating": Counter(3, {"2h": 2, "daily": 3, "yearly": 3}, {"yesterday": 0}, 2, LATER),
            "hp1.defrost": Counter(1, {"2h": 1, "daily": 1, "yearly": 1}),
            "site.grid_import.all": Counter(20, {"2h": 20, "daily": 20, "yearly": 20}),
            "site.pv.all": Counter(9, {"2h": 9, "daily": 9, "yearly": 9}),
        },
        {"site.grid_import": Last(81_020, LATER), "site.pv": Last(77, LATER)},
    )
    found = ledger_with(backup, rescue)
    assert found.keys == NEW
    assert found.counters == {
        "hp1.heating": Counter(43, {"2h": 2, "daily": 3, "yearly": 43}, {"yesterday": 0}, 3, AT),
        "site.grid_import.all": Counter(500, {"2h": 0, "daily": 0, "yearly": 500}),
        "hp1.defrost": Counter(1, {"2h": 1, "daily": 1, "yearly": 1}),
        "site.pv.all": Counter(9, {"2h": 9, "daily": 9, "yearly": 9}),
    }
    assert found.last == {"site.grid_import": Last(81_000, AT, "peak", 7), "site.pv": Last(77, LATER)}
    assert found.word_order == {"hp1.energy_electrical": "low_first"}


RULES = CountRules(pumps={1: PumpRules()}, totals={"grid_import": TotalRules(29_000.0)})


def counted(begin: datetime, codes: list[int], wh: float) -> Ledger:
    state = resume(Ledger())
    for n, code in enumerate(codes):
        sample = Sample({1: PumpSample(code, 3_000 * (code == 1))}, {"grid_import": wh + 7 * n})
        state, _ = step(RULES, state, sample, Instant(600.0 * n, begin + timedelta(seconds=600 * n)))
    return state.ledger


@given(
    st.lists(st.sampled_from([0, 1, 2, 5]), max_size=40),
    st.lists(st.sampled_from([0, 1, 2, 5]), max_size=40),
    st.sampled_from([timedelta(hours=1), timedelta(hours=9), timedelta(days=1), timedelta(days=40)]),
)
def test_the_sum_contradicts_itself_nowhere(before: list[int], since: list[int], gap: timedelta) -> None:
    """INV-1 to INV-4 hold for it, whenever the rescue began."""
    backup = counted(AT, before, 1_000.0)
    rescue = counted(AT + timedelta(seconds=600 * len(before)) + gap, since, 5_000.0)
    found = ledger_with(backup, rescue)
    assert list(broken(PERIODS, found)) == []
    for name, counter in found.counters.items():
        if not name.startswith("site.") and "energy" not in name:
            parts = [ledger.counters[name].total for ledger in (backup, rescue) if name in ledger.counters]
            assert counter.total == sum(parts)


def test_lists_are_joined_within_their_bounds() -> None:
    backup = documents({"events": {str(n): {"n": n} for n in range(1, 1_000)}, "runs": {"7": {"pump": 1}}})
    rescue = documents({"events": {"1": {"n": "a"}, "2": {"n": "b"}}, "runs": {"1": {"pump": 1}}})
    found = change.plain(lists_with(backup, rescue))
    assert len(found["events"]) == 1_000
    assert next(iter(found["events"].items())) == ("2", {"n": 2})
    assert list(found["events"].items())[-1] == ("1001", {"n": "b"})
    assert found["runs"] == {"7": {"pump": 1}, "8": {"pump": 1}}
    assert found["evidence"] == {}


def test_lessons_of_both_are_known_and_a_stuck_contactor_stays_so() -> None:
    """CHG-61; energies that a rescue book counted from 0 mean nothing to the backup's counters."""
    known = Lesson({"": ("L1",), "zoe": ("L2",)}, stuck=True, base_wh=900, relay_tested=AT)
    new = Lesson({"": ("L3",)}, base_wh=3, boost_wh=4, relay_tested=LATER)
    backup = Ledger(lessons={"ev1": known, "ev2": known})
    assert ledger_with(backup, Ledger(lessons={"ev1": new, "ev3": new})).lessons == {
        "ev1": replace(known, lines={"": ("L3",), "zoe": ("L2",)}, relay_tested=LATER),
        "ev2": known,
        "ev3": replace(new, base_wh=None, boost_wh=None),
    }
