"""A bundle arriving as one stream: manifest, signature, payload, each used only after it was judged.

A bundle is a plain tar of exactly these three members, in this order. It is read here by hand: no other kind
of member is understood, and nothing that is not signed yet can ask for memory.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from hems_update import manifest
from hems_update.manifest import Manifest
from hems_update.refusals import Exit, UpdateError, damaged, unsigned

BLOCK = 512
PIECE = 1 << 20
SPARE_BYTES = 16 << 20
"""Room that is left alone: the book and its neighbours live there too."""


@dataclass(frozen=True, slots=True)
class Received:
    """A bundle whose payload lies in a file and is what its manifest says."""

    manifest: Manifest
    payload: Path


Progress = Callable[[int, int], None]


def receive(
    stream: BinaryIO, folder: Path, signers: Path, judge: Callable[[Manifest], None], on: Progress
) -> Received:
    """Take a bundle apart; `judge` refuses by the manifest before a byte of the payload is taken."""
    text = _member(stream, "manifest.json")
    signature = _member(stream, "manifest.json.sig")
    manifest.check_signature(text, signature, signers)
    found = manifest.parse(text)
    judge(found)
    folder.mkdir(parents=True, exist_ok=True)
    _check_room(folder, found)
    if _header(stream, "payload") != found.bytes:
        raise damaged("its payload has not the length that was signed")
    payload = folder / "payload"
    _copy(stream, payload, found, on)
    return Received(found, payload)


@contextmanager
def unpacked(payload: Path) -> Iterator[IO[bytes]]:
    """The plain bytes of a compressed payload; `UpdateError` at the end if it was no whole one."""
    try:
        zstd = subprocess.Popen(["zstd", "-dcq", str(payload)], stdout=subprocess.PIPE)
    except OSError as error:
        raise UpdateError(Exit.NOT_HERE, f"zstd cannot be run: {error.strerror}; install it") from None
    with zstd:
        assert zstd.stdout is not None
        yield zstd.stdout
        while zstd.stdout.read(PIECE):
            pass
    if zstd.returncode:
        raise damaged("its payload cannot be unpacked")


def _member(stream: BinaryIO, name: str) -> bytes:
    """A small member, which must be the next one."""
    size = _header(stream, name)
    if size > manifest.BYTES_MAX:
        raise damaged(f"{name} is too long")
    data = _exactly(stream, size)
    _exactly(stream, -size % BLOCK)
    return data


def _header(stream: BinaryIO, name: str) -> int:
    """The size of the next member, which must be a plain file of this name."""
    header = _exactly(stream, BLOCK)
    found, sum_told, kind = header[:100].rstrip(b"\0"), header[148:156], header[156:157]
    summed = sum(header) - sum(sum_told) + 8 * ord(" ")
    if header[257:262] != b"ustar" or _octal(sum_told) != summed:
        raise damaged(f"it is no archive where {name} should be")
    if found != name.encode() or kind not in (b"0", b"\0"):
        raise unsigned() if name.endswith(".sig") else damaged(f"{name} is not where it should be")
    return _octal(header[124:136])


def _octal(field: bytes) -> int:
    try:
        return int(field.strip(b"\0 ") or b"0", 8)
    except ValueError:
        raise damaged("a size in it is no number") from None


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise damaged("it ends too early")
    return data


def _check_room(folder: Path, found: Manifest) -> None:
    need = found.bytes + (found.unpacked_bytes if found.kind == "app" else 0) + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < need:
        raise UpdateError(
            Exit.NO_ROOM,
            f"{folder}: {need >> 20} MiB are needed, {free >> 20} MiB are free; make room and send it again",
        )


def _copy(stream: BinaryIO, payload: Path, found: Manifest, on: Progress) -> None:
    digest, left = hashlib.sha256(), found.bytes
    with payload.open("wb") as file:
        while left:
            piece = _exactly(stream, min(PIECE, left))
            digest.update(piece)
            left -= len(piece)
            file.write(piece)
            on(found.bytes - left, found.bytes)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != found.sha256:
        raise damaged("its payload is not what was signed")
