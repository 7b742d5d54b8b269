"""Who answers, at which speed and address, as what: the search for devices. Pure, and it only reads.

Theory of operation. First it listens: frames nobody asked for mean another master, and it stops. Then it asks
pair by pair of a setting and a unit id, the likeliest first; any well-formed answer, an exception too, proves
presence. The first one settles the setting: the other settings are dropped. At last everyone present is
asked who it is. `step` takes the outcome of the last errand and gives the next; a search that was broken off
goes on at the pair it had reached.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from hems.field import naming
from hems.field.exchange import Accepted, Failed, Outcome, Request
from hems.field.naming import Verdict
from hems.field.pairs import Pair, all_pairs, rest_of
from hems.field.profile import Profile
from hems.field.setting import SETTINGS, Setting, candidates, likely

Manner = Literal["quick", "normal", "full"]
"""Quick: the likely pairs; normal: then every id of the setting found; full: every id of every setting."""

Stage = Literal["listening", "asking", "naming", "done"]
ALLOWED: Final[Mapping[Stage, frozenset[Stage]]] = {
    "listening": frozenset({"asking", "done"}),
    "asking": frozenset({"naming", "done"}),
    "naming": frozenset({"done"}),
    "done": frozenset(),
}
LISTEN_S: Final = 2.0
PROBE_S: Final = 0.15
"""How long a device is waited for."""
PAUSE_S: Final = 0.02
"""About what a probe costs besides: the request and the silences around it."""
NAMING_S: Final = 5.0
"""About what it takes to find out who one device is."""
TWICE_BROKEN: Final = 2


@dataclass(frozen=True, slots=True)
class Listen:
    """An errand: listen at a setting for `LISTEN_S`."""

    setting: Setting


@dataclass(frozen=True, slots=True)
class Probe:
    """An errand: one read at a setting."""

    setting: Setting
    request: Request


@dataclass(frozen=True, slots=True)
class Heard:
    """What came while listening: sound frames, and bytes in all."""

    frames: int
    bytes: int


Errand = Listen | Probe
Result = Heard | Outcome


@dataclass(frozen=True, slots=True)
class Found:
    """One who answers: as what, how surely, and what a person should look at."""

    setting: Setting
    unit: int
    verdict: Verdict
    words: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far: pair `at` of `of`, counted from 1, and about how long it will still take.

    While those who are there are asked who they are, `naming` counts them from 1.
    """

    at: int
    of: int
    seconds_left: float
    naming: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a search can be taken up again: at the pair `start`, counted from 0, of a setting.

    ``None`` means the pairs of all settings. `present` are the units that have answered.
    """

    setting: Setting | None
    start: int
    present: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """Where a search stands. `words` say why it stopped, or what was noticed."""

    profiles: tuple[Profile, ...]
    pairs: tuple[Pair, ...]
    manner: Manner
    stage: Stage
    since_mono_s: float
    without: frozenset[int] = frozenset()
    heard_at: int = 0
    at: int = 0
    way: int = 0
    broken: Mapping[Pair, int] = field(default_factory=dict)
    present: tuple[Pair, ...] = ()
    question: int = 0
    answers: Mapping[Request, Outcome] = field(default_factory=dict)
    found: tuple[Found, ...] = ()
    words: str = ""


def begin(
    profiles: Sequence[Profile],
    manner: Manner,
    now_mono_s: float,
    *,
    settings: Sequence[Setting] = SETTINGS,
    without: Collection[int] = (),
    listen: bool = True,
    start: int = 0,
    present: Collection[int] = (),
) -> Scan:
    """A search over these settings for all units but `without`, from pair `start` on, if there is one.

    On a line at work there is no listening: its own frames would be heard. Who is `present` at the only
    setting is asked who it is without being looked for.
    """
    wanted = all_pairs(profiles, settings, without)
    if manner != "full":
        wanted = tuple(pair for pair in wanted if pair.likely)
    stage: Stage = "listening" if listen else "asking"
    return Scan(
        tuple(profiles),
        wanted,
        manner,
        stage,
        now_mono_s,
        frozenset(without),
        at=start if start < len(wanted) else 0,
        present=tuple(pair for pair in wanted if pair.unit in present),
    )


def step(scan: Scan, result: Result | None, now_mono_s: float) -> tuple[Scan, Errand | None, Progress]:
    """Take the outcome of the last errand (``None`` at the start); the next errand, ``None`` at the end."""
    if result is not None:
        scan = _took(scan, result, now_mono_s)
    return scan, _errand(scan), progress(scan)


def progress(scan: Scan) -> Progress:
    """How far the search is."""
    if scan.stage == "naming":
        left = len(scan.present) - len(scan.found)
        return Progress(scan.at, len(scan.pairs), round(left * NAMING_S, 1), len(scan.found) + 1)
    seconds = sum(_probe_s(pair) for pair in scan.pairs[scan.at :])
    return Progress(min(scan.at + 1, len(scan.pairs)), len(scan.pairs), round(seconds, 1))


def so_far(scan: Scan) -> tuple[Found, ...]:
    """Who was found until now, by unit ids; who was not asked yet is only known to be there."""
    unnamed = (
        Found(pair.setting, pair.unit, Verdict("unknown"), "not asked yet who it is")
        for pair in scan.present[len(scan.found) :]
    )
    return tuple(sorted((*scan.found, *unnamed), key=lambda found: found.unit))


def place(scan: Scan) -> Place | None:
    """Where to take it up again if it is broken off now; ``None`` once it is through."""
    if not scan.pairs or (scan.stage == "done" and not scan.words):
        return None
    first, last = scan.pairs[0].setting, scan.pairs[-1].setting
    if not scan.present and first != last:
        return Place(None, scan.at)
    next_one = scan.pairs[min(scan.at, len(scan.pairs) - 1)]
    units = [pair.unit for pair in all_pairs(scan.profiles, (last,), scan.without)]
    return Place(last, units.index(next_one.unit), tuple(pair.unit for pair in scan.present))


def _took(scan: Scan, result: Result, now_s: float) -> Scan:
    match scan.stage:
        case "listening":
            assert isinstance(result, Heard)
            return _listened(scan, result, now_s)
        case "asking":
            assert not isinstance(result, Heard)
            return _asked(scan, result, now_s)
        case "naming":
            assert not isinstance(result, Heard)
            return _named(scan, result, now_s)
        case "done":
            return scan


def _listened(scan: Scan, heard: Heard, now_s: float) -> Scan:
    """Bytes that are no frames are looked for at the other settings: somebody may speak at another speed."""
    settings = list(dict.fromkeys(pair.setting for pair in scan.pairs))
    if heard.frames:
        words = f"another master speaks on this line at {settings[scan.heard_at]}; stop it, then search again"
        return replace(scan, stage="done", since_mono_s=now_s, words=words)
    if not heard.bytes:
        return replace(scan, stage="asking", since_mono_s=now_s)
    if scan.heard_at + 1 < len(settings):
        return replace(scan, heard_at=scan.heard_at + 1)
    words = "noise on the line while nobody was asked; look at wiring, termination and other masters"
    return replace(scan, stage="done", since_mono_s=now_s, words=words)


def _asked(scan: Scan, outcome: Outcome, now_s: float) -> Scan:
    pair = scan.pairs[scan.at]
    if isinstance(outcome, Accepted) or outcome.kind in ("exception", "shape"):
        return _onward(_settled(scan, pair), now_s)
    if outcome.kind == "crc":
        times = scan.broken.get(pair, 0) + 1
        scan = replace(scan, broken={**scan.broken, pair: times})
        if times >= TWICE_BROKEN:
            return _onward(_settled(scan, pair), now_s)
        return scan
    if scan.way + 1 < len(_ways(scan, pair)):
        return replace(scan, way=scan.way + 1)
    return _onward(scan, now_s)


def _settled(scan: Scan, pair: Pair) -> Scan:
    """Somebody is there: the other settings are dropped; all other ids of this one follow, unless quick."""
    if pair in scan.present:
        return scan
    if scan.present:
        return replace(scan, present=(*scan.present, pair))
    asked, coming = scan.pairs[: scan.at + 1], scan.pairs[scan.at + 1 :]
    here = tuple(other for other in coming if other.setting == pair.setting)
    if scan.manner != "quick":
        here += tuple(other for other in rest_of(scan.pairs, pair.setting) if other.unit not in scan.without)
    return replace(scan, pairs=(*asked, *here), present=(pair,))


def _onward(scan: Scan, now_s: float) -> Scan:
    scan = replace(scan, at=scan.at + 1, way=0)
    if scan.at < len(scan.pairs):
        return scan
    return replace(scan, stage="naming" if scan.present else "done", since_mono_s=now_s)


def _named(scan: Scan, outcome: Outcome, now_s: float) -> Scan:
    """One more answer of the device in question; a settled verdict ends the asking."""
    pair = scan.present[len(scan.found)]
    request = _questions(scan, pair)[scan.question]
    answers = {**scan.answers, request: outcome}
    known = candidates(scan.profiles, pair.setting)
    verdict = naming.verdict(known, pair.unit, answers)
    if not verdict.settled and scan.question + 1 < len(_questions(scan, pair)):
        return replace(scan, question=scan.question + 1, answers=answers)
    return _told(scan, pair, verdict, answers, now_s)


def _told(scan: Scan, pair: Pair, verdict: Verdict, answers: Mapping[Request, Outcome], now_s: float) -> Scan:
    broken = scan.broken.get(pair, 0) + sum(
        isinstance(outcome, Failed) and outcome.kind == "crc" for outcome in answers.values()
    )
    words = "two devices with this id?" if broken >= TWICE_BROKEN else ""
    found = (*scan.found, Found(pair.setting, pair.unit, verdict, words))
    stage: Stage = "naming" if len(found) < len(scan.present) else "done"
    since_s = now_s if stage == "done" else scan.since_mono_s
    return replace(scan, stage=stage, since_mono_s=since_s, found=found, question=0, answers={})


def _errand(scan: Scan) -> Errand | None:
    match scan.stage:
        case "listening":
            settings = list(dict.fromkeys(pair.setting for pair in scan.pairs))
            return Listen(settings[scan.heard_at])
        case "asking":
            if scan.at >= len(scan.pairs):
                return None
            pair = scan.pairs[scan.at]
            return Probe(pair.setting, _ways(scan, pair)[scan.way])
        case "naming":
            pair = scan.present[len(scan.found)]
            return Probe(pair.setting, _questions(scan, pair)[scan.question])
        case "done":
            return None


def _ways(scan: Scan, pair: Pair) -> tuple[Request, ...]:
    """How presence is asked for: who it likely is, then the first input and holding registers."""
    usual = [
        profile
        for profile in scan.profiles
        if str(pair.setting) in likely(profile) and pair.unit in profile.serial.units
    ]
    names = naming.identities(usual, pair.unit) if pair.likely else ()
    plain = Request(pair.unit, 3, 0, 1)
    if pair.setting.framing == "ascii":
        known = candidates(scan.profiles, pair.setting)
        return names or naming.identities(known, pair.unit) or (plain,)
    return (*names[:1], Request(pair.unit, 4, 0, 2), plain) if pair.likely else (plain,)


def _questions(scan: Scan, pair: Pair) -> tuple[Request, ...]:
    known = candidates(scan.profiles, pair.setting)
    asked = (*naming.identities(known, pair.unit), *naming.plausibilities(known, pair.unit))
    return asked or (Request(pair.unit, 3, 0, 1),)


def _probe_s(pair: Pair) -> float:
    return (PROBE_S + PAUSE_S) * (3 if pair.likely else 1)
