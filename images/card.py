"""A card to try things on: a copy of the image as large as a small real one, and the files of HEMSBOOT."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

BOOT: Final = "@@4M"
"""Where HEMSBOOT begins in the image."""
CARD_BYTES: Final = 4 << 30


def make(image: Path, card: Path) -> None:
    """A fresh card from the image, mostly a hole."""
    subprocess.run(["cp", "--sparse=always", str(image), str(card)], check=True)
    with card.open("r+b") as file:
        file.truncate(CARD_BYTES)


def lay(card: Path, file: Path, name: str) -> None:
    """Lay a file into HEMSBOOT, as the person who flashes does."""
    subprocess.run(["mcopy", "-o", "-i", f"{card}{BOOT}", str(file), f"::{name}"], check=True)


def take(card: Path, name: str) -> bytes:
    """A file of HEMSBOOT; empty if it is not there."""
    done = subprocess.run(["mtype", "-i", f"{card}{BOOT}", f"::{name}"], capture_output=True, check=False)
    return done.stdout


def missing_tools() -> list[str]:
    """Debian packages without which nothing can be tried here."""
    tools = {
        "qemu-system-aarch64": "qemu-system-arm",
        "mcopy": "mtools",
        "ssh": "openssh-client",
        "debugfs": "e2fsprogs",
        "zstd": "zstd",
    }
    found = f"/sbin:/usr/sbin:{Path('/usr/bin')}:/bin:/usr/local/bin"
    absent = [package for tool, package in tools.items() if shutil.which(tool, path=found) is None]
    if not Path("/usr/lib/u-boot/qemu_arm64/u-boot.bin").is_file():
        absent.append("u-boot-qemu")
    return absent
