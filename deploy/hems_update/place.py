"""Where things lie on this appliance, from ``/etc/hems/update.json``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from hems_update.refusals import Exit, UpdateError

CONFIG = Path("/etc/hems/update.json")


@dataclass(frozen=True, slots=True)
class Place:
    """Folders, the service and the keys of one appliance.

    `root` holds ``releases``, the link ``current`` and the updater's own folder; the service may not write
    there. `restart` and `reboot` are commands, `export` is one that prints the backup. `slots` are the
    devices of the two systems by their letter and `boot` the folder of the boot partition; without them there
    are no OS updates. `slot` is the one that runs ("" = none). A version must be in order for `proof_s`
    within `patience_s`, a whole system (`os_`) after the start of the machine.
    """

    root: Path
    signers: Path
    socket: Path
    restart: tuple[str, ...]
    reboot: tuple[str, ...] = ("systemctl", "reboot")
    export: tuple[str, ...] = ()
    slots: Mapping[str, Path] = field(default_factory=dict)
    boot: Path | None = None
    slot: str = ""
    patience_s: float = 45.0
    proof_s: float = 10.0
    os_patience_s: float = 600.0
    os_proof_s: float = 60.0

    @property
    def releases(self) -> Path:
        """The folder of all versions."""
        return self.root / "releases"

    @property
    def current(self) -> Path:
        """The link to the version that runs."""
        return self.root / "current"

    @property
    def backups(self) -> Path:
        """What the memory was before each update."""
        return self.root / "backups"

    @property
    def work(self) -> Path:
        """The updater's own folder."""
        return self.root / "update"


def load(path: Path) -> Place:
    """The place of a file; `UpdateError` in words for one that cannot be used."""
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        known = {one.name for one in fields(Place)}
        if unknown := set(told) - known:
            raise ValueError(f"{', '.join(sorted(unknown))} is not known")
        values: dict[str, Any] = {name: _value(name, value) for name, value in told.items()}
        values.setdefault("slot", _slot())
        return Place(**values)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UpdateError(Exit.BAD_INPUT, f"{path}: {error}; the installer writes it anew") from None


def _value(name: str, value: Any) -> Any:
    match name:
        case "root" | "signers" | "socket" | "boot":
            return Path(value)
        case "restart" | "reboot" | "export":
            return tuple(map(str, value))
        case "slots":
            return {letter: Path(device) for letter, device in value.items()}
        case "patience_s" | "proof_s" | "os_patience_s" | "os_proof_s":
            return float(value)
    return value


def _slot() -> str:
    """The running slot by the kernel's command line."""
    try:
        words = Path("/proc/cmdline").read_text(encoding="ascii", errors="replace").split()
    except OSError:
        words = []
    return next((word.partition("=")[2] for word in words if word.startswith("hems.slot=")), "")
