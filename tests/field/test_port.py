"""An open port in words: BUS-1, BUS-7."""

import os
import pty
import tty

import pytest

from hems.errors import PortError
from hems.field.port import DescriptorPort, open_serial, told
from hems.model.site import Bus


def test_bytes_go_through_without_blocking_and_a_hang_up_is_told() -> None:
    master, follower = pty.openpty()
    tty.setraw(follower)
    name = os.ttyname(follower)
    port = open_serial(Bus(name="a", port=name, parity="E", stop_bits=2))
    assert port.read(10) == b""
    assert port.write(b"abc") == 3
    assert os.read(master, 10) == b"abc"
    os.write(master, b"xyz")
    assert port.read(2) == b"xy"
    assert port.read(10) == b"z"
    os.close(master)
    with pytest.raises(PortError, match=rf"^{name}: input/output error$"):
        port.read(10)
    with pytest.raises(PortError, match=rf"^{name}: input/output error$"):
        port.write(b"abc")
    port.close()
    os.close(follower)


def test_a_missing_port_is_named() -> None:
    with pytest.raises(PortError, match=r"^/dev/none: no such file or directory$"):
        open_serial(Bus(name="a", port="/dev/none"))


@pytest.mark.parametrize("name", ["/etc/passwd", "/dev/null"])
def test_what_is_no_serial_port_is_said_in_words(name: str) -> None:
    with pytest.raises(PortError, match=rf"^{name}: is no serial port$"):
        open_serial(Bus(name="a", port=name))


def test_the_words_are_never_empty() -> None:
    with pytest.raises(PortError, match=r"^a: cannot be used$"), told("a"):
        raise OSError
    with pytest.raises(PortError, match=r"^a: not this speed$"), told("a"):
        raise ValueError("not this speed")


class _Full:
    """A pipe nobody empties, as an opened device."""

    def __init__(self) -> None:
        self.source, self.sink = os.pipe()
        os.set_blocking(self.sink, False)
        self.dropped = False

    def fileno(self) -> int:
        return self.sink

    def reset_output_buffer(self) -> None:
        self.dropped = True
        raise OSError("no terminal")

    def close(self) -> None:
        os.close(self.sink)
        os.close(self.source)


def test_a_full_output_takes_nothing_and_is_dropped_at_the_close() -> None:
    device = _Full()
    port = DescriptorPort("full", device)
    while port.write(b"x" * 4096):
        pass
    port.close()
    assert device.dropped


def test_a_clean_end_of_file_is_a_hang_up() -> None:
    source, sink = os.pipe()
    device = _Full()
    device.close()
    device.sink, device.source = source, sink
    port = DescriptorPort("gone", device)
    os.close(sink)
    with pytest.raises(PortError, match=r"^gone: input/output error$"):
        port.read(1)
    os.close(source)
