"""Stuck contactors and tests of relays, through all rules."""

from dataclasses import replace
from datetime import timedelta

from hems.core import hand
from hems.core.memory import fresh
from hems.model.intents import Acknowledge, Errand, ProveRelay
from hems.model.ledger import Event
from hems.model.lessons import Lesson
from tests.core.bench import RELAY, WALL, Bench, Car, bench, charging

TESTED = replace(RELAY, relay_name="r", relay_test=True)


def told(house: Bench, seconds: int) -> list[tuple[str, str]]:
    """Kinds and keys of the events of so many seconds."""
    seen: list[Event] = []
    for _ in range(seconds):
        seen += house.step().events
    return [(event.kind, event.key) for event in seen]


def ask(house: Bench, errand: Errand) -> tuple[Event, ...]:
    house.errands.append(errand)
    return house.step().events


def stuck() -> Bench:
    """A house whose contactor has just been found stuck."""
    house = charging(bench(charger=RELAY))
    house.cars["garage"].stuck_a = 16.0
    house.order("off")
    assert ("alarm_raised", "stuck.garage") in told(house, 40)
    return house


def test_a_stuck_contactor_is_one_alarm_and_a_lesson() -> None:
    """CHG-61."""
    house = charging(bench(charger=RELAY))
    house.cars["garage"].stuck_a = 16.0
    house.order("off")
    found_s = house.until(lambda: bool(house.decision.events), 40)
    assert house.decision.events == (Event("alarm_raised", "stuck.garage", WALL, {"current_a": 16.0}),)
    assert 20 <= found_s <= 23, "0 A acknowledged for 10 s, then 10 s more with the relay open"
    assert house.decision.lessons["ev1"].stuck
    assert house.one().why.code == "stuck_contactor"
    assert not house.decision.command.chargers["garage"].relay_closed
    assert told(house, 60) == []


def test_it_is_kept_while_current_flows_and_released_by_a_person() -> None:
    """CHG-61: latched; afterwards everything begins safe."""
    house = stuck()
    (kept,) = ask(house, Acknowledge("stuck.garage"))
    assert (kept.kind, kept.key, kept.figures) == ("alarm_kept", "stuck.garage", {"current_a": 16.0})
    house.cars["garage"].stuck_a = None
    assert told(house, 30) == []
    assert house.one().why.code == "stuck_contactor"
    assert ask(house, Acknowledge("stuck.other")) == ()
    (cleared,) = ask(house, Acknowledge("stuck.garage"))
    assert (cleared.kind, cleared.key) == ("alarm_cleared", "stuck.garage")
    assert house.memory.chargers["garage"].hand.stage is hand.Stage.SAFE
    assert not house.memory.chargers["garage"].lesson.stuck
    house.order("fast")
    charging(house)


def test_a_charger_that_cannot_be_heard_is_not_released() -> None:
    """CHG-61: unknown current is current."""
    house = stuck()
    car = house.cars["garage"]
    car.stuck_a, car.answers, car.measured = None, False, False
    house.run(5)
    (kept,) = ask(house, Acknowledge("stuck.garage"))
    assert (kept.kind, kept.figures) == ("alarm_kept", {})


def test_it_outlives_the_run() -> None:
    """CHG-61, CHG-3: no second alarm, no current, and the relay stays open."""
    house = bench(charger=RELAY)
    house.memory = fresh(house.rules, {"ev1": Lesson(stuck=True)})
    assert told(house, 90) == []
    assert house.told_a() == 0.0
    assert house.one().why.code == "stuck_contactor"
    assert not house.decision.command.chargers["garage"].relay_closed


def parked() -> Bench:
    """A house with nobody at its charger, held over Modbus."""
    house = bench(charger=TESTED, car=Car(status="A"))
    house.until(lambda: house.decision.command.chargers["garage"].relay_closed, 30)
    return house


def test_the_relay_is_tested_when_asked_for() -> None:
    """CHG-60: open for 10 s, then closed, told with its figures and remembered."""
    house = parked()
    house.wall = WALL + timedelta(seconds=7)
    closed = []
    ask(house, ProveRelay("garage"))
    for _ in range(12):
        closed.append(house.decision.command.chargers["garage"].relay_closed)
        if house.decision.events:
            break
        house.step()
    assert closed == [False] * 10 + [True]
    (tested,) = house.decision.events
    assert tested.kind == "relay_tested"
    assert (tested.key, tested.figures) == ("garage", {"verdict": "passed", "current_a": 0.0})
    assert house.decision.lessons["ev1"].relay_tested == house.wall


