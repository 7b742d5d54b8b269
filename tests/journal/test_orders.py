"""Settings as documents: exact there and back, what was cleared stays so, a broken field alone goes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hems.journal.change import applied, difference, encode, plain
from hems.journal.documents import Meta, understood, updated
from hems.journal.orders import from_documents, to_documents
from hems.model.ledger import Ledger
from hems.model.lessons import Lesson
from hems.model.settings import (
    MODES,
    SG_MOST_S,
    Boost,
    ChargerSettings,
    Commissioning,
    OperatorLimit,
    Proofs,
    SearchMark,
    Settings,
    SgByHand,
    Target,
    VehicleSettings,
)
from tests.journal.books import documents
from tests.model.test_lessons import LESSONS

AT = datetime(2026, 11, 24, 8, 0, 5, 250_001, tzinfo=UTC)
TIMES = st.datetimes(
    datetime(2000, 1, 2),
    datetime(2199, 12, 30),
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
NAMES = st.sampled_from(["garage", "yard", "zoe"])
FIGURES = st.floats(0, 1e6)


def maybe(values: st.SearchStrategy[float]) -> st.SearchStrategy[float | None]:
    return st.none() | values


TARGETS = st.builds(
    Target,
    TIMES,
    FIGURES,
    maybe(FIGURES),
    st.lists(st.integers(1, 7), unique=True).map(tuple),
    st.booleans(),
    FIGURES,
)
ORDERS = st.builds(
    ChargerSettings,
    st.sampled_from(MODES),
    FIGURES,
    st.none() | TARGETS,
    st.booleans(),
    FIGURES,
    st.booleans(),
    st.just("") | NAMES,
    st.sampled_from([None, 1, 3]),
    st.none() | st.builds(Boost, st.none() | TIMES, *[maybe(FIGURES)] * 3),
)
TOLD = st.builds(
    Settings,
    st.dictionaries(NAMES, ORDERS, min_size=1),
    st.dictionaries(st.just("hp1.heating.total"), st.integers(-9, 9)),
    vehicles=st.dictionaries(
        NAMES,
        st.builds(
            VehicleSettings,
            maybe(FIGURES),
            st.none() | TIMES,
            maybe(FIGURES),
            maybe(FIGURES),
            st.sampled_from([None, 1, 2, 3]),
        ),
    ),
    operator=st.none() | st.builds(OperatorLimit, FIGURES, TIMES),
    heat_pumps=st.dictionaries(
        NAMES,
        st.builds(
            SgByHand, st.sampled_from(["normal", "forced"]), st.none() | TIMES, FIGURES, maybe(FIGURES)
        ),
    ),
    chosen=st.dictionaries(st.sampled_from(["line_limit_a", "acquisition_tolerance"]), FIGURES),
    searches=st.dictionaries(
        NAMES,
        st.builds(
            SearchMark,
            st.sampled_from(["live", "full"]),
            st.integers(0, 9_999),
            st.sampled_from(["", "9600 8N1"]),
            st.lists(st.integers(1, 247), max_size=3).map(tuple),
            TIMES,
        ),
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(TOLD, st.dictionaries(st.sampled_from(["ev1", "ev8"]), LESSONS)), min_size=1, max_size=4
    )
)
def test_whatever_is_told_one_after_the_other_the_last_is_found_again(
    told: list[tuple[Settings, dict[str, Lesson]]],
) -> None:
    """CHG-94, CHG-120: through records that hold only what differs; what was cleared stays so (JRN-12)."""
    states = [updated({}, Ledger(), Settings(), Meta())]
    for orders, lessons in told:
        states.append(updated(states[-1], Ledger(lessons=lessons), orders, Meta()))
    state = states[0]
    for before, after in pairwise(states):
        state = applied(state, difference(before, after))
    found, (orders, lessons) = understood(state), told[-1]
    assert found.words == ()
    assert found.settings is not None
    assert found.ledger.lessons.items() >= lessons.items()
    assert {name: found.settings.chargers[name] for name in orders.chargers} == orders.chargers
    assert {name: found.settings.vehicles[name] for name in orders.vehicles} == orders.vehicles
    assert replace(found.settings, chargers={}, vehicles={}) == replace(orders, chargers={}, vehicles={})


def test_what_has_ended_does_not_come_back() -> None:
    """A boost, a target, a limit, a state by hand and a chosen figure."""
    full = Settings(
        {"garage": ChargerSettings("surplus_target", 16.0, Target(AT), boost=Boost(AT, 60.0))},
        {"relay.k1.total": 1},
        operator=OperatorLimit(4_200.0, AT),
        heat_pumps={"heat": SgByHand("forced", AT)},
        chosen={"line_limit_a": 16.0, "acquisition_tolerance": 0.1},
    )
    bare = Settings({"garage": ChargerSettings("surplus", 16.0)}, chosen={"acquisition_tolerance": 0.1})
    first = updated({}, Ledger(), full, Meta())
    assert understood(first).settings == full
    later = updated(first, Ledger(), bare, Meta())
    assert understood(later).settings == bare
    rows = {row["name"]: row for row in plain(later)["settings"].values()}
    assert rows["operator"] == {"name": "operator", "limit_w": None, "until": None}
    assert rows["chosen"] == {"name": "chosen", "acquisition_tolerance": 0.1}


def test_where_a_search_came_to_is_written_with_its_date_and_cleared_at_its_end() -> None:
    """BUS-73: without a date it holds for its run only."""
    orders = {"garage": ChargerSettings("fast", 16.0)}
    mark = SearchMark("full", 512, "9600 8N1", (1, 255), AT)
    first = updated({}, Ledger(), Settings(orders, searches={"a": mark}), Meta())
    assert understood(first).settings == Settings(orders, searches={"a": mark})
    for later in ({}, {"a": replace(mark, told=None)}):
        now = updated(first, Ledger(), Settings(orders, searches=later), Meta())
        assert understood(now).settings == Settings(orders)
        assert understood(now).words == ()


def test_a_book_of_an_older_program_is_read_with_defaults() -> None:
    """JRN-80."""
    book = documents({"settings": {"1": {"name": "charger.garage", "mode": "fast", "user_max_a": 13}}})
    found = understood(book)
    assert (found.settings, found.words) == (Settings({"garage": ChargerSettings("fast", 13.0)}), ())


def test_a_broken_field_is_named_and_the_rest_is_kept() -> None:
    good: dict[str, object] = {"name": "charger.garage", "mode": "off", "cheap": True, "colour": "blue"}
    aim = {"deadline": "2026-11-24T08:00:00", "repeat_days": [1]}
    found = understood(
        documents(
            {
                "settings": {
                    "1": good | {"target": aim, "boost": {"told": 7}, "lines": 2, "cheap_pct": "many"},
                    "2": {"name": "vehicle.zoe", "level_pct": 50, "told": "noon"},
                    "3": {"name": "operator", "limit_w": 4_200.0},
                    "4": {"name": "heat_pump.heat", "state": "hot", "until": "2026-11-24T08:00:00Z"},
                    "6": {"name": "search.a", "manner": "wild", "start": 1, "told": "2026-11-24T08:00:00Z"},
                    "7": {"name": "search.b", "manner": "full", "start": 1, "told": "2026-11-24T08:00:00"},
                    "5": {"name": "chosen", "line_limit_a": 16, "acquisition_tolerance": None},
                }
            }
        )
    )
    assert found.settings == Settings(
        {"garage": ChargerSettings("off", cheap=True)},
        vehicles={"zoe": VehicleSettings(50.0)},
        chosen={"line_limit_a": 16.0},
    )
    assert [word.split(" is ")[0].split(" are ")[0] for word in found.words] == [
        "settings of charger.garage: target",
        "settings of charger.garage: cheap_pct",
        "settings of charger.garage: lines",
        "settings of charger.garage: boost",
        "settings of vehicle.zoe: told",
        "settings of operator",
        "settings of heat_pump.heat",
        "the chosen acquisition_tolerance",
        "settings of search.a",
        "settings of search.b",
    ]
    assert "a time lacks its offset from UTC" in found.words[0]


def test_a_document_without_a_readable_name_is_nobodys() -> None:
    state = updated(documents({"settings": {"1": {"name": 7}, "2": {"x": 1}}}), Ledger(), Settings(), Meta())
    assert state["settings"] == {"1": {"name": encode(7)}, "2": {"x": encode(1)}}


def test_a_state_by_hand_of_an_older_form_is_still_read() -> None:
    """CHG-122: it had no length; then it is the longest there is."""
    first = updated({}, Ledger(), Settings({"garage": ChargerSettings()}), Meta())
    older = {"name": "heat_pump.heat", "state": "locked", "until": AT.isoformat()}
    words: list[str] = []
    found = from_documents([older], words)
    assert found is not None
    assert (found.heat_pumps, words) == ({"heat": SgByHand("locked", AT, SG_MOST_S)}, [])
    unsure = SgByHand("forced", None, 600.0, 5.25)
    state = updated(
        first, Ledger(), Settings({"garage": ChargerSettings()}, heat_pumps={"heat": unsure}), Meta()
    )
    again = understood(state).settings
    assert again is not None
    assert again.heat_pumps == {"heat": unsure}


def test_a_first_run_whose_record_is_broken_holds_the_chargers() -> None:
    """PNL-71: nobody is released because of a mistake on the card."""
    words: list[str] = []
    found = from_documents([{"name": "commissioning", "step": 7, "answers": {}}], words)
    assert found is not None
    assert found.commissioning == Commissioning("anew")
    assert len(words) == 1
    assert from_documents([{"name": "commissioning", "step": None, "answers": None}], []) is None


def test_what_is_not_proven_is_kept() -> None:
    """PNL-66."""
    told = Settings(proofs=Proofs(("meter.L2", "car.garage")))
    rows = [{**fields, "name": name} for name, fields in to_documents(told, ()).items()]
    found = from_documents(rows, [])
    assert found is not None
    assert found.proofs == told.proofs
