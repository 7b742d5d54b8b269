"""Intent in, new settings or a refusal in words out (CHG-1, 94, 120 to 122; API-101, 102, 107)."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from math import inf, nan
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.appliances import SgReadyRules
from hems.core.grant import grant
from hems.core.repair import completed
from hems.core.rules import ChargerRules, DimRules, Rules, VehicleRules
from hems.core.tariff import TariffRules
from hems.model.instant import Instant
from hems.model.intents import (
    Acknowledge,
    Intent,
    ProveDim,
    ProveLines,
    ProveRelay,
    PutPrices,
    Refusal,
    SetBoost,
    SetCharging,
    SetHeatPump,
    SetLines,
    SetMode,
    SetOperatorLimit,
    SetSetting,
    SetTariff,
    SetUserMax,
    SetVehicle,
)
from hems.model.prices import Prices, Slot
from hems.model.settings import (
    Boost,
    ChargerSettings,
    Mode,
    OperatorLimit,
    Settings,
    Sg,
    SgByHand,
    Target,
    TariffChoice,
    VehicleSettings,
)
from tests.core.bench import FUSE_A, WALL
from tests.core.verdicts import flat

RULES = Rules(
    FUSE_A,
    {
        "garage": ChargerRules(max_a=16.0, switchable=True, relay=True),
        "yard": ChargerRules(max_a=32.0),
    },
    vehicles={"zoe": VehicleRules(), "leaf": VehicleRules()},
    dim=DimRules("contact", "dim"),
    sg_ready={"heat": SgReadyRules(("k5", "k6"))},
)
NOW = Instant(0.0, WALL, trusted=True)
BEFORE = Settings({"yard": ChargerSettings("fast", 20.0)})


@pytest.mark.parametrize(
    ("intent", "orders"),
    [
        (SetMode("garage", "min_surplus"), ChargerSettings("min_surplus", 32.0)),
        (SetUserMax("garage", 6.0), ChargerSettings("surplus", 6.0)),
        (SetUserMax("garage", 16.0), ChargerSettings("surplus", 16.0)),
    ],
)
def test_grants_what_is_possible_and_leaves_the_rest(intent: Intent, orders: ChargerSettings) -> None:
    after = grant(RULES, BEFORE, intent, NOW)
    assert after == Settings({"yard": ChargerSettings("fast", 20.0), "garage": orders})
    assert BEFORE.chargers == {"yard": ChargerSettings("fast", 20.0)}


@pytest.mark.parametrize(
    ("intent", "code", "words"),
    [
        (SetMode("", "fast"), "missing", "no charger is named"),
        (SetMode("barn", "fast"), "unknown_name", "there is no charger 'barn'; known: garage, yard"),
        (SetUserMax("garage", 40.0), "bad_value", "garage takes 6 to 16 A, not 40 A"),
        (SetUserMax("garage", 5.9), "bad_value", "garage takes 6 to 16 A, not 5.9 A"),
        (SetUserMax("garage", nan), "bad_value", "garage takes 6 to 16 A, not nan A"),
        (SetUserMax("yard", inf), "bad_value", "yard takes 6 to 32 A, not inf A"),
    ],
)
def test_refuses_in_words_with_figures(intent: Intent, code: str, words: str) -> None:
    assert flat(grant(RULES, BEFORE, intent, NOW)) == Refusal(code, words)


def test_refuses_a_mode_that_is_none() -> None:
    intent = SetMode("garage", cast(Mode, "turbo"))
    words = "'turbo' is no mode; modes: off, fast, surplus, surplus_target, min_surplus, min_surplus_target"
    assert flat(grant(RULES, BEFORE, intent, NOW)) == Refusal("bad_value", words)


def test_says_when_there_is_no_charger_at_all() -> None:
    refusal = grant(Rules(FUSE_A), Settings(), SetMode("garage", "off"), NOW)
    assert flat(refusal) == Refusal("unknown_name", "there is no charger 'garage'; known: none")


NOON = datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("Europe/Berlin"))
SLOT = Slot(NOON, NOON + timedelta(hours=1), 0.12)
SPOT = replace(RULES, tariff=TariffRules("awattar-at", "standard"))


def test_prices_are_taken_as_a_whole_and_kept_in_utc() -> None:
    """CHG-80, CHG-82; other orders keep them."""
    after = grant(SPOT, BEFORE, PutPrices("awattar-at", (SLOT,)), NOW)
    assert isinstance(after, Settings)
    assert after.prices == Prices("awattar-at", (SLOT,))
    assert after.prices.slots[0].start.tzinfo is UTC
    later = grant(SPOT, after, SetMode("garage", "off"), NOW)
    assert isinstance(later, Settings)
    assert later.prices is after.prices


@pytest.mark.parametrize(
    ("rules", "intent", "code", "words"),
    [
        (
            RULES,
            PutPrices("awattar-at", (SLOT,)),
            "unsupported",
            "the tariff is none, which takes no prices ",
        ),
        (
            replace(RULES, tariff=TariffRules("static", "peak")),
            PutPrices("static", (SLOT,)),
            "unsupported",
            "the tariff is static, which takes no prices from outside",
        ),
        (SPOT, PutPrices("file", (SLOT,)), "bad_value", "the prices are of 'file', the tariff is awattar-at"),
        (SPOT, PutPrices("awattar-at", ()), "bad_value", "prices: 0 slots; there must be 1 to 700"),
        (
            SPOT,
            PutPrices("awattar-at", (SLOT, SLOT)),
            "bad_value",
            "prices: slot 2 begins at 2026-11-21T12:00+01:00, before the one before it has ended",
        ),
    ],
)
def test_prices_that_cannot_be_meant_are_refused(
    rules: Rules, intent: PutPrices, code: str, words: str
) -> None:
    refusal = grant(rules, BEFORE, intent, NOW)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.text[: len(words)]) == (code, words)


HOUR = timedelta(hours=1)
TARGET = Target(WALL + 6 * HOUR, 80.0)
UNSURE = Instant(0.0, WALL, trusted=False)


def granted(intent: Intent, before: Settings = BEFORE, now: Instant = NOW, rules: Rules = RULES) -> Settings:
    after = grant(rules, before, intent, now)
    assert isinstance(after, Settings), after
    return after


def refused(intent: Intent, before: Settings = BEFORE, now: Instant = NOW, rules: Rules = RULES) -> Refusal:
    refusal = grant(rules, before, intent, now)
    assert isinstance(refusal, Refusal), refusal
    return refusal


def test_a_whole_record_of_orders_replaces_the_former_one() -> None:
    """API-102: what it leaves out is cleared; a running boost is kept (CHG-120)."""
    boosted = granted(SetBoost("yard", 600.0), BEFORE)
    orders = ChargerSettings("min_surplus_target", 12.0, TARGET, True, 25.0, True, "zoe")
    after = granted(SetCharging("yard", orders), boosted)
    assert after.charger("yard") == replace(orders, boost=Boost(WALL, 600.0))
    cleared = granted(SetCharging("yard", ChargerSettings("fast", 32.0)), after).charger("yard")
    assert cleared == ChargerSettings("fast", 32.0, boost=Boost(WALL, 600.0))


def test_a_deadline_is_kept_in_utc() -> None:
    deadline = datetime(2026, 6, 22, 7, tzinfo=ZoneInfo("Europe/Berlin"))
    orders = ChargerSettings("surplus_target", 16.0, Target(deadline))
    target = granted(SetCharging("garage", orders)).charger("garage").target
    assert target == Target(deadline)
    assert target.deadline.tzinfo is UTC


@pytest.mark.parametrize(
    ("orders", "code", "words"),
    [
        (ChargerSettings("surplus_target", 16.0), "bad_value", "surplus_target needs a target; garage has"),
        (ChargerSettings("fast", 32.0), "bad_value", "garage takes 6 to 16 A, not 32 A"),
        (ChargerSettings(user_max_a=cast(float, "6")), "bad_value", "garage takes 6 to 16 A, not '6' A"),
        (ChargerSettings(user_max_a=cast(float, True)), "bad_value", "garage takes 6 to 16 A, not True A"),
        (ChargerSettings(user_max_a=10**400), "bad_value", "garage takes 6 to 16 A, not a huge number A"),
        (ChargerSettings("fast", 16.0, cheap_pct=101), "bad_value", "garage: cheap_pct is 0 to 100 %, not 1"),
        (ChargerSettings("fast", 16.0, cheap=cast(bool, 1)), "bad_value", "garage: cheap is true or fals"),
        (ChargerSettings("fast", 16.0, off_peak=cast(bool, None)), "bad_value", "garage: off_peak is true"),
        (ChargerSettings("fast", 16.0, vehicle="bus"), "unknown_name", "there is no vehicle 'bus'; known: l"),
        (ChargerSettings("fast", 16.0, vehicle=cast(str, None)), "missing", "no vehicle is named"),
        (ChargerSettings("fast", 16.0, lines=cast(Literal[1], 2)), "bad_value", "garage: charges on 1 or 3"),
        (ChargerSettings("fast", 16.0, cast(Target, "soon")), "bad_value", "garage: 'soon' is no target"),
        (cast(ChargerSettings, {"mode": "fast"}), "bad_value", "a dict is no record of orders"),
    ],
)  # fmt: skip
def test_one_mistake_refuses_the_whole_record(orders: ChargerSettings, code: str, words: str) -> None:
    """API-101: nothing is changed."""
    refusal = refused(SetCharging("garage", orders))
    assert (refusal.code, refusal.text[: len(words)]) == (code, words)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (replace(TARGET, deadline=WALL), "the deadline has passed; name a later one, or days on which"),
        (replace(TARGET, deadline=WALL + 367 * 24 * HOUR), "the deadline is more than 366 days ahead"),
        (
            replace(TARGET, deadline=WALL + 367 * 24 * HOUR, repeat_days=(1,)),
            "the deadline is more than 366 days ahead",
        ),
        (replace(TARGET, deadline=datetime(2027, 1, 1)), "deadline: the time lacks its offset from UTC"),
        (replace(TARGET, deadline=datetime.max.replace(tzinfo=UTC)), "deadline: the year 9999 is not bel"),
        (
            replace(TARGET, deadline=datetime.min.replace(tzinfo=UTC)),
            "deadline: the year 1 is not believable",
        ),
        (replace(TARGET, deadline=cast(datetime, 7)), "deadline: 7 is no time"),
        (replace(TARGET, target_pct=100.5), "target_pct is 0 to 100 %, not 100.5 %"),
        (replace(TARGET, target_pct=nan), "target_pct is 0 to 100 %, not nan %"),
        (replace(TARGET, energy_wh=0.0), "energy_wh is 1 to 250000 Wh, not 0 Wh"),
        (replace(TARGET, energy_wh=inf), "energy_wh is 1 to 250000 Wh, not inf Wh"),
        (replace(TARGET, repeat_days=(1, 1)), "repeat_days are 1 (Monday) to 7, each once"),
        (replace(TARGET, repeat_days=(0,)), "repeat_days are 1 (Monday) to 7, each once"),
        (replace(TARGET, repeat_days=cast(tuple[int, ...], [1])), "repeat_days are 1 (Monday) to 7, each"),
        (replace(TARGET, one_piece=cast(bool, "yes")), "one_piece is true or false, not 'yes'"),
        (replace(TARGET, precondition_s=7201.0), "precondition_s is 0 to 7200 s, not 7201 s"),
        (replace(TARGET, precondition_s=-1.0), "precondition_s is 0 to 7200 s, not -1 s"),
    ],
)
def test_a_target_that_cannot_be_reached_is_refused(target: Target, words: str) -> None:
    """CHG-94, API-101."""
    refusal = refused(SetCharging("garage", ChargerSettings("surplus_target", 16.0, target)))
    assert refusal.code == "bad_value"
    assert refusal.text.removeprefix("garage: ")[: len(words)] == words


def test_a_deadline_may_have_passed_where_it_comes_again_or_nobody_knows_the_time() -> None:
    """CHG-94, API-101."""
    past = replace(TARGET, deadline=WALL - HOUR)
    orders = ChargerSettings("surplus_target", 16.0, past)
    weekly = replace(orders, target=replace(past, repeat_days=(1, 7)))
    assert granted(SetCharging("garage", weekly)).charger("garage") == weekly
    assert granted(SetCharging("garage", orders), now=UNSURE).charger("garage") == orders


def test_a_target_that_has_passed_does_not_stand_in_the_way_of_other_orders() -> None:
    """What was valid when it was told is judged again only when it is to be aimed at anew."""
    past = replace(TARGET, deadline=WALL - HOUR)
    aimed = Settings({"garage": ChargerSettings("surplus_target", 16.0, past)})
    slower = replace(aimed.charger("garage"), cheap=True)
    assert granted(SetCharging("garage", slower), aimed).charger("garage").cheap
    plain = granted(SetMode("garage", "fast"), aimed)
    assert refused(SetMode("garage", "min_surplus_target"), plain).text.startswith("garage: the deadline has")
    assert granted(SetMode("garage", "min_surplus_target"), plain, UNSURE).charger("garage").target == past


def test_aimed_modes_need_a_target() -> None:
    refusal = refused(SetMode("yard", "min_surplus_target"))
    assert flat(refusal) == Refusal("bad_value", "min_surplus_target needs a target; yard has none")
    aimed = Settings({"yard": ChargerSettings("fast", 20.0, TARGET)})
    assert granted(SetMode("yard", "surplus_target"), aimed).charger("yard").mode == "surplus_target"


def test_lines_are_switched_only_where_something_switches_them() -> None:
    """CHG-22."""
    assert granted(SetLines("garage", 1)).charger("garage").lines == 1
    assert granted(SetLines("yard", None)).charger("yard").lines is None
    assert flat(refused(SetLines("yard", 3))) == Refusal(
        "unsupported", "yard has nothing that switches its lines"
    )


def test_a_boost_begins_is_replaced_and_ends() -> None:
    """CHG-120: for a time, for an energy, or for whichever comes first; at a time nobody knows, too."""
    timed = granted(SetBoost("yard"))
    assert timed.charger("yard").boost == Boost(WALL, 3600.0)
    fed = granted(SetBoost("yard", None, 5_000.0), timed, UNSURE)
    assert fed.charger("yard").boost == Boost(None, None, 5_000.0, UNSURE.mono_s)
    ended = granted(SetBoost("yard", None, None), fed)
    assert ended == BEFORE
    assert granted(SetBoost("yard", None, None), ended) == BEFORE


@pytest.mark.parametrize(
    ("intent", "code", "words"),
    [
        (SetBoost("yard", 30.0), "bad_value", "yard: a boost lasts 1 to 480 min, not 0.5 min"),
        (SetBoost("yard", 28_860.0), "bad_value", "yard: a boost lasts 1 to 480 min, not 481 min"),
        (SetBoost("yard", nan), "bad_value", "yard: a boost lasts 1 to 480 min, not nan min"),
        (SetBoost("yard", None, 0.0), "bad_value", "yard: a boost takes 1 to 250000 Wh, not 0 Wh"),
        (SetBoost("yard", 60.0, 250_001.0), "bad_value", "yard: a boost takes 1 to 250000 Wh, not 250001 Wh"),
        (SetBoost("", 60.0), "missing", "no charger is named"),
        (SetBoost("barn"), "unknown_name", "there is no charger 'barn'; known: garage, yard"),
    ],
)
def test_a_boost_that_cannot_be_meant_is_refused(intent: SetBoost, code: str, words: str) -> None:
    assert flat(refused(intent)) == Refusal(code, words)


def test_a_charger_that_is_switched_off_is_not_boosted() -> None:
    """Off stays off until somebody chooses a mode; an end is taken at any time."""
    off = Settings({"yard": ChargerSettings("off", 20.0, boost=Boost(WALL, 60.0))})
    assert flat(refused(SetBoost("yard"), off)) == Refusal(
        "not_now", "yard is switched off; choose a mode first"
    )
    assert granted(SetBoost("yard", None), off).charger("yard").boost is None


def test_what_is_said_about_a_car_adds_up() -> None:
    """CHG-90: a level is of the time at which it was told, and stays so when another figure changes."""
    after = granted(SetVehicle("zoe", level_pct=40.0, capacity_wh=52_000.0))
    assert after.vehicles == {"zoe": VehicleSettings(40.0, WALL, 52_000.0)}
    later = granted(SetVehicle("zoe", max_a=16.0, lines=2), after, Instant(9.0, WALL + HOUR, trusted=True))
    assert later.vehicles["zoe"] == VehicleSettings(40.0, WALL, 52_000.0, 16.0, 2)
    unsure = granted(SetVehicle("zoe", level_pct=50.0), later, UNSURE)
    assert unsure.vehicles["zoe"] == VehicleSettings(50.0, None, 52_000.0, 16.0, 2)


def test_a_car_stands_at_one_charger() -> None:
    after = granted(SetVehicle("zoe", charger="yard"))
    assert after.charger("yard") == replace(BEFORE.charger("yard"), vehicle="zoe")
    assert after.vehicles == {"zoe": VehicleSettings()}
    moved = granted(SetVehicle("zoe", charger="garage"), after)
    assert (moved.charger("yard").vehicle, moved.charger("garage").vehicle) == ("", "zoe")
    back = granted(SetCharging("yard", ChargerSettings("fast", 20.0, vehicle="zoe")), moved)
    assert (back.charger("yard").vehicle, back.charger("garage").vehicle) == ("zoe", "")


@pytest.mark.parametrize(
    ("intent", "code", "words"),
    [
        (SetVehicle(""), "missing", "no vehicle is named"),
        (SetVehicle("bus", 50.0), "unknown_name", "there is no vehicle 'bus'; known: leaf, zoe"),
        (SetVehicle("zoe", charger="barn"), "unknown_name", "there is no charger 'barn'; known: garage"),
        (SetVehicle("zoe"), "missing", "nothing is said about zoe"),
        (SetVehicle("zoe", level_pct=100.1), "bad_value", "zoe: level_pct is 0 to 100 %, not 100.1 %"),
        (SetVehicle("zoe", capacity_wh=999.0), "bad_value", "zoe: capacity_wh is 1000 to 250000 Wh, not 99"),
        (SetVehicle("zoe", max_a=5.0), "bad_value", "zoe: max_a is 6 to 80 A, not 5 A"),
        (SetVehicle("zoe", lines=cast(Literal[3], 4)), "bad_value", "zoe: charges on 1, 2 or 3 lines, not 4"),
        (SetHeatPump("pump", "forced"), "unknown_name", "there is no heat pump with contacts 'pump'"),
        (SetHeatPump("heat", cast(Sg, "hot")), "bad_value", "'hot' is no state; states: normal, recom"),
        (SetHeatPump("heat", "locked", 59.0), "bad_value", "heat is held for 60 to 86400 s, not 59 s"),
        (SetSetting("", 1.0), "missing", "no setting is named"),
        (SetSetting("reserve", 1.0), "unknown_name", "there is no setting 'reserve'; known: acq"),
        (SetSetting("acquisition_tolerance", 1.1), "bad_value", "acquisition_tolerance is 0 to 1, not 1.1"),
        (SetSetting("battery_level_consideration", nan), "bad_value", "battery_level_consideration is 0 to"),
        (SetSetting("line_limit_a", 25.5), "bad_value", "line_limit_a is 0 or 6 to 25 A, not 25.5 A"),
        (SetSetting("line_limit_a", 5.0), "bad_value", "line_limit_a is 0 or 6 to 25 A, not 5 A"),
        (ProveLines("barn"), "unknown_name", "there is no charger 'barn'; known: garage, yard"),
        (ProveRelay(""), "missing", "no charger is named"),
        (ProveRelay("yard"), "unsupported", "yard has no relay to test"),
        (Acknowledge(""), "missing", "no alarm is named"),
    ],
)  # fmt: skip
def test_every_other_intent_is_judged(intent: Intent, code: str, words: str) -> None:
    refusal = refused(intent)
    assert (refusal.code, refusal.text[: len(words)]) == (code, words)


ERRANDS = [ProveLines("yard"), ProveRelay("garage"), ProveDim(), Acknowledge("stuck.yard")]


@pytest.mark.parametrize("intent", ERRANDS)
def test_an_errand_leaves_the_settings_as_they_are(intent: Intent) -> None:
    """Whether the alarm is raised, and whether it may be done now, the rules know."""
    assert grant(RULES, BEFORE, intent, NOW) is BEFORE


def test_without_a_contact_of_the_grid_operator_none_is_tested() -> None:
    """PNL-67."""
    assert refused(ProveDim(), rules=replace(RULES, dim=None)).code == "unsupported"


def test_an_alarm_that_cannot_be_is_refused_in_words() -> None:
    """CHG-61: whoever mistypes it hears of it."""
    refusal = refused(Acknowledge("stuck.yrad"))
    assert flat(refusal) == Refusal(
        "unknown_name", "there is no alarm 'stuck.yrad'; known: stuck.garage, stuck.yard"
    )


def test_figures_of_the_rules_are_chosen_by_name() -> None:
    """API-107: a line's limit is none or a current up to the largest fuse."""
    after = granted(SetSetting("line_limit_a", 16), granted(SetSetting("acquisition_tolerance", 0)))
    assert after.chosen == {"acquisition_tolerance": 0.0, "line_limit_a": 16.0}
    assert granted(SetSetting("line_limit_a", 0), after).chosen["line_limit_a"] == 0.0
    uneven = replace(RULES, fuse_a=(16.0, 35.0, 25.0))
    assert granted(SetSetting("line_limit_a", 35.0), rules=uneven).chosen == {"line_limit_a": 35.0}


