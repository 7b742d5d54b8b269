"""An appliance of real parts in a folder: the program itself, its keeper, an sshd on loopback."""

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hems_update import service
from hems_update.place import Place, load

from hems.journal.journal import create_book
from tests.deploy.test_cuts import written
from tests.deploy.workshop import appliance, make_key, packed

ROOT = Path(__file__).resolve().parents[2]
INSTALLATION = """
[site]
name = "Home"
time_zone = "Europe/Berlin"
main_fuse_a = [16, 16, 16]

[[bus]]
name = "rs485-a"
port = "/dev/absent"

[panel]
display = "none"

[api]
socket = "SOCKET"
"""
PATIENCE_S = 25.0
STARTED_S = 60.0


@dataclass(frozen=True, slots=True)
class Site:
    """The appliance, the folder it is in, and how ssh comes there."""

    place: Place
    folder: Path
    ssh_config: Path
    keepers: "list[subprocess.Popen[bytes]]"

    def start(self) -> None:
        """The machine starts: the service comes up, and what is on trial is judged."""
        self.keepers.append(subprocess.Popen([sys.executable, ROOT / "tests/deploy/keeper.py", self.folder]))

    def cut(self) -> None:
        """The power fails: the updater, the keeper and the service are gone from one moment to the next."""
        self.keepers[-1].kill()
        for name in ("update", "service"):
            pid = int((self.folder / f"{name}.pid").read_text())
            with contextlib.suppress(ProcessLookupError):
                if name == "update":
                    os.killpg(os.getpgid(pid), signal.SIGKILL)
                else:
                    os.kill(pid, signal.SIGKILL)
        self.keepers[-1].wait(10)

    def healthy(self, version: str) -> str:
        """ "" once this version runs, else what is wrong."""
        return service.healthy(self.place.socket, service.Wanted(version, None), STARTED_S, 0.5)

    def sending(self, bundle: Path) -> "subprocess.Popen[str]":
        """An update that is under way."""
        command = [str(ROOT / "deploy/update"), "-F", str(self.ssh_config), "box", str(bundle)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def update(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        """What a developer types."""
        command = [str(ROOT / "deploy/update"), "-F", str(self.ssh_config), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def the_program(version: str, *, told: str = "", changed: dict[str, str] | None = None) -> bytes:
    """The program as it stands here, under another version number, with lines added to some files.

    `told`: the version it says it is, if that is another.
    """
    told, changed = told or version, changed or {}
    files = {}
    for path in sorted((ROOT / "hems").rglob("*")):
        name = f"app/{path.relative_to(ROOT)}"
        if path.is_file() and "__pycache__" not in path.parts:
            files[name] = path.read_bytes() + changed.get(name, "").encode()
    files["app/hems/__init__.py"] = f'"""The program."""\n__version__ = "{told}"\n'.encode()
    about = f"Metadata-Version: 2.1\nName: hems\nVersion: {told}\n"
    files[f"app/hems-{told}.dist-info/METADATA"] = about.encode()
    return packed(files)


@contextmanager
def site(folder: Path, key: Path, first: bytes) -> Iterator[Site]:
    """An appliance that runs version 0.1.0."""
    place = _built(folder, key, first)
    with _sshd(folder) as ssh_config:
        there = Site(place, folder, ssh_config, [])
        there.start()
        try:
            assert not there.healthy("0.1.0"), (folder / "log").read_text()
            yield there
        finally:
            there.keepers[-1].send_signal(signal.SIGTERM)
            there.keepers[-1].wait(20)


def _built(folder: Path, key: Path, first: bytes) -> Place:
    """Folders, commands, an installation and an empty book."""
    tools, data = folder / "bin", folder / "data"
    tools.mkdir()
    data.mkdir()
    place = appliance(folder, key, "0.1.0")
    subprocess.run(["sh", "-c", f"zstd -dcq | tar -x -C {place.releases}/0.1.0"], input=first, check=True)
    config = written(place, folder)
    text = config.read_text().replace(
        '["true"]', f'["{sys.executable}", "{ROOT}/tests/deploy/keeper.py", "{folder}", "restart"]', 1
    )
    config.write_text(
        text.replace('"patience_s": 1.0', f'"patience_s": {PATIENCE_S}').replace(
            '"proof_s": 0.1', '"proof_s": 2'
        )
    )
    create_book(data)
    (folder / "hems.toml").write_text(INSTALLATION.replace("SOCKET", str(place.socket)))
    launcher = (ROOT / "deploy/files/usr/bin/hems").read_text()
    launcher = launcher.replace("/var/lib/hems-system", str(place.root)).replace(
        "/usr/bin/python3", sys.executable
    )
    _command(tools / "hems", "#!/bin/sh\nexport GPIOZERO_PIN_FACTORY=mock\n" + launcher)
    _command(
        tools / "hems-update",
        f"#!/bin/sh\necho $$ >{folder}/update.pid\nPYTHONPATH={ROOT}/deploy "
        f'exec {sys.executable} -m hems_update --config {config} "$@"\n',
    )
    return load(config)


def _command(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)


@contextmanager
def _sshd(folder: Path) -> Iterator[Path]:
    """A server of this user alone on a free port; the client's configuration."""
    daemon = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if daemon is None:
        pytest.skip("there is no sshd here; install openssh-server")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    host, mine = make_key(folder, "host"), make_key(folder, "mine")
    shutil.copy(mine.with_suffix(".pub"), folder / "authorized_keys")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = folder / "sshd_config"
    config.write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {host}\nAuthorizedKeysFile {folder}/authorized_keys\n"
        "StrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
        "PidFile none\n"
        f"SetEnv PATH={folder}/bin:{os.environ['PATH']}\n"
    )
    ssh_config = folder / "ssh_config"
    known = host.with_suffix(".pub").read_text()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {known}")
    ssh_config.write_text(
        f"Host box\n HostName 127.0.0.1\n Port {port}\n User {getpass.getuser()}\n IdentityFile {mine}\n"
        f" IdentitiesOnly yes\n UserKnownHostsFile {folder}/known_hosts\n"
        "Host nowhere\n HostName 127.0.0.1\n Port 1\n"
    )
    with (folder / "sshd.log").open("wb") as log:
        server = subprocess.Popen([daemon, "-D", "-e", "-f", config], stderr=log)
    try:
        _reached(port)
        yield ssh_config
    finally:
        server.terminate()
        server.wait(10)


def _reached(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(100):
        with socket.socket() as peer:
            if peer.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the sshd does not listen")
