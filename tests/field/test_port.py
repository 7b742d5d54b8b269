"""An open port in words: BUS-1, BUS-7."""

import os
import pty
import termios
import tty
from pathlib import Path

import pytest

from hems.errors import PortError
from hems.field.port import REMEDIES, SHOWN, DescriptorPort, latency_warning, open_serial, told
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
    with pytest.raises(PortError, match=rf"^/dev/none: no such file or directory; {SHOWN}$"):
        open_serial(Bus(name="a", port="/dev/none"))


@pytest.mark.parametrize("name", ["/etc/passwd", "/dev/null"])
def test_what_is_no_serial_port_is_said_in_words(name: str) -> None:
    with pytest.raises(PortError, match=rf"^{name}: is no serial port; {SHOWN}$"):
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


@pytest.mark.parametrize(
    ("text", "warned"), [("16\n", True), ("1\n", False), ("2\n", False), ("fast", False)]
)
def test_a_slow_usb_adapter_is_told(tmp_path: Path, text: str, warned: bool) -> None:
    """BUS-85: by the timer of the device behind the path."""
    row = tmp_path / "sys" / "ttyUSB7" / "device" / "latency_timer"
    row.parent.mkdir(parents=True)
    row.write_text(text)
    (tmp_path / "ttyUSB7").touch()
    alias = tmp_path / "rs485-a"
    alias.symlink_to(tmp_path / "ttyUSB7")
    words = latency_warning(str(alias), tmp_path / "sys")
    assert (f"{alias}: USB latency timer 16 ms" in words) is warned
    assert latency_warning("/dev/ttyAMA0", tmp_path / "sys") == ""


def test_low_latency_is_asked_for_and_never_fatal(monkeypatch: pytest.MonkeyPatch) -> None:
    """BUS-85: a pseudo-terminal refuses it, and opens all the same."""
    asked: list[object] = []

    def refuse(device: object, wanted: bool) -> None:
        asked.append(wanted)
        raise ValueError("Failed to update ASYNC_LOW_LATENCY flag")

    monkeypatch.setattr("serial.Serial.set_low_latency_mode", refuse)
    master, follower = pty.openpty()
    open_serial(Bus(name="a", port=os.ttyname(follower))).close()
    assert asked == [True]
    os.close(master)
    os.close(follower)


def test_settings_are_applied_at_every_opening() -> None:
    """BUS-7: whatever the port was set to in between."""
    master, follower = pty.openpty()
    bus = Bus(name="a", port=os.ttyname(follower), baud=38400)
    open_serial(bus).close()
    attributes = termios.tcgetattr(follower)
    attributes[4] = attributes[5] = termios.B1200
    termios.tcsetattr(follower, termios.TCSANOW, attributes)
    port = open_serial(bus)
    assert termios.tcgetattr(follower)[4:6] == [termios.B38400, termios.B38400]
    assert termios.tcgetattr(follower)[6][termios.VMIN] == 1
    port.close()
    os.close(master)
    os.close(follower)


def test_a_port_that_is_gone_is_closed_without_complaint() -> None:
    """BUS-7: what an unplugged adapter says at the close must not reach the line."""

    class Gone(_Full):
        def reset_output_buffer(self) -> None:
            raise termios.error(5, "Input/output error")

        def close(self) -> None:
            super().close()
            raise OSError(5, "Input/output error")

    DescriptorPort("a", Gone()).close()


@pytest.mark.parametrize("number", sorted(REMEDIES))
def test_what_can_be_done_is_said(number: int) -> None:
    """Row 28: held, not there, forbidden, no port."""
    words, remedy = REMEDIES[number]
    with pytest.raises(PortError, match=f"^port: {words}; {remedy}$"), told("port"):
        raise OSError(number, "in the system's words")


def test_a_port_without_a_name_is_not_opened() -> None:
    with pytest.raises(PortError, match=f"^no port is named; {SHOWN}$"):
        open_serial(Bus(name="a", port=""))
