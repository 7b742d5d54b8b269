"""Ledger, settings and the book's page as documents (JOURNAL section 9)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf, nan

from hems.journal.change import difference, plain
from hems.journal.documents import BOUNDS, Meta, kept, understood, updated
from hems.model.ledger import Counter, Last, Ledger
from hems.model.lessons import Lesson
from hems.model.plans import Plan
from hems.model.prices import Slot
from hems.model.settings import ChargerSettings, Settings
from tests.journal.books import Plain, documents

AT = datetime(2026, 11, 24, 8, 0, 5, 250_001, tzinfo=UTC)
LEDGER = Ledger(
    {"daily": "2026-11-24"},
    {"hp1.heating": Counter(3, {"daily": 1}, {"yesterday": 2}, 0, AT), "relay.k1": Counter(9)},
    {"hp1.operating_state": Last(1, AT), "site.grid_import": Last(17, None, "", 250)},
)
SETTINGS = Settings({"garage": ChargerSettings("fast", 13.0), "yard": ChargerSettings()})
META = Meta(created=AT, last_trusted=AT, boots=3)


def test_there_and_back_is_the_same() -> None:
    found = understood(updated({}, LEDGER, SETTINGS, META))
    assert (found.ledger, found.settings, found.meta, found.words) == (LEDGER, SETTINGS, META, ())


def test_an_empty_book_has_no_settings_yet() -> None:
    found = understood({})
    assert (found.ledger, found.settings, found.meta, found.words) == (Ledger(), None, Meta(), ())


def test_documents_carry_their_names_and_keep_their_ids() -> None:
    """One document per counter group and per charger; ids are numbers for TinyDB."""
    first = updated({}, LEDGER, SETTINGS, META)
    rows = plain(first)
    assert [fields["name"] for fields in rows["settings"].values()] == ["charger.garage", "charger.yard"]
    garage = rows["settings"]["1"]
    assert (garage["name"], garage["mode"], garage["user_max_a"]) == ("charger.garage", "fast", 13.0)
    assert [fields["name"] for fields in rows["ledger"].values()] == ["keys", "hp1", "relays", "site"]
    more = Settings({"attic": ChargerSettings("off"), **SETTINGS.chargers})
    later = plain(updated(first, LEDGER, more, META))
    assert later["settings"]["3"]["name"] == "charger.attic"
    assert later["settings"]["1"] == rows["settings"]["1"]


def test_a_change_of_one_counter_changes_one_field() -> None:
    before = updated({}, LEDGER, SETTINGS, META)
    ledger = Ledger(LEDGER.keys, {**LEDGER.counters, "hp1.heating": Counter(4)}, LEDGER.last)
    change = difference(before, updated(before, ledger, SETTINGS, META))
    (row,) = (change["ledger"] or {}).values()
    assert list(change) == ["ledger"]
    assert isinstance(row, dict)
    assert list(row) == ["counters.heating"]


def test_what_is_not_known_stays_as_it_is() -> None:
    """JRN-80: fields, documents and tables of a later program are kept."""
    later: Plain = {
        "ledger": {
            "7": {"name": "hp1", "runs.open": [1]},
            "8": {"name": "hp9", "counters.x": plain_counter(5)},
        },
        "settings": {"panel": {"brightness": 3}, "4": {"name": "panel", "brightness": 3}},
        "sessions": {"1": {"wh": 1}},
        "meta": {"1": {"colour": "blue"}},
    }
    rows = plain(updated(documents(later), LEDGER, SETTINGS, META))
    assert rows["ledger"]["7"]["runs.open"] == [1]
    assert rows["ledger"]["7"]["counters.heating"] == plain_counter(3) | {
        "windows": {"daily": 1}, "previous": {"yesterday": 2}, "since": AT.isoformat(),
    }  # fmt: skip
    assert rows["ledger"]["8"] == later["ledger"]["8"]
    assert rows["settings"]["panel"] == {"brightness": 3}
    assert rows["sessions"] == later["sessions"]
    assert rows["meta"]["1"]["colour"] == "blue"
    assert set(kept(documents(rows))) == {"meta", "ledger", "settings"}


def plain_counter(total: int) -> dict[str, object]:
    return {"total": total, "windows": {}, "previous": {}, "limbo": 0, "since": None}


def test_what_cannot_be_understood_is_left_out_and_named() -> None:
    """A settings document, a counter and the book's page, each damaged by hand."""
    found = understood(
        documents(
            {
                "ledger": {
                    "1": {
                        "name": "hp1",
                        "counters.heating": plain_counter(3),
                        "counters.defrost": {"total": "many"},
                    },
                },
                "settings": {
                    "1": {"name": "charger.garage", "mode": "turbo", "user_max_a": 10},
                    "2": {"name": "charger.yard", "mode": "off", "user_max_a": 10},
                    "3": {"mode": "off"},
                },
                "meta": {"1": {"boots": "often"}},
            }
        )
    )
    assert found.ledger == Ledger(counters={"hp1.heating": Counter(3)})
    mended = ChargerSettings(user_max_a=10.0)
    assert found.settings == Settings({"garage": mended, "yard": ChargerSettings("off", 10.0)})
    assert found.meta == Meta()
    assert [word.split(":")[0] for word in found.words] == [
        "hp1.counters.defrost",
        "settings of charger.garage",
        "the book's own page is ignored",
    ]


