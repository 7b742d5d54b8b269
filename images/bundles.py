"""Bundles: a system's from its file system, and those of faulty programs and systems to try things with.

``python -m images.bundles --key KEY --out dist`` makes the one that is shipped from the newest system there.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import bundle

MINIMUM: Final = "0.1.0"
BROKEN: Final = "import sys\nsys.exit('this version is broken')\n"
SILENT: Final = "#!/bin/sh\nexit 1\n"


def of_system(system: Path, version: str, key: Path, out: Path, *, level: int = 12) -> Path:
    """A signed bundle with a whole slot."""
    out.mkdir(parents=True, exist_ok=True)
    made = out / f"hems-os-{version}.hems"
    with tempfile.TemporaryDirectory(dir=out) as folder:
        payload = Path(folder) / "payload"
        subprocess.run(["zstd", "-q", "-T0", f"-{level}", "-o", str(payload), str(system)], check=True)
        _seal("os", version, payload, system.stat().st_size, key, made)
    return made


def of_program(source: Path, version: str, key: Path, out: Path, change: Callable[[Path], None]) -> Path:
    """The program of another bundle, changed, under another version."""
    out.mkdir(parents=True, exist_ok=True)
    made = out / f"hems-{version}.hems"
    with tempfile.TemporaryDirectory(dir=out) as folder:
        payload, app = Path(folder) / "payload", Path(folder) / "app"
        with tarfile.open(source) as tar:
            packed = tar.extractfile("payload")
            assert packed is not None
            payload.write_bytes(packed.read())
        subprocess.run(["tar", "--zstd", "-xf", str(payload), "-C", folder], check=True)
        (told,) = app.glob("hems-*.dist-info/METADATA")
        for file, begin, end in (
            (app / "hems" / "__init__.py", '__version__ = "', '"'),
            (told, "Version: ", ""),
        ):
            text = file.read_text(encoding="utf-8")
            file.write_text(re.sub(rf"(?m)^{begin}.*$", f"{begin}{version}{end}", text, count=1), "utf-8")
        change(app)
        bundle.pack(app, payload)
        size = sum(path.stat().st_size for path in app.rglob("*") if path.is_file())
        _seal("app", version, payload, size, key, made)
    return made


class Shelf:
    """Bundles to try the appliance with, by what is the matter with them; each is made when it is wanted."""

    def __init__(self, program: Path, system: Path, key: Path, folder: Path) -> None:
        self._program = program
        self._system = system
        self._key = key
        self._folder = folder
        self._made: dict[str, Path] = {}

    def program(self, name: str) -> Path:
        """A program of `PROGRAMS`."""
        if name not in self._made:
            version, change = PROGRAMS[name]
            self._made[name] = of_program(self._program, version, self._key, self._folder, change)
        return self._made[name]

    def system(self, name: str) -> Path:
        """A system of `SYSTEMS`."""
        if name not in self._made:
            version, change = SYSTEMS[name]
            system = self._system
            if change is not None:
                self._folder.mkdir(parents=True, exist_ok=True)
                system = changed(system, self._folder / "system.ext4", change)
            self._made[name] = of_system(system, version, self._key, self._folder, level=3)
        return self._made[name]


def as_it_is(_app: Path) -> None:
    """Nothing but the version is different."""


def broken(app: Path) -> None:
    """It ends as soon as it starts."""
    (app / "hems" / "__main__.py").write_text(BROKEN, encoding="utf-8")


def without_init(system: Path) -> None:
    """A system whose first process is missing."""
    _edit(system, "rm /usr/lib/systemd/systemd")


def without_kernel(system: Path) -> None:
    """A system that the boot loader finds nothing in."""
    _edit(system, "rm /boot/vmlinuz")


def unhealthy(system: Path) -> None:
    """A system that starts, but on which the program does not."""
    with tempfile.NamedTemporaryFile("w", encoding="ascii") as file:
        file.write(SILENT)
        file.flush()
        _edit(
            system, "rm /usr/bin/hems", f"write {file.name} /usr/bin/hems", "sif /usr/bin/hems mode 0100755"
        )


PROGRAMS: Final[Mapping[str, tuple[str, Callable[[Path], None]]]] = {
    "newer": ("0.1.1", as_it_is),
    "broken": ("0.1.2", broken),
    "third": ("0.1.3", as_it_is),
    "fourth": ("0.1.4", as_it_is),
}
SYSTEMS: Final[Mapping[str, tuple[str, Callable[[Path], None] | None]]] = {
    "whole": ("0.2.0", None),
    "unhealthy": ("0.2.1", unhealthy),
    "without init": ("0.2.2", without_init),
    "without kernel": ("0.2.3", without_kernel),
}


def changed(system: Path, to: Path, change: Callable[[Path], None]) -> Path:
    """A copy of a system with a fault in it."""
    subprocess.run(["cp", "--sparse=always", str(system), str(to)], check=True)
    change(to)
    return to


def _edit(system: Path, *commands: str) -> None:
    tool = shutil.which("debugfs", path="/sbin:/usr/sbin:/usr/bin") or "debugfs"
    told = "\n".join(commands) + "\n"
    done = subprocess.run([tool, "-w", str(system)], input=told, capture_output=True, text=True, check=True)
    if complaints := [row for row in done.stderr.splitlines()[1:] if row.strip()]:
        raise RuntimeError(f"{system.name}: {complaints[0]}")


def _seal(kind: str, version: str, payload: Path, unpacked: int, key: Path, made: Path) -> None:
    manifest: dict[str, Any] = {
        "product": "hems",
        "kind": kind,
        "version": version,
        "minimum": MINIMUM,
        "commit": bundle.commit(),
        "sha256": _digest(payload),
        "bytes": payload.stat().st_size,
        "unpacked_bytes": unpacked,
    }
    bundle.seal(json.dumps(manifest, indent=1).encode(), payload, key, made)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def main() -> int:
    """Make the bundle of a system."""
    parser = argparse.ArgumentParser(prog="bundles", description="Make a signed bundle of a whole slot.")
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="private key; see: just keys")
    parser.add_argument(
        "--system", type=Path, metavar="FILE", help="a slot's file system (default: the newest)"
    )
    parser.add_argument("--out", type=Path, default=Path("dist"), metavar="DIR", help="(default: dist)")
    options = parser.parse_args()
    system = options.system or newest(options.out, "hems-os-*.ext4")
    if system is None:
        print(f"bundles: there is no system in {options.out}; make one: just image", file=sys.stderr)
        return 2
    version = system.stem.removeprefix("hems-os-")
    print(of_system(system, version, options.key, options.out))
    return 0


def newest(folder: Path, pattern: str) -> Path | None:
    """The file of this pattern that was made last."""
    return max(folder.glob(pattern), key=lambda path: path.stat().st_mtime, default=None)


if __name__ == "__main__":
    sys.exit(main())
