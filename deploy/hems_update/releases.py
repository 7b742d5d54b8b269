"""The versions of the program that lie on the card, and which of them runs."""

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from hems_update import durable, manifest
from hems_update.bundle import Received, unpacked
from hems_update.place import Place
from hems_update.refusals import damaged

KEPT = 3
COMPILED_WITHIN_S = 300.0


def running(place: Place) -> str:
    """The version that the link names; "" if there is none."""
    return place.current.readlink().name if place.current.is_symlink() else ""


def versions(place: Place) -> list[str]:
    """All whole versions, the oldest first."""
    found = [path.parent.name for path in place.releases.glob("*/manifest.json")]
    return sorted((name for name in found if manifest.order(name)), key=manifest.order)


def digest(place: Place, version: str) -> str:
    """The SHA-256 of the payload that a version came from; "" if nobody knows."""
    return str(durable.read_json(place.releases / version / "manifest.json").get("sha256", ""))


def unpack(place: Place, received: Received) -> None:
    """Lay a version beside the others; it has its name only once all of it is on the card."""
    version = received.manifest.version
    whole = place.releases / version
    half = place.releases / f".{version}{durable.HALF}"
    durable.tidy(place.releases)
    half.mkdir(parents=True)
    try:
        _fill(half, received)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    if whole.exists():
        durable.remove_tree(whole)
    half.rename(whole)
    durable.sync(place.releases)


def switch(place: Place, version: str) -> None:
    """Let this version be the one that is started."""
    durable.link(place.current, f"releases/{version}")


def tidy(place: Place, spared: set[str], rejected: str = "") -> None:
    """Remove what is half there, a version that was tried and left, and the oldest ones beyond three."""
    for folder in (
        place.root,
        place.releases,
        place.work,
        place.backups,
        *([place.boot] if place.boot else []),
    ):
        durable.tidy(folder)
    spared = spared | {running(place)}
    if rejected in versions(place) and rejected not in spared:
        durable.remove_tree(place.releases / rejected)
    there = versions(place)
    surplus = max(0, len(there) - KEPT)
    for version in [name for name in there if name not in spared][:surplus]:
        durable.remove_tree(place.releases / version)


def _fill(folder: Path, received: Received) -> None:
    try:
        with unpacked(received.payload) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError) as error:
        raise damaged(f"its payload cannot be unpacked ({error})") from None
    _compile(folder)
    told = {"version": received.manifest.version, "sha256": received.manifest.sha256}
    durable.write_json(folder / "manifest.json", told)
    durable.sync_tree(folder)


def _compile(folder: Path) -> None:
    """Save the program's first start the work of compiling; without that it only starts more slowly."""
    asked = ["compileall", "-q", "--invalidation-mode", "unchecked-hash", "-s", str(folder), str(folder)]
    try:
        subprocess.run(
            [sys.executable, "-m", *asked], capture_output=True, check=False, timeout=COMPILED_WITHIN_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return
