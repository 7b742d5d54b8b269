"""What updates of every kind do: tell, run a command, save the memory first."""

import subprocess
from collections.abc import Callable

from hems_update import durable, releases
from hems_update.bundle import Progress
from hems_update.place import Place
from hems_update.refusals import Exit, UpdateError

BACKUPS = 4
WITHIN_S = 120.0

Say = Callable[[str], None]


def run(command: tuple[str, ...]) -> str:
    """Run a command: "" if it did what it is for, else what it said."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=WITHIN_S)
    except OSError as error:
        raise UpdateError(Exit.NOT_HERE, f"{command[0]} cannot be run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        return f"{command[0]} does not end"
    return (done.stderr.strip() or f"{command[0]} ended with {done.returncode}") if done.returncode else ""


def back_up(place: Place, say: Say) -> None:
    """The memory as a text, the last four kept; a memory that cannot be read stops no update.

    Backups are numbered: nobody knows whether the clock is right.
    """
    if not place.export:
        return
    folder = place.backups
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        done = subprocess.run(place.export, capture_output=True, check=True, timeout=WITHIN_S)
        there = sorted(folder.glob("*.json"))
        number = int(there[-1].name[:6]) + 1 if there else 1
        durable.write(folder / f"{number:06}-{releases.running(place)}.json", done.stdout)
        for old in there[: -(BACKUPS - 1)]:
            old.unlink()
    except subprocess.CalledProcessError as error:
        say(f"no backup was made: {error.stderr.decode('utf-8', 'replace').strip()}")
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        say(f"no backup was made: {error}")
    else:
        say("backup made")


def percent(say: Say, what: str) -> Progress:
    """Tell of every tenth."""
    told = -1

    def on(done: int, of: int) -> None:
        nonlocal told
        tenth = 10 * done // max(1, of)
        if tenth > told:
            told = tenth
            say(f"{what} {10 * tenth} %")

    return on
