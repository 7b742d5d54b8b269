"""The versions of the program that lie on the card, and which of them runs."""

import shutil
import subprocess
import tarfile
from pathlib import Path

from hems_update import durable, manifest
from hems_update.bundle import Received
from hems_update.place import Place
from hems_update.refusals import Exit, UpdateError

KEPT = 3
PART = ".part"


def running(place: Place) -> str:
    """The version that the link names; "" if there is none."""
    return place.current.readlink().name if place.current.is_symlink() else ""


def versions(place: Place) -> list[str]:
    """All whole versions, the oldest first."""
    found = [path.name for path in place.releases.glob("*") if (path / "manifest.json").is_file()]
    return sorted((name for name in found if manifest.order(name)), key=manifest.order)


def unpack(place: Place, received: Received) -> None:
    """Lay a version beside the others; it has its name only once all of it is on the card."""
    version = received.manifest.version
    part, whole = place.releases / f".{version}{PART}", place.releases / version
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    _unpack(received.payload, part)
    durable.write_json(part / "manifest.json", {"version": version, "sha256": received.manifest.sha256})
    durable.sync_tree(part)
    if whole.exists():
        shutil.rmtree(whole)
    part.rename(whole)
    durable.sync_folder(place.releases)


def switch(place: Place, version: str) -> None:
    """Let this version be the one that is started."""
    durable.link(place.current, f"releases/{version}")


def tidy(place: Place, spared: set[str]) -> None:
    """Remove what is half there, and the oldest versions beyond three."""
    for half in place.releases.glob(f".*{PART}"):
        shutil.rmtree(half, ignore_errors=True)
    spared = spared | {running(place)}
    surplus = len(versions(place)) - KEPT
    for version in [name for name in versions(place) if name not in spared][: max(0, surplus)]:
        shutil.rmtree(place.releases / version, ignore_errors=True)


def _unpack(payload: Path, folder: Path) -> None:
    """Unpack with the filter that lets nothing out of the folder."""
    try:
        with subprocess.Popen(["zstd", "-dcq", str(payload)], stdout=subprocess.PIPE) as zstd:
            assert zstd.stdout is not None
            with tarfile.open(fileobj=zstd.stdout, mode="r|") as tar:
                tar.extractall(folder, filter="data")
        if zstd.returncode:
            raise _damaged("its payload cannot be unpacked")
    except (tarfile.TarError, EOFError) as error:
        raise _damaged(f"its payload cannot be unpacked ({error})") from None
    except OSError as error:
        raise UpdateError(
            Exit.NO_ROOM, f"{folder}: {error.strerror or error}; make room and send it again"
        ) from None


def _damaged(words: str) -> UpdateError:
    return UpdateError(Exit.DAMAGED, f"the bundle is damaged: {words}; build it anew")
