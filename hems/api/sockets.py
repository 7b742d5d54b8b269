"""Listening sockets, and who is at the far end of a connection (API-10, API-11)."""

import grp
import logging
import os
import socket
import stat
import struct
from dataclasses import dataclass
from typing import Final

from hems.api.rows import Transport
from hems.errors import HemsError
from hems.model.endpoint import Endpoint

log = logging.getLogger(__name__)

MODE: Final = 0o660
PRIVATE: Final = 0o177
KEEP_ALIVE_S: Final = 60
CREDENTIALS: Final = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that takes connections of one kind; `path` is the file of a Unix socket."""

    socket: socket.socket
    transport: Transport
    path: str = ""

    def close(self) -> None:
        """Take no more connections."""
        self.socket.close()
        if self.path:
            _remove(self.path)


def listen_unix(path: str, group: str, waiting: int) -> Listener:
    """A Unix socket for the group; a stale file is removed only if nobody answers on it."""
    _clear(path)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(PRIVATE)
    try:
        made.bind(path)
    except OSError as error:
        made.close()
        raise HemsError(f"the socket {path} cannot be made ({error.strerror or error})") from None
    finally:
        os.umask(before)
    _share(path, group)
    made.setblocking(False)
    made.listen(waiting)
    return Listener(made, "unix", path)


def listen_tcp(where: Endpoint, transport: Transport, waiting: int) -> Listener:
    """A TCP socket; ``::`` takes IPv4 connections as well."""
    made = socket.socket(socket.AF_INET6 if where.six else socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if where.six:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        made.bind((where.host, where.port))
        made.setblocking(False)
        made.listen(waiting)
    except OSError as error:
        made.close()
        raise HemsError(f"port {where.port} of {where.host} cannot be used ({error.strerror})") from None
    return Listener(made, transport)


def prepare(peer: socket.socket, transport: Transport) -> tuple[str, str]:
    """Make a new connection ours: never waiting, kept alive. Its address, and words for the log."""
    peer.setblocking(False)
    if transport == "unix":
        credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
        pid, uid, _ = CREDENTIALS.unpack(credentials)
        return "", f"uid {uid}, pid {pid}"
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEP_ALIVE_S)
    host = str(peer.getpeername()[0])
    return host, host


def _clear(path: str) -> None:
    """Remove a socket file that nobody answers on; anything else in its place is an error."""
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise HemsError(f"{path} is there and is no socket; remove it or name another")
    except FileNotFoundError:
        return
    except OSError as error:
        raise HemsError(f"the socket {path} cannot be looked at ({error.strerror})") from None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            _remove(path)
            return
        except OSError as error:
            raise HemsError(f"the socket {path} cannot be taken ({error.strerror})") from None
    raise HemsError(f"somebody answers on {path} already; is the service running?")


def _share(path: str, group: str) -> None:
    """Let the group in; without that group only our own user may connect."""
    try:
        wanted = grp.getgrnam(group).gr_gid
        if os.stat(path).st_gid != wanted:  # a hardened service may not even ask for what it has
            os.chown(path, -1, wanted)
        os.chmod(path, MODE)
    except (KeyError, PermissionError):
        log.warning("the socket %s cannot be given to the group %s; only this user may connect", path, group)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError as error:
        log.warning("the socket %s cannot be removed: %s", path, error.strerror)
