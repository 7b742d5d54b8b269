"""The door of the running service: a client on a real Unix socket, the supervisor, a simulated house."""

import json
import socket
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from hems.assembly import open_door, open_face
from hems.model.edges import Api
from hems.panel.keys import Key, KeyEvent
from hems.sim.glass import Glass
from tests.stories.stage import RaiseCurtain, Stage, config


class Caller:
    """A client that speaks as the old command line does."""

    def __init__(self, stage: Stage, path: str) -> None:
        self.stage = stage
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.socket.setblocking(False)
        self.lines: list[dict[str, Any]] = []
        self._rest = b""
        self._number = 0

    def ask(self, method: str, **params: Any) -> int:
        """Send a request; its number."""
        self._number += 1
        record = {"id": self._number, "method": method, "params": params}
        self.socket.sendall(json.dumps(record, indent=4).encode() + b"\n")
        return self._number

    def listen(self, seconds: float) -> None:
        """Let so much time pass, and hear everything."""
        self.stage.play(seconds)
        with suppress(BlockingIOError):
            while chunk := self.socket.recv(1 << 16):
                self._rest += chunk
        *whole, self._rest = self._rest.split(b"\n")
        self.lines += [json.loads(line) for line in whole]

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The answer to a request, which comes within the next cycle."""
        number = self.ask(method, **params)
        self.listen(1.2)
        (answer,) = [line for line in self.lines if line["id"] == number and "notification" not in line]
        return answer

    def told(self, name: str) -> list[dict[str, Any]]:
        """What was told by the notifications of this name."""
        return [line["params"] for line in self.lines if line.get("notification") == name]


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "hems.sock")


def opened(raise_curtain: RaiseCurtain, path: str, resources: ExitStack) -> Stage:
    """The service with its face and its door."""
    panel = structs.replace(config().panel, display="none", buttons=None)
    stage = raise_curtain(structs.replace(config(), api=Api(socket=path), panel=panel))
    stage.house.supervisor.start()
    server = open_door(stage.house, open_face(stage.house, resources), resources)
    assert server.words == ""
    return stage


def test_a_client_sees_things_and_moves_them(raise_curtain: RaiseCurtain, path: str) -> None:
    """S1: the sequence of the old command line, until a charger is told to charge less."""
    with ExitStack() as resources:
        stage = opened(raise_curtain, path, resources)
        stage.plug()
        client = Caller(stage, path)
        resources.callback(client.socket.close)
        hello = client.call("JSONRPC.Hello", locale="de_AT")["params"]
        assert (hello["server"], hello["authenticationRequired"]) == ("nymea", False)
        assert hello["pushButtonAuthAvailable"] is False
        assert [kept["method"] for kept in hello["cacheHashes"]] == [
            "Integrations.GetThingClasses",
            "Integrations.GetVendors",
            "Integrations.GetPlugins",
        ]
        on = client.call("JSONRPC.SetNotificationStatus", enabled=True, namespaces=["Integrations"])
        assert "Integrations" in on["params"]["namespaces"]
        things = client.call("Integrations.GetThings")["params"]["things"]
        garage = next(thing for thing in things if thing["name"] == "garage")
        classes = client.call("Integrations.GetThingClasses", thingClassIds=[garage["thingClassId"]])
        (charger,) = classes["params"]["thingClasses"]
        action = next(one for one in charger["actionTypes"] if one["name"] == "maxChargingCurrent")
        given = {"paramTypeId": action["id"], "value": 10}
        answer = client.call(
            "Integrations.ExecuteAction", thingId=garage["id"], actionTypeId=action["id"], params=[given]
        )
        assert answer["params"]["thingError"] == "ThingErrorNoError"
        client.listen(2.0)
        changes = client.told("Integrations.StateChanged")
        assert [one["value"] for one in changes if one["stateTypeId"] == action["id"]][-1] == 10.0
        assert stage.house.supervisor.settings.chargers["garage"].user_max_a == 10.0
        introspected = client.call("JSONRPC.Introspect")["params"]
        assert introspected["methods"].keys() >= {"Integrations.GetThings", "System.GetCapabilities"}
        assert stage.views[-1].around.door.clients == 1
        assert stage.views[-1].around.door.pending == 0
        assert stage.refusals == []


def test_a_read_is_answered_in_the_middle_of_a_cycle(raise_curtain: RaiseCurtain, path: str) -> None:
    """API-3, API-140: the loop turns while the wires talk."""
    with ExitStack() as resources:
        stage = opened(raise_curtain, path, resources)
        client = Caller(stage, path)
        resources.callback(client.socket.close)
        client.call("JSONRPC.Hello")
        number = client.ask("JSONRPC.Version")
        asked_s = stage.clock.mono_s()
        while not any(line["id"] == number for line in client.lines):
            stage.house.reactor.run_until(stage.clock.mono_s())
            client.listen(0.0)
        assert stage.clock.mono_s() - asked_s < 0.1


def test_the_door_closes_with_the_service(raise_curtain: RaiseCurtain, path: str) -> None:
    with ExitStack() as resources:
        stage = opened(raise_curtain, path, resources)
        client = Caller(stage, path)
        client.call("JSONRPC.Hello")
    assert not Path(path).exists()
    client.socket.setblocking(True)
    assert client.socket.recv(1 << 16) == b""
    client.socket.close()
    stage.play(2.0)
    assert stage.house.supervisor.view is not None


def test_a_question_of_the_door_is_asked_at_the_panel(raise_curtain: RaiseCurtain, path: str) -> None:
    """API-44: where there is a display and an OK button."""
    with ExitStack() as resources:
        stage = raise_curtain(structs.replace(config(), api=Api(socket=path)))
        stage.house.supervisor.start()
        panel = open_face(stage.house, resources, bus=Glass())
        open_door(stage.house, panel, resources)
        client = Caller(stage, path)
        resources.callback(client.socket.close)
        assert client.call("JSONRPC.Hello")["params"]["pushButtonAuthAvailable"] is True
        asked = client.call("JSONRPC.RequestPushButtonAuth", deviceName="kitchen tablet")["params"]
        assert asked == {"success": True, "transactionId": 1}
        remote = KeyEvent(Key.OK, remote=True)
        stage.house.supervisor.tried(panel, lambda: panel.press(remote))
        client.listen(2.0)
        assert client.told("JSONRPC.PushButtonAuthFinished") == []
        stage.house.supervisor.tried(panel, lambda: panel.press(KeyEvent(Key.OK)))
        client.listen(2.0)
        (finished,) = client.told("JSONRPC.PushButtonAuthFinished")
        assert finished["success"] is True
        assert len(finished["token"]) == 44
