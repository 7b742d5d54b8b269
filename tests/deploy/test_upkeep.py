"""What the service may have done to the machine (PNL-60, APL-14)."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hems_update.upkeep import act, network_text, run_command

DEPLOY = Path(__file__).parents[2] / "deploy"


class Machine:
    """Takes commands down; `refuses` says what a command answers."""

    def __init__(self, folder: Path, **refuses: str) -> None:
        self.folder = folder
        self.refuses = refuses
        self.ran: list[str] = []

    def run(self, command: Sequence[str]) -> str:
        self.ran.append(" ".join(command))
        return next((words for word, words in self.refuses.items() if word in command), "")

    def ask(self, line: str) -> str:
        return act(
            line,
            self.run,
            network=self.folder / "kept" / "10-hems.network",
            networks=self.folder / "run",
            shut=self.folder / "shut",
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_clock_is_set_and_the_network_goes_on_correcting_it(machine: Machine) -> None:
    assert machine.ask("clock 2026-11-21T15:30:00+01:00\n") == "ok"
    assert machine.ran == [
        "timedatectl set-ntp false",
        "timedatectl set-time 2026-11-21 14:30:00 UTC",
        "timedatectl set-ntp true",
    ]
    stubborn = Machine(machine.folder, **{"set-time": "Failed to set time"})
    assert stubborn.ask("clock 2026-11-21T15:30:00+01:00") == "Failed to set time"
    assert stubborn.ran[-1] == "timedatectl set-ntp true"


@pytest.mark.parametrize(
    "wall", ["yesterday", "2026-11-21T15:30:00", "2025-12-31T23:59:59+00:00", "2090-01-01T00:00:00+00:00"]
)
def test_a_time_that_cannot_be_is_not_set(machine: Machine, wall: str) -> None:
    assert "time" in machine.ask(f"clock {wall}")
    assert machine.ran == []


def test_a_fixed_address_is_kept_over_a_start_and_used_at_once(machine: Machine) -> None:
    assert machine.ask("network 192.168.1.40/24 192.168.1.1") == "ok"
    text = "[Match]\nType=ether\n\n[Network]\nAddress=192.168.1.40/24\nGateway=192.168.1.1\nDNS=192.168.1.1\n"
    for file in (machine.folder / "kept" / "10-hems.network", machine.folder / "run" / "10-hems.network"):
        assert file.read_text() == text
    assert machine.ran[-1] == "networkctl reload"
    assert machine.ask("network dhcp") == "ok"
    assert network_text(["dhcp"]) == (machine.folder / "run" / "10-hems.network").read_text()


@pytest.mark.parametrize(
    "line",
    [
        "network",
        "network 300.1.1.1/24",
        "network 192.168.1.40/24 10.0.0.1",
        "network a b c",
        "network x;reboot",
    ],
)
def test_what_is_no_address_changes_nothing(machine: Machine, line: str) -> None:
    assert machine.ask(line) != "ok"
    assert list(machine.folder.iterdir()) == []


def test_a_network_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    machine = Machine(tmp_path, **{"is-active": "inactive"})
    assert "managed by something else" in machine.ask("network dhcp")
    assert list(tmp_path.iterdir()) == []


def test_the_way_in_stays_shut_over_a_start(machine: Machine) -> None:
    assert machine.ask("ssh off") == "ok"
    assert (machine.folder / "shut").exists()
    assert machine.ask("ssh on") == "ok"
    assert not (machine.folder / "shut").exists()
    assert machine.ran == ["systemctl stop ssh.service", "systemctl start ssh.service"]


def test_nothing_else_is_done(machine: Machine) -> None:
    for line in ("", "\n", "sh -c reboot", "reboot now", "ssh maybe", "release evil", "clock", "x" * 500):
        assert machine.ask(line) == "nobody knows how to do this"
    assert machine.ran == []
    assert "no bundle" in machine.ask("release offered")
    assert machine.ask("reboot") == machine.ask("release previous") == "ok"


def test_a_command_that_fails_says_why() -> None:
    assert run_command(["true"]) == ""
    assert run_command(["sh", "-c", "echo why >&2; exit 3"]) == "why"
    assert run_command(["sh", "-c", "exit 3"]) == "sh ended with 3"
    assert "cannot be run" in run_command(["/nothing/here"])


def test_it_takes_one_line_and_gives_one() -> None:
    asked = [sys.executable, "-P", "-s", "-m", "hems_update.upkeep"]
    done = subprocess.run(
        asked,
        input="dance\n",
        capture_output=True,
        text=True,
        cwd=DEPLOY,
        check=True,
        env={"PYTHONPATH": str(DEPLOY)},
    )
    assert done.stdout == "nobody knows how to do this\n"


def test_without_the_socket_the_asking_side_says_so() -> None:
    asked = [sys.executable, "-IS", str(DEPLOY / "files" / "usr" / "bin" / "hems-upkeep"), "reboot"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "takes no such orders" in done.stdout
