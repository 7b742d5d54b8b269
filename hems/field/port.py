"""An open serial port as the line sees it: bytes now or nothing, and every error in words."""

import contextlib
import errno
import os
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from hems.errors import PortError
from hems.model.site import Bus

SYSTEM_TTYS: Final = Path("/sys/class/tty")
LATENCY_MAX_MS: Final = 2
"""An adapter that waits longer before it hands over what it heard is slow."""
SHOWN: Final = "ls /dev/serial/by-path shows what is there"
REMEDIES: Final = {
    errno.EAGAIN: ("another program holds it", "stop that first, e.g. the hems service"),
    errno.EACCES: ("permission denied", "add this user to the group dialout"),
    errno.ENOENT: ("no such file or directory", SHOWN),
    errno.ENOTTY: ("is no serial port", SHOWN),
    errno.EISDIR: ("is no serial port", SHOWN),
}
"""What an error of a port means, and what can be done, by its number."""


class Port(Protocol):
    """An open serial port that never blocks."""

    def fileno(self) -> int:
        """The descriptor to watch."""
        ...

    def read(self, size: int) -> bytes:
        """What is there, at most `size` bytes; raises `PortError` when the port is gone."""
        ...

    def write(self, data: bytes) -> int:
        """How many bytes were taken; raises `PortError` when the port is gone."""
        ...

    def close(self) -> None:
        """Drop what has not left yet and release the port."""
        ...


class SerialDevice(Protocol):
    """What is needed of an opened device."""

    def fileno(self) -> int:
        """Its descriptor, non-blocking."""
        ...

    def reset_output_buffer(self) -> None:
        """Drop what has not left yet."""
        ...

    def close(self) -> None:
        """Release it."""
        ...


class DescriptorPort:
    """A port over an opened device: reads and writes go straight to its descriptor."""

    def __init__(self, name: str, device: SerialDevice) -> None:
        self._name = name
        self._device = device
        self._descriptor = device.fileno()

    def fileno(self) -> int:
        """The descriptor to watch."""
        return self._descriptor

    def read(self, size: int) -> bytes:
        """What is there; an end of file is a hang-up."""
        try:
            data = os.read(self._descriptor, size)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise _told(self._name, error) from None
        if not data:
            raise _told(self._name, OSError(errno.EIO, "hung up"))
        return data

    def write(self, data: bytes) -> int:
        """How many bytes were taken."""
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise _told(self._name, error) from None

    def close(self) -> None:
        """Drop the output first: a close with bytes left may hang for seconds. One that is gone is closed."""
        for step in (self._device.reset_output_buffer, self._device.close):
            with contextlib.suppress(OSError, termios.error):
                step()


@contextlib.contextmanager
def told(name: str) -> Iterator[None]:
    """Turn every error of a port into one `PortError` that names it."""
    try:
        yield
    except (OSError, ValueError, termios.error) as error:
        raise _told(name, error) from None


def open_serial(bus: Bus) -> Port:
    """Open a line's port with pyserial; raises `PortError` with the reason in words."""
    import serial

    if not bus.port:
        raise PortError(f"no port is named; {SHOWN}")
    # A pseudo-terminal has no parity: asking for it fails.
    plain = os.path.realpath(bus.port).startswith("/dev/pts/")
    with told(bus.port):
        device = serial.Serial(
            bus.port,
            bus.baud,
            parity="N" if plain else bus.parity,
            stopbits=1 if plain else bus.stop_bits,
            timeout=0,
            write_timeout=0,
            exclusive=True,
        )
        with contextlib.suppress(OSError, ValueError, NotImplementedError):
            device.set_low_latency_mode(True)
        # Nothing to read must differ from a hang-up: with VMIN = 1 only the latter is an empty read.
        attributes = termios.tcgetattr(device.fileno())
        attributes[6][termios.VMIN] = 1
        termios.tcsetattr(device.fileno(), termios.TCSANOW, attributes)
    return DescriptorPort(bus.port, device)


def latency_warning(path: str, system_ttys: Path = SYSTEM_TTYS) -> str:
    """What is wrong with the latency timer of a USB adapter, in words; empty if it is short, or has none."""
    row = system_ttys / Path(os.path.realpath(path)).name / "device" / "latency_timer"
    try:
        latency_ms = int(row.read_text())
    except (OSError, ValueError):
        return ""
    if latency_ms <= LATENCY_MAX_MS:
        return ""
    return f"{path}: USB latency timer {latency_ms} ms slows every exchange; the udev rule sets 1 ms"


def _told(name: str, error: BaseException) -> PortError:
    return PortError(f"{name}: {_words(error)}")


def _words(error: BaseException) -> str:
    """The reason; where the number is lost in a text, it is still with the error this one came from."""
    parts = (*error.args, *(error.__context__.args if error.__context__ else ()))
    number = next((part for part in parts if isinstance(part, int)), 0)
    if not number:
        return str(error) or "cannot be used"
    words, remedy = REMEDIES.get(number, (os.strerror(number).lower(), ""))
    return f"{words}; {remedy}" if remedy else words
