"""The image of a book → the newest state it holds (JRN-20 to JRN-26), at every cut, flip and truncation."""

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

WRITES = 30


def history() -> tuple[RecordingMedium, list[tuple[int, Plain]]]:
    """A medium with several recyclings, and after how many of its writes each state was durable."""
    medium = RecordingMedium(blank())
    notebook = Notebook(medium)
    durable: list[tuple[int, Plain]] = [(0, {})]
    for n in range(1, WRITES + 1):
        state = numbered(n, long=n % 7 == 0)
        assert notebook.store(state, checkpoint=n % 5 == 0)
        durable.append((len(medium.writes), state))
    return medium, durable


MEDIUM, DURABLE = history()
GENERATIONS = recover(bytes(MEDIUM.image)).generation


def allowed_after(writes: int) -> list[Plain]:
    """The last acknowledged state after so many whole writes, and the one in flight then."""
    acknowledged = max(i for i, (done, _) in enumerate(DURABLE) if done <= writes)
    return [state for _, state in DURABLE[acknowledged : acknowledged + 2]]


def lives_on(image: bytes) -> None:
    """A book that was cut can be written and read again."""
    notebook = Notebook(MemoryMedium(image))
    for n in (100, 101):
        assert notebook.store(numbered(n))
        assert state_of(recover(notebook.medium.pread(0, notebook.medium.size))) == numbered(n)


def test_the_history_holds_what_these_tests_are_about() -> None:
    kinds = {written.data[:4] for written in MEDIUM.writes}
    assert kinds == {b"HMJ1", b"HMS1"}
    assert GENERATIONS >= 4
    assert max(len(written.data) for written in MEDIUM.writes) > SLOT
    assert MEDIUM.syncs == len(MEDIUM.writes)


@pytest.mark.parametrize("rest", ["old", "zero", "garbage"])
def test_a_cut_at_any_byte_loses_nothing_acknowledged(rest: str) -> None:
    """B-4: every byte of the first four writes and around every block edge, every 97th of the others."""
    random = Random(rest)
    for i, (image, written) in enumerate(MEDIUM.images()):
        edges = {at + shift for at in range(0, len(written.data) + 1, 512) for shift in (-1, 0, 1)}
        step = 1 if rest == "old" and i < 4 else 97
        lengths = {
            at for at in (*range(0, len(written.data) + 1, step), *edges) if 0 <= at <= len(written.data)
        }
        for length in lengths:
            recovery = recover(torn(image, written, length, rest, random))
            assert state_of(recovery) in allowed_after(i)
            assert not recovery.damaged


def test_garbage_in_every_page_in_flight_loses_nothing_acknowledged() -> None:
    """B-4, JRN-11: an acknowledged record never shares a page with one in flight."""
    random = Random("pages")
    for i, (image, written) in enumerate(MEDIUM.images()):
        for _ in range(20):
            cut = torn(image, written, 0, "page", random)
            recovery = recover(cut)
            assert state_of(recovery) in allowed_after(i)
            assert not recovery.damaged
        lives_on(cut)


def test_blocks_may_arrive_in_any_order() -> None:
    """B-4: random subsets of a write's 512-byte blocks."""
    random = Random("blocks")
    for i, (image, written) in enumerate(MEDIUM.images()):
        for _ in range(12):
            mixed = bytearray(image)
            for at in range(0, len(written.data), 512):
                if random.random() < 0.5:
                    mixed[written.offset + at : written.offset + at + 512] = written.data[at : at + 512]
            assert state_of(recover(bytes(mixed))) in allowed_after(i)
        lives_on(bytes(mixed))


def test_life_after_life_after_a_cut() -> None:
    """B-4: 150 cuts in a row, each into a write of the life before."""
    random = Random("lives")
    image, last = blank(), Plain()
    for n in range(150):
        medium = RecordingMedium(image)
        notebook = Notebook(medium)
        states = [last]
        for k in range(random.randrange(1, 4)):
            states.append(numbered(1_000 + 10 * n + k, long=random.random() < 0.2))
            assert notebook.store(states[-1])
        cut_at = random.randrange(len(medium.writes))
        for i, (before, written) in enumerate(medium.images()):
            if i == cut_at:
                rest = random.choice(["old", "zero", "garbage", "page"])
                image = torn(before, written, random.randrange(len(written.data) + 1), rest, random)
                break
        recovery = recover(image)
        assert state_of(recovery) in states
        assert not recovery.damaged
        last = state_of(recovery)


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


def test_truncation_at_every_block_gives_a_state_that_once_was() -> None:
    """B-5."""
    image, states = final()
    for length in range(0, len(image), 509):
        recovery = recover(image[:length])
        if not recovery.unreadable:
            assert state_of(recovery) in states
            assert recovery.truncated
            assert recovery.damaged


def test_zeroing_from_any_block_on_gives_the_newest_prefix() -> None:
    """B-5."""
    image, states = final()
    log = SMALL.slot_offset(0, 0)
    ends = [SMALL.slot_offset(0, slot) + 32 for slot in range(9)]
    for begin in range(log, log + 10 * SLOT, 509):
        recovery = recover(image[:begin] + bytes(len(image) - begin))
        newest = states.index(state_of(recovery))
        assert newest <= sum(begin >= end for end in ends)
        assert newest >= sum(begin >= SMALL.slot_offset(0, slot + 1) for slot in range(9))


def test_flipped_bits_never_make_a_value() -> None:
    """B-6: every recovered state once was; damage to anything but the last record raises the alarm."""
    image, states = final()
    random = Random("bits")
    sound = recover(image)
    used = [range(SMALL.base_offset(0), SMALL.base_offset(0) + sound.base_bytes)]
    used += [range(SMALL.slot_offset(0, slot), SMALL.slot_offset(0, slot) + 150) for slot in range(9)]
    bad = bytearray(image)
    for _ in range(3_000):
        where = random.choice(used)
        at, burst = random.choice(where), random.choice([1, 1, 1, 2, 8])
        former = bytes(bad[at : at + burst])
        bad[at : at + burst] = bytes(byte ^ random.randrange(1, 256) for byte in former)
        recovery = recover(bytes(bad))
        assert state_of(recovery) in states
        if state_of(recovery) != states[9]:
            assert recovery.damaged or where is used[-1]
        bad[at : at + burst] = former


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
