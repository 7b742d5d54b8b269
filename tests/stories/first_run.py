"""A stage for the first run: a flashed card, the simulated house, and a person who presses keys.

The service is rebuilt from its installation file whenever it ends, as the service manager does it.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Final

import gpiozero
from gpiozero.pins.mock import MockFactory

from hems.assembly import House, build, judged, keep, open_face
from hems.child import Ended
from hems.clock import ManualClock
from hems.errors import ConfigError
from hems.installing import Installer, opened
from hems.journal.journal import create_book
from hems.model.view import View
from hems.panel.keys import Key, KeyEvent
from hems.panel.panel import Panel
from hems.sim.desk import Desk
from hems.sim.glass import Glass
from hems.sim.house import House as RealHouse
from hems.sim.ports import PairPlace
from hems.sim.scene import Scene
from hems.upkeep import do_at_start
from tests.stories.near_end import SocketPort

FRESH: Final = files("hems.sim").joinpath("fresh.toml").read_text()
PRESS_S: Final = 0.5
READ_S: Final = 3.0


class Card:
    """One appliance over all its starts; `presses` and `person_s` are what the first run costs a person.

    `told_a` are the currents that any charger was told while it lasted.
    """

    def __init__(self, folder: Path, scene: Scene, text: str = FRESH) -> None:
        self.clock = ManualClock(scene.start)
        self.folder = folder
        self.path = folder / "hems.toml"
        self.path.write_text(text.replace("PORT", "/dev/rs485"))
        create_book(folder)
        self.presses = 0
        self.person_s = 0.0
        self.starts = 0
        self.read: set[str] = set()
        self.told_a: set[float] = set()
        self.views: list[View] = []
        self._scene = scene
        self._real: RealHouse | None = None
        self._resources = ExitStack()
        self._leaves = False
        self.start()

    def start(self) -> None:
        """As the service begins."""
        self._resources = ExitStack()
        self._leaves = False
        self.starts += 1
        do_at_start(self.folder)
        found = opened(self.path, judged)
        gpiozero.Device.pin_factory = MockFactory()
        places = {bus.name: PairPlace() for bus in self._scene.buses}
        self.house: House = build(
            found.config,
            self.clock,
            self.folder,
            open_port=lambda bus: SocketPort(places[bus.name].open()),
            resources=self._resources,
        )
        self.installer: Installer = keep(
            self.house, self.path, self.folder, self._leave, refused=found.refused,
            judge=self._judge, commands={}, resources=self._resources,
        )  # fmt: skip
        scene = self._scene if self._real is None else replace(self._real.scene, faults=())
        self.desk = Desk(scene, places, self.house.reactor, self.clock, self._real)
        self._real = self.desk.house
        self._resources.callback(self.desk.close)
        self.house.supervisor.eyes.append(self)
        self.house.supervisor.start()
        open_face(self.house, self._resources, bus=Glass())
        self._tick_s = self.clock.mono_s() + 1.0
        (self.panel,) = (eye for eye in self.house.supervisor.eyes if isinstance(eye, Panel))

    def show(self, view: View) -> None:
        """Keep the page, and let the relay's wire follow the pin."""
        self.views = [*self.views[-300:], view]
        if view.settings.commissioning is not None:
            self.told_a |= {one.limit_a for one in view.decision.chargers.values()} - {0.0}
        self.desk.order({"relay": self.house.pins.positions()})

    def end(self, *, killed: bool = False) -> None:
        """The service ends, in order or by a power cut; the card keeps what was written."""
        if killed:
            self.house.supervisor.journal.flush(self.clock.now())
        else:
            self.house.supervisor.stop()
            self.installer.finish()
        real = self.desk.house
        self._resources.close()
        for relay in [name for name, energised in real.relays.items() if energised]:
            real.switch(relay, False, self.clock.mono_s())

    def cut(self) -> None:
        """Power goes, and comes back half a minute later."""
        self.end(killed=True)
        self.clock.advance(30.0)
        self.start()

    def play(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Let so much time pass, or less; a service that ends starts again."""
        end_s = self.clock.mono_s() + seconds
        while self.clock.mono_s() < end_s and not until():
            self.house.reactor.run_until(min(self._tick_s, end_s), lambda: self._leaves or until())
            if self._leaves:
                self.end()
                self.clock.advance(5.0)
                self.start()
            elif self.clock.mono_s() >= self._tick_s:
                self.house.supervisor.cycle(self.clock.now())
                self._tick_s = max(self._tick_s + 1.0, self.clock.mono_s())

    def press(self, *keys: Key) -> None:
        """A person presses keys, one after the other."""
        for key in keys:
            self.presses += 1
            self.person_s += PRESS_S
            self.panel.press(KeyEvent(key))
            self.play(PRESS_S)

    @property
    def name(self) -> str:
        """The name of the page in front."""
        return self.panel.name

    def kettle(self, *line_a: float) -> None:
        """Let a load draw these amperes on L1, L2, L3."""
        one, two, three = line_a
        self.desk.house.draw("kettle", (one, two, three), self.clock.mono_s())

    def look(self) -> str:
        """A person reads what is new."""
        if self.name not in self.read:
            self.read.add(self.name)
            self.person_s += READ_S
            self.play(READ_S)
        return self.name

    def _leave(self) -> None:
        self._leaves = True

    def _judge(self, path: Path, ended: Ended) -> None:
        """The same decoder as in a process of its own, half a second later."""
        try:
            judged(path)
            code, words = 0, ""
        except ConfigError as error:
            code, words = 2, f"hems: {error}"
        self.house.reactor.call_at(self.clock.mono_s() + 0.5, lambda: ended(code, words))
