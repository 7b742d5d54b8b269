from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from hems.core.share import Climb, Wish, allocate, climb, order

TINY = 1e-5
SITES = ("L1", "L2", "L3")


def on(*lines: str) -> dict[str, float]:
    """A path over these lines and over the power that goes with them."""
    return {**dict.fromkeys(lines, 1.0), "power": 230.0 * len(lines)}


THREE = dict.fromkeys(SITES, 1.0)
rooms = st.fixed_dictionaries(
    {**{site: st.floats(-10.0, 70.0) for site in SITES}, "power": st.floats(-2_000.0, 60_000.0)}
)
wish_values = st.builds(
    Wish,
    name=st.just(""),
    path=st.sampled_from([on(*SITES), on(*SITES), on("L1"), on("L2"), on("L2", "L3")]),
    lowest_a=st.sampled_from([6.0, 8.0]),
    step_a=st.sampled_from([0.1, 0.5, 1.0, 1.0]),
    wish_a=st.sampled_from([0.0, 6.0, 9.5, 16.0, 32.0]),
    sure_a=st.sampled_from([float("inf"), float("inf"), 7.3, 12.0]),
    priority=st.sampled_from([0, 0, 1]),
    plugged_mono_s=st.sampled_from([1.0, 2.0]),
    energy_wh=st.sampled_from([0.0, 500.0]),
)


def named(values: list[Wish]) -> list[Wish]:
    return [
        Wish(f"c{index}", *(getattr(value, name) for name in Wish.__slots__[1:]))
        for index, value in enumerate(values)
    ]


wishes = st.lists(wish_values, max_size=6).map(named)


def left(sites: dict[str, float], wanted: list[Wish], given_a: dict[str, float]) -> dict[str, float]:
    return {
        site: room - sum(given_a[wish.name] * wish.path.get(site, 0.0) for wish in wanted)
        for site, room in sites.items()
    }


def room_a(free: dict[str, float], wish: Wish) -> float:
    return min(free[site] / cost for site, cost in wish.path.items())


@settings(max_examples=250, deadline=None)
@given(rooms, wishes)
def test_every_share_is_whole_fits_and_uses_what_there_is(
    sites: dict[str, float], wanted: list[Wish]
) -> None:
    """CHG-40: no site overdrawn, 0 or at least the minimum, and no ampere unused while a wish is open."""
    shares = allocate(sites, wanted)
    given_a = {name: share.limit_a for name, share in shares.items()}
    free = left(sites, wanted, given_a)
    assert all(room >= min(0.0, sites[site]) - 230.0 * TINY for site, room in free.items())
    for wish in wanted:
        amperes = given_a[wish.name]
        assert amperes == 0.0 or wish.lowest_a <= amperes <= wish.wish_a + TINY
        assert abs(amperes / wish.step_a - round(amperes / wish.step_a)) < TINY
        assert abs(shares[wish.name].room_a - amperes - room_a(free, wish)) < TINY
        if amperes:
            assert amperes + wish.step_a > wish.wish_a + TINY or room_a(free, wish) < wish.step_a - TINY / 2
        elif wish.wish_a >= wish.lowest_a:
            assert room_a(free, wish) < wish.lowest_a


@settings(max_examples=250, deadline=None)
@given(rooms, wishes)
def test_nobody_has_more_while_another_could_have_it(sites: dict[str, float], wanted: list[Wish]) -> None:
    """CHG-40, max-min fair: nobody could rise by a step at the cost of one that has more than that."""
    given_a = {name: share.limit_a for name, share in allocate(sites, wanted).items()}
    free = left(sites, wanted, given_a)
    plain = [wish for wish in wanted if given_a[wish.name] and wish.sure_a >= wish.wish_a]
    for poor in plain:
        rise_a = given_a[poor.name] + poor.step_a
        if rise_a > poor.wish_a + TINY:
            continue
        for rich in plain:
            if (
                rich is poor
                or rich.priority > poor.priority
                or given_a[rich.name] <= rise_a + rich.step_a + TINY
            ):
                continue
            down_a = given_a[rich.name] - rich.step_a
            if down_a < rich.lowest_a or down_a < rise_a:
                continue
            freed = {site: room + rich.step_a * rich.path.get(site, 0.0) for site, room in free.items()}
            assert room_a(freed, poor) < poor.step_a - TINY / 2, (poor, rich, given_a)


