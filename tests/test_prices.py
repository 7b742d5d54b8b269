"""Fetching day-ahead prices: CHG-82, against a server on this machine and in virtual time."""

import json
import random
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hems.prices as room
from hems.__main__ import main
from hems.clock import ManualClock, SystemClock
from hems.core.tariff import TariffRules, Window
from hems.errors import HemsError
from hems.model.instant import Instant
from hems.model.prices import Slot
from hems.price_file import LARGEST_BYTES, read
from hems.prices import (
    ADDRESSES,
    Errand,
    State,
    ask,
    believed,
    fetched,
    is_due,
    next_due,
    span,
    wanted,
)
from tests.test_config import SMALL

BERLIN = ZoneInfo("Europe/Berlin")
DAY = datetime(2026, 11, 21, tzinfo=BERLIN)
RULES = TariffRules("awattar-at", "standard")
ANSWERED = """{
  "object": "list",
  "data": [
    {"start_timestamp": 1795215600000, "end_timestamp": 1795219200000, "marketprice": 84.32,
     "unit": "Eur/MWh"},
    {"start_timestamp": 1795219200000, "end_timestamp": 1795222800000, "marketprice": 0.0, "unit": "Eur/MWh"},
    {"start_timestamp": 1795222800000, "end_timestamp": 1795226400000, "marketprice": -12.7,
     "unit": "Eur/MWh"}
  ],
  "url": "/at/v1/marketdata"
}"""


def answer(first: datetime, days: int, step: timedelta = timedelta(hours=1), eur_mwh: float = 80.0) -> str:
    """An answer as the provider gives it for whole local days, of 23 or 25 hours where the clock changes."""
    at = first.astimezone(UTC)
    rows: list[dict[str, object]] = []
    end = (first + timedelta(days=days)).astimezone(UTC)
    while at < end:
        rows.append(
            {
                "start_timestamp": round(at.timestamp() * 1000),
                "end_timestamp": round((at + step).timestamp() * 1000),
                "marketprice": eur_mwh + len(rows),
                "unit": "Eur/MWh",
            }
        )
        at += step
    return json.dumps({"object": "list", "data": rows, "url": "/at/v1/marketdata"})


