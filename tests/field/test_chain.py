"""The walk through a published map: BUS-66."""

from hypothesis import given
from hypothesis import strategies as st

from hems.field import chain
from hems.field.chain import MODELS_MAX, REGISTERS_MAX, Model, Walk, odd_lengths
from hems.field.exchange import Accepted, Failed, Outcome
from hems.field.profile import Chain

INVERTER = Chain(markers=(40_000, 50_000, 0), lengths={101: 50, 102: 50, 103: 50, 802: 62})


def walk(registers: dict[int, int], steps: int = 200) -> tuple[Walk, list[int]]:
    """Walk until done or given up; the addresses asked."""
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
        if at.done:
            break
    return at, asked


def published(start: int, *models: tuple[int, int]) -> dict[int, int]:
    found = {start: 0x5375, start + 1: 0x6E53}
    at = start + 2
    for identity, length in models:
        found |= {at: identity, at + 1: length}
        at += 2 + length
    return found | {at: 0xFFFF, at + 1: 0}


def test_unknown_models_are_skipped_whatever_their_length() -> None:
    at, asked = walk(published(40_000, (1, 66), (103, 50)))
    assert (at.found, asked) == ({103: Model(40_070, 50)}, [40_000, 40_002, 40_070, 40_122])
    at, _ = walk(published(40_000, (1, 65), (120, 26), (101, 50)))
    assert at.found == {101: Model(40_097, 50)}


def test_every_known_model_is_found_and_the_first_of_twins_counts() -> None:
    at, _ = walk(published(40_000, (1, 66), (103, 50), (802, 62), (103, 50)))
    assert at.found == {103: Model(40_070, 50), 802: Model(40_122, 62)}


def test_a_length_that_differs_from_the_table_is_told() -> None:
    at, _ = walk(published(40_000, (103, 51), (802, 62)))
    assert odd_lengths(at, INVERTER) == (103,)
    assert at.found[802] == Model(40_055, 62)


def test_the_other_places_are_tried_after_a_wrong_marker() -> None:
    at, asked = walk(published(0, (1, 66), (102, 50)))
    assert asked[:4] == [40_000, 50_000, 0, 2]
    assert at.found == {102: Model(70, 50)}
    wrong = {40_000: 1, 40_001: 2} | published(50_000, (103, 50))
    assert walk(wrong)[0].found == {103: Model(50_002, 50)}


def test_a_chain_without_a_known_model_is_a_dead_end() -> None:
    at, asked = walk(published(40_000, (1, 66), (201, 105)), steps=12)
    assert not at.done
    assert asked[:6] == [40_000, 40_002, 40_070, 40_177, 50_000, 0]
    assert asked[6] == 40_000


def test_a_chain_that_breaks_off_keeps_what_was_found() -> None:
    registers = published(40_000, (1, 66), (103, 50))
    del registers[40_122]
    at, _ = walk(registers)
    assert at.done
    assert at.found == {103: Model(40_070, 50)}


def test_silence_broken_frames_and_a_busy_device_ask_the_same_again() -> None:
    """BUS-26: 4, 5, 6 and a gateway's 10 and 11 say nothing about the map."""
    for at in (Walk(0, 40_002), Walk(0, 40_070, 1, {103: Model(40_002, 66)}), Walk(1)):
        for outcome in (Failed("silence"), Failed("crc"), Failed("port")):
            assert chain.took(at, INVERTER, outcome) == at
        for code in (4, 5, 6, 10, 11):
            assert chain.took(at, INVERTER, Failed("exception", code)) == at
        for code in (1, 2, 3):
            assert chain.took(at, INVERTER, Failed("exception", code)) != at


def test_endless_chains_end() -> None:
    """At most 64 models, at most 4,000 registers, never beyond the last address."""
    short = {
        address: value for i in range(0, 400, 2) for address, value in ((40_002 + i, 7), (40_003 + i, 0))
    }
    at, asked = walk({40_000: 0x5375, 40_001: 0x6E53} | short)
    assert asked.index(50_000) == 1 + MODELS_MAX
    assert not at.found
    long = published(40_000, *[(7, 3_000)] * 8)
    _, asked = walk(long, steps=10)
    assert max(address for address in asked if address < 50_000) <= 40_002 + REGISTERS_MAX
    at, _ = walk({40_000: 0x5375, 40_001: 0x6E53, 40_002: 103, 40_003: 65_000}, steps=10)
    assert at.found == {103: Model(40_002, 65_000)}


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)), max_size=200))
def test_no_device_leads_astray(answers: list[tuple[int, int]]) -> None:
    at = Walk()
    for pair in answers:
        assert 0 <= chain.request(at, INVERTER, 1).address <= 0xFFFE
        at = chain.took(at, INVERTER, Accepted(pair))
        assert at.steps <= MODELS_MAX
