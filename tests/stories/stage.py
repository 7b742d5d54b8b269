"""A story's stage: the real service on the simulated house, in virtual time.

Between the two stand real Modbus frames on a socket pair, the relays' wires and the contacts' pins. What a
story asserts comes from the view of each cycle and from the house's own record of what really happened.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory
from msgspec import structs

from hems.assembly import House, build
from hems.clock import ManualClock
from hems.config import parse
from hems.field.profiles import PROFILES
from hems.field.wiring import check
from hems.journal.journal import create_book
from hems.model.decision import ChargerDecision
from hems.model.intents import Intent, PutPrices, Refusal
from hems.model.prices import Slot
from hems.model.site import Config
from hems.model.view import View
from hems.sim.desk import Desk
from hems.sim.house import House as RealHouse
from hems.sim.ports import PairPlace
from hems.sim.scene import Scene, demo_house
from tests.stories.near_end import SocketPort
from tests.stories.plots import DIM, Plot
from tests.stories.short import ShortWires

NOON = datetime(2026, 6, 21, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
DEMO = files("hems.sim").joinpath("demo.toml").read_text()
WRITES = (5, 6, 15, 16)
REMEMBERED = 600
"""Views a stage with short wires keeps: a day of them would fill the memory."""


class RaiseCurtain(Protocol):
    """Builds a stage for an installation or a plot; the keys change the scene's fields.

    With `short` wires a day costs a minute, and only the last views are kept.
    """

    def __call__(
        self, installation: Config | Plot | None = None, *, short: bool = False, **change: Any
    ) -> "Stage": ...


class Stage:
    """One house and one service; `views` holds the page of every cycle since the curtain rose.

    Contacts begin open, but for the grid operator's, which begins where it does not limit. What the house
    knows of relays follows their pins after every cycle.
    """

    def __init__(
        self, folder: Path, scene: Scene, config: Config, resources: ExitStack, *, short: bool = False
    ) -> None:
        self.clock = ManualClock(scene.start)
        self.config = config
        self.views: list[View] = []
        self.refusals: list[Refusal] = []
        self._folder = folder
        self._closed: dict[str, bool] = {}
        self._short = short
        self._shown = 0
        self._resources = resources
        if not (folder / "book").exists():
            create_book(folder)
        self.house, self.desk = self._begin(scene)

    def leave(self) -> None:
        """Strike the stage before the end of the story."""
        self._resources.close()

    def restart(self, *, down_s: float = 5.0, killed: bool = False) -> None:
        """End the service and begin another on the same folder, while the house goes on.

        One that is `killed` has no time to leave the house safe; its pins are let go all the same, as the
        unit's stop hook does it.
        """
        if not killed:
            self.house.supervisor.stop()
        real = self.desk.house
        self._resources.close()
        for relay in [name for name, energised in real.relays.items() if energised]:
            real.switch(relay, False, self.clock.mono_s())
        self.clock.advance(down_s)
        self.house, self.desk = self._begin(replace(real.scene, faults=()), real)
        self.house.supervisor.start()

    def written(self) -> None:
        """The card, whose time is real, gets what it needs for what it has been given."""
        self.house.supervisor.journal.flush(self.clock.now())

    def show(self, view: View) -> None:
        """Keep the page, and let the relay's wire follow the pin."""
        self.views.append(view)
        self._shown += 1
        if self._short:
            del self.views[:-REMEMBERED]
        self.desk.order({"relay": self.house.pins.positions()})

    def answered(self, refusal: Refusal | None) -> None:
        self.refusals += [refusal] if refusal else []

    def ask(self, *intents: Intent) -> None:
        for intent in intents:
            self.house.supervisor.put(intent, answer=self.answered)

    def play(self, seconds: float, until: Callable[[View], bool] | None = None) -> View:
        """Let so much time pass, or less when `until` is true of a view; the last view."""
        shown = self._shown
        self.house.supervisor.run(
            lambda: until is not None and self._shown > shown and until(self.views[-1]),
            self.clock.mono_s() + seconds,
        )
        return self.views[-1]

    def doze(self, seconds: float, every_s: float = 2.5) -> View:
        """Let a quiet time pass: the service misses ticks as on a busy machine, the house misses nothing."""
        end_s = self.clock.mono_s() + seconds
        while self.clock.mono_s() < end_s:
            self.house.supervisor.cycle(self.clock.now())
            self.house.reactor.run_until(min(end_s, self.clock.mono_s() + every_s))
        return self.views[-1]

    def at(self, seconds: float, call: Callable[[], None]) -> None:
        """Do something so many seconds from now, in the middle of a cycle if it falls so."""
        self.house.reactor.call_at(self.clock.mono_s() + seconds, call)

    def contact(self, name: str, closed: bool) -> None:
        """Close or open a dry contact."""
        factory = gpiozero.Device.pin_factory
        assert isinstance(factory, MockFactory)
        pin = factory.pin({contact.name: contact.pin for contact in self.config.contacts}[name])
        self._closed[name] = closed
        (pin.drive_low if closed else pin.drive_high)()

    def dim(self, limit_w: float | None) -> None:
        """The grid operator's contact, and for the house's own record how much it is; ``None`` ends it."""
        self.contact(DIM, closed=limit_w is None)
        self.desk.order({"dim": limit_w})

    def draw(self, load: str, *line_a: float) -> None:
        """Let a load of this name draw so many amperes on L1, L2, L3 beside everything else; none = off."""
        self.desk.order({"draw": {load: [*line_a, 0.0, 0.0, 0.0][:3]}})

    def base(self, *line_a: float) -> None:
        """Let the household draw exactly these amperes."""
        self.desk.order({"base_a": line_a})

    def plug(self, charger: str = "garage", plugged: bool = True) -> None:
        self.desk.order({"plug": {charger: plugged}})

    def silence(self, device: str) -> None:
        """It answers nothing until it is healed."""
        self.desk.order({"fault": {"kind": "silence", "device": device}})

    def refuse(self, device: str, code: int = 4) -> None:
        """It answers every write with an exception until it is healed."""
        for function in WRITES:
            self.desk.order(
                {"fault": {"kind": "exception", "device": device, "value": code, "function": function}}
            )

    def ignore(self, charger: str = "garage", ignores: bool = True) -> None:
        """It acknowledges what it is told and offers what it offers now."""
        self.desk.order({"ignore": {charger: ignores}})

    def weld(self, charger: str = "garage", welded: bool = True) -> None:
        """The contact of its relay stays where it is."""
        self.desk.order({"weld": {charger: welded}})

    def heal(self, device: str) -> None:
        self.desk.order({"heal": device})

    def battery(self, level_pct: float | None = None, power_w: float | None = None) -> None:
        """Set the house battery's level, and its power; without one it minds itself."""
        self.desk.order({"battery": {"level_pct": level_pct, "power_w": power_w}})

    def prices(self, *eur_kwh: float, provider: str = "awattar-de") -> None:
        """These are the prices of the hours from the present one on."""
        begin = self.clock.now().wall.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        hours = [begin + timedelta(hours=i) for i in range(len(eur_kwh) + 1)]
        slots = (Slot(hours[i], hours[i + 1], price) for i, price in enumerate(eur_kwh))
        self.ask(PutPrices(provider, tuple(slots)))

    @property
    def truth(self) -> dict[str, Any]:
        return dict(self.desk.truth())

    def told(self, charger: str = "garage", view: View | None = None) -> ChargerDecision:
        """What was decided for a charger, now or in that view."""
        return (view or self.views[-1]).decision.chargers[charger]

    def garage(self, view: View | None = None) -> ChargerDecision:
        return self.told("garage", view)

    def reasons(self, charger: str = "garage") -> set[str]:
        return {str(self.told(charger, view).why.code) for view in self.views}

    def _begin(self, scene: Scene, real: RealHouse | None = None) -> tuple[House, Desk]:
        """A service on new pins and new wires, and what is at their far ends."""
        gpiozero.Device.pin_factory = MockFactory()
        if self.config.operator and self.config.operator.contact:
            self._closed.setdefault(self.config.operator.contact, self.config.operator.limited == "open")
        places = {bus.name: PairPlace() for bus in scene.buses}
        house = build(
            self.config,
            self.clock,
            self._folder,
            open_port=lambda bus: SocketPort(places[bus.name].open()),
            resources=self._resources,
        )
        for name, closed in self._closed.items():
            self.contact(name, closed)
        desk = Desk(scene, places, house.reactor, self.clock, real)
        self._resources.callback(desk.close)
        house.supervisor.eyes.append(self)
        if self._short:
            house.supervisor.field = ShortWires(self.config, desk.house, house.pins)
        return house, desk


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

        def build_stage(
            installation: Config | Plot | None = None, *, short: bool = False, **change: Any
        ) -> Stage:
            all_stages.close()
            found = installation or config()
            if isinstance(found, Plot):
                change = {**found.scene, **change}
            scene = replace(demo_house(1, "sunny", NOON, delivery="frame"), **change)
            installed = found.config if isinstance(found, Plot) else found
            resources = all_stages.enter_context(ExitStack())
            return Stage(tmp_path, scene, installed, resources, short=short)

        yield build_stage