class Market:
    """A provider on this machine; `says` is the next answer."""

    def __init__(self) -> None:
        self.status = 200
        self.says = answer(DAY, 2)
        self.asked: list[str] = []
        market = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                market.asked.append(self.path)
                body = market.says.encode()
                self.send_response(market.status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: object) -> None:
                """Not a word."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/v1/marketdata"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def market() -> Iterator[Market]:
    market = Market()
    yield market
    market.close()


@pytest.fixture
def errand(market: Market, tmp_path: Path) -> Errand:
    return Errand(market.address, RULES, tmp_path / "prices.json")


def at(hour: int, minute: int = 0, day: datetime = DAY) -> ManualClock:
    return ManualClock(day.replace(hour=hour, minute=minute))


def test_an_answer_in_the_providers_form() -> None:
    """CHG-80: UTC milliseconds, EUR/MWh, negative prices."""
    slots = believed(ANSWERED.encode(), Errand(ADDRESSES["awattar-at"], RULES, Path()))
    midnight = datetime(2026, 11, 20, 23, tzinfo=UTC)
    hours = [midnight + timedelta(hours=i) for i in range(4)]
    assert slots == (
        Slot(hours[0], hours[1], 0.08432),
        Slot(hours[1], hours[2], 0.0),
        Slot(hours[2], hours[3], -0.0127),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<html>", "its answer is no list of prices (JSON is malformed: invalid character (byte 0))"),
        ("[" * 9, "its answer is no list of prices"),
        ('{"x": ' + "[" * 100_000, "its answer is no list of prices (maximum recursion"),
        (ANSWERED.replace("84.32", "NaN"), "its answer is no list of prices"),
        (ANSWERED.replace("1795219200000,", "17952192000000000,", 1), "its answer is no list of prices"),
        (ANSWERED.replace("84.32", "84320"), "slot 1 (2026-11-20T23:00+00:00) costs 84.32 EUR/kWh"),
        (ANSWERED.replace("Eur/MWh", "ct/kWh", 1), "its prices are in 'ct/kWh', not in EUR/MWh"),
        ('{"data": []}', "0 slots; there must be 1 to 700"),
        (
            ANSWERED.replace('timestamp": 1795222800000, "m', 'timestamp": 1795221000000, "m'),
            "slot 3 begins at",
        ),
        (
            ANSWERED.replace(': 1795219200000, "e', ': 1795218000000, "e'),
            "slot 2 begins at 2026-11-20T23:40+00:00",
        ),
    ],
)
def test_an_answer_is_believed_as_a_whole_or_not_at_all(text: str, words: str) -> None:
    with pytest.raises(HemsError) as caught:
        believed(text.encode(), Errand(ADDRESSES["awattar-at"], RULES, Path()))
    assert str(caught.value).startswith(f"api.awattar.at: {words}")
    assert str(caught.value).endswith("; what is known stays")


def test_prices_arrive_in_the_file_and_the_next_look_is_later(errand: Errand, market: Market) -> None:
    """CHG-82: after 13:00 with tomorrow complete, six hours later; what is equal is not written again."""
    words = ask(errand, at(14), once=False)
    assert words == (
        f"{errand.path}: 48 slots, 2026-11-21 00:00+01:00 to 2026-11-23 00:00+01:00, 0.0800 to 0.1270 EUR/kWh"
    )
    assert len(read(errand.path, RULES).slots) == 48
    query = parse_qs(urlsplit(market.asked[0]).query)
    assert [int(query[key][0]) for key in ("start", "end")] == [1795215600000, 1795388400000]
    assert ask(errand, at(19, 59), once=True) == "not asked: it is not time before 2026-11-21 19:00:00+00:00"
    former = errand.path.stat().st_ino
    ask(errand, at(20), once=True)
    assert len(market.asked) == 2
    assert errand.path.stat().st_ino == former


def test_before_one_only_today_is_wanted_then_tomorrow_every_quarter(errand: Errand, market: Market) -> None:
    """CHG-82."""
    market.says = answer(DAY, 1)
    ask(errand, at(9), once=True)
    assert ask(errand, at(12, 59), once=True).startswith("not asked")
    for minute in (0, 15, 30):
        ask(errand, at(13, minute), once=True)
        assert ask(errand, at(13, minute + 14), once=True).startswith("not asked")
    market.says = answer(DAY, 2)
    ask(errand, at(13, 45), once=True)
    assert ask(errand, at(19, 44), once=True).startswith("not asked")
    assert len(market.asked) == 5
    assert len(read(errand.path, RULES).slots) == 48


def test_at_most_sixty_requests_a_local_day(errand: Errand, market: Market) -> None:
    """CHG-82: a failure counts; the count is remembered in a file of its own."""
    market.status = 503
    for _ in range(60):
        with pytest.raises(HemsError, match=r"^127\.0\.0\.1: answered 503; what is known stays$"):
            ask(errand, at(9), once=False)
    assert ask(errand, at(23, 59), once=False) == "not asked: 60 requests a day are enough"
    assert len(market.asked) == 60
    market.status = 200
    market.says = answer(DAY + timedelta(days=1), 2)
    assert "48 slots" in ask(errand, at(0, 0, DAY + timedelta(days=1)), once=True)


def test_a_failure_leaves_what_is_known(errand: Errand, market: Market) -> None:
    ask(errand, at(14), once=False)
    known = errand.path.read_bytes()
    market.says = answer(DAY, 1)
    assert ask(errand, at(15), once=False) == "kept what is known: the answer ends earlier"
    market.says = "maintenance"
    with pytest.raises(HemsError, match="its answer is no list of prices"):
        ask(errand, at(16), once=False)
    assert errand.path.read_bytes() == known


def test_a_spoiled_file_or_memory_is_mended_by_the_next_answer(errand: Errand, market: Market) -> None:
    errand.path.write_text("half a fi")
    for spoiled in ("half a st", '{"due": "2026-11-21T23:00:00"}'):
        errand.path.with_name("prices.state.json").write_text(spoiled)
        assert "48 slots" in ask(errand, at(14), once=True)
    assert len(read(errand.path, RULES).slots) == 48


def test_while_the_clock_is_not_sure_nothing_is_asked(errand: Errand, market: Market) -> None:
    assert ask(errand, ManualClock(DAY, trusted=False), once=False) == "not asked: the clock is not sure yet"
    assert market.asked == []


def test_a_timed_request_lingers_up_to_a_minute(
    errand: Errand, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CHG-82: jitter, so that not a whole country asks in one second."""
    monkeypatch.setattr(random, "uniform", lambda least, most: most)
    clock = at(14)
    ask(errand, clock, once=True)
    assert clock.mono_s() == pytest.approx(1060.0)
    clock = at(20)
    ask(errand, clock, once=False)
    assert clock.mono_s() == pytest.approx(1000.0)


