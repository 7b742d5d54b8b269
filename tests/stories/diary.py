"""A diary of a story: every change of what the chargers were told, and of what the house did with it.

It sees every cycle, however long the story, and keeps only what changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import pytest

from hems.model.decision import ChargingState
from hems.model.ledger import Event
from hems.model.view import View
from hems.model.why import Reason
from tests.stories.stage import Stage

MIN_A = 6.0


@dataclass(frozen=True, slots=True)
class Entry:
    """What a charger was told from this moment on, why, and how often its car had started until then."""

    mono_s: float
    wall: datetime
    limit_a: float
    code: Reason
    state: ChargingState
    starts: int
    lines: int


class Diary:
    """Follows a stage from now on; after a restart it must be told to `follow` again."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.entries: dict[str, list[Entry]] = {name: [] for name in stage.desk.house.points}
        self.events: list[Event] = []
        self.relays: list[tuple[float, str, bool]] = []
        self.follow()

    def follow(self) -> None:
        """Look at the service that is there now."""
        self._stage.house.supervisor.eyes.append(self)

    def show(self, view: View) -> None:
        """Note what changed in this cycle."""
        self.events += view.events
        for name, told in view.decision.chargers.items():
            point, entries = self._stage.desk.house.points[name], self.entries[name]
            what = told.limit_a, told.why.code, told.state, point.starts, len(point.uses)
            last = entries[-1] if entries else None
            if last is None or what != (last.limit_a, last.code, last.state, last.starts, last.lines):
                entries.append(Entry(view.now.mono_s, view.now.wall, *what))
        for relay, energised in view.decision.command.relays.items():
            last_on = next((on for _, name, on in reversed(self.relays) if name == relay), False)
            if energised is not last_on:
                self.relays.append((view.now.mono_s, relay, energised))

    def charged(self, charger: str = "garage") -> list[tuple[datetime, datetime]]:
        """The times in which it was told a current; one that lasts ends now."""
        now, begun, times = self._stage.clock.now().wall, None, []
        for entry in self.entries[charger]:
            if entry.limit_a > 0.0 and begun is None:
                begun = entry.wall
            elif entry.limit_a == 0.0 and begun is not None:
                times.append((begun, entry.wall))
                begun = None
        return times if begun is None else [*times, (begun, now)]

    def codes(self, charger: str = "garage") -> set[str]:
        """All reasons it had."""
        return {str(entry.code) for entry in self.entries[charger]}

    def starts(self, charger: str = "garage") -> list[float]:
        """When its car began to draw."""
        return [after.mono_s for before, after in self._pairs(charger) if after.starts > before.starts]

    def moves(self, charger: str = "garage") -> list[float]:
        """When the number of its lines changed."""
        return [after.mono_s for before, after in self._pairs(charger) if after.lines != before.lines]

    def raises(self, charger: str = "garage") -> int:
        """How often it was told more than before."""
        return sum(after.limit_a > before.limit_a for before, after in self._pairs(charger))

    def told(self, kind: str) -> list[Event]:
        """The events of a kind."""
        return [event for event in self.events if event.kind == kind]

    def clean(self) -> None:
        """No set-point between 0 and the minimum; nothing above a fuse and no contactor under load by us."""
        for entries in self.entries.values():
            assert not [entry for entry in entries if 0.0 < entry.limit_a < MIN_A]
        truth = self._stage.truth
        assert truth["own_over_s"] == {}
        assert truth["violations"] == truth["moved_under_load"] == truth["early"] == 0

    def honest(self, within_wh: float = 30.0) -> None:
        """The counters say what really flowed, within 1 % and so many Wh."""
        truth, counters = self._stage.truth, self._stage.views[-1].counters
        energies = {
            f"ev{1 + place}": point for place, point in enumerate(self._stage.desk.house.points.values())
        }
        for owner, point in energies.items():
            counted_wh = counters[f"{owner}.energy.all.total"]
            assert counted_wh == pytest.approx(point.energy_wh, rel=0.01, abs=within_wh), owner
        for key, what in (("site.grid_import.all.total", "import_wh"), ("site.pv.all.total", "pv_wh")):
            if key in counters:
                assert counters[key] == pytest.approx(truth[what], rel=0.01, abs=within_wh), key

    def _pairs(self, charger: str) -> Iterator[tuple[Entry, Entry]]:
        return pairwise(self.entries[charger])


def most_in(moments: list[float], seconds: float) -> int:
    """The most of these moments within so many seconds."""
    return max((sum(begin <= one < begin + seconds for one in moments) for begin in moments), default=0)
