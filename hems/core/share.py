"""Several chargers under one headroom: who gets how much, and how fast it may rise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from hems.core.readings import floor_step

TINY_A = 1e-6
"""Currents closer than this are the same: far below any charger's step."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What one charger would like, and what it is known to take.

    `path` names the sites (lines, circuits) its current flows through. `sure_a` is served in turn, the rest
    up to `wish_a` only from what nobody else wants. The larger `priority` is first, then the earlier plug-in,
    then the one that got less energy since, then the name (CHG-40).
    """

    name: str
    path: tuple[str, ...]
    lowest_a: float
    step_a: float
    wish_a: float
    sure_a: float = inf
    priority: int = 0
    plugged_mono_s: float = 0.0
    energy_wh: float = 0.0


@dataclass(frozen=True, slots=True)
class Share:
    """A charger's part: 0 or at least its minimum. `room_a` is what `site`, its tightest, had left for it."""

    limit_a: float
    room_a: float
    site: str


@dataclass(frozen=True, slots=True)
class Climb:
    """One charger's way from what it was told to its share.

    `most_a` says by how much it may rise in this cycle; ``None`` when it may neither rise nor start.
    """

    name: str
    path: tuple[str, ...]
    lowest_a: float
    step_a: float
    told_a: float
    share_a: float
    most_a: float | None


def order(wish: Wish) -> tuple[int, float, float, str]:
    """The turn of a charger; the smallest is first."""
    return -wish.priority, wish.plugged_mono_s, wish.energy_wh, wish.name


def allocate(sites: Mapping[str, float], wishes: Sequence[Wish]) -> dict[str, Share]:
    """Ampere per charger so that no site carries more than it may: `sites` are ampere by name.

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


def climb(free_a: Mapping[str, float], ease: float, climbs: Iterable[Climb]) -> dict[str, Share]:
    """This cycle's set-points: down at once, up only by what the last readings had free, all booked together.

    A start takes its whole minimum or nothing, rises together at most the share `ease` of what was free.
    """
    spent = dict.fromkeys(free_a, 0.0)
    steps: dict[str, Share] = {}
    for one in sorted(climbs, key=lambda climb: (climb.told_a > 0.0, climb.told_a)):
        if one.share_a <= one.told_a or one.most_a is None:
            steps[one.name] = Share(min(one.share_a, one.told_a), inf, "")
            continue
        if one.told_a < one.lowest_a:
            room_a, site = _tightest({name: free_a[name] - spent[name] for name in one.path})
            new_a = one.lowest_a if room_a + TINY_A >= one.lowest_a else 0.0
            steps[one.name] = Share(new_a, room_a, site)
        else:
            rise_a, site = _tightest({name: free_a[name] * ease - spent[name] for name in one.path})
            room_a = one.told_a + max(0.0, rise_a)
            new_a = max(one.told_a, floor_step(min(one.share_a, one.told_a + one.most_a, room_a), one.step_a))
            steps[one.name] = Share(new_a, room_a, site)
        for name in one.path:
            spent[name] += new_a - one.told_a
    return steps


def _fill(left: dict[str, float], level: dict[str, float], targets: list[tuple[Wish, float]]) -> None:
    """Raise the lowest together until they have what they want or a site is full."""
    open_ones = [(wish, floor_step(target_a, wish.step_a)) for wish, target_a in targets]
    while open_ones:
        low_a = min(level[wish.name] for wish, _ in open_ones)
        lowest = [(wish, to_a) for wish, to_a in open_ones if level[wish.name] <= low_a + TINY_A]
        higher = [level[wish.name] for wish, _ in open_ones if level[wish.name] > low_a + TINY_A]
        jump_a = min(
            [_common_room(left, lowest), *(to_a - low_a for _, to_a in lowest), *(a - low_a for a in higher)]
        )
        for wish, to_a in lowest:
            together_a = floor_step(jump_a, wish.step_a)
            for rise_a in (together_a, wish.step_a):
                if rise_a and level[wish.name] + rise_a <= to_a + TINY_A and _fits(left, wish, rise_a):
                    _take(left, level, wish, rise_a)
                    break
            else:
                open_ones.remove((wish, to_a))


def _common_room(left: Mapping[str, float], lowest: Sequence[tuple[Wish, float]]) -> float:
    """By how much all of them can rise at once."""
    users: dict[str, int] = {}
    for wish, _ in lowest:
        for site in wish.path:
            users[site] = users.get(site, 0) + 1
    return min((max(0.0, left[site]) / count for site, count in users.items()), default=inf)


def _fits(left: Mapping[str, float], wish: Wish, more_a: float) -> bool:
    return all(left[site] + TINY_A >= more_a for site in wish.path)


def _take(left: dict[str, float], level: dict[str, float], wish: Wish, more_a: float) -> None:
    level[wish.name] = round(level[wish.name] + more_a, 6)
    for site in wish.path:
        left[site] -= more_a


def _share(left: Mapping[str, float], limit_a: float, path: Sequence[str]) -> Share:
    room_a, site = _tightest({name: left[name] for name in path})
    return Share(limit_a, limit_a + room_a, site)


def _tightest(rooms: Mapping[str, float]) -> tuple[float, str]:
    """The smallest room and the site that has it; endless and nameless without sites."""
    return min(((room_a, site) for site, room_a in rooms.items()), default=(inf, ""))
