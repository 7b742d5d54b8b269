"""The cycle itself: order, missed ticks, intents, eyes that fail."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from hems.clock import ManualClock
from hems.core.count import CountRules
from hems.core.decide import decide
from hems.core.memory import Memory
from hems.core.rules import ChargerRules, DimRules, Rules, VehicleRules
from hems.model.decision import Command, Decision
from hems.model.instant import Instant
from hems.model.intents import (
    Acknowledge,
    Errand,
    Intent,
    ProveRelay,
    Refusal,
    SetBoost,
    SetCharging,
    SetMode,
    SetOperatorLimit,
    SetSetting,
    SetUserMax,
    SetVehicle,
)
from hems.model.ledger import Event, Ledger
from hems.model.settings import Boost, ChargerSettings, OperatorLimit, Settings, Target
from hems.model.snapshot import MeterReading, Snapshot
from hems.model.view import FieldHealth, Installed, JournalHealth, View
from hems.reactor import Reactor
from hems.supervisor import Rulebook, Supervisor


@dataclass
class Desk:
    """Wires, memory and watchdog that only note what happens to them, in order."""

    clock: ManualClock
    took_s: float = 0.3
    log: list[str] = field(default_factory=list)
    kept: list[Event] = field(default_factory=list)
    alarms: dict[str, str] = field(default_factory=dict)
    startled: bool = False

    def read(self, now: Instant) -> Snapshot:
        self.log.append("read")
        self.startled = False
        self.clock.advance(self.took_s)
        return Snapshot(now, grid=MeterReading(now.mono_s, 500.0, line_a=(1.0, 1.0, 0.2)))

    def act(self, command: Command, now: Instant) -> None:
        self.log.append("act")

    def safe(self, now: Instant) -> tuple[str, ...]:
        self.log.append("safe")
        return ()

    def keep(self, ledger: Ledger, settings: Settings, events: Sequence[Event], now: Instant) -> None:
        self.log.append("keep")
        self.kept.extend(events)

    def flush(self, now: Instant) -> None:
        self.log.append("flush")

    def cycle_completed(self) -> None:
        self.log.append("alive")

    def stopping(self) -> None:
        self.log.append("stopping")


class Wires(Desk):
    def health(self, now: Instant) -> FieldHealth:
        return FieldHealth()


class Card(Desk):
    def health(self, now: Instant) -> JournalHealth:
        return JournalHealth(alarms=self.alarms)


class Eye:
    def __init__(self, log: list[str]) -> None:
        self.views: list[View] = []
        self.refusals: list[Refusal] = []
        self.answers = 0
        self.broken = False
        self.pressed = 0
        self._log = log

    def show(self, view: View) -> None:
        self._log.append("show")
        self.views.append(view)
        if self.broken:
            raise ValueError("glass")

    def told(self, refusal: Refusal | None) -> None:
        self.answers += 1
        self.refusals += [refusal] if refusal else []
        if self.broken:
            raise ValueError("voice")

    def press(self) -> None:
        self.pressed += 1
        if self.broken:
            raise ValueError("key")


RULES = Rules((25.0, 25.0, 25.0), {"garage": ChargerRules()})


def supervise(took_s: float = 0.3) -> tuple[Supervisor, Wires, Eye]:
    clock = ManualClock(datetime(2026, 6, 21, 12, tzinfo=UTC))
    wires, reactor = Wires(clock, took_s), Reactor(clock)
    card = Card(clock, log=wires.log)
    eye = Eye(wires.log)
    supervisor = Supervisor(
        Rulebook(RULES, CountRules(), Installed("Home", RULES.fuse_a, {})),
        wires,
        card,
        wires,
        reactor,
        clock,
        ledger=Ledger(),
        settings=Settings(),
    )
    supervisor.eyes.append(eye)
    return supervisor, wires, eye


def test_a_cycle_reads_acts_keeps_shows_and_only_then_says_it_is_alive() -> None:
    supervisor, wires, _ = supervise()
    supervisor.run(lambda: len(wires.log) > 4)
    assert wires.log == ["read", "act", "keep", "show", "alive"]
    supervisor.stop()
    assert wires.log[5:] == ["stopping", "safe", "keep", "flush"]
    supervisor.loop.close()  # type: ignore[attr-defined]


def test_the_house_is_safe_before_anything_is_read() -> None:
    """CHG-3."""
    supervisor, wires, _ = supervise()
    supervisor.start()
    assert wires.log == ["safe", "read", "act", "keep", "show", "alive"]


def test_one_cycle_a_second() -> None:
    supervisor, _, eye = supervise()
    supervisor.run(lambda: False, supervisor.clock.mono_s() + 10)
    seconds = [view.now.mono_s for view in eye.views]
    assert len(seconds) == 10
    assert all(abs(later - earlier - 1.0) < 1e-6 for earlier, later in pairwise(seconds))
    assert eye.views[-1].health.cycle.overruns == 0
    assert eye.views[-1].health.cycle.p99_ms == pytest.approx(300)


def test_missed_ticks_are_counted_and_skipped_never_replayed() -> None:
    supervisor, _, eye = supervise(took_s=2.5)
    supervisor.run(lambda: False, supervisor.clock.mono_s() + 12)
    assert [round(view.now.mono_s - eye.views[0].now.mono_s) for view in eye.views] == [0, 3, 6, 9]
    assert eye.views[-1].health.cycle.overruns == 3


def test_intents_are_granted_in_order_or_refused_in_words() -> None:
    supervisor, _, eye = supervise()
    for intent in (SetMode("garage", "off"), SetMode("garage", "fast"), SetUserMax("garage", 99.0)):
        supervisor.put(intent, answer=eye.told)
    supervisor.run(lambda: bool(eye.views))
    assert supervisor.settings.charger("garage").mode == "fast"
    assert eye.answers == 3
    assert [refusal.code for refusal in eye.refusals] == ["bad_value"]
    assert "garage takes 6 to 16 A, not 99 A" in eye.refusals[0].text


@pytest.mark.parametrize("order", ["operator", "boost"])
def test_what_the_rules_ask_for_comes_before_what_came_meanwhile(
    order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CHG-120, CHG-121: the end of an order is not the end of the one that has just followed it."""
    supervisor, wires, _ = supervise()
    rules = replace(supervisor.rulebook.control, dim=DimRules("api"))
    supervisor.rulebook = replace(supervisor.rulebook, control=rules)
    begins = supervisor.clock.now().wall
    soon = begins + timedelta(seconds=3)
    former = ChargerSettings("surplus", boost=Boost(begins, 3.0))
    supervisor.settings = Settings({"garage": former}, operator=OperatorLimit(4_200.0, soon))
    read = wires.read
    renewed = (
        SetOperatorLimit(4_200.0, begins + timedelta(minutes=15))
        if order == "operator"
        else SetBoost("garage", 900.0)
    )

    def reading(now: Instant) -> Snapshot:
        snapshot = read(now)
        if now.wall >= soon and renewed not in given:
            given.append(renewed)
            supervisor.put(renewed, by="api")
        return snapshot

    given: list[Intent] = []
    monkeypatch.setattr(wires, "read", reading)
    supervisor.run(lambda: False, supervisor.clock.mono_s() + 6)
    assert given == [renewed]
    boost, limit = supervisor.settings.charger("garage").boost, supervisor.settings.operator
    assert (boost is not None and boost.seconds == 900.0) is (order == "boost")
    assert (limit is not None) is (order == "operator")


