"""The command line over the socket: a running demo, and doors that are rude, slow, closed or gone."""

import csv
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hems import clients
from hems.__main__ import main
from hems.api.client import Client, NotRunning
from hems.clients import Service, locale, socket_path
from hems.errors import HemsError
from tests.doorman import Answer, Doorman, Request, line, reply

HEMS = [sys.executable, "-m", "hems"]
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Exit code, output and complaint of one command line in English."""
    monkeypatch.setenv("LC_ALL", "C")

    def said(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return said


def answering(path: Path) -> bool:
    try:
        with Client(path) as client:
            return bool(client.call("Hems.GetView")["hemsError"] == "HemsErrorNoError")
    except NotRunning:
        return False


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The service on a simulated house; its socket."""
    path = tmp_path_factory.mktemp("demo") / "s"
    running = subprocess.Popen(
        [*HEMS, "demo", "--headless", "--speed", "4", "--for", "600", "--socket", str(path)],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    until_s = time.monotonic() + 60
    while not answering(path):
        assert running.poll() is None
        assert time.monotonic() < until_s
        time.sleep(0.1)
    yield path
    running.terminate()
    running.wait(60)


@pytest.fixture
def house(demo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo, named by the environment."""
    monkeypatch.setenv("HEMS_SOCKET", str(demo))
    return demo


def test_two_demos_do_not_share_a_door(say: Say, demo: Path) -> None:
    code, out, err = say("demo", "--headless", "--for", "1", "--socket", str(demo))
    assert (code, out) == (2, "")
    assert err == (
        f"hems: demo: name another --socket; somebody answers on {demo} already; is the service running?\n"
    )
    assert answering(demo)


@pytest.mark.usefixtures("house")
def test_what_the_house_tells(say: Say) -> None:
    """API-150, API-152: every reading command, from the environment's socket."""
    code, out, err = say("status")
    assert (code, err) == (0, "")
    assert re.search(r"^garage +car \w+, mode \w+", out, re.M)
    code, out, err = say("why")
    assert (code, err) == (0, "")
    assert re.match(r"garage  .+  \[\w+, rung ", out)
    assert say("why", "garage")[1].startswith("garage  ")
    code, out, err = say("counters", "garage")
    assert (code, err) == (0, "")
    assert out.startswith("ev1 ")
    assert re.search(r"^  energy\.all +Wh +[\d,]+ ", out, re.M)
    assert {
        row["counter"].split(".")[0] for row in csv.DictReader(say("counters", "--csv")[1].splitlines())
    } >= {
        "ev1",
        "hp1",
        "site",
    }
    assert "1 session" in say("sessions")[1]
    assert say("sessions", "--to", "2026-06-20")[1] == "no sessions\n"
    (session,) = csv.DictReader(say("sessions", "--from", "2026-06-21", "--csv")[1].splitlines())
    assert session["charger"] == "garage"
    assert say("alarms")[:2] == (0, "no alarms\n")
    assert re.search(r"^contrast +\d", say("set")[1], re.M)
    told = json.loads(say("why", "--json")[1])
    assert (told["hemsError"], told["whys"][0]["name"]) == ("HemsErrorNoError", "garage")


@pytest.mark.usefixtures("house")
def test_what_is_changed(say: Say) -> None:
    """Granted by the rules, and seen in the page; the charger may be left out where it is the only one."""
    assert say("set", "limit", "10A") == (0, "granted\n", "")
    assert say("set", "mode", "fast", "--charger", "garage")[0] == 0
    code, out, err = say("set", "target", "80%", "--by", "07:00", "--days", "mon,tue")
    assert (code, out) == (0, "granted\n")
    assert err == "hems: garage is in mode fast, which looks at no target; hems set mode surplus_target\n"
    assert say("set", "mode", "surplus-target") == (0, "granted\n", "")
    assert say("set", "mode", "surplus")[0] == 0
    assert say("set", "target", "none")[:2] == (0, "granted\n")
    assert say("boost", "60")[:2] == (0, "granted\n")
    assert say("boost", "0")[:2] == (0, "granted\n")
    assert say("set", "limit", "none")[:2] == (0, "granted\n")
    assert say("set", "contrast", "4")[:2] == (0, "granted\n")
    until_s = time.monotonic() + 30
    while not re.search(r"^contrast +4 ", say("set")[1], re.M):
        assert time.monotonic() < until_s
        time.sleep(0.1)


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("set", "limit", "63"), "garage takes 6 to 16 A, not 63 A"),
        (("set", "mode", "slow"), "slow"),
        (("set", "mode", "off", "--charger", "barn"), "barn"),
        (("set", "contrast", "9"), "contrast is 1 to 5, not 9"),
        (("set", "nothing", "1"), "there is no setting 'nothing'; known: acquisition_tolerance"),
        (("set", "vehicle", "zoe", "--level", "40"), "there is no vehicle 'zoe'"),
        (("ack", "x"), "there is no alarm 'x'; no alarm stands"),
        (("boost", "9999"), "a boost lasts 1 to 480 min, not 9999 min"),
        (("why", "house"), "there is no charger or heat pump 'house'"),
        (("counters", "house"), "there is no counter 'house'"),
        (("sessions", "--limit", "0"), "limit is 1 to 500"),
    ],
)
def test_a_refusal_is_told_in_the_doors_words(say: Say, arguments: tuple[str, ...], words: str) -> None:
    """API-150: exit code 1, the reason on the other stream."""
    code, out, err = say(*arguments)
    assert (code, out) == (1, "")
    assert err.startswith("hems: ")
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.usefixtures("house")
def test_a_refusal_as_json_is_a_reply_as_well(say: Say) -> None:
    code, out, err = say("set", "contrast", "9", "--json")
    assert (code, err) == (1, "hems: contrast is 1 to 5, not 9\n")
    assert json.loads(out)["hemsError"] == "HemsErrorInvalidParameter"


