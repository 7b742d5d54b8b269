"""The demo: the unchanged service on a simulated house, its front panel in a terminal.

The house runs in a process of its own behind a pseudo-terminal; between the two nothing passes but Modbus
frames, the position of the relays (the wire to the contactor) and, for the status line, what really happened.
The terminal shows the picture that the display's bus carried.
"""

import json
import logging
import sys
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import gpiozero
from gpiozero.pins.mock import MockFactory

from hems.amendment import amended
from hems.assembly import House, build, judged, keep, open_door, open_face
from hems.clock import FastClock
from hems.demo_folder import INSTALLATION, demo_folder, saver
from hems.demo_words import report, status, summary
from hems.errors import HemsError
from hems.installing import JUDGED_WITHIN_S, judge_in_child, opened
from hems.model.intents import Change
from hems.model.view import View
from hems.panel.keys import Key, KeyEvent, Kind
from hems.panel.mirror import Pixels, Terminal
from hems.panel.navigator import Patience
from hems.signals import StopSign
from hems.sim.desk_link import HouseProcess
from hems.sim.glass import Glass
from hems.sim.scene import Scene, demo_house, with_faults
from hems.sim.weather import Weather
from hems.upkeep import do_at_start

if TYPE_CHECKING:
    from PIL.Image import Image

ZONE: Final = ZoneInfo("Europe/Berlin")
BEGINS_AT: Final = datetime(2026, 6, 21, 12, 0, tzinfo=ZONE)
FRESH: Final = "fresh.toml"
BUS: Final = "rs485-a"
SOCKET: Final = "hems.sock"
TAP_S: Final = 0.05
HOLD_S: Final = 1.0
WAITING_KEYS: Final = 4
PROGRESS_EVERY: Final = 10
PATIENCE: Final = Patience(dark_after_s=600.0)
TELL_SOCKET_S: Final = 6.0
"""So long the line of status says where the door is: the terminal's own screen hides what was printed."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person at the keyboard asked for; `for_s` in seconds of the demo's own clock."""

    for_s: float | None
    speed: float
    weather: Weather
    seed: int
    headless: bool
    as_json: bool
    screens: Path | None
    data: Path | None
    faults: tuple[str, ...] = ()
    socket: Path | None = None
    unconfigured: bool = False


class Troubles(logging.Handler):
    """Counts what was logged with a traceback."""

    def __init__(self) -> None:
        super().__init__()
        self.exceptions = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count, say nothing."""
        self.exceptions += record.exc_info is not None


class Fingers:
    """Presses the simulated buttons: each key of the keyboard is a contact that closes and opens."""

    def __init__(self, house: House, factory: MockFactory) -> None:
        assert house.config.panel.buttons is not None
        self._reactor = house.reactor
        self._pins = {key: factory.pin(getattr(house.config.panel.buttons, key)) for key in Key}
        self._waiting: deque[KeyEvent] = deque(maxlen=WAITING_KEYS)
        self._busy = False

    def press(self, event: KeyEvent) -> None:
        """Press one after the other, as a person would; what comes too fast is dropped."""
        self._waiting.append(event)
        if not self._busy:
            self._next()

    def _next(self) -> None:
        self._busy = bool(self._waiting)
        if not self._busy:
            return
        event = self._waiting.popleft()
        pin = self._pins[event.key]
        pin.drive_low()
        down_s = HOLD_S if event.kind is Kind.HOLD else TAP_S
        now_s = self._reactor.clock.mono_s()
        self._reactor.call_at(now_s + down_s, pin.drive_high)
        self._reactor.call_at(now_s + down_s + TAP_S, self._next)


class Onlooker:
    """The eye of the demo: relay positions to the house, reasons counted, the terminal kept current."""

    def __init__(
        self, house: House, outside: HouseProcess, glass: Glass, screen: "Terminal | Ticker", stop: StopSign
    ) -> None:
        self.reasons: Counter[str] = Counter()
        self.deserted = False
        self._house = house
        self._outside = outside
        self._stop = stop
        self._glass = glass
        self._screen = screen
        self._hint = "q ends  " if isinstance(screen, Terminal) else ""
        self._tell_until_mono_s = house.reactor.clock.mono_s() + TELL_SOCKET_S
        self._relays: Mapping[str, bool] | None = None
        self._status = ""

    def listen(self) -> None:
        """What really happens outside; without an outside the demo ends."""
        if not self._outside.take():
            self.deserted = True
            self._house.reactor.forget(self._outside.fd)
            self._stop.ask()

    def show(self, view: View) -> None:
        """Once a cycle."""
        self.reasons.update(str(decided.why.code) for decided in view.decision.chargers.values())
        self.move_relays()
        told = status(view)
        if self._hint and view.now.mono_s < self._tell_until_mono_s:
            told = f"another terminal: export HEMS_SOCKET={self._house.config.api.socket}"
        self._status = f"{self._hint}{told}"
        self.redraw()

    def move_relays(self) -> None:
        """The wire from the relay's pin to the contactor."""
        positions = self._house.pins.positions()
        if positions != self._relays:
            self._relays = positions
            self._outside.send({"relay": positions})

    def redraw(self) -> None:
        """What the display's bus carried last."""
        self._screen.show(self._glass.pixels(), self._status)


class Ticker:
    """A line of progress now and then where no terminal is drawn."""

    def __init__(self) -> None:
        self._lines = 0
        self._last = ""

    def show(self, _pixels: Pixels, status: str) -> None:
        """Every tenth new status line, on standard error."""
        if status == self._last:
            return
        self._last = status
        if self._lines % PROGRESS_EVERY == 0:
            print(status, file=sys.stderr, flush=True)
        self._lines += 1


