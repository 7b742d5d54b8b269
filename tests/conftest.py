"""A certificate for tests that encrypt."""

import shutil
import subprocess

import pytest


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """An EC P-256 certificate and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl here to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "door.crt", folder / "door.key"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    where = ("-keyout", str(key), "-out", str(made))
    subprocess.run(
        [openssl, "req", "-x509", *curve, "-nodes", "-days", "9", "-subj", "/CN=hems", *where],
        check=True,
        capture_output=True,
    )
    return str(made), str(key)
