"""What is asked of the appliance itself: fixed commands, and what waits for the next start."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hems.clock import SystemClock
from hems.installing import Installer
from hems.journal.journal import create_book
from hems.journal.restore import read_book
from hems.model.intents import (
    ChangeRelease,
    Forget,
    Install,
    Reboot,
    Refusal,
    Rekey,
    Restart,
    SetClock,
    SetNetwork,
    Upkeep,
)
from hems.reactor import Reactor
from hems.upkeep import BACKUP, MACHINE, Commands, Upkeeper, do_at_start, network_fault

WALL = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)


class Bench:
    """A keeper in real time whose commands are small programs."""

    def __init__(self, folder: Path, commands: Commands = MACHINE) -> None:
        self.reactor = Reactor(SystemClock(UTC))
        self.folder = folder
        self.answers: list[Refusal | None] = []
        self.stops = 0
        self.judged: list[Path] = []
        installer = Installer(folder / "hems.toml", lambda path, _: self.judged.append(path), self.stop)
        self.keeper = Upkeeper(
            installer, folder, self.reactor, self.reactor.clock, self.stop, commands=commands
        )

    def stop(self) -> None:
        self.stops += 1

    def ask(self, upkeep: Upkeep) -> Refusal | None:
        """Its answer, waited for."""
        before = len(self.answers)
        self.keeper.ask(upkeep, "panel", self.answers.append)
        if len(self.answers) == before:
            self.reactor.run_until(self.reactor.clock.mono_s() + 20.0, lambda: len(self.answers) > before)
        assert len(self.answers) == before + 1
        return self.answers[-1]


def program(text: str) -> tuple[str, ...]:
    return (sys.executable, "-S", "-c", text)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    found = Bench(
        tmp_path,
        {
            Reboot: lambda _: [program("pass"), program("open('done', 'w')")],
            ChangeRelease: lambda _: [program("raise SystemExit('no bundle is offered')"), program("1 / 0")],
            SetNetwork: lambda _: [],
            SetClock: lambda _: [("/no/such/tool",)],
        },
    )
    yield found
    found.keeper.close()
    found.reactor.close()


def test_commands_run_one_after_the_other(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert bench.ask(Reboot()) is None
    assert (tmp_path / "done").exists()
    assert bench.ask(Reboot()) is None, "and again"


def test_a_commands_own_words_are_the_answer(bench: Bench) -> None:
    assert bench.ask(ChangeRelease("offered")) == Refusal("not_now", "no bundle is offered")
    words = "/no/such/tool: No such file or directory"
    assert bench.ask(SetClock(WALL)) == Refusal("unsupported", words)


def test_one_command_at_a_time(bench: Bench) -> None:
    bench.keeper.ask(Reboot(), "panel", bench.answers.append)
    bench.keeper.ask(Reboot(), "panel", bench.answers.append)
    assert [answer.code for answer in bench.answers if answer] == ["not_now"]


def test_where_there_is_no_machine_that_is_said(tmp_path: Path) -> None:
    answer = Bench(tmp_path, {}).ask(Reboot())
    assert answer == Refusal("unsupported", "there is no machine here that could do this")


@pytest.mark.parametrize("wall", [datetime(2025, 12, 31, tzinfo=UTC), datetime(2027, 1, 1)])
def test_a_time_before_this_program_was_made_is_refused(bench: Bench, wall: datetime) -> None:
    """PNL-60: refuses what lies before the build."""
    answer = bench.ask(SetClock(wall))
    assert answer is not None
    assert answer.code == "bad_value"


@pytest.mark.parametrize(
    "asked",
    [
        SetNetwork("192.168.1"),
        SetNetwork("192.168.1.40/24", "10.0.0.1"),
        SetNetwork("192.168.1.40/24", "x\nDHCP=yes"),
        SetNetwork("192.168.1.40/24\n[Link]"),
        SetNetwork("192.168.1.40/99"),
    ],
)
def test_an_address_that_is_none_is_refused(bench: Bench, asked: SetNetwork) -> None:
    answer = bench.ask(asked)
    assert answer is not None
    assert answer == Refusal("bad_value", network_fault(asked))


def test_the_commands_of_an_appliance() -> None:
    """PNL-60: what the machine is asked for, in its own words."""

    def words(asked: Upkeep) -> list[str]:
        return [" ".join(command) for command in MACHINE[type(asked)](asked)]

    assert words(SetClock(WALL)) == ["hems-upkeep clock 2026-11-21T14:30:00+00:00"]
    assert words(Reboot()) == ["hems-upkeep reboot"]
    assert words(SetNetwork(None, ssh=False)) == ["hems-upkeep ssh off"]
    assert words(SetNetwork()) == ["hems-upkeep network dhcp", "hems-upkeep ssh on"]
    fixed = SetNetwork("10.0.0.2/8", "10.0.0.1")
    assert network_fault(fixed) == ""
    assert words(fixed)[0] == "hems-upkeep network 10.0.0.2/8 10.0.0.1"
    assert words(ChangeRelease("offered")) == ["hems-upkeep release offered"]
    assert words(ChangeRelease("previous")) == ["hems-upkeep release previous"]


def test_the_installation_is_the_installers(bench: Bench, tmp_path: Path) -> None:
    bench.keeper.ask(Restart(), "panel", bench.answers.append)
    assert bench.judged == [tmp_path / "hems.toml"]
    bench.keeper.ask(Install(()), "panel", bench.answers.append)
    assert [answer.code for answer in bench.answers if answer] == ["not_now"]


@pytest.mark.parametrize(
    ("asked", "backup"), [(Forget(), False), (Forget(counters=True), True), (Rekey(), False)]
)
def test_what_concerns_the_memory_is_done_at_the_next_start(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: Upkeep, backup: bool
) -> None:
    """PNL-60: back to factory, counters kept unless ticked; CNT-17."""
    create_book(tmp_path)
    assert do_at_start(tmp_path) == ""
    assert bench.ask(asked) is None
    assert bench.stops == 1
    assert do_at_start(tmp_path) == ""
    assert (tmp_path / BACKUP).exists() is backup
    if backup:
        assert (tmp_path / BACKUP).stat().st_mode & 0o777 == 0o600
        assert '"access"' not in (tmp_path / BACKUP).read_text(), "neither PIN nor passwords"
    assert do_at_start(tmp_path) == ""
    assert read_book(tmp_path / "book") is not None


def test_what_cannot_be_done_at_the_start_is_told(tmp_path: Path) -> None:
    (tmp_path / "at-start").write_text("dance\n")
    for _ in range(3):
        assert "nobody knows how to do 'dance'" in do_at_start(tmp_path)
    (tmp_path / "at-start").write_text("reset\n")
    for _ in range(3):
        assert do_at_start(tmp_path).startswith("reset: ")
    assert do_at_start(tmp_path) == "", "it is tried at three starts"


def test_a_reset_that_failed_is_tried_again_at_two_more_starts(tmp_path: Path) -> None:
    """PNL-27: whoever gives the appliance away must be able to rely on it."""
    note = tmp_path / "at-start"
    note.write_text("reset\n")
    (tmp_path / "book").write_bytes(b"junk" * 1000)
    for left in (True, True, False):
        assert do_at_start(tmp_path).startswith("reset: ")
        assert note.exists() is left
    assert do_at_start(tmp_path) == ""


def test_what_cannot_be_written_down_is_refused(tmp_path: Path) -> None:
    answer = Bench(tmp_path / "not there").ask(Forget())
    assert answer is not None
    assert answer.code == "not_now"