def test_offsets_are_a_document_and_a_removed_one_is_gone() -> None:
    """CNT-40: accepted offsets are settings; without a trace once removed."""
    offsets = {"hp1.heating.total": 1_200, "relay.k1.total": -3}
    first = updated({}, LEDGER, Settings(SETTINGS.chargers, offsets), META)
    assert understood(first).settings == Settings(SETTINGS.chargers, offsets)
    fewer = updated(first, LEDGER, Settings(SETTINGS.chargers, {"relay.k1.total": 4}), META)
    assert understood(fewer).settings == Settings(SETTINGS.chargers, {"relay.k1.total": 4})
    assert understood(updated(fewer, LEDGER, SETTINGS, META)).settings == SETTINGS
    spoiled = understood(documents({"settings": {"1": {"name": "offsets", "a": 1, "b": "x", "c": True}}}))
    assert spoiled.settings == Settings({}, {"a": 1})
    assert spoiled.words == ("the offset of b is ignored", "the offset of c is ignored")


def test_a_document_beyond_its_bound_is_refused_and_named_never_cut() -> None:
    """JRN-63: 32 documents of counters, 48 of settings, and none larger than its bound."""
    refused: list[str] = []
    many = Ledger({}, {f"ev{n}.sessions": Counter(n) for n in range(40)})
    chargers = {f"c{n}": ChargerSettings() for n in range(50)}
    state = updated({}, many, Settings(chargers), META, refused)
    assert (len(state["ledger"]), len(state["settings"])) == (32, 48)
    assert refused[0] == "ledger.ev31: there is no more room for it"
    assert len(refused) == 9 + 2
    large = Ledger({}, {f"hp1.{n:0200}": Counter(1) for n in range(300)})
    refused.clear()
    after = updated(state, large, SETTINGS, META, refused)
    assert refused[0] == "ledger.hp1: there is no more room for it"
    assert after["ledger"].keys() == state["ledger"].keys()
    small = Ledger({}, {"ev3.sessions": Counter(99)})
    assert understood(updated(after, small, SETTINGS, META)).ledger.counters["ev3.sessions"].total == 99


def test_a_plan_of_a_whole_week_fits_and_takes_no_counters_room() -> None:
    """JRN-63: lessons are a document of their own, far from its bound."""
    quarters = tuple(
        Slot(
            AT + n * timedelta(minutes=15), AT + (n + 1) * timedelta(minutes=15), 0.123456789 + n, "off_peak"
        )
        for n in range(672)
    )
    plan = Plan(AT, AT, 50_000.0, 11_040.0, quarters, ("level", "capacity"), 900.0, AT)
    ledger = Ledger({}, {"ev1.sessions": Counter(3)}, lessons={"ev1": Lesson(plan=plan)})
    refused: list[str] = []
    state = updated({}, ledger, SETTINGS, META, refused)
    sizes = [
        sum(len(key) + len(value) for key, value in fields.items()) for fields in state["ledger"].values()
    ]
    assert refused == []
    assert max(sizes) < BOUNDS["ledger"][1] * 0.75
    assert understood(state).ledger == ledger


def test_a_plan_that_has_no_place_is_not_stored_and_the_other_lessons_are() -> None:
    slot = Slot(AT, AT + timedelta(hours=1))
    for plan in (
        Plan(AT, AT, 1.0, 1.0, (slot,) * 701),
        Plan(AT, AT, inf, 1.0),
        Plan(AT, AT, 1.0, 1.0, (replace(slot, eur_kwh=nan),)),
    ):
        ledger = Ledger(lessons={"ev1": Lesson(stuck=True, plan=plan)})
        assert understood(updated({}, ledger, SETTINGS, META)).ledger.lessons == {"ev1": Lesson(stuck=True)}


def test_lessons_of_eight_chargers_find_room_beside_all_counters() -> None:
    """JRN-63."""
    owners = [f"{kind}{n}" for kind in ("ev", "hp") for n in range(1, 9)]
    counters = {f"{owner}.starts": Counter(1) for owner in (*owners, "site", "relay")}
    ledger = Ledger({"daily": "2026-11-24"}, counters, lessons={f"ev{n}": Lesson() for n in range(1, 9)})
    refused: list[str] = []
    assert understood(updated({}, ledger, SETTINGS, META, refused)).ledger == ledger
    assert refused == []
