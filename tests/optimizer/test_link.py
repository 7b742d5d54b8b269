"""The bridge over a real socket, against an optimizer that is there, gone, or spoils everything."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hems.clock import ManualClock
from hems.model.intents import PutPrices
from hems.model.settings import TariffChoice
from hems.model.view import View
from hems.optimizer.link import Link
from hems.reactor import Reactor
from hems.sim.optimizer import MANNERS, Manner, ReferenceOptimizer
from tests.panel.views import HOUSE


class Bridge:
    """The link, the optimizer and a cycle a second, on virtual time."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(datetime(2026, 6, 21, 12, tzinfo=UTC))
        self.loop = Reactor(self.clock)
        path = str(folder / "optimizer.sock")
        self.there = ReferenceOptimizer(self.loop, self.clock, path)
        self.prices: list[PutPrices] = []
        self.link = Link(self.loop, self.clock, path, lambda told, by: self.prices.append(told))
        self.view = HOUSE

    def play(self, seconds: float) -> None:
        """So many cycles; the loop is turned in between."""
        until_s = self.clock.mono_s() + seconds
        while self.clock.mono_s() < until_s:
            self.link.show(replace(self.view, now=self.clock.now()))
            self.loop.run_until(self.clock.mono_s() + 1.0)

    @property
    def plan_id(self) -> str:
        return self.link.health(self.clock.now()).plan_id

    @property
    def stage(self) -> str:
        return self.link.health(self.clock.now()).stage


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[Bridge]:
    made = Bridge(tmp_path)
    yield made
    made.link.close()
    made.there.close()
    made.loop.close()


def test_a_plan_arrives_and_is_renewed(bridge: Bridge) -> None:
    """API-120, 121."""
    bridge.there.open()
    bridge.play(3)
    assert bridge.plan_id == "p-2"
    plan = bridge.link.plan(bridge.clock.now())
    assert plan is not None
    assert set(plan.steps) == set(HOUSE.decision.chargers)
    bridge.play(60)
    assert bridge.plan_id == "p-4"
    assert bridge.there.paths == ["GET /health", "POST /optimize", "GET /weather", "POST /optimize"]
    health = bridge.link.health(bridge.clock.now())
    assert (len(health.weather), health.words) == (24, "follows the sun")


def test_absence_is_silent_and_costs_one_call_now_and_then(
    bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    """API-125."""
    bridge.play(120)
    assert bridge.stage == "absent"
    assert caplog.messages == []
    assert "No such file" in bridge.link.health(bridge.clock.now()).words
    bridge.there.open()
    bridge.play(62)
    assert bridge.plan_id


HARMLESS: tuple[Manner, ...] = ("good", "plain", "unready", "limit_63", "expired", "silent", "slow")
SPOILT: tuple[Manner, ...] = tuple(manner for manner in MANNERS if manner not in HARMLESS)


@pytest.mark.parametrize("manner", SPOILT)
def test_an_answer_that_is_void_drops_the_plan(bridge: Bridge, manner: Manner) -> None:
    """API-123, 125, 127: at once, whatever it is."""
    bridge.there.open()
    bridge.play(3)
    assert bridge.plan_id
    bridge.there.manner = manner
    bridge.play(60)
    assert (bridge.plan_id, bridge.stage) == ("", "absent")
    bridge.there.manner = "good"
    bridge.play(30)
    assert bridge.plan_id


@pytest.mark.parametrize("manner", ["silent", "slow"])
def test_two_seconds_are_waited_for_and_no_cycle_waits(bridge: Bridge, manner: Manner) -> None:
    """API-120, 125."""
    bridge.there.open()
    bridge.play(3)
    bridge.there.manner = manner
    bridge.play(57)
    assert bridge.plan_id
    bridge.play(7)
    assert (bridge.plan_id, bridge.stage) == ("", "absent")


def test_a_plan_of_a_second_holds_for_a_second(bridge: Bridge) -> None:
    """API-124."""
    bridge.there.open()
    bridge.there.manner = "expired"
    bridge.play(3)
    assert (bridge.plan_id, bridge.stage) == ("", "ready")


def test_an_optimizer_that_is_not_ready_is_not_asked(bridge: Bridge) -> None:
    bridge.there.open()
    bridge.there.manner = "unready"
    bridge.play(10)
    assert set(bridge.there.paths) == {"GET /health"}


def test_its_prices_are_asked_for_where_they_are_wanted(bridge: Bridge) -> None:
    """API-120: only as the provider `optimizer`; they go the way of all prices."""
    bridge.there.open()
    bridge.play(10)
    assert bridge.prices == []
    told = replace(bridge.view.settings, tariff=TariffChoice("optimizer"))
    bridge.view = replace(bridge.view, settings=told)
    bridge.play(10)
    (prices,) = bridge.prices
    assert (prices.provider, len(prices.slots)) == ("optimizer", 24)


def test_one_without_weather_is_one_nevertheless(bridge: Bridge) -> None:
    bridge.there.open()
    bridge.there.manner = "plain"
    bridge.play(10)
    assert (bridge.plan_id, bridge.stage) == ("p-2", "ready")
    assert bridge.link.health(bridge.clock.now()).weather == ()


def test_a_change_is_told_at_once_but_not_more_often_than_every_ten_seconds(bridge: Bridge) -> None:
    """API-120."""
    bridge.there.open()
    bridge.play(15)
    asked = len(bridge.there.asked)
    for second in range(30):
        bridge.view = changed(bridge.view, second)
        bridge.play(1)
    assert len(bridge.there.asked) - asked == 3


def changed(view: View, second: int) -> View:
    """Another current in each second."""
    orders = replace(view.settings.charger("garage"), user_max_a=6.0 + second % 8)
    return replace(
        view, settings=replace(view.settings, chargers={**view.settings.chargers, "garage": orders})
    )
