"""Keys, bundles and an appliance in a folder, with a service that answers as it is told."""

import hashlib
import io
import json
import socket
import subprocess
import tarfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hems_update.manifest import here
from hems_update.place import Place

HEAD = 'hems namespaces="hems-update" '


def make_key(folder: Path, name: str = "key") -> Path:
    """A private key; its public part lies beside it."""
    file = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)], check=True)
    return file


def signers_of(*keys: Path) -> str:
    """The rows that let these keys sign."""
    return "".join(HEAD + key.with_suffix(".pub").read_text() for key in keys)


def signed(manifest: bytes, key: Path) -> bytes:
    """The signature of a manifest."""
    asked = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", "hems-update", "-"]
    return subprocess.run(asked, input=manifest, capture_output=True, check=True).stdout


def packed(files: dict[str, bytes]) -> bytes:
    """A compressed archive of a program's files."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return compressed(plain.getvalue())


def compressed(plain: bytes) -> bytes:
    """Bytes as `zstd` packs them."""
    return subprocess.run(["zstd", "-qc"], input=plain, capture_output=True, check=True).stdout


def archive(*members: tuple[str, bytes]) -> bytes:
    """A plain archive."""
    bundle = io.BytesIO()
    with tarfile.open(fileobj=bundle, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return bundle.getvalue()


def manifest_of(payload: bytes, version: str, /, **told: Any) -> dict[str, Any]:
    """A manifest that fits a payload, but for what is told otherwise."""
    return {
        "product": "hems",
        "kind": "app",
        "version": version,
        "minimum": "0.1.0",
        "sha256": hashlib.sha256(payload).hexdigest(),
        "bytes": len(payload),
        "unpacked_bytes": 4_096,
        "python": here()[0],
        "machine": here()[1],
        **told,
    }


def bundle_of(payload: bytes, key: Path, version: str, /, **told: Any) -> bytes:
    """A signed bundle."""
    text = json.dumps(manifest_of(payload, version, **told)).encode()
    return archive(("manifest.json", text), ("manifest.json.sig", signed(text, key)), ("payload", payload))


def program(version: str) -> bytes:
    """A program that is nothing but its version."""
    return packed({"app/hems/__init__.py": f'__version__ = "{version}"\n'.encode()})


@dataclass
class Service:
    """Stands for the running service: answers on a socket what it is told to, a cycle with every question.

    It reads its version from the link, like a service that is started anew, unless `version` says otherwise.
    """

    place: Place
    version: str = ""
    charger_w: float | None = 0.0
    limited: bool = False
    alarms: tuple[str, ...] = ()
    journal: str = "ok"
    stands: bool = False
    silent: bool = False
    asked: list[str] = field(default_factory=list)
    cycle: int = 0

    def __enter__(self) -> "Service":
        self._socket = socket.socket(socket.AF_UNIX)
        self.place.socket.unlink(missing_ok=True)
        self._socket.bind(str(self.place.socket))
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            with peer, peer.makefile("rwb") as lines:
                for line in lines if not self.silent else ():
                    asked = json.loads(line)
                    self.asked.append(asked["method"])
                    answer = {"id": asked["id"], "params": self._answer(asked["method"]), "status": "success"}
                    lines.write(json.dumps({"notification": "Hems.ViewChanged"}).encode() + b"\n")
                    lines.write(json.dumps(answer).encode() + b"\n")
                    lines.flush()

    def _answer(self, method: str) -> dict[str, Any]:
        match method:
            case "JSONRPC.Hello":
                version = self.version or self.place.current.readlink().name
                return {"version": version, "uuid": "{u}", "name": "A & B", "protocol version": "8.5"}
            case "Hems.GetHealth":
                return {"health": {"journal": {"state": self.journal}}}
        self.cycle += not self.stands
        return {
            "view": {
                "cycle": self.cycle,
                "chargers": [{"power_w": self.charger_w}],
                "operator": {"limited": self.limited},
                "alarms": [{"name": name} for name in self.alarms],
            }
        }


def appliance(folder: Path, key: Path, *versions: str, **told: Any) -> Place:
    """An appliance with these versions on it, of which the last one runs."""
    root = folder / "system"
    place = Place(
        root=root,
        signers=root / "update" / "allowed_signers",
        socket=folder / "socket",
        **{"restart": ("true",), "reboot": ("true",), "patience_s": 0.5, "proof_s": 0.02, **told},
    )
    place.work.mkdir(parents=True)
    place.signers.write_text(signers_of(key))
    place.releases.mkdir()
    for version in versions:
        (place.releases / version / "app").mkdir(parents=True)
        (place.releases / version / "manifest.json").write_text(json.dumps({"version": version}))
    if versions:
        place.current.symlink_to(f"releases/{versions[-1]}")
    return place
