"""A story's stage: the real service on the simulated house, in virtual time.

Between the two stand real Modbus frames on a socket pair and the relay's wire. What a story asserts comes
from the view of each cycle and from the house's own record of what really happened.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory
from msgspec import structs

from hems.assembly import build
from hems.clock import ManualClock
from hems.config import parse
from hems.field.profiles import PROFILES
from hems.field.wiring import check
from hems.journal.journal import create_book
from hems.model.decision import ChargerDecision
from hems.model.intents import Intent, Refusal
from hems.model.site import Config
from hems.model.view import View
from hems.sim.desk import Desk
from hems.sim.ports import PairPlace
from hems.sim.scene import Scene, demo_house
from tests.stories.near_end import SocketPort

NOON = datetime(2026, 6, 21, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
DEMO = files("hems.sim").joinpath("demo.toml").read_text()


class RaiseCurtain(Protocol):
    """Builds a stage; the keys change the scene's fields."""

    def __call__(self, installation: Config | None = None, **change: Any) -> "Stage": ...


class Stage:
    """One house and one service; `views` holds the page of every cycle since the curtain rose."""

    def __init__(self, folder: Path, scene: Scene, config: Config, resources: ExitStack) -> None:
        place = PairPlace()
        self.clock = ManualClock(scene.start)
        if not (folder / "book").exists():
            create_book(folder)
        self.house = build(
            config, self.clock, folder, open_port=lambda _: SocketPort(place.open()), resources=resources
        )
        places = {bus.name: place for bus in scene.buses}
        self.desk = Desk(scene, places, self.house.reactor, self.clock)
        resources.callback(self.desk.close)
        self.views: list[View] = []
        self.refusals: list[Refusal] = []
        self.house.supervisor.eyes.append(self)
        self._resources = resources

    def leave(self) -> None:
        """Strike the stage before the end of the story."""
        self._resources.close()

    def show(self, view: View) -> None:
        """Keep the page, and let the relay's wire follow the pin."""
        self.views.append(view)
        self.desk.order({"relay": self.house.pins.positions()})

    def tell(self, refusal: Refusal) -> None:
        self.refusals.append(refusal)

    def ask(self, intent: Intent) -> None:
        self.house.supervisor.put(intent)

    def play(self, seconds: float, until: Callable[[View], bool] | None = None) -> View:
        """Let so much time pass, or less when `until` is true of a view; the last view."""
        played = len(self.views)
        self.house.supervisor.run(
            lambda: until is not None and len(self.views) > played and until(self.views[-1]),
            self.clock.mono_s() + seconds,
        )
        return self.views[-1]

    @property
    def truth(self) -> dict[str, Any]:
        return dict(self.desk.truth())

    def garage(self, view: View | None = None) -> ChargerDecision:
        return (view or self.views[-1]).decision.chargers["garage"]

    def reasons(self) -> set[str]:
        return {str(self.garage(view).why.code) for view in self.views}


def config(*, pump: bool = True, **charging: float) -> Config:
    """The demo's installation with the appliance's own delays, or those given; without its pump if wanted."""
    found = parse(DEMO.encode())
    check(found, PROFILES)
    return structs.replace(
        found,
        charging=type(found.charging)(**charging),  # type: ignore[arg-type]
        heat_pumps=found.heat_pumps if pump else (),
    )


@pytest.fixture
def raise_curtain(tmp_path: Path) -> Iterator[RaiseCurtain]:
    """Builds stages on one data folder, one after the other."""
    with ExitStack() as all_stages:

        def build_stage(installation: Config | None = None, **change: Any) -> Stage:
            all_stages.close()
            gpiozero.Device.pin_factory = MockFactory()
            scene = replace(demo_house(1, "sunny", NOON, delivery="frame"), **change)
            return Stage(tmp_path, scene, installation or config(), all_stages.enter_context(ExitStack()))

        yield build_stage