def test_the_operator_limits_by_message_until_a_named_end() -> None:
    """CHG-121: within 24 h, while the time is known; it may be lifted at any time."""
    limited = granted(SetOperatorLimit(4_200.0, WALL + HOUR))
    assert limited.operator == OperatorLimit(4_200.0, WALL + HOUR)
    assert granted(SetOperatorLimit(0, WALL + 24 * HOUR), limited).operator == OperatorLimit(
        0.0, WALL + 24 * HOUR
    )
    assert granted(SetOperatorLimit(None), limited, UNSURE).operator is None


@pytest.mark.parametrize(
    ("intent", "code", "words"),
    [
        (SetOperatorLimit(4_200.0), "missing", "a limit needs an end"),
        (SetOperatorLimit(-1.0, WALL + HOUR), "bad_value", "a limit is 0 to 1000000 W, not -1 W"),
        (SetOperatorLimit(nan, WALL + HOUR), "bad_value", "a limit is 0 to 1000000 W, not nan W"),
        (SetOperatorLimit(1.0, WALL), "bad_value", "a limit ends within the next 24 hours"),
        (SetOperatorLimit(1.0, WALL + 25 * HOUR), "bad_value", "a limit ends within the next 24 hours"),
        (
            SetOperatorLimit(1.0, datetime(2026, 6, 21, 13)),
            "bad_value",
            "the end of the limit: the time lacks",
        ),
    ],
)
def test_a_limit_that_cannot_be_meant_is_refused(intent: Intent, code: str, words: str) -> None:
    refusal = refused(intent)
    assert (refusal.code, refusal.text[: len(words)]) == (code, words)


