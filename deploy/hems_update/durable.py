"""Files and links that are either as they were or as they shall be, whatever happens to the power."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

HALF = ".half"
"""How names end that are not finished; whoever tidies up may remove them."""


def write(path: Path, data: bytes) -> None:
    """Put a whole file in the place of another."""
    half = _half(path)
    with half.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    sync(path.parent)


def write_json(path: Path, told: dict[str, Any]) -> None:
    """The same with a JSON object."""
    write(path, json.dumps(told, indent=1).encode())


def read_json(path: Path) -> dict[str, Any]:
    """An object; empty if there is none that can be read."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def link(path: Path, target: str) -> None:
    """Let a link point elsewhere, from one moment to the next."""
    half = _half(path)
    half.unlink(missing_ok=True)
    half.symlink_to(target)
    half.replace(path)
    sync(path.parent)


def remove_tree(folder: Path) -> None:
    """Remove a folder, which loses its name before it loses anything else."""
    half = _half(folder)
    folder.rename(half)
    sync(folder.parent)
    shutil.rmtree(half, ignore_errors=True)


def tidy(folder: Path) -> None:
    """Remove what never got its name."""
    for half in folder.glob(f".*{HALF}"):
        if half.is_dir() and not half.is_symlink():
            shutil.rmtree(half, ignore_errors=True)
        else:
            half.unlink(missing_ok=True)


def sync_tree(folder: Path) -> None:
    """Everything below a folder, and itself, on the card."""
    for parent, _, names in os.walk(folder):
        for name in names:
            sync(Path(parent) / name)
        sync(Path(parent))


def sync(path: Path) -> None:
    """A file, or the names in a folder, on the card."""
    if path.is_symlink():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _half(path: Path) -> Path:
    """A name beside it that nobody else uses at the same time."""
    return path.with_name(f".{path.name}.{os.getpid()}{HALF}")
