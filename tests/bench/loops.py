"""Private block devices made of files, where root can make them, and the bytes that reach them."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SECTOR_BYTES: Final = 512
SIZE_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True)
class Device:
    """A loop device; `folder` is where its file system is mounted, ``None`` for a raw one."""

    path: Path
    folder: Path | None

    def written(self) -> tuple[int, int]:
        """Bytes and requests that have been written to it."""
        fields = Path(f"/sys/block/{self.path.name}/stat").read_text().split()
        return int(fields[6]) * SECTOR_BYTES, int(fields[4])


def possible() -> str:
    """Empty if devices can be made here, else why not."""
    if os.geteuid() != 0:
        return "not root"
    found = subprocess.run(["losetup", "-f"], capture_output=True, text=True, check=False)
    return found.stderr.strip() if found.returncode else ""


@contextmanager
def device(folder: Path, name: str, block_bytes: int | None, commit_s: int) -> Iterator[Device]:
    """A device with ext4 of this block size, or raw; taken down at the end."""
    image = folder / f"{name}.img"
    image.write_bytes(bytes(SIZE_BYTES))
    path = Path(_run("losetup", "-f", "--show", str(image)).strip())
    try:
        if block_bytes is None:
            yield Device(path, None)
            return
        mounted = folder / name
        mounted.mkdir()
        _run(
            "mkfs.ext4",
            "-q",
            "-b",
            str(block_bytes),
            "-I",
            "256",
            "-E",
            "lazy_itable_init=0,lazy_journal_init=0",
            str(path),
        )
        _run("mount", "-o", f"noatime,commit={commit_s},errors=remount-ro", str(path), str(mounted))
        try:
            yield Device(path, mounted)
        finally:
            _run("umount", str(mounted))
    finally:
        _run("losetup", "-d", str(path))
        image.unlink()


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
