"""What somebody must be told about the memory, by code, in words with their date and extent. Pure."""

from datetime import datetime
from typing import Final

from hems.journal import keeper, rings
from hems.journal.change import Documents
from hems.journal.keeper import Pending
from hems.journal.opening import RESCUE, Opened
from hems.journal.recover import Recovery
from hems.model.instant import Instant
from hems.model.ledger import Event

UNREADABLE: Final = "book_unreadable"
UNSAVED: Final = "journal_unsaved"
FAILING: Final = "journal_failing"
EVIDENCE: Final = "evidence_nearly_full"
BASE_ROTTEN: Final = "base_unreadable"
REFUSED: Final = "document_refused"
LARGE: Final = "state_too_large"

CODES: Final = frozenset(
    {UNREADABLE, UNSAVED, FAILING, EVIDENCE, BASE_ROTTEN, REFUSED, LARGE}
    | {"records_lost", "rings_lost", "book_truncated", "newer_records", "not_understood", "rescue_left"}
)
"""All alarms of the memory: one that is open in the book and no longer so has been cleared."""

DECIDE: Final = "import a backup (hems import) or take the rescue book over (hems journal adopt)"
ADD: Final = "stop the service, then: hems export FILE, hems import FILE"
EVIDENCE_WORDS: Final = "the list of evidence is nearly full; save it: hems export FILE --csv evidence"
LARGE_WORDS: Final = "a base may not hold them much longer: export, and shorten the lists"
STARTS: Final = {"stopped": "stopped", "booted": "cut", None: "first start"}
"""Why the service starts, by the last thing it noted before."""

SEQUENCES_NAMED: Final = 3


def standing(found: Opened, ignored: tuple[str, ...], wall: datetime) -> dict[str, str]:
    """What stays to be told until the next start; `ignored` are documents that were not understood."""
    told: dict[str, str] = {}
    if found.unreadable:
        told[UNREADABLE] = f"{wall.date()}: {found.unreadable}; counting goes on in {RESCUE}; {DECIDE}"
    elif found.rescue_left:
        told["rescue_left"] = f"{RESCUE} has counts that the book has not; {ADD}"
    told |= damage(found.recovery, wall)
    if ignored:
        told["not_understood"] = "; ".join(ignored)
    return told


def passing(trouble: str, unsaved: Pending, documents: Documents, mono_s: float) -> dict[str, str]:
    """What is told while it lasts; `trouble` is what the card ran into, empty while it is well."""
    told: dict[str, str] = {}
    if trouble:
        told[FAILING] = trouble
    if keeper.overdue(unsaved, mono_s):
        told[UNSAVED] = "changes wait for the card longer than they may"
    if rings.nearly_full(documents):
        told[EVIDENCE] = EVIDENCE_WORDS
    return told


def dated(now: Instant) -> datetime | None:
    """When something happened, as far as the clock is to be believed."""
    return now.wall if now.trusted else None


def booted(documents: Documents, boots: int, at: datetime | None, *, cut_off: bool) -> Event:
    """The start of the service and its reason, by what it noted last.

    `cut_off`: the last record was damaged before it was acknowledged, the usual trace of a cut.
    """
    reason = STARTS[rings.last_kind(documents, frozenset({"booted", "stopped"}))]
    return Event("booted", "service", at, {"reason": reason, "boots": boots, "cut_off": cut_off})


def damage(recovery: Recovery, wall: datetime) -> dict[str, str]:
    """What more than an unacknowledged last record was wrong with a book at its start."""
    told: dict[str, str] = {}
    if recovery.lost:
        records = "1 record" if len(recovery.lost) == 1 else f"{len(recovery.lost)} records"
        told["records_lost"] = f"{records} lost ({_numbers(recovery.lost)})"
    if recovery.rings_lost:
        told["rings_lost"] = "no base is readable: counters and settings are kept, the lists are lost"
    elif recovery.used_predecessor:
        told[BASE_ROTTEN] = "the newest base is unreadable, nothing is lost: the one before it was used"
    if recovery.truncated:
        told["book_truncated"] = "the book is shorter than it was made"
    if recovery.newer:
        told["newer_records"] = f"{recovery.newer} records of a newer program are left out"
    return {code: f"{wall.date()}: {words}" for code, words in told.items()}


def _numbers(lost: tuple[int, ...]) -> str:
    named = ", ".join(str(number) for number in lost[:SEQUENCES_NAMED])
    return f"number {named}{' …' if len(lost) > SEQUENCES_NAMED else ''}"
