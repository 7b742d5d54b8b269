"""An update from its first byte to its proof. Whatever happens between two steps, one whole version runs.

Theory of operation. Received and judged, laid beside the others, written down as a trial, switched to,
started, watched; then proven, or the one before is back. Each step is told as it is done.
"""

import fcntl
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from hems_update import bundle, durable, manifest, releases, service, slots, trial
from hems_update.bundle import Received
from hems_update.manifest import Manifest
from hems_update.place import Place
from hems_update.refusals import Exit, UpdateError
from hems_update.trial import Trial

BACKUPS = 4
OS_PROOF_S = 60.0
OS_PATIENCE_S = 600.0

Say = Callable[[str], None]


def update(place: Place, stream: BinaryIO, say: Say, *, now: bool = False) -> Exit:
    """Install a bundle; `now` even while a car charges or the operator limits. `UpdateError` in words."""
    with _alone(place):
        releases.tidy(place, _spared(place))
        received = bundle.receive(
            stream,
            place.work / "incoming",
            place.signers,
            lambda found: _judge(place, found, now=now),
            _percent(say, "received"),
        )
        version = received.manifest.version
        say(f"checked: {received.manifest.kind} {version}")
        try:
            match received.manifest.kind:
                case "keys":
                    return _change_keys(place, received, say)
                case "os":
                    return _update_os(place, received, say)
                case "app":
                    return _update_app(place, received, say)
        finally:
            shutil.rmtree(place.work / "incoming", ignore_errors=True)


def roll_back(place: Place, say: Say) -> Exit:
    """Back to the version before the one that runs, on trial like any other."""
    with _alone(place):
        running = releases.running(place)
        older = [name for name in releases.versions(place) if manifest.order(name) < manifest.order(running)]
        if not older:
            raise UpdateError(
                Exit.NOTHING_BEFORE, f"there is no version before {running}; send a bundle instead"
            )
        return _try(place, older[-1], say)


def resume(place: Place, say: Say) -> Exit:
    """After a start of the machine: judge what is on trial and nobody watches any more."""
    with _alone(place):
        found = trial.current(place)
        if found is None:
            say("nothing is on trial")
            return Exit.DONE
        if found.kind == "os":
            return _prove_os(place, found, say)
        if releases.running(place) != found.version:
            trial.end(place, found, "not begun")
            say(f"{found.version} was not begun; {releases.running(place)} runs")
            return Exit.DONE
        return _watch(place, found, say)


def status(place: Place) -> str:
    """What runs, what ran before, what is on trial, how the last update came out."""
    last, found = durable.read_json(place.work / "last.json"), trial.current(place)
    lines = [
        f"running   {releases.running(place) or 'nothing'}" + (f"  slot {place.slot}" if place.slot else "")
    ]
    lines += [f"on trial  {found.version} (before: {found.before})"] if found else []
    if last:
        why = f": {last['words']}" if last.get("words") else ""
        lines.append(f"last      {last.get('version')} {last.get('outcome')}{why}")
    return "\n".join(lines)


def _judge(place: Place, found: Manifest, *, now: bool) -> None:
    """Everything that speaks against it before a byte of its payload is taken."""
    running = releases.running(place)
    if trial.current(place) is not None:
        raise UpdateError(Exit.UNPROVEN, f"{running} is still on trial itself; try again in some minutes")
    if manifest.order(running) < manifest.order(found.minimum) and found.kind != "keys":
        raise UpdateError(Exit.TOO_OLD, f"{running} is older than {found.minimum}; install that first")
    if found.kind == "os":
        slots.other(place)
        if slots.proven(place) != place.slot:
            raise UpdateError(
                Exit.UNPROVEN, f"slot {place.slot} is still on trial itself; try again in some minutes"
            )
    if now or found.kind == "keys":
        return
    told = service.ask(place.socket)
    if told is not None and told.charging:
        raise UpdateError(Exit.CHARGING, "a car is charging; wait, or add --now")
    if told is not None and told.limited:
        raise UpdateError(Exit.LIMITED, "the grid operator limits the house; wait, or add --now")


def _update_app(place: Place, received: Received, say: Say) -> Exit:
    version = received.manifest.version
    if version == releases.running(place):
        say(f"{version} runs already")
        return Exit.DONE
    releases.unpack(place, received)
    say("unpacked")
    _back_up(place, say)
    return _try(place, version, say)


