"""The devices as they are: reads on the real lines for some seconds, then the plan with what was found."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from hems.assembly import judged
from hems.clock import SystemClock
from hems.config import named
from hems.describe import plan
from hems.errors import ConfigError
from hems.field.budget import REACTION_MAX_S, grid_refresh_s, poll_plan, reaction_s
from hems.field.field import Field
from hems.field.measured import paces, read_only, unopened, words
from hems.field.pins import Pins
from hems.field.port import Port, open_serial
from hems.field.profiles import PROFILES
from hems.model.decision import Command
from hems.model.site import Bus, Config
from hems.model.view import FieldHealth
from hems.reactor import Reactor
from hems.signals import StopSign

MEASURE_TICKS: Final = 20
TOLD_EVERY: Final = 5


def check_measured(path: Path) -> int:
    """Measure an installation and print its plan; a `ConfigError` if that could not be or is too slow."""
    config = judged(path)
    with ExitStack() as resources:
        reactor = Reactor(SystemClock(ZoneInfo(config.site.time_zone)))
        resources.callback(reactor.close)
        stop = StopSign(reactor)
        resources.callback(stop.close)
        health = measure(config, reactor, stop, _progress)
    print("\n".join(report(config, health)))
    try:
        judge(config, health)
    except ConfigError as error:
        raise ConfigError(named(config, str(error))) from None
    return 0


def measure(
    config: Config,
    reactor: Reactor,
    stop: Callable[[], bool],
    progress: Callable[[int], None],
    open_port: Callable[[Bus], Port] = open_serial,
) -> FieldHealth:
    """Read everything for 20 ticks, until `stop` or until no line is there; nothing is written."""
    clock = reactor.clock
    field = Field(config, read_only(PROFILES), reactor, clock, Pins({}), open_port)
    start_s = clock.mono_s()
    try:
        for tick in range(MEASURE_TICKS):
            if stop():
                break
            progress(tick)
            field.read(clock.now())
            field.act(Command(), clock.now())
            if all(bus.stage == "absent" for bus in field.health(clock.now()).buses.values()):
                break
            reactor.run_until(start_s + tick + 1, stop)
        return field.health(clock.now())
    finally:
        field.close()


def report(config: Config, health: FieldHealth) -> list[str]:
    """The plan with what was measured, and the figures behind it."""
    return [*plan(config, PROFILES, paces(health)), *words(health)]


def judge(config: Config, health: FieldHealth) -> None:
    """Raise if a line or everybody was silent, or if an overload would last too long."""
    for i, bus in enumerate(config.buses):
        if unopened(health.buses[bus.name]):
            raise ConfigError(f"bus[{i}].port: nothing could be measured: {health.buses[bus.name].words}")
    if not any(device.accepted for device in health.devices.values()):
        raise ConfigError(
            "bus: nobody answered; is the cable connected, the setting right? hems scan PORT searches"
        )
    lines = poll_plan(config, PROFILES, paces(health))
    reaction = reaction_s(lines, grid_refresh_s(config, PROFILES) or 0.0)
    if reaction > REACTION_MAX_S:
        raise ConfigError(
            f"bus: as measured the reaction to an overload takes {reaction:.2f} s, more than "
            f"{REACTION_MAX_S:.1f} s; raise the speed or move devices to another line"
        )


def _progress(tick: int) -> None:
    if tick % TOLD_EVERY == 0:
        print(f"measuring, {MEASURE_TICKS - tick} s left", file=sys.stderr, flush=True)
