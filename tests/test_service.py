"""``hems run`` as the service manager starts it: a real process, a real pseudo-terminal, a real book."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from hems.demo import BEGINS_AT
from hems.journal.change import plain
from hems.journal.journal import create_book
from hems.journal.recover import recover
from hems.sim.desk_link import HouseProcess
from hems.sim.scene import demo_house

RUN = [sys.executable, "-m", "hems", "run", "--config"]


@contextmanager
def running(installation: Path) -> "Iterator[subprocess.Popen[str]]":
    """The service with simulated pins, its log readable line by line; gone afterwards in any case."""
    surroundings = {**os.environ, "GPIOZERO_PIN_FACTORY": "mock"}
    with subprocess.Popen(
        [*RUN, str(installation)], env=surroundings, stderr=subprocess.PIPE, text=True
    ) as service:
        try:
            yield service
        finally:
            service.kill()


def heard(service: "subprocess.Popen[str]", *words: str) -> str:
    """The log until all of these have been said."""
    assert service.stderr is not None
    log = ""
    while missing := [word for word in words if word not in log]:
        line = service.stderr.readline()
        assert line, f"{missing} was never said: {log}"
        log += line
    return log


def test_the_service_starts_safe_says_why_and_ends_clean(tmp_path: Path) -> None:
    """CHG-3, PNL-5: first command 0 A, a reason for every set-point; no display and no clock hold it up."""
    house = HouseProcess(demo_house(1, "sunny", BEGINS_AT))
    installation = tmp_path / "hems.toml"
    text = files("hems.sim").joinpath("demo.toml").read_text()
    installation.write_text(text.replace("PORT", house.port))
    create_book(tmp_path)
    with running(installation) as service:
        log = heard(service, "garage: 0 A, starts in", "the display is lost")
        with running(installation) as second:
            _, complaint = second.communicate(timeout=10)
            assert second.returncode == 2
            assert "book" in complaint
            assert "Traceback" not in complaint
        service.send_signal(signal.SIGTERM)
        _, rest = service.communicate(timeout=10)
        assert service.returncode == 0
        assert "Traceback" not in log + rest
    truth = house.stop()
    assert truth["first_write_mono_s"] is not None
    assert truth["limit_a"]["garage"] == 0.0
    assert truth["violations"] == truth["early"] == 0


def test_a_line_that_is_not_there_is_said_in_words_and_the_rest_goes_on(tmp_path: Path) -> None:
    """BUS-7: the appliance starts without the line."""
    installation = tmp_path / "hems.toml"
    text = files("hems.sim").joinpath("demo.toml").read_text()
    installation.write_text(text.replace("PORT", str(tmp_path / "absent")))
    create_book(tmp_path)
    with running(installation) as service:
        heard(service, f"bus rs485-a: {tmp_path}/absent: no such file or directory")
        service.send_signal(signal.SIGINT)
        service.communicate(timeout=10)
        assert service.returncode == 0


def test_a_book_that_cannot_be_used_stops_nothing(tmp_path: Path) -> None:
    """JRN-2, JRN-25: an alarm, not a fresh start; the rescue book is kept beside it."""
    installation = tmp_path / "hems.toml"
    text = files("hems.sim").joinpath("demo.toml").read_text()
    installation.write_text(text.replace("PORT", str(tmp_path / "absent")))
    with running(installation) as service:
        log = heard(service, "garage: 0 A", "journal: ")
        service.send_signal(signal.SIGTERM)
        _, rest = service.communicate(timeout=10)
        assert service.returncode == 0
    assert "Traceback" not in log + rest
    assert "counting goes on in book.rescue" in log
    assert not (tmp_path / "book").exists()
    found = recover((tmp_path / "book.rescue").read_bytes())
    assert [row["kind"] for row in plain(found.state)["events"].values()] == [
        "booted",
        "alarm_raised",
        "stopped",
    ]
