"""A finished book, what can befall it, and a model of what must come out of it.

The model knows nothing of bytes but which pieces are still what they were.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from hems.journal.change import Documents
from hems.journal.frame import Kind, unpack
from hems.journal.layout import HEADER_OFFSETS, SLOT, Layout
from hems.journal.recover import recover
from hems.sim.media import RecordingMedium
from tests.journal.books import Notebook, blank, documents, numbered

LAYOUT: Final = Layout(b"a damaged book !", base_bytes=SLOT, log_bytes=42 * SLOT)
HEADER_BYTES: Final = 40


@dataclass(frozen=True)
class Piece:
    """A header, a base or a record: where it lies and the state that it leads to."""

    begin: int
    end: int
    pair: int = -1
    generation: int = 0
    sequence: int = -1
    checkpoint: bool = False
    state: Documents | None = None


@dataclass(frozen=True)
class Finished:
    """A book of two generations as it was left, and its pieces."""

    image: bytes
    pieces: tuple[Piece, ...]

    @property
    def last(self) -> Piece:
        """The last record."""
        return max(self.pieces, key=lambda piece: (piece.generation, piece.sequence))

    @property
    def in_use(self) -> list[Piece]:
        """The base in use and its records."""
        return [piece for piece in self.pieces if piece.generation == self.last.generation]


@dataclass(frozen=True)
class Outcome:
    """What recovery must say; `state` is ``None`` for an unreadable book."""

    state: Documents | None
    lost: tuple[int, ...] = ()
    used_predecessor: bool = False
    rings_lost: bool = False


def finished(records: int) -> Finished:
    """A book with a full predecessor and so many records in use; a few are long, a few checkpoints."""
    medium = RecordingMedium(blank(LAYOUT))
    notebook = Notebook(medium)
    pieces = [Piece(offset, offset + HEADER_BYTES) for offset in HEADER_OFFSETS]
    pieces.append(_piece(medium, LAYOUT.base_offset(0), 0, {}))
    n = 0
    while (notebook.book.place.generation, notebook.book.place.sequence) != (2, records + 1):
        n += 1
        state, writes = numbered(n, long=n % 16 == 4), len(medium.writes)
        assert notebook.store(state, checkpoint=n % 6 == 0)
        pair = notebook.book.place.pair
        pieces += [_piece(medium, row.offset, pair, documents(state)) for row in medium.writes[writes:]]
    return Finished(bytes(medium.image), tuple(pieces))


def _piece(medium: RecordingMedium, begin: int, pair: int, state: Documents) -> Piece:
    frame = unpack(LAYOUT.seed, bytes(medium.image[begin:]))
    assert frame is not None
    sequence = 0 if frame.kind is Kind.BASE else frame.sequence
    checkpoint = frame.kind is Kind.CHECKPOINT
    return Piece(begin, begin + frame.size, pair, frame.generation, sequence, checkpoint, state)


def model(book: Finished, image: bytes) -> Outcome:
    """What must come out of a damaged image."""
    sound = [row for row in book.pieces if image[row.begin : row.end] == book.image[row.begin : row.end]]
    newest = max((piece.generation for piece in sound), default=0)
    if newest == 0 or not any(piece.pair < 0 for piece in sound):
        return Outcome(None)
    based = {piece.generation for piece in sound if piece.sequence == 0}
    state: Documents = {}
    lost: list[int] = []
    for generation in (newest,) if newest in based else (newest - 1, newest):
        state, missing = _log([piece for piece in sound if piece.generation == generation], state)
        lost += missing
    return Outcome(state, tuple(lost), newest not in based, not based)


def _log(sound: Sequence[Piece], state: Documents) -> tuple[Documents, list[int]]:
    """The state after a log, and the records it lost.

    A record is in the state if all are sound from the base, or from a checkpoint, up to it.
    """
    for piece in sound:
        if piece.sequence == 0 and piece.state is not None:
            state = piece.state
    records = {piece.sequence: piece for piece in sound if piece.sequence > 0}
    begins = [1, *(sequence for sequence, piece in records.items() if piece.checkpoint)]
    applied = {
        sequence
        for sequence in records
        if any(all(k in records for k in range(begin, sequence + 1)) for begin in begins if begin <= sequence)
    }
    if applied and (newest := records[max(applied)]).state is not None:
        state = newest.state
    return state, [sequence for sequence in range(1, max(records, default=0) + 1) if sequence not in applied]


def judge(book: Finished, image: bytes) -> bool:
    """Compare recovery with the model; whether there was an alarm."""
    expected, found = model(book, image), recover(image)
    if expected.state is None:
        assert found.unreadable
        return True
    assert not found.unreadable
    assert found.state == expected.state
    assert found.lost == expected.lost
    assert (found.used_predecessor, found.rings_lost) == (expected.used_predecessor, expected.rings_lost)
    assert found.truncated == (len(image) < len(book.image))
    return found.damaged


def content(book: Finished) -> list[int]:
    """The offsets of every byte that means something."""
    return [at for piece in book.pieces for at in range(piece.begin, piece.end)]


def erased(book: Finished, places: Iterable[int]) -> Iterator[bytes]:
    """For each place: cut off there, zeros from there on, zeros up to there, 64 zeros there."""
    image = book.image
    for at in places:
        yield image[:at]
        yield image[:at] + bytes(len(image) - at)
        yield bytes(at) + image[at:]
        yield image[:at] + bytes(len(image[at : at + 64])) + image[at + 64 :]


def flipped(image: bytes, at: int, mask: bytes) -> bytes:
    """The image with the bits of a mask turned over."""
    turned = bytearray(image)
    for i, bits in enumerate(mask[: len(image) - at]):
        turned[at + i] ^= bits
    return bytes(turned)


def bursts(book: Finished, places: Sequence[int], times: int, random: Random) -> Iterator[bytes]:
    """Runs of 2 to 64 bits, the first and the last of them turned over, those between at random."""
    for _ in range(times):
        bits = random.randrange(2, 65)
        run = 1 | 1 << bits - 1 | random.getrandbits(bits)
        mask = (run << random.randrange(8)).to_bytes(9, "little")
        yield flipped(book.image, random.choice(places), mask)


def noise(book: Finished, times: int, random: Random) -> Iterator[bytes]:
    """One to four pages of noise somewhere."""
    pages = len(book.image) // SLOT
    for _ in range(times):
        image = bytearray(book.image)
        for page in random.sample(range(pages), random.randrange(1, 5)):
            image[page * SLOT : (page + 1) * SLOT] = random.randbytes(SLOT)
        yield bytes(image)
