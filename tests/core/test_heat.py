"""Pumps in the queue for surplus: what they are told, what their contacts say, what they keep."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core import heat, meter, sg_ready
from hems.core.appliances import HeatPumpRules, SgReadyRules
from hems.core.heat import CONTACTS, Heat, Inputs, Offer, State, Taker, step, takers
from hems.core.rules import Rules
from hems.model.instant import Instant
from hems.model.intents import SetHeatPump
from hems.model.settings import Sg, SgByHand
from hems.model.snapshot import HeatPumpReading
from hems.model.why import Reason
from tests.core.bench import FUSE_A
from tests.core.reasons import heat_w

WALL = datetime(2026, 6, 21, 12, 0, tzinfo=UTC)
TOLD = Rules(FUSE_A, heat_pumps={"hp": HeatPumpRules(surplus="positive")})
SIGNALLED = Rules(FUSE_A, sg_ready={"sg": SgReadyRules(("one", "two"), heat_pump="hp", forced_w=6000.0)})


class Play:
    """A house's pumps second by second."""

    def __init__(self, rules: Rules) -> None:
        self.rules, self.state, self.now_s = rules, State(), 0.0
        self.trust, self.dimmed, self.trusted = meter.Stage.GOOD, False, True
        self.orders: dict[str, SgByHand] = {}
        self.answers, self.reading = True, HeatPumpReading(0.0)
        self.heat = Heat({}, {}, {}, ())

    def run(self, seconds: int, left_w: float | None, awaited_w: float = 0.0) -> Heat:
        for _ in range(seconds):
            self.now_s += 1.0
            if self.answers:
                self.reading = replace(self.reading, at_mono_s=self.now_s)
            offers = (
                {} if left_w is None else dict.fromkeys(("hp", CONTACTS + "sg"), Offer(left_w, awaited_w))
            )
            inputs = Inputs(offers, self.trust, {"hp": self.reading}, self.orders, self.dimmed)
            now = Instant(self.now_s, WALL + timedelta(seconds=self.now_s), self.trusted)
            self.state, self.heat = step(self.rules, self.state, inputs, now, self.now_s)
        return self.heat

    def value_w(self, left_w: float | None, awaited_w: float = 0.0) -> float:
        return self.run(1, left_w, awaited_w).surplus_w["hp"]

    def code(self, name: str) -> str:
        return self.heat.decisions[name].why.code.value

    def sg(self) -> str | None:
        return self.heat.decisions["sg"].sg


@pytest.mark.parametrize(
    ("surplus", "own", "draw_w", "left_w", "value_w"),
    [
        ("positive", False, 800.0, 1500.0, 1500.0),
        ("negative", False, 800.0, 1500.0, -1500.0),
        ("positive", True, 800.0, 1500.0, 2300.0),
        ("negative", True, 800.0, -500.0, -300.0),
        ("positive", True, None, 1500.0, 1500.0),
        ("positive", True, nan, 1500.0, 1500.0),
        ("positive", True, -40.0, 1500.0, 1500.0),
        ("positive", False, 800.0, 0.0, 0.0),
        ("negative", False, 800.0, -700.0, 0.0),
    ],
)
def test_the_value_has_its_sign_and_the_pumps_own_draw_or_not(
    surplus: str, own: bool, draw_w: float | None, left_w: float, value_w: float
) -> None:
    """CHG-100."""
    pump = HeatPumpRules(surplus="negative" if surplus == "negative" else "positive", with_own_draw=own)
    play = Play(Rules(FUSE_A, heat_pumps={"hp": pump}))
    play.reading = HeatPumpReading(0.0, power_w=draw_w)
    told = play.run(1, left_w)
    assert str(told.surplus_w["hp"]) == str(value_w), "no negative zero"
    assert told.decisions["hp"].surplus_w == value_w
    assert heat_w(told.decisions["hp"].why) == abs(value_w)


def test_a_pump_that_is_not_told_is_not_named() -> None:
    heat = Play(Rules(FUSE_A, heat_pumps={"hp": HeatPumpRules()})).run(1, 5000.0)
    assert heat == Heat({}, {}, {}, ())


def test_a_cloud_is_no_drop_to_zero() -> None:
    """CHG-100: the last value stays for the longest time between two writes."""
    play = Play(TOLD)
    assert play.value_w(2000.0) == 2000.0
    assert [play.value_w(-100.0) for _ in range(59)] == [2000.0] * 59
    assert play.code("hp") == "stop_delay"
    assert play.heat.decisions["hp"].why.figures["seconds_left"] == 1.0
    assert play.value_w(-100.0) == 0.0
    assert play.code("hp") == "surplus_low"
    assert play.value_w(300.0) == 300.0


