"""A search for devices among the rules (BUS-71, BUS-73): who stands still, what the wires are told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.grant import grant
from hems.core.rules import ChargerRules, Rules
from hems.model.decision import SearchOrder
from hems.model.instant import Instant
from hems.model.intents import KeepSearch, Refusal, SearchBus
from hems.model.settings import ChargerSettings, SearchMark, Settings
from hems.model.snapshot import SearchReading
from hems.model.why import Reason
from tests.core.bench import FUSE_A, RELAY, WALL, Bench, Car, bench
from tests.core.reasons import set_point_a
from tests.core.verdicts import flat

MARK = SearchMark("full", 500)
UNDER_WAY = SearchReading("a", ended=False, mark=MARK)


def fleet(**garage: object) -> Bench:
    """Two chargers that charge: the garage on bus ``a``, the yard on bus ``b`` with the meter elsewhere."""
    rules = Rules(
        FUSE_A,
        {"garage": ChargerRules(**garage), "yard": ChargerRules()},  # type: ignore[arg-type]
        buses={"a": frozenset({"garage"}), "b": frozenset({"yard"}), "c": frozenset()},
    )
    cars = {"garage": Car(lines=("L1",)), "yard": Car(lines=("L2",))}
    house = Bench(rules, cars, Settings({name: ChargerSettings("fast") for name in cars}))
    house.until(lambda: all(one.limit_a == 16 for one in house.decision.chargers.values()), 60)
    return house


def ask(house: Bench, bus: str, manner: str) -> None:
    house.errands.append(SearchBus(bus, manner))  # type: ignore[arg-type]


def order(house: Bench) -> SearchOrder | None:
    return house.decision.command.search


def searching(**garage: object) -> Bench:
    """The house once bus ``a`` has been handed over."""
    house = fleet(**garage)
    ask(house, "a", "full")
    house.until(lambda: order(house) is not None, 30)
    house.search = UNDER_WAY
    return house


def told(house: Bench, kind: str) -> list[dict[str, object]]:
    return [dict(one.figures) for one in house.decision.events if one.kind == kind]


def test_nobody_searches_unasked() -> None:
    """BUS-71."""
    house = fleet()
    for _ in range(60):
        house.step()
        assert order(house) is None
        assert house.decision.search is None


def test_beside_its_work_a_line_is_handed_on_at_once() -> None:
    """BUS-71: live disturbs nobody."""
    house = fleet()
    ask(house, "a", "live")
    house.step()
    assert order(house) == SearchOrder("a", "live")
    house.search = replace(UNDER_WAY, mark=replace(MARK, manner="live"))
    house.run(30)
    assert [one.limit_a for one in house.decision.chargers.values()] == [16, 16]
    assert order(house) == SearchOrder("a", "live")


def test_the_cars_on_a_line_stop_before_it_leaves_control() -> None:
    """BUS-71: not before 0 A is acknowledged and nothing flows; who is not on it charges on."""
    house = fleet()
    house.cars["garage"].delay_s = 5
    ask(house, "a", "full")
    house.step()
    why = house.decision.chargers["garage"].why
    assert (why.code, set_point_a(why), why.text) == (Reason.SEARCH, 0.0, "bus is searched")
    assert house.decision.search is not None
    assert (house.decision.search.stage, order(house)) == ("stopping", None)
    while order(house) is None:
        house.step()
    assert max(house.cars["garage"].line_a()) < 1.0
    assert house.decision.search is not None
    assert house.decision.search.stage == "searching"
    assert house.decision.chargers["yard"].limit_a == 16


def test_while_it_lasts_a_silent_charger_stands_still_and_says_why() -> None:
    """BUS-71 and the loss matrix: the relay opens as for any silent charger."""
    house = searching(relay=True, watchdog_s=15.0, relay_name="k1")
    house.cars["garage"].answers = False
    house.cars["garage"].measured = False
    for _ in range(120):
        house.step()
        garage = house.decision.chargers["garage"]
        assert (garage.limit_a, garage.why.code) == (0.0, Reason.SEARCH)
        assert order(house) == SearchOrder("a", "full")
    assert not house.cars["garage"].relay_closed
    assert house.decision.chargers["yard"].limit_a == 16
    house.cars["garage"].answers = True
    house.search = replace(UNDER_WAY, ended=True, mark=None, found=2)
    house.step()
    assert (order(house), house.decision.search) == (None, None)
    assert told(house, "searched") == [{"verdict": "ended", "found": 2}]
    assert house.until(lambda: house.decision.chargers["garage"].limit_a > 0, 60) >= 29, "30 s of answers"


@pytest.mark.parametrize("since", [0, 1, 20])
def test_somebody_stops_it(since: int) -> None:
    """BUS-71: the line is back in the same cycle, the cars return by themselves."""
    house = fleet()
    ask(house, "a", "full")
    house.step()
    house.search = UNDER_WAY
    house.run(since)
    ask(house, "a", "stop")
    house.step()
    assert (order(house), house.decision.search) == (None, None)
    assert told(house, "searched")[0]["verdict"] == "broken_off"
    house.until(lambda: house.decision.chargers["garage"].limit_a == 16, 60)


def test_a_stop_elsewhere_or_of_nothing_is_none() -> None:
    house = fleet()
    ask(house, "a", "stop")
    house.step()
    assert told(house, "searched") == []
    ask(house, "a", "full")
    house.step()
    ask(house, "b", "stop")
    house.step()
    assert house.decision.search is not None


@pytest.mark.parametrize(
    ("car", "charger", "words"),
    [
        ({"keeps_a": 9.0}, {}, "garage still draws current"),
        ({"acknowledges": False}, {}, "garage still draws current"),
        ({"acknowledges": False, "status": "B"}, {}, "garage has not acknowledged 0 A"),
        ({"answers": False}, {}, "garage still draws current"),
        ({"answers": False, "measured": False}, {}, "garage has not acknowledged 0 A"),
        ({"measured": False}, {}, "nobody knows whether garage draws current"),
    ],
)
def test_who_does_not_stand_still_keeps_the_line(
    car: dict[str, object], charger: dict[str, object], words: str
) -> None:
    """BUS-71: after 30 s it is given up in words; nothing was handed over meanwhile."""
    house = fleet(**charger)
    for name, value in car.items():
        setattr(house.cars["garage"], name, value)
    ask(house, "a", "full")
    for _ in range(30):
        house.step()
        assert order(house) is None
        assert house.decision.search is not None
    assert house.decision.search is not None
    assert house.decision.search.waits_for == words
    house.step()
    assert order(house) is None
    assert told(house, "searched") == [{"verdict": "given_up", "because": words}]
    assert house.decision.search is None


def test_an_open_relay_is_proof_enough_of_a_silent_charger() -> None:
    """It may be the very one that is looked for."""
    house = bench(charger=RELAY, car=Car(answers=False, measured=False))
    house.rules = replace(house.rules, buses={"a": frozenset({"garage"})})
    house.run(40)
    ask(house, "a", "full")
    house.step()
    assert house.step().command.search == SearchOrder("a", "full")


def test_a_car_that_waits_unmeasured_is_still() -> None:
    house = bench(car=Car(measured=False, status="B"))
    house.rules = replace(house.rules, buses={"a": frozenset({"garage"})})
    house.run(5)
    ask(house, "a", "full")
    house.until(lambda: order(house) is not None, 3)


def test_one_search_at_a_time() -> None:
    """BUS-71: a second one is refused in words, the first goes on."""
    house = fleet()
    for bus in ("c", "b"):
        ask(house, bus, "live")
    house.step()
    assert order(house) == SearchOrder("c", "live")
    assert told(house, "search_refused") == [{"because": "c is being searched"}]
    house.search = SearchReading("c", ended=False, mark=SearchMark("live", 1))
    ask(house, "c", "full")
    house.step()
    assert told(house, "search_refused") == [{"because": "c is being searched"}]
    assert order(house) == SearchOrder("c", "live")


@pytest.mark.parametrize("reading", [None, SearchReading("b", ended=False)])
def test_wires_that_do_not_search_have_ended_it(reading: SearchReading | None) -> None:
    house = searching()
    house.search = reading
    house.step()
    assert order(house) is None
    assert told(house, "searched") == [{"verdict": "ended"}]


def test_words_of_its_end_are_told() -> None:
    house = searching()
    house.search = replace(UNDER_WAY, ended=True, words="another master")
    house.step()
    assert told(house, "searched") == [{"verdict": "ended", "found": 0, "because": "another master"}]


@pytest.mark.parametrize(
    ("mark", "trusted", "taken"),
    [
        (MARK, True, True),
        (MARK, False, True),
        (replace(MARK, told=WALL - timedelta(hours=24)), True, True),
        (replace(MARK, told=WALL - timedelta(hours=24, seconds=1)), True, False),
        (replace(MARK, told=WALL + timedelta(seconds=1)), True, False),
        (replace(MARK, told=WALL), False, False),
        (replace(MARK, manner="live"), True, False),
    ],
)
def test_it_goes_on_where_it_was_broken_off(mark: SearchMark, trusted: bool, taken: bool) -> None:
    """BUS-73: within 24 h; what has no date holds for the run, a date needs a clock."""
    house = fleet()
    house.trusted = trusted
    house.settings = replace(house.settings, searches={"a": mark})
    ask(house, "a", "full")
    house.until(lambda: order(house) is not None, 10)
    assert order(house) == SearchOrder("a", "full", mark if taken else None)


@pytest.mark.parametrize(
    ("known", "reading", "asked"),
    [
        (None, SearchReading("a", ended=False, mark=MARK), True),
        (None, SearchReading("a", ended=True), False),
        (MARK, SearchReading("a", ended=True), True),
        (MARK, SearchReading("a", ended=False, mark=MARK), False),
        (replace(MARK, told=WALL), SearchReading("a", ended=True, mark=MARK), False),
        (MARK, SearchReading("a", ended=False, mark=replace(MARK, start=599)), False),
        (MARK, SearchReading("a", ended=False, mark=replace(MARK, start=600)), True),
        (MARK, SearchReading("a", ended=True, mark=replace(MARK, start=501)), True),
        (MARK, SearchReading("a", ended=False, mark=replace(MARK, present=(7,))), True),
        (MARK, SearchReading("a", ended=False, mark=replace(MARK, manner="live")), True),
    ],
)
def test_how_far_it_came_is_kept(known: SearchMark | None, reading: SearchReading, asked: bool) -> None:
    """BUS-73: every hundred pairs, with everyone who is found, and at the end."""
    house = fleet()
    house.settings = replace(house.settings, searches={"a": known} if known else {})
    house.search = reading
    house.step()
    assert house.decision.asks == ((KeepSearch("a", reading.mark),) if asked else ())


def test_what_may_be_asked() -> None:
    """BUS-71, 73: an unknown line, a strange manner and a strange place are refused in words."""
    rules, now = fleet().rules, Instant(0.0, WALL)
    assert grant(rules, Settings(), SearchBus("a", "full"), now) == Settings()
    assert grant(rules, Settings(), SearchBus("a", "stop"), now) == Settings()
    unknown = grant(rules, Settings(), SearchBus("z", "full"), now)
    assert flat(unknown) == Refusal("unknown_name", "there is no bus 'z'; known: a, b, c")
    odd = grant(rules, Settings(), SearchBus("a", "wild"), now)  # type: ignore[arg-type]
    assert flat(odd) == Refusal("bad_value", "'wild' is no manner; manners: live, full, stop")
    assert isinstance(grant(rules, Settings(), KeepSearch("z", None), now), Refusal)
    kept = grant(rules, Settings(), KeepSearch("a", MARK), now)
    assert kept == Settings(searches={"a": replace(MARK, told=WALL)})
    assert isinstance(kept, Settings)
    assert grant(rules, kept, KeepSearch("a", None), now) == Settings()
    undated = grant(rules, kept, KeepSearch("a", MARK), Instant(0.0, WALL, trusted=False))
    assert undated == Settings(searches={"a": MARK})


def test_what_is_no_place_is_refused() -> None:
    refused = grant(fleet().rules, Settings(), KeepSearch("a", 7), Instant(0.0, WALL))  # type: ignore[arg-type]
    assert flat(refused) == Refusal("bad_value", "7 is no place of a search")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"manner": "stop"}, "'stop' is no manner of a search"),
        ({"start": -1}, "start is 0 to 10000, not -1"),
        ({"start": 10_001}, "start is 0 to 10000, not 10001"),
        ({"present": (1, 256)}, "present units are 1 to 255"),
    ],
)
def test_a_strange_place_is_refused(change: dict[str, object], words: str) -> None:
    intent = KeepSearch("a", replace(MARK, **change))  # type: ignore[arg-type]
    assert flat(grant(fleet().rules, Settings(), intent, Instant(0.0, WALL))) == Refusal("bad_value", words)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["answers", "measured", "acknowledges", "keeps_a", "ask", "none"]),
            st.booleans(),
            st.sampled_from(["full", "live", "stop"]),
            st.integers(1, 12),
        ),
        max_size=25,
    )
)
def test_no_line_leaves_control_while_its_car_draws(course: list[tuple[str, bool, str, int]]) -> None:
    """BUS-71: whatever happens to the charger, and whatever is asked."""
    house, before = fleet(relay=True, watchdog_s=15.0, relay_name="k1"), None
    car = house.cars["garage"]
    for what, on, manner, seconds in course:
        if what == "ask":
            ask(house, "a", manner)
        elif what == "keeps_a":
            car.keeps_a = 9.0 if on else None
        elif what != "none":
            setattr(car, what, on)
        for _ in range(seconds):
            drawn_a = max(car.line_a())
            house.step()
            now = order(house)
            house.search = SearchReading(now.bus, ended=False) if now else house.search
            if now is not None and now.manner == "full":
                assert house.decision.chargers["garage"].limit_a == 0.0
                assert before is not None or drawn_a < 1.0
            before = now