def test_a_limit_needs_an_operator_and_the_time() -> None:
    intent = SetOperatorLimit(4_200.0, WALL + HOUR)
    assert refused(intent, now=UNSURE).code == "not_now"
    assert refused(intent, rules=replace(RULES, dim=None)).code == "unsupported"
    assert refused(SetOperatorLimit(None), rules=replace(RULES, dim=None)).code == "unsupported"


def test_a_heat_pump_is_told_by_hand_for_a_while() -> None:
    """CHG-122: two hours unless said otherwise, then it is the rules' again."""
    told = granted(SetHeatPump("heat", "forced"))
    assert told.heat_pumps == {"heat": SgByHand("forced", WALL + 2 * HOUR, 7_200.0)}
    unsure = granted(SetHeatPump("heat", "forced", 60), told, UNSURE)
    assert unsure.heat_pumps == {"heat": SgByHand("forced", None, 60.0, UNSURE.mono_s)}
    assert granted(SetHeatPump("heat", None), told).heat_pumps == {}
    assert granted(SetHeatPump("heat", None)).heat_pumps == {}


def test_another_provider_is_chosen_and_its_prices_are_taken() -> None:
    """API-106: those of the former one are forgotten, and nobody else's are believed."""
    known = granted(PutPrices("awattar-at", (SLOT,)), rules=SPOT)
    same = granted(SetTariff(False), known, rules=SPOT)
    assert same.prices is known.prices
    assert same.tariff == TariffChoice("", enabled=False)
    other = granted(SetTariff(True, "awattar-de"), known, rules=SPOT)
    assert (other.tariff, other.prices) == (TariffChoice("awattar-de"), None)
    assert refused(PutPrices("awattar-at", (SLOT,)), other, rules=SPOT).code == "bad_value"
    put = granted(PutPrices("awattar-de", (SLOT,)), other, rules=SPOT)
    assert put.prices == Prices("awattar-de", (SLOT,))
    assert granted(SetTariff(True, ""), put, rules=SPOT).prices is None
    assert granted(SetTariff(True, "awattar-de"), put, rules=SPOT).prices is put.prices


