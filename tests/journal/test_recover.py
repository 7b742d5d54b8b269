"""The image of a book → the newest state it holds (JRN-20 to JRN-26)."""

import struct
import zlib
from dataclasses import replace
from random import Random

import pytest

from hems.journal.frame import Kind, pack
from hems.journal.layout import HEADER_OFFSETS, SLOT, pack_header
from hems.journal.recover import Recovery, recover
from hems.sim.media import MemoryMedium, RecordingMedium, Written, torn
from tests.journal.books import SMALL, Notebook, Plain, blank, numbered, state_of


def lives_on(image: bytes) -> None:
    """A book that was cut can be written and read again."""
    notebook = Notebook(MemoryMedium(image))
    for n in (100, 101):
        assert notebook.store(numbered(n))
        assert state_of(recover(notebook.medium.pread(0, notebook.medium.size))) == numbered(n)


def final(writes: int = 9) -> tuple[bytes, list[Plain]]:
    """A finished book of one generation and all states it went through."""
    medium = RecordingMedium(blank())
    notebook = Notebook(medium)
    states: list[Plain] = [{}]
    for n in range(1, writes + 1):
        states.append(numbered(n))
        assert notebook.store(states[-1], checkpoint=n == 6)
    return bytes(medium.image), states


def slot_range(slot: int, pair: int = 0) -> slice:
    return slice(SMALL.slot_offset(pair, slot), SMALL.slot_offset(pair, slot + 1))


def without(image: bytes, *ranges: slice) -> bytes:
    result = bytearray(image)
    for where in ranges:
        result[where] = bytes(len(result[where]))
    return bytes(result)


def test_a_sound_book_says_so() -> None:
    image, states = final()
    recovery = recover(image)
    assert state_of(recovery) == states[9]
    assert (recovery.generation, recovery.pair, recovery.next_sequence, recovery.next_slot) == (1, 0, 10, 9)
    assert (recovery.records, recovery.lost, recovery.damaged, recovery.tail_damaged) == (9, (), False, False)


@pytest.mark.parametrize(
    ("damaged", "lost", "state"),
    [
        ((2,), (3, 4, 5), 9),
        ((2, 3), (3, 4, 5), 9),
        ((6,), (7, 8, 9), 6),
        ((1, 6, 7), (2, 3, 4, 5, 7, 8, 9), 6),
    ],
)
def test_behind_damage_only_a_checkpoint_is_believed(
    damaged: tuple[int, ...], lost: tuple[int, ...], state: int
) -> None:
    """JRN-22: record 6 is a checkpoint; a change is never applied across a hole, and the loss is told."""
    image, states = final()
    recovery = recover(without(image, *(slot_range(slot) for slot in damaged)))
    assert state_of(recovery) == states[state]
    assert recovery.lost == lost
    assert recovery.damaged
    assert recovery.next_sequence == 10
    assert recovery.next_slot == 9


def test_a_damaged_last_record_is_no_alarm() -> None:
    """JRN-24: it cannot be told from a cut in an unacknowledged write."""
    image, states = final()
    bad = bytearray(image)
    bad[SMALL.slot_offset(0, 8) + 40] ^= 1
    recovery = recover(bytes(bad))
    assert state_of(recovery) == states[8]
    assert recovery.tail_damaged
    assert not recovery.damaged
    assert (recovery.next_sequence, recovery.next_slot) == (9, 8)


def two_generations() -> bytes:
    """A book whose second pair is in use, with two records in its log."""
    medium = RecordingMedium(blank())
    notebook = Notebook(medium)
    n = 0
    while notebook.book.place.generation == 1:
        n += 1
        assert notebook.store(numbered(n))
    assert notebook.store(numbered(n + 1))
    return bytes(medium.image)


BASES = [slice(SMALL.base_offset(pair), SMALL.base_offset(pair) + 32) for pair in (0, 1)]


def test_the_predecessor_leads_to_the_same_state() -> None:
    """JRN-23."""
    image = two_generations()
    sound, recovery = recover(image), recover(without(image, BASES[1]))
    assert recovery.used_predecessor
    assert not recovery.rings_lost
    assert state_of(recovery) == state_of(sound)
    assert (recovery.generation, recovery.next_slot) == (2, sound.next_slot)
    lives_on(without(image, BASES[1]))


def test_counters_survive_the_loss_of_both_bases() -> None:
    """JRN-23: the first record of every log is a checkpoint."""
    image = two_generations()
    recovery = recover(without(image, *BASES))
    assert recovery.rings_lost
    assert state_of(recovery) == state_of(recover(image))
    lives_on(without(image, *BASES))


def test_a_lost_predecessor_is_not_missed() -> None:
    image = two_generations()
    recovery = recover(without(image, BASES[0]))
    assert not recovery.damaged
    assert state_of(recovery) == state_of(recover(image))


def test_an_only_base_that_is_lost_leaves_its_checkpoint() -> None:
    """JRN-23 in the first generation: there is no predecessor at all."""
    image, states = final()
    recovery = recover(without(image, BASES[0]))
    assert (recovery.rings_lost, recovery.used_predecessor) == (True, True)
    assert state_of(recovery) == states[9]


