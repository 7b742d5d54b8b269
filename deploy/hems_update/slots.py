"""The two systems on the card: which one starts, and which one may try to once.

``slot.env`` names the proven slot, ``try.env`` another for one start only; the boot script clears that before
it starts the trial, so that whatever does not come up falls back by itself. Both are U-Boot environments with
their CRC-32 in front, ``slot.bak`` a copy of the first.
"""

import os
import zlib
from pathlib import Path

from hems_update import durable
from hems_update.bundle import Progress, unpacked
from hems_update.place import Place
from hems_update.refusals import Exit, UpdateError, damaged

ENV_BYTES = 1_024
PIECE = 1 << 20
PROVEN, COPY, TRIAL = "slot.env", "slot.bak", "try.env"


def pack(fields: dict[str, str]) -> bytes:
    """An environment as the boot loader imports it."""
    body = b"".join(f"{name}={value}".encode("ascii") + b"\0" for name, value in fields.items()) + b"\0"
    body = body.ljust(ENV_BYTES - 4, b"\xff")
    return zlib.crc32(body).to_bytes(4, "little") + body


def unpack(image: bytes) -> dict[str, str]:
    """Its fields; empty for one that is damaged or none."""
    body = image[4:]
    if len(image) != ENV_BYTES or zlib.crc32(body) != int.from_bytes(image[:4], "little"):
        return {}
    rows = body.split(b"\0\0")[0].split(b"\0")
    pairs = (row.decode("ascii", "replace").partition("=") for row in rows if row)
    return {name: value for name, _, value in pairs}


def proven(place: Place) -> str:
    """The slot that starts unless a trial is asked for; "" if nothing says so."""
    return next((slot for name in (PROVEN, COPY) if (slot := _read(_boot(place) / name).get("slot"))), "")


def other(place: Place) -> str:
    """The slot that does not run."""
    if place.slot not in place.slots or len(place.slots) != 2:
        raise UpdateError(
            Exit.NOT_HERE, "this appliance has no second system; only the program is updated here"
        )
    return next(letter for letter in place.slots if letter != place.slot)


def commit(place: Place, slot: str) -> None:
    """From now on this slot starts."""
    for name in (COPY, PROVEN):
        durable.write(_boot(place) / name, pack({"slot": slot}))


def try_once(place: Place, slot: str) -> None:
    """The next start is that of this slot, once."""
    durable.write(_boot(place) / TRIAL, pack({"try": slot}))


def forget_trial(place: Place) -> None:
    """The next start is that of the proven slot after all."""
    (_boot(place) / TRIAL).unlink(missing_ok=True)
    durable.sync(_boot(place))


def write(place: Place, slot: str, payload: Path, size: int, on: Progress) -> None:
    """Write a system into a slot, read it back and compare; `UpdateError` if the card does not hold it."""
    device = place.slots[slot]
    done = 0
    with unpacked(payload) as plain, device.open("r+b") as target:
        while piece := plain.read(PIECE):
            done += len(piece)
            if done > size:
                break
            target.write(piece)
            on(done, 2 * size)
        target.flush()
        os.fsync(target.fileno())
    if done != size:
        raise damaged("its system has not the length that was signed")
    _compare(device, payload, size, on)


def _compare(device: Path, payload: Path, size: int, on: Progress) -> None:
    done = 0
    with unpacked(payload) as plain, device.open("rb") as target:
        os.posix_fadvise(target.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while piece := plain.read(PIECE):
            if target.read(len(piece)) != piece:
                raise UpdateError(
                    Exit.CARD_FAILS,
                    f"the card does not hold what was written at {done >> 20} MiB; look at the card",
                )
            done += len(piece)
            on(size + done, 2 * size)


def _boot(place: Place) -> Path:
    if place.boot is None:
        raise UpdateError(Exit.NOT_HERE, "this appliance has no boot partition of ours")
    return place.boot


def _read(path: Path) -> dict[str, str]:
    try:
        return unpack(path.read_bytes())
    except OSError:
        return {}
