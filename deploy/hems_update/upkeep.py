"""What the service may have done to the machine, by verbs that are judged here: it has no rights of its own.

Started by a socket that only the service's group may write to; one line in, one line out: ``ok``, or why not.
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

NETWORK = Path("/var/lib/hems-system/network/10-hems.network")
SHUT = Path("/var/lib/hems-system/ssh/shut")
NETWORKS = Path("/run/systemd/network")
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
LATEST = EARLIEST + timedelta(days=30 * 365)
LINE_MAX = 200

Run = Callable[[Sequence[str]], str]
"""Runs a command; "" if it did what it should, else its words."""


def act(line: str, run: Run, *, network: Path = NETWORK, networks: Path = NETWORKS, shut: Path = SHUT) -> str:
    """Do what one line asks for."""
    match line.split():
        case ["reboot"]:
            return run(["systemctl", "--no-block", "reboot"]) or "ok"
        case ["clock", wall]:
            return _clock(wall, run)
        case ["network", *address]:
            return _network(address, run, network, networks)
        case ["ssh", ("on" | "off") as turn]:
            return _ssh(turn, run, shut)
        case ["release", "previous"]:
            return (
                run(["systemd-run", "--no-block", "--collect", "/usr/sbin/hems-update", "--rollback"]) or "ok"
            )
        case ["release", "offered"]:
            return "no bundle is offered; send one: deploy/update HOST BUNDLE"
        case _:
            return "nobody knows how to do this"


def network_text(address: Sequence[str]) -> str:
    """The file of the network manager; a `ValueError` for what is no address."""
    head = "[Match]\nType=ether\n\n[Network]\n"
    if list(address) == ["dhcp"]:
        return head + "DHCP=yes\n"
    if not 1 <= len(address) <= 2:
        raise ValueError("an address and perhaps a gateway are expected")
    own = IPv4Interface(address[0])
    rows = [f"Address={own}"]
    if len(address) == 2:
        gateway = IPv4Address(address[1])
        if gateway not in own.network:
            raise ValueError(f"the gateway {gateway} is not in the network of {own}")
        rows += [f"Gateway={gateway}", f"DNS={gateway}"]
    return head + "\n".join(rows) + "\n"


def _clock(wall: str, run: Run) -> str:
    """Set the clock; the network goes on correcting it, whatever came of that."""
    try:
        at = datetime.fromisoformat(wall)
    except ValueError:
        return f"{wall} is no time"
    if at.tzinfo is None or not EARLIEST <= at <= LATEST:
        return f"the time lies outside of {EARLIEST:%Y} to {LATEST:%Y}"
    run(["timedatectl", "set-ntp", "false"])
    words = run(["timedatectl", "set-time", f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"])
    run(["timedatectl", "set-ntp", "true"])
    return words or "ok"


def _network(address: Sequence[str], run: Run, kept: Path, networks: Path) -> str:
    try:
        text = network_text(address)
    except ValueError as error:
        return str(error)
    if words := run(["systemctl", "-q", "is-active", "systemd-networkd"]):
        return f"the network of this machine is managed by something else ({words})"
    for file in (kept, networks / kept.name):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="ascii")
    return run(["networkctl", "reload"]) or "ok"


def _ssh(turn: str, run: Run, shut: Path) -> str:
    """Open or shut the way in; it stays so over a start."""
    if turn == "off":
        shut.touch()
        return run(["systemctl", "stop", "ssh.service"]) or "ok"
    shut.unlink(missing_ok=True)
    return run(["systemctl", "start", "ssh.service"]) or "ok"


def run_command(command: Sequence[str]) -> str:
    """Run one for at most 20 s."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{command[0]} cannot be run: {error}"
    if done.returncode == 0:
        return ""
    words = (done.stderr or done.stdout).strip().splitlines()
    return words[-1] if words else f"{command[0]} ended with {done.returncode}"


def main() -> int:
    """One line from the standard input."""
    line = sys.stdin.readline(LINE_MAX)
    try:
        said = act(line, run_command)
    except OSError as error:
        said = f"{error.filename}: {error.strerror}"
    print(said, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