def test_a_surplus_nobody_knows_just_now_is_the_last_one() -> None:
    play = Play(TOLD)
    play.value_w(2000.0)
    play.trust = meter.Stage.REDUCED
    assert play.value_w(None) == 2000.0


@pytest.mark.parametrize(
    ("trust", "reason"),
    [(meter.Stage.LOST, Reason.METER_LOST), (meter.Stage.WAITING, Reason.WAITING_TWO_READINGS)],
)
def test_without_the_grid_meter_the_value_is_zero_at_once(trust: meter.Stage, reason: Reason) -> None:
    """CHG-100 and the loss matrix; what was told before counts for nothing."""
    play = Play(TOLD)
    play.value_w(2000.0)
    play.trust = trust
    assert play.value_w(2000.0) == 0.0
    assert play.heat.decisions["hp"].why.code is reason
    play.trust = meter.Stage.GOOD
    assert play.value_w(-1.0) == 0.0


def test_a_pump_that_is_lost_hears_zero_when_it_returns() -> None:
    """The loss matrix: the value waits for it, whatever the sun does."""
    play = Play(TOLD)
    play.value_w(2000.0)
    play.answers = False
    assert play.run(10, 2000.0).surplus_w["hp"] == 2000.0
    assert play.value_w(2000.0) == 0.0
    assert play.heat.decisions["hp"].why.text == "heat pump silent"
    play.answers = True
    assert play.value_w(2000.0) == 2000.0
    never = step(
        TOLD, State(), Inputs({"hp": Offer(9.0)}, play.trust, {}, {}, False), Instant(1.0, WALL), 1.0
    )
    assert never[1].surplus_w == {"hp": 0.0}


def test_a_car_in_front_that_waits_is_left_its_start() -> None:
    """CHG-102: only where the pump giving way would make it one."""
    assert Offer(500.0, 2070.0).with_draw(1000.0) == 1500.0
    assert Offer(500.0, 2070.0).with_draw(2000.0) == 430.0
    play = Play(TOLD)
    play.reading = HeatPumpReading(0.0, power_w=2000.0)
    play.run(61, 500.0, 2070.0)
    assert play.heat.surplus_w == {"hp": 0.0}
    assert play.value_w(500.0, 3000.0) == 500.0


def test_contacts_of_every_state() -> None:
    """CHG-101: contact 1 locks, contact 2 recommends, both force, none is the safe position."""
    play = Play(SIGNALLED)
    seen: dict[str | None, dict[str, bool]] = {}
    states: tuple[Sg, ...] = ("normal", "recommended", "forced", "locked")
    for state in states:
        play.orders = {"sg": SgByHand(state, WALL + timedelta(hours=9))}
        heat = play.run(700, 0.0)
        seen[play.sg()] = dict(heat.relays)
    assert seen == {
        "normal": {"one": False, "two": False},
        "recommended": {"one": False, "two": True},
        "forced": {"one": True, "two": True},
        "locked": {"one": True, "two": False},
    }


def test_the_sun_and_the_pumps_own_draw_decide() -> None:
    """CHG-101: what it draws itself is surplus for it; the compressor's state says whether it runs."""
    play = Play(SIGNALLED)
    play.reading = HeatPumpReading(0.0, power_w=0.0, compressor_rating=0)
    assert play.run(1000, 3100.0).decisions["sg"].sg == "recommended"
    play.reading = HeatPumpReading(0.0, power_w=2500.0, compressor_rating=8000)
    play.run(2000, 600.0)
    assert play.sg() == "recommended"
    assert play.heat.decisions["sg"].why.figures["offer_w"] == 3100.0
    play.run(301, 400.0)
    assert play.sg() == "normal"


@pytest.mark.parametrize(
    ("reading", "runs"),
    [
        (HeatPumpReading(0.0, compressor_rating=1, power_w=0.0), True),
        (HeatPumpReading(0.0, compressor_rating=0, power_w=900.0), False),
        (HeatPumpReading(0.0, power_w=200.0), True),
        (HeatPumpReading(0.0, power_w=199.0), False),
        (HeatPumpReading(0.0), None),
    ],
)
def test_whether_the_compressor_runs(reading: HeatPumpReading, runs: bool | None) -> None:
    play = Play(SIGNALLED)
    play.reading = reading
    play.run(1, 0.0)
    assert play.state.contacts["sg"].machine.running.value is runs