def test_a_relay_that_does_not_follow_is_an_alarm_until_it_does() -> None:
    """CHG-60."""
    house = parked()
    house.relays = dict(house.relays)
    ask(house, ProveRelay("garage"))
    for _ in range(9):
        house.relays["r"] = True
        house.step()
    house.relays["r"] = True
    kinds = told(house, 1)
    assert kinds == [("relay_tested", "garage"), ("alarm_raised", "relay_test.garage")]
    assert house.decision.lessons["ev1"].relay_failed
    ask(house, ProveRelay("garage"))
    assert told(house, 10) == [("relay_tested", "garage"), ("alarm_cleared", "relay_test.garage")]
    assert not house.decision.lessons["ev1"].relay_failed


def test_a_relay_that_fails_again_is_one_alarm() -> None:
    house = parked()
    garage = replace(house.memory.chargers["garage"], lesson=Lesson(relay_failed=True))
    house.memory = replace(house.memory, chargers={"garage": garage})
    ask(house, ProveRelay("garage"))
    house.cars["garage"].stuck_a = 5.0
    assert told(house, 5) == [("relay_tested", "garage")]
    assert house.decision.lessons["ev1"].relay_failed


def test_a_charger_without_a_car_that_charges_fails() -> None:
    """CHG-60: it must say A and draw nothing."""
    house = parked()
    ask(house, ProveRelay("garage"))
    house.cars["garage"].status = "C"
    house.cars["garage"].measured = False
    kinds = told(house, 4)
    assert ("alarm_raised", "relay_test.garage") in kinds


def test_a_charger_that_falls_silent_with_its_relay_fails() -> None:
    """CHG-60: it must go on answering."""
    house = parked()
    ask(house, ProveRelay("garage"))
    house.cars["garage"].answers = False
    assert ("alarm_raised", "relay_test.garage") in told(house, 8)


def test_never_with_a_car_there() -> None:
    """CHG-60."""
    house = charging(bench(charger=TESTED))
    for _ in range(3):
        (refused,) = ask(house, ProveRelay("garage"))
        assert (refused.kind, refused.figures["verdict"]) == ("relay_tested", "refused")
        assert refused.figures["because"] == "car"
        assert house.decision.command.chargers["garage"].relay_closed
    assert told(house, 200) == []


def test_a_car_that_comes_ends_it_and_charges() -> None:
    """CHG-60: without a verdict."""
    house = parked()
    ask(house, ProveRelay("garage"))
    house.step()
    house.cars["garage"].status = "B"
    (ended,) = house.step().events
    assert (ended.figures["verdict"], ended.figures["because"]) == ("broken_off", "car")
    assert house.decision.command.chargers["garage"].relay_closed
    assert house.memory.chargers["garage"].lesson.relay_tested is None
    house.cars["garage"].status = "C"
    charging(house)


def test_by_itself_once_a_month() -> None:
    """CHG-60: within two minutes without a car, then not again."""
    house = parked()
    assert told(house, 90) == [("relay_tested", "garage")]
    assert told(house, 200) == []
    house.wall += timedelta(days=30)
    assert told(house, 90) == [("relay_tested", "garage")]


def test_a_charger_with_a_fault_is_not_tested_and_one_day_that_is_told() -> None:
    """CHG-60: 31 days after the last test; while the clock is not trusted nothing is due."""
    house = parked()
    assert told(house, 90) == [("relay_tested", "garage")]
    house.cars["garage"].status = "E"
    house.wall += timedelta(days=30)
    assert told(house, 90) == []
    house.wall += timedelta(days=1)
    house.trusted = False
    assert told(house, 9) == []
    house.trusted = True
    (due,) = house.step().events
    assert (due.kind, due.key, due.figures) == ("relay_test_due", "garage", {"because": "status"})
    assert told(house, 200) == []
    assert house.one().relay_test_due
    house.cars["garage"].status = "A"
    assert told(house, 90) == [("relay_tested", "garage")]
    assert not house.one().relay_test_due


def test_an_undated_test_is_told_but_not_remembered() -> None:
    house = parked()
    house.trusted = False
    ask(house, ProveRelay("garage"))
    assert told(house, 10) == [("relay_tested", "garage")]
    assert house.memory.chargers["garage"].lesson.relay_tested is None


def test_a_charger_without_a_relay_has_nothing_to_test() -> None:
    house = bench(car=Car(status="A"))
    house.run(10)
    assert ask(house, ProveRelay("garage")) == ()


def test_not_while_another_hand_or_nobody_sees_the_lines() -> None:
    """CHG-60: never during anything else."""
    house = parked()
    house.meter = False
    house.run(5)
    (refused,) = ask(house, ProveRelay("garage"))
    assert refused.figures["because"] == "meter"
    house = parked()
    house.cars["garage"].answers = False
    house.run(10)
    (refused,) = ask(house, ProveRelay("garage"))
    assert refused.figures["because"] == "hand"
