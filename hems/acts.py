"""The command line's part about the memory: its options. What a command needs is imported when it runs."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

LISTS: Final = ("sessions", "runs", "events", "evidence")
DATA_HELP: Final = "folder of the book (default: /var/lib/hems if it has one, else the current folder)"

Command = Callable[[argparse.Namespace], int]


class Commands(Protocol):
    """Where a command is added, as argparse's own collection of them does."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser:
        """A new command."""
        ...


def add_commands(commands: Commands) -> None:
    """Whole books: `export`, `import`."""
    export = commands.add_parser("export", help="save the whole memory as one text; the service may run")
    export.add_argument("file", metavar="FILE", help="where to; - is the output")
    export.add_argument("--csv", choices=LISTS, default="", help="one list as CSV instead")
    export.add_argument("--secrets", action="store_true", help="with the hashes of users and tokens")
    _data_option(export)
    export.set_defaults(command=_export)
    restore = commands.add_parser("import", help="replace the memory by an export; the service must not run")
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--force", action="store_true", help="even if a raw total would fall")
    _data_option(restore)
    restore.set_defaults(command=_import)


def add_journal_acts(acts: Commands) -> None:
    """Acts on a book: `verify`, `adopt`, `rekey`, `reset`."""
    rows: tuple[tuple[str, str, Command], ...] = (
        ("verify", "read a book and judge it: 0 sound, 1 damaged, 2 unreadable", _verify),
        ("adopt", "make the rescue book the book, where that cannot be read", _adopt),
        ("rekey", "windows that ran ahead of the clock begin anew; totals stay", _rekey),
        ("reset", "factory reset: forget settings and access", _reset),
    )
    for name, words, command in rows:
        act = acts.add_parser(name, help=words)
        act.add_argument("folder", type=Path, metavar="DIR")
        act.set_defaults(command=command)
        if command is _reset:
            act.add_argument(
                "--counters-to", type=Path, metavar="FILE", help="forget the counters too, exported to FILE"
            )


def _data_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help=DATA_HELP)


def _export(options: argparse.Namespace) -> int:
    from hems.archive import data_folder, export

    export(data_folder(options.data), options.file, table=options.csv, secrets=options.secrets)
    return 0


def _import(options: argparse.Namespace) -> int:
    from hems.archive import data_folder, import_file

    import_file(data_folder(options.data), options.file, force=options.force)
    return 0


def _verify(options: argparse.Namespace) -> int:
    from hems.archive import verify

    return verify(options.folder)


def _adopt(options: argparse.Namespace) -> int:
    from hems.archive import adopt

    adopt(options.folder)
    return 0


def _rekey(options: argparse.Namespace) -> int:
    from hems.archive import rekey

    rekey(options.folder)
    return 0


def _reset(options: argparse.Namespace) -> int:
    from hems.archive import reset

    reset(options.folder, options.counters_to)
    return 0
