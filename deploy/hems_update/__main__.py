"""`hems-update`: install a bundle, go back, say what runs."""

import argparse
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from hems_update import announce, releases, steps, trial
from hems_update.announce import Surroundings
from hems_update.place import CONFIG, load
from hems_update.refusals import Exit, UpdateError, of_card


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is an `Exit`."""
    parser = argparse.ArgumentParser(
        prog="hems-update",
        description="Install a bundle (from FILE or the standard input), go back, or say what runs.",
        epilog="0 = the new version runs and is proven; 3 = it did not, and the former one runs again;"
        " 4 = the machine starts again to prove it; 5 = nothing runs; 10 and above = refused.",
    )
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="a bundle; left out: standard input"
    )
    parser.add_argument("--now", action="store_true", help="even while a car charges or the operator limits")
    parser.add_argument("--config", type=Path, default=CONFIG, metavar="FILE", help=f"(default: {CONFIG})")
    acts = parser.add_mutually_exclusive_group()
    acts.add_argument("--rollback", action="store_true", help="back to the version before")
    acts.add_argument("--list", action="store_true", help="all versions on the card")
    acts.add_argument("--status", action="store_true", help="what runs and how the last update came out")
    acts.add_argument("--starting", action="store_true", help="for the unit: the service is about to start")
    acts.add_argument(
        "--announce", type=Path, metavar="HEMS_TOML", help="for the unit: tell the network of an open door"
    )
    acts.add_argument("--resume", action="store_true", help="for the unit: the machine has started")
    options = parser.parse_args(arguments)
    if options.config != CONFIG and "SUDO_UID" in os.environ:
        parser.error("--config names commands for root; whoever comes by sudo may not choose them")
    try:
        return _act(options)
    except UpdateError as refused:
        return _refused(refused)
    except OSError as error:
        return _refused(of_card(error))


def _act(options: argparse.Namespace) -> int:
    place = load(options.config)
    if options.status:
        print(steps.status(place))
    elif options.list:
        running = releases.running(place)
        print("\n".join(name + ("  running" if name == running else "") for name in releases.versions(place)))
    elif options.starting:
        if words := trial.started(place):
            print(words, flush=True)
    elif options.announce:
        announce.tell(place, options.announce, Surroundings())
    elif options.resume:
        return steps.resume(place, _say)
    elif options.rollback:
        return steps.roll_back(place, _say)
    elif options.file is not None:
        with _opened(options.file) as stream:
            return steps.update(place, stream, _say, now=options.now)
    elif sys.stdin.isatty():
        raise UpdateError(Exit.BAD_INPUT, "no bundle; name a file, or send one: hems-update < FILE")
    else:
        return steps.update(place, sys.stdin.buffer, _say, now=options.now)
    return Exit.DONE


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise UpdateError(Exit.BAD_INPUT, f"{file}: {error.strerror}; name a bundle") from None


def _refused(refused: UpdateError) -> int:
    with contextlib.suppress(OSError):
        print(f"hems-update: {refused}", file=sys.stderr, flush=True)
    return refused.code


def _say(words: str) -> None:
    """Tell whoever listens; an update does not stop because nobody does any more."""
    try:
        print(words, flush=True)
    except OSError:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _hang_on() -> None:
    """A lost connection or terminal stops no update."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


if __name__ == "__main__":
    _hang_on()
    sys.exit(main())
