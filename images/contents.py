"""What is inside of an image: every package with its licences, every file with its hash, one row each.

``python3 images/contents.py ROOT`` reads the finished root; two images whose rows are the same hold the same.
"""

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import Final

LICENCE: Final = re.compile(r"^License:[ \t]*(\S.*)$", re.MULTILINE)
UNKNOWN: Final = "see-copyright"
DYNAMIC: Final = ("proc", "sys", "dev", "run", "tmp")


def rows(root: Path) -> Iterator[str]:
    """All rows: Debian's packages, those of Python, files."""
    yield from packages(root)
    yield from programs(root)
    yield from files(root)


def packages(root: Path) -> Iterator[str]:
    """``package NAME VERSION ARCHITECTURE LICENCES`` for each that is installed."""
    stanzas = (root / "var/lib/dpkg/status").read_text(encoding="utf-8").split("\n\n")
    told = [HeaderParser().parsestr(stanza) for stanza in stanzas if stanza.strip()]
    for one in sorted(told, key=lambda one: str(one["Package"])):
        if one["Status"] == "install ok installed":
            words = licences(root / "usr/share/doc" / str(one["Package"]) / "copyright")
            yield f"package {one['Package']} {one['Version']} {one['Architecture']} {words}"


def programs(root: Path) -> Iterator[str]:
    """``python NAME VERSION LICENCE`` for each package beside the program."""
    for told in sorted(root.glob("usr/lib/hems/factory/*/app/*.dist-info/METADATA")):
        one = HeaderParser().parsestr(told.read_text(encoding="utf-8"))
        words = one["License-Expression"] or one["License"] or _classified(one.get_all("Classifier", []))
        yield f"python {one['Name']} {one['Version']} {'_'.join(str(words).split())[:80]}"


def files(root: Path) -> Iterator[str]:
    """``file SHA256 PATH`` for each file, ``link TARGET PATH`` for each link."""
    for parent, folders, names in os.walk(root):
        if Path(parent) == root:
            folders[:] = [name for name in folders if name not in DYNAMIC]
        folders.sort()
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for path in (Path(parent, name) for name in sorted([*names, *links])):
            inside = path.relative_to(root)
            if path.is_symlink():
                yield f"link {path.readlink()} /{inside}"
            elif path.is_file():
                with path.open("rb") as stream:
                    yield f"file {hashlib.file_digest(stream, 'sha256').hexdigest()} /{inside}"


def licences(copyright_file: Path) -> str:
    """The short names in a file of the machine-readable form, without spaces."""
    try:
        text = copyright_file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return UNKNOWN
    names = {"_".join(found.split()) for found in LICENCE.findall(text)}
    return ",".join(sorted(names)) or UNKNOWN


def _classified(classifiers: list[str]) -> str:
    found = [row.rpartition(" :: ")[2] for row in classifiers if row.startswith("License ::")]
    return ",".join(found) or UNKNOWN


if __name__ == "__main__":
    sys.stdout.writelines(f"{row}\n" for row in rows(Path(sys.argv[1])))
