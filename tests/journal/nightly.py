"""The proofs of the journal at their full size, for the night; ``python -m tests.journal.nightly``."""

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from hems.journal.book import create
from hems.journal.layout import SLOT
from tests.journal.cuts import every_cut, lived, lives_in_a_row
from tests.journal.damage import Finished, bursts, content, erased, finished, flipped, judge, noise
from tests.journal.kills import kills

LIVES: Final = 5_000
FLIPS: Final = 100_000
BURSTS: Final = 10_000
PAGES: Final = 3_000
KILLS: Final = 60


def say(words: str) -> None:
    """A line of progress."""
    print(f"  {words}", flush=True)


def cuts() -> str:
    """B-4: every byte of every write, every order of its blocks, garbage in its pages; lives in a row."""
    counts = every_cut(lived(), lambda _: True, 1, noises=20, padding_step=1, say=say)
    arrived = lives_in_a_row(LIVES, "night")
    told = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    return f"{told}; {LIVES:,} lives in a row, in {arrived:,} the record in flight had arrived"


def judged(book: Finished, images: Iterable[bytes], what: str) -> str:
    """Compare recovery with the model for all images; how many, and how many raised the alarm."""
    count = alarms = 0
    for image in images:
        alarms += judge(book, image)
        count += 1
        if count % 50_000 == 0:
            say(f"{count:,} {what}")
    return f"{count:,} {what}, {alarms:,} with an alarm"


def erasures() -> str:
    """B-5: cut off and erased at every byte of a small book."""
    book = finished(6)
    return judged(book, erased(book, range(len(book.image))), "erasures")


def flips() -> str:
    """B-6: every single bit of a book of 20 records, random flips, bursts and noise."""
    book, random = finished(20), Random("night")
    places = content(book)
    for piece in book.pieces:
        matters = piece in book.in_use and piece != book.last
        for at in range(piece.begin, piece.end):
            for bit in range(8):
                assert judge(book, flipped(book.image, at, bytes([1 << bit]))) == matters
    say(f"{8 * len(places):,} single flips")
    several = (several_flips(book.image, places, random) for _ in range(FLIPS))
    return "; ".join(
        (
            f"{8 * len(places):,} single flips",
            judged(book, several, "images with random flips"),
            judged(book, bursts(book, places, BURSTS, random), "bursts"),
            judged(book, noise(book, PAGES, random), "images with noise"),
        )
    )


def several_flips(image: bytes, places: Sequence[int], random: Random) -> bytes:
    """One to four flipped bits anywhere in what means something."""
    for _ in range(random.randrange(1, 5)):
        image = flipped(image, random.choice(places), bytes([1 << random.randrange(8)]))
    return image


def deaths() -> str:
    """B-7: kill -9 under load on a real file."""
    with TemporaryDirectory(prefix="hems-nightly-") as folder:
        create(Path(folder) / "book", base_bytes=8 * SLOT, log_bytes=40 * SLOT)
        return f"{KILLS} kills, {kills(Path(folder), KILLS, say=say):,} updates acknowledged, none lost"


PROOFS: Final[tuple[Callable[[], str], ...]] = (cuts, erasures, flips, deaths)


def main(wanted: list[str]) -> int:
    """Run the named proofs, or all; an assertion that does not hold ends the night."""
    for proof in PROOFS:
        if not wanted or proof.__name__ in wanted:
            print(proof.__doc__, flush=True)
            print(f"{proof.__name__}: {proof()}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