def test_an_answer_without_end_is_cut_off(market: Market) -> None:
    market.says = "x" * (LARGEST_BYTES + 1)
    with pytest.raises(HemsError, match="the answer is too long or too slow; what is known stays"):
        fetched(market.address, at(9))


def test_an_answer_that_drips_is_given_up(market: Market) -> None:
    class Slow(ManualClock):
        """Half a minute passes between two looks at it."""

        def mono_s(self) -> float:
            self.advance(31.0)
            return super().mono_s()

    with pytest.raises(HemsError, match="the answer is too long or too slow"):
        fetched(market.address, Slow(DAY))


def test_nobody_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with pytest.raises(HemsError, match=r"^127\.0\.0\.1: does not answer \(.*\); what is known stays$"):
        fetched(f"http://127.0.0.1:{port}/", at(9))


def test_nobody_is_followed_elsewhere(market: Market) -> None:
    market.status = 302
    with pytest.raises(HemsError, match="answered 302"):
        fetched(market.address, at(9))
    assert market.asked == ["/v1/marketdata"]


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 10, 24), 49), (date(2026, 10, 25), 49), (date(2027, 3, 28), 47)]
)
def test_a_day_of_23_or_25_hours_is_asked_for_and_complete(day: date, hours: int) -> None:
    """CHG-80, CHG-82."""
    wall = datetime(day.year, day.month, day.day, 14, tzinfo=BERLIN)
    query = parse_qs(span(wall))
    assert int(query["end"][0]) - int(query["start"][0]) == hours * 3_600_000
    slots = believed(answer(wall.replace(hour=0), 2).encode(), Errand("", RULES, Path()))
    assert len(slots) == hours
    assert next_due(wall, slots) == wall.astimezone(UTC) + timedelta(hours=6)
    for spoiled in (slots[:-1], slots[hours // 2 + 2 :], ()):
        assert next_due(wall, spoiled) == wall.astimezone(UTC) + timedelta(minutes=15)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), st.integers(0, 3))
def test_the_next_time_is_never_far_and_no_publication_is_missed(moment: datetime, days: int) -> None:
    wall = moment.replace(tzinfo=UTC).astimezone(BERLIN)
    begins = datetime(wall.year, wall.month, wall.day, tzinfo=BERLIN)
    slots = (Slot(begins.astimezone(UTC), (begins + timedelta(days=days)).astimezone(UTC), 0.1),)
    due = next_due(wall, slots)
    assert timedelta(0) < due - wall <= timedelta(hours=6)
    one = datetime(wall.year, wall.month, wall.day, 13, tzinfo=BERLIN)
    late = timedelta(0) if days else timedelta(minutes=15)
    assert not wall < one < due - late, "from 13:00 on tomorrow is looked for"


def test_a_time_reckoned_by_a_wrong_clock_is_not_believed() -> None:
    assert is_due(State(), DAY)
    assert is_due(State(due=DAY), DAY)
    assert not is_due(State(due=DAY + timedelta(hours=6)), DAY)
    assert is_due(State(due=DAY + timedelta(hours=6, seconds=1)), DAY)


def told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], tariff: str, *options: str
) -> tuple[int, str, str]:
    """Exit code, output and complaint of ``hems prices`` with a tariff."""
    file = tmp_path / "hems.toml"
    file.write_text(SMALL + tariff)
    code = main(["prices", "--config", str(file), *options])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(room.ADDRESSES, "awattar-at", market.address)
    monkeypatch.setattr(SystemClock, "now", lambda self: Instant(self.mono_s(), DAY.replace(hour=14)))
    spot = '[tariff]\nprovider = "awattar-at"'
    code, out, err = told(tmp_path, capsys, spot)
    assert (code, err) == (0, "")
    assert out.startswith(f"{tmp_path / 'prices.json'}: 48 slots")
    assert told(tmp_path, capsys, spot, "--once")[1].startswith("not asked: it is not time before")
    (tmp_path / "data").mkdir()
    assert "48 slots" in told(tmp_path, capsys, spot, "--data", str(tmp_path / "data"))[1]
    assert (tmp_path / "data" / "prices.json").exists()
    market.status = 500
    code, out, err = told(tmp_path, capsys, spot)
    assert (code, out) == (2, "")
    assert err == "hems: 127.0.0.1: answered 500; what is known stays\n"


