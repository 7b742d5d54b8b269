"""The commands on a book as a whole: export, import, verify, adopt, reset."""

import sys
from datetime import UTC
from pathlib import Path
from typing import Final

from hems import __version__
from hems.clock import SystemClock
from hems.core.invariants import broken
from hems.core.periods import PERIODS
from hems.errors import BookError
from hems.journal import restore
from hems.journal.beside import written
from hems.journal.export import Origin, pieces, table_csv
from hems.journal.opening import BOOK
from hems.journal.verify import DAMAGED, examined, read_documents

INSTALLED: Final = Path("/var/lib/hems")
OUTPUT: Final = "-"
OWNER_ONLY: Final = 0o600
BROKEN_NAMED: Final = 10


def data_folder(named: Path | None) -> Path:
    """The folder of the book: the one that was named, the appliance's own, or the current one."""
    if named is not None:
        return named
    return INSTALLED if (INSTALLED / BOOK).exists() else Path()


def export(
    data: Path, file: str, *, table: str = "", counters_only: bool = False, secrets: bool = False
) -> None:
    """Write an export, or one list as CSV, to a file or to the output; the book may be in use."""
    documents, book_id = read_documents(data)
    if table:
        text = table_csv(documents, table).encode()
    else:
        origin = Origin(book_id, SystemClock(UTC).now().wall, __version__)
        text = b"".join(pieces(documents, origin, counters_only=counters_only, secrets=secrets))
    if file == OUTPUT:
        sys.stdout.buffer.write(text)
        return
    try:
        written(Path(file), text)
    except OSError as error:
        raise BookError(f"{file}: cannot be written ({error.strerror}); name another file") from None


def import_file(data: Path, file: Path, *, force: bool) -> None:
    """Take over an export, and say what has changed by it."""
    try:
        text = file.read_bytes()
    except OSError as error:
        raise BookError(f"{file}: cannot be read ({error.strerror})") from None
    try:
        differences = restore.import_text(data, text, force=force)
    except OSError as error:
        raise BookError(f"{data}: cannot be changed ({error.strerror})") from None
    print("\n".join(differences) or "nothing differs")


def verify(data: Path) -> int:
    """Say what a book holds and whether its counters agree; 0 sound, 1 damaged, 2 unreadable."""
    found = examined(data)
    print("\n".join(found.lines))
    if found.ledger is None:
        return found.code
    doubts = [f"{rule}: {name}" for name, rule in broken(PERIODS, found.ledger)]
    if not doubts:
        print(f"self-test: {len(found.ledger.counters)} counters agree")
        return found.code
    print(f"self-test: {len(doubts)} contradictions", *doubts[:BROKEN_NAMED], sep="\n  ")
    return max(found.code, DAMAGED)


def adopt(data: Path) -> None:
    """Make the rescue book the book."""
    former = restore.adopt(data)
    left = f"; the unreadable one is {former.name}" if former.name != BOOK else ""
    print(f"{data / BOOK} is what was counted since{left}")


def rekey(data: Path) -> None:
    """Let the windows begin anew where the clock says."""
    restore.rekey(data)
    print("windows begin anew with the next trusted time; totals are as they were")


def reset(data: Path, backup: Path | None) -> None:
    """Forget settings and access; with `backup` also counters and lists, exported there first.

    What is forgotten for the sake of secrecy is not in the backup.
    """
    if backup is not None:
        export(data, str(backup))
        backup.chmod(OWNER_ONLY)
    restore.reset(data, counters=backup is not None)
    print("settings and access are forgotten" + (f"; counters are in {backup}" if backup else ""))
