"""APL-18: what is inside of an image."""

import hashlib
from pathlib import Path

import pytest

from images.contents import licences, rows

STATUS = """\
Package: zlib1g
Status: install ok installed
Architecture: arm64
Version: 1:1.3

Package: gone
Status: deinstall ok config-files
Architecture: arm64
Version: 1

Package: bash
Status: install ok installed
Architecture: arm64
Version: 5.2
"""
COPYRIGHT = "Format: x\n\nFiles: *\nLicense: GPL-3+\n\nFiles: doc\nLicense: GFDL with exception\n text\n"
METADATA = "Name: tinydb\nVersion: 4.8\nLicense: MIT\n\nwords\n"
CLASSIFIED = "Name: old\nVersion: 1\nClassifier: License :: OSI Approved :: BSD License\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with two packages, two of Python and a link."""
    for name, text in {
        "var/lib/dpkg/status": STATUS,
        "usr/share/doc/bash/copyright": COPYRIGHT,
        "usr/lib/hems/factory/0.1.0/app/tinydb-4.8.dist-info/METADATA": METADATA,
        "usr/lib/hems/factory/0.1.0/app/old-1.dist-info/METADATA": CLASSIFIED,
        "proc/1/cmdline": "never",
        "bin/tool": "tool",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "bin/alias").symlink_to("tool")
    (tmp_path / "sbin").symlink_to("bin")
    return tmp_path


def test_every_package_and_file_is_a_row(root: Path) -> None:
    found = list(rows(root))
    assert found[:4] == [
        "package bash 5.2 arm64 GFDL_with_exception,GPL-3+",
        "package zlib1g 1:1.3 arm64 see-copyright",
        "python old 1 BSD_License",
        "python tinydb 4.8 MIT",
    ]
    assert f"file {hashlib.sha256(b'tool').hexdigest()} /bin/tool" in found
    assert "link tool /bin/alias" in found
    assert f"file {hashlib.sha256(b'tool').hexdigest()} /bin/tool" in found
    assert "link bin /sbin" in found
    assert not [row for row in found if "/proc/" in row or " gone " in row]


def test_a_changed_file_is_a_changed_row(root: Path) -> None:
    before = set(rows(root))
    (root / "bin/tool").write_text("another")
    (changed,) = set(rows(root)) - before
    assert changed.endswith(" /bin/tool")


def test_a_package_without_a_file_of_licences_says_so(tmp_path: Path) -> None:
    assert licences(tmp_path / "none") == "see-copyright"
