"""An open serial port as the line sees it: bytes now or nothing, and every error in words."""

import contextlib
import errno
import os
import termios
from collections.abc import Iterator
from typing import Protocol

from hems.errors import PortError


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
        data = b""
        with told(self._name), contextlib.suppress(BlockingIOError):
            data = os.read(self._descriptor, size)
            if not data:
                raise OSError(errno.EIO, "hung up")
        return data

    def write(self, data: bytes) -> int:
        """How many bytes were taken."""
        taken = 0
        with told(self._name), contextlib.suppress(BlockingIOError):
            taken = os.write(self._descriptor, data)
        return taken

    def close(self) -> None:
        """Drop the output first: a close with bytes left may hang for seconds."""
        with contextlib.suppress(OSError, termios.error):
            self._device.reset_output_buffer()
        self._device.close()


@contextlib.contextmanager
def told(name: str) -> Iterator[None]:
    """Turn every error of a port into one `PortError` that names it."""
    try:
        yield
    except (OSError, ValueError, termios.error) as error:
        raise PortError(f"{name}: {_words(error)}") from None


def _words(error: BaseException) -> str:
    """The reason; where the number is lost in a text, it is still with the error this one came from."""
    parts = (*error.args, *(error.__context__.args if error.__context__ else ()))
    number = next((part for part in parts if isinstance(part, int)), 0)
    match number:
        case 0:
            return str(error) or "cannot be used"
        case errno.EAGAIN:
            return "another program holds it"
        case errno.ENOTTY:
            return "is no serial port"
        case _:
            return os.strerror(number).lower()
