"""Opening the door of an installation: where it listens, who it says we are, what it says when it cannot."""

import grp
import os
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest
from msgspec import structs

from hems.api.server import Server
from hems.clock import ManualClock
from hems.doorway import Doorway, Mirror, door_troubles, identity, open_door
from hems.model.edges import Api
from hems.panel.keys import Key, KeyEvent, Kind
from hems.panel.panel import Frame, Panel
from hems.reactor import Reactor
from tests.api.doorstep import Box, NoHistory
from tests.api.drawers import NOON, Cabinet


def opened(api: Api, resources: ExitStack) -> Server:
    clock = ManualClock(NOON)
    reactor = Reactor(clock)
    resources.callback(reactor.close)
    who = identity("House", "Europe/Vienna")
    doorway = Doorway(api, who, reactor, clock, Box(), NoHistory(), Cabinet(), None, None)
    return open_door(doorway, resources)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_who_we_are_hangs_on_the_machine(tmp_path: Path) -> None:
    """API-60."""
    machine, serial = tmp_path / "machine-id", tmp_path / "serial"
    machine.write_text("0" * 32 + "\n")
    serial.write_bytes(b"1000000abc\0")
    who = identity("House", "Europe/Vienna", machine, serial)
    assert who.server == "00b49323-3deb-543c-abbe-40fa1cb8889f"
    assert (who.name, who.time_zone, who.serial) == ("House", "Europe/Vienna", "1000000abc")
    assert who.version[0].isdigit()
    nameless = identity("House", "Europe/Vienna", tmp_path / "none", tmp_path / "none")
    assert nameless.server != who.server
    assert nameless == identity("House", "Europe/Vienna", tmp_path / "none", tmp_path / "none")
    assert nameless.serial == ""


def test_every_way_in_is_opened(tmp_path: Path, certificate: tuple[str, str]) -> None:
    """API-10."""
    path, plain, tls = str(tmp_path / "s"), free_port(), free_port()
    api = Api(
        socket=path,
        tcp=f"127.0.0.1:{plain}",
        tls=f"[::]:{tls}",
        certificate=certificate[0],
        key=certificate[1],
    )
    with ExitStack() as resources:
        server = opened(api, resources)
        assert server.words == ""
        for port in (plain, tls):
            socket.create_connection(("127.0.0.1", port), 1).close()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
        listeners = server._door._house.identity.listeners
        assert [(one.name, one.port, one.tls) for one in listeners] == [
            ("tcp", plain, False),
            ("tls", tls, True),
        ]


def test_without_a_certificate_tls_stays_off_and_the_rest_opens(tmp_path: Path) -> None:
    """API-12."""
    api = Api(
        socket=str(tmp_path / "s"),
        tls=f"127.0.0.1:{free_port()}",
        certificate=str(tmp_path / "none"),
        key=str(tmp_path / "none"),
    )
    with ExitStack() as resources:
        server = opened(api, resources)
        assert (
            server.health().words
            == f"the certificate {tmp_path}/none cannot be used (No such file or directory)"
        )
        assert (tmp_path / "s").exists()


def test_a_socket_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    with ExitStack() as resources:
        server = opened(Api(socket=str(tmp_path / "none" / "s")), resources)
        assert "cannot be made" in server.words


def test_what_would_stay_closed_is_told_before_the_start(
    tmp_path: Path, certificate: tuple[str, str]
) -> None:
    """API-10, API-11, API-12: one sentence each, and none where all is well."""
    ours = grp.getgrgid(os.getgid()).gr_name
    good = Api(
        socket=f"{tmp_path}/s",
        group=ours,
        tls="[::]:2222",
        certificate=certificate[0],
        key=certificate[1],
    )
    assert door_troubles(good) == []
    assert door_troubles(Api(socket="")) == []
    assert door_troubles(Api(socket=f"{tmp_path}/none/s")) == [
        f"api.socket: there is no folder {tmp_path}/none; make it, or name another place"
    ]
    assert door_troubles(structs.replace(good, group="nobodys")) == [
        "api.group: there is no group nobodys; only the service's own user may connect"
    ]
    assert door_troubles(structs.replace(good, key=f"{tmp_path}/none")) == [
        f"api.tls: it stays closed, the key {tmp_path}/none cannot be used (No such file or directory)"
    ]


def test_nothing_is_opened_that_is_not_installed() -> None:
    with ExitStack() as resources:
        assert opened(Api(socket=""), resources).words == ""


class Panes(Panel):
    """A panel that keeps what was pressed."""

    def __init__(self) -> None:
        self.pressed: list[KeyEvent] = []

    def press(self, event: KeyEvent) -> None:
        self.pressed.append(event)

    def frame(self) -> Frame:
        return Frame(3, b"x")


@pytest.mark.parametrize(("hold", "kind"), [(False, Kind.TAP), (True, Kind.HOLD)])
def test_a_key_from_afar_is_marked(hold: bool, kind: Kind) -> None:
    """API-44: it must not answer who comes in."""
    panes = Panes()
    mirror = Mirror(panes)
    mirror.press("ok", hold=hold)
    assert panes.pressed == [KeyEvent(Key.OK, kind, remote=True)]
    assert mirror.frame() == (3, b"x")
