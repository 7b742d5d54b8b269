"""The options of the commands that speak with the service; what they need is imported when they run."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hems.acts import Commands
from hems.clients_params import DAYS, KWH, PER_CENT, days, whole

DATA_HELP: Final = "read the book in this folder instead; the service need not run"
SOCKET_HELP: Final = "the service's socket (default: $HEMS_SOCKET, else /run/hems/hems.sock)"
MODE_WORDS: Final = ("off", "fast", "surplus", "surplus_target", "min_surplus", "min_surplus_target")


@dataclass(frozen=True, slots=True)
class Word:
    """One word or option of a command line; `read` makes a value of it."""

    name: str
    help: str
    read: Callable[[str], object] = str
    metavar: str = "NAME"

    @property
    def key(self) -> str:
        """Its name among what was given."""
        return self.name.lstrip("-")


@dataclass(frozen=True, slots=True)
class Line:
    """A command line: its words; those in `needed` must be there. `csv`: its figures can be had so, too."""

    name: str
    help: str
    words: tuple[Word, ...] = ()
    needed: tuple[str, ...] = ()
    csv: bool = False
    epilog: str | None = None


CHARGER: Final = Word("--charger", "which one; may be left out where there is only one")
SETTERS: Final = {
    "mode": (CHARGER,),
    "limit": (CHARGER,),
    "target": (
        CHARGER,
        Word("--by", "a target's deadline: 07:00, or 2026-07-02T07:00", metavar="TIME"),
        Word("--days", f"a target's days: {','.join(DAYS)}, daily or once", days, metavar="DAYS"),
    ),
    "vehicle": (Word("--level", "what the car has in %%", PER_CENT, metavar="PERCENT"), CHARGER),
}
"""What can be set besides the settings, with the options that belong to it."""

SET_WORDS: Final = tuple({word.name: word for words in SETTERS.values() for word in words}.values())
SET_EPILOG: Final = f"""what can be set:
  hems set mode MODE         {", ".join(MODE_WORDS)}
  hems set limit AMPERE      the most a car is charged with; none = what the charger can
  hems set target 80% --by 07:00 [--days mon,tue]
  hems set target 20kWh --by 07:00; hems set target none
  hems set vehicle NAME --level 40
  hems set NAME VALUE        a setting; hems set prints all of them"""

LINES: Final = (
    Line("status", "the house at a glance: powers, chargers, alarms"),
    Line(
        "counters",
        "every counter in every period",
        (Word("name", "a charger, a heat pump, or how keys begin, as ev1 or site.grid_import"),),
        csv=True,
    ),
    Line(
        "why",
        "why each charger and heat pump is told what it is told",
        (Word("name", "only this charger or heat pump"),),
    ),
    Line(
        "sessions",
        "what cars have charged, the newest first",
        (
            Word("--charger", "only this one"),
            Word("--from", "those that began on or after this day, as 2026-07-01", metavar="DATE"),
            Word("--to", "those that began on or before this day", metavar="DATE"),
            Word("--limit", "at most so many, 1 to 500 (default: 50)", whole, metavar="N"),
        ),
        csv=True,
    ),
    Line("alarms", "what is wrong, by the names that hems ack takes"),
    Line(
        "ack",
        "tell that a person has seen an alarm",
        (Word("alarm", "its name, as hems alarms prints it", metavar="ALARM"),),
        needed=("alarm",),
    ),
    Line(
        "boost",
        "charge with all that is allowed for a while",
        (
            Word("minutes", "for so long, 1 to 480; 0 ends it (default: 120)", whole, metavar="MINUTES"),
            Word("--kwh", "or until so much has been charged", KWH, metavar="N"),
            CHARGER,
        ),
    ),
    Line(
        "set",
        "how a car is charged, and every setting",
        (
            Word("what", "mode, limit, target, vehicle, or a setting", metavar="WHAT"),
            Word("value", "what it shall be", metavar="VALUE"),
            *SET_WORDS,
        ),
        epilog=SET_EPILOG,
    ),
)


def add_clients(commands: Commands) -> None:
    """All commands that speak with the running service."""
    _panel(commands)
    for line in LINES:
        parser = commands.add_parser(line.name, help=line.help)
        parser.epilog, parser.formatter_class = line.epilog, argparse.RawDescriptionHelpFormatter
        for word in line.words:
            if word.name.startswith("-"):
                parser.add_argument(word.name, type=word.read, metavar=word.metavar, help=word.help)
            else:
                many = None if word.name in line.needed else "?"
                parser.add_argument(
                    word.name, nargs=many, type=word.read, metavar=word.metavar, help=word.help
                )
        forms = parser.add_mutually_exclusive_group()
        for form in ("json", "csv") if line.csv else ("json",):
            forms.add_argument(
                f"--{form}", dest="form", action="store_const", const=form, help=f"print {form.upper()}"
            )
        if line.name == "why":
            parser.add_argument("--follow", action="store_true", help="then every change, until Ctrl-C")
        if line.csv:
            parser.add_argument("--data", type=Path, metavar="DIR", help=DATA_HELP)
        if line.name == "counters":
            parser.add_argument(
                "--export", metavar="FILE", help="write the book's counters as an export; - is the output"
            )
        _socket(parser)
        parser.set_defaults(command=_run, line=line.name, form="table")


def _panel(commands: Commands) -> None:
    parser = commands.add_parser("panel", help="the appliance's front panel in this terminal")
    parser.epilog = "Keys: arrows, Enter = OK, Backspace or Escape = back, O and B = held, q ends."
    parser.add_argument(
        "--ssh-friendly", action="store_true", help="the small picture, four times a second at most"
    )
    _socket(parser)
    parser.set_defaults(command=_run_panel)


def _socket(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--socket", metavar="PATH", help=SOCKET_HELP)


def _run(options: argparse.Namespace) -> int:
    from hems.clients import command

    return command(options)


def _run_panel(options: argparse.Namespace) -> int:
    from hems.clients_panel import panel

    return panel(options.socket, small=options.ssh_friendly)
