"""Configuration → the wired house. The only file that knows every concrete class."""

import gc
import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hems import __version__
from hems.appliance import Machine, record
from hems.around import Around
from hems.clock import SystemClock, WaitingClock
from hems.config import load, named
from hems.controlled import control_rules
from hems.core.count import accept_offsets, resume
from hems.core.repair import completed
from hems.counted import counting_rules, wanted_offsets
from hems.describe import describe
from hems.errors import ConfigError, HemsError, SafeError
from hems.field import wiring
from hems.field.field import Field
from hems.field.pins import Pins
from hems.field.port import Port, open_serial
from hems.field.profiles import PROFILES
from hems.first_run import FIRST_RUN, FirstRun, begun
from hems.housekeeping import Housekeeping, log_to_standard_error
from hems.inbox import Inbox
from hems.installed import installed
from hems.installing import Installer, Judge, beside, judge_in_child, opened
from hems.journal.entries import Memories
from hems.journal.history import History, open_history
from hems.journal.journal import Journal
from hems.model.prices import FILE_NAME
from hems.model.site import Bus, Config
from hems.optimizer.link import Link
from hems.price_file import PriceEye
from hems.reactor import Reactor
from hems.regrets import warnings
from hems.signals import StopSign
from hems.supervisor import Rulebook, Supervisor
from hems.tariffs import named_file, tariff_rules, tariff_words
from hems.upkeep import MACHINE, Commands, Upkeeper, do_at_start
from hems.watchdog import Watchdog

if TYPE_CHECKING:
    from hems.api.server import Server
    from hems.panel.navigator import Patience
    from hems.panel.panel import Panel, ScreenChanged
    from hems.panel.transport import Bus as DisplayBus

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class House:
    """Everything of one installation, wired."""

    config: Config
    reactor: Reactor
    field: Field
    journal: Journal
    history: History
    supervisor: Supervisor
    pins: Pins
    around: Around
    inbox: Inbox


def judged(path: Path) -> Config:
    """The installation of a file, with its profiles' demands met; every mistake is a `ConfigError`."""
    config = load(path)
    try:
        return fitting(config)
    except ConfigError as error:
        raise ConfigError(named(config, str(error))) from None


def fitting(config: Config) -> Config:
    """The installation, if its devices can do what it asks of them."""
    wiring.check(config, PROFILES)
    tariff_rules(config)
    return config


def describe_installation(path: Path) -> list[str]:
    """What an installation means, line by line: devices, limits, tariff, the plan of each bus, warnings."""
    from hems.doorway import door_troubles
    from hems.panel.bus_speed import display_words

    config = judged(path)
    wall = SystemClock(ZoneInfo(config.site.time_zone)).now().wall
    more = (*display_words(config.panel), *tariff_words(config, wall))
    return describe(config, PROFILES, more, door_troubles(config.api))


def build(
    config: Config,
    clock: WaitingClock,
    data: Path,
    *,
    open_port: Callable[[Bus], Port] = open_serial,
    first_run: Path | None = None,
    resources: ExitStack,
) -> House:
    """Wire a house; what it opens is closed with `resources`; `first_run` is the mark of the first run."""
    mark = first_run or data / FIRST_RUN
    rules = control_rules(config)
    reactor = Reactor(clock)
    resources.callback(reactor.close)
    history = open_history(data)
    resources.callback(history.close)
    journal = Journal(data, reactor, clock, history=history)
    resources.callback(journal.close)
    pins = _pins(config)
    resources.callback(pins.close)
    field = Field(config, PROFILES, reactor, clock, pins, open_port)
    resources.callback(field.close)
    watchdog = Watchdog()
    resources.callback(watchdog.close)
    recalled = journal.recall()
    for words in recalled.words:
        log.warning("journal: %s", words)
    counting = counting_rules(config)
    settings, mended = completed(rules, recalled.settings)
    for words in mended:
        log.warning("settings: %s", words)
    offsets, refused = accept_offsets(
        counting, resume(recalled.ledger), wanted_offsets(config), settings.offsets
    )
    for refusal in refused:
        log.warning("offset %s = %s is not applied: %s", refusal.key, refusal.offset, refusal.why)
    past = record(journal.listed("events"), __version__)
    supervisor = Supervisor(
        Rulebook(rules, counting, installed(config, rules)),
        field,
        journal,
        watchdog,
        reactor,
        clock,
        ledger=recalled.ledger,
        settings=begun(config, replace(settings, offsets=offsets), mark),
        recording=recalled.recording,
        told=past.open_alarms,
    )
    supervisor.eyes += [history, FirstRun(mark)]
    kept, theirs = data / FILE_NAME, named_file(config)
    supervisor.eyes.append(PriceEye(rules.tariff, kept, theirs, supervisor.put, journal.keep_beside))
    machine = Machine(reactor, clock, past)
    resources.callback(machine.close)
    supervisor.surroundings = around = Around(appliance=machine)
    house = House(config, reactor, field, journal, history, supervisor, pins, around, Inbox(supervisor))
    _open_bridge(house, resources)
    return house


def _pins(config: Config) -> Pins:
    return Pins(
        {relay.name: relay.pin for relay in config.relays},
        {contact.name: contact.pin for contact in config.contacts},
    )