def test_the_order_among_what_the_rules_ask_for_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    asks = (SetMode("garage", "off"), SetMode("garage", "fast"))

    def asking(*args: Any) -> tuple[Memory, Decision]:
        memory, decision = decide(*args)
        return memory, replace(decision, asks=asks)

    monkeypatch.setattr("hems.supervisor.decide", asking)
    supervisor, _, _ = supervise()
    for _ in range(2):
        supervisor.cycle(supervisor.clock.now())
    assert supervisor.settings.charger("garage").mode == "fast"


def test_what_was_set_and_by_whom_is_kept() -> None:
    """JOURNAL section 9: settings changed by whom; the end of the service is told as well."""
    supervisor, _, eye = supervise()
    card = supervisor.journal
    assert isinstance(card, Card)
    supervisor.put(SetMode("garage", "fast"), by="api")
    supervisor.put(SetUserMax("garage", 99.0))
    supervisor.cycle(supervisor.clock.now())
    (told,) = [event for event in card.kept if event.kind == "setting"]
    assert (told.key, told.figures) == ("garage", {"by": "api", "mode": "fast"})
    assert told in eye.views[-1].events
    supervisor.stop()
    assert card.kept[-1].kind == "stopped"
    assert card.kept[-1].at == supervisor.clock.now().wall