@pytest.mark.usefixtures("house")
def test_words_come_in_the_terminals_language(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_AT.UTF-8")
    assert "garage nimmt 6 bis 16 A" in say("set", "limit", "63")[2]


def test_decisions_are_followed_until_the_service_ends(tmp_path: Path) -> None:
    """API-152: `--follow` tells what changes; Ctrl-C ends it without a traceback."""
    path = tmp_path / "s"
    changed = {"name": "garage", "limit_a": 6.0, "code": "surplus", "text": "6 A: sun"}
    other = {**changed, "name": "carport"}

    def answer(request: Request) -> bytes:
        if request["method"] == "JSONRPC.SetNotificationStatus":
            page = {"time": "2026-07-01T12:00:05+02:00"}
            return reply(request) + b"".join(
                line(id=n, notification=f"Hems.{name}", params=params)
                for n, (name, params) in enumerate(
                    [
                        ("DecisionChanged", {"changes": [other]}),
                        ("ViewChanged", {"view": page}),
                        ("DecisionChanged", {"changes": [changed, other]}),
                        ("EventAdded", {"event": {}}),
                    ]
                )
            )
        return reply(request, hemsError="HemsErrorNoError", whys=[])

    doorman = Doorman(path, answer)
    for form, expected in (
        ((), "12:00:05  garage  6 A  6 A: sun  [surplus]\n"),
        (("--json",), json.dumps({"changes": [changed, other]}) + "\n"),
    ):
        following = subprocess.Popen(
            [*HEMS, "why", "garage", "--follow", "--socket", str(path), *form],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert following.stdout is not None
        while (told := following.stdout.readline()) != expected:
            assert told
        following.send_signal(signal.SIGINT)
        out, err = following.communicate(timeout=60)
        assert (following.returncode, out, err) == (130, "", "")
    doorman.close()


def test_following_ends_when_its_reader_has_gone(tmp_path: Path) -> None:
    """API-152: also while nothing changes that would be written."""

    def answer(request: Request) -> bytes:
        return reply(request, hemsError="HemsErrorNoError", whys=[])

    doorman = Doorman(tmp_path / "s", answer)
    following = subprocess.Popen(
        [*HEMS, "why", "--follow", "--socket", str(tmp_path / "s")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert following.stdout is not None
    assert following.stdout.readline()
    following.stdout.close()
    assert following.wait(8) == 0
    assert following.stderr is not None
    assert following.stderr.read() == ""
    following.stderr.close()
    doorman.close()


@pytest.fixture
def doorman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], Doorman]]:
    """Opens a door that answers as it is told, named by the environment."""
    monkeypatch.setenv("HEMS_SOCKET", str(tmp_path / "s"))
    opened: list[Doorman] = []

    def open_(answer: Answer) -> Doorman:
        opened.append(Doorman(tmp_path / "s", answer))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()


def test_a_plain_terminal_is_told_plain_units(
    say: Say, doorman: Callable[[Answer], Doorman], monkeypatch: pytest.MonkeyPatch
) -> None:
    """API-152: who asks for the plain language of systems may see nothing else."""
    doorman(lambda request: reply(request, hemsError="HemsErrorNoError", devices={"ev1.cost.all.total": 5}))
    assert " uEUR " in say("counters")[1]
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert " µEUR " in say("counters")[1]


@pytest.mark.parametrize("command", ["counters", "sessions"])
def test_figures_can_be_had_without_the_service(say: Say, tmp_path: Path, command: str) -> None:
    code, out, err = say(command, "--socket", str(tmp_path / "none"))
    assert (code, out) == (3, "")
    assert err.endswith("; --data DIR reads the book without it\n")


def test_nobody_answers(say: Say, tmp_path: Path) -> None:
    """API-150: exit code 3, and what to do."""
    code, out, err = say("status", "--socket", str(tmp_path / "none"))
    assert (code, out) == (3, "")
    assert err == (
        f"hems: the service does not answer at {tmp_path}/none (No such file or directory); is it running?"
        " --socket or HEMS_SOCKET names another place\n"
    )
    assert say("status", "--socket", "x" * 200)[0] == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may connect everywhere")
def test_a_socket_of_others(say: Say, tmp_path: Path, doorman: Callable[[Answer], Doorman]) -> None:
    doorman(reply)
    (tmp_path / "s").chmod(0)
    code, out, err = say("status")
    assert (code, out) == (4, "")
    assert "no permission; join the group" in err


def test_no_permission_has_its_exit_code(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    """API-150."""

    class Closed(socket.socket):
        """A socket of others."""

        def connect(self, address: object) -> None:
            raise PermissionError

    monkeypatch.setattr(socket, "socket", Closed)
    code, out, err = say("status")
    assert (code, out) == (4, "")
    assert "no permission; join the group" in err


GREETING = "JSONRPC.Hello"


def test_a_reader_who_takes_his_time_is_no_slow_service(
    doorman: Callable[[Answer], Doorman], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is printed waits for a pager as long as that likes, also beyond the service's patience."""
    monkeypatch.setattr(clients, "READ_WITHIN_S", 0.3)
    doorman(lambda request: reply(request, hemsError="HemsErrorNoError", devices={"ev1.a.total": 1}))
    told: list[str] = []

    class Pager(io.StringIO):
        """A reader who looks at each line for a while."""

        def write(self, text: str) -> int:
            time.sleep(0.4)
            told.append(text)
            return len(text)

    monkeypatch.setattr(sys, "stdout", Pager())
    assert main(["counters"]) == 0
    assert "".join(told).startswith("ev1")


@pytest.mark.parametrize("command", ["status", "counters", "why", "sessions", "alarms", "set", "panel"])
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"hemsError": "HemsErrorNoError"},
        {
            "hemsError": "HemsErrorNoError",
            "view": [],
            "devices": 1,
            "whys": [1],
            "sessions": {},
            "settings": 0,
        },
        {"hemsError": "HemsErrorNoError", "view": {"time": "noon"}, "devices": {"a.b": "c"}, "frame": "AAA"},
    ],
)
def test_a_stranger_at_the_door_gets_no_traceback(
    say: Say, doorman: Callable[[Answer], Doorman], command: str, params: Request
) -> None:
    doorman(lambda request: reply(request, **params))
    code, out, err = say(command)
    assert (code in (1, 3)) or (code == 0 and "alarms" in out)
    assert err.count("\n") == (code != 0)


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: b"HTTP/1.1 400 Bad Request\r\n\r\n",
        lambda request: b"[1]\n",
        lambda request: b'{"id": 1, "status": "success", "params": "\xff"}\n',
        lambda request: None,
        lambda request: reply(request) if request["method"] == GREETING else None,
        lambda request: line(id=request["id"], status="success", params=[]),
    ],
)
def test_rude_doors_are_told_of_in_one_sentence(
    say: Say, doorman: Callable[[Answer], Doorman], answer: Answer
) -> None:
    doorman(answer)
    code, out, err = say("why")
    assert (code, out) == (3, "")
    assert err.count("\n") == 1


