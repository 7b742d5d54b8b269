"""The search for devices on a serial port, for a person at a terminal: it only reads and only proposes."""

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC
from itertools import count

from hems.clock import SystemClock
from hems.errors import PortError
from hems.field.profile import Profile
from hems.field.profiles import PROFILES
from hems.field.scan import Found, Manner, Progress, Setting
from hems.field.search import Search
from hems.reactor import Reactor

LOOK_S = 0.5
"""So often the progress is shown."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to search, how thoroughly, from which pair on, and how to print it."""

    port: str
    manner: Manner
    start: int = 0
    as_json: bool = False


def scan(wishes: Wishes) -> int:
    """Search a port and print who answers, with a piece of hems.toml; Ctrl-C ends it early."""
    with ExitStack() as resources:
        reactor = Reactor(SystemClock(UTC))
        resources.callback(reactor.close)
        search = Search(
            wishes.port,
            tuple(PROFILES.values()),
            wishes.manner,
            reactor,
            reactor.clock,
            start=wishes.start,
        )
        resources.callback(search.close)
        broken_off = False
        try:
            while not search.done:
                reactor.run_until(reactor.clock.mono_s() + LOOK_S, lambda: search.done)
                _show(search.progress)
        except KeyboardInterrupt:
            broken_off = True
        finally:
            _clear()
    found = search.state.found
    if search.words and not found:
        raise PortError(search.words)
    if broken_off:
        print(
            f"broken off at pair {search.state.at + 1} of {len(search.state.pairs)};"
            f" go on with --from {search.state.at}",
            file=sys.stderr,
        )
    if wishes.as_json:
        print(json.dumps(as_row(wishes.port, found, search.words, broken_off)))
    else:
        print("\n".join(describe(wishes.port, found, wishes.manner)))
    return 0


def as_row(port: str, found: Sequence[Found], words: str, broken_off: bool) -> Mapping[str, object]:
    """The outcome in types JSON knows."""
    devices = [
        {
            "setting": str(one.setting),
            "unit": one.unit,
            "certainty": one.verdict.certainty,
            "profiles": list(one.verdict.keys),
            "words": one.words,
        }
        for one in found
    ]
    return {
        "port": port,
        "devices": devices,
        "words": words,
        "broken_off": broken_off,
        "toml": "\n".join(fragment(port, found, PROFILES)),
    }


def describe(port: str, found: Sequence[Found], manner: Manner) -> list[str]:
    """The outcome in words, then the piece of hems.toml."""
    if not found:
        more = "" if manner == "full" else "; --full asks every unit id at every setting (up to 10 minutes)"
        return [f"nobody answers on {port}: is it wired and powered, A and B not crossed?{more}"]
    lines = [f"{len(found)} on {port} at {found[0].setting}"]
    for one in found:
        keys = " or ".join(one.verdict.keys[:4]) or "no known product"
        words = f"  {one.words}" if one.words else ""
        lines.append(f"  unit {one.unit:<3}  {one.verdict.certainty:<7}  {keys}{words}")
    return [*lines, "", *fragment(port, found, PROFILES)]


def fragment(port: str, found: Sequence[Found], profiles: Mapping[str, Profile]) -> list[str]:
    """A piece of hems.toml: a proposal, to be judged by a person."""
    if not found:
        return []
    lines = ["# a proposal: check names, roles and lines before use", *_bus(port, found[0].setting)]
    meters, chargers, pumps = count(1), count(1), count(1)
    roles = ["grid"]
    for one in found:
        profile = profiles.get(one.verdict.keys[0]) if one.verdict.keys else None
        also = one.verdict.keys[1:4]
        lines.append("")
        if profile is None:
            lines.append(f"# unit {one.unit}: answers, but is no known product")
            continue
        if also:
            lines.append(f"# or {', '.join(also)}")
        match profile.kind:
            case "meter":
                lines += _meters(one, profile, meters, roles)
            case "charger":
                lines += _charger(one, profile, next(chargers))
            case "heat_pump":
                number = next(pumps)
                lines += ["[[heat_pump]]", f'name = "pump{number}"', f"number = {number}", *_at(one, profile)]
    return lines


def _bus(port: str, setting: Setting) -> list[str]:
    framing = ['framing = "ascii"'] if setting.framing == "ascii" else []
    return [
        "[[bus]]",
        'name = "rs485-a"',
        f'port = "{port}"',
        f"baud = {setting.baud}",
        f'parity = "{setting.parity}"',
        f"stop_bits = {setting.stop_bits}",
        *framing,
    ]


def _at(one: Found, profile: Profile) -> list[str]:
    return ['bus = "rs485-a"', f"unit = {one.unit}", f'profile = "{profile.key}"']


def _meters(one: Found, profile: Profile, numbers: "count[int]", roles: list[str]) -> list[str]:
    """The first plain meter is the grid's; what else a device may measure is written down to be chosen."""
    own = [str(role) for role in dict.fromkeys(point.role for point in profile.points) if role]
    if own:
        chosen, others = own[0], own[1:]
    elif roles and profile.point("line_a") is not None:
        chosen, others = roles.pop(0), []
    else:
        chosen, others = "", ["grid, pv, battery or charger"]
    entry = ["[[meter]]", f'name = "meter{next(numbers)}"', *_at(one, profile)]
    if chosen:
        also = f"  # or {', '.join(others)}: one entry each" if others else ""
        return [*entry, f'role = "{chosen}"{also}']
    return [*(f"# {line}" for line in entry), f'# role = "…"  # {others[0]}']


def _charger(one: Found, profile: Profile, number: int) -> list[str]:
    relay = [] if profile.watchdog else ['# relay = "…"  # it keeps its current when this unit stops']
    return [
        "[[charger]]",
        f'name = "charger{number}"',
        f"number = {number}",
        *_at(one, profile),
        *relay,
    ]


def _show(progress: Progress) -> None:
    if sys.stderr.isatty():
        left = f"about {progress.seconds_left:.0f} s left"
        sys.stderr.write(f"\r\x1b[Kpair {progress.at} of {progress.of}, {left}")
        sys.stderr.flush()


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
