"""The door of one installation: who we are, where we listen, who may come in."""

import grp
import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final
from uuid import getnode

from hems.api.door import Door
from hems.api.house import House
from hems.api.kdf import Kdf
from hems.api.keyring import Keyring
from hems.api.limits import Limits
from hems.api.rows import Doorbell, History, Identity, Inbox, Screen, Transport
from hems.api.rows import Listener as Known
from hems.api.server import Server
from hems.api.sockets import Listener, listen_tcp, listen_unix
from hems.api.table import TABLE
from hems.api.thing_ids import server_id
from hems.api.tls import context
from hems.errors import HemsError
from hems.model.edges import Api
from hems.model.endpoint import Endpoint, endpoint
from hems.model.loop import Clock, Drawer, Loop
from hems.panel.keys import Key, KeyEvent, Kind
from hems.panel.panel import Panel

log = logging.getLogger(__name__)

MACHINE_ID: Final = Path("/etc/machine-id")
SERIAL: Final = Path("/sys/firmware/devicetree/base/serial-number")


@dataclass(frozen=True, slots=True)
class Doorway:
    """What the door needs of the house; `remembered`: the memory knows everybody who was ever let in."""

    api: Api
    identity: Identity
    loop: Loop
    clock: Clock
    inbox: Inbox
    history: History
    drawer: Callable[[str], Drawer]
    screen: Screen | None
    doorbell: Doorbell | None
    remembered: bool = True


class Mirror:
    """The panel's picture and keys, for who is not standing before it."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel

    def frame(self) -> tuple[int, bytes]:
        """Sequence and 1,024 bytes of the last picture."""
        return self._panel.frame()

    def press(self, key: str, *, hold: bool) -> None:
        """A key from afar (API-44)."""
        self._panel.press(KeyEvent(Key(key), Kind.HOLD if hold else Kind.TAP, remote=True))


def identity(name: str, time_zone: str, machine_id: Path = MACHINE_ID, serial: Path = SERIAL) -> Identity:
    """Who this appliance is. Ids hang on the machine's own; without one, on its network card's address."""
    machine = _read(machine_id) or f"{getnode():032x}"
    return Identity(server_id(machine), name, version("hems"), time_zone, _read(serial))


def door_troubles(api: Api) -> list[str]:
    """What of the door would stay closed on this machine, one sentence each: the service starts without it.

    The folder of the usual socket comes and goes with the service.
    """
    found = []
    folder = Path(api.socket).parent
    if api.socket and folder.is_dir():
        try:
            grp.getgrnam(api.group)
        except KeyError:
            found.append(f"api.group: there is no group {api.group}; only the service's own user may connect")
    elif api.socket not in ("", Api().socket):
        found.append(f"api.socket: there is no folder {folder}; make it, or name another place")
    if api.tls:
        try:
            context(api.certificate, api.key)
        except HemsError as error:
            found.append(f"api.tls: it stays closed, {error}")
    return found


def open_door(doorway: Doorway, resources: ExitStack) -> Server:
    """Serve everywhere the installation says; what cannot be opened is said in the door's health."""
    limits = Limits()
    kdf = Kdf(doorway.loop, doorway.clock)
    resources.callback(kdf.close)
    keyring = Keyring(doorway.drawer, kdf, remembered=doorway.remembered)
    listeners: list[Listener] = []
    known: list[Known] = []
    words: list[str] = []
    tls = None
    for transport, where, opening in _openings(doorway.api, limits):
        try:
            if transport == "tls":
                tls = context(doorway.api.certificate, doorway.api.key)
            listeners.append(opening())
        except HemsError as error:
            log.warning("the door: %s", error)
            words.append(str(error))
            continue
        if where is not None:
            known.append(Known(transport, where.host, where.port, transport == "tls"))
    house = House(
        replace(doorway.identity, listeners=tuple(known)),
        doorway.inbox,
        doorway.history,
        keyring,
        doorway.screen,
        doorway.doorbell,
        doorway.api.first_user_needs_button,
    )

    def make_door(wake: Callable[[], None]) -> Door:
        return Door(TABLE, house, wake, limits)

    told = "; ".join(words)
    server = Server(doorway.loop, doorway.clock, make_door, listeners, tls=tls, limits=limits, words=told)
    resources.callback(server.close)
    return server


def _openings(api: Api, limits: Limits) -> list[tuple[Transport, Endpoint | None, Callable[[], Listener]]]:
    """Every way in that is installed, and how it is opened."""
    found: list[tuple[Transport, Endpoint | None, Callable[[], Listener]]] = []
    waiting = limits.waiting_to_connect
    if api.socket:
        found.append(("unix", None, partial(listen_unix, api.socket, api.group, waiting)))
    tcp, tls = endpoint(api.tcp), endpoint(api.tls)
    if tcp is not None:
        found.append(("tcp", tcp, partial(listen_tcp, tcp, "tcp", waiting)))
    if tls is not None:
        found.append(("tls", tls, partial(listen_tcp, tls, "tls", waiting)))
    return found


def _read(file: Path) -> str:
    """A short text of the machine; "" if it has none."""
    try:
        return file.read_text(encoding="ascii").strip(" \n\0")
    except (OSError, ValueError):
        return ""