def keep(
    house: House,
    path: Path,
    data: Path,
    stop: Callable[[], None],
    *,
    refused: str = "",
    judge: Judge | None = None,
    commands: Commands = MACHINE,
    resources: ExitStack,
) -> Installer:
    """Have somebody who looks after the appliance itself; `stop` is its orderly end."""
    clock = house.reactor.clock
    installer = Installer(path, judge or judge_in_child(house.reactor, clock), stop, refused)
    keeper = Upkeeper(installer, data, house.reactor, clock, stop, commands=commands)
    resources.callback(keeper.close)
    house.inbox.keeper = keeper
    before = house.around.appliance
    house.around.appliance = lambda now: installer.told(before(now))
    return installer


def _open_bridge(house: House, resources: ExitStack) -> None:
    """An external optimizer as one more eye, whose plan is laid into the next picture."""
    if house.config.optimizer is None:
        return
    link = Link(house.reactor, house.reactor.clock, house.config.optimizer.socket, house.supervisor.put)
    resources.callback(link.close)
    house.supervisor.eyes.append(link)
    house.supervisor.advice = link.plan
    house.around.optimizer = link.health


def open_face(
    house: House,
    resources: ExitStack,
    *,
    bus: "DisplayBus | None" = None,
    patience: "Patience | None" = None,
    on_screen_change: "ScreenChanged | None" = None,
    on_settled: Callable[[], None] | None = None,
) -> "Panel":
    """Display, buttons and lights as more eyes. Imported here, after the chargers are safe.

    `bus` stands in for the display's own I2C bus, `on_settled` is called whenever the display has been told
    everything.
    """
    from hems.panel.front import Front
    from hems.panel.pin import Lock

    supervisor = house.supervisor
    put = house.inbox.put
    front = Front(
        house.config.panel,
        house.reactor,
        house.reactor.clock,
        lambda asked, answer: put(asked, "panel", answer),
        supervisor.tried,
        lock=Lock(house.journal.drawer("pin"), house.reactor.clock),
        bus=bus,
        patience=patience,
        on_screen_change=on_screen_change,
        on_settled=on_settled,
    )
    resources.callback(front.close)
    house.around.face = front.health
    supervisor.eyes += [front.panel, *([front.lights] if front.lights else [])]
    return front.panel


def open_door(house: House, panel: "Panel", resources: ExitStack) -> "Server":
    """Whatever clients connect to, as one more eye. Imported here, after the chargers are safe."""
    from hems.doorway import Doorway, Mirror, identity, open_door

    front = house.config.panel
    doorway = Doorway(
        house.config.api,
        identity(house.config.site.name, house.config.site.time_zone),
        house.reactor,
        house.reactor.clock,
        house.inbox,
        Memories(house.history, house.journal),
        house.journal.drawer,
        Mirror(panel),
        panel if front.display != "none" and front.buttons is not None else None,
        remembered=not house.journal.recall().forgetful,
    )
    server = open_door(doorway, resources)
    panel.followers.append(server.pictured)
    house.supervisor.eyes.append(server)
    house.around.door = lambda _: server.health()
    return server


def settle() -> None:
    """Let the garbage collector look no more at what is there for good; each look takes 40 ms and more."""
    gc.collect()
    gc.freeze()


def serve(path: Path, data: Path) -> int:
    """The service: cycles until SIGTERM or SIGINT, then leaves the house safe and everything stored."""
    log_to_standard_error()
    if words := do_at_start(data):
        log.warning(words)
    found = opened(path, judged)
    config = found.config
    if found.refused:
        log.error("%s cannot be used, the former one is: %s", path, found.refused)
    for warning in warnings(config):
        log.warning(named(config, warning))
    with ExitStack() as resources:
        clock = SystemClock(ZoneInfo(config.site.time_zone))
        house = build(config, clock, data, first_run=beside(path, FIRST_RUN), resources=resources)
        clock.not_before = house.journal.recall().last_trusted
        if clock.not_before and clock.now().wall < clock.not_before:
            log.warning("the clock is before %s; calendars wait until it is sure", clock.not_before)
        stop = StopSign(house.reactor)
        resources.callback(stop.close)
        supervisor = house.supervisor
        installer = keep(house, path, data, stop.ask, refused=found.refused, resources=resources)
        try:
            supervisor.start()
            open_door(house, open_face(house, resources), resources)
            settle()
            supervisor.eyes.append(Housekeeping())
            supervisor.run(stop)
        finally:
            supervisor.stop()
            installer.finish()
    return 0


def make_safe(path: Path) -> None:
    """Release all relays and tell every charger 0 A; for the end of the service, however it ended.

    A `SafeError` names every charger that was not told, and the relay that cannot be driven.
    """
    config = opened(path, judged).config
    troubles = []
    with ExitStack() as resources:
        reactor = Reactor(SystemClock(ZoneInfo(config.site.time_zone)))
        resources.callback(reactor.close)
        try:
            pins = Pins({relay.name: relay.pin for relay in config.relays})
        except HemsError as error:
            pins = Pins({})
            troubles.append(str(error))
        resources.callback(pins.close)
        field = Field(config, PROFILES, reactor, reactor.clock, pins)
        resources.callback(field.close)
        untold = field.safe(reactor.clock.now())
        wires = field.health(reactor.clock.now())
    if untold:
        devices = {name: wires.devices[name] for name in untold}
        answers = {
            name: "refused" if "exception" in device.errors else "no answer"
            for name, device in devices.items()
        }
        told = [
            f"{name} was not told 0 A: bus {device.bus}: {wires.buses[device.bus].words or answers[name]}"
            for name, device in devices.items()
        ]
        troubles = [*told, "open the charger's switch or its relay by hand", *troubles]
    if troubles:
        raise SafeError("; ".join(troubles))