def test_the_command_has_nothing_to_ask_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for tariff in ("", '[tariff]\nprovider = "fixed"\neur_kwh = { standard = 0.3 }'):
        assert told(tmp_path, capsys, tariff, "--once") == (
            0,
            "nothing to ask for: the tariff takes no prices from outside\n",
            "",
        )


def test_the_command_looks_at_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tempo.csv"
    path.write_text("start,end,period\n2026-11-21T00:00:00+01:00,2026-11-22T00:00:00+01:00,blue\n")
    tariff = f'[tariff]\nprovider = "file"\nfile = "{path}"\neur_kwh = {{ blue = 0.16 }}'
    assert told(tmp_path, capsys, tariff)[1] == (
        f"{path}: 1 slots, 2026-11-21 00:00+01:00 to 2026-11-22 00:00+01:00\n"
    )
    path.write_text("start\n")
    assert told(tmp_path, capsys, tariff) == (
        2,
        "",
        f"hems: {path}: is empty; write one row for each hour or quarter of an hour\n",
    )


class Service:
    """A running service's door: whose prices it wants, and which it was given."""

    def __init__(self, folder: Path, provider: str, *, accepts: bool = True) -> None:
        self.provider = provider
        self.accepts = accepts
        self.given: list[dict[str, Any]] = []
        self.path = str(folder / "door.sock")
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(self.path)
        self.listener.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        while True:
            client, _ = self.listener.accept()
            with client, client.makefile("rb") as lines:
                for line in lines:
                    request = json.loads(line)
                    if request["method"] == "Test.End":
                        return
                    answer = {"id": request["id"], "status": "success", "params": self.answer(request)}
                    client.sendall(json.dumps(answer).encode() + b"\n")

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["method"] == "Hems.GetTariff":
            return {"hemsError": "HemsErrorNoError", "provider": self.provider or None}
        if request["method"] != "Hems.PutPrices":
            return {}
        self.given.append(request["params"])
        if self.accepts:
            return {"accepted": len(request["params"]["slots"])}
        return {"accepted": 0, "hemsError": "HemsErrorInvalidParameter", "reason": "the tariff is file"}

    def close(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as last:
            last.connect(self.path)
            last.sendall(b'{"id": 1, "method": "Test.End"}\n')
            self.thread.join(5.0)
        self.listener.close()


def test_the_service_says_whose_prices_it_wants(tmp_path: Path) -> None:
    """API-106: remembered for the time in which it does not run; only what can be chosen here is believed."""
    memory = tmp_path / "prices.state.json"
    house = TariffRules("static", "peak", (Window("off_peak", 0, 360),), eur_kwh={"peak": 0.3})
    service = Service(tmp_path, "awattar-de")
    in_force = wanted(house, service.path, memory)
    assert in_force == TariffRules("awattar-de", "peak", house.windows)
    service.close()
    assert wanted(house, service.path, memory) == in_force
    assert wanted(None, service.path, memory) == TariffRules("awattar-de")
    memory.write_text('{"provider": "enron"}')
    assert wanted(house, service.path, memory) is house
    assert wanted(None, service.path, memory) is None
    memory.unlink()
    assert wanted(house, "", memory) is house
    assert not memory.exists()


def test_a_running_service_takes_the_prices_itself(errand: Errand, market: Market, tmp_path: Path) -> None:
    """API-106: through its door, and no file is written beside it."""
    service = Service(tmp_path, "awattar-at")
    errand = replace(errand, service=service.path)
    assert "48 slots" in ask(errand, at(14), once=False)
    assert not errand.path.exists()
    (given,) = service.given
    assert (given["provider"], len(given["slots"])) == ("awattar-at", 48)
    assert given["slots"][0] == {
        "start": "2026-11-20T23:00:00+00:00",
        "end": "2026-11-21T00:00:00+00:00",
        "price_eur_kwh": 0.08,
    }
    service.accepts = False
    with pytest.raises(HemsError, match="the tariff is file; what is known stays"):
        ask(errand, at(20), once=False)
    service.close()
    ask(errand, at(21), once=False)
    assert len(read(errand.path, RULES).slots) == 48, "while it does not run they wait in the file"
