"""The commands that speak with the running service over its Unix socket, in processes of their own (API-150).

Exit codes: 0 good, 1 refused, 2 usage, 3 not running, 4 no permission.
"""

import argparse
import json
import os
import select
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, tzinfo
from types import FrameType
from typing import Any, Final, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hems.api.client import GRANTED, Client, NotRunning, Refused, told
from hems.clients_options import SET_WORDS, SETTERS
from hems.clients_rows import ROWS, Row
from hems.clients_told import Change, Charger, Setting
from hems.clients_words import changes
from hems.errors import HemsError

SOCKET: Final = "/run/hems/hems.sock"
READ_WITHIN_S: Final = 10.0
WISH_WITHIN_S: Final = 50.0
"""A wish is answered within 45 s at the latest."""


class Service:
    """The running service, asked for what a command line leaves out."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """A reply that was not refused."""
        reply = self._client.call(method, **params)
        _judge(reply)
        return reply

    def charger(self, named: str | None) -> str:
        """The charger that is meant: the one that was named, else the only one."""
        if named is not None:
            return named
        names = [one.name for one in self._chargers()]
        if len(names) != 1:
            there = f"--charger names one of {', '.join(names)}" if names else "there is none"
            raise HemsError(f"which charger? {there}")
        return names[0]

    def now(self) -> datetime:
        """The service's own time, in the zone of the site."""
        return told(datetime, self._view("time"))

    def zone(self) -> tzinfo:
        """The zone of the site."""
        name = told(str, self.ask("System.GetTime").get("timeZone"))
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise NotRunning(f"the service's time zone {name!r} is not known here") from None

    def mode(self, charger: str) -> str:
        """The charger's present mode; "" if there is no such charger."""
        return next((one.mode for one in self._chargers() if one.name == charger), "")

    def setting(self, name: str) -> Setting | None:
        """A setting by its name."""
        rows = told(list[Setting], self.ask("Hems.GetSettings").get("settings"))
        return next((row for row in rows if row.name == name), None)

    def _chargers(self) -> list[Charger]:
        return told(list[Charger], self._view("chargers"))

    def _view(self, part: str) -> object:
        view: Mapping[str, object] = told(dict[str, Any], self.ask("Hems.GetView", parts=[part]).get("view"))
        return view.get(part)


def socket_path(named: str | None) -> str:
    """Where the service is: as named, as the environment says, else where it is installed."""
    return named or os.environ.get("HEMS_SOCKET") or SOCKET


def locale() -> str:
    """The language of this terminal; the door's own words come in it."""
    wanted = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return wanted.partition(".")[0].partition("@")[0] or "en_US"


@contextmanager
def connected(path: str, within_s: float) -> Iterator[Client]:
    """A client that has greeted; who drips bytes does not hold it up for longer than that either."""

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise NotRunning(f"{path}: the service does not answer within {within_s:g} s; is it still running?")

    former = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, within_s)
    try:
        with Client(path, timeout_s=within_s, locale=locale()) as client:
            yield client
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, former)


def command(options: argparse.Namespace) -> int:
    """One command line: from the running service, or from a book."""
    if getattr(options, "data", None) is not None or getattr(options, "export", None) is not None:
        return _from_book(options)
    try:
        run(_set(options) if options.line == "set" else ROWS[options.line], options)
    except NotRunning as error:
        hint = "; --data DIR reads the book without it" if hasattr(options, "data") else ""
        raise NotRunning(f"{error}{hint}") from None
    if getattr(options, "follow", False):
        _follow(options)
    return 0


def run(row: Row, options: argparse.Namespace) -> None:
    """Ask what a row asks, and tell the reply; a pager that waits for its reader is no slow service."""
    warning = ""
    with connected(socket_path(options.socket), WISH_WITHIN_S if row.waits else READ_WITHIN_S) as client:
        service = Service(client)
        params = row.params(vars(options), service)
        reply = client.call(row.method, **params)
        refused = reply.get("hemsError", GRANTED) != GRANTED
        if options.form == "json":
            text = json.dumps(reply, indent=1, ensure_ascii=False)
        elif refused:
            text = ""
        elif options.form == "csv" and row.csv is not None:
            text = row.csv(reply, service)
        else:
            text = row.tell(reply, service)
            warning = row.after(params, service) if row.after is not None else ""
    if text:
        print(text if locale() not in ("C", "POSIX") else text.replace("µ", "u"))
    if warning:
        print(f"hems: {warning}", file=sys.stderr)
    _judge(reply)


def _judge(reply: Mapping[str, object]) -> None:
    if reply.get("hemsError", GRANTED) != GRANTED:
        raise Refused(str(reply.get("reason") or reply["hemsError"]))


def _follow(options: argparse.Namespace) -> NoReturn:
    """Decisions as they change, until Ctrl-C, the service's end, or nobody reads them any more."""
    sys.stdout.flush()
    with Client(socket_path(options.socket), timeout_s=READ_WITHIN_S, locale=locale()) as client:
        client.call("JSONRPC.SetNotificationStatus", enabled=True, namespaces=["Hems"])
        at: datetime | None = None
        either = select.poll()
        either.register(client.fileno(), select.POLLIN)
        either.register(sys.stdout.fileno(), 0)
        while True:
            for packet in client.take() or _listen(client, either):
                params = told(dict[str, Any], packet.get("params", {}))
                if packet.get("notification") == "Hems.ViewChanged":
                    at = told(datetime, told(dict[str, Any], params.get("view")).get("time"))
                elif packet.get("notification") == "Hems.DecisionChanged":
                    _tell_changes(params, at, options)


def _listen(client: Client, either: select.poll) -> list[dict[str, Any]]:
    """What is heard next; a reader that has gone is as good as the next line that he does not take."""
    if any(ready == sys.stdout.fileno() for ready, _ in either.poll(READ_WITHIN_S * 1000.0)):
        raise BrokenPipeError
    return client.listen()


def _tell_changes(params: Mapping[str, Any], at: datetime | None, options: argparse.Namespace) -> None:
    rows = told(list[Change], params.get("changes"))
    if options.name is not None:
        rows = [row for row in rows if row.name == options.name]
    if not rows:
        return
    if options.form == "json":
        print(json.dumps(params, ensure_ascii=False), flush=True)
    else:
        print(changes(rows, at), flush=True)


def _set(options: argparse.Namespace) -> Row:
    """The row that changes what was named; without a name, the one that tells all settings."""
    what = options.what
    if what is None:
        return ROWS["set"]
    if options.value is None:
        raise HemsError(f"set {what}: to what? see hems set --help")
    belonging = {word.key for word in SETTERS.get(what, ())}
    for word in SET_WORDS:
        if word.key not in belonging and getattr(options, word.key) is not None:
            raise HemsError(f"set {what}: {word.name} does not belong to it; see hems set --help")
    return ROWS[f"set {what}" if what in SETTERS else "set NAME"]


def _from_book(options: argparse.Namespace) -> int:
    """Figures of a book, whether the service runs or not."""
    from hems import archive, figures

    data = archive.data_folder(options.data)
    if getattr(options, "export", None):
        archive.export(data, options.export, counters_only=True)
    else:
        print((figures.counters if options.line == "counters" else figures.sessions)(data, options.form))
    return 0
