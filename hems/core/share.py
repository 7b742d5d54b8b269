"""Several chargers under one headroom: who gets how much, and how fast it may rise.

A site is anything that has room for a limited sum: a line of a fuse or circuit in ampere, a power in watt. A
charger's path says what one ampere of its set-point costs on each site it uses.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from hems.core.readings import floor_step

TINY_A = 1e-6
"""Currents closer than this are the same: far below any charger's step."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What one charger would like, and what it is known to take.

    `path` is what one ampere costs on each site it uses, in the site's own unit; always above 0. `sure_a` is
    served in turn, the rest up to `wish_a` only from what nobody else wants. The larger `priority` is first,
    then the earlier plug-in, then the one that got less energy since, then the name (CHG-40).
    """

    name: str
    path: Mapping[str, float]
    lowest_a: float
    step_a: float
    wish_a: float
    sure_a: float = inf
    priority: int = 0
    plugged_mono_s: float = 0.0
    energy_wh: float = 0.0


@dataclass(frozen=True, slots=True)
class Share:
    """A charger's part: 0 or at least its minimum. `room_a` is what `site`, its tightest, had left for it.

    Both are ampere of its set-point, whatever the unit of the site.
    """

    limit_a: float
    room_a: float
    site: str


@dataclass(frozen=True, slots=True)
class Climb:
    """One charger's way from what it was told to its share.

    `most_a` says by how much it may rise in this cycle; ``None`` when it may neither rise nor start.
    """

    name: str
    path: Mapping[str, float]
    lowest_a: float
    step_a: float
    told_a: float
    share_a: float
    most_a: float | None


def order(wish: Wish) -> tuple[int, float, float, str]:
    """The turn of a charger; the smallest is first."""
    return -wish.priority, wish.plugged_mono_s, wish.energy_wh, wish.name


def allocate(sites: Mapping[str, float], wishes: Sequence[Wish]) -> dict[str, Share]:
    """Ampere per charger so that no site carries more than it may: `sites` are rooms by name.

    First each gets its minimum if it fits, in turn. Then, priority by priority, the lowest rises first until
    it has what it is known to take, or a site is full; what is left goes to those who wish for more (max-min
    fair, whole steps).
    """
    left = dict(sites)
    turn = sorted(wishes, key=order)
    level = {wish.name: 0.0 for wish in turn}
    served = []
    for wish in turn:
        if wish.wish_a + TINY_A >= wish.lowest_a and _fits(left, wish, wish.lowest_a):
            _take(left, level, wish, wish.lowest_a)
            served.append(wish)
    for priority in sorted({wish.priority for wish in served}, reverse=True):
        _fill(
            left,
            level,
            [(wish, min(wish.sure_a, wish.wish_a)) for wish in served if wish.priority == priority],
        )
    _fill(left, level, [(wish, wish.wish_a) for wish in served if wish.sure_a < wish.wish_a])
    return {wish.name: _share(left, level[wish.name], wish.path) for wish in turn}


def climb(free: Mapping[str, float], eased: Mapping[str, float], climbs: Iterable[Climb]) -> dict[str, Share]:
    """This cycle's set-points: down at once, up only by what the last readings had free, all booked together.

    A start takes its whole minimum of what was `free` or nothing, rises together at most what is `eased`.
    """
    spent = dict.fromkeys(free, 0.0)
    steps: dict[str, Share] = {}
    for one in sorted(climbs, key=lambda climb: (climb.told_a > 0.0, climb.told_a)):
        if one.share_a <= one.told_a or one.most_a is None:
            steps[one.name] = Share(min(one.share_a, one.told_a), inf, "")
            continue
        if one.told_a < one.lowest_a:
            room_a, site = _tightest(_minus(free, spent), one.path)
            new_a = one.lowest_a if room_a + TINY_A >= one.lowest_a else 0.0
            steps[one.name] = Share(new_a, room_a, site)
        else:
            rise_a, site = _tightest(_minus(eased, spent), one.path)
            room_a = one.told_a + max(0.0, rise_a)
            new_a = max(one.told_a, floor_step(min(one.share_a, one.told_a + one.most_a, room_a), one.step_a))
            steps[one.name] = Share(new_a, room_a, site)
        for name, cost in one.path.items():
            spent[name] += (new_a - one.told_a) * cost
    return steps


def _fill(left: dict[str, float], level: dict[str, float], targets: list[tuple[Wish, float]]) -> None:
    """Raise the lowest together until they have what they want or a site is full.

    One whose step is too coarse to rise with the others goes ahead where that leaves them something, else it
    waits until it is the lowest.
    """
    open_ones = [(wish, floor_step(target_a, wish.step_a)) for wish, target_a in targets]
    while open_ones:
        low_a = min(level[wish.name] for wish, _ in open_ones)
        lowest = [(wish, to_a) for wish, to_a in open_ones if level[wish.name] <= low_a + TINY_A]
        higher = [level[wish.name] for wish, _ in open_ones if level[wish.name] > low_a + TINY_A]
        jump_a = min(
            [_common_room(left, lowest), *(to_a - low_a for _, to_a in lowest), *(a - low_a for a in higher)]
        )
        rises = {wish.name: floor_step(jump_a, wish.step_a) for wish, _ in lowest}
        fine = [(wish, to_a) for wish, to_a in lowest if rises[wish.name]]
        coarse = [(wish, to_a) for wish, to_a in lowest if not rises[wish.name]]
        if fine and (ahead := _ahead(left, level, coarse, fine)) is not None:
            _take(left, level, ahead, ahead.step_a)
            continue
        for wish, to_a in fine or coarse:
            rise_a = rises[wish.name] or wish.step_a
            if level[wish.name] + rise_a <= to_a + TINY_A and _fits(left, wish, rise_a):
                _take(left, level, wish, rise_a)
            else:
                open_ones.remove((wish, to_a))


def _ahead(
    left: Mapping[str, float],
    level: Mapping[str, float],
    coarse: Sequence[tuple[Wish, float]],
    fine: Sequence[tuple[Wish, float]],
) -> Wish | None:
    """The first whose whole step leaves enough for all finer ones to rise as well."""
    for wish, to_a in coarse:
        if level[wish.name] + wish.step_a <= to_a + TINY_A and _fits(left, wish, wish.step_a):
            rest = {site: room - wish.step_a * wish.path.get(site, 0.0) for site, room in left.items()}
            if _common_room(rest, fine) + TINY_A >= min(other.step_a for other, _ in fine):
                return wish
    return None


def _common_room(left: Mapping[str, float], lowest: Sequence[tuple[Wish, float]]) -> float:
    """By how much all of them can rise at once."""
    together: dict[str, float] = {}
    for wish, _ in lowest:
        for site, cost in wish.path.items():
            together[site] = together.get(site, 0.0) + cost
    return min((max(0.0, left[site]) / cost for site, cost in together.items()), default=inf)


def _fits(left: Mapping[str, float], wish: Wish, more_a: float) -> bool:
    return all(left[site] / cost + TINY_A >= more_a for site, cost in wish.path.items())


def _take(left: dict[str, float], level: dict[str, float], wish: Wish, more_a: float) -> None:
    level[wish.name] = round(level[wish.name] + more_a, 6)
    for site, cost in wish.path.items():
        left[site] -= more_a * cost


def _share(left: Mapping[str, float], limit_a: float, path: Mapping[str, float]) -> Share:
    room_a, site = _tightest(left, path)
    return Share(limit_a, limit_a + room_a, site)


def _minus(rooms: Mapping[str, float], spent: Mapping[str, float]) -> dict[str, float]:
    return {name: room - spent[name] for name, room in rooms.items()}


def _tightest(rooms: Mapping[str, float], path: Mapping[str, float]) -> tuple[float, str]:
    """The smallest room in ampere of the set-point, and its site; endless and nameless without sites."""
    return min(((rooms[site] / cost, site) for site, cost in path.items()), default=(inf, ""))