def test_a_house_without_a_tariff_may_choose_one() -> None:
    """API-106: enabling without a provider now or before lacks one."""
    assert refused(SetTariff(True)).code == "missing"
    assert granted(SetTariff(False)).tariff == TariffChoice("", enabled=False)
    chosen = granted(SetTariff(True, "optimizer"))
    assert granted(PutPrices("optimizer", (SLOT,)), chosen).prices == Prices("optimizer", (SLOT,))
    assert refused(SetTariff(True, "static")).code == "bad_value", "there are no windows"
    assert refused(PutPrices("awattar-at", (SLOT,))).code == "unsupported"


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**5000),
    st.floats(),
    st.text(max_size=40),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.lists(st.integers(), max_size=2),
    st.sampled_from(["garage", "yard", "zoe", "heat", "fast", "line_limit_a", TARGET, 16.0, 600.0]),
)
INTENTS = [
    SetMode, SetUserMax, SetLines, SetBoost, SetVehicle, SetOperatorLimit, SetHeatPump, SetSetting,
    ProveLines, ProveRelay, Acknowledge, SetTariff,
]  # fmt: skip


@st.composite
def junk(draw: st.DrawFn) -> Intent:
    """An intent with anything in its fields; half of the records know a charger."""
    if draw(st.booleans()):
        of: dict[str, Any] = {field.name: draw(JUNK) for field in fields(ChargerSettings)}
        if draw(st.booleans()):
            of["target"] = Target(**{field.name: draw(JUNK) for field in fields(Target)})
        return SetCharging(draw(st.sampled_from(["garage", "yard", "barn"])), ChargerSettings(**of))
    kind: Any = draw(st.sampled_from(INTENTS))
    asked: dict[str, Any] = {field.name: draw(JUNK) for field in fields(kind)}
    return cast(Intent, kind(**asked))


