"""An update from its first byte to its end. Whatever happens between two steps, one whole version runs.

Received and judged, then what its kind asks for: `programs`, `systems`, or other keys. Each step is told as
it is done.
"""

import base64
import binascii
import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from hems_update import bundle, durable, manifest, programs, releases, service, slots, systems, trial
from hems_update.acts import Say, percent
from hems_update.bundle import Received
from hems_update.manifest import Manifest
from hems_update.place import Place
from hems_update.refusals import Exit, UpdateError, damaged


def update(place: Place, stream: BinaryIO, say: Say, *, now: bool = False) -> Exit:
    """Install a bundle; `now` even while a car charges or the operator limits. `UpdateError` in words."""
    with _alone(place):
        if (left := trial.current(place)) is not None and left.kind == "app":
            say(f"{left.version} is on trial and nobody watches it; that comes first")
            programs.resume(place, left, say)
        releases.tidy(place, set(), trial.rejected(place))
        incoming = place.work / "incoming"
        try:
            received = bundle.receive(
                stream,
                incoming,
                place.signers,
                lambda found: judge(place, found, now=now),
                percent(say, "received"),
            )
            say(f"checked: {received.manifest.kind} {received.manifest.version}")
            match received.manifest.kind:
                case "keys":
                    return _change_keys(place, received, say)
                case "os":
                    return systems.install(place, received, say)
                case "app":
                    return programs.install(place, received, say)
        finally:
            shutil.rmtree(incoming, ignore_errors=True)


def roll_back(place: Place, say: Say) -> Exit:
    """Back to the version before the one that runs, on trial like any other."""
    with _alone(place):
        return programs.roll_back(place, say)


def resume(place: Place, say: Say) -> Exit:
    """After a start of the machine: judge what is on trial and nobody watches any more."""
    with _alone(place):
        found = trial.current(place)
        if found is None:
            say("nothing is on trial")
            return Exit.DONE
        act = systems.resume if found.kind == "os" else programs.resume
        return act(place, found, say)


def status(place: Place) -> str:
    """What runs, who answers, what is on trial, how the last update came out."""
    last, found, told = (
        durable.read_json(place.work / "last.json"),
        trial.current(place),
        service.ask(place.socket),
    )
    rows = [
        f"running   {releases.running(place) or 'nothing'}" + (f"  slot {place.slot}" if place.slot else ""),
        f"answers   {f'{told.version}, {told.cycle} cycles' if told else 'nobody'}",
    ]
    if found:
        rows.append(f"on trial  {found.version} (before: {found.before})")
    if last:
        why = f": {last['words']}" if last.get("words") else ""
        rows.append(f"last      {last.get('version')} {last.get('outcome')}{why}")
    return "\n".join(rows)


def judge(place: Place, found: Manifest, *, now: bool) -> None:
    """Everything that speaks against it before a byte of its payload is taken."""
    if found.kind == "keys":
        return
    running = releases.running(place)
    if running and manifest.order(running) < manifest.order(found.minimum):
        raise UpdateError(Exit.TOO_OLD, f"{running} is older than {found.minimum}; install that first")
    if (left := trial.current(place)) is not None:
        raise UpdateError(Exit.UNPROVEN, f"slot {left.version} is still on trial; try again in some minutes")
    if found.kind == "os":
        slots.other(place)
        if slots.proven(place) != place.slot:
            raise UpdateError(
                Exit.UNPROVEN, f"slot {place.slot} is still on trial itself; try again in some minutes"
            )
    else:
        _judge_program(place, found, running)
    if not now:
        _judge_house(place)


def _judge_program(place: Place, found: Manifest, running: str) -> None:
    made_for = (found.python or manifest.here()[0], found.machine or manifest.here()[1])
    if made_for != manifest.here():
        raise UpdateError(
            Exit.WRONG_MACHINE,
            "the bundle is made for Python {} on {}, and this is Python {} on {}; build one for it".format(
                *made_for, *manifest.here()
            ),
        )
    known = releases.digest(place, running)
    if found.version == running and known and known != found.sha256:
        raise UpdateError(
            Exit.SAME_VERSION, f"another {running} runs already; give the new one a version of its own"
        )


def _judge_house(place: Place) -> None:
    told = service.ask(place.socket)
    if told is not None and told.charging:
        raise UpdateError(Exit.CHARGING, "a car is charging; wait, or add --now")
    if told is not None and told.limited:
        raise UpdateError(Exit.LIMITED, "the grid operator limits the house; wait, or add --now")


def _change_keys(place: Place, received: Received, say: Say) -> Exit:
    """Other keys, signed with one of the old ones."""
    keys = received.payload.read_bytes()
    rows = [row for row in keys.decode("utf-8", "replace").splitlines() if row.strip()]
    if not rows or not all(map(_is_signer, rows)):
        raise damaged("it holds no keys")
    durable.write(place.signers, keys)
    say(f"{len(rows)} keys are known from now on")
    return Exit.DONE


def _is_signer(row: str) -> bool:
    """Whether a row names a key that OpenSSH understands; one it does not would lock everybody out."""
    words = row.split()
    if len(words) < 3 or words[0] != manifest.SIGNER:
        return False
    kind, key = next(
        ((one, two) for one, two in pairwise(words) if one in manifest.KEY_KINDS),
        ("", ""),
    )
    try:
        plain = base64.b64decode(key, validate=True)
    except binascii.Error:
        return False
    return bool(kind) and plain.startswith(len(kind).to_bytes(4, "big") + kind.encode())


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Nobody else updates meanwhile."""
    place.work.mkdir(parents=True, exist_ok=True)
    with Path(place.work / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UpdateError(Exit.BUSY, "another update is being made or proven; wait for its end") from None
        yield
