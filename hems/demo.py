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
from itertools import count
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import gpiozero
from gpiozero.pins.mock import MockFactory

from hems.assembly import House, build, fitting, open_door, open_face
from hems.clock import FastClock
from hems.config import parse
from hems.demo_words import report, status, summary
from hems.errors import HemsError
from hems.journal.journal import create_book
from hems.model.view import View
from hems.panel.keys import Key, KeyEvent, Kind
from hems.panel.mirror import Pixels, Terminal
from hems.panel.navigator import Patience
from hems.signals import StopSign
from hems.sim.desk_link import HouseProcess
from hems.sim.glass import Glass
from hems.sim.scene import Scene, demo_house, with_faults
from hems.sim.weather import Weather

if TYPE_CHECKING:
    from PIL.Image import Image

ZONE: Final = ZoneInfo("Europe/Berlin")
BEGINS_AT: Final = datetime(2026, 6, 21, 12, 0, tzinfo=ZONE)
INSTALLATION: Final = "demo.toml"
SOCKET: Final = "hems.sock"
TAP_S: Final = 0.05
HOLD_S: Final = 1.0
WAITING_KEYS: Final = 4
PROGRESS_EVERY: Final = 10
PATIENCE: Final = Patience(dark_after_s=600.0)
TELL_SOCKET_S: Final = 15.0
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


def demo(wishes: Wishes) -> int:
    """Run until the time is over, `q` or Ctrl-C; leave relays safe and the journal flushed."""
    scene = _scene(wishes)
    if not wishes.headless and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise HemsError("demo: this is no terminal; add --headless, or run it in one")
    troubles = Troubles()
    logging.basicConfig(handlers=[troubles], force=True)
    with ExitStack() as resources:
        house, outside, factory = _wire(wishes, scene, resources)
        glass = Glass()
        stop = StopSign(house.reactor)
        resources.callback(stop.close)
        supervisor = house.supervisor
        began_s = house.reactor.clock.mono_s()
        supervisor.start()
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
        onlooker = Onlooker(house, outside, glass, screen, stop)
        panel = open_face(
            house,
            resources,
            bus=glass,
            patience=PATIENCE,
            on_screen_change=_saver(wishes.screens),
            on_settled=onlooker.redraw,
        )
        if words := open_door(house, panel, resources).words:
            raise HemsError(f"demo: {words}; name another with --socket")
        if wishes.headless:
            print(f"hems demo: export HEMS_SOCKET={house.config.api.socket}", file=sys.stderr, flush=True)
        supervisor.eyes.append(onlooker)
        house.reactor.watch(outside.fd, onlooker.listen)
        supervisor.run(stop, began_s + (wishes.for_s or float("inf")))
        supervisor.stop()
        onlooker.move_relays()
        if onlooker.deserted:
            raise HemsError("demo: the simulated house has ended by itself; start the demo again")
        truth = outside.stop()
        assert supervisor.view is not None
        outcome = report(supervisor.view, onlooker.reasons, truth, troubles.exceptions)
    print(json.dumps(outcome) if wishes.as_json else summary(outcome))
    return 0


def _scene(wishes: Wishes) -> Scene:
    """The house that was asked for."""
    house = demo_house(wishes.seed, wishes.weather, BEGINS_AT, speed=wishes.speed)
    try:
        return with_faults(house, wishes.faults)
    except ValueError as error:
        raise HemsError(f"demo: --fault {error}") from None


def _wire(wishes: Wishes, scene: Scene, resources: ExitStack) -> tuple[House, HouseProcess, MockFactory]:
    """The house outside, then the unchanged service at the near end of its line."""
    folder = _folder(wishes.data, resources)
    resources.callback((outside := HouseProcess(scene)).stop)
    text = files("hems.sim").joinpath(INSTALLATION).read_text().replace("PORT", outside.port)
    door = (wishes.socket or folder / SOCKET).absolute()
    text += f"\n[api]\nsocket = {json.dumps(str(door))}\n"
    factory = MockFactory()
    gpiozero.Device.pin_factory = factory
    clock = FastClock(BEGINS_AT, wishes.speed)
    house = build(fitting(parse(text.encode())), clock, folder, resources=resources)
    (folder / INSTALLATION).write_text(text)
    if last := house.journal.recall().last_trusted:
        clock.go_on_from(last)
    outside.wait()
    return house, outside, factory


def _folder(wanted: Path | None, resources: ExitStack) -> Path:
    """The demo's own folder with a book in it; never one that an appliance uses."""
    if wanted is None:
        folder = Path(resources.enter_context(TemporaryDirectory(prefix="hems-demo-")))
        create_book(folder)
        return folder
    _make_folder(wanted)
    mine = (wanted / INSTALLATION).exists()
    if not mine and any((wanted / name).exists() for name in ("hems.toml", "book")):
        raise HemsError(f"{wanted}: belongs to an appliance; name another folder for the demo")
    if not (wanted / "book").exists():
        create_book(wanted)
    return wanted


def _make_folder(folder: Path) -> None:
    """Make a folder that can be written, or say why not."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise HemsError(f"{folder}: cannot be written ({error.strerror}); name another folder") from None


def _saver(folder: Path | None) -> "Callable[[str, Image], None] | None":
    """Saves a numbered picture at each change of screen."""
    if folder is None:
        return None
    _make_folder(folder)
    numbers = count(1)

    def save(name: str, picture: "Image") -> None:
        picture.resize((512, 256)).save(folder / f"{next(numbers):03d}-{name}.png")

    return save
