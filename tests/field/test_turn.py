"""The silence a unit needs after a change of unit: BUS-14."""

import itertools
import random

import pytest

from hems.field.turn import PATIENCE, PATIENCE_MAX, Turn


def exchange(turn: Turn, *, turned: bool, missed: bool) -> None:
    """What a line tells of one exchange."""
    if not missed:
        turn.answered()
    turn.ended(turned=turned, missed=missed)


def live(
    turn: Turn, changes: int, *, needs_s: float = 0.0, noise: float = 0.0, plain: int = 0
) -> list[float]:
    """A unit that is deaf for a while after each change, on a noisy line; its turn time after each."""
    chance, seen = random.Random(7), []
    for _ in range(changes):
        exchange(turn, turned=True, missed=turn.due_s < needs_s or chance.random() < noise)
        for _ in range(plain):
            exchange(turn, turned=False, missed=chance.random() < noise)
        seen.append(turn.turn_s)
    return seen


def test_three_misses_in_twenty_climb_a_step() -> None:
    turn, seen = Turn(0.0), []
    for _ in range(15):
        turn.ended(turned=True, missed=True)
        turn.answered()
        seen.append(turn.turn_s)
    assert seen[2::3] == [0.02, 0.05, 0.1, 0.2, 0.2]
    assert seen[1::3] == [0.0, 0.02, 0.05, 0.1, 0.2]
    steady = Turn(0.05)
    for i in range(100):
        exchange(steady, turned=True, missed=i % 10 == 0)
    assert steady.turn_s == 0.05


def test_a_row_of_misses_is_one_and_counts_when_the_unit_answers_again() -> None:
    """An absence says nothing about the turn time, however long or often it is asked after."""
    turn = Turn(0.0)
    for _ in range(2):
        for _ in range(50):
            turn.ended(turned=True, missed=True)
        assert turn.turn_s == 0.0
        turn.answered()
    assert turn.turn_s == 0.0
    turn.ended(turned=True, missed=True)
    turn.answered()
    assert turn.turn_s == 0.02


def test_after_three_misses_in_a_row_the_longest_turn_is_tried() -> None:
    turn = Turn(0.05)
    for due_s in (0.05, 0.05, 0.05, 0.2):
        assert turn.due_s == due_s
        turn.ended(turned=True, missed=True)
    turn.answered()
    assert turn.due_s == 0.05
    assert Turn(0.5).due_s == 0.5


@pytest.mark.parametrize("plain", [0, 2])
@pytest.mark.parametrize("noise", [0.0, 0.08, 0.2])
@pytest.mark.parametrize("needs_s", [0.02, 0.05, 0.1, 0.2])
def test_what_a_unit_needs_it_gets_and_keeps(needs_s: float, noise: float, plain: int) -> None:
    seen = live(Turn(0.0), 5000, needs_s=needs_s, noise=noise, plain=plain)
    assert sum(turn_s >= needs_s for turn_s in seen[100:]) > 0.97 * len(seen[100:])


@pytest.mark.parametrize("plain", [0, 2])
@pytest.mark.parametrize("noise", [0.01, 0.08, 0.2])
def test_noise_needs_no_turn_time(noise: float, plain: int) -> None:
    """What a longer time does not mend is not its want: the line stays fast, and is as before in the end."""
    turn = Turn(0.0)
    seen = live(turn, 20_000, noise=noise, plain=plain)
    assert sum(seen) / len(seen) < 0.05
    assert live(turn, PATIENCE_MAX + 4 * PATIENCE)[-1] == 0.0


def test_a_unit_that_misses_as_much_without_a_change_needs_none() -> None:
    turn = Turn(0.0)
    for i in range(60):
        exchange(turn, turned=False, missed=i % 5 == 0)
    for i in range(60):
        exchange(turn, turned=True, missed=i % 5 == 0)
    assert turn.turn_s == 0.0


def test_a_shorter_time_is_tried_after_200_changes_and_twice_as_late_each_time_it_fails() -> None:
    turn = Turn(0.0)
    seen = live(turn, 4000, needs_s=0.05, plain=1)
    tries = [i for i in range(1, len(seen)) if seen[i] < seen[i - 1]]
    gaps = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert [round(gap, -2) for gap in gaps] == [400, 800, 1600]
    clean = live(turn, PATIENCE_MAX + PATIENCE)
    assert clean[-1] == 0.0


def test_a_lines_time_and_the_profile_bound_it() -> None:
    turn = Turn(0.05)
    turn.allow(0.15)
    assert max(live(turn, 500, needs_s=0.2, plain=1)) == 0.1
    turn.allow(0.01)
    assert turn.turn_s == 0.05
    assert max(live(turn, 500, needs_s=0.2, plain=1)) == 0.05