def test_a_door_that_knows_no_such_method_refuses(say: Say, doorman: Callable[[Answer], Doorman]) -> None:
    def old(request: Request) -> bytes:
        if request["method"] == GREETING:
            return reply(request)
        return line(id=request["id"], status="error", error="No such method")

    doorman(old)
    assert say("why") == (1, "", "hems: Hems.GetWhy: No such method\n")


def test_a_silent_door_is_waited_for_so_long_and_no_longer(
    say: Say, doorman: Callable[[Answer], Doorman], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "READ_WITHIN_S", 0.3)
    doorman(lambda request: b"")
    code, out, err = say("why")
    assert (code, out) == (3, "")
    assert "the service does not answer" in err


def test_a_door_that_drips_bytes_is_waited_for_no_longer(
    say: Say, doorman: Callable[[Answer], Doorman], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each drop comes within the patience of the socket; the whole command has its own."""
    monkeypatch.setattr(clients, "READ_WITHIN_S", 0.3)
    slow, dry = doorman(lambda request: b" "), threading.Event()

    def drip() -> None:
        for _ in range(100):
            if not dry.wait(0.05):
                slow.tell(b" ")

    dripping = threading.Thread(target=drip, daemon=True)
    dripping.start()
    began_s = time.monotonic()
    code, out, err = say("why")
    took_s = time.monotonic() - began_s
    dry.set()
    dripping.join()
    assert (code, out) == (3, "")
    assert "the service does not answer within 0.3 s" in err
    assert took_s < 3.0
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_question_that_cannot_be_answered_is_asked_of_the_person(
    doorman: Callable[[Answer], Doorman],
) -> None:
    """Two chargers, none, a zone that is not known here."""
    one = dict.fromkeys(("status", "limit_a", "power_w", "vehicle", "session_wh", "why"))
    names = ["garage", "carport"]

    def answer(request: Request) -> bytes:
        chargers = [{"name": name, "mode": "off", **one} for name in names]
        return reply(request, view={"chargers": chargers}, timeZone="Mars/Olympus")

    with Client(doorman(answer).path) as client:
        service = Service(client)
        with pytest.raises(HemsError, match=r"which charger\? --charger names one of garage, carport"):
            service.charger(None)
        assert service.charger("garage") == "garage"
        assert (service.mode("garage"), service.mode("barn")) == ("off", "")
        with pytest.raises(NotRunning, match="'Mars/Olympus' is not known here"):
            service.zone()
        names.clear()
        with pytest.raises(HemsError, match=r"which charger\? there is none"):
            service.charger(None)


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, "en_US"),
        ({"LANG": "de_AT.UTF-8"}, "de_AT"),
        ({"LANG": "de_AT.UTF-8", "LC_MESSAGES": "fr_FR@euro"}, "fr_FR"),
        ({"LANG": "de_AT", "LC_ALL": "C"}, "C"),
    ],
)
def test_the_language_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], wanted: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert locale() == wanted


def test_where_the_service_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """API-150: as named, by the environment, where it is installed."""
    monkeypatch.setenv("HEMS_SOCKET", "/b")
    assert (socket_path("/a"), socket_path(None)) == ("/a", "/b")
    monkeypatch.setenv("HEMS_SOCKET", "")
    assert socket_path(None) == "/run/hems/hems.sock"
