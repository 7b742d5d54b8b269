"""The walk through a published map: BUS-66."""

from hems.field import chain
from hems.field.chain import Walk
from hems.field.exchange import Accepted, Failed, Outcome
from hems.field.profile import Chain

INVERTER = Chain(markers=(40_000, 50_000, 0), models=(103, 102, 101))


def walk(registers: dict[int, int], steps: int = 200) -> tuple[Walk, list[int]]:
    """Walk until found or given up; the addresses asked."""
    at, asked = Walk(), []
    for _ in range(steps):
        request = chain.request(at, INVERTER, 1)
        assert (request.function, request.count) == (3, 2)
        asked.append(request.address)
        pair = [registers.get(request.address + i) for i in range(2)]
        outcome: Outcome = Failed("exception", 2)
        if pair[0] is not None and pair[1] is not None:
            outcome = Accepted((pair[0], pair[1]))
        at = chain.took(at, INVERTER, outcome)
        if at.base is not None:
            break
    return at, asked


def published(start: int, *models: tuple[int, int]) -> dict[int, int]:
    found = {start: 0x5375, start + 1: 0x6E53}
    at = start + 2
    for identity, length in models:
        found |= {at: identity, at + 1: length}
        at += 2 + length
    return found | {at: 0xFFFF, at + 1: 0}


def test_the_common_model_is_skipped_whatever_its_length() -> None:
    at, asked = walk(published(40_000, (1, 66), (103, 50)))
    assert (at.base, asked) == (40_070, [40_000, 40_002, 40_070])
    at, _ = walk(published(40_000, (1, 65), (120, 26), (101, 50)))
    assert at.base == 40_069 + 28


def test_other_places_are_tried_in_turn() -> None:
    at, asked = walk(published(50_000, (103, 50)))
    assert (at.base, asked) == (50_002, [40_000, 50_000, 50_002])
    at, asked = walk({40_000: 7, 40_001: 8} | published(0, (102, 50)))
    assert (at.base, asked) == (2, [40_000, 50_000, 0, 2])


def test_a_chain_without_the_model_starts_again() -> None:
    at, asked = walk(published(40_000, (1, 66), (203, 105)), steps=8)
    assert at.base is None
    assert asked[:6] == [40_000, 40_002, 40_070, 40_177, 50_000, 0]


def test_silence_changes_nothing() -> None:
    at = Walk(0, 40_002, 3)
    assert chain.took(at, INVERTER, Failed("silence")) is at
    assert chain.took(at, INVERTER, Failed("exception", 2)) == Walk(1)


def test_an_endless_or_runaway_chain_is_left() -> None:
    assert chain.took(Walk(0, 100, 64), INVERTER, Accepted((7, 1))) == Walk(1)
    assert chain.took(Walk(2, 65_000, 1), INVERTER, Accepted((7, 60_000))) == Walk(0)