def test_every_intent_is_remembered_in_plain_figures() -> None:
    """JOURNAL section 9, CHG-121: what it is about, by whom, and figures that a list can keep."""
    supervisor, _, _ = supervise()
    rules = replace(
        supervisor.rulebook.control,
        dim=DimRules("api"),
        vehicles={"zoe": VehicleRules()},
        chargers={"garage": ChargerRules(relay=True)},
    )
    supervisor.rulebook = replace(supervisor.rulebook, control=rules)
    later = supervisor.clock.now().wall + timedelta(hours=1)
    target = Target(later, repeat_days=(1, 7))
    card = supervisor.journal
    assert isinstance(card, Card)
    for intent in (
        SetCharging("garage", ChargerSettings("surplus_target", 16.0, target)),
        SetVehicle("zoe", 50.0, charger="garage"),
        SetOperatorLimit(4_200.0, later),
        SetSetting("line_limit_a", 16.0),
        ProveRelay("garage"),
        Acknowledge("stuck.garage"),
    ):
        supervisor.put(intent, by="api")
    supervisor.cycle(supervisor.clock.now())
    told = {event.key: event for event in card.kept if event.kind == "setting"}
    assert list(told) == ["garage", "zoe", "operator", "line_limit_a"]
    orders = told["garage"].figures
    assert (orders["orders.mode"], orders["orders.target.repeat_days"]) == ("surplus_target", "1 7")
    assert datetime.fromisoformat(str(orders["orders.target.deadline"])) == later
    car = told["zoe"].figures
    assert (car["level_pct"], car["max_a"], car["charger"]) == (50.0, None, "garage")
    assert told["operator"].figures["limit_w"] == 4_200.0
    assert told["line_limit_a"].figures == {"by": "api", "value": 16.0}
    asked = [(event.key, event.figures) for event in card.kept if event.kind == "asked"]
    assert asked == [
        ("garage", {"by": "api", "for": "ProveRelay"}),
        ("stuck.garage", {"by": "api", "for": "Acknowledge"}),
    ]
    assert supervisor.settings.charger("garage").target == target


def test_an_errand_reaches_the_rules_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """CHG-60, CHG-61."""
    seen: list[tuple[Errand, ...]] = []

    def watched(*args: Any) -> tuple[Memory, Decision]:
        seen.append(args[5])
        return decide(*args)

    monkeypatch.setattr("hems.supervisor.decide", watched)
    supervisor, _, _ = supervise()
    supervisor.put(Acknowledge("stuck.garage"))
    for _ in range(2):
        supervisor.cycle(supervisor.clock.now())
    assert seen == [(Acknowledge("stuck.garage"),), ()]


def test_no_counter_is_known_while_the_book_is_unreadable() -> None:
    """JRN-25: never 0 for what is not known; counting itself goes on."""
    supervisor, _, eye = supervise()
    supervisor.rulebook = replace(supervisor.rulebook, counting=CountRules(contacts=("garage",)))
    supervisor.cycle(supervisor.clock.now())
    assert eye.views[-1].counters["relay.garage.total"] == 0
    card = supervisor.journal
    assert isinstance(card, Card)
    card.alarms["book_unreadable"] = "gone"
    supervisor.cycle(supervisor.clock.now())
    assert set(eye.views[-1].counters.values()) == {None}
    assert "relay.garage" in supervisor.ledger.counters