@settings(max_examples=400, deadline=None)
@given(junk(), st.booleans())
def test_whatever_is_asked_gets_valid_settings_or_one_sentence(intent: Intent, trusted: bool) -> None:
    """Law 10: nothing raises, and what was granted needs no repair."""
    before = completed(RULES, BEFORE).settings
    verdict = grant(RULES, before, intent, replace(NOW, trusted=trusted))
    if isinstance(verdict, Refusal):
        assert verdict.code in ("missing", "unknown_name", "bad_value", "unsupported", "not_now")
        assert 5 < len(verdict.text) < 200
        assert "\n" not in verdict.text
    else:
        assert completed(RULES, verdict) == (verdict, ())


@pytest.mark.parametrize("alarm", ["grid_meter_silent", "charger_fault.garage", "switch_locked_out.garage"])
def test_every_kind_of_alarm_may_be_acknowledged(alarm: str) -> None:
    """PNL-48."""
    assert grant(RULES, Settings(), Acknowledge(alarm), NOW) == Settings()


@pytest.mark.parametrize("alarm", ["", "no_such_alarm", "stuck", "grid_meter_silent_", "stuck.yrad"])
def test_an_alarm_that_cannot_be_is_refused(alarm: str) -> None:
    assert isinstance(grant(RULES, Settings(), Acknowledge(alarm), NOW), Refusal)