def test_minima_are_given_in_turn() -> None:
    """CHG-40: priority, then earlier plug-in, then less energy, then name."""
    one = Wish("b", THREE, 6.0, 1.0, 16.0, plugged_mono_s=2.0)
    rivals = [
        Wish("a", THREE, 6.0, 1.0, 16.0, plugged_mono_s=2.0, priority=-1),
        Wish("a", THREE, 6.0, 1.0, 16.0, plugged_mono_s=3.0),
        Wish("a", THREE, 6.0, 1.0, 16.0, plugged_mono_s=2.0, energy_wh=1.0),
        Wish("c", THREE, 6.0, 1.0, 16.0, plugged_mono_s=2.0),
    ]
    for rival in rivals:
        shares = allocate(dict.fromkeys(SITES, 11.0), [rival, one])
        assert (shares["b"].limit_a, shares[rival.name].limit_a) == (11.0, 0.0)


def test_equals_share_evenly_and_the_odd_ampere_goes_to_the_first() -> None:
    pair = [Wish("a", THREE, 6.0, 1.0, 16.0), Wish("b", THREE, 6.0, 1.0, 16.0)]
    assert [share.limit_a for share in allocate(dict.fromkeys(SITES, 21.0), pair).values()] == [11.0, 10.0]


def test_the_first_priority_is_filled_before_the_next_rises() -> None:
    pair = [Wish("a", THREE, 6.0, 1.0, 16.0), Wish("b", THREE, 6.0, 1.0, 16.0, priority=1)]
    shares = allocate(dict.fromkeys(SITES, 24.0), pair)
    assert (shares["a"].limit_a, shares["b"].limit_a) == (8.0, 16.0)


def test_what_a_car_does_not_take_is_offered_to_the_others_first() -> None:
    """CHG-18: a car booked with 8 A keeps the rest only while nobody else wants it."""
    small = Wish("a", THREE, 6.0, 1.0, 16.0, sure_a=8.0)
    alone = allocate(dict.fromkeys(SITES, 20.0), [small])
    both = allocate(dict.fromkeys(SITES, 20.0), [small, Wish("b", THREE, 6.0, 1.0, 16.0)])
    assert alone["a"].limit_a == 16.0
    assert (both["a"].limit_a, both["b"].limit_a) == (8.0, 12.0)


def test_a_fine_step_uses_what_a_coarse_one_leaves() -> None:
    """CHG-40: the coarse one's ampere does not fit any more; the fine one's tenths do."""
    coarse, fine = Wish("a", THREE, 6.0, 1.0, 16.0), Wish("b", THREE, 6.0, 0.1, 16.0)
    shares = allocate(dict.fromkeys(SITES, 13.5), [coarse, fine])
    assert (shares["a"].limit_a, shares["b"].limit_a) == (7.0, 6.5)


def test_a_coarse_step_does_not_take_what_the_others_rise_by() -> None:
    """CHG-40: 9 A and twice 8.2 A, not 9 A, 8.4 A and 8 A; where nothing is left for the others it waits."""
    ones = [Wish("a", THREE, 6.0, 0.1, 9.5), Wish("b", THREE, 8.0, 1.0, 9.5), Wish("c", THREE, 6.0, 0.1, 9.5)]
    shares = allocate(dict.fromkeys(SITES, 25.4), ones)
    given = [shares[name].limit_a for name in "abc"]
    assert given == [8.2, 9.0, 8.2]
    shares = allocate(dict.fromkeys(SITES, 25.0), ones)
    assert [shares[name].limit_a for name in "abc"] == [8.5, 8.0, 8.5]
    narrow = [Wish("a", on("L1"), 8.0, 1.0, 16.0), Wish("b", {"power": 230.0}, 8.0, 0.1, 9.0)]
    shares = allocate({"L1": 8.5, "power": 9_000.0}, narrow)
    assert [shares[name].limit_a for name in "ab"] == [8.0, 9.0]


