"""B-5 and B-6: whatever befalls a finished book, what comes out is what the model says, and it really was."""

from functools import cache
from random import Random

import pytest

from hems.journal.layout import SLOT
from hems.journal.recover import recover
from tests.journal.damage import (
    Finished,
    Piece,
    bursts,
    content,
    erased,
    finished,
    flipped,
    judge,
    model,
    noise,
)

pytestmark = pytest.mark.proof


@cache
def book() -> Finished:
    return finished(20)


@cache
def few() -> Finished:
    return finished(6)


def piece_at(at: int) -> Piece:
    return next(piece for piece in book().pieces if piece.begin <= at < piece.end)


def test_the_book_holds_what_these_proofs_are_about() -> None:
    sound = recover(book().image)
    assert (sound.generation, sound.next_sequence, sound.damaged) == (2, 21, False)
    assert sound.state == book().last.state == model(book(), book().image).state
    assert sum(piece.checkpoint for piece in book().in_use) >= 3
    assert max(piece.end - piece.begin for piece in book().in_use) > SLOT


def test_a_book_cut_off_or_erased_anywhere_gives_what_the_model_says() -> None:
    """B-5: around every edge of a piece, and every 41st byte of what means something."""
    edges = {at + shift for piece in few().pieces for at in (piece.begin, piece.end) for shift in (0, 1)}
    edges |= {piece.end - 1 for piece in few().pieces}
    places = sorted({*edges, *content(few())[::41], *range(0, len(few().image), 3_011)})
    alarms = [judge(few(), image) for image in erased(few(), places)]
    assert len(alarms) > 1_000
    assert 0.5 < sum(alarms) / len(alarms) < 1.0


def test_a_flipped_bit_is_never_a_value() -> None:
    """B-6: a bit of every 17th byte; damage to all but the last record of those in use raises the alarm."""
    random = Random("bits")
    for at in content(book())[::17]:
        piece = piece_at(at)
        alarm = judge(book(), flipped(book().image, at, bytes([1 << random.randrange(8)])))
        assert alarm == (piece in book().in_use and piece != book().last)


def test_bursts_and_noise_are_never_values() -> None:
    """B-6."""
    random = Random("bursts")
    alarms = [judge(book(), image) for image in bursts(book(), content(book()), 500, random)]
    alarms += [judge(book(), image) for image in noise(book(), 150, random)]
    assert 50 < sum(alarms) < len(alarms)


def test_a_model_that_can_differ() -> None:
    """The model sees a hole, a lost base, the loss of both bases, and a book without a header."""
    used = sorted(book().in_use, key=lambda piece: piece.sequence)
    bases = [piece for piece in book().pieces if piece.sequence == 0]
    hole = model(book(), flipped(book().image, used[3].begin, b"\x01"))
    assert (hole.lost, hole.state) == ((3, *range(4, next_checkpoint(3))), book().last.state)
    assert model(book(), flipped(book().image, bases[1].begin, b"\x01")).used_predecessor
    both = flipped(flipped(book().image, bases[0].begin, b"\x01"), bases[1].begin, b"\x01")
    assert model(book(), both).rings_lost
    assert model(book(), bytes(2 * SLOT) + book().image[2 * SLOT :]).state is None


def next_checkpoint(sequence: int) -> int:
    """The sequence of the first checkpoint behind a record."""
    return min(row.sequence for row in book().in_use if row.checkpoint and row.sequence > sequence)