def test_without_a_pump_on_the_bus_it_is_taken_to_draw_what_it_may() -> None:
    """CHG-101: so the request ends when the house would import without it."""
    rules = Rules(FUSE_A, sg_ready={"sg": SgReadyRules(("one", "two"))})
    play = Play(rules)
    play.run(1000, 3000.0)
    assert play.sg() == "recommended"
    play.run(3000, 0.0)
    assert play.sg() == "recommended"
    play.run(300, -1.0)
    assert play.sg() == "recommended"
    play.run(2, -1.0)
    assert play.sg() == "normal"


def test_a_lost_pump_and_a_lost_meter_are_normal() -> None:
    """The loss matrix; a pump that nothing names cannot be lost."""
    play = Play(SIGNALLED)
    play.reading = HeatPumpReading(0.0, power_w=2500.0)
    play.run(1000, 3000.0)
    assert play.sg() == "recommended"
    play.answers = False
    play.run(11, 3000.0)
    assert (play.sg(), play.heat.decisions["sg"].why.code) == ("normal", Reason.CHARGER_LOST)
    play.answers, play.trust = True, meter.Stage.LOST
    play.run(1, None)
    assert play.heat.decisions["sg"].why.code is Reason.METER_LOST


def test_what_a_person_wants_ends_with_its_time() -> None:
    """CHG-122: then the settings are asked to forget it."""
    play = Play(SIGNALLED)
    play.orders = {
        "sg": SgByHand("forced", WALL + timedelta(seconds=700)),
        "nobody": SgByHand("locked", WALL),
    }
    play.reading = HeatPumpReading(0.0, power_w=0.0)
    play.run(601, 0.0)
    assert (play.sg(), play.heat.asks) == ("forced", ())
    assert play.heat.decisions["sg"].why.text == "by hand, 1:39 left"
    play.run(98, 0.0)
    assert play.heat.asks == ()
    assert play.run(1, 0.0).asks == (SetHeatPump("sg", None),)
    assert play.heat.decisions["sg"].why.code is not Reason.MANUAL_BOOST
    play.orders = {}
    assert play.run(1, 0.0).asks == ()


@pytest.mark.parametrize("until", [None, WALL + timedelta(days=9000)])
@pytest.mark.parametrize("trusted", [True, False])
def test_an_order_never_lasts_longer_than_its_length(until: datetime | None, trusted: bool) -> None:
    """CHG-122: from when this run first saw it, whatever the clock said when it was given."""
    play = Play(SIGNALLED)
    play.trusted = trusted
    play.orders = {"sg": SgByHand("locked", until, 7200.0)}
    play.run(7200, 0.0)
    assert (play.sg(), play.heat.asks) == ("locked", ())
    assert play.run(1, 0.0).asks == (SetHeatPump("sg", None),)
    play.orders = {"sg": SgByHand("locked", until, 7200.0, play.now_s)}
    assert play.run(1, 0.0).asks == ()
    play.orders = {"sg": SgByHand("locked", until, nan)}
    assert play.run(1, 0.0).asks == (SetHeatPump("sg", None),)
    play.orders = {"sg": SgByHand("locked", WALL + timedelta(seconds=play.now_s + 60))}
    assert play.run(1, 0.0).asks == ()
    assert play.run(60, 0.0).asks == (SetHeatPump("sg", None),)


def test_a_limit_of_the_operator_stands_above_a_person() -> None:
    """CHG-101, CHG-122."""
    play = Play(SIGNALLED)
    play.orders = {"sg": SgByHand("forced", WALL + timedelta(hours=5))}
    play.dimmed = True
    assert play.run(1, 9000.0).relays == {"one": True, "two": False}
    assert play.heat.decisions["sg"].why.text == "grid operator: locked"


def test_a_pump_with_contacts_and_a_value_has_one_decision() -> None:
    rules = replace(TOLD, sg_ready={"hp": SgReadyRules(("one", "two"), heat_pump="hp", priority=3)})
    play = Play(rules)
    decision = play.run(1, 700.0).decisions["hp"]
    assert (decision.sg, decision.surplus_w) == ("normal", 700.0)


