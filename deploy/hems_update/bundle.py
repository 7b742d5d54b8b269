"""A bundle arriving as one stream: manifest, signature, payload, each used only after it was judged."""

import hashlib
import os
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from hems_update import manifest
from hems_update.manifest import Manifest
from hems_update.refusals import Exit, UpdateError

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
    folder.mkdir(parents=True, exist_ok=True)
    payload = folder / "payload"
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            text = _member(tar, "manifest.json")
            signature = _member(tar, "manifest.json.sig")
            manifest.check_signature(text, signature, signers)
            found = manifest.parse(text)
            judge(found)
            _check_room(folder, found)
            entry = tar.next()
            if entry is None or entry.name != "payload" or not entry.isfile():
                raise _damaged("it has no payload")
            source = tar.extractfile(entry)
            assert source is not None
            _copy(source, payload, found, on)
    except (tarfile.TarError, EOFError) as error:
        raise _damaged(f"it is no whole archive ({error})") from None
    return Received(found, payload)


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    """A small member, which must be the next one."""
    entry = tar.next()
    if entry is None or entry.name != name or not entry.isfile() or entry.size > manifest.BYTES_MAX:
        if name.endswith(".sig"):
            raise UpdateError(
                Exit.UNSIGNED, "the bundle is not signed; sign it with the key of this appliance"
            )
        raise _damaged(f"it does not begin with {name}")
    source = tar.extractfile(entry)
    assert source is not None
    return source.read()


def _check_room(folder: Path, found: Manifest) -> None:
    need = found.bytes + (found.unpacked_bytes if found.kind == "app" else 0) + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < need:
        raise UpdateError(
            Exit.NO_ROOM,
            f"{need >> 20} MiB are needed and {free >> 20} MiB are free; remove an old release or backup",
        )


def _copy(source: IO[bytes], payload: Path, found: Manifest, on: Progress) -> None:
    digest, size = hashlib.sha256(), 0
    try:
        with payload.open("wb") as file:
            while piece := source.read(PIECE):
                digest.update(piece)
                size += len(piece)
                if size > found.bytes:
                    raise _damaged("its payload is longer than it says")
                file.write(piece)
                on(size, found.bytes)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UpdateError(Exit.NO_ROOM, f"{payload}: {error.strerror}; make room and send it again") from None
    if size != found.bytes or digest.hexdigest() != found.sha256:
        raise _damaged("its payload is not what was signed")


def _damaged(words: str) -> UpdateError:
    return UpdateError(Exit.DAMAGED, f"the bundle is damaged: {words}; build or copy it anew")
