"""A process that keeps counting into a real book until it is killed; prints what it knows to be durable."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hems.clock import SystemClock
from hems.journal.journal import Journal
from hems.model.instant import Instant
from hems.model.ledger import Counter, Event, Ledger
from hems.model.settings import ChargerSettings, Settings
from hems.reactor import Reactor

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def main(folder: Path) -> None:
    """Count one compressor start after the other; a total is printed once the card has acknowledged it."""
    reactor = Reactor(SystemClock(ZoneInfo("UTC")))
    journal = Journal(folder, reactor, reactor.clock)
    ledger = journal.recall().ledger
    total = ledger.counters["hp1.compressor_start"].total if ledger.counters else 0
    print(f"recalled {total}", flush=True)
    while True:
        total += 1
        counters = {"hp1.compressor_start": Counter(total), "hp1.heating": Counter(2 * total)}
        settings = Settings({"garage": ChargerSettings("fast", float(6 + total % 10))})
        now = Instant(reactor.clock.mono_s(), START + timedelta(seconds=total))
        events = (
            Event("counted", "hp1.compressor_start", now.wall),
            Event("run_ended", "hp1.run", now.wall, {"n": total, "end": now.wall.isoformat()}),
        )
        journal.keep(Ledger({}, counters), settings, events, now)
        if total % 5 == 0:
            journal.flush(now)
            if journal.health(now).unsaved_s == 0.0:
                print(total, flush=True)
        reactor.run_until(reactor.clock.mono_s())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