def _try(place: Place, version: str, say: Say) -> Exit:
    told = service.ask(place.socket)
    before = releases.running(place)
    found = Trial("app", version, before, alarms=tuple(sorted(told.alarms)) if told else ())
    trial.begin(place, found)
    say("written down")
    releases.switch(place, version)
    say("switched")
    _run(place.restart)
    say("started")
    return _watch(place, found, say)


def _watch(place: Place, found: Trial, say: Say) -> Exit:
    words = service.healthy(
        place.socket, found.version, place.patience_s, place.proof_s, frozenset(found.alarms)
    )
    if not words:
        trial.end(place, found, "proven")
        releases.tidy(place, {found.version, found.before})
        say(f"{found.version} runs and is proven")
        return Exit.DONE
    still = trial.current(place)
    if still is not None:
        say(trial.go_back(place, still, words))
        _run(place.restart)
    else:
        say(f"{found.version} is not used: it fell over; {found.before} runs again")
    return Exit.ROLLED_BACK


def _update_os(place: Place, received: Received, say: Say) -> Exit:
    slot = slots.other(place)
    size = received.manifest.unpacked_bytes
    slots.write(place, slot, received.payload, size, _percent(say, f"written to slot {slot}"))
    _back_up(place, say)
    trial.begin(place, Trial("os", slot, place.slot))
    say("written down")
    slots.try_once(place, slot)
    say(f"slot {slot} starts now, once; it stays if it proves itself")
    _run(place.reboot)
    return Exit.DONE


def _prove_os(place: Place, found: Trial, say: Say) -> Exit:
    if place.slot != found.version:
        trial.end(place, found, "went back", f"slot {found.version} did not come up")
        say(f"slot {found.version} did not come up; slot {place.slot} runs")
        return Exit.ROLLED_BACK
    version = releases.running(place)
    words = service.healthy(place.socket, version, OS_PATIENCE_S, OS_PROOF_S, frozenset(found.alarms))
    if words:
        trial.end(place, found, "went back", words)
        say(f"slot {found.version} is not used: {words}")
        _run(place.reboot)
        return Exit.ROLLED_BACK
    slots.commit(place, found.version)
    trial.end(place, found, "proven")
    say(f"slot {found.version} is proven and stays")
    return Exit.DONE


def _change_keys(place: Place, received: Received, say: Say) -> Exit:
    """Other keys, signed with one of the old ones."""
    keys = received.payload.read_bytes()
    rows = [row.split() for row in keys.decode("utf-8", "replace").splitlines() if row.strip()]
    if not rows or any(row[0] != manifest.SIGNER or len(row) < 3 for row in rows):
        raise UpdateError(Exit.DAMAGED, "the bundle is damaged: it holds no keys; build it anew")
    durable.write(place.signers, keys)
    say(f"{len(rows)} keys are known from now on")
    return Exit.DONE


def _back_up(place: Place, say: Say) -> None:
    """The memory as a text beside it, the last four kept; a memory that cannot be read stops no update."""
    if not place.export:
        return
    folder = place.root / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    done = subprocess.run(place.export, capture_output=True, check=False)
    if done.returncode:
        say(f"no backup was made: {done.stderr.decode('utf-8', 'replace').strip()}")
        return
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{releases.running(place)}.json"
    durable.write(folder / name, done.stdout)
    for old in sorted(folder.glob("*.json"))[:-BACKUPS]:
        old.unlink()
    say("backup made")


def _run(command: tuple[str, ...]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise UpdateError(Exit.NOT_HERE, f"{command[0]} cannot be run: {error.strerror}") from None
    if done.returncode:
        raise UpdateError(
            Exit.UNKNOWN_STATE, f"{' '.join(command)}: {done.stderr.strip() or done.returncode}"
        )


def _spared(place: Place) -> set[str]:
    found = trial.current(place)
    return {found.version, found.before} if found else set()


def _percent(say: Say, what: str) -> bundle.Progress:
    told = -1

    def on(done: int, of: int) -> None:
        nonlocal told
        tenth = 10 * done // max(1, of)
        if tenth > told:
            told = tenth
            say(f"{what} {10 * tenth} %")

    return on


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Nobody else updates meanwhile."""
    place.work.mkdir(parents=True, exist_ok=True)
    with Path(place.work / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UpdateError(Exit.BUSY, "another update is being made; wait for its end") from None
        yield
