"""What stands around the cycle, for the eyes: door, face, optimizer, and the appliance itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class DoorHealth:
    """The door: clients that are connected, dropped since the start, intents without an answer yet.

    `longest_ms` is the longest time it spent in one turn of the loop, `words` what is closed of it and why.
    """

    clients: int = 0
    dropped: int = 0
    pending: int = 0
    longest_ms: float = 0.0
    words: str = ""


@dataclass(frozen=True, slots=True)
class FaceHealth:
    """The front panel: its display, keys that are stuck, key events that were dropped since the start."""

    display: Literal["none", "ok", "lost"] = "none"
    stuck: tuple[str, ...] = ()
    dropped: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """One slot of the optimizer's weather; ``None`` = it does not say."""

    start: datetime
    end: datetime
    temperature_c: float | None = None
    cloud_pct: float | None = None
    irradiance_w_m2: float | None = None
    pv_w: float | None = None


@dataclass(frozen=True, slots=True)
class OptimizerHealth:
    """The bridge to an external optimizer: its stage ("off" = none is configured), and the plan in force."""

    stage: Literal["off", "absent", "probing", "ready", "asking"] = "off"
    plan_id: str = ""
    seconds_left: float = 0.0
    words: str = ""
    weather: tuple[Forecast, ...] = ()


@dataclass(frozen=True, slots=True)
class Network:
    """How the appliance is reached: addresses by interface, name, SSH on or off, the host key's SHA-256."""

    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    name: str = ""
    ssh: bool = False
    host_key: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """A version of the program, and the slot it runs from ("" = no slots here)."""

    version: str
    slot: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Appliance:
    """The machine and its program; ``None`` and "" = not known here.

    `proven_s` is for how long this version has been running in order, `started_by` why it started last.
    `offered` is the version of a bundle that waits to be installed. `refused` says why the last new
    installation could not be started; the former one is in use. `clock` is who tells the time. `by_hand`: the
    installation file was edited since the appliance wrote it last.
    """

    running: Release = Release("")
    previous: Release | None = None
    proven_s: float | None = None
    restarts: int = 0
    started_by: str = ""
    offered: str = ""
    serial: str = ""
    uptime_s: float = 0.0
    network: Network = Network()
    refused: str = ""
    clock: Literal["", "network", "nobody"] = ""
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that is around the cycle."""

    door: DoorHealth = DoorHealth()
    face: FaceHealth = FaceHealth()
    optimizer: OptimizerHealth = OptimizerHealth()
    appliance: Appliance = Appliance()