def test_an_eye_that_fails_is_closed_and_the_loop_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    supervisor, wires, eye = supervise()
    eye.broken = True
    with caplog.at_level(logging.ERROR):
        supervisor.run(lambda: False, supervisor.clock.mono_s() + 3)
    assert wires.log.count("alive") == 3
    assert wires.log.count("show") == 1
    assert "Eye failed and is closed" in caplog.text


@dataclass
class Face:
    """An eye that is worth a new try."""

    broken: bool = True
    views: int = 0
    closings: int = 0

    def show(self, view: View) -> None:
        if self.broken:
            raise KeyError("a word")
        self.views += 1

    def failed(self) -> None:
        self.closings += 1
        self.broken = False
        raise OSError("the display does not hear it")


def test_the_panel_is_opened_again_after_a_minute() -> None:
    """PNL-5: it is told to show nothing meanwhile; what it makes of that holds nobody up."""
    supervisor, _, _ = supervise()
    face = Face()
    supervisor.eyes.append(face)
    supervisor.run(lambda: False, supervisor.clock.mono_s() + 59)
    assert (face.closings, face.views) == (1, 0)
    supervisor.run(lambda: False, supervisor.clock.mono_s() + 5)
    assert (face.closings, face.views > 0) == (1, True)
    assert supervisor.eyes.count(face) == 1


def test_a_closed_eye_gets_no_keys_and_a_failing_answer_stops_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A key that runs into the same trouble inside the loop must not end it."""
    supervisor, wires, eye = supervise()
    supervisor.tried(eye, eye.press)
    assert eye.pressed == 1
    eye.broken = True
    supervisor.put(SetUserMax("garage", 99.0), answer=eye.told)
    with caplog.at_level(logging.ERROR):
        supervisor.run(lambda: False, supervisor.clock.mono_s() + 2)
        supervisor.tried(eye, eye.press)
    assert eye.pressed == 1
    assert wires.log.count("alive") == 2
    assert wires.log.count("show") == 1
    assert len(eye.refusals) == 1
    assert "whoever asked could not be told" in caplog.text


def test_an_intent_nobody_foresaw_is_refused_and_the_loop_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever comes through a door, a cycle follows."""

    def broken(*_: object) -> None:
        raise OverflowError("int too large")

    monkeypatch.setattr("hems.supervisor.grant", broken)
    supervisor, _, eye = supervise()
    supervisor.put(SetUserMax("garage", 9.0), "api", eye.told)
    supervisor.run(lambda: bool(eye.views))
    assert [refusal.code for refusal in eye.refusals] == ["bad_value"]
    assert "could not be judged" in caplog.text


def test_the_end_is_not_waited_for() -> None:
    supervisor, wires, _ = supervise()
    supervisor.run(lambda: True)
    assert wires.log == []
    asked = iter([False, True])
    supervisor.run(lambda: next(asked, True))
    assert wires.log == []


def test_wires_that_are_startled_get_the_next_tick_at_once() -> None:
    """CHG-50: what need not wait for the next second does not; its orders have a whole second to leave in."""
    supervisor, wires, eye = supervise()
    begin_s = supervisor.clock.mono_s()

    def startle() -> None:
        wires.startled = True

    for at_s in (1.45, 1.8, 2.9):
        supervisor.loop.call_at(begin_s + at_s, startle)
    supervisor.run(lambda: False, begin_s + 4)
    times = [view.now.mono_s - begin_s for view in eye.views]
    assert times == pytest.approx([0.0, 1.0, 1.45, 2.45, 2.9, 3.9])
    supervisor.loop.close()  # type: ignore[attr-defined]
