"""What goes wrong in long runs, and where: five devices, two of them meters that hold a sequence."""

from collections.abc import Sequence
from typing import Final

from hems.field.profile import Limits, Point, Profile
from hems.model import site
from hems.sim import scene
from hems.sim.car import CarModel
from hems.sim.faults import Fault
from tests.field.matrix.rig import START

SHARE: Final = 0.01
ANSWERS: Final[Sequence[Fault]] = (
    Fault("silence"),
    Fault("deaf"),
    *(Fault("exception", value=code) for code in (4, 6)),
    *(Fault("late", value=late_s) for late_s in (0.05, 0.1, 0.15, 0.3, 0.7, 2.0)),
    Fault("crc"),
    *(Fault("short", value=left) for left in (0, 1, 4)),
    *(Fault("noise", value=stray) for stray in (1, 3, 32)),
    Fault("prefix", data="0103"),
    Fault("suffix", data="0103020000"),
    Fault("other_unit"),
    Fault("other_function"),
    *(Fault("other_count", value=more) for more in (1, -1)),
    Fault("other_address"),
    *(Fault("pause", value=pause_s, at=3) for pause_s in (0.04, 0.06, 0.2)),
    Fault("babble", value=1.0),
    *(Fault("twin", device=name) for name in ("garage", "pump")),
    Fault("echo"),
    Fault("echo_short", value=2),
)
"""Rows of one kind share the one per cent of their kind.

A twin strikes long answers: where zeros win, three in ten thousand collisions of one register are sound
frames with another value (300,000 tried), which no master can tell.
"""
UPSETS: Final[Sequence[Fault]] = (
    Fault("vanish", value=0.6),
    Fault("busy", value=1.5),
    Fault("stuck", value=0.7),
    *(Fault("restart", device=name, value=2.0) for name in ("garage", "box", "pump")),
    Fault("foreign_master", value=2.0),
)
"""One of each kind begins in one per cent of all seconds."""
GRID, GARAGE, PUMP, BOX, PV = 1, 2, 3, 4, 5
SEQUENCES: Final = {"grid": GRID, "pv": PV}
NAMES: Final = {GRID: "grid", GARAGE: "garage", PUMP: "pump", BOX: "box", PV: "pv"}
SECONDS: Final = 1 << 10
"""So many seconds until a register holds the same again."""


def sequence(single: bool) -> Profile:
    """A meter whose registers hold a sequence; read one by one they all look alike."""
    return Profile(
        key="sequence",
        kind="meter",
        maker="test",
        models=("sequence",),
        points=(
            Point(quantity="line_a", function=3, addresses=(0, 1, 2), wire="u16", unit="A"),
            Point(quantity="power_w", function=3, addresses=(3,), wire="u16", unit="W", positive="import"),
            Point(quantity="frequency_hz", function=3, addresses=(4,), wire="u16", unit="Hz", period_s=5),
        ),
        limits=Limits(single=((0, 7),) if single else ()),
    )


def word(unit: int, address: int, at_s: float) -> int:
    """What a register holds in that second."""
    return (unit << 3 | address) * SECONDS + int(at_s) % SECONDS


def installation() -> site.Config:
    """All five on one line."""
    return site.Config(
        site=site.Site(name="house", time_zone="UTC", main_fuse_a=(25, 25, 25)),
        buses=(site.Bus(name="a", port="far-end", echo="no"),),
        meters=(
            site.Meter(name="grid", bus="a", unit=GRID, profile="singles", role="grid"),
            site.Meter(name="pv", bus="a", unit=PV, profile="sequence", role="pv"),
        ),
        chargers=(
            site.Charger(
                name="garage", number=1, bus="a", unit=GARAGE, profile="evse-wb", accept_no_failsafe=True
            ),
            site.Charger(name="box", number=2, bus="a", unit=BOX, profile="heidelberg-energy-control"),
        ),
        heat_pumps=(site.HeatPump(name="pump", number=1, bus="a", unit=PUMP, profile="lambda-eul"),),
    )


def scenery(seed: int) -> scene.Scene:
    """The three that are simulated devices."""
    return scene.Scene(
        seed=seed,
        weather="sunny",
        start=START,
        devices=(
            scene.Device("garage", "evse-wb", GARAGE),
            scene.Device("pump", "lambda-eul", PUMP),
            scene.Device("box", "heidelberg-energy-control", BOX),
        ),
        cars={"garage": CarModel(), "box": CarModel()},
        buses=(scene.Bus(delivery="frame"),),
    )
