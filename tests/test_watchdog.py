"""Signs of life for the service manager."""

import socket
from pathlib import Path

from hems.watchdog import Watchdog


def test_ready_once_then_alive_then_stopping(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        watchdog = Watchdog({"NOTIFY_SOCKET": path})
        watchdog.cycle_completed()
        watchdog.cycle_completed()
        watchdog.stopping()
        watchdog.close()
        said = [manager.recv(64) for _ in range(3)]
    assert said == [b"READY=1\nWATCHDOG=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_an_abstract_address_works() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0hems-test-notify")
        watchdog = Watchdog({"NOTIFY_SOCKET": "@hems-test-notify"})
        watchdog.cycle_completed()
        watchdog.close()
        assert manager.recv(64).startswith(b"READY=1")


def test_without_a_manager_nothing_happens_and_a_vanished_one_does_no_harm(tmp_path: Path) -> None:
    silent = Watchdog({})
    silent.cycle_completed()
    silent.close()
    orphan = Watchdog({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    orphan.cycle_completed()
    orphan.close()
    orphan.stopping()
