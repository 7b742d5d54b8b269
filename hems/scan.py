"""The search for devices on a serial port, for a person at a terminal: it only reads and only proposes."""

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC
from itertools import count
from typing import Final

from hems.clock import SystemClock
from hems.errors import HemsError, PortError
from hems.field.profile import Profile
from hems.field.profiles import PROFILES
from hems.field.scan import Found, Manner, place, so_far
from hems.field.search import Search
from hems.field.setting import SETTINGS, Setting
from hems.model.site import Bus
from hems.reactor import Reactor

NAME: Final = "search"
LOOK_S = 0.5
"""So often the progress is shown on a terminal."""
LOOKS_A_LINE = 20
LIKELY_ONLY = "only likely unit ids were asked; --full asks every id at every setting (up to 10 minutes)"
MORE: Final[Mapping[Manner, str]] = {
    "quick": LIKELY_ONLY,
    "normal": LIKELY_ONLY,
    "full": "every unit id was asked at every setting",
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to search, how thoroughly, from which pair on (counted from 1), and how to print it.

    With a `setting` only that one is searched, all its unit ids.
    """

    port: str
    manner: Manner
    start: int = 1
    setting: Setting | None = None
    as_json: bool = False


def scan(wishes: Wishes) -> int:
    """Search a port and print who answers, with a piece of hems.toml; Ctrl-C ends it early."""
    with ExitStack() as resources:
        reactor = Reactor(SystemClock(UTC))
        resources.callback(reactor.close)
        search = Search(
            Bus(name=NAME, port=wishes.port),
            tuple(PROFILES.values()),
            "full" if wishes.setting else wishes.manner,
            reactor,
            reactor.clock,
            settings=(wishes.setting,) if wishes.setting else SETTINGS,
            start=wishes.start - 1,
        )
        resources.callback(search.close)
        if wishes.start > search.progress.of:
            raise HemsError(
                f"--from {wishes.start}: there are only {search.progress.of} pairs; name a lower one"
            )
        broken_off = _run(search, reactor)
    found = so_far(search.state)
    if search.words and not found:
        raise PortError(search.words)
    if broken_off:
        print(_go_on(wishes, search), file=sys.stderr)
    if wishes.as_json:
        print(json.dumps(as_row(wishes.port, found, search.words, broken_off)))
    elif found or not broken_off:
        print("\n".join(describe(wishes.port, found, wishes.manner)))
    return 0


def _run(search: Search, reactor: Reactor) -> bool:
    """Turn until it is done and tell how far it is; true if somebody broke it off."""
    told = Teller()
    try:
        while not search.done:
            reactor.run_until(reactor.clock.mono_s() + LOOK_S, lambda: search.done)
            told.show(search)
    except KeyboardInterrupt:
        return True
    finally:
        told.clear()
    return False


def _go_on(wishes: Wishes, search: Search) -> str:
    """Where it was broken off, and how to go on there: the setting that was found keeps its place."""
    at, state = search.progress, search.state
    words = f"broken off at pair {at.at} of {at.of}"
    if state.stage == "naming":
        return f"{words}: everyone was found, not everyone was asked who it is; search again for that"
    if not state.present or wishes.setting:
        return f"{words}; go on with --from {at.at}"
    here = place(state)
    assert here is not None
    return f"{words}; go on with --setting '{here.setting}' --from {here.start + 1}"


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
        return [f"nobody answers on {port}: is it wired and powered, A and B not crossed?", MORE[manner]]
    number = f"{len(found)} devices" if len(found) > 1 else "1 device"
    lines = [f"{number} on {port} at {found[0].setting}"]
    for one in found:
        keys = " or ".join(one.verdict.keys[:4]) or "no known product"
        words = f"  {one.words}" if one.words else ""
        lines.append(f"  unit {one.unit:<3}  {one.verdict.certainty:<7}  {keys}{words}")
    if manner == "quick":
        lines.append("only likely unit ids were asked; without --quick all of this setting are")
    return [*lines, "", *fragment(port, found, PROFILES), "", "# next: hems check FILE"]


def fragment(port: str, found: Sequence[Found], profiles: Mapping[str, Profile]) -> list[str]:
    """A piece of hems.toml: a proposal, to be judged by a person."""
    if not found:
        return []
    lines = ["# a proposal: check names, roles and lines before use", *_bus(port, found[0].setting)]
    meters, chargers, pumps = count(1), count(1), count(1)
    roles = ["grid"]
    for one in found:
        known = [profiles[key] for key in one.verdict.keys]
        lines.append("")
        if not known:
            lines.append(f"# unit {one.unit}: answers, {one.words or 'but is no known product'}")
        elif len({profile.kind for profile in known}) > 1:
            lines.append(f"# unit {one.unit}: {' or '.join(one.verdict.keys[:4])}? look at the device")
        else:
            if known[1:4]:
                lines.append(f"# or {', '.join(other.key for other in known[1:4])}")
            match known[0].kind:
                case "meter":
                    lines += _meters(one, known[0], meters, roles)
                case "charger":
                    lines += _charger(one, known[0], next(chargers))
                case "heat_pump":
                    lines += _pump(one, known[0], next(pumps))
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


def _pump(one: Found, profile: Profile, number: int) -> list[str]:
    return ["[[heat_pump]]", f'name = "pump{number}"', f"number = {number}", *_at(one, profile)]


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


class Teller:
    """Tells how far a search is: on a terminal in one line that changes, else in a line every ten seconds."""

    def __init__(self) -> None:
        self._looks = 0

    def show(self, search: Search) -> None:
        """Tell it, if it is time to."""
        self._looks += 1
        at = search.progress
        words = f"pair {at.at} of {at.of}"
        if at.naming:
            words = f"asking device {at.naming} of {len(search.state.present)} who it is"
        words += f", about {at.seconds_left:.0f} s left"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{words}")
            sys.stderr.flush()
        elif self._looks % LOOKS_A_LINE == 0:
            print(words, file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Make room for the outcome."""
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
