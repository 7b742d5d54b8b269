"""A blocking client of the door on its Unix socket (API-150)."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from hems.api.client import Client, NoPermission, NotRunning, Refused

Answer = Callable[[dict[str, object]], bytes]


def good(request: dict[str, object]) -> bytes:
    params = {"asked": request["method"], "with": request["params"]}
    return msgspec.json.encode({"id": request["id"], "status": "success", "params": params}) + b"\n"


class Door:
    """A door on a socket that answers each line as it is told."""

    def __init__(self, path: Path, answer: Answer) -> None:
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen()
        self.answer = answer
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        client, _ = self.listener.accept()
        with client, client.makefile("rb") as lines:
            for line in lines:
                client.sendall(self.answer(msgspec.json.decode(line)))

    def close(self) -> None:
        self.thread.join(5.0)
        self.listener.close()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Callable[[Answer], Path]]:
    doors: list[Door] = []

    def opened(answer: Answer) -> Path:
        doors.append(Door(tmp_path / "door.sock", answer))
        return tmp_path / "door.sock"

    yield opened
    for one in doors:
        one.close()


def test_it_greets_and_asks(door: Callable[[Answer], Path]) -> None:
    with Client(door(good)) as client:
        assert client.call("Hems.GetView", parts=["time"]) == {
            "asked": "Hems.GetView",
            "with": {"parts": ["time"]},
        }


def test_what_is_told_unasked_is_passed_over(door: Callable[[Answer], Path]) -> None:
    """Also a notification that happens to have the number of the request, and an answer in pieces."""

    def chatty(request: dict[str, object]) -> bytes:
        number = request["id"]
        noise = msgspec.json.encode({"id": number, "notification": "Hems.ViewChanged", "params": {}})
        return noise + b"\n" + good({**request, "id": 99}) + good(request)

    with Client(door(chatty)) as client:
        assert client.call("Hems.GetTariff")["asked"] == "Hems.GetTariff"


def test_what_was_passed_over_waits_for_who_listens(door: Callable[[Answer], Path]) -> None:
    """In the order in which it came, also what came with the answer in one piece."""

    def chatty(request: dict[str, object]) -> bytes:
        if request["method"] == "JSONRPC.Hello":
            return good(request)
        noise = [b'{"notification": "Hems.EventAdded", "id": %d}\n' % number for number in range(4)]
        return noise[0] + noise[1] + good(request) + noise[2] + noise[3]

    with Client(door(chatty)) as client:
        assert client.call("Hems.GetTariff")["asked"] == "Hems.GetTariff"
        assert [packet["id"] for packet in client.take()] == [0, 1, 2, 3]
        assert client.take() == []
        client.call("Hems.GetTariff")
        assert client.fileno() > 0
        number = client.send("Hems.GetTariff")
        assert [packet["id"] for packet in client.take()] == [0, 1, 2, 3]
        heard: list[object] = []
        while len(heard) < 5:
            heard += [packet["id"] for packet in client.listen()]
        assert heard == [0, 1, number, 2, 3]


def test_a_refusal_is_told_in_the_doors_words(door: Callable[[Answer], Path]) -> None:
    def unkind(request: dict[str, object]) -> bytes:
        if request["method"] == "JSONRPC.Hello":
            return good(request)
        return (
            msgspec.json.encode({"id": request["id"], "status": "error", "error": "No such method"}) + b"\n"
        )

    with Client(door(unkind)) as client, pytest.raises(Refused, match=r"^Hems\.Fly: No such method$"):
        client.call("Hems.Fly")


def test_nobody_is_there(tmp_path: Path) -> None:
    """API-150: the service does not run."""
    with pytest.raises(NotRunning, match="the service does not answer at"):
        Client(tmp_path / "nobody.sock")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "dead.sock"))
    with pytest.raises(NotRunning, match="the service does not answer at"):
        Client(tmp_path / "dead.sock")


def test_no_permission_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(socket.socket):
        """A socket of others."""

        def connect(self, address: object) -> None:
            raise PermissionError

    monkeypatch.setattr(socket, "socket", Closed)
    with pytest.raises(NoPermission, match="no permission; join the group"):
        Client(tmp_path / "door.sock")


@pytest.mark.parametrize(
    ("answer", "words"),
    [(b"hello\n", "speaks another language"), (b"[1]\n", "speaks"), (b'{"a": "\xff"}\n', "speaks")],
)
def test_somebody_else_is_there(door: Callable[[Answer], Path], answer: bytes, words: str) -> None:
    with pytest.raises(NotRunning, match=words):
        Client(door(lambda _: answer))


def test_a_door_that_has_gone_takes_no_request(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "brief.sock"))
        listener.listen()

        def greet_and_end() -> None:
            client, _ = listener.accept()
            client.sendall(good({**msgspec.json.decode(client.recv(4_096))}))
            client.close()

        ender = threading.Thread(target=greet_and_end, daemon=True)
        ender.start()
        with Client(tmp_path / "brief.sock") as client:
            ender.join()
            with pytest.raises(NotRunning, match="does not answer \\(Broken pipe\\)"):
                client.send("Hems.GetView")


def test_silence_and_an_early_end_are_no_answers(door: Callable[[Answer], Path], tmp_path: Path) -> None:
    path = door(lambda _: b"")
    with pytest.raises(NotRunning, match="does not answer"):
        Client(path, timeout_s=0.05)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "brief.sock"))
        listener.listen()

        def end() -> None:
            client, _ = listener.accept()
            client.close()

        ender = threading.Thread(target=end, daemon=True)
        ender.start()
        with pytest.raises(NotRunning):
            Client(tmp_path / "brief.sock")
        ender.join()
