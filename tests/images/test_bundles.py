"""Bundles for the trials: what is changed in them, and nothing else."""

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import bundle
import pytest

from images import bundles

pytestmark = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in ("zstd", "ssh-keygen")),
    reason="zstd or ssh-keygen is not here",
)
DEBUGFS = shutil.which("debugfs", path="/sbin:/usr/sbin:/usr/bin")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A key to sign with."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    return tmp_path / "key"


@pytest.fixture
def program(tmp_path: Path, key: Path) -> Path:
    """The bundle of a very small program."""
    app = tmp_path / "small"
    for name, text in {
        "hems/__init__.py": '"""Small."""\n\n__version__ = "0.1.0"\n',
        "hems/__main__.py": "print('runs')\n",
        "hems-0.1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: hems\nVersion: 0.1.0\n",
    }.items():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text(text)
    payload = tmp_path / "payload"
    bundle.pack(app, payload)
    made = tmp_path / "hems-0.1.0.hems"
    bundle.seal(b"{}", payload, key, made)
    return made


def opened(made: Path, folder: Path) -> dict[str, object]:
    """The manifest of a bundle; its payload is unpacked into a folder."""
    folder.mkdir()
    with tarfile.open(made) as tar:
        tar.extractall(folder, filter="data")
    subprocess.run(["tar", "--zstd", "-xf", str(folder / "payload"), "-C", str(folder)], check=True)
    manifest: dict[str, object] = json.loads((folder / "manifest.json").read_text())
    return manifest


def test_a_newer_program_says_so_in_both_places(program: Path, key: Path, tmp_path: Path) -> None:
    """APL-32: the service tells the version of its metadata, the command that of its module."""
    made = bundles.Shelf(program, tmp_path / "none", key, tmp_path / "shelf").program("newer")
    assert opened(made, tmp_path / "out")["version"] == "0.1.1"
    app = tmp_path / "out" / "app"
    assert '__version__ = "0.1.1"' in (app / "hems" / "__init__.py").read_text()
    assert (app / "hems-0.1.0.dist-info" / "METADATA").read_text().endswith("Version: 0.1.1\n")
    assert (app / "hems" / "__main__.py").read_text() == "print('runs')\n"


def test_a_broken_program_ends_at_once(program: Path, key: Path, tmp_path: Path) -> None:
    """APL-32."""
    shelf = bundles.Shelf(program, tmp_path / "none", key, tmp_path / "shelf")
    assert shelf.program("broken") == shelf.program("broken")
    opened(shelf.program("broken"), tmp_path / "out")
    done = subprocess.run(
        ["python3", str(tmp_path / "out/app/hems/__main__.py")], capture_output=True, check=False
    )
    assert done.returncode


@pytest.mark.skipif(DEBUGFS is None, reason="debugfs is not here")
@pytest.mark.parametrize("name", ["without init", "without kernel", "unhealthy"])
def test_a_faulty_system_is_the_whole_one_but_for_its_fault(name: str, key: Path, tmp_path: Path) -> None:
    """APL-20, APL-21."""
    root, system = tmp_path / "root", tmp_path / "system.ext4"
    for path in ("usr/lib/systemd/systemd", "boot/vmlinuz", "usr/bin/hems"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("as it was\n")
    mkfs = shutil.which("mkfs.ext4", path="/sbin:/usr/sbin:/usr/bin")
    assert mkfs is not None
    subprocess.run([mkfs, "-q", "-d", str(root), str(system), "4M"], check=True, capture_output=True)
    before = system.read_bytes()
    made = bundles.Shelf(tmp_path / "none", system, key, tmp_path / "shelf").system(name)
    with tarfile.open(made) as tar:
        tar.extractall(tmp_path / "out", filter="data")
    changed = tmp_path / "out.ext4"
    subprocess.run(["zstd", "-dq", str(tmp_path / "out/payload"), "-o", str(changed)], check=True)
    assert system.read_bytes() == before
    found = {
        "without init": held(changed, "usr/lib/systemd/systemd"),
        "without kernel": held(changed, "boot/vmlinuz"),
        "unhealthy": held(changed, "usr/bin/hems"),
    }
    assert found.pop(name) == (bundles.SILENT if name == "unhealthy" else "")
    assert set(found.values()) == {"as it was\n"}


def held(system: Path, path: str) -> str:
    """The text of a file in a file system; "" if there is none."""
    assert DEBUGFS is not None
    done = subprocess.run(
        [DEBUGFS, "-R", f"cat /{path}", str(system)], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_newest_file_of_a_kind(tmp_path: Path) -> None:
    assert bundles.newest(tmp_path, "*.img") is None
    for name in ("a.img", "b.img", "c.txt"):
        (tmp_path / name).touch()
    found = bundles.newest(tmp_path, "*.img")
    assert found is not None
    assert found.suffix == ".img"
