"""Make a signed bundle of the program, for any machine and on any machine.

``python deploy/bundle.py --key keys/hems-update`` gathers the program and all its packages for the appliance,
packs them the same way each time, and signs the manifest. ``--here`` gathers for this machine.
"""

import argparse
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
APPLIANCE = ("3.13", "aarch64")
"""Python and machine of the flashable image (Debian 13)."""

GLIBC = ("2_41", "2_39", "2_38", "2_36", "2_35", "2_34", "2_31", "2_28", "2_27", "2_24", "2_17")
SOURCES = ("hems", "pyproject.toml", "setup.cfg", "README.md", "LICENSE")
LEFT_OUT = ("bin", "share", "__pycache__")
MINIMUM = "0.1.0"
"""The oldest version that may be followed by this one at once."""


class BundleError(Exception):
    """What cannot be bundled, in one sentence with the remedy."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make one bundle; 0 = made, 2 = not, and why."""
    parser = argparse.ArgumentParser(prog="bundle", description="Make a signed bundle of the program.")
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="private key; see: just keys")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="DIR", help="(default: dist)")
    parser.add_argument("--here", action="store_true", help="for this machine and its Python")
    parser.add_argument(
        "--wheels", type=Path, metavar="DIR", help="wheels made for the appliance, used first"
    )
    options = parser.parse_args(arguments)
    try:
        print(make(options.key, options.out, here=options.here, wheels=options.wheels))
    except BundleError as error:
        print(f"bundle: {error}", file=sys.stderr)
        return 2
    return 0


def make(key: Path, out: Path, *, here: bool = False, wheels: Path | None = None) -> Path:
    """The bundle's file."""
    if not key.is_file():
        raise BundleError(f"{key}: there is no such key; make one: just keys")
    version = version_of(ROOT / "setup.cfg")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "app"
        gather(app, here=here, wheels=wheels)
        payload = Path(folder) / "payload"
        pack(app, payload)
        manifest = {
            "product": "hems",
            "kind": "app",
            "version": version,
            "minimum": MINIMUM,
            "commit": commit(),
            "sha256": hashlib.sha256(payload.read_bytes()).hexdigest(),
            "bytes": payload.stat().st_size,
            "unpacked_bytes": sum(path.stat().st_size for path in app.rglob("*") if path.is_file()),
        }
        bundle = out / f"hems-{version}.hems"
        seal(json.dumps(manifest, indent=1).encode(), payload, key, bundle)
    return bundle


def seal(manifest: bytes, payload: Path, key: Path, bundle: Path) -> None:
    """Manifest, its signature and the payload as one plain archive."""
    beside = bundle.with_suffix(".part")
    with tarfile.open(beside, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in (("manifest.json", manifest), ("manifest.json.sig", sign(manifest, key))):
            tar.addfile(_entry(name, len(data)), io.BytesIO(data))
        with payload.open("rb") as source:
            tar.addfile(_entry("payload", payload.stat().st_size), source)
    beside.replace(bundle)


def sign(manifest: bytes, key: Path) -> bytes:
    """A signature as OpenSSH makes it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "manifest.json"
        file.write_bytes(manifest)
        _run("ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", "hems-update", str(file))
        return file.with_name("manifest.json.sig").read_bytes()


def gather(app: Path, *, here: bool, wheels: Path | None) -> None:
    """The program and all it needs, in one folder that Python can import from."""
    with tempfile.TemporaryDirectory() as built:
        source = Path(built) / "source"
        for name in SOURCES:
            whole = ROOT / name
            (shutil.copytree if whole.is_dir() else _copied)(whole, source / name)
        _pip("wheel", "--no-deps", "--wheel-dir", built, str(source))
        own = next(Path(built).glob("hems-*.whl"))
        places = ["--find-links", str(wheels)] if wheels else []
        extra = "[pi,mqtt]" if wheels or not here else "[mqtt]"
        target = [] if here else list(_target(*APPLIANCE))
        _pip("install", "--no-compile", "--target", str(app), *target, *places, f"{own}{extra}")
    for name in LEFT_OUT:
        shutil.rmtree(app / name, ignore_errors=True)
    (app / "hems" / "commit.txt").write_text(commit() + "\n", encoding="ascii")


def pack(app: Path, payload: Path) -> None:
    """The folder as a compressed archive that is the same each time it is made."""
    with subprocess.Popen(
        ["zstd", "-q", "-12", "-T0", "-f", "-o", str(payload)], stdin=subprocess.PIPE
    ) as zstd:
        assert zstd.stdin is not None
        with tarfile.open(fileobj=zstd.stdin, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for path in sorted(app.rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    entry = _entry(f"app/{path.relative_to(app)}", path.stat().st_size)
                    entry.mode = 0o755 if os.access(path, os.X_OK) else 0o644
                    with path.open("rb") as source:
                        tar.addfile(entry, source)
    if zstd.returncode:
        raise BundleError("zstd failed; install it: apt install zstd")


def version_of(setup: Path) -> str:
    """The version that the package declares."""
    parser = ConfigParser()
    parser.read(setup, encoding="utf-8")
    return parser["metadata"]["version"]


def commit() -> str:
    """The commit this is made from, "" outside of a checkout."""
    asked = ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _target(python: str, machine: str) -> Iterator[str]:
    yield from ("--only-binary=:all:", "--python-version", python, "--implementation", "cp")
    tag = "cp" + python.replace(".", "")
    for abi in (tag, "abi3", "none"):
        yield from ("--abi", abi)
    for glibc in GLIBC:
        yield from ("--platform", f"manylinux_{glibc}_{machine}")
    yield from ("--platform", f"manylinux2014_{machine}", "--platform", f"linux_{machine}")


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o644, 0
    return entry


def _copied(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, to)


def _pip(*arguments: str) -> None:
    _run(sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise BundleError(f"{command[0]} cannot be run ({error.strerror}); install it") from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        words = [line for line in said if line.startswith("ERROR")] or said
        raise BundleError(f"{Path(command[0]).name}: {words[-1] if words else done.returncode}")


if __name__ == "__main__":
    sys.exit(main())