@dataclass(slots=True)
class Ground:
    """What outlives a service that starts anew: the house outside, the folder with its installation, time.

    `until_mono_s` is known once the service has begun.
    """

    outside: HouseProcess
    folder: Path
    clock: FastClock
    save: "Callable[[str, Image], None] | None"
    troubles: Troubles
    until_mono_s: float | None = None


def demo(wishes: Wishes) -> int:
    """Run until the time is over, `q` or Ctrl-C; leave relays safe and the journal flushed.

    A service that ends by itself, for a new installation, is started again as on an appliance.
    """
    scene = _scene(wishes)
    if not wishes.headless and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise HemsError("demo: this is no terminal; add --headless, or run it in one")
    troubles = Troubles()
    logging.basicConfig(handlers=[troubles], force=True)
    with ExitStack() as resources:
        ground = _prepare(wishes, scene, troubles, resources)
        outcome = None
        while outcome is None:
            with ExitStack() as run:
                outcome = _serve(wishes, ground, run)
    print(json.dumps(outcome) if wishes.as_json else summary(outcome))
    return 0


def _serve(wishes: Wishes, ground: Ground, resources: ExitStack) -> dict[str, Any] | None:
    """One run of the service; its outcome, or ``None`` if it ended in order to start anew."""
    do_at_start(ground.folder)
    found = opened(ground.folder / INSTALLATION, judged)
    factory = MockFactory()
    gpiozero.Device.pin_factory = factory
    house = build(found.config, ground.clock, ground.folder, resources=resources)
    if last := house.journal.recall().last_trusted:
        ground.clock.go_on_from(last)
    ground.outside.wait()
    stop = StopSign(house.reactor)
    resources.callback(stop.close)
    anew: list[bool] = []

    def leave() -> None:
        anew.append(True)
        stop.ask()

    installer = keep(
        house, ground.folder / INSTALLATION, ground.folder, leave, refused=found.refused,
        judge=judge_in_child(house.reactor, ground.clock, JUDGED_WITHIN_S * wishes.speed), commands={},
        resources=resources,
    )  # fmt: skip
    supervisor = house.supervisor
    if ground.until_mono_s is None:
        ground.until_mono_s = ground.clock.mono_s() + (wishes.for_s or float("inf"))
    supervisor.start()
    onlooker = _show(wishes, ground, house, factory, stop, resources)
    supervisor.run(stop, ground.until_mono_s)
    supervisor.stop()
    onlooker.move_relays()
    installer.finish()
    house.reactor.forget(ground.outside.fd)
    if onlooker.deserted:
        raise HemsError("demo: the simulated house has ended by itself; start the demo again")
    if anew:
        return None
    assert supervisor.view is not None
    return report(supervisor.view, onlooker.reasons, ground.outside.stop(), ground.troubles.exceptions)


def _show(
    wishes: Wishes, ground: Ground, house: House, factory: MockFactory, stop: StopSign, resources: ExitStack
) -> Onlooker:
    """The eyes of the demo: terminal or ticker, panel, door."""
    glass = Glass()
    screen: Terminal | Ticker = Ticker()
    if not wishes.headless:
        fingers = Fingers(house, factory)
        screen = Terminal(
            house.reactor,
            house.reactor.clock,
            sys.stdin.fileno(),
            sys.stdout.fileno(),
            fingers.press,
            stop.ask,
            unicode=(sys.stdout.encoding or "").lower().replace("-", "") == "utf8",
        )
        resources.callback(screen.close)
    onlooker = Onlooker(house, ground.outside, glass, screen, stop)
    panel = open_face(
        house,
        resources,
        bus=glass,
        patience=PATIENCE,
        on_screen_change=ground.save,
        on_settled=onlooker.redraw,
    )
    if words := open_door(house, panel, resources).words:
        raise HemsError(f"demo: name another --socket; {words}")
    if wishes.headless:
        print(f"hems demo: export HEMS_SOCKET={house.config.api.socket}", file=sys.stderr, flush=True)
    house.supervisor.eyes.append(onlooker)
    house.reactor.watch(ground.outside.fd, onlooker.listen)
    return onlooker


def _scene(wishes: Wishes) -> Scene:
    """The house that was asked for."""
    house = demo_house(wishes.seed, wishes.weather, BEGINS_AT, speed=wishes.speed)
    try:
        return with_faults(house, wishes.faults)
    except ValueError as error:
        raise HemsError(f"demo: --fault {error}") from None


def _prepare(wishes: Wishes, scene: Scene, troubles: Troubles, resources: ExitStack) -> Ground:
    """The house outside, and the installation of the service at the near end of its line."""
    folder = demo_folder(wishes.data, resources)
    resources.callback((outside := HouseProcess(scene)).stop)
    path, door = folder / INSTALLATION, (wishes.socket or folder / SOCKET).absolute()
    text = files("hems.sim").joinpath(FRESH if wishes.unconfigured else INSTALLATION).read_text()
    if wishes.unconfigured and path.exists():
        text = path.read_text()
    places = (Change(("bus", BUS, "port"), outside.port), Change(("api", "socket"), str(door)))
    path.write_text(amended(text, places))
    clock = FastClock(BEGINS_AT, wishes.speed)
    return Ground(outside, folder, clock, saver(wishes.screens), troubles)
