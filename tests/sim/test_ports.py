"""Ports that come and go under one name (BUS-92)."""

import contextlib
import fcntl
import os
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from hems.sim.ports import PairPlace, PtyPlace


@pytest.fixture
def pty(tmp_path: Path) -> Iterator[PtyPlace]:
    place = PtyPlace(tmp_path / "port")
    yield place
    place.vanish()


def test_a_terminal_keeps_its_name_while_its_pair_changes(pty: PtyPlace, tmp_path: Path) -> None:
    """BUS-92: closing the far end is EIO for whoever holds the port; the name leads to a new pair."""
    far = pty.appear()
    held = os.open(tmp_path / "port", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    os.close(far)
    pty.vanish()
    pty.vanish()
    assert not (tmp_path / "port").is_symlink()
    with pytest.raises(OSError, match="Input/output error"):
        os.write(held, b"x")
    again = pty.appear()
    port = os.open(tmp_path / "port", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    os.write(port, b"\x01\x0d\x0a")
    assert os.read(again, 10) == b"\x01\x0d\x0a"
    for descriptor in (held, again, port):
        os.close(descriptor)


def test_a_held_terminal_cannot_be_locked_by_another(pty: PtyPlace, tmp_path: Path) -> None:
    pty.occupy(held=True)
    far = pty.appear()
    port = os.open(tmp_path / "port", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    with pytest.raises(BlockingIOError):
        fcntl.flock(port, fcntl.LOCK_EX | fcntl.LOCK_NB)
    pty.occupy(held=False)
    fcntl.flock(port, fcntl.LOCK_EX | fcntl.LOCK_NB)
    pty.occupy(held=True)
    os.close(port)
    os.close(far)


def test_a_stuck_terminal_takes_no_bytes(pty: PtyPlace, tmp_path: Path) -> None:
    pty.stick(stuck=True)
    far = pty.appear()
    port = os.open(tmp_path / "port", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    pty.stick(stuck=True)
    with contextlib.suppress(BlockingIOError):
        assert os.write(port, b"x") == 0
    pty.stick(stuck=False)
    assert os.write(port, b"y") == 1
    assert os.read(far, 10) == b"y"
    assert not termios.tcgetattr(port)[3] & termios.ECHO
    os.close(port)
    os.close(far)


def test_a_pair_of_sockets_is_there_before_its_far_end_is_taken() -> None:
    place = PairPlace()
    near = place.open()
    far = place.appear()
    near.send(b"x")
    assert os.read(far, 10) == b"x"
    os.write(far, b"old")
    again = place.open()
    with pytest.raises(BlockingIOError):
        again.recv(10)
    os.close(far)
    place.vanish()
    assert near.recv(10) == again.recv(10) == b""
    with pytest.raises(FileNotFoundError):
        place.open()
    other = place.appear()
    place.occupy(held=True)
    with pytest.raises(BlockingIOError):
        place.open()
    place.vanish()
    place.stick(stuck=True)
    for end in (near, again):
        end.close()
    os.close(other)
