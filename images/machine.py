"""An emulated machine with the image's card in it: started, asked over SSH, cut from its power.

`qemu-system-aarch64 -M virt` with the boot loader Debian ships for it, the card as a disk, a watchdog that
resets, a port on loopback that leads to the appliance's SSH and, if wanted, a second UART as its RS-485 line.
"""

import base64
import json
import re
import shlex
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

LOADER: Final = Path("/usr/lib/u-boot/qemu_arm64/u-boot.bin")
KNOCK_EVERY_S: Final = 2.0
SSH_WITHIN_S: Final = 40.0
END_WITHIN_S: Final = 10.0
SUDO: Final = "hems-admin ALL=(root) NOPASSWD: ALL\n"
"""Laid into the running system by the emulator's firmware: faults are made inside an unchanged image."""
PATIENT: Final = "[Service]\nTimeoutStartSec=5min\nTimeoutStopSec=2min\nWatchdogSec=60\n"
"""An emulated machine is many times slower than the Pi that the limits of the service are meant for."""
PATIENCE_S: Final = 240.0
"""What the updater's 45 s are on such a machine."""


class WrongError(Exception):
    """Something is not as the appliance promises, in one sentence."""


@dataclass(frozen=True, slots=True)
class Outfit:
    """What the machine is made of; `line` is the serial port its RS-485 line ends in, `port` leads to SSH."""

    card: Path
    folder: Path
    port: int
    cpu: str = "cortex-a53"
    line: str = ""

    @property
    def console(self) -> Path:
        """The log of its serial console."""
        return self.folder / "console.log"

    @property
    def key(self) -> Path:
        """The private key whose public part lies on the card."""
        return self.folder / "key"