def best(sites: dict[str, float], wanted: list[Wish]) -> list[float]:
    """The max-min fair division among all that there are, by trying every one; minima are given in turn."""
    levels: list[list[float]] = []
    left_over = dict(sites)
    for wish in sorted(wanted, key=order):
        fits = wish.wish_a >= wish.lowest_a and room_a(left_over, wish) >= wish.lowest_a - TINY
        least_a = wish.lowest_a if fits else 0.0
        left_over = {site: room - least_a * wish.path.get(site, 0.0) for site, room in left_over.items()}
        count = int((wish.wish_a - least_a) / wish.step_a + TINY) if fits else 0
        levels.append([least_a + index * wish.step_a for index in range(count + 1)])
    turn = sorted(wanted, key=order)
    fitting = (
        amperes
        for amperes in product(*levels)
        if all(
            sum(a * wish.path.get(site, 0.0) for a, wish in zip(amperes, turn, strict=True))
            <= max(0.0, room) + TINY * 1000
            for site, room in sites.items()
        )
    )
    return max(sorted(amperes) for amperes in fitting)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.0, 40.0),
    st.floats(0.0, 25_000.0),
    st.sampled_from([("L1",), ("L1", "L2", "L3")]),
    st.lists(st.sampled_from([0.0, 6.0, 8.0, 11.0, 14.0]), min_size=1, max_size=3),
    st.sampled_from([1.0, 2.0]),
)
def test_equals_the_best_of_all_divisions(
    line_a: float, power_w: float, lines: tuple[str, ...], wishes_a: list[float], step_a: float
) -> None:
    """CHG-40: among alike chargers, to the ampere."""
    sites = {**dict.fromkeys(SITES, line_a), "power": power_w}
    ones = [Wish(f"c{index}", on(*lines), 6.0, step_a, a) for index, a in enumerate(wishes_a)]
    given_a = sorted(share.limit_a for share in allocate(sites, ones).values())
    assert given_a == best(sites, ones)


def test_a_charger_on_no_line_is_held_by_nothing() -> None:
    share = allocate({}, [Wish("a", {}, 6.0, 1.0, 16.0)])["a"]
    assert (share.limit_a, share.room_a, share.site) == (16.0, float("inf"), "")


climbs = st.lists(
    st.builds(
        Climb,
        name=st.just(""),
        path=st.sampled_from([on(*SITES), on("L1"), on("L2", "L3")]),
        lowest_a=st.just(6.0),
        step_a=st.sampled_from([0.1, 1.0]),
        told_a=st.sampled_from([0.0, 0.0, 6.0, 9.0, 15.0]),
        share_a=st.sampled_from([0.0, 6.0, 10.0, 16.0]),
        most_a=st.sampled_from([None, 0.0, 1.0, 1.0]),
    ),
    max_size=5,
).map(
    lambda values: [
        Climb(f"c{index}", *(getattr(value, name) for name in Climb.__slots__[1:]))
        for index, value in enumerate(values)
    ]
)


@settings(max_examples=250, deadline=None)
@given(
    st.fixed_dictionaries(
        {**{site: st.floats(-2.0, 14.0) for site in SITES}, "power": st.floats(-500.0, 9_000.0)}
    ),
    climbs,
)
def test_all_raises_of_a_cycle_are_booked_together(sites: dict[str, float], ones: list[Climb]) -> None:
    """CHG-34; CHG-32: rises take at most half of what was free, starts the minimum or nothing."""
    steps = climb(sites, {site: free / 2 for site, free in sites.items()}, ones)
    for site, free in sites.items():
        rises = {
            one.name: max(0.0, steps[one.name].limit_a - one.told_a) * one.path[site]
            for one in ones
            if site in one.path
        }
        assert sum(rises.values()) <= max(0.0, free) + 230.0 * TINY
        slow = sum(rises[one.name] for one in ones if site in one.path and one.told_a)
        assert slow <= max(0.0, free) / 2 + 230.0 * TINY
    for one in ones:
        new_a = steps[one.name].limit_a
        assert new_a <= one.share_a
        if one.share_a <= one.told_a:
            assert new_a == one.share_a
        elif one.most_a is None:
            assert new_a == one.told_a
        elif one.told_a:
            assert one.told_a <= new_a <= one.told_a + one.most_a + TINY
        else:
            assert new_a in (0.0, one.lowest_a)


def test_what_one_is_raised_by_is_gone_for_the_next() -> None:
    """CHG-34: two starts and a rise in one cycle, with room for one start and a rise."""
    starts = [Climb(name, {"L1": 1.0}, 6.0, 1.0, 0.0, 16.0, 1.0) for name in ("one", "two")]
    rises = [Climb(name, {"L1": 1.0}, 6.0, 1.0, 8.0, 16.0, 1.0) for name in ("three", "four")]
    steps = climb({"L1": 11.0}, {"L1": 7.0}, [*starts, *rises])
    assert [steps[name].limit_a for name in ("one", "two", "three", "four")] == [6.0, 0.0, 9.0, 8.0]