def test_the_generation_in_use_is_above_all_others() -> None:
    """JRN-26."""
    image = two_generations()
    stray = pack(SMALL.seed, 40, 3, Kind.CHANGE, b"{}")
    strange = bytearray(image)
    strange[SMALL.slot_offset(0, 20) : SMALL.slot_offset(0, 20) + len(stray)] = stray
    assert recover(bytes(strange)).highest_generation == 40


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (b"", "no book"),
        (bytes(100_000), "no book"),
        (without(blank(), BASES[0]), "no base and no record is sound"),
        (pack_header(replace(SMALL, format=2)) * 2 + blank()[2 * SLOT :], "newer program"),
    ],
)
def test_an_unreadable_book_says_why(image: bytes, words: str) -> None:
    """JRN-25."""
    assert words in recover(image).unreadable


def of_format_2(generation: int, sequence: int, kind: Kind, payload: bytes) -> bytes:
    """A frame as a newer program would write it."""
    magic = b"HMS1" if kind is Kind.BASE else b"HMJ1"
    rest = struct.pack("<IIBBHIQ", generation, sequence, kind, 0, 2, len(payload), 0) + payload
    return magic + struct.pack("<I", zlib.crc32(rest, SMALL.seed)) + rest


def with_frame(image: bytes, offset: int, frame: bytes) -> bytes:
    return image[:offset] + frame + image[offset + len(frame) :]


def test_records_of_a_newer_program_are_left_and_told() -> None:
    """JRN-81: a program that was rolled back takes the newest it can read, and counts what it leaves."""
    image, states = final()
    newer = with_frame(image, SMALL.slot_offset(0, 9), of_format_2(1, 10, Kind.CHANGE, b"{}"))
    recovery = recover(newer)
    assert (recovery.newer, recovery.damaged, recovery.wants_base) == (1, False, True)
    assert (recovery.generation, state_of(recovery)) == (1, states[9])
    with_base = with_frame(newer, SMALL.base_offset(1), of_format_2(2, 0, Kind.BASE, b"{}"))
    with_log = with_frame(with_base, SMALL.slot_offset(1, 0), of_format_2(2, 1, Kind.CHECKPOINT, b"{}"))
    recovery = recover(with_log)
    assert (recovery.newer, recovery.generation, recovery.highest_generation) == (3, 1, 2)
    assert state_of(recovery) == states[9]


def test_a_book_of_a_newer_program_alone_is_unreadable() -> None:
    """JRN-25; and what is older than today's base is nobody's business any more."""
    image = with_frame(blank(), SMALL.base_offset(0), of_format_2(3, 0, Kind.BASE, b"{}"))
    assert "newer program" in recover(image).unreadable
    assert recover(image).newer == 1
    stale = with_frame(two_generations(), SMALL.slot_offset(1, 20), of_format_2(1, 21, Kind.CHANGE, b"{}"))
    assert (recover(stale).newer, recover(stale).wants_base) == (0, False)


@pytest.mark.parametrize(("kind", "payload"), [(Kind.CHANGE, b"[1]"), (Kind.CHECKPOINT, b"nonsense")])
def test_a_sound_frame_with_a_foreign_payload_is_a_hole(kind: Kind, payload: bytes) -> None:
    image, states = final()
    strange = bytearray(image)
    frame = pack(SMALL.seed, 1, 10, kind, payload)
    strange[SMALL.slot_offset(0, 9) : SMALL.slot_offset(0, 9) + len(frame)] = frame
    recovery = recover(bytes(strange))
    assert (state_of(recovery), recovery.lost, recovery.next_sequence) == (states[9], (10,), 11)


def test_a_base_where_a_record_belongs_and_a_record_where_a_base_belongs_are_not_believed() -> None:
    image, states = final()
    strange = bytearray(image)
    base = pack(SMALL.seed, 9, 0, Kind.BASE, b"{}")
    record = pack(SMALL.seed, 9, 1, Kind.CHECKPOINT, b"{}")
    strange[SMALL.slot_offset(0, 15) : SMALL.slot_offset(0, 15) + len(base)] = base
    strange[SMALL.base_offset(1) : SMALL.base_offset(1) + len(record)] = record
    assert state_of(recover(bytes(strange))) == states[9]


def test_a_flip_in_a_header_harms_nothing() -> None:
    image, states = final()
    for offset in HEADER_OFFSETS:
        bad = bytearray(image)
        bad[offset + 20] ^= 4
        assert state_of(recover(bytes(bad))) == states[9]


def test_recovery_is_not_fooled_by_a_whole_write_that_was_never_acknowledged() -> None:
    """The record in flight may turn out to be there; then it counts, and the next one follows it."""
    medium = RecordingMedium(blank())
    notebook = Notebook(medium)
    assert notebook.store(numbered(1))
    payload = b'{"ledger":{"1":{"n":[2]}}}'
    frame = pack(SMALL.seed, 1, 2, Kind.CHANGE, payload)
    written = Written(SMALL.slot_offset(0, 1), frame, b"")
    recovery: Recovery = recover(torn(bytes(medium.image), written, len(frame), "old", Random(0)))
    assert recovery.next_sequence == 3
    assert recovery.next_slot == 2