def free_port() -> int:
    """A port of loopback nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def emulator(outfit: Outfit) -> list[str]:
    """The command that starts it."""
    line = []
    if outfit.line:
        line = ["-chardev", f"serial,id=line,path={outfit.line}", "-device", "pci-serial,chardev=line"]
    return [
        *("qemu-system-aarch64", "-M", "virt,gic-version=2", "-cpu", outfit.cpu, "-smp", "2", "-m", "1024"),
        *("-accel", "tcg,thread=multi", "-bios", str(LOADER), "-display", "none", "-monitor", "none"),
        *("-chardev", f"file,id=console,path={outfit.console},append=on", "-serial", "chardev:console"),
        *("-drive", f"if=none,id=card,format=raw,file={outfit.card}", "-device", "virtio-blk-pci,drive=card"),
        *("-netdev", f"user,id=net,hostfwd=tcp:127.0.0.1:{outfit.port}-:22"),
        *("-device", "virtio-net-pci,netdev=net,romfile="),
        *("-device", "i6300esb", "-action", "watchdog=reset", "-device", "virtio-rng-pci"),
        *given("tmpfiles.extra", outfit.folder / "tmpfiles"),
        *line,
    ]


def given(name: str, file: Path) -> list[str]:
    """What hands the system a credential as the firmware of a virtual machine does."""
    return ["-fw_cfg", f"name=opt/io.systemd.credentials/{name},file={file}"]


def admitted() -> str:
    """Rows that let the test do inside what only root may, and the updater wait for a slow machine."""
    update = json.loads((Path(__file__).parent / "update.json").read_text(encoding="utf-8"))
    update["patience_s"] = PATIENCE_S
    files = {
        ("/etc/sudoers.d/zz-test", "0440"): SUDO,
        ("/etc/hems/update.json", "0644"): json.dumps(update),
        ("/run/systemd/system/hems.service.d/patient.conf", "0644"): PATIENT,
    }
    return "".join(
        f"f+~ {path} {mode} root root - {base64.b64encode(text.encode()).decode()}\n"
        for (path, mode), text in files.items()
    )


class Machine:
    """One emulated machine; `resets` counts how often its boot loader has begun."""

    def __init__(self, outfit: Outfit) -> None:
        self.outfit = outfit
        self._process: subprocess.Popen[bytes] | None = None
        (outfit.folder / "tmpfiles").write_text(admitted(), encoding="ascii")

    def on(self) -> None:
        """Give it power."""
        log = (self.outfit.folder / "emulator.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                emulator(self.outfit), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def off(self) -> None:
        """Cut its power, whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(END_WITHIN_S)
            self._process = None
        self._hang_up()

    def attach(self, line: str) -> None:
        """Let its RS-485 line end in this port from the next start on."""
        self.outfit = replace(self.outfit, line=line)

    def said(self) -> str:
        """All that its console has printed since it was made."""
        try:
            return self.outfit.console.read_bytes().decode("utf-8", "replace")
        except OSError:
            return ""

    @property
    def resets(self) -> int:
        """How often its boot loader has begun."""
        return len(re.findall(r"^U-Boot 20", self.said(), re.MULTILINE))

    def run(
        self, command: str, *, within_s: float = SSH_WITHIN_S, data: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in it as who updates it; 255 = nobody answers."""
        asked = [*self._ssh(), "hems-admin@127.0.0.1", command]
        try:
            with (data or Path("/dev/null")).open("rb") as source:
                return subprocess.run(
                    asked, stdin=source, capture_output=True, text=True, timeout=within_s, check=False
                )
        except subprocess.TimeoutExpired:
            self._hang_up()
            return subprocess.CompletedProcess(asked, 255, "", f"no answer within {within_s:.0f} s")

    def begin(self, command: str, data: Path | None = None) -> "subprocess.Popen[str]":
        """Begin a command in it that is not waited for."""
        with (data or Path("/dev/null")).open("rb") as source:
            return subprocess.Popen(
                [*self._ssh(), "hems-admin@127.0.0.1", command],
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def tell(self, command: str, *, within_s: float = SSH_WITHIN_S) -> str:
        """What a command prints as root; `WrongError` if it fails."""
        done = self.run(f"sudo sh -c {shlex.quote(command)}", within_s=within_s)
        if done.returncode:
            raise WrongError(f"{command}: {(done.stderr or done.stdout).strip() or done.returncode}")
        return done.stdout.strip()

    def await_answer(self, within_s: float) -> float:
        """Wait until SSH answers; the seconds it took."""
        return self.wait("ssh answers", within_s, lambda: self.run("true", within_s=15).returncode == 0)

    def await_reset(self, resets: int, within_s: float) -> float:
        """Wait until it has begun once more than so often; the seconds it took."""
        took_s = self.wait("a reset", within_s, lambda: self.resets > resets)
        self._hang_up()
        return took_s

    def wait(self, what: str, within_s: float, come: Callable[[], object]) -> float:
        """Wait until something has come; the seconds it took, `WrongError` if it does not."""
        began_s = time.monotonic()
        while not come():
            if self._process is not None and self._process.poll() is not None:
                raise WrongError(
                    f"the emulator ended with {self._process.returncode}; see {self.outfit.folder}"
                )
            if time.monotonic() - began_s > within_s:
                raise WrongError(f"{what}: not within {within_s:.0f} s")
            time.sleep(KNOCK_EVERY_S)
        return time.monotonic() - began_s

    def _ssh(self) -> list[str]:
        settings = {
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
            "ConnectTimeout": "12",
            "ServerAliveInterval": "5",
            "ServerAliveCountMax": "4",
            "ControlMaster": "auto",
            "ControlPath": str(self.outfit.folder / "ssh"),
            "ControlPersist": "60",
            "BatchMode": "yes",
        }
        options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        return ["ssh", "-i", str(self.outfit.key), "-p", str(self.outfit.port), *options]

    def _hang_up(self) -> None:
        """Forget the connection that is kept open between two commands."""
        asked = [*self._ssh(), "-O", "exit", "hems-admin@127.0.0.1"]
        subprocess.run(asked, capture_output=True, check=False)
