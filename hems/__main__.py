"""The command line. What a command needs is imported when it runs, so that the service starts fast."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from hems import __version__
from hems.acts import add_commands, add_journal_acts
from hems.clients_options import add_clients
from hems.errors import HemsError

OK, BAD_INPUT, INTERRUPTED = 0, 2, 130


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line with the remedy."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how to see what is right; exit code 2."""
        self.exit(BAD_INPUT, f"{self.prog}: {message}; see {self.prog} --help\n")


if TYPE_CHECKING:
    from hems.field.setting import Setting

    Commands = argparse._SubParsersAction[Parser]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 = done, 2 = bad input, else what its error says; said in one line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        command: Callable[[argparse.Namespace], int] = options.command
        code = command(options)
        sys.stdout.flush()
        return code
    except HemsError as error:
        print(f"hems: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _give_up_output()
        return OK
    except OSError as error:
        _give_up_output()
        print(
            f"hems: {error.filename or 'output'}: {error.strerror}; make room or name another",
            file=sys.stderr,
        )
        return BAD_INPUT


def _give_up_output() -> None:
    """Nobody takes what would still be printed; without this the interpreter's own end would complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> Parser:
    parser = Parser(prog="hems", description="Energy appliance: charging, heat-pump counters, front panel.")
    parser.add_argument("--version", action="version", version=f"hems {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=Parser)
    _run_options(commands)
    _demo_options(commands)
    _check_options(commands)
    _scan_options(commands)
    _prices_options(commands)
    add_clients(commands)
    add_commands(commands)
    _journal_options(commands)
    _safe_options(commands)
    _completion_options(commands, parser)
    return parser


def _run_options(commands: "Commands") -> None:
    run = commands.add_parser(
        "run",
        help="the service: real ports, real pins",
        description="Read, decide, act, count and show once a second, until SIGTERM or Ctrl-C.",
        epilog="The journal must have been made: hems journal create DIR. Judge FILE first: hems check FILE.",
    )
    run.add_argument("--config", type=Path, required=True, metavar="FILE", help="the installation, hems.toml")
    run.add_argument("--data", type=Path, metavar="DIR", help="folder of the journal (default: beside FILE)")
    run.set_defaults(command=_run)


def _demo_options(commands: "Commands") -> None:
    demo = commands.add_parser(
        "demo",
        help="the same service on a simulated house, in this terminal",
        description="The service on a simulated house, its front panel in this terminal.",
        epilog="Keys: arrows, Enter = OK, Backspace or Escape = back, O and B = held, q ends.",
    )
    demo.add_argument(
        "--for", dest="for_s", type=_seconds, metavar="SECONDS", help="end after so many seconds"
    )
    demo.add_argument(
        "--speed", type=_speed, default=1.0, metavar="N", help="times as fast as life (0.1 to 20)"
    )
    demo.add_argument(
        "--weather", choices=("sunny", "cloudy", "mixed", "windy"), default="sunny", help="(default: sunny)"
    )
    demo.add_argument(
        "--seed", type=int, default=1, metavar="N", help="the same seed, the same house (default: 1)"
    )
    demo.add_argument("--headless", action="store_true", help="draw nothing in the terminal")
    demo.add_argument("--json", action="store_true", help="print one JSON object at the end")
    demo.add_argument("--screens", type=Path, metavar="DIR", help="save a picture at each change of screen")
    demo.add_argument(
        "--data", type=Path, metavar="DIR", help="keep the journal here (default: a temporary folder)"
    )
    demo.add_argument(
        "--unconfigured", action="store_true", help="begin with a card as it is flashed: the first run"
    )
    demo.add_argument(
        "--socket", type=Path, metavar="PATH", help="open the door here (default: in the journal's folder)"
    )
    demo.add_argument(
        "--fault",
        dest="faults",
        action="append",
        default=[],
        metavar="KIND[:KEY=VALUE,…]",
        help="let something go wrong on the wire, as late:device=pump,value=0.4,share=0.1 (repeatable;"
        " --fault list names the kinds)",
    )
    demo.set_defaults(command=_demo)


def _check_options(commands: "Commands") -> None:
    check = commands.add_parser(
        "check",
        help="judge an installation file and print what it means",
        description="Say what is wrong with FILE, or its devices, limits, the plan of each line, warnings.",
        epilog="Nothing is opened or written without --measured, and nothing is written with it.",
    )
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument(
        "--measured", action="store_true", help="read the real devices for 20 s and reckon with their pace"
    )
    check.set_defaults(command=_check)


def _scan_options(commands: "Commands") -> None:
    scan = commands.add_parser(
        "scan",
        help="search a serial port for devices, with reads only",
        description="Ask on a serial port who is there: speed, parity, unit id, product. Only reads.",
        epilog="By itself: the likely pairs of setting and unit id, then all ids of the setting found.",
    )
    scan.add_argument("port", metavar="PORT", help="a serial port, such as /dev/serial/by-path/…")
    depth = scan.add_mutually_exclusive_group()
    depth.add_argument(
        "--quick", dest="manner", action="store_const", const="quick", help="the likely pairs only"
    )
    depth.add_argument(
        "--full", dest="manner", action="store_const", const="full", help="every unit id at every setting"
    )
    scan.add_argument("--json", action="store_true", help="print one JSON object at the end")
    scan.add_argument("--from", dest="start", type=_pair, default=1, metavar="N", help="go on at pair N")
    scan.add_argument(
        "--setting", type=_setting, metavar="S", help="search all ids of one setting only, such as '9600 8N1'"
    )
    scan.set_defaults(command=_scan, manner="normal")


def _prices_options(commands: "Commands") -> None:
    prices = commands.add_parser(
        "prices",
        help="fetch day-ahead prices for the service, or look at its file of prices",
        description="Ask the tariff's provider for the prices of today and tomorrow, for the service.",
    )
    prices.add_argument(
        "--config", type=Path, required=True, metavar="FILE", help="the installation, hems.toml"
    )
    prices.add_argument(
        "--data", type=Path, metavar="DIR", help="folder of the journal (default: beside FILE)"
    )
    prices.add_argument("--once", action="store_true", help="only if it is time to ask again: for a timer")
    prices.set_defaults(command=_prices)


def _journal_options(commands: "Commands") -> None:
    journal = commands.add_parser("journal", help="the memory")
    acts = journal.add_subparsers(title="acts", required=True, metavar="ACT", parser_class=Parser)
    create = acts.add_parser("create", help="make an empty book in a folder")
    create.add_argument("folder", type=Path, metavar="DIR")
    create.set_defaults(command=_create_book)
    add_journal_acts(acts)


def _safe_options(commands: "Commands") -> None:
    safe = commands.add_parser("safe-state", help="release all relays, tell every charger its fail-safe")
    safe.add_argument(
        "--config", type=Path, required=True, metavar="FILE", help="the installation, hems.toml"
    )
    safe.set_defaults(command=_safe_state)


def _completion_options(commands: "Commands", parser: Parser) -> None:
    completion = commands.add_parser("completion", help="what a shell needs to complete these words")
    completion.add_argument("shell", choices=("bash",))
    completion.epilog = "For example: hems completion bash > ~/.local/share/bash-completion/completions/hems"
    completion.set_defaults(command=lambda options: _completion(parser))


def _number(text: str, least: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"{text} is out of range; use {least:.10g} to {most:.10g}")
    return value


def _seconds(text: str) -> float:
    return _number(text, 1, 31 * 86400)


def _speed(text: str) -> float:
    return _number(text, 0.1, 20)


def _pair(text: str) -> int:
    return int(_number(text, 1, 10_000))


def _setting(text: str) -> "Setting":
    from hems.field.setting import SETTINGS

    wanted = text.replace("-", " ").upper()
    setting = next((known for known in SETTINGS if str(known) == wanted), None)
    if setting is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not known; use one of {', '.join(map(str, SETTINGS))}")
    return setting


def _scan(options: argparse.Namespace) -> int:
    from hems.scan import Wishes, scan

    return scan(
        Wishes(
            port=options.port,
            manner=options.manner,
            start=options.start,
            setting=options.setting,
            as_json=options.json,
        )
    )


def _run(options: argparse.Namespace) -> int:
    from hems.assembly import serve

    return serve(options.config, options.data or options.config.parent)


def _demo(options: argparse.Namespace) -> int:
    from hems.demo import Wishes, demo

    return demo(
        Wishes(
            for_s=options.for_s,
            speed=options.speed,
            weather=options.weather,
            seed=options.seed,
            headless=options.headless,
            as_json=options.json,
            screens=options.screens,
            data=options.data,
            faults=tuple(options.faults),
            socket=options.socket,
            unconfigured=options.unconfigured,
        )
    )


def _check(options: argparse.Namespace) -> int:
    if options.measured:
        from hems.measure import check_measured

        return check_measured(options.file)
    from hems.assembly import describe_installation

    print("\n".join(describe_installation(options.file)))
    return OK


def _prices(options: argparse.Namespace) -> int:
    from hems.prices import prices

    return prices(options.config, options.data or options.config.parent, once=options.once)


def _create_book(options: argparse.Namespace) -> int:
    from hems.journal.journal import create_book

    print(f"made {create_book(options.folder)}")
    return OK


def _completion(parser: Parser) -> int:
    from hems.clients_completion import script

    print(script(parser), end="")
    return OK


def _safe_state(options: argparse.Namespace) -> int:
    from hems.assembly import make_safe

    make_safe(options.config)
    return OK


if __name__ == "__main__":
    sys.exit(main())
