"""Which product answers at an address: what to ask, and what the answers say. Pure.

A product whose own number or text fits is sure. Else the points of each profile that might be there are read
and judged: a voltage, a frequency or a status that makes sense makes the profile likely.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from hems.field.chain import MARKER
from hems.field.decoding import plausible, values
from hems.field.exchange import Accepted, Outcome, Request
from hems.field.plan import Block
from hems.field.profile import Identify, Point, Profile, Quantity

Certainty = Literal["sure", "likely", "unknown"]
Answers = Mapping[Request, Outcome]

TELLING: Final[Mapping[Quantity, tuple[float, float]]] = {
    "line_v": (200.0, 260.0),
    "frequency_hz": (45.0, 55.0),
}
"""What only the right type, order, scale and address read like that."""
TELLING_WEIGHT: Final = 10
SIGNS: Final = 4
"""So many values are looked at of a product that measures nothing telling."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How sure it is, and the keys of the profiles it may be, the best first.

    It is `settled` when no further answer would change it for the better.
    """

    certainty: Certainty
    keys: tuple[str, ...] = ()
    settled: bool = False


def identity(profile: Profile, unit: int) -> Request | None:
    """The one read that names the product, if it has one."""
    if profile.chain is not None:
        return Request(unit, 3, profile.chain.markers[0], len(MARKER))
    row = profile.identify
    return None if row is None else Request(unit, row.function, row.address, row.count)


def identities(profiles: Iterable[Profile], unit: int) -> tuple[Request, ...]:
    """All reads that may name a product, each once."""
    asked = (identity(profile, unit) for profile in profiles)
    return tuple(dict.fromkeys(request for request in asked if request is not None))


def plausibilities(profiles: Iterable[Profile], unit: int) -> tuple[Request, ...]:
    """All reads by which products without a name of their own may be recognised, each once."""
    return tuple(
        dict.fromkeys(
            _read(point, unit, even=profile.limits.even)
            for profile in profiles
            if identity(profile, unit) is None
            for point in _signs(profile)
        )
    )


def verdict(profiles: Iterable[Profile], unit: int, answers: Answers) -> Verdict:
    """What the answers so far say."""
    known = list(profiles)
    sure = tuple(profile.key for profile in known if _named(profile, unit, answers))
    if sure:
        return Verdict("sure", sure, settled=True)
    weights = {profile.key: _weight(profile, unit, answers) for profile in known}
    likely = sorted((key for key, weight in weights.items() if weight > 0), key=lambda key: -weights[key])
    if not likely:
        return Verdict("unknown")
    best = weights[likely[0]]
    near = tuple(key for key in likely if 2 * weights[key] > best)
    return Verdict("likely", near, settled=best >= TELLING_WEIGHT)


def fits(row: Identify, registers: tuple[int, ...]) -> bool:
    """Whether what was read names the product: a number in a range, or a text that begins so."""
    raw = b"".join(word.to_bytes(2, "big") for word in registers)
    number = int.from_bytes(raw, "big")
    text = raw.decode("latin-1").strip("\0 ")
    in_range = any(low <= number <= high for low, high in row.ranges)
    return in_range or any(text.startswith(begin) for begin in row.texts)


def _named(profile: Profile, unit: int, answers: Answers) -> bool:
    request = identity(profile, unit)
    outcome = None if request is None else answers.get(request)
    if not isinstance(outcome, Accepted):
        return False
    if profile.identify is None:
        return outcome.registers == MARKER
    return fits(profile.identify, outcome.registers)


def _weight(profile: Profile, unit: int, answers: Answers) -> int:
    """How much speaks for a profile; 0 as soon as one of its signs is missing or wrong."""
    if identity(profile, unit) is not None:
        return 0
    weight = 0
    for point in _signs(profile):
        request = _read(point, unit, even=profile.limits.even)
        outcome = answers.get(request)
        if not isinstance(outcome, Accepted):
            return 0
        block = Block(point.function, request.address, request.count, (point,), point.period_s)
        found = values(point, block, outcome.registers)
        if found is None or not _makes_sense(profile, point, found):
            return 0
        weight += len(point.addresses) * (TELLING_WEIGHT if point.quantity in TELLING else 1)
    return weight


def _makes_sense(profile: Profile, point: Point, found: tuple[float, ...]) -> bool:
    low, high = TELLING.get(point.quantity, (float("-inf"), float("inf")))
    if point.quantity == "status":
        return int(found[0]) in profile.statuses
    if point.quantity == "operating_state" and profile.operating:
        return int(found[0]) in profile.operating
    return point.order == "?" or (plausible(point, found) and all(low <= value <= high for value in found))


def _signs(profile: Profile) -> tuple[Point, ...]:
    """The points that tell a profile: voltage and frequency, else its first few."""
    telling = tuple(point for point in profile.points if point.quantity in TELLING)
    return telling or profile.points[:SIGNS]


def _read(point: Point, unit: int, *, even: bool) -> Request:
    start, end = point.start, point.end
    if even:
        start, end = start - start % 2, end + end % 2
    return Request(unit, point.function, start, end - start)