def test_a_pump_that_is_asked_keeps_what_it_does_not_draw_yet() -> None:
    """CHG-102: for as long as a pump takes to follow; then it has what it draws."""
    rules = Rules(
        FUSE_A,
        heat_pumps={"hp": HeatPumpRules(surplus="positive", priority=2, power_w=2500.0)},
        sg_ready={"sg": SgReadyRules(("one", "two"), heat_pump="other", power_w=4000.0, priority=1)},
    )
    play = Play(rules)
    play.reading = HeatPumpReading(0.0, power_w=900.0)
    play.orders = {"sg": SgByHand("recommended", WALL + timedelta(hours=5))}
    readings = {"hp": HeatPumpReading(1.0, power_w=900.0), "other": HeatPumpReading(1.0, power_w=4100.0)}
    assert takers(rules, State(), readings, 1.0) == (Taker(CONTACTS + "sg", 1, 0.0), Taker("hp", 2, 0.0))
    machine = sg_ready.State(sg_ready.Stage.RECOMMENDED, 0.0)
    told = heat.Told(500.0, 1.0, heat.Told().asked.step(True, 0.0))
    state = State({"hp": told}, {"sg": heat.Contacts(machine)})
    kept = [{one.name: one.keeps_w for one in takers(rules, state, readings, now_s)} for now_s in (1.0, 99.0)]
    assert kept == [{CONTACTS + "sg": 0.0, "hp": 1600.0}, {CONTACTS + "sg": 4000.0, "hp": 2500.0}]
    assert [one.keeps_w for one in takers(rules, state, readings, 600.0)] == [0.0, 0.0]


def test_a_pump_with_contacts_and_a_value_keeps_only_once() -> None:
    rules = replace(TOLD, sg_ready={"sg": SgReadyRules(("one", "two"), heat_pump="hp", power_w=4000.0)})
    machine = sg_ready.State(sg_ready.Stage.FORCED, 0.0)
    told = heat.Told(500.0, 1.0, heat.Told().asked.step(True, 0.0))
    state = State({"hp": told}, {"sg": heat.Contacts(machine)})
    assert [one.keeps_w for one in takers(rules, state, {}, 1.0)] == [4000.0, 0.0]


figures = st.sampled_from([None, 0.0, 900.0, 1e12, -1.0, nan, inf, -inf])
cycles = st.lists(
    st.tuples(
        st.sampled_from([None, -800.0, 0.0, 700.0, 3500.0, 1e12, -1e12]),
        st.sampled_from(list(meter.Stage)),
        st.builds(
            HeatPumpReading,
            st.sampled_from([nan, inf, -inf, 0.0, 1.0, 400.0]),
            compressor_rating=st.sampled_from([None, 0, 10000]),
            power_w=figures,
        ),
        st.sampled_from(
            [None, *(SgByHand(sg, WALL + timedelta(seconds=400)) for sg in ("forced", "locked"))]
        ),
        st.booleans(),
        st.sampled_from([0.0, 1.0, 61.0, 700.0]),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(cycles, st.booleans())
def test_whatever_comes_every_pump_has_one_reason_that_says_what_it_is_told(
    story: list[tuple[float | None, meter.Stage, HeatPumpReading, SgByHand | None, bool, float]], own: bool
) -> None:
    """CHG-1, CHG-100, CHG-101: total; the reason gives the value; never a hand against a limit."""
    rules = replace(
        SIGNALLED, heat_pumps={"hp": HeatPumpRules(surplus="negative", with_own_draw=own, priority=1)}
    )
    state, now_s = State(), 0.0
    for left_w, trust, reading, order, dimmed, gap_s in story:
        now_s += gap_s
        assert all(one.keeps_w >= 0.0 for one in takers(rules, state, {"hp": reading}, now_s))
        offers = {} if left_w is None else dict.fromkeys(("hp", CONTACTS + "sg"), Offer(left_w, 2070.0))
        orders = {} if order is None else {"sg": order}
        inputs = Inputs(offers, trust, {"hp": reading}, orders, dimmed)
        state, told = step(rules, state, inputs, Instant(now_s, WALL, trusted=not own), now_s)
        decisions = told.decisions
        assert told.surplus_w["hp"] == -heat_w(decisions["hp"].why)
        assert told.surplus_w["hp"] <= 0.0
        assert (told.relays == {"one": True, "two": False}) or not dimmed
        assert all(len(one.why.text) <= 21 for one in decisions.values())
        if trust in (meter.Stage.LOST, meter.Stage.WAITING):
            assert told.surplus_w["hp"] == 0.0
            assert decisions["sg"].sg in ("normal", "locked")
