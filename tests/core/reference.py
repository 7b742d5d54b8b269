"""Counting once more, written as plainly as can be: whole histories, looked through from their beginning.

Slow and without state worth the name. Nothing of the core is used, so that the two cannot be wrong alike.
"""

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

GAP_S = 900
MODES = {1: "heating", 2: "hot_water", 3: "cooling", 5: "defrost"}
WINDOWS = ("2h", "4h", "daily", "monthly", "yearly")


def face(window: str, wall: datetime) -> str:
    """The window that a clock on the wall shows."""
    if window in ("2h", "4h"):
        length = int(window[0])
        return f"{wall:%Y-%m-%d}T{wall.hour // length * length:02d}"
    return wall.strftime({"daily": "%Y-%m-%d", "monthly": "%Y-%m", "yearly": "%Y"}[window])


@dataclass
class Moment:
    """When something was seen: the run of the program, its monotonic clock, the wall clock if trusted."""

    boot: int
    mono_s: float
    wall: datetime
    trusted: bool

    def since(self, earlier: "Moment") -> float:
        """Seconds since an earlier moment, as far as anybody can know."""
        if self.boot == earlier.boot:
            return self.mono_s - earlier.mono_s
        if not (self.trusted and earlier.trusted):
            return math.inf
        gone_s = (self.wall.astimezone(UTC) - earlier.wall.astimezone(UTC)).total_seconds()
        return gone_s if gone_s >= 0 else math.inf


@dataclass
class Calendar:
    """Every amount ever booked, with the windows it fell into; none while the clock was not trusted."""

    open: dict[str, str] = field(default_factory=dict)
    amounts: list[tuple[str, int, dict[str, str]]] = field(default_factory=list)
    yesterdays: dict[str, int] = field(default_factory=dict)

    def turn(self, now: Moment) -> None:
        """Windows close when the wall shows a later one; what had no window falls into the new ones."""
        if not now.trusted:
            return
        before = self.open.get("daily")
        newer = {window: max(face(window, now.wall), self.open.get(window, "")) for window in WINDOWS}
        if before is not None and newer["daily"] != before:
            follows = date.fromisoformat(newer["daily"]) - date.fromisoformat(before) == timedelta(days=1)
            self.yesterdays = {}
            for name, amount, fell in self.amounts:
                if follows and fell.get("daily") == before:
                    self.yesterdays[name] = self.yesterdays.get(name, 0) + amount
        self.open = newer
        self.amounts = [(name, amount, fell or newer) for name, amount, fell in self.amounts]

    def add(self, name: str, amount: int, now: Moment) -> None:
        """Book."""
        self.amounts.append((name, amount, dict(self.open) if now.trusted else {}))

    def shown(self, name: str) -> dict[str, int]:
        """All periods of one name."""
        figures = {window: self._fallen(name, window, self.open.get(window)) for window in WINDOWS}
        total = sum(amount for known, amount, _ in self.amounts if known == name)
        return {"total": total, "yesterday": self.yesterdays.get(name, 0), **figures}

    def _fallen(self, name: str, window: str, key: str | None) -> int:
        """What fell into a window, and what waits for one."""
        return sum(
            amount for known, amount, fell in self.amounts if known == name and fell.get(window, key) == key
        )


@dataclass
class Pump:
    """All that one heat pump ever said."""

    calendar: Calendar = field(default_factory=Calendar)
    codes: list[tuple[Moment, int]] = field(default_factory=list)
    ratings: list[tuple[Moment, bool]] = field(default_factory=list)
    totals: list[tuple[Moment, int, str]] = field(default_factory=list)
    booked_mwh: int = 0
    booked_wh: int = 0

    def say(self, now: Moment, code: int | None, rating: int | None, total_mwh: int | None) -> None:
        """One sample."""
        self.calendar.turn(now)
        if code is not None and 0 <= code <= 99:
            self._code(now, code)
        if rating is not None and 0 <= rating <= 11_000:
            self._rating(now, rating > 0)
        if total_mwh is not None:
            self._total(now, total_mwh)

    def _code(self, now: Moment, code: int) -> None:
        if self.codes:
            at, before = self.codes[-1]
            if now.since(at) <= GAP_S and code != before and code in MODES:
                self.calendar.add(MODES[code], 1, now)
            if now.since(at) <= 60:
                self.calendar.add("observed_s", int(now.since(at)), now)
        self.codes.append((now, code))

    def _rating(self, now: Moment, runs: bool) -> None:
        if self.ratings:
            at, ran = self.ratings[-1]
            rested = [now.since(when) for when, did in self.ratings if did]
            if runs and not ran and now.since(at) <= GAP_S and (not rested or rested[-1] >= 10):
                self.calendar.add("compressor_start", 1, now)
            if ran and now.since(at) <= 60:
                self.calendar.add("run_time_s", int(now.since(at)), now)
        self.ratings.append((now, runs))

    def _total(self, now: Moment, total_mwh: int) -> None:
        mode = "unattributed"
        if self.codes and now.since(self.codes[-1][0]) <= GAP_S:
            mode = MODES.get(self.codes[-1][1], "standby")
        if self.totals:
            at, before_mwh, part = self.totals[-1]
            self.booked_mwh += total_mwh - before_mwh
            wh = self.booked_mwh // 1000 - self.booked_wh
            self.booked_wh += wh
            part = part if now.since(at) <= GAP_S else "unattributed"
            for name in ("all", part):
                self.calendar.add(f"energy_electrical.{name}", wh, now)
        self.totals.append((now, total_mwh, mode))
