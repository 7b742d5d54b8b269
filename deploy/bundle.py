"""Make a signed bundle of the program, for any machine and on any machine.

``python deploy/bundle.py --key keys/hems-update`` gathers the program and all its packages for the appliance,
packs them the same way each time, and signs the manifest; ``--here`` gathers for this machine. With
``--keys FILE`` it holds other signers instead, which the appliance takes if it knows the key.
"""

import argparse
import hashlib
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from configparser import ConfigParser
from pathlib import Path
from typing import NamedTuple

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


class Target(NamedTuple):
    """What a bundle is made for."""

    python: str
    machine: str


HERE = Target(f"{sys.version_info.major}.{sys.version_info.minor}", platform.machine())


def main(arguments: Sequence[str] | None = None) -> int:
    """Make one bundle; 0 = made, 2 = not, and why."""
    parser = argparse.ArgumentParser(prog="bundle", description="Make a signed bundle of the program.")
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="private key; see: just keys")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="DIR", help="(default: dist)")
    parser.add_argument("--here", action="store_true", help="for this machine and its Python")
    parser.add_argument("--python", default=APPLIANCE[0], help="(default: %(default)s)")
    parser.add_argument("--machine", default=APPLIANCE[1], help="(default: %(default)s)")
    parser.add_argument("--build", action="store_true", help="number it by its commit, behind the version")
    parser.add_argument("--keys", type=Path, metavar="FILE", help="bundle these signers, not the program")
    parser.add_argument(
        "--wheels", type=Path, metavar="DIR", help="wheels made for the appliance, used first"
    )
    options = parser.parse_args(arguments)
    try:
        if not options.key.is_file():
            raise BundleError(f"{options.key}: there is no such key; make one: just keys")
        options.out.mkdir(parents=True, exist_ok=True)
        if options.keys:
            print(make_keys(options.key, options.out, options.keys))
            return 0
        target = Target(options.python, options.machine)
        print(make(options.key, options.out, HERE if options.here else target, options.wheels, options.build))
    except BundleError as error:
        print(f"bundle: {error}", file=sys.stderr)
        return 2
    return 0


def make(key: Path, out: Path, target: Target, wheels: Path | None = None, build: bool = False) -> Path:
    """The bundle's file with the program."""
    version = version_of(ROOT / "setup.cfg") + (f".{_commits()}" if build else "")
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "app"
        gather(app, version, target, wheels)
        payload = Path(folder) / "payload"
        pack(app, payload)
        manifest = {
            **_manifest("app", version, payload, sum(map(_room, app.rglob("*")))),
            "python": target.python,
            "machine": target.machine,
        }
        bundle = out / f"hems-{version}.hems"
        seal(json.dumps(manifest, indent=1).encode(), payload, key, bundle)
    return bundle


def make_keys(key: Path, out: Path, signers: Path) -> Path:
    """The bundle's file with other signers."""
    version = version_of(ROOT / "setup.cfg")
    bundle = out / f"hems-keys-{version}.hems"
    manifest = _manifest("keys", version, signers, signers.stat().st_size)
    seal(json.dumps(manifest, indent=1).encode(), signers, key, bundle)
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


def gather(app: Path, version: str, target: Target, wheels: Path | None) -> None:
    """The program and all it needs, in one folder that Python can import from."""
    with tempfile.TemporaryDirectory() as built:
        source = Path(built) / "source"
        for name in SOURCES:
            whole = ROOT / name
            (shutil.copytree if whole.is_dir() else _copied)(whole, source / name)
        _number(source / "setup.cfg", "version = ", "", version)
        _number(source / "hems" / "__init__.py", '__version__ = "', '"', version)
        _pip("wheel", "--no-deps", "--wheel-dir", built, str(source))
        own = next(Path(built).glob("hems-*.whl"))
        places = ["--find-links", str(wheels)] if wheels else []
        extra = "[pi,mqtt]" if wheels else "[mqtt]"
        fit = [] if target == HERE else list(_fit(target))
        _pip("install", "--no-compile", "--target", str(app), *fit, *places, f"{own}{extra}")
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


def _fit(target: Target) -> Iterator[str]:
    yield from ("--only-binary=:all:", "--python-version", target.python, "--implementation", "cp")
    tag, machine = "cp" + target.python.replace(".", ""), target.machine
    for abi in (tag, "abi3", "none"):
        yield from ("--abi", abi)
    for glibc in GLIBC:
        yield from ("--platform", f"manylinux_{glibc}_{machine}")
    yield from ("--platform", f"manylinux2014_{machine}", "--platform", f"linux_{machine}")


def _manifest(kind: str, version: str, payload: Path, unpacked_bytes: int) -> dict[str, str | int]:
    return {
        "product": "hems",
        "kind": kind,
        "version": version,
        "minimum": MINIMUM,
        "commit": commit(),
        "sha256": hashlib.sha256(payload.read_bytes()).hexdigest(),
        "bytes": payload.stat().st_size,
        "unpacked_bytes": unpacked_bytes,
    }


def _room(file: Path) -> int:
    """What a file takes on the card; a source as much again, because it is compiled there."""
    if not file.is_file():
        return 0
    return file.stat().st_size * (2 if file.suffix == ".py" else 1)


def _number(file: Path, begin: str, end: str, version: str) -> None:
    """Put another version number into a copy of a source."""
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(rf"(?m)^{re.escape(begin)}.*$", f"{begin}{version}{end}", text, count=1), "utf-8")


def _commits() -> str:
    asked = ["git", "-C", str(ROOT), "rev-list", "--count", "HEAD"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BundleError("a build is numbered by its commit, and this is no checkout; leave --build out")
    return done.stdout.strip()


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
