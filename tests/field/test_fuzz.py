"""Mutated answers in every check: BUS-110."""

from random import SystemRandom

import pytest

from hems.field.exchange import Accepted, Failed, Outcome, Pending, Request, judge
from tests.bench.fuzz import Judge, crc, run

pytestmark = pytest.mark.proof

COUNT = 200_000


def test_no_damage_is_believed_beyond_what_the_check_sum_allows() -> None:
    seed = SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    report = run(COUNT, seed)
    assert not report.broken
    assert sum(report.tries.values()) == COUNT
    assert len(report.tries) == 7


def without_check_sum(request: Request, received: bytes) -> Outcome | Pending:
    """A judge that forgets the check sum: it gets one that fits."""
    return judge(request, received[:-2] + crc(received[:-2]))


def without_function(request: Request, received: bytes) -> Outcome | Pending:
    """A judge that does not look at unit and function."""
    body = bytes((request.unit, request.function)) + received[2:-2]
    return judge(request, body + crc(body))


def deaf_to_nothing(request: Request, received: bytes) -> Outcome | Pending:
    raise ValueError("odd byte count")


def credulous(request: Request, received: bytes) -> Outcome | Pending:
    return Accepted((1,) * request.count) if received else Failed("silence")


@pytest.mark.parametrize("judging", [without_check_sum, without_function, deaf_to_nothing, credulous])
def test_a_judge_that_believes_too_much_is_found_out(judging: Judge) -> None:
    assert run(5_000, 1, judging).broken
