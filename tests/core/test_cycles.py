"""Mode edges, compressor starts, contacts (CNT-20 to CNT-33, CNT-84); worked examples EX-1 to EX-7."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.count import Sample
from hems.core.cycles import MODES, PumpRules, PumpSample, entered, running
from tests.core.counting import NO_VALUE, WHOLES, Counted, berlin

CYCLES = ("heating", "hot_water", "cooling", "defrost")


def totals(house: Counted, number: int = 1) -> dict[str, int]:
    return {name: house.state.ledger.counters[f"hp{number}.{name}"].total for name in CYCLES}


@pytest.mark.parametrize(
    ("before", "after", "mode"),
    [
        (7, 1, "heating"),
        (5, 1, "heating"),
        (2, 1, "heating"),
        (1, 1, None),
        (1, 0, None),
        (None, 1, None),
        (1, None, None),
        (0, 12, None),
        (12, 2, "hot_water"),
        (0, 3, "cooling"),
        (1, 5, "defrost"),
    ],
)
def test_entering_a_mode_is_the_edge(before: int | None, after: int | None, mode: str | None) -> None:
    """CNT-21."""
    assert entered(MODES, before, after) == mode


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (PumpSample(compressor_rating=0), False),
        (PumpSample(compressor_rating=1), True),
        (PumpSample(compressor_rating=11_000), True),
        (PumpSample(compressor_rating=11_001), None),
        (PumpSample(compressor_rating=-1), None),
        (PumpSample(compressor_rating=NO_VALUE, machine_state=5), None),
        (PumpSample(machine_state=5), True),
        (PumpSample(machine_state=8), False),
        (PumpSample(machine_state=0xFFFF), None),
        (PumpSample(), None),
    ],
)
def test_the_compressor_runs(sample: PumpSample, expected: bool | None) -> None:
    """CNT-30: a rating decides; the machine state only where no rating is told."""
    assert running(PumpRules(), sample) is expected


def test_ex_1_edges() -> None:
    """EX-1."""
    house = Counted(berlin("2026-11-24 08:00:00"))
    house.follow(
        {"08:00:00": 0, "08:00:05": 1, "08:20": 5, "08:24": 1, "08:36": 12, "08:41": 2, "08:55:30": 0},
        "2026-11-24",
    )
    assert totals(house) == {"heating": 2, "defrost": 1, "hot_water": 1, "cooling": 0}


def test_ex_2_gaps() -> None:
    """EX-2: exactly 900 s still counts, 901 s does not; no values are no edges."""
    house = Counted(berlin("2026-11-24 09:00:00"))
    steps = [
        ("09:00:00", 1),
        ("09:04", None),
        ("09:08", NO_VALUE),
        ("09:11:00", 1),
        ("09:24:10", 2),
        ("09:30:00", 0),
        ("09:45:00", 1),
        ("09:50:00", 0),
        ("10:05:01", 1),
        ("10:06", 0),
        ("10:07", 1),
    ]
    for text, code in steps:
        house.go_to(berlin(f"2026-11-24 {text}"))
        house.pump(code)
    assert totals(house) == {"hot_water": 1, "heating": 2, "defrost": 0, "cooling": 0}
    assert [e.at for e in house.events if e.kind == "baseline"] == [berlin("2026-11-24 10:05:01")]
    assert [e.at for e in house.events if e.key == "hp1.heating"] == [
        berlin("2026-11-24 09:45:00"),
        berlin("2026-11-24 10:07:00"),
    ]


def test_ex_3_starts() -> None:
    """EX-3, CNT-31, CNT-32: a stop of less than 10 s is a glitch."""
    house = Counted(berlin("2026-11-24 09:00:00"))
    begin = house.wall
    for second, rating in {
        0: 0, 4: 3150, 8: 3200, 12: 0, 16: 2900, 20: 0, 24: 0, 28: NO_VALUE, 36: 4100, 40: 4000,
    }.items():  # fmt: skip
        house.go_to(berlin(f"2026-11-24 09:00:{second:02d}"))
        house.pump(rating=rating)
    assert house.show("hp1.compressor_start")["total"] == 2
    told = [(e.kind, e.at) for e in house.events if e.kind not in WHOLES]
    assert told == [
        ("counted", begin.replace(second=4)),
        ("glitch", begin.replace(second=16)),
        ("counted", begin.replace(second=36)),
    ]


def test_a_running_compressor_at_first_sight_or_after_a_gap_is_no_start() -> None:
    """CNT-33."""
    house = Counted(berlin("2026-11-24 09:00:00"))
    house.pump(rating=3000)
    house.wait(5)
    house.pump(rating=0)
    house.wait(901)
    house.pump(rating=3000)
    assert house.show("hp1.compressor_start")["total"] == 0
    assert house.kinds() == ["baseline"]


def test_ex_4_new_year_and_days_off() -> None:
    """EX-4."""
    house = Counted(berlin("2026-12-31 20:10:00"))
    house.follow({"20:10": 0, "21:10:05": 1, "22:40": 0, "22:44": 1, "23:46": 0}, "2026-12-31")
    house.follow({"00:00:00": 1, "00:10": 0}, "2027-01-01")
    assert house.show("hp1.heating") == {
        "total": 3, "2h": 1, "4h": 1, "daily": 1, "yesterday": 2, "monthly": 1, "yearly": 1,
    }  # fmt: skip
    house.cut()
    house.go_to(berlin("2027-01-04 06:00:00"))
    house.pump(1)
    assert house.show("hp1.heating") == {
        "total": 3, "2h": 0, "4h": 0, "daily": 0, "yesterday": 0, "monthly": 1, "yearly": 1,
    }  # fmt: skip
    assert house.kinds()[-1] == "baseline"


def test_ex_5_autumn() -> None:
    """EX-5: the window T02 lasts three hours."""
    house = Counted(berlin("2026-10-25 01:35:00"))
    house.pump(0)
    shown = []
    keys = []
    for text, fold in (("01:40", 0), ("02:10", 0), ("02:20", 1), ("03:30", 0)):
        for code, minute in ((1, 0), (0, 5)):
            target = berlin(f"2026-10-25 {text}", fold).timestamp() + minute * 60
            while house.wall.timestamp() < target:
                house.wait(5)
                house.pump(house.state.ledger.last["hp1.operating_state"].value)
            house.pump(code)
            if code:
                shown.append(house.show("hp1.heating")["2h"])
                keys.append(house.state.ledger.keys["2h"])
    assert shown == [1, 1, 2, 3]
    assert keys == ["2026-10-25T00", "2026-10-25T02", "2026-10-25T02", "2026-10-25T02"]
    assert house.show("hp1.heating")["4h"] == 4
    assert house.show("hp1.heating")["daily"] == 4
    house.go_to(berlin("2026-10-25 04:00:00"))
    assert (house.show("hp1.heating")["2h"], house.show("hp1.heating")["4h"]) == (0, 0)


def test_ex_5_spring() -> None:
    """EX-5: the window T02 lasts one hour."""
    house = Counted(berlin("2027-03-28 01:50:00"))
    house.follow({"01:50": 0, "01:55": 1, "03:05": 0, "03:10": 1}, "2027-03-28")
    figures = house.show("hp1.heating")
    assert house.state.ledger.keys["2h"] == "2027-03-28T02"
    assert (figures["2h"], figures["4h"], figures["daily"]) == (1, 2, 2)


@pytest.mark.parametrize(
    ("first", "counts", "kinds"), [("16:54:00", 1, ["counted"]), ("16:56:00", 0, ["baseline"])]
)
def test_ex_6_a_short_stop(first: str, counts: int, kinds: list[str]) -> None:
    """EX-6, CNT-25: a mode entered during a short stop counts once."""
    house = Counted(berlin("2026-11-24 16:40:05"))
    house.pump(0)
    house.cut()
    house.go_to(berlin(f"2026-11-24 {first}"))
    house.pump(2)
    assert totals(house)["hot_water"] == counts
    assert house.kinds() == kinds


def test_ex_7_no_clock() -> None:
    """EX-7: limbo until the clock is trusted."""
    house = Counted(berlin("2026-12-02 22:00:00"))
    house.follow({"22:00:00": 0, "22:00:05": 1, "22:10": 0}, "2026-12-02")
    house.cut()
    house.trusted = False
    house.pump(0)
    house.wait(5)
    house.pump(1)
    house.wait(300)
    house.pump(0)
    assert (house.show("hp1.heating")["total"], house.show("hp1.heating")["daily"]) == (2, 2)
    house.trusted = True
    house.go_to(berlin("2026-12-03 06:31:00"))
    figures = house.show("hp1.heating")
    assert (figures["total"], figures["daily"], figures["2h"], figures["yesterday"]) == (2, 1, 1, 1)
    house.take(Sample())
    assert house.show("hp1.heating") == figures
    assert house.state.ledger.counters["hp1.heating"].limbo == 0


def test_a_contact_counts_its_closings() -> None:
    """CNT-84: the first reading is the baseline, a self-test counts too, no value changes nothing."""
    house = Counted(berlin("2026-11-24 09:00:00"))
    for closed in (True, False, True, True, None, False, None, True):
        house.take(Sample(contacts={"k1": closed}))
        house.wait(5)
    assert house.show("relay.k1")["total"] == 2
    house.wait(900)
    house.take(Sample(contacts={"k1": False}))
    assert house.kinds() == ["counted", "counted", "baseline"]


CODES = st.lists(st.sampled_from([0, 1, 2, 3, 5, 7, 12]), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(CODES, st.integers(1, 4), st.lists(st.sampled_from([None, NO_VALUE, 0xFFFF, -1, 100]), max_size=3))
def test_the_poll_rate_and_lost_answers_change_nothing(
    codes: list[int], repeats: int, lost: list[int | None]
) -> None:
    """INV-7, CNT-23: equal code sequences give equal counts; never more than there were changes."""
    plain, noisy = Counted(berlin("2026-11-24 09:00:00")), Counted(berlin("2026-11-24 09:00:00"))
    for code in codes:
        plain.pump(code)
        plain.wait(60)
        for _ in range(repeats):
            noisy.pump(code)
            noisy.wait(60 / repeats)
        for nothing in lost:
            noisy.pump(nothing)
    assert totals(plain) == totals(noisy)
    changes = sum(before != after for before, after in pairwise(codes))
    assert sum(totals(plain).values()) <= changes


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0, 2500]), st.integers(1, 30)), max_size=30))
def test_two_counted_starts_are_ten_seconds_apart(readings: list[tuple[int, int]]) -> None:
    """INV-11, CNT-31: every start follows at least 10 s without a running reading."""
    house = Counted(berlin("2026-11-24 09:00:00"))
    last_run_s: float | None = None
    for rating, pause_s in readings:
        counted_before = house.show("hp1.compressor_start")["total"]
        house.pump(rating=rating)
        if house.show("hp1.compressor_start")["total"] != counted_before:
            assert last_run_s is None or house.mono_s - last_run_s >= 10
        if rating:
            last_run_s = house.mono_s
        house.wait(pause_s)


@settings(max_examples=60, deadline=None)
@given(CODES, CODES)
def test_pumps_are_independent(first: list[int], second: list[int]) -> None:
    """CNT-28: a sample of one pump changes nothing of another."""
    alone, together = Counted(berlin("2026-11-24 09:00:00")), Counted(berlin("2026-11-24 09:00:00"))
    for i in range(max(len(first), len(second))):
        both = {}
        if i < len(first):
            both[1] = PumpSample(first[i])
            alone.pump(first[i])
        if i < len(second):
            both[2] = PumpSample(second[i])
        together.take(Sample(pumps=both))
        alone.wait(5)
        together.wait(5)
    for name, counter in alone.state.ledger.counters.items():
        if name.startswith("hp1."):
            assert together.state.ledger.counters[name] == counter
