"""Files and links that are either as they were or as they shall be, whatever happens to the power."""

import json
import os
from pathlib import Path
from typing import Any


def write(path: Path, data: bytes) -> None:
    """Put a whole file in the place of another."""
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


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
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    beside.symlink_to(target)
    beside.replace(path)
    sync_folder(path.parent)


def sync_tree(folder: Path) -> None:
    """Everything below a folder, and itself, on the card."""
    for parent, _, names in os.walk(folder):
        for name in names:
            _sync(Path(parent) / name)
        sync_folder(Path(parent))


def sync_folder(folder: Path) -> None:
    """The entries of a folder on the card."""
    _sync(folder)


def _sync(path: Path) -> None:
    if path.is_symlink():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
