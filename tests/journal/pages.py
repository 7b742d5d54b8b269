"""Pages of a small house at any time, for whoever looks at them."""

from datetime import datetime

from hems.model.decision import Command, Decision
from hems.model.instant import Instant
from hems.model.settings import Settings
from hems.model.snapshot import Snapshot
from hems.model.view import Balance, Health, Installed, InstalledCharger, View

CHARGER = InstalledCharger(number=1, min_a=6, max_a=16, step_a=1, relay=True)
HOUSE = Installed("Home", (25.0, 25.0, 25.0), {"garage": CHARGER}, {"lambda": 2}, pv=True)


def page(
    mono_s: float,
    wall: datetime,
    grid_w: float | None = 500.0,
    *,
    import_wh: int | None = 1_000,
    trusted: bool = True,
) -> View:
    """One page: as much of everything as the grid gives."""
    now = Instant(mono_s, wall, trusted)
    things_w = {"garage": grid_w, "lambda": None}
    return View(
        now=now,
        installed=HOUSE,
        snapshot=Snapshot(now),
        decision=Decision({}, Command(), None),
        settings=Settings(),
        balance=Balance(grid_w, 0.0, 0.0, grid_w, None, None, things_w),
        counters={
            "site.grid_import.all.total": import_wh,
            "site.grid_import.all.daily": 7,
            "hp1.heating.total": 3,
        },
        health=Health(),
    )
