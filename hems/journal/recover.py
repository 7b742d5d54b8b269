"""The image of a book → the newest state it holds.

The newest generation wins: its base, then its records in sequence as long as each is sound. Behind damage the
next checkpoint is the next thing to believe, never a change across the hole. If the newest base is gone, its
predecessor with its log leads to the same state.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from hems.journal import change
from hems.journal.change import Documents
from hems.journal.frame import Frame, Kind, claims, slots, unpack
from hems.journal.layout import FORMAT, SLOT, Layout, find_layout

PAIRS: Final = (0, 1)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a book holds, and what it has lost.

    `state` is the newest state, `generation` the one it belongs to and `pair` where that lies. `base_bytes`
    is the stored size of its base, 0 if that is unreadable. `lost` are sequence numbers that are not in the
    state, `newer` how many sound frames of a newer program were left alone. `unreadable` says in words why
    nothing could be read; it is empty for a book that could.
    """

    layout: Layout | None = None
    state: Documents = field(default_factory=dict)
    generation: int = 0
    highest_generation: int = 0
    pair: int = 0
    base_bytes: int = 0
    base_wall_ms: int = 0
    next_sequence: int = 1
    next_slot: int = 0
    records: int = 0
    lost: tuple[int, ...] = ()
    tail_damaged: bool = False
    used_predecessor: bool = False
    rings_lost: bool = False
    truncated: bool = False
    newer: int = 0
    unreadable: str = ""

    @property
    def damaged(self) -> bool:
        """Whether more is wrong than an unacknowledged last record."""
        return bool(self.lost) or self.used_predecessor or self.rings_lost or self.truncated

    @property
    def wants_base(self) -> bool:
        """Whether nothing may be recorded behind what was found before there is a new base."""
        return self.damaged or self.newer > 0


@dataclass(frozen=True, slots=True)
class _Pair:
    """One pair as found: its base, its sound records by slot, and the generation they speak of."""

    number: int
    base: Frame | None
    records: tuple[tuple[int, Frame], ...]
    generation: int


@dataclass(frozen=True, slots=True)
class _Replay:
    """The state after a log, and where the log goes on."""

    state: Documents
    next_sequence: int = 1
    next_slot: int = 0
    applied: int = 0
    lost: tuple[int, ...] = ()


def recover(image: bytes) -> Recovery:
    """The newest state in the image; never raises."""
    layout = find_layout(image)
    if layout is None:
        return Recovery(unreadable="both headers are damaged, or it is no book")
    if layout.format > FORMAT:
        return Recovery(layout, unreadable="it was written by a newer program")
    found = [_find(layout, image, number) for number in PAIRS]
    readable = [_of_today(pair) for pair in found]
    older, newest = sorted(readable, key=lambda pair: pair.generation)
    frames = [frame for pair in found for frame in _frames(pair)]
    newer = sum(frame.format > FORMAT and frame.generation >= newest.generation for frame in frames)
    if newest.generation == 0:
        words = "it was written by a newer program" if newer else "no base and no record is sound"
        return Recovery(layout, newer=newer, unreadable=words)
    return replace(
        _resume(layout, image, older, newest),
        highest_generation=max(frame.generation for frame in frames),
        newer=newer,
    )


def _of_today(pair: _Pair) -> _Pair:
    """What of a pair this program can read: all of it, or nothing of a pair that a newer one began."""
    if not any(frame.format > FORMAT for frame in _frames(pair)):
        return pair
    if pair.base is None or pair.base.format > FORMAT:
        return _Pair(pair.number, None, (), 0)
    return replace(pair, records=tuple(row for row in pair.records if row[1].format <= FORMAT))


def _resume(layout: Layout, image: bytes, older: _Pair, newest: _Pair) -> Recovery:
    """The newest pair's state; what its base cannot tell any more comes from the older pair."""
    begin = newest if newest.base else older
    former = _Replay(_state_of(begin.base)) if begin is newest else _replay(_state_of(begin.base), begin)
    replay = _replay(former.state, newest)
    tail = layout.slot_offset(newest.number, replay.next_slot)
    return Recovery(
        layout=layout,
        state=replay.state,
        generation=newest.generation,
        highest_generation=newest.generation,
        pair=newest.number,
        base_bytes=newest.base.size if newest.base else 0,
        base_wall_ms=newest.base.wall_ms if newest.base else 0,
        next_sequence=replay.next_sequence,
        next_slot=replay.next_slot,
        records=former.applied + replay.applied,
        lost=former.lost + replay.lost,
        tail_damaged=claims(image[tail : tail + SLOT], newest.generation),
        used_predecessor=newest.base is None,
        rings_lost=begin.base is None,
        truncated=len(image) < layout.size,
    )


def _find(layout: Layout, image: bytes, number: int) -> _Pair:
    """Every sound frame of a pair, stale records included."""
    view = memoryview(image)
    base = unpack(layout.seed, view[layout.base_offset(number) : layout.slot_offset(number, 0)])
    if base is not None and base.kind is not Kind.BASE:
        base = None
    records = []
    slot = 0
    log_end = layout.slot_offset(number, layout.slots)
    while slot < layout.slots:
        frame = unpack(layout.seed, view[layout.slot_offset(number, slot) : log_end])
        if frame is None or frame.kind is Kind.BASE:
            slot += 1
            continue
        records.append((slot, frame))
        slot += slots(frame.size)
    generation = base.generation if base else max((frame.generation for _, frame in records), default=0)
    return _Pair(number, base, tuple(records), generation)


def _frames(pair: _Pair) -> Iterator[Frame]:
    if pair.base:
        yield pair.base
    yield from (frame for _, frame in pair.records)


def _state_of(base: Frame | None) -> Documents:
    tables = change.parse(base.payload) if base else None
    return change.applied({}, tables) if tables else {}


def _replay(state: Documents, pair: _Pair) -> _Replay:
    """Apply the records of the pair's generation; never a change across a hole."""
    expected, seen, next_slot, applied = 1, 0, 0, 0
    lost: list[int] = []
    for slot, frame in pair.records:
        if frame.generation != pair.generation:
            continue
        seen, next_slot = frame.sequence, slot + slots(frame.size)
        content = change.parse(frame.payload)
        if content is None or (frame.sequence != expected and frame.kind is not Kind.CHECKPOINT):
            continue
        if frame.kind is Kind.CHECKPOINT:
            lost += range(expected, frame.sequence)
            state = change.replaced(state, content)
        else:
            state = change.applied(state, content)
        expected = frame.sequence + 1
        applied += 1
    lost += range(expected, seen + 1)
    return _Replay(state, max(expected, seen + 1), next_slot, applied, tuple(lost))
