"""What a bundle says of itself, and whose signature stands under it."""

import json
import platform
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from hems_update.refusals import Exit, UpdateError, damaged, unsigned

PRODUCT = "hems"
NAMESPACE = "hems-update"
SIGNER = "hems"
BYTES_MAX = 65_536
KEY_KINDS = ("ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "sk-ssh-ed25519@openssh.com")
VERSION = re.compile(r"\d{1,5}(\.\d{1,5}){2,3}", re.ASCII)
"""Three numbers; a fourth tells builds between two releases from each other."""

SHA256 = re.compile(r"[0-9a-f]{64}")

Kind = Literal["app", "os", "keys"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """One bundle: what it is, the least version it can follow, and its payload.

    `bytes` is the payload's size as it is sent, `unpacked_bytes` the room it takes. `python` and
    `machine` are what it was made for ("" = any).
    """

    kind: Kind
    version: str
    minimum: str
    sha256: str
    bytes: int
    unpacked_bytes: int
    python: str = ""
    machine: str = ""


def order(version: str) -> tuple[int, ...]:
    """Something to compare versions by; nothing is older than an unknown one."""
    return tuple(map(int, version.split("."))) if VERSION.fullmatch(version) else ()


def parse(text: bytes) -> Manifest:
    """A manifest; `UpdateError` in words for one that is none or is not ours."""
    try:
        told = json.loads(text)
        if told.get("product") != PRODUCT:
            product = str(told.get("product"))[:40]
            raise UpdateError(Exit.WRONG_PRODUCT, f"this is an update of {product!r} and not of {PRODUCT}")
        found = Manifest(
            told["kind"],
            told["version"],
            told["minimum"],
            told["sha256"],
            told["bytes"],
            told["unpacked_bytes"],
            told.get("python", ""),
            told.get("machine", ""),
        )
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        raise damaged(f"its manifest cannot be read ({error})") from None
    sizes = (found.bytes, found.unpacked_bytes)
    texts = (found.version, found.minimum, found.sha256, found.python, found.machine)
    if found.kind not in get_args(Kind) or not all(isinstance(text, str) for text in texts):
        raise damaged("its manifest is of another kind")
    if not all(type(size) is int and size > 0 for size in sizes) or not SHA256.fullmatch(found.sha256):
        raise damaged("its manifest names no payload")
    if not VERSION.fullmatch(found.version) or not VERSION.fullmatch(found.minimum):
        raise damaged("its manifest names no version")
    return found


def here() -> tuple[str, str]:
    """Python and machine of this appliance."""
    return f"{sys.version_info.major}.{sys.version_info.minor}", platform.machine()


def check_signature(text: bytes, signature: bytes, signers: Path) -> None:
    """`UpdateError` unless the manifest is signed by one of the signers; no clock is asked."""
    if not signature.startswith(b"-----BEGIN SSH SIGNATURE-----"):
        raise unsigned()
    with tempfile.NamedTemporaryFile() as file:
        file.write(signature)
        file.flush()
        asked = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", SIGNER, "-n", NAMESPACE]
        try:
            done = subprocess.run([*asked, "-s", file.name], input=text, capture_output=True, check=False)
        except OSError as error:
            raise UpdateError(Exit.NOT_HERE, f"ssh-keygen cannot be run: {error.strerror}") from None
    if done.returncode:
        words = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
        raise UpdateError(
            Exit.WRONG_KEY,
            f"the signature is not of a key this appliance knows ({words[-1] if words else 'no reason'})",
        )
